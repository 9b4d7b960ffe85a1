"""Integers as numbers in [0, 1] and regression, or one-hot? What each echo takes.

Tutorial B, section "Extensions": "linear representation". The tutorial's two echoes,
whole (5 of 5) and partial (2 of 5), with its one-hot networks on its budgets; then the
same networks on integers divided by 99, with a linear output and the mean squared
error, rounded back. Then what the regression needs: a learning rate that starts higher
and falls to zero, more epochs, or no recurrence at all but one linear layer.

    python extensions/echo_linear.py --runs 3

About 2 minutes for one seed. The two numbers of --epochs are for the whole and the partial
echo. Training seconds leave compilation out.
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.echoes import draw_windows
from common.onehot import one_hot_decode, one_hot_encode
from common.results import Comparison
from common.scores import EXACT, score_echoes

ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_IN = 5
WHOLE, PARTIAL = 5, 2  # integers to echo
N_EPOCHS = (500, 5000)
BATCH_SIZE = {WHOLE: 7, PARTIAL: 21}
N_UNITS = (20, 150)
N_TEST = 100
HIGH_RATE = {WHOLE: 0.01, PARTIAL: 0.003}  # where a falling learning rate starts
SECONDS = "Training seconds"


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--units", N_UNITS, "units of the whole and of the partial echo")
    return parser.parse_args(argv)


def encode(integers, scaled):
    if scaled:
        return integers[..., np.newaxis] / (N_UNIQUE - 1)  # one feature, in [0, 1]
    return one_hot_encode(integers, N_UNIQUE)


def decode(outputs, scaled):
    if scaled:
        return np.rint(outputs[..., 0] * (N_UNIQUE - 1)).astype(int)
    return np.array(one_hot_decode(outputs))


def lstm(layers, n_out, units, scaled):
    """The tutorial's layers, the output aside; unrolled, which trains faster."""
    if n_out == WHOLE:
        return [layers.LSTM(units, return_sequences=True, unroll=True)]
    return [
        layers.LSTM(units, unroll=True),
        layers.RepeatVector(n_out),
        layers.LSTM(units, return_sequences=True, unroll=True),
    ]


def linear(layers, n_out, units, scaled):
    """No recurrence: one linear layer, of a number for the whole echo."""
    if n_out == WHOLE:
        return []
    return [layers.Flatten(), layers.Dense(n_out), layers.Reshape((n_out, 1))]


# variant: (integers to echo, layers, scaled, falling learning rate, times the epochs)
VARIANTS = {
    "whole: one-hot, LSTM": (WHOLE, lstm, False, False, 1),
    "whole: scaled, LSTM": (WHOLE, lstm, True, False, 1),
    "whole: scaled, LSTM, falling rate": (WHOLE, lstm, True, True, 1),
    "whole: scaled, LSTM, falling rate, 10 x epochs": (WHOLE, lstm, True, True, 10),
    "whole: scaled, linear, falling rate": (WHOLE, linear, True, True, 1),
    "whole: scaled, linear, falling rate, 10 x epochs": (WHOLE, linear, True, True, 10),
    "partial: one-hot, LSTMs": (PARTIAL, lstm, False, False, 1),
    "partial: scaled, LSTMs": (PARTIAL, lstm, True, False, 1),
    "partial: scaled, LSTMs, falling rate": (PARTIAL, lstm, True, True, 1),
    "partial: scaled, LSTMs, falling rate, 3 x epochs": (PARTIAL, lstm, True, True, 3),
    "partial: scaled, linear, falling rate": (PARTIAL, linear, True, True, 1),
}


def build_model(n_out, layers, scaled, falling, epochs, units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_IN, 1 if scaled else N_UNIQUE)))
    for layer in layers(keras.layers, n_out, units, scaled):
        model.add(layer)
    n_features, activation = (1, None) if scaled else (N_UNIQUE, "softmax")
    model.add(keras.layers.Dense(n_features, activation=activation))
    rate = 0.001  # Adam's default
    if falling:
        updates = epochs * ROWS // BATCH_SIZE[n_out]
        rate = keras.optimizers.schedules.CosineDecay(HIGH_RATE[n_out], updates)
    loss = "mean_squared_error" if scaled else "categorical_crossentropy"
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(rate))
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.timing import timed_train, warm_up

    from common.training import initialize, predict

    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences, {ROWS} windows each")
    for variant, (n_out, layers, scaled, falling, times) in VARIANTS.items():
        which = (WHOLE, PARTIAL).index(n_out)
        epochs, batch_size = times * args.epochs[which], BATCH_SIZE[n_out]
        model = build_model(n_out, layers, scaled, falling, epochs, args.units[which])
        rng = random.Random("test set")
        X, y = draw_windows(N_IN, n_out, n_sequences=N_TEST, rng=rng)

        def epoch_data(rng):
            X, y = draw_windows(N_IN, n_out, rng=rng)
            return encode(X, scaled), encode(y, scaled)

        warm_up(model, lambda: epoch_data(random.Random(0)), epochs, batch_size)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            _, seconds = timed_train(model, lambda: epoch_data(rng), epochs, batch_size)
            scores = score_echoes(y, decode(predict(model, encode(X, scaled)), scaled))
            scores[SECONDS] = round(seconds, 2)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    for echo in ("whole", "partial"):
        mine = [variant for variant in VARIANTS if variant.startswith(echo)]
        figures = "; ".join(
            f"{variant.removeprefix(f'{echo}: ')} {comparison.mean(variant, EXACT):.1%} "
            f"in {comparison.mean(variant, SECONDS):.1f} s"
            for variant in mine
        )
        print(f"Finding: exact match of the {echo} echo: {figures}.")


if __name__ == "__main__":
    cli.run(main)

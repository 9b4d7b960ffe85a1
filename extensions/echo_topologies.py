"""Which way to feed a window to an LSTM echoes it best, and is an LSTM needed?

Tutorial B, section "Extensions": "alternate topologies". The whole echo, 5 of 5, is
many-to-many in the tutorial: an output every timestep. Here beside it, of equal units
and on an equal budget: one-to-one (all timesteps as the features of a single one),
many-to-one (the output as one vector, after the last timestep), and a Dense network on
the same input. The tutorial expects the others to need a larger network and more time.

    python extensions/echo_topologies.py --runs 3

About a minute and a half for one seed. An epoch is one new sequence, one batch of 21
windows; 99 % is of the integers, in training; inf: not reached.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.echoes import draw_windows
from common.milestones import epochs_to
from common.onehot import one_hot_decode, one_hot_encode
from common.results import Comparison
from common.scores import EXACT, score_echoes

N_IN = 5
ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_EPOCHS = 5000
N_UNITS = (20, 150)
N_TEST = 100
TO_99 = "Epochs to 99 %"


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--units", N_UNITS, "units of the small and of the large networks")
    return parser.parse_args(argv)


def examples(rng, n_sequences=1):
    X, y = draw_windows(N_IN, N_IN, n_sequences=n_sequences, rng=rng)
    return one_hot_encode(X, N_UNIQUE), one_hot_encode(y, N_UNIQUE)


def many_to_many(layers, units):
    return [
        layers.LSTM(units, return_sequences=True, unroll=True),  # unrolled: trains faster
        layers.Dense(N_UNIQUE),  # (timesteps, n_unique)
    ]


def many_to_one(layers, units):
    return [
        layers.LSTM(units, unroll=True),
        layers.Dense(N_IN * N_UNIQUE),  # the output as one vector
        layers.Reshape((N_IN, N_UNIQUE)),
    ]


def one_to_one(layers, units):
    return [
        layers.Reshape((1, N_IN * N_UNIQUE)),  # one timestep, all integers its features
        layers.LSTM(units, unroll=True),
        layers.Dense(N_IN * N_UNIQUE),
        layers.Reshape((N_IN, N_UNIQUE)),
    ]


def dense(layers, units):
    return [
        layers.Flatten(),
        layers.Dense(units, activation="tanh"),
        layers.Dense(N_IN * N_UNIQUE),
        layers.Reshape((N_IN, N_UNIQUE)),
    ]


VARIANTS = {
    "many-to-many": many_to_many,
    "many-to-one": many_to_one,
    "one-to-one": one_to_one,
    "Dense": dense,
}


def build_model(topology, units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))
    for layer in topology(keras.layers, units):
        model.add(layer)
    model.add(keras.layers.Softmax())  # over the integers, at each of the 5 places
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    X, y = examples(random.Random("test set"), N_TEST)
    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences, {ROWS} windows each")
    for name, topology in VARIANTS.items():
        for units in args.units:
            model = build_model(topology, units)
            for seed in args.seeds:
                initialize(model, seed)
                rng = random.Random(seed)
                history = train(model, lambda: examples(rng), args.epochs, ROWS)
                scores = score_echoes(one_hot_decode(y), one_hot_decode(predict(model, X)))
                scores[TO_99] = epochs_to(0.99, history["accuracy"])
                variant = f"{name}, {units} units"
                comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    for units in args.units:
        figures = ", ".join(
            f"{name} {comparison.mean(f'{name}, {units} units', EXACT):.1%}"
            for name in VARIANTS
        )
        print(f"Finding: exact match with {units} units: {figures}.")


if __name__ == "__main__":
    cli.run(main)

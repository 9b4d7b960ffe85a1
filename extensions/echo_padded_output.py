"""Must an echo shorter than its window have an encoder-decoder? Or is padding enough?

Tutorial B, section "Echo Partial Sequence (encoder-decoder model)": it names an output
of the input's length, padded, as the other way. The partial echo, 2 of 5, on its budget:
by its encoder-decoder; and by one LSTM with an output every timestep, five symbols, of
which three are padding: after the echo, where each integer is due as it is read, or
before it, where both must be remembered for three timesteps.

    python extensions/echo_padded_output.py --runs 3

About half a minute for one seed.
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
N_OUT = 2
PAD = N_UNIQUE  # the symbol after the last integer
N_UNITS = 150
N_EPOCHS = 5000
N_TEST = 100
ENCODER_DECODER, AFTER, BEFORE = "encoder-decoder", "padded after", "padded before"
# variant: where the echo stands in the output
VARIANTS = {
    ENCODER_DECODER: slice(0, N_OUT),
    AFTER: slice(0, N_OUT),
    BEFORE: slice(N_IN - N_OUT, N_IN),
}


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--units", N_UNITS, "units of each LSTM")
    return parser.parse_args(argv)


def encode(X, y, variant):
    """One-hot, for the network; the echo padded to the window's length where it is."""
    target = y
    if variant != ENCODER_DECODER:
        target = np.full_like(X, PAD)
        target[:, VARIANTS[variant]] = y
    return one_hot_encode(X, N_UNIQUE), one_hot_encode(target, N_UNIQUE + 1)


def build_model(args, variant):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))
    if variant == ENCODER_DECODER:  # unrolled: trains faster
        model.add(keras.layers.LSTM(args.units, unroll=True))
        model.add(keras.layers.RepeatVector(N_OUT))
    model.add(keras.layers.LSTM(args.units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(N_UNIQUE + 1, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    X, y = draw_windows(N_IN, N_OUT, n_sequences=N_TEST, rng=random.Random("test set"))
    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences, {ROWS} windows each")
    for variant, place in VARIANTS.items():
        model = build_model(args, variant)
        inputs, _ = encode(X, y, variant)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)

            def epoch_data():
                return encode(*draw_windows(N_IN, N_OUT, rng=rng), variant)

            train(model, epoch_data, args.epochs, ROWS)
            predicted = np.array(one_hot_decode(predict(model, inputs)))
            scores = score_echoes(y, predicted[:, place])
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    figures = ", ".join(f"{v} {comparison.mean(v, EXACT):.1%}" for v in VARIANTS)
    print(f"Finding: exact match of the two integers: {figures}.")


if __name__ == "__main__":
    cli.run(main)

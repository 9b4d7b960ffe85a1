"""Too many integers for one-hot: what does a learned embedding cost, and does it learn?

Tutorial B: its comments ask about inputs too large for one-hot. The whole echo (5 of 5)
of integers as they are, through an Embedding layer and with the sparse cross-entropy,
beside one-hot where both fit: with 100 and with 1,000 distinct integers. With 10,000 an
epoch of one-hot data would be 40 MB; there the embedding goes alone, with a learning
rate of 0.01, as all the others, and with Adam's default of 0.001.

    python extensions/echo_embedding.py --runs 3

About a minute and a half for one seed. An epoch is one batch of 100 new windows;
kilobytes are those of its X and y. Training seconds leave compilation out.
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.echoes import draw_windows
from common.onehot import one_hot_encode
from common.results import Comparison
from common.scores import EXACT, score_echoes

N_IN = 5
ROWS = 100  # windows in an epoch, each of a sequence of its own: all integers are new
N_UNITS = 64  # of the embedding as well
N_EPOCHS = 400
N_TEST = 20  # times 100 windows
RATE, DEFAULT_RATE = 0.01, 0.001  # of Adam
KILOBYTES, SECONDS = "Kilobytes", "Training seconds"
# variant: (distinct integers, embedding, learning rate)
VARIANTS = {
    "100, one-hot": (100, False, RATE),
    "100, embedding": (100, True, RATE),
    "1,000, one-hot": (1000, False, RATE),
    "1,000, embedding": (1000, True, RATE),
    "10,000, embedding": (10_000, True, RATE),
    "10,000, embedding, default rate": (10_000, True, DEFAULT_RATE),
}


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--units", N_UNITS, "units of the LSTM and of the embedding")
    return parser.parse_args(argv)


def examples(n_unique, embedding, rng):
    sizes = {"n_sequences": ROWS, "length": N_IN, "n_unique": n_unique}
    X, y = draw_windows(N_IN, N_IN, **sizes, rng=rng)
    if embedding:
        return X.astype(np.int32), y.astype(np.int32)  # (rows, n_in)
    return one_hot_encode(X, n_unique), one_hot_encode(y, n_unique)


def build_model(n_unique, embedding, rate, units):
    from common.backend import keras

    model = keras.Sequential()
    if embedding:
        model.add(keras.Input((N_IN,), dtype="int32"))
        model.add(keras.layers.Embedding(n_unique, units))
    else:
        model.add(keras.Input((N_IN, n_unique)))
    # unrolled: trains faster
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(n_unique, activation="softmax"))
    kind = "sparse_" if embedding else ""
    optimizer = keras.optimizers.Adam(rate)
    model.compile(loss=f"{kind}categorical_crossentropy", optimizer=optimizer)
    return model


def echo(model, n_unique, embedding):
    """Expected and predicted integers; decoded 100 at a time, to save memory."""
    from common.training import predict

    rng, pairs = random.Random("test set"), []
    for _ in range(N_TEST):
        X, y = examples(n_unique, embedding, rng)
        expected = y if embedding else y.argmax(axis=-1)
        pairs.append((expected, predict(model, X).argmax(axis=-1)))
    return (np.concatenate(arrays) for arrays in zip(*pairs))


def main(argv=None):
    args = parse_args(argv)

    from common.timing import timed_train, warm_up

    from common.training import initialize

    comparison = Comparison(args, tested_on=f"{N_TEST * ROWS} new windows")
    for variant, (n_unique, embedding, rate) in VARIANTS.items():
        model = build_model(n_unique, embedding, rate, args.units)
        drawn = random.Random(0)
        warm_up(model, lambda: examples(n_unique, embedding, drawn), args.epochs, ROWS)
        size = sum(array.nbytes for array in examples(n_unique, embedding, drawn))
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            _, seconds = timed_train(
                model, lambda: examples(n_unique, embedding, rng), args.epochs, ROWS
            )
            scores = score_echoes(*echo(model, n_unique, embedding))
            scores[KILOBYTES], scores[SECONDS] = size / 1000, round(seconds, 2)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    figures = "; ".join(
        f"{variant}: {comparison.mean(variant, EXACT):.1%} in "
        f"{comparison.mean(variant, SECONDS):.1f} s with "
        f"{comparison.mean(variant, KILOBYTES):,.0f} kB an epoch"
        for variant in VARIANTS
    )
    print(f"Finding: exact match by distinct integers: {figures}.")


if __name__ == "__main__":
    cli.run(main)

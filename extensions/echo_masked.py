"""Keep the windows with missing values: masked, or with a special value? Or drop them?

Tutorial B, section "Extensions": "mask missing values". The partial echo (2 of 5) with
the tutorial's encoder-decoder and budget. Training either drops the incomplete windows,
as the tutorial does, or keeps every window with an element in it, at both ends of the
sequence. A missing input is a vector of zeros, which no integer has: a special value to
learn to ignore, or what a Masking layer skips. A missing answer is not asked for.

    python extensions/echo_masked.py --runs 3

About a minute and a half for one seed.
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.missing import all_windows, is_complete, one_hot_or_zeros
from common.onehot import one_hot_decode
from common.results import Comparison
from common.scores import EXACT, Share
from common.sequences import generate_sequence

LENGTH = 25
N_UNIQUE = 100
N_IN = 5
N_OUT = 2
N_UNITS = 150
N_EPOCHS = 5000
N_TEST = 100
COMPLETE = f"{EXACT}, complete"
INCOMPLETE = f"{EXACT}, incomplete"
FIRST_MISSING = "of these, first missing"
# variant: (Masking layer, incomplete windows kept in training)
VARIANTS = {
    "dropped": (False, False),
    "special value": (False, True),
    "Masking": (True, True),
}


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    return parser.parse_args(argv)


def windows(rng, keep=True):
    """The windows of a new sequence, NaN where something is missing."""
    X, y = all_windows(generate_sequence(LENGTH, n_unique=N_UNIQUE, rng=rng), N_IN, N_OUT)
    return (X, y) if keep else (X[is_complete(X)], y[is_complete(X)])


def encode(X, y):
    """One-hot, and the weights of the answers, (rows, n_out): 0 for a missing one."""
    return one_hot_or_zeros(X, N_UNIQUE), one_hot_or_zeros(y, N_UNIQUE), ~np.isnan(y)


def build_model(args, masking):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))
    if masking:
        model.add(keras.layers.Masking(0.0))
    model.add(keras.layers.LSTM(args.units, unroll=True))  # unrolled: trains faster
    model.add(keras.layers.RepeatVector(N_OUT))
    model.add(keras.layers.LSTM(args.units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def score(X, y, predicted):
    """Exact match on what is asked for, of windows without and with missing values."""
    asked = ~np.isnan(y)
    right = ((y == predicted) | ~asked).all(axis=1)
    complete, scored = is_complete(X), asked.any(axis=1)
    kinds = {
        COMPLETE: complete,
        INCOMPLETE: scored & ~complete,
        FIRST_MISSING: scored & ~complete & np.isnan(X[:, 0]),
    }
    return {
        name: Share(int(right[kind].sum()), int(kind.sum())) for name, kind in kinds.items()
    }


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    rng = random.Random("test set")
    X, y = (np.concatenate(a) for a in zip(*[windows(rng) for _ in range(N_TEST)]))
    comparison = Comparison(args, tested_on=f"every window of {N_TEST} new sequences")
    for variant, (masking, keep) in VARIANTS.items():
        model = build_model(args, masking)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            n_rows = len(windows(random.Random(0), keep)[0])  # one batch an epoch
            train(model, lambda: encode(*windows(rng, keep)), args.epochs, n_rows)
            predicted = np.array(one_hot_decode(predict(model, encode(X, y)[0])))
            scores = score(X, y, predicted)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    figures = "; ".join(
        f"{variant} {comparison.mean(variant, COMPLETE):.1%} and "
        f"{comparison.mean(variant, INCOMPLETE):.1%}"
        for variant in VARIANTS
    )
    print(f"Finding: exact match on complete and on incomplete windows: {figures}.")


if __name__ == "__main__":
    cli.run(main)

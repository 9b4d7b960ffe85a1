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
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.engine import kept
from common.scores import EXACT, Share
from common.settings import BaseSettings
from common.training import predict, train_from_seed
from common.windows import all_windows, generate_sequence, is_complete, one_hot_or_zeros

LENGTH = 25
N_UNIQUE = 100
N_IN = 5
N_OUT = 2
N_TEST = 100
COMPLETE = f"{EXACT}, complete"
INCOMPLETE = f"{EXACT}, incomplete"
FIRST_MISSING = "of these, first missing"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant
    units: int = 150  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    masking: bool  # whether there is a Masking layer
    keep: bool  # whether training keeps the incomplete windows


VARIANTS = {
    "dropped": Variant(masking=False, keep=False),
    "special value": Variant(masking=False, keep=True),
    "Masking": Variant(masking=True, keep=True),
}


def windows(rng, keep=True):
    """The windows of a new sequence, NaN where something is missing."""
    X, y = all_windows(generate_sequence(LENGTH, n_unique=N_UNIQUE, rng=rng), N_IN, N_OUT)
    return (X, y) if keep else (X[is_complete(X)], y[is_complete(X)])


def encode(X, y):
    """One-hot, and the weights of the answers, (rows, n_out): 0 for a missing one."""
    return one_hot_or_zeros(X, N_UNIQUE), one_hot_or_zeros(y, N_UNIQUE), ~np.isnan(y)


@kept
def build_model(masking, units):
    """The tutorial's encoder-decoder, stateless; with a Masking layer, or without."""
    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))
    if masking:
        model.add(keras.layers.Masking(0.0))
    model.add(keras.layers.LSTM(units, unroll=True))  # unrolled: trains faster
    model.add(keras.layers.RepeatVector(N_OUT))
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))  # (windows, 2, 100)
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


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on every window of new sequences."""
    model = build_model(variant.masking, settings.units)

    def epoch_data(rng):
        return encode(*windows(rng, variant.keep))

    n_rows = len(windows(random.Random(0), variant.keep)[0])  # one batch per epoch
    history = train_from_seed(model, seed, epoch_data, settings.epochs, n_rows)
    test_rng = random.Random("test set")
    X, y = map(np.concatenate, zip(*[windows(test_rng) for _ in range(N_TEST)]))
    predicted = predict(model, encode(X, y)[0]).argmax(axis=-1)
    return Run(model, history, score(X, y, predicted))


def finding(results, settings):
    for variant in VARIANTS:
        complete, incomplete = (results.mean(variant, k) for k in (COMPLETE, INCOMPLETE))
        print(f"Finding: {variant}: {complete:.1%} of complete windows, ", end="")
        print(f"{incomplete:.1%} of incomplete ones.")


TESTED_ON = f"every window of {N_TEST} new sequences"
experiment = Comparison(
    __file__, __doc__, Settings, VARIANTS, run, TESTED_ON, finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

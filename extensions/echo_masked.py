"""Keep the windows with missing values: masked, or with a special value? Or drop them?

Tutorial B, section "Extensions": "mask missing values". The partial echo (2 of 5) with
the tutorial's encoder-decoder and budget. At both ends of a sequence windows are
incomplete. Training drops them, as the tutorial does, or keeps those with an element in
them. A missing input is then a special value, a vector of zeros alone or of -1 alone; or
a Masking layer skips it. A missing answer is not asked for.

The control keeps the incomplete windows of one end alone: do they help only there?

    python -m extensions.echo_masked --runs 20
"""

import random
from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Share
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from common.windows import generate_sequence
from extensions.tools.missing import all_windows, is_complete, one_hot_or_zeros

LENGTH = 25
N_UNIQUE = 100
N_IN = 5
N_OUT = 2
N_TEST = 100
COMPLETE = f"{EXACT}, complete"
INCOMPLETE = f"{EXACT}, incomplete"
FIRST_MISSING = "of these, first missing"
LAST_MISSING = "of these, last missing"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant
    units: int = 150  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    keep_first_missing: bool = True  # in training, windows that begin before the sequence
    keep_last_missing: bool = True  # and windows that end after it
    special: int = 0  # what the vector of a missing input is full of
    masking: bool = False  # whether there is a Masking layer


ONE_END = "special value, first missing only", "special value, last missing only"
VARIANTS = {
    "dropped": Variant(keep_first_missing=False, keep_last_missing=False),
    "special value": Variant(),
    "special value -1": Variant(special=-1),
    "Masking": Variant(masking=True),
    ONE_END[0]: Variant(keep_last_missing=False),
    ONE_END[1]: Variant(keep_first_missing=False),
}
COMPARES = (
    ("special value", "dropped", INCOMPLETE),
    ("special value -1", "dropped", INCOMPLETE),
    ("special value", "dropped", FIRST_MISSING),
    ("special value", "dropped", LAST_MISSING),
    ("special value -1", "dropped", FIRST_MISSING),
    ("special value -1", "dropped", LAST_MISSING),
    ("Masking", "special value", INCOMPLETE),
    # does what is kept of one end help there, and not at the other?
    (*ONE_END, FIRST_MISSING),
    (*ONE_END[::-1], LAST_MISSING),
)


def windows(variant, rng):
    """The windows of a new sequence that `variant` trains on, NaN for a missing value."""
    X, y = all_windows(generate_sequence(LENGTH, n_unique=N_UNIQUE, rng=rng), N_IN, N_OUT)
    first_missing, last_missing = np.isnan(X[:, 0]), np.isnan(X[:, -1])
    keep = variant.keep_first_missing | ~first_missing
    keep &= variant.keep_last_missing | ~last_missing
    return X[keep], y[keep]


def encode(X, special):
    """One-hot, a vector full of `special` for a missing value: (windows, 5, 100)."""
    return np.where(np.isnan(X)[..., np.newaxis], special, one_hot_or_zeros(X, N_UNIQUE))


@cache_models
def build_model(masking, units):
    """The tutorial's encoder-decoder, stateless; with a Masking layer, or without."""
    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))
    if masking:
        model.add(keras.layers.Masking(0.0))  # skips vectors of zeros
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
    scored = asked.any(axis=1)
    kinds = {
        COMPLETE: is_complete(X),
        INCOMPLETE: scored & ~is_complete(X),
        FIRST_MISSING: scored & np.isnan(X[:, 0]),
        LAST_MISSING: scored & np.isnan(X[:, -1]),
    }
    return {
        name: Share(int(right[kind].sum()), int(kind.sum())) for name, kind in kinds.items()
    }


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on every window of new sequences."""
    model = build_model(variant.masking, settings.units)

    def epoch_data(rng):
        X, y = windows(variant, rng)
        weights = ~np.isnan(y)  # of the answers: 0 for a missing one
        return encode(X, variant.special), one_hot_or_zeros(y, N_UNIQUE), weights

    n_rows = len(windows(variant, random.Random(0))[0])  # one batch per epoch
    history = train_from_seed(model, seed, epoch_data, settings.epochs, n_rows)
    every, rng = Variant(), random.Random("test set")
    X, y = map(np.concatenate, zip(*[windows(every, rng) for _ in range(N_TEST)]))
    predicted = predict(model, encode(X, variant.special)).argmax(axis=-1)
    return Run(model, history, score(X, y, predicted))


TESTED_ON = f"every window of {N_TEST} new sequences"
experiment = Comparison(__name__, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

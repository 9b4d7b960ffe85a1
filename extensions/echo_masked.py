"""Missing values: mask, mark or drop?

Tutorial B, section "Extensions": "mask missing values". The partial echo (2 of 5) with
the tutorial's encoder-decoder and budget. At both ends of a sequence windows are
incomplete. Training drops them, as the tutorial does, or keeps those with an element in
them, at both ends or at one. A missing input is then all zeros, all -1 or all -0.1 (-1 is
ten times as long as a one-hot vector), or a symbol of its own, the 101st; or a Masking
layer skips it. Missing answers are never asked for.

    python -m extensions.echo_masked --runs 20
"""

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Score, Share
from common.settings import BaseSettings
from common.training import predict, train
from common.windows import N_TEST, generate_sequence
import echo_partial
from extensions.tools.missing import all_windows, is_complete, one_hot_or_zeros

TUTORIAL = echo_partial.Settings()
COMPLETE = Score(f"{EXACT}, complete")
INCOMPLETE = Score(f"{EXACT}, incomplete")
FIRST_MISSING = Score("of these, first missing")
LAST_MISSING = Score("of these, last missing")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant
    units: int = TUTORIAL.encoder_units  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    keep_first_missing: bool = True  # in training, windows that begin before the sequence
    keep_last_missing: bool = True  # and windows that end after it
    special: float = 0  # what the vector of a missing input is full of
    symbol: bool = False  # whether a missing input is a symbol of its own instead
    masking: bool = False  # whether there is a Masking layer

    @property
    def n_symbols(self):
        return TUTORIAL.n_unique + self.symbol


VARIANTS = {
    "dropped": Variant(keep_first_missing=False, keep_last_missing=False),
    "special value": Variant(),
    "special value -1": Variant(special=-1),
    "special value -0.1": Variant(special=-0.1),
    "symbol for missing": Variant(symbol=True),
    "Masking": Variant(masking=True),
    "special value, first missing only": Variant(keep_last_missing=False),
    "special value, last missing only": Variant(keep_first_missing=False),
}
COMPARES = (
    ("special value", "dropped", INCOMPLETE),
    ("special value -1", "special value -0.1", INCOMPLETE),
    ("Masking", "special value", INCOMPLETE),
)


def windows(variant, rng):
    """The windows of a new sequence that `variant` trains on, NaN for a missing value."""
    sequence = generate_sequence(TUTORIAL.length, n_unique=TUTORIAL.n_unique, rng=rng)
    X, y = all_windows(sequence, TUTORIAL.n_in, TUTORIAL.n_out)
    first_missing, last_missing = np.isnan(X[:, 0]), np.isnan(X[:, -1])
    keep = variant.keep_first_missing | ~first_missing
    keep &= variant.keep_last_missing | ~last_missing
    return X[keep], y[keep]


def encode(X, variant):
    """One-hot, and what stands for a missing value: (windows, 5, 100 or 101)."""
    missing = np.isnan(X)
    if variant.symbol:
        integers = np.where(missing, TUTORIAL.n_unique, X)
        return one_hot_or_zeros(integers, variant.n_symbols)
    encoded = one_hot_or_zeros(X, variant.n_symbols)
    return np.where(missing[..., np.newaxis], variant.special, encoded)


def build_model(settings, variant):
    """The tutorial's encoder-decoder, stateless; with a Masking layer, or without."""
    sizes = {"encoder_units": settings.units, "decoder_units": settings.units}
    numbers = replace(TUTORIAL, **sizes, n_unique=variant.n_symbols)
    model = echo_partial.build_model(numbers)
    for layer in model.layers:
        layer.stateful = False
    if variant.masking:  # skips vectors of zeros
        read = keras.Input((TUTORIAL.n_in, variant.n_symbols))
        model = keras.Sequential([read, keras.layers.Masking(0.0), *model.layers])
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


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on every window of new sequences."""
    rng, test_rng = Random(seed), Random("test set")
    keras.utils.set_random_seed(seed)
    model = build_model(settings, variant)

    def new_sequence():
        X, y = windows(variant, rng)
        weights = ~np.isnan(y)  # of the answers: 0 for a missing one
        return encode(X, variant), one_hot_or_zeros(y, variant.n_symbols), weights

    n_rows = len(windows(variant, Random(0))[0])  # one batch per epoch
    history = train(model, new_sequence, settings.epochs, n_rows)
    X, y = map(np.concatenate, zip(*[windows(Variant(), test_rng) for _ in range(N_TEST)]))
    predicted = predict(model, encode(X, variant)).argmax(axis=-1)
    return Run(model, history, score(X, y, predicted))


TESTED_ON = f"every window of {N_TEST} new sequences"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Integers as numbers in [0, 1] and regression, or one-hot? What each echo takes.

Tutorial B, section "Extensions": "linear representation". The tutorial's two echoes,
whole (5 of 5) and partial (2 of 5): its one-hot networks, and the same networks on
integers divided by 99, with a linear output and the mean squared error, rounded back.
Both on the tutorial's budgets; with a learning rate that starts higher and falls to zero;
and with that rate and more epochs. Last a regression without recurrence: linear
layers alone.

    python -m extensions.echo_linear --runs 10
"""

import random
from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_echoes
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.windows import draw_windows

ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_IN = 5
WHOLE, PARTIAL = 5, 2  # integers to echo
BATCH_SIZE = {WHOLE: 7, PARTIAL: 21}
HIGH_RATE = {WHOLE: 0.01, PARTIAL: 0.003}  # where a falling learning rate starts
N_TEST = 100


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (500, 5000)  # training epochs of the whole and of the partial echo
    units: tuple = (20, 150)  # units of each LSTM, in the whole and in the partial echo


@dataclass(frozen=True)
class Variant:
    n_out: int  # integers to echo
    scaled: bool = True  # to numbers in [0, 1]; else one-hot
    lstm: bool = True  # else a linear layer
    falling: bool = False  # whether the learning rate falls
    times: int = 1  # the epochs of the tutorial


VARIANTS = {
    "whole: one-hot, LSTM": Variant(WHOLE, scaled=False),
    "whole: one-hot, LSTM, falling rate": Variant(WHOLE, scaled=False, falling=True),
    "whole: one-hot, LSTM, falling rate, 10 x epochs": Variant(
        WHOLE, scaled=False, falling=True, times=10
    ),
    "whole: scaled, LSTM": Variant(WHOLE),
    "whole: scaled, LSTM, falling rate": Variant(WHOLE, falling=True),
    "whole: scaled, LSTM, falling rate, 10 x epochs": Variant(
        WHOLE, falling=True, times=10
    ),
    "whole: scaled, linear, falling rate": Variant(WHOLE, lstm=False, falling=True),
    "whole: scaled, linear, falling rate, 10 x epochs": Variant(
        WHOLE, lstm=False, falling=True, times=10
    ),
    "partial: one-hot, LSTMs": Variant(PARTIAL, scaled=False),
    "partial: one-hot, LSTMs, falling rate": Variant(PARTIAL, scaled=False, falling=True),
    "partial: one-hot, LSTMs, falling rate, 3 x epochs": Variant(
        PARTIAL, scaled=False, falling=True, times=3
    ),
    "partial: scaled, LSTMs": Variant(PARTIAL),
    "partial: scaled, LSTMs, falling rate": Variant(PARTIAL, falling=True),
    "partial: scaled, LSTMs, falling rate, 3 x epochs": Variant(
        PARTIAL, falling=True, times=3
    ),
    "partial: scaled, linear, falling rate": Variant(PARTIAL, lstm=False, falling=True),
}
COMPARES = [  # at equal budgets: the tutorial's, with another rate, and the largest
    ("whole: one-hot, LSTM", "whole: scaled, LSTM"),
    ("whole: one-hot, LSTM, falling rate", "whole: scaled, LSTM, falling rate"),
    (
        "whole: one-hot, LSTM, falling rate, 10 x epochs",
        "whole: scaled, LSTM, falling rate, 10 x epochs",
    ),
    ("partial: one-hot, LSTMs", "partial: scaled, LSTMs"),
    ("partial: one-hot, LSTMs, falling rate", "partial: scaled, LSTMs, falling rate"),
    (
        "partial: one-hot, LSTMs, falling rate, 3 x epochs",
        "partial: scaled, LSTMs, falling rate, 3 x epochs",
    ),
]


def encode(integers, scaled):
    if scaled:
        return integers[..., np.newaxis] / (N_UNIQUE - 1)  # one feature, in [0, 1]
    return one_hot_encode(integers, N_UNIQUE)


def decode(outputs, scaled):
    if scaled:
        return np.rint(outputs[..., 0] * (N_UNIQUE - 1)).astype(int)
    return outputs.argmax(axis=-1)


@cache_models
def build_model(variant, units, epochs):
    """The tutorial's layers, or a single linear one, of a number for the whole echo."""
    layers, whole = keras.layers, variant.n_out == WHOLE
    model = keras.Sequential()
    model.add(keras.Input((N_IN, 1 if variant.scaled else N_UNIQUE)))
    if variant.lstm:  # unrolled: trains faster
        if not whole:
            model.add(layers.LSTM(units, unroll=True))
            model.add(layers.RepeatVector(variant.n_out))
        model.add(layers.LSTM(units, return_sequences=True, unroll=True))
    elif not whole:
        model.add(layers.Flatten())
        model.add(layers.Dense(variant.n_out))
        model.add(layers.Reshape((variant.n_out, 1)))
    if variant.scaled:
        model.add(layers.Dense(1))  # (samples, integers to echo, 1)
        loss = "mean_squared_error"
    else:
        model.add(layers.Dense(N_UNIQUE, activation="softmax"))
        loss = "categorical_crossentropy"
    rate = 0.001  # Adam's default
    if variant.falling:
        updates = epochs * ROWS // BATCH_SIZE[variant.n_out]
        rate = keras.optimizers.schedules.CosineDecay(HIGH_RATE[variant.n_out], updates)
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(rate))
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    which, n_out = (WHOLE, PARTIAL).index(variant.n_out), variant.n_out
    epochs = variant.times * settings.epochs[which]
    model = build_model(variant, settings.units[which], epochs)

    def epoch_data(rng):
        X, y = draw_windows(N_IN, n_out, rng=rng)
        return encode(X, variant.scaled), encode(y, variant.scaled)

    history = train_from_seed(model, seed, epoch_data, epochs, BATCH_SIZE[n_out])
    test_rng = random.Random("test set")
    X, y = draw_windows(N_IN, n_out, n_sequences=N_TEST, rng=test_rng)
    outputs = predict(model, encode(X, variant.scaled))
    return Run(model, history, score_echoes(y, decode(outputs, variant.scaled)))


TESTED_ON = f"{N_TEST} new sequences, {ROWS} windows each"
experiment = Comparison(__name__, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""One-hot, or regression on integers scaled to [0, 1]? What each echo takes.

Tutorial B, section "Extensions": "linear representation". The tutorial's two echoes,
whole (5 of 5) and partial (2 of 5), with its one-hot networks, and with the same networks
on integers divided by 99, a linear output and the mean squared error, rounded back: on the
tutorial's budgets; with a learning rate that starts higher and falls to zero; and with that
rate and more epochs. Last, linear layers alone.

    python -m extensions.echo_linear --runs 10
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_echoes
from common.settings import BaseSettings
from common.training import predict, train
from common.windows import N_TEST
import echo_partial
import echo_whole
from extensions.tools.windows import draw_windows

TUTORIAL = echo_partial.Settings()
WHOLE, PARTIAL = TUTORIAL.n_in, TUTORIAL.n_out  # integers to echo
BATCH_SIZE = {WHOLE: echo_whole.Settings.batch_size, PARTIAL: TUTORIAL.batch_size}
HIGH_RATE = {WHOLE: 0.01, PARTIAL: 0.003}  # where a falling learning rate starts


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (echo_whole.Settings.epochs, TUTORIAL.epochs)  # of whole and partial
    units: tuple = (echo_whole.Settings.units, TUTORIAL.encoder_units)  # of each LSTM


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
COMPARES = [
    ("partial: one-hot, LSTMs, falling rate", "partial: scaled, LSTMs, falling rate")
]


def encode(integers, scaled):
    if scaled:
        return integers[..., np.newaxis] / (TUTORIAL.n_unique - 1)  # a feature, in [0, 1]
    return one_hot_encode(integers, TUTORIAL.n_unique)


def decode(outputs, scaled):
    if scaled:
        return np.rint(outputs[..., 0] * (TUTORIAL.n_unique - 1)).astype(int)
    return outputs.argmax(axis=-1)


def build_model(variant, units, epochs):
    """The tutorial's layers, or a single linear one, of a number for the whole echo."""
    layers, whole = keras.layers, variant.n_out == WHOLE
    model = keras.Sequential()
    model.add(keras.Input((TUTORIAL.n_in, 1 if variant.scaled else TUTORIAL.n_unique)))
    if variant.lstm:
        if not whole:
            model.add(layers.LSTM(units))
            model.add(layers.RepeatVector(variant.n_out))
        model.add(layers.LSTM(units, return_sequences=True))
    elif not whole:
        model.add(layers.Flatten())
        model.add(layers.Dense(variant.n_out))
        model.add(layers.Reshape((variant.n_out, 1)))
    if variant.scaled:
        model.add(layers.Dense(1))  # (samples, integers to echo, 1)
        loss = "mean_squared_error"
    else:
        model.add(layers.Dense(TUTORIAL.n_unique, activation="softmax"))
        loss = "categorical_crossentropy"
    rate = 0.001  # Adam's default
    if variant.falling:
        updates = epochs * TUTORIAL.batch_size // BATCH_SIZE[variant.n_out]
        rate = keras.optimizers.schedules.CosineDecay(HIGH_RATE[variant.n_out], updates)
    model.compile(loss=loss, optimizer=keras.optimizers.Adam(rate))
    return model


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new sequences."""
    n_in, n_out, scaled = TUTORIAL.n_in, variant.n_out, variant.scaled
    which, rng, test_rng = n_out == PARTIAL, Random(seed), Random("test set")
    epochs = variant.times * settings.epochs[which]
    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.units[which], epochs)

    def new_sequence():
        X, y = draw_windows(n_in, n_out, rng=rng)
        return encode(X, scaled), encode(y, scaled)

    history = train(model, new_sequence, epochs, BATCH_SIZE[n_out])
    X, y = draw_windows(n_in, n_out, n_sequences=N_TEST, rng=test_rng)
    predicted = decode(predict(model, encode(X, scaled)), scaled)
    return Run(model, history, score_echoes(y, predicted))


TESTED_ON = f"{N_TEST} new sequences, {TUTORIAL.batch_size} windows each"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

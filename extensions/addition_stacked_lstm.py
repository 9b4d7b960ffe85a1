"""How many LSTM layers does the regression need? The tutorial describes three versions.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)": its prose
has two LSTM layers of 6 and 2 units, its snippet 6 and 6, its complete listing one of
10. All three are trained here on the listing's budget: 100 epochs of 100 new sums,
batch size 1.

    python -m extensions.addition_stacked_lstm --runs 20
"""

import random
from dataclasses import dataclass, replace

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_sums
from common.settings import BaseSettings
from common.training import cache_models, initialize
import addition_lstm_regression as tutorial

N_TEST = 10_000
SINGLE, EQUAL, SMALLER = "LSTM 10", "LSTM 6, LSTM 6", "LSTM 6, LSTM 2"
VARIANTS = {SINGLE: (10,), EQUAL: (6, 6), SMALLER: (6, 2)}  # units of the LSTM layers


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 100  # training epochs of each variant
    largest: int = 100  # largest number


@cache_models
def build_model(units):
    """One LSTM layer or several, and a Dense layer that gives the scaled sum."""
    model = keras.Sequential()
    model.add(keras.Input((2, 1)))  # two numbers: (timesteps, features)
    for n_units in units[:-1]:
        model.add(keras.layers.LSTM(n_units, return_sequences=True, unroll=True))
    model.add(keras.layers.LSTM(units[-1], unroll=True))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def run(settings, units, seed):
    """Train one variant as the tutorial's script does, and score it on new sums."""
    training = tutorial.Settings(epochs=settings.epochs, largest=settings.largest)
    model = build_model(units)
    initialize(model, seed)
    history = tutorial.train_model(model, training, random.Random(seed))
    testing = replace(training, examples=N_TEST)
    X, y = tutorial.epoch_data(testing, random.Random("test set"))
    expected, predicted = tutorial.evaluate(model, X, y, testing)
    return Run(model, history, score_sums(expected, predicted))


TESTED_ON = f"{N_TEST} new sums"
COMPARES = [(EQUAL, SINGLE), (SMALLER, SINGLE)]
experiment = Comparison(__name__, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""How many LSTM layers does the regression need? The tutorial describes three versions.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)": its text
has two LSTM layers of 6 and 2 units, its snippet 6 and 6, its complete listing one of 10.

All three are trained with the listing's budget, 100 epochs of 100 new sums, batch size 1.
One layer, and 6 and 6, are also trained for 1,500 epochs: with the tutorial's learning
rate, and with one that falls from there to 0, along a cosine.

    python -m extensions.addition_stacked_lstm --runs 20
"""

from dataclasses import dataclass
from random import Random

from common.backend import keras
from common.checks import check_ascending
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_sums
from common.settings import BaseSettings
from common.sums import random_sum_pairs, scale
from common.training import train
import addition_lstm_regression

TUTORIAL = addition_lstm_regression.Settings()
N_TEST = 10_000
SINGLE, EQUAL, SMALLER = "LSTM 10", "LSTM 6, LSTM 6", "LSTM 6, LSTM 2"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (TUTORIAL.epochs, 1500)  # training epochs, the tutorial's, and more
    largest: int = TUTORIAL.largest  # largest number

    def check(self):
        check_ascending("epochs", self.epochs)


@dataclass(frozen=True)
class Variant:
    units: tuple  # of the LSTM layers
    epochs: int = TUTORIAL.epochs
    falling: bool = False  # the learning rate, from Adam's default to 0


def variants(settings):
    few, many = settings.epochs
    units = {SINGLE: (TUTORIAL.units,), EQUAL: (6, 6), SMALLER: (6, 2)}
    found = {name: Variant(units[name], few) for name in units}
    for falling, text in ((False, ""), (True, ", falling rate")):
        for name in (SINGLE, EQUAL):
            found[f"{name}, {many} epochs{text}"] = Variant(units[name], many, falling)
    return found


def compares(settings):
    many = settings.epochs[1]
    endings = ["", f", {many} epochs"]
    return [(EQUAL + ending, SINGLE + ending) for ending in endings]


def build_model(units):
    """One LSTM layer or several, and a Dense layer that gives the scaled sum."""
    layers, model = keras.layers, keras.Sequential()
    # one number at each timestep: (samples, 2 timesteps, 1 feature)
    model.add(keras.Input((TUTORIAL.n_numbers, 1)))
    # all but the last return an output at each timestep: (samples, 2, 6)
    for n_units in units[:-1]:
        model.add(layers.LSTM(n_units, return_sequences=True))
    model.add(layers.LSTM(units[-1]))
    # the scaled sum: (samples, 1)
    model.add(layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def run(settings, seed, variant, train=train):
    """Train one variant as the tutorial's script does, and score it on new sums."""
    sizes, rng = (TUTORIAL.n_numbers, settings.largest), Random(seed)

    def new_data():
        X, y = random_sum_pairs(TUTORIAL.n_examples, *sizes, rng=rng)
        return scale(X, *sizes).reshape(-1, TUTORIAL.n_numbers, 1), scale(y, *sizes)

    keras.utils.set_random_seed(seed)
    model = build_model(variant.units)
    if variant.falling:
        n_updates = variant.epochs * TUTORIAL.n_examples // TUTORIAL.batch_size
        rate = keras.optimizers.schedules.CosineDecay(0.001, n_updates)
        model.optimizer.learning_rate = rate
    history = train(model, new_data, variant.epochs, TUTORIAL.batch_size)

    X, _ = random_sum_pairs(N_TEST, *sizes, rng=Random("test set"))
    asked = addition_lstm_regression.Settings(largest=settings.largest)
    _, expected, predicted = addition_lstm_regression.evaluate(model, X, asked)
    return Run(model, history, score_sums(expected, predicted))


TESTED_ON = f"{N_TEST} new sums"
experiment = Comparison(__doc__, Settings, variants, run, TESTED_ON, compares=compares)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""A sum is linear: is a hidden layer needed, and is the MLP just a lookup table?

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)", and its
readers. LinearRegression of scikit-learn, one Dense(1), the tutorial's MLP (4, 2, 1,
without activations) and its LSTM(10) get the MLP's budget, or four times its epochs. "10
sums": no others, in every epoch. "Not scaled": not divided by the largest sum. "Squares":
the sum of two squares. The tests: numbers up to the largest in training, up to 10 and 100
times as large, and, except for squares, from minus the largest to -1, and halves: 0.5, 1,
1.5. Predictions are rounded to integers, except with halves.

    python -m extensions.addition_linear --runs 20
"""

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from common import sums
from common.backend import keras
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, RMSE, Score, rmse, share_equal
from common.settings import BaseSettings
from common.training import predict, train
import addition_lstm_regression
import addition_mlp

TUTORIAL = addition_mlp.Settings()
N_FIXED = 10  # sums of the MLP that gets no others
N_TEST = 2000
ERRORS = ("RMSE to 10x", "RMSE to 100x", "RMSE, negative", "RMSE, halves")
TO_10X, TO_100X, NEGATIVE, HALVES = (Score(name, kind="error") for name in ERRORS)
REACH = {1: RMSE, 10: TO_10X, 100: TO_100X}


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant
    largest: int = TUTORIAL.largest  # largest number in training

    def check(self):
        check_size("largest", self.largest, at_most=10_000)


@dataclass(frozen=True)
class Network:
    hidden: tuple = ()  # units of the Dense layers before the last one
    activation: str | None = None  # theirs
    lstm: int = 0  # units of an LSTM that reads the numbers one by one


@dataclass(frozen=True)
class Variant:
    network: Network | None = None  # or else LinearRegression,
    degree: int = 1  # which at 2 also gets the squares and the product
    times_epochs: int = 1
    power: int = 1  # of the numbers before they are added: 2 for squares
    scaled: bool = True  # divided by the largest sum, as in the tutorial
    few: bool = False  # the same ten sums every epoch


DENSE, MLP = Variant(Network()), Variant(Network(hidden=TUTORIAL.hidden_units))
LSTM = Variant(Network(lstm=addition_lstm_regression.Settings().units))
SQUARES = Variant(Network(hidden=(64, 64), activation="relu"), power=2)
RELU = "squares: MLP 64-64-1, ReLU"
VARIANTS = {
    "LinearRegression": Variant(),
    "Dense 1": DENSE,
    "Dense 1, 4x epochs": replace(DENSE, times_epochs=4),
    "MLP 4-2-1": MLP,
    "MLP 4-2-1, 4x epochs": replace(MLP, times_epochs=4),
    "MLP 4-2-1, 10 sums": replace(MLP, few=True),
    "MLP 4-2-1, not scaled": replace(MLP, scaled=False),
    "LSTM 10, 4x epochs": replace(LSTM, times_epochs=4),
    RELU: SQUARES,
    f"{RELU}, 4x epochs": replace(SQUARES, times_epochs=4),
    "squares: LinearRegression, degree 2": Variant(power=2, degree=2),
}
COMPARES = [(f"{RELU}, 4x epochs", RELU, RMSE)]


def examples(rng, n_examples, largest, power=1):
    """New numbers, (samples, features), and the sums of their powers, (samples,)."""
    X, _ = sums.random_sum_pairs(n_examples, TUTORIAL.n_numbers, largest, rng=rng)
    X = np.array(X)
    return X, np.array([sums.answer(row) for row in (X**power).tolist()])


def score(ask, largest, power=1):
    """Exact match, and the errors inside and outside of what training showed.

    `ask`: a function of numbers, (samples, features); returns sums, not rounded.
    """

    def test_set(largest):
        return examples(Random("test set"), N_TEST, largest, power)

    X, y = test_set(largest)
    scores = {EXACT: share_equal(y, np.rint(ask(X)))}
    for reach, name in REACH.items():
        far_X, far_y = test_set(reach * largest)
        scores[name] = rmse(far_y, np.rint(ask(far_X)))
    scores |= {NEGATIVE: None, HALVES: None}
    if power == 1:
        scores[NEGATIVE] = rmse(-y, np.rint(ask(-X)))
        X, y = test_set(2 * largest)
        scores[HALVES] = rmse(y / 2, ask(X / 2))
    return scores


def build_model(network):
    """The layers of a variant, and a Dense layer that gives the scaled sum."""
    layers, model = keras.layers, keras.Sequential()
    model.add(keras.Input((TUTORIAL.n_numbers,)))
    if network.lstm:
        model.add(layers.Reshape((TUTORIAL.n_numbers, 1)))  # (timesteps, features)
        model.add(layers.LSTM(network.lstm))
    for n_units in network.hidden:
        model.add(layers.Dense(n_units, network.activation))
    model.add(layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def linear_regression(degree, X, y):
    """A regression of scikit-learn that has seen all the examples at once."""
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    features = PolynomialFeatures(degree, include_bias=False)
    return make_pipeline(features, LinearRegression()).fit(X, y)


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it inside and outside what it saw."""
    largest, rng = settings.largest, Random(seed)
    epochs, n_examples = variant.times_epochs * settings.epochs, TUTORIAL.n_examples
    # what numbers and their sums are divided by
    unit, unit_of_sums = (
        TUTORIAL.n_numbers * largest**power if variant.scaled else 1
        for power in (1, variant.power)
    )

    def new_data(n_examples=n_examples):
        if variant.few:
            X, y = examples(Random(seed), N_FIXED, largest, variant.power)  # the same again
            X, y = np.resize(X, (n_examples, X.shape[1])), np.resize(y, n_examples)
        else:
            X, y = examples(rng, n_examples, largest, variant.power)
        return X / unit, y / unit_of_sums

    def scores(answers):
        def ask(X):
            return answers(X / unit).astype(float) * unit_of_sums

        return score(ask, largest, variant.power)

    if variant.network is None:
        model = linear_regression(variant.degree, *new_data(epochs * n_examples))
        return Run(len(model[-1].coef_) + 1, None, scores(model.predict))

    keras.utils.set_random_seed(seed)
    model = build_model(variant.network)
    history = train(model, new_data, epochs, TUTORIAL.batch_size)
    return Run(model, history, scores(lambda X: predict(model, X)[:, 0]))


TESTED_ON = f"{N_TEST} new sums"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

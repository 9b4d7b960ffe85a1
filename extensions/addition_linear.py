"""The sum is linear: what does a linear model do, inside and outside what it was shown?

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)", and its
readers: the sum needs no hidden layer; the MLP is a lookup table, since 5,000 draws meet
5,050 possible pairs; do larger numbers, negative ones and fractions work; what about
squares; must the numbers be divided by the largest sum. Compared are LinearRegression of
scikit-learn, one Dense(1), the tutorial's MLP (4, 2, 1, without activations) and its
LSTM(10), all on the MLP's budget, 50 epochs of 100 new sums, batch size 2, or four times
that. "10 sums": no others, in every epoch. "Not scaled": not divided. "100x": trained on
numbers up to 100 times as large. "Squares": the sum of two squares, also with models that
are not linear; a falling rate ends at 0, along a cosine.

All are tested on numbers up to the largest in training, up to 10 and 100 times as large,
and (but for squares) from minus the largest to -1, and on halves: 0.5, 1, 1.5, up to the
largest. Every RMSE is in units of the sum, of predictions rounded to integers; only with
halves they are not rounded.

    python -m extensions.addition_linear --runs 20
"""

import random
from dataclasses import dataclass, replace

import numpy as np

from common.backend import keras
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, RMSE, Score, rmse, share_equal
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import cache_models, initialize, predict, train

N_EXAMPLES = 100  # new ones every epoch
N_NUMBERS = 2
BATCH_SIZE = 2
HIGH_RATE = 0.01  # where a falling learning rate starts; Adam's default is 0.001
N_FIXED = 10  # sums of the MLP that gets no others
N_TEST = 2000
ERRORS = ("RMSE to 10x", "RMSE to 100x", "RMSE, negative", "RMSE, halves")
TO_10X, TO_100X, NEGATIVE, HALVES = (Score(name, kind="error") for name in ERRORS)
REACH = {1: RMSE, 10: TO_10X, 100: TO_100X}


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 50  # training epochs of each variant
    largest: int = 100  # largest number in training

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
    times_largest: int = 1
    power: int = 1  # of the numbers before they are added: 2 for squares
    scaled: bool = True  # divided by the largest sum, as in the tutorial
    falling: bool = False  # the learning rate, from HIGH_RATE to 0
    few: bool = False  # the same ten sums every epoch


LINEAR, DENSE = Variant(), Variant(Network())
MLP, LSTM = Variant(Network(hidden=(4, 2))), Variant(Network(lstm=10))
SQUARES = Variant(Network(hidden=(64, 64), activation="relu"), power=2)
RELU = "squares: MLP 64-64-1, ReLU"
VARIANTS = {
    "LinearRegression": LINEAR,
    "Dense 1": DENSE,
    "Dense 1, 4x epochs": replace(DENSE, times_epochs=4),
    "MLP 4-2-1": MLP,
    "MLP 4-2-1, 4x epochs": replace(MLP, times_epochs=4),
    "MLP 4-2-1, 10 sums": replace(MLP, few=True),
    "MLP 4-2-1, not scaled": replace(MLP, scaled=False),
    "LSTM 10": LSTM,
    "LSTM 10, 4x epochs": replace(LSTM, times_epochs=4),
    "LSTM 10, not scaled": replace(LSTM, scaled=False),
    "LSTM 10, not scaled, 4x epochs": replace(LSTM, scaled=False, times_epochs=4),
    "100x: LinearRegression": replace(LINEAR, times_largest=100),
    "100x: MLP 4-2-1": replace(MLP, times_largest=100),
    "100x: LSTM 10": replace(LSTM, times_largest=100),
    "squares: LinearRegression": replace(LINEAR, power=2),
    "squares: MLP 4-2-1": replace(MLP, power=2),
    "squares: LSTM 10": replace(LSTM, power=2),
    RELU: SQUARES,
    f"{RELU}, 4x epochs": replace(SQUARES, times_epochs=4),
    f"{RELU}, falling rate": replace(SQUARES, falling=True),
    f"{RELU}, falling rate, 4x epochs": replace(SQUARES, falling=True, times_epochs=4),
    "squares: LinearRegression, degree 2": replace(LINEAR, power=2, degree=2),
}
COMPARES = [
    ("MLP 4-2-1", "Dense 1", RMSE),
    ("MLP 4-2-1, not scaled", "MLP 4-2-1", RMSE),
    ("MLP 4-2-1, not scaled", "MLP 4-2-1"),
    ("LSTM 10, not scaled", "LSTM 10", RMSE),
    (f"{RELU}, 4x epochs", RELU, RMSE),
    (f"{RELU}, falling rate", RELU, RMSE),
    (f"{RELU}, falling rate, 4x epochs", f"{RELU}, 4x epochs", RMSE),
]


def examples(rng, n_examples, largest, power=1):
    """New numbers, (samples, features), and the sums of their powers, (samples,)."""
    X, _ = random_sum_pairs(n_examples, N_NUMBERS, largest, rng=rng)
    X = np.array(X)
    return X, (X**power).sum(axis=1)


def score(ask, largest, power=1):
    """Exact match, and the errors inside and outside of what training showed.

    `ask`: a function of numbers, (samples, features); returns sums, not rounded.
    """

    def test_set(largest):
        return examples(random.Random("test set"), N_TEST, largest, power)

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


@cache_models
def build_model(network, falls_over):
    """A compiled Keras model; its learning rate falls over this many updates, if not 0."""
    model = keras.Sequential()
    model.add(keras.Input((N_NUMBERS,)))
    if network.lstm:
        model.add(keras.layers.Reshape((N_NUMBERS, 1)))  # (timesteps, features)
        model.add(keras.layers.LSTM(network.lstm, unroll=True))
    for n_units in network.hidden:
        model.add(keras.layers.Dense(n_units, network.activation))
    model.add(keras.layers.Dense(1))
    rate = 0.001  # Adam's default
    if falls_over:
        rate = keras.optimizers.schedules.CosineDecay(HIGH_RATE, falls_over)
    model.compile(loss="mean_squared_error", optimizer=keras.optimizers.Adam(rate))
    return model


def linear_regression(degree, X, y):
    """A regression of scikit-learn that has seen all the examples at once."""
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    features = PolynomialFeatures(degree, include_bias=False)
    return make_pipeline(features, LinearRegression()).fit(X, y)


def run(settings, variant, seed):
    """Train one variant with one seed, and score it inside and outside what it saw."""
    largest = variant.times_largest * settings.largest
    epochs, rng = variant.times_epochs * settings.epochs, random.Random(seed)
    # what numbers and their sums are divided by
    unit, unit_of_sums = (
        N_NUMBERS * largest**power if variant.scaled else 1 for power in (1, variant.power)
    )

    def new_examples(rng, n_examples):
        X, y = examples(rng, n_examples, largest, variant.power)
        return X / unit, y / unit_of_sums

    def scores(answers):
        def ask(X):
            return answers(X / unit).astype(float) * unit_of_sums

        return score(ask, largest, variant.power)

    if variant.network is None:
        X, y = new_examples(rng, epochs * N_EXAMPLES)
        model = linear_regression(variant.degree, X, y)
        n_parameters = len(model[-1].coef_) + 1
        return Run(n_parameters, None, scores(model.predict))

    n_updates = epochs * N_EXAMPLES // BATCH_SIZE
    model = build_model(variant.network, n_updates if variant.falling else 0)
    initialize(model, seed)

    def epoch_data():
        if variant.few:
            X, y = new_examples(random.Random(seed), N_FIXED)  # the same again
            return np.resize(X, (N_EXAMPLES, N_NUMBERS)), np.resize(y, N_EXAMPLES)
        return new_examples(rng, N_EXAMPLES)

    history = train(model, epoch_data, epochs, BATCH_SIZE)
    return Run(model, history, scores(lambda X: predict(model, X)[:, 0]))


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} new sums",
    compares=COMPARES,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

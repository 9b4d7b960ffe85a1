"""The sum is linear: what does a linear model do, inside and outside what it was shown?

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)", and its
readers: the sum needs no hidden layer; the MLP is a lookup table, since 5,000 draws meet
5,050 possible pairs; does it still work for a larger largest number; what about squares.
Compared are scikit-learn's LinearRegression, one Dense(1), the tutorial's MLP (4, 2, 1,
without activations) and its LSTM(10), all on the MLP's budget: 50 epochs of 100 new sums,
batch size 2; some also with four times the epochs, and one MLP with only 10 sums, the same
ones every epoch. "100x" is trained on numbers up to 100 times as large. "Squares" is the
sum of two squares, with some models that are not linear. All are tested on numbers up to
the largest in training, and up to 10 and 100 times as large.

    python extensions/addition_linear.py --runs 20

About a minute for 20 seeds.
"""

import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.checks import check_size
from common.comparisons import Comparison, Run
from common.engine import kept
from common.scores import EXACT, RMSE, score_sums
from common.settings import BaseSettings
from common.sums import random_sum_pairs, scale, unscale
from common.training import initialize, predict, train

N_EXAMPLES = 100  # new ones every epoch
N_NUMBERS = 2
BATCH_SIZE = 2
N_FIXED = 10  # sums of the MLP that gets no others
N_TEST = 2000
REACH = {1: RMSE, 10: f"{RMSE} to 10x", 100: f"{RMSE} to 100x"}
FIRST_GUESS = "First guess for 1 + 1"  # before training


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 50  # training epochs of each variant
    largest: int = 100  # largest number in training

    def check(self):
        check_size("largest", self.largest, at_most=10_000)


@dataclass(frozen=True)
class Variant:
    model: str
    times_epochs: int = 1
    times_largest: int = 1
    power: int = 1  # of the numbers before they are added: 2 for squares
    few: bool = False  # the same ten sums every epoch


LINEAR, DEGREE_2 = "LinearRegression", "LinearRegression, degree 2"
DENSE, MLP, RELU, LSTM = "Dense 1", "MLP 4-2-1", "MLP 64-64-1, ReLU", "LSTM 10"
LONGER, TEN = f"{MLP}, 4x epochs", f"{MLP}, 10 sums"
SQUARES_2, SQUARES_RELU = f"squares: {DEGREE_2}", f"squares: {RELU}"
RELU_LONGER = f"{SQUARES_RELU}, 4x epochs"
VARIANTS = {
    LINEAR: Variant(LINEAR),
    DENSE: Variant(DENSE),
    f"{DENSE}, 4x epochs": Variant(DENSE, times_epochs=4),
    MLP: Variant(MLP),
    LONGER: Variant(MLP, times_epochs=4),
    TEN: Variant(MLP, few=True),
    LSTM: Variant(LSTM),
    f"{LSTM}, 4x epochs": Variant(LSTM, times_epochs=4),
    **{f"100x: {m}": Variant(m, times_largest=100) for m in (LINEAR, MLP, LSTM)},
    **{f"squares: {m}": Variant(m, power=2) for m in (LINEAR, MLP, LSTM, RELU)},
    RELU_LONGER: Variant(RELU, times_epochs=4, power=2),
    SQUARES_2: Variant(DEGREE_2, power=2),
}


def examples(rng, n_examples, largest, power=1, reach=1):
    """X (samples, features) and y (samples,), of numbers up to `reach` * `largest`.

    Both are scaled by the largest sum of numbers up to `largest`, as in training.
    """
    X, _ = random_sum_pairs(n_examples, N_NUMBERS, reach * largest, rng=rng)
    y = [sum(number**power for number in row) for row in X]
    return scale(X, N_NUMBERS, largest), scale(y, N_NUMBERS, largest**power)


def score(ask, largest, power=1):
    """Exact match, and the error for every reach. `ask`: a function of X, returns y."""
    scores = {}
    for reach, name in REACH.items():
        X, y = examples(random.Random("test set"), N_TEST, largest, power, reach)
        sums, predicted = (unscale(v, N_NUMBERS, largest**power) for v in (y, ask(X)))
        found = score_sums(sums, predicted)
        if reach == 1:
            scores[EXACT] = found[EXACT]
        scores[name] = found[RMSE]
    return scores


@kept
def build_model(name):
    """A compiled Keras model."""
    model = keras.Sequential()
    model.add(keras.Input((N_NUMBERS,)))
    if name == LSTM:
        model.add(keras.layers.Reshape((N_NUMBERS, 1)))  # (timesteps, features)
        model.add(keras.layers.LSTM(10, unroll=True))
    for n_units in {MLP: (4, 2), RELU: (64, 64)}.get(name, ()):
        model.add(keras.layers.Dense(n_units, "relu" if name == RELU else None))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def linear_regression(degree, X, y):
    """A regression of scikit-learn that has seen all the examples at once."""
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    # degree 1: the numbers as they are; 2: also their squares and their product
    features = PolynomialFeatures(degree, include_bias=False)
    return make_pipeline(features, LinearRegression()).fit(X, y)


def run(settings, variant, seed):
    """Train one variant with one seed, and score it inside and outside what it saw."""
    largest = variant.times_largest * settings.largest
    epochs, rng = variant.times_epochs * settings.epochs, random.Random(seed)
    if variant.model in (LINEAR, DEGREE_2):
        X, y = examples(rng, epochs * N_EXAMPLES, largest, variant.power)
        model = linear_regression(1 if variant.model == LINEAR else 2, X, y)
        scores = score(model.predict, largest, variant.power)
        return Run(len(model[-1].coef_) + 1, None, {**scores, FIRST_GUESS: None})

    model = build_model(variant.model)
    initialize(model, seed)
    zero, two = predict(model, np.array([[0, 0], [1, 1]]))[:, 0]

    def epoch_data():
        if variant.few:
            X, y = examples(random.Random(seed), N_FIXED, largest)  # the same again
            return np.resize(X, (N_EXAMPLES, N_NUMBERS)), np.resize(y, N_EXAMPLES)
        return examples(rng, N_EXAMPLES, largest, variant.power)

    def ask(X):
        return predict(model, X)[:, 0]

    history = train(model, epoch_data, epochs, BATCH_SIZE)
    scores = score(ask, largest, variant.power)
    return Run(model, history, {**scores, FIRST_GUESS: float(two - zero)})


def finding(results, settings):
    perfect = {False: [], True: []}  # MLPs: what 1 + 1 was to them before training
    for guess, error in zip(results.values(MLP, FIRST_GUESS), results.values(MLP, RMSE)):
        if not math.isnan(guess):
            perfect[error == 0].append(guess)
    guesses = [f"{np.mean(found):.1f}" if found else "-" for found in perfect.values()]
    for variant in (MLP, LONGER, TEN):
        errors = results.values(variant, RMSE)
        print(f"Finding: {errors.count(0)} of {len(errors)} {variant} reach RMSE 0.")
    print(
        f"Finding: before training 1 + 1 was {guesses[True]} to the MLPs that do, "
        f"{guesses[False]} to the others."
    )


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} new sums",
    file_only=(FIRST_GUESS,),
    finding=finding,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

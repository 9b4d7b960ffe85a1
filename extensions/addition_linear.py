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

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.results import Comparison
from common.scores import EXACT, RMSE, score_sums
from common.sums import invert, random_sum_pairs, scale

N_EXAMPLES = 100
N_NUMBERS = 2
LARGEST = 100
N_EPOCHS = 50
BATCH_SIZE = 2
N_FIXED = 10  # sums of the MLP that gets no others
N_TEST = 2000
REACH = {1: RMSE, 10: f"{RMSE} to 10x", 100: f"{RMSE} to 100x"}


class Task:
    """Sums, or sums of squares, of numbers that are scaled by the largest in training."""

    def __init__(self, power, largest):
        self.power, self.largest = power, largest

    def examples(self, rng, n_examples, reach=1):
        """X (samples, features) and y (samples,), of numbers up to `reach` * largest."""
        X, _ = random_sum_pairs(n_examples, N_NUMBERS, reach * self.largest, rng=rng)
        y = [sum(number**self.power for number in row) for row in X]
        return scale(X, N_NUMBERS, self.largest), scale(
            y, N_NUMBERS, self.largest**self.power
        )

    def score(self, predict):
        """Exact match, and the error for every reach."""
        scores = {EXACT: None}
        for reach, name in REACH.items():
            X, y = self.examples(random.Random("test set"), N_TEST, reach)
            y, predicted = (
                invert(v, N_NUMBERS, self.largest**self.power) for v in (y, predict(X))
            )
            found = score_sums(y, predicted)
            scores |= {name: found[RMSE]} | ({EXACT: found[EXACT]} if reach == 1 else {})
        return scores


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number in training", at_most=10_000)
    return parser.parse_args(argv)


def build_dense(units, activation=None):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_NUMBERS,)))
    for n_units in units:
        model.add(keras.layers.Dense(n_units, activation))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def build_lstm(units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_NUMBERS,)))
    model.add(keras.layers.Reshape((N_NUMBERS, 1)))  # (timesteps, features)
    model.add(keras.layers.LSTM(units, unroll=True))  # two steps train faster so
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def build_linear_regression(degree):
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    # degree 1: the numbers as they are; 2: also their squares and their product
    return make_pipeline(PolynomialFeatures(degree, include_bias=False), LinearRegression())


MODELS = {
    "LinearRegression": lambda: build_linear_regression(1),
    "LinearRegression, degree 2": lambda: build_linear_regression(2),
    "Dense 1": lambda: build_dense([]),
    "MLP 4-2-1": lambda: build_dense([4, 2]),
    "MLP 64-64-1, ReLU": lambda: build_dense([64, 64], "relu"),
    "LSTM 10": lambda: build_lstm(10),
}
LINEAR, DENSE, MLP, LSTM = "LinearRegression", "Dense 1", "MLP 4-2-1", "LSTM 10"
LONGER, TEN = "MLP 4-2-1, 4x epochs", "MLP 4-2-1, 10 sums"
SQUARES_2 = "squares: LinearRegression, degree 2"
SQUARES_RELU = "squares: MLP 64-64-1, ReLU"
RELU_LONGER = "squares: MLP 64-64-1, ReLU, 4x epochs"
VARIANTS = {  # name: (model, times the largest, power, times the epochs)
    LINEAR: (LINEAR, 1, 1, 1),
    DENSE: (DENSE, 1, 1, 1),
    "Dense 1, 4x epochs": (DENSE, 1, 1, 4),
    MLP: (MLP, 1, 1, 1),
    LONGER: (MLP, 1, 1, 4),
    TEN: (MLP, 1, 1, 1),
    LSTM: (LSTM, 1, 1, 1),
    "LSTM 10, 4x epochs": (LSTM, 1, 1, 4),
    "100x: LinearRegression": (LINEAR, 100, 1, 1),
    "100x: MLP 4-2-1": (MLP, 100, 1, 1),
    "100x: LSTM 10": (LSTM, 100, 1, 1),
    "squares: LinearRegression": (LINEAR, 1, 2, 1),
    "squares: MLP 4-2-1": (MLP, 1, 2, 1),
    "squares: LSTM 10": (LSTM, 1, 2, 1),
    SQUARES_RELU: ("MLP 64-64-1, ReLU", 1, 2, 1),
    RELU_LONGER: ("MLP 64-64-1, ReLU", 1, 2, 4),
    SQUARES_2: ("LinearRegression, degree 2", 1, 2, 1),
}


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    comparison = Comparison(args, tested_on=f"{N_TEST} new sums")
    first_guesses = []  # of each MLP for 1 + 1, before training
    models = {name: build() for name, build in MODELS.items()}
    for variant, (name, larger, power, longer) in VARIANTS.items():
        task, epochs = Task(power, larger * args.largest), longer * args.epochs
        model = models[name]
        for seed in args.seeds:
            rng = random.Random(seed)
            if "LinearRegression" in name:
                model.fit(*task.examples(rng, epochs * N_EXAMPLES))
                n_parameters, ask = len(model[-1].coef_) + 1, model.predict
            else:
                initialize(model, seed)
                if variant == MLP:
                    zero, two = predict(model, np.array([[0, 0], [1, 1]]))[:, 0]
                    first_guesses.append(float(two - zero))

                def epoch_data():
                    if variant != TEN:
                        return task.examples(rng, N_EXAMPLES)
                    X, y = task.examples(random.Random(seed), N_FIXED)  # the same again
                    return np.resize(X, (N_EXAMPLES, N_NUMBERS)), np.resize(y, N_EXAMPLES)

                train(model, epoch_data, epochs, BATCH_SIZE)
                n_parameters, ask = model.count_params(), lambda X: predict(model, X)[:, 0]
            comparison.add(variant, seed, n_parameters, task.score(ask))
    comparison.write()

    def mean_rmse(variant, reach=100):
        return f"{comparison.mean(variant, REACH[reach]):,.1f}"

    right = [error == 0 for error in comparison.values(MLP, RMSE)]
    longer = sum(error == 0 for error in comparison.values(LONGER, RMSE))
    print(
        f"Finding: {sum(right)} of {args.runs} MLPs reach RMSE 0 ({longer} with four times "
        f"the epochs), {sum(error == 0 for error in comparison.values(TEN, RMSE))} with 10 "
        f"sums. Before training 1 + 1 was {_mean(first_guesses, right, True)} to them, "
        f"{_mean(first_guesses, right, False)} to the others. To 100x the RMSE is "
        f"{mean_rmse(LINEAR)} for LinearRegression, {mean_rmse(DENSE)} for Dense 1, "
        f"{mean_rmse(MLP)} for the MLP, {mean_rmse(LSTM)} for the LSTM. Squares: "
        f"exact match {comparison.mean(SQUARES_2, EXACT):.1%} with degree 2, "
        f"{comparison.mean(SQUARES_RELU, EXACT):.1%} with ReLU "
        f"({comparison.mean(RELU_LONGER, EXACT):.1%} with four times the epochs)."
    )


def _mean(values, which, wanted):
    """The mean of the values where `which` is as `wanted`, as text."""
    chosen = [value for value, it in zip(values, which) if it == wanted]
    return f"{np.mean(chosen):.1f}" if chosen else "-"


if __name__ == "__main__":
    cli.run(main)

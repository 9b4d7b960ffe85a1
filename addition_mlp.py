"""Addition as regression: a multilayer perceptron adds two scaled numbers.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/
Read common/sums.py with it: how sums are drawn, scaled and scaled back.

    python addition_mlp.py          train, then predict 20 new sums
    python addition_mlp.py --fit    train as the tutorial does

What to expect: the tutorial printed an RMSE of 0 and 20 of 20 sums right; so does seed 1.
Of 30 seeds, 24 get all 10,000 sums right. The other six need more than 50 epochs: with
--epochs 100 all 30 are perfect.
"""

from dataclasses import dataclass
from random import Random

from common import sums
from common.backend import keras
from common.runner import cli
from common.runner.experiment import Experiment
from common.scores import rmse, score_sums
from common.settings import BaseSettings
from common.sums import invert, random_sum_pairs, scale
from common.training import predict, train


@dataclass(frozen=True)
class Settings(BaseSettings):
    """The tutorial's numbers. Each is a flag as well: --epochs 100."""

    n_examples: int = 100  # sums per epoch, new ones every time
    n_numbers: int = 2  # numbers to add
    largest: int = 100  # the largest of these numbers
    hidden_units: tuple = (4, 2)  # units of the two hidden layers
    epochs: int = 50  # training epochs
    batch_size: int = 2  # sums per weight update


def build_model(settings):
    """Three layers without activations: the whole network is linear, as the sum is."""
    layers, model = keras.layers, keras.Sequential()
    # the numbers side by side, in no order: (samples, 2 features)
    model.add(keras.Input((settings.n_numbers,)))
    # hidden layers: (samples, 4), then (samples, 2)
    model.add(layers.Dense(settings.hidden_units[0]))
    model.add(layers.Dense(settings.hidden_units[1]))
    # the scaled sum: (samples, 1)
    model.add(layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def fit_epochs(model, new_sums, epochs, batch_size):
    """The tutorial's loop: one `fit` per epoch, on new sums every time."""
    for _ in range(epochs):
        X, y = new_sums()
        # the sums are in random order as they are: nothing to shuffle
        model.fit(X, y, epochs=1, batch_size=batch_size, shuffle=False, verbose=2)


def run(settings, seed, train=train):
    """The tutorial's complete example: data, model, training, 20 new sums."""
    n_numbers, largest = settings.n_numbers, settings.largest
    rng = Random(seed)  # for the data alone; seed 1 draws the tutorial's own sums

    def new_sums():
        # [[3, 10]], [13]
        X, y = random_sum_pairs(settings.n_examples, n_numbers, largest, rng=rng)
        # up to 100 no sum is larger than 200: [[0.015, 0.05]], [0.065]
        X, y = scale(X, n_numbers, largest), scale(y, n_numbers, largest)
        return X, y  # X: (samples, features)

    keras.utils.set_random_seed(seed)  # for the weights
    model = build_model(settings)
    model.summary()
    # `train` makes the updates of `fit_epochs`, compiled; put that name here to compare
    history = train(model, new_sums, settings.epochs, settings.batch_size)

    X, y = new_sums()
    result = model.predict(X, batch_size=settings.batch_size, verbose=0)  # (100, 1)
    expected = invert(y, n_numbers, largest)
    predicted = invert(result[:, 0], n_numbers, largest)
    print(f"RMSE: {rmse(expected, predicted):f}")
    for i in range(min(20, len(X))):
        error = expected[i] - predicted[i]
        print(f"Expected={expected[i]}, Predicted={predicted[i]} (err={error})")
    return model, history


# Beyond the tutorial: a score over all possible sums, the network as one line, and
# the command line.


def evaluate(model, X, settings):
    """The sums X as texts, their right answers, and the model's: three lists."""
    n_numbers, largest = settings.n_numbers, settings.largest
    result = predict(model, scale(X, n_numbers, largest))  # as model.predict, sooner
    predicted = invert(result[:, 0], n_numbers, largest)
    return sums.as_texts(X), [sums.answer(row) for row in X], predicted.tolist()


def print_line(model, settings):
    """Print the network as one line, sum = 1.000 * a + 1.000 * b + 0.000.

    Layers without activations are matrices, which multiply out to a single one.
    """
    n_numbers = settings.n_numbers
    # no number at all, then a single one: what it adds is its factor
    ones = [[float(i == j) for j in range(n_numbers)] for i in range(-1, n_numbers)]
    constant, *results = predict(model, ones)[:, 0]
    largest_sum = n_numbers * settings.largest  # which the constant is divided by
    print(line_text([one - constant for one in results], constant * largest_sum))


def line_text(factors, constant):
    """Write what a linear model computes, a letter for each number that it reads.

    >>> line_text([1, 0.5], -2)
    'sum = 1.000 * a + 0.500 * b - 2.000'
    """
    names = "abcdefghijklmnopqrstuvwxyz"
    if len(factors) > len(names):
        names = [f"x{i + 1}" for i in range(len(factors))]
    terms = [f"{factor:+.3f} * {name}" for factor, name in zip(factors, names)]
    line = " ".join([*terms, f"{constant:+.3f}"]).replace("-0.000", "+0.000")
    return "sum = " + line.replace("+", "+ ").replace("-", "- ").removeprefix("+ ")


experiment = Experiment(
    __doc__,
    Settings,
    build_model,
    run,
    fit_epochs=fit_epochs,
    evaluate=evaluate,
    score=score_sums,
    test=sums.to_test,
    tested_on=sums.tested_on,
    watch=sums.to_watch,
    beyond=print_line,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Addition as a mapping: a multilayer perceptron learns sums of scaled integers.

Tutorial A, "Learn to Add Numbers with an Encoder-Decoder LSTM Recurrent Neural
Network", section "Addition as a Mapping Problem (the beginner's mistake)":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/

    python addition_mlp.py
    python addition_mlp.py --runs 30 --plot curves.png

What to expect: RMSE 0 and every sum right with 24 of 30 seeds; the others are not done
yet after 50 epochs and end at an RMSE of 0.4 to 9. With --epochs 100 all 30 reach 0.

Differences from the tutorial: the data have a generator of their own; training is one
compiled program instead of a `fit` call per epoch, and does not shuffle; besides the
tutorial's 100 new sums, all possible sums are scored.
"""

import random
from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.experiment import Experiment
from common.scores import print_losses, print_sums, score_sums
from common.settings import BaseSettings, check_batch_size
from common.sums import (
    check_exact,
    invert,
    random_sum_pairs,
    scale,
    sums_to_test,
    sums_to_watch,
    tested_on,
)
from common.training import predict, train


@dataclass(frozen=True)
class Settings(BaseSettings):
    """The tutorial's numbers. Each is a flag, too: --epochs 100."""

    examples: int = 100  # sums per epoch, new ones every time
    n_numbers: int = 2  # numbers to add
    largest: int = 100  # the largest of these numbers
    units: tuple = (4, 2)  # units of the first two layers
    epochs: int = 50  # training epochs
    batch_size: int = 2  # sums per weight update

    def check(self):
        check_exact(self.n_numbers, self.largest)
        check_batch_size(self.batch_size, self.examples, "sums of an epoch")


# Data


def encode(X, y, settings):
    """Numbers and sums as the network takes them: divided by the largest possible sum.

    With numbers up to 10 that is 20: [3, 10], 13 -> [0.15, 0.5], 0.65
    """
    X = scale(X, settings.n_numbers, settings.largest)  # (samples, features)
    y = scale(y, settings.n_numbers, settings.largest)  # (samples,)
    return X, y


def epoch_data(settings, rng):
    """New sums for one epoch, drawn with `rng`: X, (100, 2), and y, (100,)."""
    X, y = random_sum_pairs(
        settings.examples, settings.n_numbers, settings.largest, rng=rng
    )
    return encode(X, y, settings)


# Model


def build_model(settings):
    """Three layers without activations: the whole network is linear, like the sum."""
    model = keras.Sequential()
    # the numbers side by side, none before the other: (samples, 2)
    model.add(keras.Input((settings.n_numbers,)))
    model.add(keras.layers.Dense(settings.units[0]))  # hidden: (samples, 4)
    model.add(keras.layers.Dense(settings.units[1]))  # hidden: (samples, 2)
    model.add(keras.layers.Dense(1))  # the scaled sum: (samples, 1)
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


# Training


def train_model(model, settings, rng):
    """Train on new sums every epoch; returns the history of the loss."""

    def new_sums():
        return epoch_data(settings, rng)

    # Computes what this loop computes (the tutorial leaves `fit` shuffling):
    #
    #     for epoch in range(settings.epochs):
    #         X, y = new_sums()
    #         model.fit(X, y, epochs=1, batch_size=settings.batch_size, shuffle=False)
    return train(model, new_sums, settings.epochs, settings.batch_size)


# Evaluation


def evaluate(model, X, y, settings):
    """The expected and the predicted sums, both as integers again: (samples,) each."""
    outputs = predict(model, X)  # (samples, 1)
    expected = invert(y, settings.n_numbers, settings.largest)
    predicted = invert(outputs[:, 0], settings.n_numbers, settings.largest)
    return expected, predicted


def show(model, settings, rng):
    """Print the RMSE of 100 new sums, and the first 20 of them, as the tutorial does."""
    X, y = epoch_data(settings, rng)
    expected, predicted = evaluate(model, X, y, settings)
    print_sums(expected, predicted)


def score(model, settings):
    """RMSE and exact match over all possible sums."""
    X, y = sums_to_test(settings.n_numbers, settings.largest)
    X, y = encode(X, y, settings)
    expected, predicted = evaluate(model, X, y, settings)
    return score_sums(expected, predicted)


def run(model, settings, seed):
    """The experiment: train, show, score. Returns the history and the scores."""
    rng = random.Random(seed)
    history = train_model(model, settings, rng)
    print_losses(history)
    show(model, settings, rng)
    return history, score(model, settings)


# Beyond the tutorial: what the network computes


def print_line(model, settings):
    """Print the network as one line, sum = 1.000 * a + 1.000 * b + 0.000.

    Layers without activations are matrices, which multiply out to a single one.
    """
    weights, bias = np.eye(settings.n_numbers), np.zeros(settings.n_numbers)
    for layer in model.layers:
        kernel, offset = layer.get_weights()
        weights, bias = weights @ kernel, bias @ kernel + offset
    largest_sum = settings.n_numbers * settings.largest  # the bias is divided by it
    print(line_text(weights[:, 0], bias[0] * largest_sum))


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


# From here on nothing belongs to the experiment: flags, several seeds, files.

experiment = Experiment(
    __name__,
    build_model,
    run,
    show,
    score,
    evaluate,
    tested_on=tested_on,
    to_watch=lambda settings: sums_to_watch(settings, encode),
    beyond=print_line,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

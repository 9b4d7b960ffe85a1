"""Addition as a mapping: an LSTM learns sums of scaled integers, one number per timestep.

Tutorial A, "Learn to Add Numbers with an Encoder-Decoder LSTM Recurrent Neural
Network", section "Addition as a Mapping Problem (the beginner's mistake)":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/

    python addition_lstm_regression.py
    python addition_lstm_regression.py --runs 30 --plot curves.png

What to expect: RMSE 0.42 ± 0.17 and 80 % ± 15 % of the sums right (30 seeds; the worst:
0.77 and 40 %). The tutorial printed RMSE 0.57. Its text also describes two LSTM layers,
of 6 and 2 or 6 and 6 units; its listing, which runs here, has one of 10. All three:
extensions/addition_stacked_lstm.py.

Differences from the tutorial: the data have a generator of their own; training is one
compiled program instead of a `fit` call per epoch, and does not shuffle; the LSTM is
unrolled; besides the tutorial's 100 new sums, all possible sums are scored.
"""

import random
from dataclasses import dataclass

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
    """The tutorial's numbers. Each is a flag, too: --epochs 50."""

    examples: int = 100  # sums per epoch, new ones every time
    n_numbers: int = 2  # numbers to add
    largest: int = 100  # the largest of these numbers
    units: int = 10  # units of the LSTM
    epochs: int = 100  # training epochs
    batch_size: int = 1  # sums per weight update

    def check(self):
        check_exact(self.n_numbers, self.largest)
        check_batch_size(self.batch_size, self.examples, "sums of an epoch")


# Data


def encode(X, y, settings):
    """Numbers and sums as the network takes them: divided by the largest possible sum.

    With numbers up to 10 that is 20: [3, 10], 13 -> [[0.15], [0.5]], 0.65
    """
    X = scale(X, settings.n_numbers, settings.largest)
    X = X.reshape(len(X), settings.n_numbers, 1)  # (samples, timesteps, features)
    y = scale(y, settings.n_numbers, settings.largest)  # (samples,)
    return X, y


def epoch_data(settings, rng):
    """New sums for one epoch, drawn with `rng`: X, (100, 2, 1), and y, (100,)."""
    X, y = random_sum_pairs(
        settings.examples, settings.n_numbers, settings.largest, rng=rng
    )
    return encode(X, y, settings)


# Model


def build_model(settings):
    """An LSTM reads the numbers one after the other, a Dense layer gives the sum."""
    # A short LSTM is unrolled: the same computation written out, step after step, which
    # runs faster; only rounding differs.
    unroll = settings.n_numbers <= 20
    model = keras.Sequential()
    # one number per timestep: (samples, 2 timesteps, 1 feature)
    model.add(keras.Input((settings.n_numbers, 1)))
    # reads them all, returns its output after the last one: (samples, 10)
    model.add(keras.layers.LSTM(settings.units, unroll=unroll))
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
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

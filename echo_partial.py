"""Echo the first part of a window of random integers: a stateful encoder-decoder LSTM.

Tutorial B, "How to use an Encoder-Decoder LSTM to Echo Sequences of Random Integers",
section "Echo Partial Sequence (encoder-decoder model)":
https://machinelearningmastery.com/how-to-use-an-encoder-decoder-lstm-to-echo-sequences-of-random-integers/

    python echo_partial.py
    python echo_partial.py --n-out 3 --plot curve.png
    python echo_partial.py --batch-size 7

What to expect: 99.3 % ± 0.3 % of the windows right (20 seeds; the worst: 98.1 %). The
tutorial's text says 100 %, its printed run has 20 of 21.

Differences from the tutorial: the data have a generator of their own; training is one
compiled program instead of a `fit` call per epoch; the LSTMs are unrolled; the state is
reset before each evaluated sequence.
"""

import random
from dataclasses import dataclass

from common.backend import keras
from common.checks import check_n_out, check_window
from common.onehot import one_hot_decode
from common.runner import cli
from common.runner.experiment import Experiment
from common.scores import print_echoes, print_losses, score_echoes
from common.settings import BaseSettings, check_batch_size
from common.training import predict, train
from common.windows import get_data

N_TEST = 100  # new sequences to score


@dataclass(frozen=True)
class Settings(BaseSettings):
    """The tutorial's numbers. Each is a flag, too: --epochs 1000."""

    length: int = 25  # integers in a sequence
    n_unique: int = 100  # distinct integers
    n_in: int = 5  # integers in a window
    n_out: int = 2  # how many of them, from the first, to echo
    units: tuple = (150, 150)  # units of encoder and decoder
    epochs: int = 5000  # training epochs, each on one new sequence
    batch_size: int | None = None  # windows per weight update (default all of a sequence)

    def check(self):
        check_window(self.length, self.n_in)
        check_n_out(self.n_in, self.n_out)
        self.set_default(batch_size=self.n_windows)
        check_batch_size(self.batch_size, self.n_windows, "windows of a sequence")

    @property
    def n_windows(self):
        """Windows in a sequence: 21 of 5 integers in 25."""
        return self.length - self.n_in + 1


# Data


def epoch_data(settings, rng):
    """A new sequence for one epoch, drawn with `rng`, cut into windows, one-hot.

    The first windows of 86, 81, 88, 1, 23, 78, 64, ...:
    [86, 81, 88, 1, 23] -> [86, 81]
    [81, 88, 1, 23, 78] -> [81, 88]
    X: (21 windows, 5 timesteps, 100 distinct integers); y: (21, 2, 100)
    """
    return get_data(
        settings.n_in,
        settings.n_out,
        length=settings.length,
        n_unique=settings.n_unique,
        rng=rng,
    )


# Model


def build_model(settings):
    """The encoder reads a window into one vector; the decoder writes its first part."""
    # Short LSTMs are unrolled: the same computation written out, step after step, which
    # runs faster; only rounding differs.
    unroll = settings.n_in <= 20
    model = keras.Sequential()
    # a batch of windows: (21, 5 timesteps, 100 features). The state that a stateful LSTM
    # keeps has a row per window of the batch, so the batch size is fixed.
    window = (settings.batch_size, settings.n_in, settings.n_unique)
    model.add(keras.Input(batch_shape=window))
    # encoder: reads the whole window, returns one vector for it: (21, 150)
    model.add(keras.layers.LSTM(settings.units[0], stateful=True, unroll=unroll))
    # that vector once per integer of the answer: (21, 2, 150)
    model.add(keras.layers.RepeatVector(settings.n_out))
    # decoder: an output for each integer of the answer: (21, 2, 150)
    model.add(
        keras.layers.LSTM(
            settings.units[1], return_sequences=True, stateful=True, unroll=unroll
        )
    )
    # the same Dense layer at each step: a probability per integer: (21, 2, 100)
    output = keras.layers.Dense(settings.n_unique, activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


# Training


def train_model(model, settings, rng):
    """Train on a new sequence every epoch; returns the history of loss and accuracy."""

    def new_sequence():
        return epoch_data(settings, rng)

    # Computes what this loop computes:
    #
    #     for epoch in range(settings.epochs):
    #         X, y = new_sequence()
    #         model.fit(X, y, epochs=1, batch_size=settings.batch_size, shuffle=False)
    #         model.layers[0].reset_state()
    #         model.layers[2].reset_state()
    return train(model, new_sequence, settings.epochs, settings.batch_size)


# Evaluation


def evaluate(model, X, y, settings):
    """The expected and the predicted echoes of one sequence's windows, as integers.

    The state is reset before it.
    """
    outputs = predict(model, X, settings.batch_size)  # (21, 2, 100)
    expected = one_hot_decode(y)
    predicted = one_hot_decode(outputs)
    return expected, predicted


def show(model, settings, rng):
    """Print the echoes of one new sequence, a line per window, as the tutorial does."""
    X, y = epoch_data(settings, rng)
    expected, predicted = evaluate(model, X, y, settings)
    print_echoes(expected, predicted)


def score(model, settings):
    """Exact match of windows, and accuracy of integers, over 100 new sequences."""
    rng = random.Random("test set")
    expected, predicted = [], []
    for _ in range(N_TEST):
        X, y = epoch_data(settings, rng)
        e, p = evaluate(model, X, y, settings)
        expected += e
        predicted += p
    return score_echoes(expected, predicted)


def run(model, settings, seed):
    """The experiment: train, show, score. Returns the history and the scores."""
    rng = random.Random(seed)
    history = train_model(model, settings, rng)
    print_losses(history)
    show(model, settings, rng)
    return history, score(model, settings)


# From here on nothing belongs to the experiment: flags, several seeds, files.


def tested_on(settings, seeds):
    return f"{N_TEST} new sequences, {settings.n_windows} windows each"


def to_watch(settings):
    """The windows of one sequence, as integers and one-hot."""
    X, y = epoch_data(settings, random.Random("watch"))
    return one_hot_decode(X), X, y


experiment = Experiment(
    __name__,
    build_model,
    run,
    show,
    score,
    evaluate,
    tested_on=tested_on,
    to_watch=to_watch,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""How long an echo can the encoder-decoder learn, and what do longer ones take?

Tutorial B, section "Extensions": "echo longer". The partial echo's encoder-decoder is
asked for 2, 3 and 5 of 5 integers and for 10 of 10, each on the tutorial's budget. For
5 of 5 it then gets twice the units, or three times the epochs.

    python -m extensions.echo_longer --runs 10 --plot longer.png

An epoch is one new sequence, one batch of 21 windows. The 99 % are of the integers, in
training.
"""

import random
from dataclasses import dataclass

from common.backend import keras
from common.onehot import one_hot_decode, one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import EXACT, Score, score_echoes
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.scoring import epochs_to
from extensions.tools.windows import draw_windows

ROWS = 21  # windows in a sequence, 25 long for windows of 5
N_UNIQUE = 100
N_TEST = 100
ECHOES = ((2, 5), (3, 5), (5, 5), (10, 10))  # integers to echo, of how many
EPOCHS = Score("Epochs to 99 %", kind="epochs")
MORE_UNITS, MORE_EPOCHS = 2, 3  # times those of the tutorial


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant, but for one
    units: int = 150  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    n_out: int  # integers to echo
    n_in: int  # integers in a window
    units: int  # of encoder and decoder
    epochs: int

    @property
    def effort(self):
        return f"{self.units} units, {self.epochs} epochs"

    @property
    def name(self):
        return f"{self.n_out} of {self.n_in}, {self.effort}"


def five_of_five(settings):
    """On the tutorial's budget, with more units, and with more epochs."""
    units, epochs = settings.units, settings.epochs
    efforts = (units, epochs), (MORE_UNITS * units, epochs), (units, MORE_EPOCHS * epochs)
    return [Variant(5, 5, *effort) for effort in efforts]


def variants(settings):
    found = [Variant(*sizes, settings.units, settings.epochs) for sizes in ECHOES]
    return {v.name: v for v in [*found, *five_of_five(settings)]}


def compares(settings):
    tutorial, more_units, more_epochs = (v.name for v in five_of_five(settings))
    return [(more_units, tutorial), (more_epochs, tutorial), (more_epochs, more_units)]


@cache_models
def build_model(n_in, n_out, units):
    """The tutorial's encoder-decoder, stateless."""
    model = keras.Sequential()
    model.add(keras.Input((n_in, N_UNIQUE)))  # (21 windows, n_in, 100)
    model.add(keras.layers.LSTM(units, unroll=True))  # unrolled: trains faster
    model.add(keras.layers.RepeatVector(n_out))  # (21, n_out, units)
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))  # (21, n_out, 100)
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    n_in, n_out = variant.n_in, variant.n_out
    model = build_model(n_in, n_out, variant.units)

    def windows(rng, n_sequences=1):
        sizes = {"n_sequences": n_sequences, "length": n_in + ROWS - 1}
        X, y = draw_windows(n_in, n_out, **sizes, n_unique=N_UNIQUE, rng=rng)
        return one_hot_encode(X, N_UNIQUE), one_hot_encode(y, N_UNIQUE)

    history = train_from_seed(model, seed, windows, variant.epochs, ROWS)
    X, y = windows(random.Random("test set"), N_TEST)
    scores = score_echoes(one_hot_decode(y), one_hot_decode(predict(model, X)))
    scores[EPOCHS] = epochs_to(0.99, history["accuracy"])
    return Run(model, history, scores)


def plot(path, results, settings):
    """A line for each effort, against the integers to echo."""
    lines = {}
    for name, variant in variants(settings).items():
        if name in results.variants:
            points = lines.setdefault(variant.effort, {})
            points[variant.n_out] = results.values(name, EXACT)
    title = "Echo of the encoder-decoder"
    plot_scores(path, lines, "integers to echo", EXACT.lower(), title)


experiment = Comparison(
    __name__,
    variants,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    compares=compares,
    plot=("exact match against the length of the echo", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

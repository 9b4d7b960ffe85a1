"""Which way to feed a window to an LSTM echoes it best, and is an LSTM needed?

Tutorial B, section "Extensions": "alternate topologies". The whole echo, 5 of 5, is
many-to-many in the tutorial: an output every timestep. Here beside it, of equal units
and on an equal budget: one-to-one (all timesteps as the features of a single one),
many-to-one (the output as one vector, after the last timestep), and a Dense network on
the same input. The tutorial expects the others to need a larger network and more time:
so which of four sizes reach 99 %, and after how many epochs?

    python -m extensions.echo_topologies --runs 10

An epoch is one new sequence, one batch of 21 windows; epochs are those to 99 % of the
integers, in training.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from common.backend import keras
from common.checks import check_ascending
from common.onehot import one_hot_decode, one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Score, score_echoes
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.scoring import epochs_to
from extensions.tools.windows import draw_windows

N_IN = 5
ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_TEST = 100
EPOCHS = Score("Epochs to 99 %", kind="epochs")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant
    units: tuple = (20, 40, 80, 150)  # units of the networks, from small to large

    def check(self):
        check_ascending("units", self.units)


@dataclass(frozen=True)
class Variant:
    topology: Callable  # of the units: the layers, but for the softmax
    units: int


# LSTMs are unrolled: they train faster. Each topology gets a batch of windows, one-hot,
# (21, 5, 100), and returns as much.


def many_to_many(units):
    """An output every timestep."""
    lstm = keras.layers.LSTM(units, return_sequences=True, unroll=True)  # (21, 5, units)
    return [lstm, keras.layers.Dense(N_UNIQUE)]


def many_to_one(units):
    return [keras.layers.LSTM(units, unroll=True), *one_vector()]


def one_to_one(units):
    """One timestep, all integers its features."""
    one_timestep = keras.layers.Reshape((1, N_IN * N_UNIQUE))
    return [one_timestep, keras.layers.LSTM(units, unroll=True), *one_vector()]


def dense(units):
    hidden = keras.layers.Dense(units, activation="tanh")
    return [keras.layers.Flatten(), hidden, *one_vector()]


def one_vector():
    """From (21, units): the output as one vector, then cut into its 5 places."""
    vector = keras.layers.Dense(N_IN * N_UNIQUE)
    return [vector, keras.layers.Reshape((N_IN, N_UNIQUE))]


TOPOLOGIES = {
    "many-to-many": many_to_many,
    "many-to-one": many_to_one,
    "one-to-one": one_to_one,
    "Dense": dense,
}


def variants(settings):
    return {
        f"{name}, {units} units": Variant(topology, units)
        for name, topology in TOPOLOGIES.items()
        for units in settings.units
    }


def compares(settings):
    small, *_, large = settings.units
    return [
        (f"many-to-many, {small} units", f"Dense, {small} units"),
        (f"many-to-many, {large} units", f"many-to-one, {large} units"),
        (f"many-to-many, {large} units", f"Dense, {large} units", EPOCHS),
        (f"one-to-one, {large} units", f"Dense, {large} units", EPOCHS),
    ]


def windows(rng, n_sequences=1):
    X, y = draw_windows(N_IN, N_IN, n_sequences=n_sequences, n_unique=N_UNIQUE, rng=rng)
    return one_hot_encode(X, N_UNIQUE), one_hot_encode(y, N_UNIQUE)


@cache_models
def build_model(variant):
    """A window in, a probability per integer at each of its 5 places out."""
    layers = [*variant.topology(variant.units), keras.layers.Softmax()]
    model = keras.Sequential([keras.Input((N_IN, N_UNIQUE)), *layers])
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    model = build_model(variant)
    history = train_from_seed(model, seed, windows, settings.epochs, ROWS)
    X, y = windows(random.Random("test set"), N_TEST)
    scores = score_echoes(one_hot_decode(y), one_hot_decode(predict(model, X)))
    scores[EPOCHS] = epochs_to(0.99, history["accuracy"])
    return Run(model, history, scores)


def finding(results, settings):
    """The sizes that reach 99 % of the windows in every seed."""
    for name in TOPOLOGIES:
        lowest = {
            units: min(results.values(f"{name}, {units} units", EXACT))
            for units in settings.units
        }
        enough = ", ".join(str(units) for units in lowest if lowest[units] >= 0.99)
        print(f"Finding: {name}: 99 % with {enough or 'no number of'} units.")


experiment = Comparison(
    __name__,
    variants,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    compares=compares,
    finding=finding,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

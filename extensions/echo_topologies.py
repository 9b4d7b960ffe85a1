"""Which topology echoes a window best, and is an LSTM needed?

Tutorial B, section "Extensions": "alternate topologies". The whole echo, 5 of 5, is
many-to-many in the tutorial: an output every timestep. Beside it are one-to-one (all
timesteps as the features of a single one), many-to-one (the output as one vector, after
the last timestep), and a Dense network on the same input, each in four sizes. The largest
many-to-one network also gets three times the epochs, and a higher learning rate. "Epochs to
99 %" counts until 99 % of the integers are right in training.

    python -m extensions.echo_topologies --runs 10
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random

from common.backend import keras
from common.checks import check_ascending
from common.onehot import one_hot_decode, one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score, score_echoes
from common.settings import BaseSettings
from common.training import predict, train
from common.windows import N_TEST
import echo_partial
from extensions.tools.scoring import epochs_to
from extensions.tools.windows import draw_windows

TUTORIAL = echo_partial.Settings()
EPOCHS = Score("Epochs to 99 %", kind="epochs")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant, but for one
    units: tuple = (20, 40, 80, 150)  # units of the networks, from small to large

    def check(self):
        check_ascending("units", self.units)


@dataclass(frozen=True)
class Variant:
    topology: Callable  # of the units: the layers, but for the softmax
    units: int
    times: int = 1  # the epochs
    rate: float = 0.001  # at which Adam learns


# Each topology gets a batch of windows, one-hot, (21, 5, 100), and returns as much.


def many_to_many(units):
    """An output every timestep."""
    lstm = keras.layers.LSTM(units, return_sequences=True)  # (21, 5, units)
    return [lstm, keras.layers.Dense(TUTORIAL.n_unique)]


def many_to_one(units):
    return [keras.layers.LSTM(units), *one_vector()]


def one_to_one(units):
    """One timestep, all integers its features."""
    one_timestep = keras.layers.Reshape((1, TUTORIAL.n_in * TUTORIAL.n_unique))
    return [one_timestep, keras.layers.LSTM(units), *one_vector()]


def dense(units):
    hidden = keras.layers.Dense(units, activation="tanh")
    return [keras.layers.Flatten(), hidden, *one_vector()]


def one_vector():
    """From (21, units): the output as one vector, then cut into its 5 places."""
    vector = keras.layers.Dense(TUTORIAL.n_in * TUTORIAL.n_unique)
    return [vector, keras.layers.Reshape((TUTORIAL.n_in, TUTORIAL.n_unique))]


TOPOLOGIES = {
    "many-to-many": many_to_many,
    "many-to-one": many_to_one,
    "one-to-one": one_to_one,
    "Dense": dense,
}


def variants(settings):
    found = {
        f"{name}, {units} units": Variant(topology, units)
        for name, topology in TOPOLOGIES.items()
        for units in settings.units
    }
    hardest = found[f"many-to-one, {settings.units[-1]} units"]
    for name, more in {"3 x epochs": {"times": 3}, "rate 0.003": {"rate": 0.003}}.items():
        found[f"many-to-one, {hardest.units} units, {name}"] = replace(hardest, **more)
    return found


def compares(settings):
    small, *_, large = settings.units
    return [
        (f"many-to-many, {small} units", f"Dense, {small} units"),
        (f"many-to-many, {large} units", f"many-to-one, {large} units"),
    ]


def windows(rng, n_sequences=1):
    """One-hot: windows, (rows, 5, 100), and the same once more as what is to be echoed."""
    X, _ = draw_windows(TUTORIAL.n_in, 1, n_sequences=n_sequences, rng=rng)
    X = one_hot_encode(X, TUTORIAL.n_unique)
    return X, X


def build_model(variant):
    """A window in, a probability per integer at each of its 5 places out."""
    layers = [*variant.topology(variant.units), keras.layers.Softmax()]
    model = keras.Sequential([keras.Input((TUTORIAL.n_in, TUTORIAL.n_unique)), *layers])
    adam = keras.optimizers.Adam(variant.rate)
    model.compile(loss="categorical_crossentropy", optimizer=adam, metrics=["accuracy"])
    return model


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new sequences."""
    rng, epochs = Random(seed), variant.times * settings.epochs
    keras.utils.set_random_seed(seed)
    model = build_model(variant)
    history = train(model, lambda: windows(rng), epochs, TUTORIAL.batch_size)
    X, y = windows(Random("test set"), N_TEST)
    scores = score_echoes(one_hot_decode(y), one_hot_decode(predict(model, X)))
    scores[EPOCHS] = epochs_to(0.99, history["accuracy"])
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST} new sequences, {TUTORIAL.batch_size} windows each"
experiment = Comparison(__doc__, Settings, variants, run, TESTED_ON, compares=compares)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

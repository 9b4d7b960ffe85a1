"""Which way to feed a window to an LSTM echoes it best, and is an LSTM needed?

Tutorial B, section "Extensions": "alternate topologies". The whole echo, 5 of 5, is
many-to-many in the tutorial: an output every timestep. Here beside it, of equal units
and on an equal budget: one-to-one (all timesteps as the features of a single one),
many-to-one (the output as one vector, after the last timestep), and a Dense network on
the same input. The tutorial expects the others to need a larger network and more time.

    python extensions/echo_topologies.py --runs 3

About a minute and a half for one seed. An epoch is one new sequence, one batch of 21
windows; 99 % is of the integers, in training.
"""

import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.engine import kept
from common.onehot import one_hot_decode
from common.scores import epochs_to, score_echoes
from common.settings import BaseSettings
from common.training import predict, train_from_seed
from common.windows import get_data

N_IN = 5
ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_TEST = 100
MANY_TO_MANY, MANY_TO_ONE = "many-to-many", "many-to-one"
ONE_TO_ONE, DENSE = "one-to-one", "Dense"
TOPOLOGIES = (MANY_TO_MANY, MANY_TO_ONE, ONE_TO_ONE, DENSE)


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant
    units: tuple = (20, 150)  # units of the small and of the large networks


@dataclass(frozen=True)
class Variant:
    topology: str
    units: int


def variants(settings):
    return {
        f"{topology}, {units} units": Variant(topology, units)
        for topology in TOPOLOGIES
        for units in settings.units
    }


def windows(rng, n_sequences=1):
    return get_data(N_IN, N_IN, n_sequences=n_sequences, n_unique=N_UNIQUE, rng=rng)


@kept
def build_model(topology, units):
    """A window in, a probability per integer at each of its 5 places out."""
    layers = keras.layers
    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))  # (21 windows, 5, 100)
    if topology == MANY_TO_MANY:
        # unrolled: trains faster
        model.add(layers.LSTM(units, return_sequences=True, unroll=True))
        model.add(layers.Dense(N_UNIQUE))  # at each timestep: (21, 5, 100)
    else:
        if topology == MANY_TO_ONE:
            model.add(layers.LSTM(units, unroll=True))  # (21, units)
        elif topology == ONE_TO_ONE:
            # one timestep, all integers its features
            model.add(layers.Reshape((1, N_IN * N_UNIQUE)))
            model.add(layers.LSTM(units, unroll=True))
        else:
            model.add(layers.Flatten())
            model.add(layers.Dense(units, activation="tanh"))
        model.add(layers.Dense(N_IN * N_UNIQUE))  # the output as one vector: (21, 500)
        model.add(layers.Reshape((N_IN, N_UNIQUE)))
    model.add(layers.Softmax())
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    model = build_model(variant.topology, variant.units)
    history = train_from_seed(model, seed, windows, settings.epochs, ROWS)
    X, y = windows(random.Random("test set"), N_TEST)
    scores = score_echoes(one_hot_decode(y), one_hot_decode(predict(model, X)))
    scores["Epochs to 99 %"] = epochs_to(0.99, history["accuracy"])
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST} new sequences, {ROWS} windows each"
experiment = Comparison(__file__, __doc__, Settings, variants, run, TESTED_ON)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

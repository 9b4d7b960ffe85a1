"""Does the state between batches matter? Stateful, stateless, and batch size 1.

Tutorial B, section "Extensions": "ignore state"; it expects little to no change. Both
of its echoes, whole (5 of 5) and partial (2 of 5), with its networks. The whole echo has
its full budget; the partial one fewer sequences than the tutorial's 5000, since batch
size 1 makes 21 updates of each: every variant of an echo sees the same windows.

    python extensions/echo_stateless.py --runs 3

About a minute and a half for one seed.

What the state can do: window i of a batch of the whole echo starts from the state that
window i of the batch before left behind, that is the one 7 windows earlier. Nothing in
there is asked for. In the partial echo one batch is one epoch, after which the state is
reset: there it never gets from one batch to another. "Same without state": the trained
weights of a stateful network are put in a stateless one, and this is the share of the
windows to which both give the same answer.
"""

import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.engine import kept
from common.onehot import one_hot_encode
from common.scores import EXACT, score_echoes, share_equal
from common.settings import BaseSettings
from common.training import predict, train_from_seed
from common.windows import draw_windows, get_data

N_IN = 5
WHOLE, PARTIAL = 5, 2  # integers to echo
ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_TEST = 100
SAME = "Same without state"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (500, 2000)  # training epochs of the whole and of the partial echo
    units: tuple = (20, 150)  # units of each LSTM, in the whole and in the partial echo


@dataclass(frozen=True)
class Variant:
    n_out: int  # integers to echo
    stateful: bool
    batch_size: int


VARIANTS = {
    "whole, stateful, batch size 7": Variant(WHOLE, True, 7),
    "whole, stateless, batch size 7": Variant(WHOLE, False, 7),
    "whole, stateless, batch size 1": Variant(WHOLE, False, 1),
    "partial, stateful, batch size 21": Variant(PARTIAL, True, 21),
    "partial, stateless, batch size 21": Variant(PARTIAL, False, 21),
    "partial, stateless, batch size 1": Variant(PARTIAL, False, 1),
}


@kept
def build_model(n_out, stateful, batch_size, units):
    """The tutorial's networks: an LSTM for the whole echo, else an encoder-decoder."""
    model = keras.Sequential()
    model.add(keras.Input(batch_shape=(batch_size, N_IN, N_UNIQUE)))
    if n_out == PARTIAL:  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, stateful=stateful, unroll=True))
        model.add(keras.layers.RepeatVector(n_out))
    model.add(
        keras.layers.LSTM(units, return_sequences=True, stateful=stateful, unroll=True)
    )
    # a probability per integer of the answer: (batch size, n_out, 100)
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def echo(model, X, batch_size):
    """The answers to all windows, the state reset before those of each sequence."""
    sequences = one_hot_encode(X.reshape(-1, ROWS, N_IN), N_UNIQUE)
    outputs = [predict(model, windows, batch_size) for windows in sequences]
    return np.concatenate(outputs).argmax(axis=-1)


def without_state(model, n_out, batch_size, units):
    """A stateless model of the same shape and with the same weights."""
    stateless = build_model(n_out, False, batch_size, units)
    stateless.set_weights(model.get_weights())
    return stateless


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    n_out, batch_size = variant.n_out, variant.batch_size
    which = (WHOLE, PARTIAL).index(n_out)
    units = settings.units[which]
    model = build_model(n_out, variant.stateful, batch_size, units)

    def epoch_data(rng):
        return get_data(N_IN, n_out, n_unique=N_UNIQUE, rng=rng)

    history = train_from_seed(model, seed, epoch_data, settings.epochs[which], batch_size)
    test_rng = random.Random("test set")
    X, y = draw_windows(N_IN, n_out, n_sequences=N_TEST, rng=test_rng)
    predicted = echo(model, X, batch_size)
    scores = {**score_echoes(y, predicted), SAME: None}
    if variant.stateful:
        stateless = without_state(model, n_out, batch_size, units)
        scores[SAME] = share_equal(predicted, echo(stateless, X, batch_size))
    return Run(model, history, scores)


def finding(results, settings):
    for kind in ("whole", "partial"):
        mine = [variant for variant in VARIANTS if variant.startswith(kind)]
        found = [f"{results.mean(variant, EXACT):.1%}" for variant in mine]
        same = results.mean(mine[0], SAME)
        print(
            f"Finding: the {kind} echo: {', '.join(found)}; without its state the first "
            f"gives the same answer to {same:.1%} of the windows."
        )


TESTED_ON = f"{N_TEST} new sequences, {ROWS} windows each"
experiment = Comparison(
    __file__, __doc__, Settings, VARIANTS, run, TESTED_ON, finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Does the state between batches matter? Stateful, stateless, and other batch sizes.

Tutorial B, section "Extensions": "ignore state"; it expects little to no change. Both
of its echoes, whole (5 of 5) and partial (2 of 5), with its networks. The whole echo has
its full budget; the partial one fewer sequences than the tutorial's 5000, since batch
size 1 makes 21 updates of each. Every variant of an echo sees the same windows. The
tutorial found that batches of 21 learn the partial echo faster than batches of 7.

    python -m extensions.echo_stateless --runs 20

What the state can do: window i of a batch of the whole echo starts from the state that
window i of the batch before left behind, that is the one 7 windows earlier. Nothing in
there is asked for. In the partial echo a batch of 21 is an epoch, after which the state
is reset: there it never gets from one batch to another. "Same without state": the trained
weights of a stateful network are put in a stateless one, and this is the share of the
windows to which both give the same answer.

A reader found only the first `predict` after training right. Keras's `predict` does not
reset the state, so a second one starts from what the first has left behind. "Second
predict, no reset" is the exact match of a second one of the same windows.
"""

import random
from dataclasses import dataclass, replace

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score, score_echoes, share_equal
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from common.windows import get_data
from extensions.tools.windows import draw_windows

N_IN = 5
ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_TEST = 100
SECOND, SAME = Score("Second predict, no reset"), Score("Same without state")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (500, 2000)  # training epochs of the whole and of the partial echo
    units: tuple = (20, 150)  # units of each LSTM, in the whole and in the partial echo


@dataclass(frozen=True)
class Variant:
    partial: bool  # 2 of 5 integers are echoed, else all
    stateful: bool
    batch_size: int

    @property
    def n_out(self):
        return 2 if self.partial else N_IN


VARIANTS = {
    "whole, stateful, batch size 7": Variant(False, True, 7),
    "whole, stateless, batch size 7": Variant(False, False, 7),
    "whole, stateless, batch size 1": Variant(False, False, 1),
    "partial, stateful, batch size 21": Variant(True, True, 21),
    "partial, stateful, batch size 7": Variant(True, True, 7),
    "partial, stateless, batch size 21": Variant(True, False, 21),
    "partial, stateless, batch size 7": Variant(True, False, 7),
    "partial, stateless, batch size 1": Variant(True, False, 1),
}
COMPARES = (
    ("whole, stateful, batch size 7", "whole, stateless, batch size 7"),
    ("partial, stateful, batch size 21", "partial, stateless, batch size 21"),
    ("partial, stateful, batch size 21", "partial, stateful, batch size 7"),
    ("partial, stateful, batch size 7", "partial, stateless, batch size 7"),
    ("partial, stateless, batch size 1", "partial, stateless, batch size 21"),
)


@cache_models
def build_model(variant, units):
    """The tutorial's networks: an LSTM for the whole echo, else an encoder-decoder."""
    stateful = variant.stateful
    model = keras.Sequential()
    model.add(keras.Input(batch_shape=(variant.batch_size, N_IN, N_UNIQUE)))
    if variant.partial:  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, stateful=stateful, unroll=True))
        model.add(keras.layers.RepeatVector(variant.n_out))
    model.add(
        keras.layers.LSTM(units, return_sequences=True, stateful=stateful, unroll=True)
    )
    # a probability per integer of the answer: (batch size, n_out, 100)
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def echo_twice(model, X, batch_size):
    """The answers to all windows, (rows, n_out), and those of a second predict.

    The state is reset before the first predict of each sequence, not before the second.
    """
    answers = []
    for windows in one_hot_encode(X.reshape(-1, ROWS, N_IN), N_UNIQUE):
        # our own `predict` resets the state, but not within a call
        outputs = predict(model, np.concatenate([windows, windows]), batch_size)
        answers.append(outputs.argmax(axis=-1).reshape(2, ROWS, -1))
    return np.concatenate(answers, axis=1)


def without_state(model, variant, units):
    """A stateless model of the same shape and with the same weights."""
    stateless = build_model(replace(variant, stateful=False), units)
    stateless.set_weights(model.get_weights())
    return stateless


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    n_out, batch_size = variant.n_out, variant.batch_size
    units, epochs = settings.units[variant.partial], settings.epochs[variant.partial]
    model = build_model(variant, units)

    def epoch_data(rng):
        return get_data(N_IN, n_out, n_unique=N_UNIQUE, rng=rng)

    history = train_from_seed(model, seed, epoch_data, epochs, batch_size)
    X, y = draw_windows(N_IN, n_out, n_sequences=N_TEST, rng=random.Random("test set"))
    first, second = echo_twice(model, X, batch_size)
    scores = {**score_echoes(y, first), SECOND: None, SAME: None}
    if variant.stateful:
        stateless, _ = echo_twice(without_state(model, variant, units), X, batch_size)
        scores[SECOND] = share_equal(y, second)
        scores[SAME] = share_equal(first, stateless)
    return Run(model, history, scores)


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    compares=COMPARES,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

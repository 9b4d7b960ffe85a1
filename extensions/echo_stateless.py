"""Does the state between batches matter? And why is only the first `predict` right?

Tutorial B, section "Extensions": "ignore state". The networks of both echoes, stateful
and stateless, with the tutorial's batch sizes and others. The partial echo is scored on
the way as well: after 95, 667 and 2,000 sequences batches of 1, 7 and 21 have made as
many updates. "Second predict": one sequence asked right after another, without a reset.
"From before": its answers with an integer of the window whose state they started from.
"Same without state": windows that a stateless network with the same weights answers alike.

    python -m extensions.echo_stateless --runs 10
"""

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score, Share, score_echoes, share_equal
from common.settings import BaseSettings
from common.training import after_epochs, predict, train
from common.windows import N_TEST, get_data
import echo_partial
import echo_whole
from extensions.tools.windows import draw_windows

WHOLE, PARTIAL = echo_whole.Settings(), echo_partial.Settings()
LOOKS = (95, 300, 667, 1000, 1500, 2000, 2500, 3000, 4000, 5000)
EQUAL_UPDATES = (95, 667, 2000)  # sequences in batches of 1, 7 and 21
AFTER = {n: Score(f"After {n:,}", table=n in EQUAL_UPDATES) for n in LOOKS}
SECOND, BEFORE = Score("Second predict"), Score("From before", kind="parts")
SAME = Score("Same without state")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (WHOLE.epochs, PARTIAL.epochs)  # of the whole and of the partial echo
    units: tuple = (WHOLE.units, PARTIAL.encoder_units)  # of each of their LSTMs


@dataclass(frozen=True)
class Variant:
    partial: bool  # 2 of 5 integers are echoed, else all
    stateful: bool
    batch_size: int

    @property
    def n_out(self):
        return PARTIAL.n_out if self.partial else WHOLE.n_in


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
    ("partial, stateful, batch size 7", "partial, stateless, batch size 7"),
    ("partial, stateful, batch size 21", "partial, stateful, batch size 7", AFTER[2000]),
)


def build_model(settings, variant):
    """The tutorial's network for a batch size, with state between batches or without."""
    units = settings.units[variant.partial]
    if variant.partial:
        sizes = {"encoder_units": units, "decoder_units": units}
        numbers = replace(PARTIAL, batch_size=variant.batch_size, **sizes)
        model = echo_partial.build_model(numbers)
    else:
        numbers = replace(WHOLE, batch_size=variant.batch_size, units=units)
        model = echo_whole.build_model(numbers)
    if not variant.stateful:
        for layer in model.layers:
            layer.stateful = False
    return model


def ask(model, X, batch_size):
    """The answers to windows, and those to them right after another sequence was asked.

    `X`: integers, (rows, 5), 21 rows of each sequence. Returns two arrays, (rows, n_out).
    Asked before is the sequence that stands before in X; before the first one the last.
    """
    sequences = one_hot_encode(X.reshape(-1, PARTIAL.batch_size, PARTIAL.n_in))
    # our own `predict` resets the state, but not within a call
    outputs = [
        predict(model, np.concatenate([sequences[i - 1], sequence]), batch_size)
        for i, sequence in enumerate(sequences)
    ]
    first, second = np.split(np.argmax(outputs, axis=-1), 2, axis=1)
    return np.roll(first, -1, axis=0).reshape(len(X), -1), second.reshape(len(X), -1)


def from_before(X, second, batch_size):
    """The Share of second answers with an integer of the window that left their state."""
    before = np.roll(X, batch_size, axis=0)
    found = (second[:, :, np.newaxis] == before[:, np.newaxis]).any(axis=(1, 2))
    return Share(int(found.sum()), len(X))


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new sequences."""
    n_in, n_out, batch_size = PARTIAL.n_in, variant.n_out, variant.batch_size
    test_rng, rng = Random("test set"), Random(seed)
    X, y = draw_windows(n_in, n_out, n_sequences=N_TEST, rng=test_rng)
    keras.utils.set_random_seed(seed)
    model = build_model(settings, variant)

    def new_sequence():
        return get_data(n_in, n_out, rng=rng)

    def look(n):
        after[AFTER[n]] = share_equal(y, ask(model, X, asked_at_once)[0])

    after = dict.fromkeys(AFTER.values())
    asked_at_once = batch_size if variant.stateful else 1000
    epochs, looks = settings.epochs[variant.partial], after_epochs(AFTER, look)
    history = train(model, new_sequence, epochs, batch_size, callbacks=[looks])
    first, second = ask(model, X, asked_at_once)
    scores = {**score_echoes(y, first), **after, SECOND: None, BEFORE: None, SAME: None}
    if variant.stateful:
        stateless = build_model(settings, replace(variant, stateful=False))
        stateless.set_weights(model.get_weights())
        scores[SECOND] = share_equal(y, second)
        scores[BEFORE] = from_before(X, second, batch_size)
        scores[SAME] = share_equal(first, ask(stateless, X, batch_size)[0])
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST} new sequences, {PARTIAL.batch_size} windows each"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""When does attention help an echo: the first 2 of 5 integers, all 5, or all of 50?

From tutorial B's comments. With attention the decoder's LSTM makes a query for each
integer of the answer, and `Attention` fetches what fits of the encoder's outputs; learned
positions are added to both. Beside it: the tutorial's RepeatVector alone, with positions,
and with four times the sequences; attention without positions. No test sequence is drawn
in training. The author's tutorial on attention has another task, the first two of 5
integers and three zeros, and additive attention (Bahdanau, 2015) in a decoder that starts
from the first encoder state and reads its own output.

    python -m extensions.echo_attention --runs 5
"""

from dataclasses import dataclass, replace
from functools import partial
from random import Random

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_echoes
from common.settings import BaseSettings
from common.training import predict, train
import echo_partial
from extensions.tools.heldout import draw_around, draw_distinct

TUTORIAL = echo_partial.Settings()
N_TEST = 1000  # sequences


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 50  # training epochs of each variant; four times as many where it says so


@dataclass(frozen=True)
class Variant:
    n_in: int = TUTORIAL.n_in  # integers read
    n_out: int = TUTORIAL.n_in  # integers of the answer, from the first
    zeros: int = 0  # behind the answer
    reverse: bool = False  # the answer, from the last integer to the first
    n_unique: int = TUTORIAL.n_unique  # distinct integers
    units: int = TUTORIAL.encoder_units  # of encoder and decoder
    batch_size: int = TUTORIAL.batch_size  # new sequences per weight update
    n_batches: int = 100  # per epoch
    times: int = 1  # as many epochs
    attention: str | None = None  # "dot", beside RepeatVector; "additive", in its place
    positions: bool = False  # whether they are learned

    def draw(self, rng, n):
        return [tuple(rng.choices(range(self.n_unique), k=self.n_in)) for _ in range(n)]

    def echo(self, X):
        """The answers to X, (samples, n_in): (samples, n_out + zeros)."""
        answer = (X[:, ::-1] if self.reverse else X)[:, : self.n_out]
        return np.pad(answer, ((0, 0), (0, self.zeros)))


PUBLISHED = Variant(n_out=2, zeros=3, n_unique=50, batch_size=1)
PARTIAL = replace(PUBLISHED, zeros=0)
LONG = Variant(n_in=50, n_out=50, units=64, batch_size=64, n_batches=40)
ATTENTION = {"attention": "dot", "positions": True}
VARIANTS = {
    "2 of 5 and three zeros, RepeatVector": PUBLISHED,
    "2 of 5 and three zeros, RepeatVector, four times the sequences": replace(
        PUBLISHED, times=4
    ),
    "2 of 5 and three zeros, additive attention": replace(PUBLISHED, attention="additive"),
    "2 of 5, RepeatVector": PARTIAL,
    "2 of 5, RepeatVector, four times the sequences": replace(PARTIAL, times=4),
    "2 of 5, attention": replace(PARTIAL, **ATTENTION),
    "5 of 5, RepeatVector": Variant(),
    "5 reversed, RepeatVector": Variant(reverse=True),
    "5 reversed, attention": Variant(reverse=True, **ATTENTION),
    "50 of 50, RepeatVector": LONG,
    "50 of 50, RepeatVector and positions": replace(LONG, positions=True),
    "50 of 50, attention without positions": replace(LONG, attention="dot"),
    "50 of 50, attention": replace(LONG, **ATTENTION),
    "50 reversed, RepeatVector": replace(LONG, reverse=True),
    "50 reversed, attention": replace(LONG, reverse=True, **ATTENTION),
}
COMPARES = (
    (
        "2 of 5 and three zeros, RepeatVector, four times the sequences",
        "2 of 5 and three zeros, additive attention",
    ),
    ("50 of 50, attention", "50 of 50, RepeatVector and positions"),
)


def build_model(variant):
    """The tutorial's encoder-decoder; what attention fetches goes to its last layer."""
    from extensions.tools.positions import AddPositions

    layers, units, n_unique = keras.layers, variant.units, variant.n_unique
    n_steps = variant.n_out + variant.zeros
    sequence = keras.Input((variant.n_in,), dtype="int32")
    # one-hot: (samples, n_in, n_unique)
    read = layers.Embedding(n_unique, n_unique, "identity", trainable=False)(sequence)
    only_positions = variant.positions and not variant.attention
    if only_positions:
        read = AddPositions()(read)
    encoded = layers.LSTM(units, return_sequences=True)(read)  # (samples, n_in, units)
    if variant.attention == "additive":
        answer = decode_additively(encoded, n_steps, units, n_unique)
    else:
        repeated = layers.RepeatVector(n_steps)(encoded[:, -1])
        if only_positions:
            repeated = AddPositions()(repeated)
        decoded = layers.LSTM(units, return_sequences=True)(repeated)
        if variant.attention:
            queries, keys = decoded, encoded
            if variant.positions:
                queries, keys = AddPositions()(decoded), AddPositions()(encoded)
            fetched = layers.Attention(use_scale=True)([queries, encoded, keys])
            decoded = layers.Concatenate()([decoded, fetched])  # twice the units
        # (samples, n_steps, n_unique)
        answer = layers.Dense(n_unique, activation="softmax")(decoded)
    model = keras.Model(sequence, answer)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def decode_additively(encoded, n_steps, units, n_unique):
    """What a decoder with additive attention writes: (samples, n_steps, n_unique)."""
    layers, ops = keras.layers, keras.ops
    start = layers.Dense(units, activation="tanh")
    query, key, score = layers.Dense(units), layers.Dense(units), layers.Dense(1)
    cell, output = layers.GRUCell(units), layers.Dense(n_unique, activation="softmax")
    # (samples, n_in, units) and, from the first encoder state, (samples, units)
    keys, state = key(encoded), start(encoded[:, 0])
    written, steps = ops.zeros((1, n_unique)) * encoded[:, 0, :1], []  # nothing yet
    for _ in range(n_steps):
        scores = score(ops.tanh(keys + query(state)[:, None]))  # (samples, n_in, 1)
        context = ops.sum(ops.softmax(scores, axis=1) * encoded, axis=1)
        state, _ = cell(ops.concatenate([written, context], axis=-1), [state])
        written = output(ops.concatenate([state, context], axis=-1))
        steps.append(written)
    return ops.stack(steps, axis=1)


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on sequences never drawn."""
    test_set = draw_distinct(N_TEST, partial(variant.draw, Random("test set")), same=tuple)
    held_out, rng = {*test_set}, Random(seed)
    n_new = variant.n_batches * variant.batch_size

    def new_data():
        X = np.array(draw_around(held_out, n_new, partial(variant.draw, rng), same=tuple))
        return X, variant.echo(X)

    keras.utils.set_random_seed(seed)
    model = build_model(variant)
    epochs = settings.epochs * variant.times
    history = train(model, new_data, epochs, variant.batch_size)
    X = np.array(test_set)
    expected, predicted = variant.echo(X), predict(model, X).argmax(axis=-1)
    return Run(model, history, score_echoes(expected, predicted))


TESTED_ON = f"{N_TEST} new sequences"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

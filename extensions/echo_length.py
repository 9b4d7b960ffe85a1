"""Trained on sequences of up to 50 integers, does it echo those of 100, 200 and 1,000?

Tutorial B's extension "echo longer", and a reader's wish: to reverse arbitrarily long
strings. Attention goes by place here. Each place has a code, a learned vector. By the code
of the place where an integer of the answer is to come from attention fetches what the
encoder's LSTM gave there, and a second LSTM reads it. In training a random offset moves the
places, so that every code occurs. The other variants train on shorter sequences, or change
one thing: places not moved, codes as small as Keras starts embeddings, no LSTM. For
comparison, three LSTMs, one upon the other, read a sequence and then give it back.

    python -m extensions.echo_length --runs 5 --map attention.png
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.settings import BaseSettings
from common.training import predict, train
import echo_partial
from extensions.tools.heldout import draw_around, draw_distinct
from extensions.tools.scoring import attention_weights, score_tests, showing

LENGTHS = (5, 10, 20, 50, 100, 200, 1000)  # tested on
N_TEST = 500  # sequences of each length
EMPTY = echo_partial.Settings().n_unique  # the symbol that fills up shorter sequences
N_PLACES = 1100  # that have codes
N_FEATURES = 64  # of codes and integers, and units of each LSTM
BATCH_SIZE = 64  # new sequences, of any length
N_BATCHES = 2500  # per epoch, divided by the longest: as many integers in all
LEARNING_RATE = 0.002  # falls to 0 along a cosine
SHOWN = "places, reversed"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 20  # training epochs of each variant


@dataclass(frozen=True)
class Variant:
    longest: int = 50  # the longest sequence trained on
    reverse: bool = False  # the answer
    moved: bool = True  # whether training moves the places by a random offset
    spread: float = 1.0  # the codes' standard deviation at first
    lstm: bool = True  # whether there are LSTMs around the attention
    stacked: int = 0  # this many LSTMs instead, which know no places


VARIANTS = {
    "three LSTMs, up to 50": Variant(stacked=3),
    "three LSTMs, up to 10": Variant(longest=10, stacked=3),
    "places, up to 50": Variant(),
    SHOWN: Variant(reverse=True),
    **{f"places, up to {n}": Variant(longest=n) for n in (20, 10, 5)},
    "places, not moved": Variant(moved=False),
    "places, not moved, small codes": Variant(moved=False, spread=0.03),
    "places, no LSTM": Variant(lstm=False),
}
COMPARES = (
    ("places, up to 10", "three LSTMs, up to 10", "10 integers"),
    ("places, not moved", "places, not moved, small codes", "50 integers"),
    ("places, up to 50", "places, no LSTM", "1000 integers"),
)


def build_model(variant, n_updates):
    """A model for sequences of any length, with attention by place or LSTMs alone."""
    layers, inputs = keras.layers, keras.Input((None,), dtype="int32")
    states = layers.Embedding(EMPTY + 1, N_FEATURES)(inputs)
    for _ in range(variant.stacked):  # they read a sequence, then answer at empty steps
        states = layers.LSTM(N_FEATURES, return_sequences=True)(states)
    if not variant.stacked:
        places = keras.Input((None,), dtype="int32")  # the place of each integer
        places_from = keras.Input((None,), dtype="int32")  # where the answer's come from
        inputs = [inputs, places, places_from]
        start = keras.initializers.RandomNormal(stddev=variant.spread)
        code = layers.Embedding(N_PLACES, N_FEATURES, start)
        if variant.lstm:
            states = layers.LSTM(N_FEATURES, return_sequences=True)(states)
        states, _ = layers.Attention(use_scale=True, name="attention")(
            [code(places_from), states, code(places)],  # queries, values, keys
            return_attention_scores=True,
        )
        if variant.lstm:
            states = layers.LSTM(N_FEATURES, return_sequences=True)(states)
    # a probability per integer, and for none, at each step: (samples, steps, 101)
    answer = layers.Dense(EMPTY + 1, activation="softmax")(states)
    model = keras.Model(inputs, answer)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_updates)
    adam = keras.optimizers.Adam(rate)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def draw(rng, lengths):
    return [tuple(rng.choices(range(EMPTY), k=length)) for length in lengths]


def encode(variant, sequences, width, offsets=0):
    """What a model reads, and the answers, each filled up to `width` or twice that.

    `sequences`: tuples of integers; `offsets`, one for each sequence, move the places.
    """
    places, lengths = np.arange(width), np.array([[len(s)] for s in sequences])
    there = places < lengths  # (samples, width)
    X = np.full(there.shape, EMPTY)
    X[there] = np.concatenate(sequences)
    backwards = there & variant.reverse
    places_from = np.where(backwards, lengths - 1 - places, places)
    y = np.take_along_axis(X, places_from, axis=1)
    if variant.stacked:  # the sequence stands right before its answer
        before = np.take_along_axis(X, (places + lengths) % width, axis=1)
        empty = np.full_like(X, EMPTY)
        return np.hstack([before, empty]), np.hstack([empty, y])
    offsets = np.broadcast_to(offsets, len(X))[:, np.newaxis]
    return (X, offsets + places, offsets + places_from), y


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on longer and longer sequences."""
    test_rng, rng, longest = Random("test set"), Random(seed), variant.longest
    tests = {
        f"{n} integers": draw_distinct(
            N_TEST, lambda size: draw(test_rng, [n] * size), same=tuple
        )
        for n in LENGTHS
    }
    held_out = {sequence for test_set in tests.values() for sequence in test_set}
    n_batches = N_BATCHES // longest

    def any_length(n):
        return draw(rng, (rng.randint(1, longest) for _ in range(n)))

    def new_data():
        new = draw_around(held_out, n_batches * BATCH_SIZE, any_length, same=tuple)
        n_offsets = N_PLACES - longest + 1 if variant.moved else 1
        X, y = encode(variant, new, longest, [rng.randrange(n_offsets) for _ in new])
        # plain LSTMs learn nothing if the empty steps count as well
        return (X, y, y != EMPTY) if variant.stacked else (X, y)

    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.epochs * n_batches)
    history = train(model, new_data, settings.epochs, BATCH_SIZE)

    def ask(sequences):
        n = len(sequences[0])
        width = max(n, longest)  # as in training, or longer
        X, _ = encode(variant, sequences, width)
        outputs = predict(model, X, batch_size=50).argmax(axis=-1)
        # without what comes before an answer, and what fills it up
        return [*map(tuple, outputs[:, -width:][:, :n].tolist())]

    def right(sequences):
        return [s[::-1] if variant.reverse else s for s in sequences]

    def texts(sequences):
        return [" ".join(map(str, sequence)) for sequence in sequences]

    scores, wrong = score_tests(tests, ask, right, texts)
    shown = None
    if variant.reverse:
        X, y = encode(variant, draw(Random(0), [50]), 50)
        weights, title = attention_weights(model, X)[0], "A sequence of 50, reversed"
        shown = wrong, weights, X[0][0], y[0], title
    return Run(model, history, scores, shown)


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} sequences of each length",
    compares=COMPARES,
    show=showing(SHOWN),
    map="where the attention looks in one sequence",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

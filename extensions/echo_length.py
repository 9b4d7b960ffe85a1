"""Trained on sequences of up to 50 integers: are those of 100, 200 and 1,000 echoed?

Tutorial B, extension "echo longer", and a reader's wish: to reverse arbitrarily long
strings. In the network here attention goes by place. A place has a code, a learned
vector; the code of an integer's place in the answer fetches what the encoder's LSTM gave
at the place it is to come from: the same one, or for reversing the one as far from the
end. A second LSTM reads what was fetched. In training the places are moved by a random
offset, so that every code occurs. Then the answer reversed, shorter sequences to train
on, and one thing at a time changed: places not moved, codes as small as Keras starts
embeddings, no LSTM at all. Beside it, trained on the same sequences, three LSTMs, one
upon the other, that read a sequence and then give it back.

    python extensions/echo_length.py --runs 3 --plot length.png --map attention.png

About 5 minutes for one seed.
"""

import random
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.engine import kept
from common.heldout import draw_around, draw_distinct
from common.plots import attention_weights, plot_attention, plot_scores
from common.scores import learned_up_to, print_wrong, share_equal
from common.settings import BaseSettings
from common.training import predict, train_from_seed

LENGTHS = (5, 10, 20, 50, 100, 200, 1000)  # tested on
N_TEST = 500  # sequences of each length
N_UNIQUE = 100
EMPTY = N_UNIQUE  # the symbol that fills up shorter sequences
N_PLACES = 1100  # that have codes
N_FEATURES = {"code": 64, "integer": 64}
N_UNITS = 64  # of each LSTM
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
    step: int = 1  # -1: the answer is reversed
    moved: bool = True  # whether the places are
    spread: float = 1.0  # the codes' standard deviation at first
    lstm: bool = True  # whether there are LSTMs around the attention
    stacked: int = 0  # so many LSTMs instead, which know no places


VARIANTS = {
    "three LSTMs, up to 50": Variant(stacked=3),
    "three LSTMs, up to 10": Variant(longest=10, stacked=3),
    "places, up to 50": Variant(),
    SHOWN: Variant(step=-1),
    **{f"places, up to {n}": Variant(longest=n) for n in (20, 10, 5)},
    "places, not moved": Variant(moved=False),
    "places, not moved, small codes": Variant(moved=False, spread=0.03),
    "places, no LSTM": Variant(lstm=False),
}


@kept
def build_model(variant, n_updates):
    """A model for sequences of any length, with attention by place or LSTMs alone."""
    layers, inputs = keras.layers, keras.Input((None,), dtype="int32")
    states = layers.Embedding(N_UNIQUE + 1, N_FEATURES["integer"])(inputs)
    # it reads a sequence, then as many empty steps, in which it answers
    for _ in range(variant.stacked):
        states = layers.LSTM(N_UNITS, return_sequences=True)(states)
    if not variant.stacked:
        places = keras.Input((None,), dtype="int32")  # the place of each integer
        places_from = keras.Input((None,), dtype="int32")  # where the answer's come from
        inputs = [inputs, places, places_from]
        start = keras.initializers.RandomNormal(stddev=variant.spread)
        code = layers.Embedding(N_PLACES, N_FEATURES["code"], start)
        if variant.lstm:
            states = layers.LSTM(N_UNITS, return_sequences=True)(states)
        states, _ = layers.Attention(use_scale=True, name="attention")(
            [code(places_from), states, code(places)],  # queries, values, keys
            return_attention_scores=True,
        )
        if variant.lstm:
            states = layers.LSTM(N_UNITS, return_sequences=True)(states)
    # a probability per integer, and for none, at each step: (samples, steps, 101)
    answer = layers.Dense(N_UNIQUE + 1, activation="softmax")(states)
    model = keras.Model(inputs, answer)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_updates)
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def encode(variant, sequences, width, offsets=0):
    """What a model reads, and the answers, each filled up to `width` or twice that.

    `sequences`: tuples of integers; `offsets`, one for each sequence, move the places.
    """
    n = len(sequences)
    X, y = np.full((n, width), EMPTY), np.full((n, width), EMPTY)
    places_from = np.tile(np.arange(width), (n, 1))
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        X[row, :length], y[row, :length] = sequence, sequence[:: variant.step]
        places_from[row, :length] = np.arange(length)[:: variant.step]
    if variant.stacked:  # the sequence stands right before its answer
        empty = np.full((n, width), EMPTY)
        before = np.array([np.roll(row, width - len(s)) for row, s in zip(X, sequences)])
        return np.concatenate([before, empty], axis=1), np.concatenate([empty, y], axis=1)
    offsets = np.broadcast_to(offsets, n)[:, np.newaxis]
    return (X, offsets + np.arange(width), offsets + places_from), y


def draw(length, rng):
    return tuple(rng.choices(range(N_UNIQUE), k=length))


def test_sequences(length, rng):
    """Different sequences of one length."""
    return draw_distinct(N_TEST, lambda n: [draw(length, rng) for _ in range(n)], tuple)


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on longer and longer sequences."""
    test_rng = random.Random("test set")
    tests = {length: test_sequences(length, test_rng) for length in LENGTHS}
    held_out = {sequence for test_set in tests.values() for sequence in test_set}
    n_batches = N_BATCHES // variant.longest
    # what only changes the data leaves the model as it is
    shaped = replace(variant, step=1, moved=False)
    model = build_model(shaped, settings.epochs * n_batches)

    def epoch_data(rng):
        def any_length(n):
            return [draw(rng.randint(1, variant.longest), rng) for _ in range(n)]

        new = draw_around(held_out, n_batches * BATCH_SIZE, any_length, same=tuple)
        n_offsets = N_PLACES - variant.longest + 1 if variant.moved else 1
        offsets = [rng.randrange(n_offsets) for _ in new]
        X, y = encode(variant, new, variant.longest, offsets)
        # plain LSTMs learn nothing if the empty steps count, too
        return (X, y, y != EMPTY) if variant.stacked else (X, y)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    scores, wrong = {}, None
    for n, test_set in tests.items():
        width = max(n, variant.longest)  # as in training, or longer
        X, y = encode(variant, test_set, width)
        predicted = predict(model, X, batch_size=50).argmax(axis=-1)
        answers = [steps[:, -width:][:, :n] for steps in (y, predicted)]
        scores[f"{n} integers"] = share_equal(*answers)
        if float(scores[f"{n} integers"]) < 1 and not wrong:
            wrong = f"{n} integers", [" ".join(map(str, s)) for s in test_set], *answers
    shown = None
    if variant == VARIANTS[SHOWN]:
        X, y = encode(variant, [draw(50, random.Random(0))], 50)
        shown = wrong, X[0][0], y[0], attention_weights(model, X)[0]
    return Run(model, history, scores, shown)


def show(shown, args):
    """Wrong answers of the first test that has any; where the attention looks."""
    wrong, sequence, answer, weights = shown
    if wrong:
        print_wrong(f"{SHOWN}, seed {args.seed}, {wrong[0]}", *wrong[1:])
    if args.map:
        plot_attention(args.map, weights, sequence, answer, "A sequence of 50, reversed")


def plot(path, results, settings):
    title = "Longer sequences than those trained on, echoed"
    lines = results.curves(LENGTHS, "{} integers")
    plot_scores(path, lines, "integers", "exact match", title, xscale="log")


def finding(results, settings):
    lines = results.curves(LENGTHS, "{} integers").items()
    learned = (f"{name}: {learned_up_to(0.99, line)}" for name, line in lines)
    print(f"Finding: 99 % in every seed, up to so many integers: {'; '.join(learned)}.")


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} sequences of each length",
    finding=finding,
    plot=("exact match against the length of the sequence", plot),
    show=(SHOWN, show),
    map="where the attention looks in one sequence",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

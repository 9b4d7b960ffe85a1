"""Can a network find for itself where each integer of an echo stands, among 1,000?

Beyond tutorial B, whose network knows windows of one length. In `echo_length.py` the
network is told the place that each integer comes from. Here it reads one stream, of up
to 20 integers between a symbol for the beginning and one for the end, and no place is
told, and no length; the answer ends with a symbol of its own, and is right only if it
ends where it should. The pointers are those of `addition_pointer.py`, but they move by
-2 to 2 symbols: which of these a task needs is for them to find out. The tasks: the
whole sequence, as it is and reversed; the tutorial's own, the first two; and every second
one, from the first.

    python extensions/echo_pointer.py --runs 10 --seed 11 --plot plot.png
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
from common.heldout import draw_around, draw_distinct
from common.plots import plot_scores
from common.scores import share_equal
from common.settings import BaseSettings
from common.streams import read_answers, write_answers
from common.training import predict, train_from_seed
from extensions.addition_pointer import compiled

LENGTHS = (20, 40, 100, 300, 1000)  # integers tested on
N_TEST = 1000  # sequences of each length
LONGEST = 20  # integers in training
N_UNIQUE = 100
BEGIN, END, FILLING = N_UNIQUE, N_UNIQUE + 1, N_UNIQUE + 2
BATCH_SIZE = 128
N_BATCHES = 100  # per epoch
SHIFTS = (-2, -1, 0, 1, 2)
N_HEADS, N_UNITS, N_FEATURES, N_HIDDEN = 8, 32, 16, 64


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 40  # training epochs of each variant, 12,800 sequences in each


VARIANTS = {
    "whole": lambda sequence: sequence,
    "reversed": lambda sequence: sequence[::-1],
    "first two": lambda sequence: sequence[:2],
    "every second": lambda sequence: sequence[::2],
}


def network(steps=None, n_batches=1):
    """The model, not compiled: it writes so many symbols, or as many as the stream has."""
    from common.layers import PointerModel, Pointers

    stream = keras.Input((None,), dtype="int32")  # (samples, timesteps)
    start = keras.initializers.RandomNormal(stddev=1)  # far apart from the start
    embedded = keras.layers.Embedding(FILLING + 1, N_FEATURES, start)(stream)
    pointers = Pointers(
        N_UNITS,
        N_HEADS,
        SHIFTS,
        steps,
        factor=8.0,
        growing=(0.35 * n_batches, 0.75 * n_batches),
        noise=3.0,
    )
    # what the LSTM says and the pointers stand on, at each step: (samples, steps, 160)
    read = pointers(embedded, stream != FILLING)
    hidden = keras.layers.Dense(N_HIDDEN, activation="relu")(read)
    # a probability for each integer, and for the end: (samples, steps, 102)
    answer = keras.layers.Dense(END + 1, activation="softmax")(hidden)
    return PointerModel(stream, answer)


@kept
def build_model(n_batches):
    return compiled(network(LONGEST + 1, n_batches), n_batches)


def encode(sequences, timesteps=None):
    """The streams of sequences of any lengths, (n, timesteps)."""
    streams = [(BEGIN, *sequence, END) for sequence in sequences]
    X = np.full((len(streams), timesteps or max(map(len, streams))), FILLING)
    for row, stream in zip(X, streams):
        row[: len(stream)] = stream
    return X


def draw(length, rng):
    return tuple(rng.choices(range(N_UNIQUE), k=length))


def run(settings, wanted, seed):
    """Train on one task with one seed, and score it on longer and longer sequences."""
    test_rng = random.Random("test set")
    tests = {
        n: draw_distinct(N_TEST, lambda m: [draw(n, test_rng) for _ in range(m)], tuple)
        for n in LENGTHS
    }
    held_out = {sequence for test_set in tests.values() for sequence in test_set}
    model = build_model(settings.epochs * N_BATCHES)

    def epoch_data(rng):
        def any_length(n):
            return [draw(rng.randint(1, LONGEST), rng) for _ in range(n)]

        new = draw_around(held_out, N_BATCHES * BATCH_SIZE, any_length, tuple)
        y, counts = write_answers([*map(wanted, new)], LONGEST + 1, END)
        return encode(new, LONGEST + 2), y, counts

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    asked = network()
    asked.set_weights(model.get_weights())
    scores = {}
    for n, test_set in tests.items():
        outputs = predict(asked, encode(test_set), batch_size=50)
        answers = read_answers(outputs.argmax(axis=-1), END)
        right = [wanted(s) == answer for s, answer in zip(test_set, answers)]
        scores[f"{n} integers"] = share_equal([True] * len(right), right)
    n_weights = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return Run(n_weights, history, scores)


def plot(path, results, settings):
    lines = {
        variant: {n: results.values(variant, f"{n} integers") for n in LENGTHS}
        for variant in results.variants
    }
    title = "Longer sequences than those trained on, nothing told"
    plot_scores(path, lines, "integers", "exact match", title, xscale="log")


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} sequences of each length",
    compares=[("whole", task, "1000 integers") for task in [*VARIANTS][1:]],
    plot=("exact match against the length of the sequence", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Does the tutorial's model learn other operations as well as it learns sums?

Tutorial A, "Extensions": varying operations; and a reader's question about squares,
which the author expects to work about as well, as characters. The same encoder-decoder
is trained on +, - and * alone, on squares alone, and on mixes of them, at equal budget.
Answers may be negative. No pair of numbers in the test set is drawn in training, in
either order and with any operation (for squares, no number); "Seen" is the exact match
on the first 3,200 questions of training.

    python extensions/addition_operations.py --runs 3

About 3 minutes for one seed, 9 for three.
"""

import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.characters import invert
from common.checks import check_size
from common.comparisons import Comparison, Run
from common.engine import kept
from common.expressions import (
    SYMBOLS,
    encode_expressions,
    expression_length,
    random_expression,
    value_length,
)
from common.heldout import draw_around, draw_distinct, n_unordered, unordered
from common.scores import EXACT, Share, share_equal_by_kind, together
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import initialize, predict, train

N_EXAMPLES = 3200  # new ones every epoch
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # questions of each operation, where a tenth of all is as many
NAMES = {"+": "Sums", "-": "Differences", "*": "Products", "²": "Squares"}
SEEN = "Seen"
VARIANTS = {f"{name.lower()} alone": operation for operation, name in NAMES.items()}
VARIANTS.update({"+, - and *": "+-*", "all four": "+-*²"})


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 150  # training epochs of each variant
    largest: int = 99  # largest number
    units: int = 100  # units of encoder and decoder

    def check(self):
        check_size("largest", self.largest, at_least=5)


def pair(question):
    """The two numbers of a question, in whatever order; of a square, the number twice."""
    numbers = [token for token in question if isinstance(token, int)]
    return min(numbers), max(numbers)


def test_questions(largest):
    """The pairs held out, and a list of questions about them for every operation."""
    rng = random.Random("test set")
    pairs = draw_distinct(
        min(N_TEST, math.ceil(n_unordered(2, largest) / 10)),
        lambda n: random_sum_pairs(n, 2, largest, rng=rng)[0],
    )
    pairs += [[a, a] for a in rng.sample(range(1, largest + 1), math.ceil(largest / 10))]
    held_out = {unordered(pair) for pair in pairs}
    questions = {operation: [(a, operation, b) for a, b in pairs] for operation in "+-*"}
    questions["²"] = [(a, "²") for a, b in sorted(held_out) if a == b]
    return held_out, questions


def draw(operations, held_out, largest, rng):
    """The questions of an epoch."""

    def questions(n):
        return [random_expression(operations, largest, rng=rng) for _ in range(n)]

    return draw_around(held_out, N_EXAMPLES, questions, same=pair)


def encode(questions, operations, largest):
    n_in = expression_length(operations, largest)
    return encode_expressions(questions, n_in, value_length(operations, largest))


@kept
def build_model(n_in, n_out, units):
    """The tutorial's encoder-decoder, for the characters of expressions."""
    unroll = n_in <= 20  # a short recurrence trains faster as a row of single steps
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(SYMBOLS))))  # (samples, 5 characters, 17 symbols)
    model.add(keras.layers.LSTM(units, unroll=unroll))  # (samples, 100)
    model.add(keras.layers.RepeatVector(n_out))  # (samples, 4, 100)
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=unroll))
    model.add(keras.layers.Dense(len(SYMBOLS), activation="softmax"))  # (samples, 4, 17)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def score(model, asked, operations, largest):
    """Exact match over all operations, of each, and of what was seen in training."""
    X, y = encode(sum(asked.values(), []), operations, largest)
    answers = [[invert(a, SYMBOLS) for a in side] for side in (y, predict(model, X))]
    shares = share_equal_by_kind(asked, *answers)
    unseen = together(shares[operation] for operation in operations)
    named = {name: shares.get(kind, Share(0, 0)) for kind, name in NAMES.items()}
    return {EXACT: unseen, **named, SEEN: shares[SEEN]}


def run(settings, operations, seed):
    """Train on some operations with one seed, and score it on the pairs never drawn."""
    largest = settings.largest
    held_out, questions = test_questions(largest)
    asked = {operation: questions[operation] for operation in operations}
    asked[SEEN] = draw(operations, held_out, largest, random.Random(seed))
    lengths = expression_length(operations, largest), value_length(operations, largest)
    model = build_model(*lengths, settings.units)
    initialize(model, seed)
    rng = random.Random(seed)

    def epoch_data():
        drawn = draw(operations, held_out, largest, rng)
        return encode(drawn, operations, largest)

    history = train(model, epoch_data, settings.epochs, BATCH_SIZE)
    return Run(model, history, score(model, asked, operations, largest))


def tested_on(settings):
    held_out, _ = test_questions(settings.largest)
    return f"questions about {len(held_out)} pairs never drawn in training"


def finding(results, settings):
    figures = [
        f"{name.lower()} {results.mean(f'{name.lower()} alone', name):.1%} alone and"
        f" {results.mean('all four', name):.1%} in one model with all four"
        for name in NAMES.values()
    ]
    print(
        f"Finding: exact match on what was never seen: {'; '.join(figures)}"
        f" (squares seen in training: {results.mean('squares alone', SEEN):.1%})."
    )


experiment = Comparison(
    __file__, __doc__, Settings, VARIANTS, run, tested_on, finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

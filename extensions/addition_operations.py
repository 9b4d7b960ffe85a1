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
from common.checks import check_size
from common.comparisons import Comparison, Run
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
from common.training import predict, train_from_seed
from extensions.addition_digits import BATCH_SIZE, N_EXAMPLES, build_model, n_test, pairs

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
    asked = draw_distinct(n_test(n_unordered(2, largest)), pairs(largest, rng))
    asked += [[a, a] for a in rng.sample(range(1, largest + 1), math.ceil(largest / 10))]
    held_out = {unordered(pair) for pair in asked}
    questions = {operation: [(a, operation, b) for a, b in asked] for operation in "+-*"}
    questions["²"] = [(a, "²") for a, b in sorted(held_out) if a == b]
    return held_out, questions


def draw(operations, held_out, largest, rng):
    """The questions of an epoch."""

    def questions(n):
        return [random_expression(operations, largest, rng=rng) for _ in range(n)]

    return draw_around(held_out, N_EXAMPLES, questions, same=pair)


def run(settings, operations, seed):
    """Train on some operations with one seed, and score it on the pairs never drawn."""
    largest = settings.largest
    held_out, questions = test_questions(largest)
    asked = {operation: questions[operation] for operation in operations}
    asked[SEEN] = draw(operations, held_out, largest, random.Random(seed))
    lengths = expression_length(operations, largest), value_length(operations, largest)
    model = build_model(*lengths, settings.units, len(SYMBOLS))

    def epoch_data(rng):
        return encode_expressions(draw(operations, held_out, largest, rng), *lengths)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    X, y = encode_expressions(sum(asked.values(), []), *lengths)
    answers = y.argmax(axis=-1), predict(model, X).argmax(axis=-1)
    shares = share_equal_by_kind(asked, *answers)
    scores = {EXACT: together(shares[operation] for operation in operations)}
    scores |= {name: shares.get(kind, Share(0, 0)) for kind, name in NAMES.items()}
    return Run(model, history, {**scores, SEEN: shares[SEEN]})


def tested_on(settings):
    held_out, _ = test_questions(settings.largest)
    return f"questions about {len(held_out)} pairs never drawn in training"


def finding(results, settings):
    for name in NAMES.values():
        alone, mixed = f"{name.lower()} alone", "all four"
        print(
            f"Finding: {name.lower()} never seen: {results.mean(alone, name):.1%} alone, "
            f"{results.mean(mixed, name):.1%} in one model with all four."
        )


experiment = Comparison(
    __file__, __doc__, Settings, VARIANTS, run, tested_on, finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

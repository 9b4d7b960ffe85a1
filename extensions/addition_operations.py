"""Can the model also subtract, multiply, divide and square?

Tutorial A, "Extensions": varying operations; and readers' questions about division and
squares. One encoder-decoder is trained on +, -, *, / (whole numbers: 7/2 is 3) or squares
alone, and on mixes of them, on the same budget; one mix also with three times the epochs,
so that each operation gets as many examples as alone. Answers may be negative. No pair of
numbers in the test set is drawn in training, in either order and with any operation (for
squares, no number). "Seen" is the exact match on training's first 3,200 questions.

    python -m extensions.addition_operations --runs 10
"""

import math
from dataclasses import dataclass
from random import Random

from common.backend import keras
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Share
from common.settings import BaseSettings
from common.training import predict, train
from extensions.addition_digits import BATCH_SIZE, LEARNING_RATE, N_EXAMPLES, n_test
from extensions.tools.expressions import (
    alphabet,
    encode_expressions,
    expression_length,
    random_expression,
    value_length,
)
from extensions.tools.heldout import (
    draw_around,
    draw_distinct,
    drawing,
    n_unordered,
    unordered,
)
from extensions.tools.scoring import pooled, share_equal_by_kind

NAMES = {
    "+": "Sums",
    "-": "Differences",
    "*": "Products",
    "²": "Squares",
    "/": "Quotients",
}
SEEN = "Seen"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 150  # training epochs of each variant
    largest: int = 99  # largest number
    units: int = 100  # units of encoder and decoder

    def check(self):
        check_size("largest", self.largest, at_least=5)


@dataclass(frozen=True)
class Variant:
    operations: str  # each drawn as often
    budgets: int = 1  # how many times the epochs


LONGER = "+, - and *, three times the epochs"
VARIANTS = {f"{name.lower()} alone": Variant(kind) for kind, name in NAMES.items()}
VARIANTS |= {
    "+, - and *": Variant("+-*"),
    LONGER: Variant("+-*", budgets=3),
    "all four": Variant("+-*²"),
}


def pair(question):
    """The two numbers of a question, in whatever order; of a square, the number twice."""
    numbers = [token for token in question if isinstance(token, int)]
    return min(numbers), max(numbers)


def test_questions(largest):
    """The pairs held out, and a list of questions about them for every operation."""
    rng = Random("test set")
    asked = draw_distinct(n_test(n_unordered(2, largest)), drawing(2, largest, rng))
    asked += [[a, a] for a in rng.sample(range(1, largest + 1), math.ceil(largest / 10))]
    held_out = {unordered(pair) for pair in asked}
    questions = {operation: [(a, operation, b) for a, b in asked] for operation in "+-*/"}
    questions["²"] = [(a, "²") for a, b in sorted(held_out) if a == b]
    return held_out, questions


def draw(operations, held_out, largest, rng):
    """The questions of an epoch."""

    def questions(n):
        return [random_expression(operations, largest, rng=rng) for _ in range(n)]

    return draw_around(held_out, N_EXAMPLES, questions, same=pair)


def build_model(n_in, n_out, units, n_symbols):
    """The tutorial's encoder-decoder for other texts, with as many units in both LSTMs."""
    model = keras.Sequential()
    model.add(keras.Input((n_in, n_symbols)))  # (samples, characters, symbols)
    model.add(keras.layers.LSTM(units))  # (samples, units)
    model.add(keras.layers.RepeatVector(n_out))  # (samples, n_out, units)
    model.add(keras.layers.LSTM(units, return_sequences=True))
    # a probability per symbol, at each step of the answer: (samples, n_out, symbols)
    model.add(keras.layers.Dense(n_symbols, activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def run(settings, seed, variant, train=train):
    """Train on some operations with one seed, and score it on the pairs never drawn."""
    operations, largest = variant.operations, settings.largest
    held_out, questions = test_questions(largest)
    asked = {operation: questions[operation] for operation in operations}
    asked[SEEN] = draw(operations, held_out, largest, Random(seed))
    lengths = expression_length(operations, largest), value_length(operations, largest)
    symbols, rng = alphabet(operations), Random(seed)

    def encode(questions):
        return encode_expressions(questions, *lengths, symbols)

    def new_data():
        return encode(draw(operations, held_out, largest, rng))

    keras.utils.set_random_seed(seed)
    model = build_model(*lengths, settings.units, len(symbols))
    history = train(model, new_data, settings.epochs * variant.budgets, BATCH_SIZE)
    X, y = encode(sum(asked.values(), []))
    answers = y.argmax(axis=-1), predict(model, X).argmax(axis=-1)
    shares = share_equal_by_kind(asked, *answers)
    scores = {EXACT: pooled(shares[operation] for operation in operations)}
    scores |= {name: shares.get(kind, Share(0, 0)) for kind, name in NAMES.items()}
    return Run(model, history, {**scores, SEEN: shares[SEEN]})


def tested_on(settings):
    held_out, _ = test_questions(settings.largest)
    return f"questions about {len(held_out)} pairs never drawn in training"


COMPARED = [(LONGER, "products alone", "Products")]  # in a mix, and alone
experiment = Comparison(__doc__, Settings, VARIANTS, run, tested_on, compares=COMPARED)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

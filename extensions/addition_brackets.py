"""Can the tutorial's model learn brackets? "(3-7)*2" is -8, "3-(7*2)" is -11.

Tutorial A, "Extensions": brackets. The encoder-decoder reads expressions whose brackets
are nested up to --depth deep, all depths mixed, and writes their values, which may be
negative: once with + and -, once with + and -, and *, at equal budget. Two operands stand
on every level; with --operands 3, what comes first is a matter of precedence too, as in
"3-7*2". No test expression is drawn in training, nor one with the same operands in
another order.

    python extensions/addition_brackets.py --runs 3

About 2 minutes for one seed, 6 for three.
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
from common.scores import EXACT, share_equal_by_kind, together
from common.settings import BaseSettings
from common.training import initialize, predict, train

N_EXAMPLES = 3200  # new ones every epoch
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # expressions of each depth, where a tenth of all is as many
VARIANTS = {"+ and -": "+-", "+, - and *": "+-*"}


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 100  # training epochs of each variant
    depth: int = 2  # how deep brackets are nested
    largest: int = 9  # largest number
    operands: int = 2  # operands on every level of brackets
    units: int = 128  # units of encoder and decoder

    def check(self):
        check_size("depth", self.depth, at_most=10)
        check_size("largest", self.largest, at_least=5)
        check_size("operands", self.operands, at_least=2, at_most=4)


def draw(operations, depth, settings, rng):
    sizes = {"n_operands": settings.operands, "depth": depth}
    return random_expression(operations, settings.largest, **sizes, rng=rng)


def test_expressions(operations, settings):
    """A list of expressions for every depth, by its name: a tenth of those there are."""
    rng, expressions = random.Random("test set"), {}
    largest, operands = settings.largest, settings.operands
    # different ones, whatever the order: of operands, and of operations between them
    of_operations = n_unordered(operands - 1, len(operations))
    possible = n_unordered(operands, largest) * of_operations
    for depth in range(settings.depth + 1):
        expressions[f"Depth {depth}"] = draw_distinct(
            min(N_TEST, math.ceil(possible / 10)),
            lambda n: [draw(operations, depth, settings, rng) for _ in range(n)],
        )
        possible *= n_unordered(operands - 1, largest) * of_operations
    return expressions


def encode(expressions, operations, settings):
    sizes = {"n_operands": settings.operands, "depth": settings.depth}
    n_in = expression_length(operations, settings.largest, **sizes)
    n_out = value_length(operations, settings.largest, **sizes)
    return encode_expressions(expressions, n_in, n_out)


@kept
def build_model(n_in, n_out, units):
    """The tutorial's encoder-decoder, for the characters of expressions."""
    unroll = n_in <= 20  # a short recurrence trains faster as a row of single steps
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(SYMBOLS))))  # (samples, 11 characters, 17 symbols)
    model.add(keras.layers.LSTM(units, unroll=unroll))  # (samples, 128)
    model.add(keras.layers.RepeatVector(n_out))  # (samples, 3, 128)
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=unroll))
    model.add(keras.layers.Dense(len(SYMBOLS), activation="softmax"))  # (samples, 3, 17)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def run(settings, operations, seed):
    """Train one variant with one seed, and score it on expressions never drawn."""
    test_set = test_expressions(operations, settings)
    asked = sum(test_set.values(), [])
    held_out = {unordered(expression) for expression in asked}
    X, y = encode(asked, operations, settings)
    model = build_model(X.shape[1], y.shape[1], settings.units)
    initialize(model, seed)
    rng = random.Random(seed)

    def any_depth(n):
        return [
            draw(operations, rng.randint(0, settings.depth), settings, rng)
            for _ in range(n)
        ]

    def epoch_data():
        return encode(draw_around(held_out, N_EXAMPLES, any_depth), operations, settings)

    history = train(model, epoch_data, settings.epochs, BATCH_SIZE)
    answers = [[invert(a, SYMBOLS) for a in side] for side in (y, predict(model, X))]
    shares = share_equal_by_kind(test_set, *answers)
    return Run(model, history, {EXACT: together(shares.values()), **shares})


def finding(results, settings):
    found = []
    for variant in VARIANTS:
        means = [results.mean(variant, f"Depth {d}") for d in range(settings.depth + 1)]
        found.append(f"with {variant} {', '.join(f'{mean:.1%}' for mean in means)}")
    print(f"Finding: exact match at depth 0 to {settings.depth}: {'; '.join(found)}.")


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    VARIANTS,
    run,
    "expressions never drawn in training",
    finding=finding,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

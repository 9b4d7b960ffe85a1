"""Can the model handle brackets? "(3-7)*2" is -8, "3-(7*2)" is -11.

Tutorial A, "Extensions": brackets. The encoder-decoder reads expressions whose brackets
are nested up to --depth deep, all depths mixed, and writes their values: once with + and -,
once with * as well. Two operands stand on every level; with --operands 3 precedence
matters as well, as in "3-7*2". No test expression is drawn in training, nor one in which
operands on a level are swapped; the same numbers bracketed otherwise may be. As a control,
each depth gets as many different expressions as there are without brackets.

    python -m extensions.addition_brackets --runs 10
"""

import functools
from dataclasses import dataclass
from random import Random

from common.backend import keras
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT
from common.settings import BaseSettings
from common.training import predict, train
from extensions.addition_digits import BATCH_SIZE, N_EXAMPLES, n_test
from extensions.addition_operations import build_model
from extensions.tools.expressions import (
    SYMBOLS,
    encode_expressions,
    expression_length,
    random_expression,
    value_length,
)
from extensions.tools.heldout import (
    draw_around,
    draw_distinct,
    every_order,
    n_unordered,
    unordered,
)
from extensions.tools.scoring import pooled, share_equal_by_kind

OPERATIONS = {"+ and -": "+-", "+, - and *": "+-*"}
EQUALLY_MANY = ", equally many of each depth"


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


@dataclass(frozen=True)
class Variant:
    operations: str  # each drawn as often
    pools: bool = False  # trained on as many different expressions of each depth


VARIANTS = {
    f"{name}{which}": Variant(operations, pools=bool(which))
    for which in ("", EQUALLY_MANY)
    for name, operations in OPERATIONS.items()
}


def drawing(operations, settings, depth, rng):
    """A function that draws a number of expressions of that depth."""
    sizes = {"n_operands": settings.operands, "depth": depth, "rng": rng}
    return lambda n: [
        random_expression(operations, settings.largest, **sizes) for _ in range(n)
    ]


def test_expressions(operations, settings):
    """A list of expressions for every depth, by its name."""
    rng, expressions = Random("test set"), {}
    largest, operands = settings.largest, settings.operands
    # different ones, whatever the order: of operands, and of operations between them
    of_operations = n_unordered(operands - 1, len(operations))
    possible = n_unordered(operands, largest) * of_operations
    for depth in range(settings.depth + 1):
        expressions[f"Depth {depth}"] = draw_distinct(
            n_test(possible), drawing(operations, settings, depth, rng)
        )
        possible *= n_unordered(operands - 1, largest) * of_operations
    return expressions


def draw_pools(operations, settings, test_set, held_out, rng):
    """A list of different expressions to train on for every depth from 1 on.

    Each is as long as there are expressions without brackets that are not held out. Those
    are so few that training draws them all: they need no list.
    """
    n = settings.largest**settings.operands * len(operations) ** (settings.operands - 1)
    for expression in test_set["Depth 0"]:
        orders = [every_order([expression[::2]]), every_order([expression[1::2]])]
        n -= len(orders[0]) * len(orders[1])  # of the operands, and of the operations
    pools = {}
    for depth in range(1, settings.depth + 1):
        draw = drawing(operations, settings, depth, rng)
        allowed = functools.partial(draw_around, held_out, draw=draw)
        pools[depth] = draw_distinct(n, allowed, same=tuple)
    return pools


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on expressions never drawn."""
    operations = variant.operations
    test_set = test_expressions(operations, settings)
    asked = sum(test_set.values(), [])
    held_out = {unordered(expression) for expression in asked}
    sizes = operations, settings.largest
    levels = {"n_operands": settings.operands, "depth": settings.depth}
    lengths = expression_length(*sizes, **levels), value_length(*sizes, **levels)
    rng, pools = Random(seed), {}
    if variant.pools:
        of_pools = Random(f"pools {seed}")
        pools = draw_pools(operations, settings, test_set, held_out, of_pools)

    def new_data():
        def draw_one(depth):
            if depth in pools:
                return rng.choice(pools[depth])
            return drawing(operations, settings, depth, rng)(1)[0]

        def any_depth(n):
            return [draw_one(rng.randint(0, settings.depth)) for _ in range(n)]

        return encode_expressions(draw_around(held_out, N_EXAMPLES, any_depth), *lengths)

    keras.utils.set_random_seed(seed)
    model = build_model(*lengths, settings.units, len(SYMBOLS))
    history = train(model, new_data, settings.epochs, BATCH_SIZE)
    X, y = encode_expressions(asked, *lengths)
    answers = y.argmax(axis=-1), predict(model, X).argmax(axis=-1)
    shares = share_equal_by_kind(test_set, *answers)
    return Run(model, history, {EXACT: pooled(shares.values()), **shares})


def compares(settings):
    """Drawing freely against drawing from pools, at the deepest."""
    name = [*OPERATIONS][0]
    return [(name, f"{name}{EQUALLY_MANY}", f"Depth {settings.depth}")]


TESTED_ON = "expressions never drawn in training"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=compares)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

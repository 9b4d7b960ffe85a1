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

import itertools
import math
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.characters import invert
from common.expressions import (
    SYMBOLS,
    encode_expressions,
    expression_length,
    random_expression,
    unordered,
    value_length,
)
from common.results import Comparison
from common.scores import EXACT, Share, share_equal
from common.unseen import draw_distinct, draw_unseen

N_EXAMPLES = 3200  # new ones every epoch
DEPTH = 2
LARGEST = 9
N_OPERANDS = 2  # on every level of brackets
N_UNITS = 128  # of encoder and decoder
N_EPOCHS = 100
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # expressions of each depth, where a tenth of all is as many
VARIANTS = {"+ and -": "+-", "+, - and *": "+-*"}


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--depth", DEPTH, "how deep brackets are nested", at_most=10)
    parser.add_size("--largest", LARGEST, "largest number", at_least=5)
    parser.add_size("--operands", N_OPERANDS, "operands a level", at_least=2, at_most=4)
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    return parser.parse_args(argv)


def draw(operations, depth, args, rng):
    sizes = {"n_operands": args.operands, "depth": depth}
    return random_expression(operations, args.largest, **sizes, rng=rng)


def test_expressions(operations, args):
    """A list of expressions for every depth: a tenth of those there are."""
    rng, expressions = random.Random("test set"), {}
    # different ones, whatever the order: of operands, and of operations between them
    of_operations = math.comb(len(operations) + args.operands - 2, args.operands - 1)
    possible = math.comb(args.largest + args.operands - 1, args.operands) * of_operations
    for depth in range(args.depth + 1):
        size = min(N_TEST, math.ceil(possible / 10))
        expressions[depth] = draw_distinct(
            size, lambda: draw(operations, depth, args, rng), same=unordered
        )
        beside = math.comb(args.largest + args.operands - 2, args.operands - 1)
        possible *= beside * of_operations
    return expressions


def encode(expressions, operations, args):
    sizes = {"n_operands": args.operands, "depth": args.depth}
    n_in = expression_length(operations, args.largest, **sizes)
    n_out = value_length(operations, args.largest, **sizes)
    return encode_expressions(expressions, n_in, n_out)


def examples(operations, held_out, args, rng):
    expressions = draw_unseen(
        N_EXAMPLES,
        lambda: draw(operations, rng.randint(0, args.depth), args, rng),
        held_out,
        same=unordered,
    )
    return encode(expressions, operations, args)


def build_model(n_in, n_out, args):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((n_in, len(SYMBOLS))))  # (timesteps, features)
    # unrolled, so short a recurrence trains faster
    model.add(keras.layers.LSTM(args.units, unroll=True))
    model.add(keras.layers.RepeatVector(n_out))
    model.add(keras.layers.LSTM(args.units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(len(SYMBOLS), activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def score(model, test_set, operations, args):
    """Exact match over all depths, then of each."""
    from common.training import predict

    X, y = encode([e for depth in test_set for e in test_set[depth]], operations, args)
    answers = [[invert(a, SYMBOLS) for a in side] for side in (y, predict(model, X))]
    answers, shares = zip(*answers), {}
    for depth, expressions in test_set.items():
        of_depth = itertools.islice(answers, len(expressions))
        shares[f"Depth {depth}"] = share_equal(*zip(*of_depth))
    return {EXACT: Share(*map(sum, zip(*shares.values()))), **shares}


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    comparison = Comparison(args, tested_on="expressions never drawn in training")
    for variant, operations in VARIANTS.items():
        test_set = test_expressions(operations, args)
        held_out = {unordered(e) for depth in test_set for e in test_set[depth]}
        X, y = encode(test_set[0], operations, args)
        model = build_model(X.shape[1], y.shape[1], args)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(
                model,
                lambda: examples(operations, held_out, args, rng),
                args.epochs,
                BATCH_SIZE,
            )
            scores = score(model, test_set, operations, args)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    found = []
    for variant in VARIANTS:
        by_depth = [f"{comparison.mean(variant, f'Depth {d}'):.1%}" for d in test_set]
        found.append(f"with {variant} {', '.join(by_depth)}")
    print(f"Finding: exact match at depth 0 to {args.depth}: {'; '.join(found)}.")


if __name__ == "__main__":
    cli.run(main)

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
    value_length,
)
from common.results import Comparison
from common.scores import EXACT, Share, share_equal
from common.unseen import draw_distinct, draw_unseen

N_EXAMPLES = 3200  # new ones every epoch
LARGEST = 99
N_UNITS = 100  # of encoder and decoder
N_EPOCHS = 150
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # questions of each operation, where a tenth of all is as many
NAMES = {"+": "Sums", "-": "Differences", "*": "Products", "²": "Squares"}
SEEN = "Seen"
VARIANTS = {f"{name.lower()} alone": operation for operation, name in NAMES.items()}
VARIANTS.update({"+, - and *": "+-*", "all four": "+-*²"})


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number", at_least=5)
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    return parser.parse_args(argv)


def pair(question):
    """The two numbers of a question, in whatever order; of a square, the number twice."""
    numbers = [token for token in question if isinstance(token, int)]
    return min(numbers), max(numbers)


def test_questions(args):
    """The pairs held out, and a list of questions about them for every operation."""
    rng, largest = random.Random("test set"), args.largest
    possible = largest * (largest + 1) // 2
    pairs = draw_distinct(
        min(N_TEST, math.ceil(possible / 10)),
        lambda: (rng.randint(1, largest), rng.randint(1, largest)),
    )
    pairs += [(a, a) for a in rng.sample(range(1, largest + 1), math.ceil(largest / 10))]
    held_out = {(min(pair), max(pair)) for pair in pairs}
    questions = {op: [(a, op, b) for a, b in pairs] for op in "+-*"}
    questions["²"] = [(a, "²") for a, b in sorted(held_out) if a == b]
    return held_out, questions


def draw(operations, held_out, args, rng):
    return draw_unseen(
        N_EXAMPLES,
        lambda: random_expression(operations, args.largest, rng=rng),
        held_out,
        same=pair,
    )


def encode(questions, operations, args):
    n_in = expression_length(operations, args.largest)
    return encode_expressions(questions, n_in, value_length(operations, args.largest))


def build_model(operations, args):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((expression_length(operations, args.largest), len(SYMBOLS))))
    # unrolled, so short a recurrence trains faster
    model.add(keras.layers.LSTM(args.units, unroll=True))
    model.add(keras.layers.RepeatVector(value_length(operations, args.largest)))
    model.add(keras.layers.LSTM(args.units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(len(SYMBOLS), activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def score(model, asked, operations, args):
    """Exact match over all operations, of each, and of what was seen in training."""
    from common.training import predict

    X, y = encode([q for name in asked for q in asked[name]], operations, args)
    answers = [[invert(a, SYMBOLS) for a in side] for side in (y, predict(model, X))]
    answers, shares = zip(*answers), {name: Share(0, 0) for name in [*NAMES, SEEN]}
    for name in asked:
        shares[name] = share_equal(*zip(*itertools.islice(answers, len(asked[name]))))
    unseen = [shares[op] for op in operations]
    named = {NAMES.get(name, name): share for name, share in shares.items()}
    return {EXACT: Share(*map(sum, zip(*unseen))), **named}


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    held_out, questions = test_questions(args)
    tested_on = f"questions about {len(held_out)} pairs never drawn in training"
    comparison = Comparison(args, tested_on)
    for variant, operations in VARIANTS.items():
        model = build_model(operations, args)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(
                model,
                lambda: encode(draw(operations, held_out, args, rng), operations, args),
                args.epochs,
                BATCH_SIZE,
            )
            asked = {op: questions[op] for op in operations}
            asked[SEEN] = draw(operations, held_out, args, random.Random(seed))
            scores = score(model, asked, operations, args)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    figures = [
        f"{name.lower()} {comparison.mean(f'{name.lower()} alone', name):.1%} alone and"
        f" {comparison.mean('all four', name):.1%} in one model with all four"
        for name in NAMES.values()
    ]
    print(
        f"Finding: exact match on what was never seen: {'; '.join(figures)}"
        f" (squares seen in training: {comparison.mean('squares alone', SEEN):.1%})."
    )


if __name__ == "__main__":
    cli.run(main)

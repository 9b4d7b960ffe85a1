"""Does the order of the inputs matter? The beginner's mistake, shown.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)": the inputs
of the regressions could be shuffled, so that they learn a mapping and no sequence. Here
MLP, LSTM regression and seq2seq are trained as in the tutorial, then tested on the same
sums as drawn, with the two terms swapped, and (seq2seq) with the characters of every
question shuffled. A second seq2seq is trained on shuffled characters. All of them on
numbers up to 10 and with 10,000 weight updates: 100 epochs of 100, batch size 1 for the
regressions and 10 for seq2seq.

    python extensions/addition_order.py --runs 3

About half a minute for 3 seeds.
"""

import itertools
import random
import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    invert,
    question_length,
    to_string,
)
from common.onehot import one_hot_encode
from common.results import Comparison
from common.scores import EXACT, Share, share_equal
from common.sums import invert as to_integers
from common.sums import random_sum_pairs, scale

N_NUMBERS = 2
LARGEST = 10
N_EPOCHS = 100
N_UPDATES = 100  # an epoch
BATCH_SIZE = {"MLP": 1, "LSTM regression": 1, "seq2seq": 10, "seq2seq, shuffled": 10}
N_TEST = 1000
SWAPPED, SHUFFLED = "Terms swapped", "Characters shuffled"


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number", at_most=1000)
    return parser.parse_args(argv)


def encode(variant, X, y, args, shuffled_by=None):
    """Sums as the variant takes them; `shuffled_by`: a generator to shuffle characters."""
    if variant in ("MLP", "LSTM regression"):
        X, y = scale(X, N_NUMBERS, args.largest), scale(y, N_NUMBERS, args.largest)
        return (
            X if variant == "MLP" else X[..., None]
        ), y  # (samples, timesteps, features)
    X, y = to_string(X, y, N_NUMBERS, args.largest)
    if shuffled_by:  # the padding too
        X = ["".join(shuffled_by.sample(question, len(question))) for question in X]
    return [one_hot_encode(integer_encode(strings), len(ALPHABET)) for strings in (X, y)]


def build_model(variant, args):
    from common.backend import keras

    model = keras.Sequential()
    if variant == "MLP":
        model.add(keras.Input((N_NUMBERS,)))
        model.add(keras.layers.Dense(4))
        model.add(keras.layers.Dense(2))
        model.add(keras.layers.Dense(1))
    elif variant == "LSTM regression":
        model.add(keras.Input((N_NUMBERS, 1)))
        model.add(keras.layers.LSTM(10))
        model.add(keras.layers.Dense(1))
    else:
        model.add(keras.Input((question_length(N_NUMBERS, args.largest), len(ALPHABET))))
        model.add(keras.layers.LSTM(100, unroll=True))  # unrolled, short loops train faster
        model.add(keras.layers.RepeatVector(answer_length(N_NUMBERS, args.largest)))
        model.add(keras.layers.LSTM(50, return_sequences=True, unroll=True))
        model.add(keras.layers.Dense(len(ALPHABET), activation="softmax"))
    loss = "categorical_crossentropy" if "seq2seq" in variant else "mean_squared_error"
    model.compile(loss=loss, optimizer="adam")
    return model


def share_right(variant, model, X, y, args, shuffled_by=None):
    from common.training import predict

    X, y = encode(variant, X, y, args, shuffled_by)
    outputs = predict(model, X)
    if "seq2seq" in variant:
        return share_equal([invert(seq) for seq in y], [invert(seq) for seq in outputs])
    return share_equal(
        *[to_integers(v, N_NUMBERS, args.largest) for v in (y, outputs[:, 0])]
    )


def best_without_order(largest):
    """What the best reader of a question's characters, without their order, gets right.

    >>> best_without_order(10), best_without_order(20)  # 1 + 20 looks like 2 + 10
    (Share(right=100, total=100), Share(right=396, total=400))
    """
    answers = defaultdict(Counter)
    for a, b in itertools.product(range(1, largest + 1), repeat=N_NUMBERS):
        answers["".join(sorted(f"{a}+{b}"))][a + b] += 1
    right = sum(max(counts.values()) for counts in answers.values())
    return Share(right, largest**N_NUMBERS)


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    X, y = random_sum_pairs(N_TEST, N_NUMBERS, args.largest, rng=random.Random("test set"))
    swapped = [row[::-1] for row in X]
    comparison = Comparison(args, tested_on=f"{N_TEST} new sums")
    for variant, batch_size in BATCH_SIZE.items():
        model = build_model(variant, args)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            shuffled_by = random.Random(seed) if "shuffled" in variant else None

            def epoch_data():
                n_examples = N_UPDATES * batch_size
                drawn = random_sum_pairs(n_examples, N_NUMBERS, args.largest, rng=rng)
                return encode(variant, *drawn, args, shuffled_by)

            train(model, epoch_data, args.epochs, batch_size)
            scores = {
                EXACT: share_right(variant, model, X, y, args),
                SWAPPED: share_right(variant, model, swapped, y, args),
                SHUFFLED: np.nan,
            }
            if "seq2seq" in variant:
                test_rng = random.Random("test set")
                scores[SHUFFLED] = share_right(variant, model, X, y, args, test_rng)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    mlp, lstm = (
        comparison.mean(v, SWAPPED) - comparison.mean(v, EXACT)
        for v in ("MLP", "LSTM regression")
    )
    print(
        f"Finding: swapping the terms changes the MLP's exact match by {mlp:+.1%}, the "
        f"LSTM regression's by {lstm:+.1%}; shuffling the characters takes seq2seq from "
        f"{comparison.mean('seq2seq', EXACT):.1%} to "
        f"{comparison.mean('seq2seq', SHUFFLED):.1%}, but one trained on shuffled "
        f"characters has {comparison.mean('seq2seq, shuffled', SHUFFLED):.1%} of them: "
        f"without their order they give away {float(best_without_order(args.largest)):.1%} "
        f"of the sums up to {args.largest}, {float(best_without_order(100)):.1%} up to 100."
    )


if __name__ == "__main__":
    cli.run(main)

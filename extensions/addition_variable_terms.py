"""Can one model add up lists of any length? From [7] to [1, 1, 9, 6], and beyond.

Tutorial A, "Extensions": a variable number of terms. A reader asks for irregular lists,
[1, 2] -> 3, [1, 4, 7] -> 12, [1, 1, 9, 6] -> 17, and thinks of filling up with zeros.
One encoder-decoder is trained on one to four terms, mixed; short questions are filled up
with spaces, "    1+2", or with terms of zero, "0+0+1+2". Both are asked for sums with
numbers of terms that they were trained on, and for five terms, which they never were;
and again with three terms left out of training, between those that are in it. No test
question, in any order of its terms, is drawn in training.

    python extensions/addition_variable_terms.py --runs 3

About a minute for one seed, 3 for three.
"""

import itertools
import math
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    invert,
    one_hot_encode,
    question_length,
)
from common.results import Comparison
from common.scores import EXACT, Share, share_equal
from common.unseen import draw_distinct, draw_unseen, sorted_terms

N_EXAMPLES = 3200  # new ones every epoch
N_TERMS = 4  # the most in training; one more in the test
LARGEST = 10
N_UNITS = 64  # of encoder and decoder
N_EPOCHS = 80
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # questions of each number of terms, where a tenth of all is as many


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--terms", N_TERMS, "the most terms in training", at_least=4)
    parser.add_size("--largest", LARGEST, "largest number", at_least=5)
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    return parser.parse_args(argv)


def variants(args):
    """Name: the numbers of terms in training, and what short questions are filled with."""
    every = range(1, args.terms + 1)
    gap = [n for n in every if n != args.terms - 1]
    return {
        f"1 to {args.terms}, spaces": (every, "spaces"),
        f"1 to {args.terms}, zeros": (every, "zeros"),
        f"without {args.terms - 1}, spaces": (gap, "spaces"),
        f"without {args.terms - 1}, zeros": (gap, "zeros"),
    }


def random_terms(numbers_of_terms, largest, rng):
    return [rng.randint(1, largest) for _ in range(rng.choice(numbers_of_terms))]


def test_questions(args):
    """A list of questions for every number of terms: a tenth of those there are."""
    rng, questions = random.Random("test set"), {}
    for n in range(1, args.terms + 2):
        possible = math.comb(args.largest + n - 1, n)  # in whatever order
        size = min(N_TEST, math.ceil(possible / 10))
        questions[n] = draw_distinct(size, lambda: random_terms([n], args.largest, rng))
    return questions


def encode(questions, fill, args):
    """One-hot: (samples, characters of one term more than in training, symbols)."""
    n_terms = args.terms + 1
    y = [str(sum(terms)).rjust(answer_length(n_terms, args.largest)) for terms in questions]
    if fill == "zeros":
        questions = [[0] * (n_terms - len(terms)) + terms for terms in questions]
    length = question_length(n_terms, args.largest)
    X = ["+".join(map(str, terms)).rjust(length) for terms in questions]
    return [one_hot_encode(integer_encode(texts), len(ALPHABET)) for texts in (X, y)]


def examples(trained, fill, held_out, args, rng):
    terms = draw_unseen(
        N_EXAMPLES, lambda: random_terms(trained, args.largest, rng), held_out
    )
    return encode(terms, fill, args)


def build_model(args):
    from common.backend import keras

    n_in = question_length(args.terms + 1, args.largest)
    n_out = answer_length(args.terms + 1, args.largest)
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(ALPHABET))))  # (timesteps, features)
    # unrolled, so short a recurrence trains faster
    model.add(keras.layers.LSTM(args.units, unroll=True))
    model.add(keras.layers.RepeatVector(n_out))
    model.add(keras.layers.LSTM(args.units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(len(ALPHABET), activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def score(model, test_set, trained, fill, args):
    """Exact match over the trained numbers of terms, then of each number of terms."""
    from common.training import predict

    X, y = encode([terms for n in test_set for terms in test_set[n]], fill, args)
    answers = zip(map(invert, y), map(invert, predict(model, X)))
    shares = {}
    for n, questions in test_set.items():
        shares[n] = share_equal(*zip(*itertools.islice(answers, len(questions))))
    of_trained = Share(*map(sum, zip(*[shares[n] for n in trained])))
    return {EXACT: of_trained, **{f"{n} term{'s' * (n > 1)}": shares[n] for n in shares}}


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    test_set = test_questions(args)
    held_out = {sorted_terms(terms) for n in test_set for terms in test_set[n]}
    n_test = sum(map(len, test_set.values()))
    comparison = Comparison(args, tested_on=f"{n_test} sums never drawn in training")
    model = build_model(args)
    for variant, (trained, fill) in variants(args).items():
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)

            train(
                model,
                lambda: examples(trained, fill, held_out, args, rng),
                args.epochs,
                BATCH_SIZE,
            )
            scores = score(model, test_set, trained, fill, args)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    spaces, zeros, gap_spaces, gap_zeros = variants(args)
    more, left_out = f"{args.terms + 1} terms", f"{args.terms - 1} terms"
    print(
        f"Finding: filled with spaces, exact match {comparison.mean(spaces, EXACT):.1%} on"
        f" 1 to {args.terms} terms, {comparison.mean(spaces, more):.1%} on {more}, and"
        f" {comparison.mean(gap_spaces, left_out):.1%} on {left_out} left out of training;"
        f" filled with zeros {comparison.mean(zeros, EXACT):.1%},"
        f" {comparison.mean(zeros, more):.1%},"
        f" {comparison.mean(gap_zeros, left_out):.1%}."
    )


if __name__ == "__main__":
    cli.run(main)

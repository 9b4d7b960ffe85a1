"""Where should the padding go, and in which order should the digits come?

Tutorial A, section "Addition as a seq2seq Problem", pads the whole question on its left
("  3+10") and leaves it to the reader to pad each term on its own; its readers mask the
padding (and found that it helps at 10 epochs, then that this was chance). Compared, on
sums up to 100 of which a fifth is never drawn in training, in neither order: the whole
question padded; each term padded with spaces, and with zeros; a Masking layer; the question
reversed; the answer reversed; both. 100 epochs of 1000 sums, batch size 10.

    python extensions/addition_padding.py --runs 3

About three minutes for 3 seeds.
"""

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
    question_length,
    to_string,
)
from common.heldout import every_order, n_unordered, reserve, unreserved_sum_pairs
from common.onehot import one_hot_encode
from common.results import Comparison
from common.scores import EXACT, share_equal, share_of_elements

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
LARGEST = 100
RESERVED = 5  # one pair in so many
N_UNITS = (100, 50)
N_EPOCHS = 100
BATCH_SIZE = 10
N_TEST = 2000  # pairs at most
WHOLE, SPACES, ZEROS, MASKED = "whole question", "each term", "each term, zeros", "Masking"
QUESTION, ANSWER, BOTH = "question reversed", "answer reversed", "both reversed"
VARIANTS = (WHOLE, SPACES, ZEROS, MASKED, QUESTION, ANSWER, BOTH)


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number", at_least=3)
    return parser.parse_args(argv)


def to_strings(variant, X, y, largest):
    """Questions and answers, of one length each, as the variant writes them.

    >>> [to_strings(variant, [[3, 10]], [13], 10)[0] for variant in VARIANTS]
    [[' 3+10'], [' 3+10'], ['03+10'], [' 3+10'], ['01+3 '], [' 3+10'], ['01+3 ']]
    >>> to_strings(ANSWER, [[3, 10]], [13], 10)[1]
    ['31']
    """
    questions, answers = to_string(X, y, N_NUMBERS, largest)
    if variant in (SPACES, ZEROS):
        fill, length = "0" if variant == ZEROS else " ", len(str(largest))
        questions = ["+".join([str(term).rjust(length, fill) for term in row]) for row in X]
    if variant in (QUESTION, BOTH):
        questions = [text[::-1] for text in questions]
    if variant in (ANSWER, BOTH):
        answers = [text[::-1] for text in answers]
    return questions, answers


def encode(variant, X, y, largest):
    X, y = (
        one_hot_encode(integer_encode(strings), len(ALPHABET))
        for strings in to_strings(variant, X, y, largest)
    )
    if variant == MASKED:
        X[..., ALPHABET.index(" ")] = 0  # a space is all zeros: what Masking leaves out
    return X, y


def build_model(variant, largest):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((question_length(N_NUMBERS, largest), len(ALPHABET))))
    if variant == MASKED:
        model.add(keras.layers.Masking(0.0))
    model.add(keras.layers.LSTM(N_UNITS[0], unroll=True))  # short loops train faster so
    model.add(keras.layers.RepeatVector(answer_length(N_NUMBERS, largest)))
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=True))
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    test_rng = random.Random("test set")
    n_reserved = n_unordered(N_NUMBERS, args.largest) // RESERVED
    reserved = reserve(n_reserved, N_NUMBERS, args.largest, rng=test_rng)
    unseen = every_order(test_rng.sample(sorted(reserved), min(N_TEST, n_reserved)))
    comparison = Comparison(args, tested_on=f"{len(unseen)} sums never drawn in training")
    plain, masked = (build_model(variant, args.largest) for variant in (WHOLE, MASKED))
    for variant in VARIANTS:  # but for Masking they differ in their data alone
        model = masked if variant == MASKED else plain
        X, y = encode(variant, unseen, [sum(row) for row in unseen], args.largest)
        expected = [invert(seq) for seq in y]
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)

            def epoch_data():
                drawn = unreserved_sum_pairs(
                    N_EXAMPLES, N_NUMBERS, args.largest, reserved, rng=rng
                )
                return encode(variant, *drawn, args.largest)

            train(model, epoch_data, args.epochs, BATCH_SIZE)
            predicted = [invert(seq) for seq in predict(model, X)]
            characters = [list("".join(texts)) for texts in (expected, predicted)]
            scores = {
                EXACT: share_equal(expected, predicted),
                "Per-character accuracy": share_of_elements(*characters),
            }
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    means = {variant: comparison.mean(variant, EXACT) for variant in VARIANTS}
    ranked = sorted(VARIANTS, key=means.get, reverse=True)
    listed = ", ".join(f"{variant} {means[variant]:.1%}" for variant in ranked)
    print(f"Finding: on sums never drawn, from best to worst: {listed}.")


if __name__ == "__main__":
    cli.run(main)

"""One-hot, scaled integers, or a learned embedding: what should a character be?

Tutorial A, section "Extensions", "Integer Encoding": the problem with integers alone
instead of one-hot vectors; its author expects that the order of the digits "may prove very
useful". Compared, on the tutorial's model: one-hot vectors; the character's place in the
alphabet, divided by the last place; that for the answer too, learned as a regression and
rounded to the nearest place; a learned embedding. 30 epochs of 1000 sums up to 10,
batch size 10.

    python extensions/addition_integer_encoding.py --runs 5

About a minute and a half for 5 seeds.
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    question_length,
    to_string,
)
from common.onehot import one_hot_decode, one_hot_encode
from common.results import Comparison
from common.scores import EXACT, share_equal, share_of_elements
from common.sums import random_sum_pairs

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
LARGEST = 10
N_UNITS = (100, 50)
N_EMBEDDED = 8  # numbers for each character
N_EPOCHS = 30
BATCH_SIZE = 10
N_TEST = 1000
LAST = len(ALPHABET) - 1
ONE_HOT, SCALED = "one-hot", "scaled integers"
ROUNDED, EMBEDDED = "scaled integers, answers too", "embedding"
VARIANTS = (ONE_HOT, SCALED, ROUNDED, EMBEDDED)


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number")
    return parser.parse_args(argv)


def draw(args, rng, n_examples=N_EXAMPLES):
    """Questions and answers as integers, (samples, timesteps)."""
    X, y = random_sum_pairs(n_examples, N_NUMBERS, args.largest, rng=rng)
    return [integer_encode(texts) for texts in to_string(X, y, N_NUMBERS, args.largest)]


def encode(variant, X, y):
    """What the variant reads and has to answer, each (samples, timesteps, features)."""
    if variant == ONE_HOT:
        X = one_hot_encode(X, len(ALPHABET))
    elif variant != EMBEDDED:  # which takes the integers themselves
        X = X[..., None] / LAST
    y = y[..., None] / LAST if variant == ROUNDED else one_hot_encode(y, len(ALPHABET))
    return X, y


def decode(variant, outputs):
    """The integers of the answers, (samples, timesteps)."""
    if variant == ROUNDED:
        return np.clip(np.rint(outputs[..., 0] * LAST), 0, LAST).astype(int)
    return one_hot_decode(outputs)


def build_model(variant, args):
    from common.backend import keras

    n_in = question_length(N_NUMBERS, args.largest)
    model = keras.Sequential()
    if variant == EMBEDDED:
        model.add(keras.Input((n_in,), dtype="int32"))
        model.add(keras.layers.Embedding(len(ALPHABET), N_EMBEDDED))
    else:
        model.add(keras.Input((n_in, len(ALPHABET) if variant == ONE_HOT else 1)))
    model.add(keras.layers.LSTM(N_UNITS[0], unroll=True))  # short loops train faster so
    model.add(keras.layers.RepeatVector(answer_length(N_NUMBERS, args.largest)))
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=True))
    if variant == ROUNDED:
        model.add(keras.layers.TimeDistributed(keras.layers.Dense(1)))
        model.compile(loss="mean_squared_error", optimizer="adam")
    else:
        output = keras.layers.Dense(len(ALPHABET), activation="softmax")
        model.add(keras.layers.TimeDistributed(output))
        model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    test_set = draw(args, random.Random("test set"), N_TEST)
    comparison = Comparison(args, tested_on=f"{N_TEST} new sums")
    for variant in VARIANTS:
        model = build_model(variant, args)
        X, _ = encode(variant, *test_set)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(model, lambda: encode(variant, *draw(args, rng)), args.epochs, BATCH_SIZE)
            predicted = decode(variant, predict(model, X))
            scores = {
                EXACT: share_equal(test_set[1], predicted),
                "Per-character accuracy": share_of_elements(test_set[1], predicted),
            }
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    listed = ", ".join(f"{v} {comparison.mean(v, EXACT):.1%}" for v in VARIANTS)
    print(f"Finding: exact match after {args.epochs} epochs: {listed}.")


if __name__ == "__main__":
    cli.run(main)

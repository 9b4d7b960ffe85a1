"""What is the RepeatVector for? Without it: a shape error, or the encoder's sequence.

Tutorial A, section "Addition as a seq2seq Problem": without the RepeatVector the
encoder's output does not fit the decoder, and the tutorial shows the error. It is
provoked and explained here. The tutorial also leaves to the reader ("try it and see") to
return the encoder's whole sequence instead, with the answer padded to the question's
length, and fears that compression is lost. Compared at the tutorial's size and budget (30
epochs of 1000 sums up to 10, batch size 10): the RepeatVector; the sequence with the
answer at its end ("   13"); with the answer at its start ("13   "), which must be written
before the question has been read; the same with an encoder that reads both ways.

    python extensions/addition_without_repeat_vector.py --runs 5

About a minute and a half for 5 seeds.
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
from common.onehot import one_hot_encode
from common.results import Comparison
from common.scores import EXACT, share_equal
from common.sums import random_sum_pairs

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
LARGEST = 10
N_UNITS = (100, 50)
N_EPOCHS = 30
BATCH_SIZE = 10
N_TEST = 1000
REPEATED, AT_END = "RepeatVector", "sequence, answer at its end"
AT_START, BOTH_WAYS = "sequence, answer at its start", "the same, read both ways"
VARIANTS = (REPEATED, AT_END, AT_START, BOTH_WAYS)


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number")
    return parser.parse_args(argv)


def examples(variant, args, rng, n_examples=N_EXAMPLES):
    X, y = random_sum_pairs(n_examples, N_NUMBERS, args.largest, rng=rng)
    X, y = to_string(X, y, N_NUMBERS, args.largest)
    n_in = question_length(N_NUMBERS, args.largest)
    if variant == AT_END:
        y = [answer.rjust(n_in) for answer in y]  # "13" -> "   13"
    elif variant != REPEATED:
        y = [answer.strip().ljust(n_in) for answer in y]  # "13" -> "13   "
    return [one_hot_encode(integer_encode(strings), len(ALPHABET)) for strings in (X, y)]


def build_model(variant, args, repeat=True):
    """The tutorial's model; `repeat=False` leaves its RepeatVector out."""
    from common.backend import keras

    n_in = question_length(N_NUMBERS, args.largest)
    n_out = answer_length(N_NUMBERS, args.largest)
    # unrolled, these short loops train faster
    encoder = keras.layers.LSTM(
        N_UNITS[0], return_sequences=variant != REPEATED, unroll=True
    )
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(ALPHABET))))  # (timesteps, features)
    if variant == BOTH_WAYS:
        encoder = keras.layers.Bidirectional(encoder)
    model.add(encoder)  # (100,), or (timesteps, 100)
    if variant == REPEATED and repeat:
        model.add(keras.layers.RepeatVector(n_out))  # (n_out, 100)
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=True))
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def show_error(args):
    """The tutorial's error, and why it comes."""
    try:
        build_model(REPEATED, args, repeat=False)
    except ValueError as error:
        print(f"Without the RepeatVector: {error}\n")
        print(
            "The encoder returns its last output alone, (samples, units): two axes.\n"
            "The decoder reads (samples, timesteps, features): three. RepeatVector makes\n"
            "them three, with the same output for each character of the answer. The other\n"
            "way is return_sequences=True: an output for each character of the question,\n"
            "so that the answer must be padded to the question's length.\n"
        )


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    show_error(args)
    comparison = Comparison(args, tested_on=f"{N_TEST} new sums")
    for variant in VARIANTS:
        model = build_model(variant, args)
        X, y = examples(variant, args, random.Random("test set"), N_TEST)
        expected = [invert(seq).strip() for seq in y]
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(model, lambda: examples(variant, args, rng), args.epochs, BATCH_SIZE)
            predicted = [invert(seq) for seq in predict(model, X)]
            scores = {EXACT: share_equal(expected, [text.strip() for text in predicted])}
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    end, start, both = (
        comparison.mean(variant, EXACT) for variant in (AT_END, AT_START, BOTH_WAYS)
    )
    print(
        f"Finding: {comparison.mean(REPEATED, EXACT):.1%} with the RepeatVector; with the "
        f"encoder's sequence {end:.1%} if the answer stands at its end, {start:.1%} at its "
        f"start, {both:.1%} there if the encoder reads both ways."
    )


if __name__ == "__main__":
    cli.run(main)

"""Does a decoder that reads its own output learn to add better? And is it flattered?

Tutorial A, a reader's question: a decoder that starts from the encoder's final state and
reads its own previous character, as in translation, against the tutorial's, which reads
the encoder's output at every step (RepeatVector) and never what it wrote. In training the
first reads the right previous character ("teacher forcing"), the first time a start
symbol. It is scored writing freely: it reads what it wrote itself. What it would score
with the right answer before its eyes is shown beside it. No test pair, in either order,
is drawn in training.

    python extensions/addition_autoregressive.py --runs 3

About 1.5 minutes for one seed, 4 for three.
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
    encode_sums,
    question_length,
)
from common.onehot import one_hot_decode
from common.results import Comparison
from common.scores import EXACT, Share, share_equal, share_of_elements
from common.unseen import draw_distinct, draw_unseen, sorted_terms

N_EXAMPLES = 3200  # new ones every epoch
LARGEST = 999
N_UNITS = 128  # of encoder and decoder
N_EPOCHS = 100
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 1000
START = len(ALPHABET)  # one symbol more, which only the decoder reads
FORCED_EXACT = "Exact, teacher-forced"
CHARACTERS = "Per-character accuracy"
FORCED_CHARACTERS = "Per-character, teacher-forced"


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number", at_least=20)
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    parser.add_size("--test", N_TEST, "pairs in the test set", dest="n_test")
    return parser.parse_args(argv)


def repeat_vector_model(args):
    """The tutorial's: the decoder reads the encoder's output at every step."""
    from common.backend import keras

    question = keras.Input((question_length(2, args.largest), len(ALPHABET)))
    # unrolled, so short a recurrence trains faster
    encoded = keras.layers.LSTM(args.units, unroll=True)(question)
    repeated = keras.layers.RepeatVector(answer_length(2, args.largest))(encoded)
    decoder = keras.layers.LSTM(args.units, return_sequences=True, unroll=True)
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    return keras.Model(question, output(decoder(repeated)))


def autoregressive_model(args):
    """The decoder starts from the encoder's state, and reads the character before."""
    from common.backend import keras

    question = keras.Input((question_length(2, args.largest), len(ALPHABET)))
    before = keras.Input((answer_length(2, args.largest), len(ALPHABET) + 1))
    encoder = keras.layers.LSTM(args.units, return_state=True, unroll=True)
    _, *state = encoder(question)
    decoder = keras.layers.LSTM(args.units, return_sequences=True, unroll=True)
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    return keras.Model([question, before], output(decoder(before, initial_state=state)))


VARIANTS = {"RepeatVector": repeat_vector_model, "autoregressive": autoregressive_model}


def shifted(answers):
    """The decoder's input: a start symbol, then the answers without their last character.

    `answers`: one-hot, (samples, n_out, symbols). Returns (samples, n_out, symbols + 1).
    """
    before = np.zeros((*answers.shape[:2], START + 1), dtype=np.float32)
    before[:, 0, START] = 1
    before[:, 1:, :START] = answers[:, :-1]
    return before


def write_freely(model, X, n_out):
    """Greedy decoding: each step's most likely character is what the next one reads."""
    from common.training import predict

    written = np.zeros((len(X), n_out, START), dtype=np.float32)
    for step in range(n_out):
        probabilities = predict(model, (X, shifted(written)))[:, step]
        written[np.arange(len(X)), step, probabilities.argmax(axis=-1)] = 1
    return written


def random_pair(args, rng):
    return rng.randint(1, args.largest), rng.randint(1, args.largest)


def encode(pairs, args):
    return encode_sums(pairs, [a + b for a, b in pairs], 2, args.largest)


def examples(variant, held_out, args, rng):
    pairs = draw_unseen(N_EXAMPLES, lambda: random_pair(args, rng), held_out)
    X, y = encode(pairs, args)
    return ((X, shifted(y)), y) if variant == "autoregressive" else (X, y)


def score(model, variant, test_set):
    """Scores of what the model writes, and of what it would with the answer to read."""
    from common.training import predict

    X, y = test_set
    expected, nothing = one_hot_decode(y), Share(0, 0)
    if variant == "autoregressive":
        written = one_hot_decode(write_freely(model, X, y.shape[1]))
        forced = one_hot_decode(predict(model, (X, shifted(y))))
    else:
        written, forced = one_hot_decode(predict(model, X)), None
    return {
        EXACT: share_equal(expected, written),
        FORCED_EXACT: share_equal(expected, forced) if forced else nothing,
        CHARACTERS: share_of_elements(expected, written),
        FORCED_CHARACTERS: share_of_elements(expected, forced) if forced else nothing,
    }


def main(argv=None):
    args = parse_args(argv)

    from common.backend import keras
    from common.training import initialize, train

    test_rng = random.Random("test set")
    pairs = draw_distinct(args.n_test, lambda: random_pair(args, test_rng))
    held_out, test_set = {sorted_terms(pair) for pair in pairs}, encode(pairs, args)
    comparison = Comparison(args, tested_on=f"{len(pairs)} pairs never drawn in training")
    for variant, build_model in VARIANTS.items():
        model = build_model(args)
        optimizer = keras.optimizers.Adam(LEARNING_RATE)
        model.compile(loss="categorical_crossentropy", optimizer=optimizer)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(
                model,
                lambda: examples(variant, held_out, args, rng),
                args.epochs,
                BATCH_SIZE,
            )
            scores = score(model, variant, test_set)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    repeat, auto = [comparison.mean(variant, EXACT) for variant in VARIANTS]
    free, forced = [
        comparison.mean("autoregressive", name) for name in (CHARACTERS, FORCED_CHARACTERS)
    ]
    print(
        f"Finding: exact match {auto:.1%} writing freely, {repeat:.1%} with RepeatVector;"
        f" teacher forcing would show {forced:.1%} of characters right, not {free:.1%},"
        " and as many whole answers."
    )


if __name__ == "__main__":
    cli.run(main)

"""Must the layers grow with the digits? Units against digits, at equal budget.

Tutorial A, a reader's question: does the size of the LSTM layers have to grow with the
number of digits? Encoder-decoders of several sizes are trained on sums of two numbers of
up to one, two and three digits, each on equally many sums. No test pair, in either
order, is drawn in training. Every seed holds out other pairs: of one digit there are 45,
and what is inferred about five of them depends on which five.

    python -m extensions.addition_digits --runs 10 --plot digits.png
"""

import random
from dataclasses import dataclass

from common.backend import keras
from common.characters import ALPHABET, answer_length, encode_sums, question_length
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import EXACT, share_equal
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import cache_models, predict, train_from_seed
from extensions.tools.heldout import (
    draw_around,
    draw_distinct,
    every_order,
    n_unordered,
    unordered,
)

N_EXAMPLES = 3200  # new ones every epoch
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # pairs at most; asked in both orders


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 100  # training epochs of each variant
    digits: int = 3  # the most digits
    units: tuple = (16, 32, 64, 128)  # the four sizes of encoder and decoder

    def check(self):
        check_size("digits", self.digits, at_most=9)


@dataclass(frozen=True)
class Variant:
    digits: int  # the most of a number
    units: int  # of encoder and decoder


def variants(settings):
    return {
        f"{digits} digit{'s' * (digits > 1)}, {units} units": Variant(digits, units)
        for digits in range(1, settings.digits + 1)
        for units in sorted(settings.units)
    }


def n_test(n_questions):
    """How many of `n_questions` to hold out: a tenth, but at most N_TEST."""
    return min(N_TEST, -(-n_questions // 10))


def pairs(largest, rng):
    """A function that draws a number of pairs."""
    return lambda n: random_sum_pairs(n, 2, largest, rng=rng)[0]


def encode(pairs, largest):
    return encode_sums(pairs, [a + b for a, b in pairs], 2, largest)


@cache_models
def build_model(n_in, n_out, units, n_symbols):
    """The tutorial's encoder-decoder, with as many units in both; other tasks, too."""
    unroll = n_in <= 20  # a short recurrence trains faster as a row of single steps
    model = keras.Sequential()
    model.add(keras.Input((n_in, n_symbols)))  # (samples, characters, symbols)
    model.add(keras.layers.LSTM(units, unroll=unroll))  # (samples, units)
    model.add(keras.layers.RepeatVector(n_out))  # (samples, n_out, units)
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=unroll))
    # a probability per symbol, at each step of the answer: (samples, n_out, symbols)
    model.add(keras.layers.Dense(n_symbols, activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def run(settings, variant, seed):
    """Train one size on one number of digits, and score it on the pairs never drawn."""
    largest = 10**variant.digits - 1
    draw = pairs(largest, random.Random(f"test set {seed}"))
    test_set = draw_distinct(n_test(n_unordered(2, largest)), draw)
    held_out = {unordered(pair) for pair in test_set}
    lengths = question_length(2, largest), answer_length(2, largest)
    model = build_model(*lengths, variant.units, len(ALPHABET))

    def epoch_data(rng):
        return encode(draw_around(held_out, N_EXAMPLES, pairs(largest, rng)), largest)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    X, y = encode(every_order(test_set), largest)
    right = share_equal(y.argmax(axis=-1), predict(model, X).argmax(axis=-1))
    return Run(model, history, {EXACT: right})


def plot(path, results, settings):
    """A line for each number of digits, against the units."""
    lines = {}
    for name, variant in variants(settings).items():
        if name in results.variants:
            line = lines.setdefault(name.partition(",")[0], {})
            line[variant.units] = results.values(name, EXACT)
    title = "Sums that training never draws"
    plot_scores(path, lines, "units of encoder and decoder", EXACT.lower(), title, "log")


TESTED_ON = "pairs never drawn in training"
COMPARED = [  # fewer units; and as many, for a digit more
    ("1 digit, 128 units", "1 digit, 64 units"),
    ("1 digit, 128 units", "1 digit, 32 units"),
    ("2 digits, 64 units", "2 digits, 32 units"),
    ("3 digits, 128 units", "3 digits, 64 units"),
    ("2 digits, 64 units", "3 digits, 64 units"),
]
experiment = Comparison(
    __name__,
    variants,
    run,
    TESTED_ON,
    compares=COMPARED,
    plot=("exact match against the units", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

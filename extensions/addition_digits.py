"""Do more digits need more units, or more training?

Tutorial A, a reader's question: does the size of the LSTM layers have to grow with the
number of digits? The tutorial's encoder-decoder, with 16 to 128 units in both LSTMs, is
trained on sums of two numbers of up to two and up to three digits, on equally many sums.
Two sizes that are too small for three digits on this budget get three and eight times the
epochs as well. Test pairs are never drawn in training, in neither order, and every seed
holds out other pairs.

    python -m extensions.addition_digits --runs 10
"""

from dataclasses import dataclass
from random import Random

from common import sums
from common.backend import keras
from common.characters import encode_sums
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, share_equal
from common.settings import BaseSettings
from common.training import predict, train
import addition_seq2seq
from extensions.tools.heldout import (
    draw_around,
    draw_distinct,
    drawing,
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


@dataclass(frozen=True)
class Variant:
    digits: int  # the most of a number
    units: int  # of encoder and decoder
    budgets: int = 1  # how many times the epochs


VARIANTS = {
    f"{digits} digits, {units} units": Variant(digits, units)
    for digits in (2, 3)
    for units in (16, 32, 64, 128)
}
EIGHT_TIMES = "3 digits, 32 units, eight times the epochs"
THREE_TIMES = "3 digits, 64 units, three times the epochs"
VARIANTS |= {
    EIGHT_TIMES: Variant(3, 32, budgets=8),
    THREE_TIMES: Variant(3, 64, budgets=3),
}


def n_test(n_questions):
    """How many of `n_questions` to hold out: a tenth, but at most N_TEST."""
    return min(N_TEST, -(-n_questions // 10))


def encode(rows, n_numbers, largest):
    """One-hot questions and answers, as in the tutorial, of rows of numbers."""
    return encode_sums(rows, [sums.answer(row) for row in rows], n_numbers, largest)


def build_model(n_numbers, largest, units):
    """The tutorial's encoder-decoder, with as many units in both, and a higher rate."""
    model = addition_seq2seq.build_model(
        addition_seq2seq.Settings(
            n_numbers=n_numbers, largest=largest, encoder_units=units, decoder_units=units
        )
    )
    model.compile(loss=model.loss, optimizer=keras.optimizers.Adam(LEARNING_RATE))
    return model


def run(settings, seed, variant, train=train):
    """Train one size on one number of digits, and score it on the pairs never drawn."""
    sizes = 2, 10**variant.digits - 1
    test_set = draw_distinct(
        n_test(n_unordered(*sizes)), drawing(*sizes, Random(f"test set {seed}"))
    )
    held_out, rng = {unordered(pair) for pair in test_set}, Random(seed)

    def new_data():
        return encode(draw_around(held_out, N_EXAMPLES, drawing(*sizes, rng)), *sizes)

    keras.utils.set_random_seed(seed)
    model = build_model(*sizes, variant.units)
    history = train(model, new_data, settings.epochs * variant.budgets, BATCH_SIZE)
    X, y = encode(every_order(test_set), *sizes)
    right = share_equal(y.argmax(axis=-1), predict(model, X).argmax(axis=-1))
    return Run(model, history, {EXACT: right})


TESTED_ON = "pairs never drawn in training"
COMPARED = [  # with fewer units: on the same budget, on three times, and on eight times
    ("3 digits, 128 units", "3 digits, 64 units"),
    ("3 digits, 128 units", THREE_TIMES),
    ("3 digits, 128 units", EIGHT_TIMES),
]
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARED)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

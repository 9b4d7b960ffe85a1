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

import math
import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    invert,
    question_length,
)
from common.checks import check_size
from common.comparisons import Comparison, Run
from common.engine import kept
from common.heldout import draw_around, draw_distinct, n_unordered, unordered
from common.onehot import one_hot_encode
from common.scores import EXACT, share_equal_by_kind, together
from common.settings import BaseSettings
from common.training import initialize, predict, train

N_EXAMPLES = 3200  # new ones every epoch
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
N_TEST = 500  # questions of each number of terms, where a tenth of all is as many


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 80  # training epochs of each variant
    terms: int = 4  # the most terms in training; one more in the test
    largest: int = 10  # largest number
    units: int = 64  # units of encoder and decoder

    def check(self):
        check_size("terms", self.terms, at_least=4)
        check_size("largest", self.largest, at_least=5)


@dataclass(frozen=True)
class Variant:
    trained: tuple  # the numbers of terms in training
    fill: str  # what short questions are filled up with


def variants(settings):
    every = (*range(1, settings.terms + 1),)
    gap = settings.terms - 1
    trained = {
        f"1 to {settings.terms}": every,
        f"without {gap}": (*every[: gap - 1], settings.terms),
    }
    return {
        f"{name}, {fill}": Variant(numbers, fill)
        for name, numbers in trained.items()
        for fill in ("spaces", "zeros")
    }


def draw(numbers_of_terms, largest, rng):
    """A function that draws so many lists of terms."""

    def terms():
        return [rng.randint(1, largest) for _ in range(rng.choice(numbers_of_terms))]

    return lambda n: [terms() for _ in range(n)]


def test_questions(settings):
    """A list of questions for every number of terms: a tenth of those there are."""
    rng, largest, questions = random.Random("test set"), settings.largest, {}
    for n in range(1, settings.terms + 2):
        size = min(N_TEST, math.ceil(n_unordered(n, largest) / 10))
        questions[n] = draw_distinct(size, draw([n], largest, rng))
    return questions


def encode(questions, fill, settings):
    """One-hot: (samples, characters of one term more than in training, symbols)."""
    n_terms, largest = settings.terms + 1, settings.largest
    n_in, n_out = question_length(n_terms, largest), answer_length(n_terms, largest)
    y = [str(sum(terms)).rjust(n_out) for terms in questions]
    if fill == "zeros":
        questions = [[0] * (n_terms - len(terms)) + terms for terms in questions]
    X = ["+".join(map(str, terms)).rjust(n_in) for terms in questions]
    return [one_hot_encode(integer_encode(texts), len(ALPHABET)) for texts in (X, y)]


@kept
def build_model(n_terms, largest, units):
    """The tutorial's encoder-decoder, for at most `n_terms` terms."""
    n_in, n_out = question_length(n_terms, largest), answer_length(n_terms, largest)
    unroll = n_in <= 20  # a short recurrence trains faster as a row of single steps
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(ALPHABET))))  # (samples, 14 characters, 12 symbols)
    model.add(keras.layers.LSTM(units, unroll=unroll))  # (samples, 64)
    model.add(keras.layers.RepeatVector(n_out))  # (samples, 2, 64)
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=unroll))
    model.add(keras.layers.Dense(len(ALPHABET), activation="softmax"))  # (samples, 2, 12)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def score(model, test_set, variant, settings):
    """Exact match over the trained numbers of terms, then of each number of terms."""
    X, y = encode(sum(test_set.values(), []), variant.fill, settings)
    answers = ([*map(invert, side)] for side in (y, predict(model, X)))
    shares = share_equal_by_kind(test_set, *answers)
    of_trained = together(shares[n] for n in variant.trained)
    return {EXACT: of_trained, **{f"{n} term{'s' * (n > 1)}": shares[n] for n in shares}}


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on sums never drawn."""
    test_set = test_questions(settings)
    held_out = {unordered(terms) for asked in test_set.values() for terms in asked}
    model = build_model(settings.terms + 1, settings.largest, settings.units)
    initialize(model, seed)
    rng = random.Random(seed)

    def epoch_data():
        questions = draw(variant.trained, settings.largest, rng)
        return encode(draw_around(held_out, N_EXAMPLES, questions), variant.fill, settings)

    history = train(model, epoch_data, settings.epochs, BATCH_SIZE)
    return Run(model, history, score(model, test_set, variant, settings))


def tested_on(settings):
    n_test = sum(map(len, test_questions(settings).values()))
    return f"{n_test} sums never drawn in training"


def finding(results, settings):
    mean, (spaces, zeros, gap_spaces, gap_zeros) = results.mean, variants(settings)
    more, left_out = f"{settings.terms + 1} terms", f"{settings.terms - 1} terms"
    print(
        f"Finding: filled with spaces, exact match {mean(spaces, EXACT):.1%} on"
        f" 1 to {settings.terms} terms, {mean(spaces, more):.1%} on {more}, and"
        f" {mean(gap_spaces, left_out):.1%} on {left_out} left out of training;"
        f" filled with zeros {mean(zeros, EXACT):.1%}, {mean(zeros, more):.1%},"
        f" {mean(gap_zeros, left_out):.1%}."
    )


experiment = Comparison(
    __file__, __doc__, Settings, variants, run, tested_on, finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

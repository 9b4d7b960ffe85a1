"""Can one model add any number of terms? From [7] to [1, 1, 9, 6], and beyond.

Tutorial A, "Extensions": a variable number of terms. One encoder-decoder is trained on one
to four terms, mixed; short questions are filled up with spaces, "    1+2", or, as a reader
thinks, with terms of zero, "0+0+1+2". It is asked for one to four terms, and for five,
which training never shows. Trained again without three-term sums, it is asked for these as
well. No test question, in any order of its terms, is drawn in training.

    python -m extensions.addition_variable_terms --runs 10
"""

from dataclasses import dataclass
from random import Random

from common import sums
from common.backend import keras
from common.characters import ALPHABET, answer_length, integer_encode, pad, question_length
from common.checks import check_size
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT
from common.settings import BaseSettings
from common.training import predict, train
from extensions.addition_digits import BATCH_SIZE, N_EXAMPLES, build_model, n_test
from extensions.tools.heldout import draw_around, draw_distinct, n_unordered, unordered
from extensions.tools.scoring import pooled, share_equal_by_kind


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 80  # training epochs of each variant
    terms: int = 4  # the most terms in training; one more in the test
    largest: int = 10  # largest number
    units: int = 64  # units of encoder and decoder

    def check(self):
        check_size("terms", self.terms, at_least=4)
        check_size("largest", self.largest, at_least=5)

    @property
    def lengths(self):
        """Of the longest question and answer, of one term more than in training."""
        sizes = self.terms + 1, self.largest
        return question_length(*sizes), answer_length(*sizes)


@dataclass(frozen=True)
class Variant:
    trained: tuple  # the numbers of terms in training
    fill: str  # what short questions are filled up with


def variants(settings):
    most = settings.terms
    trained = {
        f"1 to {most}": (*range(1, most + 1),),
        f"without {most - 1}": (*range(1, most - 1), most),
    }
    return {
        f"{name}, {fill}": Variant(numbers, fill)
        for name, numbers in trained.items()
        for fill in ("spaces", "zeros")
    }


def questions(numbers_of_terms, largest, rng):
    """A function that draws a number of lists of terms."""

    def terms():
        return [rng.randint(1, largest) for _ in range(rng.choice(numbers_of_terms))]

    return lambda n: [terms() for _ in range(n)]


def test_questions(settings):
    """A list of questions for every number of terms."""
    rng, largest = Random("test set"), settings.largest
    return {
        n: draw_distinct(n_test(n_unordered(n, largest)), questions([n], largest, rng))
        for n in range(1, settings.terms + 2)
    }


def encode(questions, fill, settings):
    """One-hot: (samples, characters of one term more than in training, symbols)."""
    n_in, n_out = settings.lengths
    y = [pad(str(sums.answer(terms)), n_out) for terms in questions]
    if fill == "zeros":
        questions = [[0] * (settings.terms + 1 - len(terms)) + terms for terms in questions]
    X = [pad("+".join(map(str, terms)), n_in) for terms in questions]
    return [one_hot_encode(integer_encode(texts), len(ALPHABET)) for texts in (X, y)]


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on sums never drawn."""
    test_set = test_questions(settings)
    asked = sum(test_set.values(), [])
    held_out, rng = {unordered(terms) for terms in asked}, Random(seed)

    def new_data():
        draw = questions(variant.trained, settings.largest, rng)
        return encode(draw_around(held_out, N_EXAMPLES, draw), variant.fill, settings)

    keras.utils.set_random_seed(seed)
    model = build_model(settings.terms + 1, settings.largest, settings.units)
    history = train(model, new_data, settings.epochs, BATCH_SIZE)
    X, y = encode(asked, variant.fill, settings)
    answers = y.argmax(axis=-1), predict(model, X).argmax(axis=-1)
    shares = share_equal_by_kind(test_set, *answers)
    scores = {EXACT: pooled(shares[n] for n in variant.trained)}
    scores |= {f"{n} term{'s' * (n > 1)}": share for n, share in shares.items()}
    return Run(model, history, scores)


def tested_on(settings):
    n_asked = sum(map(len, test_questions(settings).values()))
    return f"{n_asked} sums never drawn in training"


def compares(settings):
    """Spaces against zeros for one term more."""
    spaces, zeros, *_ = variants(settings)
    return [(spaces, zeros, f"{settings.terms + 1} terms")]


experiment = Comparison(__doc__, Settings, variants, run, tested_on, compares=compares)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

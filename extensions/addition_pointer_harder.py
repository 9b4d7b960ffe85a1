"""Do the pointers of `addition_pointer.py` find an alignment that is harder to find?

With the most significant digit first, "123+45=", what belongs together depends on the
lengths of both terms. Written from its last digit, the answer needs pointers that begin at
the ends of the terms and move back; written from its first, as in the tutorial, it hangs on
a carry from all digits below (`addition_notes.py` does that, in two passes). Then three
terms, and a difference with its sign behind its digits, "321-54=", "45-321=": which term is
the larger one only the last digits read tell; so there are differences with the larger term
first as well. There are 12 pointers, which move by -1, 0 or 1; all else is as there.

    python -m extensions.addition_pointer_harder --runs 2 --seed 11
"""

import random
from dataclasses import dataclass

from common import sums
from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.settings import BaseSettings
from common.training import train
from extensions import addition_pointer
from extensions.addition_pointer import BATCH_SIZE, N_BATCHES, build_model
from extensions.tools.heldout import draw_around, draw_distinct, unordered
from extensions.tools.scoring import score_tests, showing
from extensions.tools.streams import (
    END,
    EQUALS,
    FILLING,
    NINES,
    PLUS,
    SAME_LENGTH,
    write_answers,
    write_streams,
)

LENGTHS = (10, 20, 40, 100, 300)  # digits of all terms
ANY = "Any lengths"  # each term up to as long
N_TEST = 200  # questions of each length
LONGEST = 20  # digits in training
READ = {**{str(digit): digit for digit in range(10)}, "+": PLUS, "-": PLUS, "=": EQUALS}
WRITTEN = "0123456789.-"  # the symbols of an answer; a point for `END`
POINTERS = addition_pointer.Variant(heads=12, shifts=(-1, 0, 1))


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 80  # training epochs of each variant, 12,800 questions in each


@dataclass(frozen=True)
class Variant:
    n_terms: int = 2
    operation: str = "+"
    read_backwards: bool = True  # the least significant digit first
    written_backwards: bool = True
    larger_first: bool = False


VARIANTS = {
    "two terms": Variant(),
    "read forwards, written backwards": Variant(read_backwards=False),
    "read and written forwards": Variant(read_backwards=False, written_backwards=False),
    "three terms": Variant(n_terms=3),
    "difference": Variant(operation="-"),
    "difference, larger first": Variant(operation="-", larger_first=True),
}


def number(n_digits, rng):
    """A random integer of `n_digits`; of one digit it may be 0."""
    return rng.randrange(10 ** (n_digits - 1) if n_digits > 1 else 0, 10**n_digits)


def draw(variant, rng):
    """Terms of 1 to 20 digits: three in ten of the same length, two in ten such that a
    carry goes far, or for a difference what is borrowed."""
    lengths = [rng.randint(1, LONGEST) for _ in range(variant.n_terms)]
    if rng.random() < SAME_LENGTH:
        lengths = lengths[:1] * variant.n_terms
    terms = [number(length, rng) for length in lengths]
    if rng.random() < NINES:
        terms = carried_far(terms, variant.operation, rng)
    return in_order(variant, terms)


def in_order(variant, terms):
    """The terms as they are asked."""
    return tuple(sorted(terms, reverse=True) if variant.larger_first else terms)


def carried_far(terms, operation, rng):
    """The terms with other digits, so that a carry goes far, or what is borrowed.

    In about nine places of ten the digits that there are add up to nine, or to a number
    that ends with a nine; their difference, but for a term's first digit, is zero.
    """
    digits = [[int(digit) for digit in reversed(str(term))] for term in terms]
    for place in range(max(map(len, digits))):
        there = [term for term in digits if place < len(term)]
        alone_at_top = len(there) == 1 and place == len(there[0]) - 1
        if rng.random() < 0.9 and not (operation == "-" and alone_at_top):
            above = sum(term[place] for term in there[:-1])
            there[-1][place] = above if operation == "-" else (9 - above) % 10
    return [int("".join(map(str, reversed(term)))) for term in digits]


def question(variant, terms):
    """What is read.

    >>> question(Variant(), (123, 45)), question(Variant(operation="-"), (45, 123))
    ('321+54=', '54-321=')
    """
    backwards = -1 if variant.read_backwards else 1
    return variant.operation.join(str(term)[::backwards] for term in terms) + "="


def result(variant, terms):
    """What is to be written.

    >>> result(Variant(), (123, 45)), result(Variant(operation="-"), (45, 123))
    ('861', '87-')
    """
    value = sums.answer(terms) if variant.operation == "+" else terms[0] - terms[1]
    backwards = -1 if variant.written_backwards else 1
    return str(abs(value))[::backwards] + "-" * (value < 0)


def test_terms(variant):
    """{name: terms}: of that many digits each, and each of any length up to the most."""
    rng, most = random.Random("test set"), max(LENGTHS)

    def drawing(shortest, longest):
        def terms():
            lengths = [rng.randint(shortest, longest) for _ in range(variant.n_terms)]
            return in_order(variant, [number(n_digits, rng) for n_digits in lengths])

        return lambda n: [terms() for _ in range(n)]

    tests = {f"{n} digits": draw_distinct(N_TEST, drawing(n, n)) for n in LENGTHS}
    return {**tests, ANY: draw_distinct(N_TEST, drawing(1, most))}


def run(settings, seed, variant, train=train):
    """Train on one task with one seed, and score it on longer and longer questions."""
    tests, steps = test_terms(variant), LONGEST + 2  # a carry or a sign, the end
    held_out = {unordered(terms) for asked in tests.values() for terms in asked}
    n_batches, timesteps = settings.epochs * N_BATCHES, variant.n_terms * (LONGEST + 1)
    keras.utils.set_random_seed(seed)
    model = build_model(POINTERS, steps, n_batches, n_written=len(WRITTEN))
    rng = random.Random(seed)

    def read(terms, timesteps=None):
        texts = [[READ[symbol] for symbol in question(variant, t)] for t in terms]
        return write_streams(texts, FILLING, timesteps)

    def new_questions():
        def any_length(n):
            return [draw(variant, rng) for _ in range(n)]

        new = draw_around(held_out, N_BATCHES * BATCH_SIZE, any_length)
        answers = [[WRITTEN.index(symbol) for symbol in result(variant, t)] for t in new]
        return read(new, timesteps), *write_answers(answers, steps, END)

    history = train(model, new_questions, settings.epochs, BATCH_SIZE)

    def ask(terms):
        found = model.answers(read(terms), END)
        return ["".join(WRITTEN[symbol] for symbol in answer or ()) for answer in found]

    def expected_of(terms):
        return [result(variant, t) for t in terms]

    def texts_of(terms):
        return [question(variant, t) for t in terms]

    scores, wrong = score_tests(tests, ask, expected_of, texts_of)
    return Run(model, history, scores, [wrong])


TESTED_ON = f"{N_TEST} questions of each length"
COMPARES = [("two terms", harder, ANY) for harder in [*VARIANTS][1:]]
SHOW = showing("difference")
experiment = Comparison(
    __doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES, show=SHOW
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

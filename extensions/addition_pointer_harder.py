"""Do the pointers of `addition_pointer.py` find an alignment that is harder to find?

There the least significant digit stands first, so the digits that belong together are
as far from where the terms begin. Here the most significant one does, "123+45=", and what
belongs together depends on both lengths. Written backwards, from the least significant
digit, the answer needs pointers that begin at the ends of the terms and move back;
written forwards, it needs to know at once how long the terms are and whether a carry
comes from below. Then three terms, and a difference with its sign behind its digits,
"321-54=", "45-321=". Pointers may move by -1, 0 or 1; there are 12 of them, and all else
is as in `addition_pointer.py`.

    python extensions/addition_pointer_harder.py --runs 3 --seed 11
"""

import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.comparisons import Comparison, Run
from common.engine import kept
from common.heldout import draw_around, draw_distinct, unordered
from common.scores import print_wrong, share_equal
from common.settings import BaseSettings
from common.streams import END, FILLING, PLUS, read_answers, write_answers
from common.training import predict, train_from_seed
from extensions import addition_pointer
from extensions.addition_pointer import BATCH_SIZE, N_BATCHES, compiled, network

LENGTHS = (10, 20, 40, 100, 300)  # digits of all terms
N_TEST = 200  # questions of each length
LONGEST = 20  # digits in training
MINUS = END + 1  # in an answer
READ = {**{str(digit): digit for digit in range(10)}, "+": PLUS, "-": PLUS, "=": PLUS + 1}
WRITTEN = {**READ, "-": MINUS}
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


VARIANTS = {
    "two terms": Variant(),
    "read forwards, written backwards": Variant(read_backwards=False),
    "read and written forwards": Variant(read_backwards=False, written_backwards=False),
    "three terms": Variant(n_terms=3),
    "difference": Variant(operation="-"),
}


def number(n_digits, rng):
    """A random integer of so many digits; of one digit it may be 0."""
    return rng.randrange(10 ** (n_digits - 1) if n_digits > 1 else 0, 10**n_digits)


def draw(variant, rng):
    """Terms of 1 to 20 digits: three in ten of one length, two in ten that carry far."""
    lengths = [rng.randint(1, LONGEST) for _ in range(variant.n_terms)]
    if rng.random() < 0.3:
        lengths = lengths[:1] * variant.n_terms
    terms = [number(length, rng) for length in lengths]
    if rng.random() < 0.2:  # most digits of the second add up to nine with the first's
        nines = str(10 ** lengths[1] - 1 - terms[0] % 10 ** lengths[1]).zfill(lengths[1])
        other = str(terms[1]).zfill(lengths[1])
        terms[1] = int(
            "".join(n if rng.random() < 0.9 else o for n, o in zip(nines, other))
        )
    return tuple(terms)


def question(variant, terms):
    """What is read, and what is to be written.

    >>> question(Variant(), (123, 45)), question(Variant(operation="-"), (45, 123))
    (('321+54=', '861'), ('54-321=', '87-'))
    """
    texts = [*map(str, terms)]
    if variant.read_backwards:
        texts = [text[::-1] for text in texts]
    result = sum(terms) if variant.operation == "+" else terms[0] - sum(terms[1:])
    answer = str(abs(result))
    if variant.written_backwards:
        answer = answer[::-1]
    return f"{variant.operation.join(texts)}=", answer + "-" * (result < 0)


def encode(questions, timesteps=None):
    """Streams, (n, timesteps), and the symbols of the answers, lists."""
    X = np.full((len(questions), timesteps or max(len(q) for q, _ in questions)), FILLING)
    for row, (read, _) in zip(X, questions):
        row[: len(read)] = [READ[symbol] for symbol in read]
    return X, [[WRITTEN[symbol] for symbol in answer] for _, answer in questions]


@kept
def build_model(n_terms, n_batches):
    steps = LONGEST + 3  # room for a carry, or a sign, and the end
    model = network(POINTERS, steps, n_batches, n_symbols=MINUS + 1)
    return compiled(model, n_batches)


def test_terms(variant):
    """{digits: terms of so many digits each}"""
    rng = random.Random("test set")
    return {
        n: draw_distinct(
            N_TEST,
            lambda m: [
                tuple(number(n, rng) for _ in range(variant.n_terms)) for _ in range(m)
            ],
        )
        for n in LENGTHS
    }


def run(settings, variant, seed):
    """Train on one task with one seed, and score it on longer and longer questions."""
    tests = test_terms(variant)
    held_out = {unordered(terms) for asked in tests.values() for terms in asked}
    model = build_model(variant.n_terms, settings.epochs * N_BATCHES)
    timesteps = variant.n_terms * (LONGEST + 1)

    def epoch_data(rng):
        def terms(n):
            return [draw(variant, rng) for _ in range(n)]

        new = draw_around(held_out, N_BATCHES * BATCH_SIZE, terms)
        X, answers = encode([question(variant, terms) for terms in new], timesteps)
        return X, *write_answers(answers, LONGEST + 3, END)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    asked = network(POINTERS, n_symbols=MINUS + 1)
    asked.set_weights(model.get_weights())
    scores, wrong = {}, None
    for n, test_set in tests.items():
        questions = [question(variant, terms) for terms in test_set]
        X, expected = encode(questions)
        outputs = predict(asked, X, batch_size=50).argmax(axis=-1)
        answers = [list(answer or ()) for answer in read_answers(outputs, END)]
        right = [e == a for e, a in zip(expected, answers)]
        scores[f"{n} digits"] = share_equal([True] * N_TEST, right)
        if not all(right) and not wrong:
            wrong = f"{n} digits", [q for q, _ in questions], expected, answers
    n_weights = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    return Run(n_weights, history, scores, wrong)


def show(wrong, args):
    """Wrong answers of the first test that has any."""
    if wrong:
        print_wrong(f"Difference, seed {args.seed}, {wrong[0]}", *wrong[1:])


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} questions of each length",
    compares=[("two terms", harder, "300 digits") for harder in [*VARIANTS][1:]],
    show=("difference", show),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Does the model add, or has it memorised the sums?

Tutorial A, section "Addition as a seq2seq Problem": up to 10 there are only 100 sums, so
training has seen every test sum. Here a fifth of the pairs is kept out, another fifth for
each seed: neither 3 + 10 nor 10 + 3 is ever drawn. The tutorial's model is trained on sums
up to 10, 100 and 1000, for 300 epochs and for the tutorial's 30; with a higher rate (up to
1000), and a batch size of 1 (up to 10). With "shuffled answers" the right answers are dealt
out among the pairs, and stay there: nothing can be computed, only memorised.

    python -m extensions.addition_heldout --runs 10
"""

import itertools
from dataclasses import dataclass
from random import Random

from common import sums
from common.backend import keras
from common.characters import encode_sums
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.training import after_epochs, predict, train
import addition_seq2seq
from extensions.tools.heldout import draw_around, drawing, has_carry, reserve, unordered

TUTORIAL = addition_seq2seq.Settings()
N_TEST = 1000  # pairs at most
N_POINTS = 20  # of the curve
SEEN, UNSEEN = Score("Exact match, seen"), Score("Exact match, unseen")
CARRY = Score("Unseen with a carry")
CHARACTERS = Score("Per-character, seen", kind="parts")
POINT = "Unseen, epoch "


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (300, TUTORIAL.epochs)  # training epochs, many, and the tutorial's
    largest: tuple = (TUTORIAL.largest, 100, 1000)  # largest numbers

    def check(self):
        for size in self.largest:  # up to 3 there are 6 pairs, and one can be reserved
            check_size("largest", size, at_least=3, at_most=3000)
        check_size("epochs", self.epochs[1], at_most=self.epochs[0])


@dataclass(frozen=True)
class Variant:
    largest: int  # the largest number
    epochs: int
    shuffled_answers: bool = False  # among the pairs
    batch_size: int = TUTORIAL.batch_size
    rate: float = 0.001  # Adam's default


def variants(settings):
    (many, few), (small, medium, large) = settings.epochs, settings.largest
    return {
        f"up to {small}": Variant(small, many),
        f"up to {medium}": Variant(medium, many),
        f"up to {large}": Variant(large, many),
        f"up to {large}, learning rate 0.003": Variant(large, many, rate=0.003),
        f"up to {small}, shuffled answers": Variant(small, many, True),
        f"up to {medium}, shuffled answers": Variant(medium, many, True),
        f"up to {small}, {few} epochs": Variant(small, few),
        f"up to {medium}, {few} epochs": Variant(medium, few),
        f"up to {small}, shuffled answers, {few} epochs": Variant(small, few, True),
        f"up to {small}, {few} epochs, batch size 1": Variant(small, few, batch_size=1),
    }


def answers_to_pairs(largest, shuffled=False):
    """The answer to each pair, in ascending order: {(3, 10): 13}.

    Or the same answers, each as often, dealt out among the pairs: always the same way.
    """
    numbers = range(1, largest + 1)
    pairs = [*itertools.combinations_with_replacement(numbers, TUTORIAL.n_numbers)]
    answers = [sums.answer(pair) for pair in pairs]
    if shuffled:
        Random("answers").shuffle(answers)
    return dict(zip(pairs, answers))


def points(settings):
    """The epochs after which a training is looked at, for the curve."""
    last = settings.epochs[0]
    step = max(1, last // N_POINTS)
    return sorted({*range(step, last, step), last})


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on pairs drawn and never drawn."""
    sizes = TUTORIAL.n_numbers, variant.largest
    answers = answers_to_pairs(variant.largest, variant.shuffled_answers)
    held_out, unseen = reserve(*sizes, N_TEST, split=seed)
    rng, drawn = Random(seed), set()

    def encode(X):
        return encode_sums(X, [answers[unordered(row)] for row in X], *sizes)

    def new_data():
        X = draw_around(held_out, TUTORIAL.n_samples, drawing(*sizes, rng))
        drawn.update(map(tuple, X))
        return encode(X)

    keras.utils.set_random_seed(seed)
    model = addition_seq2seq.build_model(addition_seq2seq.Settings(largest=variant.largest))
    model.optimizer.learning_rate = variant.rate

    def right(asked, share=share_equal):
        if not asked:  # up to 4 + 4 no sum has a carry
            return Share(0, 0)
        X, y = encode(asked)
        return share(y.argmax(axis=-1), predict(model, X).argmax(axis=-1))

    # a point that is never reached, since the loss is not finite, has nothing right
    curve = {n: Share(0, len(unseen)) for n in points(settings) if n <= variant.epochs}

    def look(epochs_done):
        curve[epochs_done] = right(unseen)

    budget = variant.epochs, variant.batch_size
    history = train(model, new_data, *budget, callbacks=[after_epochs(curve, look)])
    seen = Random("test set").sample(sorted(drawn), min(2 * N_TEST, len(drawn)))
    scores = {
        SEEN: right(seen),
        UNSEEN: right(unseen),
        CARRY: right([row for row in unseen if has_carry(row)]),
        CHARACTERS: right(seen, share_of_elements),
        **{Score(f"{POINT}{n}", table=False): curve.get(n) for n in points(settings)},
    }
    return Run(model, history, scores)


def compares(settings):
    """Whether it adds: more unseen sums right than where there is nothing to add."""
    (_, few), (small, medium, _) = settings.epochs, settings.largest
    return [
        (f"up to {small}", f"up to {small}, shuffled answers", UNSEEN),
        (f"up to {medium}", f"up to {medium}, shuffled answers", UNSEEN),
        (f"up to {small}, {few} epochs", f"up to {small}, shuffled answers, {few} epochs")
        + (UNSEEN,),
    ]


TESTED_ON = f"up to {2 * N_TEST} sums"
experiment = Comparison(__doc__, Settings, variants, run, TESTED_ON, compares=compares)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

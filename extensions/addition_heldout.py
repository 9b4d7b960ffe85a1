"""Adding or remembering? Sums that training never draws, in neither order.

Tutorial A, section "Addition as a seq2seq Problem": up to 10 there are only 100 sums, so
every test sum was seen in training. Readers ask whether the model adds or remembers; the
author doubts that it has the capacity to memorise. Here a fifth of the pairs is reserved
for testing: neither 3 + 10 nor 10 + 3 is ever drawn. The tutorial's model is trained on
sums up to 10, 100 and 1000, and on random answers: there nothing can be computed, and
what it has right it remembers. All of them on the same budget, which is the one that gets
100 right: 300 epochs of 1000 sums, batch size 10 (tutorial: 30 epochs).

    python extensions/addition_heldout.py --runs 3 --plot docs/figures/addition_heldout.png

About three and a half minutes per seed.
"""

import itertools
import random
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import addition_seq2seq
from common import cli
from common.characters import encode_sums
from common.checks import check_size
from common.comparisons import Comparison, Run
from common.engine import kept
from common.heldout import draw_around, reserve, unordered
from common.plots import plot_scores
from common.scores import Share, share_equal
from common.settings import BaseSettings
from common.sums import has_carry, random_sum_pairs
from common.training import predict, train_from_seed

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
BATCH_SIZE = 10
N_TEST = 1000  # pairs at most
N_POINTS = 20  # of the curve
ALMOST_ALL = 0.99
SEEN, UNSEEN, CARRY = "Exact match, seen", "Exact match, unseen", "Unseen with a carry"
POINT = "Unseen, epoch "


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 300  # training epochs of each variant
    largest: tuple = (10, 100, 1000)  # largest numbers
    random: tuple = (10, 100)  # largest numbers with random answers

    def check(self):
        for size in self.largest:  # up to 3 there are 6 pairs, and one can be reserved
            check_size("largest", size, at_least=3, at_most=3000)
        for size in self.random:
            check_size("random", size, at_least=3, at_most=3000)


@dataclass(frozen=True)
class Variant:
    largest: int  # the largest number
    random_answers: bool = False  # instead of sums


def variants(settings):
    sums = {f"up to {n}": Variant(n) for n in settings.largest}
    drawn = {f"up to {n}, random answers": Variant(n, True) for n in settings.random}
    return sums | drawn


def random_answers(largest):
    """An answer for each pair in ascending order, as long as a sum but not computable."""
    rng = random.Random("answers")
    pairs = itertools.combinations_with_replacement(range(1, largest + 1), N_NUMBERS)
    return {pair: rng.randint(2, N_NUMBERS * largest) for pair in pairs}


@kept
def build_model(largest):
    """The tutorial's encoder-decoder."""
    return addition_seq2seq.build_model(addition_seq2seq.Settings(largest=largest))


def points(settings):
    """The epochs after which a training is looked at, for the curve."""
    step = max(1, settings.epochs // N_POINTS)
    return sorted({*range(step, settings.epochs, step), settings.epochs})


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on pairs drawn and never drawn."""
    largest = variant.largest
    answers = random_answers(largest) if variant.random_answers else None
    held_out, unseen = reserve(N_NUMBERS, largest, N_TEST)
    model, drawn = build_model(largest), set()

    def encode(X):
        y = [answers[unordered(row)] if answers else sum(row) for row in X]
        return encode_sums(X, y, N_NUMBERS, largest)

    def epoch_data(rng):
        def draw(n):
            return random_sum_pairs(n, N_NUMBERS, largest, rng=rng)[0]

        X = draw_around(held_out, N_EXAMPLES, draw)
        drawn.update(map(tuple, X))
        return encode(X)

    def share_right(asked):
        if not asked:  # no carry is possible up to 4 + 4
            return Share(0, 0)
        X, y = encode(asked)
        return share_equal(y.argmax(axis=-1), predict(model, X).argmax(axis=-1))

    # a point that is never reached, since the loss is not finite, has nothing right
    curve = dict.fromkeys(points(settings), Share(0, len(unseen)))

    def look(epochs_done):
        curve[epochs_done] = share_right(unseen)

    looking = {"callback": look, "callback_epochs": [*curve]}
    history = train_from_seed(
        model, seed, epoch_data, settings.epochs, BATCH_SIZE, **looking
    )
    seen = random.Random("test set").sample(sorted(drawn), min(2 * N_TEST, len(drawn)))
    scores = {
        SEEN: share_right(seen),
        UNSEEN: curve[settings.epochs],
        CARRY: share_right([row for row in unseen if has_carry(row)]),
        **{f"{POINT}{epoch}": share for epoch, share in curve.items()},
    }
    return Run(model, history, scores)


def plot(path, results, settings):
    """The share of unseen sums that are right over the epochs."""
    lines = results.curves(points(settings), POINT + "{}")
    title = "Sums that training never draws, in neither order"
    plot_scores(path, lines, "epoch", "exact match on unseen sums", title)


def finding(results, settings):
    largest, reached = f"up to {settings.largest[1]}", []  # by each seed, in epochs
    curves = [results.values(largest, f"{POINT}{n}") for n in points(settings)]
    for curve in zip(*curves):
        epochs = [n for n, right in zip(points(settings), curve) if right >= ALMOST_ALL]
        reached += epochs[:1]
    when = f"after {max(reached)} epochs at the latest" if reached else "never"
    n_seeds = len(results.values(largest, UNSEEN))
    for variant in results.variants:
        seen, unseen = (results.mean(variant, score) for score in (SEEN, UNSEEN))
        print(f"Finding: {variant}: {seen:.1%} of the seen, {unseen:.1%} of the unseen.")
    print(
        f"Finding: {ALMOST_ALL:.0%} of the unseen sums {largest} are right in "
        f"{len(reached)} of {n_seeds} seeds, {when}."
    )


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    variants,
    run,
    f"up to {2 * N_TEST} sums",
    file_only=(POINT,),
    finding=finding,
    plot=("exact match on unseen sums over the epochs", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

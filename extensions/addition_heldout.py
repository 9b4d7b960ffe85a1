"""Adding or remembering? Sums that training never draws, in neither order.

Tutorial A, section "Addition as a seq2seq Problem": up to 10 there are only 100 sums, so
every test sum was seen in training. Readers ask whether the model adds or remembers; the
author doubts that it has the capacity to memorise. Here a fifth of the pairs is reserved
for testing, another fifth for each seed: neither 3 + 10 nor 10 + 3 is ever drawn. The
tutorial's model is trained on sums up to 10, 100 and 1000, and on random answers: there
nothing can be computed, and what it has right it remembers. First for 300 epochs of 1000
sums, batch size 10, which is what 100 takes; then for the tutorial's 30 epochs, which is
what its author and its readers speak of: one of them has 58 % of the characters right up
to 100. Last with batch size 1, which the tutorial says gets there, but takes ten times
longer.

    python -m extensions.addition_heldout --runs 10 --plot docs/figures/addition_heldout.png
"""

import itertools
import random
from dataclasses import dataclass

from common.characters import encode_sums
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import Score, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import cache_models, calling, predict, train_from_seed
import addition_seq2seq
from extensions.tools.heldout import draw_around, has_carry, reserve, unordered

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
N_TEST = 1000  # pairs at most
N_POINTS = 20  # of the curve
SEEN, UNSEEN, CARRY = "Exact match, seen", "Exact match, unseen", "Unseen with a carry"
CHARACTERS = Score("Per-character, seen", kind="parts")
POINT = "Unseen, epoch "


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (300, 30)  # training epochs, many, and the tutorial's
    largest: tuple = (10, 100, 1000)  # largest numbers
    random: tuple = (10, 100)  # largest numbers with random answers

    def check(self):
        for size in self.largest:  # up to 3 there are 6 pairs, and one can be reserved
            check_size("largest", size, at_least=3, at_most=3000)
        for size in self.random:
            check_size("random", size, at_least=3, at_most=3000)
        check_size("epochs", self.epochs[1], at_most=self.epochs[0])


@dataclass(frozen=True)
class Variant:
    largest: int  # the largest number
    epochs: int
    random_answers: bool = False  # instead of sums
    batch_size: int = 10


def variants(settings):
    (many, few), (small, medium, _) = settings.epochs, settings.largest
    memory = settings.random[0]
    return {
        **{f"up to {n}": Variant(n, many) for n in settings.largest},
        **{f"up to {n}, random answers": Variant(n, many, True) for n in settings.random},
        f"up to {small}, {few} epochs": Variant(small, few),
        f"up to {medium}, {few} epochs": Variant(medium, few),
        f"up to {memory}, random answers, {few} epochs": Variant(memory, few, True),
        f"up to {small}, {few} epochs, batch size 1": Variant(small, few, batch_size=1),
    }


def random_answers(largest):
    """An answer for each pair in ascending order, as long as a sum but not computable."""
    rng = random.Random("answers")
    pairs = itertools.combinations_with_replacement(range(1, largest + 1), N_NUMBERS)
    return {pair: rng.randint(2, N_NUMBERS * largest) for pair in pairs}


@cache_models
def build_model(largest):
    """The tutorial's encoder-decoder."""
    return addition_seq2seq.build_model(addition_seq2seq.Settings(largest=largest))


def points(settings):
    """The epochs after which a training is looked at, for the curve."""
    last = settings.epochs[0]
    step = max(1, last // N_POINTS)
    return sorted({*range(step, last, step), last})


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on pairs drawn and never drawn."""
    largest = variant.largest
    answers = random_answers(largest) if variant.random_answers else None
    held_out, unseen = reserve(N_NUMBERS, largest, N_TEST, split=seed)
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

    def right(asked, share=share_equal):
        if not asked:  # up to 4 + 4 no sum has a carry
            return Share(0, 0)
        X, y = encode(asked)
        return share(y.argmax(axis=-1), predict(model, X).argmax(axis=-1))

    looks = [n for n in points(settings) if n <= variant.epochs]
    # a point that is never reached, since the loss is not finite, has nothing right
    curve = dict.fromkeys(looks, Share(0, len(unseen)))

    def look(epochs_done):
        curve[epochs_done] = right(unseen)

    with calling(look, looks):
        sizes = variant.epochs, variant.batch_size
        history = train_from_seed(model, seed, epoch_data, *sizes)
    seen = random.Random("test set").sample(sorted(drawn), min(2 * N_TEST, len(drawn)))
    scores = {
        SEEN: right(seen),
        UNSEEN: right(unseen),
        CARRY: right([row for row in unseen if has_carry(row)]),
        CHARACTERS: right(seen, share_of_elements),
        **{Score(f"{POINT}{n}", table=False): curve.get(n) for n in points(settings)},
    }
    return Run(model, history, scores)


def plot(path, results, settings):
    """The share of unseen sums that are right over the epochs."""
    many, found = settings.epochs[0], variants(settings).items()
    lines = results.curves(points(settings), POINT + "{}")
    lines = {name: lines[name] for name, v in found if v.epochs == many and name in lines}
    title = "Sums that training never draws, in neither order"
    plot_scores(path, lines, "epoch", "exact match on unseen sums", title)


def compares(settings):
    """Whether it adds: more unseen sums right than where there is nothing to add."""
    pairs = [(f"up to {n}", f"up to {n}, random answers") for n in settings.random]
    n, few = settings.random[0], settings.epochs[1]
    pairs += [(f"up to {n}, {few} epochs", f"up to {n}, random answers, {few} epochs")]
    return [*[(*pair, UNSEEN) for pair in pairs], (*pairs[-1], CARRY)]


experiment = Comparison(
    __name__,
    variants,
    run,
    f"up to {2 * N_TEST} sums",
    compares=compares,
    plot=("exact match on unseen sums over the epochs", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

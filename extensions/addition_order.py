"""Does the order of the inputs matter? The beginner's mistake, shown.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)": the inputs
of the regressions could be shuffled, so that they learn a mapping and no sequence. Here
MLP, LSTM regression and seq2seq are trained, then tested on the same sums as drawn,
with the two terms swapped, and (seq2seq) with the characters of every question
shuffled. A second seq2seq is trained on shuffled characters. All of them on numbers up
to 10 and with 10,000 weight updates: 100 epochs of 100, batch size 1 for the
regressions and 10 for seq2seq.

    python -m extensions.addition_order --runs 20
"""

import itertools
import random
from collections import Counter, defaultdict
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.tables import difference, verdict
from common.scores import EXACT, Score, Share, share_equal
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import cache_models, train_from_seed
import addition_lstm_regression
import addition_mlp
import addition_seq2seq

N_NUMBERS = 2
N_UPDATES = 100  # per epoch
N_TEST = 1000
SWAPPED, SHUFFLED = Score("Terms swapped"), Score("Characters shuffled")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 100  # training epochs of each variant
    largest: int = 10  # largest number

    def check(self):
        check_size("largest", self.largest, at_most=1000)


@dataclass(frozen=True)
class Variant:
    script: ModuleType  # the tutorial's data and model
    batch_size: int = 1
    shuffled: bool = False  # trained on questions whose characters are shuffled


SEQ2SEQ, TRAINED = "seq2seq", "seq2seq, shuffled"
VARIANTS = {
    "MLP": Variant(addition_mlp),
    "LSTM regression": Variant(addition_lstm_regression),
    SEQ2SEQ: Variant(addition_seq2seq, batch_size=10),
    TRAINED: Variant(addition_seq2seq, batch_size=10, shuffled=True),
}


def shuffle(questions, rng):
    """The same characters of each question, the padding too, in another order.

    `questions`: one-hot, (samples, timesteps, symbols).
    """
    n = questions.shape[1]
    return np.stack([question[rng.sample(range(n), n)] for question in questions])


@cache_models
def build_model(script, sizes):
    """The tutorial's model."""
    return script.build_model(sizes)


def run(settings, variant, seed):
    """Train one variant with one seed, and test it on sums in one order and another."""
    script = variant.script
    sizes = script.Settings(
        examples=N_UPDATES * variant.batch_size,
        batch_size=variant.batch_size,
        n_numbers=N_NUMBERS,
        largest=settings.largest,
    )
    model = build_model(script, sizes)
    shuffled_by = random.Random(seed)

    def epoch_data(rng):
        X, y = script.epoch_data(sizes, rng)
        return (shuffle(X, shuffled_by) if variant.shuffled else X), y

    history = train_from_seed(model, seed, epoch_data, settings.epochs, variant.batch_size)

    def share_right(X, y):
        return share_equal(*script.evaluate(model, X, y, sizes))

    rng = random.Random("test set")
    drawn, sums = random_sum_pairs(N_TEST, N_NUMBERS, settings.largest, rng=rng)
    X, y = script.encode(drawn, sums, sizes)
    swapped, _ = script.encode([row[::-1] for row in drawn], sums, sizes)
    scores = {EXACT: share_right(X, y), SWAPPED: share_right(swapped, y), SHUFFLED: None}
    if script is addition_seq2seq:  # the regressions read no characters
        scores[SHUFFLED] = share_right(shuffle(X, random.Random("test set")), y)
    return Run(model, history, scores)


def best_without_order(largest):
    """What the best reader of a question's characters, without their order, gets right.

    >>> best_without_order(10), best_without_order(20)  # 1 + 20 looks like 2 + 10
    (Share(right=100, total=100), Share(right=396, total=400))
    """
    answers = defaultdict(Counter)
    for a, b in itertools.product(range(1, largest + 1), repeat=N_NUMBERS):
        answers["".join(sorted(f"{a}+{b}"))][a + b] += 1
    right = sum(max(counts.values()) for counts in answers.values())
    return Share(right, largest**N_NUMBERS)


def finding(results, settings):
    for name in results.variants:
        swapped, drawn = (results.values(name, score) for score in (SWAPPED, EXACT))
        change = difference(swapped, drawn, EXACT), verdict(swapped, drawn, EXACT)
        print(f"Finding: swapping the terms changes {name} by {': '.join(change)}.")
    up_to, up_to_100 = (float(best_without_order(n)) for n in (settings.largest, 100))
    print(
        f"Finding: without their order the characters give away {up_to:.1%} of the ", end=""
    )
    print(f"sums up to {settings.largest}, {up_to_100:.1%} up to 100.")


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} new sums",
    compares=[(TRAINED, SEQ2SEQ, SHUFFLED)],
    finding=finding,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

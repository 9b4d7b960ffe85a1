"""Does the order of the inputs matter? The beginner's mistake, shown.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)". MLP, LSTM
regression and seq2seq are trained, then tested on the same sums as drawn, with the two
terms swapped, and (seq2seq) with the characters of every question shuffled. A second
seq2seq is trained on shuffled characters. All of them with numbers up to 10 and 10,000
weight updates: 100 epochs, batch size 1 for the regressions and 10 for seq2seq.

    python -m extensions.addition_order --runs 20
"""

import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass
from random import Random
from types import ModuleType

import numpy as np

from common import sums
from common.characters import encode_sums, invert
from common.checks import check_size
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Score, Share, share_equal
from common.settings import BaseSettings
from common.training import predict, train
import addition_lstm_regression
import addition_mlp
import addition_seq2seq

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
    """The same characters of each question, the padding included, in another order.

    `questions`: one-hot, (samples, timesteps, symbols).
    """
    n = questions.shape[1]
    return np.stack([question[rng.sample(range(n), n)] for question in questions])


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and test it on sums in one order and another."""
    script, shuffled_by = variant.script, Random(seed)
    sizes = script.Settings(
        epochs=settings.epochs, largest=settings.largest, batch_size=variant.batch_size
    )

    def train_shuffled(model, new_sums, epochs, batch_size):
        def new_data():
            X, y = new_sums()
            return shuffle(X, shuffled_by), y

        return train(model, new_data, epochs, batch_size)

    # the tutorial's complete example
    model, history = script.run(sizes, seed, train_shuffled if variant.shuffled else train)

    numbers, rng = (sizes.n_numbers, settings.largest), Random("test set")
    drawn, _ = sums.random_sum_pairs(N_TEST, *numbers, rng=rng)
    scores = {}
    for score, asked in {EXACT: drawn, SWAPPED: [row[::-1] for row in drawn]}.items():
        _, expected, predicted = script.evaluate(model, asked, sizes)
        scores[score] = share_equal(expected, predicted)
    scores[SHUFFLED] = None
    if script is addition_seq2seq:  # the regressions read no characters
        X, y = encode_sums(drawn, [sums.answer(row) for row in drawn], *numbers)
        result = predict(model, shuffle(X, Random("test set")))
        scores[SHUFFLED] = share_equal([*map(invert, y)], [*map(invert, result)])
    return Run(model, history, scores)


def best_without_order(largest):
    """What the best reader of a question's characters, without their order, gets right.

    >>> best_without_order(10), best_without_order(20)  # 1 + 20 looks like 2 + 10
    (Share(right=100, total=100), Share(right=396, total=400))
    """
    answers = defaultdict(Counter)
    for row in itertools.product(range(1, largest + 1), repeat=2):
        [text] = sums.as_texts([row])
        answers["".join(sorted(text))][sums.answer(row)] += 1
    right = sum(max(counts.values()) for counts in answers.values())
    return Share(right, largest**2)


def finding(results, settings):
    shares = [best_without_order(n).percent() for n in (settings.largest, 100)]
    print(
        f"Finding: without their order the characters give away {shares[0]} % of the "
        f"sums up to {settings.largest}, {shares[1]} % up to 100."
    )


TESTED_ON = f"{N_TEST} new sums"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, finding=finding)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

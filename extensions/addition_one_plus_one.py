"""Why is 1+1 three?

Tutorial A, section "Addition as a seq2seq Problem": most seeds answer 3 to 1+1. 1+2 and
2+1 differ from it by one character, and nothing lies on its other side; while a network
does not tell the three apart, 3 is its best guess, two to one. If that is all, it helps
to draw 1+1 twice as often, and does harm to draw its neighbours twice as often; with
numbers from 2 to 10 the other corner is wrong, 2+2; and 1+1 stays wrong if its answer
changes places with that of 10+10. All of this is tried on the tutorial's budget; then
more epochs, and a higher learning rate. All sums are asked.

    python -m extensions.addition_one_plus_one --runs 20
"""

import itertools
from collections import Counter
from dataclasses import dataclass
from random import Random

import numpy as np

from common import sums
from common.backend import keras
from common.characters import encode_sums, invert, read_number
from common.checks import check_ascending
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import new_figure, save
from common.scores import EXACT, Score, Share
from common.settings import BaseSettings
from common.training import predict, train
import addition_seq2seq

TUTORIAL = addition_seq2seq.Settings()
NUMBERS = range(1, TUTORIAL.largest + 1)
CORNER = Score("Smallest sum right")  # 1+1, or 2+2 where numbers begin with 2


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (TUTORIAL.epochs, 50)  # training epochs, the tutorial's, and more

    def check(self):
        check_ascending("epochs", self.epochs)


@dataclass(frozen=True)
class Variant:
    doubled: tuple = ()  # sums that are drawn twice as often
    smallest: int = 1
    largest: int = TUTORIAL.largest
    exchanged: bool = False  # the answers of 1+1 and 10+10
    epochs: int = TUTORIAL.epochs
    rate: float = 0.001  # Adam's default

    @property
    def asked(self):
        """All possible sums, [[1, 1], [1, 2], ...]."""
        numbers = range(self.smallest, self.largest + 1)
        return [list(pair) for pair in itertools.product(numbers, repeat=2)]

    def answer(self, terms):
        """What training says that the terms add up to."""
        if self.exchanged and terms in ([1, 1], [10, 10]):
            terms = [11 - term for term in terms]
        return sums.answer(terms)


def variants(settings):
    few, many = settings.epochs
    return {
        "as the tutorial": Variant(epochs=few),
        "1+1 twice as often": Variant(doubled=((1, 1),), epochs=few),
        "1+2 and 2+1 twice as often": Variant(doubled=((1, 2), (2, 1)), epochs=few),
        "numbers 2 to 10": Variant(smallest=2, epochs=few),
        "numbers 1 to 9": Variant(largest=9, epochs=few),
        "answers of 1+1 and 10+10 exchanged": Variant(exchanged=True, epochs=few),
        f"{many} epochs": Variant(epochs=many),
        "learning rate 0.003": Variant(epochs=few, rate=0.003),
    }


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and ask it all possible sums."""
    sizes, rng = (TUTORIAL.n_numbers, TUTORIAL.largest), Random(seed)
    to_draw = [*variant.asked, *map(list, variant.doubled)]

    def new_data():
        X = rng.choices(to_draw, k=TUTORIAL.n_samples)
        return encode_sums(X, [variant.answer(row) for row in X], *sizes)

    keras.utils.set_random_seed(seed)
    model = addition_seq2seq.build_model(TUTORIAL)
    model.optimizer.learning_rate = variant.rate
    history = train(model, new_data, variant.epochs, TUTORIAL.batch_size)

    answers = [variant.answer(row) for row in variant.asked]
    X, _ = encode_sums(variant.asked, answers, *sizes)
    results = [read_number(invert(seq)) for seq in predict(model, X)]
    right = [result == answer for result, answer in zip(results, answers)]
    of_sums = dict.fromkeys(sums.as_texts(Variant().asked))
    of_sums |= zip(sums.as_texts(variant.asked), results)
    scores = {
        EXACT: Share(sum(right), len(right)),
        CORNER: Share(int(right[0]), 1),
        # the answer to each sum, None where that is no number
        **{Score(text, "number", table=False): of_sums[text] for text in of_sums},
    }
    return Run(model, history, scores)


def wrong(rows, variant):
    """{"1+1": [each wrong answer]}, of the rows of a variant; a list may be empty."""
    return {
        text: [row[text] for row in rows if row[text] != variant.answer(terms)]
        for terms, text in zip(variant.asked, sums.as_texts(variant.asked))
    }


def finding(results, settings):
    """Which sums are wrong, in how many seeds, and what the answers are."""
    for name, variant in variants(settings).items():
        rows = [row for row in results if row["variant"] == name]
        perfect = sum(float(row[EXACT]) == 1 for row in rows)
        texts = [f"Finding: {name}: {perfect} of {len(rows)} seeds get all sums right"]
        found = sorted(wrong(rows, variant).items(), key=lambda item: -len(item[1]))
        for text, answers in found[:3]:
            for answer, n in Counter(answers).most_common(1):
                texts.append(f"{text} is wrong in {len(answers)} (in {n} of them {answer})")
        print("; ".join(texts) + ".")


def plot(path, results, settings):
    """A panel for each variant: the darker, the more seeds get this sum wrong."""
    names = results.variants
    n_rows = -(-len(names) // 4)
    figure = new_figure(figsize=(11, 3 * n_rows), layout="constrained")
    panels = figure.subplots(n_rows, 4, squeeze=False).ravel()
    for axes, name in zip(panels, names):
        rows = [row for row in results if row["variant"] == name]
        variant = variants(settings)[name]
        # the share of seeds that miss each sum, NaN for one that is not drawn
        shares = np.full((len(NUMBERS), len(NUMBERS)), np.nan)
        for (a, b), answers in zip(variant.asked, wrong(rows, variant).values()):
            shares[a - 1, b - 1] = 100 * len(answers) / len(rows)
        ends = NUMBERS[0] - 0.5, NUMBERS[-1] + 0.5
        image = axes.imshow(
            shares, cmap="Reds", vmin=0, vmax=100, origin="lower", extent=(*ends, *ends)
        )
        axes.set_title(name, fontsize="medium", wrap=True)
        axes.set(xticks=NUMBERS, yticks=NUMBERS, facecolor="lightgrey")
    for axes in panels[len(names) :]:
        axes.set_axis_off()
    figure.colorbar(image, ax=panels, label="seeds that get this sum wrong, %")
    save(figure, path)


experiment = Comparison(
    __doc__,
    Settings,
    variants,
    run,
    "all possible sums",
    compares=[
        ("1+1 twice as often", "as the tutorial"),
        ("1+2 and 2+1 twice as often", "as the tutorial"),
    ],
    finding=finding,
    plot=("which sums are wrong, in which share of the seeds", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

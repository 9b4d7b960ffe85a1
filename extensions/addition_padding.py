"""Where should the padding go, and in which order should the digits come?

Tutorial A, section "Addition as a seq2seq Problem", pads the whole question on its left
("  3+10") and leaves it to the reader to pad each term on its own; its readers mask the
padding (and found that it helps at 10 epochs, then that this was chance). Compared, on
sums up to 100 of which a fifth is never drawn in training, in neither order: the whole
question padded; each term, with spaces or with zeros; a Masking layer; an answer whose
padding does not count in the loss; the question reversed, the answer, and both. To
reverse a question also moves its padding to the other side, so there are two controls:
the padding alone on the other side, and the question reversed behind its padding. Every
training is scored several times on its way, so that one sees whether a difference lasts.
Last, the reader's own comparison: sums up to 10, 10 epochs, all possible sums.

    python -m extensions.addition_padding --runs 20 --plot docs/figures/addition_padding.png
"""

from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.characters import ALPHABET, integer_encode, to_string
from common.checks import check_ascending, check_size
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import EXACT, PER_CHARACTER, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.sums import random_sum_pairs, sums_to_test
from common.training import cache_models, calling, predict, train_from_seed
import addition_seq2seq
from extensions.tools.heldout import draw_around, reserve

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
BATCH_SIZE = 10
N_TEST = 2000  # pairs at most
SPACE = ALPHABET.index(" ")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (10, 50, 100, 200, 300)  # scored after each; the last ends it
    largest: int = 100  # largest number

    def check(self):
        check_size("largest", self.largest, at_least=3)
        check_ascending("epochs", self.epochs)


@dataclass(frozen=True)
class Variant:
    each_term: str = ""  # what pads each term, in place of the whole question's spaces
    behind: bool = False  # the padding, instead of before the question
    question_reversed: bool = False  # its characters, the padding aside
    answer_reversed: bool = False
    masked: bool = False  # a Masking layer leaves spaces out
    uncounted: bool = False  # the padding of answers, in the loss
    readers: bool = False  # trained on the reader's sums, for the first of the epochs


WHOLE, QUESTION = "whole question", "question reversed"
VARIANTS = {
    WHOLE: Variant(),
    "each term": Variant(each_term=" "),
    "each term, zeros": Variant(each_term="0"),
    "Masking": Variant(masked=True),
    "padding not counted": Variant(uncounted=True),
    QUESTION: Variant(question_reversed=True, behind=True),
    "answer reversed": Variant(answer_reversed=True),
    "both reversed": Variant(question_reversed=True, behind=True, answer_reversed=True),
    "padding behind": Variant(behind=True),
    "question reversed, padding before": Variant(question_reversed=True),
    "up to 10, 10 epochs": Variant(readers=True),
    "up to 10, 10 epochs, Masking": Variant(readers=True, masked=True),
}


def to_strings(variant, X, y, largest):
    """Questions and answers, of one length each, as the variant writes them.

    >>> for name in [WHOLE, "each term, zeros", QUESTION, "padding behind"]:
    ...     print(name, *to_strings(VARIANTS[name], [[10, 3]], [13], largest=10))
    whole question [' 10+3'] ['13']
    each term, zeros ['10+03'] ['13']
    question reversed ['3+01 '] ['13']
    padding behind ['10+3 '] ['13']
    """
    questions, answers = to_string(X, y, N_NUMBERS, largest)
    n_in = len(questions[0])
    if variant.each_term:
        length = len(str(largest))
        questions = [
            "+".join([str(term).rjust(length, variant.each_term) for term in row])
            for row in X
        ]
    if variant.question_reversed:
        questions = [text.strip()[::-1].rjust(n_in) for text in questions]
    if variant.behind:
        questions = [text.strip().ljust(n_in) for text in questions]
    if variant.answer_reversed:
        answers = [text[::-1] for text in answers]
    return questions, answers


def encode(variant, X, largest):
    """One-hot questions and answers; where padding is not counted, the weights, too."""
    y = [sum(row) for row in X]
    X, y = (integer_encode(texts) for texts in to_strings(variant, X, y, largest))
    counts = [(y != SPACE).astype(np.float32)] if variant.uncounted else []
    X, y = one_hot_encode(X, len(ALPHABET)), one_hot_encode(y, len(ALPHABET))
    if variant.masked:
        X[..., SPACE] = 0  # a space is all zeros: what Masking leaves out
    return X, y, *counts


@cache_models
def build_model(masked, largest):
    """The tutorial's encoder-decoder; with a Masking layer before it, or without."""
    model = addition_seq2seq.build_model(addition_seq2seq.Settings(largest=largest))
    if masked:
        layers = [keras.Input(model.input_shape[1:]), keras.layers.Masking(0.0)]
        model = keras.Sequential([*layers, *model.layers])
        model.compile(
            loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"]
        )
    return model


def at(epochs):
    """The name of a score on the way."""
    return f"{EXACT}, {epochs} epochs"


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    largest, epochs = settings.largest, settings.epochs
    held_out, asked = reserve(N_NUMBERS, largest, N_TEST)
    if variant.readers:
        largest, epochs = addition_seq2seq.Settings().largest, epochs[:1]
        held_out, asked = set(), sums_to_test(N_NUMBERS, largest)[0]
    model = build_model(variant.masked, largest)

    def epoch_data(rng):
        def draw(n):
            return random_sum_pairs(n, N_NUMBERS, largest, rng=rng)[0]

        return encode(variant, draw_around(held_out, N_EXAMPLES, draw), largest)

    X, y, *counts = encode(variant, asked, largest)
    expected = y.argmax(axis=-1)

    def answers():
        predicted = predict(model, X).argmax(axis=-1)
        # what does not count was never learned: nobody reads it
        return np.where(counts[0] > 0, predicted, SPACE) if counts else predicted

    # where the loss is not finite any more, nothing is right
    on_the_way = dict.fromkeys(map(at, epochs), Share(0, len(asked)))

    def look(done):
        on_the_way[at(done)] = share_equal(expected, answers())

    with calling(look, epochs):
        history = train_from_seed(model, seed, epoch_data, epochs[-1], BATCH_SIZE)
    scores = {
        EXACT: on_the_way[at(epochs[-1])],
        PER_CHARACTER: share_of_elements(expected, answers()),
        **{name: on_the_way.get(name) for name in map(at, settings.epochs)},
    }
    return Run(model, history, scores)


def tested_on(settings):
    _, unseen = reserve(N_NUMBERS, settings.largest, N_TEST)
    return f"{len(unseen)} sums never drawn in training (up to 10: all sums)"


def compares(settings):
    """What the padding changes, midway and at the end; what reversing does, early on."""
    padding = ["each term", "each term, zeros", "Masking", "padding not counted"]
    early, middle = map(at, settings.epochs[1:3])
    reversing = [(QUESTION, WHOLE), ("answer reversed", WHOLE), ("both reversed", QUESTION)]
    before = "question reversed, padding before"
    moving = [("padding behind", WHOLE), (before, WHOLE), (QUESTION, before)]
    found = [(name, WHOLE, score) for name in padding for score in (middle, EXACT)]
    found += [(*pair, score) for pair in reversing for score in (early, middle)]
    found += [(*pair, middle) for pair in moving]
    reader = "up to 10, 10 epochs"
    return [*found, (f"{reader}, Masking", reader, PER_CHARACTER)]


def plot(path, results, settings):
    names = [name for name in results.variants if not VARIANTS[name].readers]
    lines = {
        name: {n: results.values(name, at(n)) for n in settings.epochs} for name in names
    }
    title = "Sums that training never draws"
    plot_scores(path, lines, "epochs", EXACT.lower(), title, xscale="log")


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    tested_on,
    compares=compares,
    plot=("exact match over the epochs", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Where should the padding go, and should it be masked?

Tutorial A, section "Addition as a seq2seq Problem", pads the whole question on its left
("  3+10"), and asks its reader to try padding each term. Compared on sums up to 100, of
which a fifth is never drawn in training: both of these, and the question reversed, which
moves its padding to the end; the three at a higher learning rate; a Masking layer; answers
whose padding counts a tenth in the loss, or not at all; answers reversed. Every training is
scored after every tenth epoch. Last, a reader's own comparison: sums up to 10, 10 epochs,
tested on all possible sums.

    python -m extensions.addition_padding --runs 20 --plot padding.png
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common import sums
from common.backend import keras
from common.characters import ALPHABET, integer_encode, to_string
from common.checks import check_size
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import EXACT, PER_CHARACTER, Score, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.training import after_epochs, predict, train
import addition_seq2seq
from extensions.tools.heldout import draw_around, drawing, reserve
from extensions.tools.scoring import first_of_two

TUTORIAL = addition_seq2seq.Settings()
N_TEST = 2000  # pairs at most
STEP = 10  # a look after so many epochs
READERS_EPOCHS = 10
REACHED = 0.9  # in two looks in a row
SPACE = ALPHABET.index(" ")
TO_REACH = Score("Epochs to 90 %", kind="epochs")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 300  # training epochs
    largest: int = 100  # largest number

    def check(self):
        check_size("largest", self.largest, at_least=3)
        check_size("epochs", self.epochs, at_least=STEP)


@dataclass(frozen=True)
class Variant:
    each_term: bool = False  # is padded, instead of the whole question
    question_reversed: bool = False  # its padding included, which then stands at its end
    answer_reversed: bool = False  # its padding included
    masked: bool = False  # a Masking layer leaves spaces out
    weight: float = 1.0  # of the padding of answers, in the loss
    rate: float = 0.001  # Adam's default
    readers: bool = False  # trained on the reader's sums, for the reader's epochs


WHOLE, EACH, REVERSED = "whole question", "each term", "question reversed"
READERS = f"up to 10, {READERS_EPOCHS} epochs"
VARIANTS = {
    WHOLE: Variant(),
    EACH: Variant(each_term=True),
    REVERSED: Variant(question_reversed=True),
    f"{WHOLE}, learning rate 0.003": Variant(rate=0.003),
    f"{EACH}, learning rate 0.003": Variant(each_term=True, rate=0.003),
    f"{REVERSED}, learning rate 0.003": Variant(question_reversed=True, rate=0.003),
    "Masking": Variant(masked=True),
    "padding not counted": Variant(weight=0.0),
    "padding counted a tenth": Variant(weight=0.1),
    "padding not counted, answer reversed": Variant(weight=0.0, answer_reversed=True),
    "answer reversed": Variant(answer_reversed=True),
    READERS: Variant(readers=True),
    f"{READERS}, Masking": Variant(readers=True, masked=True),
}
COMPARES = [
    (EACH, WHOLE, TO_REACH),
    (f"{REVERSED}, learning rate 0.003", f"{WHOLE}, learning rate 0.003", TO_REACH),
    (f"{READERS}, Masking", READERS, PER_CHARACTER),
]


def to_strings(variant, X, y, largest):
    """Questions and answers, of one length each, as the variant writes them.

    >>> for name in [WHOLE, EACH, REVERSED, "answer reversed"]:
    ...     print(name, *to_strings(VARIANTS[name], [[10, 3]], [9], largest=10))
    whole question [' 10+3'] [' 9']
    each term ['10+ 3'] [' 9']
    question reversed ['3+01 '] [' 9']
    answer reversed [' 10+3'] ['9 ']
    """
    questions, answers = to_string(X, y, TUTORIAL.n_numbers, largest)
    if variant.each_term:
        length = len(str(largest))
        questions = ["+".join([str(term).rjust(length) for term in row]) for row in X]
    if variant.question_reversed:
        questions = [text[::-1] for text in questions]
    if variant.answer_reversed:
        answers = [text[::-1] for text in answers]
    return questions, answers


def encode(variant, X, largest):
    """One-hot questions and answers, and the weight of each character in the loss."""
    y = [sums.answer(row) for row in X]
    X, y = (integer_encode(texts) for texts in to_strings(variant, X, y, largest))
    weights = np.where(y == SPACE, variant.weight, 1)
    X, y = one_hot_encode(X, len(ALPHABET)), one_hot_encode(y, len(ALPHABET))
    if variant.masked:
        X[..., SPACE] = 0  # a space is all zeros: what Masking leaves out
    return X, y, weights


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


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    largest, epochs, rng = settings.largest, settings.epochs, Random(seed)
    if variant.readers:
        largest, epochs = TUTORIAL.largest, READERS_EPOCHS
        held_out, asked = set(), sums.sums_to_test(TUTORIAL.n_numbers, largest)[0]
    else:
        held_out, asked = reserve(TUTORIAL.n_numbers, largest, N_TEST)

    def new_data():
        draw = drawing(TUTORIAL.n_numbers, largest, rng)
        data = encode(variant, draw_around(held_out, TUTORIAL.n_samples, draw), largest)
        return data if variant.weight < 1 else data[:2]

    keras.utils.set_random_seed(seed)
    model = build_model(variant.masked, largest)
    model.optimizer.learning_rate = variant.rate
    X, y, weights = encode(variant, asked, largest)
    expected = y.argmax(axis=-1)

    def answers():
        # what does not count was never learned: nobody reads it
        return np.where(weights > 0, predict(model, X).argmax(axis=-1), SPACE)

    # where the loss is not finite any more, nothing is right
    looks = dict.fromkeys(range(STEP, epochs + 1, STEP), Share(0, len(asked)))

    def look(done):
        looks[done] = share_equal(expected, answers())

    looking = after_epochs(looks, look)
    history = train(model, new_data, epochs, TUTORIAL.batch_size, callbacks=[looking])
    predicted = answers()
    scores = {
        EXACT: share_equal(expected, predicted),
        PER_CHARACTER: share_of_elements(expected, predicted),
        TO_REACH: first_of_two(REACHED, looks),
    }
    for n in range(STEP, settings.epochs + 1, STEP):
        on_the_way = Score(f"{EXACT}, {n} epochs", table=n in (50, 100))
        scores[on_the_way] = looks.get(n)
    return Run(model, history, scores)


def tested_on(settings):
    _, unseen = reserve(TUTORIAL.n_numbers, settings.largest, N_TEST)
    return f"{len(unseen)} sums never drawn in training (up to 10: all sums)"


def plot(path, results, settings):
    """The first six variants, over the epochs."""
    looks = range(2 * STEP, settings.epochs + 1, 2 * STEP)
    lines = results.curves(looks, f"{EXACT}, {{}} epochs")
    lines = {name: lines[name] for name in [*VARIANTS][:6] if name in lines}
    title = "Sums that training never draws"
    plot_scores(path, lines, "epochs", EXACT.lower(), title)


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    tested_on,
    compares=COMPARES,
    plot=("exact match over the epochs", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

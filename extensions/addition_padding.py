"""Where should the padding go, and in which order should the digits come?

Tutorial A, section "Addition as a seq2seq Problem", pads the whole question on its left
("  3+10") and leaves it to the reader to pad each term on its own; its readers mask the
padding (and found that it helps at 10 epochs, then that this was chance). Compared, on
sums up to 100 of which a fifth is never drawn in training, in neither order: the whole
question padded; each term padded with spaces, and with zeros; a Masking layer; the question
reversed; the answer reversed; both. 100 epochs of 1000 sums, batch size 10.

    python extensions/addition_padding.py --runs 3

About three minutes for 3 seeds.
"""

import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import addition_seq2seq
from common import cli
from common.backend import keras
from common.characters import ALPHABET, integer_encode, to_string
from common.checks import check_size
from common.comparisons import Comparison, Run
from common.engine import kept
from common.heldout import draw_around, reserve
from common.onehot import one_hot_encode
from common.scores import EXACT, share_equal, share_of_elements
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import predict, train_from_seed

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
BATCH_SIZE = 10
N_TEST = 2000  # pairs at most
WHOLE, SPACES, ZEROS, MASKED = "whole question", "each term", "each term, zeros", "Masking"
QUESTION, ANSWER, BOTH = "question reversed", "answer reversed", "both reversed"
VARIANTS = (WHOLE, SPACES, ZEROS, MASKED, QUESTION, ANSWER, BOTH)


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 100  # training epochs of each variant
    largest: int = 100  # largest number

    def check(self):
        check_size("largest", self.largest, at_least=3)


def to_strings(variant, X, y, largest):
    """Questions and answers, of one length each, as the variant writes them.

    >>> [to_strings(variant, [[3, 10]], [13], 10)[0] for variant in VARIANTS]
    [[' 3+10'], [' 3+10'], ['03+10'], [' 3+10'], ['01+3 '], [' 3+10'], ['01+3 ']]
    >>> to_strings(ANSWER, [[3, 10]], [13], 10)[1]
    ['31']
    """
    questions, answers = to_string(X, y, N_NUMBERS, largest)
    if variant in (SPACES, ZEROS):
        fill, length = "0" if variant == ZEROS else " ", len(str(largest))
        questions = ["+".join([str(term).rjust(length, fill) for term in row]) for row in X]
    if variant in (QUESTION, BOTH):
        questions = [text[::-1] for text in questions]
    if variant in (ANSWER, BOTH):
        answers = [text[::-1] for text in answers]
    return questions, answers


def encode(variant, X, largest):
    y = [sum(row) for row in X]
    X, y = (
        one_hot_encode(integer_encode(strings), len(ALPHABET))
        for strings in to_strings(variant, X, y, largest)
    )
    if variant == MASKED:
        X[..., ALPHABET.index(" ")] = 0  # a space is all zeros: what Masking leaves out
    return X, y


@kept
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


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    held_out, unseen = reserve(N_NUMBERS, settings.largest, N_TEST)
    model = build_model(variant == MASKED, settings.largest)

    def epoch_data(rng):
        def draw(n):
            return random_sum_pairs(n, N_NUMBERS, settings.largest, rng=rng)[0]

        return encode(variant, draw_around(held_out, N_EXAMPLES, draw), settings.largest)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    X, y = encode(variant, unseen, settings.largest)
    answers = y.argmax(axis=-1), predict(model, X).argmax(axis=-1)
    scores = {
        EXACT: share_equal(*answers),
        "Per-character accuracy": share_of_elements(*answers),
    }
    return Run(model, history, scores)


def tested_on(settings):
    _, unseen = reserve(N_NUMBERS, settings.largest, N_TEST)
    return f"{len(unseen)} sums never drawn in training"


experiment = Comparison(__file__, __doc__, Settings, VARIANTS, run, tested_on)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

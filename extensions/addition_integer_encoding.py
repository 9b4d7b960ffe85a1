"""One-hot, scaled numbers or an embedding?

Tutorial A, section "Extensions", "Integer Encoding": integers instead of one-hot vectors.

Compared, in the tutorial's model: one-hot vectors; the character's place in the alphabet,
divided by the last place; the same for the answer as well, as a regression that is rounded
to the nearest place; a learned embedding. First on the tutorial's budget, on sums up to 10
that training has seen; then on sums up to 100 for 400 epochs, tested on pairs that are
never drawn, in neither order. Integers and one-hot vectors also get higher learning rates.

    python -m extensions.addition_integer_encoding --runs 20
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common import sums
from common.backend import keras
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    question_length,
    to_string,
)
from common.checks import check_ascending, check_size
from common.onehot import one_hot_decode, one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, PER_CHARACTER, Score, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.training import after_epochs, predict, train
import addition_seq2seq
from extensions.tools.heldout import draw_around, drawing, reserve

TUTORIAL = addition_seq2seq.Settings()
N_EMBEDDED = 8  # numbers for each character
N_TEST = 1000
LAST = len(ALPHABET) - 1
ONE_HOT, SCALED, ROUNDED, EMBEDDED = "one-hot", "scaled", "scaled, answers too", "embedding"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (TUTORIAL.epochs, 100, 400)  # the tutorial's, more, and for unseen sums
    largest: tuple = (TUTORIAL.largest, 100)  # largest numbers, seen and unseen

    def check(self):
        check_size("largest", self.largest[1], at_least=3)
        check_ascending("epochs", self.epochs)
        check_ascending("largest", self.largest)


@dataclass(frozen=True)
class Variant:
    encoding: str
    epochs: int = 0  # which of the settings'
    larger: bool = False  # the second number of `largest`, a fifth of the sums held out
    rate: float = 0.001  # Adam's default


UNSEEN = {"epochs": 2, "larger": True}
VARIANTS = {
    "one-hot": Variant(ONE_HOT),
    "one-hot, rate 0.003": Variant(ONE_HOT, rate=0.003),
    "scaled integers": Variant(SCALED),
    "scaled integers, answers too": Variant(ROUNDED),
    "embedding": Variant(EMBEDDED),
    "scaled integers, rate 0.003": Variant(SCALED, rate=0.003),
    "scaled integers, rate 0.01": Variant(SCALED, rate=0.01),
    "scaled integers, more epochs": Variant(SCALED, epochs=1),
    "scaled integers, answers too, more epochs": Variant(ROUNDED, epochs=1),
    "unseen: one-hot": Variant(ONE_HOT, **UNSEEN),
    "unseen: one-hot, rate 0.003": Variant(ONE_HOT, **UNSEEN, rate=0.003),
    "unseen: scaled integers": Variant(SCALED, **UNSEEN),
    "unseen: scaled integers, rate 0.003": Variant(SCALED, **UNSEEN, rate=0.003),
    "unseen: scaled integers, rate 0.01": Variant(SCALED, **UNSEEN, rate=0.01),
    "unseen: scaled integers, answers too": Variant(ROUNDED, **UNSEEN),
    "unseen: embedding": Variant(EMBEDDED, **UNSEEN),
}
COMPARES = [
    ("scaled integers, rate 0.01", "one-hot"),
    ("unseen: scaled integers, rate 0.003", "unseen: one-hot, rate 0.003"),
]


def as_integers(X, largest):
    """Questions and answers as integers, (samples, timesteps)."""
    texts = to_string(X, [sums.answer(row) for row in X], TUTORIAL.n_numbers, largest)
    return [integer_encode(strings) for strings in texts]


def encode(encoding, X, y):
    """What the variant reads and has to answer, each (samples, timesteps, features)."""
    if encoding == ONE_HOT:
        X = one_hot_encode(X, len(ALPHABET))
    elif encoding != EMBEDDED:  # which takes the integers themselves
        X = X[..., None] / LAST
    y = y[..., None] / LAST if encoding == ROUNDED else one_hot_encode(y, len(ALPHABET))
    return X, y


def decode(encoding, outputs):
    """The integers of the answers, (samples, timesteps)."""
    if encoding == ROUNDED:
        return np.clip(np.rint(outputs[..., 0] * LAST), 0, LAST).astype(int)
    return one_hot_decode(outputs)


def build_model(encoding, largest, rate):
    """The tutorial's model between the encoding's input and its output."""
    layers, model = keras.layers, keras.Sequential()
    n_in = question_length(TUTORIAL.n_numbers, largest)
    if encoding == EMBEDDED:
        model.add(keras.Input((n_in,), dtype="int32"))
        # a vector for each character, learned: (samples, timesteps, 8)
        model.add(layers.Embedding(len(ALPHABET), N_EMBEDDED))
    else:
        model.add(keras.Input((n_in, len(ALPHABET) if encoding == ONE_HOT else 1)))
    # encoder: one vector for the question, (samples, 100), once for each character
    model.add(layers.LSTM(TUTORIAL.encoder_units))
    model.add(layers.RepeatVector(answer_length(TUTORIAL.n_numbers, largest)))
    # decoder: (samples, characters, 50)
    model.add(layers.LSTM(TUTORIAL.decoder_units, return_sequences=True))
    optimizer = keras.optimizers.Adam(rate)
    if encoding == ROUNDED:
        model.add(layers.TimeDistributed(layers.Dense(1)))
        model.compile(loss="mean_squared_error", optimizer=optimizer)
    else:
        output = layers.Dense(len(ALPHABET), activation="softmax")
        model.add(layers.TimeDistributed(output))
        model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on new sums, or on unseen ones."""
    encoding, largest = variant.encoding, settings.largest[variant.larger]
    sizes, rng = (TUTORIAL.n_numbers, largest), Random(seed)
    if variant.larger:
        held_out, asked = reserve(*sizes, N_TEST)
    else:
        held_out, asked = set(), drawing(*sizes, Random("test set"))(N_TEST)

    def new_data():
        X = draw_around(held_out, TUTORIAL.n_samples, drawing(*sizes, rng))
        return encode(encoding, *as_integers(X, largest))

    keras.utils.set_random_seed(seed)
    model = build_model(encoding, largest, variant.rate)
    questions, answers = as_integers(asked, largest)
    X, _ = encode(encoding, questions, answers)
    epochs, midway = settings.epochs[variant.epochs], settings.epochs[1]
    # where the loss is not finite any more, nothing is right
    looks = {midway: Share(0, len(asked))} if variant.larger else {}

    def answered():
        return decode(encoding, predict(model, X))

    def look(done):
        looks[done] = share_equal(answers, answered())

    looking = after_epochs(looks, look)
    history = train(model, new_data, epochs, TUTORIAL.batch_size, callbacks=[looking])
    predicted = answered()
    scores = {
        EXACT: share_equal(answers, predicted),
        PER_CHARACTER: share_of_elements(answers, predicted),
        Score(f"{EXACT}, {midway} epochs"): looks.get(midway),
    }
    return Run(model, history, scores)


def tested_on(settings):
    small, large = settings.largest
    _, asked = reserve(TUTORIAL.n_numbers, large, N_TEST)
    return f"{N_TEST} new sums up to {small}, or {len(asked)} unseen ones up to {large}"


experiment = Comparison(__doc__, Settings, VARIANTS, run, tested_on, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""One-hot, scaled integers, or a learned embedding: what should a character be?

Tutorial A, section "Extensions", "Integer Encoding": the problem with integers alone
instead of one-hot vectors; its author expects that the order of the digits "may prove very
useful". Compared, on the tutorial's model: one-hot vectors; the character's place in the
alphabet, divided by the last place; that for the answer too, learned as a regression and
rounded to the nearest place; a learned embedding. First on the tutorial's budget, 30 epochs
of 1000 sums up to 10, batch size 10, and tested on new ones of these sums, which training
has met; there scaled integers also get higher learning rates and more epochs. Then on sums
up to 100, a fifth of which training never draws, in neither order: these are asked.

    python -m extensions.addition_integer_encoding --runs 20
"""

import random
from dataclasses import dataclass

import numpy as np

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
from common.scores import EXACT, PER_CHARACTER, share_equal, share_of_elements
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import cache_models, predict, train_from_seed
from extensions.tools.heldout import draw_around, reserve

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
N_UNITS = (100, 50)
N_EMBEDDED = 8  # numbers for each character
BATCH_SIZE = 10
N_TEST = 1000
LAST = len(ALPHABET) - 1
ONE_HOT, SCALED, ROUNDED, EMBEDDED = "one-hot", "scaled", "scaled, answers too", "embedding"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (30, 100)  # training epochs, the tutorial's, and more
    largest: tuple = (10, 100)  # largest numbers, the tutorial's, and more

    def check(self):
        check_size("largest", self.largest[1], at_least=3)
        check_ascending("epochs", self.epochs)
        check_ascending("largest", self.largest)


@dataclass(frozen=True)
class Variant:
    encoding: str
    longer: bool = False  # the second number of `epochs`
    larger: bool = False  # the second number of `largest`, a fifth of the sums held out
    rate: float = 0.001  # Adam's default


VARIANTS = {
    "one-hot": Variant(ONE_HOT),
    "scaled integers": Variant(SCALED),
    "scaled integers, answers too": Variant(ROUNDED),
    "embedding": Variant(EMBEDDED),
    "scaled integers, rate 0.003": Variant(SCALED, rate=0.003),
    "scaled integers, rate 0.01": Variant(SCALED, rate=0.01),
    "scaled integers, more epochs": Variant(SCALED, longer=True),
    "scaled integers, answers too, more epochs": Variant(ROUNDED, longer=True),
    "unseen: one-hot": Variant(ONE_HOT, longer=True, larger=True),
    "unseen: scaled integers": Variant(SCALED, longer=True, larger=True),
    "unseen: scaled integers, answers too": Variant(ROUNDED, longer=True, larger=True),
    "unseen: embedding": Variant(EMBEDDED, longer=True, larger=True),
}
COMPARES = [
    ("scaled integers", "one-hot"),
    ("scaled integers, rate 0.01", "one-hot"),
    ("scaled integers, more epochs", "one-hot"),
    ("scaled integers, answers too, more epochs", "one-hot"),
    ("embedding", "one-hot"),
    ("unseen: scaled integers", "unseen: one-hot"),
    ("unseen: embedding", "unseen: one-hot"),
]


def as_integers(X, largest):
    """Questions and answers as integers, (samples, timesteps)."""
    texts = to_string(X, [sum(row) for row in X], N_NUMBERS, largest)
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


@cache_models
def build_model(encoding, largest, rate):
    """The tutorial's model between the encoding's input and its output."""
    n_in, n_out = question_length(N_NUMBERS, largest), answer_length(N_NUMBERS, largest)
    unroll = n_in <= 20
    model = keras.Sequential()
    if encoding == EMBEDDED:
        model.add(keras.Input((n_in,), dtype="int32"))
        model.add(keras.layers.Embedding(len(ALPHABET), N_EMBEDDED))
    else:
        model.add(keras.Input((n_in, len(ALPHABET) if encoding == ONE_HOT else 1)))
    model.add(keras.layers.LSTM(N_UNITS[0], unroll=unroll))
    model.add(keras.layers.RepeatVector(n_out))
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=unroll))
    optimizer = keras.optimizers.Adam(rate)
    if encoding == ROUNDED:
        model.add(keras.layers.TimeDistributed(keras.layers.Dense(1)))
        model.compile(loss="mean_squared_error", optimizer=optimizer)
    else:
        output = keras.layers.Dense(len(ALPHABET), activation="softmax")
        model.add(keras.layers.TimeDistributed(output))
        model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on new sums, or on unseen ones."""
    encoding, largest = variant.encoding, settings.largest[variant.larger]
    held_out = set()
    if variant.larger:
        held_out, asked = reserve(N_NUMBERS, largest, N_TEST)
    else:
        rng = random.Random("test set")
        asked, _ = random_sum_pairs(N_TEST, N_NUMBERS, largest, rng=rng)
    model = build_model(encoding, largest, variant.rate)

    def epoch_data(rng):
        def draw(n):
            return random_sum_pairs(n, N_NUMBERS, largest, rng=rng)[0]

        sums = draw_around(held_out, N_EXAMPLES, draw)
        return encode(encoding, *as_integers(sums, largest))

    epochs = settings.epochs[variant.longer]
    history = train_from_seed(model, seed, epoch_data, epochs, BATCH_SIZE)
    questions, answers = as_integers(asked, largest)
    X, _ = encode(encoding, questions, answers)
    predicted = decode(encoding, predict(model, X))
    scores = {
        EXACT: share_equal(answers, predicted),
        PER_CHARACTER: share_of_elements(answers, predicted),
    }
    return Run(model, history, scores)


def tested_on(settings):
    small, large = settings.largest
    _, unseen = reserve(N_NUMBERS, large, N_TEST)
    return f"{N_TEST} new sums up to {small}, or {len(unseen)} unseen ones up to {large}"


experiment = Comparison(__name__, VARIANTS, run, tested_on, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

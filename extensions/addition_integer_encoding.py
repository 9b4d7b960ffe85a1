"""One-hot, scaled integers, or a learned embedding: what should a character be?

Tutorial A, section "Extensions", "Integer Encoding": the problem with integers alone
instead of one-hot vectors; its author expects that the order of the digits "may prove very
useful". Compared, on the tutorial's model: one-hot vectors; the character's place in the
alphabet, divided by the last place; that for the answer too, learned as a regression and
rounded to the nearest place; a learned embedding. 30 epochs of 1000 sums up to 10,
batch size 10.

    python extensions/addition_integer_encoding.py --runs 5

About a minute and a half for 5 seeds.
"""

import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    question_length,
    to_string,
)
from common.comparisons import Comparison, Run
from common.engine import kept
from common.onehot import one_hot_decode, one_hot_encode
from common.scores import EXACT, share_equal, share_of_elements
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import predict, train_from_seed

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
N_UNITS = (100, 50)
N_EMBEDDED = 8  # numbers for each character
BATCH_SIZE = 10
N_TEST = 1000
LAST = len(ALPHABET) - 1
ONE_HOT, SCALED = "one-hot", "scaled integers"
ROUNDED, EMBEDDED = "scaled integers, answers too", "embedding"
VARIANTS = (ONE_HOT, SCALED, ROUNDED, EMBEDDED)


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 30  # training epochs of each variant
    largest: int = 10  # largest number


def draw(largest, rng, n_examples=N_EXAMPLES):
    """Questions and answers as integers, (samples, timesteps)."""
    X, y = random_sum_pairs(n_examples, N_NUMBERS, largest, rng=rng)
    return [integer_encode(texts) for texts in to_string(X, y, N_NUMBERS, largest)]


def encode(variant, X, y):
    """What the variant reads and has to answer, each (samples, timesteps, features)."""
    if variant == ONE_HOT:
        X = one_hot_encode(X, len(ALPHABET))
    elif variant != EMBEDDED:  # which takes the integers themselves
        X = X[..., None] / LAST
    y = y[..., None] / LAST if variant == ROUNDED else one_hot_encode(y, len(ALPHABET))
    return X, y


def decode(variant, outputs):
    """The integers of the answers, (samples, timesteps)."""
    if variant == ROUNDED:
        return np.clip(np.rint(outputs[..., 0] * LAST), 0, LAST).astype(int)
    return one_hot_decode(outputs)


@kept
def build_model(variant, largest):
    """The tutorial's model between the variant's input and its output."""
    n_in, n_out = question_length(N_NUMBERS, largest), answer_length(N_NUMBERS, largest)
    unroll = n_in <= 20
    model = keras.Sequential()
    if variant == EMBEDDED:
        model.add(keras.Input((n_in,), dtype="int32"))
        model.add(keras.layers.Embedding(len(ALPHABET), N_EMBEDDED))
    else:
        model.add(keras.Input((n_in, len(ALPHABET) if variant == ONE_HOT else 1)))
    model.add(keras.layers.LSTM(N_UNITS[0], unroll=unroll))
    model.add(keras.layers.RepeatVector(n_out))
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=unroll))
    if variant == ROUNDED:
        model.add(keras.layers.TimeDistributed(keras.layers.Dense(1)))
        model.compile(loss="mean_squared_error", optimizer="adam")
    else:
        output = keras.layers.Dense(len(ALPHABET), activation="softmax")
        model.add(keras.layers.TimeDistributed(output))
        model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on new sums."""
    model = build_model(variant, settings.largest)

    def epoch_data(rng):
        return encode(variant, *draw(settings.largest, rng))

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    questions, answers = draw(settings.largest, random.Random("test set"), N_TEST)
    X, _ = encode(variant, questions, answers)
    predicted = decode(variant, predict(model, X))
    scores = {
        EXACT: share_equal(answers, predicted),
        "Per-character accuracy": share_of_elements(answers, predicted),
    }
    return Run(model, history, scores)


experiment = Comparison(__file__, __doc__, Settings, VARIANTS, run, f"{N_TEST} new sums")
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

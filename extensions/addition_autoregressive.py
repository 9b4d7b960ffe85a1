"""Should the decoder read its own output? And does teacher forcing flatter it?

Tutorial A, a reader's question. The tutorial's decoder reads the encoder's output at every
step (RepeatVector), and never what it wrote. Here it is compared with one as in
translation, which starts from the encoder's final state and reads the character before: in
training the right one ("teacher forcing"), in the test its own. What it gets right when fed
the correct characters is shown as well. One variant has more units, for as many parameters;
one has attention (dot product, Luong, 2015); two train for three times the epochs, with a
look every ten. No test pair, in either order, is drawn in training.

    python -m extensions.addition_autoregressive --runs 20
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.backend import keras
from common.characters import ALPHABET, answer_length, question_length
from common.onehot import one_hot_decode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, PER_CHARACTER, Score, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.training import after_epochs, predict, train
from extensions import addition_digits
from extensions.addition_digits import BATCH_SIZE, LEARNING_RATE, N_EXAMPLES, encode
from extensions.tools.heldout import (
    draw_around,
    draw_distinct,
    drawing,
    n_unordered,
    unordered,
)
from extensions.tools.scoring import first_of_two

START = len(ALPHABET)  # one symbol more, which only the decoder reads
ENOUGH, LOOK_EVERY = 0.95, 10  # exact match, and epochs
FORCED_CHARACTERS = Score("Per-character, teacher-forced", kind="parts")
EPOCHS = Score("Epochs to 95 %", kind="epochs", table=False)  # of the longer trainings


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 100  # training epochs of each variant
    largest: int = 999  # largest number
    units: tuple = (128, 153)  # units of each LSTM, and where parameters are to be equal
    test: int = 1000  # pairs in the test set

    def check(self):
        n_pairs = n_unordered(2, self.largest)
        if self.test >= n_pairs:
            raise ValueError(f"test must be below {n_pairs}, all pairs, not {self.test}")


@dataclass(frozen=True)
class Variant:
    reads_itself: bool = True  # the decoder, the character before; else a RepeatVector
    attention: bool = False  # to what the encoder returned at each character
    more_units: bool = False  # the second number of `units`
    budgets: int = 1  # how many times the epochs; with more, looks on the way


REPEAT_VECTOR, AUTOREGRESSIVE = "RepeatVector", "autoregressive"
LARGER, LONGER = f"{AUTOREGRESSIVE}, as many parameters", ", three times the epochs"
VARIANTS = {
    REPEAT_VECTOR: Variant(reads_itself=False),
    AUTOREGRESSIVE: Variant(),
    LARGER: Variant(more_units=True),
    f"{AUTOREGRESSIVE}, attention": Variant(attention=True),
    REPEAT_VECTOR + LONGER: Variant(reads_itself=False, budgets=3),
    LARGER + LONGER: Variant(more_units=True, budgets=3),
}


def build_model(variant, largest, units):
    """The tutorial's, or one whose decoder reads the character before."""
    if not variant.reads_itself:
        return addition_digits.build_model(2, largest, units)
    layers = keras.layers
    # (samples, 7 characters, 12 symbols) -> the output at each of them, and the last state
    question = keras.Input((question_length(2, largest), len(ALPHABET)))
    encoder = layers.LSTM(units, return_sequences=True, return_state=True)
    encoded, *state = encoder(question)
    # what `shifted` returns -> the decoder's output at each step: (samples, 4, units)
    before = keras.Input((answer_length(2, largest), len(ALPHABET) + 1))
    decoded = layers.LSTM(units, return_sequences=True)(before, initial_state=state)
    if variant.attention:
        fetched = layers.Attention()([decoded, encoded])  # queries, values and keys
        decoded = layers.Concatenate()([decoded, fetched])
    # a probability per symbol, at each step of the answer: (samples, 4, 12)
    answer = layers.Dense(len(ALPHABET), activation="softmax")(decoded)
    model = keras.Model([question, before], answer)
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def shifted(answers):
    """The decoder's input: a start symbol, then the answers without their last character.

    `answers`: one-hot, (samples, n_out, symbols). Returns (samples, n_out, symbols + 1).
    """
    before = np.zeros((*answers.shape[:2], START + 1), dtype=np.float32)
    before[:, 0, START] = 1
    before[:, 1:, :START] = answers[:, :-1]
    return before


def write_freely(model, X, n_out):
    """Greedy decoding: each step's most likely character is what the next one reads."""
    written = np.zeros((len(X), n_out, START), dtype=np.float32)
    for step in range(n_out):
        probabilities = predict(model, (X, shifted(written)))[:, step]
        written[np.arange(len(X)), step, probabilities.argmax(axis=-1)] = 1
    return written


def score(model, variant, X, y):
    """Scores of what the model writes, and of what it would with the answer to read."""
    expected = one_hot_decode(y)
    forced_characters = Share(0, 0)
    if variant.reads_itself:
        written = one_hot_decode(write_freely(model, X, y.shape[1]))
        forced = one_hot_decode(predict(model, (X, shifted(y))))
        forced_characters = share_of_elements(expected, forced)
    else:
        written = one_hot_decode(predict(model, X))
    return {
        EXACT: share_equal(expected, written),
        PER_CHARACTER: share_of_elements(expected, written),
        FORCED_CHARACTERS: forced_characters,
    }


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    sizes = 2, settings.largest
    test_set = draw_distinct(settings.test, drawing(*sizes, Random("test set")))
    held_out, rng = {unordered(pair) for pair in test_set}, Random(seed)
    asked, found = encode(test_set, *sizes), {}

    def new_data():
        X, y = encode(draw_around(held_out, N_EXAMPLES, drawing(*sizes, rng)), *sizes)
        return ((X, shifted(y)), y) if variant.reads_itself else (X, y)

    def look(epochs_done):
        found[epochs_done] = score(model, variant, *asked)[EXACT]

    epochs = settings.epochs * variant.budgets
    looks = range(LOOK_EVERY, epochs + 1, LOOK_EVERY) if variant.budgets > 1 else ()
    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.largest, settings.units[variant.more_units])
    looking = after_epochs(looks, look)
    history = train(model, new_data, epochs, BATCH_SIZE, callbacks=[looking])
    scores = score(model, variant, *asked) | {EPOCHS: first_of_two(ENOUGH, found)}
    return Run(model, history, scores)


def tested_on(settings):
    return f"{settings.test} pairs never drawn in training"


COMPARED = [(LARGER, REPEAT_VECTOR), (LARGER + LONGER, REPEAT_VECTOR + LONGER)]
experiment = Comparison(__doc__, Settings, VARIANTS, run, tested_on, compares=COMPARED)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

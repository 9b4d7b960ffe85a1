"""Does a decoder that reads its own output learn to add better? And is it flattered?

Tutorial A, a reader's question: a decoder that starts from the encoder's final state and
reads its own previous character, as in translation, against the tutorial's, which reads
the encoder's output at every step (RepeatVector) and never what it wrote. In training the
first reads the right previous character ("teacher forcing"), the first time a start
symbol. It is scored writing freely: it reads what it wrote itself. What it would score
with the right answer before its eyes is shown beside it. With as many units it has fewer
parameters, so there is one with more units; and, as another reader asks, one that also
has attention over what the encoder returned at each character (dot product, as in Luong,
2015). No test pair, in either order, is drawn in training.

    python -m extensions.addition_autoregressive --runs 20
"""

import random
from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.characters import ALPHABET, answer_length, question_length
from common.onehot import one_hot_decode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, PER_CHARACTER, Score, Share, share_equal, share_of_elements
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.addition_digits import BATCH_SIZE, LEARNING_RATE, N_EXAMPLES, encode, pairs
from extensions.tools.heldout import draw_around, draw_distinct, n_unordered, unordered

START = len(ALPHABET)  # one symbol more, which only the decoder reads
FORCED_CHARACTERS = Score("Per-character, teacher-forced", kind="parts")


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


REPEAT_VECTOR, AUTOREGRESSIVE = "RepeatVector", "autoregressive"
VARIANTS = {
    REPEAT_VECTOR: Variant(reads_itself=False),
    AUTOREGRESSIVE: Variant(),
    f"{AUTOREGRESSIVE}, as many parameters": Variant(more_units=True),
    f"{AUTOREGRESSIVE}, attention": Variant(attention=True),
}


@cache_models
def build_model(variant, largest, units):
    """The tutorial's, or one whose decoder reads the character before."""
    n_in, n_out = question_length(2, largest), answer_length(2, largest)
    kinds = {"return_sequences": True, "unroll": n_in <= 20}  # short ones train faster
    # (samples, 7 characters, 12 symbols) -> the output at each of them, and the last state
    question = keras.Input((n_in, len(ALPHABET)))
    encoder = keras.layers.LSTM(units, return_state=True, **kinds)
    encoded, *state = encoder(question)
    decoder = keras.layers.LSTM(units, **kinds)
    if variant.reads_itself:
        before = keras.Input((n_out, len(ALPHABET) + 1))  # what `shifted` returns
        inputs = [question, before]
        decoded = decoder(before, initial_state=state)
    else:
        inputs = question
        decoded = decoder(keras.layers.RepeatVector(n_out)(encoded[:, -1]))
    if variant.attention:
        fetched = keras.layers.Attention()([decoded, encoded])  # queries, values and keys
        decoded = keras.layers.Concatenate()([decoded, fetched])
    # a probability per symbol, at each step of the answer: (samples, 4, 12)
    answer = keras.layers.Dense(len(ALPHABET), activation="softmax")(decoded)
    model = keras.Model(inputs, answer)
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


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    largest = settings.largest
    test_set = draw_distinct(settings.test, pairs(largest, random.Random("test set")))
    held_out = {unordered(pair) for pair in test_set}
    model = build_model(variant, largest, settings.units[variant.more_units])

    def epoch_data(rng):
        X, y = encode(draw_around(held_out, N_EXAMPLES, pairs(largest, rng)), largest)
        return ((X, shifted(y)), y) if variant.reads_itself else (X, y)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    return Run(model, history, score(model, variant, *encode(test_set, largest)))


def tested_on(settings):
    return f"{settings.test} pairs never drawn in training"


COMPARES = [(name, REPEAT_VECTOR) for name in VARIANTS if name != REPEAT_VECTOR]
COMPARES += [("autoregressive, attention", "autoregressive")]
experiment = Comparison(__name__, VARIANTS, run, tested_on, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

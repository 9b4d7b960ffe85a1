"""Can one model echo as many integers as its input asks for?

Tutorial B: its comments ask for outputs of varying length, with a start symbol. The
input is the wanted length, 1 to 5, as a symbol of its own, and a window of 5 integers;
the answer is the first ones of them, as many as wanted, and an end symbol. The decoder
begins with the encoder's state and reads a start symbol, then the answer so far: in
training the right one, in use its own, decoded greedily until the end symbol. Beside it,
on the same budget, the tutorial's RepeatVector in place of the answer so far, with the
same end symbol.

    python -m extensions.echo_varying_length --runs 10
"""

import random
from dataclasses import dataclass
from functools import partial

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, share_equal
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.windows import draw_windows

ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_IN = 5
N_TEST = 100
START = N_UNIQUE  # symbols after the integers: start, end, then the lengths 1 to 5
END = N_UNIQUE + 1
N_SYMBOLS = N_UNIQUE + 2 + N_IN


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant
    units: int = 150  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    reads_answer: bool  # whether the decoder reads the answer so far


VARIANTS = {"start symbol, greedy": Variant(True), "RepeatVector": Variant(False)}
COMPARES = [(*VARIANTS, score) for score in (EXACT, "of 5", "Right length")]


def questions(rng, n_sequences=1):
    """Symbols: questions, (rows, 6), the wanted length first; answers, (rows, 6)."""
    windows, _ = draw_windows(N_IN, N_IN, n_sequences=n_sequences, rng=rng)
    lengths = np.array([[rng.randint(1, N_IN)] for _ in windows])
    y = np.pad(windows, ((0, 0), (0, 1)))
    y[np.arange(N_IN + 1) >= lengths] = END  # all that is beyond the wanted length
    return np.hstack([END + lengths, windows]), y


def up_to_end(y):
    """What is an answer, first end symbol included, as ones: (rows, 6)."""
    return np.cumsum(y == END, axis=1) - (y == END) == 0


def so_far(y):
    """What the decoder reads at each step: the start symbol, then the answer before."""
    return np.column_stack([np.full(len(y), START), y[:, :-1]])


def one_hot(symbols):
    return one_hot_encode(symbols, N_SYMBOLS)


def inputs(reads_answer, X, y):
    """What a model reads, one-hot: the questions; for some, the answers so far, too."""
    return (one_hot(X), one_hot(so_far(y))) if reads_answer else one_hot(X)


def examples(reads_answer, rng):
    X, y = questions(rng)
    # weights: 0 after the end symbol
    return inputs(reads_answer, X, y), one_hot(y), up_to_end(y)


@cache_models
def build_model(reads_answer, units):
    """An encoder-decoder; with the start symbol it reads the answer so far, too."""
    question = keras.Input((N_IN + 1, N_SYMBOLS))  # (windows, 6, 107)
    # unrolled: trains faster; its output is the first of its two states, (windows, units)
    encoder = keras.layers.LSTM(units, return_state=True, unroll=True)
    encoded, *state = encoder(question)
    decoder = keras.layers.LSTM(units, return_sequences=True, unroll=True)
    if reads_answer:
        answer_so_far = keras.Input((N_IN + 1, N_SYMBOLS))
        read = [question, answer_so_far]
        decoded = decoder(answer_so_far, initial_state=state)  # (windows, 6, units)
    else:
        read = question
        decoded = decoder(keras.layers.RepeatVector(N_IN + 1)(encoded))
    symbols = keras.layers.Dense(N_SYMBOLS, activation="softmax")(decoded)
    model = keras.Model(read, symbols)
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def answer(reads_answer, model, X):
    """The model's answers, (rows, 6): end symbols from the first one on."""
    y = np.full_like(X, END)
    # greedily: the likeliest symbol, then the next; or all of them at once
    for step in range(N_IN + 1) if reads_answer else [slice(None)]:
        outputs = predict(model, inputs(reads_answer, X, y))
        y[:, step] = outputs[:, step].argmax(axis=-1)
    return np.where(up_to_end(y), y, END)


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    reads_answer = variant.reads_answer
    model = build_model(reads_answer, settings.units)
    epoch_data = partial(examples, reads_answer)
    history = train_from_seed(model, seed, epoch_data, settings.epochs, ROWS)
    X, y = questions(random.Random("test set"), N_TEST)
    predicted = answer(reads_answer, model, X)
    scores = {EXACT: share_equal(y, predicted)}
    scores["Right length"] = share_equal(up_to_end(y), up_to_end(predicted))
    for n in range(1, N_IN + 1):
        asked = X[:, 0] == END + n
        scores[f"of {n}"] = share_equal(y[asked], predicted[asked])
    return Run(model, history, scores)


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    compares=COMPARES,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

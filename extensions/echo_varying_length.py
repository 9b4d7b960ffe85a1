"""Can one model echo as many integers as its input asks for?

Tutorial B: its comments ask for outputs of varying length, with a start symbol. The
question is a length, 1 to 5, as a symbol of its own, and a window of 5 integers; the answer
is that many of them, and an end symbol. The decoder begins with the encoder's state and
reads a start symbol, then the answer so far: in training the right one, in use its own,
decoded greedily. Beside it is the tutorial's RepeatVector, which reads no answer. Both have
the tutorial's budget, and a higher learning rate with three times the epochs.

    python -m extensions.echo_varying_length --runs 10
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Score, share_equal
from common.settings import BaseSettings
from common.training import predict, train
from common.windows import N_TEST
import echo_partial
from extensions.tools.windows import draw_windows

TUTORIAL = echo_partial.Settings()
N_IN = TUTORIAL.n_in
START, END = TUTORIAL.n_unique, TUTORIAL.n_unique + 1  # after the integers
N_SYMBOLS = TUTORIAL.n_unique + 2 + N_IN  # with the lengths 1 to 5, after the end
RIGHT_LENGTH = Score("Right length")
OF = {n: Score(f"of {n}") for n in range(1, N_IN + 1)}


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant
    units: int = TUTORIAL.encoder_units  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    reads_answer: bool  # whether the decoder reads the answer so far
    times: int = 1  # the epochs
    rate: float = 0.001  # at which Adam learns


GREEDY, REPEATED = "start symbol, greedy", "RepeatVector"
LONGER = ", rate 0.003, 3 x epochs"
VARIANTS = {
    GREEDY: Variant(True),
    REPEATED: Variant(False),
    GREEDY + LONGER: Variant(True, 3, 0.003),
    REPEATED + LONGER: Variant(False, 3, 0.003),
}
COMPARES = [(GREEDY + LONGER, REPEATED + LONGER)]


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


def build_model(settings, variant):
    """An encoder-decoder; with the start symbol it reads the answer so far, too."""
    layers, units = keras.layers, settings.units
    question = keras.Input((N_IN + 1, N_SYMBOLS))  # (windows, 6, 107)
    # its output is the first of its two states, (windows, units)
    encoded, *state = layers.LSTM(units, return_state=True)(question)
    decoder = layers.LSTM(units, return_sequences=True)
    if variant.reads_answer:
        answer_so_far = keras.Input((N_IN + 1, N_SYMBOLS))
        read = [question, answer_so_far]
        decoded = decoder(answer_so_far, initial_state=state)  # (windows, 6, units)
    else:
        read = question
        decoded = decoder(layers.RepeatVector(N_IN + 1)(encoded))
    symbols = layers.Dense(N_SYMBOLS, activation="softmax")(decoded)
    model = keras.Model(read, symbols)
    adam = keras.optimizers.Adam(variant.rate)
    model.compile(loss="categorical_crossentropy", optimizer=adam)
    return model


def answer(reads_answer, model, X):
    """The model's answers, (rows, 6): end symbols from the first one on."""
    y = np.full_like(X, END)
    # greedily: the likeliest symbol, then the next; or all of them at once
    for step in range(N_IN + 1) if reads_answer else [slice(None)]:
        outputs = predict(model, inputs(reads_answer, X, y))
        y[:, step] = outputs[:, step].argmax(axis=-1)
    return np.where(up_to_end(y), y, END)


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new sequences."""
    rng, reads_answer = Random(seed), variant.reads_answer
    keras.utils.set_random_seed(seed)
    model = build_model(settings, variant)

    def new_sequence():
        X, y = questions(rng)
        # weights: 0 after the end symbol
        return inputs(reads_answer, X, y), one_hot(y), up_to_end(y)

    epochs = variant.times * settings.epochs
    history = train(model, new_sequence, epochs, TUTORIAL.batch_size)
    X, y = questions(Random("test set"), N_TEST)
    predicted = answer(reads_answer, model, X)
    scores = {EXACT: share_equal(y, predicted)}
    scores[RIGHT_LENGTH] = share_equal(up_to_end(y), up_to_end(predicted))
    for n, of_n in OF.items():
        asked = X[:, 0] == END + n
        scores[of_n] = share_equal(y[asked], predicted[asked])
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST} new sequences, {TUTORIAL.batch_size} windows each"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

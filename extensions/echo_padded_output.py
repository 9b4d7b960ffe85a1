"""Must an echo shorter than its window have an encoder-decoder? Or is padding enough?

Tutorial B, section "Echo Partial Sequence (encoder-decoder model)": it names an output
of the input's length, padded, as the other way. The partial echo, 2 of 5, on its budget:
by its encoder-decoder; and by one LSTM with an output every timestep, five symbols, of
which three are padding: after the echo, where each integer is due as it is read, or
before it, where both must be remembered for three timesteps.

    python -m extensions.echo_padded_output --runs 20
"""

import random
from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_echoes
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.windows import draw_windows

ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_IN = 5
N_OUT = 2
PAD = N_UNIQUE  # the symbol after the last integer
N_TEST = 100


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 5000  # training epochs of each variant
    units: int = 150  # units of each LSTM


@dataclass(frozen=True)
class Variant:
    encoder_decoder: bool = False  # else one LSTM, with an output every timestep
    before: int = 0  # symbols of padding before the echo
    after: int = 0  # and after it


VARIANTS = {
    "encoder-decoder": Variant(encoder_decoder=True),
    "padded after": Variant(after=N_IN - N_OUT),
    "padded before": Variant(before=N_IN - N_OUT),
}
COMPARES = (("padded after", "encoder-decoder"), ("padded before", "encoder-decoder"))


def encode(X, y, variant):
    """One-hot, the echo with its padding: (windows, 5, 100), (windows, 2 or 5, 101)."""
    padding = (0, 0), (variant.before, variant.after)
    target = np.pad(y, padding, constant_values=PAD)
    return one_hot_encode(X, N_UNIQUE), one_hot_encode(target, N_UNIQUE + 1)


@cache_models
def build_model(encoder_decoder, units):
    """The tutorial's encoder-decoder, or its decoder alone, which reads the window."""
    model = keras.Sequential()
    model.add(keras.Input((N_IN, N_UNIQUE)))
    if encoder_decoder:  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, unroll=True))
        model.add(keras.layers.RepeatVector(N_OUT))
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    # a probability per integer and for the padding: (windows, 2 or 5, 101)
    model.add(keras.layers.Dense(N_UNIQUE + 1, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new sequences."""
    model = build_model(variant.encoder_decoder, settings.units)

    def epoch_data(rng):
        return encode(*draw_windows(N_IN, N_OUT, rng=rng), variant)

    history = train_from_seed(model, seed, epoch_data, settings.epochs, ROWS)
    X, y = draw_windows(N_IN, N_OUT, n_sequences=N_TEST, rng=random.Random("test set"))
    predicted = predict(model, one_hot_encode(X, N_UNIQUE)).argmax(axis=-1)
    echo = predicted[:, variant.before : variant.before + N_OUT]
    return Run(model, history, score_echoes(y, echo))


TESTED_ON = f"{N_TEST} new sequences, {ROWS} windows each"
experiment = Comparison(__name__, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Does the partial echo need an encoder-decoder, or is a padded output enough?

Tutorial B, section "Echo Partial Sequence (encoder-decoder model)": it names an output
of the input's length, padded, as the other way. The partial echo, 2 of 5, on its budget:
by its encoder-decoder; and by one LSTM with an output every timestep, five symbols, of
which three are padding: after the echo, where each integer is due as it is read, or
before it, where both must be remembered for three timesteps. Each has three learning
rates, Adam's own first.

    python -m extensions.echo_padded_output --runs 20
"""

from dataclasses import dataclass, replace
from random import Random

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import score_echoes
from common.settings import BaseSettings
from common.training import predict, train
from common.windows import N_TEST
import echo_partial
from extensions.tools.windows import draw_windows

TUTORIAL = echo_partial.Settings()
PAD = TUTORIAL.n_unique  # the symbol after the last integer
N_PADDED = TUTORIAL.n_in - TUTORIAL.n_out


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant
    units: int = TUTORIAL.encoder_units  # units of each LSTM


@dataclass(frozen=True)
class Variant:
    encoder_decoder: bool = False  # else one LSTM, with an output every timestep
    before: int = 0  # symbols of padding before the echo
    after: int = 0  # and after it
    rate: float = 0.001  # at which Adam learns


VARIANTS = {
    "encoder-decoder": Variant(encoder_decoder=True),
    "padded after": Variant(after=N_PADDED),
    "padded before": Variant(before=N_PADDED),
}
VARIANTS |= {
    f"{name}, rate {rate}": replace(variant, rate=rate)
    for rate in (0.003, 0.01)
    for name, variant in VARIANTS.items()
}
COMPARES = [("padded after", "encoder-decoder")]


def encode(X, y, variant):
    """One-hot, the echo with its padding: (windows, 5, 100), (windows, 2 or 5, 101)."""
    padding = (0, 0), (variant.before, variant.after)
    target = np.pad(y, padding, constant_values=PAD)
    return one_hot_encode(X, PAD), one_hot_encode(target, PAD + 1)


def build_model(settings, variant):
    """The tutorial's encoder-decoder, or its decoder alone, which reads the window."""
    layers, model = keras.layers, keras.Sequential()
    model.add(keras.Input((TUTORIAL.n_in, TUTORIAL.n_unique)))
    if variant.encoder_decoder:
        model.add(layers.LSTM(settings.units))
        model.add(layers.RepeatVector(TUTORIAL.n_out))
    model.add(layers.LSTM(settings.units, return_sequences=True))
    # a probability per integer and for the padding: (windows, 2 or 5, 101)
    model.add(layers.Dense(PAD + 1, activation="softmax"))
    adam = keras.optimizers.Adam(variant.rate)
    model.compile(loss="categorical_crossentropy", optimizer=adam)
    return model


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new sequences."""
    rng, test_rng = Random(seed), Random("test set")
    keras.utils.set_random_seed(seed)
    model = build_model(settings, variant)

    def new_sequence():
        return encode(*draw_windows(TUTORIAL.n_in, TUTORIAL.n_out, rng=rng), variant)

    history = train(model, new_sequence, settings.epochs, TUTORIAL.batch_size)
    X, y = draw_windows(TUTORIAL.n_in, TUTORIAL.n_out, n_sequences=N_TEST, rng=test_rng)
    predicted = predict(model, one_hot_encode(X, TUTORIAL.n_unique)).argmax(axis=-1)
    echo = predicted[:, variant.before : variant.before + TUTORIAL.n_out]
    return Run(model, history, score_echoes(y, echo))


TESTED_ON = f"{N_TEST} new sequences, {TUTORIAL.batch_size} windows each"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

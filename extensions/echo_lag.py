"""What does memory do, when the answer is the integer from k steps ago? How few units?

Tutorial B, section "Echo Whole Sequence (sequence-to-sequence model)": there k is 0, so
each answer is the current input and nothing is to be remembered. Here windows of k + 5
integers are read, and after the first k of them each step answers with the integer k
steps back: five answers whatever k is. Compared on an equal budget are an LSTM and a Dense
layer of as many units, which sees each step alone. Then, for k = 0, how few units do, on
the tutorial's own budget and on ten times it: the tutorial has 20, "more than enough".

    python -m extensions.echo_lag --runs 10 --plot lag.png

An epoch is one new sequence of 21 windows, in 3 batches of 7.
"""

import random
from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import EXACT, score_echoes
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.missing import one_hot_or_zeros
from extensions.tools.windows import draw_windows

ROWS = 21  # windows in a sequence
BATCH_SIZE = 7
N_UNIQUE = 100
N_OUT = 5
LAGS = (0, 1, 2, 3, 5)
FEW_UNITS = (1, 2, 3, 5, 10, 20)  # of the whole echo
MORE = 10  # times the epochs of the whole echo
N_TEST = 100


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (5000, 500)  # training epochs for the lags, and for few units
    units: int = 100  # units of the layers that echo with a lag


@dataclass(frozen=True)
class Variant:
    lag: int  # steps from an integer to its echo
    recurrent: bool  # an LSTM; else Dense
    units: int  # of this layer
    epochs: int

    @property
    def kind(self):
        return "LSTM" if self.recurrent else "Dense"


def with_lag(settings):
    """{name: variant}, both layers with every lag."""
    size = settings.units, settings.epochs[0]
    found = [Variant(k, recurrent, *size) for recurrent in (True, False) for k in LAGS]
    return {f"{v.kind} {v.units}, k = {v.lag}": v for v in found}


def whole_echoes(settings):
    """{name: variant}, the whole echo with few units, at two budgets."""
    budgets = settings.epochs[1], MORE * settings.epochs[1]
    found = [Variant(0, True, units, epochs) for units in FEW_UNITS for epochs in budgets]
    return {f"whole echo, LSTM {v.units}, {v.epochs} epochs": v for v in found}


def variants(settings):
    return {**with_lag(settings), **whole_echoes(settings)}


def compares(settings):
    """The layers where nothing is to be remembered, and where one integer is."""
    units = settings.units
    return [(f"LSTM {units}, k = {k}", f"Dense {units}, k = {k}") for k in (0, 1)]


def windows(lag, rng, n_sequences=1):
    """Integers: windows, (rows, lag + 5), and the answers at their last 5 steps."""
    n_in = lag + N_OUT
    length = n_in + ROWS - 1
    return draw_windows(n_in, N_OUT, n_sequences=n_sequences, length=length, rng=rng)


def encode(X, y):
    """One-hot, and the weights of the answers, (rows, lag + 5): 0 for the first `lag`."""
    unasked = (0, 0), (X.shape[1] - N_OUT, 0)
    y = np.pad(y.astype(float), unasked, constant_values=np.nan)
    return one_hot_encode(X, N_UNIQUE), one_hot_or_zeros(y, N_UNIQUE), ~np.isnan(y)


@cache_models
def build_model(lag, recurrent, units):
    """One layer that answers at every step, with what came before or without."""
    model = keras.Sequential()
    model.add(keras.Input((lag + N_OUT, N_UNIQUE)))  # (7 windows, lag + 5, 100)
    if recurrent:  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    else:
        model.add(keras.layers.Dense(units, activation="tanh"))
    # a probability per integer at each step: (7, lag + 5, 100)
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its answers in new sequences."""
    model = build_model(variant.lag, variant.recurrent, variant.units)

    def epoch_data(rng):
        return encode(*windows(variant.lag, rng))

    history = train_from_seed(model, seed, epoch_data, variant.epochs, BATCH_SIZE)
    X, y = windows(variant.lag, random.Random("test set"), N_TEST)
    predicted = predict(model, one_hot_encode(X, N_UNIQUE)).argmax(axis=-1)
    return Run(model, history, score_echoes(y, predicted[:, -N_OUT:]))


def plot(path, results, settings):
    """A line for each layer, against the lag."""
    lines = {}
    for name, variant in with_lag(settings).items():
        if name in results.variants:
            points = lines.setdefault(variant.kind, {})
            points[variant.lag] = results.values(name, EXACT)
    title = "Echo of the integer from k steps ago"
    plot_scores(path, lines, "k", EXACT.lower(), title)


def finding(results, settings):
    """How few units do for the whole echo."""
    enough = [n for n in whole_echoes(settings) if results.mean(n, EXACT) >= 0.99]
    print(f"Finding: 99% of the windows or more: {'; '.join(enough) or 'none'}.")


experiment = Comparison(
    __name__,
    variants,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    compares=compares,
    finding=finding,
    plot=("exact match against the lag", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

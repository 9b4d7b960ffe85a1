"""When does an echo need memory, and how few units are enough?

Tutorial B, section "Echo Whole Sequence (sequence-to-sequence model)": there each answer
is the current input (k = 0). Here windows of k + 5 integers are read, and after the first
k of them each step answers with the integer k steps back. Compared are an LSTM and a Dense
layer of as many units, which sees each step alone; and the LSTM with three times the epochs
where k is 3. Then, for k = 0, how few units do, on the tutorial's own budget and on ten
times it: the tutorial has 20, "more than enough".

    python -m extensions.echo_lag --runs 10 --plot lag.png
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_scores
from common.scores import EXACT, score_echoes
from common.settings import BaseSettings
from common.training import predict, train
from common.windows import N_TEST
import echo_whole
from extensions.tools.missing import one_hot_or_zeros
from extensions.tools.windows import draw_windows

TUTORIAL = echo_whole.Settings()
ROWS = TUTORIAL.length - TUTORIAL.n_in + 1  # windows in a sequence
LAGS = (0, 1, 2, 3, 5)
FEW_UNITS = (1, 2, 3, 5, 10, 20)  # of the whole echo
MORE = 10  # times the epochs of the whole echo


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (MORE * TUTORIAL.epochs, TUTORIAL.epochs)  # of lags, and of few units
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
    """{name: variant}, the whole echo with few units, on two budgets; and a Dense layer."""
    epochs = settings.epochs[1]
    found = [Variant(0, True, n, times * epochs) for n in FEW_UNITS for times in (1, MORE)]
    found.append(Variant(0, False, TUTORIAL.units, epochs))
    return {f"whole echo, {v.kind} {v.units}, {v.epochs} epochs": v for v in found}


def variants(settings):
    more = Variant(3, True, settings.units, 3 * settings.epochs[0])
    name = f"LSTM {more.units}, k = 3, {more.epochs} epochs"
    return {**with_lag(settings), name: more, **whole_echoes(settings)}


def compares(settings):
    """The layers where one integer is to be remembered."""
    return [(f"LSTM {settings.units}, k = 1", f"Dense {settings.units}, k = 1")]


def windows(lag, rng, n_sequences=1):
    """Integers: windows, (rows, lag + 5), and the answers at their last 5 steps."""
    n_in = lag + TUTORIAL.n_in
    sizes = {"n_sequences": n_sequences, "length": n_in + ROWS - 1}
    return draw_windows(n_in, TUTORIAL.n_in, **sizes, rng=rng)


def encode(X, y):
    """One-hot, and the weights of the answers, (rows, lag + 5): 0 for the first `lag`."""
    lag = X.shape[1] - y.shape[1]
    y = np.pad(y.astype(float), ((0, 0), (lag, 0)), constant_values=np.nan)
    n_unique = TUTORIAL.n_unique
    return one_hot_encode(X, n_unique), one_hot_or_zeros(y, n_unique), ~np.isnan(y)


def build_model(lag, recurrent, units):
    """One layer that answers at every step, with what came before or without."""
    layers, model = keras.layers, keras.Sequential()
    # (7 windows, lag + 5, 100)
    model.add(keras.Input((lag + TUTORIAL.n_in, TUTORIAL.n_unique)))
    if recurrent:
        model.add(layers.LSTM(units, return_sequences=True))
    else:
        model.add(layers.Dense(units, activation="tanh"))
    # a probability per integer at each step: (7, lag + 5, 100)
    model.add(layers.Dense(TUTORIAL.n_unique, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its answers in new sequences."""
    rng, lag = Random(seed), variant.lag
    keras.utils.set_random_seed(seed)
    model = build_model(lag, variant.recurrent, variant.units)
    budget = variant.epochs, TUTORIAL.batch_size
    history = train(model, lambda: encode(*windows(lag, rng)), *budget)
    X, y = windows(lag, Random("test set"), N_TEST)
    predicted = predict(model, one_hot_encode(X, TUTORIAL.n_unique)).argmax(axis=-1)
    return Run(model, history, score_echoes(y, predicted[:, lag:]))


def plot(path, results, settings):
    """A line for each layer, against the lag."""
    lines = {}
    for name, variant in with_lag(settings).items():
        if name in results.variants:
            points = lines.setdefault(variant.kind, {})
            points[variant.lag] = results.values(name, EXACT)
    title = "Echo of the integer from k steps ago"
    plot_scores(path, lines, "k", EXACT.lower(), title)


experiment = Comparison(
    __doc__,
    Settings,
    variants,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    compares=compares,
    plot=("exact match against the lag", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

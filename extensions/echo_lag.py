"""What does memory do, when the answer is the integer from k steps ago? How few units?

Tutorial B, section "Echo Whole Sequence (sequence-to-sequence model)": there k is 0, so
each answer is the current input and nothing is to be remembered. Here windows of k + 5
integers are read, and after the first k of them each step answers with the integer k
steps back: five answers whatever k is. Compared on an equal budget: an LSTM, and a Dense
layer of as many units that sees each step alone. Then, for k = 0 and the tutorial's own
budget and ten times it, how few units do: the tutorial has 20, "more than enough".

    python extensions/echo_lag.py --runs 3 --plot lag.png

About 3 minutes for one seed. An epoch is one new sequence of 21 windows, in 3 batches of 7.
"""

import random
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.engine import kept
from common.onehot import one_hot_encode
from common.plots import plot_scores
from common.scores import EXACT, score_echoes
from common.settings import BaseSettings
from common.training import predict, train_from_seed
from common.windows import draw_windows

ROWS = 21  # windows in a sequence
BATCH_SIZE = 7
N_UNIQUE = 100
N_OUT = 5
KINDS = ("LSTM", "Dense")
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
    kind: str  # of the layer, one of KINDS
    units: int  # of this layer
    epochs: int


def variants(settings):
    """Both layers with every lag; then the whole echo with few units, at two budgets."""
    found, (epochs, few_epochs) = {}, settings.epochs
    for kind in KINDS:
        for lag in LAGS:
            variant = Variant(lag, kind, settings.units, epochs)
            found[f"{kind} {settings.units}, k = {lag}"] = variant
    for units in FEW_UNITS:
        for epochs in (few_epochs, MORE * few_epochs):
            found[whole_echo(units, epochs)] = Variant(0, "LSTM", units, epochs)
    return found


def whole_echo(units, epochs):
    return f"whole echo, LSTM {units}, {epochs} epochs"


def windows(lag, rng, n_sequences=1):
    """Integers: windows, (rows, lag + 5), and the answers at their last 5 steps."""
    n_in = lag + N_OUT
    length = n_in + ROWS - 1
    return draw_windows(n_in, N_OUT, n_sequences=n_sequences, length=length, rng=rng)


def encode(X, y):
    """One-hot, and the weights of the answers, (rows, lag + 5): 0 for the first `lag`."""
    asked = np.arange(X.shape[1]) >= X.shape[1] - N_OUT
    target = np.zeros((*X.shape, N_UNIQUE), dtype=np.float32)
    target[:, -N_OUT:] = one_hot_encode(y, N_UNIQUE)
    return one_hot_encode(X, N_UNIQUE), target, np.tile(asked, (len(X), 1))


@kept
def build_model(lag, kind, units):
    """One layer that answers at every step, with what came before or without."""
    model = keras.Sequential()
    model.add(keras.Input((lag + N_OUT, N_UNIQUE)))  # (7 windows, lag + 5, 100)
    if kind == "LSTM":  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    else:
        model.add(keras.layers.Dense(units, activation="tanh"))
    # a probability per integer at each step: (7, lag + 5, 100)
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its answers in new sequences."""
    model = build_model(variant.lag, variant.kind, variant.units)

    def epoch_data(rng):
        return encode(*windows(variant.lag, rng))

    history = train_from_seed(model, seed, epoch_data, variant.epochs, BATCH_SIZE)
    X, y = windows(variant.lag, random.Random("test set"), N_TEST)
    predicted = predict(model, one_hot_encode(X, N_UNIQUE)).argmax(axis=-1)
    return Run(model, history, score_echoes(y, predicted[:, -N_OUT:]))


def by_lag(results, settings):
    """{layer: {lag: exact match of each seed}}"""
    found = {}
    for name, variant in variants(settings).items():
        if name in results.variants and name.startswith(variant.kind):
            points = found.setdefault(variant.kind, {})
            points[variant.lag] = results.values(name, EXACT)
    return found


def plot(path, results, settings):
    title = "Echo of the integer from k steps ago"
    plot_scores(path, by_lag(results, settings), "k", EXACT.lower(), title)


def finding(results, settings):
    for kind, points in by_lag(results, settings).items():
        found = [f"{np.mean(scores):.1%} at k = {lag}" for lag, scores in points.items()]
        print(f"Finding: exact match with {kind}: {', '.join(found)}.")
    for epochs in (settings.epochs[1], MORE * settings.epochs[1]):
        means = {n: results.mean(whole_echo(n, epochs), EXACT) for n in FEW_UNITS}
        enough = [units for units, mean in means.items() if mean >= 0.99]
        few = f"{enough[0]} units" if enough else "none of the sizes"
        print(f"Finding: the whole echo reaches 99% in {epochs} epochs with {few}.")


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    variants,
    run,
    f"{N_TEST} new sequences, {ROWS} windows each",
    finding=finding,
    plot=("exact match against the lag", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

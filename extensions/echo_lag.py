"""What does memory do, when the answer is the integer from k steps ago? How few units?

Tutorial B, section "Echo Whole Sequence (sequence-to-sequence model)": there k is 0, so
each answer is the current input and nothing is to be remembered. Here windows of k + 5
integers are read, and after the first k of them each step answers with the integer k
steps back: five answers whatever k is. Compared on an equal budget: an LSTM, and a Dense
layer of as many units that sees each step alone. Then, for k = 0 and the tutorial's own
budget and ten times it, how few units do: the tutorial has 20, "more than enough".

    python extensions/echo_lag.py --runs 3 --plot lag.png

The two numbers of --epochs are for the lags and for the units. About 3 minutes for
one seed. An epoch is one new sequence of 21 windows, in 3 batches of 7.
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.echoes import draw_windows
from common.onehot import one_hot_decode, one_hot_encode
from common.results import Comparison
from common.score_plots import plot_scores
from common.scores import EXACT, score_echoes

ROWS = 21  # windows in a sequence
BATCH_SIZE = 7
N_UNIQUE = 100
N_OUT = 5
LAGS = (0, 1, 2, 3, 5)
N_UNITS = 100
FEW_UNITS = (1, 2, 3, 5, 10, 20)  # of the whole echo
N_EPOCHS = (5000, 500)
MORE = 10  # times the epochs of the whole echo
N_TEST = 100


def parse_args(argv=None):
    parser = cli.comparison_parser(
        __doc__, epochs=N_EPOCHS, plot="exact match against the lag"
    )
    parser.add_size("--units", N_UNITS, "units of the layers that echo with a lag")
    return parser.parse_args(argv)


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


def build_model(lag, kind, units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((lag + N_OUT, N_UNIQUE)))
    if kind == "LSTM":  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    else:
        model.add(keras.layers.Dense(units, activation="tanh"))
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def variants(args):
    """(variant, lag, kind of layer, units, epochs) of everything that is compared."""
    epochs, few_epochs = args.epochs
    for kind in ("LSTM", "Dense"):
        for lag in LAGS:
            yield f"{kind} {args.units}, k = {lag}", lag, kind, args.units, epochs
    for times in (1, MORE):
        for units in FEW_UNITS:
            variant = f"whole echo, LSTM {units}, {times * few_epochs} epochs"
            yield variant, 0, "LSTM", units, times * few_epochs


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences, {ROWS} windows each")
    lines, enough = {}, {}
    for variant, lag, kind, units, epochs in variants(args):
        model = build_model(lag, kind, units)
        X, y = windows(lag, random.Random("test set"), N_TEST)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(model, lambda: encode(*windows(lag, rng)), epochs, BATCH_SIZE)
            predicted = one_hot_decode(predict(model, one_hot_encode(X, N_UNIQUE)))
            scores = score_echoes(y, np.array(predicted)[:, -N_OUT:])
            comparison.add(variant, seed, model.count_params(), scores)
        if variant.startswith(kind):
            lines.setdefault(kind, {})[lag] = comparison.values(variant, EXACT)
        elif comparison.mean(variant, EXACT) >= 0.99:
            enough.setdefault(epochs, units)
    comparison.write()
    if args.plot:
        title = "Echo of the integer from k steps ago"
        plot_scores(args.plot, lines, xlabel="k", ylabel=EXACT.lower(), title=title)
    for kind, points in lines.items():
        figures = ", ".join(
            f"{np.mean(scores):.1%} at k = {lag}" for lag, scores in points.items()
        )
        print(f"Finding: exact match with {kind}: {figures}.")
    for epochs in (args.epochs[1], MORE * args.epochs[1]):
        few = f"{enough[epochs]} units" if epochs in enough else "none of the sizes"
        print(f"Finding: the whole echo reaches 99% in {epochs} epochs with {few}.")


if __name__ == "__main__":
    cli.run(main)

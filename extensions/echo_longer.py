"""How long an echo can the encoder-decoder learn, and what do longer ones take?

Tutorial B, section "Extensions": "echo longer". The partial echo's encoder-decoder,
asked for 2, 3 and 5 of 5 and for 10 of 10 integers, each on the tutorial's budget; then,
for 5 of 5, with twice the units and with three times the epochs.

    python extensions/echo_longer.py --runs 3 --plot longer.png

About 5 minutes for one seed. An epoch is one new sequence, one batch of 21 windows; 99 %
is of the integers, in training; inf: not reached.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.echoes import draw_windows
from common.milestones import epochs_to
from common.onehot import one_hot_decode, one_hot_encode
from common.results import Comparison
from common.score_plots import plot_scores
from common.scores import EXACT, score_echoes

ROWS = 21  # windows in a sequence, 25 long for windows of 5
N_UNIQUE = 100
N_UNITS = 150
N_EPOCHS = 5000
N_TEST = 100
TO_99 = "Epochs to 99 %"
# (n_out, n_in, times the units, times the epochs)
VARIANTS = [
    (2, 5, 1, 1),
    (3, 5, 1, 1),
    (5, 5, 1, 1),
    (10, 10, 1, 1),
    (5, 5, 2, 1),
    (5, 5, 1, 3),
]


def parse_args(argv=None):
    parser = cli.comparison_parser(
        __doc__, epochs=N_EPOCHS, plot="exact match against the length of the echo"
    )
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    return parser.parse_args(argv)


def examples(n_in, n_out, rng, n_sequences=1):
    length = n_in + ROWS - 1
    X, y = draw_windows(n_in, n_out, n_sequences=n_sequences, length=length, rng=rng)
    return one_hot_encode(X, N_UNIQUE), one_hot_encode(y, N_UNIQUE)


def build_model(n_in, n_out, units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((n_in, N_UNIQUE)))
    model.add(keras.layers.LSTM(units, unroll=True))  # unrolled: trains faster
    model.add(keras.layers.RepeatVector(n_out))
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences, {ROWS} windows each")
    lines = {}
    for n_out, n_in, more_units, more_epochs in VARIANTS:
        units, epochs = more_units * args.units, more_epochs * args.epochs
        effort = f"{units} units, {epochs} epochs"
        variant = f"{n_out} of {n_in}, {effort}"
        model = build_model(n_in, n_out, units)
        X, y = examples(n_in, n_out, random.Random("test set"), N_TEST)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            history = train(model, lambda: examples(n_in, n_out, rng), epochs, ROWS)
            scores = score_echoes(one_hot_decode(y), one_hot_decode(predict(model, X)))
            scores[TO_99] = epochs_to(0.99, history["accuracy"])
            comparison.add(variant, seed, model.count_params(), scores)
        lines.setdefault(effort, {})[n_out] = comparison.values(variant, EXACT)
    comparison.write()
    if args.plot:
        title, xlabel = "Echo of the encoder-decoder", "integers to echo"
        plot_scores(args.plot, lines, xlabel=xlabel, ylabel=EXACT.lower(), title=title)
    for effort, points in lines.items():
        figures = ", ".join(
            f"{sum(scores) / len(scores):.1%} of {n_out} integers"
            for n_out, scores in points.items()
        )
        print(f"Finding: exact match with {effort}: {figures}.")


if __name__ == "__main__":
    cli.run(main)

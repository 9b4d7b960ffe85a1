"""Does the state between batches matter? Stateful, stateless, and batch size 1.

Tutorial B, section "Extensions": "ignore state"; it expects little to no change. Both
of its echoes, whole (5 of 5) and partial (2 of 5), with its networks. The whole echo has
its full budget; the partial one fewer sequences than the tutorial's 5000, since batch
size 1 makes 21 updates of each: every variant of an echo sees the same windows.

    python extensions/echo_stateless.py --runs 3

The two numbers of --epochs are for the whole and the partial echo. About a minute and
a half for one seed.

What the state can do: window i of a batch of the whole echo starts from the state that
window i of the batch before left behind, that is the one 7 windows earlier. Nothing in
there is asked for. In the partial echo one batch is one epoch, after which the state is
reset: there it never gets from one batch to another.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.echoes import draw_windows
from common.onehot import one_hot_decode, one_hot_encode
from common.results import Comparison
from common.scores import EXACT, score_echoes, share_equal

N_IN = 5
WHOLE, PARTIAL = 5, 2  # integers to echo
ROWS = 21  # windows in a sequence of 25
N_UNIQUE = 100
N_EPOCHS = (500, 2000)
N_UNITS = (20, 150)
N_TEST = 100
# variant: (integers to echo, stateful, batch size)
VARIANTS = {
    "whole, stateful, batch size 7": (WHOLE, True, 7),
    "whole, stateless, batch size 7": (WHOLE, False, 7),
    "whole, stateless, batch size 1": (WHOLE, False, 1),
    "partial, stateful, batch size 21": (PARTIAL, True, 21),
    "partial, stateless, batch size 21": (PARTIAL, False, 21),
    "partial, stateless, batch size 1": (PARTIAL, False, 1),
}


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--units", N_UNITS, "units of the whole and of the partial echo")
    return parser.parse_args(argv)


def examples(n_out, rng, n_sequences=1):
    X, y = draw_windows(N_IN, n_out, n_sequences=n_sequences, rng=rng)
    return one_hot_encode(X, N_UNIQUE), one_hot_encode(y, N_UNIQUE)


def build_model(n_out, stateful, batch_size, units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input(batch_shape=(batch_size, N_IN, N_UNIQUE)))
    if n_out == PARTIAL:  # unrolled: trains faster
        model.add(keras.layers.LSTM(units, stateful=stateful, unroll=True))
        model.add(keras.layers.RepeatVector(n_out))
    model.add(
        keras.layers.LSTM(units, return_sequences=True, stateful=stateful, unroll=True)
    )
    model.add(keras.layers.Dense(N_UNIQUE, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences, {ROWS} windows each")
    answers = {variant: [] for variant in VARIANTS}
    for variant, (n_out, stateful, batch_size) in VARIANTS.items():
        which = (WHOLE, PARTIAL).index(n_out)
        epochs, units = args.epochs[which], args.units[which]
        model = build_model(n_out, stateful, batch_size, units)
        X, y = examples(n_out, random.Random("test set"), N_TEST)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(model, lambda: examples(n_out, rng), epochs, batch_size)
            predicted = one_hot_decode(predict(model, X, batch_size, reset_every=ROWS))
            answers[variant] += predicted
            scores = score_echoes(one_hot_decode(y), predicted)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    for echo in ("whole", "partial"):
        mine = [variant for variant in VARIANTS if variant.startswith(echo)]
        figures = "; ".join(
            f"{variant.removeprefix(f'{echo}, ')} {comparison.mean(variant, EXACT):.1%}"
            for variant in mine
        )
        same = share_equal(answers[mine[0]], answers[mine[1]])  # at the same batch size
        print(
            f"Finding: exact match of the {echo} echo: {figures}; "
            f"the first two give the same answer to {float(same):.1%} of the windows."
        )


if __name__ == "__main__":
    cli.run(main)

"""Must the layers grow with the digits? Units against digits, at equal budget.

Tutorial A, a reader's question: does the size of the LSTM layers have to grow with the
number of digits? Encoder-decoders of several sizes are trained on sums of two numbers of
up to one, two and three digits, each on equally many sums. No test pair, in either
order, is drawn in training.

    python extensions/addition_digits.py --runs 3 --plot digits.png

About 3 minutes for one seed, 9 for three.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.characters import (
    ALPHABET,
    answer_length,
    encode_sums,
    invert,
    question_length,
)
from common.files import written_whole
from common.results import Comparison
from common.scores import EXACT, share_equal
from common.unseen import draw_distinct, draw_unseen

N_EXAMPLES = 3200  # new ones every epoch
N_DIGITS = 3
UNITS = (16, 32, 64, 128)  # of encoder and decoder
N_EPOCHS = 100
BATCH_SIZE = 32
LEARNING_RATE = 0.003  # three times Adam's default, with which they learn later
ENOUGH = 0.9  # of the answers exact
N_TEST = 500  # pairs, where a tenth of all is as many; asked in both orders


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS, plot="a heat map")
    parser.add_size("--digits", N_DIGITS, "the most digits", at_most=9)
    parser.add_size("--units", UNITS, "the four sizes of encoder and decoder")
    return parser.parse_args(argv)


def variant(digits, units):
    return f"{digits} digit{'s' * (digits > 1)}, {units} units"


def random_pair(largest, rng):
    return rng.randint(1, largest), rng.randint(1, largest)


def test_pairs(largest):
    rng, possible = random.Random("test set"), largest * (largest + 1) // 2
    size = min(N_TEST, -(-possible // 10))
    pairs = draw_distinct(size, lambda: random_pair(largest, rng))
    return sorted({*pairs, *[(b, a) for a, b in pairs]})


def examples(largest, held_out, rng):
    pairs = draw_unseen(N_EXAMPLES, lambda: random_pair(largest, rng), held_out)
    return encode_sums(pairs, [a + b for a, b in pairs], 2, largest)


def build_model(largest, units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((question_length(2, largest), len(ALPHABET))))
    # unrolled, so short a recurrence trains faster
    model.add(keras.layers.LSTM(units, unroll=True))
    model.add(keras.layers.RepeatVector(answer_length(2, largest)))
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(len(ALPHABET), activation="softmax"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    model.compile(loss="categorical_crossentropy", optimizer=optimizer)
    return model


def plot(path, comparison, args):
    from matplotlib.figure import Figure

    digits = range(1, args.digits + 1)
    shares = [[comparison.mean(variant(d, u), EXACT) for u in args.units] for d in digits]
    figure = Figure(figsize=(6.5, 4), layout="constrained")
    figure.suptitle(args.plot_title, fontsize="medium")
    axes = figure.subplots()
    image = axes.imshow(shares, vmin=0, vmax=1, origin="lower", aspect="auto")
    figure.colorbar(image, label="exact match")
    for row, values in enumerate(shares):
        for column, value in enumerate(values):
            color = "black" if value > 0.5 else "white"
            axes.text(column, row, f"{value:.1%}", ha="center", va="center", color=color)
    axes.set_xticks(range(len(args.units)), args.units)
    axes.set_yticks(range(args.digits), digits)
    axes.set(xlabel="units of encoder and decoder", ylabel="digits")
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150)


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    comparison = Comparison(args, tested_on="pairs never drawn in training")
    for digits in range(1, args.digits + 1):
        largest = 10**digits - 1
        pairs = test_pairs(largest)
        held_out = {pair for pair in pairs if pair[0] <= pair[1]}
        X, y = encode_sums(pairs, [a + b for a, b in pairs], 2, largest)
        expected = [invert(answer) for answer in y]
        for units in args.units:
            model = build_model(largest, units)
            for seed in args.seeds:
                initialize(model, seed)
                rng = random.Random(seed)
                train(
                    model,
                    lambda: examples(largest, held_out, rng),
                    args.epochs,
                    BATCH_SIZE,
                )
                predicted = [invert(answer) for answer in predict(model, X)]
                scores = {EXACT: share_equal(expected, predicted)}
                comparison.add(variant(digits, units), seed, model.count_params(), scores)
    comparison.write()
    if args.plot:
        plot(args.plot, comparison, args)
    found = []
    for digits in range(1, args.digits + 1):
        means = {u: comparison.mean(variant(digits, u), EXACT) for u in sorted(args.units)}
        enough = [str(units) for units, mean in means.items() if mean >= ENOUGH]
        least, best = enough[0] if enough else "none of them", max(means.values())
        n_pairs = 10**digits * (10**digits - 1) // 2
        found.append(f"{least} for {digits} (best {best:.1%}; {n_pairs} pairs there are)")
    print(f"Finding: units enough for {ENOUGH:.0%} exact, by digits: {', '.join(found)}.")


if __name__ == "__main__":
    cli.run(main)

"""How many LSTM layers does the regression need? The tutorial describes three versions.

Tutorial A, section "Addition as a Mapping Problem (the beginner's mistake)": its prose
has two LSTM layers of 6 and 2 units, its snippet 6 and 6, its complete listing one of
10. All three are trained here on the listing's budget: 100 epochs of 100 new sums,
batch size 1.

    python extensions/addition_stacked_lstm.py --runs 10

About 10 s for 10 seeds.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.results import Comparison
from common.scores import RMSE, score_sums
from common.sums import invert, scaled_sum_pairs

N_EXAMPLES = 100
N_NUMBERS = 2
LARGEST = 100
N_EPOCHS = 100
BATCH_SIZE = 1
N_TEST = 10_000
VARIANTS = {"LSTM 10": [10], "LSTM 6, LSTM 6": [6, 6], "LSTM 6, LSTM 2": [6, 2]}


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_size("--largest", LARGEST, "largest number", at_most=10**12)
    return parser.parse_args(argv)


def examples(args, rng, n_examples=N_EXAMPLES):
    X, y = scaled_sum_pairs(n_examples, N_NUMBERS, args.largest, rng=rng)
    return X.reshape(n_examples, N_NUMBERS, 1), y  # (samples, timesteps, features)


def build_model(units):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((N_NUMBERS, 1)))
    for n_units in units[:-1]:
        model.add(keras.layers.LSTM(n_units, return_sequences=True))
    model.add(keras.layers.LSTM(units[-1]))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    X, y = examples(args, random.Random("test set"), N_TEST)
    expected = invert(y, N_NUMBERS, args.largest)
    comparison = Comparison(args, tested_on=f"{N_TEST} new sums")
    for variant, units in VARIANTS.items():
        model = build_model(units)
        for seed in args.seeds:
            initialize(model, seed)
            rng = random.Random(seed)
            train(model, lambda: examples(args, rng), args.epochs, BATCH_SIZE)
            predicted = invert(predict(model, X)[:, 0], N_NUMBERS, args.largest)
            scores = score_sums(expected, predicted)
            comparison.add(variant, seed, model.count_params(), scores)
    comparison.write()
    best = min(VARIANTS, key=lambda variant: comparison.mean(variant, RMSE))
    print(f"Finding: the lowest mean RMSE, {comparison.mean(best, RMSE):.2f}, has {best}.")


if __name__ == "__main__":
    cli.run(main)

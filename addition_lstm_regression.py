"""Addition as a mapping: an LSTM learns sums of scaled integers, one number a timestep.

Tutorial A, "Learn to Add Numbers with an Encoder-Decoder LSTM Recurrent Neural
Network", section "Addition as a Mapping Problem (the beginner's mistake)":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/

    python addition_lstm_regression.py
    python addition_lstm_regression.py --runs 10 --plot curves.png

What to expect: RMSE 0.42 ± 0.17 and 80 % ± 15 % of the sums right (30 seeds; the worst:
0.77 and 40 %). The tutorial printed RMSE 0.57.

What is otherwise: data have a generator of their own, training is one compiled program
for all epochs instead of a `fit` call each;
`unroll` is set. The tutorial's text also describes two layers of 6 and 2, and 6 and 6,
units: extensions/addition_stacked_lstm.py.
"""

import random

from common import cli
from common.jobs import each_seed
from common.results import Results
from common.saved import load_weights
from common.scores import print_sums, score_sums
from common.sums import invert, scaled_sum_pairs

N_EXAMPLES = 100  # new ones every epoch
N_NUMBERS = 2
LARGEST = 100
N_UNITS = 10
N_EPOCHS = 100
BATCH_SIZE = 1
N_TEST = 10_000


def parse_args(argv=None):
    parser = cli.experiment_parser(
        __doc__, __file__, epochs=N_EPOCHS, batch_size=BATCH_SIZE
    )
    parser.add_size("--examples", N_EXAMPLES, "new sums every epoch")
    parser.add_size("--terms", N_NUMBERS, "numbers to add", dest="n_numbers")
    parser.add_size("--largest", LARGEST, "largest number", at_most=10**12)
    parser.add_size("--units", N_UNITS, "units of the LSTM")
    args = parser.parse_args(argv)
    parser.check_batch_size(args.batch_size, args.examples)
    return args


def examples(args, rng, n_examples=None):
    n_examples = n_examples or args.examples
    X, y = scaled_sum_pairs(n_examples, args.n_numbers, args.largest, rng=rng)
    return X.reshape(n_examples, args.n_numbers, 1), y  # (samples, timesteps, features)


def build_model(args):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((args.n_numbers, 1)))  # (timesteps, features)
    # unrolled, a few timesteps run faster; the sums are the same
    model.add(keras.layers.LSTM(args.units, unroll=args.n_numbers <= 20))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def evaluate(model, data, args):
    """The expected and the predicted sums."""
    from common.training import predict

    X, y = data
    predicted = predict(model, X)[:, 0]
    return [invert(values, args.n_numbers, args.largest) for values in (y, predicted)]


def run(args, model, seed):
    """Train with one seed, unless the model was loaded; learning curve and scores."""
    from common.training import initialize, train

    rng, history = random.Random(seed), None
    if not args.load:
        initialize(model, seed)
        # for epoch in range(args.epochs):
        #     X, y = examples(args, rng)
        #     model.fit(X, y, epochs=1, batch_size=args.batch_size)
        history = train(model, lambda: examples(args, rng), args.epochs, args.batch_size)
    if args.runs == 1:
        print_sums(*evaluate(model, examples(args, rng), args))
    test_set = examples(args, random.Random("test set"), N_TEST)
    return history, score_sums(*evaluate(model, test_set, args))


def main(argv=None):
    args = parse_args(argv)
    model = build_model(args)
    if args.load:
        load_weights(model, args.load)
    model.summary()
    results = Results(args, tested_on=f"{N_TEST} new sums")
    for seed, history, scores, seconds in each_seed(run, args, model, build_model):
        results.add(seed, history, scores, seconds)
    results.write(model)


if __name__ == "__main__":
    cli.run(main)

"""Addition as a mapping: a multilayer perceptron learns sums of scaled integers.

Tutorial A, "Learn to Add Numbers with an Encoder-Decoder LSTM Recurrent Neural
Network", section "Addition as a Mapping Problem (the beginner's mistake)":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/

    python addition_mlp.py
    python addition_mlp.py --runs 20 --plot curves.png

What to expect: RMSE 0 and every sum right with 24 of 30 seeds; the others end at an RMSE
of 0.4 to 9. With --epochs 100 all 30 reach 0. All layers are linear, so that the network
is a line, which is printed: sum = 1.000 * a + 1.000 * b + 0.000.

What is otherwise: data have a generator of their own, training is one compiled program
for all epochs instead of a `fit` call each.
"""

import random
import string

import numpy as np

from common import cli
from common.jobs import each_seed
from common.results import Results
from common.saved import load_weights
from common.scores import print_sums, score_sums
from common.sums import invert, scaled_sum_pairs

N_EXAMPLES = 100  # new ones every epoch
N_NUMBERS = 2
LARGEST = 100
N_UNITS = (4, 2)
N_EPOCHS = 50
BATCH_SIZE = 2
N_TEST = 10_000


def parse_args(argv=None):
    parser = cli.experiment_parser(
        __doc__, __file__, epochs=N_EPOCHS, batch_size=BATCH_SIZE
    )
    parser.add_size("--examples", N_EXAMPLES, "new sums every epoch")
    parser.add_size("--terms", N_NUMBERS, "numbers to add", dest="n_numbers")
    parser.add_size("--largest", LARGEST, "largest number", at_most=10**12)
    parser.add_size("--units", N_UNITS, "units of the first two layers")
    args = parser.parse_args(argv)
    parser.check_batch_size(args.batch_size, args.examples)
    return args


def examples(args, rng, n_examples=None):
    n_examples = n_examples or args.examples
    return scaled_sum_pairs(n_examples, args.n_numbers, args.largest, rng=rng)


def build_model(args):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((args.n_numbers,)))  # (features,)
    model.add(keras.layers.Dense(args.units[0]))
    model.add(keras.layers.Dense(args.units[1]))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mean_squared_error", optimizer="adam")
    return model


def evaluate(model, data, args):
    """The expected and the predicted sums."""
    from common.training import predict

    X, y = data
    predicted = predict(model, X)[:, 0]
    return [invert(values, args.n_numbers, args.largest) for values in (y, predicted)]


def as_one_line(model, args):
    """What the network computes: layers without activations multiply out to a line."""
    weights, bias = np.eye(args.n_numbers), np.zeros(args.n_numbers)
    for layer in model.layers:
        kernel, offset = layer.get_weights()
        weights, bias = weights @ kernel, bias @ kernel + offset
    # numbers and sum are divided by the largest sum; the bias is still to be multiplied
    numbers = [*weights[:, 0], bias[0] * args.largest * args.n_numbers]
    names = list(string.ascii_lowercase)
    if args.n_numbers > len(names):
        names = [f"x{i + 1}" for i in range(args.n_numbers)]
    factors = [f" * {name}" for name in names[: args.n_numbers]] + [""]
    terms = [("+ " if w > -0.0005 else "- ") + f"{abs(w):.3f}" for w in numbers]
    line = " ".join(term + factor for term, factor in zip(terms, factors))
    return "sum = " + line.removeprefix("+ ")


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
        print(as_one_line(model, args))
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

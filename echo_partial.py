"""Echo the first part of a window of random integers: a stateful encoder-decoder LSTM.

Tutorial B, "How to use an Encoder-Decoder LSTM to Echo Sequences of Random Integers",
section "Echo Partial Sequence (encoder-decoder model)":
https://machinelearningmastery.com/how-to-use-an-encoder-decoder-lstm-to-echo-sequences-of-random-integers/

    python echo_partial.py
    python echo_partial.py --n-out 3 --plot curve.png

What to expect: 99.4 % ± 0.1 % of the windows right (5 seeds; the worst: 99.3 %). The
tutorial's text says 100 %, its printed run has 20 of 21. A batch is one sequence's
windows, so that there is no --batch-size.

What is otherwise: data have a generator of their own, training is one compiled program
for all epochs instead of a `fit` call each; the
state is reset before each evaluated sequence; `unroll` is set.
"""

import random

import numpy as np

from common import cli
from common.jobs import each_seed
from common.onehot import one_hot_decode
from common.results import Results
from common.saved import load_weights
from common.scores import print_echoes, score_echoes
from common.sequences import get_data

LENGTH = 25  # of the sequence; a new one every epoch
N_UNIQUE = 100
N_IN = 5
N_OUT = 2
N_UNITS = (150, 150)
N_EPOCHS = 5000
N_TEST = 100


def parse_args(argv=None):
    parser = cli.experiment_parser(__doc__, __file__, epochs=N_EPOCHS)
    parser.add_size("--length", LENGTH, "integers in a sequence")
    parser.add_size("--n-unique", N_UNIQUE, "distinct integers")
    parser.add_size("--n-in", N_IN, "integers in a window")
    parser.add_size("--n-out", N_OUT, "how many of them, from the first, to echo")
    parser.add_size("--units", N_UNITS, "units of encoder and decoder")
    args = parser.parse_args(argv)
    parser.check_n_out(args.n_in, args.n_out)
    args.rows = parser.check_window(args.length, args.n_in)
    return args


def sequence(args, rng):
    return get_data(
        args.n_in, args.n_out, length=args.length, n_unique=args.n_unique, rng=rng
    )


def build_model(args):
    from common.backend import keras

    # unrolled, a few timesteps run faster; the sums are the same
    unroll = args.n_in <= 20
    model = keras.Sequential()
    model.add(keras.Input(batch_shape=(args.rows, args.n_in, args.n_unique)))
    model.add(keras.layers.LSTM(args.units[0], stateful=True, unroll=unroll))
    model.add(keras.layers.RepeatVector(args.n_out))
    model.add(
        keras.layers.LSTM(
            args.units[1], return_sequences=True, stateful=True, unroll=unroll
        )
    )
    output = keras.layers.Dense(args.n_unique, activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def evaluate(model, sequences, args):
    """The expected and the predicted echoes; the state is reset before each sequence."""
    from common.training import predict

    X, y = (np.concatenate(arrays) for arrays in zip(*sequences))
    predicted = predict(model, X, args.rows, reset_every=args.rows)
    return one_hot_decode(y), one_hot_decode(predicted)


def run(args, model, seed):
    """Train with one seed, unless the model was loaded; learning curve and scores."""
    from common.training import initialize, train

    rng, history = random.Random(seed), None
    if not args.load:
        initialize(model, seed)
        # for epoch in range(args.epochs):
        #     X, y = sequence(args, rng)
        #     model.fit(X, y, epochs=1, batch_size=args.rows, shuffle=False)
        #     model.layers[0].reset_state()
        #     model.layers[2].reset_state()
        history = train(model, lambda: sequence(args, rng), args.epochs, args.rows)
    if args.runs == 1:
        print_echoes(*evaluate(model, [sequence(args, rng)], args))
    test_rng = random.Random("test set")
    test_set = [sequence(args, test_rng) for _ in range(N_TEST)]
    return history, score_echoes(*evaluate(model, test_set, args))


def main(argv=None):
    args = parse_args(argv)
    model = build_model(args)
    if args.load:
        load_weights(model, args.load)
    model.summary()
    results = Results(args, tested_on=f"{N_TEST} new sequences, {args.rows} windows each")
    for seed, history, scores, seconds in each_seed(run, args, model, build_model):
        results.add(seed, history, scores, seconds)
    results.write(model)


if __name__ == "__main__":
    cli.run(main)

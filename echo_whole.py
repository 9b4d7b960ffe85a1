"""Echo a whole window of random integers: one stateful LSTM, an output every timestep.

Tutorial B, "How to use an Encoder-Decoder LSTM to Echo Sequences of Random Integers",
section "Echo Whole Sequence (sequence-to-sequence model)":
https://machinelearningmastery.com/how-to-use-an-encoder-decoder-lstm-to-echo-sequences-of-random-integers/

    python echo_whole.py
    python echo_whole.py --runs 10 --plot curves.png

What to expect: 99.6 % ± 0.7 % of the windows right (10 seeds; the worst: 98.2 %). The
answer is the current input, so that no memory is needed: extensions/echo_lag.py.

What is otherwise: data have a generator of their own, training is one compiled program
for all epochs instead of a `fit` call each; the
state is reset before each evaluated sequence.
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
N_UNITS = 20
N_EPOCHS = 500
BATCH_SIZE = 7
N_TEST = 100


def parse_args(argv=None):
    parser = cli.experiment_parser(
        __doc__, __file__, epochs=N_EPOCHS, batch_size=BATCH_SIZE
    )
    parser.add_size("--length", LENGTH, "integers in a sequence")
    parser.add_size("--n-unique", N_UNIQUE, "distinct integers")
    parser.add_size("--n-in", N_IN, "integers in a window, all of them echoed")
    parser.add_size("--units", N_UNITS, "units of the LSTM")
    args = parser.parse_args(argv)
    args.rows = parser.check_window(args.length, args.n_in)
    parser.check_batch_size(args.batch_size, args.rows)
    return args


def sequence(args, rng):
    return get_data(
        args.n_in, args.n_in, length=args.length, n_unique=args.n_unique, rng=rng
    )


def build_model(args):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input(batch_shape=(args.batch_size, args.n_in, args.n_unique)))
    model.add(keras.layers.LSTM(args.units, return_sequences=True, stateful=True))
    output = keras.layers.Dense(args.n_unique, activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def evaluate(model, sequences, args):
    """The expected and the predicted echoes; the state is reset before each sequence."""
    from common.training import predict

    X, y = (np.concatenate(arrays) for arrays in zip(*sequences))
    predicted = predict(model, X, args.batch_size, reset_every=args.rows)
    return one_hot_decode(y), one_hot_decode(predicted)


def run(args, model, seed):
    """Train with one seed, unless the model was loaded; learning curve and scores."""
    from common.training import initialize, train

    rng, history = random.Random(seed), None
    if not args.load:
        initialize(model, seed)
        # for epoch in range(args.epochs):
        #     X, y = sequence(args, rng)
        #     model.fit(X, y, epochs=1, batch_size=args.batch_size, shuffle=False)
        #     model.layers[0].reset_state()
        history = train(model, lambda: sequence(args, rng), args.epochs, args.batch_size)
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

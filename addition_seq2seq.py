"""Addition as characters: an encoder-decoder LSTM reads " 3+10" and writes "13".

Tutorial A, "Learn to Add Numbers with an Encoder-Decoder LSTM Recurrent Neural
Network", section "Addition as a seq2seq Problem":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/

    python addition_seq2seq.py
    python addition_seq2seq.py --watch
    python addition_seq2seq.py --largest 100 --epochs 100 --plot curve.png
    python addition_seq2seq.py --save model.keras
    python addition_seq2seq.py --load model.keras --ask 3+4 --ask 10+10

What to expect: 98.0 % ± 7.2 % of the answers right (30 seeds). Most seeds get one sum of
the 100 wrong; the worst has 60 right, since its loss jumps in the last epoch. Nothing is
held out, since training sees all 100 sums: extensions/addition_heldout.py.

Differences from the tutorial: the data have a generator of their own; training is one
compiled program instead of a `fit` call per epoch, and does not shuffle; the LSTMs are
unrolled; the lengths of questions and answers are counted, not taken from logarithms;
20 of 1,000 new sums are shown, as in the tutorial, but all possible sums are scored.
"""

import random
from dataclasses import dataclass

from common.backend import keras
from common.characters import (
    ALPHABET,
    answer_length,
    encode_sums,
    generate_data,
    invert,
    question_length,
    read_question,
)
from common.runner import cli
from common.runner.experiment import Experiment
from common.scores import print_answers, print_losses, print_wrong, score_answers
from common.settings import BaseSettings, check_batch_size
from common.sums import answer, sums_to_test, sums_to_watch, tested_on
from common.training import predict, train


@dataclass(frozen=True)
class Settings(BaseSettings):
    """The tutorial's numbers. Each is a flag, too: --epochs 60."""

    examples: int = 1000  # sums per epoch, new ones every time
    n_numbers: int = 2  # numbers to add
    largest: int = 10  # the largest of these numbers
    units: tuple = (100, 50)  # units of encoder and decoder
    epochs: int = 30  # training epochs
    batch_size: int = 10  # sums per weight update

    def check(self):
        check_batch_size(self.batch_size, self.examples, "sums of an epoch")


# Data


def encode(X, y, settings):
    """Numbers and sums as the network takes them: characters, each a one-hot vector.

    [3, 10], 13
    -> " 3+10", "13"              strings, padded to one length
    -> [11, 3, 10, 1, 0], [1, 3]  each character's place in the alphabet of 12
    -> (5, 12), (2, 12)           one-hot: twelve numbers per character, one of them a 1
    """
    return encode_sums(X, y, settings.n_numbers, settings.largest)


def epoch_data(settings, rng):
    """New sums for one epoch, drawn with `rng`: X, (1000, 5, 12), and y, (1000, 2, 12)."""
    return generate_data(settings.examples, settings.n_numbers, settings.largest, rng=rng)


# Model


def build_model(settings):
    """The encoder reads the question into one vector; the decoder writes the answer."""
    n_in = question_length(settings.n_numbers, settings.largest)
    n_out = answer_length(settings.n_numbers, settings.largest)
    # Short LSTMs are unrolled: the same computation written out, step after step, which
    # runs faster; only rounding differs.
    unroll = n_in <= 20
    model = keras.Sequential()
    # a question: (samples, 5 characters, 12 symbols)
    model.add(keras.Input((n_in, len(ALPHABET))))
    # encoder: reads the whole question, returns one vector for it: (samples, 100)
    model.add(keras.layers.LSTM(settings.units[0], unroll=unroll))
    # that vector once per character of the answer: (samples, 2, 100)
    model.add(keras.layers.RepeatVector(n_out))
    # decoder: an output for each character of the answer: (samples, 2, 50)
    model.add(keras.layers.LSTM(settings.units[1], return_sequences=True, unroll=unroll))
    # the same Dense layer at each step: a probability per symbol: (samples, 2, 12)
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


# Training


def train_model(model, settings, rng):
    """Train on new sums every epoch; returns the history of loss and accuracy."""

    def new_sums():
        return epoch_data(settings, rng)

    # Computes what this loop computes (the tutorial leaves `fit` shuffling):
    #
    #     for epoch in range(settings.epochs):
    #         X, y = new_sums()
    #         model.fit(X, y, epochs=1, batch_size=settings.batch_size, shuffle=False)
    return train(model, new_sums, settings.epochs, settings.batch_size)


# Evaluation


def evaluate(model, X, y, settings):
    """The expected and the predicted answers, as strings: at each step the likeliest."""
    outputs = predict(model, X)  # (samples, 2, 12)
    expected = [invert(vectors) for vectors in y]
    predicted = [invert(vectors) for vectors in outputs]
    return expected, predicted


def show(model, settings, rng):
    """Print the answers to the first 20 of 1,000 new sums, as the tutorial does."""
    X, y = epoch_data(settings, rng)
    expected, predicted = evaluate(model, X, y, settings)
    print_answers(expected, predicted)


def score(model, settings):
    """Exact match, characters and the RMSE over all possible sums."""
    X, y = sums_to_test(settings.n_numbers, settings.largest)
    X, y = encode(X, y, settings)
    expected, predicted = evaluate(model, X, y, settings)
    return score_answers(expected, predicted)


def run(model, settings, seed):
    """The experiment: train, show, score. Returns the history and the scores."""
    rng = random.Random(seed)
    history = train_model(model, settings, rng)
    print_losses(history)
    show(model, settings, rng)
    return history, score(model, settings)


# Beyond the tutorial: which sums are wrong, and asking the model (--ask)


def print_wrong_sums(model, settings):
    """Print some of the sums that the model gets wrong."""
    X, y = sums_to_test(settings.n_numbers, settings.largest)
    expected, predicted = evaluate(model, *encode(X, y, settings), settings)
    questions = ["+".join(map(str, terms)) for terms in X]
    print_wrong(f"Of these {len(X)} sums", questions, expected, predicted, 5)


def ask(model, settings, question):
    """Print the model's answer to "3+4", and how sure it is of each character."""
    terms = read_question(question, settings.n_numbers, settings.largest)
    X, y = encode([terms], [answer(terms)], settings)
    [probabilities] = predict(model, X)  # (2, 12)
    e, p = invert(y[0]), invert(probabilities)
    sure = ", ".join(f"{s!r} {max(step):.4f}" for s, step in zip(p, probabilities))
    result = "right" if e == p else "wrong"
    asked = "+".join(map(str, terms))
    print(f"\nAsked {asked}: Expected={e}, Predicted={p} ({result}; {sure})")


def check_question(question, settings):
    """Raise ValueError for a question that training never showed."""
    read_question(question, settings.n_numbers, settings.largest)


# From here on nothing belongs to the experiment: flags, several seeds, files.

experiment = Experiment(
    __name__,
    build_model,
    run,
    show,
    score,
    evaluate,
    tested_on=tested_on,
    to_watch=lambda settings: sums_to_watch(settings, encode),
    beyond=print_wrong_sums,
    ask=ask,
    check_question=check_question,
    alphabet=ALPHABET,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

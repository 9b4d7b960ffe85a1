"""What is the RepeatVector for? Without it: a shape error, or the encoder's sequence.

Tutorial A, section "Addition as a seq2seq Problem": without the RepeatVector the
encoder's output does not fit the decoder, and the tutorial shows the error. It is
provoked and explained here. The tutorial also leaves to the reader ("try it and see") to
return the encoder's whole sequence instead, with the answer padded to the question's
length, and fears that compression is lost. Compared at the tutorial's size and budget (30
epochs of 1000 sums up to 10, batch size 10): the RepeatVector; the sequence with the
answer at its end ("   13"); with the answer at its start ("13   "), which must be written
before the question has been read; the same with an encoder that reads both ways.

    python extensions/addition_without_repeat_vector.py --runs 5

About a minute and a half for 5 seeds.
"""

import random
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.characters import (
    ALPHABET,
    answer_length,
    integer_encode,
    invert,
    question_length,
    to_string,
)
from common.comparisons import Comparison, Run, ranking
from common.engine import kept
from common.onehot import one_hot_encode
from common.scores import EXACT, share_equal
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import predict, train_from_seed

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
N_UNITS = (100, 50)
BATCH_SIZE = 10
N_TEST = 1000
REPEATED, AT_END = "RepeatVector", "sequence, answer at its end"
AT_START, BOTH_WAYS = "sequence, answer at its start", "the same, read both ways"
VARIANTS = (REPEATED, AT_END, AT_START, BOTH_WAYS)


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 30  # training epochs of each variant
    largest: int = 10  # largest number


def examples(variant, largest, rng, n_examples=N_EXAMPLES):
    """New sums, one-hot, the answers as long as the variant needs them."""
    X, y = random_sum_pairs(n_examples, N_NUMBERS, largest, rng=rng)
    X, y = to_string(X, y, N_NUMBERS, largest)
    n_in = question_length(N_NUMBERS, largest)
    if variant == AT_END:
        y = [answer.rjust(n_in) for answer in y]  # "13" -> "   13"
    elif variant != REPEATED:
        y = [answer.strip().ljust(n_in) for answer in y]  # "13" -> "13   "
    return [one_hot_encode(integer_encode(strings), len(ALPHABET)) for strings in (X, y)]


@kept
def build_model(largest, between="RepeatVector", both_ways=False):
    """The tutorial's model, with "RepeatVector", "sequence" or "nothing" between the two.

    `both_ways`: the encoder reads the question from both ends.
    """
    n_in, n_out = question_length(N_NUMBERS, largest), answer_length(N_NUMBERS, largest)
    unroll = n_in <= 20
    encoder = keras.layers.LSTM(
        N_UNITS[0], return_sequences=between == "sequence", unroll=unroll
    )
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(ALPHABET))))  # (timesteps, features)
    # (100,), or (timesteps, 100); both ways side by side: (timesteps, 200)
    model.add(keras.layers.Bidirectional(encoder) if both_ways else encoder)
    if between == "RepeatVector":
        model.add(keras.layers.RepeatVector(n_out))  # (n_out, 100)
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=unroll))
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its answers, without their padding."""
    between = "RepeatVector" if variant == REPEATED else "sequence"
    model = build_model(settings.largest, between, variant == BOTH_WAYS)
    epoch_data = partial(examples, variant, settings.largest)
    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    X, y = examples(variant, settings.largest, random.Random("test set"), N_TEST)
    expected, predicted = (
        [invert(seq).strip() for seq in answers] for answers in (y, predict(model, X))
    )
    return Run(model, history, {EXACT: share_equal(expected, predicted)})


def show_error(largest):
    """The tutorial's error, and why it comes."""
    try:
        build_model(largest, between="nothing")
    except ValueError as error:
        print(f"Without the RepeatVector: {error}\n")
        print(
            "The encoder returns its last output alone, (samples, units): two axes.\n"
            "The decoder reads (samples, timesteps, features): three. RepeatVector makes\n"
            "them three, with the same output for each character of the answer. The other\n"
            "way is return_sequences=True: an output for each character of the question,\n"
            "and the answer must be padded to the question's length.\n"
        )


def finding(results, settings):
    show_error(settings.largest)
    ranking(results, settings)


experiment = Comparison(
    __file__, __doc__, Settings, VARIANTS, run, f"{N_TEST} new sums", finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

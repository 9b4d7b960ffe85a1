"""What is the RepeatVector for? Without it: a shape error, or the encoder's sequence.

Tutorial A, section "Addition as a seq2seq Problem": without the RepeatVector the
encoder's output does not fit the decoder, and the tutorial shows the error. It is
provoked and explained here. The tutorial also leaves to the reader ("try it and see") to
return the encoder's whole sequence instead, with the answer padded to the question's
length, and fears that compression is lost. Compared at the tutorial's size and budget (30
epochs of 1000 sums up to 10, batch size 10): the RepeatVector; the sequence with the
answer at its end ("   13"); with the answer at its start ("13   "), which must be written
before the question has been read; the same with an encoder that reads both ways. How many
answers can be right that are written while the question is read is counted, too.

    python -m extensions.addition_without_repeat_vector --runs 20
"""

import itertools
import random
from collections import defaultdict
from dataclasses import dataclass
from functools import partial

from common.backend import keras
from common.characters import ALPHABET, integer_encode, invert, question_length, to_string
from common.checks import check_size
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Share, share_equal
from common.settings import BaseSettings
from common.sums import random_sum_pairs
from common.training import cache_models, predict, train_from_seed
import addition_seq2seq as tutorial

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
N_UNITS = (100, 50)
BATCH_SIZE = 10
N_TEST = 1000


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 30  # training epochs of each variant
    largest: int = 10  # largest number

    def check(self):
        check_size("largest", self.largest, at_most=1000)


@dataclass(frozen=True)
class Variant:
    repeated: bool = False  # the encoder's last output; else its whole sequence
    at_end: bool = False  # of the sequence, the answer; else at its start
    both_ways: bool = False  # the encoder reads the question from both ends


REPEATED, AT_END = "RepeatVector", "sequence, answer at its end"
AT_START, BOTH_WAYS = "sequence, answer at its start", "the same, read both ways"
VARIANTS = {
    REPEATED: Variant(repeated=True),
    AT_END: Variant(at_end=True),
    AT_START: Variant(),
    BOTH_WAYS: Variant(both_ways=True),
}


def write(X, variant, largest):
    """Questions and answers as strings, the answers as long as the variant needs them."""
    questions, answers = to_string(X, [sum(row) for row in X], N_NUMBERS, largest)
    n_in = question_length(N_NUMBERS, largest)
    if variant.at_end:
        answers = [answer.rjust(n_in) for answer in answers]  # "13" -> "   13"
    elif not variant.repeated:
        answers = [answer.strip().ljust(n_in) for answer in answers]  # "13" -> "13   "
    return questions, answers


def examples(variant, largest, rng, n_examples=N_EXAMPLES):
    """New sums, one-hot."""
    X, _ = random_sum_pairs(n_examples, N_NUMBERS, largest, rng=rng)
    return [
        one_hot_encode(integer_encode(strings), len(ALPHABET))
        for strings in write(X, variant, largest)
    ]


@cache_models
def build_model(variant, largest):
    """The tutorial's model, or one whose decoder gets the encoder's whole sequence."""
    if variant.repeated:
        return tutorial.build_model(tutorial.Settings(largest=largest))
    n_in = question_length(N_NUMBERS, largest)
    encoder, decoder = (
        keras.layers.LSTM(n_units, return_sequences=True, unroll=n_in <= 20)
        for n_units in N_UNITS
    )
    model = keras.Sequential()
    model.add(keras.Input((n_in, len(ALPHABET))))  # (timesteps, features)
    # (timesteps, 100); both ways side by side: (timesteps, 200)
    model.add(keras.layers.Bidirectional(encoder) if variant.both_ways else encoder)
    model.add(decoder)  # (timesteps, 50)
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score its answers, without their padding."""
    model = build_model(variant, settings.largest)
    epoch_data = partial(examples, variant, settings.largest)
    history = train_from_seed(model, seed, epoch_data, settings.epochs, BATCH_SIZE)
    X, y = examples(variant, settings.largest, random.Random("test set"), N_TEST)
    expected, predicted = (
        [invert(seq).strip() for seq in answers] for answers in (y, predict(model, X))
    )
    return Run(model, history, {EXACT: share_equal(expected, predicted)})


def best_while_reading(variant, largest):
    """Of all sums, what can be right if every character is written as soon as one is read.

    The same beginning of a question then gets the same beginning of an answer. At " 3+1"
    the answer's last but one character is due, and 3 + 1 may still become 3 + 10. So of
    all questions that begin alike only those stay right whose answers go on alike.

    >>> for name in (AT_END, AT_START):
    ...     print(best_while_reading(VARIANTS[name], largest=10))
    80/100 (80.0%)
    20/100 (20.0%)
    """

    def most_right(pairs, n_read):
        if n_read > question_length(N_NUMBERS, largest):
            return len(pairs)
        read = defaultdict(lambda: defaultdict(list))  # {read: {due: questions, answers}}
        for question, answer in pairs:
            read[question[:n_read]][answer[n_read - 1]].append((question, answer))
        return sum(
            max(most_right(alike, n_read + 1) for alike in due.values())
            for due in read.values()
        )

    sums = [*itertools.product(range(1, largest + 1), repeat=N_NUMBERS)]
    return Share(most_right([*zip(*write(sums, variant, largest))], 1), len(sums))


def show_error(largest):
    """The tutorial's error, and why it comes."""
    model = tutorial.build_model(tutorial.Settings(largest=largest))
    encoder, _, *decoder = model.layers
    try:
        keras.Sequential([keras.Input(model.input_shape[1:]), encoder, *decoder])
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
    at_end, at_start = (
        best_while_reading(VARIANTS[name], settings.largest) for name in (AT_END, AT_START)
    )
    print(
        f"Finding: written while the question is read, at most {at_end} of all sums can be "
        f"right with the answer at the end, {at_start} at the start."
    )


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} new sums",
    compares=[(REPEATED, AT_END), (REPEATED, AT_START), (REPEATED, BOTH_WAYS)],
    finding=finding,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

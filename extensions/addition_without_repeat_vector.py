"""What is RepeatVector for, and what happens without it?

Tutorial A, section "Addition as a seq2seq Problem": without RepeatVector the encoder's
output does not fit the decoder; the error is shown here. The tutorial leaves it to the
reader to return the encoder's whole sequence, and to pad the answer to the question's
length. Compared on its budget: RepeatVector, also at a higher learning rate; the sequence
with the answer at its end ("   13"), or at its start ("13   "), to be written before the
question has been read; the latter with an encoder that reads both ways. How many answers
can be right that are written while reading is counted as well.

    python -m extensions.addition_without_repeat_vector --runs 20
"""

import itertools
from collections import defaultdict
from dataclasses import dataclass
from random import Random

from common import sums
from common.backend import keras
from common.characters import ALPHABET, integer_encode, invert, question_length, to_string
from common.checks import check_size
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import EXACT, Share, share_equal
from common.settings import BaseSettings
from common.training import predict, train
import addition_seq2seq

TUTORIAL = addition_seq2seq.Settings()
N_TEST = 1000


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant
    largest: int = TUTORIAL.largest  # largest number

    def check(self):
        check_size("largest", self.largest, at_most=1000)


@dataclass(frozen=True)
class Variant:
    repeated: bool = False  # the encoder's last output; else its whole sequence
    at_end: bool = False  # of the sequence, the answer; else at its start
    both_ways: bool = False  # the encoder reads the question from both ends
    rate: float = 0.001  # Adam's default


REPEATED, AT_END = "RepeatVector", "sequence, answer at its end"
AT_START, BOTH_WAYS = "sequence, answer at its start", "the same, read both ways"
VARIANTS = {
    REPEATED: Variant(repeated=True),
    AT_END: Variant(at_end=True),
    AT_START: Variant(),
    BOTH_WAYS: Variant(both_ways=True),
    f"{REPEATED}, learning rate 0.003": Variant(repeated=True, rate=0.003),
}


def write(X, variant, largest):
    """Questions and answers as strings, the answers as long as the variant needs them."""
    sizes, y = (TUTORIAL.n_numbers, largest), [sums.answer(row) for row in X]
    questions, answers = to_string(X, y, *sizes)
    n_in = question_length(*sizes)
    if variant.at_end:
        answers = [answer.rjust(n_in) for answer in answers]  # "13" -> "   13"
    elif not variant.repeated:
        answers = [answer.strip().ljust(n_in) for answer in answers]  # "13" -> "13   "
    return questions, answers


def examples(variant, largest, rng, n_examples):
    """New sums, one-hot."""
    X, _ = sums.random_sum_pairs(n_examples, TUTORIAL.n_numbers, largest, rng=rng)
    return [
        one_hot_encode(integer_encode(strings), len(ALPHABET))
        for strings in write(X, variant, largest)
    ]


def build_model(variant, largest):
    """The tutorial's model, or one whose decoder gets the encoder's whole sequence."""
    if variant.repeated:
        return addition_seq2seq.build_model(addition_seq2seq.Settings(largest=largest))
    layers, model = keras.layers, keras.Sequential()
    n_in, n_chars = question_length(TUTORIAL.n_numbers, largest), len(ALPHABET)
    model.add(keras.Input((n_in, n_chars)))
    # an output at each timestep: (samples, 5, 100); both ways side by side: 200
    encoder = layers.LSTM(TUTORIAL.encoder_units, return_sequences=True)
    model.add(layers.Bidirectional(encoder) if variant.both_ways else encoder)
    # decoder: (samples, 5, 50)
    model.add(layers.LSTM(TUTORIAL.decoder_units, return_sequences=True))
    model.add(layers.TimeDistributed(layers.Dense(n_chars, activation="softmax")))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its answers, without their padding."""
    largest, rng = settings.largest, Random(seed)

    def new_data():
        return examples(variant, largest, rng, TUTORIAL.n_samples)

    keras.utils.set_random_seed(seed)
    model = build_model(variant, largest)
    model.optimizer.learning_rate = variant.rate
    history = train(model, new_data, settings.epochs, TUTORIAL.batch_size)
    X, y = examples(variant, largest, Random("test set"), N_TEST)
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
    80 of 100 (80.0 %)
    20 of 100 (20.0 %)
    """

    def most_right(pairs, n_read):
        if n_read > question_length(TUTORIAL.n_numbers, largest):
            return len(pairs)
        read = defaultdict(lambda: defaultdict(list))  # {read: {due: questions, answers}}
        for question, answer in pairs:
            read[question[:n_read]][answer[n_read - 1]].append((question, answer))
        return sum(
            max(most_right(alike, n_read + 1) for alike in due.values())
            for due in read.values()
        )

    X = [*itertools.product(range(1, largest + 1), repeat=TUTORIAL.n_numbers)]
    return Share(most_right([*zip(*write(X, variant, largest))], 1), len(X))


def show_error(largest):
    """The tutorial's error, and why it comes."""
    model = addition_seq2seq.build_model(addition_seq2seq.Settings(largest=largest))
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
        f"Finding: written while the question is read, at most {at_end} sums can be "
        f"right with the answer at the end, {at_start} at the start."
    )


TESTED_ON = f"{N_TEST} new sums"
COMPARES = [(REPEATED, AT_END), (REPEATED, BOTH_WAYS)]
experiment = Comparison(
    __doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES, finding=finding
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

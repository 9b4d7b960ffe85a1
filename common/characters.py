"""Sums as strings of characters (tutorial A, "Addition as a seq2seq Problem").

An example, from the draw to the network and back: the sum 3 + 10 with integers up
to 10. The longest question is "10+10", five characters; the longest answer is "20".

>>> from random import Random
>>> X, y = random_sum_pairs(1, 2, 10, rng=Random(1))
>>> X, y
([[3, 10]], [13])
>>> X, y = to_string(X, y, n_numbers=2, largest=10)
>>> X, y
([' 3+10'], ['13'])
>>> X, y = integer_encode(X), integer_encode(y)
>>> X.tolist(), y.tolist()
([[11, 3, 10, 1, 0]], [[1, 3]])
>>> X, y = one_hot_encode(X, len(ALPHABET)), one_hot_encode(y, len(ALPHABET))
>>> X.shape, y.shape
((1, 5, 12), (1, 2, 12))
>>> invert(X[0]), invert(y[0])
(' 3+10', '13')

`generate_data` does all of it up to the network.
"""

import numpy as np

from common.checks import (
    check_alphabet,
    check_list,
    check_numbers,
    check_rows,
    check_size,
    check_texts,
)
from common.onehot import one_hot_encode
from common.sums import random_sum_pairs

ALPHABET = list("0123456789+ ")  # 12 symbols; the space pads


def question_length(n_numbers, largest):
    """Characters of the longest question: every number, and a `+` between two."""
    n_numbers = check_size("n_numbers", n_numbers)
    return n_numbers * len(str(check_size("largest", largest))) + n_numbers - 1


def answer_length(n_numbers, largest):
    """Characters of the longest answer, the sum of `n_numbers` times `largest`."""
    return len(str(check_size("n_numbers", n_numbers) * check_size("largest", largest)))


def to_string(X, y, n_numbers, largest):
    """Write questions and answers, each padded on its left with spaces to one length.

    Args:
        X: A list of rows of `n_numbers` ints in [1, `largest`], or a table of them.
        y: A list of their sums.
        n_numbers, largest: The sizes, which say how long the longest texts are.

    Returns two lists of strings, of `question_length` and `answer_length` characters.
    Raises ValueError for a string longer than that, a row of another number of
    terms, something that is no list or no integer, or X and y of different lengths.

    The tutorial takes the lengths from logarithms; those are too long for some sizes
    and too short for others. These are exact, and equal for its own sizes.
    """
    X, y = check_rows("X", X), check_list("y", y)
    if len(X) != len(y):
        raise ValueError(f"{len(X)} questions do not go with {len(y)} answers")
    n_in, n_out = question_length(n_numbers, largest), answer_length(n_numbers, largest)
    for row in X:
        if len(row) != n_numbers:
            raise ValueError(f"expected {n_numbers} terms, not {len(row)}: {row}")
    questions = ["+".join([_written(term) for term in row]) for row in X]
    return [pad(text, n_in) for text in questions], [pad(_written(v), n_out) for v in y]


def pad(text, length):
    """Fill up with spaces on the left, as the tutorial does; ValueError if too long.

    Padding each term on its own, a question it leaves open: extensions/addition_padding.py.
    """
    if len(text) > length:
        raise ValueError(f"{text!r} is longer than {length} characters")
    return text.rjust(length)


def integer_encode(strings, alphabet=ALPHABET):
    """Replace each character by its place in `alphabet`.

    (The tutorial encodes X and y in one call.)

    Args:
        strings: A list of strings of one length.
        alphabet: A list of different characters.

    Returns ints, (samples, timesteps).
    Raises ValueError for a character outside the alphabet, strings of unequal length, and
    anything that is no such list.
    """
    place = {symbol: i for i, symbol in enumerate(check_alphabet(alphabet))}
    strings = check_texts("strings", strings)
    lengths = {len(string) for string in strings}
    if len(lengths) > 1:
        raise ValueError(f"strings must be of one length, not {sorted(lengths)}")
    unknown = [symbol for symbol in {*"".join(strings)} if symbol not in place]
    if unknown:
        raise ValueError(f"{min(unknown)!r} is not in the alphabet {''.join(place)!r}")
    encoded = [[place[symbol] for symbol in string] for string in strings]
    return np.array(encoded, dtype=np.int64).reshape(len(strings), *lengths)


def generate_data(n_samples, n_numbers, largest, alphabet=ALPHABET, *, rng=None):
    """Draw sums and encode them for the network.

    Args:
        n_samples: How many.
        n_numbers, largest, rng: As for `random_sum_pairs`.
        alphabet: A list of different characters.

    Returns X, (n_samples, question_length, symbols), and y, (n_samples,
    answer_length, symbols), one-hot, float32. Raises ValueError for a size below 1, and
    an alphabet without one of the characters.
    """
    check_size("n_samples", n_samples)
    X, y = random_sum_pairs(n_samples, n_numbers, largest, rng=rng)
    return encode_sums(X, y, n_numbers, largest, alphabet)


def encode_sums(X, y, n_numbers, largest, alphabet=ALPHABET):
    """Encode given sums: to strings, to integers, to one-hot.

    Args:
        X, y: Lists of `n_numbers` ints, and their sums.
        n_numbers, largest, alphabet: As for `generate_data`.

    Returns what `generate_data` returns. Raises ValueError for sums that do not fit.
    """
    n_in, n_out = question_length(n_numbers, largest), answer_length(n_numbers, largest)
    X, y = to_string(X, y, n_numbers, largest)
    X = integer_encode(X, alphabet).reshape(-1, n_in)  # also if there are none
    y = integer_encode(y, alphabet).reshape(-1, n_out)
    return one_hot_encode(X, len(alphabet)), one_hot_encode(y, len(alphabet))


def invert(seq, alphabet=ALPHABET):
    """Turn vectors back into text: at each step, the symbol with the largest entry.

    Args:
        seq: (timesteps, symbols), one-hot or probabilities.
        alphabet: A list of as many different characters.

    Returns a string, padding included. Raises ValueError for a NaN or another shape.
    """
    seq, alphabet = check_numbers("seq", seq), check_alphabet(alphabet)
    if seq.ndim != 2 or seq.shape[1] != len(alphabet):
        raise ValueError(f"seq must be (timesteps, {len(alphabet)}), not {seq.shape}")
    return "".join([alphabet[i] for i in seq.argmax(axis=1)])


def read_question(text, n_numbers, largest):
    """The terms of a sum as someone types it; spaces around the numbers are ignored.

    Args:
        text: What was typed.
        n_numbers, largest: What the model was trained on.

    Returns a list of `n_numbers` ints. Raises ValueError, with the reason, for anything
    that training never showed the model.

    >>> read_question("3 + 10", n_numbers=2, largest=10)
    [3, 10]
    """
    shown = repr(text if len(text) <= 40 else text[:40] + "...")
    unknown = [symbol for symbol in text if symbol not in ALPHABET]
    if unknown:
        raise ValueError(f"{shown}: the model does not know the character {unknown[0]!r}")
    terms = [term.strip(" ") for term in text.split("+")]
    if len("+".join(terms)) > question_length(n_numbers, largest):
        raise ValueError(
            f"{shown} is longer than the longest question of the model, "
            f"{question_length(n_numbers, largest)} characters"
        )
    if len(terms) != n_numbers:
        raise ValueError(f"{shown}: the model adds {n_numbers} terms, not {len(terms)}")
    for term in terms:
        if not term.isdigit():
            raise ValueError(f"{shown}: {term!r} is not a number")
        if not 1 <= int(term) <= largest:
            raise ValueError(f"{shown}: {term} is outside 1 to {largest}, as trained")
        if term.startswith("0"):
            raise ValueError(f"{shown}: training showed no leading zeros, as in {term}")
    return [int(term) for term in terms]


def read_number(text):
    """The integer that `text` shows, spaces around it ignored; None if there is none.

    >>> read_number(" 9"), read_number("-7"), read_number("1+"), read_number("1 3")
    (9, -7, None, None)
    """
    number = text.strip(" ")
    digits = number.removeprefix("-")
    return int(number) if digits.isascii() and digits.isdigit() else None


def _written(value):
    return str(check_size("a number to write", value, at_least=0))

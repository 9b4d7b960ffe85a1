"""Sequences of random integers cut into windows (tutorial B, "Sequence Echo Problem").

An example: six integers, a window of four, whose first two are to be echoed.

>>> from random import Random
>>> sequence = generate_sequence(6, rng=Random(1))
>>> sequence
[17, 72, 97, 8, 32, 15]
>>> X, y = to_supervised(sequence, n_in=4, n_out=2)
>>> X
array([[17, 72, 97,  8],
       [72, 97,  8, 32],
       [97,  8, 32, 15]])
>>> y
array([[17, 72],
       [72, 97],
       [97,  8]])

The same for the network, each integer a vector, and its answer as integers again:

>>> from common.onehot import one_hot_decode
>>> X, y = get_data(4, 2, length=6, rng=Random(1))
>>> X.shape, y.shape
((3, 4, 100), (3, 2, 100))
>>> one_hot_decode(y)
[[17, 72], [72, 97], [97, 8]]
"""

from random import Random

import numpy as np

from common.checks import check_n_out, check_numbers, check_rng, check_size, check_window
from common.onehot import one_hot_encode

N_TEST = 100  # new sequences to score


def generate_sequence(length=25, *, n_unique=100, rng=None):
    """Draw a sequence of integers.

    Args:
        length: How many.
        n_unique: They come from [0, `n_unique`).
        rng: A `random.Random`, or none: Python's `random`.

    Returns a list of ints. Raises ValueError for a size below 1, or another `rng`.
    """
    length = check_size("length", length)
    n_unique, rng = check_size("n_unique", n_unique), check_rng(rng)
    return [rng.randint(0, n_unique - 1) for _ in range(length)]


def to_supervised(sequence, n_in, n_out):
    """Cut a sequence into windows: `n_in` elements in, their first `n_out` out.

    Args:
        sequence: (timesteps,) or (timesteps, features), numbers.
        n_in: Elements in a window.
        n_out: Elements to echo, at most `n_in`.

    Returns X, (timesteps - n_in + 1, n_in[, features]), every window of `n_in`
    consecutive elements, and y, (same rows, n_out[, features]), the oldest `n_out`
    elements of each. Both keep the dtype.
    Raises ValueError if `n_out` > `n_in`, a size is below 1, or the sequence is shorter
    than `n_in`, not of one or two axes, or not of numbers. (Missing values:
    extensions/tools/missing.py.)

    The tutorial does this with pandas, shift, concat and dropna (extensions/echo_data.py).
    The result is the same.
    """
    n_in, n_out = check_n_out(n_in, n_out)
    sequence = check_numbers("sequence", sequence)
    if sequence.ndim not in (1, 2):
        raise ValueError(
            f"sequence must be (timesteps,) or (timesteps, features), not {sequence.shape}"
        )
    check_window(len(sequence), n_in)
    starts = range(len(sequence) - n_in + 1)
    X = np.array([sequence[i : i + n_in] for i in starts])
    y = np.array([sequence[i : i + n_out] for i in starts])
    return X, y


def get_data(n_in, n_out, *, length=25, n_unique=100, rng=None):
    """Draw a sequence, encode it one-hot, and cut it into windows.

    Args:
        n_in, n_out: As for `to_supervised`.
        length, n_unique, rng: As for `generate_sequence`.

    Returns X, (length - n_in + 1, n_in, n_unique), and y, (same rows, n_out, n_unique),
    float32. Raises ValueError as these two do.
    """
    sequence = generate_sequence(length, n_unique=n_unique, rng=rng)
    return to_supervised(one_hot_encode(sequence, n_unique), n_in, n_out)


def to_test(settings, n_sequences):
    """The new sequences that a script's score is about: lists of ints.

    `settings`: those of the experiment, with `length` and `n_unique`.
    """
    return _sequences(settings, n_sequences, Random("test set"))


def to_watch(settings):
    """One sequence to show while a model trains, in a list."""
    return _sequences(settings, 1, Random("watch"))


def tested_on(sequences, settings, seed):
    """Sequences in words; whatever the seed, training has seen none of them."""
    n_windows = len(sequences) * (settings.length - settings.n_in + 1)
    return f"{n_windows:,} windows of {len(sequences)} new sequences"


def _sequences(settings, n, rng):
    sizes = {"length": settings.length, "n_unique": settings.n_unique}
    return [generate_sequence(**sizes, rng=rng) for _ in range(n)]

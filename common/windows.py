"""Sequences of random integers cut into windows (tutorial B, "Sequence Echo Problem").

An example: five integers, a window of three, whose first two are to be echoed.

>>> X, y = to_supervised([1, 2, 3, 4, 5], n_in=3, n_out=2)
>>> X
array([[1, 2, 3],
       [2, 3, 4],
       [3, 4, 5]])
>>> y
array([[1, 2],
       [2, 3],
       [3, 4]])
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from common.checks import check_n_out, check_size
from common.onehot import one_hot_encode


def generate_sequence(length=25, *, n_unique=100, rng):
    """Draw a sequence of integers.

    Args:
        length: How many.
        n_unique: They come from [0, `n_unique`).
        rng: A `random.Random`.

    Returns a list of ints. Raises ValueError for a size below 1.
    """
    length = check_size("length", length)
    n_unique = check_size("n_unique", n_unique)
    return [rng.randint(0, n_unique - 1) for _ in range(length)]


def to_supervised(sequence, n_in, n_out):
    """Cut a sequence into windows: `n_in` elements in, their first `n_out` out.

    Args:
        sequence: (timesteps,) or (timesteps, features), numbers.
        n_in: Elements in a window.
        n_out: Elements to echo, at most `n_in`.

    Returns X, (timesteps - n_in + 1, n_in[, features]), every window of `n_in`
    consecutive elements, and y, (same rows, n_out[, features]), the oldest `n_out`
    elements of each. Both keep the dtype. A window with a NaN in it is left out.
    Raises ValueError if `n_out` > `n_in`, a size is below 1, or the sequence is shorter
    than `n_in`, not of one or two axes, or not of numbers.

    The tutorial does this with pandas: shift, concat, dropna. The result is the same.
    """
    check_n_out(n_in, n_out)
    sequence = np.asarray(sequence)
    if sequence.ndim not in (1, 2):
        raise ValueError(
            f"sequence must be (timesteps,) or (timesteps, features), not {sequence.shape}"
        )
    if sequence.dtype.kind not in "iuf":
        raise ValueError(f"sequence must hold numbers, not {sequence.dtype}")
    if len(sequence) < n_in:
        raise ValueError(f"a sequence of {len(sequence)} is shorter than n_in = {n_in}")
    X = sliding_window_view(sequence, n_in, axis=0)  # (rows[, features], n_in)
    X = np.moveaxis(X, -1, 1).copy()  # (rows, n_in[, features])
    if X.dtype.kind == "f":
        missing = np.isnan(X).reshape(len(X), -1).any(axis=1)
        X = X[~missing] if missing.any() else X
    return X, X[:, :n_out].copy()


def draw_windows(n_in, n_out, *, n_sequences=1, length=25, n_unique=100, rng):
    """Draw sequences and cut each into windows.

    Args:
        n_in, n_out: As for `to_supervised`.
        n_sequences: How many.
        length, n_unique, rng: As for `generate_sequence`.

    Returns X, (rows, n_in), and y, (rows, n_out), integers in [0, `n_unique`), where
    rows is `n_sequences * (length - n_in + 1)`; no window reaches into the next sequence.
    Raises ValueError if `n_out` > `n_in`, a size is below 1, or `length` < `n_in`.

    >>> from random import Random
    >>> X, y = draw_windows(5, 2, length=6, n_sequences=2, rng=Random(1))
    >>> X
    array([[17, 72, 97,  8, 32],
           [72, 97,  8, 32, 15],
           [63, 97, 57, 60, 83],
           [97, 57, 60, 83, 48]])
    >>> y
    array([[17, 72],
           [72, 97],
           [63, 97],
           [97, 57]])
    """
    data = [
        to_supervised(generate_sequence(length, n_unique=n_unique, rng=rng), n_in, n_out)
        for _ in range(check_size("n_sequences", n_sequences))
    ]
    X, y = zip(*data)
    return np.concatenate(X), np.concatenate(y)


def get_data(n_in, n_out, *, n_sequences=1, length=25, n_unique=100, rng):
    """Draw like `draw_windows`, and encode the windows one-hot.

    Returns X, (rows, n_in, n_unique), and y, (rows, n_out, n_unique), float32, where
    rows is `n_sequences * (length - n_in + 1)`. (The tutorial encodes first.) Raises
    ValueError as `draw_windows` does.
    """
    sizes = {"n_sequences": n_sequences, "length": length, "n_unique": n_unique}
    X, y = draw_windows(n_in, n_out, **sizes, rng=rng)
    return one_hot_encode(X, n_unique), one_hot_encode(y, n_unique)

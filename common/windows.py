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

The tutorial's table of [1, 2, 3, 4, 5] with two elements in and one out, before the
incomplete rows are dropped:

>>> X, y = all_windows([1, 2, 3, 4, 5], n_in=2, n_out=1)
>>> X.tolist()
[[nan, 1.0], [1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0], [5.0, nan]]
>>> y.ravel().tolist()
[nan, 1.0, 2.0, 3.0, 4.0, 5.0]
>>> is_complete(X).tolist()
[False, True, True, True, True, False]
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from common.checks import check_n_out, check_not_nan, check_size
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


def all_windows(sequence, n_in, n_out):
    """Cut like `to_supervised`, but keep every window with an element in it.

    Args:
        sequence: (timesteps,), numbers without a NaN.
        n_in, n_out: As for `to_supervised`.

    Returns X, (timesteps + n_in - 1, n_in), and y, (same rows, n_out), float64, with
    NaN where there is no element: before the first one and after the last one.
    Raises ValueError if `n_out` > `n_in`, a size is below 1, or the sequence is empty,
    not of one axis, or has a NaN.
    """
    check_n_out(n_in, n_out)
    sequence = check_not_nan("sequence", sequence)
    if sequence.ndim != 1 or not len(sequence):
        raise ValueError(f"sequence must be (timesteps,), not {sequence.shape}")
    padded = np.pad(sequence, n_in - 1, constant_values=np.nan)
    X = sliding_window_view(padded, n_in).copy()
    return X, X[:, :n_out].copy()


def is_complete(windows):
    """Which windows, (rows, n_in), have nothing missing: booleans, (rows,)."""
    return ~np.isnan(windows).any(axis=1)


def one_hot_or_zeros(windows, n_unique):
    """One-hot, with zeros alone for a missing value.

    As a target, give it the weight 0 (`train` takes sample weights): to the categorical
    cross-entropy zeros alone add no loss, but they do add a gradient.

    Args:
        windows: (rows, n_in), integers in [0, `n_unique`) as floats, NaN where one is
            missing.
        n_unique: How many integers there are.

    Returns a float32 array, (rows, n_in, n_unique).
    Raises ValueError for a number out of range or not whole.

    >>> one_hot_or_zeros([[float("nan"), 1.0]], n_unique=2).tolist()
    [[[0.0, 0.0], [0.0, 1.0]]]
    """
    windows = np.asarray(windows, dtype=float)
    there = ~np.isnan(windows)
    integers = np.where(there, windows, 0)
    if (integers != np.rint(integers)).any():
        raise ValueError(f"{integers[integers != np.rint(integers)][0]} is not an integer")
    encoded = one_hot_encode(integers.astype(np.int64), n_unique)
    return encoded * there[..., np.newaxis].astype(np.float32)

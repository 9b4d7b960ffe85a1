"""Windows with missing values.

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

from common.checks import check_n_out, check_numbers
from common.onehot import one_hot_encode


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
    sequence = check_numbers("sequence", sequence).astype(float)
    if sequence.ndim != 1 or not len(sequence):
        raise ValueError(f"sequence must be (timesteps,), not {sequence.shape}")
    padded = np.pad(sequence, n_in - 1, constant_values=np.nan)
    X = sliding_window_view(padded, n_in).copy()
    return X, X[:, :n_out].copy()


def is_complete(windows):
    """Which windows, (rows, n_in), have no NaN: booleans, (rows,)."""
    return ~np.isnan(check_numbers("windows", windows, missing=True)).any(axis=1)


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
    windows = check_numbers("windows", windows, missing=True)
    there = ~np.isnan(windows)
    integers = np.where(there, windows, 0)
    if (integers != np.rint(integers)).any():
        raise ValueError(f"{integers[integers != np.rint(integers)][0]} is not an integer")
    encoded = one_hot_encode(integers.astype(np.int64), n_unique)
    return encoded * there[..., np.newaxis].astype(np.float32)

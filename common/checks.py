"""Refusals of bad arguments, in one line that names the value."""

import math

import numpy as np


class Unusable(ValueError):
    """A file, a cluster or a Keras that is not what it should be; says why, in one line."""


def check_size(name, value, at_least=1, at_most=None):
    """Return `value` as an int; ValueError unless it is an integer in these bounds."""
    if not is_integer(value):
        raise ValueError(f"{name} must be an integer, not {value!r}")
    if value < at_least:
        raise ValueError(f"{name} must be at least {at_least}, not {value}")
    if at_most is not None and value > at_most:
        raise ValueError(f"{name} must be at most {at_most}, not {value}")
    return int(value)


def check_share(name, share):
    """ValueError unless 0 <= `share` <= 1."""
    if not 0 <= share <= 1:
        raise ValueError(f"{name} must be from 0 to 1, not {share!r}")


def check_ascending(name, values):
    """ValueError unless each of `values` is larger than the one before."""
    if [*values] != sorted({*values}):
        raise ValueError(f"{name} must ascend, not {' '.join(map(str, values))}")


def is_integer(value):
    """Whether `value` is a Python or NumPy integer; True and False are not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def check_n_out(n_in, n_out):
    """ValueError unless 1 <= `n_out` <= `n_in`: the answer is part of the window."""
    check_size("n_in", n_in)
    check_size("n_out", n_out)
    if n_out > n_in:
        raise ValueError(f"n_out {n_out} is larger than n_in {n_in}")


def check_window(length, n_in):
    """ValueError where a sequence of `length` is too short for a window of `n_in`."""
    if length < n_in:
        raise ValueError(f"length {length} is shorter than n_in {n_in}")


def check_memory(samples, values, **sizes):
    """ValueError where one epoch's arrays need more than 4 GB.

    Args:
        samples: How many.
        values: What is read and written for each, 4 bytes apiece.
        sizes: The settings that these come from; the error names the largest.

    >>> check_memory(21, 5 * 100 + 5 * 100, length=25, n_unique=100)
    >>> check_memory(21, 5 * 10**8 + 5 * 10**8, length=25, n_unique=10**8)
    Traceback (most recent call last):
    ValueError: n_unique 100000000: one epoch needs 84 GB, more than 4 GB
    """
    gigabytes = math.ceil(4 * samples * values / 10**9)
    if gigabytes > 4:
        name = max(sizes, key=sizes.get)
        raise ValueError(
            f"{name} {sizes[name]}: one epoch needs {gigabytes:,} GB, more than 4 GB"
        )


def check_not_nan(name, values):
    """Return `values` as an array of numbers; ValueError if one of them is NaN."""
    try:
        values = np.asarray(values, dtype=float)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be an array of numbers, not {values!r}") from None
    if np.isnan(values).any():
        where = tuple(int(i) for i in np.argwhere(np.isnan(values))[0])
        raise ValueError(f"{name} has a NaN" + (f" at {where}" if where else ""))
    return values

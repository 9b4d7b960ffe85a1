"""Refusals of bad arguments: a check for each kind, with one line that names the value.

>>> check_size("n_in", 2.5)
Traceback (most recent call last):
ValueError: n_in must be an integer, not 2.5
"""

import math
import random
from collections.abc import Sequence

import numpy as np


class Unusable(ValueError):
    """A file, a cluster or a Keras that is not what it should be; says why, in one line."""


def check_size(name, value, at_least=1, at_most=None):
    """Return `value` as an int; ValueError unless it is an integer in these bounds."""
    if not is_integer(value):
        raise ValueError(f"{name} must be an integer, not {shown(value)}")
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


def check_n_out(n_in, n_out):
    """Return both as ints; ValueError unless 1 <= `n_out` <= `n_in`, part of a window."""
    n_in, n_out = check_size("n_in", n_in), check_size("n_out", n_out)
    if n_out > n_in:
        raise ValueError(f"n_out {n_out} is larger than n_in {n_in}")
    return n_in, n_out


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


def check_rng(rng):
    """Return `rng`, or for None Python's `random`; ValueError for any other generator.

    NumPy's have a `randint` as well, but it never draws the upper end.
    """
    if rng is None or rng is random:
        return random
    if not isinstance(rng, random.Random):
        raise ValueError(f"rng must be random.Random(seed), not {shown(rng)}")
    return rng


def check_list(name, values):
    """Return a list, tuple, array or DataFrame as a list; ValueError for anything else."""
    if hasattr(values, "__array__"):
        values = np.asarray(values).tolist()
    if isinstance(values, (str, bytes)) or not isinstance(values, Sequence):
        raise ValueError(f"{name} must be a list, not {shown(values)}")
    return list(values)


def check_rows(name, rows):
    """Return a list of lists; ValueError for anything else."""
    return [check_list(f"a row of {name}", row) for row in check_list(name, rows)]


def check_texts(name, texts):
    """Return a list of strings; ValueError for anything else."""
    texts = check_list(name, texts)
    for text in texts:
        if not isinstance(text, str):
            raise ValueError(f"{name} must hold strings, not {shown(text)}")
    return texts


def check_alphabet(alphabet):
    """Return different characters in their order, a list; ValueError for anything else."""
    is_text = isinstance(alphabet, str)
    symbols = check_texts("alphabet", list(alphabet) if is_text else alphabet)
    if not symbols or any(len(symbol) != 1 for symbol in symbols):
        raise ValueError(f"alphabet must hold single characters, not {shown(alphabet)}")
    if len({*symbols}) < len(symbols):
        raise ValueError(f"alphabet has a symbol twice: {shown(alphabet)}")
    return symbols


def check_integers(name, values):
    """Return integers of any shape as an array; ValueError for anything else."""
    return _array_of("integers", name, values, (int, np.integer), "iu")


def check_numbers(name, values, missing=False):
    """Return numbers of any shape as an array; ValueError for anything else.

    A NaN is refused as well, unless values may be `missing`.
    """
    types = (int, float, np.integer, np.floating)
    values = _array_of("numbers", name, values, types, "iuf")
    if values.dtype == object:  # integers of more than 64 bits
        try:
            values = values.astype(float)
        except OverflowError:
            raise ValueError(f"{name} has an integer that no float can hold") from None
    if not missing and np.isnan(values).any():
        where = tuple(int(i) for i in np.argwhere(np.isnan(values))[0])
        raise ValueError(f"{name} has a NaN" + (f" at {where}" if where else ""))
    return values


def is_integer(value):
    """Whether `value` is a Python or NumPy integer; True and False are not."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def shown(value):
    """A value as a message names it: in one line of 60 characters at most."""
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _array_of(what, name, values, types, kinds):
    """Return `values` as an array, of dtype object where NumPy has none of these kinds."""
    try:
        array = np.asarray(values)
    except ValueError:  # NumPy's own message speaks of inhomogeneous shapes
        raise ValueError(f"the rows of {name} have different lengths") from None
    if array.dtype.kind in kinds and hasattr(values, "dtype"):
        return array
    elements = np.asarray(values, dtype=object)  # beside a 2, NumPy takes True for a 1
    for value in elements.ravel():
        if not isinstance(value, types) or isinstance(value, bool):
            raise ValueError(f"{name} must hold {what}, not {shown(value)}")
    return array if array.dtype.kind in kinds else elements

"""Random integers and their sum, as numbers (tutorial A, "Adding Numbers").

An example, from the draw to the network and back: the sum 3 + 10 with integers
up to 10. No sum of two can be larger than 20, so everything is divided by 20.

>>> from random import Random
>>> X, y = random_sum_pairs(1, 2, 10, rng=Random(1))
>>> X, y
([[3, 10]], [13])
>>> scale(X, n_numbers=2, largest=10)
array([[0.15, 0.5 ]])
>>> scale(y, n_numbers=2, largest=10)
array([0.65])
>>> invert(0.65, n_numbers=2, largest=10)
13
"""

import numpy as np

from common.checks import check_not_nan, check_size

LARGEST_EXACT = 2**53  # the integers up to here are exact as floating-point numbers


def random_sum_pairs(n_examples, n_numbers, largest, *, rng):
    """Draw `n_examples` rows of `n_numbers` integers and add up each row.

    Integers come from [1, `largest`], both ends included, row by row and left to
    right from `rng`, a `random.Random`: seeded with 1, they are the tutorial's.

    Returns X, a list of `n_examples` lists of `n_numbers` ints, and y, the list of
    their sums: Python's integers, exact at any size.
    Raises ValueError for a size below 1.

    The tutorial has this function twice: plain integers as here (seq2seq), and divided
    by the largest possible sum (regression), which is `scaled_sum_pairs` here.
    """
    n_examples = check_size("n_examples", n_examples)
    n_numbers = check_size("n_numbers", n_numbers)
    largest = check_size("largest", largest)
    X = [[rng.randint(1, largest) for _ in range(n_numbers)] for _ in range(n_examples)]
    return X, [sum(row) for row in X]


def scaled_sum_pairs(n_examples, n_numbers, largest, *, rng):
    """Draw like `random_sum_pairs`, and `scale` both numbers and sums.

    Returns X, (n_examples, n_numbers), and y, (n_examples,), float64 in [0, 1].
    """
    X, y = random_sum_pairs(n_examples, n_numbers, largest, rng=rng)
    return scale(X, n_numbers, largest), scale(y, n_numbers, largest)


def scale(values, n_numbers, largest):
    """Divide by the largest possible sum, `largest * n_numbers`: into [0, 1].

    `values`: numbers of any shape. Returns a float64 array of that shape.
    Raises ValueError for a NaN, a size below 1, or where sums would no longer be
    exact as floating-point numbers (from 2**53 on).
    """
    return check_not_nan("values", values) / _largest_sum(n_numbers, largest)


def invert(value, n_numbers, largest):
    """Undo `scale`: multiply by `largest * n_numbers` and round to an integer.

    `value`: one number, or an array of any shape.
    Returns an int, or an int64 array of that shape.
    Raises ValueError for NaN or infinity, a size below 1, or sums from 2**53 on.
    """
    value = check_not_nan("value", value)
    largest_sum = _largest_sum(n_numbers, largest)
    if np.abs(value).max(initial=0) * largest_sum >= 2.0**63:
        raise ValueError(f"value is too large to be a sum: {np.abs(value).max()}")
    rounded = np.rint(value * largest_sum).astype(np.int64)
    return rounded if rounded.ndim else int(rounded)


def _largest_sum(n_numbers, largest):
    largest_sum = check_size("largest", largest) * check_size("n_numbers", n_numbers)
    if largest_sum > LARGEST_EXACT:
        raise ValueError(f"largest * n_numbers must be at most 2**53, not {largest_sum}")
    return largest_sum

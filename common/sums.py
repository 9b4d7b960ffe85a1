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

import itertools
from random import Random

import numpy as np

from common.checks import check_numbers, check_rng, check_size

MOST_TESTED = 10_000  # where there are more sums, this many of them are tested


def answer(terms):
    """The sum of the terms, which training, scores and `--ask` have from here alone."""
    return sum(terms)


def random_sum_pairs(n_examples, n_numbers, largest, *, rng=None):
    """Draw `n_examples` rows of `n_numbers` integers and add up each row.

    Args:
        n_examples: Rows.
        n_numbers: Integers in a row.
        largest: The integers come from [1, `largest`], both ends included.
        rng: A `random.Random`, asked row by row and left to right: seeded with 1, it
            gives the tutorial's integers. Without one, Python's `random`.

    Returns X, a list of `n_examples` lists of `n_numbers` ints, and y, the list of
    their sums: Python's integers, exact at any size.
    Raises ValueError for a size below 1, or another `rng`.

    The tutorial has this function twice: plain integers as here (seq2seq), and divided
    by the largest possible sum (regression), which is left to `scale` here.
    """
    n_examples = check_size("n_examples", n_examples)
    n_numbers = check_size("n_numbers", n_numbers)
    largest, rng = check_size("largest", largest), check_rng(rng)
    X = [[rng.randint(1, largest) for _ in range(n_numbers)] for _ in range(n_examples)]
    return X, [answer(row) for row in X]


def scale(values, n_numbers, largest):
    """Divide by the largest possible sum, `largest * n_numbers`: into [0, 1].

    Args:
        values: Numbers, of any shape.
        n_numbers, largest: As for `random_sum_pairs`.

    Returns a float64 array of that shape.
    Raises ValueError for what is no number, a NaN, a size below 1, or where sums would no
    longer be exact as floating-point numbers (above 2**53).
    """
    values = check_numbers("values", values).astype(float)
    return values / check_exact(n_numbers, largest)


def invert(value, n_numbers, largest):
    """Undo `scale`: multiply by `largest * n_numbers` and round to an integer.

    (For strings, the tutorial's other `invert` is in `common.characters`.)

    Args:
        value: One number, or an array of any shape.
        n_numbers, largest: As for `random_sum_pairs`.

    Returns an int, or an int64 array of that shape.
    Raises ValueError for what is no number, NaN or infinity, a size below 1, or sums
    above 2**53.
    """
    value = check_numbers("value", value).astype(float)
    largest_sum = check_exact(n_numbers, largest)
    if np.abs(value).max(initial=0) * largest_sum >= 2.0**63:
        raise ValueError(f"value is too large to be a sum: {np.abs(value).max()}")
    rounded = np.rint(value * largest_sum).astype(np.int64)
    return rounded if rounded.ndim else int(rounded)


def sums_to_test(n_numbers, largest):
    """All possible sums, if they are at most 10,000; else as many distinct ones, drawn.

    Returns X, lists of `n_numbers` ints, and y, their sums. Always the same ones.
    Raises ValueError for a size below 1.
    """
    n_numbers, largest = check_size("n_numbers", n_numbers), check_size("largest", largest)
    if largest**n_numbers <= MOST_TESTED:
        numbers = range(1, largest + 1)
        X = [list(row) for row in itertools.product(numbers, repeat=n_numbers)]
    else:
        rng, drawn = Random("test set"), {}
        while len(drawn) < MOST_TESTED:
            drawn[tuple(rng.randint(1, largest) for _ in range(n_numbers))] = None
        X = [list(row) for row in drawn]
    return X, [answer(row) for row in X]


def to_test(settings):
    """The sums that a script's score is about: rows of `sums_to_test`."""
    return sums_to_test(settings.n_numbers, settings.largest)[0]


def to_watch(settings):
    """Five sums to show while a model trains, rows of ints."""
    sizes = settings.n_numbers, settings.largest
    return random_sum_pairs(5, *sizes, rng=Random("watch"))[0]


def tested_on(X, settings, seed):
    """Sums in words: how many, and how many of them training has seen.

    Args:
        X: What `to_test` returns.
        settings: Those of the experiment: `n_numbers`, `largest`, `epochs`, and
            `n_examples` or `n_samples`.
        seed: That of the training, which draws its sums with it.
    """
    tested = set(map(tuple, X))
    sizes = settings.n_numbers, settings.largest
    n_drawn = getattr(settings, "n_examples", None) or settings.n_samples
    rng, unseen, epochs = Random(seed), set(tested), settings.epochs
    while unseen and epochs:
        drawn, _ = random_sum_pairs(n_drawn, *sizes, rng=rng)
        unseen.difference_update(map(tuple, drawn))
        epochs -= 1
    is_all = len(tested) == settings.largest**settings.n_numbers
    what = f"All {len(tested):,} possible sums" if is_all else f"{len(tested):,} sums"
    seen = f"{len(tested) - len(unseen):,}" if unseen else "all"
    return f"{what}, {seen} of them seen in training"


def as_texts(X):
    """Rows of numbers as someone would write them.

    >>> as_texts([[3, 10]])
    ['3+10']
    """
    return ["+".join(map(str, row)) for row in X]


def check_exact(n_numbers, largest):
    """Return the largest sum; ValueError where sums are not exact as floats."""
    largest_sum = check_size("largest", largest) * check_size("n_numbers", n_numbers)
    if largest_sum > 2**53:  # up to here floating-point numbers miss no integer
        raise ValueError(f"largest * n_numbers must be at most 2**53, not {largest_sum}")
    return largest_sum

"""Sums reserved for testing, which training never draws: adding or remembering?

A model that has seen 3 + 10 may well know 10 + 3. So what is reserved is a row of
numbers in any order, written as its sorted tuple:

>>> from random import Random
>>> reserved = reserve(2, n_numbers=2, largest=3, rng=Random(2))
>>> sorted(reserved)
[(1, 1), (1, 3)]
>>> every_order(reserved)
[[1, 1], [1, 3], [3, 1]]
>>> unreserved_sum_pairs(4, 2, 3, reserved, rng=Random(2))
([[1, 2], [3, 2], [2, 3], [2, 3]], [3, 5, 5, 5])
"""

import itertools
import math
from random import Random

from common.checks import check_size
from common.sums import random_sum_pairs

RESERVED = 5  # one row in so many


def n_unordered(n_numbers, largest):
    """How many rows of `n_numbers` integers in [1, `largest`] differ beyond their order.

    >>> n_unordered(2, 10), n_unordered(2, 100)
    (55, 5050)
    """
    n_numbers, largest = check_size("n_numbers", n_numbers), check_size("largest", largest)
    return math.comb(largest + n_numbers - 1, n_numbers)


def reserve(n_reserved, n_numbers, largest, *, rng):
    """Draw `n_reserved` distinct rows with `rng`, a `random.Random`, each as likely.

    Returns a frozenset of tuples of `n_numbers` ints in [1, `largest`], in ascending
    order. Raises ValueError for a size below 1, or where nothing is left unreserved.
    """
    n_reserved = check_size("n_reserved", n_reserved)
    n_all = n_unordered(n_numbers, largest)
    if n_reserved >= n_all:
        raise ValueError(f"n_reserved must be less than the {n_all} rows, not {n_reserved}")
    reserved = set()
    while len(reserved) < n_reserved:
        # as many distinct integers from a range longer by n_numbers - 1 stand for the
        # row with repetitions: 1, 2 for 1, 1 and 1, 3 for 1, 2
        distinct = sorted(rng.sample(range(largest + n_numbers - 1), n_numbers))
        reserved.add(tuple(value + 1 - i for i, value in enumerate(distinct)))
    return frozenset(reserved)


def reserve_and_ask(n_numbers, largest, n_most):
    """Reserve a fifth of all rows, always the same ones, and choose some to ask about.

    Returns what `reserve` does, and every order of at most `n_most` of these rows.

    >>> reserved, asked = reserve_and_ask(2, largest=10, n_most=1000)
    >>> len(reserved), len(asked)  # of 55 pairs, of 100 sums
    (11, 18)
    """
    rng = Random("test set")
    n_reserved = n_unordered(n_numbers, largest) // RESERVED
    reserved = reserve(n_reserved, n_numbers, largest, rng=rng)
    return reserved, every_order(rng.sample(sorted(reserved), min(n_most, n_reserved)))


def unreserved_sum_pairs(n_examples, n_numbers, largest, reserved, *, rng):
    """Draw like `random_sum_pairs`; a row that is in `reserved` is drawn again.

    `reserved`: a set of ascending tuples, as `reserve` returns it.
    Returns X, a list of `n_examples` lists of `n_numbers` ints, and y, their sums.
    Raises ValueError for a size below 1, or where every row is reserved.
    """
    n_examples = check_size("n_examples", n_examples)
    if len(reserved) >= n_unordered(n_numbers, largest):
        raise ValueError(f"all {len(reserved)} rows are reserved: none is left to draw")
    X = []
    while len(X) < n_examples:
        drawn, _ = random_sum_pairs(n_examples - len(X), n_numbers, largest, rng=rng)
        X += [row for row in drawn if tuple(sorted(row)) not in reserved]
    return X, [sum(row) for row in X]


def every_order(rows):
    """All rows that read like one of `rows` but for the order; a sorted list of lists."""
    orders = {order for row in rows for order in itertools.permutations(row)}
    return [list(order) for order in sorted(orders)]


def has_carry(row):
    """Whether adding up `row` on paper, digit by digit, carries.

    >>> has_carry([12, 7]), has_carry([12, 8])
    (False, True)
    """
    texts = [str(check_size("a number to add", value, at_least=0)) for value in row]
    columns = itertools.zip_longest(*map(reversed, texts), fillvalue="0")
    return any(sum(map(int, column)) >= 10 for column in columns)

"""Test sets that training never sees: draw the test set first, then draw around it.

A question is whatever training draws: a row of numbers, an expression, an array. A model
that has seen 3 + 10 may well know 10 + 3. So what is held out is a question in any order:

>>> from random import Random
>>> rng = Random(1)
>>> pairs = lambda n: [(rng.randint(1, 4), rng.randint(1, 4)) for _ in range(n)]
>>> test_set = draw_distinct(3, pairs)
>>> test_set
[(2, 1), (3, 1), (4, 4)]
>>> held_out = {unordered(question) for question in test_set}
>>> sorted({*draw_around(held_out, 1000, pairs)})
[(1, 1), (1, 4), (2, 2), (2, 3), (2, 4), (3, 2), (3, 3), (3, 4), (4, 1), (4, 2), (4, 3)]
"""

import itertools
import math
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from random import Random
from typing import Any

from common.checks import check_size, is_integer
from common.sums import random_sum_pairs

MOST_DRAWS = 10_000  # in a row without a question that can be taken
RESERVED = 5  # one row of numbers in five is held out


def has_carry(row):
    """Whether adding up `row` on paper, digit by digit, carries.

    Raises ValueError for a number that is negative or not an integer.

    >>> has_carry([12, 7]), has_carry([12, 8])
    (False, True)
    """
    texts = [str(check_size("a number to add", value, at_least=0)) for value in row]
    columns = itertools.zip_longest(*map(reversed, texts), fillvalue="0")
    return any(sum(map(int, column)) >= 10 for column in columns)


def unordered(question: Iterable) -> tuple:
    """One and the same for a question and those with its parts in another order.

    >>> unordered([5, 2]) == unordered((2, 5))
    True
    >>> unordered((2, "*", (3, "-", 7))) == unordered(((7, "-", 3), "*", 2))
    True
    """
    parts = [unordered(part) if isinstance(part, tuple) else part for part in question]
    numbers = sorted(int(part) for part in parts if is_integer(part))
    return *numbers, *sorted((p for p in parts if not is_integer(p)), key=repr)


def drawing(n_numbers: int, largest: int, rng: Random) -> Callable[[int], list]:
    """A function that draws as many rows of numbers as it is asked for, in no order."""
    return lambda n: random_sum_pairs(n, n_numbers, largest, rng=rng)[0]


def draw_distinct(
    n: int,
    draw: Callable[[int], Sequence],
    same: Callable[[Any], Hashable] = unordered,
) -> list:
    """Questions for a test set, no two of them the same.

    Args:
        n: How many.
        draw: Called with a number of questions, returns that many, a list or an array.
        same: Takes a question and returns something hashable, equal for questions that
            count as the same.

    Returns a list of `n` questions. Raises ValueError where there seem to be fewer.
    """
    known = set()

    def is_new(question):
        n_before = len(known)
        known.add(same(question))
        return len(known) > n_before

    return _draw(n, draw, is_new)


def draw_around(
    held_out: Collection,
    n: int,
    draw: Callable[[int], Sequence],
    same: Callable[[Any], Hashable] = unordered,
) -> list:
    """Questions for training, each drawn again while it is held out.

    Args:
        held_out: What `same` makes of the questions that are not to be drawn, a set.
        n, draw, same: As for `draw_distinct`.

    Returns a list of `n` questions. Raises ValueError where there seems to be no other.
    """
    return _draw(n, draw, lambda question: same(question) not in held_out)


def n_unordered(n_numbers: int, largest: int) -> int:
    """How many rows of `n_numbers` integers in [1, `largest`] differ beyond their order.

    >>> n_unordered(2, 10), n_unordered(2, 100)
    (55, 5050)
    """
    n_numbers, largest = check_size("n_numbers", n_numbers), check_size("largest", largest)
    return math.comb(largest + n_numbers - 1, n_numbers)


def every_order(rows: Iterable) -> list[list]:
    """Every order of every row, each once; a sorted list of lists."""
    orders = {order for row in rows for order in itertools.permutations(row)}
    return [list(order) for order in sorted(orders)]


def ascending_rows(n: int, n_numbers: int, largest: int, *, rng: Random) -> list[tuple]:
    """Draw `n` rows of integers in [1, `largest`], each as likely, whatever its order.

    Returns tuples of `n_numbers` ints in ascending order. Raises ValueError for a size
    below 1.
    """
    n_numbers, largest = check_size("n_numbers", n_numbers), check_size("largest", largest)
    rows = []
    for _ in range(check_size("n", n)):
        # as many distinct integers from a range longer by n_numbers - 1 stand for the
        # row with repetitions: 1, 2 for 1, 1 and 1, 3 for 1, 2
        distinct = sorted(rng.sample(range(largest + n_numbers - 1), n_numbers))
        rows.append(tuple(value + 1 - i for i, value in enumerate(distinct)))
    return rows


def reserve(
    n_numbers: int, largest: int, n_most: int, split: int | None = None
) -> tuple[set, list[list]]:
    """Hold out a fifth of all rows, always the same ones, and choose some to ask about.

    Args:
        n_numbers, largest: Integers in a row, and the largest.
        n_most: How many of the rows held out are asked about, at most.
        split: Another number holds out other rows.

    Returns a set of ascending tuples, as `draw_around` takes it, and every order of the
    rows asked about.

    >>> held_out, asked = reserve(2, largest=10, n_most=1000)
    >>> len(held_out), len(asked)  # of 55 pairs, of 100 sums
    (11, 18)
    """
    rng = Random("test set" if split is None else f"test set {split}")
    n_reserved = n_unordered(n_numbers, largest) // RESERVED
    rows = draw_distinct(
        n_reserved, lambda n: ascending_rows(n, n_numbers, largest, rng=rng)
    )
    asked = rng.sample(sorted(rows), min(n_most, n_reserved))
    return {*rows}, every_order(asked)


def _draw(n, draw, is_new):
    kept, in_vain = [], 0
    check_size("n", n)
    while len(kept) < n:
        drawn = draw(n - len(kept))
        new = [question for question in drawn if is_new(question)]
        kept += new
        in_vain = 0 if new else in_vain + len(drawn)
        if in_vain >= MOST_DRAWS:
            raise ValueError(f"{in_vain} draws, and not a question that is new")
    return kept

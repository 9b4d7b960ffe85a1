"""Test sets: distinct questions, and training questions that are not among them."""

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.sums import random_sum_pairs
from extensions.tools.heldout import (
    ascending_rows,
    draw_around,
    draw_distinct,
    every_order,
    n_unordered,
    reserve,
    unordered,
)

sizes = st.tuples(st.integers(1, 4), st.integers(2, 9))  # n_numbers, largest
seeds = st.integers(0, 2**32)


def rows(seed, largest, n_numbers=2):
    rng = Random(seed)
    return lambda n: random_sum_pairs(n, n_numbers, largest, rng=rng)[0]


@given(seeds, st.integers(4, 20))
def test_no_question_of_the_test_set_is_drawn_in_either_order(seed, largest):
    test_set = draw_distinct(5, rows(seed, largest))
    held_out = {unordered(question) for question in test_set}
    assert len(held_out) == 5
    drawn = draw_around(held_out, 300, rows(seed + 1, largest))
    assert len(drawn) == 300 and not {*map(unordered, drawn)} & held_out


def test_an_expression_with_its_operands_in_another_order_is_the_same():
    assert unordered((3, "+", 4)) == unordered((4, "+", 3)) != unordered((3, "*", 4))
    nested, other = ((3, "-", 4), "*", 5), ((3, "-", 5), "*", 4)
    assert unordered(nested) == unordered((5, "*", (4, "-", 3))) != unordered(other)


@given(sizes)
def test_unordered_rows_are_counted_as_itertools_lists_them(size):
    n_numbers, largest = size
    listed = itertools.combinations_with_replacement(range(1, largest + 1), n_numbers)
    assert n_unordered(n_numbers, largest) == len(list(listed))


def test_each_ascending_row_is_as_likely():
    drawn = ascending_rows(6000, 2, 3, rng=Random(1))
    counts = [drawn.count(row) for row in set(drawn)]
    assert len(counts) == 6 and min(counts) > 850 and max(counts) < 1150
    assert all(1 <= first <= second <= 3 for first, second in drawn)


@given(st.integers(2, 3), st.integers(4, 12), st.integers(1, 50))
def test_a_fifth_is_reserved_and_asked_in_every_order(n_numbers, largest, n_most):
    held_out, asked = reserve(n_numbers, largest, n_most)
    assert len(held_out) == n_unordered(n_numbers, largest) // 5
    asked_unordered = {unordered(row) for row in asked}
    assert len(asked_unordered) == min(n_most, len(held_out))
    assert asked_unordered <= held_out
    assert asked == every_order(asked_unordered)
    assert (held_out, asked) == reserve(n_numbers, largest, n_most)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_distinct(4, rows(1, 2)), "not a question that is new"),
        (lambda: draw_around({(1, 1), (1, 2), (2, 2)}, 1, rows(1, 2)), "not a question"),
        (lambda: draw_distinct(0, rows(1, 2)), "n must be at least 1, not 0"),
        (lambda: reserve(2, 0, 9), "largest must be at least 1, not 0"),
        (lambda: reserve(1.5, 3, 9), "n_numbers must be an integer, not 1.5"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

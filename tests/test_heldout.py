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
    assert len(drawn) == 300
    assert not {(a, b) for a, b in drawn} & {(a, b) for a, b in test_set}
    assert not {(b, a) for a, b in drawn} & {(a, b) for a, b in test_set}


def test_what_counts_as_the_same_can_be_chosen():
    def odd(question):
        return sum(question) % 2

    assert {odd(question) for question in draw_distinct(2, rows(1, 9), odd)} == {0, 1}
    assert all(odd(question) for question in draw_around({0}, 99, rows(1, 9), odd))


def test_an_expression_with_its_operands_in_another_order_is_the_same():
    assert unordered((3, "+", 4)) == unordered((4, "+", 3)) != unordered((3, "*", 4))
    nested, other = ((3, "-", 4), "*", 5), ((3, "-", 5), "*", 4)
    assert unordered(nested) == unordered((5, "*", (4, "-", 3))) != unordered(other)


@given(st.integers(1, 50), seeds)
def test_questions_are_those_drawn_one_by_one_without_the_held_out(n, seed):
    held_out = {(1, 1), (1, 3)}
    one_by_one, draw = [], rows(seed, 4)
    while len(one_by_one) < n:
        one_by_one += [row for row in draw(1) if tuple(sorted(row)) not in held_out]
    assert draw_around(held_out, n, rows(seed, 4)) == one_by_one


@given(sizes)
def test_unordered_rows_are_counted_as_itertools_lists_them(size):
    n_numbers, largest = size
    listed = itertools.combinations_with_replacement(range(1, largest + 1), n_numbers)
    assert n_unordered(n_numbers, largest) == len(list(listed))


@given(sizes, seeds)
def test_ascending_rows_are_what_they_are_called(size, seed):
    n_numbers, largest = size
    drawn = ascending_rows(20, n_numbers, largest, rng=Random(seed))
    assert len(drawn) == 20
    assert all(len(row) == n_numbers and [*row] == sorted(row) for row in drawn)
    assert all(1 <= number <= largest for row in drawn for number in row)


def test_each_ascending_row_is_as_likely():
    drawn = ascending_rows(6000, 2, 3, rng=Random(1))
    counts = [drawn.count(row) for row in set(drawn)]
    assert len(counts) == 6 and min(counts) > 850 and max(counts) < 1150


@given(st.integers(2, 3), st.integers(4, 12), st.integers(1, 50))
def test_a_fifth_is_reserved_and_asked_in_every_order(n_numbers, largest, n_most):
    held_out, asked = reserve(n_numbers, largest, n_most)
    assert len(held_out) == n_unordered(n_numbers, largest) // 5
    asked_unordered = {unordered(row) for row in asked}
    assert len(asked_unordered) == min(n_most, len(held_out))
    assert asked_unordered <= held_out
    assert asked == every_order(asked_unordered)
    assert (held_out, asked) == reserve(n_numbers, largest, n_most)


def test_as_many_questions_are_drawn_as_there_are():
    assert len(draw_distinct(3, rows(1, 2))) == 3  # 1+1, 1+2 (or 2+1), 2+2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_distinct(4, rows(1, 2)), "not a question that is new"),
        (lambda: draw_around({(1, 1), (1, 2), (2, 2)}, 1, rows(1, 2)), "not a question"),
        (lambda: draw_distinct(0, rows(1, 2)), "n must be at least 1, not 0"),
        (lambda: reserve(0, 3, 9), "n_numbers must be at least 1, not 0"),
        (lambda: reserve(2, 0, 9), "largest must be at least 1, not 0"),
        (lambda: reserve(1.5, 3, 9), "n_numbers must be an integer, not 1.5"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

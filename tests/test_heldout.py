"""Reserved sums: never drawn, all orders covered, carries found."""

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.heldout import (
    every_order,
    has_carry,
    n_unordered,
    reserve,
    unreserved_sum_pairs,
)
from common.sums import random_sum_pairs

sizes = st.tuples(st.integers(1, 4), st.integers(2, 9))  # n_numbers, largest


@given(sizes)
def test_unordered_rows_are_counted_as_itertools_lists_them(size):
    n_numbers, largest = size
    rows = itertools.combinations_with_replacement(range(1, largest + 1), n_numbers)
    assert n_unordered(n_numbers, largest) == len(list(rows))


@given(sizes, st.data(), st.integers(0, 2**32))
def test_reserved_and_drawn_rows_never_meet_in_any_order(size, data, seed):
    n_numbers, largest = size
    n_reserved = data.draw(st.integers(1, n_unordered(n_numbers, largest) - 1))
    reserved = reserve(n_reserved, n_numbers, largest, rng=Random(seed))
    assert len(reserved) == n_reserved
    assert all(len(row) == n_numbers and list(row) == sorted(row) for row in reserved)
    assert all(1 <= number <= largest for row in reserved for number in row)
    X, y = unreserved_sum_pairs(30, n_numbers, largest, reserved, rng=Random(seed))
    assert len(X) == len(y) == 30 and y == [sum(row) for row in X]
    tested = {tuple(row) for row in every_order(reserved)}
    assert tested.isdisjoint(map(tuple, X))
    assert {tuple(sorted(row)) for row in tested} == reserved


def test_every_unreserved_row_is_drawn_sooner_or_later():
    reserved = reserve(5, 2, 4, rng=Random(1))
    X, _ = unreserved_sum_pairs(2000, 2, 4, reserved, rng=Random(1))
    everything = set(itertools.product(range(1, 5), repeat=2))
    assert set(map(tuple, X)) == everything - set(map(tuple, every_order(reserved)))


def test_with_nothing_reserved_the_draws_are_those_of_random_sum_pairs():
    expected = random_sum_pairs(50, 2, 10, rng=Random(1))
    assert unreserved_sum_pairs(50, 2, 10, frozenset(), rng=Random(1)) == expected


def test_each_row_is_as_likely_to_be_reserved():
    rng = Random(1)
    drawn = [row for _ in range(6000) for row in reserve(1, 2, 3, rng=rng)]
    counts = [drawn.count(row) for row in set(drawn)]
    assert len(counts) == 6 and min(counts) > 850 and max(counts) < 1150


def test_the_same_seed_reserves_the_same():
    one, two = (reserve(50, 2, 100, rng=Random("test set")) for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    "row, carries",
    [
        ([1, 9], True),
        ([10, 10], False),
        ([45, 54], False),
        ([90, 10], True),
        ([100, 905], True),
        ([1, 998], False),
        ([5], False),
        ([3, 3, 4], True),
        ([333, 333, 333], False),
    ],
)
def test_carries(row, carries):
    assert has_carry(row) is carries


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=2))
def test_a_sum_without_carry_adds_up_digit_by_digit(row):
    digit_sum = sum(int(digit) for number in row for digit in str(number))
    kept = digit_sum == sum(int(digit) for digit in str(sum(row)))  # each carry takes 9
    assert has_carry(row) is not kept


@pytest.mark.parametrize("n_reserved", [6, 7])
def test_reserving_everything_is_refused(n_reserved):
    with pytest.raises(ValueError, match=f"less than the 6 rows, not {n_reserved}"):
        reserve(n_reserved, 2, 3, rng=Random(1))


@pytest.mark.parametrize("sizes", [(0, 2, 3), (1, 0, 3), (1, 2, 0), (1.5, 2, 3)])
def test_sizes_that_are_none_are_refused(sizes):
    with pytest.raises(ValueError, match="must be"):
        reserve(*sizes, rng=Random(1))


def test_drawing_where_everything_is_reserved_is_refused():
    with pytest.raises(ValueError, match="all 3 rows are reserved"):
        unreserved_sum_pairs(1, 2, 2, {(1, 1), (1, 2), (2, 2)}, rng=Random(1))


def test_carry_of_a_negative_number_is_refused():
    with pytest.raises(ValueError, match="at least 0, not -1"):
        has_carry([-1, 2])

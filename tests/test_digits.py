"""Sums as arrays of digits: drawn, added and read."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extensions.tools.digits import (
    add_terms,
    carried_through,
    draw_terms,
    edge_cases,
    number_texts,
    sum_texts,
    symbols,
    unordered_terms,
    with_nines,
)

sizes = st.integers(1, 40)
seeds = st.integers(0, 2**32)


def integers(terms):
    """The two terms of each sum as Python's integers."""
    return [[int(text) for text in sum_.split("+")] for sum_ in sum_texts(terms)]


@given(sizes, sizes, st.floats(0, 1), seeds)
def test_sums_are_those_of_pythons_integers(n, n_digits, any_length, seed):
    generator = np.random.default_rng(seed)
    terms = draw_terms(n, n_digits, any_length=any_length, generator=generator)
    assert terms.shape == (n, 2, n_digits)
    sums = add_terms(terms)
    assert sums.shape == (n, n_digits + 1)
    assert number_texts(sums) == [str(a + b) for a, b in integers(terms)]


def test_terms_are_uniform_over_all_numbers_and_their_lengths_where_asked():
    generator = np.random.default_rng(1)
    numbers = np.ravel(integers(draw_terms(50_000, 2, generator=generator)))
    counts = np.bincount(numbers, minlength=100)
    assert len(counts) == 100 and counts.min() > 850 and counts.max() < 1150  # 1000 each
    numbers = np.ravel(integers(draw_terms(10_000, 4, any_length=1, generator=generator)))
    # as many digits as drawn from 1 to 4, of which the first may be zero
    assert 0.25 < np.mean(numbers < 10) < 0.30
    assert 0.20 < np.mean(numbers >= 1000) < 0.25
    long = draw_terms(10_000, 9, any_length=0.5, generator=generator)
    assert 0.53 < np.mean(long[:, 0, -3:].any(axis=1)) < 0.70


@given(st.integers(2, 30), seeds)
def test_every_edge_case_is_what_it_is_called(n_digits, seed):
    kinds = edge_cases(20, n_digits, generator=np.random.default_rng(seed))
    assert list(kinds) == ["Long carries", "Zeros", "Equal terms", "Unequal lengths"]
    pairs = {kind: integers(terms) for kind, terms in kinds.items()}
    assert [9, 1] in pairs["Long carries"]
    assert [10**n_digits - 1, 1] in pairs["Long carries"]
    assert all(0 in pair for pair in pairs["Zeros"]) and [0, 0] in pairs["Zeros"]
    assert all(a == b for a, b in pairs["Equal terms"])
    lengths = [sorted(len(str(term)) for term in pair) for pair in pairs["Unequal lengths"]]
    assert all(length == [1, n_digits] for length in lengths)
    for found in kinds.values():
        assert 0 < len(found) <= 20 and len({*map(unordered_terms, found)}) == len(found)


@given(sizes, sizes, seeds)
def test_a_carry_goes_through_all_the_digits(n, n_digits, seed):
    terms = carried_through(n, n_digits, generator=np.random.default_rng(seed))
    columns = terms.sum(axis=1)
    assert (columns[:, 0] >= 10).all()
    for row in columns:
        longer = np.flatnonzero(row)[-1] + 1  # 99 + 1 has two digits to carry through
        assert (row[1:longer] == 9).all()
    assert [10**n_digits - 1, 1] in integers(terms) or n < n_digits * 2
    assert columns[-1].all() or n == 1


def test_one_pair_in_either_order_and_at_any_width_is_the_same():
    terms = np.array([[[2, 0], [5, 0]], [[5, 0], [2, 0]], [[5, 0], [2, 1]]])
    first, swapped, other = map(unordered_terms, terms)
    assert first == swapped != other
    wider = np.pad(terms, ((0, 0), (0, 0), (0, 3)))
    assert [*map(unordered_terms, wider)] == [first, swapped, other]
    assert unordered_terms([[0], [0]]) == unordered_terms([[0, 0], [0, 0]])


def test_digits_in_a_row_add_up_to_nine_in_a_share_of_the_sums():
    generator = np.random.default_rng(1)
    drawn = draw_terms(5000, 8, generator=generator)
    before = drawn.copy()
    terms = with_nines(drawn, 0.2, generator=generator)
    places = terms != before
    assert 0.12 < places.any(axis=(1, 2)).mean() < 0.2  # some rows have no place
    assert (terms.sum(axis=1)[places[:, 1]] == 9).all() and not places[:, 0].any()
    nines = with_nines(drawn, 1, generator=generator).sum(axis=1) == 9
    assert nines.mean() > 0.3 and nines.all(axis=1).any()
    assert (drawn == before).all()


GENERATOR = {"generator": np.random.default_rng(1)}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: draw_terms(0, 3, **GENERATOR), "n must be at least 1, not 0"),
        (lambda: draw_terms(1, 0, **GENERATOR), "n_digits must be at least 1, not 0"),
        (lambda: draw_terms(1, 3, any_length=2, **GENERATOR), "from 0 to 1, not 2"),
        (lambda: with_nines([[[1], [1]]], -1, **GENERATOR), "share must be from 0 to 1"),
        (lambda: edge_cases(9, 1, **GENERATOR), "n_digits must be at least 2, not 1"),
        (lambda: add_terms([[[10], [1]]]), "from 0 to 9, not 1 to 10"),
        (lambda: add_terms([[1, 2]]), "with 3 axes, not int64"),
        (lambda: symbols([[[1], [2], [3]]]), "must be pairs, .*not \\(1, 3, 1\\)"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

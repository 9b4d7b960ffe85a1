from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from common import sums
from common.sums import invert, random_sum_pairs, scale, sums_to_test
import addition_seq2seq
from extensions.tools.heldout import has_carry


def test_the_last_of_a_hundred_pairs_as_the_tutorial_prints_them():
    X, y = random_sum_pairs(100, 2, 100, rng=Random(1))
    assert X[-7:] == [[2, 97], [97, 36], [32, 35], [15, 80], [24, 45], [38, 9], [22, 21]]
    assert y[-7:] == [99, 133, 67, 95, 69, 47, 43]


def test_both_ends_of_the_range_are_drawn_and_sums_are_exact_at_any_size():
    X, y = random_sum_pairs(200, 2, 3, rng=Random(1))
    assert {term for row in X for term in row} == {1, 2, 3}
    assert [len(row) for row in X] == [2] * 200 and [a + b for a, b in X] == y
    X, y = random_sum_pairs(20, 5, 10**30, rng=Random(1))
    assert [sum(row) for row in X] == y


@given(st.integers(1, 6), st.integers(1, 10**14), st.data())
def test_invert_undoes_scale(terms, largest, data):
    sums = data.draw(st.lists(st.integers(terms, terms * largest), min_size=1, max_size=20))
    scaled = scale(sums, terms, largest)
    assert scaled.max() <= 1
    assert invert(scaled, terms, largest).tolist() == sums
    assert [invert(value, terms, largest) for value in scaled] == sums


def test_all_sums_are_tested_or_ten_thousand_distinct_ones():
    X, y = sums_to_test(2, 10)
    assert sorted(map(tuple, X)) == [(a, b) for a in range(1, 11) for b in range(1, 11)]
    assert y == [sum(row) for row in X]
    assert sums_to_test(2, 100)[0] == [[a, b] for a in range(1, 101) for b in range(1, 101)]
    X, y = sums_to_test(2, 101)
    assert len(set(map(tuple, X))) == len(X) == 10_000
    assert {term for row in X for term in row} == {*range(1, 102)}
    assert (X, y) == sums_to_test(2, 101)


def test_what_is_tested_says_how_much_of_it_training_has_seen():
    settings = addition_seq2seq.Settings(n_samples=20, epochs=2)
    drawn, _ = random_sum_pairs(40, 2, 10, rng=Random(3))
    seen = len(set(map(tuple, drawn)))
    text = f"All 100 possible sums, {seen} of them seen in training"
    assert sums.tested_on(sums.to_test(settings), settings, seed=3) == text
    many = addition_seq2seq.Settings(largest=1000, epochs=1)
    assert sums.tested_on(sums.to_test(many), many, seed=1).startswith("10,000 sums, ")


def test_what_is_asked_of_the_network_stands_in_one_place(monkeypatch):
    monkeypatch.setattr(sums, "answer", max)
    assert random_sum_pairs(1, 2, 10, rng=Random(1)) == ([[3, 10]], [10])
    for largest in (10, 101):  # all sums, and drawn ones
        X, y = sums_to_test(2, largest)
        assert y == [max(row) for row in X]


def test_invert_rounds_to_the_nearest_integer_and_gives_plain_ints():
    assert invert(0.6499, 2, 10) == 13 and type(invert(0.65, 2, 10)) is int
    assert invert(np.float32(-0.02), 2, 100) == -4


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=2))
def test_a_sum_without_carry_adds_up_digit_by_digit(row):
    digit_sum = sum(int(digit) for number in row for digit in str(number))
    kept = digit_sum == sum(int(digit) for digit in str(sum(row)))  # each carry takes 9
    assert has_carry(row) is not kept

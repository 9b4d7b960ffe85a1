from math import ceil, log10
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.characters import (
    ALPHABET,
    answer_length,
    encode_sums,
    generate_data,
    integer_encode,
    invert,
    question_length,
    read_number,
    to_string,
)
from common.sums import random_sum_pairs

terms = st.integers(1, 5)
largests = st.integers(1, 10**20)


def test_the_tutorials_example_step_by_step():
    X, y = random_sum_pairs(1, 2, 10, rng=Random(1))
    assert (X, y) == ([[3, 10]], [13])
    X, y = to_string(X, y, 2, 10)
    assert (X, y) == ([" 3+10"], ["13"])
    X, y = integer_encode(X), integer_encode(y)
    assert (X.tolist(), y.tolist()) == ([[11, 3, 10, 1, 0]], [[1, 3]])
    X, y = generate_data(1, 2, 10, rng=Random(1))
    assert X.shape == (1, 5, 12) and y.shape == (1, 2, 12)
    assert X.argmax(-1).tolist() == [[11, 3, 10, 1, 0]]
    assert (invert(X[0]), invert(y[0])) == (" 3+10", "13")


def test_the_alphabet_is_the_tutorials_list():
    assert "".join(ALPHABET) == "0123456789+ "


@given(terms, largests, st.integers(0, 2**32 - 1))
def test_strings_encode_and_invert_to_themselves(n_numbers, largest, seed):
    X, y = random_sum_pairs(3, n_numbers, largest, rng=Random(seed))
    strings = to_string(X, y, n_numbers, largest)
    for texts, encoded in zip(strings, encode_sums(X, y, n_numbers, largest)):
        assert [invert(sequence) for sequence in encoded] == texts
    questions, answers = strings
    assert [sum(map(int, question.split("+"))) for question in questions] == y
    assert [read_number(answer) for answer in answers] == y


@given(terms, largests)
def test_lengths_are_exact(n_numbers, largest):
    X, y = [[largest] * n_numbers], [largest * n_numbers]
    questions, answers = to_string(X, y, n_numbers, largest)
    assert questions[0] == questions[0].strip() and answers[0] == answers[0].strip()
    assert len(questions[0]) == question_length(n_numbers, largest)
    assert len(answers[0]) == answer_length(n_numbers, largest)


def test_lengths_of_the_tutorials_formula_where_it_is_right_and_where_it_is_not():
    def formula(n_numbers, largest):
        return ceil(log10(n_numbers * (largest + 1)))

    assert formula(2, 10) == answer_length(2, 10) == 2
    assert question_length(2, 10) == 5
    assert formula(10, 9) == 2 == answer_length(10, 9)
    assert formula(2, 49) == 2 == answer_length(2, 49)
    assert (formula(3, 33), answer_length(3, 33)) == (3, 2)  # 33+33+33 is 99
    assert ceil(log10(10**15 + 1)) < question_length(1, 10**15) == 16


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[30, 100]], [130], 2, 10), "'30\\+100' is longer than 5 characters"),
        (([[3, 4]], [107], 2, 10), "'107' is longer than 2 characters"),
        (([[3, 4, 5]], [12], 2, 10), "expected 2 terms, not 3"),
        (([[3, 4]], [7, 8], 2, 10), "1 questions do not go with 2 answers"),
        (([[3, -2]], [1], 2, 10), "must be at least 0, not -2"),
    ],
)
def test_what_does_not_fit_is_not_written(arguments, message):
    with pytest.raises(ValueError, match=message):
        to_string(*arguments)


@pytest.mark.parametrize(
    ("strings", "message"),
    [(["1-"], "is not in the alphabet"), (["1", "22"], r"one length, not \[1, 2\]")],
)
def test_what_is_no_string_of_the_alphabet_is_not_encoded(strings, message):
    with pytest.raises(ValueError, match=message):
        integer_encode(strings)


@pytest.mark.parametrize(
    ("encoded", "message"),
    [(np.full((2, 12), np.nan), "NaN"), (np.zeros((2, 11)), r"must be \(timesteps, 12\)")],
)
def test_what_is_no_sequence_of_vectors_is_not_inverted(encoded, message):
    with pytest.raises(ValueError, match=message):
        invert(encoded)


def test_answers_are_read_as_numbers_only_where_they_are():
    assert [read_number(text) for text in ("13", " 9", "1 ")] == [13, 9, 1]
    assert [read_number(text) for text in ("  ", "+9", "1 3", "²")] == [None] * 4

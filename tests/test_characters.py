from math import ceil, log10
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from common.characters import (
    answer_length,
    encode_sums,
    invert,
    question_length,
    read_number,
    to_string,
)
from common.sums import random_sum_pairs

terms = st.integers(1, 5)
largests = st.integers(1, 10**20)


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
    assert formula(2, 49) == answer_length(2, 49) == 2
    assert (formula(3, 33), answer_length(3, 33)) == (3, 2)  # 33+33+33 is 99
    assert ceil(log10(10**15 + 1)) < question_length(1, 10**15) == 16


def test_answers_are_read_as_numbers_only_where_they_are():
    assert [read_number(text) for text in ("13", " 9", "1 ", "-7")] == [13, 9, 1, -7]
    none = "  ", "+9", "1 3", "²", "-", "1-", "--1"
    assert [read_number(text) for text in none] == [None] * 7

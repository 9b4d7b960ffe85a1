import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extensions.tools.streams import (
    EQUALS,
    FILLING,
    PLUS,
    draw_of_lengths,
    draw_streamed,
    n_digits_of,
    read_answers,
    sums_of,
    write_answers,
    write_streams,
    write_sums,
)

NUMBERS = st.integers(0, 10**12)


def as_terms(pairs):
    """Pairs of integers as digits, least significant first: (n, 2, 13)."""
    return np.array([[[a // 10**i % 10 for i in range(13)] for a in p] for p in pairs])


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_a_stream_reads_like_the_sum_written_backwards(pairs):
    names = {PLUS: "+", EQUALS: "=", FILLING: ""}
    for stream, (a, b) in zip(write_sums(as_terms(pairs)).tolist(), pairs):
        text = "".join(names.get(symbol, str(symbol)) for symbol in stream)
        assert text == f"{str(a)[::-1]}+{str(b)[::-1]}="


@given(st.lists(st.tuples(NUMBERS, NUMBERS), min_size=1, max_size=5))
def test_sums_are_those_of_integers(pairs):
    for digits, (a, b) in zip(sums_of(as_terms(pairs)), pairs):
        assert "".join(map(str, digits))[::-1] == str(a + b)


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=5))
def test_answers_are_read_as_they_were_written(answers):
    y, counts = write_answers(answers, 7, end=10)
    assert read_answers(y, end=10) == [tuple(answer) for answer in answers]
    assert counts.sum(axis=1).tolist() == [len(answer) + 1 for answer in answers]


def test_what_stands_behind_the_end_does_not_count_and_without_an_end_there_is_no_answer():
    y = np.array([[1, 2, 10, 7, 10], [1, 2, 3, 4, 5]])
    assert read_answers(y, end=10) == [(1, 2), None]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: write_sums([[[55], [1]]]), "digits must be from 0 to 9"),
        (lambda: write_answers([[1, 10, 3]], 5, 10), "the symbol 10"),
        (lambda: draw_of_lengths(2, 3, 0, generator=None), "1 digit or more, not 3 and 0"),
        (lambda: draw_streamed(2, 3, same_length=7, generator=None), "from 0 to 1, not 7"),
        (lambda: write_sums(as_terms([(99, 1)]), 4), "timesteps must be at least 5"),
        (lambda: write_streams([[1], [2, 3]], 12, 1), "timesteps must be at least 2"),
        (lambda: write_answers([[1, 2]], 2, 10), "steps must be at least 3"),
    ],
)
def test_what_cannot_be_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_terms_have_the_lengths_that_are_asked_for():
    generator = np.random.default_rng(1)
    assert (n_digits_of(draw_of_lengths(500, 30, 7, generator=generator)) == [30, 7]).all()
    drawn = draw_streamed(20_000, 5, generator=generator)
    lengths = n_digits_of(drawn)
    for length in range(1, 6):
        assert (lengths == length).mean() == pytest.approx(0.2, abs=0.01)


def test_a_share_of_the_terms_has_one_length_and_a_share_adds_up_to_nine():
    generator = np.random.default_rng(1)
    lengths = n_digits_of(draw_streamed(20_000, 20, same_length=0.3, generator=generator))
    assert (lengths[:, 0] == lengths[:, 1]).mean() == pytest.approx(0.335, abs=0.02)
    terms = draw_streamed(20_000, 20, same_length=1, nines=1, generator=generator)
    n_digits = n_digits_of(terms)[:, 0].sum()
    assert (terms.sum(axis=1) == 9).sum() / n_digits == pytest.approx(0.91, abs=0.01)


def test_streams_of_any_symbols_are_filled_up_behind():
    assert write_streams([(5, 6), (7,)], 9).tolist() == [[5, 6], [7, 9]]
    assert write_streams([(5, 6), (7,)], 9, 3).tolist() == [[5, 6, 9], [7, 9, 9]]

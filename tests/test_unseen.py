"""Test sets: distinct questions, and training questions that are not among them."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.unseen import draw_distinct, draw_unseen, sorted_terms


def pairs(seed, largest):
    rng = Random(seed)
    return lambda: (rng.randint(1, largest), rng.randint(1, largest))


@given(st.integers(0, 2**32), st.integers(4, 20))
def test_no_question_of_the_test_set_is_drawn_in_either_order(seed, largest):
    test_set = draw_distinct(5, pairs(seed, largest))
    held_out = {sorted_terms(question) for question in test_set}
    assert len(held_out) == 5
    drawn = draw_unseen(300, pairs(seed + 1, largest), held_out)
    assert len(drawn) == 300
    assert not {(a, b) for a, b in drawn} & {(a, b) for a, b in test_set}
    assert not {(b, a) for a, b in drawn} & {(a, b) for a, b in test_set}


def test_what_counts_as_the_same_can_be_chosen():
    drawn = draw_distinct(2, pairs(1, 9), same=lambda question: sum(question) % 2)
    assert {sum(question) % 2 for question in drawn} == {0, 1}
    assert all(sum(q) % 2 for q in draw_unseen(99, pairs(1, 9), {0}, lambda q: sum(q) % 2))


def test_asking_for_more_questions_than_there_are_is_refused():
    assert len(draw_distinct(3, pairs(1, 2))) == 3  # 1+1, 1+2 (or 2+1), 2+2
    with pytest.raises(ValueError, match="not a question that is new"):
        draw_distinct(4, pairs(1, 2))
    with pytest.raises(ValueError, match="not a question that is new"):
        draw_unseen(1, pairs(1, 2), {(1, 1), (1, 2), (2, 2)})
    with pytest.raises(ValueError, match="n must be at least 1, not 0"):
        draw_distinct(0, pairs(1, 2))

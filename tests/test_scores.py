"""Scores by hand, wrong answers as they are shown, and what a history says of learning."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.scores import (
    EXACT,
    PER_CHARACTER,
    PER_ELEMENT,
    RMSE,
    Score,
    Share,
    print_wrong,
    score_answers,
    score_echoes,
    score_sums,
    share_equal,
    share_of_elements,
)
from extensions.tools.scoring import epochs_to

shares = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def test_exact_match_counts_whole_answers():
    assert share_equal([[1, 2], [3, 4]], [[1, 2], [3, 5]]) == Share(1, 2)
    assert share_of_elements([[1, 2], [3, 4]], [[1, 2], [3, 5]]) == Share(3, 4)
    assert share_equal(["13", " 9"], ["13", "9 "]) == Share(1, 2)


@given(st.integers(1, 10**6), st.data())
def test_a_share_with_an_error_never_reads_as_all_right(total, data):
    right = data.draw(st.integers(0, total - 1))
    assert "(100" not in str(Share(right, total))
    assert "(100.0" in str(Share(total, total))


def test_scores_of_sums_by_hand():
    scores = score_sums([10, 20, 30, 40], [10, 20, 30, 44])
    assert scores == {RMSE: 2.0, EXACT: Share(3, 4)}


def test_scores_of_answers_by_hand():
    scores = score_answers(["13", " 9", "10"], ["13", "+9", "12"])
    assert [*scores.values()] == [(1, 3), (4, 6), pytest.approx(2**0.5), 1]
    assert [*scores] == [EXACT, PER_CHARACTER, "RMSE of the sums", "Not a number"]
    unreadable = score_answers(["13"], ["++"])
    assert unreadable["Not a number"] == 1 and math.isnan(unreadable["RMSE of the sums"])


def test_scores_of_echoes_by_hand():
    scores = score_echoes([[1, 2], [3, 4]], [[1, 2], [4, 4]])
    assert scores == {EXACT: Share(1, 2), PER_ELEMENT: Share(3, 4)}


def test_a_score_is_its_name_wherever_it_goes():
    score = Score("Epochs to 99 %", kind="epochs", table=False)
    for copied in (pickle.loads(pickle.dumps(score)), copy.deepcopy(score)):
        assert copied == "Epochs to 99 %" and {score: 1}[copied] == 1
        assert (copied.kind, copied.table) == ("epochs", False)


# Wrong answers


def test_only_wrong_answers_are_shown_and_no_more_than_asked_for(capsys):
    questions = ["1+1", "2+2", "3+3", "4+4"]
    print_wrong("A title", questions, ["2", "4", "6", "8"], ["2", "5", "7", "9"], n_shown=2)
    assert capsys.readouterr().out.splitlines() == [
        "A title, 3 wrong, the first 2 of them:",
        "  2+2: expected 4, predicted 5 (wrong: 1 of 1)",
        "  3+3: expected 6, predicted 7 (wrong: 1 of 1)",
    ]
    print_wrong("A title", ["3+9"], np.array([12]), np.array([21]))
    assert capsys.readouterr().out.endswith("expected 12, predicted 21 (wrong: 1 of 1)\n")
    print_wrong("A title", ["1+1", "2+2"], ["2", "14"], ["2", "1"], n_shown=2)
    assert capsys.readouterr().out.endswith("predicted 1 (wrong: 1 of 2)\n")


def test_of_long_answers_what_stands_around_the_first_difference_is_shown(capsys):
    expected = np.arange(100)[np.newaxis]
    predicted = expected.copy()
    predicted[0, 50] = 7
    print_wrong("A title", ["1" * 99 + "+" + "2" * 99], expected, predicted)
    line = capsys.readouterr().out.splitlines()[1]
    around = " ".join(map(str, range(38, 63)))
    assert line.startswith(f"  {'1' * 20}...{'2' * 20}: expected ...{around}..., predicted")
    assert " 49 7 51 " in line and line.endswith("(wrong: 1 of 100)")


# Epochs


@given(shares, st.integers(1, 10), st.floats(0.01, 1))
def test_the_epoch_is_the_first_that_reaches_the_share(values, over, share):
    epoch = epochs_to(share, values, over)
    means = [sum(values[i - over : i]) / over for i in range(over, len(values) + 1)]
    reached = [mean >= share - 1e-9 for mean in means]
    assert epoch == (reached.index(True) + over if any(reached) else math.inf)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Score("Sums", kind="shares"), "not 'shares'"),
        (lambda: share_equal([1, 2], [1]), "do not fit"),
        (lambda: epochs_to(0, [1.0], 1), "not 0"),
        (lambda: epochs_to(1.5, [1.0], 1), "not 1.5"),
        (lambda: epochs_to(0.9, [float("nan")], 1), "NaN"),
        (lambda: epochs_to(0.9, [1.0], 0), "not 0"),
    ],
)
def test_what_has_no_score_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()

"""Wrong answers, as they are shown, and what a history says of learning."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.scores import Share, print_wrong, share_equal
from extensions.tools.scoring import epochs_to, share_equal_by_kind

shares = st.lists(st.floats(0, 1), min_size=1, max_size=60)


def test_only_wrong_answers_are_shown_and_no_more_than_asked_for(capsys):
    questions = ["1+1", "2+2", "3+3", "4+4"]
    print_wrong("A title", questions, ["2", "4", "6", "8"], ["2", "5", "7", "9"], n_shown=2)
    assert capsys.readouterr().out.splitlines() == [
        "A title, 3 wrong, the first 2 of them:",
        "  2+2: expected 4, predicted 5 (wrong: 1 of 1)",
        "  3+3: expected 6, predicted 7 (wrong: 1 of 1)",
    ]


def test_a_missing_character_is_wrong(capsys):
    print_wrong("A title", ["9+1", "1+1"], ["10", "2"], ["1", "2"])
    assert "expected 10, predicted 1 (wrong: 1 of 2)" in capsys.readouterr().out
    print_wrong("A title", ["1+1"], ["2"], ["2"])
    assert capsys.readouterr().out == ""


def test_of_a_long_question_its_ends_are_shown(capsys):
    print_wrong("A title", ["1" * 99 + "+" + "2" * 99], ["2"], ["3"])
    shown = "1" * 20 + "..." + "2" * 20
    assert f"  {shown}: expected 2, predicted 3 " in capsys.readouterr().out


def test_of_long_answers_what_stands_around_the_first_difference_is_shown(capsys):
    expected = np.arange(100)[np.newaxis]
    predicted = expected.copy()
    predicted[0, 50] = 7
    print_wrong("A title", ["0 1 2"], expected, predicted)
    line = capsys.readouterr().out.splitlines()[1]
    around = " ".join(map(str, range(38, 63)))
    assert line.startswith(f"  0 1 2: expected ...{around}..., predicted ...38 39 ")
    assert " 49 7 51 " in line and line.endswith("(wrong: 1 of 100)")


@given(shares, st.integers(1, 10), st.floats(0.01, 1))
def test_the_epoch_found_is_the_first(values, over, share):
    epoch = epochs_to(share, values, over)
    means = [sum(values[i - over : i]) / over for i in range(over, len(values) + 1)]
    reached = [mean >= share - 1e-9 for mean in means]
    assert epoch == (reached.index(True) + over if any(reached) else math.inf)


def test_nothing_asked_is_nothing_right():
    assert (
        share_equal([], []) == share_equal(np.ones((0, 3)), np.ones((0, 3))) == Share(0, 0)
    )
    assert share_equal_by_kind({"+": [], "-": [1]}, [2], [2])["+"] == Share(0, 0)


def test_more_answers_than_questions_are_refused():
    with pytest.raises(ValueError, match="3 answers do not fit 2 questions"):
        share_equal_by_kind({"+": ["1+1"], "-": ["2-1"]}, [2, 1, 0], [2, 1, 0])


def test_a_single_lucky_epoch_does_not_count():
    assert epochs_to(0.99, [0.5] * 30 + [1.0] + [0.5] * 30) == math.inf
    assert epochs_to(0.99, [0.5] * 30 + [1.0] * 30) == 50


@pytest.mark.parametrize(
    ("share", "values", "over", "message"),
    [
        (0, [1.0], 1, "not 0"),
        (1.5, [1.0], 1, "not 1.5"),
        (0.9, [float("nan")], 1, "NaN"),
        (0.9, [1.0], 0, "not 0"),
    ],
)
def test_epochs_to_what_cannot_be_are_refused(share, values, over, message):
    with pytest.raises(ValueError, match=message):
        epochs_to(share, values, over)

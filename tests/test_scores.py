"""Wrong answers, as they are shown."""

import numpy as np

from common.scores import print_wrong


def test_only_wrong_answers_are_shown_and_no_more_than_asked_for(capsys):
    questions = ["1+1", "2+2", "3+3", "4+4"]
    print_wrong("A title", questions, ["2", "4", "6", "8"], ["2", "5", "7", "9"], n_shown=2)
    assert capsys.readouterr().out.splitlines() == [
        "A title, wrong:",
        "  2+2: expected 4, predicted 5 (wrong: 1 of 1)",
        "  3+3: expected 6, predicted 7 (wrong: 1 of 1)",
    ]


def test_nothing_is_shown_where_nothing_is_wrong(capsys):
    print_wrong("A title", ["1+1"], ["2"], ["2"])
    assert capsys.readouterr().out == ""


def test_a_missing_character_is_wrong(capsys):
    print_wrong("A title", ["9+1"], ["10"], ["1"])
    assert "expected 10, predicted 1 (wrong: 1 of 2)" in capsys.readouterr().out


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

"""The exercises' programs print what docs/exercises.md says."""

import re

import pytest
from conftest import ROOT, python

PAGE = (ROOT / "docs/exercises.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.slow


def printed(name):
    """The lines of a program, run by the command of the page."""
    assert f"\n    python -m docs.exercises.{name}\n" in PAGE
    ran = python("-m", f"docs.exercises.{name}")
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.splitlines()


@pytest.mark.parametrize("name", ["second_layer", "subtraction"])
def test_sums_and_differences_are_learned(name):
    right = int(re.fullmatch(r"(\d+) of 1000 right", printed(name)[-1])[1])
    assert right >= 950


def test_roman_numerals_are_learned_beyond_what_was_seen():
    seen, kept_out = (
        int(re.search(r": (\d+) of", line)[1]) for line in printed("own_pairs")
    )
    assert seen >= 235 and kept_out >= 50


def test_only_the_first_sequence_is_right_until_the_state_is_reset():
    right = [int(re.search(r": (\d+) of 21", line)[1]) for line in printed("echo_bug")]
    assert right[0] >= 19 and max(right[1:]) <= 2
    code = (ROOT / "docs/exercises/echo_bug.py").read_text()
    mended = code.replace("    yhat =", "    reset_states(model)\n    yhat =").replace(
        "import train", "import reset_states, train"
    )
    assert mended.count("reset_states") == 2
    right = [int(n) for n in re.findall(r": (\d+) of 21", python("-c", mended).stdout)]
    assert len(right) == 5 and min(right) >= 19

"""Scores of predictions, and how they are printed.

Scores go by their names in a dict, best known first:

>>> scores = {EXACT: Share(989, 1000), RMSE: 0.565685}
>>> print_scores(scores, "1,000 new sums")
1,000 new sums: 989 right (98.9 %)
RMSE: 0.565685
"""

import itertools
import math
from typing import NamedTuple

import numpy as np

from common.characters import read_number

KINDS = ("answers", "parts", "error", "epochs", "number")


class Score(str):
    """A score's name, which also says how its values are read.

    Args:
        name: What stands over its column.
        kind: "answers", the Share of whole answers that are right; "parts", that of
            characters or elements; "error", of which less is better; "epochs", how many
            a seed needs, None or inf where it never gets there; or any other "number".
        table: Whether it stands in tables; if not, in files of rows alone.

    Raises ValueError for another kind.

    >>> EXACT.kind, RMSE.kind, RMSE == "RMSE"
    ('answers', 'error', True)
    """

    def __new__(cls, name, kind="answers", table=True):
        if kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, not {kind!r}")
        score = super().__new__(cls, name)
        score.kind, score.table = kind, table
        return score

    @property
    def is_share(self):
        return self.kind in ("answers", "parts")

    @property
    def worst(self):
        """What is worse than any value."""
        return math.inf if self.kind in ("error", "epochs") else -math.inf


EXACT = Score("Exact match")
PER_CHARACTER = Score("Per-character accuracy", kind="parts")
PER_ELEMENT = Score("Per-element accuracy", kind="parts")
RMSE = Score("RMSE", kind="error")


class Share(NamedTuple):
    """How many answers are right, of how many.

    >>> print(Share(989, 1000), Share(2099, 2100), Share(0, 0), sep="; ")
    989 of 1,000 (98.9 %); 2,099 of 2,100 (99.95 %); 0 of 0 (- %)
    """

    right: int
    total: int

    def __float__(self):
        return self.right / self.total if self.total else float("nan")

    def __str__(self):
        return f"{self.right:,} of {self.total:,} ({self.percent()} %)"

    def percent(self):
        """The share in percent, with digits enough to see one wrong answer."""
        if not self.total:
            return "-"
        decimals = max(1, len(str(self.total - 1)) - 2)
        return f"{100 * float(self):.{decimals}f}"


def share_equal(expected, predicted):
    """The Share of rows that are equal altogether.

    Args:
        expected, predicted: Arrays or lists of one shape, (rows, ...).

    Raises ValueError for two shapes.
    """
    expected, predicted = np.asarray(expected), np.asarray(predicted)
    if expected.shape != predicted.shape:
        raise ValueError(f"shapes {expected.shape} and {predicted.shape} do not fit")
    right = (expected == predicted).all(axis=tuple(range(1, expected.ndim)))
    return Share(int(right.sum()), len(right))


def share_of_elements(expected, predicted):
    """The Share of single elements (characters, integers) that are equal."""
    return share_equal(np.ravel(expected), np.ravel(predicted))


def rmse(expected, predicted):
    """Root of the mean squared error, as in tutorial A; NaN if there is nothing.

    `expected`, `predicted`: numbers, (samples,).
    """
    from sklearn.metrics import mean_squared_error

    if len(expected) == 0:
        return float("nan")
    return float(np.sqrt(mean_squared_error(expected, predicted)))


def score_sums(expected, predicted):
    """RMSE and exact match of sums, both arrays of integers, (samples,)."""
    return {RMSE: rmse(expected, predicted), EXACT: share_equal(expected, predicted)}


def score_answers(expected, predicted):
    """Scores of sums as strings.

    Args:
        expected, predicted: Lists of strings of one length, padding included.

    Returns {name: score}: exact match, the Share of characters, the RMSE of the decoded
    sums over the answers that can be read as a number, and how many can't.
    """
    numbers = [(int(e), read_number(p)) for e, p in zip(expected, predicted)]
    readable = [pair for pair in numbers if pair[1] is not None]
    characters = [list("".join(answers)) for answers in (expected, predicted)]
    of_sums = rmse([e for e, _ in readable], [p for _, p in readable])
    return {
        EXACT: share_equal(expected, predicted),
        PER_CHARACTER: share_of_elements(*characters),
        Score(f"{RMSE} of the sums", kind="error"): of_sums,
        Score("Not a number", kind="error", table=False): len(numbers) - len(readable),
    }


def score_echoes(expected, predicted):
    """Exact match of windows and accuracy of single integers, (windows, n_out) each."""
    return {
        EXACT: share_equal(expected, predicted),
        PER_ELEMENT: share_of_elements(expected, predicted),
    }


def print_wrong(title, questions, expected, predicted, n_shown=3):
    """Print the first wrong answers under a title: both answers, and how much is wrong.

    The title says how many there are. Of a long question only its ends are shown, of long
    answers what stands around the first difference. Nothing wrong: nothing printed.

    Args:
        title: What was asked, and which model; or nothing.
        questions: As many texts as there are answers.
        expected, predicted: Lists of texts (characters count), sequences of integers
            (elements count) or integers; None where there is no answer.
        n_shown: How many at most.

    >>> print_wrong("Seed 1", ["9+1", "2+2"], ["10", "4"], ["00", "4"])
    Seed 1, 1 wrong:
      9+1: expected 10, predicted 00 (wrong: 1 of 2)
    """
    lines = []
    for question, *answers in zip(questions, expected, predicted):
        steps = [_steps(answer) for answer in answers]
        pairs = [*itertools.zip_longest(*steps)]
        wrong = [i for i, (e, p) in enumerate(pairs) if e != p]
        if not wrong:
            continue
        joint = "" if isinstance(answers[0], str) else " "
        e, p = (_around(wrong[0], answer, joint) for answer in steps)
        if len(question) > 50:
            question = f"{question[:20]}...{question[-20:]}"
        of = f"{len(wrong)} of {len(pairs)}"
        lines.append(f"  {question}: expected {e}, predicted {p} (wrong: {of})")
    if lines:
        first = f", the first {n_shown} of them" if len(lines) > n_shown else ""
        title = f"{title}, " if title else ""
        print("\n".join([f"{title}{len(lines):,} wrong{first}:", *lines[:n_shown]]))


def _steps(answer):
    """The characters or elements of an answer, as texts."""
    if isinstance(answer, (int, np.integer)):
        return [str(answer)]
    return [*map(str, () if answer is None else answer)]


def _around(at, steps, joint, sides=12):
    """The steps around one of them, joined; with dots where some are left out."""
    start, stop = max(0, at - sides), at + sides + 1
    before, after = "..." * (start > 0), "..." * (stop < len(steps))
    return before + joint.join(steps[start:stop]) + after


def print_scores(scores, tested):
    """Print the exact match as a sentence, and the other scores, one per line.

    A dash stands for a score without a value, and a count of zero is left out.

    Args:
        scores: {Score: value}.
        tested: What was asked, in words.

    >>> print_scores({RMSE: 0.565685, EXACT: Share(99, 100)}, "All 100 possible sums")
    All 100 possible sums: 99 right (99.0 %)
    RMSE: 0.565685
    """
    if EXACT in scores:
        share = scores[EXACT]
        print(f"{tested}: {share.right:,} right ({share.percent()} %)")
    for name, value in scores.items():
        if name != EXACT and value != 0 or isinstance(value, float):
            text = f"{value:f}" if isinstance(value, float) else value
            print(f"{name}: {'-' if value is None else text}")

"""Rows as text: cells over seeds, the tables of a comparison, differences."""

import math
import os
import shutil
import statistics
import sys

from common.runner.intervals import interval_of_difference, paired
from common.runner.rows import as_number, by_variant, has_failed, score_names
from common.scores import Share

CELL = "median (worst to best)"


def score_text(value):
    """A score as text: a Share in percent, anything else as a plain number.

    None, where there is no value, is shown as a dash.
    """
    if math.isnan(as_number(value)):
        return "-"
    if isinstance(value, Share):
        return f"{short_text(value)}%"
    value = float(value)
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def scores_text(row):
    """The scores of a row that stand in tables, in one line.

    >>> from common.scores import EXACT, RMSE
    >>> scores_text({"variant": "MLP", EXACT: Share(9, 10), RMSE: 1.5})
    'Exact match 90.0%, RMSE 1.5'
    """
    return ", ".join(f"{score} {score_text(row[score])}" for score in scores_shown([row]))


def short_text(value, is_share=False):
    """A score as a table has it: a Share in percent, without the sign.

    100 and 0 stand for all and none alone.

    Args:
        value: A score, or None, which is shown as a dash; inf, epochs that never came, as
            "never".
        is_share: Whether a float is one from 0 to 1.

    >>> [short_text(Share(n, 5000)) for n in (5000, 4999, 1750, 1, 0)]
    ['100', '99.98', '35.0', '0.02', '0']
    >>> [short_text(value) for value in (0.69954, 1279.2, 13878.0, math.inf)]
    ['0.7', '1,279', '13,878', 'never']
    """
    number = as_number(value)
    if math.isnan(number):
        return "-"
    if math.isinf(number):
        return "never"
    if isinstance(value, Share) or is_share:
        digits = (f"{100 * number:.{n}f}" for n in range(1, 16))
        whole = f"{100 * number:.0f}"
        return next((text for text in digits if float(text) not in (0, 100)), whole)
    if abs(number) < 1e-9:  # rounding
        return "0"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def cell(rows, score):
    """The median (worst to best) of a score over rows; or what all agree on.

    Of a number that is neither good nor bad it is the median (least to most). Of epochs
    that fewer than 60 % of the seeds have reached, it is how many have.

    >>> from common.scores import EXACT, RMSE, Score
    >>> cell([{EXACT: Share(n, 10)} for n in (9, 7, 10)], EXACT)
    '90.0 (70.0 to 100)'
    >>> cell([{RMSE: 0.42}, {RMSE: 0.2}, {RMSE: None}], RMSE)
    '0.31 (0.42 to 0.2), 1 of 3 without'
    >>> epochs = Score("Epochs to 99 %", kind="epochs")
    >>> cell([{epochs: 500}, {epochs: None}, {epochs: 700}], epochs)
    '700 (never to 500), 2 of 3'
    >>> cell([{epochs: 500}, {epochs: None}], epochs)
    '1 of 2'
    """
    values = [as_number(row[score]) for row in rows]
    finite = [value for value in values if math.isfinite(value)]
    n, n_finite, note = len(rows), len(finite), ""
    if score.kind == "epochs" and n_finite < n:
        note = f", {n_finite} of {n}"
        if n_finite < 0.6 * n:
            return note[2:]
        finite += [math.inf] * (n - n_finite)
    elif not finite:
        return "-"
    elif n_finite < n:
        without = [row for row, value in zip(rows, values) if not math.isfinite(value)]
        kind = "failed" if all(map(has_failed, without)) else "without"
        note = f", {len(without)} of {n} {kind}"
    ends = sorted([min(finite), max(finite)], reverse=score.worst > 0)
    middle, worst, best = (
        short_text(value, score.is_share) for value in (statistics.median(finite), *ends)
    )
    return f"{middle}{note}" if worst == best else f"{middle} ({worst} to {best}){note}"


def title(score):
    """What stands over a score's column: its name, and the unit of Shares."""
    return f"{score}, %" if score.is_share else score


def comparison_table(rows, names=None):
    """Rows of text, the header first: a line per variant, over all of its rows.

    A `cell` of each score; last the mean seconds of training, without compiling, and how
    many seeds failed.

    Args:
        rows: Dicts, of one or more variants.
        names: The scores, if not those that stand in tables.
    """
    scores = scores_shown(rows, names)
    lines = [["variant", "parameters", *map(title, scores), "s"]]
    for variant, seeds in by_variant(rows).items():
        cells = [cell(seeds, score) for score in scores]
        lines.append([variant, f"{seeds[0]['parameters']:,}", *cells, mean_seconds(seeds)])
    return lines


def seeds_table(rows):
    """Rows of text, the header first: a line per row, last a `cell` of each score."""
    scores = scores_shown(rows)
    lines = [["seed", *map(title, scores)]]
    for row in rows:
        cells = [short_text(row[score], score.is_share) for score in scores]
        lines.append([str(row["seed"]), *cells])
    return [*lines, [CELL, *[cell(rows, score) for score in scores]]]


def scores_shown(rows, names=None):
    """The scores of rows that stand in a table, or those of some names."""
    scores = {score: score for score in score_names(rows[0])}  # by their names as well
    return [scores[n] for n in names] if names else [s for s in scores if s.table]


def differences_table(rows, compared):
    """Rows of text, the header first: a line for each pair of variants in `compared`.

    Args:
        rows: Dicts, of all variants.
        compared: (variant, another), or (variant, another, score); without it, the first
            score of the rows.

    A line has the mean difference over the seeds that both have, in points of a hundred
    for Shares, and what the seeds show of it, `verdict`.

    >>> from common.scores import EXACT
    >>> rows = [{"variant": name, "seed": seed, EXACT: Share(right + seed, 20)}
    ...         for name, right in (("new", 10), ("old", 4)) for seed in range(1, 6)]
    >>> differences_table(rows, [("new", "old")])[1]
    ['new against old', 'Exact match', '+30.0 points', 'every seed above', '5']
    """
    lines = [["compared", "score", "difference", "95 % interval, or verdict", "seeds"]]
    of_variant = by_variant(rows)
    for first, second, *asked in compared:
        if first in of_variant and second in of_variant:
            score = scores_shown(rows, asked)[0]
            pairs = paired(rows, first, second, score)
            values = [[_ranked(r, score) for r in of_variant[v]] for v in (first, second)]
            line = [_against(first, second), score, difference(*pairs, score)]
            lines.append([*line, verdict(*pairs, score, *values), str(len(pairs[0]))])
    return lines


def _ranked(row, score):
    """A score's value to compare with others: no value, where it counts, is the worst."""
    value = as_number(row[score])
    counts = score.kind == "epochs" or has_failed(row)
    return score.worst if math.isnan(value) and counts else value


def difference(first, second, score):
    """The mean difference between two lists of values of a score, as text; or a dash.

    >>> from common.scores import EXACT, RMSE
    >>> difference([0.5, 0.7], [0.4, 0.4], EXACT), difference([0.5], [0.7], RMSE)
    ('+20.0 points', '-0.2')
    """
    if not first:
        return "-"
    mean = statistics.fmean(first) - statistics.fmean(second)
    return f"{100 * mean:+.1f} points" if score.is_share else f"{mean:+.3g}"


def verdict(first, second, score, all_first=None, all_second=None):
    """What seeds show of the difference between two lists of values, as text.

    That every seed is above (below) every other, with five each at least; from ten pairs
    on, the 95 % interval of the mean difference, and whether 0 is in it; with five to nine
    nothing is settled, and of fewer there is no verdict.

    Args:
        first, second: Values of the same seeds.
        score: What they are values of.
        all_first, all_second: Those of all seeds, if there are others.

    >>> from common.scores import EXACT, RMSE
    >>> verdict([0.8] * 5, [0.7] * 5, EXACT), verdict([1, 2, 3, 4, 5], [5] * 5, RMSE)
    ('every seed above', 'not settled')
    >>> verdict([0.5, 0.6] * 5, [0.6, 0.5] * 5, EXACT)
    'no difference found (-7.5 to 7.5)'
    >>> verdict([0.5, 0.7, 0.9] * 4, [0.4, 0.5, 0.6] * 4, EXACT)
    '14.6 to 25.4'
    """
    above, below = all_first or first, all_second or second
    for these, those, text in ((above, below, "above"), (below, above, "below")):
        if min(len(above), len(below)) >= 5 and min(these) > max(those):
            return f"every seed {text}"
    if len(first) < 10:
        return "not settled" if len(first) >= 5 else "-"
    if len({round(a - b, 12) for a, b in zip(first, second)}) == 1:  # no width
        return "no difference found" if first == second else "the same for every seed"
    low, high = interval_of_difference(first, second)
    interval = _interval_text(low, high, score)
    return interval if low > 0 or high < 0 else f"no difference found ({interval})"


def _interval_text(low, high, score):
    """Both ends, with as many decimals as tell them apart."""
    for digits in range(1, 16):
        if score.is_share:  # + 0.0: no "-0.0"
            texts = [f"{round(100 * end, digits) + 0.0:.{digits}f}" for end in (low, high)]
        else:
            texts = [f"{end:.{digits + 2}g}" for end in (low, high)]
        if float(texts[0]) != float(texts[1]):
            break
    return " to ".join(texts)


def _against(first, second):
    """Two names as one text, with what both begin with named once.

    >>> _against("2 of 5, batches of 1, attention", "2 of 5, batches of 1, RepeatVector")
    '2 of 5, batches of 1: attention against RepeatVector'
    """
    parts = [name.split(", ") for name in (first, second)]
    shared = os.path.commonprefix(parts)
    rests = [", ".join(own[len(shared) :]) for own in parts]
    if not shared or "" in rests:
        return f"{first} against {second}"
    return f"{', '.join(shared)}: {rests[0]} against {rests[1]}"


def mean_seconds(rows):
    """The mean seconds of the seeds that did not fail, and how many did, as text.

    >>> mean_seconds([{"seconds": 1.5}, {"seconds": 2.0}, {"seconds": None}])
    '1.75, 1 of 3 failed'
    """
    seconds = [row["seconds"] for row in rows if not has_failed(row)]
    # fsum: from Python 3.12 on, sum rounds otherwise than before
    texts = [short_text(math.fsum(seconds) / len(seconds))] if seconds else []
    if len(seconds) < len(rows):
        texts.append(f"{len(rows) - len(seconds)} of {len(rows)} failed")
    return ", ".join(texts)


def print_table(lines):
    """Print rows of text in columns, the header first.

    Where a terminal has no room for all columns, they follow each other in parts, each
    with the first column.
    """
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else math.inf
    columns = [*zip(*lines)]
    widths = [max(map(len, column)) for column in columns]
    names = [cell.ljust(widths[0]) for cell in columns[0]]
    parts, used = [], math.inf
    for column, width in zip(columns[1:], widths[1:]):
        if used + 2 + width > room or not parts:
            parts.append([names])
            used = widths[0]
        parts[-1].append([cell.rjust(width) for cell in column])
        used += 2 + width
    for part in parts:
        print("\n".join("  ".join(line).rstrip() for line in zip(*part)), end="\n\n")
    sys.stdout.flush()

"""Rows as text: cells over seeds, the tables of a comparison, differences."""

import math
import os
import shutil
import sys

from common.runner.intervals import interval_of_difference, paired
from common.runner.rows import as_number, has_failed, score_names
from common.scores import Share

EPOCHS_TO = "Epochs to "  # how a score's name begins that a seed may never reach


def score_text(value, like=None):
    """A score as text: a Share in percent, anything else as a plain number.

    Args:
        value: A score, a mean of some, or None, which is shown as a dash.
        like: A score of the kind that `value` is of, where that is a mean.
    """
    if math.isnan(as_number(value)):
        return "-"
    if isinstance(value if like is None else like, Share):
        return f"{short_text(value, like)}%"
    value = float(value)
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.4g}"


def summary(rows):
    """{score: (mean, std, worst)} over rows, as text.

    The standard deviation is that of a sample (n - 1). The worst Share is the lowest; the
    worst of anything else, an error, the highest. Seeds without a value are left out, and
    the mean says so.

    >>> rows = [{"Exact match": Share(9, 10)}, {"Exact match": Share(7, 10)}]
    >>> summary(rows)["Exact match"]
    ('80.0%', '14.1%', '70.0%')
    >>> rows = [{"RMSE": 1.0, "Exact match": 3}, {"RMSE": None, "Exact match": 3}]
    >>> summary(rows)["RMSE"]
    ('1, 1 of 2 without', '-', '1')
    """
    return {name: _summary(rows, name, score_text) for name in score_names(rows[0])}


def _summary(rows, name, text):
    import pandas as pd

    values, like = pd.Series([as_number(row[name]) for row in rows]), _like(rows, name)
    worst = values.min() if isinstance(like, Share) else values.max()
    texts = [text(value, like) for value in (values.mean(), values.std(), worst)]
    without = [row for row in rows if math.isnan(as_number(row[name]))]
    if name.startswith(EPOCHS_TO) and without:
        texts = [f"{len(rows) - len(without)} of {len(rows)}", "-", "-"]
        if len(without) < len(rows):
            texts[0] += f", {values.mean():,.0f}"
    elif 0 < len(without) < len(rows):
        kind = "failed" if all(map(has_failed, without)) else "without"
        texts[0] += f", {len(without)} of {len(rows)} {kind}"
    return tuple(texts)


def _like(rows, name):
    """A value of a score that has one, which tells Shares from errors; or None."""
    return next((row[name] for row in rows if row[name] is not None), None)


def short_text(value, like=None):
    """A score as a table has it: a Share in percent, without the sign.

    100 and 0 stand for all and none alone.

    >>> [short_text(Share(n, 5000)) for n in (5000, 4999, 1750, 1, 0)]
    ['100', '99.98', '35.0', '0.02', '0']
    >>> [short_text(value) for value in (0.69954, 1279.2, 13878.0)]
    ['0.7', '1,279', '13,878']
    """
    number = as_number(value)
    if math.isnan(number):
        return "-"
    if isinstance(value if like is None else like, Share):
        digits = (f"{100 * number:.{n}f}" for n in (1, 2, 3))
        whole = f"{100 * number:.0f}"
        return next((text for text in digits if float(text) not in (0, 100)), whole)
    if abs(number) < 1e-9:  # rounding
        return "0"
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def cell(rows, name):
    """Mean ± standard deviation (worst) of a score over rows; or what all agree on.

    >>> cell([{"Exact match": Share(9, 10)}, {"Exact match": Share(7, 10)}], "Exact match")
    '80.0 ± 14.1 (70.0)'
    >>> cell([{"RMSE": 0.42}, {"RMSE": 0.2}, {"RMSE": None}], "RMSE")
    '0.31 ± 0.156 (0.42), 1 of 3 without'
    """
    mean, std, worst = _summary(rows, name, short_text)
    if std in ("-", "0"):
        return mean
    value, comma, rest = mean.partition(", ")
    return f"{value} ± {std} ({worst}){comma}{rest}"


def title(rows, name):
    """What stands over a score's column: its name, and the unit of Shares."""
    return f"{name}, %" if isinstance(_like(rows, name), Share) else name


def comparison_table(rows, file_only=(), names=None):
    """Rows of text, the header first: a line per variant, over all of its seeds.

    A `cell` of each score; last the mean seconds of training, without compiling, and how
    many seeds failed.

    Args:
        rows: Dicts, of one or more variants.
        file_only: How the names of the scores begin that are left out.
        names: The scores, if not all.
    """
    of_variant = {}
    for row in rows:
        of_variant.setdefault(row["variant"], []).append(row)
    names = names or [n for n in score_names(rows[0]) if not n.startswith((*file_only,))]
    lines = [["variant", "parameters", *[title(rows, name) for name in names], "s"]]
    for variant, mine in of_variant.items():
        line = [variant, f"{int(mine[0]['parameters']):,}"]
        line += [cell(mine, name) for name in names]
        lines.append([*line, mean_seconds(mine)])
    return lines


def differences_table(rows, compared):
    """Rows of text, the header first: a line for each pair of variants in `compared`.

    Args:
        rows: Dicts, of all variants.
        compared: (variant, another), or (variant, another, score); without it, the first
            score of the rows.

    A line has the mean difference over the seeds that both have, in points of a hundred
    for Shares, and its 95 % interval, `interval_of_difference`.

    >>> rows = [{"variant": "new", "seed": 1, "Exact match": Share(9, 10)},
    ...         {"variant": "old", "seed": 1, "Exact match": Share(5, 10)},
    ...         {"variant": "new", "seed": 2, "Exact match": Share(8, 10)},
    ...         {"variant": "old", "seed": 2, "Exact match": Share(6, 10)}]
    >>> differences_table(rows, [("new", "old")])[1]
    ['new against old', 'Exact match', '+30.0 points', '20.0 to 40.0', '2']
    """
    lines = [["compared", "score", "difference", "95 % interval", "seeds"]]
    measured = {row["variant"] for row in rows}
    for first, second, *score in compared:
        if not {first, second} <= measured:
            continue
        score = score[0] if score else score_names(rows[0])[0]
        pairs = list(zip(*paired(rows, first, second, score)))
        names = [_against(first, second), score]
        if not pairs:
            lines.append([*names, "-", "-", "0"])
            continue
        is_share = isinstance(_like(rows, score), Share)
        factor, form, unit = (100, ".1f", " points") if is_share else (1, ".3g", "")
        mean = factor * math.fsum(a - b for a, b in pairs) / len(pairs)
        ends = (factor * end for end in interval_of_difference(*zip(*pairs)))
        interval = " to ".join(f"{end:{form}}" for end in ends)
        lines.append([*names, f"{mean:+{form}}{unit}", interval, str(len(pairs))])
    return lines


def _against(first, second):
    """Two names as one, what they begin with said once.

    >>> _against("2 of 5, batches of 1, attention", "2 of 5, batches of 1, RepeatVector")
    '2 of 5, batches of 1: attention against RepeatVector'
    """
    parts = [name.split(", ") for name in (first, second)]
    shared = os.path.commonprefix(parts)
    rests = [", ".join(own[len(shared) :]) for own in parts]
    if not shared or "" in rests:
        return f"{first} against {second}"
    return f"{', '.join(shared)}: {rests[0]} against {rests[1]}"


def mean_seconds(rows, digits=3):
    """The mean seconds of the seeds that did not fail, and how many did, as text.

    >>> mean_seconds([{"seconds": 1.5}, {"seconds": 2.0}, {"seconds": None}])
    '1.75, 1 of 3 failed'
    """
    seconds = [row["seconds"] for row in rows if not has_failed(row)]
    # fsum: from Python 3.12 on, sum rounds otherwise than before
    texts = [f"{math.fsum(seconds) / len(seconds):.{digits}g}"] if seconds else []
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

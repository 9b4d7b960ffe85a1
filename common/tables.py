"""Scores of seeds and variants as rows: mean, std and worst, and files of them.

A row is a dict: a variant's name and parameters where there are variants, the seed,
the scores by their names, the seconds.
"""

import csv
import platform
import re
from importlib.metadata import version
from pathlib import Path

import numpy as np

from common.files import written_whole
from common.scores import Share

NOT_SCORES = ("variant", "parameters", "seed", "seconds")


def summary(rows):
    """Mean, std (n - 1) and worst of several dicts of scores with the same names.

    The worst Share is the lowest; the worst of anything else, an error, the highest.
    Returns {"mean": {...}, "std": {...}, "worst": {...}}, the figures as text.

    >>> summary([{"Exact match": Share(9, 10)}, {"Exact match": Share(7, 10)}])["mean"]
    {'Exact match': '80.00%'}
    """
    import pandas as pd

    table = pd.DataFrame([{name: float(row[name]) for name in row} for row in rows])
    shares = [isinstance(value, Share) for value in rows[0].values()]
    worst = table.min().where(shares, table.max())
    with np.errstate(invalid="ignore"):  # there is no std where a score is infinite
        result = {"mean": table.mean(), "std": table.std(), "worst": worst}
    return {
        label: {name: show(value, like=rows[0][name]) for name, value in values.items()}
        for label, values in result.items()
    }


def comparison_table(rows):
    """Rows of text, the header first: a line a variant, over all of its seeds.

    Mean, std and worst of every score; with one seed a variant, just the score.
    """
    names = [name for name in rows[0] if name not in NOT_SCORES]
    of_variant = {row["variant"]: [] for row in rows}
    for row in rows:
        of_variant[row["variant"]].append(row)
    several = len(of_variant) < len(rows)
    header = ["variant", "parameters"]
    for name in names:
        header += [name, "std", "worst"] if several else [name]
    lines = [header]
    for variant, mine in of_variant.items():
        figures = summary([{name: row[name] for name in names} for row in mine])
        line = [variant, f"{int(mine[0]['parameters']):,}"]
        for name in names:
            kinds = ("mean", "std", "worst") if several else ("mean",)
            line += [figures[kind][name] for kind in kinds]
        lines.append(line)
    return lines


def show(value, like=None):
    """A score as text: a Share in percent, anything else as a plain number."""
    if float(value) != float(value):
        return "-"
    if isinstance(value if like is None else like, Share):
        return f"{float(value):.2%}"
    return f"{float(value):.4g}"


def write_scores(path, rows):
    """Write dicts of one kind as CSV, with the versions and the processor they ran on.

    A Share is written as 989/1000, so that `read_scores` gives the same back.
    """
    packages = ("tensorflow", "keras", "numpy")
    machine = {"python": platform.python_version(), **{p: version(p) for p in packages}}
    machine["processor"] = _processor()
    with written_whole(path) as unfinished:
        with open(unfinished, "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, [*rows[0], *machine], lineterminator="\n")
            writer.writeheader()
            for row in rows:
                cells = {
                    name: f"{value.right}/{value.total}"
                    if isinstance(value, Share)
                    else value
                    for name, value in row.items()
                }
                writer.writerow({**cells, **machine})


def read_scores(path):
    """Read what `write_scores` wrote: a list of dicts, with Shares, ints and floats."""
    with open(path, newline="", encoding="utf-8") as file:
        return [
            {k: _value(text) for k, text in row.items()} for row in csv.DictReader(file)
        ]


def _value(text):
    if re.fullmatch(r"\d+/\d+", text):
        return Share(*map(int, text.split("/")))
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _processor():
    info = Path("/proc/cpuinfo")  # Linux, where `platform` knows nothing
    match = info.exists() and re.search(r"model name\s*:\s*(.+)", info.read_text())
    return match[1] if match else platform.processor() or platform.machine()

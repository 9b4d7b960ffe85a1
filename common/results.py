"""Rows: what each variant and seed of an experiment scored, in files and in tables.

A row is a dict: the variant's name, the seed, the scores by their names, then
`parameters`, `seconds` of training, `compile_seconds` and `processor`. A file of rows is
CSV under some lines that say how they were made:

    # script: addition_mlp.py
    # settings: {"examples": 100, "epochs": 50, ...}
    # python: 3.11.7
    # ...
    variant,seed,RMSE,Exact match,parameters,seconds,compile_seconds,processor
    addition_mlp,1,0.0,10000/10000,25,0.05,0.61,AMD EPYC

Rows are appended one by one, as they are done, so that whatever ends a run loses only
what was running.
"""

import ast
import csv
import functools
import hashlib
import json
import math
import os
import platform
import re
import shutil
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from common.files import Unusable, written_whole
from common.scores import Share

ROOT = Path(__file__).resolve().parents[1]
NAMES = ("variant", "seed")
COSTS = ("parameters", "seconds", "compile_seconds", "processor")
PACKAGES = ("tensorflow", "keras", "numpy")
EPOCHS_TO = "Epochs to "  # how a score's name begins that a seed may never reach
PARTS = "Per-"  # and one of characters or elements, not of whole answers


class RowsFile:
    """The file of rows that a run goes on with, and adds to.

    Args:
        path: The file; None keeps the rows in memory alone.
        header: What `make_header` returns.

    Attributes:
        rows: {(variant, seed): row}, those of the file and those added.
        warning: A line to show, or None.

    Raises Unusable, and leaves the file as it is, if it was made with other settings or
    versions.
    """

    def __init__(self, path: str | Path | None, header: dict):
        self.path, self.header, self.warning = path and Path(path), header, None
        self.rows = {}  # {(variant, seed): row}
        if self.path and self.path.exists():
            self._go_on()

    def _go_on(self):
        said = read_header(self.path)
        if not said:
            raise Unusable(f"{self.path} does not say how its rows were made: move it away")
        for name, value in self.header.items():
            if name == "code" and said.get(name) != value:
                self.warning = f"{self.path}: some of its rows were made with other code"
                codes = dict.fromkeys([*said.get(name, "").split(), value])
                self.header = {**self.header, name: " ".join(codes)}
            elif said.get(name) != value:
                was, now = (json.dumps(v)[:200] for v in (said.get(name), value))
                raise Unusable(f"{self.path} has rows of other {name}: {was}, not {now}")
        text = self.path.read_bytes()
        whole = text.rfind(b"\n") + 1
        if whole < len(text):  # the row that was being written
            os.truncate(self.path, whole)
        self.rows = {(row["variant"], row["seed"]): row for row in read_rows(self.path)}

    def add(self, row: dict) -> None:
        """Append a row; it is on disk when this returns.

        A row of the same variant and seed takes the other's place. Raises Unusable for a
        row of other columns.
        """
        key = row["variant"], row["seed"]
        again = key in self.rows
        if any(row.keys() != other.keys() for other in self.rows.values()):
            raise Unusable(f"{self.path} has other columns than this run: move it away")
        self.rows[key] = row
        if self.path is None:
            return
        if again or len(self.rows) == 1 or not self.path.exists():
            write_rows(self.path, self.header, self.rows.values())
            return
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            names = next(iter(self.rows.values()))
            csv.writer(file, lineterminator="\n").writerow([_text(row[n]) for n in names])
            file.flush()
            os.fsync(file.fileno())

    def sort(self, variants: Iterable[str]) -> None:
        """Write the file whole, the rows in the order of variants and seeds."""
        place = {name: i for i, name in enumerate(variants)}
        order = sorted(self.rows, key=lambda key: (place.get(key[0], len(place)), key[1]))
        self.rows = {key: self.rows[key] for key in order}
        if self.path and self.rows:
            write_rows(self.path, self.header, self.rows.values())


def make_header(script, settings):
    """How rows are made: script, settings, versions, and a digest of the code.

    Args:
        script: The path of its file.
        settings: A dict that JSON can hold.

    Returns {name: text, or the settings}.
    """
    versions = {package: version(package) for package in PACKAGES}
    return {
        "script": Path(script).resolve().relative_to(ROOT).as_posix(),
        "settings": json.loads(json.dumps(settings)),
        "python": platform.python_version(),
        **versions,
        "code": code_digest(Path(script).resolve()),
    }


def code_digest(script):
    """Ten characters for the code of a script and of all of ours that it imports.

    Comments, docstrings and the way that lines are broken make no difference.
    """
    code, todo = {}, [script]
    while todo:
        path = todo.pop()
        if path not in code:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            todo += _our_modules(tree)
            code[path] = ast.dump(_without_docstrings(tree))
    text = "".join(code[path] for path in sorted(code))
    return hashlib.sha256(text.encode()).hexdigest()[:10]


def _our_modules(tree):
    """The files of this project that a module imports."""
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [node.module, *[f"{node.module}.{a.name}" for a in node.names]]
    files = [ROOT.joinpath(*name.split(".")).with_suffix(".py") for name in names]
    return [file for file in files if file.is_file()]


def _without_docstrings(tree):
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            first.value.value = None
    return tree


def make_row(variant, seed, model, history, scores):
    """The row of one training.

    Args:
        variant, seed: What tells it from others.
        model: A Keras model, or a number of parameters.
        history: What `train` returned, or None.
        scores: {name: score}, Shares and numbers.

    Returns a dict. A seed whose loss was not finite has nothing right, and no seconds.
    """
    diverged = history is not None and history.diverged
    scores = failed_scores(scores) if diverged else scores
    row = {"variant": variant, "seed": seed}
    for name, value in scores.items():
        if isinstance(value, float):
            value = float(value) if math.isfinite(value) else None
        row[name] = value
    row["parameters"] = model if isinstance(model, int) else model.count_params()
    row["seconds"] = None if diverged else round(getattr(history, "seconds", 0.0), 3)
    row["compile_seconds"] = round(getattr(history, "compile_seconds", 0.0), 3)
    row["processor"] = processor()
    return row


def write_rows(path, header, rows):
    """Write a file of rows, whole or not at all."""
    rows = [*rows]
    with written_whole(path) as unfinished:
        with open(unfinished, "w", newline="", encoding="utf-8") as file:
            for name, value in header.items():
                text = value if isinstance(value, str) else json.dumps(value)
                file.write(f"# {name}: {text}\n")
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(rows[0])
            writer.writerows([_text(row[name]) for name in rows[0]] for row in rows)


def read_header(path):
    """What the lines over the rows say, a dict; empty where there are none."""
    header = {}
    with open(path, encoding="utf-8", errors="replace") as file:  # a row may be torn
        for line in file:
            match = re.fullmatch(r"# (\w+): (.*)\n", line)
            if not match:
                break
            name, text = match.groups()
            header[name] = json.loads(text) if name == "settings" else text
    return header


def read_rows(path):
    """A file's rows, a list of dicts, with Shares, ints, floats, and None for no value."""
    with open(path, newline="", encoding="utf-8") as file:
        lines = [line for line in file if not line.startswith("# ")]
    return [
        {name: text if name == "variant" else _value(text) for name, text in row.items()}
        for row in csv.DictReader(lines)
    ]


def score_names(row):
    """The names of a row's scores, which stand between its names and its costs."""
    return [name for name in row if name not in (*NAMES, *COSTS)]


def failed_scores(scores):
    """The scores of a seed whose loss was not finite: no answer right, no other value."""
    return {
        name: Share(0, value.total)
        if isinstance(value, Share) and not name.startswith(PARTS)
        else None
        for name, value in scores.items()
    }


def has_failed(row):
    """Whether a row is of a seed whose loss was not finite: it has no seconds."""
    return row.get("seconds", 0) is None


def as_number(value):
    """A score as a float; NaN where there is no value."""
    return math.nan if value is None else float(value)


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


def interval_of_mean(values):
    """The mean's 95 % confidence interval, (low, high): the percentile bootstrap.

    Of three values it is just their range; of equal ones it has no width.

    >>> [round(float(end), 2) for end in interval_of_mean([0.7, 0.8, 0.9])]
    [0.7, 0.9]
    """
    import numpy as np

    draws = np.random.default_rng(0).choice(values, (10_000, len(values)))
    return tuple(np.percentile(draws.mean(axis=1), [2.5, 97.5]))


def interval_of_difference(first, second):
    """The same of the mean difference between two variants, paired seed by seed.

    >>> [round(float(end), 2) for end in interval_of_difference([0.9, 0.8], [0.5, 0.6])]
    [0.2, 0.4]
    """
    return interval_of_mean([a - b for a, b in zip(first, second, strict=True)])


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


def paired(rows, first, second, score):
    """A score of two variants, seed by seed: two lists, of the seeds that both have."""
    found = [
        {r["seed"]: as_number(r[score]) for r in rows if r["variant"] == variant}
        for variant in (first, second)
    ]
    seeds = [s for s in found[0] if not math.isnan(found[0][s] + found[1].get(s, math.nan))]
    return [[values[seed] for seed in seeds] for values in found]


def wilson(right, total):
    """A share's 95 % confidence interval, (low, high), where `right` of `total` were seen.

    >>> [round(end, 3) for end in wilson(14, 20)]
    [0.481, 0.855]
    """
    z, share = 1.96, right / total
    middle = (share + z**2 / (2 * total)) / (1 + z**2 / total)
    root = math.sqrt(share * (1 - share) / total + z**2 / (4 * total**2))
    half = z * root / (1 + z**2 / total)
    return middle - half, middle + half


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


@functools.cache
def processor():
    """The name of this machine's processor."""
    info = Path("/proc/cpuinfo")  # Linux, where `platform` knows nothing
    match = info.exists() and re.search(r"model name\s*:\s*(.+)", info.read_text())
    return match[1] if match else platform.processor() or platform.machine()


def _text(value):
    if isinstance(value, Share):
        return f"{value.right}/{value.total}"
    if isinstance(value, float) and not math.isfinite(value):
        return ""
    return value


def _value(text):
    if text in ("", "nan", "inf"):
        return None
    if re.fullmatch(r"\d+/\d+", text):
        return Share(*map(int, text.split("/")))
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text

"""Rows: what each variant and seed of an experiment scored, in files.

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
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path

from common.runner.files import Unusable, written_whole
from common.scores import Share

ROOT = Path(__file__).resolve().parents[2]


NAMES = ("variant", "seed")


COSTS = ("parameters", "seconds", "compile_seconds", "processor")


PACKAGES = ("tensorflow", "keras", "numpy")


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

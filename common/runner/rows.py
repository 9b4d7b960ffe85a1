"""Rows: what each variant and seed of an experiment scored, in files.

A row is a dict: the variant's name, the seed, the scores by their names, then
`parameters`, `seconds` of training, `compile_seconds`, and where it was made: `processor`,
`commit` (of git; empty without), and `changed`, "yes" if a .py file had changes that were
not committed. A file of rows is CSV under some lines that say how they were made:

    # script: echo_whole.py
    # settings: {"length": 25, "n_unique": 100, ...}
    # python: 3.11.7
    # ...
    # numbers: {"N_TEST": 100}
    # variants: {"echo_whole": {}}
    # scores: {"Exact match": {"kind": "answers", "table": true}, ...}
    variant,seed,Exact match,Per-element accuracy,parameters,seconds,compile_seconds,...
    echo_whole,1,2067/2100,10467/10500,11780,0.431,2.245,AMD EPYC,33701e4,

Rows are appended one by one, as they are done, so that whatever ends a run loses only
what was running.
"""

import contextlib
import csv
import dataclasses
import functools
import json
import math
import os
import platform
import re
import subprocess
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

from common.runner.files import Unusable, written_whole
from common.scores import Score, Share

ROOT = Path(__file__).resolve().parents[2]
NAMES = ("variant", "seed")
CODE = ("commit", "changed")
COSTS = ("parameters", "seconds", "compile_seconds", "processor", *CODE)
PACKAGES = ("tensorflow", "keras", "numpy")
DICTS = ("settings", "numbers", "variants", "scores")  # in the lines over the rows


@contextlib.contextmanager
def open_rows(path: str | Path | None, header: dict | None) -> Iterator["RowsFile"]:
    """The `RowsFile` of a run, which no other run can open meanwhile.

    Raises Unusable if another run has it open.
    """
    if not path:
        yield RowsFile(path, header)
        return
    import filelock

    target = Path(path).resolve()
    locked = target.with_name(f".{target.name}.lock")
    lock = filelock.FileLock(locked, timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise Unusable(f"{path}: another run is writing its rows there") from None
    try:
        yield RowsFile(path, header)
    finally:
        with contextlib.suppress(OSError):  # Windows deletes no open file
            locked.unlink()
        lock.release()


class RowsFile:
    """The file of rows that a run goes on with, and adds to.

    Args:
        path: The file; None keeps the rows in memory alone.
        header: What `make_header` returns; None where there is no file.

    `(variant, seed) in rows` says whether there is a row, whichever processor it is of.

    Raises Unusable, and leaves the file as it is, if its rows were made with other
    settings, versions, numbers or fields of their variant, or if it cannot be read.
    """

    def __init__(self, path: str | Path | None, header: dict | None):
        self.path, self._header, self._rows = path and Path(path), header, {}
        self._code = _state_of_code() if path else {}
        self._in_header = set()  # variants, once this run has written the file
        if self.path and self.path.exists():
            before, rows = _read(self.path)
            if not header.keys() <= before.keys():
                raise Unusable(f"{path} does not say how its rows were made: move it away")
            _refuse_changes(self.path, before, header)
            variants = before["variants"] | header["variants"]
            self._header = {**header, "variants": variants}
            self._rows = {_key(row): row for row in rows}

    def __contains__(self, key: tuple[str, int]) -> bool:
        return bool(self.of(key))

    def of(self, key: tuple[str, int]) -> list[dict]:
        """The rows of a variant and seed, one for each processor; empty if none."""
        return [row for row_key, row in self._rows.items() if key == row_key[:2]]

    def add(self, row: dict) -> None:
        """Append a row; it is on disk when this returns.

        It takes the place of one of the same variant, seed and processor. Raises Unusable
        for a row of other columns.
        """
        row, names = {**row, **self._code}, next(iter(self._rows.values()), row)
        if row.keys() != names.keys():
            raise Unusable(f"{self.path} has other columns than this run: move it away")
        is_new, self._rows[_key(row)] = _key(row) not in self._rows, row
        if self.path is None:
            return
        if not (is_new and row["variant"] in self._in_header and self.path.exists()):
            self._write()
            return
        with open(self.path, "a", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerow([_text(row[n]) for n in names])
            file.flush()
            os.fsync(file.fileno())

    def sort(self, variants: Iterable[str]) -> None:
        """Write the file whole, the rows in the order of variants and seeds."""
        place = {name: i for i, name in enumerate(variants)}
        order = sorted(self._rows, key=lambda key: (place.get(key[0], len(place)), key))
        self._rows = {key: self._rows[key] for key in order}
        if self.path and self._rows:
            self._write()

    def _write(self):
        rows = [*self._rows.values()]
        self._in_header = {row["variant"] for row in rows}
        fields = self._header["variants"].items()
        variants = {name: value for name, value in fields if name in self._in_header}
        write_rows(self.path, {**self._header, "variants": variants}, rows)


def _key(row):
    return row["variant"], row["seed"], row["processor"]


def _refuse_changes(path, before, header):
    """Raise Unusable, naming it, for the first thing that made rows otherwise than now."""
    texts = [name for name, value in header.items() if isinstance(value, str)]
    was, now = (
        {name: h[name] for name in texts} | h["settings"] | h["numbers"]
        for h in (before, header)
    )
    for name in {**was, **now}:
        if was.get(name) != now.get(name):
            change = f"{name}: {_shown(was.get(name))}, not {_shown(now.get(name))}"
            raise Unusable(f"{path} has rows of other {change}")
    for variant, fields in before["variants"].items():
        today = header["variants"].get(variant, fields)
        was, now = (v if isinstance(v, dict) else {"": v} for v in (fields, today))
        for name, value in was.items():  # what only `now` has is new, and not compared
            if value != now.get(name):
                change = f"{name} {_shown(value)}, not {_shown(now.get(name))}".lstrip()
                raise Unusable(f"{path} has rows of variant {variant!r} with {change}")


def _shown(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return "none" if value is None else text[:200]


def make_header(script, settings, namespace, variants=()):
    """How rows are made.

    Args:
        script: The path of its file.
        settings: A dataclass.
        namespace: The script's, `run.__globals__`, whose numbers in capitals are taken,
            and tuples of numbers.
        variants: {name: dataclass, or another value}, or names.

    Returns {name: text, or a dict that JSON can hold}.
    """
    path = Path(script).resolve()
    path = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    numbers = {n: v for n, v in namespace.items() if n.isupper() and _is_number(v)}
    fields = variants if isinstance(variants, dict) else dict.fromkeys(variants, {})
    return {
        "script": path.as_posix(),
        "settings": _as_json(settings),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "numbers": _as_json(numbers),
        "variants": {k: {} if v == k else _as_json(v) for k, v in fields.items()},
        "scores": {},  # those of the rows, as soon as there are some
    }


def _is_number(value):
    """Whether this is a number, or a tuple of some."""
    if isinstance(value, tuple):
        return bool(value) and all(map(_is_number, value))
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _as_json(value):
    """What JSON can hold of a value: fields of dataclasses, names of functions."""

    def plain(value):
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        return getattr(value, "__name__", re.sub(" at 0x[0-9a-fA-F]+", "", repr(value)))

    return json.loads(json.dumps(value, default=plain))


def _state_of_code():
    """{"commit": of this project, "changed": "yes" where a .py file differs from it}."""
    only_here = {"GIT_CEILING_DIRECTORIES": str(ROOT.parent), "GIT_OPTIONAL_LOCKS": "0"}
    options = {"capture_output": True, "text": True, "env": {**os.environ, **only_here}}

    def git(*command):
        try:
            ran = subprocess.run(["git", "-C", ROOT, *command], **options)
        except OSError:  # no git
            return ""
        return "" if ran.returncode else ran.stdout.strip()

    changed = git("status", "--porcelain", "--", "*.py")
    commit = git("rev-parse", "--short=7", "HEAD")
    return {"commit": commit, "changed": "yes" if changed else ""}


def make_row(variant, seed, model, history, scores):
    """The row of one training.

    Args:
        variant, seed: What tells it from others.
        model: A Keras model, or a number of parameters.
        history: What `train` returned, or None.
        scores: {score: value}, Shares and numbers; a name that is no `Score` becomes one,
            of answers where the value is a Share, else a number.

    Returns a dict. A seed whose loss was not finite has nothing right, and no seconds.
    """
    diverged = history is not None and history.diverged
    row = {"variant": variant, "seed": seed}
    for name, value in scores.items():
        if not isinstance(name, Score):
            name = Score(name, "answers" if isinstance(value, Share) else "number")
        if diverged:
            value = Share(0, value.total) if name.kind == "answers" and value else None
        elif isinstance(value, float):
            value = float(value) if math.isfinite(value) else None
        row[name] = value
    row["parameters"] = model if isinstance(model, int) else model.count_params()
    row["seconds"] = None if diverged else round(getattr(history, "seconds", 0.0), 3)
    row["compile_seconds"] = round(getattr(history, "compile_seconds", 0.0), 3)
    return row | {"processor": processor(), **dict.fromkeys(CODE, "")}


def score_names(row):
    """The scores of a row."""
    return [name for name in row if isinstance(name, Score)]


def by_variant(rows):
    """{variant: its rows}, in the order in which the rows come."""
    groups = {}
    for row in rows:
        groups.setdefault(row["variant"], []).append(row)
    return groups


def write_rows(path, header, rows):
    """Write a file of rows, whole or not at all."""
    if "variant" in rows[0]:
        header = {
            **header,
            "scores": {score: vars(score) for score in score_names(rows[0])},
        }
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
    return _read(path)[0]


def read_rows(path):
    """A file's rows, a list of dicts, with Shares, ints, floats, and None for no value.

    Raises Unusable, naming the line, for what cannot be read.
    """
    return _read(path)[1]


def _read(path):
    """A file's header and its rows.

    A last line without its end is a row that was being written, and is dropped, unless all
    of it is there.
    """
    header, columns, rows = {}, None, []
    lines = Path(path).read_bytes().splitlines(keepends=True)
    for n, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8-sig" if n == 1 else "utf-8").rstrip("\r\n")
            above = re.fullmatch(r"# (\w+): (.*)", text)
            if above and columns is None:
                header[above[1]] = _header_value(*above.groups())
            elif text:
                cells, scores = next(csv.reader([text])), header.get("scores")
                if columns is None:
                    columns = [*NAMES, *scores, *COSTS] if scores else cells
                    if cells != columns:
                        raise ValueError(f"the columns are not {','.join(columns)}")
                else:
                    rows.append(_row(cells, columns, scored=bool(scores)))
        except (ValueError, csv.Error) as error:
            if n == len(lines) and not line.endswith(b"\n"):
                break
            reason = "this is not UTF-8" if isinstance(error, UnicodeError) else error
            raise Unusable(f"{path}, line {n}: {reason}") from None
    return header, rows


def _header_value(name, text):
    if name not in DICTS:
        return text
    with contextlib.suppress(ValueError, TypeError, AttributeError):
        value = json.loads(text)
        if name == "scores":
            return {Score(score, **kind): kind for score, kind in value.items()}
        return {**value}
    raise ValueError(f"{name} cannot be read")


def _row(cells, columns, scored):
    """A row from its cells; of a benchmark's, what is no number stays a text."""
    if len(cells) != len(columns):
        raise ValueError(f"{len(cells)} cells, not {len(columns)}")
    row = {}
    for name, text in zip(columns, cells):
        try:
            row[name] = _value(name, text)
        except ValueError:
            if scored:
                raise ValueError(f"{text!r} is no value of {name!r}") from None
            row[name] = text
    return row


def _value(name, text):
    if name in ("variant", "processor", *CODE):
        return text
    if name in ("seed", "parameters"):
        return int(text)
    if text == "":
        return None
    if re.fullmatch(r"\d+/\d+", text):
        share = Share(*map(int, text.split("/")))
        if share.right > share.total:
            raise ValueError
        return share
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _text(value):
    return f"{value.right}/{value.total}" if isinstance(value, Share) else value


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

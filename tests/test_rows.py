"""Files of rows: written as rows are done, gone on with, refused."""

import dataclasses
import re
import subprocess
from pathlib import Path

import pytest

from common.runner.comparison import Comparison, Run
from common.runner.rows import (
    RowsFile,
    open_rows,
    read_header,
    read_rows,
)
from common.scores import EXACT, RMSE, Score, Share
from common.settings import BaseSettings
from common.training import History

TRAINED = []  # (variant, seed) of what was run
BROKEN = set()  # those of them that end with an error
N_TEST, SIZES, CURRENT = 100, (1, 2.5), True  # of which a file has the numbers


@dataclasses.dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 3  # rounds


@dataclasses.dataclass(frozen=True)
class Variant:
    units: int
    rate: float = 0.001


VARIANTS = {"first": Variant(20), "second": Variant(40)}


def run(settings, seed, variant, train):
    """Stands for a training: its scores are made up of the seed."""
    variant = next(name for name, value in VARIANTS.items() if value == variant)
    TRAINED.append((variant, seed))
    if (variant, seed) in BROKEN:
        raise RuntimeError("no luck\ntoday")
    history = History(loss=[0.5])
    history.seconds, history.compile_seconds = 1.5, 0.25
    scores = {EXACT: Share(100 - seed, 100), RMSE: seed / 8, "Answers": seed}
    return Run(25, history, {**scores, LATER: Share(seed, 100)})


LATER = Score("after 9 epochs", kind="parts", table=False)
experiment = Comparison(__doc__, Settings, lambda settings: VARIANTS, run, "100 sums")


@pytest.fixture(autouse=True)
def nothing_was_run():
    TRAINED.clear()
    BROKEN.clear()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.csv"


def main(path, *flags):
    """Run the comparison with a file of rows; returns what was run."""
    TRAINED.clear()
    experiment.main(["--scores", str(path), *flags])
    return [*TRAINED]


@pytest.fixture
def refusal(path, refused):
    """The one line that the comparison refuses a file with; the file stays as it is."""

    def refusal(*flags):
        before = path.read_bytes()
        TRAINED.clear()
        line = refused(experiment.main, "--scores", path, *flags)
        assert path.read_bytes() == before and TRAINED == []
        return line

    return refusal


def keys(path):
    """The variant and seed of each row, in the file's order."""
    return [(row["variant"], row["seed"]) for row in read_rows(path)]


# What stands in a file


def test_a_file_says_how_its_rows_were_made_and_then_has_a_line_for_each(path):
    main(path, "--runs", "2")
    lines = path.read_text().splitlines()
    names = ["script", "settings", "python", "tensorflow", "keras", "numpy"]
    names += ["numbers", "variants", "scores"]
    assert [line[2:].partition(": ")[0] for line in lines[:9]] == names
    assert lines[0] == "# script: tests/test_rows.py"
    assert lines[1] == '# settings: {"epochs": 3}'
    assert lines[6] == '# numbers: {"N_TEST": 100, "SIZES": [1, 2.5]}'
    assert lines[7] == (
        '# variants: {"first": {"units": 20, "rate": 0.001}, '
        '"second": {"units": 40, "rate": 0.001}}'
    )
    kinds = [(EXACT, "answers", True), (RMSE, "error", True)]
    kinds += [("Answers", "number", True), (LATER, "parts", False)]
    scores = read_header(path)["scores"]
    assert [(name, *fields.values()) for name, fields in scores.items()] == kinds
    assert lines[9] == (
        f"variant,seed,{EXACT},{RMSE},Answers,{LATER},"
        "parameters,seconds,compile_seconds,processor,commit,changed"
    )
    assert lines[10].startswith("first,1,99/100,0.125,1,1/100,25,1.5,0.25,")
    assert keys(path) == [("first", 1), ("first", 2), ("second", 1), ("second", 2)]


def test_rows_are_read_as_they_were_made(path):
    made = experiment.perform(Settings(), "first", 4).row
    main(path, "--seed", "4", "--variant", "first")
    [read] = read_rows(path)
    assert {**read, "commit": "", "changed": ""} == made
    assert isinstance(read[EXACT], Share)
    kinds = [(score.kind, score.table) for score in [*read][2:6]]
    assert kinds == [("answers", 1), ("error", 1), ("number", 1), ("parts", 0)]


def test_a_row_says_of_which_commit_it_is(path, tmp_path, monkeypatch):
    """And whether a .py file had changes, or is not in it; other files do not count."""
    project = tmp_path / "project"
    project.mkdir()
    monkeypatch.setattr("common.runner.rows.ROOT", project)

    def git(*command):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        ran = subprocess.run(["git", *who, *command], cwd=project, capture_output=True)
        ran.check_returncode()
        return ran.stdout.decode().strip()

    def code():
        path.unlink(missing_ok=True)
        main(path)
        [code] = {(row["commit"], row["changed"]) for row in read_rows(path)}
        return code

    assert code() == ("", "")  # outside git
    assert read_header(path)["script"] == Path(__file__).as_posix()
    git("init")
    git("commit", "--allow-empty", "-m", "first")
    commit = git("rev-parse", "--short=7", "HEAD")
    (project / "new.txt").write_text("X = 1\n")
    assert code() == (commit, "")
    (project / "new.py").write_text("X = 1\n")
    assert code() == (commit, "yes")


# Going on


def test_a_row_is_on_disk_as_soon_as_it_is_added_and_sorting_keeps_the_variants_order(path):
    rows, added = RowsFile(path, experiment.header(Settings())), []
    for key in (("first", 2), ("second", 1), ("first", 1)):
        rows.add(experiment.perform(Settings(), *key).row)
        added.append(key)
        assert keys(path) == added
        assert {*read_header(path)["variants"]} == {variant for variant, _ in added}
    rows.add(experiment.perform(Settings(), "first", 2).row)
    assert keys(path) == added
    rows.sort(["second", "first"])
    assert keys(path) == [("second", 1), ("first", 1), ("first", 2)]


def test_a_file_of_two_seeds_goes_on_to_four_and_is_then_only_shown(path, capsys):
    main(path, "--runs", "2")
    capsys.readouterr()
    missing = [(v, s) for v in ("first", "second") for s in (3, 4)]
    assert main(path, "--runs", "4") == missing
    going_on = capsys.readouterr()
    assert f"{path}: 4 of the 8 rows are there; going on with the others\n" in going_on.err
    whole = path.with_name("whole.csv")
    main(whole, "--runs", "4")
    assert path.read_bytes() == whole.read_bytes()
    assert capsys.readouterr().out == going_on.out
    assert main(path, "--runs", "4") == []
    assert path.read_bytes() == whole.read_bytes()
    again = capsys.readouterr()
    assert again.out == going_on.out
    assert f"{path}: 8 of the 8 rows are there\n" in again.err


def test_rows_of_other_seeds_and_variants_stay_in_order_and_are_not_in_the_table(
    path, capsys
):
    main(path, "--runs", "2", "--seed", "7")
    capsys.readouterr()
    main(path, "--variant", "second", "--seed", "2")
    table = capsys.readouterr().out
    assert "1 seed" in table and "98.0" in table
    assert "first" not in table and "93.0" not in table
    expected = [("first", 7), ("first", 8), ("second", 2), ("second", 7), ("second", 8)]
    assert keys(path) == expected


@pytest.mark.parametrize("torn", [b"second,2,98/1", "second,2,ü".encode()[:-1]])
def test_a_torn_last_line_is_dropped_and_its_row_made_again(torn, path):
    main(path, "--runs", "2")
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.rindex(b"second,2")] + torn)
    assert main(path, "--runs", "2") == [("second", 2)]
    assert path.read_bytes() == whole


def test_the_last_row_without_its_newline_is_kept(path):
    """An editor saved it so."""
    main(path, "--runs", "2")
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    assert main(path, "--runs", "2") == []
    assert main(path, "--runs", "3") == [("first", 3), ("second", 3)]
    main(path.with_name("whole.csv"), "--runs", "3")
    assert path.read_bytes() == path.with_name("whole.csv").read_bytes()


def test_a_row_of_any_processor_is_there_and_both_stand_in_the_file(path, capsys):
    main(path, "--variant", "first")
    here = read_rows(path)[0]["processor"]
    path.write_text(path.read_text().replace(here, "another one"))
    assert main(path, "--variant", "first", "--runs", "2") == [("first", 2)]
    made = {**experiment.perform(Settings(), "first", 1).row, EXACT: Share(1, 100)}
    RowsFile(path, experiment.header(Settings())).add(made)
    processors = [(row["seed"], row["processor"]) for row in read_rows(path)]
    assert sorted(processors) == sorted([(1, "another one"), (1, here), (2, here)])
    capsys.readouterr()
    assert main(path, "--variant", "first") == []
    assert "50.0 (1.0 to 99.0)" in capsys.readouterr().out  # both, in the table


def test_new_variants_and_fields_go_on_and_variants_that_are_no_more_stay(
    path, monkeypatch
):
    main(path)
    text = path.read_text()
    path.write_text(text.replace('"units": 40, "rate": 0.001', '"units": 40'))
    later = {"second": Variant(40), "third": Variant(60)}
    monkeypatch.setitem(globals(), "VARIANTS", later)
    assert main(path) == [("third", 1)]
    assert [*read_header(path)["variants"].items()] == [
        ("first", {"units": 20, "rate": 0.001}),
        ("second", {"units": 40, "rate": 0.001}),
        ("third", {"units": 60, "rate": 0.001}),
    ]
    rows = path.read_text().splitlines()[10:]
    assert sorted(rows)[:2] == sorted(text.splitlines()[10:])


# Refusals


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("N_TEST", 7, "rows of other N_TEST: 100, not 7"),
        ("SIZES", (1, 2), "rows of other SIZES: [1, 2.5], not [1, 2]"),
        ("N_NEW", 3, "rows of other N_NEW: none, not 3"),
        ("VARIANTS", {"first": Variant(21)}, "of variant 'first' with units 20, not 21"),
    ],
)
def test_rows_of_other_numbers_are_refused(
    name, value, message, path, monkeypatch, refusal
):
    main(path)
    monkeypatch.setitem(globals(), "CURRENT", False)  # texts and truths are no numbers
    monkeypatch.setitem(globals(), "TEXT", "new")
    assert main(path) == []
    monkeypatch.setitem(globals(), name, value)
    assert message in refusal()


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        # made otherwise
        (r'{"epochs": 3', '{"epochs": 4', " has rows of other epochs: 4, not 3"),
        (r"# script: .*", "# script: a.py", " has rows of other script: a.py, not tests"),
        (r"# keras: .*", "# keras: 2", " has rows of other keras: 2, not 3."),
        # nobody knows how
        (r"# keras: .*", "", " does not say how its rows were made: move it away"),
        (r"(?s).+", "something else\n", " does not say how its rows were made"),
        # broken by an edit
        (r"first,2,98/100,0.25,2,", "first,2,98/100,0.25,", ", line 12: 11 cells, not 12"),
        (r"98/100", "Jun 63", ", line 12: 'Jun 63' is no value of 'Exact match'"),
        (r"98/100", "3/2", ", line 12: '3/2' is no value of 'Exact match'"),
        (r"first,2", "erst\udce9,2", ", line 12: this is not UTF-8"),
        (rf",{EXACT}", f";{EXACT}", ", line 10: the columns are not variant,seed,E"),
        (r'"kind": "answers"', '"kind": "other"', ", line 9: scores cannot be read"),
    ],
)
def test_a_file_that_says_otherwise_or_that_an_edit_broke_is_refused(
    before, after, message, path, refusal
):
    main(path, "--variant", "first", "--runs", "2")
    text, n = re.subn(before, after, path.read_text())
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert n and f"{path}{message}" in refusal("--runs", "2")


def test_an_error_is_no_row_and_its_task_is_tried_again(path, capsys):
    BROKEN.add(("first", 2))
    with pytest.raises(SystemExit) as error:
        main(path, "--runs", "3")
    out, err = capsys.readouterr()
    assert error.value.code == 1
    assert err.count("first, seed 2: RuntimeError: no luck today\n") == 1
    assert "1 of 6 trainings ended with an error and have no row\n" in err
    assert keys(path) == [("first", 1), ("first", 3), *[("second", n) for n in (1, 2, 3)]]
    BROKEN.clear()
    assert main(path, "--runs", "3") == [("first", 2)]
    whole = path.with_name("whole.csv")
    main(whole, "--runs", "3")
    assert path.read_bytes() == whole.read_bytes()


# Editors, and two runs


def test_a_second_run_on_the_same_file_is_refused(path, refusal):
    main(path)
    with open_rows(path.parent / "." / path.name, experiment.header(Settings())):
        assert "another run is writing its rows there" in refusal()
    assert main(path, "--runs", "2") == [("first", 2), ("second", 2)]
    assert [*path.parent.iterdir()] == [path]

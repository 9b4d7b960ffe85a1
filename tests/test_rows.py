"""Files of rows: written as rows are done, gone on with, refused."""

import dataclasses
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.files import Unusable
from common.runner.rows import (
    RowsFile,
    make_header,
    open_rows,
    read_header,
    read_rows,
    write_rows,
)
from common.scores import EXACT, RMSE, Score, Share
from common.settings import BaseSettings
from common.training import History

ROOT = Path(__file__).resolve().parents[1]
TRAINED = []  # (variant, seed) of what was run
BROKEN = set()  # those of them that end with an error
DIVERGED = set()  # and those whose loss is not finite
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
    loss = float("nan") if (variant, seed) in DIVERGED else 0.5
    history = History(loss=[0.5, loss])
    history.seconds, history.compile_seconds = 1.5, 0.25
    scores = {EXACT: Share(100 - seed, 100), RMSE: seed / 8, "Answers": seed}
    return Run(25, history, {**scores, LATER: Share(seed, 100)})


LATER = Score("after 9 epochs", kind="parts", table=False)
experiment = Comparison(__doc__, Settings, lambda settings: VARIANTS, run, "100 sums")


@pytest.fixture(autouse=True)
def nothing_was_run():
    for kept in (TRAINED, BROKEN, DIVERGED):
        kept.clear()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "rows.csv"


def main(path, *flags):
    """Run the comparison with a file of rows; returns what was run."""
    TRAINED.clear()
    experiment.main(["--scores", str(path), *flags])
    return [*TRAINED]


def refusal(path, *flags, capsys):
    """The one line that the comparison refuses a file with; the file stays as it is."""
    before = path.read_bytes()
    capsys.readouterr()
    with pytest.raises(SystemExit) as error:
        cli.run(lambda: experiment.main(["--scores", str(path), *flags]))
    out, err = capsys.readouterr()
    assert error.value.code == 2 and out == "" and err.count("\n") == 1
    assert path.read_bytes() == before and TRAINED == []
    return err


def changed(path, before, after):
    """The file with something else in it."""
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    TRAINED.clear()
    return path


# What stands in a file


def test_a_file_says_how_its_rows_were_made_and_then_has_a_line_for_each(path):
    main(path, "--runs", "2")
    lines = path.read_text().splitlines()
    names = ["script", "settings", "python", "tensorflow", "keras", "numpy"]
    names += ["numbers", "variants", "scores"]
    assert [line.partition(": ")[0] for line in lines[:9]] == [
        f"# {name}" for name in names
    ]
    assert lines[0] == "# script: tests/test_rows.py"
    assert lines[1] == '# settings: {"epochs": 3}'
    assert lines[6] == '# numbers: {"N_TEST": 100, "SIZES": [1, 2.5]}'
    assert lines[7] == (
        '# variants: {"first": {"units": 20, "rate": 0.001}, '
        '"second": {"units": 40, "rate": 0.001}}'
    )
    scores = read_header(path)["scores"]
    assert [(name, said["kind"]) for name, said in scores.items()] == [
        (EXACT, "answers"),
        (RMSE, "error"),
        ("Answers", "number"),
        (LATER, "parts"),
    ]
    assert [said["table"] for said in scores.values()] == [True, True, True, False]
    assert lines[9] == (
        f"variant,seed,{EXACT},{RMSE},Answers,{LATER},"
        "parameters,seconds,compile_seconds,processor,commit,changed"
    )
    assert lines[10].startswith("first,1,99/100,0.125,1,1/100,25,1.5,0.25,")
    assert [line.split(",")[:2] for line in lines[10:]] == [
        ["first", "1"],
        ["first", "2"],
        ["second", "1"],
        ["second", "2"],
    ]


def test_rows_are_read_as_they_were_made(path):
    made = experiment.perform(Settings(), "first", 4).row
    main(path, "--seed", "4", "--variant", "first")
    [read] = read_rows(path)
    assert {**read, "commit": "", "changed": ""} == made
    assert isinstance(read[EXACT], Share)
    assert [(s.kind, s.table) for s in [*read][2:6]] == [
        ("answers", True),
        ("error", True),
        ("number", True),
        ("parts", False),
    ]


@pytest.mark.parametrize("changed", ["", "yes"])
def test_a_row_says_of_which_commit_it_is(changed, path, project):
    """And whether a .py file had changes, or is not in it; other files do not count."""
    project("init")
    project("commit", "--allow-empty", "-m", "first")
    commit = project("rev-parse", "--short=7", "HEAD")
    (project.folder / ("new.py" if changed else "new.txt")).write_text("X = 1\n")
    main(path)
    assert {(row["commit"], row["changed"]) for row in read_rows(path)} == {
        (commit, changed)
    }


def test_outside_git_there_is_no_commit(path, project):
    main(path)
    assert {(row["commit"], row["changed"]) for row in read_rows(path)} == {("", "")}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder in place of this project's, and git in it."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.setattr("common.runner.rows.ROOT", folder)

    def git(*command):
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        ran = subprocess.run(["git", *who, *command], cwd=folder, capture_output=True)
        ran.check_returncode()
        return ran.stdout.decode().strip()

    git.folder = folder
    return git


def test_a_script_outside_the_project_has_rows_too(path, project):
    main(path)
    assert read_header(path)["script"] == Path(__file__).as_posix()


def test_a_score_without_a_value_is_an_empty_cell(path):
    DIVERGED.add(("first", 1))
    main(path, "--variant", "first")
    assert path.read_text().splitlines()[-1].startswith("first,1,0/100,,,,25,,")
    assert read_rows(path)[0][RMSE] is None


def test_rows_are_in_the_order_of_variants_and_seeds_whenever_they_were_made(path):
    main(path, "--variant", "second", "--seed", "3")
    main(path, "--variant", "first", "--seed", "2")
    main(path, "--runs", "3")
    keys = [(row["variant"], row["seed"]) for row in read_rows(path)]
    assert keys == [(v, seed) for v in ("first", "second") for seed in (1, 2, 3)]


# Going on


def test_what_is_there_is_not_run_again(path, capsys):
    main(path, "--runs", "2")
    out, before = capsys.readouterr().out, path.read_bytes()
    assert main(path, "--runs", "2") == []
    assert path.read_bytes() == before
    again = capsys.readouterr()
    assert again.out == out
    assert f"{path}: 4 of the 4 rows are there\n" in again.err


def test_a_file_of_two_seeds_goes_on_to_four(path, capsys):
    main(path, "--runs", "2")
    capsys.readouterr()
    assert main(path, "--runs", "4") == [
        (v, s) for v in ("first", "second") for s in (3, 4)
    ]
    going_on = capsys.readouterr()
    assert f"{path}: 4 of the 8 rows are there; going on with the others\n" in going_on.err
    whole = path.with_name("whole.csv")
    main(whole, "--runs", "4")
    assert path.read_bytes() == whole.read_bytes()
    assert capsys.readouterr().out == going_on.out


def test_rows_of_other_seeds_and_variants_stay_and_are_not_in_the_table(path, capsys):
    main(path, "--runs", "2", "--seed", "7")
    capsys.readouterr()
    main(path, "--variant", "second", "--seed", "2")
    table = capsys.readouterr().out
    assert "1 seed" in table and "98.0" in table
    assert "first" not in table and "93.0" not in table
    keys = {(row["variant"], row["seed"]) for row in read_rows(path)}
    assert keys == {("first", 7), ("first", 8), ("second", 7), ("second", 8), ("second", 2)}


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
    assert len(read_rows(path)) == 4
    assert main(path, "--runs", "2") == []
    assert main(path, "--runs", "3") == [("first", 3), ("second", 3)]
    assert path.read_bytes().startswith(whole[: whole.index(b"first,2")])
    assert len(read_rows(path)) == 6


def test_a_row_of_any_processor_is_there_and_both_stand_in_the_file(path, capsys):
    main(path, "--variant", "first")
    here = read_rows(path)[0]["processor"]
    changed(path, here, "another one")
    assert main(path, "--variant", "first", "--runs", "2") == [("first", 2)]
    made = {**experiment.perform(Settings(), "first", 1).row, EXACT: Share(1, 100)}
    RowsFile(path, experiment.header(Settings())).add(made)
    keys = [(row["seed"], row["processor"]) for row in read_rows(path)]
    assert sorted(keys) == sorted([(1, "another one"), (1, here), (2, here)])
    capsys.readouterr()
    assert main(path, "--variant", "first") == []
    assert "50.0 (1.0 to 99.0)" in capsys.readouterr().out  # both, in the table


def test_new_variants_go_on_and_those_that_are_no_more_stay(path, monkeypatch):
    main(path)
    rows = path.read_text().splitlines()[10:]
    later = {"second": Variant(40), "third": Variant(60)}
    monkeypatch.setitem(globals(), "VARIANTS", later)
    assert main(path) == [("third", 1)]
    assert [*read_header(path)["variants"].items()] == [
        ("first", {"units": 20, "rate": 0.001}),
        ("second", {"units": 40, "rate": 0.001}),
        ("third", {"units": 60, "rate": 0.001}),
    ]
    assert sorted(path.read_text().splitlines()[10:])[:2] == sorted(rows)


def test_a_field_that_is_new_is_no_change(path):
    main(path, "--variant", "first")
    changed(path, ', "rate": 0.001', "")
    assert main(path) == [("second", 1)]
    assert read_header(path)["variants"]["first"] == {"units": 20, "rate": 0.001}


# Refusals


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("N_TEST", 7, "rows of other N_TEST: 100, not 7"),
        ("SIZES", (1, 2), "rows of other SIZES: [1, 2.5], not [1, 2]"),
        ("N_NEW", 3, "rows of other N_NEW: none, not 3"),
        ("SIZES", "texts", "rows of other SIZES: [1, 2.5], not none"),
        ("VARIANTS", {"first": Variant(21)}, "of variant 'first' with units 20, not 21"),
    ],
)
def test_rows_of_other_numbers_are_refused(name, value, message, path, monkeypatch, capsys):
    main(path)
    TRAINED.clear()
    monkeypatch.setitem(globals(), name, value)
    assert message in refusal(path, capsys=capsys)


def test_texts_and_truths_in_capitals_are_no_numbers(path, monkeypatch):
    main(path)
    monkeypatch.setitem(globals(), "CURRENT", False)
    monkeypatch.setitem(globals(), "TEXT", "new")
    assert main(path) == []


def test_rows_of_other_settings_are_refused(path, capsys):
    main(path)
    TRAINED.clear()
    message = refusal(path, "--epochs", "4", capsys=capsys)
    assert f"{path} has rows of other epochs: 3, not 4" in message


@pytest.mark.parametrize("name", ["script", "python", "tensorflow", "keras", "numpy"])
def test_rows_of_another_script_or_version_are_refused(name, path, capsys):
    main(path)
    said = read_header(path)[name]
    changed(path, f"# {name}: {said}", f"# {name}: other")
    assert f"rows of other {name}: other, not {said}" in refusal(path, capsys=capsys)


def test_files_that_do_not_say_how_they_were_made_are_refused(path, capsys):
    without_header = f"variant,seed,{EXACT},seconds\nfirst,1,9/10,1.5\n"
    for text in (without_header, "", "something else\n", "# script: a.py\n"):
        path.write_text(text)
        assert "does not say how its rows were made" in refusal(path, capsys=capsys)


def test_a_row_with_other_columns_is_refused(path):
    header = make_header(__file__, Settings(), {}, VARIANTS)
    row = experiment.perform(Settings(), "first", 1).row
    RowsFile(path, header).add(row)
    before = path.read_bytes()
    with pytest.raises(Unusable, match="other columns"):
        RowsFile(path, header).add({**row, "seed": 2, "more": 1})
    assert path.read_bytes() == before


def test_one_file_for_two_flags_is_refused(path, refused):
    import addition_mlp

    same = path.parent / "." / path.name
    flags = ["--scores", path, "--history", same]
    assert "name the same file" in refused(addition_mlp.main, *flags)


# Seeds that fail, and errors


def test_a_diverged_seed_has_nothing_right_and_the_others_go_on(path, capsys):
    DIVERGED.add(("first", 2))
    main(path, "--runs", "3", "--variant", "first")
    rows = read_rows(path)
    assert [row[EXACT] for row in rows] == [Share(99, 100), Share(0, 100), Share(97, 100)]
    assert [row[RMSE] for row in rows] == [0.125, None, 0.375]
    [line] = re.findall(r"(?m)^first .*", capsys.readouterr().out)
    assert "97.0 (0 to 99.0)" in line and "0.25 (0.375 to 0.125), 1 of 3 failed" in line


def test_an_error_is_no_row_and_its_task_is_tried_again(path, capsys):
    BROKEN.add(("first", 2))
    with pytest.raises(SystemExit) as error:
        main(path, "--runs", "3")
    out, err = capsys.readouterr()
    assert error.value.code == 1
    assert err.count("first, seed 2: RuntimeError: no luck today\n") == 1
    assert "1 of 6 trainings ended with an error and have no row\n" in err
    keys = [(row["variant"], row["seed"]) for row in read_rows(path)]
    assert keys == [("first", 1), ("first", 3), *[("second", n) for n in (1, 2, 3)]]
    BROKEN.clear()
    assert main(path, "--runs", "3") == [("first", 2)]
    whole = path.with_name("whole.csv")
    main(whole, "--runs", "3")
    assert path.read_bytes() == whole.read_bytes()


# Faults in a file, and two runs


@pytest.mark.parametrize(
    ("before", "after", "line", "message"),
    [
        ("first,2,98/100,0.25,2,", "first,2,98/100,0.25,", 12, "11 cells, not 12"),
        ("first,2", "first,abc", 12, "'abc' is no value of 'seed'"),
        ("98/100", "Jun 63", 12, "'Jun 63' is no value of 'Exact match'"),
        ("98/100", "3/2", 12, "'3/2' is no value of 'Exact match'"),
        ("98/100", "98 %", 12, "'98 %' is no value of 'Exact match'"),
        (",", ";", 10, f"the columns are not variant,seed,{EXACT},"),
        (f",{RMSE},", ",Error,", 10, f"the columns are not variant,seed,{EXACT},{RMSE},"),
        ('# numbers: {"N', "# numbers: {N", 7, "numbers cannot be read"),
        ('{"kind": "answers"', '{"kind": "other"', 9, "scores cannot be read"),
        ('{"kind": "answers"', '{"sort": "answers"', 9, "scores cannot be read"),
    ],
)
def test_what_an_edit_broke_is_named_with_its_line(
    before, after, line, message, path, capsys
):
    main(path, "--runs", "2")
    lines = path.read_text().splitlines(keepends=True)
    first = 0 if before.startswith(("#", "{")) else 9
    text = "".join(lines[first:])
    assert before in text
    path.write_text("".join(lines[:first]) + text.replace(before, after))
    TRAINED.clear()
    assert f"{path}, line {line}: {message}" in refusal(path, "--runs", "2", capsys=capsys)


@pytest.mark.parametrize(("encoding", "line"), [("utf-16", 1), ("latin-1", 11)])
def test_another_encoding_is_named(encoding, line, path, capsys):
    main(path)
    text = path.read_text().replace("first,1", "erst\xe9,1")
    path.write_text(text, encoding=encoding)
    TRAINED.clear()
    assert f"{path}, line {line}: this is not UTF-8" in refusal(path, capsys=capsys)


@pytest.mark.parametrize(
    ("before", "after"), [(b"# script", b"\xef\xbb\xbf# script"), (b"\n", b"\r\n")]
)
def test_marks_and_line_ends_of_editors_are_read_over(before, after, path):
    main(path, "--runs", "2")
    rows, text = read_rows(path), path.read_bytes()
    path.write_bytes(text.replace(before, after))
    assert read_rows(path) == rows and main(path, "--runs", "2") == []


def test_a_second_run_on_the_same_file_is_refused(path, capsys):
    main(path)
    TRAINED.clear()
    with open_rows(path.parent / "." / path.name, experiment.header(Settings())):
        assert "another run is writing its rows there" in refusal(path, capsys=capsys)
    assert main(path, "--runs", "2") == [("first", 2), ("second", 2)]
    assert [*path.parent.iterdir()] == [path]


@pytest.mark.slow
def test_a_run_that_is_killed_lets_go_of_its_file(path):
    code = f"""if True:
        import time
        from common.runner.rows import open_rows
        from tests.test_rows import Settings, experiment
        with open_rows({str(path)!r}, experiment.header(Settings())):
            print("open", flush=True)
            time.sleep(600)
    """
    command = [sys.executable, "-c", code]
    other = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert other.stdout.readline() == "open\n"
    with pytest.raises(Unusable, match="another run"):
        main(path)
    other.kill()
    other.wait()
    assert main(path) == [("first", 1), ("second", 1)]


def test_what_was_measured_otherwise_is_read_as_it_is(tmp_path):
    """A benchmark's file: no variants, no seeds."""
    row = {"script": "addition_mlp", "epochs": 50, "fit s": 4.5}
    header = make_header(__file__, Settings(), {"N_LOOKS": 3})
    write_rows(tmp_path / "rows.csv", header, [row])
    assert read_rows(tmp_path / "rows.csv") == [row]
    assert read_header(tmp_path / "rows.csv") == header


# A run that is killed


def without_seconds(path):
    costs = ("seconds", "compile_seconds")
    return [{k: v for k, v in row.items() if k not in costs} for row in read_rows(path)]


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_run_that_is_killed_goes_on_where_it_was(jobs, path):
    flags = ["--runs", "4", "--epochs", "100", "--jobs", jobs]
    command = [sys.executable, "addition_lstm_regression.py", *flags, "--scores"]
    whole = path.with_name("whole.csv")

    def run(path):
        return subprocess.run([*command, str(path)], cwd=ROOT, capture_output=True)

    uninterrupted = run(whole)
    null = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    killed = subprocess.Popen(
        [*command, str(path)], cwd=ROOT, start_new_session=True, **null
    )
    while not path.exists() or path.read_text().count("\naddition_lstm_regression,") < 2:
        assert killed.poll() is None
        time.sleep(0.02)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.wait()
    n_there = len(read_rows(path))
    assert 2 <= n_there < 4
    went_on = run(path)
    assert f"{n_there} of the 4 rows are there; going on" in went_on.stderr.decode()
    assert without_seconds(path) == without_seconds(whole)
    assert went_on.stdout == uninterrupted.stdout

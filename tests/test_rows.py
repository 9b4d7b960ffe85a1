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

from common.runner import cli, rows
from common.runner.comparison import Comparison, Run
from common.runner.files import Unusable
from common.runner.rows import RowsFile, code_digest, make_header, read_header, read_rows
from common.scores import EXACT, RMSE, Share
from common.settings import BaseSettings
from common.training import History

ROOT = Path(__file__).resolve().parents[1]
TRAINED = []  # (variant, seed) of what was run
BROKEN = set()  # those of them that end with an error
DIVERGED = set()  # and those whose loss is not finite


@dataclasses.dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 3  # rounds


def run(settings, variant, seed):
    """Stands for a training: its scores are made up of the seed."""
    TRAINED.append((variant, seed))
    if (variant, seed) in BROKEN:
        raise RuntimeError("no luck\ntoday")
    loss = float("nan") if (variant, seed) in DIVERGED else 0.5
    history = History(loss=[0.5, loss])
    history.seconds, history.compile_seconds = 1.5, 0.25
    scores = {EXACT: Share(100 - seed, 100), RMSE: seed / 8, "Answers": seed}
    return Run(25, history, scores)


experiment = Comparison(__name__, ("first", "second"), run, "100 sums")


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
    said = [line.partition(": ")[0] for line in lines[:7]]
    names = ["script", "settings", "python", "tensorflow", "keras", "numpy", "code"]
    assert said == [f"# {name}" for name in names]
    assert lines[0] == "# script: tests/test_rows.py"
    assert lines[1] == '# settings: {"epochs": 3}'
    assert lines[7] == (
        f"variant,seed,{EXACT},{RMSE},Answers,parameters,seconds,compile_seconds,processor"
    )
    assert lines[8].startswith("first,1,99/100,0.125,1,25,1.5,0.25,")
    assert [line.split(",")[:2] for line in lines[8:]] == [
        ["first", "1"],
        ["first", "2"],
        ["second", "1"],
        ["second", "2"],
    ]


def test_rows_are_read_as_they_were_made(path):
    made = experiment.perform(Settings(), "first", 4).row
    main(path, "--seed", "4", "--variant", "first")
    assert read_rows(path) == [made]
    assert isinstance(read_rows(path)[0][EXACT], Share)


def test_a_score_without_a_value_is_an_empty_cell(path):
    DIVERGED.add(("first", 1))
    main(path, "--variant", "first")
    assert path.read_text().splitlines()[-1].startswith("first,1,0/100,,,25,,")
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


def test_rows_that_other_code_made_are_kept_with_a_warning_each_time(path, capsys):
    main(path)
    code = read_header(path)["code"]
    changed(path, f"# code: {code}", "# code: 0123456789")
    warning = f"{path}: some of its rows were made with other code\n"
    for _ in range(2):
        capsys.readouterr()
        assert main(path) == []
        assert capsys.readouterr().err.count(warning) == 1
    assert main(path, "--runs", "2") == [("first", 2), ("second", 2)]
    assert capsys.readouterr().err.count(warning) == 1
    assert read_header(path)["code"] == f"0123456789 {code}"


# Refusals


def test_rows_of_other_settings_are_refused(path, capsys):
    main(path)
    TRAINED.clear()
    message = refusal(path, "--epochs", "4", capsys=capsys)
    assert f'{path} has rows of other settings: {{"epochs": 3}}, not' in message


@pytest.mark.parametrize("name", ["script", "python", "tensorflow", "keras", "numpy"])
def test_rows_of_another_script_or_version_are_refused(name, path, capsys):
    main(path)
    said = read_header(path)[name]
    changed(path, f"# {name}: {said}", f"# {name}: other")
    assert f'rows of other {name}: "other", not "{said}"' in refusal(path, capsys=capsys)


def test_files_that_do_not_say_how_they_were_made_are_refused(path, capsys):
    without_header = f"variant,seed,{EXACT},seconds\nfirst,1,9/10,1.5\n"
    for text in (without_header, "", "something else\n"):
        path.write_text(text)
        assert "does not say how its rows were made" in refusal(path, capsys=capsys)


def test_a_row_with_other_columns_is_refused(path):
    header, row = make_header(__file__, {}), experiment.perform(Settings(), "first", 1).row
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
    assert "65.3 ± 56.6 (0)" in line and "0.25 ± 0.177 (0.375), 1 of 3 failed" in line


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


# The digest of the code


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A script that imports a module of ours, and a function to change either."""
    monkeypatch.setattr(rows, "ROOT", tmp_path)
    (tmp_path / "common").mkdir()
    code = {
        "script.py": '"""What it does."""\nfrom common import numbers\nX = numbers.f(2)\n',
        "common/numbers.py": 'def f(x):\n    """Twice x."""\n    return x * 2\n',
        "common/other.py": "Y = 1\n",
    }

    def digest(name=None, before="", after=""):
        for file, text in code.items():
            if file == name:
                assert before in text
                text = text.replace(before, after)
            (tmp_path / file).write_text(text)
        return code_digest(tmp_path / "script.py")

    return digest


@pytest.mark.parametrize(
    ("name", "before", "after", "same"),
    [
        ("script.py", "What it does", "What else it does", True),
        ("script.py", "X = numbers.f(2)", "X = numbers.f(\n    2\n)  # four", True),
        ("common/numbers.py", "Twice x.", "x, twice.", True),
        ("common/other.py", "Y = 1", "Y = 2", True),  # which is not imported
        ("script.py", "numbers.f(2)", "numbers.f(3)", False),
        ("common/numbers.py", "x * 2", "x + 2", False),
    ],
)
def test_comments_docstrings_and_line_breaks_are_no_other_code(
    name, before, after, same, project
):
    assert (project(name, before, after) == project()) is same


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

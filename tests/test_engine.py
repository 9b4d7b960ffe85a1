"""Tasks in this process and in several: the same rows and files, and a clean end."""

import csv
import importlib
import os
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT, TINY, posix, python, without_xla

from common.checks import Unusable
from common.runner.engine import run_tasks
from common.runner.rows import read_rows
from common.runner.task import Task, imported, run_elsewhere, run_task, short_path
from common.scores import EXACT, RMSE, Share
import addition_mlp

MLP = TINY["addition_mlp"]
SMALL = {"epochs": 2, "n_examples": 20}  # these, as settings


@pytest.fixture
def uncompiled():
    """For one test: what processes started here do without would be another rounding."""
    with without_xla():
        yield


def without_seconds(row):
    return {k: v for k, v in row.items() if k not in ("seconds", "compile_seconds")}


# Several processes


PADDING = ["--epochs", "10", "--largest", "3", "--runs", "2"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "flags", "keys"),
    [
        (
            "echo_whole",
            [*TINY["echo_whole"], "--runs", "3", "--seed", "5"],
            [("echo_whole", seed) for seed in (5, 6, 7)],
        ),
        (
            "extensions.addition_padding",
            [*PADDING, "--variant", "Masking", "--variant", "each term"],
            [(variant, seed) for variant in ("each term", "Masking") for seed in (1, 2)],
        ),
    ],
)
def test_processes_give_what_one_process_gives(name, flags, keys, tmp_path, capsys):
    given = []
    for jobs in ("1", "2"):
        scores, history = tmp_path / f"scores{jobs}.csv", tmp_path / f"history{jobs}.csv"
        files = ["--scores", str(scores)]
        if name == "echo_whole":
            files += ["--history", str(history)]
        importlib.import_module(name).main([*flags, *files, "--jobs", jobs])
        # but for the seconds, a comparison's last column
        lines = [line.split() for line in capsys.readouterr().out.splitlines()]
        table = [line[:-1] if "." in name else line for line in lines]
        curves = history.exists() and history.read_text()
        given.append((table, [without_seconds(row) for row in read_rows(scores)], curves))
    assert given[0] == given[1]
    assert [(row["variant"], row["seed"]) for row in given[0][1]] == keys


@pytest.mark.slow
def test_an_error_in_a_process_is_told_and_ends_no_other_task():
    wrong = Task("addition_mlp.py", {"epochs": 0}, "addition_mlp", 1)
    right = Task("addition_mlp.py", SMALL, "addition_mlp", 1)
    outcomes = run_tasks([wrong, right], addition_mlp.experiment, jobs=2)
    ended = {task.settings["epochs"]: outcome for task, outcome in outcomes}
    assert ended[0].error == "ValueError: epochs must be at least 1, not 0"
    assert ended[0].row is None
    alone = run_task(right, addition_mlp.experiment)
    assert without_seconds(ended[2].row) == without_seconds(alone.row)
    assert ended[2].history == alone.history


# One task


@pytest.mark.usefixtures("uncompiled")
def test_a_task_is_run_by_the_name_of_its_module_and_prints_nothing(capsys):
    outcome = run_elsewhere(Task("addition_mlp.py", SMALL, "addition_mlp", 3))
    assert outcome.error is None and len(outcome.history["loss"]) == 2
    assert (outcome.row["variant"], outcome.row["seed"]) == ("addition_mlp", 3)
    assert outcome.row[EXACT].total == 10_000 and outcome.row["parameters"] == 25
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("uncompiled")
def test_seeds_share_a_compiled_program_and_have_the_rows_that_they_have_alone():
    settings = addition_mlp.Settings(**SMALL, hidden_units=(3, 2))
    experiment = addition_mlp.experiment
    first, second, again = (
        experiment.perform(settings, "addition_mlp", seed).row for seed in (1, 2, 1)
    )
    experiment.perform(addition_mlp.Settings(**SMALL), "addition_mlp", 1)  # other settings
    alone = experiment.perform(settings, "addition_mlp", 2).row
    assert first["compile_seconds"] > 0
    assert second["compile_seconds"] == again["compile_seconds"] == 0
    assert without_seconds(second) == without_seconds(alone)
    assert without_seconds(again) == without_seconds(first)


def test_a_script_in_any_folder_is_imported_once_by_its_file(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("experiment = object()")
    assert short_path(path) == str(path)
    assert imported(str(path)) is imported(str(path))
    assert short_path(addition_mlp.__file__) == "addition_mlp.py"
    assert imported("addition_mlp.py") is addition_mlp


def test_an_error_in_this_process_shows_where_it_was_and_unusable_ends_all(
    monkeypatch, capsys
):
    def fail_here(settings, seed, train):
        raise error("x")

    monkeypatch.setattr(addition_mlp.experiment, "run", fail_here)
    tasks = [Task("addition_mlp.py", SMALL, "addition_mlp", seed) for seed in (1, 2)]
    error = KeyError
    outcomes = [outcome for _, outcome in run_tasks(tasks, addition_mlp.experiment)]
    assert [outcome.error for outcome in outcomes] == ["KeyError: 'x'"] * 2
    assert capsys.readouterr().err.count("in fail_here") == 2
    error = Unusable
    with pytest.raises(Unusable):
        next(run_tasks(tasks, addition_mlp.experiment))


# Seeds that fail


@pytest.fixture
def diverging(monkeypatch, uncompiled):
    """Seed 2 diverges."""
    right = addition_mlp.experiment.run

    def run(settings, seed, train):
        def train_badly(model, *rest, **more):
            model.optimizer.learning_rate = float("nan") if seed == 2 else 0.001
            return train(model, *rest, **more)

        return right(settings, seed, train=train_badly)

    monkeypatch.setattr(addition_mlp.experiment, "run", run)


def test_a_diverged_seed_is_shown_and_the_others_go_on(diverging, tmp_path, capsys):
    scores, history = tmp_path / "scores.csv", tmp_path / "history.csv"
    flags = [*MLP, "--epochs", "3", "--runs", "3"]
    addition_mlp.main([*flags, "--scores", str(scores), "--history", str(history)])
    rows = read_rows(scores)
    assert rows[1][EXACT] == Share(0, 10_000)
    assert [row[RMSE] is None for row in rows] == [False, True, False]
    assert "1 of 3 failed" in capsys.readouterr().out
    epochs = [row["seed"] for row in csv.DictReader(history.open())]
    assert epochs.count("1") == epochs.count("3") == 3 > epochs.count("2")
    addition_mlp.main([*MLP, "--seed", "2"])
    assert "\nFailed: the loss was not finite in epoch " in capsys.readouterr().out


# Leaving early


def started(*flags):
    """A script, in a group of processes of its own."""
    return subprocess.Popen(
        [sys.executable, "addition_mlp.py", *map(str, flags)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def has_ended(group):
    """Whether no process of a group is left, after five seconds at most."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


JOBS = ["--runs", "3", "--jobs", "2"]
INTERRUPTED = signal.SIGINT, 130, b"Interrupted."
TERMINATED = signal.SIGTERM, 143, b"Terminated."


@posix
@pytest.mark.slow
@pytest.mark.parametrize(
    ("flags", "send", "ending", "after"),
    [
        ([], os.kill, INTERRUPTED, 10),  # while it trains
        ([], os.kill, TERMINATED, 3),  # while TensorFlow is imported
        ([], os.kill, TERMINATED, 10),
        (JOBS, os.killpg, INTERRUPTED, 15),  # as a terminal does
        (JOBS, os.kill, TERMINATED, 15),
        (JOBS, os.killpg, TERMINATED, 3),
    ],
)
def test_ctrl_c_and_kill_end_all_with_one_line_and_leave_nothing_behind(
    flags, send, ending, after, tmp_path
):
    number, status, line = ending
    history = tmp_path / "loss.csv"
    history.write_text("kept")
    script = started("--epochs", "100000000", "--history", history, *flags)
    time.sleep(after)
    assert script.poll() is None
    send(script.pid, number)
    _, errors = script.communicate(timeout=30)  # no process left that holds its output
    assert (script.returncode, errors.splitlines()[-1]) == (status, line)
    assert not flags or errors == line + b"\n"
    assert [*tmp_path.iterdir()] == [history] and history.read_text() == "kept"
    assert has_ended(script.pid)


@posix
@pytest.mark.slow
def test_no_process_outlives_a_script_that_is_killed_at_once():
    script = started("--epochs", "100000000", *JOBS)
    time.sleep(15)
    script.kill()
    script.communicate(timeout=10)
    assert has_ended(script.pid)


@posix
@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_where_it_was(tmp_path):
    path, whole = tmp_path / "rows.csv", tmp_path / "whole.csv"
    flags = [*MLP, "--runs", "60", "--jobs", "2", "--scores"]
    uninterrupted = python("addition_mlp.py", *flags, whole)
    script = started(*flags, path)
    while not path.exists() or path.read_text().count("\naddition_mlp,") < 2:
        assert script.poll() is None
        time.sleep(0.02)
    os.killpg(script.pid, signal.SIGKILL)
    script.communicate()
    n_there = len(read_rows(path))
    assert 2 <= n_there < 60
    went_on = python("addition_mlp.py", *flags, path)
    assert f"{n_there} of the 60 rows are there; going on" in went_on.stderr
    assert went_on.stdout == uninterrupted.stdout
    rows = [[without_seconds(row) for row in read_rows(file)] for file in (path, whole)]
    assert rows[0] == rows[1]


@posix
@pytest.mark.slow
@pytest.mark.parametrize("flags", [[], JOBS])
def test_a_reader_that_leaves_early_is_no_error_and_ends_all_processes(flags):
    script = started(*MLP, *flags)
    script.stdout.close()
    assert b"Traceback" not in script.stderr.read()
    assert script.wait(timeout=60) == 1
    assert has_ended(script.pid)

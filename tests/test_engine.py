"""Tasks in this process and in several: the same rows, files and bytes."""

import csv
import importlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from common.checks import Unusable
from common.runner.engine import run_tasks
from common.runner.rows import read_rows
from common.runner.task import Task, imported, run_elsewhere, run_task, short_path
from common.scores import EXACT, RMSE, Share
from common.training import train
import addition_mlp

ROOT = Path(__file__).resolve().parents[1]
TINY = {
    "addition_mlp": ["--epochs", "2", "--n-examples", "20"],
    "echo_whole": ["--epochs", "2", "--n-unique", "9", "--units", "3"],
    "extensions.addition_padding": ["--epochs", "10", "--largest", "3"],
}
SMALL = {"epochs": 2, "n_examples": 20}  # settings of addition_mlp


@pytest.fixture
def without_xla(monkeypatch):
    """What processes started here do without would be another rounding."""
    monkeypatch.setitem(train.__kwdefaults__, "jit", False)


def without_seconds(row):
    return {k: v for k, v in row.items() if k not in ("seconds", "compile_seconds")}


def files_and_output(name, folder, capsys, *flags, files=("scores", "history")):
    """What is printed, the rows without the seconds, and the histories."""
    folder.mkdir()
    asked = [[f"--{file}", str(folder / f"{file}.csv")] for file in files]
    importlib.import_module(name).main([*TINY[name], *sum(asked, []), *flags])
    rows = [without_seconds(row) for row in read_rows(folder / "scores.csv")]
    history = folder / "history.csv"
    curves = list(csv.reader(history.open())) if history.exists() else None
    return capsys.readouterr().out, rows, curves


# Several processes


@pytest.mark.slow
def test_processes_give_what_one_process_gives(tmp_path, capsys):
    name, flags = "echo_whole", ["--runs", "3", "--seed", "5"]
    one = files_and_output(name, tmp_path / "one", capsys, *flags)
    two = files_and_output(name, tmp_path / "two", capsys, *flags, "--jobs", "2")
    assert two == one
    assert [row["seed"] for row in one[1]] == [5, 6, 7]


@pytest.mark.slow
def test_a_comparison_gives_the_same_from_several_processes(tmp_path, capsys):
    name, scores = "extensions.addition_padding", ["scores"]
    variants = ["each term", "Masking"]
    flags = ["--runs", "2", *sum((["--variant", v] for v in variants), [])]
    one, two = (
        files_and_output(name, tmp_path / n, capsys, *flags, "--jobs", n, files=scores)
        for n in ("1", "2")
    )
    tables = [
        [line.split()[:-1] for line in out.splitlines()] for out in (one[0], two[0])
    ]  # the last column is that of the seconds
    assert tables[0] == tables[1] and two[1] == one[1]
    keys = [(variant, seed) for variant in variants for seed in (1, 2)]
    assert [(row["variant"], row["seed"]) for row in one[1]] == keys


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


@pytest.mark.slow
def test_one_job_does_without_joblib():
    code = """
import sys, addition_mlp
from common.runner.engine import run_tasks
args = addition_mlp.experiment.parse_args(["--jobs", "2", "--runs", "2"])
experiment = addition_mlp.experiment
experiment.perform = lambda settings, variant, seed, callbacks: seed
outcomes = run_tasks(experiment.tasks(args), experiment)
assert [outcome for _, outcome in outcomes] == [1, 2]
assert not {"joblib", "dask", "distributed", "rich"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


# One task


@pytest.mark.usefixtures("without_xla")
def test_a_task_is_run_by_the_name_of_its_module_and_prints_nothing(capsys):
    outcome = run_elsewhere(Task("addition_mlp.py", SMALL, "addition_mlp", 3))
    assert outcome.error is None and len(outcome.history["loss"]) == 2
    assert (outcome.row["variant"], outcome.row["seed"]) == ("addition_mlp", 3)
    assert outcome.row[EXACT].total == 10_000 and outcome.row["parameters"] == 25
    assert capsys.readouterr().out == ""


@pytest.mark.usefixtures("without_xla")
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
    module = imported(str(path))
    assert imported(str(path)) is module
    assert short_path(addition_mlp.__file__) == "addition_mlp.py"
    assert imported("addition_mlp.py") is addition_mlp


def test_an_error_in_this_process_shows_where_it_was(monkeypatch, capsys):
    def fail_here(settings, seed, train):
        raise KeyError("x")

    monkeypatch.setattr(addition_mlp.experiment, "run", fail_here)
    tasks = [Task("addition_mlp.py", SMALL, "addition_mlp", seed) for seed in (1, 2)]
    outcomes = [outcome for _, outcome in run_tasks(tasks, addition_mlp.experiment)]
    assert [outcome.error for outcome in outcomes] == ["KeyError: 'x'"] * 2
    assert capsys.readouterr().err.count("in fail_here") == 2


def test_what_is_unusable_ends_the_run(monkeypatch):
    def refuse(settings, seed, train):
        raise Unusable("Keras was imported before")

    monkeypatch.setattr(addition_mlp.experiment, "run", refuse)
    task = Task("addition_mlp.py", SMALL, "addition_mlp", 1)
    with pytest.raises(Unusable):
        next(run_tasks([task], addition_mlp.experiment))


# Seeds that fail


@pytest.fixture
def diverging(monkeypatch, without_xla):
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
    flags = [*TINY["addition_mlp"], "--epochs", "3", "--runs", "3"]
    addition_mlp.main([*flags, "--scores", str(scores), "--history", str(history)])
    rows = read_rows(scores)
    assert rows[1][EXACT] == Share(0, 10_000)
    assert [row[RMSE] is None for row in rows] == [False, True, False]
    assert "1 of 3 failed" in capsys.readouterr().out
    epochs = [row["seed"] for row in csv.DictReader(history.open())]
    assert epochs.count("1") == epochs.count("3") == 3 > epochs.count("2")


def test_a_diverged_seed_alone_says_so(diverging, capsys):
    addition_mlp.main([*TINY["addition_mlp"], "--seed", "2"])
    out = capsys.readouterr().out
    assert "\nFailed: the loss was not finite in epoch " in out


# Leaving early


def ended(group):
    """Whether no process of a group is left, after five seconds at most."""
    for _ in range(50):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


def started(*flags):
    """The script with two processes, all in a group of their own."""
    return subprocess.Popen(
        [sys.executable, "addition_mlp.py", *flags, "--jobs", "2"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
@pytest.mark.parametrize(
    ("send", "ending", "status", "line", "after"),
    [
        (os.killpg, signal.SIGINT, 130, b"Interrupted.\n", 15),  # as a terminal does
        (os.kill, signal.SIGTERM, 143, b"Terminated.\n", 15),
        (os.killpg, signal.SIGTERM, 143, b"Terminated.\n", 3),
    ],
)
def test_ctrl_c_and_kill_end_all_processes_with_one_line(
    send, ending, status, line, after, tmp_path
):
    history = str(tmp_path / "loss.csv")
    script = started("--epochs", "100000000", "--runs", "3", "--history", history)
    time.sleep(after)
    assert script.poll() is None
    send(script.pid, ending)
    out, errors = script.communicate(timeout=10)  # no process left that holds its output
    assert (script.returncode, out, errors) == (status, b"", line)
    assert list(tmp_path.iterdir()) == []
    assert ended(script.pid)


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
def test_no_process_outlives_a_script_that_is_killed_at_once():
    script = started("--epochs", "100000000", "--runs", "3")
    time.sleep(15)
    script.kill()
    script.communicate(timeout=10)
    assert ended(script.pid)


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
def test_kill_keeps_the_rows_that_are_done(tmp_path):
    scores = tmp_path / "scores.csv"
    script = started(*TINY["addition_mlp"], "--runs", "2000", "--scores", str(scores))
    while not scores.exists():
        assert script.poll() is None
        time.sleep(0.1)
    script.terminate()
    script.communicate(timeout=10)
    assert script.returncode == 143
    assert 0 < len(read_rows(scores)) < 2000


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
def test_a_reader_that_leaves_early_ends_all_processes():
    script = started(*TINY["addition_mlp"], "--runs", "4")
    script.stdout.close()
    assert b"Traceback" not in script.stderr.read()
    assert script.wait(timeout=60) == 1
    assert ended(script.pid)

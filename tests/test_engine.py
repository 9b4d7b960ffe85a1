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

from common import training
from common.runner import experiment as experiments
from common.runner.engine import run_tasks
from common.runner.rows import read_rows
from common.runner.task import Task, run_task
from common.scores import EXACT, RMSE, Share
import addition_mlp

ROOT = Path(__file__).resolve().parents[1]
TINY = {
    "addition_mlp": ["--epochs", "2", "--examples", "20"],
    "echo_whole": ["--epochs", "2", "--n-unique", "9", "--units", "3"],
    "extensions.addition_padding": ["--epochs", *"12345", "--largest", "3"],
}
SMALL = {"epochs": 2, "examples": 20}  # settings of addition_mlp


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
@pytest.mark.parametrize("name", ["addition_mlp", "echo_whole"])
def test_processes_give_what_one_process_gives(name, tmp_path, capsys):
    flags = ["--runs", "3", "--seed", "5"]
    one = files_and_output(name, tmp_path / "one", capsys, *flags)
    two = files_and_output(name, tmp_path / "two", capsys, *flags, "--jobs", "2")
    assert two == one
    assert [row["seed"] for row in one[1]] == [5, 6, 7]


@pytest.mark.slow
def test_a_comparison_gives_the_same_from_several_processes(tmp_path, capsys):
    from extensions.addition_padding import VARIANTS

    name, flags, scores = "extensions.addition_padding", ["--runs", "2"], ["scores"]
    one, two = (
        files_and_output(name, tmp_path / n, capsys, *flags, "--jobs", n, files=scores)
        for n in ("1", "2")
    )
    tables = [
        [line.split()[:-1] for line in out.splitlines()] for out in (one[0], two[0])
    ]  # the last column is that of the seconds
    assert tables[0] == tables[1] and two[1] == one[1]
    keys = [(variant, seed) for variant in VARIANTS for seed in (1, 2)]
    assert [(row["variant"], row["seed"]) for row in one[1]] == keys


@pytest.mark.slow
def test_an_error_in_a_process_is_told_and_ends_no_other_task():
    wrong = Task("addition_mlp", {"epochs": 0}, "addition_mlp", 1)
    right = Task("addition_mlp", SMALL, "addition_mlp", 1)
    outcomes = run_tasks([wrong, right], addition_mlp.experiment, jobs=2)
    ended = {task.settings["epochs"]: outcome for task, outcome in outcomes}
    assert ended[0].error == "ValueError: epochs must be at least 1, not 0"
    assert ended[0].row is None
    alone = run_task(right)
    assert without_seconds(ended[2].row) == without_seconds(alone.row)
    assert ended[2].history == alone.history


def test_one_job_does_without_joblib():
    code = """
import sys, addition_mlp
from common.runner.engine import run_tasks
args = addition_mlp.experiment.parse_args(["--jobs", "2", "--runs", "2"])
experiment = addition_mlp.experiment
experiment.perform = lambda settings, variant, seed: seed
outcomes = run_tasks(experiment.tasks(args), experiment)
assert [outcome for _, outcome in outcomes] == [1, 2]
assert not {"joblib", "dask", "distributed", "rich"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize("jobs", ["0", "-1", "two"])
def test_fewer_than_one_job_is_refused(jobs, refused):
    assert "argument --jobs: must be " in refused(addition_mlp.main, "--jobs", jobs)


# One task


def test_a_task_is_run_by_the_name_of_its_module_and_prints_nothing(capsys):
    outcome = run_task(Task("addition_mlp", SMALL, "addition_mlp", 3))
    assert outcome.error is None and len(outcome.history["loss"]) == 2
    assert (outcome.row["variant"], outcome.row["seed"]) == ("addition_mlp", 3)
    assert outcome.row[EXACT].total == 10_000 and outcome.row["parameters"] == 25
    assert capsys.readouterr().out == ""


def test_seeds_share_a_compiled_model_and_have_the_rows_that_they_have_alone():
    settings = addition_mlp.Settings(**SMALL, units=(3, 2))
    alone = run_task(Task("addition_mlp", {**SMALL, "units": (3, 2)}, "addition_mlp", 2))
    addition_mlp.experiment._cached_model.cache_clear()
    first, second, again = (
        addition_mlp.experiment.perform(settings, "addition_mlp", seed).row
        for seed in (1, 2, 1)
    )
    assert first["compile_seconds"] > 0
    assert second["compile_seconds"] == again["compile_seconds"] == 0
    assert without_seconds(second) == without_seconds(alone.row)
    assert without_seconds(again) == without_seconds(first)


def test_only_the_last_few_models_are_kept():
    built = training.cache_models(lambda size: [size])
    first = built(1)
    assert built(1) is first
    for size in (2, 3, 4):
        built(size)
    assert built(1) is not first


# Seeds that fail


@pytest.fixture
def diverging(monkeypatch):
    """Seed 2 diverges."""
    right = training.initialize

    def initialize(model, seed):
        right(model, seed)
        model.optimizer.learning_rate = float("nan") if seed == 2 else 0.001

    monkeypatch.setattr(experiments, "initialize", initialize)


def test_a_diverged_seed_is_shown_and_the_others_go_on(diverging, tmp_path, capsys):
    scores, history = tmp_path / "scores.csv", tmp_path / "history.csv"
    flags = [*TINY["addition_mlp"], "--epochs", "30", "--runs", "3"]
    addition_mlp.main([*flags, "--scores", str(scores), "--history", str(history)])
    rows = read_rows(scores)
    assert rows[1][EXACT] == Share(0, 10_000)
    assert [row[RMSE] is None for row in rows] == [False, True, False]
    out = capsys.readouterr().out
    assert ", 1 of 3 failed" in out
    assert out.endswith("1 of 3 seeds failed: the loss was not finite.\n")
    epochs = [row["seed"] for row in csv.DictReader(history.open())]
    assert epochs.count("1") == epochs.count("3") == 30 > epochs.count("2")


def test_a_diverged_seed_alone_says_so(diverging, capsys):
    addition_mlp.main([*TINY["addition_mlp"], "--epochs", "30", "--seed", "2"])
    out = capsys.readouterr().out
    assert "\nRMSE: -\nExact match: 0/10000 (0.00%)\n" in out
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
@pytest.mark.parametrize("after", [3, 15])
def test_ctrl_c_ends_all_processes_with_one_line(after, tmp_path):
    history = str(tmp_path / "loss.csv")
    script = started("--epochs", "100000000", "--runs", "3", "--history", history)
    time.sleep(after)
    assert script.poll() is None
    os.killpg(script.pid, signal.SIGINT)  # as a terminal does: to every process
    out, errors = script.communicate(timeout=60)
    assert script.returncode == 130
    assert out == b"" and errors == b"Interrupted.\n"
    assert list(tmp_path.iterdir()) == []
    assert ended(script.pid)


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
def test_a_reader_that_leaves_early_ends_all_processes():
    script = started(*TINY["addition_mlp"], "--runs", "4")
    script.stdout.close()
    assert b"Traceback" not in script.stderr.read()
    assert script.wait(timeout=60) == 1
    assert ended(script.pid)

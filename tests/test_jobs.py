"""--jobs: the same rows and files from several processes as from one."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from common.tables import read_scores

import addition_mlp
import echo_whole

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = {
    addition_mlp: ["--epochs", "2", "--examples", "20"],
    echo_whole: ["--epochs", "2", "--n-unique", "9", "--units", "3"],
}


def run(script, folder, capsys, *flags):
    """What is printed, the history, and the scores without the seconds."""
    folder.mkdir()
    history, scores = folder / "history.csv", folder / "scores.csv"
    files = ["--history", str(history), "--scores", str(scores)]
    script.main([*SCRIPTS[script], *files, *flags])
    rows = read_scores(scores)
    assert all(row.pop("seconds") >= 0 for row in rows)
    table = capsys.readouterr().out.split("\n\nOn ")[1]
    return table, list(csv.reader(history.open())), rows


@pytest.mark.parametrize(
    "script",
    [addition_mlp, pytest.param(echo_whole, marks=pytest.mark.slow)],
    ids=lambda script: script.__name__,
)
def test_processes_give_what_one_process_gives(script, tmp_path, capsys):
    flags = ["--runs", "3", "--seed", "5"]
    one = run(script, tmp_path / "one", capsys, *flags)
    assert run(script, tmp_path / "two", capsys, *flags, "--jobs", "2") == one
    assert [row["seed"] for row in one[2]] == [5, 6, 7]


def test_a_backend_chosen_around_the_call_is_used(tmp_path, capsys):
    from joblib import parallel_config, register_parallel_backend
    from joblib._parallel_backends import ThreadingBackend

    used = []

    class Cluster(ThreadingBackend):
        def submit(self, *args, **options):
            used.append(1)
            return super().submit(*args, **options)

    register_parallel_backend("cluster", Cluster)
    one = run(addition_mlp, tmp_path / "one", capsys, "--runs", "3")
    with parallel_config(backend="cluster"):
        two = run(addition_mlp, tmp_path / "two", capsys, "--runs", "3", "--jobs", "3")
    assert two == one and used


def test_one_job_does_without_joblib():
    code = """
import sys, addition_mlp
addition_mlp.parse_args(["--jobs", "2", "--runs", "2"])
import common.jobs
assert "joblib" not in sys.modules
args = addition_mlp.parse_args(["--runs", "2"])
rows = list(common.jobs.each_seed(lambda *_: ({}, {}), args, None, None))
assert [row[0] for row in rows] == [1, 2] and "joblib" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--jobs", "0"], "at least 1, not 0"),
        (["--jobs", "-1"], "at least 1, not -1"),
        (["--jobs", "two"], "'two' is not an integer"),
    ],
)
def test_fewer_than_one_job_is_refused(flags, message, capsys):
    with pytest.raises(SystemExit) as error:
        addition_mlp.parse_args(flags)
    assert error.value.code == 2 and message in capsys.readouterr().err


def test_an_error_in_a_process_is_the_callers(capsys):
    from common.jobs import each_seed

    def fail(args, model, seed):
        raise RuntimeError(f"seed {seed}")

    args = addition_mlp.parse_args(["--runs", "2", "--jobs", "2"])
    with pytest.raises(RuntimeError, match="seed [12]"):
        list(each_seed(fail, args, None, lambda args: None))


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
@pytest.mark.parametrize("after", [3, 9])
def test_ctrl_c_ends_all_processes_with_one_line(after, tmp_path):
    history = str(tmp_path / "loss.csv")
    flags = ["--epochs", "100000000", "--runs", "3", "--jobs", "2", "--history", history]
    script = subprocess.Popen(
        [sys.executable, "addition_mlp.py", *flags],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    while b"Trainable params" not in script.stdout.readline():
        assert script.poll() is None
    time.sleep(after)
    os.killpg(script.pid, signal.SIGINT)  # as a terminal does: to every process
    _, errors = script.communicate(timeout=60)
    assert script.returncode == 130
    assert errors == b"Interrupted.\n"
    assert list(tmp_path.iterdir()) == []
    for _ in range(50):
        try:
            os.killpg(script.pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.1)
    raise AssertionError("a process is left")

"""--cluster: the same rows from a Dask cluster, whatever happens to its workers.

A real scheduler and two real workers run as processes of their own on this machine.
"""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest
from conftest import ROOT, python

from common.runner import cluster
from common.runner.files import Unusable
from common.runner.rows import read_rows
import addition_mlp

RUN = ["--runs", "8", "--epochs", "20"]


def wait_for(condition, seconds=60):
    for _ in range(seconds * 10):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("nothing came of it")


class Cluster:
    """A scheduler on a free port of 127.0.0.1, and workers to be started and killed."""

    def __init__(self, folder):
        self.folder, self.file, self.processes = folder, folder / "scheduler.json", []
        self.scheduler = self.start("scheduler", "--host", "127.0.0.1", "--port", "0")
        wait_for(lambda: self.file.exists() and self.file.read_text().strip())
        self.address = json.loads(self.file.read_text())["address"]

    def start(self, kind, *flags):
        dask = [sys.executable, "-m", "dask", kind, "--scheduler-file", str(self.file)]
        process = subprocess.Popen(
            [*dask, "--no-dashboard", *flags],
            cwd=self.folder,  # nothing of this project is there
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.append(process)
        return process

    def start_worker(self, *flags):
        folder = str(self.folder)
        return self.start("worker", "--nthreads", "1", "--local-directory", folder, *flags)

    def wait_for_workers(self, n):
        from distributed import Client

        with Client(self.address, set_as_default=False, timeout=60) as client:
            client.wait_for_workers(n, timeout=120)

    def end(self):
        for process in reversed(self.processes):
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@pytest.fixture
def scheduler(tmp_path):
    cluster = Cluster(tmp_path)
    yield cluster
    cluster.end()


@pytest.fixture(scope="module")
def two_workers(tmp_path_factory):
    cluster = Cluster(tmp_path_factory.mktemp("cluster"))
    cluster.start_worker()
    cluster.start_worker()
    cluster.wait_for_workers(2)
    yield cluster
    cluster.end()


def rows_of(path):
    rows = read_rows(path)
    for row in rows:
        del row["seconds"], row["compile_seconds"]
    return rows


def rows_of_run(path, *flags):
    ran = python("addition_mlp.py", *RUN, "--scores", path, *flags)
    assert ran.returncode == 0, ran.stderr
    return rows_of(path), ran.stdout


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """The rows and the output of one process."""
    return rows_of_run(tmp_path_factory.mktemp("alone") / "rows.csv")


@pytest.mark.slow
def test_the_rows_are_those_of_one_process(two_workers, alone, tmp_path):
    path = tmp_path / "rows.csv"
    assert rows_of_run(path, "--cluster", two_workers.address) == alone


@pytest.mark.slow
def test_a_worker_that_is_killed_changes_nothing_in_the_rows(scheduler, alone, tmp_path):
    workers = [scheduler.start_worker("--no-nanny") for _ in range(2)]
    scheduler.wait_for_workers(2)
    path = tmp_path / "rows.csv"
    run = subprocess.Popen(
        [sys.executable, "addition_mlp.py", *RUN, "--scores", str(path)]
        + ["--cluster", scheduler.address],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: path.exists() and path.read_text().count("\naddition_mlp,") >= 2)
    os.killpg(workers[0].pid, signal.SIGKILL)
    output, _ = run.communicate(timeout=120)
    assert (rows_of(path), output) == alone


@pytest.mark.slow
def test_workers_with_other_code_are_restarted(two_workers, tmp_path):
    assert rows_of_run(tmp_path / "before.csv", "--cluster", two_workers.address)
    for name in ("common", "extensions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    for script in ROOT.glob("*.py"):
        shutil.copy(script, tmp_path)
    changed = tmp_path / "common" / "scores.py"
    text = changed.read_text()
    changed.write_text(text.replace('Score("Exact match")', 'Score("Right")'))
    command = ["addition_mlp.py", "--runs", "2", "--epochs", "1"]
    ran = python(*command, "--cluster", two_workers.address, cwd=tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert "Right" in ran.stdout and "Exact match" not in ran.stdout


@pytest.mark.slow
def test_ctrl_c_cancels_the_tasks_there(two_workers, tmp_path):
    path = tmp_path / "rows.csv"
    run = subprocess.Popen(
        [sys.executable, "addition_mlp.py", "--runs", "4", "--epochs", "100000000"]
        + ["--scores", str(path), "--cluster", two_workers.address],
        cwd=ROOT,
        stderr=subprocess.PIPE,
    )
    from distributed import Client

    with Client(two_workers.address, set_as_default=False) as client:
        wait_for(lambda: sum(map(len, client.processing().values())) >= 2)
        time.sleep(5)  # they train
        run.send_signal(signal.SIGINT)
        _, errors = run.communicate(timeout=30)
        assert (run.returncode, errors) == (130, b"Interrupted.\n")

        def running(dask_worker):
            return len(dask_worker.state.executing)

        wait_for(lambda: sum(client.run(running).values()) == 0)
    assert not path.exists()


@pytest.mark.slow
def test_weights_drawn_on_a_worker_are_those_of_their_seed(scheduler):
    """Dask's threads draw numbers all the time, also between a seed and its weights."""
    scheduler.start_worker()

    def weights(prepare=None, code=b""):
        if prepare:
            assert prepare(code) is None
            from common.runner.cluster import give_dask_a_generator

            give_dask_a_generator()
        from common.backend import keras

        drawn = []
        for _ in range(40):
            keras.utils.set_random_seed(1)
            layers = [keras.layers.LSTM(3) for _ in range(20)]
            for layer in layers:
                layer.build((1, 2, 3))
            drawn.append([layer.get_weights()[0].sum() for layer in layers])
        return drawn

    from distributed import Client

    prepare, _ = cluster._for_workers("weights", cluster._versions())
    with Client(scheduler.address, set_as_default=False) as client:
        there = client.submit(weights, prepare, cluster._archive()).result()
    assert there == 40 * [weights()[0]]


@pytest.mark.slow
def test_a_cluster_without_workers_is_refused_in_one_line(scheduler):
    with pytest.raises(Unusable, match="has no worker: start one"):
        addition_mlp.main([*RUN, "--cluster", scheduler.address])


def test_no_answer_and_no_dask_are_refused_in_one_line(monkeypatch):
    monkeypatch.setattr(cluster, "SECONDS_TO_ANSWER", 1)
    with pytest.raises(Unusable, match="no Dask scheduler answers at tcp://127.0.0.1:9 "):
        addition_mlp.main([*RUN, "--cluster", "tcp://127.0.0.1:9"])
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(Unusable, match="pip install -r requirements-cluster.txt"):
        addition_mlp.main([*RUN, "--cluster", "tcp://127.0.0.1:9"])


@pytest.mark.parametrize("package", ["python", "keras"])
def test_other_versions_are_told(package):
    needed = {**cluster._versions(), package: "2.9"}
    prepare, _ = cluster._for_workers("digest", needed)
    assert re.fullmatch(rf"{package} \S+, not 2.9", prepare(b""))


def test_what_travels_is_small_and_the_same_every_time():
    first = cluster._archive()
    assert first == cluster._archive() and len(first) < 300_000

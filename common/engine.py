"""The one place that runs tasks: in this process, over several, or on a cluster.

A task is names and numbers: the module of an experiment, its settings, a variant and a
seed. Whoever is to run it imports the module and asks its `experiment`; so the same task
gives the same row everywhere.
"""

import contextlib
import importlib
import io
import os
import signal
import threading
from collections.abc import Iterator
from typing import Any, NamedTuple

from common import progress

_turn = threading.Lock()  # one task at a time in a process, whose models it may share


class Task(NamedTuple):
    """One training.

    `module`: a name to import, whose `experiment` runs it. `settings`: a dict, what its
    `Settings` are made of. `variant`: one of its names.
    """

    module: str
    settings: dict
    variant: str
    seed: int

    @property
    def key(self):
        """What tells its row from others in a file."""
        return self.variant, self.seed


class Outcome(NamedTuple):
    """What became of a task: its row, or the error that ended it, as one line.

    `history`: loss and metrics by epoch. `shown`: what the experiment shows of single
    runs, beside the scores.
    """

    row: dict | None = None
    history: dict | None = None
    shown: Any = None
    error: str | None = None


def run_task(task: Task, experiment=None) -> Outcome:
    """What becomes of a task, or the error that ended it; what it prints is dropped.

    `experiment`: that of the task's module, where it is at hand.
    """
    if experiment is None:
        experiment = importlib.import_module(task.module).experiment
    with _turn, contextlib.redirect_stdout(io.StringIO()):
        try:
            settings = experiment.Settings(**task.settings)
            return experiment.perform(settings, task.variant, task.seed)
        except Exception as error:
            text = " ".join(str(error).split())[:300]
            return Outcome(error=f"{type(error).__name__}: {text}")


def run_tasks(
    tasks: list[Task], experiment, jobs: int = 1, cluster: str | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """Run tasks, and yield each with its `Outcome`, in the order in which they are done.

    Args:
        tasks: What to run.
        experiment: That of their module.
        jobs: Over this many processes; 1 for this one alone.
        cluster: The address of a Dask scheduler, to run them there instead.

    Raises Unusable for a cluster that is not what it should be.
    """
    jobs = min(jobs, len(tasks))
    if cluster:
        from common.cluster import run_on_cluster

        yield from run_on_cluster(tasks, cluster)
    elif jobs > 1:
        yield from _run_in_processes(tasks, jobs)
    else:
        for task in tasks:
            yield task, run_task(task, experiment)


def _run_in_processes(tasks, jobs):
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    parallel = Parallel(jobs, return_as="generator_unordered", batch_size=1)
    try:
        with _ctrl_c_is_ours():
            outcomes = parallel(delayed(_run_in_process)(task, jobs) for task in tasks)
        yield from outcomes
    except KeyboardInterrupt:
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _run_in_process(task, jobs):
    # as many threads in all as there are cores
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, os.cpu_count() // jobs)))
    progress.allowed = False
    return task, run_task(task)


@contextlib.contextmanager
def _ctrl_c_is_ours():
    """Processes started here ignore Ctrl-C, which the terminal sends to all; we end them.

    They inherit that from us: a Ctrl-C pressed at this moment has to be pressed again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def module_name(file: str) -> str:
    """The name under which a script's file is imported: "extensions.echo_lag", say."""
    folder, name = os.path.split(os.path.splitext(os.path.abspath(file))[0])
    folder = os.path.basename(folder)
    return f"{folder}.{name}" if folder in ("extensions", "benchmarks") else name

"""The one place that runs tasks: in this process, over several, or on a cluster."""

import contextlib
import io
import os
import signal
import threading
from collections.abc import Iterator

from common.runner.task import Outcome, Task, run_task


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
        from common.runner.cluster import run_on_cluster

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
    with contextlib.redirect_stderr(io.StringIO()):  # or their lines would mix
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

"""The one place that runs tasks: in this process, over several, or on a cluster."""

import functools
import os
import signal
import threading
import time
from collections.abc import Iterator

from common.runner.cli import handled
from common.runner.task import Outcome, Task, run_elsewhere, run_here


def run_tasks(
    tasks: list[Task], experiment, jobs: int = 1, cluster: str | None = None
) -> Iterator[tuple[Task, Outcome]]:
    """Run tasks, and yield each with its `Outcome`, in the order in which they are done.

    Args:
        tasks: What to run.
        experiment: That of their module.
        jobs: Over this many processes; 1 for this one alone.
        cluster: The address of a Dask scheduler, to run them there instead.

    An error ends its task alone, and is one line of its outcome; in this process its
    traceback is shown as well. Raises Unusable for a cluster that is not what it should be.
    """
    jobs = min(jobs, len(tasks))
    if cluster:
        from common.runner.cluster import run_on_cluster

        yield from run_on_cluster(tasks, cluster)
    elif jobs > 1:
        yield from _run_in_processes(tasks, jobs)
    else:
        for task in tasks:
            yield task, run_here(task, experiment)


def _run_in_processes(tasks, jobs):
    from joblib import Parallel, delayed
    from joblib.externals.loky import get_reusable_executor

    parallel = Parallel(jobs, return_as="generator_unordered", batch_size=1)
    try:
        # Ctrl-C, which the terminal sends to all, is not for the processes started here:
        # they inherit that from us, so one pressed at this moment has to be pressed again
        with handled(signal.SIGINT, signal.SIG_IGN):
            run, us = delayed(_run_in_process), os.getpid()
            outcomes = parallel(run(task, jobs, us) for task in tasks)
        yield from outcomes
    except KeyboardInterrupt:
        get_reusable_executor().shutdown(wait=False, kill_workers=True)
        raise


def _run_in_process(task, jobs, parent):
    if os.getpid() != parent:  # joblib may have none to give
        _prepare_process(jobs, parent)
    return task, run_elsewhere(task)


@functools.cache
def _prepare_process(jobs, parent):
    """Once in each process: it shows nothing, and ends soon after its parent."""
    # as many threads in all as there are cores
    os.environ.setdefault("TF_NUM_INTRAOP_THREADS", str(max(1, os.cpu_count() // jobs)))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # lines of several would mix

    def watch():
        while os.getppid() == parent:  # on Windows it stays so
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()

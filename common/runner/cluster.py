"""Tasks on a Dask cluster: `dask scheduler` and `dask worker` on any machines.

The machines need what requirements.txt and requirements-cluster.txt name, and nothing of
this project: its code travels with the tasks, as a small archive.
"""

import contextlib
import hashlib
import io
import logging
import platform
import random
import sys
import zipfile
from importlib.metadata import version

from common.runner.files import Unusable
from common.runner.rows import PACKAGES, ROOT
from common.runner.task import Outcome
from common.training import after_epochs

SAME = (*PACKAGES, "distributed")  # of the same version there
FOLDERS = ("", "common", "common/runner", "extensions", "extensions/tools", "benchmarks")
SECONDS_TO_ANSWER = 10
REQUIREMENTS = "requirements.txt and requirements-cluster.txt"


def run_on_cluster(tasks, address):
    """Yield each task with its `Outcome`, in the order in which they are done.

    Raises Unusable, in one line, where there is no cluster at `address`, or one that
    cannot give the same rows. Leaving early cancels what is left.
    """
    try:
        from distributed import as_completed
        from distributed.client import FutureCancelledError
    except ImportError:
        raise Unusable(
            "--cluster needs Dask: pip install -r requirements-cluster.txt"
        ) from None
    archive = _archive()
    digest = hashlib.sha256(archive).hexdigest()[:12]
    prepare, run = _for_workers(digest, _versions())
    with _connected(address) as client:
        _prepare_workers(client, prepare, archive)
        # a task of its own, which the cluster repeats if the worker that has it is lost
        code = client.submit(lambda: archive, key=f"code-{digest}")
        futures = {
            client.submit(run, code, tuple(task), pure=False): task for task in tasks
        }
        try:
            for future in as_completed(futures, loop=client.loop):
                try:
                    outcome = Outcome(*future.result())
                except FutureCancelledError:
                    raise Unusable(f"the cluster at {address} was lost") from None
                except Exception as error:  # KilledWorker, say: it took its worker along
                    outcome = Outcome(error=f"{type(error).__name__}: {error}"[:300])
                yield futures[future], outcome
        finally:
            client.cancel([*futures], force=True)


def give_dask_a_generator():
    """Have Dask's threads, which always run, draw from a `random.Random` of their own.

    Keras draws weights from Python's global one, from where `set_random_seed` put it.
    """
    for name, module in list(sys.modules.items()):
        dasks = name.split(".")[0] in ("dask", "distributed", "tornado")
        if dasks and getattr(module, "random", None) is random:
            module.random = random.Random()


def _archive():
    """The project's Python files in a zip archive, the same bytes for the same files."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in FOLDERS:
            for path in sorted((ROOT / folder).glob("*.py")):
                name = path.relative_to(ROOT).as_posix()
                info = zipfile.ZipInfo(name)  # of no date
                archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)
    return written.getvalue()


def _versions():
    python = ".".join(platform.python_version_tuple()[:2])
    return {"python": python, **{name: version(name) for name in SAME}}


@contextlib.contextmanager
def _connected(address):
    """A client of the scheduler; its log, which would be on the screen, is kept quiet."""
    from distributed import Client

    log = logging.getLogger("distributed")
    before = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        try:
            client = Client(address, timeout=SECONDS_TO_ANSWER, set_as_default=False)
        except (OSError, ValueError, TypeError) as error:
            reason = " ".join(str(error).split())[:100]
            raise Unusable(
                f"no Dask scheduler answers at {address} within {SECONDS_TO_ANSWER} s "
                f"({reason}): start one there with `dask scheduler`"
            ) from None
        with client:
            yield client
    finally:
        log.setLevel(before)


def _prepare_workers(client, prepare, code):
    """Give the code to the workers there are; Unusable where a worker can't be used."""
    try:
        client.wait_for_workers(1, timeout=SECONDS_TO_ANSWER)
    except TimeoutError:
        raise Unusable(
            "the cluster has no worker: start one on each machine with `dask worker`"
        ) from None
    problems = client.run(prepare, code)
    other = [worker for worker, problem in problems.items() if problem == "other code"]
    if other:
        with contextlib.suppress(Exception):  # without a nanny it stays as it is
            client.restart_workers(other, timeout=60)
        client.wait_for_workers(1, timeout=60)
        problems = client.run(prepare, code)
    for worker, problem in problems.items():
        if problem == "other code":
            raise Unusable(f"the worker {worker} has other code of ours: restart it")
        if problem:
            raise Unusable(
                f"the worker {worker} has {problem}: install {REQUIREMENTS} there, in the "
                "same versions as here"
            )


def _for_workers(digest, versions):
    """Two functions that go to the workers as they are, before the project's code."""

    def prepare(code, dask_worker=None):
        """Make the project's code importable; returns what is in the way, or None."""
        import io
        import platform
        import sys
        import zipfile
        from importlib.metadata import PackageNotFoundError, version
        from pathlib import Path

        from distributed import get_worker

        there = {"python": ".".join(platform.python_version_tuple()[:2])}
        for package, needed in versions.items():
            try:
                installed = there.get(package) or version(package)
            except PackageNotFoundError:
                return f"no {package}"
            if installed != needed:
                return f"{package} {installed}, not {needed}"
        if "common" in sys.modules:
            same = getattr(sys.modules["common"], "digest", None) == digest
            return None if same else "other code"
        worker = dask_worker or get_worker()  # Dask gives it where it is no task
        folder = Path(worker.local_directory) / f"code-{digest}"
        zipfile.ZipFile(io.BytesIO(code)).extractall(folder)
        sys.path.insert(0, str(folder))
        import common

        common.digest = digest
        return None

    def run(code, task):
        """Run a task on a worker that may have come later, and be new."""
        problem = prepare(code)
        if problem:
            raise RuntimeError(f"a worker has {problem}")
        from distributed import get_worker

        from common.runner.cluster import ending_unless, give_dask_a_generator
        from common.runner.task import Task, run_elsewhere

        give_dask_a_generator()
        worker = get_worker()
        state = worker.state.tasks[worker.get_current_task()]
        callback = ending_unless(lambda: state.state == "executing")
        return tuple(run_elsewhere(Task(*task), callbacks=[callback]))

    return prepare, run


def ending_unless(continues):
    """A callback that ends a training, with an error, once `continues()` is False."""

    def look(epoch):
        if not continues():
            raise RuntimeError("cancelled")

    return after_epochs(range(10, 10**12, 10), look)

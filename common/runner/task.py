"""One training, as names and numbers.

A task is the file of a script, its settings, a variant and a seed. Whoever is to run it
imports the file and asks its `experiment`; so the same task gives the same row everywhere.
"""

import contextlib
import importlib
import importlib.util
import io
import sys
import threading
import traceback
from pathlib import Path
from typing import Any, NamedTuple

from common.checks import Unusable

_turn = threading.Lock()  # one task at a time in a process, whose streams it redirects
ROOT = Path(__file__).resolve().parents[2]  # of the project, or of its copy on a cluster


class Task(NamedTuple):
    """One training.

    `file`: that of a script, from the project's root if it is in there. `settings`: a dict,
    what its `Settings` are made of. `variant`: one of its names.
    """

    file: str
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


def run_task(task: Task, experiment, callbacks=()) -> Outcome:
    """Run a task of an experiment; what it prints is dropped, what it raises is raised.

    `callbacks`: Keras callbacks for all of its trainings.
    """
    settings = experiment.Settings(**task.settings)
    with contextlib.redirect_stdout(io.StringIO()):
        return experiment.perform(settings, task.variant, task.seed, callbacks)


def run_here(task: Task, experiment) -> Outcome:
    """The same, but an error's traceback is shown, and the outcome has it as one line.

    Unusable is raised: it would end every other task as well.
    """
    try:
        return run_task(task, experiment)
    except Unusable:
        raise
    except Exception as error:
        traceback.print_exc()
        return Outcome(error=one_line(error))


def run_elsewhere(task: Task, callbacks=()) -> Outcome:
    """The same for a process that has imported nothing yet; an error becomes one line."""
    try:
        with _turn, contextlib.redirect_stderr(io.StringIO()):
            return run_task(task, imported(task.file).experiment, callbacks)
    except Exception as error:
        return Outcome(error=one_line(error))


def one_line(error):
    text = " ".join(str(error).split())[:300]
    return f"{type(error).__name__}: {text}"


def short_path(file) -> str:
    """A path from the project's root, "extensions/echo_lag.py"; whole if not in there."""
    path = Path(file).resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def imported(file: str):
    """The module that a file holds, once imported always the same.

    `file`: as `short_path` gives it.
    """
    path = Path(file)
    name = ".".join(path.with_suffix("").parts)
    if not path.is_absolute():
        return importlib.import_module(name)
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]

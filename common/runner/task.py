"""One training, as names and numbers.

A task is the module of an experiment, its settings, a variant and a seed. Whoever is to run
it imports the module and asks its `experiment`; so the same task gives the same row
everywhere.
"""

import contextlib
import importlib
import io
import threading
import traceback
from typing import Any, NamedTuple

from common.checks import Unusable

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

    The error's traceback goes to standard error. Unusable is raised: it would end every
    other task, too. `experiment`: that of the task's module, where it is at hand.
    """
    if experiment is None:
        experiment = importlib.import_module(task.module).experiment
    with _turn, contextlib.redirect_stdout(io.StringIO()):
        try:
            settings = experiment.Settings(**task.settings)
            return experiment.perform(settings, task.variant, task.seed)
        except Unusable:
            raise
        except Exception as error:
            traceback.print_exc()
            text = " ".join(str(error).split())[:300]
            return Outcome(error=f"{type(error).__name__}: {text}")

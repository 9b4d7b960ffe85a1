"""Flags into tasks, tasks into rows: what the five scripts and the extensions share."""

import dataclasses
import itertools
from pathlib import Path

from common import backend, progress
from common.progress import note
from common.runner.engine import run_tasks
from common.runner.files import Unusable
from common.runner.rows import make_header, open_rows
from common.runner.tables import scores_text
from common.runner.task import Task, short_path
from common.training import train


def load_tensorflow():
    """Import TensorFlow, which takes some seconds, and say so on a terminal."""
    with progress.line("Loading TensorFlow", 1):
        backend.load()


class Script:
    """Flags into tasks, tasks into rows: what `Experiment` and `Comparison` share.

    `doc`: the script's docstring, or None. `Settings`: its settings. `run`: its function,
    whose file is the script and whose names in capitals are its numbers.
    """

    def __init__(self, doc, Settings, run):
        self.doc, self.Settings, self.run = doc or "", Settings, run
        self.file = short_path(run.__code__.co_filename)
        self.name = Path(self.file).stem
        self._shared = None, {}  # of which settings and variant, and the models of its runs

    def rows_file(self, args):
        """The rows that --scores has, to go on with; no other run has them meanwhile."""
        return open_rows(args.scores, self.header(args.settings))

    def header(self, settings):
        """How rows are made with these settings."""
        return make_header(
            self.run.__code__.co_filename,
            settings,
            self.run.__globals__,
            self.variants(settings),
        )

    def tasks(self, args):
        """Every variant with every seed, in their order."""
        settings = dataclasses.asdict(args.settings)
        return [
            Task(self.file, settings, variant, seed)
            for variant in self.variants_asked(args)
            for seed in args.seeds
        ]

    def training(self, settings, variant, callbacks=()):
        """What a run gets for its `train`: seeds of one variant share a compiled program.

        The first training of a run shares with the first of the next one, the second with
        the second. `callbacks`: Keras's, besides those of the run.
        """
        if self._shared[0] != (settings, variant):
            self._shared = (settings, variant), {}
        count, added = itertools.count(), callbacks

        def train_shared(model, new_data, epochs, batch_size, *, callbacks=(), **more):
            shared = self._shared[1].setdefault(next(count), {})
            more |= {"callbacks": [*added, *callbacks], "shared": shared}
            return train(model, new_data, epochs, batch_size, **more)

        return train_shared

    def run_missing(self, args, rows, tasks, done, again=False):
        """Run the tasks that `rows` does not have, or all of them `again`.

        `done` is called with each task and its outcome, as they come. Returns True if
        none ended with an error.
        """
        missing = [task for task in tasks if again or task.key not in rows]
        n_there, n_errors = len(tasks) - len(missing), 0
        if args.jobs > 1 and not Path(self.run.__code__.co_filename).is_file():
            raise Unusable("--jobs needs a script in a file, for other processes to read")
        if n_there:
            rest = "; going on with the others" if missing else ""
            note(f"{rows.path}: {n_there} of the {len(tasks)} rows are there{rest}")
        elif any(task.key in rows for task in tasks):
            note(f"{rows.path}: every seed is trained again, for its learning curve")
        if missing and args.jobs == 1 and not args.cluster:
            load_tensorflow()
        with progress.line("Trainings", len(tasks)) as show_done:
            show_done(n_there)
            outcomes = run_tasks(missing, self, args.jobs, args.cluster) if missing else ()
            for n, (task, outcome) in enumerate(outcomes, n_there + 1):
                if outcome.error:
                    n_errors += 1
                    note(f"{task.variant}, seed {task.seed}: {outcome.error}")
                else:
                    rows.add(outcome.row)
                    note(f"{task.variant}, seed {task.seed}: {scores_text(outcome.row)}")
                    done(task, outcome)
                show_done(n)
        if n_errors:
            note(
                f"{n_errors} of {len(tasks)} trainings ended with an error and have no row"
            )
        elif missing:
            rows.sort(self.variants(args.settings))
        return not n_errors

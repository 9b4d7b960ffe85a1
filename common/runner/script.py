"""Flags into tasks, tasks into rows: what the five scripts and the extensions share."""

import dataclasses
import sys
from pathlib import Path

from common import progress
from common.progress import note
from common.runner.engine import run_tasks
from common.runner.rows import make_header, open_rows
from common.runner.task import Task


class Script:
    """Flags into tasks, tasks into rows: what `Experiment` and `Comparison` share.

    `name`: the script's `__name__`; its docstring and `Settings` are taken from there.
    """

    def __init__(self, name):
        script = sys.modules[name]
        self.file, self.doc = script.__file__, script.__doc__
        self.Settings = script.Settings
        self.name = Path(self.file).stem
        spec = script.__spec__  # of what `python -m` or an import names
        self.module = spec.name if spec else self.name

    def rows_file(self, args):
        """The rows that --scores has, to go on with; no other run has them meanwhile."""
        return open_rows(args.scores, self.header(args.settings))

    def header(self, settings):
        """How rows are made with these settings."""
        namespace, variants = self.run.__globals__, self.variants(settings)
        return make_header(self.file, settings, namespace, variants)

    def tasks(self, args):
        """Every variant with every seed, in their order."""
        settings = dataclasses.asdict(args.settings)
        return [
            Task(self.module, settings, variant, seed)
            for variant in self.variants_asked(args)
            for seed in args.seeds
        ]

    def run_missing(self, args, rows, tasks, done, again=False):
        """Run the tasks that `rows` does not have, or all of them `again`.

        `done` is called with each task and its outcome, as they come. Returns True if
        none ended with an error.
        """
        missing = [task for task in tasks if again or task.key not in rows]
        n_there, n_errors = len(tasks) - len(missing), 0
        if n_there:
            rest = "; going on with the others" if missing else ""
            note(f"{rows.path}: {n_there} of the {len(tasks)} rows are there{rest}")
        elif any(task.key in rows for task in tasks):
            note(f"{rows.path}: every seed is trained again, for its learning curve")
        with progress.line("Trainings", len(tasks)) as show_done:
            show_done(n_there)
            outcomes = run_tasks(missing, self, args.jobs, args.cluster) if missing else ()
            for n, (task, outcome) in enumerate(outcomes, n_there + 1):
                if outcome.error:
                    n_errors += 1
                    note(f"{task.variant}, seed {task.seed}: {outcome.error}")
                else:
                    rows.add(outcome.row)
                    done(task, outcome)
                show_done(n)
        if n_errors:
            note(
                f"{n_errors} of {len(tasks)} trainings ended with an error and have no row"
            )
        elif missing:
            rows.sort(self.variants(args.settings))
        return not n_errors

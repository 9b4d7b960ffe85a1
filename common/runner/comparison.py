"""The extensions: the variants of a comparison, from flags to a table.

    experiment = Comparison(__doc__, Settings, VARIANTS, run, ...)
    main = experiment.main

is the end of each extension.
"""

import math
import time
from typing import Any, NamedTuple

from common.progress import note
from common.runner import cli
from common.runner.rows import as_number, make_row
from common.runner.script import Script
from common.runner.tables import (
    CELL,
    comparison_table,
    differences_table,
    print_table,
    scores_shown,
)
from common.runner.task import Outcome, run_task


class Run(NamedTuple):
    """What one training of a comparison gives.

    `model`: the Keras model, or a number of parameters. `history`: what `train` returned;
    None where there is none. `scores`: a dict, by their names. `shown`: what `show` of
    the comparison gets, for a table's wrong answers or a map of attention.
    """

    model: Any
    history: Any
    scores: dict
    shown: Any = None


class Comparison(Script):
    """The variants of an extension, from flags to its table.

    `variants`: {name: what `run` gets}, or names, or a function of the settings that
    returns them. `run(settings, seed, variant, train)` trains with `train` and scores, and
    returns a `Run`. `tested_on`: a text, or a function of the settings. `compares`: pairs
    of names, or a function of the settings: whose difference the question is about; a
    third element names another score than the first.
    `finding(results, settings)` prints what all variants together show. `plot`: what is
    drawn, and a function of a path, results and settings; without it, every seed.
    `show`: the name of a variant, and a function of what its first run has `shown`, and
    the flags; it may draw what `map` says, to the file of --map.
    """

    def __init__(
        self,
        doc,
        Settings,
        variants,
        run,
        tested_on,
        *,
        compares=(),
        finding=None,
        plot=None,
        show=None,
        map=None,
    ):
        super().__init__(doc, Settings, run)
        self._variants, self._tested_on, self._compares = variants, tested_on, compares
        self.finding, self.show, self.map = finding, show, map
        self.plot = plot or ("what every seed of every variant scored", plot_every_seed)

    def variants(self, settings):
        """{name: what `run` gets for it}."""
        names = self._variants(settings) if callable(self._variants) else self._variants
        return names if isinstance(names, dict) else {name: name for name in names}

    def compares(self, settings):
        """The pairs of variants whose difference the question is about."""
        return self._compares(settings) if callable(self._compares) else self._compares

    def variants_asked(self, args):
        """The names that --variant gives, in the order of the table; or all."""
        return [name for name in self.variants(args.settings) if name in args.variant]

    def parse_args(self, argv=None):
        parser = cli.Parser(self.doc)
        parser.add_settings(self.Settings)
        parser.add_seed()
        parser.group.add_argument(
            "--variant", action="append", metavar="NAME", help="this one only (repeatable)"
        )
        parser.add_file("--plot", ".png", f"draw {self.plot[0]}")
        if self.map:
            parser.add_file("--map", ".png", f"draw {self.map}")
        parser.add_runs()
        args = parser.parse_args(argv)
        parser.refuse_together(args, "cluster", ["jobs"])
        names = [*self.variants(args.settings)]
        for name in args.variant or []:
            if name not in names:
                parser.error(
                    f"there is no --variant {name!r}; there are: {'; '.join(names)}"
                )
        args.variant = args.variant or names
        return args

    def main(self, argv=None):
        """Run, print the table and what follows from it; returns the `Rows`."""
        args, began, shown = self.parse_args(argv), time.perf_counter(), {}
        tasks = self.tasks(args)

        def done(task, outcome):
            shown[task.key] = outcome.shown

        with self.rows_file(args) as rows:
            complete = self.run_missing(args, rows, tasks, done)
            there = [task for task in tasks if task.key in rows]
            results = Rows(row for task in there for row in rows.of(task.key))
        if results:
            seeds = "1 seed" if args.runs == 1 else f"{args.runs} seeds, {CELL}"
            print(f"On {self.tested_on(args.settings)}, {seeds}:\n")
            print_table(comparison_table(results))
            self._conclude(args, results, there, shown)
        note(f"{time.perf_counter() - began:.0f} s")
        if not complete:
            raise SystemExit(1)
        return results

    def tested_on(self, settings):
        return self._tested_on(settings) if callable(self._tested_on) else self._tested_on

    def perform(self, settings, variant, seed, callbacks=()):
        train = self.training(settings, variant, callbacks)
        ran = self.run(settings, seed, self.variants(settings)[variant], train=train)
        history = None if ran.history is None else dict(ran.history)
        return Outcome(
            make_row(variant, seed, ran.model, ran.history, ran.scores), history, ran.shown
        )

    def _conclude(self, args, results, tasks, shown):
        """What is shown of one run, the plot, and the finding of a whole table."""
        if self.show:
            variant, show_run = self.show
            for task in tasks:
                if task.key == (variant, args.seed):
                    if self.map and args.map and task.key not in shown:
                        note(f"{variant}, seed {args.seed}: trained again for --map")
                        shown[task.key] = run_task(task, self).shown
                    if shown.get(task.key) is not None:
                        show_run(shown[task.key], args)
        if args.plot:
            self.plot[1](args.plot, results, args.settings)
        if self.finding and len(results.variants) == len(self.variants(args.settings)):
            self.finding(results, args.settings)
        differences = differences_table(results, self.compares(args.settings))
        if len(differences) > 1 and args.runs > 1:
            print_table(differences)


def plot_every_seed(path, results, settings):
    """What --plot draws where a comparison has no plot of its own: up to three scores."""
    from common.runner.plots import plot_variants

    plot_variants(path, results, scores_shown(results)[:3])


class Rows(list):
    """The rows of a comparison, to be asked for what they say of a variant."""

    @property
    def variants(self):
        """The names of the variants, in the order of the rows."""
        return list(dict.fromkeys(row["variant"] for row in self))

    def values(self, variant, score):
        """A score of every seed of a variant, as floats; without a value, NaN."""
        return [as_number(row[score]) for row in self if row["variant"] == variant]

    def curves(self, xs, score):
        """{variant: {x: a score of every seed}}; `score`: its name, with {} for x."""
        return {
            variant: {x: self.values(variant, score.format(x)) for x in xs}
            for variant in self.variants
        }

    def mean(self, variant, score):
        """The mean over the seeds that have a value; NaN if none has."""
        values = [v for v in self.values(variant, score) if not math.isnan(v)]
        return sum(values) / len(values) if values else math.nan

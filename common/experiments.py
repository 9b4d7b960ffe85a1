"""What stands around an experiment: its flags, several seeds, rows, tables and files.

    experiment = Experiment(__file__, __doc__, Settings, build_model, run, ...)
    main = experiment.main

is the end of each of the five scripts, and a `Comparison` that of each extension. Both
turn flags into tasks, give them to the engine, and print what its rows say.
"""

import dataclasses
import math
import time
from contextlib import nullcontext
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from common import cli, progress
from common.engine import Outcome, Task, kept, module_name, note, run_task, run_tasks
from common.results import (
    RowsFile,
    as_number,
    comparison_table,
    failed_scores,
    has_failed,
    make_header,
    processor,
    score_names,
    show,
    summary,
)
from common.saved import load_weights, read_about, save_model
from common.scores import print_scores


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


class _Tasks:
    """Flags into tasks, tasks into rows: what `Experiment` and `Comparison` share."""

    def __init__(self, file, doc, Settings):
        self.file, self.doc, self.Settings = file, doc, Settings
        self.module, self.name = module_name(file), Path(file).stem

    def rows_file(self, args):
        """The rows that --scores has, to go on with."""
        header = args.scores and make_header(self.file, dataclasses.asdict(args.settings))
        return RowsFile(args.scores, header)

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
        missing = [task for task in tasks if again or task.key not in rows.rows]
        n_there, n_errors = len(tasks) - len(missing), 0
        if rows.warning:
            note(rows.warning)
        if n_there:
            rest = "; going on with the others" if missing else ""
            note(f"{rows.path}: {n_there} of the {len(tasks)} rows are there{rest}")
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
        else:
            rows.sort(self.variants(args.settings))
        return not n_errors

    def check_cluster(self, parser, args):
        others = ("jobs", "load", "save", "ask", "watch")
        parser.refuse_together(args, "cluster", others, "")


class Experiment(_Tasks):
    """One of the five scripts, from flags to files.

    The functions are the script's, which says what they do. `tested_on(settings, seeds)`
    returns what is scored, as words; `to_watch(settings)` questions, as texts and as X and
    y; `beyond(model, settings)` prints what goes beyond the tutorial.
    """

    def __init__(
        self,
        file,
        doc,
        Settings,
        build_model,
        run,
        show,
        score,
        evaluate,
        *,
        tested_on,
        to_watch,
        beyond=None,
        ask=None,
        check_question=None,
        alphabet=None,
    ):
        super().__init__(file, doc, Settings)
        self.build_model, self.run, self.show, self.score = build_model, run, show, score
        self.evaluate, self.tested_on, self.to_watch = evaluate, tested_on, to_watch
        self.beyond, self.ask, self.check_question = beyond, ask, check_question
        self.alphabet = alphabet and "".join(alphabet)
        self._kept_model = kept(build_model)

    def parse_args(self, argv=None):
        parser = cli.Parser(self.doc)
        parser.add_settings(self.Settings)
        parser.add_runs()
        parser.add_file("--history", ".csv", "write loss and accuracy of every epoch")
        parser.add_file("--plot", ".png", "draw the learning curve, a line per seed")
        parser.add_file("--save", ".keras", "save the trained model (not with --runs)")
        parser.add_load()
        what = "show what the model answers to five questions while it learns"
        parser.add_argument("--watch", action="store_true", help=what)
        if self.ask:
            what = "a question to the model, 3+4 say (can be repeated)"
            parser.add_argument("--ask", action="append", metavar="SUM", help=what)
        args = parser.parse_args(
            argv, lambda path: read_about(path, self.name, self.alphabet)
        )
        for flag in ("ask", "save", "watch"):
            if args.runs > 1 and flag in args.given:
                parser.error(f"--{flag} is about one model: it does not go with --runs")
        nothing = ("epochs", "runs", "jobs", "save", "history", "plot", "watch")
        parser.refuse_together(args, "load", nothing, ", which trains nothing")
        parser.refuse_together(args, "watch", ["jobs"], ", which shows one training")
        self.check_cluster(parser, args)
        try:
            for question in getattr(args, "ask", None) or []:
                self.check_question(question, args.settings)
        except ValueError as error:
            parser.error(f"--ask {error}")
        return args

    def main(self, argv=None):
        args = self.parse_args(argv)
        began = time.perf_counter()
        if args.runs == 1:
            self._run_one(args)
        else:
            self._run_several(args)
        what = f"{args.load} scored" if args.load else f"{args.runs} seeds"
        if args.runs == 1 and not args.load:
            what = "1 seed"
        epochs = "" if args.load else f", {args.settings.epochs} epochs"
        note(f"{what}{epochs}: {time.perf_counter() - began:.1f} s")

    def variants(self, settings):
        return (self.name,)

    def variants_asked(self, args):
        return (self.name,)

    def perform(self, settings, variant, seed):
        from common.training import initialize

        model = self._kept_model(settings)
        initialize(model, seed)
        history, scores = self.run(model, settings, seed)
        row = make_row(variant, seed, Run(model, history, scores))
        return Outcome(row, dict(history))

    def _run_one(self, args):
        """One seed always trains, and shows the model and what it answers."""
        from common.training import initialize

        settings, rows = args.settings, self.rows_file(args)
        if rows.warning:
            note(rows.warning)
        model, history = self.build_model(settings), None
        if args.load:
            load_weights(model, args.load)
        else:
            initialize(model, args.seed)
        model.summary()
        if args.load:
            self.show(model, settings, Random(args.seed))
            scores = self.score(model, settings)
        else:
            with self._watched(model, settings) if args.watch else nullcontext():
                history, scores = self.run(model, settings, args.seed)
        row = make_row(self.name, args.seed, Run(model, history, scores))
        print(f"\nOn {self.tested_on(settings, args.seeds)}:")
        print_scores({name: row[name] for name in score_names(row)})
        if self.beyond:
            self.beyond(model, settings)
        if history is not None and history.diverged:
            print(f"Failed: the loss was not finite in epoch {len(history['loss'])}.")
        for question in getattr(args, "ask", None) or []:
            self.ask(model, settings, question)
        if args.scores:
            rows.add(row)
            rows.sort(self.variants(settings))
        self._write_histories(args, {args.seed: history})
        if args.save:
            about = {"experiment": self.name, "seed": args.seed, "epochs": settings.epochs}
            sizes = {k: v for k, v in dataclasses.asdict(settings).items() if k != "epochs"}
            about |= {"sizes": sizes, "alphabet": self.alphabet}
            save_model(model, args.save, about)

    def _watched(self, model, settings):
        from common.watching import watched

        questions, X, y = self.to_watch(settings)
        return watched(
            settings.epochs,
            questions,
            lambda: [[*side] for side in self.evaluate(model, X, y, settings)],
        )

    def _run_several(self, args):
        """A table with a row per seed, in their order, then mean, std and worst."""
        rows, tasks, histories = self.rows_file(args), self.tasks(args), {}
        again = bool(args.history or args.plot)  # rows do not keep the histories
        unprinted = [*tasks]

        def is_ready(task):
            return task.seed in histories if again else task.key in rows.rows

        def print_row(task):
            row = rows.rows[task.key]
            if len(unprinted) == len(tasks):
                print(f"On {self.tested_on(args.settings, args.seeds)}:")
                _print_cells("seed", score_names(row))
            _print_cells(task.seed, [show(row[name]) for name in score_names(row)])
            unprinted.remove(task)

        def done(task=None, outcome=None):
            if outcome:
                histories[task.seed] = outcome.history
            while unprinted and is_ready(unprinted[0]):
                print_row(unprinted[0])

        done()
        complete = self.run_missing(args, rows, tasks, done, again)
        for task in [task for task in unprinted if is_ready(task)]:
            print_row(task)  # it stood behind one that ended with an error
        mine = [rows.rows[task.key] for task in tasks if task.key in rows.rows]
        if mine:
            figures = summary(mine).values()
            for label, cells in zip(("mean", "std", "worst"), zip(*figures)):
                _print_cells(label, cells)
            n_failed = sum(map(has_failed, mine))
            if n_failed:
                print(f"{n_failed} of {len(mine)} seeds failed: the loss was not finite.")
        if histories:
            self._write_histories(args, dict(sorted(histories.items())))
        if not complete:
            raise SystemExit(1)

    def _write_histories(self, args, histories):
        from common.curves import plot_history, write_history

        if args.history:
            write_history(args.history, histories)
        if args.plot:
            plot_history(args.plot, histories, title=args.plot_title)


class Comparison(_Tasks):
    """The variants of an extension, from flags to its table.

    `variants`: {name: what `run` gets}, or names, or a function of the settings that
    returns them. `run(settings, variant, seed)` trains and scores, and returns a `Run`.
    `tested_on`: a text, or a function of the settings. `file_only`: how the names of
    scores begin that stand in the file of rows, but not in the table.
    `finding(results, settings)` prints what all variants together show. `plot`: what is
    drawn, and a function of a path, results and settings. `show`: the name of a variant,
    and a function of what its first run has `shown`, and the flags; it may draw what
    `map` says, to the file of --map.
    """

    def __init__(
        self,
        file,
        doc,
        Settings,
        variants,
        run,
        tested_on,
        *,
        file_only=(),
        finding=None,
        plot=None,
        show=None,
        map=None,
    ):
        super().__init__(file, doc, Settings)
        self._variants, self.run, self._tested_on = variants, run, tested_on
        self.file_only = file_only
        self.finding, self.plot, self.show, self.map = finding, plot, show, map

    def variants(self, settings):
        """{name: what `run` gets for it}."""
        found = self._variants(settings) if callable(self._variants) else self._variants
        return found if isinstance(found, dict) else {name: name for name in found}

    def variants_asked(self, args):
        """The names that --variant gives, in the order of the table; or all."""
        return [name for name in self.variants(args.settings) if name in args.variant]

    def parse_args(self, argv=None):
        parser = cli.Parser(self.doc)
        parser.add_settings(self.Settings)
        parser.add_runs()
        parser.add_argument(
            "--variant", action="append", metavar="NAME", help="this one only (repeatable)"
        )
        if self.plot:
            parser.add_file("--plot", ".png", f"draw {self.plot[0]}")
        if self.map:
            parser.add_file("--map", ".png", f"draw {self.map}")
        args = parser.parse_args(argv)
        self.check_cluster(parser, args)
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
        rows, tasks = self.rows_file(args), self.tasks(args)

        def done(task, outcome):
            shown[task.key] = outcome.shown
            scores = [
                f"{name} {show(outcome.row[name])}"
                for name in score_names(outcome.row)
                if not name.startswith((*self.file_only,))
            ]
            note(f"{task.variant}, seed {task.seed}: {', '.join(scores)}")

        complete = self.run_missing(args, rows, tasks, done)
        results = Rows(rows.rows[task.key] for task in tasks if task.key in rows.rows)
        if results:
            seeds = "1 seed" if args.runs == 1 else f"{args.runs} seeds"
            print(f"On {self.tested_on(args.settings)}, {seeds}:\n")
            print_table(comparison_table(results, self.file_only))
            self._conclude(args, results, tasks, shown)
        note(f"{time.perf_counter() - began:.0f} s")
        if not complete:
            raise SystemExit(1)
        return results

    def tested_on(self, settings):
        return self._tested_on(settings) if callable(self._tested_on) else self._tested_on

    def perform(self, settings, variant, seed):
        ran = self.run(settings, self.variants(settings)[variant], seed)
        history = None if ran.history is None else dict(ran.history)
        return Outcome(make_row(variant, seed, ran), history, ran.shown)

    def _conclude(self, args, results, tasks, shown):
        """What is shown of one run, the plot, and the finding of a whole table."""
        if self.show:
            variant, show_run = self.show
            for task in tasks:
                if task.key == (variant, args.seed):
                    if task.key not in shown:  # only its row was there
                        shown[task.key] = run_task(task, self).shown
                    if shown[task.key] is not None:
                        show_run(shown[task.key], args)
        if self.plot and args.plot:
            self.plot[1](args.plot, results, args.settings)
        if self.finding and len(results.variants) == len(self.variants(args.settings)):
            self.finding(results, args.settings)


class Rows(list):
    """The rows of a comparison, to be asked for what they say of a variant."""

    @property
    def variants(self):
        """The names of the variants, in the order of the rows."""
        return list(dict.fromkeys(row["variant"] for row in self))

    def values(self, variant, score):
        """A score of every seed of a variant, as floats; without a value, NaN."""
        return [as_number(row[score]) for row in self if row["variant"] == variant]

    def mean(self, variant, score):
        """The mean over the seeds that have a value; NaN if none has."""
        values = [v for v in self.values(variant, score) if not math.isnan(v)]
        return sum(values) / len(values) if values else math.nan


def make_row(variant, seed, run):
    """The row of one training.

    A seed whose loss was not finite has nothing right, and no seconds.
    """
    diverged = run.history is not None and run.history.diverged
    scores = failed_scores(run.scores) if diverged else run.scores
    counted = isinstance(run.model, int)
    row = {"variant": variant, "seed": seed}
    for name, value in scores.items():
        if isinstance(value, float):
            value = float(value) if math.isfinite(value) else None
        row[name] = value
    row["parameters"] = run.model if counted else run.model.count_params()
    row["seconds"] = None if diverged else round(getattr(run.history, "seconds", 0.0), 3)
    row["compile_seconds"] = round(getattr(run.history, "compile_seconds", 0.0), 3)
    row["processor"] = processor()
    return row


def print_table(lines):
    """Print rows of text in columns, the header first."""
    widths = [max(map(len, column)) for column in zip(*lines)]
    for line in lines:
        cells = [cell.rjust(width) for cell, width in zip(line, widths)]
        print("  ".join([line[0].ljust(widths[0]), *cells[1:]]).rstrip())
    print(flush=True)


def _print_cells(label, cells):
    print("".join([f"{label:>6}", *[f"  {cell:>22}" for cell in cells]]), flush=True)

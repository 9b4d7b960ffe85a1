"""The five scripts: what stands around an experiment, its flags, seeds, rows and files.

    experiment = Experiment(__name__, build_model, run, ...)
    main = experiment.main

is the end of each of them. `Script` turns flags into tasks, gives them to the engine, and
keeps their rows; a `Comparison` (common/runner/comparison.py) of an extension does so, too.
"""

import dataclasses
import time
from contextlib import nullcontext
from random import Random

from common.progress import note
from common.runner import cli, watching
from common.runner.rows import has_failed, make_row, score_names
from common.runner.saved import load_weights, read_about, save_model
from common.runner.script import Script
from common.runner.tables import print_table, scores_text, seeds_table
from common.runner.task import Outcome
from common.scores import print_scores
from common.training import cache_models, initialize


class Experiment(Script):
    """One of the five scripts, from flags to files.

    The functions are the script's, which says what they do. `tested_on(settings, seeds)`
    returns what is scored, as words; `to_watch(settings)` questions, as texts and as X and
    y; `beyond(model, settings)` prints what goes beyond the tutorial.
    """

    def __init__(
        self,
        name,
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
        super().__init__(name)
        self.build_model, self.run, self.show, self.score = build_model, run, show, score
        self.evaluate, self.tested_on, self.to_watch = evaluate, tested_on, to_watch
        self.beyond, self.ask, self.check_question = beyond, ask, check_question
        self.alphabet = alphabet and "".join(alphabet)
        self._cached_model = cache_models(build_model)

    def parse_args(self, argv=None):
        parser = cli.Parser(self.doc)
        parser.add_settings(self.Settings)
        parser.add_runs()
        parser.add_file("--history", ".csv", "write each epoch's loss (and accuracy)")
        parser.add_file("--plot", ".png", "draw the learning curve, a line per seed")
        parser.add_file("--save", ".keras", "save the trained model (not with --runs)")
        parser.add_load()
        what = "show what the model answers to some questions while it learns"
        parser.add_argument("--watch", action="store_true", help=what)
        if self.ask:
            what = "ask the model a sum, such as 3+4 (can be repeated)"
            parser.add_argument("--ask", action="append", metavar="SUM", help=what)
        args = parser.parse_args(
            argv, lambda path: read_about(path, self.name, self.alphabet)
        )
        for flag in ("ask", "save", "watch"):
            if args.runs > 1 and flag in args.given:
                parser.error(f"--{flag} is about one model: it does not go with --runs")
        nothing = ("epochs", "seed", "runs", "jobs", "watch")
        nothing += ("save", "history", "plot", "scores")
        parser.refuse_together(args, "load", nothing, ", which trains nothing")
        parser.refuse_together(args, "cluster", ["jobs"], "")
        for flag in ("jobs", "cluster"):
            if args.runs == 1 and flag in args.given:
                parser.error(f"--{flag} spreads several trainings: it needs --runs")
        try:
            for question in getattr(args, "ask", None) or []:
                self.check_question(question, args.settings)
        except ValueError as error:
            parser.error(f"--ask {error}")
        return args

    def main(self, argv=None):
        args = self.parse_args(argv)
        began = time.perf_counter()
        with self.rows_file(args) as rows:
            (self._run_one if args.runs == 1 else self._run_several)(args, rows)
        seeds = "1 seed" if args.runs == 1 else f"{args.runs} seeds"
        trained = f"{seeds}, {args.settings.epochs} epochs"
        what = f"{args.load} scored" if args.load else trained
        note(f"{what}: {time.perf_counter() - began:.1f} s")

    def variants(self, settings):
        return (self.name,)

    def variants_asked(self, args):
        return (self.name,)

    def perform(self, settings, variant, seed):
        model = self._cached_model(settings)
        initialize(model, seed)
        history, scores = self.run(model, settings, seed)
        row = make_row(variant, seed, model, history, scores)
        return Outcome(row, dict(history))

    def _run_one(self, args, rows):
        """One seed always trains, and shows the model and what it answers."""
        settings = args.settings
        model, history = self.build_model(settings), None
        if args.load:
            load_weights(model, args.load)
        else:
            initialize(model, args.seed)
        model.summary()
        if args.load:
            self.show(model, settings, Random("shown"))  # drawn in no training
            scores = self.score(model, settings)
        else:
            with self._watched(model, settings) if args.watch else nullcontext():
                history, scores = self.run(model, settings, args.seed)
        row = make_row(self.name, args.seed, model, history, scores)
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
        questions, X, y = self.to_watch(settings)
        return watching.watched(
            settings.epochs,
            questions,
            lambda: [[*side] for side in self.evaluate(model, X, y, settings)],
        )

    def _run_several(self, args, rows):
        """A table with a row per seed, in their order, then the median (worst to best)."""
        tasks, histories = self.tasks(args), {}
        again = bool(args.history or args.plot)  # rows do not keep the histories

        def done(task, outcome):
            histories[task.seed] = outcome.history
            note(f"seed {task.seed}: {scores_text(outcome.row)}")

        complete = self.run_missing(args, rows, tasks, done, again)
        found = [row for task in tasks for row in rows.of(task.key)]
        if found:
            print(f"On {self.tested_on(args.settings, args.seeds)}:\n")
            print_table(seeds_table(found))
            n_failed = sum(map(has_failed, found))
            if n_failed:
                print(f"{n_failed} of {len(found)} seeds failed: the loss was not finite.")
        if histories:
            self._write_histories(args, dict(sorted(histories.items())))
        if not complete:
            raise SystemExit(1)

    def _write_histories(self, args, histories):
        from common.runner.plots import plot_history, write_history

        if args.history:
            write_history(args.history, histories)
        if args.plot:
            title = self.doc.strip().split("\n")[0].rstrip(".")
            plot_history(args.plot, histories, title=title)

"""The five scripts: what stands around an experiment, its flags, seeds, rows and files.

    experiment = Experiment(__doc__, Settings, build_model, run, ...)
    main = experiment.main

is the end of each of them; whatever comes after `run` may be left out.
"""

import dataclasses
import functools
import time

from common import training
from common.progress import note
from common.runner import cli, watching
from common.runner.files import write_all
from common.runner.rows import make_row
from common.runner.saved import load_weights, read_about, save_model
from common.runner.script import Script, load_tensorflow
from common.runner.tables import print_table, seeds_table
from common.runner.task import Outcome
from common.scores import Score, print_scores, print_wrong


class Experiment(Script):
    """One of the five scripts, from flags to files.

    Args:
        doc: The script's docstring, for --help and the titles of plots.
        Settings: A `BaseSettings`: the flags.
        build_model: Takes settings, returns a compiled Keras model.
        run: `run(settings, seed, train)` is the tutorial's example; returns the model and
            what `train` returned.
        fit_epochs: Takes the place of `train` with --fit.
        test, watch: Take settings, return the questions to score, and some for --watch.
        tested_on: `tested_on(questions, settings, seed)` says in words what is scored.
        evaluate: `evaluate(model, questions, settings)` returns the questions as texts, the
            right answers and the model's, three lists.
        score: Takes right and given answers, returns {Score: value}. Without it the last
            loss and metrics are the scores.
        read_question: `read_question(text, settings)` reads what --ask asks; ValueError if
            it cannot be asked.
        ask: `ask(model, settings, question)` prints what the model says to it.
        beyond: `beyond(model, settings)` prints what else there is to see.
        alphabet: The characters that the model was trained on, which must be those of a
            saved one.
    """

    def __init__(
        self,
        doc,
        Settings,
        build_model,
        run,
        *,
        fit_epochs=None,
        test=None,
        watch=None,
        tested_on=None,
        evaluate=None,
        score=None,
        read_question=None,
        ask=None,
        beyond=None,
        alphabet=(),
    ):
        super().__init__(doc, Settings, run)
        self.build_model, self.fit_epochs = build_model, fit_epochs
        self.test, self.watch, self.tested_on = test, watch, tested_on
        self.evaluate, self.score = evaluate, score
        self.read_question, self.ask, self.beyond = read_question, ask, beyond
        self.alphabet = "".join(alphabet) or None

    def parse_args(self, argv=None):
        parser = cli.Parser(self.doc)
        parser.add_settings(self.Settings)
        parser.add_seed()
        if self.fit_epochs:
            parser.add_flag("--fit", "train as the tutorial does: slower")
        if self.watch:
            parser.add_flag("--watch", "show some answers while it learns")
        parser.add_file("--plot", ".png", "draw the learning curves")
        parser.add_file("--history", ".csv", "write the loss of each epoch")
        parser.add_file("--save", ".keras", "save the trained model")
        parser.add_load()
        if self.ask:
            what = "ask the model a sum, such as 3+4 (repeatable)"
            parser.group.add_argument("--ask", action="append", metavar="SUM", help=what)
        parser.add_runs()
        args = parser.parse_args(
            argv, lambda path: read_about(path, self.name, self.alphabet)
        )
        for flag in ("ask", "save", "watch", "fit"):
            if args.runs > 1 and flag in args.given:
                parser.error(f"--{flag} is about one model: it does not go with --runs")
        nothing = ("epochs", "seed", "runs", "jobs", "watch", "fit")
        nothing += ("save", "history", "plot", "scores")
        parser.refuse_together(args, "load", nothing, ", which trains nothing")
        parser.refuse_together(args, "cluster", ["jobs"])
        parser.refuse_together(args, "fit", ["watch", "history", "plot", "scores"])
        for flag in ("jobs", "cluster"):
            if args.runs == 1 and flag in args.given:
                parser.error(f"--{flag} spreads several trainings: it needs --runs")
        try:
            asked = getattr(args, "ask", None) or []
            args.questions = [self.read_question(text, args.settings) for text in asked]
        except ValueError as error:
            parser.error(f"--ask {error}")
        return args

    def main(self, argv=None):
        args = self.parse_args(argv)
        if args.runs == 1:
            load_tensorflow()
        if args.load:
            model = self.build_model(args.settings)
            load_weights(model, args.load)
            self._show(args, model, None)
            return
        with self.rows_file(args) as rows:
            (self._run_one if args.runs == 1 else self._run_several)(args, rows)

    def variants(self, settings):
        return {self.name: {}}

    def variants_asked(self, args):
        return [self.name]

    def perform(self, settings, variant, seed, callbacks=()):
        train = self.training(settings, variant, callbacks)
        model, history = self.run(settings, seed, train=train)
        scores, _ = self.scored(model, settings, history)
        row = make_row(variant, seed, model, history, scores)
        return Outcome(row, dict(history))

    def scored(self, model, settings, history=None):
        """Scores, and what `evaluate` returned for them; the model is asked once."""
        if self.score:
            answers = self.evaluate(model, self.test(settings), settings)
            return self.score(*answers[1:]), answers
        last = {name: values[-1] for name, values in (history or {}).items()}
        return {Score(name, kind="number"): value for name, value in last.items()}, None

    def _tested_on(self, args):
        if not self.tested_on:
            return "Tested"
        return self.tested_on(self.test(args.settings), args.settings, args.seed)

    def _run_one(self, args, rows):
        """One seed always trains, and shows the model and what it answers."""
        began, settings = time.perf_counter(), args.settings
        if "fit" in args.given:
            train = self.fit_epochs
        else:
            answers = self._watched(settings) if "watch" in args.given else None
            callback = watching.losses(settings.epochs, answers)
            train = functools.partial(training.train, callbacks=[callback])
        model, history = self.run(settings, args.seed, train=train)
        scores = self._show(args, model, history)
        writing = []
        if args.save:
            writing.append((args.save, functools.partial(self._save, args, model)))
        if args.scores:
            row = make_row(self.name, args.seed, model, history, scores)
            writing.append((args.scores, lambda path: rows.add(row)))
        write_all([*writing, *self._histories_to_write(args, {args.seed: history})])
        seconds = f"{time.perf_counter() - began:.1f} s"
        if history is not None:
            seconds += f", of which training {history.seconds:.1f} s"
            seconds += f", compiling {history.compile_seconds:.1f} s"
        note(seconds)

    def _save(self, args, model, path):
        sizes = dataclasses.asdict(args.settings)
        about = {"experiment": self.name, "seed": args.seed, "epochs": sizes.pop("epochs")}
        save_model(model, path, about | {"sizes": sizes, "alphabet": self.alphabet})
        asking = " --ask 3+4" if self.ask else ""
        note(f"Saved {path}; try: python {self.file} --load {path}{asking}")

    def _watched(self, settings):
        questions = self.watch(settings)
        return lambda model: self.evaluate(model, questions, settings)

    def _show(self, args, model, history):
        """Print what stands behind the tutorial's answers; returns the scores."""
        settings = args.settings
        scores, answers = self.scored(model, settings, history)
        if self.score:
            print()
            print_scores(scores, self._tested_on(args))
            print_wrong("", *answers, n_shown=5)
        if self.beyond:
            self.beyond(model, settings)
        if history is not None and history.diverged:
            print(f"Failed: the loss was not finite in epoch {len(history['loss'])}.")
        for question in args.questions:
            self.ask(model, settings, question)
        return scores

    def _run_several(self, args, rows):
        """A row for each seed, then the median, the worst and the best of each score."""
        began, tasks, histories = time.perf_counter(), self.tasks(args), {}
        again = bool(args.history or args.plot)  # rows do not keep the histories

        def done(task, outcome):
            histories[task.seed] = outcome.history

        complete = self.run_missing(args, rows, tasks, done, again)
        there = [row for task in tasks for row in rows.of(task.key)]
        if there:
            if self.score:
                print(f"{self._tested_on(args)} (seed {args.seed}):\n")
            print_table(seeds_table(there))
        write_all(self._histories_to_write(args, dict(sorted(histories.items()))))
        note(f"{args.runs} seeds, {time.perf_counter() - began:.1f} s")
        if not complete:
            raise SystemExit(1)

    def _histories_to_write(self, args, histories):
        """Pairs of a path and what writes it."""
        from common.runner import plots

        title = (self.doc or self.name).strip().split("\n")[0].rstrip(".")

        def write(path):
            if path == args.plot:
                plots.plot_history(path, histories, title=title)
            else:
                plots.write_history(path, histories)
            note(f"Wrote {path}")

        asked = [path for path in (args.history, args.plot) if path and histories]
        return [(path, write) for path in asked]

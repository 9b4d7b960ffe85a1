"""What a script leaves behind: the scores of its seeds and variants, and files."""

import sys
import time

from common.curves import plot_history, write_history
from common.saved import save_model
from common.scores import print_scores
from common.tables import NOT_SCORES, comparison_table, show, summary, write_scores


class Results:
    """Collects what each seed of an experiment gives; writes what the flags ask for.

        results = Results(args, "1000 new sums")
        for seed, history, scores, seconds in each_seed(run, args, model, build_model):
            results.add(seed, history, scores, seconds)
        results.write(model)

    One seed: its scores, a line each. Several: a table, a row a seed as it comes,
    then mean, standard deviation (of a sample: n - 1) and worst. Times go to standard
    error.
    """

    def __init__(self, args, tested_on):
        self.args, self.tested_on = args, tested_on
        self.rows, self.histories, self.clock = [], {}, Clock()

    def add(self, seed, history, scores, seconds):
        """`history`: as `train` returns it; `scores`: a dict as in `common.scores`;
        `seconds`: what the seed took."""
        if not self.rows:
            print(f"\nOn {self.tested_on}:")
        if self.args.runs == 1:
            print_scores(scores)
        else:
            if not self.rows:
                _print_cells("seed", scores)
            _print_cells(seed, map(show, scores.values()))
        self.rows.append({"seed": seed, **scores, "seconds": seconds})
        self.histories[seed] = history

    def write(self, model):
        """Finish the table; write the files that the flags name."""
        args = self.args
        if args.runs > 1:
            scores = [{k: row[k] for k in row if k not in NOT_SCORES} for row in self.rows]
            for label, values in summary(scores).items():
                _print_cells(label, values.values())
        if args.scores:
            write_scores(args.scores, self.rows)
        if args.history:
            write_history(args.history, self.histories)
        if args.plot:
            plot_history(args.plot, self.histories, title=args.plot_title)
        if args.save:
            save_model(model, args.save, args.about)
        if args.load:
            print(f"{args.load} scored: {self.clock.total():.1f} s", file=sys.stderr)
            return
        seeds = "1 seed" if args.runs == 1 else f"{args.runs} seeds"
        print(f"{seeds}, {args.epochs} epochs: {self.clock.total():.1f} s", file=sys.stderr)


class Comparison:
    """Collects what the seeds of several variants give, and prints one table.

        comparison = Comparison(args, "1000 new sums")
        for variant, build_model in VARIANTS.items():
            model = build_model(args)
            for seed in args.seeds:
                ...
                comparison.add(variant, seed, model.count_params(), scores)
        comparison.write()
        print(f"... {comparison.mean(variant, EXACT):.1%} ...")

    As it goes, a line a seed on standard error; then the table: variant, parameters,
    and mean, standard deviation and worst of every score.
    """

    def __init__(self, args, tested_on):
        self.args, self.tested_on = args, tested_on
        self.rows, self.clock = [], Clock()

    def add(self, variant, seed, parameters, scores):
        """`parameters`: how many the model has; `scores`: as in `common.scores`."""
        row = {"variant": str(variant), "parameters": parameters, "seed": seed, **scores}
        self.rows.append({**row, "seconds": self.clock.lap()})
        shown = ", ".join(f"{name} {show(value)}" for name, value in scores.items())
        print(f"{variant}, seed {seed}: {shown}", file=sys.stderr)

    def values(self, variant, score):
        """The score of every seed of a variant, as floats, in the order they came."""
        rows = [row for row in self.rows if row["variant"] == str(variant)]
        return [float(row[score]) for row in rows]

    def mean(self, variant, score):
        """The mean of a score over the seeds of a variant, a float."""
        return sum(self.values(variant, score)) / len(self.values(variant, score))

    def write(self):
        """Print the table; write the file that --scores names."""
        seeds = "1 seed" if self.args.runs == 1 else f"{self.args.runs} seeds"
        print(f"On {self.tested_on}, {seeds}:\n")
        lines = comparison_table(self.rows)
        widths = [max(map(len, column)) for column in zip(*lines)]
        for line in lines:
            cells = [cell.rjust(width) for cell, width in zip(line, widths)]
            print("  ".join([line[0].ljust(widths[0]), *cells[1:]]).rstrip())
        print(flush=True)
        if self.args.scores:
            write_scores(self.args.scores, self.rows)
        print(f"{self.clock.total():.0f} s", file=sys.stderr)


class Clock:
    """Seconds since it was made, and since the last lap."""

    def __init__(self):
        self.began = self.last = time.perf_counter()

    def lap(self):
        before, self.last = self.last, time.perf_counter()
        return round(self.last - before, 2)

    def total(self):
        return time.perf_counter() - self.began


def _print_cells(label, cells):
    print("".join([f"{label:>6}", *[f"  {cell:>22}" for cell in cells]]), flush=True)

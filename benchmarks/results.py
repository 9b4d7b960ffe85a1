"""Measure every figure of the documentation anew, and write it into the tables.

Runs the scripts at the tutorials' budgets over several seeds; what each seed scored
goes to docs/results/, a CSV file an experiment, the plots to docs/figures/, and the
tables of README.md and extensions/README.md are made from the CSV files, between
markers:

    <!-- table: docs/results/addition_order.csv -->
    <!-- end -->

    python benchmarks/results.py                       everything, several hours
    python benchmarks/results.py --only addition_mlp   one experiment
    python benchmarks/results.py --tables              just the tables, from the files

If it is interrupted, the next run goes on with the experiment it was at.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from common.tables import comparison_table, read_scores, summary

from common import cli
from common.files import written_whole
from common.scores import EXACT, RMSE

RESULTS, FIGURES = ROOT / "docs" / "results", ROOT / "docs" / "figures"
PAGES = [ROOT / "README.md", ROOT / "extensions" / "README.md"]
DONE = RESULTS / ".done"  # names of the experiments that an interrupted run has finished

# script: the number of seeds, and what the tutorial printed
EXPERIMENTS = {
    "addition_mlp": (30, "RMSE 0.000000"),
    "addition_lstm_regression": (30, "RMSE 0.565685"),
    "addition_seq2seq": (10, "20 of 20 right"),
    "echo_whole": (10, "21 of 21 right"),
    "echo_partial": (5, "20 of 21 right"),
}


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_argument("--only", metavar="NAME", choices=[*commands()], help="one of them")
    parser.add_argument(
        "--tables", action="store_true", help="fill the tables, run nothing"
    )
    return parser.parse_args(argv)


def commands():
    """{name: command} of everything that is measured, in the order of the pages."""
    found = {
        name: [f"{name}.py", "--runs", str(runs), "--plot", f"docs/figures/{name}.png"]
        for name, (runs, _) in EXPERIMENTS.items()
    }
    found["training"] = ["benchmarks/training.py"]
    found["startup"] = ["benchmarks/startup.py"]
    # an extension's command stands over the table that it fills
    pattern = (
        r"(?s)\n {4}python (extensions/(\w+)\.py[^\n]*)\n\n<!-- table: docs/results/\2\.csv"
    )
    page = PAGES[1].read_text(encoding="utf-8") if PAGES[1].exists() else ""
    for command, name in re.findall(pattern, page):
        found[name] = command.split()
    for name, command in found.items():
        command += ["--scores", f"docs/results/{name}.csv"]
    found["figures"] = ["benchmarks/figures.py"]
    return found


def markdown(lines):
    """Rows of text, the header first, as a table; figures to the right."""
    rule = ["---"] + ["---:"] * (len(lines[0]) - 1)
    return "\n".join(
        "| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]]
    )


def compact(lines):
    """A comparison's rows with the standard deviation in the column of the mean."""
    std = [i for i, name in enumerate(lines[0]) if name == "std"]
    kept = [i for i in range(len(lines[0])) if i not in std]
    for line in lines[1:]:
        for i in std:
            line[i - 1] += f" ± {line[i]}" if line[i] != "-" else ""
    return [[line[i] for i in kept] for line in lines]


def experiments_table():
    """The README's table: what the tutorials printed beside what the seeds scored."""
    lines = [["script", "the tutorial printed", "seeds", "exact match", "worst", "RMSE"]]
    lines[0] += ["worst", "s a seed"]
    for name, (_, printed) in EXPERIMENTS.items():
        if not (RESULTS / f"{name}.csv").exists():
            continue
        rows = read_scores(RESULTS / f"{name}.csv")
        error = next((column for column in rows[0] if RMSE in column), None)
        line = [f"`{name}.py`", printed, str(len(rows))]
        for score in (EXACT, error):
            if score is None:
                line += ["", ""]
                continue
            figures = summary([{score: row[score]} for row in rows])
            mean, std, worst = (figures[kind][score] for kind in ("mean", "std", "worst"))
            line += [f"{mean} ± {std}", worst]
        further = [row["seconds"] for row in rows[1:]]  # the first one's hold compilation
        line.append(f"{sum(further) / len(further):.2g}")
        lines.append(line)
    return lines


def table(name):
    """The table that a marker asks for, from the CSV files."""
    if name == "experiments":
        return experiments_table()
    rows = read_scores(ROOT / name)
    machine = ("python", "tensorflow", "keras", "numpy", "processor")
    rows = [{k: row[k] for k in row if k not in machine} for row in rows]
    if "variant" in rows[0]:
        return compact(comparison_table(rows))
    return [[*rows[0]], *[[str(value) for value in row.values()] for row in rows]]


def filled(text):
    """A page's text with the tables between its markers made anew.

    A table whose file is not there, since it was not measured yet, stays as it is.
    """

    def fill(match):
        if match[2] != "experiments" and not (ROOT / match[2]).exists():
            return match[0]
        return match[1] + markdown(table(match[2])) + "\n" + match[3]

    return re.sub(
        r"(<!-- table: (\S+) -->\n).*?(<!-- end -->)", fill, text, flags=re.DOTALL
    )


def fill_tables():
    for page in filter(Path.exists, PAGES):
        text = page.read_text(encoding="utf-8")
        with written_whole(page) as unfinished:
            unfinished.write_text(filled(text), encoding="utf-8")


def main(argv=None):
    args = parse_args(argv)
    RESULTS.mkdir(parents=True, exist_ok=True)
    FIGURES.mkdir(parents=True, exist_ok=True)
    todo = {} if args.tables else commands()
    if args.only:
        todo = {args.only: todo[args.only]}
    elif DONE.exists() and not args.tables:
        done = DONE.read_text().split()
        todo = {name: command for name, command in todo.items() if name not in done}
        print(f"Going on after {', '.join(done)}.", file=sys.stderr)
    for number, (name, command) in enumerate(todo.items(), start=1):
        print(
            f"[{number}/{len(todo)}] python {' '.join(command)}",
            file=sys.stderr,
            flush=True,
        )
        script = [sys.executable, *command]
        if subprocess.run(script, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
            raise SystemExit(f"{command[0]} failed; what was measured before it is kept")
        if not args.only:
            with open(DONE, "a") as file:
                print(name, file=file)
    fill_tables()
    if not args.only and not args.tables and DONE.exists():
        os.remove(DONE)


if __name__ == "__main__":
    cli.run(main)

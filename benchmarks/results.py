"""Measure every figure of the documentation anew, and write it into the tables.

Runs the scripts at the tutorials' budgets over several seeds; what each seed scored
goes to docs/results/, a CSV file per experiment, the plots to docs/figures/, and the
tables of README.md, docs/speed.md and the pages in extensions/ are made from the CSV
files, between markers. One that names scores has only these, one of differences has the
pairs of variants that the script compares, and one of pages lists them:

    <!-- table: docs/results/addition_order.csv; Exact match; Terms swapped -->
    <!-- end -->
    <!-- table: differences; addition_order -->
    <!-- end -->
    <!-- table: pages; addition_heldout; addition_padding -->
    <!-- end -->

docs/again.md has the seeds with which some of them were tried again, in a folder of their
own, docs/results/again/.

    python -m benchmarks.results                       everything, several hours
    python -m benchmarks.results --jobs 2              over two processes
    python -m benchmarks.results --only addition_mlp   one experiment
    python -m benchmarks.results --anew                rows that are there, too
    python -m benchmarks.results --tables              just the tables, from the files

Only rows that are missing are made, one by one: the next run goes on where this one was
interrupted. With --anew all are; a file stays as it is until the new one is complete.
"""

import importlib
import math
import os
import re
import shlex
import statistics
import subprocess
import sys
from pathlib import Path

from common.progress import note
from common.runner import cli
from common.runner.files import Unusable, written_whole
from common.runner.rows import RowsFile, by_variant, has_failed, read_rows
from common.runner.tables import (
    cell,
    comparison_table,
    differences_table,
    score_text,
    scores_shown,
    title,
)
from common.scores import EXACT

ROOT = Path(__file__).resolve().parents[1]

RESULTS, FIGURES = ROOT / "docs" / "results", ROOT / "docs" / "figures"
EXTENSIONS = sorted((ROOT / "extensions").glob("*.md"))
AGAIN = ROOT / "docs" / "again.md"
PAGES = [ROOT / "README.md", ROOT / "docs" / "speed.md", AGAIN, *EXTENSIONS]

# script: its tutorial and section, what that printed, and the number of seeds
MAPPING = "A, Addition as a Mapping Problem"
EXPERIMENTS = {
    "addition_lstm_regression": (MAPPING, "RMSE 0.57, 12 of 20 right", 30),
    "addition_mlp": (f"{MAPPING} (MLP)", "RMSE 0, 20 of 20 right", 30),
    "addition_seq2seq": (
        "A, Addition as a seq2seq Problem",
        "accuracy 0.9940, 20 of 20 right",
        30,
    ),
    "echo_whole": ("B, Echo Whole Sequence", "accuracy 1.0000, 21 of 21 right", 30),
    "echo_partial": ("B, Echo Partial Sequence", '"100 %", but 20 of 21 right', 20),
}
BENCHMARKS = ("training", "startup", "jobs")  # these measure seconds: one at a time


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_argument("--only", metavar="NAME", choices=[*commands()], help="one of them")
    parser.add_flag("--tables", "fill the tables, run nothing")
    parser.add_flag("--anew", "measure all rows anew")
    parser.add_size("--jobs", free_processes(), "spread the trainings over processes")
    parser.add_cluster()
    args = parser.parse_args(argv)
    parser.refuse_together(args, "cluster", ["jobs"], "")
    return args


def free_processes():
    """As many as there are cores, but no more than a GB of memory is free for each."""
    from joblib import cpu_count

    memory = Path("/proc/meminfo")  # Linux; elsewhere the cores count alone
    free = memory.exists() and re.search(r"MemAvailable: +(\d+)", memory.read_text())
    return max(1, min(cpu_count(), int(free[1]) // 2**20)) if free else cpu_count()


def commands():
    """{name: its commands} of everything that is measured, in the order of the pages."""
    commands = {
        name: [[f"{name}.py", "--runs", str(runs), "--plot", f"docs/figures/{name}.png"]]
        for name, (_, _, runs) in EXPERIMENTS.items()
    }
    # an extension's commands stand over the table that they fill
    pattern = (
        r"((?:\n {4}python -m extensions\..*)+)\n\n<!-- table: docs/results/(\w+)\.csv"
    )
    for page in EXTENSIONS:
        for lines, name in re.findall(pattern, page.read_text(encoding="utf-8")):
            commands[name] = [shlex.split(line)[1:] for line in lines.split("\n")[1:]]
    pattern = r"\n {4}python (-m extensions\.(\w+) .*)"
    for line, name in re.findall(pattern, AGAIN.read_text(encoding="utf-8")):
        commands[f"again/{name}"] = [shlex.split(line)]
    for name in (*BENCHMARKS, "figures"):
        commands[name] = [["-m", f"benchmarks.{name}"]]
    return commands


def measure(name, its_commands, args):
    """Run commands, and put their rows at their place once they are complete."""
    if name == "figures":
        run(*its_commands)
        return
    target = RESULTS / f"{name}.csv"
    anew = args.anew or not target.exists()
    path = target.with_name(f".{target.name}") if anew else target
    if name in BENCHMARKS and path == target:
        return
    where = ["--cluster", args.cluster] if args.cluster else ["--jobs", str(args.jobs)]
    for command in its_commands:
        there = name not in BENCHMARKS and is_complete(path, command)
        if not (there and name in EXPERIMENTS):  # whose --plot would train all seeds again
            to = ["--scores", path.relative_to(ROOT).as_posix()]
            run([*command, *to, *([] if name in BENCHMARKS else where)])
    os.replace(path, target)


def is_complete(path, command):
    """Whether a file has all rows of a command; an unfinished one of others is removed.

    Raises Unusable for a finished one of others.
    """
    module, flags = read_command(command)
    asked = module.experiment.parse_args(flags)
    try:
        rows = RowsFile(path, module.experiment.header(asked.settings))
    except Unusable:
        if not path.name.startswith("."):
            raise
        path.unlink()
        return False
    return all(task.key in rows for task in module.experiment.tasks(asked))


def read_command(command):
    """The module that a command runs, and its flags: NAME.py ..., or -m NAME ..."""
    name = command[1] if command[0] == "-m" else Path(command[0]).stem
    return importlib.import_module(name), command[2 if command[0] == "-m" else 1 :]


def run(command):
    note(f"python {shlex.join(command)}")
    script = [sys.executable, *command]
    if subprocess.run(script, cwd=ROOT, stdout=subprocess.DEVNULL).returncode:
        raise SystemExit(f"{shlex.join(command)} failed; the rows that were made are kept")


def markdown(lines):
    """Rows of text, the header first, as a table; columns of figures to the right."""
    rule = [
        "---:" if all(re.match(r"[\d+-]|$", cell) for cell in column) else "---"
        for column in (zip(*lines[1:]) if lines[1:] else zip(lines[0]))
    ]
    rule[0] = "---"  # names, which may begin with a digit
    return "\n".join(
        "| " + " | ".join(line) + " |" for line in [lines[0], rule, *lines[1:]]
    )


def experiments_table():
    """The README's table: what the tutorials printed beside what the seeds scored."""
    got = "you get (seed 1)"
    seeds = "seeds without an error, on how many answers; median right"
    lines = [["tutorial, section", "command", "s", "the tutorial printed", got, seeds]]
    ran = {row["script"]: row for row in read_rows(RESULTS / "startup.csv")}
    for name, (section, printed, _) in EXPERIMENTS.items():
        rows = read_rows(RESULTS / f"{name}.csv")
        shares = [row[EXACT] for row in rows]
        perfect = sum(share.right == share.total for share in shares)
        middle = cell(rows, EXACT).partition(" (")[0]
        of_seeds = f"{perfect} of {len(rows)}, on {shares[0].total:,}; {middle} %"
        whole = f"{ran[name]['whole script s']:.0f}"
        command = f"`python {name}.py`"
        lines.append([section, command, whole, printed, ran[name]["printed"], of_seeds])
    return lines


def pages_table(names):
    """The index: each page's question, its answer, and what its rows take."""
    lines = [["question", "answer", "minutes per seed"]]
    for name in names:
        text = (ROOT / "extensions" / f"{name}.md").read_text(encoding="utf-8")
        question, answer = re.match(r"(?s)# ([^\n]+)\n.*?\*\*(.*?)\*\*", text).groups()
        files = sorted({*re.findall(r"table: (docs/results/\w+\.csv)", text)})
        minutes = math.fsum(minutes_per_seed(read_rows(ROOT / file)) for file in files)
        answer = " ".join(answer.split())
        shown = f"{minutes:.0f}" if minutes >= 10 else f"{minutes:.2g}"
        lines.append([f"[{question}]({name}.md)", answer, shown])
    return lines


def minutes_per_seed(rows):
    """What one seed of every variant takes to train: their means, added up."""
    groups = by_variant(row for row in rows if not has_failed(row)).values()
    means = [statistics.fmean(row["seconds"] for row in group) for group in groups]
    return math.fsum(means) / 60


def again_table(other_scores):
    """A score of each variant that was tried again, beside that of its page.

    It is the first one, where `other_scores` has no "script = score".
    """
    other = {script: [s] for script, s in (text.split(" = ") for text in other_scores)}
    lines = [["script", "variant", "score", "the page's seeds", "five fresh ones"]]
    for path in sorted((RESULTS / "again").glob("*.csv")):
        known = by_variant(read_rows(RESULTS / path.name))
        for variant, fresh in by_variant(read_rows(path)).items():
            [score, *_] = scores_shown(fresh, other.get(path.stem))
            cells = [cell(rows, score) for rows in (known[variant], fresh)]
            lines.append([path.stem, variant, title(score), *cells])
    return lines


def table(name, *asked):
    """The table that a marker asks for, from the CSV files or from other pages."""
    if name == "experiments":
        return experiments_table()
    if name == "again":
        return again_table(asked)
    if name == "pages":
        return pages_table(asked)
    if name == "differences":
        rows = read_rows(RESULTS / f"{asked[0]}.csv")
        experiment = importlib.import_module(f"extensions.{asked[0]}").experiment
        return differences_table(rows, experiment.compares(experiment.Settings()))
    rows = read_rows(ROOT / name)
    if Path(name).stem in BENCHMARKS:
        return [[*rows[0]], *[[as_text(value) for value in row.values()] for row in rows]]
    return comparison_table(rows, names=asked)


def as_text(value):
    if isinstance(value, int):
        return f"{value:,}"
    return score_text(value) if isinstance(value, float) else str(value)


def filled(text):
    """A page's text with the tables between its markers made anew.

    A table whose file is not there, since it was not measured yet, stays as it is.
    """

    def fill(match):
        name, *asked = match[2].split("; ")
        if name.endswith(".csv") and not (ROOT / name).exists():
            return match[0]
        return match[1] + markdown(table(name, *asked)) + "\n" + match[3]

    return re.sub(r"(<!-- table: (.+) -->\n)(?:.*\n)*?(<!-- end -->)", fill, text)


def fill_tables():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        with written_whole(page) as unfinished:
            unfinished.write_text(filled(text), encoding="utf-8")


def main(argv=None):
    args = parse_args(argv)
    (RESULTS / "again").mkdir(parents=True, exist_ok=True)
    FIGURES.mkdir(parents=True, exist_ok=True)
    todo = {} if args.tables else commands()
    if args.only:
        todo = {args.only: todo[args.only]}
    for name in todo:
        measure(name, todo[name], args)
    fill_tables()


if __name__ == "__main__":
    cli.run(main)

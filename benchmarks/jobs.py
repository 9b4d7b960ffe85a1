"""How much sooner is a comparison done with two processes? Whole commands, in turn.

    python -m benchmarks.jobs

Runs the variants of `extensions/addition_one_plus_one.py` with four seeds, with --jobs 1
and --jobs 2, starting Python and compiling included, checks that the rows are the same, and
prints the ratio.
About 2 minutes on two cores.
"""

import dataclasses
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common.runner import cli
from common.runner.rows import make_header, read_rows, write_rows
from common.runner.tables import print_table, score_text
from common.settings import BaseSettings

ROOT = Path(__file__).resolve().parents[1]

COMMAND = ("-m", "extensions.addition_one_plus_one", "--runs", "4")


@dataclasses.dataclass(frozen=True)
class Settings(BaseSettings):
    jobs: int = 2  # processes to compare with one
    times: int = 1  # runs of each, of which the median counts


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_settings(Settings)
    parser.add_file("--scores", ".csv", "write the figures")
    return parser.parse_args(argv)


def run(jobs):
    """Seconds of the command, and its rows without theirs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        command = [sys.executable, *COMMAND, "--jobs", str(jobs), "--scores", str(path)]
        began = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        seconds = time.perf_counter() - began
        rows = read_rows(path)
    for row in rows:
        del row["seconds"], row["compile_seconds"]
    return seconds, rows


def main(argv=None):
    args = parse_args(argv)
    settings = args.settings
    pairs = [(run(1), run(settings.jobs)) for _ in range(settings.times)]
    for (_, rows_of_one), (_, rows_of_several) in pairs:
        if rows_of_one != rows_of_several:
            raise SystemExit("the rows differ")
    one, several = (statistics.median(s for s, _ in column) for column in zip(*pairs))
    row = {"command": " ".join(COMMAND), "jobs": settings.jobs, "one process s": one}
    row |= {f"{settings.jobs} processes s": several, "ratio": one / several}
    print_table([[*row], [row["command"], *map(score_text, [*row.values()][1:])]])
    if args.scores:
        write_rows(args.scores, make_header(__file__, settings, globals()), [row])


if __name__ == "__main__":
    cli.run(main)

"""What does a learner wait for? Each script from the terminal against `import tensorflow`.

Runs each script as a whole process, in turn with `python -c "import tensorflow"`, and
prints the medians of the wall-clock seconds.

    python -m benchmarks.startup

About 3 minutes.
"""

import dataclasses
import statistics
import subprocess
import sys
import time
from pathlib import Path

from common.runner import cli
from common.runner.rows import make_header, write_rows
from common.settings import BaseSettings

ROOT = Path(__file__).resolve().parents[1]

SCRIPTS = (
    "addition_mlp",
    "addition_lstm_regression",
    "addition_seq2seq",
    "echo_whole",
    "echo_partial",
)


@dataclasses.dataclass(frozen=True)
class Settings(BaseSettings):
    times: int = 5  # runs of each, of which the median counts


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_settings(Settings)
    parser.add_file("--scores", ".csv", "write the figures")
    return parser.parse_args(argv)


def seconds(*command):
    began = time.perf_counter()
    subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
    return time.perf_counter() - began


def main(argv=None):
    args = parse_args(argv)
    rows = []
    print(f"{'':26}  import tensorflow   whole script")
    for script in SCRIPTS:
        times = [
            (seconds("-c", "import tensorflow"), seconds(f"{script}.py"))
            for _ in range(args.settings.times)
        ]
        alone, whole = (round(statistics.median(column), 2) for column in zip(*times))
        print(f"{script:26}  {alone:15.2f} s  {whole:11.2f} s", flush=True)
        rows.append({"script": script, "import tensorflow": alone, "whole script": whole})
    if args.scores:
        header = make_header(__file__, args.settings, globals())
        write_rows(args.scores, header, rows)


if __name__ == "__main__":
    cli.run(main)

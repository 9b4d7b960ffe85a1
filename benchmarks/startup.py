"""What does a learner wait for? Each script from the terminal against `import tensorflow`.

Runs each script as a whole process, in turn with `python -c "import tensorflow"`, and
prints the medians of the wall-clock seconds.

    python benchmarks/startup.py

About 3 minutes.
"""

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from common.tables import write_scores

from common import cli

SCRIPTS = (
    "addition_mlp",
    "addition_lstm_regression",
    "addition_seq2seq",
    "echo_whole",
    "echo_partial",
)


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_size("--times", 5, "runs of each, of which the median counts")
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
            for _ in range(args.times)
        ]
        alone, whole = (round(statistics.median(column), 2) for column in zip(*times))
        print(f"{script:26}  {alone:15.2f} s  {whole:11.2f} s", flush=True)
        rows.append({"script": script, "import tensorflow": alone, "whole script": whole})
    if args.scores:
        write_scores(args.scores, rows)


if __name__ == "__main__":
    cli.run(main)

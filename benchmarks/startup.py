"""What does a learner wait for, and get? Each script from the terminal, with seed 1.

    python -m benchmarks.startup

Runs each script as a whole process, in turn with `python -c "import tensorflow"`, and
prints the medians of the wall-clock seconds, and what the script printed: how many of the
tutorial's own questions are right, and the loss and accuracy of the last epoch.

About 3 minutes.
"""

import dataclasses
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

from common.runner import cli
from common.runner.rows import make_header, write_rows
from common.runner.tables import print_table
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


def run(*command):
    """Seconds, and what is printed on standard output and error."""
    began = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, *command], check=True, capture_output=True, cwd=ROOT, text=True
    )
    return time.perf_counter() - began, ran.stdout, ran.stderr


def printed(out, err):
    """What a script printed, in short.

    >>> out = "RMSE: 0.237276\\nExpected=1, Predicted=1 (err=0)\\n"
    >>> printed(out, "epoch 1/1 - loss: 0.5 - accuracy: 0.75\\n")
    'RMSE 0.24, accuracy 0.75, 1 of 1 right'
    """
    last_epoch = [line for line in err.splitlines() if line.startswith("epoch ")][-1]
    scores = [f"RMSE {float(rmse):.2g}" for rmse in re.findall(r"RMSE: (\S+)", out)[:1]]
    scores += [f"accuracy {text}" for text in re.findall(r"accuracy: (\S+)", last_epoch)]
    answers = re.findall(r"Expected[:=] ?(.*?),? Predicted[= ](.*?)(?:  .*| \(.*)?\n", out)
    n_right = sum(expected.strip() == predicted.strip() for expected, predicted in answers)
    return ", ".join([*scores, f"{n_right} of {len(answers)} right"])


def main(argv=None):
    args = parse_args(argv)
    rows = []
    for script in SCRIPTS:
        times = []
        for _ in range(args.settings.times):
            alone, *_ = run("-c", "import tensorflow")
            whole, out, err = run(f"{script}.py")
            times.append((alone, whole))
        alone, whole = (round(statistics.median(column), 2) for column in zip(*times))
        row = {"script": script, "import tensorflow s": alone, "whole script s": whole}
        rows.append(row | {"printed": printed(out, err)})
        print(f"{script} timed", file=sys.stderr, flush=True)
    print_table([[*rows[0]], *[[str(value) for value in row.values()] for row in rows]])
    if args.scores:
        header = make_header(__file__, args.settings, globals())
        write_rows(args.scores, header, rows)


if __name__ == "__main__":
    cli.run(main)

"""Figures of what is on the screen, and of what goes wrong.

The screen is that of `python addition_seq2seq.py --watch`. For the multilayer perceptron:
how many epochs a seed needs until every possible sum is right, and so the share of seeds
that fail at the tutorial's 50. For the echo models: in which place of the answer the wrong
integers are, over all seeds.

    python -m benchmarks.figures            about 5 minutes

Writes to docs/figures/, and prints what the first ones show.
"""

import contextlib
import functools
import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.files import written_whole
from common.runner.plots import new_figure, save
from common.scores import EXACT
from common.training import train
import addition_mlp
import echo_partial
import echo_whole

ROOT = Path(__file__).resolve().parents[1]

FIGURES = ROOT / "docs" / "figures"
STEP, LONGEST = 2, 120  # epochs of the perceptron between two looks at it, and in all


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_size("--mlp-runs", 30, "seeds of the perceptron")
    parser.add_size("--whole-runs", 10, "seeds of the whole echo")
    parser.add_size("--partial-runs", 5, "seeds of the partial echo")
    return parser.parse_args(argv)


def epochs_to_add(settings, seed, shared):
    """The epochs until all sums are right, looked at every few; inf for never."""
    done = []

    class Look(keras.callbacks.Callback):
        epochs = range(STEP, LONGEST + 1, STEP)

        def on_epoch_end(self, epoch, logs=None):
            scores, _ = addition_mlp.experiment.scored(self.model, settings)
            if scores[EXACT].right == scores[EXACT].total:
                done.append(epoch + 1)

    quietly(addition_mlp, settings, seed, shared=shared, callbacks=[Look()])
    return min(done, default=np.inf)


def quietly(script, settings, seed, **training):
    """The model that a script trains; what it prints is dropped."""
    with contextlib.redirect_stdout(io.StringIO()):
        return script.run(settings, seed, train=functools.partial(train, **training))[0]


def wrong_by_position(script, runs):
    """The share of wrong integers in each place of the echo, over `runs` seeds."""
    settings, shared, wrong = script.Settings(), {}, []
    for seed in range(1, runs + 1):
        model = quietly(script, settings, seed, shared=shared)
        _, (_, expected, predicted) = script.experiment.scored(model, settings)
        wrong.append((np.array(expected) != np.array(predicted)).mean(axis=0))  # (n_out,)
    return np.mean(wrong, axis=0)


def draw_epochs(epochs):
    looked_at = np.arange(0, LONGEST + 1, STEP)
    failing = [(np.array(epochs) > n).mean() for n in looked_at]
    figure = new_figure(figsize=(6.5, 3.5), layout="constrained")
    axes = figure.subplots()
    axes.step(looked_at, failing, where="post")
    budget = addition_mlp.Settings().epochs
    axes.axvline(budget, color="gray", linestyle="--", label="the tutorial's budget")
    axes.set(
        xlabel="epochs",
        ylabel="share of seeds with a sum wrong",
        title=f"The multilayer perceptron, {len(epochs)} seeds",
        ylim=(-0.02, 1.02),
    )
    axes.grid(alpha=0.3)
    axes.legend()
    save(figure, FIGURES / "mlp_epochs.png")


def draw_positions(shares):
    figure = new_figure(figsize=(8, 3.2), layout="constrained")
    for axes, (name, wrong) in zip(figure.subplots(1, len(shares)), shares.items()):
        places = np.arange(1, len(wrong) + 1)
        axes.bar(places, 100 * wrong, width=0.6)
        axes.set(xlabel="place in the answer", ylabel="wrong integers (%)", title=name)
        axes.set_xticks(places)
        axes.grid(alpha=0.3, axis="y")
    save(figure, FIGURES / "echo_positions.png")


def draw_screen():
    """What --watch shows on a terminal, and the last lines of the results, as SVG."""
    from rich.console import Console
    from rich.text import Text

    command = [sys.executable, "addition_seq2seq.py", "--watch"]
    colours = {**os.environ, "FORCE_COLOR": "1"}
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=colours)
    ran.check_returncode()
    watched, printed = ran.stderr.splitlines()[:-1], ran.stdout.splitlines()
    results = printed[printed.index(next(p for p in printed if p.startswith("All "))) :]
    with open(os.devnull, "w") as nowhere:
        screen = Console(record=True, width=80, file=nowhere, force_terminal=True)
        screen.print("$ python addition_seq2seq.py --watch", highlight=False)
        screen.print(Text.from_ansi("\n".join([*watched, "", *results])))
        with written_whole(FIGURES / "watch.svg") as unfinished:
            screen.save_svg(str(unfinished), title="addition_seq2seq.py")


def main(argv=None):
    args = parse_args(argv)
    FIGURES.mkdir(parents=True, exist_ok=True)
    draw_screen()
    budget = addition_mlp.Settings().epochs
    settings = addition_mlp.Settings(epochs=LONGEST)
    seeds, shared = range(1, args.mlp_runs + 1), {}
    epochs = [epochs_to_add(settings, seed, shared) for seed in seeds]
    failing = [n for n in epochs if n > budget]
    draw_epochs(epochs)
    print(
        f"MLP: the median seed needs {np.median(epochs):.0f} epochs; {len(failing)} of "
        f"{len(epochs)} seeds need more than {budget}: {sorted(failing)}"
    )
    shares = {
        "whole echo": wrong_by_position(echo_whole, args.whole_runs),
        "partial echo": wrong_by_position(echo_partial, args.partial_runs),
    }
    draw_positions(shares)
    for name, wrong in shares.items():
        print(f"{name}, wrong by place: {', '.join(f'{share:.2%}' for share in wrong)}")


if __name__ == "__main__":
    cli.run(main)

"""Learning curves, as a file of numbers and as a plot."""

import csv
import textwrap

from common.files import written_whole


def write_history(path, histories):
    """Write {seed: history} as CSV: seed, epoch (from 1), then loss and metrics."""
    with written_whole(path) as unfinished:
        with open(unfinished, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["seed", "epoch", *next(iter(histories.values()))])
            for seed, history in histories.items():
                for epoch, values in enumerate(zip(*history.values()), start=1):
                    writer.writerow([seed, epoch, *[f"{value:.7g}" for value in values]])


def plot_history(path, histories, title):
    """Draw learning curves, {seed: history}: a panel per quantity, a line per seed."""
    from matplotlib.figure import Figure

    names = list(next(iter(histories.values())))
    figure = Figure(figsize=(5.5 * len(names), 4), layout="constrained")
    figure.suptitle(textwrap.fill(title, 55 * len(names)))
    for axes, name in zip(figure.subplots(1, len(names), squeeze=False)[0], names):
        for seed, history in histories.items():
            epochs = range(1, len(history[name]) + 1)
            marker = "." if len(epochs) == 1 else None  # a line of one point is invisible
            axes.plot(epochs, history[name], marker=marker, lw=1, label=f"seed {seed}")
        axes.set(xlabel="epoch", ylabel=f"training {name}")
        if name == "loss":
            axes.set_yscale("log")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        if 1 < len(histories) <= 10:
            axes.legend(fontsize="small")
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150)

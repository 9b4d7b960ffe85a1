"""Plots: learning curves, a score against a size, what each seed of each variant scored,
and where the attention looks."""

import csv
import textwrap

import numpy as np

from common.backend import import_matplotlib
from common.runner.files import written_whole
from common.runner.rows import as_number, by_variant
from common.scores import Share


def new_figure(**settings):
    """A figure of matplotlib, which is imported when the first one is asked for."""
    import_matplotlib()
    from matplotlib.figure import Figure

    return Figure(**settings)


def save(figure, path, dpi=150):
    """Write a figure of matplotlib, whole or not at all."""
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=dpi)


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
    names = list(next(iter(histories.values())))
    figure = new_figure(figsize=(5.5 * len(names), 4), layout="constrained")
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
    save(figure, path)


def plot_scores(path, lines, xlabel, ylabel, title, xscale="linear"):
    """Draw a score against a size: a line per variant through the medians.

    Each seed's score is a dot, so that the spread and single failures are seen.
    The x axis has a tick at every x.

    Args:
        path: A .png file.
        lines: {label: {x: [score of each seed]}}, scores from 0 to 1.
        xlabel, ylabel, title: What stands there.
        xscale: "linear" or "log".
    """
    many = len(lines) > 5  # for a legend inside
    figure = new_figure(figsize=(9 if many else 6.5, 4), layout="constrained")
    axes = figure.subplots()
    for i, (label, points) in enumerate(lines.items()):
        medians = [np.median(scores) for scores in points.values()]
        style = "-o" if i < 10 else "--s"  # the colours come again
        [line] = axes.plot(list(points), medians, style, label=label)
        for x, scores in points.items():
            axes.plot([x] * len(scores), scores, ".", ms=4, color=line.get_color())
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xscale=xscale, ylim=(-0.03, 1.03))
    ticks = sorted({x for points in lines.values() for x in points})
    axes.set_xticks(ticks, map(str, ticks))
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    outside = {"loc": "center left", "bbox_to_anchor": (1, 0.5)} if many else {}
    axes.legend(fontsize="small", **outside)
    save(figure, path)


def plot_variants(path, rows, scores):
    """Draw what every seed of every variant scored, a panel for each of `scores`.

    The seeds are dots; a bar marks their median, a line goes from the worst to the best.
    Shares are drawn in percent.

    Args:
        path: A .png file.
        rows: Dicts, of all variants.
        scores: Names of scores.
    """
    variants = by_variant(rows)
    size = 2.5 + 0.06 * max(map(len, variants)) + 2 * len(scores), 1 + 0.28 * len(variants)
    figure = new_figure(figsize=size, layout="constrained")
    for axes, score in zip(figure.subplots(1, len(scores), squeeze=False)[0], scores):
        percent = any(isinstance(row[score], Share) for row in rows)
        for y, seeds in enumerate(variants.values()):
            numbers = [as_number(row[score]) for row in seeds]
            values = [n * 100 if percent else n for n in numbers if np.isfinite(n)]
            if values:
                ends = min(values), max(values)
                axes.plot(ends, [y, y], color="C0", lw=2, alpha=0.5)
                axes.plot(np.median(values), y, "|", color="C0", ms=12, mew=2)
            axes.plot(values, [y] * len(values), ".", color="black", ms=5, alpha=0.6)
        if percent:
            lowest = 100 * np.nanmin([as_number(row[score]) for row in rows])
            # what is close is seen closely
            room = 100 if lowest < 50 else max(1, 100 - lowest)
            axes.set_xlim(100 - 1.04 * room, 100 + 0.04 * room)
        label = f"{score}, %" if percent else score
        axes.set(xlabel=label, ylim=(len(variants) - 0.5, -0.5))
        axes.set_yticks(range(len(variants)), variants if score == scores[0] else [])
        axes.grid(alpha=0.3)
    save(figure, path, dpi=110)


def plot_attention(path, weights, read, written, title):
    """Draw where the attention looks: the darker, the more.

    Args:
        path: A .png file.
        weights: (steps written, steps read), from 0 to 1.
        read, written: What stands at each step; of many steps only some are named.
        title: What was asked.

    Raises ValueError for other numbers of steps.
    """
    weights = np.asarray(weights)
    steps = (len(written), len(read))
    if weights.shape != steps:
        raise ValueError(f"weights of {weights.shape} do not go with {steps} steps")
    figure = new_figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for axis, names in ((axes.xaxis, read), (axes.yaxis, written)):
        named = range(0, len(names), -(-len(names) // 30))
        axis.set_ticks(named, [str(names[i]) for i in named], fontsize=8)
    axes.set(xlabel="read", ylabel="written, from top to bottom")
    axes.set_title(title, wrap=True)
    figure.colorbar(image, label="attention")
    save(figure, path)

"""A score against a size, as a plot."""

from common.files import written_whole


def plot_scores(path, lines, xlabel, ylabel, title):
    """Draw {label: {x: [score of each seed]}}: a line a label through the means.

    Each seed's score is a dot, so that the spread and single failures are seen.
    The x axis has a tick at every x.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, 4), layout="constrained")
    axes = figure.subplots()
    for label, points in lines.items():
        means = [sum(scores) / len(scores) for scores in points.values()]
        [line] = axes.plot(list(points), means, marker="o", label=label)
        for x, scores in points.items():
            axes.plot([x] * len(scores), scores, ".", ms=4, color=line.get_color())
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    axes.set_xticks(sorted({x for points in lines.values() for x in points}))
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150)

"""A score against a size, as a plot."""

from common.files import written_whole


def plot_scores(path, lines, xlabel, ylabel, title, xscale="linear"):
    """Draw {label: {x: [score of each seed]}}: a line per label through the means.

    Each seed's score is a dot, so that the spread and single failures are seen.
    The x axis has a tick at every x; `xscale` may be "log".
    """
    from matplotlib.figure import Figure

    many = len(lines) > 6  # for a legend inside
    figure = Figure(figsize=(9 if many else 6.5, 4), layout="constrained")
    axes = figure.subplots()
    for i, (label, points) in enumerate(lines.items()):
        means = [sum(scores) / len(scores) for scores in points.values()]
        style = "-o" if i < 10 else "--s"  # the colours come again
        [line] = axes.plot(list(points), means, style, label=label)
        for x, scores in points.items():
            axes.plot([x] * len(scores), scores, ".", ms=4, color=line.get_color())
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xscale=xscale)
    ticks = sorted({x for points in lines.values() for x in points})
    axes.set_xticks(ticks, map(str, ticks))
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    outside = {"loc": "center left", "bbox_to_anchor": (1, 0.5)} if many else {}
    axes.legend(fontsize="small", **outside)
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150)

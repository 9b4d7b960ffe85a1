"""Plots show what they are given: lines, dots, ticks and names, as matplotlib has them."""

import numpy as np
import pytest

from common.runner import plots
from common.runner.comparison import Rows, plot_every_seed
from common.runner.plots import plot_attention, plot_history, plot_scores, plot_variants
from common.scores import EXACT, RMSE, Score, Share
from extensions.tools.scoring import attention_weights


@pytest.fixture
def axes_of(monkeypatch):
    """The panels that a function draws, and that are not written to a file."""
    figures = []
    monkeypatch.setattr(plots, "save", lambda figure, *_, **__: figures.append(figure))

    def axes_of(plot, *args, **options):
        plot("unwritten.png", *args, **options)
        return figures[-1].axes

    return axes_of


def points(line):
    return [*zip(np.asarray(line.get_xdata()).tolist(), line.get_ydata())]


def labels(axis):
    return [text.get_text() for text in axis.get_ticklabels()]


def legend(axes):
    return axes.get_legend() and [text.get_text() for text in axes.get_legend().texts]


def test_a_plot_is_written_whole(tmp_path):
    plot_scores(tmp_path / "a.png", {"a": {1: [0.5]}}, "k", "share", "t")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    assert [file.name for file in tmp_path.iterdir()] == ["a.png"]


def test_learning_curves_have_a_line_per_seed_from_epoch_1(axes_of):
    histories = {
        3: {"loss": [2.0, 1.0, 0.1], "accuracy": [0.1, 0.5, 0.9]},
        4: {"loss": [3.0, 2.0, 1.0], "accuracy": [0.0, 0.2, 0.4]},
    }
    loss, accuracy = axes_of(plot_history, histories, "t")
    assert [points(line) for line in loss.lines] == [
        [(1, 2.0), (2, 1.0), (3, 0.1)],
        [(1, 3.0), (2, 2.0), (3, 1.0)],
    ]
    assert points(accuracy.lines[1]) == [(1, 0.0), (2, 0.2), (3, 0.4)]
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear")
    assert accuracy.get_ylabel() == "training accuracy"
    assert legend(loss) == legend(accuracy) == ["seed 3", "seed 4"]
    [one] = axes_of(plot_history, {1: {"loss": [2.0]}}, "t")
    assert one.lines[0].get_marker() == "."  # a line of one point is invisible


def test_scores_have_a_line_through_medians_and_a_dot_per_seed(axes_of):
    lines = {"a": {20: [0.5, 1.0, 0.9], 1000: [0.2]}, "b": {300: [1.0]}}
    [axes] = axes_of(plot_scores, lines, "digits", "share", "t", xscale="log")
    median, *dots = axes.lines[:3]
    assert points(median) == [(20, 0.9), (1000, 0.2)]
    assert [points(line) for line in dots] == [
        [(20, 0.5), (20, 1.0), (20, 0.9)],
        [(1000, 0.2)],
    ]
    assert {line.get_color() for line in dots} == {median.get_color()}
    assert axes.get_xscale() == "log" and axes.get_xticks().tolist() == [20, 300, 1000]
    assert labels(axes.xaxis) == ["20", "300", "1000"] and legend(axes) == ["a", "b"]
    bottom, top = axes.get_ylim()
    assert bottom < 0 and 1 < top < 1.1  # what is all or nothing is seen


def test_variants_have_dots_a_bar_at_the_median_and_a_line_from_worst_to_best(axes_of):
    rows = [{"variant": "a", "right": Share(n, 10), "error": 0.5} for n in (9, 2, 10)]
    rows += [{"variant": "b", "right": None, "error": 1.5}]
    rows += [{"variant": "b", "right": Share(7, 10), "error": 1.5}]
    axes, of_errors = axes_of(plot_variants, rows, ["right", "error"])
    found = [points(line) for line in axes.lines]
    assert found[:3] == [[(20, 0), (100, 0)], [(90, 0)], [(90, 0), (20, 0), (100, 0)]]
    assert found[3:] == [[(70, 1), (70, 1)], [(70, 1)], [(70, 1)]]
    assert labels(axes.yaxis) == ["a", "b"] and axes.get_xlabel() == "right, %"
    bottom, top = axes.get_ylim()
    assert bottom > top  # the first variant on top
    assert points(of_errors.lines[-1]) == [(1.5, 1)] * 2  # in no percent
    assert of_errors.get_xlabel() == "error"


def test_without_a_plot_of_its_own_a_comparison_draws_what_stands_in_its_table(axes_of):
    scores = EXACT, RMSE, Score("Hidden", table=False)
    row = {"variant": "a", **dict(zip(scores, (Share(9, 10), 0.5, Share(1, 2))))}
    drawn = axes_of(plot_every_seed, Rows([row]), None)
    assert [axes.get_xlabel() for axes in drawn] == ["Exact match, %", "RMSE"]


def test_scores_that_are_close_are_seen_closely(axes_of):
    kinds = {"close": (Share(99, 100), Share(98, 100)), "far": (Share(9, 10), Share(1, 10))}
    rows = [{"variant": "a", **dict(zip(kinds, row))} for row in zip(*kinds.values())]
    close, far = axes_of(plot_variants, rows, [*kinds])
    assert close.get_xlim() == pytest.approx((97.92, 100.08))
    assert far.get_xlim() == pytest.approx((-4, 104))


def test_a_map_has_a_row_for_each_step_written_and_names_some_of_many(axes_of):
    weights = np.linspace(0, 0.5, 80).reshape(2, 40)
    axes, _ = axes_of(plot_attention, weights, range(100, 140), "ab", "a title")
    [image] = axes.images
    assert (image.get_array() == weights).all() and image.get_clim() == (0, 1)
    assert axes.get_xticks().tolist() == [*range(0, 40, 2)]
    assert labels(axes.xaxis) == [str(n) for n in range(100, 140, 2)]
    assert axes.get_yticks().tolist() == [0, 1] and labels(axes.yaxis) == ["a", "b"]
    assert axes.get_title() == "a title"
    with pytest.raises(ValueError, match=r"\(2, 2\) do not go with \(2, 3\) steps"):
        plot_attention("unwritten.png", np.eye(2), "abc", "ab", "a title")


def test_the_weights_are_those_that_the_answer_was_fetched_with():
    from common.backend import keras

    queries, values = keras.Input((2, 3)), keras.Input((4, 3))
    attention = keras.layers.Attention(name="attention")
    fetched, _ = attention([queries, values], return_attention_scores=True)
    model = keras.Model([queries, values], fetched)
    rng = np.random.default_rng(1)
    X = tuple(rng.normal(size=(5, steps, 3)).astype("float32") for steps in (2, 4))
    weights = attention_weights(model, X)
    assert weights.shape == (5, 2, 4)
    assert np.allclose(weights.sum(axis=-1), 1)
    assert np.allclose(weights @ X[1], np.asarray(model(X)), atol=1e-5)

"""Plots are written, and show what they should."""

import numpy as np
import pytest

from common.runner.plots import plot_attention, plot_scores, plot_variants
from common.scores import Share
from extensions.tools.scoring import attention_weights


def test_a_plot_is_written(tmp_path):
    path = tmp_path / "scores.png"
    plot_scores(path, {"a": {1: [0.5, 1.0], 3: [0.2]}, "b": {2: [1.0]}}, "k", "share", "t")
    assert path.read_bytes().startswith(b"\x89PNG")
    assert [file.name for file in tmp_path.iterdir()] == ["scores.png"]


def test_many_lines_and_a_logarithmic_axis(tmp_path):
    path = tmp_path / "scores.png"
    lines = {str(i): {20: [0.1 * i], 1000: [0.0]} for i in range(12)}
    plot_scores(path, lines, "digits", "share", "t", xscale="log")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_what_each_seed_of_each_variant_scored(tmp_path):
    path = tmp_path / "variants.png"
    rows = [
        {"variant": "a", "right": Share(1, 2), "error": 0.5},
        {"variant": "a", "right": Share(2, 2), "error": None},
        {"variant": "b", "right": None, "error": 1.5},
    ]
    plot_variants(path, rows, ["right", "error"])
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_bar_is_the_median_and_a_line_goes_from_the_worst_to_the_best(monkeypatch):
    drawn = []
    monkeypatch.setattr(
        "common.runner.plots.save", lambda figure, *_, **__: drawn.append(figure)
    )
    rows = [{"variant": "a", "right": Share(n, 10)} for n in (9, 2, 10)]
    plot_variants("variants.png", rows, ["right"])
    line, bar, dots = drawn[0].axes[0].lines
    assert [*line.get_xdata()] == [20, 100] and [*bar.get_xdata()] == [90]
    assert [*dots.get_xdata()] == [90, 20, 100]
    plot_scores("scores.png", {"a": {1: [0.5, 1.0, 0.9], 3: [0.2]}}, "k", "share", "t")
    assert [*drawn[1].axes[0].lines[0].get_ydata()] == [0.9, 0.2]


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


def test_a_map_is_written(tmp_path):
    path = tmp_path / "map.png"
    plot_attention(path, np.full((2, 40), 1 / 40), range(40), "ab", "a title")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"\(2, 2\) do not go with \(2, 3\) steps"):
        plot_attention(path, np.eye(2), "abc", "ab", "a title")

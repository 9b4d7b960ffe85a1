"""The plot of scores against a size."""

from common.score_plots import plot_scores


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

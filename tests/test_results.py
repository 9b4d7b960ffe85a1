"""Scores, tables and files."""

import argparse
import os
import stat

import pytest
from common.tables import comparison_table, read_scores, summary, write_scores
from hypothesis import given
from hypothesis import strategies as st

from common.files import written_whole
from common.results import Comparison
from common.scores import (
    EXACT,
    RMSE,
    Share,
    rmse,
    score_answers,
    score_echoes,
    score_sums,
    share_equal,
    share_of_elements,
)


def test_exact_match_counts_whole_answers():
    assert share_equal([[1, 2], [3, 4]], [[1, 2], [3, 5]]) == Share(1, 2)
    assert share_of_elements([[1, 2], [3, 4]], [[1, 2], [3, 5]]) == Share(3, 4)
    assert share_equal(["13", " 9"], ["13", "9 "]) == Share(1, 2)


def test_answers_that_do_not_pair_up_are_refused():
    with pytest.raises(ValueError, match="do not fit"):
        share_equal([1, 2], [1])


@given(st.integers(1, 10**6), st.data())
def test_a_share_with_an_error_never_reads_as_all_right(total, data):
    right = data.draw(st.integers(0, total - 1))
    assert "(100" not in str(Share(right, total))
    assert "(100.0" in str(Share(total, total))


def test_a_share_is_printed_with_its_percentage():
    assert str(Share(989, 1000)) == "989/1000 (98.9%)"


def test_scores_of_sums_by_hand():
    scores = score_sums([10, 20, 30, 40], [10, 20, 30, 44])
    assert scores == {RMSE: 2.0, EXACT: Share(3, 4)}


def test_scores_of_answers_by_hand():
    scores = score_answers(["13", " 9", "10"], ["13", "+9", "12"])
    assert scores[EXACT] == Share(1, 3)
    assert scores["Per-character accuracy"] == Share(4, 6)
    assert scores["Not a number"] == 1
    assert scores["RMSE of the sums"] == pytest.approx(2**0.5)


def test_answers_none_of_which_is_a_number_have_no_rmse():
    scores = score_answers(["13"], ["++"])
    assert scores["Not a number"] == 1 and str(scores["RMSE of the sums"]) == "nan"
    assert str(rmse([], [])) == "nan"


def test_scores_of_echoes_by_hand():
    scores = score_echoes([[1, 2], [3, 4]], [[1, 2], [4, 4]])
    assert scores == {EXACT: Share(1, 2), "Per-element accuracy": Share(3, 4)}


def test_summary_by_hand():
    rows = [{EXACT: Share(9, 10), RMSE: 1.0}, {EXACT: Share(7, 10), RMSE: 3.0}]
    assert summary(rows) == {
        "mean": {EXACT: "80.00%", RMSE: "2"},
        "std": {EXACT: "14.14%", RMSE: "1.414"},
        "worst": {EXACT: "70.00%", RMSE: "3"},
    }


def test_a_table_has_a_line_a_variant():
    rows = [
        {"variant": v, "parameters": 1234, "seed": s, EXACT: Share(r, 10), "seconds": 1.0}
        for v, s, r in [("a", 1, 10), ("a", 2, 8), ("b", 1, 0), ("b", 2, 0)]
    ]
    assert comparison_table(rows) == [
        ["variant", "parameters", EXACT, "std", "worst"],
        ["a", "1,234", "90.00%", "14.14%", "80.00%"],
        ["b", "1,234", "0.00%", "0.00%", "0.00%"],
    ]
    assert comparison_table(rows[::2])[1] == ["a", "1,234", "100.00%"]


def test_a_comparison_prints_its_table_and_tells_its_means(capsys):
    args = argparse.Namespace(runs=2, scores=None)
    comparison = Comparison(args, tested_on="10 new sums")
    for seed, right in ((1, 10), (2, 9)):
        comparison.add("plain", seed, 25, {EXACT: Share(right, 10)})
    comparison.write()
    assert comparison.mean("plain", EXACT) == pytest.approx(0.95)
    out, err = capsys.readouterr()
    assert "On 10 new sums, 2 seeds:" in out and "95.00%" in out
    assert "plain, seed 2: Exact match 90.00%" in err


def test_scores_are_read_as_they_were_written(tmp_path):
    rows = [{"variant": "a b", "seed": 1, EXACT: Share(9, 10), RMSE: 0.25, "n": 3}]
    write_scores(tmp_path / "scores.csv", rows)
    (row,) = read_scores(tmp_path / "scores.csv")
    assert {name: row[name] for name in rows[0]} == rows[0]
    assert isinstance(row[EXACT], Share)
    assert set(row) - set(rows[0]) == {
        "python",
        "tensorflow",
        "keras",
        "numpy",
        "processor",
    }


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError), written_whole(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert path.read_text() == "before" and len(list(tmp_path.iterdir())) == 1
    with written_whole(path) as unfinished:
        unfinished.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after" and len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(os.name == "nt", reason="links and modes")
def test_what_a_link_points_to_is_replaced(tmp_path):
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("before")
    link.symlink_to(target)
    with written_whole(link) as unfinished:
        unfinished.write_text("after")
    assert link.is_symlink() and target.read_text() == "after"
    plain = tmp_path / "plain"
    plain.write_text("")
    assert stat.S_IMODE(target.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)

"""Scores, tables and files."""

import os
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.runner.comparison import Comparison, Rows, Run
from common.runner.files import written_whole
from common.runner.rows import has_failed, make_row
from common.runner.tables import comparison_table, differences_table, print_table, summary
from common.scores import (
    EXACT,
    RMSE,
    Share,
    score_answers,
    score_echoes,
    score_sums,
    share_equal,
    share_of_elements,
)
from common.settings import BaseSettings
from common.training import History


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


def test_scores_of_echoes_by_hand():
    scores = score_echoes([[1, 2], [3, 4]], [[1, 2], [4, 4]])
    assert scores == {EXACT: Share(1, 2), "Per-element accuracy": Share(3, 4)}


# Several seeds


def row(variant, seed, seconds=1.0, **scores):
    """A row as it comes from a file."""
    names = {name.replace("_", " "): value for name, value in scores.items()}
    costs = {"parameters": 1234, "seconds": seconds, "compile_seconds": 0.5}
    return {"variant": variant, "seed": seed, **names, **costs, "processor": "a fast one"}


def diverged(scores):
    history = History(loss=[0.5, float("inf")])
    return make_row("a", 1, 25, history, scores)


def test_summary_by_hand():
    rows = [{EXACT: Share(9, 10), RMSE: 1.0}, {EXACT: Share(7, 10), RMSE: 3.0}]
    assert summary(rows) == {
        EXACT: ("80.0%", "14.1%", "70.0%"),
        RMSE: ("2", "1.414", "3"),
    }
    assert summary(rows[:1])[RMSE] == ("1", "-", "1")


def test_a_failed_seed_has_no_answer_right_and_no_other_value():
    scores = {EXACT: Share(9, 10), "Per-character accuracy": Share(19, 20), RMSE: 0.1}
    failed = diverged({**scores, "Not a number": 3})
    assert failed[EXACT] == Share(0, 10)
    assert [failed[name] for name in [*failed][3:6]] == [None, None, None]
    assert has_failed(failed)


def test_a_failed_seed_shows_even_where_all_scores_are_shares():
    scores = {EXACT: Share(9, 10), "Edge cases": Share(4, 5)}
    fine = make_row("a", 2, 25, History(loss=[0.5]), scores)
    failed = diverged(scores)
    assert failed.keys() == fine.keys() and has_failed(failed) and not has_failed(fine)
    assert comparison_table([failed, fine])[1][2:] == [
        "45.0 ± 63.6 (0)",
        "40.0 ± 56.6 (0)",
        "0, 1 of 2 failed",
    ]
    assert comparison_table([failed])[1][2:] == ["0", "0", "1 of 1 failed"]


def test_a_seed_that_gets_nothing_right_has_not_failed():
    nothing_right = score_answers(["13", " 9"], ["++", "1+"])
    scored = make_row("a", 1, 25, History(loss=[0.5]), nothing_right)
    assert scored[EXACT] == Share(0, 2)
    assert scored["Not a number"] == 2 and scored["RMSE of the sums"] is None
    assert not has_failed(scored)


@pytest.mark.parametrize(
    "scores",
    [
        score_sums([1, 2], [1, 2]),
        score_answers(["13", " 9"], ["13", " 9"]),
        score_echoes([[1, 2]], [[1, 2]]),
    ],
    ids=["sums", "answers", "echoes"],
)
def test_failed_seeds_are_counted_and_the_mean_of_the_others_says_so(scores):
    fine = [make_row("a", seed, 25, History(loss=[0.5]), scores) for seed in (2, 3)]
    rows = [diverged(scores), *fine]
    assert [has_failed(row) for row in rows] == [True, False, False]
    figures = summary(rows)
    assert figures[EXACT] == ("66.7%", "57.7%", "0%")
    for name in scores.keys() - {EXACT}:
        mean, std, worst = figures[name]
        assert mean == f"{summary(fine)[name][0]}, 1 of 3 failed"
        assert (std, worst) == summary(fine)[name][1:]


def test_epochs_that_a_seed_did_not_reach_are_no_number():
    rows = [{"Epochs to 99 %": epochs} for epochs in (13_300, None, 13_500)]
    assert summary(rows) == {"Epochs to 99 %": ("2 of 3, 13,400", "-", "-")}
    assert summary(rows[1:2]) == {"Epochs to 99 %": ("0 of 1", "-", "-")}
    assert summary(rows[::2]) == {"Epochs to 99 %": ("13,400", "141.4", "13,500")}


def test_a_table_has_a_line_per_variant_and_its_mean_seconds():
    rows = [
        row("a", 1, 1.0, Exact_match=Share(10, 10), RMSE=0.5),
        row("a", 2, 2.0, Exact_match=Share(8, 10), RMSE=1.5),
        row("b", 1, 0.5, Exact_match=Share(0, 10), RMSE=None),
        row("b", 2, 0.5, Exact_match=Share(0, 10), RMSE=None),
    ]
    assert comparison_table(rows) == [
        ["variant", "parameters", f"{EXACT}, %", RMSE, "s"],
        ["a", "1,234", "90.0 ± 14.1 (80.0)", "1 ± 0.707 (1.5)", "1.5"],
        ["b", "1,234", "0", "-", "0.5"],
    ]
    assert comparison_table(rows[::2], names=[EXACT]) == [
        ["variant", "parameters", f"{EXACT}, %", "s"],
        ["a", "1,234", "100", "1"],
        ["b", "1,234", "0", "0.5"],
    ]


def test_scores_for_the_file_alone_are_not_in_the_table():
    rows = [row("a", 1, Exact_match=Share(1, 2), after_5=0.5, after_10=0.7)]
    assert comparison_table(rows, file_only=["after "]) == [
        ["variant", "parameters", f"{EXACT}, %", "s"],
        ["a", "1,234", "50.0", "1"],
    ]


def test_rows_tell_the_values_and_the_mean_of_a_variant():
    of_b = [row("b", seed, RMSE=error) for seed, error in enumerate((1.0, None, 2.0), 1)]
    rows = Rows([*of_b, row("a", 1, RMSE=5.0)])
    assert rows.variants == ["b", "a"]
    assert rows.values("b", RMSE)[::2] == [1.0, 2.0] and rows.mean("b", RMSE) == 1.5


# Comparisons


@dataclass(frozen=True)
class Settings(BaseSettings):
    largest: int = 10  # what seeds are counted down from


def count_down(settings, variant, seed):
    right = settings.largest - (seed if variant == "counted" else 0)
    scores = {EXACT: Share(right, settings.largest), "by seed": seed}
    return Run(25, None, scores, shown=f"{variant}, seed {seed}")


@pytest.fixture
def counted():
    """A comparison, and what it shows, draws and finds."""
    happened = []
    comparison = Comparison(
        __name__,
        ("plain", "counted"),
        count_down,
        lambda settings: f"{settings.largest} new sums",
        file_only=("by ",),
        finding=lambda results, settings: happened.append(results.mean("counted", EXACT)),
        plot=("nothing", lambda path, results, settings: happened.append(path.name)),
        show=("counted", lambda shown, args: happened.append(shown)),
    )
    return comparison, happened


def test_a_comparison_prints_its_table_and_tells_each_row(counted, capsys):
    comparison, happened = counted
    rows = comparison.main(["--runs", "2", "--largest", "20"])
    out, err = capsys.readouterr()
    assert [" ".join(line.split()) for line in out.splitlines()] == [
        "On 20 new sums, 2 seeds, mean ± std (worst):",
        "",
        f"variant parameters {EXACT}, % s",
        "plain 25 100 0",
        "counted 25 92.5 ± 3.5 (90.0) 0",
        "",
    ]
    assert "counted, seed 2: Exact match 90.0%\n" in err
    assert rows.mean("counted", EXACT) == pytest.approx(0.925)
    assert happened == ["counted, seed 1", pytest.approx(0.925)]


def test_a_variant_alone_has_no_finding(counted, capsys):
    comparison, happened = counted
    comparison.main(["--variant", "plain", "--runs", "2"])
    assert "counted" not in capsys.readouterr().out and happened == []
    comparison.main(["--variant", "counted", "--variant", "plain"])
    assert happened == ["counted, seed 1", pytest.approx(0.9)]
    variants = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:5]]
    assert variants == ["variant", "plain", "counted"]


def test_a_variant_that_is_not_there_is_refused_with_those_that_are(counted, refused):
    message = refused(counted[0].main, "--variant", "other")
    assert "there is no --variant 'other'; there are: plain; counted" in message


def test_a_file_of_rows_gives_the_same_and_trains_again_for_a_map_alone(
    counted, tmp_path, capsys
):
    comparison, happened = counted
    comparison.map = "nothing"
    flags = ["--runs", "2", "--scores", str(tmp_path / "rows.csv")]
    flags += ["--plot", str(tmp_path / "curve.png")]
    comparison.main(flags)
    shown, *first = happened
    assert (shown, first) == ("counted, seed 1", ["curve.png", pytest.approx(0.85)])
    out = capsys.readouterr().out
    happened.clear()
    comparison.main(flags)
    assert happened == first and capsys.readouterr().out == out
    happened.clear()
    comparison.main([*flags, "--map", str(tmp_path / "map.png")])
    assert happened == [shown, *first]
    assert "counted, seed 1: trained again for --map\n" in capsys.readouterr().err


def test_a_training_that_ended_with_an_error_is_not_run_again(counted):
    comparison, tried = counted

    def failing(settings, variant, seed):
        tried.append((variant, seed))
        raise RuntimeError("out of luck")

    comparison.run = failing
    with pytest.raises(SystemExit):
        comparison.main(["--runs", "2"])
    assert tried == [(v, s) for v in ("plain", "counted") for s in (1, 2)]


def test_a_file_that_is_only_looked_at_stays_as_it_is(counted, tmp_path, monkeypatch):
    path = tmp_path / "rows.csv"
    counted[0].main(["--scores", str(path)])
    written = path.read_bytes()
    monkeypatch.setattr("common.runner.rows.code_digest", lambda script: "other")
    counted[0].main(["--scores", str(path)])
    assert path.read_bytes() == written


def test_a_difference_needs_both_variants_and_a_seed_that_both_have():
    rows = [
        {"variant": "a", "seed": 1, "Epochs to 99 %": 10.0},
        {"variant": "b", "seed": 1, "Epochs to 99 %": None},
        {"variant": "b", "seed": 2, "Epochs to 99 %": 12.0},
    ]
    assert differences_table(rows, [("a", "b"), ("a", "c")])[1:] == [
        ["a against b", "Epochs to 99 %", "-", "-", "0"]
    ]
    rows.append({"variant": "a", "seed": 2, "Epochs to 99 %": 9.5})
    assert differences_table(rows, [("a", "b")])[1][2:] == ["-2.5", "-2.5 to -2.5", "1"]


def test_a_table_that_is_too_wide_for_the_terminal_comes_in_parts(monkeypatch, capsys):
    lines = [["name", "first", "second", "third"], ["a", "1", "22", "333"]]
    print_table(lines)
    assert capsys.readouterr().out == (
        "name  first  second  third\na         1      22    333\n\n"
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    print_table(lines)
    assert capsys.readouterr().out == (
        "name  first  second\na         1      22\n\nname  third\na       333\n\n"
    )


# Files


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


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_what_a_link_points_to_is_replaced(tmp_path):
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("before")
    link.symlink_to(target)
    with written_whole(link) as unfinished:
        unfinished.write_text("after")
    assert link.is_symlink() and target.read_text() == "after"

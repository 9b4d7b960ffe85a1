"""Tables of rows, what seeds show of a difference, and comparisons as they are run."""

import math
from dataclasses import dataclass

import pytest

from common.runner.comparison import Comparison, Run
from common.runner.rows import has_failed, make_row
from common.runner.tables import (
    cell,
    comparison_table,
    differences_table,
    print_table,
    seeds_table,
    short_text,
    verdict,
)
from common.scores import EXACT, PER_CHARACTER, RMSE, Score, Share, score_answers
from common.settings import BaseSettings
from common.training import History


def row(variant, seed, scores, seconds=1.0):
    """A row as it comes from a file."""
    costs = {"parameters": 1234, "seconds": seconds, "compile_seconds": 0.5}
    return {"variant": variant, "seed": seed, **scores, **costs, "processor": "a fast one"}


def diverged(scores):
    history = History(loss=[0.5, float("inf")])
    return make_row("a", 1, 25, history, scores)


# Cells and tables


def test_seeds_and_their_median_by_hand():
    rows = [
        {"seed": seed, EXACT: Share(right, 10), RMSE: error}
        for seed, right, error in ((4, 9, 1.0), (5, 7, 3.0), (6, 8, 2.5))
    ]
    assert seeds_table(rows) == [
        ["seed", f"{EXACT}, %", RMSE],
        ["4", "90.0", "1"],
        ["5", "70.0", "3"],
        ["6", "80.0", "2.5"],
        ["median (worst to best)", "80.0 (70.0 to 90.0)", "2.5 (3 to 1)"],
    ]


def test_a_table_has_a_line_per_variant_its_mean_seconds_and_no_score_for_the_file_alone():
    later, size = Score("after 5", table=False), Score("Kilobytes", "number")
    rows = [
        row("a", 1, {EXACT: Share(10, 10), RMSE: 0.5, size: 40, later: Share(1, 2)}, 1.0),
        row("b", 1, {EXACT: Share(0, 10), RMSE: None, size: 1, later: None}, 0.5),
        row("a", 2, {EXACT: Share(8, 10), RMSE: 1.5, size: 400, later: Share(1, 2)}, 2.0),
        row("b", 2, {EXACT: Share(0, 10), RMSE: None, size: 1, later: None}, 0.5),
    ]
    assert comparison_table(rows) == [
        ["variant", "parameters", f"{EXACT}, %", RMSE, size, "s"],
        ["a", "1,234", "90.0 (80.0 to 100)", "1 (1.5 to 0.5)", "220 (40 to 400)", "1.5"],
        ["b", "1,234", "0", "-", "1", "0.5"],
    ]
    assert comparison_table(rows[:2], names=[later]) == [
        ["variant", "parameters", "after 5, %", "s"],
        ["a", "1,234", "50.0", "1"],
        ["b", "1,234", "-", "0.5"],
    ]


@pytest.mark.parametrize("total", [100, 10_000, 1_000_000, 10**9])
def test_all_and_none_alone_are_100_and_0(total):
    almost, hardly = (short_text(Share(n, total)) for n in (total - 1, 1))
    assert 99 <= float(almost) < 100 and 0 < float(hardly) <= 1
    assert [short_text(Share(n, total)) for n in (total, 0)] == ["100", "0"]
    seeds = [{EXACT: Share(total, total)}] * 29 + [{EXACT: Share(total - 1, total)}]
    assert cell(seeds, EXACT) == f"100 ({almost} to 100)"


def test_epochs_that_a_seed_did_not_reach_are_no_number():
    def of(*epochs):
        score = Score("To 99 %", kind="epochs")
        return cell([{score: n} for n in epochs], score)

    assert of(13_500, None, 13_300) == of(13_500, math.inf, 13_300)
    assert of(13_500, None, 13_300) == "13,500 (never to 13,300), 2 of 3"
    assert of(13_300, 13_500) == "13,400 (13,500 to 13,300)"
    assert of(*[None] * 4, 1, 2, 3, 4, 5, 7) == "6 (never to 1), 6 of 10"
    assert of(*[None] * 5, 1, 2, 3, 4, 5) == "5 of 10" and of(None) == "0 of 1"


def test_a_table_that_is_too_wide_for_the_terminal_comes_in_parts(monkeypatch, capsys):
    lines = [["name", "first", "second", "third"], ["a", "+1", "22", "333"]]
    print_table(lines)
    assert capsys.readouterr().out == (
        "name  first  second  third\na        +1      22    333\n\n"
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "20")
    print_table(lines)
    assert capsys.readouterr().out == (
        "name  first  second\na        +1      22\n\nname  third\na       333\n\n"
    )


# Seeds that fail


def test_a_failed_seed_has_no_answer_right_and_no_other_value():
    scores = {EXACT: Share(9, 10), PER_CHARACTER: Share(19, 20), RMSE: 0.1}
    failed = diverged({**scores, "Not a number": 3, "Sums": Share(4, 5)})
    assert failed[EXACT] == Share(0, 10)
    assert [failed[name] for name in (PER_CHARACTER, RMSE, "Not a number")] == [None] * 3
    assert failed["Sums"] == Share(0, 5)  # a plain name is one of answers, by its value
    assert has_failed(failed)


def test_failed_seeds_are_counted_and_the_median_of_the_others_says_so():
    """And one that gets nothing right, and has no error to tell, has not failed."""
    right, nothing_right = ["13", " 9"], ["++", "1+"]
    rows = [diverged(score_answers(right, nothing_right))]
    for seed, answers in ((2, right), (3, ["13", " 7"]), (4, nothing_right)):
        scores = score_answers(right, answers)
        rows.append(make_row("a", seed, 25, History(loss=[0.5]), scores))
    assert [has_failed(row) for row in rows] == [True, False, False, False]
    assert comparison_table(rows)[1][2:] == [
        "25.0 (0 to 100)",
        "75.0 (0 to 100), 1 of 4 failed",
        "0.707 (1.41 to 0), 2 of 4 without",
        "0, 1 of 4 failed",
    ]
    assert comparison_table(rows[:1])[1][2:] == ["0", "-", "-", "1 of 1 failed"]


# Differences


def test_a_difference_needs_both_variants_and_a_seed_that_both_have():
    rows = [
        {"variant": "a", "seed": 1, RMSE: 10.0},
        {"variant": "b", "seed": 1, RMSE: None},
        {"variant": "b", "seed": 2, RMSE: 12.0},
    ]
    assert differences_table(rows, [("a", "b"), ("a", "c")])[1:] == [
        ["a against b", RMSE, "-", "-", "0"]
    ]
    rows.append({"variant": "a", "seed": 2, RMSE: 9.5})
    assert differences_table(rows, [("a", "b")])[1][2:] == ["-2.5", "-", "1"]


def values(*shares):
    return [share / 100 for share in shares]


@pytest.mark.parametrize(
    ("first", "second", "shown"),
    [
        (values(70, 71, 72, 73, 74), values(80, 81, 82, 83, 84), "every seed below"),
        (values(80, 81, 82, 83, 84), values(70, 71, 72, 73, 80), "not settled"),
        (values(*range(1, 21, 2)), values(*range(10)), "3.3 to 7.7"),
        (values(*[100] * 10), values(*[100] * 10), "no difference found"),
        (values(*range(1, 11)), values(*range(10)), "the same for every seed"),
        (
            values(*[100] * 10),
            values(*[100] * 9, 99.99),
            "no difference found (-0.001 to 0.003)",
        ),
    ],
)
def test_what_seeds_show_of_a_difference(first, second, shown):
    assert verdict(first, second, EXACT) == shown


def test_a_seed_that_failed_or_never_got_there_is_the_worst():
    epochs = Score("To 99 %", kind="epochs")
    rows = [row("a", n, {RMSE: 1.0, epochs: 10 + n}) for n in range(1, 6)]
    rows += [row("b", n, {RMSE: 2.0, epochs: None}) for n in range(1, 6)]
    compared = [("a", "b", RMSE), ("a", "b", epochs)]
    shown = [line[2:] for line in differences_table(rows, compared)[1:]]
    assert shown == [["-1", "every seed below", "5"], ["-", "every seed below", "0"]]
    rows[0] |= {RMSE: None, "seconds": None}
    assert differences_table(rows, compared)[1][2:] == ["-1", "-", "4"]


# Comparisons


@dataclass(frozen=True)
class Settings(BaseSettings):
    largest: int = 10  # what seeds are counted down from


def count_down(settings, seed, variant, train):
    right = settings.largest - (seed if variant == "counted" else 0)
    scores = {EXACT: Share(right, settings.largest), Score("by seed", table=False): seed}
    return Run(25, None, scores, shown=f"{variant}, seed {seed}")


@pytest.fixture
def counted():
    """A comparison, and what it shows, draws and finds."""
    happened = []
    comparison = Comparison(
        __doc__,
        Settings,
        ("plain", "counted"),
        count_down,
        lambda settings: f"{settings.largest} new sums",
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
        "On 20 new sums, 2 seeds, median (worst to best):",
        "",
        f"variant parameters {EXACT}, % s",
        "plain 25 100 0",
        "counted 25 92.5 (90.0 to 95.0) 0",
        "",
    ]
    assert "counted, seed 2: Exact match 90.0%\n" in err
    assert rows.variants == ["plain", "counted"]
    assert rows.values("counted", EXACT) == [0.95, 0.9]
    assert happened == ["counted, seed 1", pytest.approx(0.925)]


def test_a_variant_alone_has_no_finding(counted, capsys):
    comparison, happened = counted
    comparison.main(["--variant", "plain", "--runs", "2"])
    assert "counted" not in capsys.readouterr().out and happened == []
    comparison.main(["--variant", "counted", "--variant", "plain"])
    assert happened == ["counted, seed 1", pytest.approx(0.9)]
    variants = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:5]]
    assert variants == ["variant", "plain", "counted"]


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

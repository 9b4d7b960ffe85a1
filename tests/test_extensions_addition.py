"""The extensions to the addition tutorial: rows, findings, and what is particular."""

from math import nan
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common import training
from common.characters import invert, read_number
from common.runner.rows import score_names
from common.sums import random_sum_pairs
from extensions import (
    addition_data,
    addition_heldout,
    addition_integer_encoding,
    addition_linear,
    addition_order,
    addition_padding,
    addition_stacked_lstm,
    addition_without_repeat_vector,
)
from extensions.tools.heldout import unordered

pytestmark = pytest.mark.usefixtures("uncompiled")


def parameters(rows):
    return [row["parameters"] for row in rows.values()]


def test_addition_data_prints_the_tutorials_steps(capsys):
    addition_data.main([])
    scaled, encoded = capsys.readouterr().out.split("\n\n")
    assert [line.split(" ->")[0] for line in scaled.splitlines()[2:]] == [
        "[2, 97] 99",
        "[97, 36] 133",
        "[32, 35] 67",
        "[15, 80] 95",
        "[24, 45] 69",
        "[38, 9] 47",
        "[22, 21] 43",
    ]
    assert "[2, 97] 99 -> [0.01, 0.485] 0.495 -> 99" in scaled  # of 200 at most
    lines = encoded.splitlines()[1:]
    assert lines[:4] == [
        "[[3, 10]] [13]",
        "as strings: [' 3+10'] ['13']",
        "as integers: [[11, 3, 10, 1, 0]] [[1, 3]]",
        "X one-hot, (1, 5, 12):",
    ]
    assert lines[4:6] == [str([0] * 11 + [1]), str([0] * 3 + [1] + [0] * 8)]  # " 3"
    assert lines[9] == "y one-hot, (1, 2, 12):"
    assert lines[-1] == "inverted: ' 3+10' '13'"


def test_addition_data_takes_other_sizes_and_refuses_what_is_none(capsys, refused):
    addition_data.main(["--n-numbers", "3", "--largest", "100"])
    out = capsys.readouterr().out
    assert "X one-hot, (1, 11, 12):" in out and "y one-hot, (1, 3, 12):" in out
    assert "at least 1, not 0" in refused(addition_data.main, "--largest", 0)


def test_stacked_lstm(run):
    rows, out = run(addition_stacked_lstm, "--epochs", 1, "--runs", 2)
    assert list(rows) == ["LSTM 10", "LSTM 6, LSTM 6", "LSTM 6, LSTM 2"]
    assert parameters(rows) == [491, 511, 267]
    assert score_names(rows["LSTM 10"]) == ["RMSE", "Exact match"]
    differences = [
        line.split("  ")[0] for line in out.splitlines() if " against LSTM 10" in line
    ]
    assert differences == [
        "LSTM 6, LSTM 6 against LSTM 10",
        "LSTM 6, LSTM 2 against LSTM 10",
    ]


@pytest.mark.slow
def test_order(run):
    rows, out = run(addition_order, "--epochs", 1, "--largest", 4)
    assert list(rows) == ["MLP", "LSTM regression", "seq2seq", "seq2seq, shuffled"]
    assert parameters(rows) == [25, 491, 76_012, 76_012]
    columns = ["Exact match", "Terms swapped", "Characters shuffled"]
    assert score_names(rows["MLP"]) == columns
    without = [name for name in rows if rows[name]["Characters shuffled"] is None]
    assert without == ["MLP", "LSTM regression"]
    assert "Finding: swapping the terms changes seq2seq, shuffled by " in out
    assert "100.0% of the sums up to 4, " in out


def test_the_best_reader_without_order_by_hand():
    assert addition_order.best_without_order(10) == (100, 100)
    # 1 + 20 and 2 + 10 have the same characters, 10 + 12 and 11 + 20 too, in both orders
    assert addition_order.best_without_order(20) == (396, 400)


@given(st.integers(0, 2**32))
def test_shuffled_questions_keep_their_characters(seed):
    settings = addition_order.addition_seq2seq.Settings()
    X, _ = addition_order.addition_seq2seq.epoch_data(settings, Random(seed))
    shuffled = addition_order.shuffle(X, Random(seed))
    assert (shuffled.sum(axis=1) == X.sum(axis=1)).all() and (shuffled != X).any()


def test_only_one_variant_is_trained_on_shuffled_characters(drawn):
    settings = addition_order.Settings(epochs=1)
    for variant in ("seq2seq", "seq2seq, shuffled"):
        addition_order.experiment.perform(settings, variant, 1)
    (X, y), (shuffled, same) = drawn
    assert [invert(question) for question in X][:2] == [" 3+10", "  2+5"]  # the tutorial's
    assert (shuffled != X).any() and (X.sum(axis=1) == shuffled.sum(axis=1)).all()
    assert (y == same).all()


@pytest.mark.slow
def test_linear(run):
    rows, out = run(addition_linear, "--epochs", 5)
    assert list(rows) == list(addition_linear.VARIANTS)
    columns = ["Exact match", "RMSE", "RMSE to 10x", "RMSE to 100x"]
    beyond = ["RMSE, negative", "RMSE, halves"]
    assert score_names(rows["Dense 1"]) == [*columns, *beyond]
    assert rows["LinearRegression"]["RMSE, negative"] == 0
    assert rows["LinearRegression"]["RMSE, halves"] == pytest.approx(0, abs=1e-9)
    squares = [name for name in rows if rows[name]["RMSE, negative"] is None]
    assert squares == [name for name in rows if name.startswith("squares")]
    for variant in ("LinearRegression", "squares: LinearRegression, degree 2"):
        assert rows[variant]["Exact match"] == (2000, 2000)
    assert rows["squares: LinearRegression"]["Exact match"].right < 2000
    assert [rows[name]["parameters"] for name in ("Dense 1", "LSTM 10")] == [3, 491]


def test_linear_divides_by_the_largest_sum_or_by_nothing(drawn, monkeypatch):
    monkeypatch.setattr(addition_linear, "train", training.train)
    settings = addition_linear.Settings(epochs=1)
    for variant in ("MLP 4-2-1", "MLP 4-2-1, not scaled", "squares: MLP 4-2-1"):
        addition_linear.experiment.perform(settings, variant, 1)
    (scaled, sums), (numbers, plain_sums), (_, squares) = drawn
    assert numbers[-7:].tolist()[0] == [2, 97]  # the tutorial's
    assert (plain_sums == numbers.sum(axis=1)).all()
    assert scaled == pytest.approx(numbers / 200)
    assert sums == pytest.approx(plain_sums / 200)
    assert squares == pytest.approx((numbers**2).sum(axis=1) / 20_000)


def test_who_adds_right_scores_perfectly_whatever_the_numbers():
    by_power = {
        power: addition_linear.score(lambda X: (X**power).sum(axis=1), 100, power)
        for power in (1, 2)
    }
    assert by_power[1].pop("Exact match") == by_power[2].pop("Exact match") == (2000, 2000)
    assert [*by_power[1].values()] == [0, 0, 0, 0, 0]
    assert [*by_power[2].values()] == [0, 0, 0, None, None]


def test_negative_numbers_and_halves_by_hand():
    """Who drops the sign is wrong by twice the sum, who rounds down by up to 1."""
    scores = addition_linear.score(lambda X: np.abs(X).sum(axis=1) // 1, largest=1)
    assert scores["RMSE, negative"] == 4  # -1 - 1
    # 0.5 + 0.5, 0.5 + 1, 1 + 0.5, 1 + 1: half of the answers are wrong by 0.5
    assert scores["RMSE, halves"] == pytest.approx(0.125**0.5, rel=0.1)


@pytest.mark.slow
def test_without_repeat_vector(run):
    script = addition_without_repeat_vector
    rows, out = run(script, "--epochs", 1, "--largest", 4)
    assert list(rows) == list(script.VARIANTS)
    assert parameters(rows) == [76_012, 76_012, 76_012, 141_212]
    assert "expected ndim=3, found ndim=2" in out
    assert "at most 16/16 (100.0%) of all sums can be right with the answer at" in out


def test_the_answer_stands_where_the_variant_says():
    script = addition_without_repeat_vector
    variants = script.VARIANTS.values()
    answers = [script.examples(variant, 10, Random(1), 1)[1][0] for variant in variants]
    # the tutorial's 3 + 10
    assert [invert(answer) for answer in answers] == ["13", "   13", "13   ", "13   "]


def test_what_can_be_written_while_reading_by_hand():
    script = addition_without_repeat_vector
    at_end, at_start = (script.VARIANTS[name] for name in (script.AT_END, script.AT_START))
    # one digit, due with the question's last; or with its first: one guess for each
    assert script.best_while_reading(at_end, 4) == (16, 16)
    assert script.best_while_reading(at_start, 4) == (4, 16)
    # at "7+" there is either a ten or none, and 7 of 9 sums have one
    likelier = sum(max(first, 9 - first) for first in range(1, 10))
    assert script.best_while_reading(at_end, 9) == (likelier, 81)


@pytest.mark.slow
def test_heldout(run, tmp_path):
    flags = ["--largest", 3, 12, 12, "--random", 12, 12]  # the fewer, the faster
    flags += ["--plot", tmp_path / "curve.png"]
    rows, out = run(addition_heldout, "--epochs", 2, 1, *flags)
    sums = ["up to 3", "up to 12", "up to 12, random answers"]
    few = [f"{name}, 1 epochs" for name in sums] + ["up to 3, 1 epochs, batch size 1"]
    assert list(rows) == sums + few
    columns = ["Exact match, seen", "Exact match, unseen", "Unseen with a carry"]
    columns += ["Per-character, seen"]
    curve = ["Unseen, epoch 1", "Unseen, epoch 2"]
    assert score_names(rows["up to 3"]) == [*columns, *curve]
    for name, row in rows.items():
        last = "Unseen, epoch 1" if name in few else "Unseen, epoch 2"
        assert row[last] == row["Exact match, unseen"]
        assert name in sums or row["Unseen, epoch 2"] is None
    assert rows["up to 3"]["Unseen with a carry"] == (0, 0)  # no sum up to 3 + 3 has one
    assert rows["up to 12"]["Unseen with a carry"].total > 0
    assert columns[-1] in out and "Unseen, epoch" not in out
    assert (tmp_path / "curve.png").read_bytes()[1:4] == b"PNG"


def test_a_curve_has_about_twenty_points_and_ends_with_the_training():
    settings = addition_heldout.Settings
    assert addition_heldout.points(settings()) == list(range(15, 301, 15))
    assert addition_heldout.points(settings(epochs=(3, 1))) == [1, 2, 3]
    assert addition_heldout.points(settings(epochs=(45, 1)))[-3:] == [42, 44, 45]


def test_a_training_that_fails_has_nothing_right_at_any_point(monkeypatch):
    failed = training.History(loss=[nan])
    monkeypatch.setattr(training, "train", lambda *given: failed)
    settings = addition_heldout.Settings(epochs=(3, 1), largest=(12, 12, 12))
    row = addition_heldout.experiment.perform(settings, "up to 12", 1).row
    curve = [row[f"Unseen, epoch {n}"] for n in (1, 2, 3)]
    assert curve == [(0, row["Exact match, unseen"].total)] * 3 and curve[0].total > 0


def terms(X):
    """The sums in one-hot questions, a set of pairs."""
    return {tuple(map(int, invert(question).split("+"))) for question in X}


@pytest.mark.parametrize(
    "script, variant, sizes",
    [
        (
            addition_heldout,
            "up to 4",
            {"largest": (4, 12, 20), "random": (4, 12), "epochs": (15, 3)},
        ),
        (
            addition_heldout,
            "up to 12",
            {"largest": (4, 12, 20), "random": (4, 12), "epochs": (15, 3)},
        ),
        (
            addition_heldout,
            "up to 20, random answers",
            {"random": (4, 20), "epochs": (15, 3)},
        ),
        (addition_padding, "whole question", {"largest": 12, "epochs": (5, 6, 7, 8, 15)}),
    ],
)
def test_no_reserved_pair_is_ever_drawn_in_either_order(
    script, variant, sizes, drawn, monkeypatch
):
    asked = []

    def predict(model, X):
        asked.append(terms(X))
        return np.zeros((len(X), *model.output_shape[1:]))

    monkeypatch.setattr(script, "predict", predict)
    script.experiment.perform(script.Settings(**{"epochs": 15, **sizes}), variant, 1)
    seen = {pair for X, _ in drawn for pair in terms(X)}
    unseen = [pairs for pairs in asked if not pairs <= seen]
    assert unseen
    for pairs in unseen:
        assert {(b, a) for a, b in pairs} == pairs  # both orders are asked
        assert pairs.isdisjoint(seen)


def test_random_answers_are_fixed_and_no_sums():
    answers = addition_heldout.random_answers(50)
    assert answers == addition_heldout.random_answers(50)
    assert len(answers) == 1275 and all(a <= b for a, b in answers)
    assert min(answers.values()) >= 2 and max(answers.values()) <= 100
    assert sum(answers[pair] == sum(pair) for pair in answers) < 40


def test_padding_trains_and_scores_one_variant(run):
    flags = "--epochs", 1, 2, 3, 4, 5, "--largest", 4, "--variant", "Masking"
    rows, _ = run(addition_padding, *flags)
    assert rows["Masking"]["Exact match, 5 epochs"] == rows["Masking"]["Exact match"]
    assert list(rows) == ["Masking"]


@pytest.mark.slow
def test_padding(run):
    rows, out = run(addition_padding, "--epochs", 1, 2, 3, 4, 5, "--largest", 4)
    assert list(rows) == list(addition_padding.VARIANTS)
    on_the_way = [f"Exact match, {n} epochs" for n in range(1, 6)]
    names = ["Exact match", "Per-character accuracy", *on_the_way]
    assert score_names(rows["Masking"]) == names
    assert rows["Masking"]["Exact match, 5 epochs"] == rows["Masking"]["Exact match"]
    readers = rows["up to 10, 10 epochs"]
    assert readers["Exact match, 1 epochs"] == readers["Exact match"]
    assert readers["Exact match"].total == 100 and readers["Exact match, 2 epochs"] is None
    assert set(parameters(rows)) == {76_012}
    assert all(variant in out for variant in addition_padding.VARIANTS)


@given(st.sampled_from([*addition_padding.VARIANTS]), st.integers(3, 2000), st.integers(0))
def test_every_way_of_padding_can_be_read_back(name, largest, seed):
    X, y = random_sum_pairs(20, 2, largest, rng=Random(seed))
    variant = addition_padding.VARIANTS[name]
    questions, answers = addition_padding.to_strings(variant, X, y, largest)
    assert len({*map(len, questions)}) == len({*map(len, answers)}) == 1
    if variant.question_reversed:
        questions = [question[::-1] for question in questions]
    if variant.answer_reversed:
        answers = [answer[::-1] for answer in answers]
    assert [[read_number(term) for term in text.split("+")] for text in questions] == X
    assert [read_number(answer) for answer in answers] == y
    padded = [text for text in questions if " " in text]
    if padded and not variant.each_term:
        behind = variant.behind != variant.question_reversed  # as one reads it, forwards
        assert all(text.endswith(" ") == behind for text in padded)


def test_masking_leaves_spaces_out():
    X, _ = addition_padding.encode(addition_padding.VARIANTS["Masking"], [[3, 10]], 10)
    assert X.sum(axis=2).tolist() == [[0, 1, 1, 1, 1]]  # " 3+10"


def test_padding_that_is_not_counted_has_no_weight():
    variant = addition_padding.VARIANTS["padding not counted"]
    _, y, counts = addition_padding.encode(variant, [[3, 10], [3, 4]], 10)
    assert counts.tolist() == [[1, 1], [0, 1]]  # "13" and " 7"
    assert len(addition_padding.encode(addition_padding.Variant(), [[3, 10]], 10)) == 2


def test_integer_encoding_trains_and_scores_one_variant(run):
    variant = "unseen: scaled integers, answers too"
    flags = "--epochs", 1, 2, "--largest", 4, 12, "--variant", variant
    rows, out = run(addition_integer_encoding, *flags)
    assert list(rows) == [variant] and variant in out
    assert rows[variant]["Exact match"].total in range(20, 31)  # 15 of the 78 pairs


@pytest.mark.slow
def test_integer_encoding(run):
    script = addition_integer_encoding
    rows, out = run(script, "--epochs", 1, 2, "--largest", 4, 12)
    assert list(rows) == list(script.VARIANTS)
    assert score_names(rows["one-hot"]) == ["Exact match", "Per-character accuracy"]
    asked = {name: row["Exact match"].total for name, row in rows.items()}
    unseen = {name for name in rows if name.startswith("unseen")}
    assert {asked[name] for name in rows if name not in unseen} == {1000}
    assert {asked[name] for name in unseen} < set(range(20, 31))  # 15 of the 78 pairs
    assert all(variant in out for variant in rows)


def test_integer_encoding_draws_no_unseen_sum_in_training(drawn, monkeypatch):
    script, asked = addition_integer_encoding, []

    def collect(model, X):
        asked.extend(map(invert, X))
        return np.zeros((len(X), *model.output_shape[1:]))

    monkeypatch.setattr(script, "predict", collect)
    settings = script.Settings(epochs=(1, 2), largest=(4, 12))
    script.run(settings, script.VARIANTS["unseen: one-hot"], 1)
    trained, asked = (
        {unordered(map(int, text.split("+"))) for text in texts}
        for texts in ([invert(question) for X, _ in drawn for question in X], asked)
    )
    assert len(asked) == 15 and len(trained) == 78 - 15
    assert not asked & trained


@given(st.integers(0))
def test_encoded_answers_are_decoded_to_the_same(seed):
    script = addition_integer_encoding
    X, _ = random_sum_pairs(20, 2, 10, rng=Random(seed))
    drawn = script.as_integers(X, 10)
    for encoding in {variant.encoding for variant in script.VARIANTS.values()}:
        X, y = script.encode(encoding, *drawn)
        assert np.array_equal(script.decode(encoding, y), drawn[1])
        assert X.shape == (20, 5, 12) if encoding == "one-hot" else X.shape[:2] == (20, 5)


@pytest.mark.parametrize(
    "script, flags",
    [
        (addition_heldout, ["--largest", 10, 100]),
        (addition_heldout, ["--largest", 2, 10, 100]),
        (addition_heldout, ["--epochs", 30, 300]),
        (addition_integer_encoding, ["--epochs", 100, 30]),
        (addition_padding, ["--epochs", 10, 50, 50, 200, 300]),
        (addition_padding, ["--largest", 2]),
        (addition_linear, ["--largest", 10001]),
        (addition_without_repeat_vector, ["--plot", "curve.png"]),
    ],
)
def test_flags_that_make_no_sense_are_refused(script, flags, refused):
    assert "error: " in refused(script.main, *flags)

"""The extensions to the addition tutorial: tables, findings, and what is particular."""

import functools
import re
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from common.characters import ALPHABET, answer_length, invert, read_number
from common.sums import random_sum_pairs
from extensions import (
    addition_heldout,
    addition_integer_encoding,
    addition_linear,
    addition_order,
    addition_padding,
    addition_stacked_lstm,
    addition_without_repeat_vector,
)


@pytest.fixture(autouse=True)
def uncompiled(monkeypatch):
    """At these sizes most of the time would go into XLA's compilation."""
    import common.training

    train = functools.partial(common.training.train, jit=False)
    monkeypatch.setattr(common.training, "train", train)


def run(script, capsys, *flags):
    """Run a script's main; return its table, {variant: {column: text}}, and its finding."""
    script.main([*map(str, flags)])
    lines = capsys.readouterr().out.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("variant "))
    end = lines.index("", start)
    header, *rows = [re.split(r"\s{2,}", line) for line in lines[start:end]]
    assert all(len(row) == len(header) for row in rows)
    table = {row[0]: dict(zip(header[1:], row[1:])) for row in rows}
    assert len(table) == len(rows)
    findings = [line for line in lines if line.startswith("Finding: ")]
    assert findings == lines[-1:]
    return table, findings[0]


def test_stacked_lstm(capsys):
    table, finding = run(addition_stacked_lstm, capsys, "--epochs", 1, "--runs", 2)
    assert list(table) == ["LSTM 10", "LSTM 6, LSTM 6", "LSTM 6, LSTM 2"]
    assert [row["parameters"] for row in table.values()] == ["491", "511", "267"]
    assert {"RMSE", "Exact match", "std", "worst"} <= set(table["LSTM 10"])
    assert "lowest mean RMSE" in finding


def test_order(capsys):
    table, finding = run(addition_order, capsys, "--epochs", 1, "--largest", 4)
    assert list(table) == ["MLP", "LSTM regression", "seq2seq", "seq2seq, shuffled"]
    columns = ["parameters", "Exact match", "Terms swapped", "Characters shuffled"]
    assert list(table["MLP"]) == columns
    assert table["MLP"]["Characters shuffled"] == "-"
    assert "swapping the terms" in finding
    assert "100.0% of the sums up to 4, " in finding


def test_the_best_reader_without_order_by_hand():
    assert addition_order.best_without_order(10) == (100, 100)
    # 1 + 20 and 2 + 10 have the same characters, 10 + 12 and 11 + 20 too, in both orders
    assert addition_order.best_without_order(20) == (396, 400)


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_shuffled_questions_keep_their_characters_and_answers(seed):
    args = addition_order.parse_args([])
    X, y = random_sum_pairs(5, 2, 10, rng=Random(seed))
    straight, answers = addition_order.encode("seq2seq", X, y, args)
    mixed, same = addition_order.encode("seq2seq", X, y, args, Random(seed))
    assert (straight.sum(axis=1) == mixed.sum(axis=1)).all() and (answers == same).all()


def test_linear(capsys):
    table, finding = run(addition_linear, capsys, "--epochs", 5)
    assert list(table) == list(addition_linear.VARIANTS)
    columns = ["parameters", "Exact match", "RMSE", "RMSE to 10x", "RMSE to 100x"]
    assert list(table["Dense 1"]) == columns
    for variant in ("LinearRegression", "squares: LinearRegression, degree 2"):
        assert table[variant]["Exact match"] == "100.00%"
    assert table["squares: LinearRegression"]["Exact match"] != "100.00%"
    assert [table[name]["parameters"] for name in ("Dense 1", "LSTM 10")] == ["3", "491"]
    assert "MLP" in finding


def test_squares_are_scaled_into_the_unit_interval_and_score_perfectly():
    task = addition_linear.Task(power=2, largest=100)
    X, y = task.examples(Random(1), 50)
    numbers = (X * 200).round()  # scaled by the largest sum of two
    assert y.max() <= 1
    assert (numbers**2).sum(axis=1) / 20_000 == pytest.approx(y)
    scores = task.score(lambda X: ((X * 200) ** 2).sum(axis=1) / 20_000)
    assert scores["Exact match"] == (2000, 2000)
    assert [scores[name] for name in ("RMSE", "RMSE to 10x", "RMSE to 100x")] == [0, 0, 0]


def test_without_repeat_vector(capsys):
    script = addition_without_repeat_vector
    script.show_error(script.parse_args([]))
    assert "expected ndim=3, found ndim=2" in capsys.readouterr().out
    table, finding = run(script, capsys, "--epochs", 1, "--largest", 4)
    assert list(table) == list(script.VARIANTS)
    assert (
        table["RepeatVector"]["parameters"]
        == table[script.AT_END]["parameters"]
        == "76,012"
    )
    assert "with the RepeatVector" in finding


@pytest.mark.parametrize(
    "variant, shown",
    [
        ("REPEATED", "13"),
        ("AT_END", "   13"),
        ("AT_START", "13   "),
        ("BOTH_WAYS", "13   "),
    ],
)
def test_the_answer_stands_where_the_variant_says(variant, shown):
    script = addition_without_repeat_vector
    _, y = script.examples(getattr(script, variant), script.parse_args([]), Random(1), 1)
    assert invert(y[0]) == shown  # the tutorial's 3 + 10


def test_heldout(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(addition_heldout, "LARGEST", (3, 12))  # the fewer, the faster
    monkeypatch.setattr(addition_heldout, "LARGEST_RANDOM", (12,))
    table, finding = run(
        addition_heldout, capsys, "--epochs", 2, "--plot", tmp_path / "curve.png"
    )
    assert list(table) == ["up to 3", "up to 12", "up to 12, random answers"]
    columns = ["Exact match, seen", "Exact match, unseen", "Unseen with a carry"]
    assert list(table["up to 3"]) == ["parameters", *columns]
    assert table["up to 3"]["Unseen with a carry"] == "-"  # no sum up to 3 + 3 has one
    assert table["up to 12"]["Unseen with a carry"] != "-"
    assert "random answers" in finding
    assert (tmp_path / "curve.png").read_bytes()[1:4] == b"PNG"


def terms(X):
    """The sums in one-hot questions, a set of pairs."""
    return {tuple(map(int, invert(question).split("+"))) for question in X}


@pytest.mark.parametrize(
    "script, flags",
    [
        (addition_heldout, ["--largest", 4, 12, 20, "--random", 4, 12]),
        (addition_padding, ["--largest", 12]),
    ],
)
def test_no_reserved_pair_is_ever_drawn_in_either_order(script, flags, capsys, monkeypatch):
    trained, asked = {}, {}  # of every model

    def train(model, epoch_data, epochs, batch_size):
        for _ in range(3 * epochs):
            trained.setdefault(id(model), set()).update(terms(epoch_data()[0]))

    def predict(model, X):
        asked.setdefault(id(model), []).append(terms(X))
        return np.zeros((len(X), answer_length(2, 12), len(ALPHABET)))

    build_model, models = script.build_model, []

    def build(*args):
        models.append(build_model(*args))  # kept, so that their ids stay theirs
        return models[-1]

    monkeypatch.setattr(
        script, "build_model", lambda *a: models.append(build_model(*a)) or models[-1]
    )
    monkeypatch.setattr(script, "VARIANTS", ("whole question",), raising=False)
    monkeypatch.setattr("common.training.train", train)
    monkeypatch.setattr("common.training.predict", predict)
    run(script, capsys, "--epochs", 5, *flags)
    assert len(trained) == (3 if script is addition_heldout else 1)  # a model a size
    for model, seen in trained.items():
        unseen = [pairs for pairs in asked[model] if not pairs <= seen]
        assert unseen
        for pairs in unseen:
            swapped = {(b, a) for a, b in pairs}
            assert swapped == pairs  # both orders are asked
            assert pairs.isdisjoint(seen)


def test_random_answers_are_fixed_and_no_sums():
    answers = addition_heldout.random_answers(50)
    assert answers == addition_heldout.random_answers(50)
    assert len(answers) == 1275 and all(a <= b for a, b in answers)
    assert min(answers.values()) >= 2 and max(answers.values()) <= 100
    assert sum(answers[pair] == sum(pair) for pair in answers) < 40


def test_padding(capsys):
    table, finding = run(addition_padding, capsys, "--epochs", 1, "--largest", 4)
    assert list(table) == list(addition_padding.VARIANTS)
    columns = ["parameters", "Exact match", "Per-character accuracy"]
    assert list(table["Masking"]) == columns
    assert {row["parameters"] for row in table.values()} == {"76,012"}
    assert all(variant in finding for variant in addition_padding.VARIANTS)


@settings(deadline=None)
@given(st.sampled_from(addition_padding.VARIANTS), st.integers(3, 2000), st.integers(0))
def test_every_way_of_padding_can_be_read_back(variant, largest, seed):
    X, y = random_sum_pairs(20, 2, largest, rng=Random(seed))
    questions, answers = addition_padding.to_strings(variant, X, y, largest)
    if "question" in variant and "whole" not in variant or "both" in variant:
        questions = [question[::-1] for question in questions]
    if "answer" in variant or "both" in variant:
        answers = [answer[::-1] for answer in answers]
    assert [[read_number(term) for term in text.split("+")] for text in questions] == X
    assert [read_number(answer) for answer in answers] == y


def test_masking_leaves_spaces_out():
    X, _ = addition_padding.encode("Masking", [[3, 10]], [13], 10)
    assert X.sum(axis=2).tolist() == [[0, 1, 1, 1, 1]]  # " 3+10"


def test_integer_encoding(capsys):
    table, finding = run(addition_integer_encoding, capsys, "--epochs", 1, "--largest", 4)
    assert list(table) == list(addition_integer_encoding.VARIANTS)
    columns = ["parameters", "Exact match", "Per-character accuracy"]
    assert list(table["one-hot"]) == columns
    assert all(variant in finding for variant in table)


@settings(deadline=None)
@given(st.integers(0))
def test_encoded_answers_are_decoded_to_the_same(seed):
    script = addition_integer_encoding
    drawn = script.draw(script.parse_args([]), Random(seed), 20)
    for variant in script.VARIANTS:
        X, y = script.encode(variant, *drawn)
        assert np.array_equal(script.decode(variant, y), drawn[1])
        assert X.shape == (20, 5, 12) if variant == "one-hot" else X.shape[:2] == (20, 5)


@pytest.mark.parametrize(
    "script, flags",
    [
        (addition_heldout, ["--largest", "10", "100"]),
        (addition_heldout, ["--largest", "2", "10", "100"]),
        (addition_padding, ["--largest", "2"]),
        (addition_linear, ["--largest", "10001"]),
        (addition_order, ["--epochs", "0"]),
        (addition_integer_encoding, ["--runs", "x"]),
        (addition_without_repeat_vector, ["--plot", "curve.png"]),
        (addition_stacked_lstm, ["--largest", "0"]),
    ],
)
def test_refused_flags_exit_with_status_2_and_one_line(script, flags, capsys):
    with pytest.raises(SystemExit) as left:
        script.main(flags)
    assert left.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1

"""The extensions to the addition tutorial: who adds has every answer right.

Here nothing is trained: `train` only draws, and `predict` answers as a test says.
"""

import itertools
from math import nan
from random import Random
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.characters import ALPHABET, integer_encode, read_number
from common.onehot import one_hot_encode
from common.runner.comparison import Rows
from common.scores import EXACT, RMSE, Share
from common.sums import random_sum_pairs
from common.training import History
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
from extensions import (
    addition_data,
    addition_heldout,
    addition_integer_encoding,
    addition_linear,
    addition_one_plus_one,
    addition_order,
    addition_padding,
    addition_stacked_lstm,
    addition_without_repeat_vector,
)
from extensions.tools.heldout import has_carry, unordered

pytestmark = pytest.mark.usefixtures("uncompiled")

SMALL = {  # settings that make little data
    addition_heldout: {"largest": (5, 12, 13), "epochs": (3, 1)},
    addition_integer_encoding: {"largest": (4, 12), "epochs": (1, 2, 3)},
    addition_linear: {"epochs": 2},
    addition_one_plus_one: {"epochs": (1, 2)},
    addition_order: {"epochs": 1},
    addition_padding: {"largest": 12, "epochs": 30},
    addition_stacked_lstm: {"epochs": (1, 2)},
    addition_without_repeat_vector: {"epochs": 1},
}


def read(X):
    """What stands in questions, however they are encoded: a list of strings."""
    if X.ndim == 3 and X.shape[2] == len(ALPHABET):
        X = X.argmax(axis=2)
    elif X.ndim == 3:
        X = np.rint(X[..., 0] * (len(ALPHABET) - 1)).astype(int)
    return ["".join(ALPHABET[i] for i in row) for row in X]


def terms(text):
    return [int(term) for term in text.split("+")]


def writes(answer_to, read_as=str, write_as=str):
    """A `predict` that writes what `answer_to([3, 10])` returns, on the right.

    `read_as`, `write_as`: what is done with the texts of questions and answers.
    """

    def predict(model, X, *_):
        _, n_out, n_features = model.output_shape
        answers = [answer_to(terms(read_as(text))) for text in read(np.asarray(X))]
        y = integer_encode([write_as(str(answer).rjust(n_out)) for answer in answers])
        if n_features == 1:
            return y[..., np.newaxis] / (len(ALPHABET) - 1)
        return one_hot_encode(y, n_features)

    return predict


def ran(script, variant, seed=1, looks=True, draws=True, **settings):
    """Run a variant without training.

    Returns its scores, and what `train` got: `data`, `model`, `epochs`, `batch_size`, and
    `done`, the epochs when it is asked.
    """
    got = SimpleNamespace(data=[], done=0)
    settings = script.Settings(**{**SMALL[script], **settings})

    def train(model, new_data, epochs, batch_size, *, callbacks=()):
        got.model, got.epochs, got.batch_size = model, epochs, batch_size
        got.data += [new_data() for _ in range(epochs * draws)]
        for callback in callbacks:
            for epoch in sorted(callback.epochs) * looks:
                got.done = epoch
                callback.on_epoch_end(epoch - 1)
        got.done = epochs
        return History(loss=[0.5] * epochs)

    predicts.got = got
    got.scores = script.run(
        settings, seed, script.experiment.variants(settings)[variant], train
    ).scores
    return got


def predicts():
    """Where `ran` leaves what it got, for a `predict` that learns."""


# Who adds, and who is wrong in a known way


@pytest.mark.parametrize(
    ("script", "variant"),
    [
        (addition_heldout, "up to 12"),
        (addition_heldout, "up to 5, 1 epochs"),
        *[(addition_integer_encoding, name) for name in addition_integer_encoding.VARIANTS],
        (addition_one_plus_one, "as the tutorial"),
        (addition_one_plus_one, "numbers 2 to 10"),
        *[(addition_padding, name) for name in addition_padding.VARIANTS],
        *[
            (addition_without_repeat_vector, name)
            for name in addition_without_repeat_vector.VARIANTS
        ],
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_who_adds_has_every_answer_right(script, variant, monkeypatch):
    ways = getattr(script, "VARIANTS", {}).get(variant)
    texts = [
        (lambda text: text[::-1]) if getattr(ways, f"{what}_reversed", False) else str
        for what in ("question", "answer")
    ]
    monkeypatch.setattr(script, "predict", writes(sum, *texts))
    scores = ran(script, variant, draws=script is addition_heldout).scores
    shares = [value for value in scores.values() if isinstance(value, Share)]
    assert shares and all(right == total for right, total in shares)


def test_who_cannot_carry_misses_the_sums_with_a_carry(monkeypatch):
    without_carry = writes(lambda row: sum(row) - 10 * has_carry(row))
    monkeypatch.setattr(addition_heldout, "predict", without_carry)
    scores = ran(addition_heldout, "up to 12", looks=False).scores
    unseen, carried = scores["Exact match, unseen"], scores["Unseen with a carry"]
    assert carried.right == 0 < carried.total == unseen.total - unseen.right


def test_shuffled_answers_are_the_same_answers_and_hardly_a_sum(monkeypatch):
    script = addition_heldout
    right, shuffled = script.right_answers(50), script.shuffled_answers(50)
    assert sorted(right.values()) == sorted(shuffled.values())
    assert right.keys() == shuffled.keys() and right[3, 40] == 43
    assert sum(right[pair] == shuffled[pair] for pair in right) < 40
    assert shuffled == script.shuffled_answers(50)

    shuffled = script.shuffled_answers(12)
    monkeypatch.setattr(script, "predict", writes(lambda row: shuffled[unordered(row)]))
    dealt = ran(script, "up to 12, shuffled answers")
    for score in ("Exact match, seen", "Exact match, unseen"):
        right, total = dealt.scores[score]
        assert right == total > 0
    X, y = dealt.data[0]
    assert [shuffled[unordered(terms(q))] for q in read(X)] == [*map(int, read(y))]


def test_a_look_scores_the_model_as_it_is_then(monkeypatch):
    """Who has learned it after 20 epochs is right at 20, and after."""
    learned = {addition_heldout: 2, addition_padding: 20, addition_integer_encoding: 3}
    for script, n in learned.items():
        later = writes(lambda row, n=n: sum(row) if predicts.got.done >= n else 1)
        monkeypatch.setattr(script, "predict", later)
    scores = ran(addition_heldout, "up to 12").scores
    assert [scores[f"Unseen, epoch {n}"].right > 0 for n in (1, 2, 3)] == [
        False,
        True,
        True,
    ]
    scores = ran(addition_padding, "whole question", draws=False).scores
    assert scores["Epochs to 90 %"] == 20
    assert [scores[f"Exact match, {n} epochs"].right > 0 for n in (10, 20)] == [False, True]
    scores = ran(addition_integer_encoding, "unseen: one-hot").scores
    assert scores["Exact match, 2 epochs"].right == 0
    assert scores["Exact match"].right == scores["Exact match"].total


def test_a_training_that_fails_has_nothing_right_at_any_point(monkeypatch):
    for script in (addition_heldout, addition_padding):
        monkeypatch.setattr(script, "predict", writes(sum))
    scores = ran(addition_heldout, "up to 12", looks=False).scores
    curve = [scores[f"Unseen, epoch {n}"] for n in (1, 2, 3)]
    assert curve == [(0, scores["Exact match, unseen"].total)] * 3
    scores = ran(addition_padding, "whole question", looks=False, draws=False).scores
    assert scores["Epochs to 90 %"] is None
    assert scores["Exact match, 20 epochs"].right == 0


def test_who_reads_characters_without_their_order(monkeypatch):
    """Up to 10 no two sums have the same characters, but for their order."""
    pairs = itertools.product(range(1, 11), repeat=2)
    known = {"".join(sorted(f"{a}+{b}")): a + b for a, b in pairs}

    def predict(model, X, *_):
        answers = [known["".join(sorted(text.replace(" ", "")))] for text in read(X)]
        return one_hot_encode(integer_encode([f"{n:2}" for n in answers]), len(ALPHABET))

    for script in (addition_order, addition_seq2seq):
        monkeypatch.setattr(script, "predict", predict)
    scores = ran(addition_order, "seq2seq").scores
    assert [*scores.values()] == [(1000, 1000)] * 3


@pytest.mark.parametrize("variant", ["seq2seq", "MLP", "LSTM regression"])
def test_who_adds_only_if_the_first_term_is_not_the_larger(variant, monkeypatch):
    def answer_to(row):
        return sum(row) if row[0] <= row[1] else 1

    def regression(model, X, *_):
        X = np.rint(20 * np.reshape(X, (len(X), 2)))
        return np.array([[answer_to(row) / 20] for row in X.tolist()])

    texts = writes(lambda row: answer_to(sorted(row)[::-1] if len(row) == 3 else row))
    monkeypatch.setattr(addition_seq2seq, "predict", texts)
    monkeypatch.setattr(
        addition_order, "predict", lambda model, X: np.zeros((len(X), 2, 12))
    )
    monkeypatch.setattr(addition_mlp, "predict", regression)
    monkeypatch.setattr(addition_lstm_regression, "predict", regression)
    scores = ran(addition_order, variant).scores
    asked, _ = random_sum_pairs(1000, 2, 10, rng=Random("test set"))
    assert scores["Exact match"].right == sum(a <= b for a, b in asked)
    assert scores["Terms swapped"].right == sum(b <= a for a, b in asked)
    without = scores["Characters shuffled"]
    assert without == ((0, 1000) if variant == "seq2seq" else None)


@pytest.mark.parametrize("largest", [100, 50])
def test_a_regression_that_is_wrong_by_two_in_half_of_the_sums(largest, monkeypatch):
    asked = []

    def predict(model, X, *_):
        asked.append(X)
        wrong = np.arange(len(X)) % 2 * 2
        return X.sum(axis=1) + wrong[:, np.newaxis] / (2 * largest)

    monkeypatch.setattr(addition_lstm_regression, "predict", predict)
    got = ran(addition_stacked_lstm, "LSTM 6, LSTM 2", largest=largest)
    assert got.scores[EXACT] == (5000, 10_000)
    assert got.scores[RMSE] == pytest.approx(2**0.5)
    assert asked[0].max() == 0.5 and len(asked[0]) == 10_000  # numbers up to the largest
    X, y = got.data[0]
    assert X.shape == (100, 2, 1) and y == pytest.approx(X.sum(axis=(1, 2)))
    assert (
        np.rint(X[0].ravel() * 2 * largest).tolist()
        == random_sum_pairs(1, 2, largest, rng=Random(1))[0][0]
    )


@pytest.mark.parametrize(
    ("variant", "answer_to"),
    [
        ("MLP 4-2-1", lambda X: X.sum(axis=1, keepdims=True)),
        ("MLP 4-2-1, not scaled", lambda X: X.sum(axis=1, keepdims=True)),
        # numbers divided by 200, sums of squares by 20,000
        (addition_linear.RELU, lambda X: 2 * (X**2).sum(axis=1, keepdims=True)),
        ("LinearRegression", None),
        ("squares: LinearRegression, degree 2", None),
    ],
)
def test_who_adds_right_scores_perfectly_whatever_the_numbers(
    variant, answer_to, monkeypatch
):
    monkeypatch.setattr(addition_linear, "predict", lambda model, X: answer_to(X))
    scores = ran(addition_linear, variant).scores
    assert scores.pop(EXACT) == (2000, 2000)
    errors = [value for value in scores.values() if value is not None]
    assert errors == pytest.approx([0] * len(errors), abs=1e-6)
    assert len(errors) == (3 if "squares" in variant else 5)


def test_negative_numbers_and_halves_by_hand():
    """Who drops the sign is wrong by twice the sum, who rounds down by up to 1."""
    scores = addition_linear.score(lambda X: np.abs(X).sum(axis=1) // 1, largest=1)
    assert scores["RMSE, negative"] == 4  # -1 - 1
    # 0.5 + 0.5, 0.5 + 1, 1 + 0.5, 1 + 1: half of the answers are wrong by 0.5
    assert scores["RMSE, halves"] == pytest.approx(0.125**0.5, rel=0.1)


# What is trained on, with which budget


@pytest.mark.parametrize(
    ("script", "variant", "epochs", "batch_size", "rate"),
    [
        (addition_heldout, "up to 13, learning rate 0.003", 3, 10, 0.003),
        (addition_heldout, "up to 5, 1 epochs, batch size 1", 1, 1, 0.001),
        (addition_integer_encoding, "scaled integers, more epochs", 2, 10, 0.001),
        (addition_integer_encoding, "unseen: scaled integers, rate 0.01", 3, 10, 0.01),
        (addition_integer_encoding, "unseen: embedding", 3, 10, 0.001),
        (addition_linear, "LSTM 10, 4x epochs", 8, 2, 0.001),
        (addition_one_plus_one, "2 epochs", 2, 10, 0.001),
        (addition_one_plus_one, "learning rate 0.003", 1, 10, 0.003),
        (addition_padding, "each term, learning rate 0.003", 30, 10, 0.003),
        (addition_padding, "up to 10, 10 epochs", 10, 10, 0.001),
        (addition_stacked_lstm, "LSTM 6, LSTM 6", 1, 1, 0.001),
        (addition_without_repeat_vector, "RepeatVector, learning rate 0.003", 1, 10, 0.003),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_variant_has_the_budget_and_the_rate_that_it_says(
    script, variant, epochs, batch_size, rate, monkeypatch
):
    def predict(model, X, *_):
        return np.zeros((len(X), *model.output_shape[1:]))

    for module in (script, addition_lstm_regression):
        monkeypatch.setattr(module, "predict", predict, raising=False)
    got = ran(script, variant, draws=False)
    assert (got.epochs, got.batch_size) == (epochs, batch_size)
    assert float(got.model.optimizer.learning_rate) == pytest.approx(rate)


def test_a_falling_rate_ends_at_zero_with_the_last_update():
    got = ran(addition_stacked_lstm, "LSTM 10, 2 epochs, falling rate")
    optimizer = got.model.optimizer
    rates = []
    for n_updates in (0, 100, 200):  # of 2 epochs, 100 sums each
        optimizer.iterations.assign(n_updates)
        rates.append(float(optimizer.learning_rate))
    assert rates == pytest.approx([0.001, 0.0005, 0])


@pytest.mark.parametrize(
    ("script", "variant", "epochs"),
    [
        (addition_heldout, "up to 5", (15, 1)),
        (addition_heldout, "up to 12, shuffled answers", (15, 1)),
        (addition_padding, "whole question", 15),
        (addition_integer_encoding, "unseen: one-hot", (1, 2, 15)),
    ],
)
def test_no_reserved_pair_is_ever_drawn_in_either_order(
    script, variant, epochs, monkeypatch
):
    asked = []

    def predict(model, X):
        asked.append({tuple(terms(text)) for text in read(X)})
        return np.zeros((len(X), *model.output_shape[1:]))

    monkeypatch.setattr(script, "predict", predict)
    got = ran(script, variant, epochs=epochs)
    seen = {tuple(terms(text)) for data in got.data for text in read(data[0])}
    unseen = [pairs for pairs in asked if not pairs <= seen]
    assert unseen
    for pairs in unseen:
        assert {(b, a) for a, b in pairs} == pairs  # both orders are asked
        assert pairs.isdisjoint(seen)


def test_each_seed_reserves_another_fifth(monkeypatch):
    monkeypatch.setattr(addition_heldout, "predict", writes(sum))
    drawn = [
        {
            unordered(terms(text))
            for X, _ in ran(addition_heldout, "up to 12", s).data
            for text in read(X)
        }
        for s in (1, 2)
    ]
    assert [len(pairs) for pairs in drawn] == [78 - 15] * 2 and drawn[0] != drawn[1]


def test_a_curve_has_about_twenty_points_and_ends_with_the_training():
    settings = addition_heldout.Settings
    assert addition_heldout.points(settings()) == list(range(15, 301, 15))
    assert addition_heldout.points(settings(epochs=(3, 1))) == [1, 2, 3]
    assert addition_heldout.points(settings(epochs=(45, 1)))[-3:] == [42, 44, 45]


@given(st.integers(0))
def test_encoded_answers_are_decoded_to_the_same(seed):
    script = addition_integer_encoding
    X, _ = random_sum_pairs(20, 2, 10, rng=Random(seed))
    drawn = script.as_integers(X, 10)
    for encoding in {variant.encoding for variant in script.VARIANTS.values()}:
        X, y = script.encode(encoding, *drawn)
        assert np.array_equal(script.decode(encoding, y), drawn[1])
        assert X.shape == (20, 5, 12) if encoding == "one-hot" else X.shape[:2] == (20, 5)


def test_linear_divides_by_the_largest_sum_or_by_nothing():
    names = ("MLP 4-2-1", "MLP 4-2-1, not scaled", addition_linear.RELU)
    (scaled, sums), (numbers, plain), (_, squares) = (
        ran(addition_linear, name).data[0] for name in names
    )
    assert numbers[-7:].tolist()[0] == [2, 97]  # the tutorial's
    assert (plain == numbers.sum(axis=1)).all()
    assert scaled == pytest.approx(numbers / 200)
    assert sums == pytest.approx(plain / 200)
    assert squares == pytest.approx((numbers**2).sum(axis=1) / 20_000)


def test_ten_sums_are_the_same_ten_in_every_epoch():
    (X, y), (again, _) = ran(addition_linear, "MLP 4-2-1, 10 sums").data
    assert (again == X).all() and len({tuple(row) for row in X.tolist()}) == 10
    assert y == pytest.approx(X.sum(axis=1))


def test_only_one_variant_is_trained_on_shuffled_characters():
    (X, y), (shuffled, same) = (
        ran(addition_order, name).data[0] for name in ("seq2seq", "seq2seq, shuffled")
    )
    assert read(X)[:2] == [" 3+10", "  2+5"]  # the tutorial's
    assert (shuffled != X).any() and (X.sum(axis=1) == shuffled.sum(axis=1)).all()
    assert (y == same).all()


def test_the_best_reader_without_order_by_hand():
    assert addition_order.best_without_order(10) == (100, 100)
    # 1 + 20 and 2 + 10 have the same characters, 10 + 12 and 11 + 20 too, in both orders
    assert addition_order.best_without_order(20) == (396, 400)


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
    short = any(len(str(second)) < len(str(largest)) for _, second in X)
    assert any("+ " in text for text in questions) == (variant.each_term and short)


def test_masking_leaves_spaces_out():
    variant = addition_padding.VARIANTS["Masking"]
    X, _, _ = addition_padding.encode(variant, [[3, 10]], 10)
    assert X.sum(axis=2).tolist() == [[0, 1, 1, 1, 1]]  # " 3+10"


@pytest.mark.parametrize(
    ("variant", "weights"),
    [
        ("padding not counted", [[1, 1], [0, 1]]),  # "13" and " 7"
        ("padding counted a tenth", [[1, 1], [0.1, 1]]),
        ("padding not counted, answer reversed", [[1, 1], [1, 0]]),
    ],
)
def test_padding_has_the_weight_that_the_variant_says(variant, weights):
    way = addition_padding.VARIANTS[variant]
    assert addition_padding.encode(way, [[3, 10], [3, 4]], 10)[2].tolist() == weights
    lengths = {
        name: len(ran(addition_padding, name, epochs=10).data[0])
        for name in (variant, "whole question")
    }
    assert lengths == {variant: 3, "whole question": 2}


def test_the_answer_stands_where_the_variant_says():
    script = addition_without_repeat_vector
    answers = [read(ran(script, name).data[0][1])[0] for name in script.VARIANTS]
    # the tutorial's 3 + 10
    assert answers == ["13", "   13", "13   ", "13   ", "13"]


def test_what_can_be_written_while_reading_by_hand():
    script = addition_without_repeat_vector
    at_end, at_start = (script.VARIANTS[name] for name in (script.AT_END, script.AT_START))
    # one digit, due with the question's last; or with its first: one guess for each
    assert script.best_while_reading(at_end, 4) == (16, 16)
    assert script.best_while_reading(at_start, 4) == (4, 16)
    # at "7+" there is either a ten or none, and 7 of 9 sums have one
    likelier = sum(max(first, 9 - first) for first in range(1, 10))
    assert script.best_while_reading(at_end, 9) == (likelier, 81)


def test_the_tutorials_error_is_shown(capsys):
    addition_without_repeat_vector.show_error(4)
    assert "expected ndim=3, found ndim=2" in capsys.readouterr().out


# 1+1


def drawn_sums(variant):
    """How often each sum is drawn, and the answers that it gets."""
    X, y = ran(addition_one_plus_one, variant, epochs=(20, 21)).data, {}
    for questions, answers in X:
        for question, answer in zip(read(questions), read(answers)):
            y.setdefault(tuple(terms(question)), []).append(int(answer))
    return y


@pytest.mark.parametrize(
    ("variant", "doubled"),
    [
        ("as the tutorial", []),
        ("1+1 twice as often", [(1, 1)]),
        ("1+2 and 2+1 twice as often", [(1, 2), (2, 1)]),
    ],
)
def test_some_sums_are_drawn_twice_as_often(variant, doubled):
    drawn = drawn_sums(variant)
    assert len(drawn) == 100
    once = 20_000 / (100 + len(doubled))
    for pair, answers in drawn.items():
        assert {*answers} == {sum(pair)}
        assert len(answers) == pytest.approx(once * (1 + (pair in doubled)), rel=0.35)


def test_other_numbers_and_answers_are_drawn_where_the_variant_says():
    drawn = {name: drawn_sums(name) for name in ("numbers 2 to 10", "numbers 1 to 9")}
    assert [{n for pair in y for n in pair} for y in drawn.values()] == [
        {*range(2, 11)},
        {*range(1, 10)},
    ]
    exchanged = drawn_sums("answers of 1+1 and 10+10 exchanged")
    assert {*exchanged[1, 1]} == {20} and {*exchanged[10, 10]} == {2}
    assert all(
        {*exchanged[pair]} == {sum(pair)} for pair in exchanged if sum(pair) in (3, 19)
    )


def test_who_takes_one_and_one_for_three(monkeypatch, capsys):
    script = addition_one_plus_one
    name, other = "as the tutorial", "numbers 2 to 10"
    monkeypatch.setattr(script, "predict", writes(lambda row: max(3, sum(row))))
    rows = [{"variant": name, "seed": 1, **ran(script, name).scores}]
    monkeypatch.setattr(script, "predict", writes(sum))
    rows += [{"variant": v, "seed": 2, **ran(script, v).scores} for v in (name, other)]
    assert [row[EXACT] for row in rows] == [(99, 100), (100, 100), (81, 81)]
    assert [row[script.CORNER] for row in rows] == [(0, 1), (1, 1), (1, 1)]
    assert (rows[0]["1+1"], rows[0]["10+10"], rows[2]["1+10"]) == (3, 20, None)

    settings, drawn = script.Settings(**SMALL[script]), []
    monkeypatch.setattr(script, "save", lambda figure, path: drawn.append(figure))
    script.plot("a.png", Rows(rows), settings)
    panels = [axes for axes in drawn[0].axes if axes.images]
    assert [axes.get_title() for axes in panels] == [name, other]
    of_tutorial, of_other = (axes.images[0].get_array().filled(nan) for axes in panels)
    assert of_tutorial[0, 0] == 50 and of_tutorial.sum() == 50  # per cent of two seeds
    assert np.isnan(of_other[0]).all() and np.nansum(of_other) == 0

    script.finding(Rows(rows[:2]), settings)
    out = capsys.readouterr().out.splitlines()[0]
    assert "1 of 2 seeds get all sums right; 1+1 is wrong in 1 (in 1 of them 3)" in out


def test_exchanged_answers_are_those_that_count(monkeypatch):
    monkeypatch.setattr(addition_one_plus_one, "predict", writes(sum))
    scores = ran(addition_one_plus_one, "answers of 1+1 and 10+10 exchanged").scores
    assert scores[EXACT] == (98, 100)


# All of it, trained


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "flags"),
    [
        (addition_heldout, "--epochs 2 1 --largest 3 12 12 --plot"),
        (addition_integer_encoding, "--epochs 1 2 3 --largest 4 12"),
        (addition_linear, "--epochs 2"),
        (addition_stacked_lstm, "--epochs 1 2 --runs 2"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_variant_trains_and_is_in_the_table(script, flags, run, tmp_path):
    plot = tmp_path / "plot.png"
    rows, out = run(script, *flags.split(), *[plot] * flags.endswith("--plot"))
    settings = script.experiment.parse_args(flags.removesuffix("--plot").split()).settings
    assert list(rows) == list(script.experiment.variants(settings))
    assert all(variant in out for variant in rows)
    assert plot.exists() == flags.endswith("--plot")
    if script is addition_without_repeat_vector:
        assert "at most 16 of 16 (100.0 %) sums can be right with the answer at" in out
    if script is addition_order:
        assert "Finding: swapping the terms changes seq2seq, shuffled by " in out


@pytest.mark.parametrize(
    "script, flags",
    [
        (addition_heldout, ["--largest", 10, 100]),
        (addition_heldout, ["--largest", 2, 10, 100]),
        (addition_heldout, ["--epochs", 30, 300]),
        (addition_integer_encoding, ["--epochs", 100, 30, 400]),
        (addition_one_plus_one, ["--epochs", 50, 30]),
        (addition_padding, ["--epochs", 9]),
        (addition_padding, ["--largest", 2]),
        (addition_linear, ["--largest", 10001]),
        (addition_stacked_lstm, ["--epochs", 100, 100]),
        (addition_without_repeat_vector, ["--plot", "curve.png"]),
    ],
)
def test_flags_that_make_no_sense_are_refused(script, flags, refused):
    assert "error: " in refused(script.main, *flags)


# The script without a model


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

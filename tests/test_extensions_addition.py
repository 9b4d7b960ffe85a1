"""Extensions of the addition tutorial: what each has besides one right answer.

Here nothing is trained: oracles answer. That they are right: test_extensions_oracles.py.
"""

import itertools
from collections import Counter
from math import nan
from random import Random

import numpy as np
import pytest
from oracles import Numbers, Texts, add, ask, terms, value

from common.characters import ALPHABET, invert
from common.onehot import one_hot_decode, one_hot_encode
from common.runner.comparison import Rows
from common.scores import EXACT, PER_CHARACTER, RMSE, Share
from common.sums import random_sum_pairs
from extensions import (
    addition_autoregressive,
    addition_brackets,
    addition_data,
    addition_digits,
    addition_heldout,
    addition_integer_encoding,
    addition_linear,
    addition_one_plus_one,
    addition_operations,
    addition_order,
    addition_padding,
    addition_stacked_lstm,
    addition_variable_terms,
    addition_without_repeat_vector,
)
from extensions.tools.heldout import has_carry, unordered

HELDOUT = {"largest": (5, 12, 13), "epochs": (3, 1)}
TEXTS = Texts()


def pairs(texts):
    return {tuple(terms(text)) for text in texts}


# Held-out sums


def test_who_cannot_carry_misses_the_sums_with_a_carry():
    def without_carry(text):
        return add(text) - 10 * has_carry(terms(text))

    scores = ask(addition_heldout, "up to 12", without_carry, TEXTS, **HELDOUT).scores
    unseen, carried = scores["Exact match, unseen"], scores["Unseen with a carry"]
    assert carried.right == 0 < carried.total == unseen.total - unseen.right
    characters = scores["Per-character, seen"]
    assert 0 < characters.total - characters.right < characters.total / 2


def test_shuffled_answers_are_the_same_answers_and_hardly_a_sum():
    right = addition_heldout.answers_to_pairs(50)
    shuffled = addition_heldout.answers_to_pairs(50, shuffled=True)
    assert Counter(right.values()) == Counter(shuffled.values()) and right[3, 40] == 43
    assert sum(right[pair] == shuffled[pair] for pair in right) < 40
    shuffled = addition_heldout.answers_to_pairs(12, shuffled=True)

    def dealt(text):
        return shuffled[unordered(terms(text))]

    name = "up to 12, shuffled answers"
    asked = ask(addition_heldout, name, dealt, TEXTS, draws=3, **HELDOUT)
    for score in ("Exact match, seen", "Exact match, unseen"):
        right, total = asked.scores[score]
        assert right == total > 0
    [(X, y, *_), *_] = asked.data
    assert [*map(dealt, TEXTS.read(X))] == [*map(int, TEXTS.read(y))]


def test_each_seed_reserves_another_fifth_in_both_orders():
    drawn = []
    for seed in (1, 2):
        asked = ask(addition_heldout, "up to 12", add, TEXTS, seed=seed, draws=8, **HELDOUT)
        seen, unseen, *_ = map(pairs, asked.calls)
        drawn.append({unordered(pair) for pair in pairs(asked.questions)})
        assert {(b, a) for a, b in unseen} == unseen
        assert not unseen & pairs(asked.questions) and seen == pairs(asked.questions)
    assert [*map(len, drawn)] == [78 - 15] * 2 and drawn[0] != drawn[1]


@pytest.mark.parametrize(
    ("script", "variant", "after", "settings", "looks"),
    [
        (addition_heldout, "up to 12", 2, HELDOUT, "Unseen, epoch {}"),
        (addition_padding, "whole question", 20, {"epochs": 30}, "Exact match, {} epochs"),
        (
            addition_integer_encoding,
            "unseen: one-hot",
            3,
            {"largest": (4, 12), "epochs": (1, 2, 3)},
            "Exact match, {} epochs",
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_look_scores_the_model_as_it_is_then(script, variant, after, settings, looks):
    """Who learns it after so many epochs is right then and later; who fails never is."""

    def later(text):
        return add(text) if ask.done >= after else 1

    found = {}
    for looking in (True, False):  # without looks: the loss was not finite at any of them
        scores = ask(script, variant, later, TEXTS, looks=looking, **settings).scores
        for name, score in scores.items():
            for epochs in range(1, 31):
                if name == looks.format(epochs) and score is not None:
                    found[epochs, looking] = score.right > 0
        if script is addition_padding:
            assert scores["Epochs to 90 %"] == (20 if looking else None)
    assert len(found) >= 2
    for (epochs, looking), right in found.items():
        assert right == (looking and epochs >= after)


def test_a_curve_has_about_twenty_points_and_ends_with_the_training():
    settings = addition_heldout.Settings
    assert addition_heldout.points(settings()) == list(range(15, 301, 15))
    assert addition_heldout.points(settings(epochs=(3, 1))) == [1, 2, 3]
    assert addition_heldout.points(settings(epochs=(45, 1)))[-3:] == [42, 44, 45]


# Order


def test_who_reads_characters_without_their_order():
    """Up to 10 no two sums have the same characters, but for their order."""
    known = {
        "".join(sorted(f"{a}+{b}")): a + b
        for a, b in itertools.product(range(1, 11), repeat=2)
    }

    def know(text):
        return known["".join(sorted(text.replace(" ", "")))]

    scores = ask(addition_order, "seq2seq", know, TEXTS, epochs=1).scores
    assert [*scores.values()] == [(1000, 1000)] * 3


@pytest.mark.parametrize("variant", ["seq2seq", "MLP", "LSTM regression"])
def test_who_adds_only_if_the_first_term_is_not_the_larger(variant, monkeypatch):
    def know_text(text):
        first, second = terms(text)
        return first + second if first <= second else 1

    def know_numbers(row):
        return sum(row) if row[0] <= row[1] else 1 / 20

    codec, know = Numbers(), know_numbers
    if variant == "seq2seq":
        codec, know = TEXTS, know_text
        monkeypatch.setattr(addition_order, "shuffle", lambda questions, rng: questions)
    scores = ask(addition_order, variant, know, codec, epochs=1).scores
    asked, _ = random_sum_pairs(1000, 2, 10, rng=Random("test set"))
    n_ascending = sum(a <= b for a, b in asked)
    assert scores["Exact match"] == (n_ascending, 1000)
    assert scores["Terms swapped"] == (sum(b <= a for a, b in asked), 1000)
    shuffled = scores["Characters shuffled"]
    assert shuffled == ((n_ascending, 1000) if variant == "seq2seq" else None)


def test_only_one_variant_is_trained_on_shuffled_characters():
    plain, shuffled = (
        ask(addition_order, name, lambda text: 1, TEXTS, epochs=1).data[0]
        for name in ("seq2seq", "seq2seq, shuffled")
    )
    assert TEXTS.read(plain[0])[:2] == ["3+10", "2+5"]  # the tutorial's
    assert (shuffled[0] != plain[0]).any() and (shuffled[1] == plain[1]).all()
    assert (shuffled[0].sum(axis=1) == plain[0].sum(axis=1)).all()


# Regressions


@pytest.mark.parametrize("largest", [100, 50])
def test_a_regression_that_is_wrong_by_two_in_half_of_the_sums(largest):
    wrong = itertools.cycle([0, 2])

    def know(row):
        return sum(row) + next(wrong) / (2 * largest)

    name, sizes = "LSTM 6, LSTM 2", {"epochs": (1, 2), "largest": largest}
    asked = ask(addition_stacked_lstm, name, know, Numbers(), **sizes)
    assert asked.scores == {EXACT: (5000, 10_000), RMSE: pytest.approx(2**0.5)}
    assert max(map(max, asked.calls[0])) == 0.5  # numbers up to the largest
    [(X, y)] = asked.data
    assert X.shape == (100, 2, 1) and y == pytest.approx(X.sum(axis=(1, 2)))
    first, _ = random_sum_pairs(1, 2, largest, rng=Random(1))
    assert np.rint(X[0].ravel() * 2 * largest).tolist() == first[0]


@pytest.mark.parametrize(
    ("variant", "know"),
    [
        ("MLP 4-2-1", sum),
        ("MLP 4-2-1, not scaled", sum),
        # numbers divided by 200, sums of squares by 20,000
        (addition_linear.RELU, lambda row: 2 * sum(x**2 for x in row)),
        ("LinearRegression", None),
        ("squares: LinearRegression, degree 2", None),
    ],
)
def test_who_adds_right_scores_perfectly_whatever_the_numbers(variant, know):
    scores = ask(addition_linear, variant, know, Numbers(), epochs=2).scores
    assert scores.pop(EXACT) == (2000, 2000)
    errors = [error for error in scores.values() if error is not None]
    assert errors == pytest.approx([0] * len(errors), abs=1e-6)
    assert len(errors) == (3 if "squares" in variant else 5)


def test_negative_numbers_and_halves_by_hand():
    """Who drops the sign is wrong by twice the sum, who rounds down by up to 1."""
    scores = addition_linear.score(lambda X: np.abs(X).sum(axis=1) // 1, largest=1)
    assert scores["RMSE, negative"] == 4  # -1 - 1
    # 0.5 + 0.5, 0.5 + 1, 1 + 0.5, 1 + 1: half of the answers are wrong by 0.5
    assert scores["RMSE, halves"] == pytest.approx(0.125**0.5, rel=0.1)


def test_linear_divides_by_the_largest_sum_or_by_nothing_and_repeats_ten_sums():
    def drawn(name):
        return ask(addition_linear, name, sum, Numbers(), draws=2, epochs=2).data

    [(scaled, sums), _] = drawn("MLP 4-2-1")
    [(numbers, plain), _] = drawn("MLP 4-2-1, not scaled")
    [(_, squares), _] = drawn(addition_linear.RELU)
    assert numbers[-7:].tolist()[0] == [2, 97]  # the tutorial's
    assert (plain == numbers.sum(axis=1)).all()
    assert scaled == pytest.approx(numbers / 200) and sums == pytest.approx(plain / 200)
    assert squares == pytest.approx((numbers**2).sum(axis=1) / 20_000)
    [(X, y), (again, _)] = drawn("MLP 4-2-1, 10 sums")
    assert (again == X).all() and len({tuple(row) for row in X.tolist()}) == 10
    assert y == pytest.approx(X.sum(axis=1))


# How questions and answers are written


def test_masking_leaves_spaces_out():
    variant = addition_padding.VARIANTS["Masking"]
    X, _, _ = addition_padding.encode(variant, [[3, 10]], 10)
    assert X.sum(axis=2).tolist() == [[0, 1, 1, 1, 1]]  # " 3+10"


@pytest.mark.parametrize(
    ("variant", "weights"),
    [
        ("whole question", None),
        ("padding not counted", [[1, 1], [0, 1]]),  # "13" and " 7"
        ("padding counted a tenth", [[1, 1], [0.1, 1]]),
        ("padding not counted, answer reversed", [[1, 1], [1, 0]]),
    ],
)
def test_padding_has_the_weight_that_the_variant_says(variant, weights):
    [drawn] = ask(addition_padding, variant, add, TEXTS, epochs=10).data
    assert len(drawn) == (3 if weights else 2)
    if weights:
        way = addition_padding.VARIANTS[variant]
        assert addition_padding.encode(way, [[3, 10], [3, 4]], 10)[2].tolist() == weights


def test_the_answer_stands_where_the_variant_says():
    script = addition_without_repeat_vector
    answers = [
        invert(script.examples(variant, 10, Random(1), 1)[1][0])
        for variant in script.VARIANTS.values()
    ]
    assert answers == ["13", "   13", "13   ", "13   ", "13"]  # the tutorial's 3 + 10


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


@pytest.mark.parametrize(
    ("fill", "questions"),
    [
        ("spaces", ["           1+2", "       1+1+9+6"]),
        ("zeros", ["     0+0+0+1+2", "     0+1+1+9+6"]),
    ],
)
def test_short_questions_are_filled_up(fill, questions):
    script = addition_variable_terms
    X, y = script.encode([[1, 2], [1, 1, 9, 6]], fill, script.Settings())
    assert [*map(invert, X)] == questions and [*map(invert, y)] == [" 3", "17"]


# 1+1


@pytest.mark.parametrize(
    ("variant", "numbers", "doubled", "answers"),
    [
        ("1+1 twice as often", (1, 10), [(1, 1)], {}),
        ("1+2 and 2+1 twice as often", (1, 10), [(1, 2), (2, 1)], {}),
        ("numbers 2 to 10", (2, 10), [], {}),
        ("numbers 1 to 9", (1, 9), [], {}),
        ("answers of 1+1 and 10+10 exchanged", (1, 10), [], {(1, 1): 20, (10, 10): 2}),
    ],
)
def test_sums_are_drawn_as_the_variant_says(variant, numbers, doubled, answers):
    asked = ask(addition_one_plus_one, variant, add, TEXTS, draws=20)
    drawn = Counter()
    for X, y in asked.data:
        drawn.update(zip(TEXTS.read(X), map(int, TEXTS.read(y))))
    first, last = numbers
    every = [*itertools.product(range(first, last + 1), repeat=2)]
    right = {f"{a}+{b}": answers.get((a, b), a + b) for a, b in every}
    assert {*drawn} == {*right.items()}
    once = 20_000 / (len(every) + len(doubled))
    for (text, _), n in drawn.items():
        often = once * (1 + (tuple(terms(text)) in doubled))
        assert n == pytest.approx(often, rel=0.35)
    assert asked.scores[EXACT] == (len(every) - len(answers), len(every))


def test_who_takes_one_and_one_for_three(monkeypatch, capsys):
    script = addition_one_plus_one
    name, other = "as the tutorial", "numbers 2 to 10"

    def three(text):
        return max(3, add(text))

    rows = [
        {"variant": variant, "seed": 1, **ask(script, variant, know, TEXTS).scores}
        for variant, know in ((name, three), (name, add), (other, add))
    ]
    assert [row[EXACT] for row in rows] == [(99, 100), (100, 100), (81, 81)]
    assert [row[script.CORNER] for row in rows] == [(0, 1), (1, 1), (1, 1)]
    assert (rows[0]["1+1"], rows[0]["10+10"], rows[2]["1+10"]) == (3, 20, None)

    settings, drawn = script.Settings(), []
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


# Digits, operations, brackets, terms


@pytest.fixture
def few_examples(monkeypatch):
    for script in (addition_autoregressive, addition_digits):
        monkeypatch.setattr(script, "N_EXAMPLES", 2)


def test_both_orders_of_a_pair_are_asked_and_every_seed_holds_out_others(few_examples):
    sets = []
    for seed in (1, 2, 3):
        name = "3 digits, 16 units"
        asked = ask(addition_digits, name, add, TEXTS, seed=seed, draws=0)
        sets.append(pairs(asked.calls[0]))
        assert {(b, a) for a, b in sets[-1]} == sets[-1] and len(sets[-1]) > 990
    assert len(set.union(*sets)) > 2900


def test_seen_questions_are_those_of_the_first_epoch(monkeypatch):
    monkeypatch.setattr(addition_operations, "N_EXAMPLES", 64)
    sizes = {"epochs": 1, "largest": 20, "units": 2}
    asked = ask(addition_operations, "all four", value, TEXTS, draws=2, **sizes)
    assert asked.calls[0][-64:] == asked.questions[:64]


def test_a_control_draws_as_many_different_expressions_of_each_depth():
    name = f"+ and -{addition_brackets.EQUALLY_MANY}"
    asked = ask(addition_brackets, name, value, TEXTS, draws=3, units=2)
    different = {*asked.questions}
    # of 162 without brackets, 18 read like one of the 9 that are held out
    assert [sum(text.count("(") == n for text in different) for n in range(3)] == [144] * 3


# A decoder that reads what it wrote


def test_more_units_make_as_many_parameters():
    script, units = addition_autoregressive, addition_autoregressive.Settings().units
    sizes = [
        script.build_model(variant, 999, units[variant.more_units]).count_params()
        for variant in (
            script.VARIANTS[script.REPEAT_VECTOR],
            script.VARIANTS[script.LARGER],
        )
    ]
    assert sizes == [205_324, 205_644]


@pytest.mark.parametrize("attention", [False, True])
def test_writing_freely_is_what_single_steps_by_hand_give(attention):
    """The decoder reads a start symbol, then what was written, and nothing behind it."""
    script = addition_autoregressive
    variant = script.Variant(attention=attention)
    model = script.build_model(variant, largest=99, units=8)
    X, _ = addition_digits.encode([(12, 90), (5, 5)], 2, 99)
    written = one_hot_decode(script.write_freely(model, X, 3))
    for question, answer in zip(X, written):
        so_far = []
        for _ in range(3):
            before = one_hot_encode([[script.START, *so_far, 0, 0][:3]], script.START + 1)
            output = model([question[None], before]).numpy()[0]
            so_far.append(int(output[len(so_far)].argmax()))
        assert so_far == answer


def test_a_first_mistake_goes_on_where_it_is_read_and_only_there(monkeypatch):
    """Asked for an even sum it begins wrong; what follows a mistake is one as well."""
    script, wrong = addition_autoregressive, one_hot_encode([ALPHABET.index("+")], 12)[0]
    asked = []

    def predict(model, X):
        question, before = X
        asked[:] = [*map(add, TEXTS.read(question))]
        answers = TEXTS.write(asked, (2, 12))
        for answer, total, read in zip(answers, asked, before[:, 1, :12]):
            if read.any() and (read != answer[0]).any():
                answer[1] = wrong
            if total % 2 == 0:
                answer[0] = wrong
        return answers

    def train(model, new_data, *_, **__):
        (X, before), y = new_data()  # in training the right character before is read
        assert [*map(add, TEXTS.read(X))] == [*map(int, TEXTS.read(y))]
        assert (before == script.shifted(y)).all()
        assert one_hot_decode(before)[0][0] == script.START

    monkeypatch.setattr(script, "predict", predict)
    settings = script.Settings(epochs=1, largest=30, test=100, units=(2, 3))
    scores = script.run(settings, 1, script.VARIANTS["autoregressive"], train).scores
    even = sum(total % 2 == 0 for total in asked)
    assert 0 < even < 100
    assert scores[EXACT] == (100 - even, 100)
    assert scores[PER_CHARACTER] == (200 - 2 * even, 200)
    assert scores[script.FORCED_CHARACTERS] == (200 - even, 200)


def test_epochs_are_those_of_the_first_of_two_looks(few_examples, monkeypatch):
    """At 95 % after 10 epochs, not after 20, and again from 30 on."""
    script, looked = addition_autoregressive, []

    def score(*_):
        looked.append(ask.done)
        return {EXACT: Share(94 if ask.done == 20 else 95, 100)}

    monkeypatch.setattr(script, "score", score)
    for name, longer in ((script.LARGER, False), (script.LARGER + script.LONGER, True)):
        looked.clear()
        sizes = {"epochs": 20, "largest": 30, "test": 100, "units": (2, 3)}
        scores = ask(script, name, add, TEXTS, looks=True, draws=0, **sizes).scores
        assert scores[script.EPOCHS] == (30 if longer else None)
        assert looked == ([10, 20, 30, 40, 50, 60, 60] if longer else [20])


# All of it, trained


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "flags"),
    [
        (addition_heldout, "--epochs 2 1 --largest 3 12 12"),
        (addition_linear, "--epochs 2"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_every_variant_trains_and_is_in_the_table(script, flags, run, uncompiled):
    rows, out = run(script, *flags.split())
    settings = script.experiment.parse_args(flags.split()).settings
    assert list(rows) == list(script.experiment.variants(settings))
    assert all(variant in out for variant in rows)


# The script without a model


def test_addition_data_prints_the_tutorials_steps(capsys):
    addition_data.main([])
    scaled, encoded = capsys.readouterr().out.split("\n\n")
    printed = "[2, 97] 99", "[97, 36] 133", "[32, 35] 67", "[15, 80] 95", "[24, 45] 69"
    printed += "[38, 9] 47", "[22, 21] 43"
    assert [line.split(" ->")[0] for line in scaled.splitlines()[2:]] == [*printed]
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


def test_addition_data_takes_other_sizes(capsys):
    addition_data.main(["--n-numbers", "3", "--largest", "100"])
    out = capsys.readouterr().out
    assert "X one-hot, (1, 11, 12):" in out and "y one-hot, (1, 3, 12):" in out

"""Attention in sums: what is drawn, how the networks compare, and slow trainings of all."""

from dataclasses import replace

import numpy as np
import pytest
from oracles import Integers, ask

from common.backend import keras
from extensions import addition_attention, addition_length, echo_length
from extensions.tools.digits import draw_terms

pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture
def few(monkeypatch):
    """Let a script have these numbers."""

    def few(script, **numbers):
        for name, number in numbers.items():
            monkeypatch.setattr(script, name, number)

    return few


@pytest.mark.parametrize("new", [True, False])
def test_an_epoch_has_new_sums_or_the_same(new, few):
    few(addition_attention, N_TEST=50, N_EDGE_CASES=5)
    shown, changes = addition_attention.SHOWN, {"n_digits": 2, "n_sums": 500, "new": new}
    sizes = {"draws": 2, "changes": changes}
    asked = ask(addition_attention, shown, lambda _: (), Integers(), **sizes)
    first, second = asked.questions[:500], asked.questions[500:]
    assert first != second
    assert (sorted(first) == sorted(second)) == (not new)


def test_networks_that_are_compared_have_about_as_many_weights():
    def n_weights(name):
        variant = addition_attention.VARIANTS[f"{addition_attention.LONG}, {name}"]
        return addition_attention.build_model(variant, 1).count_params()

    attention = n_weights("attention")
    assert attention - n_weights("attention without positions") == (21 + 11) * 64
    for name in ("RepeatVector", "RepeatVector and a second LSTM"):
        assert attention < n_weights(name) < 1.1 * attention


def test_places_count_from_the_least_significant_digit_of_each_term():
    terms = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
    places = addition_length.Variant()
    digits, read, written = addition_length.encode(places, terms, np.array([0, 9]))
    assert digits.tolist() == [[1, 2, 0, 3, 4, 0], [5, 6, 0, 7, 8, 0]]
    assert read.tolist() == [[0, 1, 2] * 2, [9, 10, 11] * 2]
    assert written.tolist() == [[0, 1, 2], [9, 10, 11]]
    columns = addition_length.encode(addition_length.Variant(columns=True), terms)
    assert columns[0].tolist() == [[1, 3], [2, 4], [0, 0]]


def test_training_sees_every_place(few):
    few(addition_length, N_BATCHES=40, N_TEST=2, N_PLACES=60)
    asked = ask(
        addition_length, "places, up to 3 digits", lambda _: (), Integers(), draws=8
    )
    places = np.concatenate([X[2] for X, _ in asked.data])
    assert {*places.ravel().tolist()} == {*range(60)}


@pytest.mark.parametrize(
    "name", ["places, small codes, projected", "digits side by side", "places, GRU"]
)
def test_every_network_reads_terms_of_any_length(name):
    variant = addition_length.VARIANTS[name]
    model = addition_length.build_model(variant, 1)
    for n_digits in (3, 9):
        terms = draw_terms(7, n_digits, generator=np.random.default_rng(1))
        answers = model(addition_length.encode(variant, terms))
        assert answers.shape == (7, n_digits + 1, 10)


@pytest.mark.slow
def test_a_hundred_digits_are_added_after_training_on_twenty(few):
    few(addition_length, LENGTHS=(100,), LONG_CARRIES=(100,), UNEQUAL=((100, 10),))
    name = "places, up to 20 digits"
    rows = addition_length.main(["--variant", name])
    assert rows.mean(name, "100 digits") >= 0.99  # measured: 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "variant", "numbers"),
    [
        (addition_attention, {"n_sums": 200}, {"N_TEST": 20, "N_EDGE_CASES": 9}),
        (addition_length, {}, {"LENGTHS": (3, 12), "N_BATCHES": 60, "N_TEST": 5}),
        (echo_length, {}, {"LENGTHS": (2, 60), "N_BATCHES": 50, "N_TEST": 5}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_epoch_prints_wrong_answers_and_draws_a_map(
    script, variant, numbers, few, monkeypatch, capsys, tmp_path
):
    few(script, **numbers)
    small = replace(script.VARIANTS[script.SHOWN], **variant)
    monkeypatch.setitem(script.VARIANTS, script.SHOWN, small)
    if script is addition_length:
        few(script, LONG_CARRIES=(5,), UNEQUAL=((5, 3),))
    map_file = tmp_path / "map.png"
    keras.utils.clear_session()
    script.main(["--epochs", "1", "--variant", script.SHOWN, "--map", str(map_file)])
    out = capsys.readouterr().out
    assert f"\n{script.SHOWN}, seed 1, " in out and ": expected " in out
    assert map_file.exists()

"""Extensions of the echo tutorial: what each has besides one right answer.

Nothing is trained: oracles answer. That they are right: test_extensions_oracles.py.
"""

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from oracles import Integers, ask

from common.backend import keras
from common.onehot import one_hot_decode
from common.scores import EXACT
from common.training import History, predict, reset_states
from common.windows import to_supervised
from extensions import (
    echo_attention,
    echo_data,
    echo_length,
    echo_masked,
    echo_stateless,
    echo_varying_length,
)
from extensions.tools.missing import all_windows, is_complete
from extensions.tools.windows import draw_windows

PRINTED = [86, 81, 88, 1, 23, 78, 64, 7, 99, 23, 2, 36, 73, 26, 27, 33, 24, 51, 73, 64]
PRINTED += [13, 13, 53, 40, 64]  # by the tutorial


@pytest.fixture(autouse=True)
def two_test_sequences(monkeypatch):
    for script in (echo_length, echo_masked, echo_stateless):
        monkeypatch.setattr(script, "N_TEST", 2)
    monkeypatch.setattr(echo_length, "LENGTHS", (1,))


# echo_data


def test_echo_data_prints_a_given_sequence_and_both_tables(capsys):
    echo_data.main(["--n-out", "2", "--sequence", *map(str, PRINTED)])
    out = capsys.readouterr().out
    lines = [line for line in out.splitlines() if "=>" in line]
    assert len(lines) == 21 and lines[0] == "[86, 81, 88, 1, 23] => [86, 81]"
    assert lines[-1] == "[13, 13, 53, 40, 64] => [13, 13]"
    assert "encoded: (25, 100), X: (21, 5, 100), y: (21, 2, 100)" in out
    prose, listing, dropped = (
        [line.split() for line in part.split("\n\n")[0].splitlines()]
        for part in out.split(":\n")[3:]
    )
    assert prose[:2] == [["t-1", "t", "y(t-1)"], ["NaN", "1", "NaN"]]
    assert prose[-1] == ["5", "NaN", "5"] and listing == prose[:-1]
    assert dropped == [prose[0], *prose[2:-1]]


@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (2, 1), (5, 1), (5, 3), (5, 5)])
def test_the_listings_frame_without_missing_values_is_to_supervised(n_in, n_out):
    X, y = to_supervised(PRINTED, n_in, n_out)
    for frame_of in (echo_data.frame_of_listing, echo_data.frame_of_prose):
        frame = frame_of(PRINTED, n_in, n_out).dropna()
        assert frame.to_numpy().tolist() == np.hstack([X, y]).tolist()


# echo_masked


@pytest.mark.parametrize("name", ["special value -1", "symbol for missing", "Masking"])
def test_echo_masked_scores_what_is_asked_for(name):
    scores = {}
    for right in (True, False):

        def answer(window):
            return [(symbol if right else 1 - symbol) % 100 for symbol in window[:2]]

        scores[right] = ask(echo_masked, name, answer, Integers(), units=3).scores
    # of the 8 incomplete windows, 3 have nothing to echo; one begins with the gap
    totals = [42, 10, 2, 8]
    assert [*scores[True].values()] == [(n, n) for n in totals]
    assert [*scores[False].values()] == [(0, n) for n in totals]


@pytest.mark.parametrize(
    ("name", "n_first", "n_last"),
    [
        ("dropped", 0, 0),
        ("special value", 4, 4),
        ("special value, first missing only", 4, 0),
        ("special value, last missing only", 0, 4),
    ],
)
def test_what_training_keeps_of_the_incomplete_windows(name, n_first, n_last):
    X, _ = echo_masked.windows(echo_masked.VARIANTS[name], Random(1))
    assert is_complete(X).sum() == 21 and len(X) == 21 + n_first + n_last
    assert np.isnan(X[:, 0]).sum() == n_first and np.isnan(X[:, -1]).sum() == n_last


def test_a_missing_value_is_a_vector_of_the_special_value_alone_or_a_symbol():
    X, _ = all_windows([1, 2], n_in=2, n_out=1)  # (NaN, 1), (1, 2), (2, NaN)
    specials = {"special value": 0, "special value -1": -1, "special value -0.1": -0.1}
    for name, special in specials.items():
        encoded = echo_masked.encode(X, echo_masked.VARIANTS[name])
        assert (encoded[0, 0] == special).all() and (encoded[2, 1] == special).all()
        assert encoded[1].argmax(axis=-1).tolist() == [1, 2]
        assert encoded[1].sum() == 2
    encoded = echo_masked.encode(X, echo_masked.VARIANTS["symbol for missing"])
    assert encoded.shape == (3, 2, 101)
    assert one_hot_decode(encoded) == [[100, 1], [1, 2], [2, 100]]


def test_a_masking_layer_cannot_tell_which_end_is_missing():
    X, _ = all_windows([1, 2, 3, 4], n_in=5, n_out=2)
    for name in ("Masking", "special value"):
        variant = echo_masked.VARIANTS[name]
        model = echo_masked.build_model(echo_masked.Settings(units=3), variant)
        # (NaN, 1, 2, 3, 4), (1, 2, 3, 4, NaN)
        front, back = model(echo_masked.encode(X, variant)[3:5]).numpy()
        assert np.allclose(front, back) == variant.masking


# echo_stateless

SMALL = echo_stateless.Settings(units=(3, 4))


@pytest.mark.parametrize("batch_size", [21, 7])
def test_the_first_and_the_second_predict_are_told_apart(batch_size, monkeypatch):
    """Here every second one answers with the window that left its state behind."""

    def predict(model, X, *_):
        pair = X.reshape(2, 21, 5, 100)
        before = np.roll(X, batch_size, axis=0)[21:]
        return np.concatenate([pair[0], before])[:, :2]

    def train(model, new_data, epochs, batch_size, *, callbacks):
        callbacks[0].on_epoch_end(666)
        return History(loss=[1.0])

    monkeypatch.setattr(echo_stateless, "predict", predict)
    variant = echo_stateless.VARIANTS[f"partial, stateful, batch size {batch_size}"]
    scores = echo_stateless.run(SMALL, 1, variant, train).scores
    assert scores[EXACT] == scores["After 667"] == scores["Same without state"] == (42, 42)
    assert scores["Second predict"] == (0, 42) and scores["After 2,000"] is None
    assert scores["From before"] == (42, 42)


def test_a_second_predict_goes_on_from_the_state_that_the_first_one_left():
    variant = echo_stateless.VARIANTS["partial, stateful, batch size 7"]
    model = echo_stateless.build_model(SMALL, variant)
    model.set_weights([5 * weights for weights in model.get_weights()])
    X, _ = draw_windows(5, 2, n_sequences=3, rng=Random(1))
    first, second = echo_stateless.ask(model, X, batch_size=7)
    sequences = np.eye(100)[X].reshape(3, 3, 7, 5, 100)
    for i in range(3):
        reset_states(model)
        for answers, place in ((first, i - 1), (second, i)):
            outputs = np.concatenate([model(batch).numpy() for batch in sequences[place]])
            expected = outputs.argmax(axis=-1)
            assert (answers.reshape(3, 21, 2)[place] == expected).all()
    assert (first != second).any()


def test_without_state_batches_know_nothing_of_each_other():
    stateful = echo_stateless.VARIANTS["whole, stateful, batch size 7"]
    model = echo_stateless.build_model(SMALL, stateful)
    other = echo_stateless.build_model(SMALL, replace(stateful, stateful=False))
    other.set_weights(model.get_weights())
    X = np.random.default_rng(1).random((21, 5, 100))
    first, second = predict(model, X, 7), predict(other, X, 7)
    assert np.allclose(first[:7], second[:7])
    assert not np.isclose(first[7:], second[7:]).all(axis=(1, 2)).any()


# echo_varying_length


@pytest.mark.parametrize("name", ["start symbol, greedy", "RepeatVector"])
def test_an_answer_of_another_length_is_not_right(name, monkeypatch):
    """Short windows of an even sum get one integer too few, the others a wrong one."""
    monkeypatch.setattr(echo_varying_length, "N_TEST", 2)

    def wrong(question):
        length, *window = question
        answer = window[: length - echo_varying_length.END]
        return answer[:-1] if sum(window) % 2 == 0 else [*answer[:-1], answer[-1] ^ 1]

    codec = Integers(filling=echo_varying_length.END)
    asked = ask(echo_varying_length, name, wrong, codec, units=3)
    [(_, _, weights)] = asked.data  # of the answer and its end symbol
    lengths = [length - echo_varying_length.END for length, *_ in asked.questions]
    assert weights.sum(axis=1).tolist() == [length + 1 for length in lengths]
    n_odd = sum(sum(window) % 2 for _, *window in asked.calls[-1])
    assert asked.scores[EXACT] == (0, 42)
    assert asked.scores[echo_varying_length.RIGHT_LENGTH] == (n_odd, 42)


def test_the_decoder_reads_the_start_symbol_and_then_the_answer_before():
    script = echo_varying_length
    _, y = script.questions(Random(1))
    read = script.so_far(y)
    assert (read[:, 0] == script.START).all() and (read[:, 1:] == y[:, :-1]).all()


def test_decoding_goes_on_from_the_models_own_answer():
    script = echo_varying_length
    keras.utils.set_random_seed(1)
    model = script.build_model(
        script.Settings(units=3), script.VARIANTS["start symbol, greedy"]
    )
    X, _ = script.questions(Random(1))
    y = script.answer(True, model, X)
    read = script.one_hot(X), script.one_hot(script.so_far(y))
    kept = script.up_to_end(y)
    assert (predict(model, read).argmax(axis=-1) == y)[kept].all()


# echo_attention, echo_length


def test_attention_and_positions_are_there_where_the_name_says_so():
    def n_weights(name):
        variant = echo_attention.VARIANTS[f"50 of 50, {name}"]
        return echo_attention.build_model(variant).count_params()

    plain, attention = n_weights("RepeatVector"), n_weights("attention")
    assert attention - n_weights("attention without positions") == 2 * 50 * 64
    assert attention - plain == 2 * 50 * 64 + 64 * 100 + 1  # and the scale
    assert n_weights("RepeatVector and positions") - plain == 50 * (100 + 64)


def test_an_integer_of_the_answer_comes_from_its_place():
    sequences, empty = [(7, 8, 9), (5,)], echo_length.EMPTY
    offsets = np.array([0, 10])
    reverse, forwards = echo_length.Variant(reverse=True), echo_length.Variant()
    (X, places, origin), y = echo_length.encode(reverse, sequences, 3, offsets)
    assert X.tolist() == [[7, 8, 9], [5, empty, empty]]
    assert y.tolist() == [[9, 8, 7], [5, empty, empty]]
    assert places.tolist() == [[0, 1, 2], [10, 11, 12]]
    assert origin.tolist() == [[2, 1, 0], [10, 11, 12]]
    (_, _, origin), y = echo_length.encode(forwards, sequences, 3, offsets)
    assert y.tolist() == X.tolist() and origin.tolist() == places.tolist()


def test_of_plain_lstms_the_answer_alone_counts():
    asked = ask(echo_length, "three LSTMs, up to 10", lambda _: (), Integers())
    [(X, y, weights)] = asked.data
    assert X.shape[1] == 20 and ((y != echo_length.EMPTY) == weights).all()
    assert not weights[:, :10].any() and weights[:, 10].all()


@pytest.mark.slow
def test_a_run_trains_and_prints_its_table(capsys, uncompiled):
    flags = ["--epochs", "1", "2", "--units", "3", "3", "--variant"]
    rows = echo_stateless.main([*flags, "partial, stateful, batch size 21"])
    assert rows[0]["Same without state"] == (42, 42)  # state could never be used
    assert "\npartial, stateful" in capsys.readouterr().out

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
    echo_embedding,
    echo_lag,
    echo_length,
    echo_longer,
    echo_masked,
    echo_stateless,
    echo_topologies,
    echo_varying_length,
)
from extensions.tools.missing import all_windows, is_complete
from extensions.tools.windows import draw_windows

PRINTED = [86, 81, 88, 1, 23, 78, 64, 7, 99, 23, 2, 36, 73, 26, 27, 33, 24, 51, 73, 64]
PRINTED += [13, 13, 53, 40, 64]  # by the tutorial


@pytest.fixture(autouse=True)
def two_test_sequences(monkeypatch):
    for script in (echo_longer, echo_masked, echo_stateless, echo_topologies):
        monkeypatch.setattr(script, "N_TEST", 2)


# echo_data


def test_echo_data_prints_the_tutorials_pairs(capsys):
    echo_data.print_pairs(PRINTED, 100, n_in=5, n_out=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[4] == "encoded: (25, 100), X: (21, 5, 100), y: (21, 3, 100)"
    assert lines[5] == "[86, 81, 88, 1, 23] => [86, 81, 88]"
    assert lines[-1] == "[13, 13, 53, 40, 64] => [13, 13, 53]"


def test_echo_data_prints_a_given_sequence_and_both_tables(capsys):
    echo_data.main(["--n-out", "2", "--sequence", *map(str, PRINTED[:8])])
    out = capsys.readouterr().out
    assert sum("=>" in line for line in out.splitlines()) == 4
    assert f"{PRINTED[1:6]} => {PRINTED[1:3]}\n" in out
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


# Epochs


@pytest.mark.parametrize("script", [echo_longer, echo_topologies])
def test_the_epochs_are_those_to_99_percent(script):
    settings = {echo_longer: {"units": 3}, echo_topologies: {"units": (2, 3, 4, 5)}}[script]
    variant, *_ = script.experiment.variants(script.Settings(**settings))
    scores = ask(script, variant, lambda _: (), Integers(), **settings).scores
    assert scores[script.EPOCHS] == 46  # 16 of the last 20 are perfect, the others 95 %


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
        encoded = echo_masked.encode(X, variant)
        front, back = encoded[3:4], encoded[4:5]  # (NaN, 1, 2, 3, 4), (1, 2, 3, 4, NaN)
        model = echo_masked.build_model(echo_masked.Settings(units=3), variant)
        same = np.allclose(predict(model, front), predict(model, back))
        assert same == variant.masking


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
    for i in range(3):
        reset_states(model)
        for answers, place in ((first, i - 1), (second, i)):
            rows = slice(21 * (place % 3), 21 * (place % 3) + 21)
            outputs = model.predict(np.eye(100)[X[rows]], batch_size=7, verbose=0)
            assert (answers[rows] == outputs.argmax(axis=-1)).all()
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


# echo_lag, echo_embedding


@pytest.mark.parametrize("lag", [0, 1, 5])
def test_the_answer_is_the_integer_of_so_many_steps_ago(lag):
    X, y = echo_lag.windows(lag, Random(1))
    assert X.shape == (21, lag + 5)
    _, target, asked = echo_lag.encode(X, y)
    assert not asked[:, :lag].any() and asked[:, lag:].all()
    for step in range(lag, lag + 5):
        assert target[:, step].argmax(axis=-1).tolist() == X[:, step - lag].tolist()


def test_both_representations_show_the_same_integers():
    variants = [echo_embedding.Variant(30, embedding) for embedding in (True, False)]
    integers, vectors = (echo_embedding.examples(v, Random(1)) for v in variants)
    for as_integers, as_vectors in zip(integers, vectors):
        assert as_integers.shape == (100, 5) and as_integers.dtype == np.int32
        assert (as_vectors.argmax(axis=-1) == as_integers).all()
        assert as_vectors.nbytes == 30 * as_integers.nbytes


# echo_varying_length


def test_the_answer_has_the_length_that_the_question_asks_for():
    script = echo_varying_length
    X, y = script.questions(Random(1), n_sequences=5)
    lengths = X[:, 0] - script.END
    assert set(lengths) == {1, 2, 3, 4, 5}
    for window, answer, n in zip(X[:, 1:], y, lengths):
        assert answer.tolist() == [*window[:n], *[script.END] * (6 - n)]
    read = script.so_far(y)
    assert (read[:, 0] == script.START).all() and (read[:, 1:] == y[:, :-1]).all()
    assert (script.up_to_end(y).sum(axis=1) == lengths + 1).all()


@pytest.mark.parametrize("name", ["start symbol, greedy", "RepeatVector"])
def test_who_answers_one_integer_too_few_is_right_about_none(name, monkeypatch):
    monkeypatch.setattr(echo_varying_length, "N_TEST", 2)

    def too_few(question):
        return question[1 : question[0] - echo_varying_length.END]

    codec = Integers(filling=echo_varying_length.END)
    scores = ask(echo_varying_length, name, too_few, codec, units=3).scores
    assert {share.right for share in scores.values()} == {0}
    assert [share.total for share in scores.values()][:2] == [42, 42]
    assert sum(scores[of_n].total for of_n in echo_varying_length.OF.values()) == 42


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


def test_training_sees_all_the_epochs_and_new_sequences_in_each(monkeypatch):
    monkeypatch.setattr(echo_attention, "N_TEST", 60)  # of 125
    tiny = {"n_in": 3, "n_out": 3, "n_unique": 5, "batch_size": 2, "n_batches": 40}
    asked = ask(
        echo_attention,
        "5 reversed, RepeatVector",
        lambda _: (),
        Integers(),
        draws=12,
        changes={**tiny, "times": 4},
        epochs=3,
    )
    assert asked.epochs == 12 and {len(X) for X, _ in asked.data} == {80}
    assert all((X[:, ::-1] == y).all() for X, y in asked.data)
    assert len({*asked.questions}) == 65 and not {*asked.questions} & {*asked.calls[0]}


def test_attention_and_positions_are_there_where_the_name_says_so():
    def n_weights(name):
        variant = echo_attention.VARIANTS[f"50 of 50, {name}"]
        model = echo_attention.build_model(variant)
        assert model.output_shape == (None, 50, 100)
        return model.count_params()

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


def test_stacked_lstms_answer_after_the_sequence():
    e = echo_length.EMPTY
    X, y = echo_length.encode(echo_length.Variant(stacked=3), [(7, 8, 9), (5,)], 3)
    assert X.tolist() == [[7, 8, 9, e, e, e], [e, e, 5, e, e, e]]
    assert y.tolist() == [[e, e, e, 7, 8, 9], [e, e, e, 5, e, e]]


def test_no_sequence_of_a_length_test_is_drawn_and_plain_lstms_answer_alone_counts(
    monkeypatch,
):
    for number, size in {"LENGTHS": (1,), "N_BATCHES": 100, "N_TEST": 50}.items():
        monkeypatch.setattr(echo_length, number, size)
    empty, sizes = echo_length.EMPTY, {"draws": 3}
    asked = ask(echo_length, "places, up to 5", lambda _: (), Integers(), **sizes)
    tested = {question[0] for question in asked.calls[0]}
    alone = {a for a, b, *_ in asked.questions if b == empty}
    assert len(tested) == 50 and len(alone) > 45  # of a hundred in all
    assert not alone & tested and len(asked.data[0]) == 2  # no weights
    lengths = {sum(symbol != empty for symbol in row) for row in asked.questions}
    assert lengths == {1, 2, 3, 4, 5}
    stacked = ask(echo_length, "three LSTMs, up to 10", lambda _: (), Integers())
    [(X, y, weights)] = stacked.data
    assert X.shape[1] == 20 and ((y != empty) == weights).all()
    assert not weights[:, :10].any() and weights[:, 10].all()


@pytest.mark.slow
def test_a_run_trains_and_prints_its_table(capsys, uncompiled):
    flags = ["--epochs", "1", "2", "--units", "3", "3", "--variant"]
    rows = echo_stateless.main([*flags, "partial, stateful, batch size 21"])
    assert rows[0]["Same without state"] == (42, 42)  # state could never be used
    assert "\npartial, stateful" in capsys.readouterr().out

"""The comparisons of pointers, tiny: they train, score every test, and keep them apart."""

import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from common import training
from common.scores import Share
from common.training import initialize, predict
from extensions import (
    addition_pointer,
    addition_pointer_harder,
    addition_pointer_others,
    echo_pointer,
)
from extensions.tools.digits import sum_texts
from extensions.tools.heldout import unordered
from extensions.tools.pointers import PointerModel, with_pointers
from extensions.tools.streams import (
    END,
    draw_streamed,
    read_answers,
    write_answers,
    write_sums,
)

SCRIPTS = [addition_pointer, addition_pointer_others, addition_pointer_harder, echo_pointer]


def slow(*values):
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.fixture(autouse=True)
def tiny(monkeypatch, uncompiled):
    """Small tests and epochs."""
    small = {"N_TEST": 3, "N_OF_KIND": 2, "N_BATCHES": 1, "BATCH_SIZE": 4}
    small |= {"LENGTHS": (12, 20), "HARD": {12: 2}, "FAR": (16, 1)}
    for script in SCRIPTS:
        script.build_model.cache_clear()
        for name, value in small.items():
            if hasattr(script, name):
                monkeypatch.setattr(script, name, value)
    yield
    for script in SCRIPTS:
        script.build_model.cache_clear()


@pytest.mark.parametrize(
    ("script", "variant", "scores"),
    [
        slow(addition_pointer, "pointer", ["12 digits", "Hard pointers, 12"]),
        slow(addition_pointer, "up to 3 digits", ["20 digits", "Any lengths"]),
        slow(addition_pointer_others, "encoder-decoder, attention", ["20 digits"]),
        slow(addition_pointer_others, "places told", ["12 digits", "Unequal lengths"]),
        slow(addition_pointer_harder, "difference", ["12 digits", "Any lengths"]),
        slow(addition_pointer_harder, "difference, larger first", ["12 digits"]),
        slow(addition_pointer_harder, "three terms", ["20 digits"]),
        slow(echo_pointer, "every second", ["12 integers", "20 integers"]),
    ],
)
def test_a_variant_is_trained_and_scored_on_every_test(script, variant, scores, capsys):
    [row] = script.main(["--epochs", "1", "--variant", variant])
    assert row["parameters"] > 1000
    for score in scores:
        assert row[score].total in (1, 2, 3)
    assert "1 seed" in capsys.readouterr().out


@pytest.fixture
def knowing(drawn, monkeypatch):
    """What scripts ask and what they would train on, of models that know the answers.

    A model's answers come from the streams that it reads, by `know`, which takes symbols
    and returns symbols.
    """
    found = SimpleNamespace(asked=[], drawn=drawn, know=None)

    def answers(model, streams, end, hard=False):
        found.asked.extend(streams.tolist())
        return [tuple(found.know(stream)) for stream in streams.tolist()]

    def outputs(model, read, **kinds):
        streams = read[0] if isinstance(read, tuple) else read
        y, _ = write_answers(answers(model, streams, END), streams.shape[1], END)
        return np.eye(END + 1)[y]

    monkeypatch.setattr(PointerModel, "answers", answers)
    monkeypatch.setattr(addition_pointer_others, "predict", outputs)
    for script in (addition_pointer, addition_pointer_others):
        monkeypatch.setattr(script, "train", lambda *args: training.train(*args))
    return found


def terms_of(stream):
    """The digits that a stream of a sum shows, up to its "=", as they stand there."""
    symbols = "".join("0123456789+= "[symbol] for symbol in stream)
    return tuple(symbols.partition("=")[0].split("+"))


def add(stream):
    """The digits of the sum, the least significant first."""
    return map(int, reversed(str(sum(int(term[::-1]) for term in terms_of(stream)))))


SUMS = [
    (addition_pointer, "pointer"),
    (addition_pointer, "up to 3 digits"),
    *[(addition_pointer_others, name) for name in addition_pointer_others.VARIANTS],
]


@pytest.mark.parametrize(("script", "name"), SUMS)
def test_who_knows_sums_has_every_answer_right(script, name, knowing):
    knowing.know = add
    settings = script.Settings(epochs=1)
    variant = script.experiment.variants(settings)[name]
    scores = script.run(settings, variant, 1).scores
    shares = [score for score in scores.values() if isinstance(score, Share)]
    assert len(shares) >= 5 and all(share.right == share.total for share in shares)


@pytest.mark.parametrize("name", addition_pointer_harder.VARIANTS)
def test_who_knows_harder_tasks_has_every_answer_right(name, knowing):
    variant = addition_pointer_harder.VARIANTS[name]
    step = -1 if variant.read_backwards else 1

    def calculate(stream):
        terms = [int(term[::step]) for term in terms_of(stream)]
        written = addition_pointer_harder.result(variant, terms)
        return map(addition_pointer_harder.WRITTEN.index, written)

    knowing.know = calculate
    settings = addition_pointer_harder.Settings(epochs=1)
    scores = addition_pointer_harder.run(settings, variant, 1).scores
    assert len(scores) == 3 and all(share.right == share.total for share in scores.values())


@pytest.mark.parametrize("name", echo_pointer.VARIANTS)
def test_who_knows_echoes_has_every_answer_right(name, knowing):
    wanted = echo_pointer.VARIANTS[name]
    knowing.know = lambda stream: wanted(stream[1 : stream.index(echo_pointer.END)])
    scores = echo_pointer.run(echo_pointer.Settings(epochs=1), wanted, 1).scores
    assert len(scores) == 2 and all(share.right == share.total for share in scores.values())


@pytest.mark.parametrize(
    ("script", "name"), [*SUMS[::2], (addition_pointer_harder, "two terms")]
)
def test_no_sum_of_a_test_is_drawn_in_either_order(script, name, knowing, monkeypatch):
    """Of single digits there are 55 sums: by chance the same would come often."""
    knowing.know = add
    for module in SCRIPTS[:3]:
        monkeypatch.setattr(module, "BATCH_SIZE", 400)
        monkeypatch.setattr(module, "LENGTHS", (1,), raising=False)
        monkeypatch.setattr(module, "LONGEST", 1, raising=False)
    monkeypatch.setattr(addition_pointer, "HARD", {1: 2})
    for module in (addition_pointer, addition_pointer_others):
        monkeypatch.setattr(module, "N_TEST", 20)
    monkeypatch.setattr(addition_pointer_harder, "N_TEST", 12)
    small = {"N_DIGITS": 1, "N_IN": 4, "N_OUT": 3, "SHORT": (1,)}
    for size, value in small.items():
        monkeypatch.setattr(addition_pointer_others, size, value)
    settings = script.Settings(epochs=1)
    variant = script.experiment.variants(settings)[name]
    if script is addition_pointer:
        variant = replace(variant, n_digits=1)
    script.run(settings, variant, 1)
    [(X, *_)] = knowing.drawn
    streams = X[0] if isinstance(X, tuple) else X
    drawn = [unordered(terms_of(stream)) for stream in streams]
    asked = {unordered(terms_of(stream)) for stream in knowing.asked}
    assert len(drawn) == 400 and len(asked) > 10
    assert not asked & {*drawn}


def test_no_sequence_of_a_test_is_drawn(knowing, monkeypatch):
    knowing.know = lambda stream: stream[1 : stream.index(echo_pointer.END)]
    small = {"LENGTHS": (1,), "N_TEST": 30, "BATCH_SIZE": 400, "LONGEST": 2}
    for size, value in small.items():
        monkeypatch.setattr(echo_pointer, size, value)
    settings = echo_pointer.Settings(epochs=1)
    echo_pointer.run(settings, echo_pointer.VARIANTS["whole"], 1)
    [(X, *_)] = knowing.drawn
    end = echo_pointer.END
    drawn, asked = (
        {tuple(row[: row.index(end)]) for row in rows}
        for rows in (X.tolist(), knowing.asked)
    )
    assert len(asked) == 30 and len(drawn) > 100
    assert not asked & drawn


def test_writing_half_of_the_steps_first_changes_no_answer():
    model = addition_pointer.build_model(addition_pointer.Variant(units=4, heads=2), 5, 10)
    initialize(model, 1)
    X = write_sums(draw_streamed(40, 9, rng=np.random.default_rng(1)))
    written = predict(with_pointers(model, steps=None), X).argmax(axis=-1)
    first = np.where((written == 7).any(axis=1), (written == 7).argmax(axis=1), 99)
    assert {*(first // 11)} == {0, 1, 9}  # in half of the steps, later, and never
    assert model.answers(X, 7) == read_answers(written, 7)


def test_the_question_has_at_most_25_000_parameters():
    model = addition_pointer.build_model(addition_pointer.Variant(), 22, 8000)
    assert model.count_params() == 21_971


def test_what_is_compared_are_variants():
    for script in SCRIPTS:
        for first, second, _ in script.experiment.compares(script.Settings()):
            assert {first, second} <= {*script.VARIANTS}


def test_tests_are_of_the_lengths_that_they_say():
    for name, terms in addition_pointer.test_sums().items():
        lengths = [[*map(len, sum_.split("+"))] for sum_ in sum_texts(terms)]
        if name.endswith("digits"):
            assert {n for pair in lengths for n in pair} == {int(name.split()[0])}
        if name == "Unequal lengths":
            assert all(max(pair) == 20 and min(pair) <= 10 for pair in lengths)


@pytest.mark.parametrize(
    ("variant", "terms", "expected"),
    [
        ("two terms", (99, 1), ("99+1=", "001")),
        ("read forwards, written backwards", (120, 3), ("120+3=", "321")),
        ("read and written forwards", (120, 3), ("120+3=", "123")),
        ("three terms", (1, 20, 300), ("1+02+003=", "123")),
        ("difference", (20, 300), ("02-003=", "082-")),
        ("difference", (7, 7), ("7-7=", "0")),
    ],
)
def test_questions_and_answers_as_they_are_read_and_written(variant, terms, expected):
    asked = addition_pointer_harder.VARIANTS[variant]
    assert addition_pointer_harder.question(asked, terms) == expected[0]
    assert addition_pointer_harder.result(asked, terms) == expected[1]


@pytest.mark.parametrize(
    ("operation", "terms", "far"),
    [
        ("+", [12345, 67], [99945, 54]),
        ("+", [67, 12345], [67, 99932]),
        ("+", [815, 27, 36], [915, 27, 67]),
        ("-", [12345, 67], [10045, 45]),
        ("-", [67, 12345], [67, 10067]),
        ("-", [4, 7], [4, 4]),
    ],
)
def test_terms_that_carry_far_whichever_is_longer(operation, terms, far):
    everywhere = SimpleNamespace(random=lambda: 0.0)  # in place of nine places of ten
    assert addition_pointer_harder.carried_far(terms, operation, everywhere) == far


def test_the_larger_term_stands_first_where_that_is_asked():
    variant = addition_pointer_harder.VARIANTS["difference, larger first"]
    rng = random.Random(1)
    drawn = [addition_pointer_harder.draw(variant, rng) for _ in range(200)]
    drawn += [
        t for terms in addition_pointer_harder.test_terms(variant).values() for t in terms
    ]
    assert all(first >= second for first, second in drawn)


def test_places_count_from_the_start_and_from_the_plus():
    streams = np.array([[3, 2, 1, 10, 5, 4, 11, 12]])
    encoded = addition_pointer_others.encode("places told", streams, 4, offsets=[6])
    assert [array.tolist() for array in encoded[1:]] == [
        [[7, 8, 9, 0, 7, 8, 0, 0]],
        [[7, 8, 9, 10]],
    ]


def test_the_map_shows_the_pointers_on_the_symbols_of_a_stream(tmp_path):
    picture = tmp_path / "map.png"
    echo_pointer.main(["--epochs", "1", "--variant", "reversed", "--map", str(picture)])
    assert picture.stat().st_size > 10_000


def test_echoes_by_hand():
    tasks, sequence = echo_pointer.VARIANTS, (5, 6, 7, 8, 9)
    assert tasks["whole"](sequence) == sequence
    assert tasks["reversed"](sequence) == (9, 8, 7, 6, 5)
    assert tasks["first two"](sequence) == (5, 6)
    assert tasks["every second"](sequence) == (5, 7, 9)
    assert echo_pointer.encode([(5, 6), (7,)]).tolist() == [
        [100, 5, 6, 101],
        [100, 7, 101, 102],
    ]

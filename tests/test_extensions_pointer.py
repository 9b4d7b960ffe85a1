"""Pointers: who knows a task has every answer right, and tests are kept apart."""

import functools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from common.backend import keras
from common.scores import Share
from common.training import History
from extensions import (
    addition_notes,
    addition_pointer,
    addition_pointer_harder,
    addition_pointer_others,
    echo_pointer,
)
from extensions.tools import pointers, scoring
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

SCRIPTS = [
    addition_pointer,
    addition_pointer_others,
    addition_pointer_harder,
    addition_notes,
    echo_pointer,
]


def set_numbers(monkeypatch, scripts, **numbers):
    for script in scripts:
        for name in numbers.keys() & vars(script).keys():
            monkeypatch.setattr(script, name, numbers[name])


@pytest.fixture(autouse=True)
def tiny(monkeypatch, uncompiled):
    """Small tests and epochs."""
    small = {"N_TEST": 3, "N_OF_KIND": 2, "N_BATCHES": 1, "BATCH_SIZE": 4}
    small |= {"LENGTHS": (12, 20), "HARD": {12: 2}, "FAR": (16, 4), "N_READ_OUT": 20}
    set_numbers(monkeypatch, SCRIPTS, **small, AGAIN=12)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "variant", "scores"),
    [
        (addition_pointer, "pointer", ["12 digits", "Hard pointers, 12"]),
        (addition_pointer_others, "encoder-decoder, attention", ["20 digits"]),
        (addition_notes, "notes", ["12 digits", "Long carries", "16 digits"]),
        (echo_pointer, "every second", ["12 integers", "20 integers"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_variant_is_trained_and_scored_on_every_test(script, variant, scores, capsys):
    [row] = script.main(["--epochs", "1", "--variant", variant])
    assert row["parameters"] > 1000
    for score in scores:
        assert row[score].total in (1, 2, 3, 4)
    assert "1 seed" in capsys.readouterr().out


@pytest.fixture
def ask(monkeypatch):
    """Run a variant whose network, not trained, answers a stream as `know` says.

    `know` takes a stream's symbols and returns those of an answer. Returns what the script
    returned as `ran`, the streams `asked`, and what training would have `drawn`.
    """
    got = SimpleNamespace()

    def answers(model, streams, end, steps=None, hard=False):
        got.asked.extend(streams.tolist())
        known = [tuple(got.know(stream)) for stream in streams.tolist()]
        return [answer if len(answer) < (steps or 10**9) else None for answer in known]

    def outputs(model, read, **kinds):
        streams = read[0] if isinstance(read, tuple) else read
        y, _ = write_answers(answers(model, streams, END), streams.shape[1], END)
        return np.eye(END + 1)[y]

    def only_draw(model, new_data, epochs, batch_size, **kinds):
        X, *got.drawn = new_data()
        got.drawn.insert(0, X[0] if isinstance(X, tuple) else X)
        return History(loss=[0.5])

    def ask(script, name, know):
        got.asked, got.know = [], know
        settings = script.Settings(epochs=1)
        variant = script.experiment.variants(settings)[name]
        got.ran = script.run(settings, 1, variant, train=only_draw)
        return got

    monkeypatch.setattr(PointerModel, "answers", answers)
    rounded = functools.partial(answers, end=END)
    monkeypatch.setattr(addition_notes, "answers_by_rounded_notes", rounded)
    monkeypatch.setattr(addition_notes, "read_out", lambda model: (0, {}))
    monkeypatch.setattr(addition_notes, "what_happens", lambda *_: ())
    monkeypatch.setattr(addition_pointer_others, "predict", outputs)
    return ask


def terms_of(stream):
    """The digits that a stream of a sum shows, up to its "=", as they stand there."""
    symbols = "".join("0123456789+=^ "[symbol] for symbol in stream)
    return tuple(symbols.partition("=")[0].lstrip("^").split("+"))


TASKS = [
    (addition_pointer, "pointer"),
    *[(addition_pointer_others, name) for name in addition_pointer_others.VARIANTS],
    *[(addition_pointer_harder, name) for name in addition_pointer_harder.VARIANTS],
    *[(addition_notes, name) for name in ("notes", "differences")],
    *[(echo_pointer, name) for name in echo_pointer.VARIANTS],
]


ECHOES = {
    "whole": slice(None),
    "reversed": slice(None, None, -1),
    "first two": slice(2),
    "every second": slice(None, None, 2),
}


def know(script, name):
    """What knows the answers to a task: takes a stream, returns symbols."""
    if script is echo_pointer:
        return lambda stream: stream[1 : stream.index(echo_pointer.END)][ECHOES[name]]
    as_written = script is addition_notes
    read = 1 if as_written or "forwards" in name else -1
    written = 1 if as_written or "written forwards" in name else -1

    def calculate(stream):
        first, *others = [int(term[::read]) for term in terms_of(stream)]
        assert "larger first" not in name or first >= max(others)
        value = first + (-1 if "difference" in name else 1) * sum(others)
        digits = [*map(int, str(abs(value)))][::written]
        minus = [11] * (value < 0)
        return [*minus, *digits] if as_written else [*digits, *minus]

    return calculate


@pytest.mark.parametrize(("script", "name"), TASKS)
def test_who_knows_is_right_and_who_slips_gets_what_is_left(script, name, ask):
    """Wrong for every question in which the third symbol is even; a symbol too many."""
    right = know(script, name)

    def slips(stream):
        return stream[2] % 2 == 0

    asked = ask(script, name, lambda stream: [*right(stream), *[0] * slips(stream)])
    shares = [s for s in asked.ran.scores.values() if isinstance(s, Share)]
    ends = np.cumsum([share.total for share in shares])
    left = np.split([not slips(stream) for stream in asked.asked], ends)[:-1]
    assert [share.right for share in shares] == [part.sum() for part in left]
    assert len(shares) >= 2 and 0 < sum(share.right for share in shares) < len(asked.asked)
    streams, y, counts = asked.drawn
    taught = [tuple(right(stream)) for stream in streams.tolist()]
    assert read_answers(y, getattr(script, "END", END)) == taught
    assert counts.sum(axis=1).tolist() == [len(answer) + 1 for answer in taught]


@pytest.mark.parametrize(
    ("script", "name", "n_test"),
    [
        (addition_pointer, "pointer", 20),
        (addition_pointer_others, addition_pointer_others.TOLD, 20),
        (addition_pointer_harder, "two terms", 12),
        (addition_notes, "notes", 8),  # there are nine carries
        (echo_pointer, "whole", 30),
    ],
)
def test_no_question_of_a_test_is_drawn_in_either_order(
    script, name, n_test, ask, monkeypatch
):
    """Of single digits there are 55 sums: by chance the same would come often."""
    single = {"BATCH_SIZE": 400, "LENGTHS": (1,), "LONGEST": 1, "HARD": {1: 2}, "AGAIN": 1}
    set_numbers(monkeypatch, SCRIPTS, **single, N_TEST=n_test)
    sizes = {"N_DIGITS": 1, "N_IN": 4, "N_OUT": 3, "SHORT": (1,)}
    set_numbers(monkeypatch, [addition_pointer_others], **sizes)
    if script is addition_pointer:
        variant = replace(script.VARIANTS[name], n_digits=1)
        monkeypatch.setitem(script.VARIANTS, name, variant)
    asked = ask(script, name, know(script, name))

    def same(stream):
        echo = script is echo_pointer
        return stream[1] if echo else unordered(terms_of(stream))

    drawn, tested = [*map(same, asked.drawn[0].tolist())], {*map(same, asked.asked)}
    assert len(drawn) == 400 and len(tested) > 10
    assert not tested & {*drawn}


def test_writing_half_of_the_steps_first_changes_no_answer(monkeypatch):
    # not compiled: that would take longer than to write
    monkeypatch.setattr(pointers, "predict", lambda model, X, **_: np.array(model(X)))
    keras.utils.set_random_seed(1)
    model = addition_pointer.build_model(addition_pointer.Variant(units=4, heads=2), 5, 10)
    X = write_sums(draw_streamed(40, 9, generator=np.random.default_rng(1)))
    written = np.argmax(with_pointers(model, steps=None)(X), axis=-1)
    firsts = {  # where each symbol is written first, by halves; 9 where it is not
        end: {*np.where((written == end).any(1), (written == end).argmax(1) // 11, 9)}
        for end in range(11)
    }
    end = next(end for end, halves in firsts.items() if halves == {0, 1, 9})
    assert model.answers(X, end) == read_answers(written, end)


def test_tests_are_of_the_lengths_that_they_say():
    for name, terms in addition_pointer.test_sums().items():
        lengths = [[*map(len, sum_.split("+"))] for sum_ in sum_texts(terms)]
        if name.endswith("digits"):
            assert {n for pair in lengths for n in pair} == {int(name.split()[0])}
        if name == "Unequal lengths":
            assert all(max(pair) == 20 and min(pair) <= 10 for pair in lengths)


@pytest.mark.parametrize(
    ("operation", "terms", "far"),
    [
        ("+", [67, 12345], [67, 99932]),
        ("+", [815, 27, 36], [915, 27, 67]),
        ("-", [12345, 67], [10045, 45]),
        ("-", [4, 7], [4, 4]),
    ],
)
def test_terms_that_carry_far_whichever_is_longer(operation, terms, far):
    everywhere = SimpleNamespace(random=lambda: 0.89)  # in place of nine places of ten
    assert addition_pointer_harder.carried_far(terms, operation, everywhere) == far
    nowhere = SimpleNamespace(random=lambda: 0.9)
    assert addition_pointer_harder.carried_far(terms, operation, nowhere) == terms


def test_places_count_from_the_start_and_from_the_plus():
    streams = np.array([[3, 2, 1, 10, 5, 4, 11, 12]])
    encoded = addition_pointer_others.encode("places told", streams, 4, offsets=[6])
    assert [array.tolist() for array in encoded[1:]] == [
        [[7, 8, 9, 0, 7, 8, 0, 0]],
        [[7, 8, 9, 10]],
    ]


def test_the_map_shows_the_pointers_on_the_symbols_of_a_stream(ask, monkeypatch):
    drawn = []
    monkeypatch.setattr(scoring, "plot_attention", lambda *args: drawn.append(args))
    for script, name in ((addition_pointer, "pointer"), (echo_pointer, "reversed")):
        shown = ask(script, name, know(script, name)).ran.shown
        script.experiment.show[1](shown, SimpleNamespace(seed=1, map="map.png"))
    for _, shares, read, written, _ in drawn:
        assert shares.shape == (len(written), len(read))
        assert (shares > 0).all() and (shares < 1).all()
    (_, _, read, sum_, _), (_, _, sequence, reversed_, _) = drawn
    first, second = "".join(read[:-1]).split("+")
    total = "".join(map(str, sum_[:-1]))
    assert int(first[::-1]) + int(second[::-1]) == int(total[::-1])
    assert ["begin", *reversed_[-2::-1], "end"] == sequence

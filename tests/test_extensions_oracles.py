"""All extensions in one table: who knows a task is right, and who slips gets what is left.

Pointers have their own in test_extensions_pointer.py.
"""

import functools
import importlib
import itertools
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from oracles import Integers, Numbers, Texts, add, ask, terms, tokens, value

from common import windows
from common.runner.comparison import Rows
from common.runner.rows import read_header
from common.scores import EXACT, PER_CHARACTER, PER_ELEMENT
from extensions import (
    addition_attention,
    addition_brackets,
    addition_digits,
    addition_heldout,
    addition_length,
    addition_operations,
    addition_padding,
    addition_stacked_lstm,
    echo_length,
    echo_linear,
)
from extensions.tools.heldout import has_carry, unordered

SEEN, UNSEEN = addition_heldout.SEEN, addition_heldout.UNSEEN
CHARACTERS = addition_heldout.CHARACTERS
ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = {
    path.stem: importlib.import_module(f"extensions.{path.stem}")
    for path in sorted(ROOT.glob("extensions/*_*.py"))
    if not path.stem.endswith("_data") and path.stem != "__init__"
}
SETTINGS = {
    "addition_autoregressive": {"epochs": 1, "largest": 30, "test": 100, "units": (2, 3)},
    "addition_brackets": {"epochs": 1, "units": 2},
    "addition_digits": {"epochs": 1},
    "addition_heldout": {"largest": (5, 12, 13), "epochs": (3, 1)},
    "addition_integer_encoding": {"largest": (4, 12), "epochs": (1, 2, 3)},
    "addition_order": {"epochs": 1},
    "addition_one_plus_one": {"epochs": (1, 2)},
    "addition_operations": {"epochs": 1, "largest": 20, "units": 2},
    "addition_padding": {"largest": 12, "epochs": 30},
    "addition_variable_terms": {"epochs": 1, "units": 2},
    "addition_without_repeat_vector": {"epochs": 1},
    "echo_embedding": {"units": 3},
    "echo_lag": {"units": 4},
    "echo_linear": {"units": (3, 4)},
    "echo_longer": {"units": 3},
    "echo_padded_output": {"units": 3},
    "echo_stateless": {"units": (3, 4)},
    "echo_topologies": {"units": (2, 3, 4, 5)},
    "echo_varying_length": {"units": 3},
}
SIZES = {  # of tests, N_TEST, where nothing else is said here, and of epochs
    "addition_attention": {"N_TEST": 300, "N_EDGE_CASES": 30},
    "addition_order": {"N_TEST": 300},
    "addition_length": {"LENGTHS": (1, 30), "LONG_CARRIES": (25,), "UNEQUAL": ((25, 3),)},
    "addition_without_repeat_vector": {"N_TEST": 100},
    "echo_attention": {"N_TEST": 100},
    "echo_length": {"LENGTHS": (1, 60), "N_BATCHES": 50, "N_TEST": 20},
}
SIZES["addition_length"] |= {"N_BATCHES": 40, "N_TEST": 9, "N_PLACES": 60}
CHANGES = {  # so few different questions that training would draw those of a test
    "addition_attention": {"n_digits": 2, "n_sums": 1000},
    "echo_attention": {"n_unique": 4},
}


@pytest.fixture
def small(monkeypatch):
    for name, script in SCRIPTS.items():
        sizes = {"N_EXAMPLES": 320} | ({"N_TEST": 2} if "echo" in name else {})
        for number, size in {**sizes, **SIZES.get(name, {})}.items():
            if hasattr(script, number):
                monkeypatch.setattr(script, number, size)
    monkeypatch.setattr(windows, "N_TEST", 2)


# What is asked in each test: {score: questions}


def all_of(asked):
    return {EXACT: asked.calls[-1]}


def of_parts(asked):
    return {EXACT: sum(asked.calls, [])}


def seen_and_unseen(asked):
    seen, unseen = [*{*asked.questions}], asked.calls[1]
    carry = [question for question in unseen if has_carry(terms(question))]
    return {SEEN: seen, UNSEEN: unseen, "Unseen with a carry": carry}


def by_order(asked):
    """As drawn, with the terms swapped, with the characters shuffled."""
    drawn, _, *shuffled = asked.calls
    scores = {EXACT: drawn}
    if shuffled:
        scores["Terms swapped"] = ["+".join(q.split("+")[::-1]) for q in drawn]
        [scores["Characters shuffled"]] = shuffled
        pairs = [*zip(drawn, *shuffled)]
        assert all(sorted(a) == sorted(b.replace(" ", "")) for a, b in pairs)
        assert sum(a == b for a, b in pairs) < len(pairs) / 10
    else:
        scores["Terms swapped"] = [question[::-1] for question in drawn]
    return scores


def by_operation(asked):
    names = {"+": "Sums", "-": "Differences", "*": "Products", "²": "Squares"}
    names["/"] = "Quotients"
    tested, seen = asked.calls[-1][:-320], asked.questions[:320]
    kinds = {names[kind]: [q for q in tested if kind in q] for kind in names}
    return {EXACT: tested, **kinds, "Seen": seen}


def by_depth(asked):
    [tested] = asked.calls
    depths = {f"Depth {n}": [q for q in tested if q.count("(") == n] for n in range(3)}
    return {EXACT: tested, **depths}


def by_terms(*trained):
    def tests(asked):
        n_terms = {q: len([n for n in terms(q) if n]) for q in asked.calls[-1]}
        scores = {EXACT: [q for q in n_terms if n_terms[q] in trained], "1 term": []}
        for question, n in n_terms.items():
            scores.setdefault(f"{n} term{'s' * (n > 1)}", []).append(question)
        return scores

    return tests


def first_asked(asked):
    """Each call asks one sequence after another; only what is asked first is scored."""
    return {EXACT: asked.calls[0][:21] + asked.calls[1][:21]}


def by_wanted_length(asked):
    [*_, tested] = asked.calls
    lengths = {f"of {n}": [q for q in tested if q[0] == 101 + n] for n in range(1, 6)}
    return {EXACT: tested, **lengths}


def edge_cases(asked):
    [tested] = asked.calls
    kinds, first = {EXACT: tested[:300], "Edge cases": tested[300:]}, 300
    for kind in ("Long carries", "Zeros", "Equal terms", "Unequal lengths"):
        kinds[kind] = tested[first : first + asked.scores[kind].total]
        first += len(kinds[kind])
    assert first == len(tested)
    return kinds


def one_test_a_call(*names):
    return lambda asked: dict(zip(names, asked.calls))  # after these a sum may be shown


# What counts as the same question, where training is not to draw those of the test


def same_expression(text):
    return unordered(tokens(text))


def same_pair(text):
    numbers = [token for token in tokens(text) if isinstance(token, int)]
    return min(numbers), max(numbers)


def same_terms(text):
    return tuple(sorted(filter(None, terms(text))))  # some questions are filled with zeros


def numbers(symbols):
    """Two terms whose digits stand in the halves, the least significant first."""
    half = len(symbols) // 2
    terms = symbols[half - 1 :: -1], symbols[: -half - 1 : -1]
    return [int("".join(map(str, term))) for term in terms]


def same_digits(symbols):
    return tuple(sorted(numbers(symbols)))


# Who knows

BY_CHARACTERS = {  # up to 10 no two sums have the same ones
    "".join(sorted(f"{a}+{b}")): a + b for a in range(1, 11) for b in range(1, 11)
}
DEALT = addition_heldout.answers_to_pairs(12, shuffled=True)


def by_characters(text):
    return BY_CHARACTERS["".join(sorted(text.replace(" ", "")))]


def dealt(text):
    return DEALT[unordered(terms(text))]


def add_digits(symbols):
    """The digits of the sum, the least significant first, as many as there may be."""
    return [*map(int, reversed(f"{sum(numbers(symbols)):0{len(symbols) // 2 + 1}}"))]


def add_as_written(symbols):
    return add_digits(symbols[::-1])[::-1]


def add_places(symbols):
    return add_digits(symbols)[:-1]  # both terms were filled up with a zero


class Places(Integers):
    """What is told are the places of digits, and of those of the answer."""

    def read(self, X):
        digits, places, written = X
        assert (places == np.tile(written, 2)).all()
        return super().read(digits)


class SideBySide(Integers):
    def read(self, X):
        return super().read(np.hstack([X[..., 0], X[..., 1]]))


def first(n):
    return lambda sequence: sequence[:n]


def as_long_as_asked(question):
    return question[1 : question[0] - 100]  # 102 asks for one integer


def backwards(sequence):
    return sequence[::-1]


def echoed(step):
    """What is read, without what fills it up, one way or the other."""
    return lambda row: tuple(n for n in row if n != echo_length.EMPTY)[::step]


class Behind(Integers):
    """The answer stands in the second half."""

    def write(self, answers, shape):
        self.before = shape[0] // 2
        return super().write(answers, shape)


class Task(NamedTuple):
    """A variant, and who knows what it is to learn."""

    name: str  # of the script
    variant: str
    know: Callable  # from a question to the answer
    codec: Any
    tests: Callable = all_of
    same: Callable | None = None  # if given, no question of the test is to be drawn

    def ask(self, know, **kinds):
        settings, changes = SETTINGS.get(self.name, {}), CHANGES.get(self.name, {})
        kinds |= {"taught": self.know, "changes": changes, **settings}
        return ask(SCRIPTS[self.name], self.variant, know, self.codec, **kinds)


def tasks(name, variants, *rest):
    return [Task(name, variant, *rest) for variant in variants]


SHUFFLED, OF_7 = "up to 12, shuffled answers", "batch size 7"
EQUALLY = f"+ and -{addition_brackets.EQUALLY_MANY}"
PUBLISHED = "2 of 5 and three zeros, RepeatVector"
TEXTS, INTEGERS, AT_START = Texts(), Integers(), Texts(justify=str.ljust)
EMPTY, BEHIND = Integers(filling=echo_length.EMPTY), Behind(filling=echo_length.EMPTY)
NEVER_DRAWN = add, TEXTS, all_of, same_terms
PLACES = one_test_a_call("1 digits", "30 digits", "25 + 3 digits", "Long carries, 25")
SEQUENCES = one_test_a_call("1 integers", "60 integers")
NEW, _, _, _, AS_WRITTEN, *_ = addition_attention.VARIANTS
SAME_PADDED = "padding not counted, answer reversed"
TOPOLOGIES = [f"{name}, 5 units" for name in SCRIPTS["echo_topologies"].TOPOLOGIES]
TASKS = [
    Task("addition_digits", "2 digits, 16 units", *NEVER_DRAWN),
    Task("addition_autoregressive", "RepeatVector", *NEVER_DRAWN),
    Task("addition_autoregressive", "autoregressive, attention", *NEVER_DRAWN),
    Task("addition_integer_encoding", "scaled integers", add, TEXTS),
    *tasks(
        "addition_integer_encoding",
        ["unseen: one-hot", "unseen: scaled integers, answers too", "unseen: embedding"],
        *NEVER_DRAWN,
    ),
    *tasks("addition_one_plus_one", ["as the tutorial", "numbers 2 to 10"], add, TEXTS),
    *tasks("addition_padding", ["whole question", "each term", "Masking"], *NEVER_DRAWN),
    Task("addition_padding", addition_padding.READERS, add, TEXTS),
    Task("addition_padding", "question reversed", add, Texts(question_step=-1)),
    Task("addition_padding", "answer reversed", add, Texts(answer_step=-1)),
    Task("addition_padding", SAME_PADDED, add, Texts(answer_step=-1)),
    Task("addition_without_repeat_vector", "RepeatVector", add, TEXTS),
    Task("addition_without_repeat_vector", "sequence, answer at its end", add, TEXTS),
    Task("addition_without_repeat_vector", "sequence, answer at its start", add, AT_START),
    Task("addition_without_repeat_vector", "the same, read both ways", add, AT_START),
    Task("addition_heldout", "up to 12", add, TEXTS, seen_and_unseen, same_terms),
    Task("addition_heldout", SHUFFLED, dealt, TEXTS, seen_and_unseen, same_terms),
    *tasks(
        "addition_order", ["seq2seq", "seq2seq, shuffled"], by_characters, TEXTS, by_order
    ),
    *tasks("addition_order", ["MLP", "LSTM regression"], sum, Numbers(), by_order),
    Task("addition_operations", "all four", value, TEXTS, by_operation, same_pair),
    Task("addition_operations", "quotients alone", value, TEXTS, by_operation, same_pair),
    Task("addition_brackets", "+, - and *", value, TEXTS, by_depth, same_expression),
    Task("addition_brackets", EQUALLY, value, TEXTS, by_depth, same_expression),
    Task("addition_variable_terms", "1 to 4, spaces", add, TEXTS, by_terms(1, 2, 3, 4)),
    Task(
        "addition_variable_terms",
        "without 3, zeros",
        add,
        TEXTS,
        by_terms(1, 2, 4),
        same_terms,
    ),
    Task("addition_attention", NEW, add_digits, INTEGERS, edge_cases, same_digits),
    Task(
        "addition_attention", AS_WRITTEN, add_as_written, INTEGERS, edge_cases, same_digits
    ),
    *tasks(
        "addition_length",
        ["places, up to 20 digits", "places, up to 3 digits"],
        add_places,
        Places(),
        PLACES,
        same_digits,
    ),
    Task("addition_length", "digits side by side", add_places, SideBySide(), PLACES),
    Task("echo_attention", PUBLISHED, lambda s: (*s[:2], 0, 0, 0), INTEGERS, all_of, tuple),
    Task("echo_attention", "2 of 5, attention", first(2), INTEGERS, all_of, tuple),
    Task("echo_attention", "5 of 5, RepeatVector", first(5), INTEGERS, all_of, tuple),
    Task("echo_attention", "5 reversed, attention", backwards, INTEGERS, all_of, tuple),
    Task("echo_length", "places, up to 5", echoed(1), EMPTY, SEQUENCES, echoed(1)),
    Task("echo_length", "places, reversed", echoed(-1), EMPTY, SEQUENCES, echoed(1)),
    Task("echo_length", "three LSTMs, up to 10", echoed(1), BEHIND, SEQUENCES, echoed(1)),
    Task("echo_embedding", "100, one-hot", first(5), INTEGERS, of_parts),
    Task("echo_embedding", "100, embedding", first(5), INTEGERS, of_parts),
    Task("echo_longer", "3 of 5, 3 units, 5000 epochs", first(3), INTEGERS, of_parts),
    Task("echo_lag", "LSTM 4, k = 0", first(5), INTEGERS),
    Task("echo_lag", "Dense 4, k = 2", first(5), Integers(before=2, filling=7)),
    Task("echo_linear", "partial: scaled, LSTMs", first(2), INTEGERS),
    Task("echo_linear", "partial: scaled, linear, falling rate", first(2), INTEGERS),
    Task("echo_linear", "whole: one-hot, LSTM", first(5), INTEGERS),
    Task("echo_padded_output", "encoder-decoder", first(2), INTEGERS),
    Task("echo_padded_output", "padded after", first(2), Integers(filling=100)),
    Task("echo_padded_output", "padded before", first(2), Integers(3, 100)),
    Task("echo_stateless", f"partial, stateful, {OF_7}", first(2), INTEGERS, first_asked),
    Task("echo_stateless", f"whole, stateless, {OF_7}", first(5), INTEGERS, first_asked),
    *tasks("echo_topologies", TOPOLOGIES, first(5), INTEGERS),
    *tasks(
        "echo_varying_length",
        ["start symbol, greedy", "RepeatVector"],
        as_long_as_asked,
        Integers(filling=101),
        by_wanted_length,
    ),
]


def flip(answer):
    """The answer with another last symbol: 13 becomes 12, 4 becomes 5."""
    if isinstance(answer, float):
        return answer + 1
    if isinstance(answer, int):
        text = str(answer)
        return f"{text[:-1]}{int(text[-1]) ^ 1}"
    return (*answer[:-1], answer[-1] ^ 1)


def slips(question):
    return zlib.crc32(repr(question).encode()) % 2


def id_of(task):
    return f"{task.name}, {task.variant}"


@functools.cache
def answered_with_slips(task):
    def answer(question):
        right = task.know(question)
        return flip(right) if slips(question) else right

    return task.ask(answer)


@pytest.mark.parametrize("task", TASKS, ids=id_of)
def test_who_knows_is_right_and_who_slips_gets_what_is_left(task, small):
    """Training teaches the task and draws no question of the test."""
    asked = answered_with_slips(task)
    tests = task.tests(asked)
    for score, questions in tests.items():
        right = sum(not slips(question) for question in questions)
        assert asked.scores[score] == (right, len(questions)), score
    tested = tests.get(EXACT) or tests.get(UNSEEN) or sum(tests.values(), [])
    assert 0 < sum(map(slips, tested)) < len(tested)
    parts = {PER_CHARACTER: tested, PER_ELEMENT: tested, CHARACTERS: tests.get(SEEN)}
    for score in parts.keys() & asked.scores.keys():  # one is wrong in a wrong answer
        right, total = asked.scores[score]
        assert total - right == sum(map(slips, parts[score]))
    if "Epochs to 99 %" in asked.scores:  # 16 of the last 20 are perfect, the others 95 %
        assert asked.scores["Epochs to 99 %"] == 46
    if task.same:
        assert not {*map(task.same, asked.questions)} & {*map(task.same, tested)}


@pytest.mark.parametrize("task", {task.name: task for task in TASKS}.values(), ids=id_of)
def test_weights_and_data_are_those_of_the_seed(task, small):
    again, other = (task.ask(task.know, seed=seed, scored=False) for seed in (1, 2))
    first, again, other = (
        (asked.questions, asked.model.trainable_weights[0].numpy().tolist())
        for asked in (answered_with_slips(task), again, other)
    )
    assert first == again
    assert first[0] != other[0] and first[1] != other[1]


@pytest.mark.parametrize(
    ("name", "variant", "call"),
    [("addition_digits", "2 digits, 16 units", 0), ("addition_heldout", "up to 12", 1)],
)
def test_every_seed_holds_out_other_pairs_and_asks_them_in_both_orders(name, variant, call):
    tested = set()
    for seed in (1, 2, 3):
        asked = ask(SCRIPTS[name], variant, add, TEXTS, seed=seed, **SETTINGS[name])
        pairs = {tuple(terms(question)) for question in asked.calls[call]}
        assert {(b, a) for a, b in pairs} == pairs
        tested.add(frozenset(pairs))
    assert len(tested) == 3


HIGHER = "learning rate 0.003"
FOUR_TIMES = "2 of 5, RepeatVector, four times the sequences"


@pytest.mark.parametrize(
    ("name", "variant", "epochs", "batch_size", "rate"),
    [
        ("addition_digits", addition_digits.EIGHT_TIMES, 8, 32, 0.003),
        ("addition_heldout", f"up to 13, {HIGHER}", 3, 10, 0.003),
        ("addition_heldout", "up to 5, 1 epochs, batch size 1", 1, 1, 0.001),
        ("addition_integer_encoding", "scaled integers, more epochs", 2, 10, 0.001),
        ("addition_integer_encoding", "unseen: scaled integers, rate 0.01", 3, 10, 0.01),
        ("addition_one_plus_one", "2 epochs", 2, 10, 0.001),
        ("addition_one_plus_one", HIGHER, 1, 10, 0.003),
        ("addition_operations", addition_operations.LONGER, 3, 32, 0.003),
        ("addition_padding", f"each term, {HIGHER}", 30, 10, 0.003),
        ("addition_padding", "up to 10, 10 epochs", 10, 10, 0.001),
        ("echo_attention", FOUR_TIMES, 200, 1, 0.001),
        ("echo_embedding", "100, embedding", 400, 100, 0.01),
        ("echo_lag", "LSTM 4, k = 3, 15000 epochs", 15000, 7, 0.001),
        ("echo_longer", "3 of 5, 3 units, 5000 epochs, rate 0.003", 5000, 21, 0.003),
        ("echo_padded_output", "padded before, rate 0.01", 5000, 21, 0.01),
        ("echo_topologies", "many-to-one, 5 units, 3 x epochs", 15000, 21, 0.001),
        ("echo_topologies", "many-to-one, 5 units, rate 0.003", 5000, 21, 0.003),
        ("echo_varying_length", "RepeatVector, rate 0.003, 3 x epochs", 15000, 21, 0.003),
    ],
)
def test_a_variant_has_the_budget_and_the_rate_that_it_says(
    name, variant, epochs, batch_size, rate, small
):
    settings = {"draws": 0, "scored": False, **SETTINGS.get(name, {})}
    asked = ask(SCRIPTS[name], variant, None, None, **settings)
    assert (asked.epochs, asked.batch_size) == (epochs, batch_size)
    assert float(asked.model.optimizer.learning_rate) == pytest.approx(rate)


def stacked():
    name, epochs = "LSTM 10, 2 epochs, falling rate", (1, 2)
    sizes = {"epochs": epochs, "draws": 0, "scored": False}
    return ask(addition_stacked_lstm, name, None, None, **sizes).model


LINEAR = echo_linear.VARIANTS["whole: scaled, linear, falling rate"]


@pytest.mark.parametrize(
    ("build", "n_updates", "rate"),
    [
        *[
            (lambda script=script: script.build_model(script.Variant(), 12), 12, 0.002)
            for script in (addition_attention, addition_length, echo_length)
        ],
        (lambda: echo_linear.build_model(LINEAR, 3, epochs=4), 12, 0.01),  # 3 batches each
        (stacked, 200, 0.001),  # 100 sums each
    ],
)
def test_a_falling_rate_ends_at_zero_with_the_last_update(build, n_updates, rate):
    schedule = build().optimizer._learning_rate
    rates = [float(schedule(step)) for step in (0, n_updates // 2, n_updates)]
    assert rates == pytest.approx([rate, rate / 2, 0], abs=1e-9)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_what_is_compared_and_shown_are_variants(script):
    experiment, settings = script.experiment, script.Settings()
    names = experiment.variants(settings)
    compared = {name for pair in experiment.compares(settings) for name in pair[:2]}
    assert compared | {*(experiment.show or [])[:1]} <= {*names}
    assert experiment.tested_on(settings)


MEASURED = {path.stem: path for path in ROOT.glob("docs/results/*.csv")}
PLOTS = [
    name for name in SCRIPTS if name in MEASURED and hasattr(SCRIPTS[name], "plot_scores")
]


@pytest.mark.parametrize("name", PLOTS)
def test_a_plot_shows_every_seed_of_scores_that_there_are(name, monkeypatch):
    script, drawn, count = SCRIPTS[name], {}, itertools.count()
    settings, scores = script.Settings(), read_header(MEASURED[name])["scores"]
    results = Rows(
        {"variant": variant, **{score: next(count) for score in scores}}
        for variant in script.experiment.variants(settings)
        for _ in range(3)
    )

    def plot_scores(path, lines, *_, **__):
        drawn.update(lines)

    monkeypatch.setattr(script, "plot_scores", plot_scores)
    script.plot("unwritten.png", results, settings)
    measured = [
        results.values(variant, score) for variant in results.variants for score in scores
    ]
    points = [values for line in drawn.values() for values in line.values()]
    assert len(points) > 3 and all(values in measured for values in points)
    assert len({min(values) for values in points}) == len(points)


@pytest.mark.parametrize(
    ("name", "flags", "reason"),
    [
        ("addition_autoregressive", "--largest 20", "test must be below 210, all pairs"),
        ("addition_brackets", "--operands 1", "operands must be at least 2"),
        ("addition_brackets", "--depth 11", "depth must be at most 10"),
        ("addition_heldout", "--largest 2 10 100", "largest must be at least 3"),
        ("addition_heldout", "--epochs 30 300", "epochs must be at most 30"),
        ("addition_integer_encoding", "--epochs 100 30 400", "epochs must ascend"),
        ("addition_linear", "--largest 10001", "largest must be at most 10000"),
        ("addition_one_plus_one", "--epochs 50 30", "epochs must ascend"),
        ("addition_operations", "--largest 4", "largest must be at least 5"),
        ("addition_padding", "--epochs 9", "epochs must be at least 10"),
        ("addition_stacked_lstm", "--epochs 100 100", "epochs must ascend"),
        ("addition_variable_terms", "--terms 3", "terms must be at least 4"),
        ("echo_topologies", "--variant LSTM", "there is no --variant 'LSTM'"),
        ("echo_topologies", "--units 40 20 80 150", "units must ascend"),
        ("addition_data", "--largest 0", "at least 1, not 0"),
        ("echo_data", "--n-out 6", "n_out 6 is larger than n_in 5"),
        ("echo_data", "--length 4", "length 4 is shorter than n_in 5"),
        ("echo_data", "--sequence 1 2 3 4 100", "100 is outside [0, 100)"),
        ("echo_data", "--sequence 1 2 3 4 x", "'x'"),
        ("echo_data", "--sequence 1 2 3 4 5 --seed 2", "--seed does not go with"),
    ],
)
def test_wrong_flags_are_refused(name, flags, reason, refused):
    script = importlib.import_module(f"extensions.{name}")
    assert reason in refused(script.main, *flags.split())

"""All extensions in one table: who knows a task is right, and who slips gets what is left.

Pointers have their own in test_extensions_pointer.py.
"""

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
    addition_length,
    addition_operations,
    addition_padding,
    addition_stacked_lstm,
    echo_length,
    echo_linear,
)
from extensions.tools.heldout import unordered

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
    "addition_length": {"LENGTHS": (20, 30), "LONG_CARRIES": (25,), "UNEQUAL": ((25, 3),)},
    "addition_without_repeat_vector": {"N_TEST": 100},
    "echo_attention": {"N_TEST": 100},
    "echo_length": {"LENGTHS": (2, 60), "N_BATCHES": 50, "N_TEST": 20},
}
SIZES["addition_length"] |= {"N_BATCHES": 40, "N_TEST": 9, "N_PLACES": 60}


@pytest.fixture
def small(monkeypatch):
    for name, script in SCRIPTS.items():
        sizes = {"N_EXAMPLES": 320} | ({"N_TEST": 2} if "echo" in name else {})
        for number, size in {**sizes, **SIZES.get(name, {})}.items():
            if hasattr(script, number):
                monkeypatch.setattr(script, number, size)
    monkeypatch.setattr(windows, "N_TEST", 2)


# What is asked in each test: {score: questions}, of the lists of questions of all calls


def all_of(calls):
    return {EXACT: calls[-1]}


def of_parts(calls):
    return {EXACT: sum(calls, [])}


def by_operation(calls):
    asked, seen = calls[-1][:-320], calls[-1][-320:]
    names = {"+": "Sums", "-": "Differences", "*": "Products", "²": "Squares"}
    names["/"] = "Quotients"
    kinds = {names[kind]: [q for q in asked if kind in q] for kind in names}
    return {EXACT: asked, **kinds, "Seen": seen}


def by_depth(calls):
    depths = {f"Depth {n}": [q for q in calls[-1] if q.count("(") == n] for n in range(3)}
    return {EXACT: calls[-1], **depths}


def by_terms(*trained):
    def tests(calls):
        n_terms = {q: len([n for n in terms(q) if n]) for q in calls[-1]}
        scores = {EXACT: [q for q in calls[-1] if n_terms[q] in trained], "1 term": []}
        for question, n in n_terms.items():
            scores.setdefault(f"{n} term{'s' * (n > 1)}", []).append(question)
        return scores

    return tests


def first_asked(calls):
    """Each call asks one sequence after another; only what is asked first is scored."""
    return {EXACT: calls[0][:21] + calls[1][:21]}


def by_wanted_length(calls):
    asked = calls[-1]
    lengths = {f"of {n}": [q for q in asked if q[0] == 101 + n] for n in range(1, 6)}
    return {EXACT: asked, **lengths}


def edge_cases(calls):
    return {EXACT: calls[-1][:300], "Edge cases": calls[-1][300:]}


def one_test_a_call(*names):
    return lambda calls: dict(zip(names, calls))  # after these a sum may be shown


# What counts as the same question, where training is not to draw those of the test


def same_expression(text):
    return unordered(tokens(text))


def same_pair(text):
    numbers = [token for token in tokens(text) if isinstance(token, int)]
    return min(numbers), max(numbers)


def same_terms(text):
    return tuple(sorted(filter(None, terms(text))))  # some questions are filled with zeros


def same_digits(symbols):
    """Of the digits of two terms, with a plus between them or a zero after each."""
    half = len(symbols) // 2
    return frozenset([symbols[:half], symbols[-half:]])


# Who knows


def add_digits(symbols):
    """Digits of two terms and of their sum, the least significant first."""
    half = len(symbols) // 2
    numbers = [
        int("".join(map(str, term[::-1]))) for term in (symbols[:half], symbols[-half:])
    ]
    return [int(digit) for digit in reversed(f"{sum(numbers):0{half + 1}}")]


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


EMPTY, BEHIND = Integers(filling=echo_length.EMPTY), Behind(filling=echo_length.EMPTY)
PUBLISHED = "2 of 5 and three zeros, RepeatVector"


class Task(NamedTuple):
    """A variant, and who knows what it is to learn."""

    name: str  # of the script
    variant: str
    know: Callable  # from a question to the answer
    codec: Any
    tests: Callable = all_of
    same: Callable | None = None  # if given, no question of the test is to be drawn

    def ask(self, know, seed=1):
        changes = {"n_sums": 1000} if self.name == "addition_attention" else {}
        sizes = {"seed": seed, "changes": changes, **SETTINGS.get(self.name, {})}
        return ask(SCRIPTS[self.name], self.variant, know, self.codec, **sizes)


def tasks(know, codec, *rest, **variants):
    """The tasks with this oracle; `variants`: those of each script."""
    names = [(script, name) for script in variants for name in variants[script]]
    return [Task(*name, know, codec, *rest) for name in names]


TEXTS, INTEGERS = Texts(), Integers()
OPERATIONS = "all four", "quotients alone"
BRACKETS = "+, - and *", f"+ and -{addition_brackets.EQUALLY_MANY}"
NEW, _, _, _, SAME, *_ = SCRIPTS["addition_attention"].VARIANTS
TOLD, COLUMNS = "places, up to 20 digits", "digits side by side"
LENGTHS = one_test_a_call("20 digits", "30 digits", "25 + 3 digits", "Long carries, 25")
OF_7, TOPOLOGIES = "batch size 7", ("many-to-many", "many-to-one", "one-to-one", "Dense")
SEQUENCES = one_test_a_call("2 integers", "60 integers")
ENCODINGS = "one-hot", "scaled integers, answers too", "embedding"
TASKS = [
    *tasks(
        add,
        TEXTS,
        all_of,
        same_terms,
        addition_digits=["2 digits, 16 units"],
        addition_autoregressive=["RepeatVector", "autoregressive, attention"],
        addition_integer_encoding=[f"unseen: {name}" for name in ENCODINGS],
        addition_padding=["whole question", "each term", "Masking"],
    ),
    *tasks(
        add,
        TEXTS,
        addition_integer_encoding=["scaled integers"],
        addition_one_plus_one=["as the tutorial", "numbers 2 to 10"],
        addition_padding=[addition_padding.READERS],
        addition_without_repeat_vector=[
            "RepeatVector",
            "sequence, answer at its end",
            "sequence, answer at its start",
            "the same, read both ways",
        ],
    ),
    Task("addition_padding", "question reversed", add, Texts(question_step=-1)),
    Task("addition_padding", "answer reversed", add, Texts(answer_step=-1)),
    Task("addition_padding", "padding not counted, answer reversed", add, Texts(1, -1)),
    *tasks(value, TEXTS, by_operation, same_pair, addition_operations=OPERATIONS),
    *tasks(value, TEXTS, by_depth, same_expression, addition_brackets=BRACKETS),
    *tasks(
        add,
        TEXTS,
        by_terms(1, 2, 3, 4),
        same_terms,
        addition_variable_terms=["1 to 4, spaces"],
    ),
    *tasks(
        add,
        TEXTS,
        by_terms(1, 2, 4),
        same_terms,
        addition_variable_terms=["without 3, zeros"],
    ),
    *tasks(add_digits, INTEGERS, edge_cases, same_digits, addition_attention=[NEW]),
    *tasks(add_as_written, INTEGERS, edge_cases, same_digits, addition_attention=[SAME]),
    *tasks(add_places, Places(), LENGTHS, same_digits, addition_length=[TOLD]),
    *tasks(add_places, SideBySide(), LENGTHS, same_digits, addition_length=[COLUMNS]),
    Task("echo_attention", PUBLISHED, lambda s: (*s[:2], 0, 0, 0), INTEGERS, all_of, tuple),
    *tasks(first(2), INTEGERS, all_of, tuple, echo_attention=["2 of 5, attention"]),
    *tasks(first(50), INTEGERS, all_of, tuple, echo_attention=["50 of 50, RepeatVector"]),
    *tasks(backwards, INTEGERS, all_of, tuple, echo_attention=["50 reversed, attention"]),
    Task("echo_length", "places, up to 50", echoed(1), EMPTY, SEQUENCES, echoed(1)),
    Task("echo_length", "places, reversed", echoed(-1), EMPTY, SEQUENCES, echoed(1)),
    Task(
        "echo_length",
        "three LSTMs, up to 50",
        echoed(1),
        Behind(filling=100),
        SEQUENCES,
        echoed(1),
    ),
    *tasks(first(5), INTEGERS, of_parts, echo_embedding=["100, one-hot", "100, embedding"]),
    *tasks(first(3), INTEGERS, of_parts, echo_longer=["3 of 5, 3 units, 5000 epochs"]),
    Task("echo_lag", "Dense 4, k = 2", first(5), Integers(before=2, filling=7)),
    *tasks(
        first(2),
        INTEGERS,
        echo_linear=["partial: scaled, LSTMs", "partial: scaled, linear, falling rate"],
        echo_padded_output=["encoder-decoder"],
    ),
    Task("echo_padded_output", "padded after", first(2), Integers(filling=100)),
    Task("echo_padded_output", "padded before", first(2), Integers(3, 100)),
    *tasks(
        first(5),
        INTEGERS,
        echo_linear=["whole: one-hot, LSTM"],
        echo_topologies=[
            f"{name}, 5 units" for name in SCRIPTS["echo_topologies"].TOPOLOGIES
        ],
    ),
    Task(
        "echo_stateless", "partial, stateful, batch size 7", first(2), INTEGERS, first_asked
    ),
    Task(
        "echo_stateless", "whole, stateless, batch size 7", first(5), INTEGERS, first_asked
    ),
    *tasks(
        as_long_as_asked,
        Integers(filling=101),
        by_wanted_length,
        echo_varying_length=["start symbol, greedy", "RepeatVector"],
    ),
]


def flip(answer):
    """The answer with another last symbol: 13 becomes 12, 4 becomes 5."""
    if isinstance(answer, int):
        text = str(answer)
        return f"{text[:-1]}{int(text[-1]) ^ 1}"
    return (*answer[:-1], answer[-1] ^ 1)


def slips(question):
    return zlib.crc32(repr(question).encode()) % 2


def id_of(task):
    return f"{task.name}, {task.variant}"


@pytest.mark.parametrize("task", TASKS, ids=id_of)
def test_who_knows_is_right_and_who_slips_gets_what_is_left(task, small):
    """Training draws no question of the test; data have the shapes that the model has."""

    def slip(question):
        answer = task.know(question)
        return flip(answer) if slips(question) else answer

    asked = task.ask(slip)
    tests = task.tests(asked.calls)
    for score, questions in tests.items():
        right = sum(not slips(question) for question in questions)
        assert asked.scores[score] == (right, len(questions)), score
    tested = tests.get(EXACT) or sum(tests.values(), [])
    n_wrong = sum(map(slips, tested))
    assert 0 < n_wrong < len(tested)
    for score in {PER_CHARACTER, PER_ELEMENT} & asked.scores.keys():
        assert asked.scores[score].total - asked.scores[score].right == n_wrong
    if task.same:
        assert not {*map(task.same, asked.questions)} & {*map(task.same, tested)}


@pytest.mark.parametrize("task", {task.name: task for task in TASKS}.values(), ids=id_of)
def test_weights_and_data_are_those_of_the_seed(task, small):
    def drawn(seed):
        asked = task.ask(lambda question: flip(task.know(question)), seed)
        return asked.questions, asked.model.trainable_weights[0].numpy().tolist()

    first, again, other = map(drawn, (1, 1, 2))
    assert first == again
    assert first[0] != other[0] and first[1] != other[1]


HIGHER = "learning rate 0.003"


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
        (
            "addition_without_repeat_vector",
            "RepeatVector, learning rate 0.003",
            1,
            10,
            0.003,
        ),
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
    codec, answer = (INTEGERS, ()) if name.startswith("echo") else (TEXTS, "")
    settings = SETTINGS[name]
    asked = ask(SCRIPTS[name], variant, lambda _: answer, codec, draws=0, **settings)
    assert (asked.epochs, asked.batch_size) == (epochs, batch_size)
    assert float(asked.model.optimizer.learning_rate) == pytest.approx(rate)


def stacked():
    name, epochs = "LSTM 10, 2 epochs, falling rate", (1, 2)
    return ask(addition_stacked_lstm, name, sum, Numbers(), epochs=epochs).model


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
        ("addition_heldout", "--largest 10 100", "largest"),
        ("addition_heldout", "--largest 2 10 100", "largest must be at least 3"),
        ("addition_heldout", "--epochs 30 300", "epochs must be at most 30"),
        ("addition_integer_encoding", "--epochs 100 30 400", "epochs must ascend"),
        ("addition_linear", "--largest 10001", "largest must be at most 10000"),
        ("addition_one_plus_one", "--epochs 50 30", "epochs must ascend"),
        ("addition_operations", "--largest 4", "largest must be at least 5"),
        ("addition_padding", "--epochs 9", "epochs must be at least 10"),
        ("addition_padding", "--largest 2", "largest must be at least 3"),
        ("addition_stacked_lstm", "--epochs 100 100", "epochs must ascend"),
        ("addition_variable_terms", "--terms 3", "terms must be at least 4"),
        ("addition_variable_terms", "--largest 4", "largest must be at least 5"),
        ("echo_lag", "--epochs 5 0", "epochs"),
        ("echo_linear", "--epochs 5", "epochs"),
        ("echo_longer", "--epochs 0", "epochs"),
        ("echo_stateless", "--units 3 x", "units"),
        ("echo_topologies", "--variant LSTM", "there is no --variant 'LSTM'"),
        ("echo_topologies", "--units 40 20 80 150", "units must ascend"),
        ("addition_data", "--largest 0", "at least 1, not 0"),
        ("echo_data", "--n-out 6", "n_out 6 is larger than n_in 5"),
        ("echo_data", "--length 4", "length 4 is shorter than n_in 5"),
        ("echo_data", "--runs 2", "--runs"),
        ("echo_data", "--sequence 1 2", "length 2 is shorter than n_in 5"),
        ("echo_data", "--sequence 1 2 3 4 100", "100 is outside [0, 100)"),
        ("echo_data", "--sequence 1 2 3 4 x", "'x'"),
        ("echo_data", "--sequence 1 2 3 4 5 --seed 2", "--seed does not go with"),
    ],
)
def test_wrong_flags_are_refused(name, flags, reason, refused):
    script = importlib.import_module(f"extensions.{name}")
    assert reason in refused(script.main, *flags.split())

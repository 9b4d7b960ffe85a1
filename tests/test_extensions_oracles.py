"""All extensions in one table: who knows a task is right, and who slips gets what is left.

Pointers have their own in test_extensions_pointer.py.
"""

import importlib
import zlib
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
import pytest
from oracles import Integers, Numbers, Texts, add, ask, terms, value

from common import windows
from common.scores import EXACT, PER_CHARACTER, PER_ELEMENT
from extensions import (
    addition_attention,
    addition_autoregressive,
    addition_brackets,
    addition_digits,
    addition_heldout,
    addition_integer_encoding,
    addition_length,
    addition_linear,
    addition_one_plus_one,
    addition_operations,
    addition_padding,
    addition_stacked_lstm,
    addition_variable_terms,
    addition_without_repeat_vector,
    echo_attention,
    echo_embedding,
    echo_lag,
    echo_length,
    echo_linear,
    echo_longer,
    echo_padded_output,
    echo_stateless,
    echo_topologies,
    echo_varying_length,
)
from extensions.tools.expressions import parse
from extensions.tools.heldout import unordered

SMALL = {  # settings
    addition_autoregressive: {"epochs": 1, "largest": 30, "test": 100, "units": (2, 3)},
    addition_brackets: {"epochs": 1, "units": 2},
    addition_digits: {"epochs": 1},
    addition_heldout: {"largest": (5, 12, 13), "epochs": (3, 1)},
    addition_integer_encoding: {"largest": (4, 12), "epochs": (1, 2, 3)},
    addition_linear: {"epochs": 2},
    addition_one_plus_one: {"epochs": (1, 2)},
    addition_operations: {"epochs": 1, "largest": 20, "units": 2},
    addition_padding: {"largest": 12, "epochs": 30},
    addition_stacked_lstm: {"epochs": (1, 2)},
    addition_variable_terms: {"epochs": 1, "units": 2},
    addition_without_repeat_vector: {"epochs": 1},
    echo_embedding: {"units": 3},
    echo_lag: {"units": 4},
    echo_linear: {"units": (3, 4)},
    echo_longer: {"units": 3},
    echo_padded_output: {"units": 3},
    echo_stateless: {"units": (3, 4)},
    echo_topologies: {"units": (2, 3, 4, 5)},
    echo_varying_length: {"units": 3},
}
NUMBERS = {  # of tests and batches
    **{
        script: {"N_EXAMPLES": 320}
        for script in (
            addition_autoregressive,
            addition_brackets,
            addition_digits,
            addition_operations,
            addition_variable_terms,
        )
    },
    addition_without_repeat_vector: {"N_TEST": 100},
    addition_attention: {"N_TEST": 300, "N_EDGE_CASES": 30},
    addition_length: {
        "LENGTHS": (20, 30),
        "LONG_CARRIES": (25,),
        "UNEQUAL": ((25, 3),),
        "N_BATCHES": 40,
        "N_TEST": 9,
        "N_PLACES": 60,
    },
    echo_attention: {"N_TEST": 100},
    echo_length: {"LENGTHS": (2, 60), "N_BATCHES": 50, "N_TEST": 20},
    echo_embedding: {"N_TEST": 2},
    **{
        script: {"N_TEST": 2}  # sequences
        for script in (
            echo_lag,
            echo_linear,
            echo_longer,
            echo_padded_output,
            echo_stateless,
            echo_topologies,
            echo_varying_length,
        )
    },
}


@pytest.fixture(autouse=True)
def small_tests(monkeypatch):
    monkeypatch.setattr(windows, "N_TEST", 2)
    for script, numbers in NUMBERS.items():
        for name, number in numbers.items():
            monkeypatch.setattr(script, name, number)


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
    return unordered(parse(text))


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


def without_empty(sequence, step=1):
    return [symbol for symbol in sequence if symbol != echo_length.EMPTY][::step]


class Task(NamedTuple):
    """A variant, and who knows what it is to learn."""

    script: ModuleType
    variant: str
    know: Any
    codec: Any
    tests: Any = all_of
    same: Any = None  # a function, where no question of the test is drawn
    changes: tuple = ()  # of the variant


PUBLISHED = "2 of 5 and three zeros, RepeatVector"
UP_TO_20 = "20 digits", "30 digits", "25 + 3 digits", "Long carries, 25"
TASKS = [
    Task(addition_digits, "2 digits, 16 units", add, Texts(), same=same_terms),
    Task(addition_autoregressive, "RepeatVector", add, Texts(), same=same_terms),
    Task(
        addition_autoregressive, "autoregressive, attention", add, Texts(), same=same_terms
    ),
    *[
        Task(addition_brackets, name, value, Texts(), by_depth, same_expression)
        for name in ("+, - and *", f"+ and -{addition_brackets.EQUALLY_MANY}")
    ],
    *[
        Task(addition_operations, name, value, Texts(), by_operation)
        for name in ("all four", "quotients alone")
    ],
    Task(
        addition_variable_terms,
        "1 to 4, spaces",
        add,
        Texts(),
        by_terms(1, 2, 3, 4),
        same_terms,
    ),
    Task(
        addition_variable_terms,
        "without 3, zeros",
        add,
        Texts(),
        by_terms(1, 2, 4),
        same_terms,
    ),
    Task(addition_integer_encoding, "scaled integers", add, Texts()),
    *[
        Task(addition_integer_encoding, f"unseen: {name}", add, Texts(), same=same_terms)
        for name in ("one-hot", "scaled integers, answers too", "embedding")
    ],
    Task(addition_one_plus_one, "as the tutorial", add, Texts()),
    Task(addition_one_plus_one, "numbers 2 to 10", add, Texts()),
    *[
        Task(addition_padding, name, add, codec, same=same_terms)
        for name, codec in {
            "whole question": Texts(),
            "each term": Texts(),
            "question reversed": Texts(question_step=-1),
            "Masking": Texts(),
            "padding not counted, answer reversed": Texts(answer_step=-1),
        }.items()
    ],
    Task(addition_padding, addition_padding.READERS, add, Texts()),
    *[
        Task(addition_without_repeat_vector, name, add, Texts())
        for name in [*addition_without_repeat_vector.VARIANTS][:4]
    ],
    *[
        Task(
            addition_attention,
            f"3 digits, {name}, RepeatVector",
            know,
            Integers(),
            edge_cases,
            same_digits,
            (("n_sums", 1000),),
        )
        for name, know in {
            "least significant first, new 45,000 sums per epoch": add_digits,
            "most significant first, the same 45,000 sums per epoch": add_as_written,
        }.items()
    ],
    *[
        Task(
            addition_length,
            name,
            add_places,
            codec,
            one_test_a_call(*UP_TO_20),
            same_digits,
        )
        for name, codec in {
            "places, up to 20 digits": Places(),
            "digits side by side": SideBySide(),
        }.items()
    ],
    Task(echo_attention, PUBLISHED, lambda s: (*s[:2], 0, 0, 0), Integers(), same=tuple),
    Task(echo_attention, "2 of 5, attention", first(2), Integers(), same=tuple),
    Task(echo_attention, "50 of 50, RepeatVector", first(50), Integers(), same=tuple),
    Task(
        echo_attention, "50 reversed, attention", lambda s: s[::-1], Integers(), same=tuple
    ),
    Task(echo_embedding, "100, one-hot", first(5), Integers(), of_parts),
    Task(echo_embedding, "100, embedding", first(5), Integers(), of_parts),
    Task(echo_lag, "Dense 4, k = 2", first(5), Integers(before=2, filling=7)),
    Task(echo_linear, "partial: scaled, LSTMs", first(2), Integers()),
    Task(echo_linear, "partial: scaled, linear, falling rate", first(2), Integers()),
    Task(echo_linear, "whole: one-hot, LSTM", first(5), Integers()),
    Task(echo_longer, "3 of 5, 3 units, 5000 epochs", first(3), Integers(), of_parts),
    Task(echo_padded_output, "encoder-decoder", first(2), Integers()),
    Task(echo_padded_output, "padded after", first(2), Integers(filling=100)),
    Task(echo_padded_output, "padded before", first(2), Integers(3, 100)),
    Task(
        echo_stateless, "partial, stateful, batch size 7", first(2), Integers(), first_asked
    ),
    Task(
        echo_stateless, "whole, stateless, batch size 7", first(5), Integers(), first_asked
    ),
    *[
        Task(echo_topologies, f"{name}, 5 units", first(5), Integers())
        for name in echo_topologies.TOPOLOGIES
    ],
    *[
        Task(
            echo_varying_length,
            name,
            as_long_as_asked,
            Integers(filling=101),
            by_wanted_length,
        )
        for name in ("start symbol, greedy", "RepeatVector")
    ],
]


def run(task, know, seed=1):
    sizes = {"seed": seed, "changes": task.changes, **SMALL.get(task.script, {})}
    return ask(task.script, task.variant, know, task.codec, **sizes)


def flip(answer):
    """The answer with another last symbol: 13 becomes 12, 4 becomes 5."""
    if isinstance(answer, int):
        return (
            int(f"{str(answer)[:-1]}{int(str(answer)[-1]) ^ 1}")
            if answer >= 0
            else answer - 1
        )
    return (*answer[:-1], answer[-1] ^ 1)


def slips(question):
    return zlib.crc32(repr(question).encode()) % 2


def id_of(task):
    return f"{task.script.__name__[11:]}, {task.variant}"


@pytest.mark.parametrize("task", TASKS, ids=id_of)
def test_who_knows_is_right_and_who_slips_gets_what_is_left(task):
    """Training draws no question of the test; data have the shapes that the model has."""

    def slip(question):
        answer = task.know(question)
        return flip(answer) if slips(question) else answer

    asked = run(task, slip)
    tests = task.tests(asked.calls)
    for score, questions in tests.items():
        right = sum(not slips(question) for question in questions)
        assert asked.scores[score] == (right, len(questions)), score
    tested = sum(tests.values(), [])
    n_wrong = sum(map(slips, tested))
    assert 0 < n_wrong < len(tested)
    for score in {PER_CHARACTER, PER_ELEMENT} & asked.scores.keys():
        assert asked.scores[score].total - asked.scores[score].right == n_wrong
    if task.same:
        assert not {*map(task.same, asked.questions)} & {*map(task.same, tested)}


@pytest.mark.parametrize("task", {task.script: task for task in TASKS}.values(), ids=id_of)
def test_weights_and_data_are_those_of_the_seed(task):
    def drawn(seed):
        asked = run(task, lambda question: flip(task.know(question)), seed)
        return asked.questions, asked.model.get_weights()[0].tolist()

    first, again, other = map(drawn, (1, 1, 2))
    assert first == again
    assert first[0] != other[0] and first[1] != other[1]


@pytest.mark.parametrize(
    ("script", "variant", "epochs", "batch_size", "rate"),
    [
        (addition_digits, addition_digits.EIGHT_TIMES, 8, 32, 0.003),
        (addition_heldout, "up to 13, learning rate 0.003", 3, 10, 0.003),
        (addition_heldout, "up to 5, 1 epochs, batch size 1", 1, 1, 0.001),
        (addition_integer_encoding, "scaled integers, more epochs", 2, 10, 0.001),
        (addition_integer_encoding, "unseen: scaled integers, rate 0.01", 3, 10, 0.01),
        (addition_one_plus_one, "2 epochs", 2, 10, 0.001),
        (addition_one_plus_one, "learning rate 0.003", 1, 10, 0.003),
        (addition_operations, addition_operations.LONGER, 3, 32, 0.003),
        (addition_padding, "each term, learning rate 0.003", 30, 10, 0.003),
        (addition_padding, "up to 10, 10 epochs", 10, 10, 0.001),
        (addition_without_repeat_vector, "RepeatVector, learning rate 0.003", 1, 10, 0.003),
        (echo_embedding, "10,000, embedding, default rate", 400, 100, 0.001),
        (echo_lag, "LSTM 4, k = 3, 15000 epochs", 15000, 7, 0.001),
        (echo_longer, "3 of 5, 3 units, 5000 epochs, rate 0.003", 5000, 21, 0.003),
        (echo_padded_output, "padded before, rate 0.01", 5000, 21, 0.01),
        (echo_topologies, "many-to-one, 5 units, 3 x epochs", 15000, 21, 0.001),
        (echo_topologies, "many-to-one, 5 units, rate 0.003", 5000, 21, 0.003),
        (echo_varying_length, "RepeatVector, rate 0.003, 3 x epochs", 15000, 21, 0.003),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_a_variant_has_the_budget_and_the_rate_that_it_says(
    script, variant, epochs, batch_size, rate
):
    codec = Integers() if script.__name__.startswith("extensions.echo") else Texts()
    asked = ask(script, variant, lambda _: codec.nothing, codec, draws=0, **SMALL[script])
    assert (asked.epochs, asked.batch_size) == (epochs, batch_size)
    assert float(asked.model.optimizer.learning_rate) == pytest.approx(rate)


@pytest.mark.parametrize(
    ("model", "n_updates", "rate"),
    [
        (
            lambda: addition_attention.build_model(addition_attention.Variant(), 12),
            12,
            0.002,
        ),
        (lambda: addition_length.build_model(addition_length.Variant(), 12), 12, 0.002),
        (lambda: echo_length.build_model(echo_length.Variant(), 12), 12, 0.002),
        (
            lambda: echo_linear.build_model(
                echo_linear.VARIANTS["whole: scaled, linear, falling rate"], 3, epochs=4
            ),
            12,  # 3 batches an epoch
            0.01,
        ),
        (
            lambda: (
                ask(
                    addition_stacked_lstm,
                    "LSTM 10, 2 epochs, falling rate",
                    sum,
                    Numbers(),
                    epochs=(1, 2),
                ).model
            ),
            200,  # 100 sums an epoch
            0.001,
        ),
    ],
)
def test_a_falling_rate_ends_at_zero_with_the_last_update(model, n_updates, rate):
    schedule = model().optimizer._learning_rate
    rates = [float(schedule(step)) for step in (0, n_updates // 2, n_updates)]
    assert rates == pytest.approx([rate, rate / 2, 0], abs=1e-9)


SCRIPTS = {
    path.stem: importlib.import_module(f"extensions.{path.stem}")
    for path in Path(addition_digits.__file__).parent.glob("*_*.py")
    if not path.stem.endswith("_data") and path.stem != "__init__"
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_what_is_compared_are_variants(script):
    experiment, settings = script.experiment, script.Settings()
    names = experiment.variants(settings)
    assert {name for pair in experiment.compares(settings) for name in pair[:2]} <= {*names}
    assert experiment.tested_on(settings)
    if experiment.show:
        assert experiment.show[0] in names


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
        ("addition_without_repeat_vector", "--plot curve.png", "--plot"),
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

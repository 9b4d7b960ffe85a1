"""Expressions: drawn, evaluated, and written in exact widths."""

import itertools
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import tokens, value

from common.characters import invert
from extensions.tools.expressions import (
    SYMBOLS,
    alphabet,
    encode_expressions,
    evaluate,
    expression_length,
    random_expression,
    to_text,
    value_length,
)

mixes = st.sets(st.sampled_from("+-*"), min_size=1).map(lambda mix: "".join(sorted(mix)))


def test_hand_worked_values():
    values = {"2+3*4": 14, "(2+3)*4": 20, "9-3-2": 4, "9-(3-2)": 8, "7": 7}
    values |= {"2*3²": 18, "(2*3)²": 36, "1-2*3+4": -1}
    values |= {"7/2": 3, "2/7": 0, "6/2": 3, "3*5/2": 7, "3*(5/2)": 6, "1-7/2": -2}
    assert {text: evaluate(tokens(text)) for text in values} == values


@given(
    mixes, st.integers(1, 120), st.integers(2, 3), st.integers(0, 3), st.integers(0, 2**32)
)
def test_drawn_expressions_have_their_shape_and_fit_their_widths(
    mix, largest, n_operands, depth, seed
):
    sizes = {"n_operands": n_operands, "depth": depth}
    expression = random_expression(mix, largest, **sizes, rng=Random(seed))
    text = to_text(expression)
    assert tokens(text) == expression
    open_brackets = itertools.accumulate({"(": 1, ")": -1}.get(c, 0) for c in text)
    assert text.count("(") == max(open_brackets) == depth
    assert sum(text.count(operation) for operation in mix) == (n_operands - 1) * (depth + 1)
    n_in = expression_length(mix, largest, **sizes)
    n_out = value_length(mix, largest, **sizes)
    X, y = encode_expressions([expression], n_in, n_out)
    assert X.shape == (1, n_in, 17) and y.shape == (1, n_out, 17)
    assert invert(X[0], SYMBOLS) == text.rjust(n_in)
    assert int(invert(y[0], SYMBOLS)) == value(text)


def every_expression(mix, largest, n_operands, depth):
    brackets = [*every_expression(mix, largest, n_operands, depth - 1)] if depth else []
    numbers = range(1, largest + 1)
    for place in range(n_operands if depth else 1):
        choices = [brackets if depth and i == place else numbers for i in range(n_operands)]
        for operands in itertools.product(*choices):
            for drawn in itertools.product(mix, repeat=n_operands - 1):
                pairs = zip(drawn, operands[1:])
                yield (operands[0], *itertools.chain.from_iterable(pairs))


@pytest.mark.parametrize("mix", ["+", "-", "*", "+-", "+*", "-*", "+-*"])
@pytest.mark.parametrize(
    ("largest", "n_operands", "depth"),
    [(9, 2, 0), (12, 2, 0), (4, 2, 1), (3, 2, 2), (4, 3, 0), (2, 3, 1)],
)
def test_widths_are_those_of_the_longest_expression_and_value(
    mix, largest, n_operands, depth
):
    drawn = []
    for level in range(depth + 1):
        drawn += every_expression(mix, largest, n_operands, level)
    sizes = {"n_operands": n_operands, "depth": depth}
    assert expression_length(mix, largest, **sizes) == max(len(to_text(e)) for e in drawn)
    assert value_length(mix, largest, **sizes) == max(len(str(evaluate(e))) for e in drawn)


def test_squares_and_quotients_are_drawn_and_have_exact_widths():
    rng = Random(1)
    texts = {to_text(random_expression("+²", 3, rng=rng)) for _ in range(500)}
    assert {"1²", "2²", "3²"} < texts and len(texts) == 3 + 9
    assert [value_length("²", n) for n in (3, 4, 31, 32, 99, 100)] == [1, 2, 3, 4, 4, 5]
    assert [expression_length(mix, 10) for mix in ("²", "+²")] == [3, 5]
    assert value_length("+²", 3) == 1 and value_length("+²", 5) == 2
    drawn = [random_expression("/", 99, rng=rng) for _ in range(500)]
    assert {operation for _, operation, _ in drawn} == {"/"}
    assert (expression_length("/", 99), value_length("/", 99)) == (5, 2)
    assert (expression_length("*/", 9), value_length("*/", 9)) == (3, 2)


def test_values_are_padded_on_their_left_and_may_be_negative():
    X, y = encode_expressions([tokens("3-10"), tokens("9+9")], n_in=5, n_out=2)
    assert [invert(x, SYMBOLS) for x in X] == [" 3-10", "  9+9"]
    assert [invert(answer, SYMBOLS) for answer in y] == ["-7", "18"]
    assert X.dtype == y.dtype == np.float32


def test_the_alphabet_has_a_division_sign_where_there_is_division():
    assert alphabet("+-*²") == SYMBOLS and alphabet("+/") == [*SYMBOLS, "/"]
    X, y = encode_expressions([tokens("7/2")], 3, 1, alphabet("/"))
    assert X.shape == (1, 3, 18) and y.shape == (1, 1, 18)
    assert invert(X[0], alphabet("/")) == "7/2" and invert(y[0], alphabet("/")) == "3"


WRONG_TOKENS = [(), (3, "+"), (3, "%", 4), (3.5,), ("print",), (3, (4,))]
WRONG_SIZES = [  # mix, largest, n_operands, depth
    ("", 9, 2, 0, "operations must be out of"),
    ("+%", 9, 2, 0, "operations must be out of"),
    ("+", 0, 2, 0, "largest must be at least 1"),
    ("+", 9, 1, 0, "n_operands must be at least 2"),
    ("²", 9, 2, 1, "depth 0 only"),
    ("/", 9, 3, 0, "2 operands"),
]


@pytest.mark.filterwarnings("ignore:'int' object is not callable:SyntaxWarning")
@pytest.mark.parametrize("expression", WRONG_TOKENS)
def test_what_is_no_expression_has_no_value(expression):
    with pytest.raises(ValueError, match="is not an expression"):
        evaluate(expression)


@pytest.mark.parametrize(("mix", "largest", "n_operands", "depth", "why"), WRONG_SIZES)
def test_what_cannot_be_drawn_is_refused(mix, largest, n_operands, depth, why):
    sizes = {"n_operands": n_operands, "depth": depth}
    for call, more in (
        (random_expression, {"rng": Random(1)}),
        (expression_length, {}),
        (value_length, {}),
    ):
        with pytest.raises(ValueError, match=why):
            call(mix, largest, **sizes, **more)


@pytest.mark.parametrize(
    ("text", "sizes", "message"),
    [
        ("3/(1-1)", (7, 1), r"'3/\(1-1\)' divides by 0"),
        ("10+3", (3, 2), r"'10\+3' is longer than 3"),
        ("3-10", (4, 1), "'-7' is longer than 1"),
        ("7/2", (3, 1), "'/' is not in the alphabet"),
    ],
)
def test_what_does_not_fit_is_refused(text, sizes, message):
    with pytest.raises(ValueError, match=message):
        encode_expressions([tokens(text)], *sizes)

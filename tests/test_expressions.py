"""Expressions: written, read and evaluated as Python would, in exact widths."""

import itertools
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.characters import invert
from extensions.tools.expressions import (
    SYMBOLS,
    alphabet,
    encode_expressions,
    evaluate,
    expression_length,
    parse,
    random_expression,
    to_text,
    value_length,
)

numbers = st.integers(0, 120)


def longer(operands):
    """Expressions out of operands: one to four of them, some squared."""
    part = st.tuples(st.sampled_from("+-*"), operands, st.booleans())
    return st.lists(part, min_size=1, max_size=4).map(
        lambda parts: sum(
            [(op, x, "²") if squared else (op, x) for op, x, squared in parts], ()
        )[1:]
    )


expressions = st.recursive(longer(numbers), lambda inner: longer(numbers | inner))
mixes = st.sets(st.sampled_from("+-*"), min_size=1).map(lambda mix: "".join(sorted(mix)))


@given(expressions)
def test_what_is_written_is_read_back(expression):
    assert parse(to_text(expression)) == expression


@given(expressions)
def test_values_are_those_that_python_finds_by_its_own_precedence(expression):
    assert evaluate(expression) == eval(to_text(expression).replace("²", "**2"))


def test_quotients_are_those_that_python_rounds_down():
    for a, b, c in itertools.product(range(1, 6), repeat=3):
        for mix in itertools.product("+-*/", repeat=2):
            text = f"{a}{mix[0]}{b}{mix[1]}{c}"
            assert evaluate(parse(text)) == eval(text.replace("/", "//"))


@given(
    mixes, st.integers(1, 120), st.integers(2, 3), st.integers(0, 3), st.integers(0, 2**32)
)
def test_drawn_expressions_have_their_shape_and_fit_their_widths(
    mix, largest, n_operands, depth, seed
):
    sizes = {"n_operands": n_operands, "depth": depth}
    expression = random_expression(mix, largest, **sizes, rng=Random(seed))
    text = to_text(expression)
    open_brackets = itertools.accumulate({"(": 1, ")": -1}.get(c, 0) for c in text)
    assert text.count("(") == max(open_brackets) == depth
    assert sum(text.count(operation) for operation in mix) == (n_operands - 1) * (depth + 1)
    n_in = expression_length(mix, largest, **sizes)
    n_out = value_length(mix, largest, **sizes)
    X, y = encode_expressions([expression], n_in, n_out)
    assert X.shape == (1, n_in, 17) and y.shape == (1, n_out, 17)
    assert parse(invert(X[0], SYMBOLS).strip()) == expression
    assert int(invert(y[0], SYMBOLS)) == evaluate(expression)


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
    [(9, 2, 0), (12, 2, 0), (4, 2, 1), (3, 2, 2), (4, 3, 0), (11, 3, 0), (2, 3, 1)],
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
    quotients = [random_expression("/", 99, rng=rng) for _ in range(500)]
    assert {operation for _, operation, _ in quotients} == {"/"}
    assert [value_length("²", n) for n in (3, 4, 31, 32, 99, 100)] == [1, 2, 3, 4, 4, 5]
    assert value_length("+²", 3) == 1 and value_length("+²", 5) == 2
    widths = {mix: expression_length(mix, 10) for mix in ("²", "+²", "/", "*/")}
    assert widths == {"²": 3, "+²": 5, "/": 5, "*/": 5}
    assert (value_length("/", 99), value_length("*/", 9)) == (2, 2)


def test_the_alphabet_has_a_division_sign_where_there_is_division():
    assert alphabet("+-*²") == SYMBOLS and alphabet("+/") == [*SYMBOLS, "/"]
    X, y = encode_expressions([parse("7/2")], 3, 1, alphabet("/"))
    assert X.shape == (1, 3, 18) and y.shape == (1, 1, 18)
    assert invert(X[0], alphabet("/")) == "7/2" and invert(y[0], alphabet("/")) == "3"


WRONG_SIZES = [  # operations, largest, n_operands, depth
    ("", 9, 2, 0, "operations must be out of"),
    ("+%", 9, 2, 0, "operations must be out of"),
    ("+", 0, 2, 0, "largest must be at least 1"),
    ("+", 9, 1, 0, "n_operands must be at least 2"),
    ("²", 9, 2, 1, "depth 0 only"),
    ("/", 9, 3, 0, "2 operands"),
]


@pytest.mark.parametrize(
    "text", ["", "3+", "-3", "3++4", "(3+4", "3+4)", "3 +4", "3²²", "03+4"]
)
def test_what_is_no_expression_is_not_read(text):
    with pytest.raises(ValueError, match="is not an expression"):
        parse(text)


@pytest.mark.parametrize("tokens", [(), (3, 4), (3, "+"), (3, "%", 4), (3.0,)])
def test_wrong_tokens_are_neither_written_nor_evaluated(tokens):
    for function in (to_text, evaluate):
        with pytest.raises(ValueError, match="expression is a tuple|out of place|miss"):
            function(tokens)


@pytest.mark.parametrize(("mix", "largest", "n_operands", "depth", "message"), WRONG_SIZES)
def test_wrong_sizes_are_refused(mix, largest, n_operands, depth, message):
    sizes = {"n_operands": n_operands, "depth": depth}
    for function in (random_expression, expression_length, value_length):
        more = {"rng": Random(1)} if function is random_expression else {}
        with pytest.raises(ValueError, match=message):
            function(mix, largest, **sizes, **more)


@pytest.mark.parametrize(
    ("text", "n_in", "n_out", "message"),
    [
        ("10+3", 3, 2, r"'10\+3' is longer than 3"),
        ("3-10", 4, 1, "'-7' is longer than 1"),
        ("7/2", 3, 1, "'/' is not in the alphabet"),
        ("3/(1-1)", 9, 9, r"'3/\(1-1\)' divides by 0"),
    ],
)
def test_what_has_no_room_and_no_value_is_not_encoded(text, n_in, n_out, message):
    with pytest.raises(ValueError, match=message):
        encode_expressions([parse(text)], n_in, n_out)

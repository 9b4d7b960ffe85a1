"""Expressions such as "(3-7)*2" as strings of characters, with answers such as "-8".

An expression is a tuple of tokens, in the order in which they are written: integers,
operations, "²" behind a number (its square), and a tuple for what stands in brackets. Its
value is what Python finds; of a quotient, the whole number below.

>>> expression = ((3, "-", 7), "*", 2)
>>> to_text(expression), evaluate(expression)
('(3-7)*2', -8)
>>> [evaluate(e) for e in ((3, "-", 7, "*", 2), (3, "²"), (7, "/", 2))]
[-11, 9, 3]
>>> X, y = encode_expressions([expression], n_in=7, n_out=3)
>>> X.shape, y.shape
((1, 7, 17), (1, 3, 17))
>>> from common.characters import invert
>>> invert(y[0], SYMBOLS)
' -8'
"""

import functools
import itertools

from common.characters import integer_encode, pad
from common.checks import check_size
from common.onehot import one_hot_encode

SYMBOLS = list("0123456789+-*²() ")  # 17; the space pads
BINARY = ("+", "-", "*", "/")
SQUARE, QUOTIENT = "²", "/"


def alphabet(operations):
    """The symbols of expressions with these operations: `SYMBOLS`, and "/" if need be."""
    return [*SYMBOLS, QUOTIENT] if QUOTIENT in operations else SYMBOLS


def random_expression(operations, largest, *, n_operands=2, depth=0, rng):
    """Draw an expression whose brackets are nested exactly `depth` deep.

    Args:
        operations: A string out of "+-*/²", of which each operation is drawn alike; "²"
            stands for the square of one number. "/" and "²" go with 2 operands and depth
            0 only.
        largest: The integers come from [1, `largest`].
        n_operands: On every level; one of them, anywhere, is the bracket with the next
            level in it, the others are integers.
        depth: 0 for no brackets.
        rng: A `random.Random`.

    Returns a tuple. Raises ValueError for other arguments.
    """
    operations = _check_operations(operations, n_operands, depth)
    largest = check_size("largest", largest)
    drawn = [rng.choice(operations) for _ in range(n_operands - 1)]
    if drawn == [SQUARE]:
        return rng.randint(1, largest), SQUARE
    operands = [rng.randint(1, largest) for _ in range(n_operands)]
    if depth:
        inner = {"n_operands": n_operands, "depth": depth - 1, "rng": rng}
        place = rng.randrange(n_operands)
        operands[place] = random_expression(operations, largest, **inner)
    return _alternate(operands, drawn)


def to_text(expression):
    """Write an expression, without spaces."""
    return "".join(
        [f"({to_text(t)})" if isinstance(t, tuple) else str(t) for t in expression]
    )


def evaluate(expression):
    """The value of an expression, an int; of a quotient, the whole number below.

    Raises ValueError for what is not an expression, and for a division by 0.
    """
    return _value(to_text(expression))


@functools.lru_cache(maxsize=100_000)
def _value(text):
    try:
        if not {*text} <= {*SYMBOLS, QUOTIENT}:  # names, say, which Python would look up
            raise ValueError
        return int(eval(text.replace(SQUARE, "**2").replace(QUOTIENT, "//")))
    except ZeroDivisionError:
        raise ValueError(f"{text!r} divides by 0") from None
    except (SyntaxError, TypeError, ValueError):
        raise ValueError(f"{text!r} is not an expression") from None


def expression_length(operations, largest, *, n_operands=2, depth=0):
    """Characters of the longest expression that `random_expression` draws with these.

    >>> [expression_length(mix, 99) for mix in ("+", "+-*²", "²")]
    [5, 5, 3]
    """
    operations = _check_operations(operations, n_operands, depth)
    digits = len(str(check_size("largest", largest)))
    if operations == SQUARE:
        return digits + 1
    a_level = n_operands * (digits + 1) - 1
    return a_level + depth * (a_level - digits + 2)  # a bracket in place of a number


def value_length(operations, largest, *, n_operands=2, depth=0):
    """Characters of the longest value that `random_expression` draws with these.

    Of every nesting depth up to `depth`, the minus sign included.

    >>> [value_length(mix, 99) for mix in ("+", "-", "*", "/", "+-", "+-*", "²")]
    [3, 3, 4, 2, 3, 4, 4]
    """
    operations = _check_operations(operations, n_operands, depth)
    largest = check_size("largest", largest)
    binary = [operation for operation in operations if operation != SQUARE]
    lengths = [len(str(largest**2))] if SQUARE in operations else []
    bracket = (1, largest)
    for _ in range(depth + 1 if binary else 0):
        # Every operand occurs once, so that smallest and largest value are reached
        # where each operand is the smallest or the largest that it can be.
        values = []
        for place in range(n_operands):
            ends = [bracket if i == place else (1, largest) for i in range(n_operands)]
            for drawn in itertools.product(binary, repeat=n_operands - 1):
                for operands in itertools.product(*ends):
                    signed = [(operand,) for operand in operands]  # "(-5)*(3)"
                    values.append(evaluate(_alternate(signed, drawn)))
        bracket = (min(values), max(values))
        lengths += [len(str(value)) for value in bracket]
    return max(lengths)


def encode_expressions(expressions, n_in, n_out, symbols=SYMBOLS):
    """Encode expressions and their values, as characters padded on the left.

    Args:
        expressions: Tuples of tokens.
        n_in, n_out: Characters of a question and of an answer.
        symbols: What `alphabet` gives for the operations.

    Returns X, (samples, n_in, symbols), and y, (samples, n_out, symbols), one-hot, float32.
    Raises ValueError for an expression longer than `n_in` or a value than `n_out`.
    """
    questions = [pad(to_text(e), n_in) for e in expressions]
    answers = [pad(str(evaluate(e)), n_out) for e in expressions]
    X, y = integer_encode(questions, symbols), integer_encode(answers, symbols)
    return one_hot_encode(X, len(symbols)), one_hot_encode(y, len(symbols))


def _alternate(operands, operations):
    pairs = zip(operations, operands[1:])
    return (operands[0], *itertools.chain.from_iterable(pairs))


def _check_operations(operations, n_operands, depth):
    check_size("n_operands", n_operands, at_least=2)
    check_size("depth", depth, at_least=0)
    unknown = [operation for operation in operations if operation not in (*BINARY, SQUARE)]
    if unknown or not operations or len(set(operations)) < len(operations):
        raise ValueError(f"operations must be out of '+-*/²', not {operations!r}")
    if {SQUARE, QUOTIENT} & {*operations} and (n_operands, depth) != (2, 0):
        raise ValueError("'/' and '²' go with 2 operands and depth 0 only")
    return operations

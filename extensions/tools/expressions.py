"""Expressions such as "(3-7)*2" as strings of characters, with answers such as "-8".

An expression is a tuple of tokens, in the order in which they are written: integers
that are not negative, "+", "-", "*", "/" (whole numbers, rounded down), "²"
(squares what stands before it), and a tuple for what stands in brackets. Multiplication
and division come before addition and subtraction, and otherwise the left before the right:

    expression = term { ("+" | "-") term }
    term       = operand { ("*" | "/") operand }
    operand    = ( number | "(" expression ")" ) [ "²" ]

An example, from text to answer and to the network:

>>> parse("(3-7)*2")
((3, '-', 7), '*', 2)
>>> to_text(((3, "-", 7), "*", 2))
'(3-7)*2'
>>> [evaluate(parse(text)) for text in ("(3-7)*2", "3-7*2", "3²", "7/2")]
[-8, -11, 9, 3]
>>> X, y = encode_expressions([parse("(3-7)*2")], n_in=7, n_out=3)
>>> X.shape, y.shape
((1, 7, 17), (1, 3, 17))
>>> from common.characters import invert
>>> invert(y[0], SYMBOLS)
' -8'
"""

import itertools
import re

from common.characters import integer_encode, pad
from common.checks import check_size, is_integer
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
    """Write an expression, without spaces. ValueError for what is not an expression."""
    _operands(expression)
    return "".join(
        [f"({to_text(t)})" if isinstance(t, tuple) else str(t) for t in expression]
    )


def parse(text):
    """Read what `to_text` writes. Raises ValueError for anything else."""
    levels = [[]]
    for token in re.findall(r"[0-9]+|[^0-9]", text):
        if token == "(":
            levels.append([])
        elif token == ")" and len(levels) > 1:
            inner = tuple(levels.pop())
            levels[-1].append(inner)
        else:
            levels[-1].append(int(token) if token.isdecimal() else token)
    expression = tuple(levels[0])
    try:
        same = len(levels) == 1 and to_text(expression) == text
    except ValueError:
        same = False
    if not same:
        raise ValueError(f"{text!r} is not an expression")
    return expression


def evaluate(expression):
    """The value of an expression, an int; of a quotient, the whole number below.

    Raises ValueError for what is not an expression, and for a division by 0.
    """
    values, operations = _operands(expression)
    total, sign, term = 0, 1, values[0]
    for operation, value in zip(operations, values[1:]):
        if operation == "*":
            term *= value
        elif operation == QUOTIENT:
            if value == 0:
                raise ValueError(f"{to_text(expression)!r} divides by 0")
            term //= value
        else:
            total += sign * term
            sign, term = 1 if operation == "+" else -1, value
    return total + sign * term


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
                    values.append(_evaluate_signed(operands, drawn))
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


def _operands(expression):
    """The values of the operands, squared where they are to be, and the operations."""
    values, operations, before = [], [], None
    if not isinstance(expression, tuple) or not expression:
        raise ValueError(f"an expression is a tuple of tokens, not {expression!r}")
    for token in expression:
        after_operand = len(values) > len(operations)
        if isinstance(token, tuple) and not after_operand:
            values.append(evaluate(token))
        elif is_integer(token) and token >= 0 and not after_operand:
            values.append(int(token))
        elif token == SQUARE and after_operand and before != SQUARE:
            values[-1] **= 2
        elif token in BINARY and after_operand:
            operations.append(token)
        else:
            raise ValueError(f"{token!r} is out of place in {expression!r}")
        before = token
    if len(values) == len(operations):
        raise ValueError(f"the last operand is missing in {expression!r}")
    return values, operations


def _evaluate_signed(operands, operations):
    """`evaluate` for integers that may be negative, as a bracket's value may."""
    tokens = [operand if operand >= 0 else (0, "-", -operand) for operand in operands]
    return evaluate(_alternate(tokens, operations))


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

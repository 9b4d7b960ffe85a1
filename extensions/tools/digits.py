"""Sums of numbers of any length, as arrays of digits.

The digits of a number stand in the order in which they are added on paper, the least
significant first; the places above a number hold zeros.

>>> terms = np.array([[[9, 9, 0], [1, 0, 0]]])  # 99 + 1, three digits each
>>> add_terms(terms)
array([[0, 0, 1, 0]])
>>> sum_texts(terms), number_texts(add_terms(terms))
(['99+1'], ['100'])
>>> symbols(terms)  # as a network reads it: digits, and a 10 for the plus
array([[ 9,  9,  0, 10,  1,  0,  0]])
"""

import numpy as np

from common.checks import check_share, check_size

PLUS = 10  # the symbol between the terms
N_SYMBOLS = 11


def draw_terms(
    n: int, n_digits: int, *, any_length: float = 0.0, generator: np.random.Generator
) -> np.ndarray:
    """Draw pairs of terms, uniform over [0, 10**`n_digits`).

    Args:
        n: Pairs.
        n_digits: Of each term.
        any_length: The share of the pairs, from 0 to 1, that is cut, so that there are
            short terms, too: of each term as many digits are kept as is drawn from 1 to
            `n_digits`, all as likely.
        generator: A `numpy.random.Generator`.

    Returns integers, (n, 2, n_digits). Raises ValueError for a size below 1, or a share
    outside [0, 1].
    """
    n, n_digits = check_size("n", n), check_size("n_digits", n_digits)
    check_share("any_length", any_length)
    terms = generator.integers(0, 10, (n, 2, n_digits))
    lengths = generator.integers(1, n_digits + 1, (n, 2, 1))
    lengths[generator.random(n) >= any_length] = n_digits
    return np.where(np.arange(n_digits) < lengths, terms, 0)


def unordered_terms(pair: np.ndarray) -> frozenset:
    """A key that is the same for 2 + 5, 5 + 2 and 005 + 002. `pair`: (2, n_digits)."""
    digits = np.asarray(pair, dtype=np.uint8)
    return frozenset([term.tobytes().rstrip(b"\0") for term in digits])


def add_terms(terms):
    """The digits of the sums, (n, n_digits + 1), of `terms`, (n, 2, n_digits).

    Raises ValueError for anything but digits, and for another shape.
    """
    terms = check_digits(terms, axes=3)
    columns = np.pad(terms.sum(axis=1), ((0, 0), (0, 1)))
    for place in range(columns.shape[1] - 1):  # carry, from place to place
        columns[:, place + 1] += columns[:, place] // 10
    return columns % 10


def edge_cases(
    n: int, n_digits: int, *, generator: np.random.Generator
) -> dict[str, np.ndarray]:
    """Sums of each kind on which adding can fail though most sums are right.

    Args:
        n: As many of each kind at most; no pair stands twice in one kind.
        n_digits: Of each term, 2 or more.
        generator: A `numpy.random.Generator`.

    Returns {kind: terms, (up to n, 2, n_digits)}: "Long carries" (through
    all the digits, as in 999 + 1), "Zeros" (a term is 0, or both), "Equal terms",
    "Unequal lengths" (one digit and `n_digits`). Raises ValueError for a size below 1, or
    terms of a single digit.
    """
    check_size("n_digits", n_digits, at_least=2)
    numbers, others = (
        draw_terms(n, n_digits, generator=generator),
        draw_terms(n, n_digits, generator=generator),
    )
    zero, equal, unequal = numbers.copy(), numbers.copy(), others.copy()
    swapped = np.arange(n) % 2  # which of the terms is the special one
    zero[np.arange(n), swapped] = 0
    zero[0] = 0
    equal[:, 1] = equal[:, 0]
    unequal[np.arange(n), swapped, 1:] = 0
    unequal[np.arange(n), 1 - swapped, -1] = generator.integers(1, 10, n)
    return {
        "Long carries": _distinct(carried_through(n, n_digits, generator=generator)),
        "Zeros": _distinct(zero),
        "Equal terms": _distinct(equal),
        "Unequal lengths": _distinct(unequal),
    }


def carried_through(n: int, n_digits: int, *, generator: np.random.Generator) -> np.ndarray:
    """Draw pairs of terms whose carry runs through all the digits of the longer one.

    The first pairs are 9 + 1, 99 + 1, 999 + 1 and so on up to `n_digits` nines; some of
    them are left out where that would be more than half of the pairs. The others have
    `n_digits` digits, of which the lowest add up to ten or more, all the others to nine.

    Args:
        n, n_digits, generator: As for `draw_terms`.

    Returns integers, (n, 2, n_digits). Raises ValueError for a size below 1.
    """
    terms = draw_terms(n, n_digits, generator=generator)
    terms[:, 1] = 9 - terms[:, 0]
    terms[:, 0, 0] = generator.integers(1, 10, n)
    terms[:, 1, 0] = generator.integers(10 - terms[:, 0, 0], 10)
    nines = np.linspace(1, n_digits, min((n + 1) // 2, n_digits)).astype(int)
    for row, n_nines in enumerate(nines):
        terms[row] = 0
        terms[row, 0, :n_nines] = 9
        terms[row, 1, 0] = 1
    return terms


def with_nines(
    terms: np.ndarray, share: float, *, generator: np.random.Generator
) -> np.ndarray:
    """Change a share of the sums so that carries can go far.

    Args:
        terms: (n, 2, n_digits).
        share: From 0 to 1; in these sums the digits in a row of places add up to nine.
        generator: A `numpy.random.Generator`, which draws the sums and the places.

    Returns an array of that shape. Raises ValueError for a share outside [0, 1].
    """
    terms = check_digits(terms, axes=3)
    check_share("share", share)
    n, _, n_digits = terms.shape
    first, stop = np.sort(generator.integers(0, n_digits + 1, (2, n, 1)), axis=0)
    places = np.arange(n_digits)
    nine = (first <= places) & (places < stop) & (generator.random((n, 1)) < share)
    second = np.where(nine, 9 - terms[:, 0], terms[:, 1])
    return np.stack([terms[:, 0], second], axis=1)


def symbols(terms):
    """Questions for a network to read: one term, a `PLUS`, the other.

    Args:
        terms: (n, 2, n_digits).

    Returns integers below `N_SYMBOLS`, (n, 2 * n_digits + 1).
    """
    terms = check_digits(terms, axes=3)
    plus = np.full((len(terms), 1), PLUS)
    return np.concatenate([terms[:, 0], plus, terms[:, 1]], axis=1)


def number_texts(digits):
    """Digits, (n, n_digits), as people write them: a list of `n` strings."""
    texts = ["".join(map(str, row[::-1])) for row in check_digits(digits, axes=2).tolist()]
    return [text.lstrip("0") or "0" for text in texts]


def sum_texts(terms):
    """Terms, (n, 2, n_digits), as people write a sum: a list of `n` strings."""
    pairs = zip(*(number_texts(term) for term in np.moveaxis(terms, 1, 0)))
    return ["+".join(pair) for pair in pairs]


def _distinct(terms):
    """`terms` without the pairs that were there before, in either order."""
    rows = {unordered_terms(pair): row for row, pair in reversed([*enumerate(terms)])}
    return terms[sorted(rows.values())]


def check_digits(array, axes):
    """Return digits as an array of that many axes; ValueError if they are no digits.

    With three axes they are pairs of terms, (n, 2, n_digits).
    """
    array = np.asarray(array)
    if array.ndim != axes or array.dtype.kind not in "iu":
        raise ValueError(
            f"expected integers with {axes} axes, not {array.dtype} {array.shape}"
        )
    if axes == 3 and array.shape[1] != 2:
        raise ValueError(f"terms must be pairs, (n, 2, n_digits), not {array.shape}")
    if array.size and not 0 <= array.min() <= array.max() <= 9:
        raise ValueError(f"digits must be from 0 to 9, not {array.min()} to {array.max()}")
    return array

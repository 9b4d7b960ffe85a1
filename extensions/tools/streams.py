"""Questions as one stream of symbols, and answers that end where they say so.

A question is not padded: "321+54=", the least significant digit first. Behind the
shorter ones of an array stands a filling, which a model masks. An answer ends with a
symbol of its own; what a model writes behind it does not count.

>>> terms = np.array([[[3, 2, 1], [5, 4, 0]], [[9, 0, 0], [9, 0, 0]]])  # 123 + 45, 9 + 9
>>> write_sums(terms)
array([[ 3,  2,  1, 10,  5,  4, 11],
       [ 9, 10,  9, 11, 12, 12, 12]])
>>> answers = [[8, 6, 1], [8, 1]]
>>> y, counts = write_answers(answers, steps=5, end=10)
>>> y
array([[ 8,  6,  1, 10, 10],
       [ 8,  1, 10, 10, 10]])
>>> counts.astype(int)  # which steps a loss is to count
array([[1, 1, 1, 1, 0],
       [1, 1, 1, 0, 0]])
>>> read_answers(y, end=10)
[(8, 6, 1), (8, 1)]
"""

import itertools
from collections.abc import Collection, Sequence

import numpy as np

from common.checks import check_integers, check_rows, check_share, check_size
from extensions.tools.digits import (
    PLUS,
    add_terms,
    check_digits,
    draw_terms,
    unordered_terms,
)
from extensions.tools.heldout import draw_around

EQUALS, FILLING = PLUS + 1, PLUS + 2
N_READ = FILLING + 1
END = 10  # of an answer; the others are digits
# In training, the share of sums whose terms are given the same length, and of those made to
# carry far.
SAME_LENGTH, NINES = 0.3, 0.2


def draw_streamed(
    n: int,
    n_digits: int,
    *,
    same_length: float = 0.0,
    nines: float = 0.0,
    generator: np.random.Generator,
) -> np.ndarray:
    """Draw pairs of terms, each of a number of digits drawn from 1 to `n_digits`.

    Args:
        n: Pairs.
        n_digits: The most digits of a term.
        same_length: The share of the pairs whose terms are given the same number of
            digits, from 0 to 1; others may have it by chance.
        nines: The share of all pairs in which about nine places of ten add up to nine, so
            that carries go far; where one term has ended, the other has a nine. A 9 of
            the first term above the second's first digit shortens the second.
        generator: A `numpy.random.Generator`.

    Returns integers, (n, 2, n_digits), zeros above a term's digits. Raises ValueError for
    a size below 1, or a share outside [0, 1].
    """
    check_share("same_length", same_length)
    check_share("nines", nines)
    terms = draw_terms(n, n_digits, generator=generator)
    lengths = generator.integers(1, n_digits + 1, (n, 2))
    same = generator.random(n) < same_length
    lengths[same, 1] = lengths[same, 0]
    terms = of_lengths(terms, lengths, generator=generator)
    nine = (generator.random((n, 1)) < nines) & (generator.random((n, n_digits)) < 0.9)
    first, second = np.moveaxis(np.arange(n_digits) < lengths[..., np.newaxis], 1, 0)
    terms[:, 0][nine & first & ~second] = 9
    terms[:, 1] = np.where(nine & second, 9 - terms[:, 0], terms[:, 1])
    return terms


def of_lengths(
    terms: np.ndarray, lengths: np.ndarray, *, generator: np.random.Generator
) -> np.ndarray:
    """Cut terms to their lengths, and replace a leading zero by a digit from 1 to 9.

    Args:
        terms: (n, 2, n_digits).
        lengths: (n, 2). A number of a single digit may be 0.
        generator: A `numpy.random.Generator`.

    Returns an array like `terms`, zeros above a term's digits.
    """
    places, highest = np.arange(terms.shape[2]), lengths[..., np.newaxis] - 1
    leading = (places == highest) & (highest > 0) & (terms == 0)
    terms = np.where(leading, generator.integers(1, 10, terms.shape), terms)
    return np.where(places <= highest, terms, 0)


def draw_of_lengths(n: int, first, second, *, generator: np.random.Generator) -> np.ndarray:
    """Draw pairs of terms that have these numbers of digits.

    Args:
        n: Pairs.
        first, second: Digits of either term: an integer, or an array of one for each pair.
        generator: A `numpy.random.Generator`.

    Returns integers, (n, 2, the most digits), zeros above a term's digits. Raises
    ValueError for lengths that are no integers from 1.
    """
    lengths = np.stack([np.broadcast_to(first, n), np.broadcast_to(second, n)], axis=1)
    if lengths.dtype.kind not in "iu" or lengths.min(initial=1) < 1:
        raise ValueError(f"terms must have 1 digit or more, not {first!r} and {second!r}")
    return of_lengths(
        draw_terms(n, int(lengths.max(initial=1)), generator=generator),
        lengths,
        generator=generator,
    )


def n_digits_of(numbers):
    """How many digits each number has, (...), of digits in (..., n_digits); 1 for 0."""
    numbers = np.asarray(numbers)
    places = np.arange(1, numbers.shape[-1] + 1)
    return np.maximum(1, np.max(places * (numbers > 0), axis=-1))


def write_sums(terms: np.ndarray, timesteps: int | None = None) -> np.ndarray:
    """The streams of sums: the first term, a plus, the second, "=", and the filling.

    Args:
        terms: (n, 2, n_digits), the least significant digit first.
        timesteps: Without them, as many as the longest stream has.

    Returns integers below `N_READ`, (n, timesteps). Raises ValueError for a stream that
    has no room, and for what is no digit.
    """
    terms = check_digits(terms, axes=3)
    lengths = n_digits_of(terms)
    first, second = lengths[:, :1], lengths[:, 1:]
    longest = int(lengths.sum(axis=1).max(initial=0)) + 2
    timesteps = longest if timesteps is None else timesteps
    steps = np.arange(check_size("timesteps", timesteps, at_least=longest))
    n_digits = terms.shape[2]
    places = [np.clip(steps - start, 0, n_digits - 1) for start in (0 * first, first + 1)]
    digits = [np.take_along_axis(terms[:, i], places[i], axis=1) for i in (0, 1)]
    there = [steps < first, steps == first, steps <= first + second]
    there += [steps == first + second + 1]
    return np.select(there, [digits[0], PLUS, digits[1], EQUALS], FILLING)


def write_streams(
    sequences: Sequence, filling: int, timesteps: int | None = None
) -> np.ndarray:
    """Write sequences of any symbols as one array.

    Args:
        sequences: Lists or tuples of integers.
        filling: The symbol that stands behind the shorter ones.
        timesteps: Without them, as many as the longest sequence has.

    Returns integers, (n, timesteps). Raises ValueError for a sequence that has no room,
    and for anything but lists of integers.
    """
    sequences = check_rows("sequences", sequences)
    lengths = np.array([len(sequence) for sequence in sequences], dtype=int)[:, np.newaxis]
    longest = int(lengths.max(initial=0))
    timesteps = longest if timesteps is None else timesteps
    timesteps = check_size("timesteps", timesteps, at_least=longest)
    symbols = check_integers("sequences", [*itertools.chain.from_iterable(sequences)])
    streams = np.full((len(sequences), timesteps), filling)
    streams[np.arange(timesteps) < lengths] = symbols
    return streams


def sums_of(terms: np.ndarray) -> list[tuple]:
    """The digits of each sum, without zeros above them: a list of tuples."""
    sums = add_terms(terms)
    return [tuple(row[:n]) for row, n in zip(sums.tolist(), n_digits_of(sums))]


def write_answers(answers: Sequence, steps: int, end: int) -> tuple[np.ndarray, np.ndarray]:
    """Write answers as one array.

    Args:
        answers: Sequences of integers.
        steps: More than the longest answer has.
        end: The symbol behind each answer, up to the last step.

    Returns integers, (n, steps), and which of the steps count, booleans (n, steps): all up
    to the first `end`. Raises ValueError for an answer that has no room, or has an `end`.
    """
    answers = check_rows("answers", answers)
    lengths = np.array([len(answer) for answer in answers], dtype=int)[:, np.newaxis]
    check_size("steps", steps, at_least=int(lengths.max(initial=0)) + 1)
    y = write_streams(answers, end, steps)
    if (y == end).sum() > y.size - lengths.sum():
        raise ValueError(f"an answer has the symbol {end} for its end in its middle")
    return y, np.arange(steps) <= lengths


def read_answers(y: np.ndarray, end: int) -> list[tuple | None]:
    """What stands before each first `end`, a list of tuples; None where there is none."""
    ended, ends = (y == end).any(axis=1), (y == end).argmax(axis=1)
    return [
        tuple(row[:stop].tolist()) if there else None
        for row, there, stop in zip(y, ended, ends)
    ]


def draw_epoch(
    held_out: Collection, n: int, n_digits: int, *, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw `n` sums to train on, and write them as a model reads and writes them.

    Args:
        held_out: What `unordered_terms` makes of the pairs that are not to be drawn, a set.
        n, n_digits, generator: As for `draw_streamed`.

    Returns three arrays, of the same shapes for every draw: the streams, (n, timesteps),
    and what `write_answers` returns of the sums, with room for a carry and the end.
    """

    def draw(n):
        return draw_streamed(
            n, n_digits, same_length=SAME_LENGTH, nines=NINES, generator=generator
        )

    terms = np.array(draw_around(held_out, n, draw, same=unordered_terms))
    answers = write_answers(sums_of(terms), n_digits + 2, END)
    return write_sums(terms, 2 * n_digits + 2), *answers

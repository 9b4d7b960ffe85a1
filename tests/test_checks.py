"""Arguments as a prompt or a notebook gives them: right, or refused in one line."""

import random
from random import Random

import numpy as np
import pandas as pd
import pytest

from common import sums
from common.characters import encode_sums, generate_data, integer_encode, invert, to_string
from common.onehot import one_hot_decode, one_hot_encode
from common.sums import random_sum_pairs, scale
from common.windows import generate_sequence, get_data, to_supervised
from extensions.tools.missing import all_windows, one_hot_or_zeros
from extensions.tools.streams import write_answers, write_streams
from extensions.tools.windows import draw_windows

DRAWS = [
    lambda **rng: random_sum_pairs(1, 2, 10, **rng),
    lambda **rng: [array.tolist() for array in generate_data(1, 2, 10, **rng)],
    lambda **rng: generate_sequence(**rng),
    lambda **rng: [array.tolist() for array in get_data(5, 2, **rng)],
    lambda **rng: [array.tolist() for array in draw_windows(5, 2, **rng)],
]


@pytest.mark.parametrize("draw", DRAWS)
def test_pythons_random_draws_and_numpys_is_refused(draw):
    """Its `randint` excludes the upper end."""
    expected = draw(rng=Random(1))
    random.seed(1)
    assert draw() == expected
    random.seed(1)
    assert draw(rng=random) == expected
    for other in (np.random, np.random.default_rng(1), Random, 1):
        with pytest.raises(ValueError, match=r"^rng must be random.Random\(seed\), not "):
            draw(rng=other)


def generator(*values):
    return (value for value in values)


NAN = float("nan")
REFUSED = [
    # sums
    (lambda: random_sum_pairs(0, 2, 10), "n_examples must be at least 1, not 0"),
    (lambda: random_sum_pairs(1, 2, 2.5), "largest must be an integer, not 2.5"),
    (lambda: random_sum_pairs(True, 2, 10), "n_examples must be an integer, not True"),
    (lambda: scale([True, 2], 2, 10), "values must hold numbers, not True"),
    (lambda: scale([[1], [2, 3]], 2, 10), "the rows of values have different lengths"),
    (lambda: scale([1], 2, 2**53), "largest * n_numbers must be at most 2**53, not"),
    (lambda: sums.invert([0.5, NAN], 2, 10), "value has a NaN at (1,)"),
    (lambda: scale([10**400], 2, 10), "values has an integer that no float can hold"),
    (lambda: sums.invert(np.inf, 2, 10), "value is too large to be a sum: inf"),
    # characters
    (lambda: to_string(generator([3, 10]), [13], 2, 10), "X must be a list, not <gen"),
    (lambda: to_string([[30, 100]], [130], 2, 10), "'30+100' is longer than 5 charact"),
    (lambda: to_string([[3, 4, 5]], [12], 2, 10), "expected 2 terms, not 3: [3, 4, 5]"),
    (lambda: to_string([[3, 4]], [7, 8], 2, 10), "1 questions do not go with 2 answers"),
    (lambda: to_string([[3, -2]], [1], 2, 10), "a number to write must be at least 0"),
    (lambda: integer_encode("3+4"), "strings must be a list, not '3+4'"),
    (lambda: integer_encode(["1", "22"]), "strings must be of one length, not [1, 2]"),
    (lambda: integer_encode(["1-"]), "'-' is not in the alphabet '0123456789+ '"),
    (lambda: integer_encode(["3"], "344"), "alphabet has a symbol twice: '344'"),
    (lambda: invert(np.eye(2), {"1", "2"}), "alphabet must be a list, not {"),
    (lambda: invert(np.eye(2), ["12", "1"]), "alphabet must hold single characters, n"),
    (lambda: invert(np.zeros((3, 0)), ""), "alphabet must hold single characters, not ''"),
    (lambda: generate_data(0, 2, 10), "n_samples must be at least 1, not 0"),
    (lambda: invert(np.zeros((2, 11))), "seq must be (timesteps, 12), not (2, 11)"),
    # one-hot
    (lambda: one_hot_encode([0, -1], 3), "-1 is outside [0, 3)"),
    (lambda: one_hot_encode([3], 3), "3 is outside [0, 3)"),
    (lambda: one_hot_encode([True, 2], 3), "sequence must hold integers, not True"),
    (lambda: one_hot_encode(np.ones(2), 3), "sequence must hold integers, not 1.0"),
    (lambda: one_hot_decode([[0, 1], [NAN, 1]]), "encoded_seq has a NaN at (1, 0)"),
    (lambda: one_hot_decode(3.0), "nothing to decode in an array of shape ()"),
    # windows
    (lambda: to_supervised([1, 2, 3], 2, 3), "n_out 3 is larger than n_in 2"),
    (lambda: to_supervised([1, 2, 3], 4, 1), "length 3 is shorter than n_in 4"),
    (lambda: to_supervised(np.zeros((2, 2, 2)), 1, 1), "sequence must be (timesteps,) o"),
    (lambda: to_supervised([1, NAN, 3], 1, 1), "sequence has a NaN at (1,)"),
    (lambda: all_windows([[1], [2]], 1, 1), "sequence must be (timesteps,), not (2, 1)"),
    (lambda: one_hot_or_zeros([[0.5]], 100), "0.5 is not an integer"),
    # streams
    (lambda: write_answers(generator([1]), 3, 10), "answers must be a list, not <gen"),
]


@pytest.mark.parametrize(("call", "message"), REFUSED)
def test_what_cannot_be_is_refused_in_a_line_that_names_it(call, message):
    with pytest.raises(ValueError) as refusal:
        call()
    text = str(refusal.value)
    assert text.startswith(message) and "\n" not in text and len(text) < 120


def test_a_table_of_sums_is_written_as_lists_are():
    table = pd.DataFrame({"a": [3, 10], "b": [10, 2], "sum": [13, 12]})
    for X, y in [
        (table[["a", "b"]], table["sum"]),
        (table[["a", "b"]].to_numpy(), table["sum"].to_numpy()),
        (((3, 10), (10, 2)), (13, 12)),
    ]:
        assert to_string(X, y, 2, 10) == ([" 3+10", " 10+2"], ["13", "12"])


def test_numpys_small_integers_are_sizes_as_well():
    X, y = to_supervised([*range(200)], np.int8(5), np.int8(2))
    assert X.shape == (196, 5) and y[-1].tolist() == [195, 196]


def test_nothing_is_encoded_as_nothing():
    assert [array.shape for array in encode_sums([], [], 2, 10)] == [(0, 5, 12), (0, 2, 12)]
    for empty in ([], np.array([], dtype=str), np.zeros(0)):
        assert one_hot_encode(empty, 3).shape == (0, 3)
    assert scale([], 2, 10).shape == sums.invert([], 2, 10).shape == (0,)
    assert write_streams([], 9).shape == (0, 0)
    assert write_streams([[], [1]], 9).tolist() == [[9], [1]]

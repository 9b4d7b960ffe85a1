"""Arguments of the wrong kind, as a prompt or a notebook gives them: right, or refused in
one line that names them."""

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
from extensions.tools.missing import all_windows, is_complete, one_hot_or_zeros
from extensions.tools.streams import write_answers, write_streams, write_sums
from extensions.tools.windows import draw_windows

DRAWS = [
    lambda **rng: random_sum_pairs(1, 2, 10, **rng),
    lambda **rng: [array.tolist() for array in generate_data(1, 2, 10, **rng)],
    lambda **rng: generate_sequence(**rng),
    lambda **rng: [array.tolist() for array in get_data(5, 2, **rng)],
    lambda **rng: [array.tolist() for array in draw_windows(5, 2, **rng)],
]


@pytest.mark.parametrize("draw", DRAWS)
def test_at_a_prompt_pythons_random_draws(draw):
    expected = draw(rng=Random(1))
    random.seed(1)
    assert draw() == expected
    random.seed(1)
    assert draw(rng=random) == expected


@pytest.mark.parametrize("draw", DRAWS)
@pytest.mark.parametrize(
    ("rng", "named"),
    [
        (np.random, "<module 'numpy.random"),  # its randint excludes the upper end
        (np.random.RandomState(1), "RandomState"),
        (np.random.default_rng(1), "Generator"),
        (Random, "<class 'random.Random'>"),
        (1, "1"),
    ],
)
def test_what_does_not_draw_as_pythons_random_does_is_refused(draw, rng, named):
    message = rf"^rng must be random\.Random\(seed\), not {named}"
    with pytest.raises(ValueError, match=message):
        draw(rng=rng)


def generator(*values):
    return (value for value in values)


TERMS = [[[1], [2]]]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        # a list
        (lambda: integer_encode("3+4"), "strings must be a list, not '3+4'"),
        (lambda: integer_encode(b"3+4"), "strings must be a list, not b'3+4'"),
        (lambda: integer_encode({"3+4"}), "strings must be a list, not {'3+4'}"),
        (lambda: integer_encode(generator("3")), "strings must be a list, not <generator"),
        (lambda: to_string(generator([3, 10]), [13], 2, 10), "X must be a list, not <gen"),
        (lambda: to_string([{3, 10}], [13], 2, 10), "a row of X must be a list, not {"),
        (lambda: to_string([[3, 10]], 13, 2, 10), "y must be a list, not 13"),
        (lambda: encode_sums({(3, 4)}, [7], 2, 10), "X must be a list, not {"),
        (lambda: integer_encode(["3"], {"3"}), "alphabet must be a list, not {'3'}"),
        (lambda: invert(np.eye(2), {"1", "2"}), "alphabet must be a list, not {"),
        (lambda: generate_data(1, 2, 10, {*"0123456789+ "}), "alphabet must be a list"),
        # of strings
        (lambda: integer_encode([3]), "strings must hold strings, not 3"),
        (lambda: integer_encode(["1"], [0, 1]), "alphabet must hold strings, not 0"),
        (lambda: integer_encode(["3"], "344"), "alphabet has a symbol twice: '344'"),
        (lambda: invert(np.eye(2), ["1", "1"]), "alphabet has a symbol twice: ['1"),
        # numbers
        (lambda: scale(["3"], 2, 10), "values must hold numbers, not '3'"),
        (lambda: scale(np.array(["3"]), 2, 10), "values must hold numbers, not '3'"),
        (lambda: scale([True, 2], 2, 10), "values must hold numbers, not True"),
        (lambda: scale(generator(3), 2, 10), "values must hold numbers, not <generator"),
        (lambda: scale([[1], [2, 3]], 2, 10), "the rows of values have different lengths"),
        (lambda: sums.invert("0.5", 2, 10), "value must hold numbers, not '0.5'"),
        (lambda: sums.invert(None, 2, 10), "value must hold numbers, not None"),
        (lambda: invert([["0", "1"]], "ab"), "seq must hold numbers, not '0'"),
        (lambda: one_hot_decode([[0, "1"]]), "encoded_seq must hold numbers, not '1'"),
        (lambda: to_supervised("12345", 2, 1), "sequence must hold numbers, not '12345'"),
        (lambda: to_supervised([1, False], 2, 1), "sequence must hold numbers, not False"),
        (lambda: to_supervised(generator(1), 1, 1), "sequence must hold numbers, not <gen"),
        (lambda: all_windows(["1", "2"], 1, 1), "sequence must hold numbers, not '1'"),
        (lambda: is_complete([[1, None]]), "windows must hold numbers, not None"),
        (lambda: is_complete([[1, 2], [3]]), "the rows of windows have different lengths"),
        (lambda: one_hot_or_zeros([["1"]], 3), "windows must hold numbers, not '1'"),
        (lambda: one_hot_or_zeros([[True]], 3), "windows must hold numbers, not True"),
        # integers
        (lambda: one_hot_encode([True, 2], 3), "sequence must hold integers, not True"),
        (lambda: one_hot_encode(np.array([True]), 3), "sequence must hold integers, not T"),
        (lambda: one_hot_encode("12", 3), "sequence must hold integers, not '12'"),
        (lambda: one_hot_encode(np.ones(2), 3), "sequence must hold integers, not 1.0"),
        (lambda: one_hot_encode(generator(1), 3), "sequence must hold integers, not <gen"),
        (lambda: write_streams(["12", "3"], 9), "a row of sequences must be a list, not"),
        (lambda: write_streams([1, 2], 9), "a row of sequences must be a list, not 1"),
        (lambda: write_streams([[1.7, 2]], 9), "sequences must hold integers, not 1.7"),
        (lambda: write_streams(generator([1]), 9), "sequences must be a list, not <gen"),
        (lambda: write_answers([[1.7, 2]], 3, 10), "sequences must hold integers, not 1.7"),
        (lambda: write_answers(generator([1]), 3, 10), "answers must be a list, not <gen"),
        (lambda: write_streams([[1]], 9, 0), "timesteps must be at least 1, not 0"),
        (lambda: write_sums(TERMS, 0), "timesteps must be at least 4, not 0"),
    ],
)
def test_arguments_of_another_kind_are_refused_in_a_line_that_names_them(call, message):
    with pytest.raises(ValueError) as refusal:
        call()
    text = str(refusal.value)
    assert text.startswith(message) and "\n" not in text and len(text) < 120


def test_a_long_value_is_named_in_one_short_line():
    for value in (list(range(10**5)), np.zeros((50, 50)), "3" * 10**5):
        with pytest.raises(ValueError, match=r"must be an integer, not .{57}\.\.\.$"):
            random_sum_pairs(value, 2, 10)


def test_a_table_of_sums_is_written_as_lists_are():
    table = pd.DataFrame({"a": [3, 10], "b": [10, 2], "sum": [13, 12]})
    for X, y in [
        (table[["a", "b"]], table["sum"]),
        (table[["a", "b"]].to_numpy(), table["sum"].to_numpy()),
        (((3, 10), (10, 2)), (13, 12)),
    ]:
        assert to_string(X, y, 2, 10) == ([" 3+10", " 10+2"], ["13", "12"])


def test_nothing_is_encoded_as_nothing():
    assert [array.shape for array in encode_sums([], [], 2, 10)] == [(0, 5, 12), (0, 2, 12)]
    for empty in ([], np.array([], dtype=str), np.zeros(0)):
        assert one_hot_encode(empty, 3).shape == (0, 3)
    assert scale([], 2, 10).shape == sums.invert([], 2, 10).shape == (0,)
    assert write_streams([], 9).shape == (0, 0)
    assert write_streams([[], [1]], 9).tolist() == [[9], [1]]

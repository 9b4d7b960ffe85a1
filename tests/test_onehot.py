import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from common.onehot import one_hot_decode, one_hot_encode

shapes = hnp.array_shapes(min_dims=1, max_dims=3, max_side=6)


@given(st.integers(1, 120), st.data())
def test_decode_undoes_encode(n_unique, data):
    integers = data.draw(
        hnp.arrays(np.int64, shapes, elements=st.integers(0, n_unique - 1))
    )
    encoded = one_hot_encode(integers, n_unique)
    assert encoded.shape == (*integers.shape, n_unique)
    assert encoded.dtype == np.float32
    assert (encoded.sum(axis=-1) == 1).all() and set(np.unique(encoded)) <= {0, 1}
    assert one_hot_decode(encoded) == integers.tolist()


def test_a_sequence_decodes_to_plain_ints():
    assert [type(i) for i in one_hot_decode(one_hot_encode([4, 98]))] == [int, int]


def test_the_tutorials_default_is_a_hundred_integers():
    assert one_hot_encode([0, 99]).shape == (2, 100)


def test_probabilities_decode_to_the_likeliest():
    assert one_hot_decode([[0.2, 0.5, 0.3]]) == [1]


@pytest.mark.parametrize("outside", [-1, 3, 10**30])
def test_an_integer_outside_is_refused_and_named(outside):
    with pytest.raises(ValueError, match=rf"{outside} is outside \[0, 3\)"):
        one_hot_encode([0, outside], n_unique=3)


@pytest.mark.parametrize("value", [1.0, "1", True, None, float("nan")])
def test_what_is_not_an_integer_is_refused(value):
    with pytest.raises(ValueError, match="only integers"):
        one_hot_encode([value], n_unique=3)


def test_one_value_among_integers_that_is_not_an_integer_is_refused():
    with pytest.raises(ValueError, match="2.5"):
        one_hot_encode([0, 1, 2.5], n_unique=3)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(ValueError, match="different lengths"):
        one_hot_encode([[0, 1], [2]], n_unique=3)


@pytest.mark.parametrize("n_unique", [0, -1, 2.0])
def test_a_bad_number_of_integers_is_refused(n_unique):
    with pytest.raises(ValueError, match="n_unique"):
        one_hot_encode([0], n_unique)


def test_nan_is_not_decoded():
    with pytest.raises(ValueError, match=r"NaN at \(1, 0\)"):
        one_hot_decode([[0.0, 1.0], [float("nan"), 1.0]])


@pytest.mark.parametrize("value", [3.0, [[], []]])
def test_nothing_to_decode_is_refused(value):
    with pytest.raises(ValueError, match="nothing to decode"):
        one_hot_decode(value)

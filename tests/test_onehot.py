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


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0, -1], r"-1 is outside \[0, 3\)"),
        ([0, 3], r"3 is outside \[0, 3\)"),
        ([0, 1, 2.5], "must hold integers, not 2.5"),
        ([True], "must hold integers, not True"),
        ([[0, 1], [2]], "different lengths"),
    ],
)
def test_what_is_no_integer_of_the_range_is_not_encoded(values, message):
    with pytest.raises(ValueError, match=message):
        one_hot_encode(values, n_unique=3)


@pytest.mark.parametrize("n_unique", [0, 2.0])
def test_a_bad_number_of_integers_is_refused(n_unique):
    with pytest.raises(ValueError, match="n_unique"):
        one_hot_encode([0], n_unique)


@pytest.mark.parametrize(
    ("encoded", "message"),
    [([[0, 1], [float("nan"), 1]], r"NaN at \(1, 0\)"), (3.0, "nothing to decode")],
)
def test_what_has_no_largest_entry_is_not_decoded(encoded, message):
    with pytest.raises(ValueError, match=message):
        one_hot_decode(encoded)

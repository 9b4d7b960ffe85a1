import numpy as np
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


def test_a_sequence_of_a_hundred_integers_by_default_decodes_to_plain_ints():
    encoded = one_hot_encode([0, 99])
    assert encoded.shape == (2, 100)
    assert [type(i) for i in one_hot_decode(encoded)] == [int, int]

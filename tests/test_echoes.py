"""Windows of several random sequences."""

from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.echoes import draw_windows
from common.sequences import generate_sequence, to_supervised


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 9), st.data())
def test_they_are_the_windows_of_the_sequences_drawn_in_order(n_in, n, extra, data):
    n_out = data.draw(st.integers(1, n_in))
    length = n_in + extra
    X, y = draw_windows(
        n_in, n_out, n_sequences=n, length=length, n_unique=7, rng=Random(3)
    )
    rng = Random(3)
    parts = [
        to_supervised(generate_sequence(length, n_unique=7, rng=rng), n_in, n_out)
        for _ in range(n)
    ]
    assert X.tolist() == [row for part, _ in parts for row in part.tolist()]
    assert y.tolist() == [row for _, part in parts for row in part.tolist()]
    assert X.shape == (n * (extra + 1), n_in)
    assert (X[:, :n_out] == y).all()
    assert np.issubdtype(X.dtype, np.integer)


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_in": 2, "n_out": 3}, "n_out 3 is larger than n_in 2"),
        ({"n_in": 5, "n_out": 1, "length": 4}, "sequence of 4"),
        ({"n_in": 5, "n_out": 1, "n_sequences": 0}, "not 0"),
    ],
)
def test_refusals(sizes, message):
    with pytest.raises(ValueError, match=message):
        draw_windows(**sizes, rng=Random(1))

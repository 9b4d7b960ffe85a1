"""Windows with missing values at the ends of a sequence."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.missing import all_windows, is_complete, one_hot_or_zeros
from common.onehot import one_hot_decode
from common.sequences import to_supervised

sequences = st.lists(st.integers(0, 99), min_size=1, max_size=30)


@given(sequences, st.data())
def test_the_complete_windows_are_those_of_to_supervised(sequence, data):
    n_in = data.draw(st.integers(1, len(sequence)))
    n_out = data.draw(st.integers(1, n_in))
    X, y = all_windows(sequence, n_in, n_out)
    assert X.shape == (len(sequence) + n_in - 1, n_in)
    complete = is_complete(X)
    expected_X, expected_y = to_supervised(sequence, n_in, n_out)
    assert X[complete].tolist() == expected_X.tolist()
    assert y[complete].tolist() == expected_y.tolist()


@given(sequences, st.integers(1, 8))
def test_every_element_stands_once_at_every_place_of_a_window(sequence, n_in):
    X, _ = all_windows(sequence, n_in, n_in)
    for place in X.T:
        assert place[~np.isnan(place)].tolist() == sequence


def test_a_window_longer_than_the_sequence_is_never_complete():
    X, _ = all_windows([7, 8], n_in=3, n_out=1)
    assert not is_complete(X).any()
    assert X.shape == (4, 3)


@given(sequences, st.integers(1, 6))
def test_what_is_not_missing_comes_back_from_one_hot(sequence, n_in):
    X, _ = all_windows(sequence, n_in, n_in)
    encoded = one_hot_or_zeros(X, 100)
    there = ~np.isnan(X)
    assert np.array(one_hot_decode(encoded))[there].tolist() == X[there].tolist()
    assert (encoded.sum(axis=-1) == there).all()


@pytest.mark.parametrize(
    ("sequence", "n_in", "n_out", "message"),
    [
        ([1, 2], 2, 3, "n_out 3 is larger than n_in 2"),
        ([1, 2], 0, 1, "not 0"),
        ([1, 2], 2.5, 1, "2.5"),
        ([], 1, 1, r"\(0,\)"),
        ([[1], [2]], 1, 1, r"\(2, 1\)"),
        ([1.0, float("nan")], 1, 1, "NaN"),
    ],
)
def test_refusals_of_windows(sequence, n_in, n_out, message):
    with pytest.raises(ValueError, match=message):
        all_windows(sequence, n_in, n_out)


@pytest.mark.parametrize("value", [100, -1, 0.5])
def test_refusals_of_values(value):
    with pytest.raises(ValueError, match=str(value)):
        one_hot_or_zeros([[value]], 100)

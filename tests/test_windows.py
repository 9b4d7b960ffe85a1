"""Sequences cut into windows: one and several, with missing values and without."""

from random import Random

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from common.onehot import one_hot_decode
from common.windows import generate_sequence, get_data, to_supervised
from extensions.tools.missing import all_windows, is_complete, one_hot_or_zeros
from extensions.tools.windows import draw_windows


def with_pandas(sequence, n_in, n_out):
    """The framing by shift, concat and dropna."""
    frame = pd.DataFrame(sequence)
    frame = pd.concat([frame.shift(n_in - 1 - i) for i in range(n_in)], axis=1).dropna()
    X = frame.to_numpy().reshape(len(frame), n_in, sequence.shape[1])
    return X, X[:, :n_out]


shapes = hnp.array_shapes(min_dims=2, max_dims=2, max_side=12)


@given(hnp.arrays(float, shapes, elements=st.floats(-100, 100)), st.data())
def test_windows_are_those_of_pandas(sequence, data):
    n_in = data.draw(st.integers(1, len(sequence)))
    n_out = data.draw(st.integers(1, n_in))
    X, y = with_pandas(sequence, n_in, n_out)
    assert all(map(np.array_equal, to_supervised(sequence, n_in, n_out), (X, y)))


@given(st.lists(st.integers(0, 99), min_size=1, max_size=30), st.data())
def test_a_flat_sequence_gives_the_same_windows_without_the_last_axis(sequence, data):
    n_in = data.draw(st.integers(1, len(sequence)))
    n_out = data.draw(st.integers(1, n_in))
    X, y = to_supervised(sequence, n_in, n_out)
    assert X.tolist() == [sequence[i : i + n_in] for i in range(len(sequence) - n_in + 1)]
    assert np.array_equal(y, X[:, :n_out])
    assert X.dtype.kind == "i"


@given(st.integers(1, 6), st.integers(0, 9), st.integers(1, 20), st.data())
def test_the_vectors_are_those_of_the_sequences_windows(n_in, extra, n_unique, data):
    n_out, length = data.draw(st.integers(1, n_in)), n_in + extra
    sizes = {"length": length, "n_unique": n_unique}
    X, y = get_data(n_in, n_out, **sizes, rng=Random(2))
    sequence = generate_sequence(**sizes, rng=Random(2))
    assert one_hot_decode(X) == [sequence[i : i + n_in] for i in range(extra + 1)]
    assert one_hot_decode(y) == [sequence[i : i + n_out] for i in range(extra + 1)]
    assert X.shape[2] == y.shape[2] == n_unique and X.dtype == y.dtype == np.float32


def test_sequences_have_the_length_asked_for_and_both_ends_of_the_range_are_drawn():
    sequence = generate_sequence(200, n_unique=3, rng=Random(1))
    assert len(sequence) == 200 and set(sequence) == {0, 1, 2}
    assert len(generate_sequence()) == 25


@given(st.integers(1, 6), st.integers(1, 4), st.integers(0, 9), st.data())
def test_windows_of_several_are_those_of_the_sequences_drawn_in_order(n_in, n, extra, data):
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
    assert X.dtype.kind == "i"


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


@given(sequences, st.integers(1, 6))
def test_what_is_not_missing_comes_back_from_one_hot(sequence, n_in):
    X, _ = all_windows(sequence, n_in, n_in)
    encoded = one_hot_or_zeros(X, 100)
    there = ~np.isnan(X)
    assert np.array(one_hot_decode(encoded))[there].tolist() == X[there].tolist()
    assert (encoded.sum(axis=-1) == there).all()

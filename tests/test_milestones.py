"""Epochs to a share, read off a history."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from common.milestones import epochs_to, learned_up_to

shares = st.lists(st.floats(0, 1), min_size=1, max_size=60)


@given(shares, st.integers(1, 10), st.floats(0.01, 1))
def test_the_epoch_found_is_the_first(values, over, share):
    epoch = epochs_to(share, values, over)
    means = [sum(values[i - over : i]) / over for i in range(over, len(values) + 1)]
    reached = [mean >= share - 1e-9 for mean in means]
    assert epoch == (reached.index(True) + over if any(reached) else math.inf)


def test_a_single_lucky_epoch_does_not_count():
    assert epochs_to(0.99, [0.5] * 30 + [1.0] + [0.5] * 30) == math.inf
    assert epochs_to(0.99, [0.5] * 30 + [1.0] * 30) == 50


@pytest.mark.parametrize(
    ("share", "values", "over", "message"),
    [
        (0, [1.0], 1, "not 0"),
        (1.5, [1.0], 1, "not 1.5"),
        (0.9, [float("nan")], 1, "NaN"),
        (0.9, [1.0], 0, "not 0"),
    ],
)
def test_refusals(share, values, over, message):
    with pytest.raises(ValueError, match=message):
        epochs_to(share, values, over)


def test_a_size_is_learned_where_every_seed_has_it_and_all_the_smaller_ones():
    points = {10: [1.0, 1.0], 100: [0.99, 1.0], 20: [1.0, 0.995], 200: [1.0, 0.98]}
    assert learned_up_to(0.99, points) == 100
    assert learned_up_to(0.999, points) == 10
    assert learned_up_to(0.99, {10: [0.5], 20: [1.0]}) == 0

"""How long a model took to learn, read off its history."""

import math

import numpy as np

from common.checks import check_not_nan, check_size


def epochs_to(share, values, over=20):
    """The first epoch (from 1) by which the mean of the last `over` is at least `share`.

    `values`: one per epoch, such as the accuracy in the history that `train` returns; an
    epoch of few rows may be lucky, so the mean of several counts. Infinity if that
    never happened. Raises ValueError for NaN, `over` below 1, or a `share` outside (0, 1].

    >>> epochs_to(0.9, [0.2, 0.9, 0.8, 1.0, 1.0], over=2)
    4
    >>> epochs_to(0.99, [0.2, 0.9, 0.8], over=2)
    inf
    """
    over = check_size("over", over)
    if not 0 < share <= 1:
        raise ValueError(f"share must be in (0, 1], not {share!r}")
    values = check_not_nan("values", values)
    if len(values) < over:
        return math.inf
    means = np.convolve(values, np.ones(over), mode="valid") / over
    reached = np.flatnonzero(means >= share - 1e-9)  # sums are not exact
    return int(reached[0]) + over if len(reached) else math.inf


def learned_up_to(share, points):
    """The largest size up to which every seed has at least `share` right; 0 for none.

    `points`: {size: [score of each seed]}.

    >>> learned_up_to(0.99, {20: [1.0, 0.995], 50: [1.0, 0.98], 100: [1.0, 1.0]})
    20
    """
    learned = 0
    for size in sorted(points):
        if min(points[size]) < share:
            break
        learned = size
    return learned

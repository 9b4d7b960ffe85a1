"""The windows of several sequences, as integers.

>>> from random import Random
>>> X, y = draw_windows(5, 2, length=6, n_sequences=2, rng=Random(1))
>>> X
array([[17, 72, 97,  8, 32],
       [72, 97,  8, 32, 15],
       [63, 97, 57, 60, 83],
       [97, 57, 60, 83, 48]])
>>> y
array([[17, 72],
       [72, 97],
       [63, 97],
       [97, 57]])
"""

import numpy as np

from common.checks import check_size
from common.windows import generate_sequence, to_supervised


def draw_windows(n_in, n_out, *, n_sequences=1, length=25, n_unique=100, rng=None):
    """Draw sequences and cut each into windows.

    Args:
        n_in, n_out: As for `to_supervised`.
        n_sequences: How many.
        length, n_unique, rng: As for `generate_sequence`.

    Returns X, (rows, n_in), and y, (rows, n_out), integers in [0, `n_unique`), where
    rows is `n_sequences * (length - n_in + 1)`; no window reaches into the next sequence.
    Raises ValueError if `n_out` > `n_in`, a size is below 1, or `length` < `n_in`.
    """
    data = [
        to_supervised(generate_sequence(length, n_unique=n_unique, rng=rng), n_in, n_out)
        for _ in range(check_size("n_sequences", n_sequences))
    ]
    X, y = zip(*data)
    return np.concatenate(X), np.concatenate(y)

"""Integers as one-hot vectors and back (both tutorials).

>>> encoded = one_hot_encode([2, 0], n_unique=3)
>>> encoded
array([[0., 0., 1.],
       [1., 0., 0.]], dtype=float32)
>>> one_hot_decode(encoded)
[2, 0]

A network's answer has probabilities in place of ones and zeros:

>>> one_hot_decode([[0.1, 0.2, 0.7], [0.5, 0.3, 0.2]])
[2, 0]
"""

import numpy as np

from common.checks import check_integers, check_numbers, check_size


def one_hot_encode(sequence, n_unique=100):
    """Turn integers of any shape into vectors with a single one.

    Args:
        sequence: Integers in [0, `n_unique`), of any shape.
        n_unique: How many integers there are.

    Returns a float32 array with one more axis of length `n_unique`.
    Raises ValueError for an integer out of range (-1 too: it must not count from the
    end), for anything that is not an integer, and for rows of different lengths.

    Tutorial A, "Addition as a seq2seq Problem" (there for X and y in one call);
    tutorial B, "Sequence Echo Problem".
    """
    n_unique = check_size("n_unique", n_unique)
    integers = check_integers("sequence", sequence)
    outside = (integers < 0) | (integers >= n_unique)
    if outside.any():
        raise ValueError(f"{integers[outside][0]} is outside [0, {n_unique})")
    encoded = np.zeros((integers.size, n_unique), dtype=np.float32)
    encoded[np.arange(integers.size), integers.ravel().astype(int)] = 1
    return encoded.reshape(*integers.shape, n_unique)


def one_hot_decode(encoded_seq):
    """Turn vectors back into integers: the place of the largest entry of each.

    Args:
        encoded_seq: Numbers, (..., n_unique): one-hot vectors or probabilities.

    Returns plain ints in nested lists of shape (...): a flat list for one sequence.
    Raises ValueError for a NaN, and where there is no axis or an empty one to decode.

    Tutorial B, "Sequence Echo Problem".
    """
    encoded_seq = check_numbers("encoded_seq", encoded_seq)
    if encoded_seq.ndim == 0 or encoded_seq.shape[-1] == 0:
        raise ValueError(f"nothing to decode in an array of shape {encoded_seq.shape}")
    return encoded_seq.argmax(axis=-1).tolist()

"""What do the addition tutorial's data look like? Its steps, without a network.

Tutorial A, sections "Adding Numbers" and "Addition as a seq2seq Problem": random integers
and their sums, scaled and scaled back; then a sum as strings, as integers, as one-hot
vectors, and as strings again. Seed 1 draws the tutorial's own.

    python -m extensions.addition_data
    python -m extensions.addition_data --n-numbers 3 --largest 100

Under a second; nothing is trained.
"""

from dataclasses import dataclass
from random import Random

from common import characters, sums
from common.onehot import one_hot_encode
from common.runner import cli
from common.settings import BaseSettings

N_EXAMPLES, LARGEST = 100, 100  # of the regressions
N_SHOWN = 7  # of these, the last ones


@dataclass(frozen=True)
class Settings(BaseSettings):
    n_numbers: int = 2  # numbers to add
    largest: int = 10  # the largest of them, in the sum that is written as characters


def print_scaled(X, y, n_numbers, largest):
    """Each row and its sum, then scaled, then the sum as an integer again."""
    X_scaled, y_scaled = (sums.scale(values, n_numbers, largest) for values in (X, y))
    inverted = sums.invert(y_scaled, n_numbers, largest)
    rows = zip(X, y, X_scaled.round(3).tolist(), y_scaled.round(3), inverted)
    for terms, total, terms_scaled, total_scaled, again in rows:
        print(f"{terms} {total} -> {terms_scaled} {total_scaled} -> {again}")


def print_encoded(X, y, n_numbers, largest):
    """One sum on its way to the network, and back."""
    print(X, y)
    X, y = characters.to_string(X, y, n_numbers, largest)
    print(f"as strings: {X} {y}")
    X, y = characters.integer_encode(X), characters.integer_encode(y)
    print(f"as integers: {X.tolist()} {y.tolist()}")
    n_chars = len(characters.ALPHABET)
    X, y = one_hot_encode(X, n_chars), one_hot_encode(y, n_chars)
    for name, array in {"X": X, "y": y}.items():
        print(f"{name} one-hot, {array.shape}:")
        print(*array[0].astype(int).tolist(), sep="\n")
    print(f"inverted: {characters.invert(X[0])!r} {characters.invert(y[0])!r}")


def main(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_settings(Settings)
    parser.add_seed("of the data")
    args = parser.parse_args(argv)
    n_numbers, largest = args.settings.n_numbers, args.settings.largest

    X, y = sums.random_sum_pairs(N_EXAMPLES, n_numbers, LARGEST, rng=Random(args.seed))
    print(f"The last {N_SHOWN} of {N_EXAMPLES} rows up to {LARGEST}, and their sums;")
    print(f"scaled, divided by the largest sum, {n_numbers * LARGEST}; and inverted:")
    print_scaled(X[-N_SHOWN:], y[-N_SHOWN:], n_numbers, LARGEST)

    X, y = sums.random_sum_pairs(1, n_numbers, largest, rng=Random(args.seed))
    print(f"\nOne sum of numbers up to {largest}, as the network reads and writes it:")
    print_encoded(X, y, n_numbers, largest)


if __name__ == "__main__":
    cli.run(main)

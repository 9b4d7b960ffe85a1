"""What do the echo tutorial's data look like? Its demonstrations, without a network.

Tutorial B, section "Sequence Echo Problem": a random sequence, its windows as pairs,
and the windows of [1, 2, 3, 4, 5] as a pandas frame, missing values included. There
the tutorial's prose and its listing differ: the last row of the prose's table never
comes out of the listing's `shift` and `concat`. Both tables are printed.

    python -m extensions.echo_data
    python -m extensions.echo_data --n-out 2 --sequence 6 52 96 45 69 52 96 11

About 1 s; nothing is trained.
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.checks import check_n_out
from common.onehot import one_hot_decode, one_hot_encode
from common.runner import cli
from common.settings import BaseSettings
from common.windows import generate_sequence, to_supervised
from extensions.tools.missing import all_windows

SMALL, SMALL_N_IN, SMALL_N_OUT = [1, 2, 3, 4, 5], 2, 1  # the sequence of the table


@dataclass(frozen=True)
class Settings(BaseSettings):
    length: int = 25  # integers in a random sequence
    n_unique: int = 100  # distinct integers
    n_in: int = 5  # integers in a window
    n_out: int = 3  # how many of them, from the first, to echo

    def check(self):
        check_n_out(self.n_in, self.n_out)


def print_pairs(sequence, n_unique, n_in, n_out):
    """Encode a sequence, cut it into windows, and print each pair decoded."""
    encoded = one_hot_encode(sequence, n_unique)
    X, y = to_supervised(encoded, n_in, n_out)
    print(f"{len(sequence)} integers:\n{sequence}\n")
    print(f"Their windows, {n_in} in, {n_out} out:")
    print(f"encoded: {encoded.shape}, X: {X.shape}, y: {y.shape}")
    for window, echo in zip(X, y):
        print(f"{one_hot_decode(window)} => {one_hot_decode(echo)}")


def frame_of_prose(sequence, n_in, n_out):
    """Every window with an element in it, as the tutorial's prose shows them."""
    from pandas import DataFrame

    windows = np.hstack(all_windows(sequence, n_in, n_out))
    return DataFrame(windows, columns=_names(n_in, n_out))


def frame_of_listing(sequence, n_in, n_out):
    """The windows that shift and concat give, as in the tutorial's listing."""
    from pandas import Series, concat

    series = Series(sequence)
    lagged = [series.shift(n_in - 1 - i) for i in range(n_in)]
    return concat([*lagged, *lagged[:n_out]], axis=1, keys=_names(n_in, n_out))


def _names(n_in, n_out):
    """The columns, "t-1", "t", "y(t-1)" for two in and one out."""
    lags = [f"t-{lag}" if lag else "t" for lag in range(n_in - 1, -1, -1)]
    return [*lags, *[f"y({lag})" for lag in lags[:n_out]]]


def show(table):
    return table.to_string(index=False, float_format="{:.0f}".format)


def main(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_settings(Settings)
    parser.add_seed("of the data")
    what = "these integers in place of random ones"
    parser.add_argument("--sequence", type=int, nargs="+", metavar="N", help=what)
    args = parser.parse_args(argv)
    parser.refuse_together(args, "sequence", ("length", "seed"), ", which draws nothing")
    length, n_unique = args.settings.length, args.settings.n_unique
    rng = Random(args.seed)
    sequence = args.sequence or generate_sequence(length, n_unique=n_unique, rng=rng)
    try:
        print_pairs(sequence, n_unique, args.settings.n_in, args.settings.n_out)
    except ValueError as error:  # a sequence too short, or with other integers
        parser.error(error)

    prose = frame_of_prose(SMALL, SMALL_N_IN, SMALL_N_OUT)
    listing = frame_of_listing(SMALL, SMALL_N_IN, SMALL_N_OUT)
    print(f"\n{SMALL}, {SMALL_N_IN} in, {SMALL_N_OUT} out, as the prose has it:")
    print(show(prose))
    print("\nas the listing's shift and concat give it:")
    print(show(listing))
    print("\nwithout the incomplete rows, the same from both:")
    print(show(listing.dropna()))


if __name__ == "__main__":
    cli.run(main)

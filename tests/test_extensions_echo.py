"""The extensions of tutorial B, each at a tiny size."""

import numpy as np
import pytest

from common.missing import all_windows, is_complete
from common.sequences import to_supervised
from extensions import echo_data

PRINTED = [86, 81, 88, 1, 23, 78, 64, 7, 99, 23, 2, 36, 73, 26, 27, 33, 24, 51, 73, 64]
PRINTED += [13, 13, 53, 40, 64]  # by the tutorial


def test_echo_data_prints_the_tutorials_pairs(capsys):
    echo_data.print_pairs(PRINTED, 100, n_in=5, n_out=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "encoded: (25, 100), X: (21, 5, 100), y: (21, 3, 100)"
    assert lines[1] == "[86, 81, 88, 1, 23] => [86, 81, 88]"
    assert lines[-1] == "[13, 13, 53, 40, 64] => [13, 13, 53]"


def test_echo_data_prints_both_tables_and_where_they_differ(capsys):
    echo_data.main([])
    out = capsys.readouterr().out
    prose, listing, dropped = (part.split("\n\n")[0] for part in out.split(":\n")[3:])
    prose, listing, dropped = (
        [line.split() for line in part.splitlines()] for part in (prose, listing, dropped)
    )
    assert prose[0] == ["t-1", "t", "y(t-1)"]
    assert prose[1] == ["NaN", "1", "NaN"]
    assert prose[-1] == ["5", "NaN", "5"]
    assert listing == prose[:-1]
    assert dropped == [prose[0], *prose[2:-1]]
    assert out.splitlines()[-1] == (
        "Finding: the prose has 6 rows and the listing 5; (5, NaN -> 5) is in the prose "
        "alone, and dropped in both: 4 and 4 rows are left."
    )


@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (2, 1), (5, 1), (5, 3), (5, 5)])
def test_the_listings_frame_without_missing_values_is_to_supervised(n_in, n_out):
    frame = echo_data.frame_of_listing(PRINTED, n_in, n_out).dropna()
    X, y = to_supervised(PRINTED, n_in, n_out)
    assert frame.to_numpy().tolist() == np.hstack([X, y]).tolist()
    prose = echo_data.frame_of_prose(PRINTED, n_in, n_out).dropna()
    assert prose.to_numpy().tolist() == frame.to_numpy().tolist()


def test_one_to_five_with_five_in_and_one_out_is_one_row():
    X, y = all_windows([1, 2, 3, 4, 5], 5, 1)
    complete = is_complete(X)
    assert (X[complete].tolist(), y[complete].tolist()) == ([[1, 2, 3, 4, 5]], [[1]])


@pytest.mark.parametrize("flags", [["--n-out", "6"], ["--length", "4"], ["--runs", "2"]])
def test_echo_data_refuses(flags, capsys):
    with pytest.raises(SystemExit, match="2"):
        echo_data.main(flags)
    assert len(capsys.readouterr().err.splitlines()) == 1

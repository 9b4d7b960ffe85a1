"""The experiments at the tutorials' budgets learn what the tutorials say they learn.

Thresholds leave room for a seed, not for a model that has not learned: chance is
near 0 for each of these scores.
"""

import importlib

import pytest

from common.runner.rows import read_rows
from common.scores import EXACT, RMSE

pytestmark = pytest.mark.slow


def scores_of(name, runs, tmp_path):
    path = tmp_path / "scores.csv"
    importlib.import_module(name).main(["--runs", str(runs), "--scores", str(path)])
    rows = read_rows(path)
    assert len(rows) == runs
    return rows


def mean(rows, score):
    return sum(float(row[score]) for row in rows) / len(rows)


def test_most_seeds_of_the_mlp_add_without_an_error(tmp_path):
    rows = scores_of("addition_mlp", 20, tmp_path)
    assert sum(row[RMSE] == 0 for row in rows) >= 12


def test_the_lstm_regression_is_off_by_less_than_one(tmp_path):
    rows = scores_of("addition_lstm_regression", 10, tmp_path)
    assert mean(rows, RMSE) <= 0.6


def test_seq2seq_adds(tmp_path):
    rows = scores_of("addition_seq2seq", 3, tmp_path)
    assert mean(rows, EXACT) >= 0.95 and mean(rows, "Per-character accuracy") >= 0.97


def test_whole_windows_are_echoed(tmp_path):
    rows = scores_of("echo_whole", 5, tmp_path)
    assert mean(rows, EXACT) >= 0.97 and min(float(row[EXACT]) for row in rows) >= 0.9


def test_parts_of_windows_are_echoed(tmp_path):
    rows = scores_of("echo_partial", 2, tmp_path)
    assert min(float(row[EXACT]) for row in rows) >= 0.98

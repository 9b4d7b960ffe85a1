"""The echoes with attention and of greater length: tiny, and (slow) as they are."""

import re

import numpy as np
import pytest

from common.runner.rows import score_names
from extensions import echo_attention, echo_length
from extensions.echo_attention import Echo

pytestmark = pytest.mark.usefixtures("uncompiled")


class TestEchoAttention:
    @pytest.mark.slow
    def test_it_scores_all_decoders_shows_wrong_answers_and_draws_a_map(
        self, run, monkeypatch, tmp_path
    ):
        task = Echo(3, 3, 9, 2, 5, 4, step=-1)
        for name in [*echo_attention.VARIANTS]:
            monkeypatch.delitem(echo_attention.VARIANTS, name)
        names = [f"50 reversed, {name}" for name in echo_attention.NETWORKS]
        for name, network in zip(names, echo_attention.NETWORKS.values()):
            monkeypatch.setitem(echo_attention.VARIANTS, name, (task, network))
        monkeypatch.setattr(echo_attention, "N_TEST", 20)
        plot = tmp_path / "map.png"
        rows, out = run(echo_attention, "--epochs", 2, "--map", plot)
        assert list(rows) == names
        for row in rows.values():
            assert score_names(row) == ["Exact match", "Per-element accuracy"]
        assert "\n50 reversed, attention, both directions, seed 1, 20 wrong, the " in out
        assert re.search(r"\n  \d \d \d: expected \d \d \d, predicted \d \d \d \(", out)
        assert plot.read_bytes().startswith(b"\x89PNG")

    def test_long_sequences_are_echoed_by_all_decoders_but_the_additive(self):
        found = [*echo_attention.VARIANTS]
        assert len(found) == 5 * 5 + 2 * 4
        assert not [name for name in found if name.startswith("50") and "additive" in name]
        assert {name for pair in echo_attention.COMPARES for name in pair} <= {*found}

    def test_what_is_echoed_and_that_no_test_sequence_is(self, drawn, monkeypatch):
        tasks = {"2 of 3": Echo(3, 2, 5, 1, 40, 4)}
        tasks["reversed"] = Echo(3, 3, 5, 2, 40, 4, step=-1)
        monkeypatch.setattr(echo_attention, "N_TEST", 60)  # of 125
        settings = echo_attention.Settings(epochs=10)
        for name, task in tasks.items():
            tiny = task, echo_attention.Network()
            monkeypatch.setitem(echo_attention.VARIANTS, name, tiny)
            echo_attention.experiment.perform(settings, name, 1)
        seen = [[*zip(X.tolist(), y.tolist())] for X, y in drawn]
        first, last = sum(seen[:10], []), sum(seen[10:], [])
        assert len(first) == 400 and all(X[:2] == y for X, y in first)
        assert len(last) == 800 and all(X[::-1] == y for X, y in last)
        assert len({tuple(X) for X, _ in first + last}) <= 65

    @pytest.mark.slow
    def test_sequences_of_fifty_are_echoed(self):
        variant = "50 of 50, attention, both directions"
        rows = echo_attention.main(["--variant", variant])
        assert rows.mean(variant, "Exact match") >= 0.99


class TestEchoLength:
    @pytest.fixture
    def small(self, monkeypatch):
        """Test on few sequences of these lengths, after short training."""

        def small(lengths, n_batches, n_test):
            monkeypatch.setattr(echo_length, "LENGTHS", lengths)
            monkeypatch.setattr(echo_length, "N_BATCHES", n_batches)
            monkeypatch.setattr(echo_length, "N_TEST", n_test)

        return small

    @pytest.mark.slow
    def test_it_scores_every_length_shows_wrong_answers_and_draws(
        self, run, monkeypatch, small, tmp_path
    ):
        kept = ["three LSTMs, up to 10", "places, reversed", "places, no LSTM"]
        for name in {*echo_length.VARIANTS} - {*kept}:
            monkeypatch.delitem(echo_length.VARIANTS, name)
        small(lengths=(2, 6), n_batches=50, n_test=5)
        files = [tmp_path / "plot.png", tmp_path / "map.png"]
        flags = ["--epochs", 1, "--plot", files[0], "--map", files[1]]
        rows, out = run(echo_length, *flags)
        assert list(rows) == kept
        for row in rows.values():
            assert score_names(row) == ["2 integers", "6 integers"]
        assert "\nplaces, reversed, seed 1, 2 integers, 5 wrong, the first " in out
        assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)

    def test_an_integer_of_the_answer_comes_from_its_place(self):
        sequences, empty = [(7, 8, 9), (5,)], echo_length.EMPTY
        offsets = np.array([0, 10])
        reverse, forwards = echo_length.Variant(reverse=True), echo_length.Variant()
        (X, places, origin), y = echo_length.encode(reverse, sequences, 3, offsets)
        assert X.tolist() == [[7, 8, 9], [5, empty, empty]]
        assert y.tolist() == [[9, 8, 7], [5, empty, empty]]
        assert places.tolist() == [[0, 1, 2], [10, 11, 12]]
        assert origin.tolist() == [[2, 1, 0], [10, 11, 12]]
        (_, _, origin), y = echo_length.encode(forwards, sequences, 3, offsets)
        assert y.tolist() == X.tolist() and origin.tolist() == places.tolist()

    def test_stacked_lstms_answer_after_the_sequence(self):
        e = echo_length.EMPTY
        X, y = echo_length.encode(echo_length.Variant(stacked=3), [(7, 8, 9), (5,)], 3)
        assert X.tolist() == [[7, 8, 9, e, e, e], [e, e, 5, e, e, e]]
        assert y.tolist() == [[e, e, e, 7, 8, 9], [e, e, e, 5, e, e]]

    def test_of_plain_lstms_only_the_answers_integers_count_in_training(self, drawn, small):
        small(lengths=(1, 12), n_batches=10, n_test=50)
        for variant in ("three LSTMs, up to 10", "places, up to 10"):
            echo_length.experiment.perform(echo_length.Settings(epochs=1), variant, 1)
        X, y, weights = drawn[0]
        assert X.shape == (64, 20) and ((y != echo_length.EMPTY) == weights).all()
        assert not weights[:, :10].any() and weights[:, 10].all()
        assert len(drawn[1]) == 2  # no weights
        shown = {tuple(row[row != echo_length.EMPTY]) for row in drawn[1][0][0]}
        lengths = {len(sequence) for sequence in shown}
        assert lengths <= {*range(1, 11)} and len(lengths) > 5

    def test_no_sequence_of_a_test_is_drawn(self, drawn, small, monkeypatch):
        small(lengths=(1,), n_batches=100, n_test=50)
        asked = []

        def collect(model, X, batch_size):
            asked.extend(map(tuple, X[0][:, :1].tolist()))
            return np.zeros((*X[0].shape, 100))

        monkeypatch.setattr(echo_length, "predict", collect)
        echo_length.experiment.perform(echo_length.Settings(epochs=5), "places, up to 5", 1)
        trained = {(a,) for (X, *_), _ in drawn for a, b, *_ in X if b == echo_length.EMPTY}
        assert len({*asked}) == 50 and len(trained) == 50  # of a hundred in all
        assert not trained & {*asked}

    @pytest.mark.slow
    def test_a_hundred_integers_are_echoed_after_training_on_fifty(self, monkeypatch):
        monkeypatch.setattr(echo_length, "LENGTHS", (100,))
        variant = "places, up to 50"
        rows = echo_length.main(["--variant", variant])
        assert rows.mean(variant, "100 integers") >= 0.99

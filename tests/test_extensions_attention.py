"""The extensions with attention and to longer sums: tiny, and (slow) as they are."""

import re
from dataclasses import replace

import numpy as np
import pytest

from common import training
from common.runner.rows import score_names
from extensions import addition_attention, addition_length
from extensions.tools.digits import draw_terms, unordered_terms
from extensions.tools.scoring import together

EDGE_CASES = ["Long carries", "Zeros", "Equal terms", "Unequal lengths"]
pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture(autouse=True)
def own_models():
    """The tests change sizes that models are built with: none may get another's."""
    addition_attention.build_model.cache_clear()
    addition_length.build_model.cache_clear()


@pytest.fixture
def drawn(drawn, monkeypatch):
    for script in (addition_attention, addition_length):
        monkeypatch.setattr(script, "train", training.train)
    return drawn


class TestAdditionAttention:
    TEN_DIGITS = [*addition_attention.VARIANTS][-2:]

    def small(self, monkeypatch, name, **changes):
        """Let the variant of that name be another, and the tests be few."""
        variant = replace(addition_attention.VARIANTS[name], **changes)
        monkeypatch.setitem(addition_attention.VARIANTS, name, variant)
        monkeypatch.setitem(addition_attention.N_UNITS, variant.decoder, 4)
        monkeypatch.setattr(addition_attention, "N_TEST", 500)
        monkeypatch.setattr(addition_attention, "N_EDGE_CASES", 50)

    @pytest.mark.slow
    def test_it_scores_both_decoders_and_draws_a_map(self, run, monkeypatch, tmp_path):
        flags = ["--epochs", 1, "--map", tmp_path / "map.png"]
        for name in self.TEN_DIGITS:
            self.small(monkeypatch, name, n_digits=2, n_sums=200)
            flags += ["--variant", name]
        rows, out = run(addition_attention, *flags)
        assert list(rows) == self.TEN_DIGITS
        for row in rows.values():
            assert score_names(row) == ["Exact match", "Edge cases", *EDGE_CASES]
            assert row["Exact match"].total == 500
            assert row["Edge cases"] == together(row[kind] for kind in EDGE_CASES)
        assert re.search(rf"{addition_attention.SHOWN}, seed 1, [\d,]+ wrong", out)
        assert re.search(r"\n  \d+\+\d+: expected \d+, predicted \d+ \(wrong: ", out)
        assert (tmp_path / "map.png").read_bytes().startswith(b"\x89PNG")

    def test_the_order_turns_question_and_answer(self):
        terms = np.array([[[1, 2], [3, 9]]])  # 21 + 93
        X, y = addition_attention.encode(terms, as_written=False)
        assert X.tolist() == [[1, 2, 10, 3, 9]] and y.tolist() == [[4, 1, 1]]
        X, y = addition_attention.encode(terms, as_written=True)
        assert X.tolist() == [[9, 3, 10, 2, 1]] and y.tolist() == [[1, 1, 4]]

    @pytest.mark.parametrize("as_written", [True, False])
    def test_one_wrong_answer_is_scored_among_its_kind(
        self, as_written, drawn, monkeypatch
    ):
        def right_but_for_the_last(model, X):
            read = X[:, ::-1] if as_written else X
            terms = np.stack([read[:, :2], read[:, 3:]], axis=1)
            _, y = addition_attention.encode(terms, as_written)
            y[-1] = 9 - y[-1]
            return np.eye(10)[y]

        monkeypatch.setattr(addition_attention, "predict", right_but_for_the_last)
        name = self.TEN_DIGITS[0]
        self.small(monkeypatch, name, n_digits=2, n_sums=100, as_written=as_written)
        settings = addition_attention.Settings(epochs=1)
        row = addition_attention.experiment.perform(settings, name, 1).row
        kinds = ["Exact match", "Edge cases", *EDGE_CASES]
        wrong = [row[kind].total - row[kind].right for kind in kinds]
        assert wrong == [0, 1, 0, 0, 0, 1]  # the last is of unequal lengths

    @pytest.mark.parametrize("new", [True, False])
    def test_no_test_pair_is_drawn_in_either_order(self, new, drawn, monkeypatch):
        asked = []

        def collect(model, X):
            asked.append(np.stack([X[:, :2], X[:, 3:]], axis=1))
            return np.zeros((len(X), 3, 10))

        monkeypatch.setattr(addition_attention, "predict", collect)
        name = self.TEN_DIGITS[0]
        self.small(monkeypatch, name, n_digits=2, n_sums=3000, new=new)
        settings = addition_attention.Settings(epochs=3)
        addition_attention.experiment.perform(settings, name, 1)
        read = np.concatenate([X for X, _ in drawn])
        terms = np.stack([read[:, :2], read[:, 3:]], axis=1)
        assert len({*map(unordered_terms, terms)}) > 1500  # of 5050 pairs
        held_out = {*map(unordered_terms, np.concatenate(asked))}
        assert len(held_out) > 500 and not held_out & {*map(unordered_terms, terms)}
        first, second = ({*map(unordered_terms, terms[i : i + 3000])} for i in (0, 3000))
        assert (first == second) == (not new)

    @pytest.mark.slow
    def test_unseen_sums_of_three_digits_are_right(self):
        name = (
            "3 digits, least significant first, the same 45,000 sums per epoch, attention"
        )
        rows = addition_attention.main(["--variant", name])
        assert rows.mean(name, "Exact match") >= 0.992  # measured: 0.999 and more


class TestAdditionLength:
    def small(self, monkeypatch):
        monkeypatch.setattr(addition_length, "LENGTHS", (20, 30))
        monkeypatch.setattr(addition_length, "LONG_CARRIES", (25,))
        monkeypatch.setattr(addition_length, "UNEQUAL", ((25, 3),))
        monkeypatch.setattr(addition_length, "N_BATCHES", 40)
        monkeypatch.setattr(addition_length, "N_TEST", 5)
        monkeypatch.setattr(addition_length, "N_PLACES", 60)

    @pytest.mark.slow
    def test_it_scores_every_length_and_draws(self, run, monkeypatch, tmp_path):
        self.small(monkeypatch)
        variants = ["encoder-decoder, attention, moved", "places, up to 20 digits"]
        files = [tmp_path / "plot.png", tmp_path / "map.png"]
        flags = ["--epochs", 1, "--plot", files[0], "--map", files[1]]
        flags += ["--variant", variants[0], "--variant", variants[1]]
        rows, out = run(addition_length, *flags)
        assert list(rows) == variants
        for row in rows.values():
            lengths = ["20 digits", "30 digits", "25 + 3 digits"]
            assert score_names(row) == [*lengths, "Long carries, 25"]
        assert re.search(r"places, up to 20 digits, seed 1, 20 digits, \d+ wrong", out)
        assert all(file.read_bytes().startswith(b"\x89PNG") for file in files)

    def test_places_count_from_the_least_significant_digit_of_each_term(self):
        terms = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
        places = addition_length.Variant()
        digits, read, written = addition_length.encode(places, terms, np.array([0, 9]))
        assert digits.tolist() == [[1, 2, 0, 3, 4, 0], [5, 6, 0, 7, 8, 0]]
        assert read.tolist() == [[0, 1, 2] * 2, [9, 10, 11] * 2]
        assert written.tolist() == [[0, 1, 2], [9, 10, 11]]
        columns = addition_length.encode(addition_length.Variant(columns=True), terms)
        assert columns[0].tolist() == [[1, 3], [2, 4], [0, 0]]

    @pytest.mark.parametrize("name", [*addition_length.VARIANTS][:3])
    def test_an_encoder_decoder_for_longer_terms_has_the_same_weights(
        self, name, monkeypatch
    ):
        self.small(monkeypatch)
        variant = replace(addition_length.VARIANTS[name], n_digits=3, units=4)
        model = addition_length.network(variant, 3)
        terms = draw_terms(7, 3, rng=np.random.default_rng(1))
        direct = np.asarray(model(addition_length.encode(variant, terms)))
        found = addition_length.answers(variant, model, terms)
        assert (found == direct.argmax(axis=-1)).all()
        longer = draw_terms(7, 9, rng=np.random.default_rng(1))
        assert addition_length.answers(variant, model, longer).shape == (7, 10)

    def test_variants_that_differ_in_their_data_share_a_model(self, drawn, monkeypatch):
        self.small(monkeypatch)
        settings = addition_length.Settings(epochs=1)
        for name in ("places, up to 20 digits", "places, not moved", "places, GRU"):
            addition_length.experiment.perform(settings, name, 1)
        info = addition_length.build_model.cache_info()
        assert (info.hits, info.misses) == (1, 2)

    def test_training_sees_no_test_sum_nor_a_longer_one_and_every_place(
        self, drawn, monkeypatch
    ):
        self.small(monkeypatch)
        monkeypatch.setattr(addition_length, "LENGTHS", (2, 20))
        monkeypatch.setattr(addition_length, "N_TEST", 500)
        settings = addition_length.Settings(epochs=8)
        for name in ("places, up to 3 digits", "places, not moved"):
            addition_length.experiment.perform(settings, name, 1)
        (moved, _), (fixed, _) = drawn[0], drawn[-1]
        assert moved[0].shape[1] == 2 * (3 + 1) and fixed[0].shape[1] == 2 * (20 + 1)
        places = {*np.concatenate([X[2] for X, _ in drawn[:8]]).ravel().tolist()}
        assert places == {*range(60)}
        assert {*fixed[2].ravel().tolist()} == {*range(21)}
        terms = np.concatenate([X[0] for X, _ in drawn[:8]]).reshape(-1, 2, 4)
        rng = np.random.default_rng(2026)
        held_out = {*map(unordered_terms, draw_terms(500, 2, rng=rng))}
        assert not held_out & {*map(unordered_terms, terms)}

    @pytest.mark.slow
    def test_a_hundred_digits_are_added_after_training_on_twenty(self, monkeypatch):
        monkeypatch.setattr(addition_length, "LENGTHS", (100,))
        monkeypatch.setattr(addition_length, "LONG_CARRIES", (100,))
        monkeypatch.setattr(addition_length, "UNEQUAL", ((100, 10),))
        name = "places, up to 20 digits"
        rows = addition_length.main(["--variant", name])
        assert rows.mean(name, "100 digits") >= 0.99  # measured: 1

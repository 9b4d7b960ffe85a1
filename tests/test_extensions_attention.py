"""Attention, and longer inputs than in training: what is drawn, asked, scored, learned."""

from dataclasses import replace

import numpy as np
import pytest

from common.backend import keras
from common.scores import Share
from common.training import History
from extensions import addition_attention, addition_length, echo_attention, echo_length
from extensions.tools.digits import draw_terms, unordered_terms

EDGE_CASES = ["Long carries", "Zeros", "Equal terms", "Unequal lengths"]
pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture
def perform(monkeypatch):
    """Run a variant whose network, not trained, gives the answers that `answer` makes of X.

    Returns the scores, and the data of every epoch.
    """

    def perform(script, variant, answer, n_symbols, epochs=1):
        drawn = []

        def train(model, new_data, epochs, batch_size):
            drawn.extend(new_data() for _ in range(epochs))
            assert all(len(y) % batch_size == 0 for _, y, *_ in drawn)
            return History(loss=[0.5])

        def predict(model, X, batch_size=None):
            return np.eye(n_symbols)[answer(X)]

        monkeypatch.setattr(script, "build_model", lambda *_: 1)
        monkeypatch.setattr(script, "attention_weights", lambda *_: [None])
        monkeypatch.setattr(script, "predict", predict)
        ran = script.run(script.Settings(epochs=epochs), 1, variant, train=train)
        return ran.scores, drawn

    return perform


@pytest.fixture
def few(monkeypatch):
    """Let a script have these numbers."""

    def few(script, **numbers):
        for name, number in numbers.items():
            monkeypatch.setattr(script, name, number)

    return few


def read_sum(symbols):
    """The digits of the sum of what a network reads, all least significant first."""
    first, second = "".join("0123456789+"[symbol] for symbol in symbols[::-1]).split("+")
    return [
        int(digit) for digit in reversed(f"{int(first) + int(second):0{len(first) + 1}}")
    ]


class TestAdditionAttention:
    def variant(self, **changes):
        return replace(addition_attention.VARIANTS[addition_attention.SHOWN], **changes)

    def test_the_order_turns_question_and_answer(self):
        terms = np.array([[[1, 2], [3, 9]]])  # 21 + 93
        X, y = addition_attention.encode(terms, as_written=False)
        assert X.tolist() == [[1, 2, 10, 3, 9]] and y.tolist() == [[4, 1, 1]]
        X, y = addition_attention.encode(terms, as_written=True)
        assert X.tolist() == [[9, 3, 10, 2, 1]] and y.tolist() == [[1, 1, 4]]

    @pytest.mark.parametrize("as_written", [True, False])
    def test_who_adds_all_but_the_last_sum_has_one_of_its_kind_wrong(
        self, as_written, perform, few
    ):
        def all_but_the_last(X):
            turned = slice(None, None, -1 if as_written else 1)
            y = np.array([read_sum(row[turned])[turned] for row in X])
            y[-1, -1] = 9 - y[-1, -1]
            return y

        few(addition_attention, N_TEST=500, N_EDGE_CASES=50)
        variant = self.variant(n_digits=2, n_sums=100, as_written=as_written)
        scores, _ = perform(addition_attention, variant, all_but_the_last, 10)
        assert [*scores] == ["Exact match", "Edge cases", *EDGE_CASES]
        wrong = [share.total - share.right for share in scores.values()]
        assert wrong == [0, 1, 0, 0, 0, 1]  # the last is of unequal lengths
        assert scores["Edge cases"].total == sum(scores[kind].total for kind in EDGE_CASES)

    @pytest.mark.parametrize("new", [True, False])
    def test_no_test_pair_is_drawn_in_either_order(self, new, perform, few):
        def pairs(X):
            return [
                unordered_terms(pair) for pair in np.stack([X[:, :2], X[:, 3:]], axis=1)
            ]

        asked = []

        def collect(X):
            asked.extend(pairs(X))
            return np.zeros((len(X), 3), int)

        few(addition_attention, N_TEST=500, N_EDGE_CASES=50)
        variant = self.variant(n_digits=2, n_sums=3000, new=new)
        _, drawn = perform(addition_attention, variant, collect, 10, epochs=2)
        first, second = ({*pairs(X)} for X, _ in drawn)
        assert len(first | second) > 1500  # of 5050 pairs
        assert len({*asked}) > 500 and not {*asked} & (first | second)
        assert (first == second) == (not new)

    def test_networks_that_are_compared_have_about_as_many_weights(self):
        def n_weights(name):
            variant = addition_attention.VARIANTS[f"{addition_attention.LONG}, {name}"]
            model = addition_attention.build_model(variant, 1)
            assert model.output_shape == (None, 11, 10)
            return model.count_params()

        attention = n_weights("attention")
        positions = (21 + 11) * 64
        assert n_weights("attention without positions") == attention - positions
        for name in ("RepeatVector", "RepeatVector and a second LSTM"):
            assert attention < n_weights(name) < 1.1 * attention


class TestAdditionLength:
    @pytest.fixture(autouse=True)
    def small(self, few):
        few(addition_length, LENGTHS=(20, 30), LONG_CARRIES=(25,), UNEQUAL=((25, 3),))
        few(addition_length, N_BATCHES=40, N_TEST=5, N_PLACES=60)

    def test_places_count_from_the_least_significant_digit_of_each_term(self):
        terms = np.array([[[1, 2], [3, 4]], [[5, 6], [7, 8]]])
        places = addition_length.Variant()
        digits, read, written = addition_length.encode(places, terms, np.array([0, 9]))
        assert digits.tolist() == [[1, 2, 0, 3, 4, 0], [5, 6, 0, 7, 8, 0]]
        assert read.tolist() == [[0, 1, 2] * 2, [9, 10, 11] * 2]
        assert written.tolist() == [[0, 1, 2], [9, 10, 11]]
        columns = addition_length.encode(addition_length.Variant(columns=True), terms)
        assert columns[0].tolist() == [[1, 3], [2, 4], [0, 0]]

    @pytest.mark.parametrize("name", [addition_length.SHOWN, "digits side by side"])
    def test_who_adds_all_but_the_first_of_each_length_has_one_wrong(self, name, perform):
        def all_but_the_first(X):
            columns = X if name == "digits side by side" else None
            if columns is None:
                columns = np.stack(np.split(X[0], 2, axis=1), axis=2)
                assert (X[1] == np.tile(X[2], 2)).all()  # each digit's place is told
            answers = []
            for row in columns:
                total = sum(
                    int(digit) * 10**i for i, pair in enumerate(row) for digit in pair
                )
                answers.append([*map(int, reversed(f"{total:0{len(row)}}"))])
            answers[0][-1] += 1
            return np.array(answers)

        variant = addition_length.VARIANTS[name]
        scores, _ = perform(addition_length, variant, all_but_the_first, 10)
        asked = ["20 digits", "30 digits", "25 + 3 digits", "Long carries, 25"]
        assert scores == dict.fromkeys(asked, Share(4, 5))

    def test_training_sees_no_test_sum_nor_a_longer_one_and_every_place(self, perform, few):
        few(addition_length, LENGTHS=(2, 20), N_TEST=500)
        variant = addition_length.VARIANTS["places, up to 3 digits"]
        _, drawn = perform(addition_length, variant, lambda X: 0 * X[2], 10, epochs=8)
        assert {X[0].shape[1] for X, _ in drawn} == {2 * (3 + 1)}
        assert {*np.concatenate([X[2] for X, _ in drawn]).ravel().tolist()} == {*range(60)}
        terms = np.concatenate([X[0] for X, _ in drawn]).reshape(-1, 2, 4)
        rng = np.random.default_rng(2026)
        held_out = {*map(unordered_terms, draw_terms(500, 2, rng=rng))}
        assert not held_out & {*map(unordered_terms, terms)}

    @pytest.mark.parametrize("name", [*addition_length.VARIANTS][2:6])
    def test_every_network_reads_terms_of_any_length(self, name):
        variant = addition_length.VARIANTS[name]
        model = addition_length.build_model(variant, 1)
        for n_digits in (3, 9):
            terms = draw_terms(7, n_digits, rng=np.random.default_rng(1))
            assert model(addition_length.encode(variant, terms)).shape == (
                7,
                n_digits + 1,
                10,
            )


@pytest.mark.slow
def test_a_hundred_digits_are_added_after_training_on_twenty(few):
    few(addition_length, LENGTHS=(100,), LONG_CARRIES=(100,), UNEQUAL=((100, 10),))
    name = "places, up to 20 digits"
    rows = addition_length.main(["--variant", name])
    assert rows.mean(name, "100 digits") >= 0.99  # measured: 1


class TestEchoAttention:
    @pytest.mark.parametrize(
        ("name", "places"),
        [
            ("2 of 5 and three zeros, RepeatVector", [0, 1, None, None, None]),
            ("2 of 5, attention", [0, 1]),
            ("5 of 5, RepeatVector", [0, 1, 2, 3, 4]),
            ("5 reversed, attention", [4, 3, 2, 1, 0]),
            ("50 of 50, RepeatVector", [*range(50)]),
            ("50 reversed, attention", [*range(49, -1, -1)]),
        ],
    )
    def test_who_echoes_all_but_three_integers_has_three_answers_wrong(
        self, name, places, perform, few
    ):
        def all_but_three(X):
            y = np.stack([0 * X[:, 0] if i is None else X[:, i] for i in places], axis=1)
            y[:3, -1] = (y[:3, -1] + 1) % variant.n_unique
            return y

        few(echo_attention, N_TEST=100)
        variant = echo_attention.VARIANTS[name]
        scores, _ = perform(echo_attention, variant, all_but_three, variant.n_unique)
        n = 100 * len(places)
        assert [*scores.values()] == [Share(97, 100), Share(n - 3, n)]

    def test_training_sees_no_test_sequence_and_all_the_epochs(self, perform, few):
        few(echo_attention, N_TEST=60)  # of 125
        tiny = {"n_in": 3, "n_unique": 5, "batch_size": 2, "n_batches": 40, "times": 4}
        variant = echo_attention.Variant(n_out=3, reverse=True, **tiny)
        _, drawn = perform(echo_attention, variant, lambda X: 0 * X, 5, epochs=3)
        assert len(drawn) == 12 and {len(X) for X, _ in drawn} == {80}
        assert all((X[:, ::-1] == y).all() for X, y in drawn)
        assert len({tuple(row) for X, _ in drawn for row in X.tolist()}) == 65

    def test_attention_and_positions_are_there_where_the_name_says_so(self):
        def n_weights(name):
            variant = echo_attention.VARIANTS[f"50 of 50, {name}"]
            model = echo_attention.build_model(variant)
            assert model.output_shape == (None, 50, 100)
            return model.count_params()

        plain, attention = n_weights("RepeatVector"), n_weights("attention")
        assert attention - n_weights("attention without positions") == 2 * 50 * 64
        assert attention - plain == 2 * 50 * 64 + 64 * 100 + 1  # and the scale
        assert n_weights("RepeatVector and positions") - plain == 50 * (100 + 64)


class TestEchoLength:
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

    @pytest.mark.parametrize("name", [*echo_length.VARIANTS][1:5])
    def test_who_echoes_all_but_the_first_has_one_wrong_whatever_stands_around_answers(
        self, name, perform, few
    ):
        variant = echo_length.VARIANTS[name]

        def all_but_the_first(X):
            asked = X if variant.stacked else X[0]
            width = asked.shape[1]
            answers = np.zeros_like(asked)
            for row, symbols in zip(answers, asked.tolist()):
                read = [symbol for symbol in symbols if symbol != echo_length.EMPTY]
                start = width // 2 if variant.stacked else 0
                row[start : start + len(read)] = read[:: -1 if variant.reverse else 1]
            answers[0, width // 2 if variant.stacked else 0] += 1
            return answers

        few(echo_length, LENGTHS=(2, 60), N_TEST=20)
        scores, _ = perform(echo_length, variant, all_but_the_first, 101)
        assert scores == {"2 integers": Share(19, 20), "60 integers": Share(19, 20)}

    def test_of_plain_lstms_only_the_answers_integers_count_in_training(self, perform, few):
        def nothing(X):
            return 0 * (X if isinstance(X, np.ndarray) else X[0])

        few(echo_length, LENGTHS=(1,), N_BATCHES=10, N_TEST=50)
        drawn = {}
        for name in ("three LSTMs, up to 10", "places, up to 10"):
            variant = echo_length.VARIANTS[name]
            _, [drawn[name]] = perform(echo_length, variant, nothing, 101)
        X, y, weights = drawn["three LSTMs, up to 10"]
        assert X.shape == (64, 20) and ((y != echo_length.EMPTY) == weights).all()
        assert not weights[:, :10].any() and weights[:, 10].all()
        X, _ = drawn["places, up to 10"]  # no weights
        lengths = {*(X[0] != echo_length.EMPTY).sum(axis=1).tolist()}
        assert lengths <= {*range(1, 11)} and len(lengths) > 5

    def test_no_sequence_of_a_test_is_drawn(self, perform, few):
        few(echo_length, LENGTHS=(1,), N_BATCHES=100, N_TEST=50)
        asked = []

        def collect(X):
            asked.extend(X[0][:, :1].ravel().tolist())
            return 0 * X[0]

        variant = echo_length.VARIANTS["places, up to 5"]
        _, drawn = perform(echo_length, variant, collect, 101, epochs=5)
        alone = {a for (X, *_), _ in drawn for a, b, *_ in X if b == echo_length.EMPTY}
        assert len({*asked}) == 50 and len(alone) == 50  # of a hundred in all
        assert not alone & {*asked}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "variant", "numbers"),
    [
        (addition_attention, None, {"N_TEST": 20, "N_EDGE_CASES": 9}),
        (addition_length, None, {"LENGTHS": (3, 12), "N_BATCHES": 60, "N_TEST": 5}),
        (echo_attention, {"n_in": 6, "n_out": 6}, {"N_TEST": 5}),
        (echo_length, None, {"LENGTHS": (2, 60), "N_BATCHES": 50, "N_TEST": 5}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_epoch_prints_wrong_answers_and_draws_a_map_and_a_plot(
    script, variant, numbers, few, monkeypatch, capsys, tmp_path
):
    few(script, **numbers)
    sizes = {"n_sums": 200} if script is addition_attention else variant
    if sizes:
        small = replace(script.VARIANTS[script.SHOWN], **sizes)
        monkeypatch.setitem(script.VARIANTS, script.SHOWN, small)
    if script is addition_length:
        few(script, LONG_CARRIES=(5,), UNEQUAL=((5, 3),))
    files = [tmp_path / "map.png", *[tmp_path / "plot.png"] * bool(script.experiment.plot)]
    flags = [text for file in files for text in (f"--{file.stem}", str(file))]
    keras.utils.clear_session()
    script.main(["--epochs", "1", "--variant", script.SHOWN, *flags])
    out = capsys.readouterr().out
    assert f"\n{script.SHOWN}, seed 1, " in out and ": expected " in out
    assert all(file.exists() for file in files)

"""The extensions of the addition tutorial to other tasks, and the learning rates.

Most are asked without training: an oracle stands in for the network.
"""

import math
import re
from dataclasses import replace
from random import Random

import pytest

from common.characters import ALPHABET, integer_encode, invert
from common.onehot import one_hot_decode, one_hot_encode
from common.runner.comparison import Rows
from common.scores import EXACT, PER_CHARACTER, Share
from common.training import History
import addition_mlp
import addition_seq2seq
import echo_whole
from extensions import addition_autoregressive as autoregressive
from extensions import addition_brackets as brackets
from extensions import addition_digits as digits
from extensions import addition_operations as operations
from extensions import addition_variable_terms as terms
from extensions import learning_rates as rates
from extensions.tools.expressions import SYMBOLS, alphabet, evaluate, parse, to_text
from extensions.tools.heldout import unordered

SCRIPTS = (autoregressive, brackets, digits, operations, terms)
SYMBOLS_OF = {len(symbols): symbols for symbols in (ALPHABET, SYMBOLS, alphabet("/"))}
pytestmark = pytest.mark.usefixtures("uncompiled")


class Drawing:
    """Has `train`'s place: draws what training draws, and keeps it, but trains nothing."""

    def __init__(self):
        self.epochs, self.done = [], 0

    def __call__(self, model, new_data, epochs, batch_size, *, callbacks=()):
        self.model, self.batch_size = model, batch_size
        for self.done in range(1, epochs + 1):
            self.epochs.append(new_data())
            for callback in callbacks:
                if self.done in callback.epochs:
                    callback.on_epoch_end(self.done - 1)
        return History(loss=[0.5] * epochs)

    @property
    def questions(self):
        """Those of all epochs, as texts."""
        inputs = [X[0] if isinstance(X, tuple) else X for X, _ in self.epochs]
        return [text for X in inputs for text in texts(X)]


def texts(X):
    return [invert(row, SYMBOLS_OF[X.shape[-1]]).strip() for row in X]


@pytest.fixture
def ask(monkeypatch):
    """Run a variant with an oracle: its scores, what it is asked, what training draws.

    The oracle answers a question's text with a number, or a text.
    """

    def ask(script, settings, variant, answer, seed=1):
        asked, drawing = [], Drawing()

        def predict(model, X):
            X = X[0] if isinstance(X, tuple) else X
            asked[:] = texts(X)
            answers = [str(answer(text)).rjust(model.output_shape[1]) for text in asked]
            symbols = SYMBOLS_OF[X.shape[-1]]
            return one_hot_encode(integer_encode(answers, symbols), len(symbols))

        monkeypatch.setattr(script, "predict", predict)
        fields = script.experiment.variants(settings)[variant]
        scores = script.run(settings, seed, fields, train=drawing).scores
        return scores, asked, drawing

    return ask


def value(text):
    return evaluate(parse(text))


def numbers(text):
    """The numbers of a question, without the zeros that fill it up, in order."""
    return sorted(int(number) for number in re.findall(r"\d+", text) if int(number))


SMALL = {
    autoregressive: {"largest": 30, "test": 100, "units": (2, 3)},
    brackets: {"units": 2},
    digits: {},
    operations: {"largest": 20, "units": 2},
    terms: {"units": 2},
}
ASKED = [
    (digits, "2 digits, 16 units"),
    (autoregressive, "RepeatVector"),
    (autoregressive, "autoregressive, attention"),
    (brackets, "+, - and *"),
    (brackets, f"+ and -{brackets.EQUALLY_MANY}"),
    (operations, "all four"),
    (operations, "quotients alone"),
    (terms, "1 to 4, spaces"),
    (terms, "without 3, zeros"),
]


@pytest.mark.parametrize(
    ("script", "variant"), ASKED, ids=lambda v: getattr(v, "__name__", v)
)
def test_who_knows_the_task_is_right_and_was_not_shown_the_questions(script, variant, ask):
    settings = script.Settings(epochs=1, **SMALL[script])
    scores, asked, drawing = ask(script, settings, variant, value)
    shares = [score for score in scores.values() if isinstance(score, Share)]
    assert all(share.right == share.total for share in shares)
    assert scores[EXACT].total > 20
    n_seen = scores["Seen"].total if "Seen" in scores else 0
    trained = {unordered(parse(text)) for text in drawing.questions}
    tested = [unordered(parse(text)) for text in asked[: len(asked) - n_seen]]
    assert len(drawing.questions) == 3200
    assert not trained & {*tested}
    if script is terms:  # filled up with zeros they would be others
        trained = {(*numbers(text),) for text in drawing.questions}
        assert not trained & {(*numbers(text),) for text in asked}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.experiment.name)
def test_weights_and_questions_are_those_of_the_seed(script, ask):
    settings = script.Settings(epochs=1, **SMALL[script])
    variant, *_ = script.experiment.variants(settings)
    ran = [ask(script, settings, variant, lambda text: 0, seed)[2] for seed in (1, 2, 1)]
    first, other, again = ([*drawing.model.get_weights()[0].flat] for drawing in ran)
    assert first == again != other
    first, other, again = (drawing.questions for drawing in ran)
    assert first == again != other


@pytest.mark.parametrize(
    ("script", "flags", "reason"),
    [
        (terms, ["--terms", "3"], "terms must be at least 4"),
        (terms, ["--largest", "4"], "largest must be at least 5"),
        (operations, ["--largest", "4"], "largest must be at least 5"),
        (brackets, ["--operands", "1"], "operands must be at least 2"),
        (brackets, ["--depth", "11"], "depth must be at most 10"),
        (autoregressive, ["--largest", "20"], "test must be below 210, all pairs"),
        (rates, ["--variant", "MLP"], "there is no --variant 'MLP'"),
    ],
)
def test_wrong_flags_are_refused(script, flags, reason, refused):
    assert reason in refused(script.main, *flags)


class TestDigits:
    def test_both_orders_of_a_pair_are_asked_and_scored(self, ask):
        def if_ascending(text):
            first, second = map(int, text.split("+"))
            return first + second if first <= second else 0

        settings, name = digits.Settings(epochs=1), "2 digits, 16 units"
        scores, asked, _ = ask(digits, settings, name, if_ascending)
        doubles = sum(len({*text.split("+")}) == 1 for text in asked)
        assert len(asked) == 990 - doubles  # 495 pairs, a tenth of 4,950
        assert scores[EXACT] == (495, len(asked))

    def test_every_seed_holds_out_other_pairs(self, ask):
        settings, name = digits.Settings(epochs=1), "3 digits, 16 units"
        sets = [{*ask(digits, settings, name, value, seed)[1]} for seed in (1, 2, 3)]
        assert all(len(one) > 990 for one in sets)
        assert len(set.union(*sets)) > 2900

    @pytest.mark.parametrize(
        ("variant", "budgets"), [(digits.THREE_TIMES, 3), (digits.EIGHT_TIMES, 8)]
    )
    def test_longer_trainings_draw_more(self, variant, budgets, ask, monkeypatch):
        monkeypatch.setattr(digits, "N_EXAMPLES", 10)
        _, _, drawing = ask(digits, digits.Settings(epochs=2), variant, value)
        assert len(drawing.epochs) == 2 * budgets

    def test_it_is_the_tutorials_model_at_three_times_the_rate(self):
        model = digits.build_model(2, 10, 7)
        sizes = {"encoder_units": 7, "decoder_units": 7}
        tutorial = addition_seq2seq.build_model(addition_seq2seq.Settings(**sizes))
        assert model.count_params() == tutorial.count_params()
        assert float(model.optimizer.learning_rate) == pytest.approx(0.003)

    def test_the_plot_has_a_line_for_each_budget(self, monkeypatch):
        drawn = []
        monkeypatch.setattr(digits, "plot_scores", lambda *args: drawn.append(args[1]))
        rows = Rows(
            {"variant": name, EXACT: Share(v.units, 1000)}
            for name, v in digits.VARIANTS.items()
        )
        digits.plot("map.png", rows, digits.Settings())
        sizes = {units: [units / 1000] for units in (16, 32, 64, 128)}
        assert drawn == [
            {
                "2 digits, 100 epochs": sizes,
                "3 digits, 100 epochs": sizes,
                "3 digits, 800 epochs": {32: [0.032]},
                "3 digits, 300 epochs": {64: [0.064]},
            }
        ]


class TestOperations:
    def test_each_operation_has_its_own_score(self, ask):
        def not_products(text):
            return 0 if "*" in text else value(text)

        settings = operations.Settings(epochs=1, **SMALL[operations])
        scores, _, _ = ask(operations, settings, "all four", not_products)
        n = scores["Sums"].total
        assert scores["Sums"] == scores["Differences"] == (n, n)
        assert scores["Products"] == (0, n) and scores["Quotients"] == (0, 0)
        n_squares = scores["Squares"].total
        assert scores["Squares"].right == n_squares >= 2
        assert scores[EXACT] == (2 * n + n_squares, 3 * n + n_squares)
        assert 0.7 < float(scores["Seen"]) < 0.8 and scores["Seen"].total == 3200

    def test_seen_questions_are_those_of_the_first_epoch(self, ask):
        settings = operations.Settings(epochs=2, **SMALL[operations])
        _, asked, drawing = ask(operations, settings, "products alone", value)
        assert asked[-3200:] == drawing.questions[:3200]

    @pytest.mark.parametrize("variant", operations.VARIANTS)
    def test_no_pair_of_the_test_set_is_drawn_with_any_operation(self, variant, ask):
        settings = operations.Settings(epochs=1, **SMALL[operations])
        _, asked, drawing = ask(operations, settings, variant, value)
        held_out, questions = operations.test_questions(20)
        assert {operations.pair(q) for q in questions["+"]} == held_out
        assert {operations.pair(parse(text)) for text in asked[:-3200]} <= held_out
        trained = [parse(text) for text in drawing.questions]
        kinds = operations.VARIANTS[variant].operations
        assert {question[1] for question in trained} == {*kinds}
        assert not {operations.pair(question) for question in trained} & held_out

    def test_three_times_the_epochs_draw_as_many_of_each_operation_as_alone(self, ask):
        settings = operations.Settings(epochs=1, units=2)
        _, _, drawing = ask(operations, settings, operations.LONGER, value)
        assert len(drawing.epochs) == 3


class TestBrackets:
    def test_each_depth_has_its_own_score(self, ask):
        settings = brackets.Settings(epochs=1, units=2)
        scores, asked, _ = ask(
            brackets, settings, "+ and -", lambda text: value(text) * (text.count("(") != 1)
        )
        zeros = sum(value(text) == 0 for text in asked if text.count("(") == 1)
        n = [scores[f"Depth {depth}"].total for depth in range(3)]
        assert scores["Depth 0"] == (n[0], n[0]) and scores["Depth 2"] == (n[2], n[2])
        assert scores["Depth 1"] == (zeros, n[1]) and zeros < 0.2 * n[1]
        assert scores[EXACT] == (n[0] + zeros + n[2], sum(n)) and sum(n) == len(asked)

    @pytest.mark.parametrize("sizes", [{"operands": 3}, {"depth": 1}])
    def test_no_test_expression_is_drawn_in_any_order(self, sizes, ask):
        settings = brackets.Settings(epochs=1, units=2, **sizes)
        _, asked, drawing = ask(brackets, settings, "+ and -", value)
        trained, tested = (
            [parse(text) for text in questions] for questions in (drawing.questions, asked)
        )
        for questions in (trained, tested):
            depths = {to_text(expression).count("(") for expression in questions}
            assert depths == set(range(settings.depth + 1))
        assert not {*map(unordered, trained)} & {*map(unordered, tested)}

    def test_a_control_draws_as_many_different_expressions_of_each_depth(self, ask):
        settings = brackets.Settings(epochs=3, units=2)
        name = f"+ and -{brackets.EQUALLY_MANY}"
        _, _, drawing = ask(brackets, settings, name, value)
        different = [set(), set(), set()]
        for text in drawing.questions:
            different[text.count("(")].add(text)
        # of 162 without brackets, 18 read like one of the 9 that are held out
        assert [len(expressions) for expressions in different] == [144, 144, 144]


class TestVariableTerms:
    @pytest.mark.parametrize("variant", ["1 to 4, spaces", "without 3, zeros"])
    def test_what_was_not_trained_on_has_its_own_score_alone(self, variant, ask):
        trained = (1, 2, 3, 4) if variant.startswith("1") else (1, 2, 4)

        def if_trained_on(text):
            return value(text) if len(numbers(text)) in trained else 0

        settings = terms.Settings(epochs=1, units=2)
        scores, asked, drawing = ask(terms, settings, variant, if_trained_on)
        names = ["1 term", "2 terms", "3 terms", "4 terms", "5 terms"]
        assert [scores[name].total for name in names] == [1, 6, 22, 72, 201]
        rights = [float(scores[name]) for name in names]
        assert rights == [float(n in trained) for n in range(1, 6)]
        assert scores[EXACT].right == scores[EXACT].total
        assert {len(numbers(text)) for text in drawing.questions} == {*trained}
        assert {len(numbers(text)) for text in asked} == {1, 2, 3, 4, 5}

    @pytest.mark.parametrize(
        ("fill", "shown"),
        [
            ("spaces", ["           1+2", "       1+1+9+6"]),
            ("zeros", ["     0+0+0+1+2", "     0+1+1+9+6"]),
        ],
    )
    def test_short_questions_are_filled_up(self, fill, shown):
        X, y = terms.encode([[1, 2], [1, 1, 9, 6]], fill, terms.Settings())
        assert [invert(question) for question in X] == shown
        assert [invert(answer) for answer in y] == [" 3", "17"]

    def test_the_finding_compares_what_was_left_out_with_one_term_more(self, capsys):
        names = terms.experiment.variants(terms.Settings())
        row = {"3 terms": Share(3, 4), "5 terms": Share(1, 4)}
        terms.finding(Rows({"variant": name, **row} for name in names), terms.Settings())
        lines = capsys.readouterr().out.splitlines()
        fills = ("spaces", "zeros")
        compared = "3 terms - 5 terms: +50.0 points: -."
        assert lines == [f"Finding: without 3, {fill}: {compared}" for fill in fills]


class TestAutoregressive:
    settings = autoregressive.Settings(epochs=20, **SMALL[autoregressive])

    def test_more_units_make_as_many_parameters(self):
        settings, names = autoregressive.Settings(), autoregressive.VARIANTS
        sizes = [
            autoregressive.build_model(v, 999, settings.units[v.more_units]).count_params()
            for v in (names["RepeatVector"], names["autoregressive, as many parameters"])
        ]
        assert sizes == [205_324, 205_644]

    def test_the_decoder_reads_a_start_symbol_and_then_the_answer_before(self):
        X, y = digits.encode([(12, 90)], 2, 99)
        before = one_hot_decode(autoregressive.shifted(y))
        assert before == [[autoregressive.START, 1, 0]]  # the answer is 102

    @pytest.mark.parametrize("attention", [False, True])
    def test_writing_freely_is_what_single_steps_by_hand_give(self, attention):
        variant = autoregressive.Variant(attention=attention)
        model = autoregressive.build_model(variant, largest=99, units=8)
        X, y = digits.encode([(12, 90), (5, 5)], 2, 99)
        written = one_hot_decode(autoregressive.write_freely(model, X, 3))
        for question, answer in zip(X, written):
            so_far = []
            for _ in range(3):
                # what comes later is not read
                before = [autoregressive.START, *so_far, 0, 0][:3]
                before = one_hot_encode([before], autoregressive.START + 1)
                output = model([question[None], before]).numpy()[0]
                so_far.append(int(output[len(so_far)].argmax()))
            assert so_far == answer

    def test_a_first_mistake_goes_on_where_it_is_read_and_only_there(self, monkeypatch):
        """Asked for an even sum it begins wrong; what follows a mistake is one as well."""

        def predict(model, X):
            question, before = X
            right = [value(text) for text in texts(question)]
            answers = one_hot_encode(integer_encode([f"{v:2}" for v in right]), 12)
            wrong = one_hot_encode([[ALPHABET.index("+")] * 2], 12)[0]
            for i, total in enumerate(right):
                read = before[i, 1, :12]
                if read.any() and (read != answers[i, 0]).any():
                    answers[i, 1] = wrong[1]
                if total % 2 == 0:
                    answers[i, 0] = wrong[0]
            return answers

        monkeypatch.setattr(autoregressive, "predict", predict)
        variant = autoregressive.VARIANTS["autoregressive"]
        settings, drawing = replace(self.settings, epochs=1), Drawing()
        scores = autoregressive.run(settings, 1, variant, train=drawing).scores
        pairs = digits.drawing(2, 30, Random("test set"))
        test_set = autoregressive.draw_distinct(100, pairs)
        even = sum(sum(pair) % 2 == 0 for pair in test_set)
        assert 0 < even < 100
        assert scores[EXACT] == (100 - even, 100)
        assert scores[PER_CHARACTER] == (200 - 2 * even, 200)
        assert scores[autoregressive.FORCED_CHARACTERS] == (200 - even, 200)

    def test_training_shows_the_decoder_the_right_character_before(self, ask):
        settings = replace(self.settings, epochs=1)
        _, _, drawing = ask(autoregressive, settings, "autoregressive", value)
        [((X, before), y)] = drawing.epochs
        assert [value(text) for text in texts(X)] == [int(text) for text in texts(y)]
        assert (before == autoregressive.shifted(y)).all()

    def test_epochs_are_those_of_the_first_of_two_looks(self, monkeypatch):
        """At 95 % after 10 epochs, not after 20, and again from 30 on."""
        monkeypatch.setattr(autoregressive, "N_EXAMPLES", 2)
        drawing, looked = Drawing(), []

        def score(model, variant, X, y):
            looked.append(drawing.done)
            return {EXACT: Share(94 if drawing.done == 20 else 95, 100)}

        monkeypatch.setattr(autoregressive, "score", score)
        for name, variant in autoregressive.VARIANTS.items():
            looked.clear()
            scores = autoregressive.run(self.settings, 1, variant, train=drawing).scores
            longer = name.endswith(autoregressive.LONGER)
            assert scores[autoregressive.EPOCHS] == (30 if longer else None)
            assert looked == ([10, 20, 30, 40, 50, 60, 60] if longer else [20])

    def test_the_finding_is_about_the_longer_trainings(self, capsys):
        rows = Rows(
            {"variant": name, autoregressive.EPOCHS: epochs}
            for name in autoregressive.VARIANTS
            for epochs in (150, 120, None)
        )
        autoregressive.finding(rows, self.settings)
        lines = capsys.readouterr().out.splitlines()
        assert [line.rpartition(": ")[2] for line in lines] == [
            "150 (never to 120), 2 of 3."
        ] * 2
        assert lines[0].startswith("Finding: RepeatVector, three times the epochs: epochs")


def test_each_kind_of_network_trains(monkeypatch):
    for script in SCRIPTS:
        monkeypatch.setattr(script, "N_EXAMPLES", 32)
    for script, variant in (
        (digits, "2 digits, 16 units"),
        (autoregressive, "autoregressive, attention"),
    ):
        settings = script.Settings(epochs=2, **SMALL[script])
        outcome = script.experiment.perform(settings, variant, 1)
        first, second = outcome.history["loss"]
        assert second < first and outcome.row["parameters"] > 0


class TestLearningRates:
    @pytest.fixture(autouse=True)
    def few_looks(self, monkeypatch):
        monkeypatch.setattr(rates, "N_LOOKS", 8)

    @pytest.mark.parametrize("name", rates.SCRIPTS)
    def test_the_scripts_models_at_another_rate(self, name, monkeypatch):
        """Of the cosine, the end is where the tutorial's last update is."""
        variant = rates.VARIANTS[f"{name}, 0.003"]
        monkeypatch.setattr(
            variant.script, "evaluate", lambda *asked: ([], ["1"] * 9, ["1"] * 9)
        )
        tutorial = replace(variant.settings, epochs=4)
        same = variant.script.build_model(tutorial).get_compile_config()
        drawing = Drawing()
        ran = rates.run(None, 1, replace(variant, settings=tutorial), train=drawing)
        assert len(drawing.epochs) == 4 * (2 if name == "partial echo" else 4)
        assert float(ran.model.optimizer.learning_rate) == pytest.approx(0.003)
        now = ran.model.get_compile_config()
        assert [now[key] for key in ("loss", "metrics")] == [same["loss"], same["metrics"]]

        falling, drawing = rates.VARIANTS[f"{name}, cosine from 0.01"], Drawing()
        ran = rates.run(None, 1, replace(falling, settings=tutorial), train=drawing)
        assert len(drawing.epochs) == 4
        n_updates = sum(len(y) for _, y in drawing.epochs) // drawing.batch_size
        schedule = ran.model.optimizer._learning_rate
        at = [
            float(schedule(step)) for step in (0, n_updates / 2, n_updates, n_updates - 1)
        ]
        assert at[:3] == pytest.approx([0.01, 0.005, 0], abs=1e-9) and at[3] > 0

    def test_at_the_tutorials_rate_the_script_trains_as_it_does(self):
        tutorial = addition_mlp.Settings(epochs=4, n_examples=20)
        variant = rates.Variant(addition_mlp, tutorial, 0.001)
        longer, own = rates.run(None, 3, variant), addition_mlp.run(tutorial, 3)
        assert len(longer.history["loss"]) == 16
        assert longer.history["loss"][:4] == pytest.approx(own[1]["loss"], rel=1e-5)

    def looked_at(self, script, settings, right, monkeypatch):
        """Scores where `right(epochs done)` of 100 are right, and how many were asked."""
        drawing, asked = Drawing(), []

        def evaluate(model, questions, settings):
            asked.append((drawing.done, len(questions)))
            n = right(drawing.done)
            return [], ["1"] * 100, ["1"] * n + ["0"] * (100 - n)

        monkeypatch.setattr(script, "evaluate", evaluate)
        variant = rates.Variant(script, settings, 0.001)
        return rates.run(None, 1, variant, train=drawing).scores, asked

    def test_epochs_the_tutorials_budget_and_the_lowest_later(self, monkeypatch):
        rights = {2: 99, 4: 50, 6: 98, 8: 99, 10: 99, 12: 97, 14: 100, 16: 99}
        settings = addition_seq2seq.Settings(epochs=4, n_samples=10)
        scores, asked = self.looked_at(addition_seq2seq, settings, rights.get, monkeypatch)
        assert scores == {rates.EPOCHS: 8, EXACT: (50, 100), rates.LOWEST: (97, 100)}
        assert [epochs for epochs, _ in asked] == [2, 4, 4, 6, 8, 10, 12, 14, 16]
        assert {n for _, n in asked} == {100}

    def test_who_never_gets_there_has_no_epochs_and_nothing_later(self, monkeypatch):
        settings = addition_seq2seq.Settings(epochs=4, n_samples=10)
        one = addition_seq2seq
        scores, _ = self.looked_at(one, settings, lambda n: 99 * (n == 16), monkeypatch)
        assert scores == {rates.EPOCHS: None, EXACT: (0, 100), rates.LOWEST: None}

    def test_a_look_takes_20_sequences_of_an_echo(self, monkeypatch):
        settings = echo_whole.Settings(epochs=4)
        _, asked = self.looked_at(echo_whole, settings, lambda n: 100, monkeypatch)
        assert [n for _, n in asked] == [20, 20, 100, *[20] * 6]

    def rows(self):
        """Three seeds of each: at 0.003 all need 20 epochs, at 0.03 one of three 5."""
        epochs = {"0.003": (20, 20, 20), "0.03": (5, None, None)}
        return Rows(
            {"variant": name, rates.EPOCHS: value, EXACT: Share(1, 2)}
            for name in rates.VARIANTS
            for value in epochs.get(name.rpartition(", ")[2], (40, 30, None))
        )

    def test_the_finding_is_a_table_of_scripts_and_rates(self, capsys):
        rates.finding(self.rows(), rates.Settings())
        lines = capsys.readouterr().out.splitlines()
        cells = [re.split(r"  +", line) for line in lines if line.startswith(("MLP", "s"))]
        assert cells[0][1:] == [
            "0.0003",
            "0.001",
            "0.003",
            "0.01",
            "0.03",
            "cosine from 0.01",
        ]
        both = "40 (never to 30), 2 of 3"
        assert cells[1] == ["MLP, 50", both, both, "20", both, "1 of 3", both]

    def test_the_plot_has_a_line_per_script_and_a_dot_per_seed(self, monkeypatch):
        figures = []
        monkeypatch.setattr(rates, "save", lambda path, figure=None: figures.append(path))
        rates.plot("rates.png", self.rows(), rates.Settings())
        [axes] = figures[0].axes
        lines = [line for line in axes.lines if not line.get_label().startswith("_")]
        assert [line.get_label() for line in lines] == [*rates.SCRIPTS]
        assert [*lines[0].get_xdata()] == [0.0003, 0.001, 0.003, 0.01, 0.03]
        assert [*lines[0].get_ydata()] == [40, 40, 20, 40, math.inf]
        dots = [line for line in axes.lines if line.get_label().startswith("_")]
        assert len(dots) == 25 and all(len(line.get_ydata()) == 3 for line in dots)

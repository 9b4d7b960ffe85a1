"""The extensions of the addition tutorial to other tasks, each at a tiny size."""

import functools
import re

import pytest

from common.characters import invert
from common.expressions import SYMBOLS, nesting_depth, unordered
from common.onehot import one_hot_decode, one_hot_encode
from common.unseen import sorted_terms
from extensions import addition_autoregressive as autoregressive
from extensions import addition_brackets as brackets
from extensions import addition_digits as digits
from extensions import addition_operations as operations
from extensions import addition_variable_terms as terms


def table(text):
    """{variant: cells} of the table that a comparison prints, "header" among them."""
    lines = [re.split(r"  +", line) for line in text.split("\n\n")[1].splitlines()]
    return {line[0] if i else "header": line[1:] for i, line in enumerate(lines)}


def finding(text):
    lines = [line for line in text.splitlines() if line.startswith("Finding: ")]
    assert len(lines) == 1 and lines[0].endswith(".")
    return lines[0]


def refused(main, capsys, *flags):
    with pytest.raises(SystemExit) as exit:
        main([*flags])
    assert exit.value.code == 2
    return capsys.readouterr().err


def small(monkeypatch, script):
    """Few examples, and no XLA: to compile would take longer than to train."""
    from common import training

    plain = functools.partial(training.train, jit=False)
    monkeypatch.setattr(training, "train", plain)
    monkeypatch.setattr(script, "N_EXAMPLES", 64)
    monkeypatch.setattr(script, "N_TEST", 20)


class TestVariableTerms:
    def test_it_scores_every_number_of_terms(self, capsys, monkeypatch):
        small(monkeypatch, terms)
        terms.main(["--epochs", "2", "--units", "4"])
        out = capsys.readouterr().out
        rows = table(out)
        numbers = ["1 term", "2 terms", "3 terms", "4 terms", "5 terms"]
        assert rows.pop("header") == ["parameters", "Exact match", *numbers]
        fills = ("spaces", "zeros")
        names = [f"{t}, {fill}" for t in ("1 to 4", "without 3") for fill in fills]
        assert list(rows) == names
        assert all(cell.endswith("%") for row in rows.values() for cell in row[1:])
        assert "5 terms" in finding(out) and "3 terms left out" in finding(out)

    def test_no_test_question_is_drawn_in_training_in_any_order(self, monkeypatch):
        args = terms.parse_args(["--largest", "9"])
        test_set = terms.test_questions(args)
        held_out = {sorted_terms(q) for n in test_set for q in test_set[n]}
        assert [len(test_set[n]) for n in range(1, 6)] == [1, 5, 17, 50, 129]
        drawn = []
        monkeypatch.setattr(terms, "encode", lambda questions, *_: drawn.extend(questions))
        for seed in range(5):
            terms.examples(
                [1, 2, 3, 4], "spaces", held_out, args, terms.random.Random(seed)
            )
        assert len(drawn) == 16000
        assert {len(question) for question in drawn} == {1, 2, 3, 4}
        assert not {sorted_terms(question) for question in drawn} & held_out

    def test_a_number_of_terms_left_out_is_never_drawn(self):
        args = terms.parse_args([])
        trained, _ = terms.variants(args)["without 3, zeros"]
        rng = terms.random.Random(1)
        drawn = [terms.random_terms(trained, args.largest, rng) for _ in range(1000)]
        assert {len(question) for question in drawn} == {1, 2, 4}

    @pytest.mark.parametrize(
        ("fill", "texts"),
        [
            ("spaces", ["           1+2", "       1+1+9+6"]),
            ("zeros", ["     0+0+0+1+2", "     0+1+1+9+6"]),
        ],
    )
    def test_short_questions_are_filled_up(self, fill, texts):
        args = terms.parse_args([])
        X, y = terms.encode([[1, 2], [1, 1, 9, 6]], fill, args)
        assert [invert(question) for question in X] == texts
        assert [invert(answer) for answer in y] == [" 3", "17"]

    def test_wrong_flags_are_refused(self, capsys):
        assert "at least 4" in refused(terms.main, capsys, "--terms", "3")
        assert "at least 5" in refused(terms.main, capsys, "--largest", "4")


class TestOperations:
    def test_it_scores_every_operation(self, capsys, monkeypatch):
        small(monkeypatch, operations)
        operations.main(["--epochs", "1", "--units", "2", "--largest", "9"])
        out = capsys.readouterr().out
        rows = table(out)
        names = ["Sums", "Differences", "Products", "Squares", "Seen"]
        assert rows.pop("header") == ["parameters", "Exact match", *names]
        assert list(rows) == list(operations.VARIANTS)
        assert [cell == "-" for cell in rows["differences alone"]] == [0, 0, 1, 0, 1, 1, 0]
        assert "-" not in rows["all four"]
        for name in names[:4]:
            assert f"{name.lower()} " in finding(out)

    def test_no_pair_of_the_test_set_is_drawn_in_any_order_with_any_operation(self):
        args = operations.parse_args(["--largest", "20"])
        held_out, questions = operations.test_questions(args)
        for name in "+-*":
            assert {(min(a, b), max(a, b)) for a, _, b in questions[name]} == held_out
        squares = {a for a, _ in questions["²"]}
        assert squares == {a for a, b in held_out if a == b} and len(squares) >= 2
        for mix in operations.VARIANTS.values():
            drawn = operations.draw(mix, held_out, args, operations.random.Random(1))
            used = {token for question in drawn for token in question[1:2]}
            assert used == set(mix)
            for question in drawn:
                if question[1] == "²":
                    assert question[0] not in squares
                else:
                    assert (question[0], question[2]) not in held_out
                    assert (question[2], question[0]) not in held_out

    def test_questions_and_answers_are_as_wide_as_the_mix_needs(self):
        args = operations.parse_args(["--largest", "99"])
        for mix, question, width in [("+", (99, "+", 99), 3), ("-", (1, "-", 99), 3)]:
            X, y = operations.encode([question], mix, args)
            assert X.shape == (1, 5, 17) and y.shape == (1, width, 17)
        X, y = operations.encode([(99, "²")], "²", args)
        assert invert(X[0], SYMBOLS) == "99²" and invert(y[0], SYMBOLS) == "9801"

    def test_wrong_flags_are_refused(self, capsys):
        assert "at least 5" in refused(operations.main, capsys, "--largest", "4")


class TestBrackets:
    def test_it_scores_every_depth(self, capsys, monkeypatch):
        small(monkeypatch, brackets)
        brackets.main(["--epochs", "1", "--units", "2", "--depth", "1"])
        out = capsys.readouterr().out
        rows = table(out)
        assert rows.pop("header") == ["parameters", "Exact match", "Depth 0", "Depth 1"]
        assert list(rows) == list(brackets.VARIANTS)
        assert all(cell.endswith("%") for row in rows.values() for cell in row[1:])
        assert all(variant in finding(out) for variant in brackets.VARIANTS)

    @pytest.mark.parametrize("flags", [[], ["--operands", "3"], ["--depth", "1"]])
    def test_no_test_expression_is_drawn_in_any_order(self, flags, monkeypatch):
        args = brackets.parse_args(flags)
        test_set = brackets.test_expressions("+-", args)
        held_out = {unordered(e) for depth in test_set for e in test_set[depth]}
        for depth, expressions in test_set.items():
            assert {nesting_depth(e) for e in expressions} == {depth}
        drawn = []
        monkeypatch.setattr(
            brackets, "encode", lambda questions, *_: drawn.extend(questions)
        )
        brackets.examples("+-", held_out, args, brackets.random.Random(1))
        assert {nesting_depth(e) for e in drawn} == set(range(args.depth + 1))
        assert not {unordered(e) for e in drawn} & held_out

    def test_wrong_flags_are_refused(self, capsys):
        assert "at least 2" in refused(brackets.main, capsys, "--operands", "1")
        assert "at most 10" in refused(brackets.main, capsys, "--depth", "11")


class TestDigits:
    def test_it_scores_every_size_and_draws_a_map(self, capsys, monkeypatch, tmp_path):
        small(monkeypatch, digits)
        plot = tmp_path / "map.png"
        flags = ["--digits", "1", "--units", "2", "3", "4", "5", "--plot", str(plot)]
        digits.main(["--epochs", "1", *flags])
        out = capsys.readouterr().out
        rows = table(out)
        assert rows.pop("header") == ["parameters", "Exact match"]
        assert list(rows) == [f"1 digit, {units} units" for units in (2, 3, 4, 5)]
        assert plot.read_bytes().startswith(b"\x89PNG")
        finding(out)

    @pytest.mark.parametrize("largest", [9, 99])
    def test_no_test_pair_is_drawn_in_either_order(self, largest, monkeypatch):
        pairs = digits.test_pairs(largest)
        assert {(b, a) for a, b in pairs} == set(pairs)
        held_out = {pair for pair in pairs if pair[0] <= pair[1]}
        drawn = []
        monkeypatch.setattr(digits, "encode_sums", lambda X, *_: drawn.extend(X))
        digits.examples(largest, held_out, digits.random.Random(1))
        assert len(drawn) == digits.N_EXAMPLES and not set(drawn) & set(pairs)

    def test_wrong_flags_are_refused(self, capsys):
        assert "at most 9" in refused(digits.main, capsys, "--digits", "10")


class TestAutoregressive:
    def test_it_scores_writing_freely_and_with_teacher_forcing(self, capsys, monkeypatch):
        small(monkeypatch, autoregressive)
        flags = ["--largest", "20", "--test", "20", "--units", "4", "--epochs", "2"]
        autoregressive.main(flags)
        out = capsys.readouterr().out
        rows = table(out)
        names = [autoregressive.FORCED_EXACT, autoregressive.CHARACTERS]
        names += [autoregressive.FORCED_CHARACTERS]
        assert rows.pop("header") == ["parameters", "Exact match", *names]
        assert list(rows) == ["RepeatVector", "autoregressive"]
        assert rows["RepeatVector"][2] == rows["RepeatVector"][4] == "-"
        # An answer is right altogether when every character is, and then what the
        # decoder wrote and the right answer are the same to read.
        assert rows["autoregressive"][1] == rows["autoregressive"][2]
        assert "writing freely" in finding(out)

    def test_the_decoder_reads_a_start_symbol_and_then_the_answer_before(self):
        args = autoregressive.parse_args(["--largest", "99"])
        X, y = autoregressive.encode([(12, 90)], args)
        before = one_hot_decode(autoregressive.shifted(y))
        assert before == [[autoregressive.START, 1, 0]]  # the answer is 102

    def test_writing_freely_is_what_single_steps_by_hand_give(self):
        args = autoregressive.parse_args(["--largest", "99", "--units", "8"])
        model = autoregressive.autoregressive_model(args)
        X, y = autoregressive.encode([(12, 90), (5, 5)], args)
        written = one_hot_decode(autoregressive.write_freely(model, X, 3))
        for question, answer in zip(X, written):
            so_far = []
            for _ in range(3):
                before = [autoregressive.START, *so_far, 0, 0][
                    :3
                ]  # what comes later is not read
                before = one_hot_encode([before], autoregressive.START + 1)
                output = model([question[None], before]).numpy()[0]
                so_far.append(int(output[len(so_far)].argmax()))
            assert so_far == answer

    def test_no_test_pair_is_drawn_in_either_order(self, monkeypatch):
        args = autoregressive.parse_args(["--largest", "30"])
        held_out = {(a, b) for a in range(1, 31) for b in range(a, 31) if (a + b) % 3}
        drawn = []
        monkeypatch.setattr(
            autoregressive, "encode_sums", lambda pairs, *_: drawn.extend(pairs)
        )
        monkeypatch.setattr(autoregressive, "shifted", lambda y: None)
        with pytest.raises(TypeError):  # nothing was encoded
            autoregressive.examples(
                "RepeatVector", held_out, args, autoregressive.random.Random(1)
            )
        assert drawn and all((a + b) % 3 == 0 for a, b in drawn)

    def test_wrong_flags_are_refused(self, capsys):
        assert "at least 20" in refused(autoregressive.main, capsys, "--largest", "10")

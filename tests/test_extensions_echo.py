"""The extensions of tutorial B, each at a tiny size."""

import math
from random import Random

import numpy as np
import pytest

from common.onehot import one_hot_encode
from common.runner.comparison import Rows
from common.runner.rows import make_row, read_rows, score_names, write_rows
from common.runner.tables import comparison_table
from common.scores import EXACT, Share
from common.training import initialize, predict
from common.windows import to_supervised
from extensions import (
    echo_data,
    echo_embedding,
    echo_lag,
    echo_linear,
    echo_longer,
    echo_masked,
    echo_padded_output,
    echo_stateless,
    echo_topologies,
    echo_varying_length,
)
from extensions.tools.missing import all_windows, is_complete
from extensions.tools.windows import draw_windows

PRINTED = [86, 81, 88, 1, 23, 78, 64, 7, 99, 23, 2, 36, 73, 26, 27, 33, 24, 51, 73, 64]
PRINTED += [13, 13, 53, 40, 64]  # by the tutorial

SCORES = ["Exact match", "Per-element accuracy"]


pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture
def run(run, monkeypatch):
    """Run a script on two test sequences: its rows, and the lines of its findings."""

    def few_tests(script, *flags):
        monkeypatch.setattr(script, "N_TEST", 2)
        rows, out = run(script, *flags)
        return rows, [line for line in out.splitlines() if line.startswith("Finding: ")]

    return few_tests


def scores_of(rows):
    """The names of the scores, the same for every variant."""
    [names] = {(*score_names(row),) for row in rows.values()}
    return [*names]


def test_echo_data_prints_the_tutorials_pairs(capsys):
    echo_data.print_pairs(PRINTED, 100, n_in=5, n_out=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[4] == "encoded: (25, 100), X: (21, 5, 100), y: (21, 3, 100)"
    assert lines[5] == "[86, 81, 88, 1, 23] => [86, 81, 88]"
    assert lines[-1] == "[13, 13, 53, 40, 64] => [13, 13, 53]"


def test_echo_data_takes_the_sequence_of_the_partial_echo(capsys):
    printed = "6 52 96 45 69 52 96 11 96 54 27 48 9 32 62 41 54 20 80 63 69 36"
    echo_data.main(["--n-out", "2", "--sequence", *printed.split()])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"[{printed.replace(' ', ', ')}]"
    assert lines[5] == "[6, 52, 96, 45, 69] => [6, 52]"
    assert "[96, 11, 96, 54, 27] => [96, 11]" in lines
    assert sum("=>" in line for line in lines) == 18


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


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--n-out 6", "n_out 6 is larger than n_in 5"),
        ("--length 4", "length 4 is shorter than n_in 5"),
        ("--runs 2", "--runs"),
        ("--sequence 1 2", "length 2 is shorter than n_in 5"),
        ("--sequence 1 2 3 4 100", "100 is outside [0, 100)"),
        ("--sequence 1 2 3 4 x", "'x'"),
        ("--sequence 1 2 3 4 5 --seed 2", "--seed does not go with --sequence"),
    ],
)
def test_echo_data_refuses(flags, message, refused):
    assert message in refused(echo_data.main, *flags.split())


@pytest.mark.parametrize(
    ("script", "flags", "named"),
    [
        (echo_lag, ["--epochs", "5", "0"], "epochs"),
        (echo_linear, ["--epochs", "5"], "epochs"),
        (echo_longer, ["--epochs", "0"], "epochs"),
        (echo_masked, ["--units", "0"], "units"),
        (echo_stateless, ["--units", "3", "x"], "units"),
        (echo_topologies, ["--variant", "LSTM"], "LSTM"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_that_names_it(script, flags, named, refused):
    assert named in refused(script.main, *flags)


@pytest.mark.slow
def test_echo_linear(run, monkeypatch):
    kept = ["whole: one-hot, LSTM", "whole: scaled, linear, falling rate"]
    kept += ["partial: scaled, LSTMs, falling rate, 3 x epochs"]
    for name in {*echo_linear.VARIANTS} - {*kept}:
        monkeypatch.delitem(echo_linear.VARIANTS, name)
    rows, _ = run(echo_linear, "--epochs", 2, 1, "--units", 3, 3)
    assert scores_of(rows) == SCORES
    assert list(rows) == kept
    assert rows["whole: scaled, linear, falling rate"]["parameters"] == 2


def test_echo_linear_scales_and_rounds_back():
    integers = np.arange(100).reshape(20, 5)
    for scaled in (True, False):
        encoded = echo_linear.encode(integers, scaled)
        assert encoded.shape == ((20, 5, 1) if scaled else (20, 5, 100))
        assert (encoded.min(), encoded.max()) == (0, 1)
        assert (echo_linear.decode(encoded, scaled) == integers).all()


def test_a_falling_rate_reaches_zero_with_the_last_update():
    variant = echo_linear.VARIANTS["whole: scaled, linear, falling rate"]
    model = echo_linear.build_model(variant, 3, epochs=4)
    rates = [float(model.optimizer._learning_rate(step)) for step in (0, 6, 12)]
    assert rates == pytest.approx([0.01, 0.005, 0])  # 4 epochs of 3 batches


@pytest.mark.slow
def test_echo_masked(run):
    rows, _ = run(echo_masked, "--epochs", 1, "--units", 3)
    assert scores_of(rows) == [
        "Exact match, complete",
        "Exact match, incomplete",
        "of these, first missing",
        "of these, last missing",
    ]
    assert list(rows) == list(echo_masked.VARIANTS)
    assert len({row["parameters"] for row in rows.values()}) == 1


def test_echo_masked_scores_what_is_asked_for():
    X, y = echo_masked.windows(echo_masked.Variant(), Random(1))
    assert len(X) == 29
    scores = list(echo_masked.score(X, y, np.nan_to_num(y)).values())
    # of the 8 incomplete windows, 3 have nothing to echo; one begins with the gap
    assert scores == [(21, 21), (5, 5), (1, 1), (4, 4)]
    scores = list(echo_masked.score(X, y, y + 1).values())
    assert scores == [(0, 21), (0, 5), (0, 1), (0, 4)]


@pytest.mark.parametrize(
    ("name", "n_first", "n_last"),
    [
        ("dropped", 0, 0),
        ("special value", 4, 4),
        ("special value, first missing only", 4, 0),
        ("special value, last missing only", 0, 4),
    ],
)
def test_what_training_keeps_of_the_incomplete_windows(name, n_first, n_last):
    X, _ = echo_masked.windows(echo_masked.VARIANTS[name], Random(1))
    assert is_complete(X).sum() == 21 and len(X) == 21 + n_first + n_last
    assert np.isnan(X[:, 0]).sum() == n_first and np.isnan(X[:, -1]).sum() == n_last


def test_a_missing_value_is_a_vector_of_the_special_value_alone():
    X, _ = all_windows([1, 2], n_in=2, n_out=1)  # (NaN, 1), (1, 2), (2, NaN)
    for name, special in (("special value", 0), ("special value -1", -1)):
        encoded = echo_masked.encode(X, echo_masked.VARIANTS[name].special)
        assert (encoded[0, 0] == special).all() and (encoded[2, 1] == special).all()
        assert encoded[1].argmax(axis=-1).tolist() == [1, 2]
        assert encoded[1].sum() == 2


def test_a_masking_layer_cannot_tell_which_end_is_missing():
    X, _ = all_windows([1, 2, 3, 4], n_in=5, n_out=2)
    X = echo_masked.encode(X, special=0)
    front, back = X[3:4], X[4:5]  # (NaN, 1, 2, 3, 4) and (1, 2, 3, 4, NaN)
    for masking in (True, False):
        model = echo_masked.build_model(masking, units=3)
        initialize(model, 1)
        same = np.allclose(predict(model, front), predict(model, back))
        assert same == masking


@pytest.mark.slow
def test_echo_longer(run, tmp_path, monkeypatch):
    monkeypatch.setattr(echo_longer, "ECHOES", ((2, 3), (3, 3)))
    plot = tmp_path / "longer.png"
    rows, _ = run(echo_longer, "--epochs", 1, "--units", 3, "--plot", plot)
    assert scores_of(rows) == [*SCORES, "Epochs to 99 %"]
    assert list(rows) == [
        "2 of 3, 3 units, 1 epochs",
        "3 of 3, 3 units, 1 epochs",
        "5 of 5, 3 units, 1 epochs",
        "5 of 5, 6 units, 1 epochs",
        "5 of 5, 3 units, 3 epochs",
    ]
    assert {row["Epochs to 99 %"] for row in rows.values()} == {None}
    assert plot.read_bytes().startswith(b"\x89PNG")


def test_a_seed_that_never_reaches_99_percent_hides_no_other(tmp_path, monkeypatch):
    settings = echo_longer.Settings()
    *_, more_epochs = echo_longer.variants(settings)
    rows = Rows(
        make_row(more_epochs, seed, 1, None, {EXACT: right, echo_longer.EPOCHS: n})
        for seed, (right, n) in enumerate(
            [(Share(9, 10), 3900), (Share(2, 10), math.inf), (Share(8, 10), 4300)]
        )
    )
    write_rows(tmp_path / "rows.csv", {}, rows)
    for found in (rows, Rows(read_rows(tmp_path / "rows.csv"))):
        header, line = comparison_table(found)
        assert line[header.index("Epochs to 99 %")] == "4,300 (never to 3,900), 2 of 3"
        drawn = {}
        monkeypatch.setattr(
            echo_longer, "plot_scores", lambda _, lines, *__: drawn.update(lines)
        )
        echo_longer.plot("longer.png", found, settings)
        assert drawn == {"150 units, 15000 epochs": {5: [0.9, 0.2, 0.8]}}


@pytest.mark.slow
def test_echo_stateless(run):
    rows, _ = run(echo_stateless, "--epochs", 2, 1, "--units", 3, 3)
    of_state = ["Second predict, no reset", "Same without state"]
    assert scores_of(rows) == [*SCORES, *of_state]
    assert list(rows) == list(echo_stateless.VARIANTS)
    for variant, row in rows.items():
        for score in of_state:
            assert (row[score] is None) == ("stateless" in variant)
    # the partial echo's state is reset before it could be used
    assert rows["partial, stateful, batch size 21"]["Same without state"] == (42, 42)
    assert {name for pair in echo_stateless.COMPARES for name in pair} <= rows.keys()


def test_the_state_goes_from_batch_to_batch_of_one_sequence_alone():
    variant = echo_stateless.VARIANTS["whole, stateful, batch size 7"]
    model = echo_stateless.build_model(variant, 3)
    initialize(model, 1)
    stateless = echo_stateless.without_state(model, variant, 3)
    X = np.random.default_rng(1).random((21, 5, 100))
    first, second = predict(model, X, 7), predict(stateless, X, 7)
    assert np.allclose(first[:7], second[:7])
    assert not np.isclose(first[7:], second[7:]).all(axis=(1, 2)).any()
    assert np.allclose(first, predict(model, X, 7))


@pytest.mark.parametrize(
    "variant", ["whole, stateful, batch size 7", "partial, stateful, batch size 21"]
)
def test_a_second_predict_goes_on_from_the_state_that_the_first_one_left(variant):
    variant = echo_stateless.VARIANTS[variant]
    model = echo_stateless.build_model(variant, 3)
    initialize(model, 1)
    X, _ = draw_windows(5, 2, n_sequences=2, rng=Random(1))
    first, second = echo_stateless.echo_twice(model, X, variant.batch_size)
    for rows in (slice(21), slice(21, None)):  # the two sequences, each after a reset
        for layer in model.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()
        for answers in (first, second):
            windows = one_hot_encode(X[rows], 100)
            outputs = model.predict(windows, variant.batch_size, verbose=0)
            assert (answers[rows] == outputs.argmax(axis=-1)).all()
    assert (first != second).any()


@pytest.mark.slow
def test_echo_topologies(run):
    rows, findings = run(echo_topologies, "--epochs", 2, "--units", 2, 3, 4, 5)
    assert scores_of(rows) == [*SCORES, "Epochs to 99 %"]
    kinds = ["many-to-many", "many-to-one", "one-to-one", "Dense"]
    assert list(rows) == [f"{kind}, {n} units" for kind in kinds for n in (2, 3, 4, 5)]
    assert {row["Epochs to 99 %"] for row in rows.values()} == {None}
    assert findings == [f"Finding: {kind}: 99 % with no number of units." for kind in kinds]


def test_a_size_that_reaches_99_percent_does_so_in_every_seed(capsys):
    settings = echo_topologies.Settings(units=(2, 3, 4, 5))
    right = {2: (10, 99), 3: (99, 100), 4: (98, 100), 5: (100, 100)}
    results = Rows(
        {"variant": f"{kind}, {n} units", "seed": i, "Exact match": Share(share, 100)}
        for kind in echo_topologies.TOPOLOGIES
        for n in settings.units
        for i, share in enumerate(right[n])
    )
    echo_topologies.finding(results, settings)
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 4 and out[-1] == "Finding: Dense: 99 % with 3, 5 units."


def test_echo_padded_output(run):
    rows, _ = run(echo_padded_output, "--epochs", 1, "--units", 3)
    assert scores_of(rows) == SCORES
    assert list(rows) == ["encoder-decoder", "padded after", "padded before"]


def test_the_padding_surrounds_the_echo():
    X, y = np.array([[5, 6, 7, 8, 9]]), np.array([[5, 6]])
    targets = {}
    for name, variant in echo_padded_output.VARIANTS.items():
        _, target = echo_padded_output.encode(X, y, variant)
        targets[name] = target.argmax(axis=-1).tolist()
    assert targets == {
        "encoder-decoder": [[5, 6]],
        "padded after": [[5, 6, 100, 100, 100]],
        "padded before": [[100, 100, 100, 5, 6]],
    }


@pytest.mark.slow
def test_echo_lag(run, tmp_path, monkeypatch):
    monkeypatch.setattr(echo_lag, "LAGS", (0, 2))
    monkeypatch.setattr(echo_lag, "FEW_UNITS", (1,))
    plot = tmp_path / "lag.png"
    rows, findings = run(echo_lag, "--epochs", 1, 1, "--units", 3, "--plot", plot)
    assert scores_of(rows) == SCORES
    assert list(rows) == [
        *[f"{kind} 3, k = {k}" for kind in ("LSTM", "Dense") for k in (0, 2)],
        *[f"whole echo, LSTM 1, {epochs} epochs" for epochs in (1, 10)],
    ]
    assert findings == ["Finding: 99% of the windows or more: none."]
    assert plot.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("lag", [0, 1, 5])
def test_the_answer_is_the_integer_of_so_many_steps_ago(lag):
    X, y = echo_lag.windows(lag, Random(1))
    assert X.shape == (21, lag + 5)
    _, target, asked = echo_lag.encode(X, y)
    assert not asked[:, :lag].any() and asked[:, lag:].all()
    for step in range(lag, lag + 5):
        assert target[:, step].argmax(axis=-1).tolist() == X[:, step - lag].tolist()


@pytest.mark.slow
def test_echo_varying_length(run):
    rows, _ = run(echo_varying_length, "--epochs", 1, "--units", 3)
    columns = ["Exact match", "Right length", *[f"of {n}" for n in range(1, 6)]]
    assert scores_of(rows) == columns
    assert list(rows) == ["start symbol, greedy", "RepeatVector"]
    assert {score for *_, score in echo_varying_length.COMPARES} <= {*columns}


def test_the_answer_has_the_length_that_the_question_asks_for():
    X, y = echo_varying_length.questions(Random(1), n_sequences=5)
    end, start = echo_varying_length.END, echo_varying_length.START
    lengths = X[:, 0] - end
    assert set(lengths) == {1, 2, 3, 4, 5}
    for window, answer, n in zip(X[:, 1:], y, lengths):
        assert answer.tolist() == [*window[:n], *[end] * (6 - n)]
    read = echo_varying_length.so_far(y)
    assert (read[:, 0] == start).all() and (read[:, 1:] == y[:, :-1]).all()
    assert (echo_varying_length.up_to_end(y).sum(axis=1) == lengths + 1).all()


def test_decoding_goes_on_from_the_models_own_answer():
    model = echo_varying_length.build_model(reads_answer=True, units=3)
    initialize(model, 1)
    X, _ = echo_varying_length.questions(Random(1))
    y = echo_varying_length.answer(True, model, X)
    one_hot, so_far = echo_varying_length.one_hot, echo_varying_length.so_far
    again = predict(model, (one_hot(X), one_hot(so_far(y)))).argmax(axis=-1)
    kept = echo_varying_length.up_to_end(y)
    assert (again == y)[kept].all()


@pytest.mark.slow
def test_echo_embedding(run, monkeypatch):
    small = {
        "9, one-hot": echo_embedding.Variant(9, False),
        "9, embedding": echo_embedding.Variant(9, True),
        "9, embedding, default rate": echo_embedding.Variant(9, True, rate=0.001),
        "9, embedding, large": echo_embedding.Variant(9, True, large=True),
    }
    assert {name for pair in echo_embedding.COMPARES for name in pair} <= {
        *echo_embedding.VARIANTS
    }
    for name in [*echo_embedding.VARIANTS]:
        monkeypatch.delitem(echo_embedding.VARIANTS, name)
    for name, variant in small.items():
        monkeypatch.setitem(echo_embedding.VARIANTS, name, variant)
    rows, _ = run(echo_embedding, "--epochs", 1, 2, "--units", 3)
    assert scores_of(rows) == [*SCORES, "Kilobytes"]
    assert list(rows) == list(small)
    assert {row["Exact match"].total for row in rows.values()} == {200}
    assert [row["Kilobytes"] for row in rows.values()] == [36, 4, 4, 4]  # 9 times as much


def test_both_representations_show_the_same_integers():
    as_integers, as_vectors = (echo_embedding.Variant(30, kind) for kind in (True, False))
    X, y = echo_embedding.examples(as_integers, Random(1))
    one_hot_X, one_hot_y = echo_embedding.examples(as_vectors, Random(1))
    assert X.shape == (100, 5) and X.dtype == y.dtype == np.int32
    assert (one_hot_X.argmax(axis=-1) == X).all() and (one_hot_y.argmax(axis=-1) == y).all()

"""The five scripts as their users meet them: flags, output, files."""

import contextlib
import csv
import dataclasses
import importlib
import io
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole
from common.results import read_rows, score_names
from common.training import History

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = [
    addition_mlp,
    addition_lstm_regression,
    addition_seq2seq,
    echo_whole,
    echo_partial,
]
NAMES = [script.__name__ for script in SCRIPTS]
REGRESSIONS = ["addition_mlp", "addition_lstm_regression"]

# the smallest run of each that still does everything
TINY = {
    "addition_mlp": ["--epochs", "2", "--examples", "20"],
    "addition_lstm_regression": ["--epochs", "2", "--examples", "20", "--units", "2"],
    "addition_seq2seq": ["--epochs", "2", "--examples", "20", "--units", "4", "3"],
    "echo_whole": ["--epochs", "2", "--n-unique", "9", "--units", "3"],
    "echo_partial": ["--epochs", "2", "--n-unique", "9", "--units", "4", "3"],
}


def tiny_settings(name):
    return importlib.import_module(name).experiment.parse_args(TINY[name]).settings


TABLE = r"(?m)^ +(\d+|mean|std|worst)  .*$"


def terminal(*command, env=None, **options):
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **(env or {})}
    return subprocess.run(
        [sys.executable, *command],
        capture_output=True,
        cwd=ROOT,
        env=environment,
        **options,
    )


def output_of(name, *flags, capsys):
    importlib.import_module(name).main([*TINY[name], *flags])
    return capsys.readouterr().out


@pytest.fixture(scope="module")
def tiny_output():
    """What a script prints in its smallest run; each is run once."""
    outputs = {}

    def output(name):
        if name not in outputs:
            printed = io.StringIO()
            with contextlib.redirect_stdout(printed):
                importlib.import_module(name).main(TINY[name])
            outputs[name] = printed.getvalue()
        return outputs[name]

    return output


def refusal(name, *flags, capsys):
    with pytest.raises(SystemExit) as error:
        importlib.import_module(name).experiment.parse_args(list(flags))
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1, "one line"
    return message


# The tutorials' own questions


@pytest.mark.parametrize(
    ("script", "sums"),
    [
        (
            addition_lstm_regression,
            "110 122 104 103 163 100 56 61 109 129 98 60 66 63 84 148 96 33 75 64",
        ),
        (
            addition_mlp,
            "108 143 109 16 152 59 95 113 90 104 123 92 150 136 130 76 112 129 171 127",
        ),
        (addition_seq2seq, "13 13 13 9 11 18 15 14 6 15 9 10 8 14 14 19 4 13 9 12"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_default_run_asks_the_tutorials_twenty_questions(
    script, sums, monkeypatch, capsys
):
    """Trains on nothing, but draws what training draws."""

    def only_draw(model, epoch_data, epochs, batch_size):
        for _ in range(epochs):
            epoch_data()
        return History(loss=[1.0])

    monkeypatch.setattr(script, "train", only_draw)
    script.main([])
    shown = re.findall(r"Expected= *(\d+), Predicted=", capsys.readouterr().out)
    assert shown == sums.split()


def test_seq2seq_prints_padded_answers(tiny_output):
    out = tiny_output("addition_seq2seq")
    assert len(re.findall(r"(?m)^Expected=[ \d]\d, Predicted=.{2}$", out)) == 20


# What is printed


@pytest.mark.parametrize("name", NAMES)
def test_output_comes_in_the_promised_order(name, tiny_output):
    out = tiny_output(name)
    summary, loss = out.index("Total params"), out.index("\nloss: ")
    lines, tested, exact = (
        out.index("Expected"),
        out.index("\nOn "),
        out.index("Exact match:"),
    )
    assert out.startswith('Model: "') and summary < loss < lines < tested < exact
    accuracy = "" if name in REGRESSIONS else r" - accuracy: \d\.\d{4}"
    assert re.search(rf"(?m)^loss: \d+\.\d{{4}}{accuracy}$", out)
    assert re.search(r"(?m)^Exact match: \d+/\d+ \(\d+\.\d+%\)$", out)


@pytest.mark.parametrize("name", ["echo_whole", "echo_partial"])
def test_the_echoes_print_every_window_as_plain_integers(name, tiny_output):
    out = tiny_output(name)
    n = {"echo_whole": 5, "echo_partial": 2}[name]
    window = r"\[\d+" + r", \d+" * (n - 1) + r"\]"
    assert len(re.findall(rf"(?m)^Expected: {window} Predicted {window}$", out)) == 21
    assert re.search(r"Exact match: \d+/2100 ", out)
    assert re.search(rf"Per-element accuracy: \d+/{2100 * n} ", out)


@pytest.mark.parametrize("name", REGRESSIONS)
def test_the_regressions_print_rmse_and_errors(name, tiny_output):
    out = tiny_output(name)
    assert len(re.findall(r"(?m)^RMSE: \d+\.\d{6}$", out)) == 2
    errors = re.findall(r"(?m)^Expected=(-?\d+), Predicted=(-?\d+) \(err=(-?\d+)\)$", out)
    assert len(errors) == 20
    assert all(int(e) - int(p) == int(err) for e, p, err in errors)
    assert re.search(r"(?m)^Exact match: \d+/10000 ", out)


@pytest.mark.parametrize(
    ("name", "largest", "n_sums"),
    [
        ("addition_mlp", 100, "10,000"),
        ("addition_lstm_regression", 100, "10,000"),
        ("addition_seq2seq", 10, "100"),
    ],
)
def test_sums_are_scored_on_all_there_are_and_training_has_drawn_so_many_of_them(
    name, largest, n_sums, tiny_output
):
    out, rng = tiny_output(name), random.Random(1)
    drawn = {(rng.randint(1, largest), rng.randint(1, largest)) for _ in range(2 * 20)}
    drawn = f"{len(drawn)} of them drawn in training"
    assert f"\nOn all {n_sums} possible sums, {drawn}:\n" in out


def test_seq2seq_prints_its_scores_and_some_wrong_sums(tiny_output):
    out = tiny_output("addition_seq2seq")
    assert re.search(r"(?m)^RMSE of the sums: (\d+\.\d+|-)$", out)
    assert re.search(r"(?m)^Not a number: \d+$", out)
    assert re.search(r"(?m)^  \d+\+\d+: expected [ \d]\d, predicted .. \(wrong: ", out)


@pytest.mark.parametrize("terms", [1, 2, 3, 30])
def test_the_mlp_is_the_line_it_prints(terms, capsys):
    settings = addition_mlp.Settings(n_numbers=terms, largest=50)
    model = addition_mlp.build_model(settings)
    weights = [w + 0.3 for w in model.get_weights()]  # so that biases are not zero
    model.set_weights(weights)
    addition_mlp.print_line(model, settings)
    line = capsys.readouterr().out.strip()
    factors = re.findall(
        r"([+-]?) ?(\d+\.\d{3})(?: \* (\w+))?", line.removeprefix("sum = ")
    )
    numbers = [float(sign + number) for sign, number, _ in factors]
    assert len(numbers) == terms + 1 and len({name for *_, name in factors}) == terms + 1
    x = np.arange(1, terms + 1)
    _, [predicted] = addition_mlp.evaluate(
        model, *addition_mlp.encode([x], [x.sum()], settings), settings
    )
    assert np.dot(numbers[:-1], x) + numbers[-1] == pytest.approx(predicted, abs=1)


def test_a_network_that_adds_is_printed_as_a_sum(capsys):
    model = addition_mlp.build_model(addition_mlp.Settings())
    kernels = [np.zeros((2, 4)), np.zeros((4, 2)), np.ones((2, 1))]
    kernels[0][0, 0] = kernels[0][1, 1] = kernels[1][0, 0] = kernels[1][1, 1] = 1
    biases = [np.zeros(4), np.zeros(2), np.full(1, -1e-9)]
    model.set_weights([w for pair in zip(kernels, biases) for w in pair])
    addition_mlp.print_line(model, addition_mlp.Settings())
    assert capsys.readouterr().out == "sum = 1.000 * a + 1.000 * b + 0.000\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_test_set_is_the_same_whatever_the_budget(name):
    script, settings = importlib.import_module(name), tiny_settings(name)
    model = script.build_model(settings)
    longer = dataclasses.replace(settings, epochs=300)
    assert script.score(model, settings) == script.score(model, longer)


# Seeds and runs


def test_a_run_of_several_seeds_has_a_row_each_and_a_summary(capsys):
    out = output_of("addition_mlp", "--runs", "3", "--seed", "4", capsys=capsys)
    labels = re.findall(TABLE, out)
    assert labels == ["4", "5", "6", "mean", "std", "worst"]
    assert "Model: " not in out and "Expected" not in out and "Total params" not in out
    assert out.startswith(
        "On all 10,000 possible sums, 39 to 40 of them drawn in training:\n"
    )


@pytest.mark.parametrize(
    "name",
    [
        "addition_mlp",
        *[pytest.param(n, marks=pytest.mark.slow) for n in NAMES[1:]],
    ],
)
def test_the_row_of_a_seed_is_what_the_seed_alone_gives(name, capsys, tmp_path):
    together, alone = tmp_path / "together.csv", tmp_path / "alone.csv"
    output_of(name, "--runs", "2", "--history", str(together), capsys=capsys)
    output_of(name, "--seed", "2", "--history", str(alone), capsys=capsys)
    rows = [row for row in csv.reader(together.open()) if row[0] == "2"]
    assert len(rows) == 2 and rows == [*csv.reader(alone.open())][1:]


def test_the_same_seed_prints_the_same_bytes():
    command = [
        "addition_lstm_regression.py",
        *TINY["addition_lstm_regression"],
        "--seed",
        "3",
    ]
    first, second = terminal(*command), terminal(*command)
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout and b"Exact match" in first.stdout
    # and the first screen shows no log of TensorFlow, only the time
    assert re.fullmatch(rb"1 seed, 2 epochs: \d+\.\d s\n", first.stderr), first.stderr


# Files


def test_the_files_asked_for_are_written(tmp_path, capsys):
    from common.backend import keras

    history, plot, saved, scores = (
        tmp_path / name for name in ("loss.csv", "curve.png", "model.keras", "scores.csv")
    )
    out = output_of(
        "addition_seq2seq",
        *("--history", str(history), "--plot", str(plot)),
        *("--save", str(saved), "--scores", str(scores)),
        capsys=capsys,
    )
    rows = list(csv.DictReader(history.open()))
    assert [(row["seed"], row["epoch"]) for row in rows] == [("1", "1"), ("1", "2")]
    assert all(float(row["loss"]) > 0 and 0 <= float(row["accuracy"]) <= 1 for row in rows)
    assert plot.read_bytes().startswith(b"\x89PNG")
    [row] = read_rows(scores)
    assert (row["variant"], row["seed"], row["parameters"]) == ("addition_seq2seq", 1, 416)
    assert f"\nExact match: {row['Exact match']}\n" in out
    assert sorted(p.name for p in tmp_path.iterdir()) == [
        "curve.png",
        "loss.csv",
        "model.keras",
        "scores.csv",
    ]
    assert keras.saving.load_model(saved).output_shape == (None, 2, 12)


def test_one_seed_trains_though_its_row_is_there(tmp_path, capsys):
    scores = tmp_path / "scores.csv"
    shown, rows = [], []
    for _ in range(2):
        out = output_of("addition_mlp", "--scores", str(scores), capsys=capsys)
        shown.append(out.split("Total params")[1])
        rows += read_rows(scores)
    assert shown[0] == shown[1] and "\nloss: " in shown[0]
    first, second = ([row[name] for name in score_names(row)] for row in rows)
    assert first == second


def test_histories_are_trained_again_though_rows_are_there(tmp_path, capsys):
    scores, history = tmp_path / "scores.csv", tmp_path / "loss.csv"
    flags = ["--runs", "2", "--scores", str(scores)]
    first = output_of("addition_mlp", *flags, capsys=capsys)
    again = output_of("addition_mlp", *flags, "--history", str(history), capsys=capsys)
    assert again == first
    seeds = [row["seed"] for row in csv.DictReader(history.open())]
    assert seeds == ["1", "1", "2", "2"]
    assert [row["seed"] for row in read_rows(scores)] == [1, 2]


# Flags


@pytest.mark.parametrize("name", NAMES)
def test_help_answers_without_tensorflow(name):
    code = f"""
import sys, {name}
try:
    {name}.main(sys.argv[1:])
except SystemExit as error:
    assert error.code == (0 if "--help" in sys.argv else 2), error.code
slow = {{"tensorflow", "keras", "pandas", "sklearn", "matplotlib"}}
slow |= {{"joblib", "rich", "dask", "distributed"}}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    helped = terminal("-c", code, "--help")
    assert helped.returncode == 0, helped.stderr
    text = helped.stdout.decode()
    assert "section" in text and f"python {name}.py --" in text and "default" in text
    refused = terminal("-c", code, "--epochs", "0")
    assert refused.returncode == 0, refused.stderr
    assert refused.stderr.count(b"\n") == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--epochs", "0"], "epochs must be at least 1, not 0"),
        (["--epochs", "ten"], "epochs must be an integer, not 'ten'"),
        (["--epochs", "1.5"], "epochs must be an integer, not '1.5'"),
        (["--seed", "-1"], "at least 0, not -1"),
        (["--seed", str(2**32)], "at most 4294967295"),
        (["--seed", str(2**32 - 1), "--runs", "2"], "beyond 2**32 - 1"),
        (["--runs", "0"], "at least 1, not 0"),
        (["--runs", "2", "--save", "model.keras"], "does not go with --runs"),
        (["--history", "loss.txt"], "'loss.txt' does not end in .csv"),
        (["--plot", "no/such/folder/curve.png"], "there is no folder"),
        (["--save", "model.h5"], "does not end in .keras"),
        (["--unknown", "1"], "unrecognized arguments"),
        (["--epoch", "1"], "unrecognized arguments"),
        (["--units", "0", "0"], ""),
    ],
)
def test_a_wrong_flag_is_refused_in_one_line(name, flags, message, capsys):
    assert message in refusal(name, *flags, capsys=capsys)


@pytest.mark.parametrize(
    ("name", "flags", "message"),
    [
        (
            "addition_mlp",
            ["--batch-size", "3"],
            "batch_size 3 does not divide the 100 sums of an epoch; these sizes do: 1, 2,",
        ),
        (
            "echo_whole",
            ["--batch-size", "4"],
            "batch_size 4 does not divide the 21 windows of a sequence; "
            "these sizes do: 1, 3, 7, 21",
        ),
        ("echo_whole", ["--length", "4"], "length 4 is shorter than n_in 5"),
        ("echo_partial", ["--n-out", "6"], "n_out 6 is larger than n_in 5"),
        ("echo_partial", ["--batch-size", "8"], "batch_size 8 does not divide the 21 wind"),
        ("addition_mlp", ["--largest", str(10**16)], "largest must be at most"),
        ("addition_seq2seq", ["--terms", "0"], "n_numbers must be at least 1, not 0"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(name, flags, message, capsys):
    assert message in refusal(name, *flags, capsys=capsys)


def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path, capsys):
    (tmp_path / "curve.png").mkdir()
    message = refusal("echo_whole", "--plot", str(tmp_path / "curve.png"), capsys=capsys)
    assert "is a folder" in message


# The terminal


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
def test_ctrl_c_ends_with_one_line_and_leaves_nothing_behind(tmp_path):
    saved, history = tmp_path / "model.keras", tmp_path / "loss.csv"
    history.write_text("kept")
    command = [sys.executable, "addition_mlp.py", "--epochs", "100000000"]
    files = ["--save", str(saved), "--history", str(history)]
    script = subprocess.Popen(
        [*command, *files], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    while b"Trainable params" not in script.stdout.readline():
        assert script.poll() is None
    time.sleep(5)
    script.send_signal(signal.SIGINT)
    _, errors = script.communicate(timeout=60)
    assert script.returncode == 130
    assert errors == b"Interrupted.\n"
    assert [path.name for path in tmp_path.iterdir()] == ["loss.csv"]
    assert history.read_text() == "kept"


def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} addition_mlp.py --epochs 1 | head -1"
    if os.name == "nt":
        pytest.skip("no head there")
    ran = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True)
    assert ran.stdout.startswith(b"Model") and b"Traceback" not in ran.stderr


def test_a_terminal_that_cannot_show_lines_is_no_error():
    ran = terminal(
        "addition_mlp.py", *TINY["addition_mlp"], env={"PYTHONIOENCODING": "ascii"}
    )
    assert ran.returncode == 0 and b"Exact match" in ran.stdout

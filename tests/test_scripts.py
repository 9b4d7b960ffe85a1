"""The five scripts as their users meet them: flags, output, files."""

import contextlib
import csv
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

from common.runner.rows import read_rows, score_names
from common.training import History
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_whole

ROOT = Path(__file__).resolve().parents[1]
REGRESSIONS = ["addition_mlp", "addition_lstm_regression"]

# the smallest run of each that still does everything
TINY = {
    "addition_mlp": ["--epochs", "2", "--examples", "20"],
    "addition_lstm_regression": ["--epochs", "2", "--examples", "20", "--units", "2"],
    "addition_seq2seq": ["--epochs", "2", "--examples", "20", "--units", "4", "3"],
    "echo_whole": ["--epochs", "2", "--n-unique", "9", "--units", "3"],
    "echo_partial": ["--epochs", "2", "--n-unique", "9", "--units", "4", "3"],
}
NAMES = [*TINY]
EXTENSIONS = sorted(
    path.stem
    for path in ROOT.glob("extensions/*.py")
    if path.stem not in ("__init__", "common")
)
pytestmark = pytest.mark.usefixtures("uncompiled")


def parse(name, *flags):
    return importlib.import_module(name).experiment.parse_args([*flags])


def terminal(*command, **env):
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **env}
    command = [sys.executable, *command]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment)


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


# What is printed


@pytest.mark.parametrize("name", NAMES)
def test_output_comes_in_the_promised_order(name, tiny_output):
    out = tiny_output(name)
    parts = ["Total params", "\nloss: ", "Expected", "\nOn ", "\nExact match:"]
    places = [out.index(part) for part in parts]
    assert out.startswith('Model: "') and places == sorted(places)
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


def test_seq2seq_prints_padded_answers_its_scores_and_some_wrong_sums(tiny_output):
    out = tiny_output("addition_seq2seq")
    assert len(re.findall(r"(?m)^Expected=[ \d]\d, Predicted=.{2}$", out)) == 20
    assert re.search(r"(?m)^RMSE of the sums: (\d+\.\d+|-)$", out)
    assert re.search(r"(?m)^Not a number: \d+$", out)
    assert re.search(r"(?m)^  \d+\+\d+: expected [ \d]\d, predicted .. \(wrong: ", out)


@pytest.mark.parametrize("terms", [1, 2, 30])
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


def test_the_test_set_is_the_same_whatever_the_budget():
    settings = parse("echo_whole", *TINY["echo_whole"]).settings
    model = echo_whole.build_model(settings)
    longer = parse("echo_whole", *TINY["echo_whole"], "--epochs", "300").settings
    assert echo_whole.score(model, settings) == echo_whole.score(model, longer)


# Seeds and runs


def test_a_run_of_several_seeds_has_a_row_each_and_a_summary(capsys):
    out = output_of("addition_mlp", "--runs", "3", "--seed", "4", capsys=capsys)
    labels = re.findall(r"(?m)^ +(\d+|mean|std|worst)  .*$", out)
    assert labels == ["4", "5", "6", "mean", "std", "worst"]
    assert "Model: " not in out and "Expected" not in out and "Total params" not in out
    assert out.startswith(
        "On all 10,000 possible sums, 39 to 40 of them drawn in training:\n"
    )


@pytest.mark.parametrize(
    "name", ["addition_mlp", *[pytest.param(n, marks=pytest.mark.slow) for n in NAMES[1:]]]
)
def test_the_row_of_a_seed_is_what_the_seed_alone_gives(name, capsys, tmp_path):
    together, alone = tmp_path / "together.csv", tmp_path / "alone.csv"
    output_of(name, "--runs", "2", "--history", str(together), capsys=capsys)
    output_of(name, "--seed", "2", "--history", str(alone), capsys=capsys)
    rows = [row for row in csv.reader(together.open()) if row[0] == "2"]
    assert len(rows) == 2 and rows == [*csv.reader(alone.open())][1:]


@pytest.mark.slow
def test_the_same_seed_prints_the_same_bytes():
    """And a terminal that cannot show lines and boxes is no error."""
    command = ["addition_mlp.py", *TINY["addition_mlp"]]
    first = terminal(*command, PYTHONIOENCODING="ascii")
    second = terminal(*command, PYTHONIOENCODING="ascii")
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
    assert len([*tmp_path.iterdir()]) == 4
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


@pytest.mark.parametrize("name", EXTENSIONS)
def test_an_extension_started_by_its_file_says_the_right_command(name):
    ran = terminal(f"extensions/{name}.py", "--help")
    assert (ran.returncode, ran.stdout) == (2, b"")
    command = f"python -m extensions.{name}"
    assert ran.stderr.decode() == (
        f"{name}: error: start it from the project's folder with {command}\n"
    )


def test_help_and_refusals_come_without_tensorflow():
    extensions = [f"extensions.{name}" for name in EXTENSIONS]
    code = f"""
import importlib, sys
for name in {NAMES + extensions}:
    for flag, status in (("--help", 0), ("--no-such-flag", 2)):
        try:
            importlib.import_module(name).main([flag])
        except SystemExit as error:
            assert error.code == status, name
slow = {{"tensorflow", "keras", "pandas", "sklearn", "matplotlib"}}
slow |= {{"joblib", "rich", "dask", "distributed"}}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    ran = terminal("-c", code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(b"usage: ") == 5 + len(extensions)
    errors = ran.stderr.splitlines()
    assert len(errors) == 5 + len(extensions)
    assert all(b"unrecognized arguments: --no-such-flag" in line for line in errors)


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
        (["--jobs", "2"], "--jobs spreads several trainings: it needs --runs"),
        (["--cluster", "tcp://host:8786"], "--cluster spreads several trainings"),
        (["--runs", "2", "--save", "model.keras"], "does not go with --runs"),
        (["--history", "loss.txt"], "'loss.txt' does not end in .csv"),
        (["--plot", "no/such/folder/curve.png"], "there is no folder"),
        (["--save", "model.h5"], "does not end in .keras"),
        (["--unknown", "1"], "unrecognized arguments"),
        (["--epoch", "1"], "unrecognized arguments"),
        (["--units", "0", "0"], ""),
    ],
)
def test_a_wrong_flag_is_refused_in_one_line(name, flags, message, refused):
    assert message in refused(lambda flags: parse(name, *flags), *flags)


def test_sizes_that_do_not_fit_are_refused(refused):
    found = refused(addition_mlp.main, "--batch-size", 3)
    assert (
        "batch_size 3 does not divide the 100 sums of an epoch; these sizes do: 1, 2,"
        in found
    )


def test_a_folder_in_place_of_a_file_is_refused(tmp_path, refused):
    (tmp_path / "curve.png").mkdir()
    assert "is a folder" in refused(echo_whole.main, "--plot", tmp_path / "curve.png")


# The terminal


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
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


@pytest.mark.skipif(os.name == "nt", reason="another shell there")
@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_is_no_error(closed, tmp_path):
    """And its number is not given to a file, which would get what is printed."""
    scores, history = tmp_path / "scores.csv", tmp_path / "loss.csv"
    command = [sys.executable, "addition_mlp.py", *TINY["addition_mlp"], "--runs", "2"]
    files = ["--scores", str(scores), "--history", str(history)]
    line = f"{' '.join([*command, *files, '--jobs', '2'])} {closed}"
    ran = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ("Exact match" in ran.stdout) == (">&- 2" not in closed and closed != ">&-")
    assert ("2 seeds, 2 epochs" in ran.stderr) == ("2>&-" not in closed)
    assert "2 seeds, 2 epochs" not in ran.stdout
    assert len(read_rows(scores)) == 2
    assert history.read_text().splitlines()[0] == "seed,epoch,loss"


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 3, 6])
def test_kill_ends_with_one_line_and_leaves_nothing_behind(after, tmp_path):
    """While TensorFlow is imported, while it compiles, and while it trains."""
    command = [sys.executable, "addition_mlp.py", "--epochs", "100000000"]
    history = ["--history", str(tmp_path / "loss.csv")]
    script = subprocess.Popen(
        [*command, *history], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(after)
    script.terminate()
    _, errors = script.communicate(timeout=10)
    assert (script.returncode, errors) == (143, b"Terminated.\n")
    assert [*tmp_path.iterdir()] == []


def test_docstrings_may_be_left_out():
    """`python -OO`: help then has no description."""
    for module in ("addition_mlp", "extensions.addition_padding"):
        ran = terminal("-OO", "-m", module, "--help")
        assert ran.returncode == 0, ran.stderr
        assert b"--epochs N" in ran.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_watching_does_without_signs_where_they_cannot_be_written(encoding, monkeypatch):
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="replace")
    monkeypatch.setattr(sys, "stderr", written)
    importlib.import_module("addition_mlp").main([*TINY["addition_mlp"], "--watch"])
    written.flush()
    lines = written.buffer.getvalue().decode(encoding).splitlines()
    marks = re.findall(r"(ok|--) +-?\d+", "\n".join(lines[2:]))
    assert len(marks) == 10 and "?" not in "".join(lines)
    assert len({len(line) for line in lines[1:4]}) <= 2, lines

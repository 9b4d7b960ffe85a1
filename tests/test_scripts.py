"""The five scripts as their users meet them: the program, flags, output, files."""

import contextlib
import csv
import dataclasses
import functools
import importlib
import io
import os
import random
import re
import runpy
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from common import sums
from common.runner import cli
from common.runner.experiment import Experiment
from common.runner.rows import read_rows
from common.scores import EXACT, Share
from common.settings import BaseSettings
from common.training import History
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole

ROOT = Path(__file__).resolve().parents[1]
REGRESSIONS = ["addition_mlp", "addition_lstm_regression"]

# the smallest run of each that still does everything
TINY = {
    "addition_mlp": "--epochs 2 --n-examples 20",
    "addition_lstm_regression": "--epochs 2 --n-examples 20 --units 2",
    "addition_seq2seq": "--epochs 2 --n-samples 20 --encoder-units 4 --decoder-units 3",
    "echo_whole": "--epochs 2 --n-unique 9 --units 3",
    "echo_partial": "--epochs 2 --n-unique 9 --encoder-units 4 --decoder-units 3",
}
NAMES = [*TINY]
EXTENSIONS = sorted(
    path.stem
    for path in ROOT.glob("extensions/*.py")
    if path.stem not in ("__init__", "common")
)
pytestmark = pytest.mark.usefixtures("uncompiled")


def terminal(*command, **env):
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8", **env}
    command = [sys.executable, *command]
    return subprocess.run(command, capture_output=True, cwd=ROOT, env=environment)


def output(name, *flags):
    """What a script prints in its smallest run, on standard output and error."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.redirect_stderr(io.StringIO()) as err:
            importlib.import_module(name).main([*TINY[name].split(), *map(str, flags)])
    return out.getvalue(), err.getvalue()


tiny = functools.cache(output)  # for what is only looked at


# The program


def only_draw(model, new_data, epochs, batch_size):
    """Trains nothing, but draws what training draws."""
    for _ in range(epochs):
        new_data()
    return History(loss=[1.0])


@pytest.mark.parametrize(
    ("script", "expected"),
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
def test_seed_1_asks_the_tutorials_twenty_questions(script, expected, capsys):
    script.run(script.Settings(), seed=1, train=only_draw)
    shown = re.findall(r"Expected= *(\d+), Predicted=", capsys.readouterr().out)
    assert shown == expected.split()


@pytest.mark.parametrize("name", NAMES)
def test_the_answers_printed_are_the_models_which_a_seed_makes(name, capsys):
    script = importlib.import_module(name)
    settings = script.Settings(epochs=1)
    others = [script.run(settings, seed, train=only_draw)[0] for seed in (3, 4)]
    capsys.readouterr()
    model, _ = script.run(settings, seed=3, train=only_draw)
    out = capsys.readouterr().out
    same = [model.get_weights()[0] == other.get_weights()[0] for other in others]
    assert same[0].all() and not same[1].all() and model is not others[0]
    assert out.startswith('Model: "') and "Total params" in out
    rng = random.Random(3)
    if name.startswith("echo"):
        draw = [[rng.randint(0, 99) for _ in range(25)] for _ in range(2)]
        _, expected, predicted = script.evaluate(model, draw[1:], settings)
        lines = [f"Expected: {e} Predicted {p}" for e, p in zip(expected, predicted)]
        assert len(lines) == 21
    else:
        n = settings.n_examples if name in REGRESSIONS else settings.n_samples
        draw = [[rng.randint(1, settings.largest) for _ in range(2)] for _ in range(2 * n)]
        _, expected, predicted = script.evaluate(model, draw[n : n + 20], settings)
        lines = [f"Expected={e}, Predicted={p}" for e, p in zip(expected, predicted)]
    shown = [line for line in out.splitlines() if line.startswith("Expected")]
    assert len(shown) == len(lines)
    for line, right in zip(shown, lines):
        assert line.startswith(right)
    if name in REGRESSIONS:
        errors = [int(re.search(r"\(err=(-?\d+)\)$", line)[1]) for line in shown]
        assert errors == [e - p for e, p in zip(expected, predicted)]


@pytest.mark.parametrize("name", NAMES)
def test_fit_prints_as_keras_does_and_gives_the_same_model(name):
    (fitted, _), (trained, _) = tiny(name, "--fit"), tiny(name)
    assert len(re.findall(r"(?m)^\d+/\d+ - \d.* - loss: ", fitted)) == 2
    lines = [re.findall("(?m)^(?:Expected|All).*", out) for out in (fitted, trained)]
    assert lines[0] == lines[1] != []


def test_who_changes_the_answer_changes_training_score_and_questions(monkeypatch, capsys):
    """Learns the larger of two numbers, since one function says so."""
    monkeypatch.setattr(sums, "answer", max)
    flags = "--epochs 60 --n-samples 500 --batch-size 10 --largest 5 --ask 3+4"
    addition_seq2seq.main(flags.split())
    out = capsys.readouterr().out
    assert "Expected= 9" not in out and "Expected=10" not in out
    assert "Asked 3+4: Expected= 4" in out
    right = re.search(r"All 25 possible sums, .*: (\d+) right", out)[1]
    assert int(right) >= 23


# What is printed


@pytest.mark.parametrize("name", NAMES)
def test_output_comes_in_order_and_the_loss_on_standard_error(name):
    out, err = tiny(name)
    tested = "2,100 windows of 100 new" if name.startswith("echo") else "All "
    parts = ["Total params", "\nExpected", f"\n\n{tested}", " right ("]
    places = [out.index(part) for part in parts]
    assert out.startswith('Model: "') and places == sorted(places)
    accuracy = "" if name in REGRESSIONS else r" - accuracy: \d\.\d{4}"
    lines = err.splitlines()
    for epoch, line in enumerate(lines[:2], 1):
        assert re.fullmatch(rf"epoch {epoch}/2 - loss: \d+\.\d{{4}}{accuracy}", line)
    seconds = r"\d+\.\d s"
    last = rf"{seconds}, of which training {seconds}, compiling {seconds}"
    assert len(lines) == 3 and re.fullmatch(last, lines[2])


@pytest.mark.parametrize(
    ("name", "largest", "n_sums"),
    [("addition_mlp", 100, "10,000"), ("addition_seq2seq", 10, "100")],
)
def test_sums_are_scored_on_all_there_are_and_so_many_were_seen(name, largest, n_sums):
    rng = random.Random(1)
    seen = {(rng.randint(1, largest), rng.randint(1, largest)) for _ in range(2 * 20)}
    tested = f"All {n_sums} possible sums, {len(seen)} of them seen in training: "
    out, _ = tiny(name)
    assert tested in out
    if name == "addition_seq2seq":
        assert re.search(r"(?m)^  \d+\+\d+: expected [ \d]\d, predicted .. \(wrong: ", out)


def test_all_sums_are_seen_in_a_whole_training():
    settings = addition_seq2seq.Settings()
    text = sums.tested_on(sums.to_test(settings), settings, seed=1)
    assert text == "All 100 possible sums, all of them seen in training"


@pytest.mark.parametrize("terms", [1, 2, 30])
def test_the_mlp_is_the_line_it_prints(terms, capsys):
    settings = addition_mlp.Settings(n_numbers=terms, largest=50)
    model = addition_mlp.build_model(settings)
    model.set_weights([w + 0.3 for w in model.get_weights()])  # biases that are not zero
    addition_mlp.print_line(model, settings)
    line = capsys.readouterr().out.strip()
    factors = re.findall(
        r"([+-]?) ?(\d+\.\d{3})(?: \* (\w+))?", line.removeprefix("sum = ")
    )
    numbers = [float(sign + number) for sign, number, _ in factors]
    assert len(numbers) == terms + 1 and len({name for *_, name in factors}) == terms + 1
    x = [*range(1, terms + 1)]
    _, _, [predicted] = addition_mlp.evaluate(model, [x], settings)
    assert np.dot(numbers[:-1], x) + numbers[-1] == pytest.approx(predicted, abs=1)


@pytest.mark.parametrize("name", NAMES)
def test_who_knows_the_answers_scores_all_and_who_errs_his_share(name, monkeypatch):
    """The oracle: a model that answers right, and one whose last answers are wrong."""
    script = importlib.import_module(name)
    settings = script.Settings()
    wrong = 0

    def oracle(model, X, *batch_size):
        X = np.asarray(X)
        if name in REGRESSIONS:
            y = X.reshape(len(X), -1).sum(axis=1, keepdims=True)
            y[len(y) - wrong :] += 1 / 200
            return y
        if name == "addition_seq2seq":
            texts = [script.invert(x).replace(" ", "") for x in X]
            values = [sum(map(int, text.split("+"))) for text in texts]
            values = [v if i < len(X) - wrong else 99 - v for i, v in enumerate(values)]
            texts = [f"{value:2d}" for value in values]
            y = script.characters.integer_encode(texts)
            return np.eye(12)[y]
        y = X[:, : getattr(settings, "n_out", settings.n_in)].copy()
        y[len(y) - wrong :] = np.roll(y[len(y) - wrong :], 1, axis=-1)
        return y

    monkeypatch.setattr(script, "predict", oracle)
    scores, _ = script.experiment.scored(None, settings)
    total = scores[EXACT].total
    assert scores[EXACT] == Share(total, total)
    wrong = 7  # of all sums, or of each sequence's 21 windows
    scores, _ = script.experiment.scored(None, settings)
    missed = 7 * 100 if name.startswith("echo") else 7
    assert scores[EXACT] == Share(total - missed, total)
    assert total == {"add": 10_000, "ech": 2_100}[name[:3]] or total == 100


def test_the_test_set_is_the_same_whatever_the_budget():
    for script in (echo_whole, echo_partial, addition_mlp):
        short, long = script.Settings(epochs=1), script.Settings(epochs=300)
        assert script.experiment.test(short) == script.experiment.test(long)


# A script of one's own


@dataclasses.dataclass(frozen=True)
class Small(BaseSettings):
    epochs: int = 2  # training epochs
    learning_rate: float = 0.01  # of Adam


def build_small(settings):
    from common.backend import keras

    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer=keras.optimizers.Adam(settings.learning_rate))
    return model


def run_small(settings, seed, train):
    from common.backend import keras

    rng = np.random.default_rng(seed)
    keras.utils.set_random_seed(seed)
    model = build_small(settings)
    X = rng.random((8, 1))
    history = train(model, lambda: (X, 2 * X), settings.epochs, 4)
    print("trained")
    return model, history


def test_settings_model_and_run_are_enough(tmp_path, capsys):
    experiment = Experiment(None, Small, build_small, run_small)
    experiment.main(["--learning-rate", "0.5"])
    assert capsys.readouterr().out == "trained\n"
    path = tmp_path / "rows.csv"
    experiment.main(["--runs", "3", "--scores", str(path)])
    rows = read_rows(path)
    assert [row["seed"] for row in rows] == [1, 2, 3]
    assert len({row["loss"] for row in rows}) == 3
    with pytest.raises(SystemExit) as ended:
        experiment.main(["--learning-rate", "0"])
    assert ended.value.code == 2


def test_jobs_need_a_file(monkeypatch, capsys):
    names = {"BaseSettings": BaseSettings, "Small": Small}
    exec("def run(settings, seed, train): pass", names)
    experiment = Experiment(None, Small, build_small, names["run"])
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda: experiment.main(["--runs", "2", "--jobs", "2"]))
    assert ended.value.code == 2
    assert "--jobs needs a script in a file" in capsys.readouterr().err


def test_a_script_can_be_run_by_its_path_as_notebooks_do(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["addition_mlp.py", *TINY["addition_mlp"].split()])
    runpy.run_path(str(ROOT / "addition_mlp.py"))["main"]()
    assert "right (" in capsys.readouterr().out


# Seeds and runs


def test_several_seeds_have_a_row_each_and_their_median():
    out, err = tiny("addition_mlp", "--runs", "3", "--seed", "4")
    assert out.startswith("All 10,000 possible sums, 39 of them seen in training (seed 4)")
    table = out.split("\n\n")[1].splitlines()
    assert [line.split()[0] for line in table[1:]] == [*"456", "median"]
    assert "Model: " not in out and "Expected" not in out
    assert re.findall(r"(?m)^addition_mlp, seed (\d): ", err) == ["4", "5", "6"]
    assert max(map(len, out.splitlines())) <= 80


@pytest.mark.parametrize("name", ["addition_mlp", "echo_whole"])
def test_the_row_of_a_seed_is_what_the_seed_alone_gives(name, tmp_path):
    several, alone = tmp_path / "several.csv", tmp_path / "alone.csv"
    output(name, "--runs", "2", "--history", several)
    output(name, "--seed", "2", "--history", alone)
    rows = [row for row in csv.reader(several.open()) if row[0] == "2"]
    assert len(rows) == 2 and rows == [*csv.reader(alone.open())][1:]


@pytest.mark.slow
def test_the_same_seed_prints_the_same_bytes():
    """And a terminal that cannot show lines and boxes is no error."""
    command = ["addition_mlp.py", *TINY["addition_mlp"].split()]
    first = terminal(*command, PYTHONIOENCODING="ascii")
    second = terminal(*command, PYTHONIOENCODING="ascii")
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout and b"right (" in first.stdout
    # and the first screen shows no log of TensorFlow: two losses, and the time
    assert re.fullmatch(rb"(epoch ./2 - loss: .*\n){2}\d+\.\d s, .*\n", first.stderr)


# Files


def test_the_files_asked_for_are_written_and_named(tmp_path):
    from common.backend import keras

    history, plot, saved, scores = (
        tmp_path / name for name in ("loss.csv", "curve.png", "model.keras", "scores.csv")
    )
    flags = ["--history", history, "--plot", plot, "--save", saved, "--scores", scores]
    name = "addition_seq2seq"
    out, err = output(name, *flags)
    rows = list(csv.DictReader(history.open()))
    assert [(row["seed"], row["epoch"]) for row in rows] == [("1", "1"), ("1", "2")]
    assert all(float(row["loss"]) > 0 and 0 <= float(row["accuracy"]) <= 1 for row in rows)
    [row] = read_rows(scores)
    assert (row["variant"], row["seed"], row["parameters"]) == (name, 1, 416)
    assert f"training: {row[EXACT].right} right (" in out
    assert keras.saving.load_model(saved).output_shape == (None, 2, 12)
    for path in (history, plot):
        assert f"Wrote {path}\n" in err
    command = f"python addition_seq2seq.py --load {saved} --ask 3+4"
    assert f"Saved {saved}; try: {command}\n" in err
    assert len([*tmp_path.glob("[!.]*")]) == 4


def test_the_model_is_saved_though_another_file_fails(tmp_path, monkeypatch, capsys):
    def full(*args, **kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("common.runner.plots.plot_history", full)
    names = ["model.keras", "curve.png", "loss.csv"]
    saved, plot, history = (str(tmp_path / name) for name in names)
    flags = ["--save", saved, "--plot", plot, "--history", history]
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda: addition_mlp.main([*TINY["addition_mlp"].split(), *flags]))
    assert ended.value.code == 1
    assert {path.name for path in tmp_path.iterdir()} == {"model.keras", "loss.csv"}
    [line] = [line for line in capsys.readouterr().err.splitlines() if "curve.png" in line]
    assert "No space left on device" in line


def test_histories_are_trained_again_though_rows_are_there(tmp_path):
    scores, history = tmp_path / "scores.csv", tmp_path / "loss.csv"
    flags = ["--runs", "2", "--scores", scores]
    output("addition_mlp", *flags)
    first = read_rows(scores)
    output("addition_mlp", *flags, "--history", history)
    seeds = [row["seed"] for row in csv.DictReader(history.open())]
    assert seeds == ["1", "1", "2", "2"]
    for before, again in zip(first, read_rows(scores), strict=True):
        assert (before["seed"], before[EXACT]) == (again["seed"], again[EXACT])


# Flags


@pytest.mark.parametrize("name", NAMES)
def test_the_help_fits_a_screen_and_has_the_tutorials_numbers_first(name, capsys):
    with pytest.raises(SystemExit):
        importlib.import_module(name).main(["--help"])
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert len(lines) <= 40 and max(map(len, lines)) <= 80
    assert f"    python {name}.py --fit    " in out
    flags = re.findall(r"(?m)^  (--[\w-]+)", out)
    Settings = importlib.import_module(name).Settings
    numbers = [cli.flag_of(field.name) for field in dataclasses.fields(Settings)]
    assert flags[: len(numbers)] == numbers
    assert flags[-4:] == ["--runs", "--jobs", "--cluster", "--scores"]


@pytest.mark.slow
def test_an_extension_started_by_its_file_says_the_right_command():
    for name in EXTENSIONS:
        ran = terminal(f"extensions/{name}.py", "--help")
        assert (ran.returncode, ran.stdout) == (2, b"")
        command = f"python -m extensions.{name}"
        assert ran.stderr.decode() == (
            f"{name}: error: start it from the project's folder with {command}\n"
        )


@pytest.mark.slow
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
slow = {{"tensorflow", "keras", "pandas", "sklearn", "matplotlib", "scipy"}}
slow |= {{"joblib", "rich", "dask", "distributed"}}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    ran = terminal("-c", code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count(b"usage: ") == 5 + len(extensions)
    errors = ran.stderr.splitlines()
    assert len(errors) == 5 + len(extensions)
    assert all(b"unrecognized arguments: --no-such-flag" in line for line in errors)


REFUSED = {
    "--epochs 0": "epochs must be at least 1, not 0",
    "--epochs ten": "epochs must be an integer, not 'ten'",
    "--epochs 1.5": "epochs must be an integer, not 1.5",
    "--seed -1": "at least 0, not -1",
    "--seed 4294967296": "at most 4294967295",
    "--seed 4294967295 --runs 2": "beyond 2**32 - 1",
    "--runs 0": "at least 1, not 0",
    "--jobs 0": "argument --jobs: must be at least 1, not 0",
    "--jobs two": "argument --jobs: must be an integer, not 'two'",
    "--jobs 2": "--jobs spreads several trainings: it needs --runs",
    "--cluster here": "must be like tcp://HOST:PORT, not 'here'",
    "--cluster tcp://host:8786": "--cluster spreads several trainings: it needs --runs",
    "--cluster tcp://host:8786 --jobs 2": "--jobs does not go with --cluster",
    "--runs 2 --save model.keras": "--save is about one model",
    "--runs 2 --watch": "--watch is about one model",
    "--runs 2 --fit": "--fit is about one model",
    "--fit --watch": "--watch does not go with --fit",
    "--fit --plot curve.png": "--plot does not go with --fit",
    "--history loss.txt": "'loss.txt' does not end in .csv",
    "--plot no/such/folder/curve.png": "there is no folder",
    "--save model.h5": "does not end in .keras",
    "--unknown 1": "unrecognized arguments",
    "--epoch 1": "unrecognized arguments",
    "--hidden-units 0 0": "hidden_units must be at least 1, not 0",
    "--batch-size 3": "batch_size 3 does not divide the 100 sums of an epoch; these sizes",
}


def test_a_wrong_flag_is_refused_in_one_line(refused, tmp_path):
    for flags, message in REFUSED.items():
        assert message in refused(addition_mlp.main, *flags.split())
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
    assert errors.splitlines()[-1] == b"Interrupted."
    assert [path.name for path in tmp_path.iterdir()] == ["loss.csv"]
    assert history.read_text() == "kept"


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no head there")
def test_a_reader_that_leaves_early_is_no_error():
    command = f"{sys.executable} addition_mlp.py --epochs 1 | head -1"
    ran = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True)
    assert ran.stdout.startswith(b"Model") and b"Traceback" not in ran.stderr


@pytest.mark.skipif(os.name == "nt", reason="another shell there")
@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_is_no_error(closed, tmp_path):
    """And its number is not given to a file, which would get what is printed."""
    scores, history = tmp_path / "scores.csv", tmp_path / "loss.csv"
    command = [sys.executable, "addition_mlp.py", TINY["addition_mlp"], "--runs", "2"]
    files = ["--scores", str(scores), "--history", str(history)]
    line = f"{' '.join([*command, *files, '--jobs', '2'])} {closed}"
    ran = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    assert ("Exact match" in ran.stdout) == (">&- 2" not in closed and closed != ">&-")
    assert ("2 seeds, " in ran.stderr) == ("2>&-" not in closed)
    assert "2 seeds, " not in ran.stdout
    assert len(read_rows(scores)) == 2
    assert history.read_text().splitlines()[0] == "seed,epoch,loss"


@pytest.mark.skipif(os.name == "nt", reason="signals work differently there")
@pytest.mark.slow
@pytest.mark.parametrize("after", [1, 6])
def test_kill_ends_with_one_line_and_leaves_nothing_behind(after, tmp_path):
    """While TensorFlow is imported, while it compiles, and while it trains."""
    command = [sys.executable, "addition_mlp.py", "--epochs", "100000000"]
    history = ["--history", str(tmp_path / "loss.csv")]
    script = subprocess.Popen(
        [*command, *history], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    time.sleep(after)
    script.terminate()
    _, errors = script.communicate(timeout=30)
    assert (script.returncode, errors.splitlines()[-1]) == (143, b"Terminated.")
    assert [*tmp_path.iterdir()] == []

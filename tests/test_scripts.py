"""The five scripts as their users meet them: the program, flags, output, files."""

import contextlib
import csv
import dataclasses
import functools
import importlib
import io
import random
import re
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT, TINY, posix, python

from common import sums
from common.runner import cli
from common.runner.experiment import Experiment
from common.runner.rows import read_rows
from common.scores import EXACT, Share
from common.training import History
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole

pytestmark = pytest.mark.usefixtures("uncompiled")
REGRESSIONS = ["addition_mlp", "addition_lstm_regression"]
EXTENSIONS = sorted(path.stem for path in ROOT.glob("extensions/*.py"))
EXTENSIONS = [name for name in EXTENSIONS if name not in ("__init__", "common")]


def output(name, *flags):
    """What a script prints in its smallest run, on standard output and error."""
    with contextlib.redirect_stdout(io.StringIO()) as out:
        with contextlib.redirect_stderr(io.StringIO()) as err:
            importlib.import_module(name).main([*TINY[name], *map(str, flags)])
    return out.getvalue(), err.getvalue()


tiny = functools.cache(output)  # for what is only looked at


# The program


def only_draw(model, new_data, epochs, batch_size):
    """Trains nothing, but draws what training draws."""
    for _ in range(epochs):
        new_data()
    return History(loss=[1.0])


PRINTED = {  # the twenty answers that tutorial A expects
    "addition_lstm_regression": (
        "110 122 104 103 163 100 56 61 109 129 98 60 66 63 84 148 96 33 75 64"
    ),
    "addition_mlp": (
        "108 143 109 16 152 59 95 113 90 104 123 92 150 136 130 76 112 129 171 127"
    ),
    "addition_seq2seq": "13 13 13 9 11 18 15 14 6 15 9 10 8 14 14 19 4 13 9 12",
}


@pytest.mark.parametrize("name", PRINTED)
def test_seed_1_asks_the_tutorials_twenty_questions(name, capsys):
    script = importlib.import_module(name)
    script.run(script.Settings(), seed=1, train=only_draw)
    shown = re.findall(r"Expected= *(\d+), Predicted=", capsys.readouterr().out)
    assert shown == PRINTED[name].split()


@pytest.mark.parametrize("name", TINY)
def test_the_answers_printed_are_the_models_which_a_seed_makes(name, capsys):
    script = importlib.import_module(name)
    settings = script.experiment.parse_args(TINY[name]).settings
    others = [script.run(settings, seed, train=only_draw)[0] for seed in (3, 4)]
    capsys.readouterr()
    model, _ = script.run(settings, seed=3, train=only_draw)
    out = capsys.readouterr().out
    same = [model.get_weights()[0] == other.get_weights()[0] for other in others]
    assert same[0].all() and not same[1].all() and model is not others[0]
    assert out.startswith('Model: "') and "Total params" in out
    rng = random.Random(3)
    if name.startswith("echo"):
        draw = [[rng.randint(0, 8) for _ in range(25)] for _ in range(3)]
        _, expected, predicted = script.evaluate(model, draw[2:], settings)
        lines = [f"Expected: {e} Predicted {p}" for e, p in zip(expected, predicted)]
        assert len(lines) == 21
    else:
        n = settings.n_examples if name in REGRESSIONS else settings.n_samples
        draw = [[rng.randint(1, settings.largest) for _ in range(2)] for _ in range(3 * n)]
        _, expected, predicted = script.evaluate(model, draw[2 * n :], settings)
        lines = [f"Expected={e}, Predicted={p}" for e, p in zip(expected, predicted)]
    shown = [line for line in out.splitlines() if line.startswith("Expected")]
    assert len(shown) == len(lines)
    for line, right in zip(shown, lines):
        assert line.startswith(right)
    if name in REGRESSIONS:
        errors = [int(re.search(r"\(err=(-?\d+)\)$", line)[1]) for line in shown]
        assert errors == [e - p for e, p in zip(expected, predicted)]


@pytest.mark.parametrize("name", TINY)
def test_fit_prints_as_keras_does_and_gives_the_same_model(name):
    (fitted, _), (trained, _) = tiny(name, "--fit"), tiny(name)
    assert len(re.findall(r"(?m)^\d+/\d+ - \d.* - loss: ", fitted)) == 2
    lines = [re.findall("(?m)^(?:Expected|All).*", out) for out in (fitted, trained)]
    assert lines[0] == lines[1] != []


# What is printed


@pytest.mark.parametrize("name", TINY)
def test_output_comes_in_order_and_the_loss_on_standard_error(name):
    out, err = tiny(name)
    tested = "2,100 windows of 100 new sequences: "
    if name.startswith("addition"):
        largest, draw = 10 if name == "addition_seq2seq" else 100, random.Random(1).randint
        seen = {(draw(1, largest), draw(1, largest)) for _ in range(2 * 20)}
        tested = f"All {largest**2:,} possible sums, {len(seen)} of them seen in training: "
    parts = ["Total params", "\nExpected", f"\n\n{tested}", " right ("]
    places = [out.index(part) for part in parts]
    assert out.startswith('Model: "') and places == sorted(places)
    wrong = r"(?m)^  \d+\+\d+: expected [ \d]\d, predicted .. \(wrong: "
    assert re.search(wrong, out) or name != "addition_seq2seq"
    accuracy = "" if name in REGRESSIONS else r" - accuracy: \d\.\d{4}"
    lines = err.splitlines()
    for epoch, line in enumerate(lines[:2], 1):
        assert re.fullmatch(rf"epoch {epoch}/2 - loss: \d+\.\d{{4}}{accuracy}", line)
    seconds = r"\d+\.\d s"
    last = rf"{seconds}, of which training {seconds}, compiling {seconds}"
    assert len(lines) == 3 and re.fullmatch(last, lines[2])


def test_all_sums_are_seen_in_a_whole_training():
    settings = addition_seq2seq.Settings()
    text = sums.tested_on(sums.to_test(settings), settings, seed=1)
    assert text == "All 100 possible sums, all of them seen in training"


def test_the_mlp_is_the_line_it_prints(capsys):
    settings = addition_mlp.Settings(n_numbers=3, largest=50)
    model = addition_mlp.build_model(settings)
    model.set_weights([w + 0.3 for w in model.get_weights()])  # biases that are not zero
    addition_mlp.print_line(model, settings)
    line = capsys.readouterr().out.strip()
    factors = re.findall(
        r"([+-]?) ?(\d+\.\d{3})(?: \* (\w+))?", line.removeprefix("sum = ")
    )
    numbers = [float(sign + number) for sign, number, _ in factors]
    assert len(numbers) == len({name for *_, name in factors}) == 4
    _, _, [predicted] = addition_mlp.evaluate(model, [[1, 2, 3]], settings)
    assert np.dot(numbers[:-1], [1, 2, 3]) + numbers[-1] == pytest.approx(predicted, abs=1)


@pytest.mark.parametrize("name", TINY)
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


def test_settings_model_and_run_are_enough_and_jobs_need_a_file(tmp_path, capsys):
    made = addition_mlp.Settings, addition_mlp.build_model
    experiment, path = Experiment(None, *made, addition_mlp.run), tmp_path / "rows.csv"
    experiment.main([*TINY["addition_mlp"], "--runs", "3", "--scores", str(path)])
    rows = read_rows(path)
    assert [row["seed"] for row in rows] == [1, 2, 3]
    assert len({row["loss"] for row in rows}) == 3
    names = {}
    exec("def run(settings, seed, train): pass", names)
    experiment = Experiment(None, *made, names["run"])
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda: experiment.main(["--runs", "2", "--jobs", "2"]))
    assert ended.value.code == 2
    assert "--jobs needs a script in a file" in capsys.readouterr().err


# Seeds and runs


def test_several_seeds_have_a_row_each_and_their_median():
    out, err = tiny("addition_mlp", "--runs", "3", "--seed", "4")
    assert out.startswith("All 10,000 possible sums, 39 of them seen in training (seed 4)")
    table = out.split("\n\n")[1].splitlines()
    assert [line.split()[0] for line in table[1:]] == [*"456", "median"]
    assert "Model: " not in out and "Expected" not in out
    assert re.findall(r"(?m)^addition_mlp, seed (\d): ", err) == ["4", "5", "6"]
    assert max(map(len, out.splitlines())) <= 80


def test_the_row_of_a_seed_is_what_the_seed_alone_gives(tmp_path):
    several, alone = tmp_path / "several.csv", tmp_path / "alone.csv"
    output("echo_whole", "--runs", "2", "--history", several)
    output("echo_whole", "--seed", "2", "--history", alone)
    rows = [row for row in csv.reader(several.open()) if row[0] == "2"]
    assert len(rows) == 2 and rows == [*csv.reader(alone.open())][1:]


@pytest.mark.slow
def test_the_same_seed_prints_the_same_bytes():
    """And a terminal that cannot show lines and boxes is no error."""
    first, second = (
        python("addition_mlp.py", *TINY["addition_mlp"], PYTHONIOENCODING="ascii")
        for _ in range(2)
    )
    assert first.returncode == 0, first.stderr
    assert first.stdout == second.stdout and "right (" in first.stdout
    # and the first screen shows no log of TensorFlow: two losses, and the time
    assert re.fullmatch(r"(epoch ./2 - loss: .*\n){2}\d+\.\d s, .*\n", first.stderr)


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


def test_files_that_fail_are_a_line_each_and_the_others_are_written(
    tmp_path, monkeypatch, capsys
):
    def full(path, histories):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("common.runner.plots.write_history", full)
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # is not installed
    names = ["loss.csv", "curve.png", "model.keras", "scores.csv"]
    flags = [str(tmp_path / name) for name in names]
    flags = sum(map(list, zip(["--history", "--plot", "--save", "--scores"], flags)), [])
    with pytest.raises(SystemExit) as ended:
        cli.run(lambda: addition_mlp.main([*TINY["addition_mlp"], *flags]))
    assert ended.value.code == 1
    assert capsys.readouterr().err.splitlines()[-2:] == [
        f"error: {tmp_path / 'loss.csv'} was not written: No space left on device",
        f"error: {tmp_path / 'curve.png'} was not written: ModuleNotFoundError: "
        "import of matplotlib halted; None in sys.modules",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {"model.keras", "scores.csv"}


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


@pytest.mark.parametrize("name", TINY)
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
        ran = python(f"extensions/{name}.py", "--help")
        assert (ran.returncode, ran.stdout) == (2, "")
        command = f"start it from the project's folder with python -m extensions.{name}"
        assert ran.stderr == f"{name}: error: {command}\n"


@pytest.mark.slow
def test_help_and_refusals_come_without_tensorflow():
    scripts = [*TINY, *(f"extensions.{name}" for name in EXTENSIONS)]
    code = f"""
import importlib, sys
for name in {scripts}:
    for flag, status in (("--help", 0), ("--no-such-flag", 2)):
        try:
            importlib.import_module(name).main([flag])
        except SystemExit as error:
            assert error.code == status, name
slow = {{"tensorflow", "keras", "pandas", "sklearn", "matplotlib", "scipy"}}
slow |= {{"joblib", "rich", "dask", "distributed"}}
assert not slow & set(sys.modules), slow & set(sys.modules)
"""
    ran = python("-c", code)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.count("usage: ") == len(scripts)
    errors = ran.stderr.splitlines()
    assert len(errors) == len(scripts)
    assert all("unrecognized arguments: --no-such-flag" in line for line in errors)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--epochs 0", "epochs must be at least 1, not 0"),
        ("--epochs ten", "epochs must be an integer, not 'ten'"),
        ("--hidden-units 0 0", "hidden_units must be at least 1, not 0"),
        ("--batch-size 3", "batch_size 3 does not divide the 100 sums of an epoch"),
        ("--epoch 1", "unrecognized arguments"),
        ("--seed -1", "at least 0, not -1"),
        ("--seed 4294967296", "at most 4294967295"),
        ("--seed 4294967295 --runs 2", "beyond 2**32 - 1"),
        ("--jobs two", "argument --jobs: must be an integer, not 'two'"),
        ("--jobs 2", "--jobs spreads several trainings: it needs --runs"),
        ("--cluster here", "must be like tcp://HOST:PORT, not 'here'"),
        ("--cluster tcp://h:1", "--cluster spreads several trainings: it needs --runs"),
        ("--cluster tcp://h:1 --jobs 2", "--jobs does not go with --cluster"),
        ("--runs 2 --save model.keras", "--save is about one model"),
        ("--fit --watch", "--watch does not go with --fit"),
        ("--history loss.txt", "'loss.txt' does not end in .csv"),
        ("--plot no/such/folder/curve.png", "there is no folder"),
        ("--history ./loss.csv --scores loss.csv", "name the same file"),
    ],
)
def test_a_wrong_flag_is_refused_in_one_line(flags, message, refused):
    assert message in refused(addition_mlp.main, *flags.split())


# The terminal


@posix
@pytest.mark.slow
def test_streams_that_are_closed_are_no_error(tmp_path):
    """And their numbers are not given to files, which would get what is printed."""
    scores, history = tmp_path / "scores.csv", tmp_path / "loss.csv"
    command = [sys.executable, "addition_mlp.py", *TINY["addition_mlp"], "--runs", "2"]
    files = ["--scores", str(scores), "--history", str(history)]
    line = f"{' '.join([*command, *files, '--jobs', '2'])} >&- 2>&- <&-"
    ran = subprocess.run(line, shell=True, cwd=ROOT, capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert len(read_rows(scores)) == 2
    assert history.read_text().splitlines()[0] == "seed,epoch,loss"

"""--watch: the same five questions while the model learns, and nothing else changes."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from common.backend import keras
from common.runner.watching import moments
import addition_mlp
import addition_seq2seq
import echo_partial

pytestmark = pytest.mark.usefixtures("uncompiled")
TINY = {
    addition_mlp: ["--epochs", "12", "--n-examples", "20"],
    addition_seq2seq: [
        "--epochs",
        "3",
        "--n-samples",
        "20",
        "--encoder-units",
        "4",
        "--decoder-units",
        "3",
    ],
    echo_partial: [
        "--epochs",
        "3",
        "--n-unique",
        "9",
        "--encoder-units",
        "3",
        "--decoder-units",
        "3",
    ],
}


@pytest.mark.parametrize("epochs", [1, 3, 9, 10, 11, 30, 500, 10**12])
def test_the_moments_are_about_ten_denser_early_with_the_last_five(epochs):
    found = moments(epochs)
    assert found == sorted({*found}) and found[0] >= 1
    assert found[-5:] == [*range(max(1, epochs - 4), epochs + 1)]
    assert len(found) == epochs if epochs <= 5 else 6 <= len(found) <= 10
    gaps = [b - a for a, b in zip(found[:-5], found[1:-5])]
    assert gaps == sorted(gaps) or epochs < 30  # rounding


@pytest.mark.parametrize("script", TINY, ids=lambda script: script.__name__)
def test_the_losses_shown_are_those_of_the_history(script, tmp_path, capsys):
    history = tmp_path / "loss.csv"
    script.main([*TINY[script], "--history", str(history)])
    lines = capsys.readouterr().err.splitlines()
    shown = [re.findall(r"epoch +(\d+)/\d+ - loss: (\d\.\d+)", line) for line in lines]
    shown = {int(n): float(loss) for [(n, loss)] in filter(None, shown)}
    rows = csv.DictReader(history.open())
    losses = {int(row["epoch"]): float(row["loss"]) for row in rows}
    assert [*shown] == moments(len(losses))
    assert all(abs(shown[n] - losses[n]) < 0.0001 for n in shown)


@pytest.mark.parametrize("script", TINY, ids=lambda script: script.__name__)
def test_watching_shows_five_answers_per_moment_and_changes_no_output(
    script, monkeypatch, capsys
):
    monkeypatch.setenv("COLUMNS", "100")
    keras.utils.clear_session()  # models are numbered, and the number is printed
    script.main(TINY[script])
    alone = capsys.readouterr().out
    keras.utils.clear_session()
    script.main([*TINY[script], "--watch"])
    watched = capsys.readouterr()
    assert watched.out == alone
    epochs = int(TINY[script][1])
    lines = [line for line in watched.err.splitlines() if line.startswith("epoch ")]
    found = [re.match(r"epoch +(\d+)/\d+ - loss: \d\.\d{4} ", line) for line in lines]
    assert [int(match[1]) for match in found] == moments(epochs)
    assert all(len(re.findall("[✓✗]", line)) == 5 for line in lines)
    assert "\x1b" not in watched.err  # no colours where it is no terminal


def test_a_narrow_screen_has_fewer_answers_in_a_line(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "50")
    echo_partial.main([*TINY[echo_partial], "--watch"])  # an answer takes 11 columns
    lines = [line for line in capsys.readouterr().err.splitlines() if "epoch " in line]
    assert [len(re.findall("[✓✗]", line)) for line in lines[:3]] == [2, 2, 2]


def on_terminal(*flags):
    """The lines that Python shows on a terminal, where only standard error goes."""
    ours, theirs = os.openpty()
    root = Path(addition_mlp.__file__).parent
    environment = {**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
    script = subprocess.Popen(
        [sys.executable, *flags],
        cwd=root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=theirs,
    )
    os.close(theirs)
    written = b""
    try:
        while part := os.read(ours, 1024):
            written += part
    except OSError:  # the other end was closed
        pass
    os.close(ours)
    assert script.wait() == 0
    text = re.sub(r"\x1b\[[\d;]*m", "", written.decode())  # colours
    return re.split(r"\r|\n|\x1b\[[\d;?]*\w", text)


@pytest.mark.skipif(os.name == "nt", reason="no such terminals there")
def test_on_a_terminal_the_answers_stand_in_lines_of_their_own_above_the_progress():
    lines = on_terminal("addition_mlp.py", "--watch", *TINY[addition_mlp])
    assert any(" Loading TensorFlow ... " in line for line in lines)
    answers = [line for line in lines if re.search("[✓✗]", line)]
    shown = [int(re.match(r"epoch +(\d+)/12", line)[1]) for line in answers]
    assert shown == moments(12)
    assert all(line.startswith("epoch ") for line in answers)


TRAINING = """
import time
from common.backend import keras
from common.training import after_epochs, train
model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
model.compile(loss="mse")
def new_data():
    time.sleep(1.2)  # as long as compiling may take
    return [[1]], [[1]]
train(model, new_data, 4, 1, callbacks=[keras.callbacks.Callback()])
"""


@pytest.mark.skipif(os.name == "nt", reason="no such terminals there")
def test_seconds_are_counted_until_there_is_a_bar():
    lines = [line.strip() for line in on_terminal("-c", TRAINING) if line.strip()]
    seconds = [re.fullmatch(r"[-|/\\] Compiling \.\.\. (\d+) s", line) for line in lines]
    counted = [int(found[1]) for found in seconds if found]
    assert counted[0] == 0 and max(counted) >= 1 and len(counted) >= 5
    bars = [line for line in lines if line.startswith("Training [")]
    done = [int(re.match(r"Training \[ *=* *\] (\d)/4 ", bar)[1]) for bar in bars]
    assert done and done == sorted(done) and done[0] >= 1
    assert re.fullmatch(r"Training \[=+ *\] \d/4  loss \d\.\d{4}  0:00:0\d", bars[-1])


def test_a_tick_stands_at_right_answers_and_a_cross_at_wrong_ones(capsys):
    addition_mlp.main(["--watch"])  # seed 1 adds without an error in the end
    lines = capsys.readouterr().err.splitlines()
    expected = next(line for line in lines if line.startswith("expected")).split()[1:]
    first, last = (line for line in lines if re.match(r"epoch +(1|50)/50 ", line))
    assert re.findall(r"✓ +(\d+)", last) == expected
    wrong = re.findall(r"✗ +(-?\d+)", first)
    assert wrong and not set(wrong) & set(expected)

"""--watch: the same five questions while the model learns, and nothing else changes."""

import csv
import importlib
import os
import re
import subprocess
import sys

import pytest
from conftest import ROOT, TINY, posix

from common.backend import keras
from common.runner.watching import losses, moments

pytestmark = pytest.mark.usefixtures("uncompiled")
slow = pytest.mark.slow
EPOCHS = {"addition_mlp": 12, "addition_seq2seq": 3, "echo_partial": 3}
FLAGS = {name: [*TINY[name], "--epochs", str(n)] for name, n in EPOCHS.items()}


@pytest.mark.parametrize("epochs", [1, 3, 9, 10, 11, 30, 500, 10**12])
def test_the_moments_are_about_ten_denser_early_with_the_last_five(epochs):
    found = moments(epochs)
    assert found == sorted({*found}) and found[0] >= 1
    assert found[-5:] == [*range(max(1, epochs - 4), epochs + 1)]
    assert len(found) == epochs if epochs <= 5 else 6 <= len(found) <= 10
    gaps = [b - a for a, b in zip(found[:-5], found[1:-5])]
    assert gaps == sorted(gaps) or epochs < 30  # rounding


@pytest.mark.parametrize(
    "name", ["addition_mlp", "echo_partial", pytest.param("addition_seq2seq", marks=slow)]
)
def test_watching_shows_losses_and_five_answers_per_moment_and_changes_no_output(
    name, monkeypatch, tmp_path, capsys
):
    monkeypatch.setenv("COLUMNS", "100")
    script, history = importlib.import_module(name), tmp_path / "loss.csv"
    keras.utils.clear_session()  # models are numbered, and the number is printed
    script.main([*FLAGS[name], "--history", str(history)])
    alone = capsys.readouterr()
    keras.utils.clear_session()
    script.main([*FLAGS[name], "--watch"])
    watched = capsys.readouterr()
    assert watched.out == alone.out
    rows = csv.DictReader(history.open())
    expected = {int(row["epoch"]): float(row["loss"]) for row in rows}
    for err, n_answers in ((alone.err, 0), (watched.err, 5)):
        lines = [line for line in err.splitlines() if line.startswith("epoch ")]
        found = [re.match(r"epoch +(\d+)/\d+ - loss: (\d\.\d{4})", line) for line in lines]
        shown = {int(match[1]): float(match[2]) for match in found}
        assert [*shown] == moments(EPOCHS[name])
        assert all(abs(shown[n] - expected[n]) < 0.0001 for n in shown)
        assert all(len(re.findall("[✓✗]", line)) == n_answers for line in lines)
    assert "\x1b" not in watched.err  # no colours where it is no terminal


def test_right_answers_have_a_tick_wrong_ones_a_cross_as_many_as_a_line_has_room_for(
    monkeypatch, capsys
):
    numbers = [f"{n}+{n}" for n in range(5)], [13, 9, 13, 9, 13], [13, 8, 9, 9, 9]
    for columns, shown in ((80, "✓ 13  ✗ 8  ✗ 9   ✓ 9  ✗ 9"), (40, "✓ 13  ✗ 8")):
        monkeypatch.setenv("COLUMNS", str(columns))
        watching = losses(30, lambda model: numbers)
        watching.on_train_begin()
        watching.on_epoch_end(0, {"loss": 0.5})
        *_, line = capsys.readouterr().err.splitlines()
        assert line == f"epoch  1/30 - loss: 0.5000  {shown}"


def on_terminal(*flags):
    """The lines that Python shows on a terminal, where only standard error goes."""
    ours, theirs = os.openpty()
    script = subprocess.Popen(
        [sys.executable, *flags],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm", "PYTHONIOENCODING": "utf-8"},
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


@posix
@slow
def test_on_a_terminal_the_answers_stand_in_lines_of_their_own_above_the_progress():
    lines = on_terminal("addition_mlp.py", "--watch", *FLAGS["addition_mlp"])
    assert any(" Loading TensorFlow ... " in line for line in lines)
    answers = [line for line in lines if re.search("[✓✗]", line)]
    shown = [int(re.match(r"epoch +(\d+)/12", line)[1]) for line in answers]
    assert shown == moments(12)


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


@posix
@slow
def test_seconds_are_counted_until_there_is_a_bar():
    lines = [line.strip() for line in on_terminal("-c", TRAINING) if line.strip()]
    seconds = [re.fullmatch(r"[-|/\\] Compiling \.\.\. (\d+) s", line) for line in lines]
    counted = [int(found[1]) for found in seconds if found]
    assert counted[0] == 0 and max(counted) >= 1 and len(counted) >= 5
    bars = [line for line in lines if line.startswith("Training [")]
    done = [int(re.match(r"Training \[ *=* *\] (\d)/4 ", bar)[1]) for bar in bars]
    assert done and done == sorted(done) and done[0] >= 1
    assert re.fullmatch(r"Training \[=+ *\] \d/4  loss \d\.\d{4}  0:00:0\d", bars[-1])

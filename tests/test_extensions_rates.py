"""The five scripts at other learning rates: what is trained, looked at and shown."""

import math
from dataclasses import replace

import pytest

from common.runner.comparison import Rows
from common.scores import EXACT, Share
from common.training import History
import addition_mlp
import echo_whole
from extensions import learning_rates as rates

pytestmark = pytest.mark.usefixtures("uncompiled")
SMALL = {
    "MLP": {"n_examples": 20},
    "LSTM": {"n_examples": 20, "units": 3},
    "seq2seq": {"n_samples": 20, "encoder_units": 4, "decoder_units": 3},
    "whole echo": {"units": 3},
    "partial echo": {"encoder_units": 3, "decoder_units": 3},
}


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


@pytest.fixture(autouse=True)
def few_looks(monkeypatch):
    monkeypatch.setattr(rates, "N_LOOKS", 8)


@pytest.mark.parametrize("name", rates.SCRIPTS)
def test_the_scripts_models_at_another_rate(name, monkeypatch):
    """Of the cosine, the end is where the tutorial's last update is."""
    fixed = rates.VARIANTS[f"{name}, 0.003"]
    falling = rates.VARIANTS[f"{name}, cosine from 0.01"]
    monkeypatch.setattr(fixed.script, "evaluate", lambda *asked: ([], ["1"], ["1"]))
    tutorial = replace(fixed.settings, epochs=4, **SMALL[name])
    drawing, n_epochs = Drawing(), 4 * (2 if name == "partial echo" else 4)
    ran = rates.run(None, 1, replace(fixed, settings=tutorial), train=drawing)
    assert len(drawing.epochs) == n_epochs
    assert float(ran.model.optimizer.learning_rate) == pytest.approx(0.003)

    drawing = Drawing()
    ran = rates.run(None, 1, replace(falling, settings=tutorial), train=drawing)
    assert len(drawing.epochs) == 4
    n_updates = sum(len(y) for _, y in drawing.epochs) // drawing.batch_size
    schedule = ran.model.optimizer._learning_rate
    at = [float(schedule(step)) for step in (0, n_updates / 2, n_updates, n_updates - 1)]
    assert at[:3] == pytest.approx([0.01, 0.005, 0], abs=1e-9) and at[3] > 0


@pytest.mark.slow
def test_at_the_tutorials_rate_the_script_trains_as_it_does():
    tutorial = addition_mlp.Settings(epochs=4, n_examples=20)
    variant = rates.Variant(addition_mlp, tutorial, 0.001)
    longer, own = rates.run(None, 3, variant), addition_mlp.run(tutorial, 3)
    assert len(longer.history["loss"]) == 16
    assert longer.history["loss"][:4] == pytest.approx(own[1]["loss"], rel=1e-5)


def looked_at(script, settings, right, monkeypatch):
    """Scores where `right(epochs done)` of 100 are right, and how many were asked."""
    drawing, asked = Drawing(), []

    def evaluate(model, questions, settings):
        asked.append((drawing.done, len(questions)))
        n = right(drawing.done)
        return [], ["1"] * 100, ["1"] * n + ["0"] * (100 - n)

    monkeypatch.setattr(script, "evaluate", evaluate)
    variant = rates.Variant(script, settings, 0.001)
    return rates.run(None, 1, variant, train=drawing).scores, asked


def test_epochs_the_tutorials_budget_and_the_lowest_later(monkeypatch):
    rights = {2: 99, 4: 50, 6: 98, 8: 99, 10: 99, 12: 97, 14: 100, 16: 99}
    settings = addition_mlp.Settings(epochs=4, n_examples=20)
    scores, asked = looked_at(addition_mlp, settings, rights.get, monkeypatch)
    assert scores == {rates.EPOCHS: 8, EXACT: (50, 100), rates.LOWEST: (97, 100)}
    assert [epochs for epochs, _ in asked] == [2, 4, 4, 6, 8, 10, 12, 14, 16]
    assert {n for _, n in asked} == {10_000}
    # who never gets there has no epochs, and nothing later
    never = looked_at(addition_mlp, settings, lambda n: 99 * (n == 16), monkeypatch)[0]
    assert never == {rates.EPOCHS: None, EXACT: (0, 100), rates.LOWEST: None}


def test_a_look_takes_20_sequences_of_an_echo(monkeypatch):
    settings = echo_whole.Settings(epochs=4, units=3)
    _, asked = looked_at(echo_whole, settings, lambda n: 100, monkeypatch)
    assert [n for _, n in asked] == [20, 20, 100, *[20] * 6]


def rows():
    """Three seeds of each: at 0.003 all need 20 epochs, at 0.03 one of three 5."""
    epochs = {"0.003": (20, 20, 20), "0.03": (5, None, None)}
    return Rows(
        {"variant": name, rates.EPOCHS: value, EXACT: Share(1, 2)}
        for name in rates.VARIANTS
        for value in epochs.get(name.rpartition(", ")[2], (40, 30, None))
    )


def test_the_plot_has_a_line_per_script_and_a_dot_per_seed(monkeypatch):
    figures = []
    monkeypatch.setattr(rates, "save", lambda path, figure=None: figures.append(path))
    rates.plot("rates.png", rows(), rates.Settings())
    [axes] = figures[0].axes
    lines = [line for line in axes.lines if not line.get_label().startswith("_")]
    assert [line.get_label() for line in lines] == [*rates.SCRIPTS]
    assert [*lines[0].get_xdata()] == [0.0003, 0.001, 0.003, 0.01, 0.03]
    assert [*lines[0].get_ydata()] == [40, 40, 20, 40, math.inf]
    dots = [line for line in axes.lines if line.get_label().startswith("_")]
    assert len(dots) == 25 and all(len(line.get_ydata()) == 3 for line in dots)

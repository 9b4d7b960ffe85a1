"""How many epochs, which learning rate? The five scripts at six rates.

Both tutorials train everything at Adam's default, 0.001. Here the scripts train as they
are, on the same data and from the same weights, at rates from 0.0003 to 0.03, for up to
four times the tutorial's epochs (the partial echo: twice). 40 looks on the way tell when
99 % of the answers are right (the first of two looks in a row), how many are right after
the tutorial's epochs, and how far the exact match falls again later. In a sixth variant
the rate falls from 0.01 to 0 along a cosine, over the tutorial's epochs, where it ends.
Of the echoes' 100 sequences a look takes 20.

    python -m extensions.learning_rates --runs 10 --plot learning_rates.png
    python -m extensions.learning_rates --runs 10 --variant "partial echo, 0.003"
"""

from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import new_figure, save
from common.scores import EXACT, Score
from common.settings import BaseSettings
from common.training import after_epochs, train
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole
from extensions.tools.scoring import first_of_two

ENOUGH, N_LOOKS, N_SEQUENCES = 0.99, 40, 20
EPOCHS = Score("Epochs to 99 %", kind="epochs")
LOWEST = Score("Lowest after that")


@dataclass(frozen=True)
class Settings(BaseSettings):
    """Nothing to set: the numbers are the tutorials'."""


@dataclass(frozen=True)
class Variant:
    script: ModuleType
    settings: BaseSettings  # the tutorial's
    rate: float
    falls: bool = False  # to 0, over the tutorial's epochs
    most: int = 4  # times the tutorial's epochs, at most


SCRIPTS = {
    "MLP": addition_mlp,
    "LSTM": addition_lstm_regression,
    "seq2seq": addition_seq2seq,
    "whole echo": echo_whole,
    "partial echo": echo_partial,
}
RATES = {f"{rate}": {"rate": rate} for rate in (0.0003, 0.001, 0.003, 0.01, 0.03)}
FALLING = {"cosine from 0.01": {"rate": 0.01, "falls": True}}
VARIANTS = {
    f"{name}, {rate}": Variant(
        script, script.Settings(), **fields, most=2 if script is echo_partial else 4
    )
    for name, script in SCRIPTS.items()
    for rate, fields in {**RATES, **FALLING}.items()
}


def updates(settings):
    """Weight updates of an epoch."""
    if hasattr(settings, "length"):  # of a sequence, which is cut into windows
        return (settings.length - settings.n_in + 1) // settings.batch_size
    rows = getattr(settings, "n_examples", None) or settings.n_samples
    return rows // settings.batch_size


def run(settings, seed, variant, train=train):
    """Train a script as it is, but at another rate, with looks on the way."""
    script, tutorial = variant.script, variant.settings
    epochs = tutorial.epochs * (1 if variant.falls else variant.most)
    every = tutorial.epochs * variant.most // N_LOOKS
    asked = some = script.experiment.test(tutorial)
    if hasattr(tutorial, "length"):
        some = asked[:N_SEQUENCES]
    looks, after_tutorial = {}, {}

    def exact_match(model, questions):
        _, *answers = script.evaluate(model, questions, tutorial)
        return script.experiment.score(*answers)[EXACT]

    def train_at_rate(model, new_data, epochs, batch_size):
        rate = variant.rate
        if variant.falls:
            n_updates = epochs * updates(tutorial)
            rate = keras.optimizers.schedules.CosineDecay(rate, n_updates)
        model.optimizer.learning_rate = rate

        def look(epochs_done):
            looks[epochs_done] = exact_match(model, some)
            if epochs_done == tutorial.epochs:
                after_tutorial[EXACT] = exact_match(model, asked)

        looking = after_epochs(range(every, epochs + 1, every), look)
        return train(model, new_data, epochs, batch_size, callbacks=[looking])

    model, history = script.run(replace(tutorial, epochs=epochs), seed, train=train_at_rate)
    if not after_tutorial:  # the loss was not finite any more, and all weights are 0
        after_tutorial[EXACT] = exact_match(model, asked)
    reached = first_of_two(ENOUGH, looks)
    later = [share for epochs, share in looks.items() if reached and epochs >= reached]
    lowest = min(later, key=float, default=None)
    return Run(model, history, {EPOCHS: reached, **after_tutorial, LOWEST: lowest})


def plot(path, results, settings):
    """Epochs needed against the rate: a line per script through the medians, dots: seeds.

    Seeds that never get there have no dot, and count as infinity in the median.
    """
    figure = new_figure(figsize=(6.5, 4.5), layout="constrained")
    axes = figure.subplots()
    for name in SCRIPTS:
        points = {
            fields["rate"]: np.nan_to_num(
                results.values(f"{name}, {rate}", EPOCHS), nan=np.inf
            )
            for rate, fields in RATES.items()
            if f"{name}, {rate}" in results.variants
        }
        medians = [np.median(epochs) for epochs in points.values()]
        [line] = axes.plot([*points], medians, "-o", label=name)
        for rate, epochs in points.items():
            axes.plot([rate] * len(epochs), epochs, ".", ms=4, color=line.get_color())
    axes.set(xlabel="learning rate", xscale="log", ylabel=EPOCHS.lower(), yscale="log")
    axes.set_xticks([fields["rate"] for fields in RATES.values()], RATES)
    axes.minorticks_off()
    axes.grid(alpha=0.3)
    axes.legend(fontsize="small")
    save(figure, path)


TESTED_ON = "the questions of the scripts' own scores"
experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    TESTED_ON,
    plot=("the epochs needed against the learning rate", plot),
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

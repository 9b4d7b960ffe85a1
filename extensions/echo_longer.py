"""How long an echo can the encoder-decoder learn, and what do longer ones take?

Tutorial B, section "Extensions": "echo longer". The partial echo's encoder-decoder is
asked for 2, 3 and 5 of 5 integers and for 10 of 10, each on the tutorial's budget. Then
3 of 5 get a higher learning rate, and 5 of 5 twice the units, or three times the epochs.
"Epochs to 99 %" counts until 99 % of the integers are right in training.

    python -m extensions.echo_longer --runs 10
"""

from dataclasses import dataclass, replace
from random import Random

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score, score_echoes
from common.settings import BaseSettings
from common.training import train
from common.windows import N_TEST, get_data, to_test
import echo_partial
from extensions.tools.scoring import epochs_to

TUTORIAL = echo_partial.Settings()
ECHOES = ((2, 5), (3, 5), (5, 5), (10, 10))  # integers to echo, of how many
EPOCHS = Score("Epochs to 99 %", kind="epochs")
MORE_UNITS, MORE_EPOCHS = 2, 3  # times those of the tutorial


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = TUTORIAL.epochs  # training epochs of each variant, but for one
    units: int = TUTORIAL.encoder_units  # units of encoder and decoder


@dataclass(frozen=True)
class Variant:
    n_out: int  # integers to echo
    n_in: int  # integers in a window
    units: int  # of encoder and decoder
    epochs: int
    rate: float = 0.001  # at which Adam learns

    @property
    def name(self):
        rate = f", rate {self.rate}" if self.rate != 0.001 else ""
        echo = f"{self.n_out} of {self.n_in}"
        return f"{echo}, {self.units} units, {self.epochs} epochs{rate}"


def variants(settings):
    units, epochs = settings.units, settings.epochs
    found = [Variant(*sizes, units, epochs) for sizes in ECHOES]
    found += [
        Variant(3, 5, units, epochs, rate=0.003),
        Variant(5, 5, MORE_UNITS * units, epochs),
        Variant(5, 5, units, MORE_EPOCHS * epochs),
    ]
    return {v.name: v for v in found}


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new sequences."""
    n_in, n_out, units = variant.n_in, variant.n_out, variant.units
    length = n_in + TUTORIAL.batch_size - 1  # 21 windows, one batch
    sizes = {"length": length, "encoder_units": units, "decoder_units": units}
    numbers, rng = replace(TUTORIAL, n_in=n_in, n_out=n_out, **sizes), Random(seed)
    keras.utils.set_random_seed(seed)
    model = echo_partial.build_model(numbers)
    model.optimizer.learning_rate = variant.rate

    def new_sequence():
        return get_data(n_in, n_out, length=length, rng=rng)

    history = train(model, new_sequence, variant.epochs, numbers.batch_size)
    _, expected, predicted = echo_partial.evaluate(model, to_test(numbers, N_TEST), numbers)
    scores = score_echoes(expected, predicted)
    scores[EPOCHS] = epochs_to(0.99, history["accuracy"])
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST} new sequences, {TUTORIAL.batch_size} windows each"
experiment = Comparison(__doc__, Settings, variants, run, TESTED_ON)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

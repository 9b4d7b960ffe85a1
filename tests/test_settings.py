"""What is tunable: the tutorials' numbers, and what is refused."""

import dataclasses
import importlib
import re

import numpy as np
import pytest

from common.settings import BaseSettings
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole

SUMS = {"n_examples": 100, "n_numbers": 2, "largest": 100}
ECHO = {"length": 25, "n_unique": 100, "n_in": 5}
# the tutorials' numbers, and the parameters of their models
DEFAULTS = {
    "addition_mlp": SUMS | {"hidden_units": (4, 2), "epochs": 50, "batch_size": 2},
    "addition_lstm_regression": SUMS | {"units": 10, "epochs": 100, "batch_size": 1},
    "addition_seq2seq": {"n_samples": 1000, "n_numbers": 2, "largest": 10}
    | {"encoder_units": 100, "decoder_units": 50, "epochs": 30, "batch_size": 10},
    "echo_whole": ECHO | {"units": 20, "epochs": 500, "batch_size": 7},
    "echo_partial": ECHO
    | {"n_out": 2, "encoder_units": 150, "decoder_units": 150}
    | {"epochs": 5000, "batch_size": 21},
}
PARAMETERS = dict(zip(DEFAULTS, (25, 491, 76_012, 11_780, 346_300)))


@dataclasses.dataclass(frozen=True)
class Example(BaseSettings):
    epochs: int = 30  # rounds of training
    units: tuple = (100, 50)  # of encoder and decoder
    rate: float = 0.001  # of Adam
    step: int = 3  # how far to go

    def check(self):
        if self.step > self.epochs:
            raise ValueError(f"step {self.step} is larger than epochs {self.epochs}")


# The five scripts


@pytest.mark.parametrize("name", DEFAULTS)
def test_defaults_and_models_are_the_tutorials_and_flags_are_settings(name):
    script = importlib.import_module(name)
    settings, parse = script.Settings(), script.experiment.parse_args
    assert dataclasses.asdict(settings) == DEFAULTS[name]
    assert set(script.Settings.help()) == set(DEFAULTS[name])
    model = script.build_model(settings)
    regression = name in ("addition_mlp", "addition_lstm_regression")
    loss = "mean_squared_error" if regression else "categorical_crossentropy"
    assert (model.count_params(), model.loss) == (PARAMETERS[name], loss)
    assert type(model.optimizer).__name__ == "Adam"
    assert not any(getattr(layer, "unroll", False) for layer in model.layers)
    assert parse([]).settings == settings
    flags, changed = [], {}
    for field, value in DEFAULTS[name].items():
        if "units" in field or field == "epochs":
            numbers = [2 * n for n in np.ravel(value).tolist()]
            flags += ["--" + field.replace("_", "-"), *map(str, numbers)]
            changed[field] = numbers if isinstance(value, tuple) else numbers[0]
    assert parse(flags).settings == script.Settings(**changed)


MLP, SEQ2SEQ = addition_mlp.Settings, addition_seq2seq.Settings
WHOLE, PARTIAL = echo_whole.Settings, echo_partial.Settings


@pytest.mark.parametrize(
    ("Settings", "sizes", "message"),
    [
        (MLP, {"batch_size": 3}, "batch_size 3 does not divide the 100 sums of an epoch; "),
        (MLP, {"batch_size": 3}, "; these sizes do: 1, 2, 4, 5, 10, 20, 25, 50, 100"),
        (WHOLE, {"n_in": 4}, "batch_size 7 does not divide the 22 windows of a sequence; "),
        (WHOLE, {"length": 4}, "length 4 is shorter than n_in 5"),
        (PARTIAL, {"n_out": 6}, "n_out 6 is larger than n_in 5"),
        (MLP, {"largest": 10**12, "n_numbers": 10**4}, "n_numbers must be at most 2**53, "),
        (
            PARTIAL,
            {"n_unique": 10**7},
            "n_unique 10000000: one epoch needs 6 GB, more than",
        ),
        (MLP, {"n_examples": 10**12}, "one epoch needs 12,000 GB, more than 4 GB"),
        (SEQ2SEQ, {"n_samples": 10**10}, "one epoch needs 3,360 GB, more than 4 GB"),
        (Example, {"epochs": 0}, "epochs must be at least 1, not 0"),
        (Example, {"epochs": 10**13}, "epochs must be at most 1000000000000, not 10000000"),
        (Example, {"epochs": True}, "epochs must be an integer, not True"),
        (Example, {"units": (3, 4, 5)}, "units must be 2 numbers, not (3, 4, 5)"),
        (Example, {"rate": "x"}, "rate must be a number, not 'x'"),
        (Example, {"rate": float("nan")}, "rate must be above 0, not nan"),
        (Example, {"step": 31}, "step 31 is larger than epochs 30"),
    ],
)
def test_what_is_refused_is_named_with_its_value(Settings, sizes, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        Settings(**sizes)


# Any settings


def test_numbers_from_elsewhere_are_taken_as_plain_ones():
    settings = Example(epochs=np.int64(40), units=[3, np.int32(4)], rate=1)
    assert settings == Example(epochs=40, units=(3, 4), rate=1.0)
    kinds = type(settings.epochs), type(settings.units[1]), type(settings.rate)
    assert kinds == (int, int, float)


def test_the_comment_of_a_field_is_its_help():
    assert Example.help() == {
        "epochs": "rounds of training",
        "units": "of encoder and decoder",
        "rate": "of Adam",
        "step": "how far to go",
    }
    names = {"BaseSettings": BaseSettings, "dataclass": dataclasses.dataclass}
    exec("@dataclass(frozen=True)\nclass S(BaseSettings):\n    n: int = 3  # three", names)
    assert names["S"].help() == {} and names["S"](n=4).n == 4  # it has no source

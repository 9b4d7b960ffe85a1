"""What is tunable: the tutorials' numbers, and what is refused."""

import dataclasses
import importlib

import numpy as np
import pytest

from common.settings import BaseSettings

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
NAMES = [*DEFAULTS]
PARAMETERS = dict(zip(NAMES, (25, 491, 76_012, 11_780, 346_300)))


def module(name):
    return importlib.import_module(name)


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


@pytest.mark.parametrize("name", NAMES)
def test_defaults_and_models_are_the_tutorials(name):
    script = module(name)
    assert dataclasses.asdict(script.Settings()) == DEFAULTS[name]
    model = script.build_model(script.Settings())
    regression = name in ("addition_mlp", "addition_lstm_regression")
    loss = "mean_squared_error" if regression else "categorical_crossentropy"
    assert (model.count_params(), model.loss) == (PARAMETERS[name], loss)
    assert type(model.optimizer).__name__ == "Adam"
    assert not any(getattr(layer, "unroll", False) for layer in model.layers)
    assert script.experiment.name == name and script.main == script.experiment.main


@pytest.mark.parametrize("name", NAMES)
def test_flags_are_settings(name):
    script = module(name)
    parse = script.experiment.parse_args
    assert parse([]).settings == script.Settings()
    flags, changed = [], {}
    for field, value in DEFAULTS[name].items():
        if "units" in field or field == "epochs":
            value = tuple(2 * n for n in value) if isinstance(value, tuple) else 2 * value
            texts = value if isinstance(value, tuple) else (value,)
            flags += ["--" + field.replace("_", "-"), *map(str, texts)]
            changed[field] = value
    assert parse(flags).settings == script.Settings(**changed)
    assert set(script.Settings.help()) == set(DEFAULTS[name])


REFUSED = [
    (
        "addition_mlp",
        {"batch_size": 3},
        "batch_size 3 does not divide the 100 sums of an epoch; "
        "these sizes do: 1, 2, 4, 5, 10, 20, 25, 50, 100",
    ),
    (
        "addition_seq2seq",
        {"n_samples": 7},
        "batch_size 10 does not divide the 7 sums of an epoch; these sizes do: 1, 7",
    ),
    (
        "echo_whole",
        {"n_in": 4},
        "batch_size 7 does not divide the 22 windows of a sequence; "
        "these sizes do: 1, 2, 11, 22",
    ),
    ("echo_whole", {"length": 4}, "length 4 is shorter than n_in 5"),
    ("echo_partial", {"n_out": 6}, "n_out 6 is larger than n_in 5"),
    (
        "addition_mlp",
        {"largest": 10**16},
        "largest must be at most 1000000000000, not 10000000000000000",
    ),
    (
        "addition_mlp",
        {"largest": 10**12, "n_numbers": 10**4},
        "largest * n_numbers must be at most 2**53, not 10000000000000000",
    ),
    ("addition_seq2seq", {"n_numbers": 0}, "n_numbers must be at least 1, not 0"),
    (
        "echo_partial",
        {"n_unique": 10**7},
        "n_unique 10000000: one epoch needs 6 GB, more than 4 GB",
    ),
    (
        "addition_mlp",
        {"n_examples": 10**12},
        "n_examples 1000000000000: one epoch needs 12,000 GB, more than 4 GB",
    ),
    (
        "addition_seq2seq",
        {"n_samples": 10**10},
        "n_samples 10000000000: one epoch needs 3,360 GB, more than 4 GB",
    ),
    (Example, {"epochs": 0}, "epochs must be at least 1, not 0"),
    (Example, {"epochs": 1.5}, "epochs must be an integer, not 1.5"),
    (Example, {"epochs": "10"}, "epochs must be an integer, not '10'"),
    (Example, {"epochs": True}, "epochs must be an integer, not True"),
    (Example, {"units": (3, 4, 5)}, "units must be 2 numbers, not (3, 4, 5)"),
    (Example, {"units": (3, 0)}, "units must be at least 1, not 0"),
    (Example, {"rate": "x"}, "rate must be a number, not 'x'"),
    (Example, {"rate": 0}, "rate must be above 0, not 0"),
    (Example, {"rate": float("nan")}, "rate must be above 0, not nan"),
    (Example, {"step": 31}, "step 31 is larger than epochs 30"),
]


@pytest.mark.parametrize(("settings", "sizes", "message"), REFUSED)
def test_what_is_refused_is_named_with_its_value(settings, sizes, message):
    Settings = module(settings).Settings if isinstance(settings, str) else settings
    with pytest.raises(ValueError) as error:
        Settings(**sizes)
    assert str(error.value) == message


# Any settings


def test_settings_are_not_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Example().epochs = 3


def test_numbers_from_elsewhere_are_taken_as_plain_ones():
    settings = Example(epochs=np.int64(40), units=[3, np.int32(4)], rate=1)
    assert settings == Example(epochs=40, units=(3, 4), rate=1.0)
    assert hash(settings) == hash(Example(epochs=40, units=(3, 4), rate=1.0))
    kinds = type(settings.epochs), type(settings.units[1]), type(settings.rate)
    assert kinds == (int, int, float)


def test_the_comment_of_a_field_is_its_help():
    assert Example.help() == {
        "epochs": "rounds of training",
        "units": "of encoder and decoder",
        "rate": "of Adam",
        "step": "how far to go",
    }


def test_code_without_a_source_has_no_help():
    names = {"BaseSettings": BaseSettings, "dataclass": dataclasses.dataclass}
    exec("@dataclass(frozen=True)\nclass S(BaseSettings):\n    n: int = 3  # three", names)
    assert names["S"].help() == {} and names["S"](n=4).n == 4

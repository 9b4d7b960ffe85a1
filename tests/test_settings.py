"""What is tunable: the tutorials' numbers, their flags, and what is refused."""

import dataclasses
import importlib

import numpy as np
import pytest

from common.checks import check_memory
from common.settings import BaseSettings

SUMS = {"examples": 100, "n_numbers": 2, "largest": 100}
ECHO = {"length": 25, "n_unique": 100, "n_in": 5}
# the tutorials' numbers, and the parameters of their models
DEFAULTS = {
    "addition_mlp": SUMS | {"units": (4, 2), "epochs": 50, "batch_size": 2},
    "addition_lstm_regression": SUMS | {"units": 10, "epochs": 100, "batch_size": 1},
    "addition_seq2seq": SUMS
    | {"examples": 1000, "largest": 10, "units": (100, 50), "epochs": 30, "batch_size": 10},
    "echo_whole": ECHO | {"units": 20, "epochs": 500, "batch_size": 7},
    "echo_partial": ECHO
    | {"n_out": 2, "units": (150, 150), "epochs": 5000, "batch_size": 21},
}
NAMES = [*DEFAULTS]
PARAMETERS = dict(zip(NAMES, (25, 491, 76_012, 11_780, 346_300)))
INTERFACE = ("build_model", "epoch_data", "train_model", "evaluate", "show", "score", "run")


def module(name):
    return importlib.import_module(name)


@dataclasses.dataclass(frozen=True)
class Example(BaseSettings):
    epochs: int = 30  # rounds of training
    units: tuple = (100, 50)  # of encoder and decoder
    step: int = None  # how far to go (default epochs)

    def check(self):
        self.set_default(step=self.epochs)
        if self.step > self.epochs:
            raise ValueError(f"step {self.step} is larger than epochs {self.epochs}")


# The five scripts


@pytest.mark.parametrize("name", NAMES)
def test_defaults_are_the_tutorials(name):
    assert dataclasses.asdict(module(name).Settings()) == DEFAULTS[name]


@pytest.mark.parametrize("name", NAMES)
def test_models_are_the_tutorials_and_all_five_have_the_same_interface(name):
    script = module(name)
    model = script.build_model(script.Settings())
    regression = name in ("addition_mlp", "addition_lstm_regression")
    loss = "mean_squared_error" if regression else "categorical_crossentropy"
    assert (model.count_params(), model.loss) == (PARAMETERS[name], loss)
    assert type(model.optimizer).__name__ == "Adam"
    assert [part for part in INTERFACE if not callable(getattr(script, part, None))] == []
    assert script.experiment.name == name and script.main == script.experiment.main


@pytest.mark.parametrize("name", NAMES)
def test_flags_are_settings_with_help_and_defaults(name, capsys):
    script = module(name)
    units = DEFAULTS[name]["units"]
    given = ["3", "4"] if isinstance(units, tuple) else ["3"]
    args = script.experiment.parse_args(["--epochs", "7", "--units", *given])
    changed = (3, 4) if len(given) == 2 else 3
    assert args.settings == script.Settings(epochs=7, units=changed)
    assert script.experiment.parse_args([]).settings == script.Settings()
    with pytest.raises(SystemExit):
        script.experiment.parse_args(["--help"])
    shown = " ".join(capsys.readouterr().out.split())
    for field in dataclasses.fields(script.Settings):
        assert script.Settings.help()[field.name] in shown
    units = " ".join(map(str, units)) if isinstance(units, tuple) else units
    assert f"(default {units})" in shown


def test_the_help_fits_a_terminal(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    with pytest.raises(SystemExit):
        module("addition_seq2seq").experiment.parse_args(["--help"])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if len(line) > 80 and "https://" not in line] == []
    assert "    python addition_seq2seq.py --watch" in lines


def test_the_echo_takes_all_windows_of_a_sequence_at_once_or_fewer():
    import echo_partial

    model = echo_partial.build_model(echo_partial.Settings(n_out=3))
    assert model.input_shape == (21, 5, 100) and model.output_shape == (21, 3, 100)
    args = echo_partial.experiment.parse_args(["--batch-size", "7"])
    assert echo_partial.build_model(args.settings).input_shape == (7, 5, 100)
    assert echo_partial.Settings(length=30).batch_size == 26


@pytest.mark.parametrize(
    ("name", "sizes", "message"),
    [
        (
            "addition_mlp",
            {"batch_size": 3},
            "batch_size 3 does not divide the 100 sums of an epoch; "
            "these sizes do: 1, 2, 4, 5, 10, 20, 25, 50, 100",
        ),
        (
            "echo_whole",
            {"batch_size": 4},
            "batch_size 4 does not divide the 21 windows of a sequence; "
            "these sizes do: 1, 3, 7, 21",
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
    ],
)
def test_numbers_that_do_not_go_together_are_refused(name, sizes, message):
    with pytest.raises(ValueError) as error:
        module(name).Settings(**sizes)
    assert str(error.value) == message


# Any settings


def test_settings_are_not_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Example().epochs = 3


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"epochs": 0}, "epochs must be at least 1, not 0"),
        ({"epochs": 1.5}, "epochs must be an integer, not 1.5"),
        ({"epochs": "10"}, "epochs must be an integer, not '10'"),
        ({"epochs": True}, "epochs must be an integer, not True"),
        ({"units": (3, 4, 5)}, "units must be 2 integers, not (3, 4, 5)"),
        ({"units": (3, 0)}, "units must be at least 1, not 0"),
        ({"step": 0}, "step must be at least 1, not 0"),
        ({"step": 31}, "step 31 is larger than epochs 30"),
    ],
)
def test_what_is_refused_is_named_with_its_value(sizes, message):
    with pytest.raises(ValueError) as error:
        Example(**sizes)
    assert str(error.value) == message


def test_numbers_from_elsewhere_are_taken_as_plain_ones():
    settings = Example(epochs=np.int64(40), units=[3, np.int32(4)])
    assert settings == Example(epochs=40, units=(3, 4))
    assert hash(settings) == hash(Example(epochs=40, units=(3, 4)))
    assert type(settings.epochs) is type(settings.units[1]) is int


def test_a_field_without_a_number_gets_its_default_from_the_others():
    assert Example().step == 30 and Example(epochs=3).step == 3
    assert Example(step=2).step == 2


def test_the_comment_of_a_field_is_its_help():
    assert Example.help() == {
        "epochs": "rounds of training",
        "units": "of encoder and decoder",
        "step": "how far to go (default epochs)",
    }


def test_an_epoch_has_room_in_four_gigabytes():
    check_memory(10**6, 1000, n_samples=10**6, n_numbers=2)  # 4 GB to the byte
    with pytest.raises(ValueError, match="^n_samples 1000001: one epoch needs 5 GB, more"):
        check_memory(10**6 + 1, 1000, n_samples=10**6 + 1, n_numbers=2)
    with pytest.raises(ValueError, match="^n_numbers 10+: one epoch needs 400,000 GB"):
        check_memory(100, 10**12, n_samples=100, n_numbers=10**12)

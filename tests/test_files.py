"""Saved models: what travels in the file, what is scored, what is refused."""

import importlib
import json
import re
import zipfile

import pytest

from common.backend import keras
from common.characters import read_question
from common.runner import cli
from common.runner.saved import MEMBER
import addition_mlp
import addition_seq2seq

pytestmark = pytest.mark.usefixtures("uncompiled")

TINY = {
    "addition_mlp": ["--epochs", "1", "--n-examples", "20", "--largest", "50"],
    "addition_lstm_regression": ["--epochs", "1", "--n-examples", "20", "--units", "2"],
    "addition_seq2seq": [
        "--epochs",
        "1",
        "--n-samples",
        "20",
        "--encoder-units",
        "4",
        "--decoder-units",
        "3",
    ],
    "echo_whole": ["--epochs", "1", "--n-unique", "9", "--units", "3"],
    "echo_partial": [
        "--epochs",
        "1",
        "--n-unique",
        "9",
        "--encoder-units",
        "4",
        "--decoder-units",
        "3",
    ],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the models of this module's tests are; each is trained once."""
    return tmp_path_factory.mktemp("models")


def saved(name, folder):
    path = folder / f"{name}.keras"
    if not path.exists():
        importlib.import_module(name).main([*TINY[name], "--save", str(path)])
    return path


def rewritten(path, to, **members):
    """A copy of a file with some members replaced."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for member in old.namelist():
            new.writestr(member, members.get(member.replace(".", "_"), old.read(member)))
    return to


def about(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read(MEMBER))


def scores(out):
    """What is printed behind the tutorial's answers."""
    return re.search(r"(?s)\n((All|[\d,]+ windows) .*)", "\n" + out)[1].splitlines()


# Loading


SLOWER = ("addition_lstm_regression", "echo_partial")


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n in SLOWER)) for n in TINY]
)
def test_a_loaded_model_scores_what_it_did_when_it_was_saved(name, tmp_path, capsys):
    script, path = importlib.import_module(name), tmp_path / "model.keras"
    script.main([*TINY[name], "--save", str(path)])
    trained = capsys.readouterr().out
    script.main(["--load", str(path)])
    loaded = capsys.readouterr().out
    assert " right (" in loaded and scores(loaded) == scores(trained)
    assert loaded.lstrip().splitlines() == scores(loaded)  # and nothing else


def test_the_sizes_travel_in_the_file(folder):
    path = saved("addition_seq2seq", folder)
    assert about(path) == {
        "format": 2,
        "experiment": "addition_seq2seq",
        "seed": 1,
        "epochs": 1,
        "sizes": {"batch_size": 10, "n_numbers": 2, "largest": 10}
        | {"n_samples": 20, "encoder_units": 4, "decoder_units": 3},
        "alphabet": "0123456789+ ",
    }
    args = addition_seq2seq.experiment.parse_args(["--load", str(path)])
    sizes = {"n_samples": 20, "encoder_units": 4, "decoder_units": 3}
    assert args.settings == addition_seq2seq.Settings(epochs=1, **sizes)
    model = keras.saving.load_model(path)  # a plain Keras file
    assert model.output_shape == (None, 2, 12) and model.compiled


def test_the_seed_is_the_files(tmp_path):
    path, parse = tmp_path / "model.keras", addition_mlp.experiment.parse_args
    addition_mlp.main([*TINY["addition_mlp"], "--seed", "5", "--save", str(path)])
    assert parse(["--load", str(path)]).seed == 5


# What is refused


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--epochs", 1], "--epochs does not go with --load"),
        (["--seed", 1], "--seed does not go with --load"),
        (["--runs", 1], "--runs does not go with --load"),
        (["--scores", "rows.csv"], "--scores does not go with --load"),
        (["--jobs", 2], "--jobs does not go with --load"),
        (["--save", "other.keras"], "--save does not go with --load"),
        (["--history", "loss.csv"], "--history does not go with --load"),
        (["--plot", "curve.png"], "--plot does not go with --load"),
        (["--largest", 11], "was trained with 10"),
        (["--n-numbers", 3], "--n-numbers 3"),
        (["--encoder-units", 5], "--encoder-units 5"),
        (["--n-samples", 10], "was trained with 20"),
        (["--ask", "11+1"], "outside 1 to 10"),
    ],
)
def test_flags_that_contradict_the_file_are_refused(flags, message, folder, refused):
    path = saved("addition_seq2seq", folder)
    assert message in refused(addition_seq2seq.main, "--load", path, *flags)


def test_the_model_of_another_experiment_is_refused(folder, refused):
    found = refused(addition_seq2seq.main, "--load", saved("addition_mlp", folder))
    assert "is of 'addition_mlp', not of 'addition_seq2seq'" in found


def test_a_model_saved_with_the_names_of_before_is_refused(folder, tmp_path, refused):
    said = about(saved("addition_seq2seq", folder)) | {"format": 1}
    path = saved("addition_seq2seq", folder)
    old = rewritten(path, tmp_path / "m.keras", experiment_json=json.dumps(said))
    found = refused(addition_seq2seq.main, "--load", old)
    assert "was saved by an earlier version: train and save it again" in found


def test_a_model_that_our_scripts_did_not_save_is_refused(tmp_path, refused):
    addition_mlp.build_model(addition_mlp.Settings()).save(tmp_path / "m.keras")
    found = refused(addition_mlp.main, "--load", tmp_path / "m.keras")
    assert "does not say what it is: --save did not write it" in found


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda content: content[:1000], "damaged or no .keras file"),
        (
            lambda content: content.replace(b'"epochs": 1', b'"epochs": 2'),
            "damaged",
        ),
    ],
    ids=["cut", "changed"],
)
def test_a_damaged_file_is_refused(damage, message, folder, tmp_path, refused):
    content = saved("addition_seq2seq", folder).read_bytes()
    (tmp_path / "other.keras").write_bytes(damage(content))
    found = refused(addition_seq2seq.main, "--load", tmp_path / "other.keras")
    assert message in found


def test_a_file_that_is_not_there_is_refused(tmp_path, refused):
    for name, message in (("none.keras", "no file"), ("x.h5", "does not end in .keras")):
        found = refused(addition_seq2seq.main, "--load", tmp_path / name)
        assert message in found


def test_sizes_that_are_not_those_of_the_weights_are_refused(folder, tmp_path, refused):
    path = saved("addition_seq2seq", folder)
    said = about(path)
    said["sizes"]["encoder_units"] = 5
    other = rewritten(path, tmp_path / "m.keras", experiment_json=json.dumps(said))

    def load(flags):
        cli.run(lambda: addition_seq2seq.main(flags))

    assert "another network" in refused(load, "--load", other)


# Asking


def test_sums_asked_are_answered_with_probabilities(folder, capsys):
    path = saved("addition_seq2seq", folder)
    capsys.readouterr()
    addition_seq2seq.main(["--load", str(path), "--ask", "3+4", "--ask", " 10 + 10 "])
    out = capsys.readouterr().out
    sure = r"'[\d+ ]' 0\.\d{4}|'[\d+ ]' 1\.0000"
    answer = rf"Predicted=.. \((right|wrong); ({sure}), ({sure})\)"
    asked = re.findall(rf"(?m)^Asked (\S+): Expected=(..), {answer}$", out)
    assert [a[:2] for a in asked] == [("3+4", " 7"), ("10+10", "20")]
    assert out.index("All 100 possible sums") < out.index("Asked 3+4")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1000+4", "longer than the longest question of the model, 5 characters"),
        ("3*4", "does not know the character '*'"),
        ("3-4", "does not know the character '-'"),
        ("3", "adds 2 terms, not 1"),
        ("1+2+3", "adds 2 terms, not 3"),
        ("3+", "'' is not a number"),
        ("1 3+4", "'1 3' is not a number"),
        ("0+4", "0 is outside 1 to 10"),
        ("11+4", "11 is outside 1 to 10"),
        ("03+4", "no leading zeros"),
    ],
)
def test_what_training_never_showed_cannot_be_asked(text, reason, refused):
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_question(text, n_numbers=2, largest=10)
    assert reason in refused(addition_seq2seq.main, "--ask", text)


def test_every_sum_of_training_can_be_asked():
    for text, terms in [("1+1", [1, 1]), ("10+10", [10, 10]), (" 3+10", [3, 10])]:
        assert read_question(text, n_numbers=2, largest=10) == terms
    assert read_question("100", n_numbers=1, largest=100) == [100]


def test_several_runs_have_no_model_to_ask(refused):
    assert "--runs" in refused(addition_seq2seq.main, "--ask", "3+4", "--runs", 2)

"""Saved models: what travels in the file, what is scored, what is refused."""

import importlib
import json
import random
import re
import zipfile

import numpy as np
import pytest

import addition_seq2seq
import echo_partial
from common import cli, training
from common.backend import keras
from common.characters import read_question
from common.saved import MEMBER, Unusable, load_weights, read_about, save_model

TINY = {
    "addition_mlp": ["--epochs", "1", "--examples", "20", "--largest", "50"],
    "addition_lstm_regression": ["--epochs", "1", "--examples", "20", "--units", "2"],
    "addition_seq2seq": ["--epochs", "1", "--examples", "20", "--units", "4", "3"],
    "echo_whole": ["--epochs", "1", "--n-unique", "9", "--units", "3"],
    "echo_partial": ["--epochs", "1", "--n-unique", "9", "--units", "4", "3"],
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
    """A copy of a file with some members replaced; those that are None are left out."""
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
        for member in old.namelist():
            content = members.get(member.replace(".", "_"), old.read(member))
            if content is not None:
                new.writestr(member, content)
    return to


def about(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read(MEMBER))


def refusal(*flags, capsys, script=addition_seq2seq):
    with pytest.raises(SystemExit) as error:
        script.experiment.parse_args(list(map(str, flags)))
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1, "one line"
    return message


def scores(out):
    """What is printed of the scores: the lines from "On all 100 possible sums" on."""
    return out[out.index("\n\nOn ") :].splitlines()


# Loading

SLOWER = [name for name in TINY if name not in ("addition_mlp", "echo_whole")]


@pytest.mark.parametrize(
    "name",
    [
        "addition_mlp",
        "echo_whole",
        *[pytest.param(n, marks=pytest.mark.slow) for n in SLOWER],
    ],
)
def test_a_loaded_model_scores_what_it_did_when_it_was_saved(name, folder, capsys):
    script, path = importlib.import_module(name), folder / f"{name}-again.keras"
    script.main([*TINY[name], "--save", str(path)])
    trained = capsys.readouterr().out
    script.main(["--load", str(path)])
    loaded = capsys.readouterr().out
    assert "Exact match: " in loaded and scores(loaded) == scores(trained)
    assert loaded.startswith('Model: "') and "Expected" in loaded
    assert "loss: " in trained and "loss: " not in loaded


def test_the_sizes_travel_in_the_file(folder):
    path = saved("addition_seq2seq", folder)
    assert about(path) == {
        "format": 1,
        "experiment": "addition_seq2seq",
        "seed": 1,
        "epochs": 1,
        "sizes": {
            "batch_size": 10,
            "examples": 20,
            "n_numbers": 2,
            "largest": 10,
            "units": [4, 3],
        },
        "alphabet": "0123456789+ ",
    }
    args = addition_seq2seq.experiment.parse_args(
        ["--load", str(path), "--units", "4", "3"]
    )
    assert args.settings == addition_seq2seq.Settings(examples=20, units=(4, 3), epochs=1)


def test_a_saved_model_is_still_a_plain_keras_file(folder):
    model = keras.saving.load_model(saved("addition_seq2seq", folder))
    assert model.output_shape == (None, 2, 12) and model.compiled


@pytest.mark.parametrize("name", ["echo_whole", "echo_partial"])
def test_a_saved_stateful_model_predicts_what_it_did(name, tmp_path):
    script = importlib.import_module(name)
    settings = script.experiment.parse_args(TINY[name]).settings
    model = script.build_model(settings)
    save_model(model, tmp_path / "model.keras", {})
    loaded = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    X, _ = script.epoch_data(settings, random.Random(9))
    expected, predicted = (
        training.predict(one, X, settings.batch_size) for one in (model, loaded)
    )
    assert np.array_equal(predicted, expected)


def test_the_seed_is_the_files_unless_another_is_given(folder, tmp_path):
    said = {**about(saved("addition_seq2seq", folder)), "seed": 5}
    path = saved("addition_seq2seq", folder)
    path = rewritten(path, tmp_path / "m.keras", experiment_json=json.dumps(said))
    parse = addition_seq2seq.experiment.parse_args
    assert parse(["--load", str(path)]).seed == 5
    assert parse(["--load", str(path), "--seed", "1"]).seed == 1


# Models saved before


def test_a_model_that_was_not_unrolled_is_loaded_into_one_that_is(folder, tmp_path):
    path = saved("addition_seq2seq", folder)
    with zipfile.ZipFile(path) as file:
        config = file.read("config.json").decode()
    assert config.count('"unroll": true') == 2
    config = config.replace('"unroll": true', '"unroll": false')
    before = rewritten(path, tmp_path / "before.keras", config_json=config)
    model = addition_seq2seq.build_model(
        addition_seq2seq.experiment.parse_args(["--load", str(before)]).settings
    )
    load_weights(model, before)
    saved_weights = keras.saving.load_model(path).get_weights()
    for mine, theirs in zip(model.get_weights(), saved_weights, strict=True):
        assert np.array_equal(mine, theirs)


def test_a_size_that_a_file_does_not_know_has_its_default(tmp_path, capsys):
    """Once all windows of a sequence were one batch, and there was no size for that."""
    path = tmp_path / "echo.keras"
    settings = echo_partial.Settings(epochs=1, n_unique=9, n_out=3, units=(4, 3))
    said = {
        "experiment": "echo_partial",
        "seed": 1,
        "epochs": 1,
        "sizes": {"length": 25, "n_unique": 9, "n_in": 5, "n_out": 3, "units": [4, 3]},
        "alphabet": None,
    }
    save_model(echo_partial.build_model(settings), path, said)
    args = echo_partial.experiment.parse_args(["--load", str(path)])
    assert args.settings == settings and args.settings.batch_size == 21
    echo_partial.main(["--load", str(path)])
    assert re.search(r"(?m)^Exact match: \d+/2100 ", capsys.readouterr().out)


# What is refused


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--epochs", 1], "--epochs does not go with --load"),
        (["--runs", 1], "--runs does not go with --load"),
        (["--jobs", 2], "--jobs does not go with --load"),
        (["--save", "other.keras"], "--save does not go with --load"),
        (["--history", "loss.csv"], "--history does not go with --load"),
        (["--plot", "curve.png"], "--plot does not go with --load"),
        (["--largest", 11], "was trained with 10"),
        (["--terms", 3], "--terms 3"),
        (["--units", 4, 4], "--units 4 4"),
        (["--examples", 10], "was trained with 20"),
        (["--ask", "11+1"], "outside 1 to 10"),
    ],
)
def test_flags_that_contradict_the_file_are_refused(flags, message, folder, capsys):
    path = saved("addition_seq2seq", folder)
    capsys.readouterr()
    assert message in refusal("--load", path, *flags, capsys=capsys)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (None, "does not say what it is: --save did not write it"),
        ("{", "cannot be read"),
        ({"format": 2}, "has format 2, not 1"),
        ({"experiment": "echo_whole"}, "is of 'echo_whole', not of 'addition_seq2seq'"),
        ({"alphabet": "0123456789- "}, "another alphabet"),
        ({"epochs": None}, "is damaged: epochs must be an integer, not None"),
        ({"largest": 0}, "is damaged: largest must be at least 1, not 0"),
        ({"batch_size": 7}, "batch_size 7 does not divide the 20 sums of an epoch"),
    ],
)
def test_a_file_that_says_something_else_is_refused(
    changed, message, folder, tmp_path, capsys
):
    path = saved("addition_seq2seq", folder)
    if isinstance(changed, dict):
        said = about(path)
        for name, value in changed.items():
            (said["sizes"] if name in said["sizes"] else said)[name] = value
        changed = json.dumps(said)
    other = rewritten(path, tmp_path / "other.keras", experiment_json=changed)
    capsys.readouterr()
    assert message in refusal("--load", other, capsys=capsys)


@pytest.mark.parametrize("cut", [0, 1000, -30])
def test_a_truncated_file_is_refused(cut, folder, tmp_path, capsys):
    other = tmp_path / "other.keras"
    other.write_bytes(saved("addition_seq2seq", folder).read_bytes()[:cut])
    capsys.readouterr()
    assert "damaged or no .keras file" in refusal("--load", other, capsys=capsys)


def test_a_file_with_changed_bytes_is_refused(folder, tmp_path, capsys):
    content = bytearray(saved("addition_seq2seq", folder).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "other.keras").write_bytes(content)
    capsys.readouterr()
    assert "damaged" in refusal("--load", tmp_path / "other.keras", capsys=capsys)


def test_a_file_that_is_not_there_is_refused(tmp_path, capsys):
    assert "no file" in refusal("--load", tmp_path / "none.keras", capsys=capsys)
    assert "does not end in .keras" in refusal("--load", "x.h5", capsys=capsys)
    with pytest.raises(Unusable, match="cannot be read"):
        read_about(tmp_path / "none.keras", "addition_mlp")


@pytest.mark.parametrize("changed", [{"units": [5, 3]}, None], ids=["sizes", "weights"])
def test_weights_that_do_not_fit_are_refused(changed, folder, tmp_path, capsys):
    path = saved("addition_seq2seq", folder)
    said = about(path)
    said["sizes"].update(changed or {})
    members = {"experiment_json": json.dumps(said)}
    if changed is None:
        members["model_weights_h5"] = b"nothing of the kind"
    other = rewritten(path, tmp_path / "other.keras", **members)
    capsys.readouterr()
    with pytest.raises(SystemExit) as error:
        cli.run(lambda: addition_seq2seq.main(["--load", str(other)]))
    out, err = capsys.readouterr()
    assert error.value.code == 2 and err.count("\n") == 1 and out == ""


def test_a_model_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    path.write_text("before")

    def fail(*_):
        raise OSError("disk full")

    model = addition_seq2seq.build_model(addition_seq2seq.Settings(units=(4, 3)))
    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="disk full"):
        save_model(model, path, {})
    assert path.read_text() == "before" and len(list(tmp_path.iterdir())) == 1


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
    assert re.search(r"(?m)^On all 100 possible sums, \d+ of them drawn in training:$", out)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1000+4", "longer than the longest question of the model, 5 characters"),
        ("9" * 9999, "longer"),
        ("3*4", "does not know the character '*'"),
        ("3-4", "does not know the character '-'"),
        ("\u0663+4", "does not know the character"),
        ("3\t+4", "does not know the character"),
        ("3", "adds 2 terms, not 1"),
        ("", "adds 2 terms, not 1"),
        ("1+2+3", "adds 2 terms, not 3"),
        ("+3+4", "adds 2 terms, not 3"),
        ("3+", "'' is not a number"),
        ("1 3+4", "'1 3' is not a number"),
        ("0+4", "0 is outside 1 to 10"),
        ("11+4", "11 is outside 1 to 10"),
        ("03+4", "no leading zeros"),
    ],
)
def test_what_training_never_showed_cannot_be_asked(text, reason, capsys):
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_question(text, n_numbers=2, largest=10)
    assert reason in refusal("--ask", text, capsys=capsys)


def test_every_sum_of_training_can_be_asked():
    for text, terms in [("1+1", [1, 1]), ("10+10", [10, 10]), (" 3+10", [3, 10])]:
        assert read_question(text, n_numbers=2, largest=10) == terms
    assert read_question("100", n_numbers=1, largest=100) == [100]


def test_several_runs_have_no_model_to_ask(capsys):
    assert "--runs" in refusal("--ask", "3+4", "--runs", 2, capsys=capsys)

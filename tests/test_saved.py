"""Saved models: what travels in the file, what is scored, what is refused."""

import importlib
import json
import re
import zipfile

import pytest

import addition_seq2seq
from common import cli
from common.characters import read_question
from common.saved import MEMBER, Unusable, load_weights, read_about

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
        script.parse_args(list(map(str, flags)))
    assert error.value.code == 2
    message = capsys.readouterr().err
    assert message.count("\n") == 1, "one line"
    return message


def scores(out):
    return re.findall(
        r"(?m)^On .*|^[\w -]+: \d+/\d+ .*|^RMSE of.*", out.split("\n\nOn 1")[1]
    )


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
    assert scores(loaded) and scores(loaded)[0] == scores(trained)[0]
    assert loaded.startswith('Model: "') and "Expected" in loaded


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
    args = addition_seq2seq.parse_args(["--load", str(path), "--units", "4", "3"])
    assert (args.examples, args.units, args.epochs) == (20, [4, 3], 1)


def test_a_saved_model_is_still_a_plain_keras_file(folder):
    from common.backend import keras

    model = keras.saving.load_model(saved("addition_seq2seq", folder))
    assert model.output_shape == (None, 2, 12) and model.compiled


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
        (None, "does not say what it is"),
        ("{", "cannot be read"),
        ("[]", "cannot be read"),
        ("[" * 100_000, "cannot be read"),
        (b"\xff\xfe\xfa", "cannot be read"),
        ({"format": 2}, "has format 2, not 1"),
        ({"experiment": "echo_whole"}, "is of 'echo_whole', not of 'addition_seq2seq'"),
        ({"alphabet": "0123456789- "}, "another alphabet"),
        ({"seed": -1}, "says --seed -1"),
        ({"seed": 2**32}, "says --seed 4294967296"),
        ({"epochs": None}, "says --epochs None"),
        ({"sizes": {}}, "says something of"),
        ({"sizes": None}, "cannot be read"),
        ({"largest": 0}, "says --largest 0"),
        ({"largest": "10"}, "says --largest 10"),
        ({"largest": True}, "says --largest True"),
        ({"largest": 1.5}, "says --largest 1.5"),
        ({"largest": [10]}, "says --largest [10]"),
        ({"units": [4]}, "says --units [4]"),
        ({"units": 4}, "says --units 4"),
        ({"units": [4, [3]]}, "says --units"),
        ({"batch_size": 7}, "does not divide"),
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


@pytest.mark.parametrize("cut", [0, 10, 1000, -1, -30])
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


@pytest.mark.parametrize(
    "changed",
    [
        {"units": [5, 3]},
        {"largest": 11, "n_numbers": 3},
        None,
    ],
)
def test_weights_that_do_not_fit_are_refused(
    changed, folder, tmp_path, monkeypatch, capsys
):
    path = saved("addition_seq2seq", folder)
    said = about(path)
    said["sizes"].update(changed or {})
    members = {"experiment_json": json.dumps(said)}
    if changed is None:
        members["model_weights_h5"] = b"nothing of the kind"
    other = rewritten(path, tmp_path / "other.keras", **members)
    args = ["--load", str(other)]
    with pytest.raises(Unusable) as error:
        load_weights(addition_seq2seq.build_model(addition_seq2seq.parse_args(args)), other)
    assert "\n" not in str(error.value)
    capsys.readouterr()
    with pytest.raises(SystemExit) as error:
        cli.run(lambda: addition_seq2seq.main(args))
    out, err = capsys.readouterr()
    assert error.value.code == 2 and err.count("\n") == 1 and out == ""


def test_a_model_that_cannot_be_written_leaves_what_was_there(tmp_path, monkeypatch):
    path = tmp_path / "model.keras"
    path.write_text("before")

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(zipfile.ZipFile, "writestr", fail)
    with pytest.raises(OSError, match="disk full"):
        addition_seq2seq.main([*TINY["addition_seq2seq"], "--save", str(path)])
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
    assert "On all 100 possible sums:" in out


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

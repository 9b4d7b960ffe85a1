"""Saved models: what travels in the file, what is scored, what is refused. Files: written
whole or not at all."""

import contextlib
import functools
import importlib
import io
import json
import os
import re
import zipfile

import pytest
from conftest import TINY, posix

from common.backend import keras
from common.runner.files import written_whole
from common.runner.saved import MEMBER
import addition_mlp
import addition_seq2seq

pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Trains a tiny model, each once; returns its file, and what was printed."""
    folder = tmp_path_factory.mktemp("models")

    @functools.cache
    def saved(name):
        path = folder / f"{name}.keras"
        flags = [*TINY[name], "--seed", "5", "--save", str(path)]
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            importlib.import_module(name).main(flags)
        return path, printed.getvalue()

    return saved


def about(path):
    with zipfile.ZipFile(path) as file:
        return json.loads(file.read(MEMBER))


def scores(out):
    """What is printed behind the tutorial's answers."""
    return re.search(r"(?s)\n((All|[\d,]+ windows) .*)", "\n" + out)[1].splitlines()


# Loading


QUICK = ("addition_seq2seq",)


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=[pytest.mark.slow] * (n not in QUICK)) for n in TINY]
)
def test_a_loaded_model_scores_what_it_did_when_it_was_saved(name, saved, capsys):
    path, trained = saved(name)
    importlib.import_module(name).main(["--load", str(path)])
    loaded = capsys.readouterr().out
    assert " right (" in loaded and scores(loaded) == scores(trained)
    assert loaded.lstrip().splitlines() == scores(loaded)  # and nothing else


def test_the_sizes_and_the_seed_travel_in_the_file(saved):
    path, _ = saved("addition_seq2seq")
    sizes = {"n_samples": 20, "encoder_units": 4, "decoder_units": 3}
    assert about(path) == {
        "format": 2,
        "experiment": "addition_seq2seq",
        "seed": 5,
        "epochs": 2,
        "sizes": {"batch_size": 10, "n_numbers": 2, "largest": 10, **sizes},
        "alphabet": "0123456789+ ",
    }
    args = addition_seq2seq.experiment.parse_args(["--load", str(path)])
    assert args.settings == addition_seq2seq.Settings(epochs=2, **sizes) and args.seed == 5
    model = keras.saving.load_model(path)  # a plain Keras file
    assert model.output_shape == (None, 2, 12) and model.compiled


# What is refused


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--epochs", 2], "--epochs does not go with --load"),
        (["--history", "loss.csv"], "--history does not go with --load"),
        (["--largest", 11], "was trained with 10"),
        (["--ask", "11+1"], "outside 1 to 10"),
    ],
)
def test_flags_that_contradict_the_file_are_refused(flags, message, saved, refused):
    path, _ = saved("addition_seq2seq")
    assert message in refused(addition_seq2seq.main, "--load", path, *flags)


def saying(**changes):
    """What makes a copy of a saved file that says something else of its model."""

    def rewrite(path, to):
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(to, "w") as new:
            for member in old.namelist():
                if member != MEMBER:
                    new.writestr(member, old.read(member))
            new.writestr(MEMBER, json.dumps(about(path) | changes))

    return rewrite


def plain(path, to):
    """A copy as Keras alone saves it."""
    keras.saving.load_model(path).save(to)


SIZES = {"n_samples": 20, "n_numbers": 2, "largest": 10, "decoder_units": 3}


@pytest.mark.parametrize(
    ("copy", "message"),
    [
        (lambda path, to: None, "no file"),
        (lambda path, to: to.write_bytes(path.read_bytes()[:1000]), "no .keras file"),
        (plain, "does not say what it is: --save did not write it"),
        (saying(sizes=None), f"damaged: its {MEMBER} cannot be read"),
        (saying(experiment="addition_mlp"), "is of 'addition_mlp', not of 'addition_seq2s"),
        (saying(alphabet="01"), "has another alphabet than '0123456789+ '"),
        (saying(sizes={**SIZES, "encoder_units": 5}), "holds another network than"),
    ],
)
def test_another_file_than_save_wrote_is_refused(copy, message, saved, tmp_path, refused):
    copy(saved("addition_seq2seq")[0], tmp_path / "m.keras")
    assert message in refused(addition_seq2seq.main, "--load", tmp_path / "m.keras")


# Asking


def test_sums_asked_are_answered_with_probabilities(saved, capsys):
    path, _ = saved("addition_seq2seq")
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
        ("1+2+3", "adds 2 terms, not 3"),
        ("3+", "'' is not a number"),
        ("0+4", "0 is outside 1 to 10"),
        ("03+4", "no leading zeros"),
    ],
)
def test_what_training_never_showed_cannot_be_asked(text, reason, refused):
    assert reason in refused(addition_seq2seq.main, "--ask", text)


# What is no file, and what cannot be written


@posix
def test_what_is_no_file_is_refused_before_any_work_and_is_not_replaced(tmp_path, refused):
    pipe, link, folder = (tmp_path / f"{name}.csv" for name in ("pipe", "link", "folder"))
    os.mkfifo(pipe)
    folder.mkdir()
    link.symlink_to(tmp_path / "no folder" / "rows.csv")
    reasons = {pipe: "device or a pipe", link: "there is no folder", folder: "is a folder"}
    for path, reason in reasons.items():
        assert reason in refused(addition_mlp.main, "--scores", path)
        with pytest.raises(OSError, match=reason):
            with written_whole(path) as unfinished:
                unfinished.write_text("rows")
    assert pipe.is_fifo() and link.is_symlink() and len([*tmp_path.iterdir()]) == 3


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    path = tmp_path / "file.csv"
    path.write_text("before")
    with pytest.raises(RuntimeError), written_whole(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert path.read_text() == "before" and len(list(tmp_path.iterdir())) == 1
    with written_whole(path) as unfinished:
        unfinished.write_text("after")
        assert path.read_text() == "before"
    assert path.read_text() == "after" and len(list(tmp_path.iterdir())) == 1


@posix
def test_what_a_link_names_is_written_though_it_is_not_there_yet(tmp_path):
    link, file = tmp_path / "link.csv", tmp_path / "file.csv"
    link.symlink_to(file)
    for text in ("first", "second"):
        with written_whole(link) as unfinished:
            unfinished.write_text(text)
        assert link.is_symlink() and file.read_text() == text

"""Saved models: what travels in the file, what is scored, what is refused. Files: written
whole or not at all."""

import contextlib
import functools
import importlib
import io
import json
import os
import re
import sys
import zipfile

import pytest

from common.backend import keras
from common.characters import read_question
from common.runner import cli
from common.runner.files import write_all, written_whole
from common.runner.saved import MEMBER
import addition_mlp
import addition_seq2seq

pytestmark = pytest.mark.usefixtures("uncompiled")

UNITS = {"--encoder-units": 4, "--decoder-units": 3}
TINY = {
    "addition_mlp": {"--n-examples": 20, "--largest": 50},
    "addition_lstm_regression": {"--n-examples": 20, "--units": 2},
    "addition_seq2seq": {"--n-samples": 20, **UNITS},
    "echo_whole": {"--n-unique": 9, "--units": 3},
    "echo_partial": {"--n-unique": 9, **UNITS},
}


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Trains a tiny model, each once; returns its file, and what was printed."""
    folder = tmp_path_factory.mktemp("models")

    @functools.cache
    def saved(name):
        path = folder / f"{name}.keras"
        sizes = [str(part) for flag in TINY[name].items() for part in flag]
        flags = ["--epochs", "1", "--seed", "5", *sizes, "--save", str(path)]
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


QUICK = ("addition_mlp", "addition_seq2seq")


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
        "epochs": 1,
        "sizes": {"batch_size": 10, "n_numbers": 2, "largest": 10, **sizes},
        "alphabet": "0123456789+ ",
    }
    args = addition_seq2seq.experiment.parse_args(["--load", str(path)])
    assert args.settings == addition_seq2seq.Settings(epochs=1, **sizes) and args.seed == 5
    model = keras.saving.load_model(path)  # a plain Keras file
    assert model.output_shape == (None, 2, 12) and model.compiled


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
        (["--n-samples", 10], "was trained with 20"),
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


def replacing(before, after):
    """What makes a copy with some bytes replaced."""
    return lambda path, to: to.write_bytes(path.read_bytes().replace(before, after))


SIZES = {"n_samples": 20, "n_numbers": 2, "largest": 10, "decoder_units": 3}


@pytest.mark.parametrize(
    ("copy", "message"),
    [
        (lambda path, to: None, "no file"),
        (lambda path, to: to.write_bytes(path.read_bytes()[:1000]), "no .keras file"),
        (replacing(b'"epochs": 1', b'"epochs": 2'), f"file: its {MEMBER} is not what was"),
        (saying(format=1), "has format 1, not 2"),
        (saying(sizes=None), f"damaged: its {MEMBER} cannot be read"),
        (saying(experiment="addition_mlp"), "is of 'addition_mlp', not of 'addition_seq2s"),
        (saying(alphabet="01"), "has another alphabet than '0123456789+ '"),
        (saying(sizes={**SIZES, "encoder_units": 5}), "holds another network than"),
        (
            lambda path, to: keras.saving.load_model(path).save(to),
            "does not say what it is: --save did not write it",
        ),
    ],
)
def test_another_file_than_save_wrote_is_refused(copy, message, saved, tmp_path, refused):
    copy(saved("addition_seq2seq")[0], tmp_path / "m.keras")

    def load(flags):
        cli.run(lambda: addition_seq2seq.main(flags))

    assert message in refused(load, "--load", tmp_path / "m.keras")
    assert "does not end in .keras" in refused(load, "--load", tmp_path / "m.h5")


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


# What is no file, and what cannot be written


@pytest.fixture(params=["pipe", "link to a device", "link to nowhere"])
def no_file(request, tmp_path):
    """A path ending in .csv where no file can be written."""
    path = tmp_path / "rows.csv"
    if os.name == "nt":
        pytest.skip("nothing of the kind there")
    if request.param == "pipe":
        os.mkfifo(path)
    elif request.param == "link to a device":
        path.symlink_to("/dev/full")
    else:
        path.symlink_to(tmp_path / "no folder" / "rows.csv")
    return path


def test_what_is_no_file_is_refused_before_any_work_and_is_not_replaced(no_file, refused):
    before = os.lstat(no_file).st_ino
    refused(addition_mlp.main, "--scores", no_file)
    with pytest.raises(OSError, match="device or a pipe|there is no folder"):
        with written_whole(no_file) as unfinished:
            unfinished.write_text("rows")
    assert os.lstat(no_file).st_ino == before
    assert os.listdir(no_file.parent) == [no_file.name]


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


@pytest.mark.skipif(os.name == "nt", reason="links")
def test_what_a_link_names_is_written_though_it_is_not_there_yet(tmp_path):
    link, file = tmp_path / "link.csv", tmp_path / "file.csv"
    link.symlink_to(file)
    for text in ("first", "second"):
        with written_whole(link) as unfinished:
            unfinished.write_text(text)
        assert link.is_symlink() and file.read_text() == text


def test_a_file_that_fails_is_one_line_and_the_others_are_written(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)  # is not installed

    def write(text):
        def to(path):
            with written_whole(path) as unfinished:
                unfinished.write_text(text)

        return to

    def draw(path):
        import matplotlib  # noqa: F401

    def no_room(path):
        with written_whole(path) as unfinished:
            unfinished.write_text("half")
            raise OSError(28, "No space left on device", str(unfinished))

    def wrong(path):
        raise AttributeError("'NoneType' object has no attribute\n'strip'")

    names = ["model.keras", "removed/loss.csv", "full.csv", "curve.png", "map.png", "last"]
    writers = [write("model"), write("loss"), no_room, draw, wrong, write("last")]
    paths = [tmp_path / name for name in names]
    with pytest.raises(OSError) as error:
        write_all(zip(paths, writers))
    assert str(error.value).splitlines() == [
        f"{paths[1]} was not written: there is no folder {str(tmp_path / 'removed')!r}",
        f"{paths[2]} was not written: No space left on device",
        f"{paths[3]} was not written: ModuleNotFoundError: import of matplotlib halted; "
        "None in sys.modules",
        f"{paths[4]} was not written: "
        "AttributeError: 'NoneType' object has no attribute 'strip'",
    ]
    assert sorted(os.listdir(tmp_path)) == ["last", "model.keras"]


def test_each_file_that_was_not_written_is_a_line_of_its_own(capsys):
    def fail(path):
        raise OSError(28, "No space left on device")

    with pytest.raises(SystemExit) as error:
        cli.run(lambda: write_all([("a.csv", fail), ("b.png", fail)]))
    reason = "was not written: No space left on device\n"
    assert capsys.readouterr().err == f"error: a.csv {reason}error: b.png {reason}"
    assert error.value.code == 1

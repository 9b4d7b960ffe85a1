"""The quiz, with its input piped."""

import io
import random
import re
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from common.runner.saved import save_model
import addition_seq2seq
from extensions import quiz

ROOT = Path(__file__).resolve().parents[1]
SMALL = [
    "--epochs",
    "1",
    "--n-samples",
    "20",
    "--encoder-units",
    "4",
    "--decoder-units",
    "3",
]

pytestmark = pytest.mark.usefixtures("uncompiled")


def save(path, experiment):
    """A model that was not trained, as addition_seq2seq.py saves it."""
    settings = addition_seq2seq.Settings(n_samples=20, encoder_units=4, decoder_units=3)
    sizes = {k: v for k, v in asdict(settings).items() if k != "epochs"}
    about = {"experiment": experiment, "seed": 1, "epochs": 1, "sizes": sizes}
    model = addition_seq2seq.build_model(settings)
    save_model(model, path, about | {"alphabet": addition_seq2seq.experiment.alphabet})
    return str(path)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return save(tmp_path_factory.mktemp("models") / "model.keras", "addition_seq2seq")


@pytest.fixture
def played(monkeypatch, capsys):
    def played(text, *flags):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        capsys.readouterr()
        quiz.main(list(flags))
        return capsys.readouterr().out

    return played


def sums(n, seed=1):
    rng = random.Random(f"quiz {seed}")
    return [rng.randint(1, 10) + rng.randint(1, 10) for _ in range(n)]


def test_a_quiz_keeps_score(saved, played):
    first, second = sums(2)
    out = played(f"{first}\n{second + 1}\nq\n", "--load", saved)
    assert f"You: {first}, right." in out and f"You: {second + 1}, wrong." in out
    assert f"It is {second}." in out
    assert len(re.findall(r"The model: .*, (?:right|wrong)\.", out)) == 2
    assert re.search(
        r"Right: you 1 of 2 \(50\.0 %\), the model [012] of 2 \(\d+\.0 %\)\.\n$", out
    )


def test_the_end_of_the_input_ends_the_quiz_with_the_score(saved, played):
    out = played(f"{sums(1)[0]}\n", "--load", saved)
    assert "Right: you 1 of 1 (100.0 %)" in out
    assert "Right: you 0 of 0" not in played("", "--load", saved)


def test_what_is_no_number_is_asked_again_and_does_not_count(saved, played):
    out = played(f"\nten\n1.5\n {sums(1)[0]} \nQ\n", "--load", saved)
    assert out.count("That is no whole number") == 3
    assert "Right: you 1 of 1 (100.0 %)" in out


def test_without_a_file_a_model_is_trained(played):
    out = played("q\n", *SMALL, "--largest", "20")
    assert out.startswith("Training a model on sums of numbers up to 20 ...\n")


@pytest.mark.slow
def test_the_quiz_works_in_a_pipe(saved):
    ran = subprocess.run(
        [sys.executable, "-m", "extensions.quiz", "--load", saved],
        input=b"7\n\xff\nq\n",
        capture_output=True,
        cwd=ROOT,
    )
    assert ran.returncode == 0 and ran.stderr == b""
    assert b"You: 7, " in ran.stdout and b"no whole number" in ran.stdout
    assert ran.stdout.rstrip().endswith(b".") and b" of 1 (" in ran.stdout


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--epochs", "1"], "does not go with --load"),
        (["--largest", "20"], "was trained with 10"),
        (["--runs", "2"], "unrecognized arguments"),
    ],
)
def test_flags_that_contradict_the_file_are_refused(flags, message, saved, refused):
    assert message in refused(quiz.main, "--load", saved, *flags)


def test_a_file_of_another_experiment_is_refused(tmp_path, refused):
    path = save(tmp_path / "model.keras", "addition_mlp")
    assert "is of 'addition_mlp'" in refused(quiz.main, "--load", path)

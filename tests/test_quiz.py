"""The quiz, with its input piped."""

import io
import random
import re
from dataclasses import asdict

import pytest
from conftest import TINY

from common.runner.saved import save_model
import addition_seq2seq
from extensions import quiz

pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A model that was not trained, as addition_seq2seq.py saves it."""
    path = tmp_path_factory.mktemp("models") / "model.keras"
    settings = addition_seq2seq.Settings(n_samples=20, encoder_units=4, decoder_units=3)
    about = {"experiment": "addition_seq2seq", "seed": 1, "sizes": asdict(settings)}
    about |= {"epochs": 1, "alphabet": addition_seq2seq.experiment.alphabet}
    save_model(addition_seq2seq.build_model(settings), path, about)
    return str(path)


@pytest.fixture
def played(monkeypatch, capsys):
    def played(text, *flags):
        monkeypatch.setattr("sys.stdin", io.StringIO(text))
        capsys.readouterr()
        quiz.main([*flags])
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
    score = r"Right: you 1 of 2 \(50\.0 %\), the model [012] of 2 \(\d+\.0 %\)\.\n$"
    assert re.search(score, out)


def test_the_end_of_the_input_ends_it_and_what_is_no_number_does_not_count(saved, played):
    out = played(f"\nten\n1.5\n {sums(1)[0]} \n", "--load", saved)
    assert out.count("That is no whole number") == 3
    assert "Right: you 1 of 1 (100.0 %)" in out
    assert "Right: you 0 of 0" not in played("", "--load", saved)


def test_without_a_file_a_model_is_trained(played):
    out = played("q\n", *TINY["addition_seq2seq"], "--largest", "20")
    assert out.startswith("Training a model on sums of numbers up to 20 ...\n")


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["--epochs", "1"], "does not go with --load"),
        (["--largest", "20"], "was trained with 10"),
    ],
)
def test_flags_that_contradict_the_file_are_refused(flags, message, saved, refused):
    assert message in refused(quiz.main, "--load", saved, *flags)

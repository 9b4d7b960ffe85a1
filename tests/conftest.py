"""What several modules of tests share."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from common import training
from common.backend import tf
from common.runner import cli

ROOT = Path(__file__).resolve().parents[1]

# flags for the smallest run of each script that still does everything
TINY = {
    "addition_mlp": "--epochs 2 --n-examples 20",
    "addition_lstm_regression": "--epochs 2 --n-examples 20 --units 2",
    "addition_seq2seq": "--epochs 2 --n-samples 20 --encoder-units 4 --decoder-units 3",
    "echo_whole": "--epochs 2 --n-unique 9 --units 3",
    "echo_partial": "--epochs 2 --n-unique 9 --encoder-units 4 --decoder-units 3",
}
TINY = {name: flags.split() for name, flags in TINY.items()}

posix = pytest.mark.skipif(os.name == "nt", reason="works differently there")


def python(*command, cwd=ROOT, **env):
    """What a process of Python does in the project's folder."""
    return subprocess.run(
        [sys.executable, *map(str, command)],
        cwd=cwd,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
    )


settings.register_profile("no deadline", deadline=None)  # a busy machine is no failure
settings.load_profile("no deadline")

# what a shell runs in the background ignores Ctrl-C, and so would the scripts tested
signal.signal(signal.SIGINT, signal.default_int_handler)


@contextlib.contextmanager
def without_xla():
    """No XLA, which compiles tiny models for longer than they are trained, nor its log."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(training.train.__kwdefaults__, "jit", False)
        patch.setattr(training, "log_filtered", contextlib.nullcontext, raising=False)
        yield


@pytest.fixture(scope="module")
def uncompiled():
    with without_xla():
        yield


@pytest.fixture
def calls(monkeypatch):
    """The data that compiled programs are called with, a list that grows."""
    called, compile = [], tf.function

    def function(traced, **options):
        compiled = compile(traced, **options)

        def call(*args):
            called.append(args[0])
            return compiled(*args)

        return call

    monkeypatch.setattr(tf, "function", function)
    return called


@pytest.fixture
def refused(capsys):
    """The one line that a call with some flags is refused with."""

    def refused(call, *flags):
        capsys.readouterr()
        with pytest.raises(SystemExit) as error:
            cli.run(lambda: call([*map(str, flags)]))
        out, err = capsys.readouterr()
        assert (error.value.code, out, err.count("\n")) == (2, "", 1)
        return err

    return refused


@pytest.fixture
def run(capsys):
    """Run an extension: {variant: the row of seed 1}, and what is printed."""

    def run(script, *flags):
        rows = script.main([*map(str, flags)])
        by_variant = {row["variant"]: row for row in rows if row["seed"] == 1}
        return by_variant, capsys.readouterr().out

    return run

"""Importing TensorFlow quietly; a stand-in for it plays the failures."""

import json
import os
import re

import pytest
from conftest import ROOT, python

pytestmark = pytest.mark.slow  # each test starts a process
LOG = "I0000 00:00:1795346100.568005 1884 port.cc:153] oneDNN custom operations are on."
WRITE_LOG = f"import os; os.write(2, {LOG!r}.encode() + b'\\n')\n"
TENSORFLOW = f"""
import sys
{WRITE_LOG}
os.write(2, b"To enable the following instructions: AVX2\\n")
print("DeprecationWarning: something to know", file=sys.stderr)
__version__ = "2.99"
def zeros(shape): pass
def get_logger(): import logging; return logging.getLogger("stand-in")
class config:
    def set_visible_devices(devices, kind): assert (devices, kind) == ([], "GPU")
"""
KERAS = """
from types import SimpleNamespace
names = {"backend": "tensorflow", "floatx": "float16", "epsilon": 1e-3}  # of keras.json
config = SimpleNamespace(
    backend=lambda: names["backend"],
    floatx=lambda: names["floatx"],
    epsilon=lambda: names["epsilon"],
    set_floatx=lambda value: names.update(floatx=value),
    set_epsilon=lambda value: names.update(epsilon=value),
)
"""
USE = "from common.backend import keras, tf; tf.config; print('imported')"


@pytest.fixture
def use(tmp_path, monkeypatch):
    """Run code that uses common.backend, with some code as the tensorflow package."""
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)

    def use(code=USE, tensorflow=TENSORFLOW, **env):
        for name, content in (("tensorflow", tensorflow), ("keras", KERAS)):
            (tmp_path / name).mkdir(exist_ok=True)
            (tmp_path / name / "__init__.py").write_text(content)
        return python("-c", code, PYTHONPATH=f"{tmp_path}{os.pathsep}{ROOT}", **env)

    return use


def test_the_log_is_held_back_unless_it_is_asked_for_and_warnings_are_not(use):
    ran = use()
    assert ran.stdout == "imported\n"
    assert ran.stderr == "DeprecationWarning: something to know\n"
    assert LOG in use(TF_CPP_MIN_LOG_LEVEL="0").stderr


@pytest.mark.parametrize("ending", ["raise ImportError('no such library')", "os.abort()"])
def test_an_import_that_fails_or_kills_the_process_shows_everything(ending, use):
    ran = use(tensorflow=WRITE_LOG + ending)
    assert ran.returncode != 0 and LOG in ran.stderr
    assert "no such library" in ran.stderr or "abort" in ending


def test_a_keras_that_a_notebook_has_set_otherwise_is_refused_and_left_alone(use):
    ran = use("""
import os, keras
from common.backend import tf
needed = {"backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7}
for name, value in ("backend", "jax"), ("floatx", "float64"), ("epsilon", 0.01):
    keras.names |= {**needed, name: value}
    names, environment = dict(keras.names), dict(os.environ)
    try:
        tf.config
    except ValueError as error:
        print(error)
    assert keras.names == names and dict(os.environ) == environment
keras.names |= needed
print(tf.__version__)
""")
    *refusals, version = ran.stdout.splitlines()
    assert [re.findall(r"^Keras was imported before, with (\S+)", r) for r in refusals] == [
        ["backend"],
        ["floatx"],
        ["epsilon"],
    ]
    assert version == "2.99", ran.stderr


def test_nothing_but_our_own_lines_is_shown_where_a_model_is_first_compiled():
    """A Masking layer has oneDNN say something when its program is compiled."""
    script = ["-m", "extensions.addition_padding", "--variant", "Masking", "--largest", "3"]
    ran = python(*script, "--epochs", "10")
    assert ran.returncode == 0, ran.stderr
    assert re.fullmatch(r"Masking, seed 1: Exact match .*\n\d+ s\n", ran.stderr), ran.stderr


def test_a_script_gives_the_same_whatever_its_surroundings(tmp_path):
    odd = {"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    (tmp_path / "keras.json").write_text(json.dumps(odd))
    script = ["addition_mlp.py", "--epochs", "2", "--plot", tmp_path / "curve.png"]
    plain = python(*script)
    # a notebook gives its MPLBACKEND to every process that it starts
    notebook = "module://matplotlib_inline.backend_inline"
    ran = python(*script, KERAS_HOME=str(tmp_path), MPLBACKEND=notebook)
    assert ran.returncode == 0 and (tmp_path / "curve.png").exists(), ran.stderr
    assert ran.stdout == plain.stdout != ""

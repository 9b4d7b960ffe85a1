"""Importing TensorFlow quietly; a stand-in for it plays the failures."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOG = "I0000 00:00:1795346100.568005 1884 port.cc:153] oneDNN custom operations are on."


USE = "from common.backend import keras, tf; tf.config; print('imported')"


def use_backend(tensorflow, tmp_path, code=USE, **env):
    """Use common.backend with `tensorflow` as the code of the tensorflow package."""
    for name, content in (("tensorflow", tensorflow), ("keras", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(content)
    environment = {k: v for k, v in os.environ.items() if k != "TF_CPP_MIN_LOG_LEVEL"}
    environment |= {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}", **env}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True
    )


WORKING = f"""
import os, sys
os.write(2, {LOG!r}.encode() + b"\\n")
os.write(2, b"To enable the following instructions: AVX2\\n")
print("DeprecationWarning: something to know", file=sys.stderr)
__version__ = "2.99"
def zeros(shape): pass
def get_logger(): import logging; return logging.getLogger("stand-in")
class config:
    def set_visible_devices(devices, kind): assert (devices, kind) == ([], "GPU")
"""


def test_nothing_is_imported_before_it_is_used(tmp_path):
    code = """
import doctest, inspect, pickle, sys
from common import backend
from common.backend import keras, tf
inspect.unwrap(keras)
doctest.DocTestFinder().find(backend)
for name in ("__wrapped__", "__reduce_ex__", "__path__", "__iter__"):
    getattr(tf, name, None)
assert not {"tensorflow", "keras"} & set(sys.modules)
assert tf.__version__ == "2.99"
assert {"tensorflow", "keras"} <= set(sys.modules)
"""
    ran = use_backend(WORKING, tmp_path, code)
    assert ran.returncode == 0, ran.stderr


def test_the_log_is_held_back_and_warnings_are_not(tmp_path):
    ran = use_backend(WORKING, tmp_path)
    assert ran.stdout == "imported\n"
    assert ran.stderr == "DeprecationWarning: something to know\n"


def test_whoever_sets_the_log_level_gets_the_log(tmp_path):
    ran = use_backend(WORKING, tmp_path, TF_CPP_MIN_LOG_LEVEL="0")
    assert LOG in ran.stderr and ran.stdout == "imported\n"


def test_a_failing_import_shows_everything(tmp_path):
    code = f"import os; os.write(2, {LOG!r}.encode()); raise ImportError('no such library')"
    ran = use_backend(code, tmp_path)
    assert ran.returncode == 1
    assert LOG in ran.stderr and "no such library" in ran.stderr


def test_an_import_that_kills_the_process_shows_everything(tmp_path):
    code = f"import os; os.write(2, {LOG!r}.encode()); os.abort()"
    ran = use_backend(code, tmp_path)
    assert ran.returncode != 0 and LOG in ran.stderr


def test_xla_flags_of_the_user_are_kept(tmp_path):
    code = WORKING + "print(os.environ['XLA_FLAGS'], os.environ['KERAS_BACKEND'])\n"
    ran = use_backend(code, tmp_path, XLA_FLAGS="--xla_mine=1", KERAS_BACKEND="jax")
    assert ran.stdout == (
        "--xla_mine=1 --xla_cpu_multi_thread_eigen=false tensorflow\nimported\n"
    )


def test_nothing_but_our_own_lines_is_shown_where_a_model_is_first_compiled():
    """A Masking layer has oneDNN say something when its program is compiled."""
    script = ["-m", "extensions.addition_padding", "--variant", "Masking", "--largest", "3"]
    ran = subprocess.run(
        [sys.executable, *script, "--epochs", *"12345"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    scores = r"Masking, seed 1: Exact match .*, Per-character accuracy .*"
    assert re.fullmatch(rf"{scores}\n\d+ s\n", ran.stderr), ran.stderr

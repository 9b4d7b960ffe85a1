"""Importing TensorFlow quietly; a stand-in for it plays the failures."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOG = "I0000 00:00:1795346100.568005 1884 port.cc:153] oneDNN custom operations are on."


# Keras as a folder's keras.json has it set
KERAS = """
from types import SimpleNamespace
names = {"backend": "tensorflow", "floatx": "float16", "epsilon": 1e-3}
config = SimpleNamespace(
    backend=lambda: names["backend"],
    floatx=lambda: names["floatx"],
    epsilon=lambda: names["epsilon"],
    set_floatx=lambda value: names.update(floatx=value),
    set_epsilon=lambda value: names.update(epsilon=value),
)
"""


USE = "from common.backend import keras, tf; tf.config; print('imported')"


def use_backend(tensorflow, tmp_path, code=USE, **env):
    """Use common.backend with `tensorflow` as the code of the tensorflow package."""
    for name, content in (("tensorflow", tensorflow), ("keras", KERAS)):
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
        [sys.executable, *script, "--epochs", "10"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    scores = r"Masking, seed 1: Exact match .*"
    assert re.fullmatch(rf"{scores}\n\d+ s\n", ran.stderr), ran.stderr


# What surrounds a process, and would change what it does


def test_keras_is_set_to_what_the_figures_were_measured_with(tmp_path):
    code = "from common.backend import keras; print(keras.names)"
    ran = use_backend(WORKING, tmp_path, code)
    needed = {"backend": "tensorflow", "floatx": "float32", "epsilon": 1e-7}
    assert ran.stdout == f"{needed}\n", ran.stderr


@pytest.mark.parametrize(
    ("name", "value"), [("backend", "jax"), ("floatx", "float64"), ("epsilon", 0.01)]
)
def test_a_keras_that_a_notebook_has_set_otherwise_is_refused_and_left_alone(
    name, value, tmp_path
):
    code = f"""
import os, keras
keras.names |= {{"floatx": "float32", "epsilon": 1e-7, {name!r}: {value!r}}}
names, environment = dict(keras.names), dict(os.environ)
from common.backend import tf
try:
    tf.config
except ValueError as error:
    print(error)
assert keras.names == names and dict(os.environ) == environment
"""
    ran = use_backend(WORKING, tmp_path, code)
    assert ran.stdout.startswith(f"Keras was imported before, with {name} {value!r}, not")
    assert ran.stdout.count("\n") == 1 and ran.stderr == ""


def test_a_script_says_in_one_line_that_keras_has_another_backend(tmp_path):
    code = "import keras, runpy; keras.names['backend'] = 'jax'; "
    code += f"runpy.run_path({str(ROOT / 'addition_mlp.py')!r}, run_name='__main__')"
    ran = use_backend(WORKING, tmp_path, code)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1), ran.stderr
    assert "Keras was imported before, with backend 'jax', not 'tensorflow'" in ran.stderr


def test_a_keras_that_was_imported_before_is_used(tmp_path):
    code = f"import keras; keras.names |= {{'floatx': 'float32', 'epsilon': 1e-7}}; {USE}"
    ran = use_backend(WORKING, tmp_path, code)
    assert ran.stdout == "imported\n", ran.stderr


def test_the_versions_can_be_asked_for(tmp_path):
    code = "from common.backend import tf; print(tf.__version__)"
    ran = use_backend(WORKING + "__version__ = '2.20'\n", tmp_path, code)
    assert ran.stdout == "2.20\n"


# A notebook gives its MPLBACKEND to every process that it starts
NOTEBOOK = "module://matplotlib_inline.backend_inline"


@pytest.mark.parametrize(
    ("name", "kept"), [(NOTEBOOK, False), ("nonsense", False), ("svg", True)]
)
def test_a_backend_of_matplotlib_that_is_not_there_counts_as_none(name, kept, tmp_path):
    code = f"""
import os
from common.runner.plots import plot_history
plot_history({str(tmp_path / "curve.png")!r}, {{1: {{"loss": [0.5]}}}}, "a curve")
import matplotlib.pyplot
print(os.environ.get("MPLBACKEND"))
"""
    ran = in_project("-c", code, MPLBACKEND=name)
    assert ran.stdout == f"{name if kept else None}\n", ran.stderr
    assert (tmp_path / "curve.png").exists()


def in_project(*command, **env):
    """What Python does in the project's folder."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_script_gives_the_same_whatever_its_surroundings(tmp_path):
    odd = {"floatx": "float16", "epsilon": 0.1, "image_data_format": "channels_first"}
    (tmp_path / ".keras").mkdir()
    (tmp_path / ".keras" / "keras.json").write_text(json.dumps(odd))
    script = "addition_mlp.py", "--epochs", "2"
    plain = in_project(*script)
    assert plain.returncode == 0, plain.stderr
    for env in (
        {"HOME": str(tmp_path), "USERPROFILE": str(tmp_path)},
        {"KERAS_HOME": str(tmp_path / ".keras")},
        {"MPLBACKEND": NOTEBOOK},
    ):
        ran = in_project(*script, **env)
        assert ran.returncode == 0, ran.stderr
        assert ran.stdout == plain.stdout

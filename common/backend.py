"""TensorFlow and Keras, imported quietly and late: `from common.backend import keras, tf`.

Both names are stand-ins. They import the real packages, which takes some seconds, when
something of them is first used, so that scripts can import them at the top and still
answer `--help` at once. Nothing of TensorFlow's log is shown when all goes well: notes
on oneDNN and on GPUs, which are left alone, since these models are too small for them.
A failing import, even one that kills the process, shows everything. Whoever sets
TF_CPP_MIN_LOG_LEVEL gets TensorFlow's log as it is.
"""

import contextlib
import functools
import gc
import os
import subprocess
import sys

# Reads what is written, while it runs, and passes on what is not log. It is a process
# of its own, so that a crash cannot take the messages down with it.
_FILTER = r"""
import re, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
text, done, _ = sys.stdin.buffer.read().partition(b"\0done\0")
log = rb"WARNING: All log messages before absl|To enable the following instructions"
log += rb"|[IWE]\d{4} [\d:. ]+\S+:\d+\]|\d{4}-\d\d-\d\d [\d:. ]+: [IWE] \w+/"
for line in text.splitlines(keepends=True):
    if not (done and re.match(log, line)):
        sys.stderr.buffer.write(line)
"""


_CHATTY = "TF_CPP_MIN_LOG_LEVEL" in os.environ


@contextlib.contextmanager
def log_filtered():
    """Hold back TensorFlow's log, which C++ writes to file descriptor 2 directly.

    What else is written to it comes out at the end; everything, if there is an error.
    """
    try:
        if _CHATTY:
            raise OSError
        kept = os.dup(2)
        command = [sys.executable, "-I", "-S", "-c", _FILTER]
        reader = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    except OSError:  # no standard error, or no second process to be had
        yield
        return
    sys.stderr.flush()
    os.dup2(reader.stdin.fileno(), 2)
    try:
        yield
        os.write(2, b"\0done\0")
    except KeyboardInterrupt:
        os.write(2, b"\0done\0")
        raise
    finally:
        sys.stderr.flush()
        os.dup2(kept, 2)
        os.close(kept)
        reader.stdin.close()
        reader.wait()


@contextlib.contextmanager
def _collector_paused():
    """Python's garbage collector would search the import's million objects in vain,
    several times, and once more at exit: without it both take half as long."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
        gc.freeze()
    finally:
        if enabled:
            gc.enable()


@functools.cache
def _import():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_multi_thread_eigen" not in flags:
        # At these sizes a second thread gains nothing, and waits where cores are busy.
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    if not _CHATTY:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"  # once imported, log errors only
    with _collector_paused(), log_filtered():
        import keras
        import tensorflow

        with contextlib.suppress(RuntimeError):  # too late: TensorFlow is already in use
            tensorflow.config.set_visible_devices([], "GPU")
        tensorflow.zeros(())  # starts the runtime, which looks for GPUs once more
    if not _CHATTY:
        del os.environ["TF_CPP_MIN_LOG_LEVEL"]  # it was read; no child should inherit it
        # Python's part of the log: it takes several models of one script for retracing
        tensorflow.get_logger().setLevel("ERROR")
    return {"keras": keras, "tf": tensorflow}


class _Late:
    """Stands for a package, which it imports when something of it is first used."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, attribute):
        # doctest, inspect and pickle ask for such names
        if attribute.startswith("__") and attribute != "__version__":
            raise AttributeError(attribute)
        return getattr(_import()[self._name], attribute)


keras, tf = _Late("keras"), _Late("tf")

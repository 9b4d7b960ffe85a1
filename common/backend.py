"""TensorFlow and Keras, imported quietly: `from common.backend import keras, tf`.

Importing this module imports TensorFlow (some seconds), so scripts do it inside the
functions that need it. On success nothing of TensorFlow's log is shown: notes on
oneDNN and on GPUs, which are left alone, since these models are too small for them.
A failing import, even one that kills the process, shows everything. Whoever sets
TF_CPP_MIN_LOG_LEVEL gets TensorFlow's log as it is.
"""

import contextlib
import gc
import os
import subprocess
import sys

# Reads what the import writes, while it runs, and passes on what is not log. It is a
# process of its own, so that a crash cannot take the messages down with it.
_FILTER = r"""
import re, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
text, done, _ = sys.stdin.buffer.read().partition(b"\0imported\0")
log = rb"WARNING: All log messages before absl|To enable the following instructions"
log += rb"|[IWE]\d{4} [\d:. ]+\S+:\d+\]|\d{4}-\d\d-\d\d [\d:. ]+: [IWE] \w+/"
for line in text.splitlines(keepends=True):
    if not (done and re.match(log, line)):
        sys.stderr.buffer.write(line)
"""


@contextlib.contextmanager
def _log_filtered():
    """Hold back what is written to file descriptor 2 (C++ writes there directly)."""
    try:
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
        os.write(2, b"\0imported\0")
    except KeyboardInterrupt:
        os.write(2, b"\0imported\0")
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


def _import():
    os.environ["KERAS_BACKEND"] = "tensorflow"
    flags = os.environ.get("XLA_FLAGS", "")
    if "xla_cpu_multi_thread_eigen" not in flags:
        # At these sizes a second thread gains nothing, and waits where cores are busy.
        os.environ["XLA_FLAGS"] = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    chatty = "TF_CPP_MIN_LOG_LEVEL" in os.environ
    if not chatty:
        os.environ["TF_CPP_MIN_LOG_LEVEL"] = "2"  # once imported, log errors only
    with _collector_paused(), contextlib.nullcontext() if chatty else _log_filtered():
        import keras
        import tensorflow

        with contextlib.suppress(RuntimeError):  # too late: TensorFlow is already in use
            tensorflow.config.set_visible_devices([], "GPU")
        tensorflow.zeros(())  # starts the runtime, which looks for GPUs once more
    if not chatty:
        del os.environ["TF_CPP_MIN_LOG_LEVEL"]  # it was read; no child should inherit it
        # Python's part of the log: it takes several models of one script for retracing
        tensorflow.get_logger().setLevel("ERROR")
    return keras, tensorflow


keras, tf = _import()

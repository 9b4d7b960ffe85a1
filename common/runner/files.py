"""Files: written whole or not at all."""

import contextlib
import os
from pathlib import Path

from common.checks import Unusable as Unusable


def file_to_write(path):
    """The file that `path` names, links followed; OSError where none can be written.

    What is no file (a device, a pipe, a socket) would be replaced by one.
    """
    file = Path(os.path.realpath(path))
    if file.is_dir():
        raise OSError(f"{str(path)!r} is a folder")
    if not file.parent.is_dir():
        raise OSError(f"there is no folder {str(file.parent)!r}")
    if not os.access(file.parent, os.W_OK):
        raise OSError(f"the folder {str(file.parent)!r} is not writable")
    if os.path.lexists(file) and not file.is_file():
        raise OSError(f"{str(path)!r} is a device or a pipe, not a file")
    return file


def write_all(files):
    """Write several files; one that fails keeps no other from being written.

    `files`: pairs of a path and a function that writes to it. What is dearest comes first.
    Raises OSError at the end, with a line for each that failed.
    """
    failed = []
    for path, write in files:
        try:
            write(path)
        except OSError as error:
            failed.append(f"{path} was not written: {error.strerror or error}")
        except Exception as error:  # matplotlib is not installed, say
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            failed.append(f"{path} was not written: {reason}")
    if failed:
        raise OSError("\n".join(failed))


@contextlib.contextmanager
def written_whole(path):
    """Yield a path beside `path` to write to; it takes its place if all went well.

    Otherwise what stood at `path` stays as it was, and nothing is left behind. Raises
    OSError as `file_to_write` does.

        with written_whole("loss.csv") as unfinished:
            unfinished.write_text("seed,loss\\n")
    """
    path = file_to_write(path)
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)

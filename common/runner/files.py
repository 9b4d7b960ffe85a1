"""Files: written whole or not at all."""

import contextlib
import os
from pathlib import Path


class Unusable(ValueError):
    """A file, or a cluster, that is not what it should be; says why, in one line."""


@contextlib.contextmanager
def written_whole(path):
    """Yield a path beside `path` to write to; it takes its place if all went well.

    Otherwise what stood at `path` stays as it was, and nothing is left behind.

        with written_whole("loss.csv") as unfinished:
            unfinished.write_text("seed,loss\\n")
    """
    path = Path(path).resolve()  # what a link points to is replaced, not the link
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}{path.suffix}")
    try:
        yield unfinished
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)

"""How far work is: a line on terminals for the tasks of a run, and one for a training."""

import contextlib
import os
import sys

allowed = True  # not in other processes, whose lines would mix


wanted = None  # where tasks can be cancelled: a function that tells whether this one was


_display = None  # rich draws one display at a time, with a line for each thing shown


def check_wanted():
    """Raise RuntimeError where whoever asked for this work does not want it any more."""
    if wanted is not None and not wanted():
        raise RuntimeError("cancelled")


@contextlib.contextmanager
def line(what, total):
    """Show how much of `total` is done and how long the rest takes, until the block ends.

    Yields a function to call with what is done and a text to stand beside it. Shows
    nothing where standard error is not a terminal.
    """
    global _display
    if not allowed or sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, text="": None
        return
    outermost = _display is None
    if outermost:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

        # past TensorFlow's log, which is held back on file descriptor 2 at times
        stream = os.fdopen(os.dup(2), "w", errors="replace")
        screen = Console(file=stream, force_terminal=True)
        columns = ["{task.description}", "{task.completed:.0f}/{task.total:.0f}"]
        columns = [TextColumn(column) for column in [*columns, "{task.fields[text]}"]]
        columns[1:1] = [BarColumn(bar_width=20)]
        _display = Progress(
            *columns,
            TimeRemainingColumn(elapsed_when_finished=True),
            console=screen,
            transient=True,
            redirect_stdout=sys.stdout.isatty(),
        )
        _display.start()
    row = _display.add_task(what, total=total, text="")
    try:
        yield lambda done, text="": _display.update(row, completed=done, text=text)
    finally:
        _display.remove_task(row)
        if outermost:
            _display.stop()
            _display.console.file.close()
            _display = None


def note(line: str) -> None:
    """A line on standard error, beside the progress that is shown there."""
    print(line, file=sys.stderr, flush=True)

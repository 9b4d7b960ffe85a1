"""How far work is: a line on terminals for the tasks of a run, and one for a training."""

import contextlib
import datetime
import os
import sys

_display = None  # rich draws one display at a time, with a line for each thing shown


@contextlib.contextmanager
def line(what, total):
    """Show how much of `total` is done and how long the rest takes, until the block ends.

    Yields a function to call with what is done, and a text to stand beside it; until there
    is something done, the text and the seconds so far are all that is shown. Shows nothing
    where standard error is not a terminal.
    """
    global _display
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda done, text="": None
        return
    outermost = _display is None
    if outermost:
        _display = _new_display()
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


def _new_display():
    from rich.console import Console
    from rich.progress import Progress, ProgressColumn
    from rich.text import Text

    class Line(ProgressColumn):
        def render(self, task):
            """
            - Compiling ... 2 s
            Training [=====     ] 15/30  loss 0.1234  0:00:02
            """
            text, left = task.fields["text"], task.time_remaining
            if not task.completed:
                spinner = "-\\|/"[int(5 * task.elapsed) % 4]
                line = f"{spinner} {text or task.description} ... {int(task.elapsed)} s"
            else:
                bar = "=" * int(20 * task.completed / task.total)
                line = f"{task.description} [{bar:20}] {task.completed:.0f}/{task.total}"
                rest = "" if left is None else datetime.timedelta(seconds=int(left))
                line = f"{line}  {text}  {rest}"
            return Text(line, no_wrap=True, overflow="ellipsis")

    # past TensorFlow's log, which is held back on file descriptor 2 at times
    stream = os.fdopen(os.dup(2), "w", errors="replace")
    screen = Console(file=stream, force_terminal=True)
    redirect = sys.stdout.isatty()
    return Progress(Line(), console=screen, transient=True, redirect_stdout=redirect)


def note(line: str) -> None:
    """A line on standard error, beside the progress that is shown there."""
    print(line, file=sys.stderr, flush=True)

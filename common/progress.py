"""How far work is: a line on terminals for the tasks of a run, and one for a training;
and what a model answers while it learns (--watch)."""

import contextlib
import os
import sys

N_QUESTIONS, N_MOMENTS = 5, 10  # that are watched
LABEL = 12  # the columns of a line before the first answer
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


def moments(epochs):
    """The epochs after which to look: about ten, denser early, the last one included.

    >>> moments(30), moments(3)
    ([1, 3, 5, 8, 11, 15, 19, 24, 30], [1, 2, 3])
    """
    if epochs < N_MOMENTS:
        return [*range(1, epochs + 1)]
    shares = [(i / N_MOMENTS) ** 2 for i in range(1, N_MOMENTS + 1)]
    return sorted({max(1, round(epochs * share)) for share in shares})


def watched(epochs, questions, answer):
    """A context in which training prints what the model answers, on standard error.

    `questions`: strings or lists of integers; `answer()` returns the expected and the
    predicted answers to them. The first five are shown, or as many as a line has room
    for, a line per moment, right answers with a tick and wrong ones with a cross, in
    colour on a terminal.
    """
    from rich.console import Console
    from rich.text import Text

    from common.training import calling

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    questions, (expected, _) = [*map(as_text, questions)], answer()
    widths = [
        max(len(question), len(as_text(right)) + 2) + 2
        for question, right in zip(questions[:N_QUESTIONS], expected)
    ]
    while len(widths) > 1 and LABEL + sum(widths) - 2 > console.width:
        widths.pop()

    def print_line(label, cells):
        line = Text(label.ljust(LABEL))
        for (text, style), width in zip(cells, widths):
            line.append(text.ljust(width), style)
        line.rstrip()
        with console.capture() as captured:
            console.print(line, end="")
        note(captured.get())  # above the progress of the training

    def look(epoch):
        cells = []
        for right, given in zip(*answer()):
            mark, style = ("✓", "green") if right == given else ("✗", "red")
            cells.append((f"{mark} {as_text(given)}", style))
        print_line(f"epoch {epoch}", cells)

    print_line("", [(question, "bold") for question in questions])
    print_line("expected", [(f"  {as_text(right)}", "") for right in expected])
    return calling(look, moments(epochs))


def as_text(answer):
    """
    >>> as_text("13"), as_text([86, 81]), as_text(7)
    ('13', '86 81', '7')
    """
    return " ".join(map(str, answer)) if isinstance(answer, list) else str(answer)

"""What a model answers while it learns (--watch)."""

from common.progress import note

N_QUESTIONS, N_MOMENTS = 5, 10  # that are watched


LABEL = 12  # the columns of a line before the first answer


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
    for, a line per moment, right answers with a tick and wrong ones with a cross (`ok` and
    `--` where these cannot be written), in colour on a terminal.
    """
    from rich.console import Console
    from rich.text import Text

    from common.training import calling

    console = Console(stderr=True, highlight=False, soft_wrap=True)
    right_mark, wrong_mark = marks(console.encoding)
    indent = " " * (len(right_mark) + 1)
    questions, (expected, _) = [*map(as_text, questions)], answer()
    widths = [
        max(len(question), len(indent + as_text(right))) + 2
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
            mark, style = (right_mark, "green") if right == given else (wrong_mark, "red")
            cells.append((f"{mark} {as_text(given)}", style))
        print_line(f"epoch {epoch}", cells)

    print_line("", [(question, "bold") for question in questions])
    print_line("expected", [(indent + as_text(right), "") for right in expected])
    return calling(look, moments(epochs))


def marks(encoding):
    """What stands before a right answer and before a wrong one.

    >>> marks("utf-8"), marks("ascii")
    (('✓', '✗'), ('ok', '--'))
    """
    try:
        "✓✗".encode(encoding)
    except UnicodeEncodeError:
        return "ok", "--"
    return "✓", "✗"


def as_text(answer):
    """
    >>> as_text("13"), as_text([86, 81]), as_text(7)
    ('13', '86 81', '7')
    """
    return " ".join(map(str, answer)) if isinstance(answer, list) else str(answer)

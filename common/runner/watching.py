"""What is shown while one model learns: the loss, and with --watch some of its answers."""

from common.backend import keras
from common.progress import note

N_QUESTIONS = 5  # that are watched
N_LAST = 5  # epochs at the end that are all shown, as the tutorials do
N_MOMENTS = 10  # epochs that are shown


def moments(epochs):
    """The epochs after which to look: about ten, denser early, and all of the last five.

    >>> moments(30), moments(3)
    ([1, 3, 6, 11, 17, 26, 27, 28, 29, 30], [1, 2, 3])
    """
    n_early = N_MOMENTS - N_LAST
    shares = [(i / (n_early + 1)) ** 2 for i in range(1, n_early + 1)]
    early = {max(1, round((epochs - N_LAST) * share)) for share in shares}
    last = range(max(1, epochs - N_LAST + 1), epochs + 1)
    return sorted({*(epoch for epoch in early if epoch <= epochs), *last})


def losses(epochs, answers=None):
    """A Keras callback that writes a line of loss and metrics about ten times, on standard
    error: "epoch 11/30 - loss: 0.2345 - accuracy: 0.9210".

    `answers`: for --watch, a function that takes the model and returns questions, right
    answers and the model's; the first five stand beside the loss, or as many as a line
    has room for, right ones with a tick and wrong ones with a cross.
    """

    class Losses(keras.callbacks.Callback):
        def on_train_begin(self, logs=None):
            self.screen = answers and _Screen(len(_label(epochs, epochs, {"loss": 0.0})))
            if self.screen:
                self.screen.show_questions(*answers(self.model)[:2])

        def on_epoch_end(self, epoch, logs=None):
            if self.screen:
                label = _label(epoch + 1, epochs, {"loss": logs["loss"]})
                self.screen.show_answers(label, *answers(self.model)[1:])
            else:
                note(_label(epoch + 1, epochs, logs))

    callback = Losses()
    callback.epochs = moments(epochs)
    return callback


def _label(epoch, epochs, logs):
    """
    >>> _label(7, 30, {"loss": 0.5, "accuracy": 0.8125})
    'epoch  7/30 - loss: 0.5000 - accuracy: 0.8125'
    """
    done = f"epoch {epoch:>{len(str(epochs))}}/{epochs}"
    return " - ".join(
        [done, *[f"{name}: {as_text(value)}" for name, value in logs.items()]]
    )


def as_text(value):
    """A loss or a metric with as many digits as Keras shows; 0 for 0 alone."""
    return f"{value:.4g}" if 0 < value < 0.0001 else f"{value:.4f}"


class _Screen:
    """Lines of questions and answers, in columns."""

    def __init__(self, room_for_label):
        from rich.console import Console

        self.console = Console(stderr=True, highlight=False, soft_wrap=True)
        encoding = self.console.encoding or "ascii"
        try:
            "✓✗".encode(encoding)
            self.marks = {True: "✓", False: "✗"}
        except UnicodeEncodeError:
            self.marks = {True: "ok", False: "--"}
        self.label = room_for_label + 2

    def show_questions(self, questions, expected):
        questions = questions[:N_QUESTIONS]
        mark = len(self.marks[True]) + 1
        self.widths = [
            2 + max(len(question), mark + len(_text(right)))
            for question, right in zip(questions, expected)
        ]
        while len(self.widths) > 1 and self.label + sum(self.widths) > self.console.width:
            self.widths.pop()
        self._print("", [(question, "bold") for question in questions])
        self._print("expected", [(" " * mark + _text(right), "") for right in expected])

    def show_answers(self, label, expected, predicted):
        cells = []
        for right, given in zip(expected, predicted):
            style = "green" if right == given else "red"
            cells.append((f"{self.marks[right == given]} {_text(given)}", style))
        self._print(label, cells)

    def _print(self, label, cells):
        from rich.text import Text

        line = Text(label.ljust(self.label))
        for (text, style), width in zip(cells, self.widths):
            line.append(text.ljust(width), style)
        line.rstrip()
        with self.console.capture() as captured:
            self.console.print(line, end="")
        note(captured.get())  # above the progress of the training


def _text(answer):
    """
    >>> _text("13"), _text([86, 81]), _text(7)
    ('13', '86 81', '7')
    """
    return " ".join(map(str, answer)) if isinstance(answer, list) else str(answer)

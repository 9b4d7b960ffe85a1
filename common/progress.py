"""A line on standard error that tells how far training is, on terminals only."""

import sys
import time

allowed = True  # not in the processes of --jobs, which would all write one line


class Progress:
    """Shows epoch, loss, metrics and the time left, rewriting one line.

    Writes nothing where standard error is not a terminal.
    """

    def __init__(self, epochs):
        self.epochs, self.began, self.shown = epochs, time.monotonic(), 0.0
        self.on = allowed and sys.stderr is not None and sys.stderr.isatty()
        self._write("Compiling ...")

    def show(self, epoch, values):
        """`epoch` epochs are done; `values`: the last one's loss and metrics."""
        now = time.monotonic()
        if now - self.shown < 0.1 and epoch < self.epochs:
            return
        self.shown = now
        left = (now - self.began) / epoch * (self.epochs - epoch)
        figures = "".join(f"  {name} {value:.4f}" for name, value in values.items())
        self._write(f"Epoch {epoch}/{self.epochs}{figures}  {left:.0f} s left")

    def close(self):
        self._write("")

    def _write(self, text):
        if self.on:
            sys.stderr.write(f"\r{text[:79]:<79}" if text else f"\r{'':79}\r")
            sys.stderr.flush()

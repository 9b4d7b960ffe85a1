"""The numbers of an experiment, written down once: as defaults, flags and help.

A script's `Settings` is a frozen dataclass whose fields are its flags. A field's comment
is the flag's help:

    @dataclass(frozen=True)
    class Settings(BaseSettings):
        epochs: int = 30  # training epochs
        learning_rate: float = 0.003  # of Adam
        units: tuple = (100, 50)  # units of encoder and decoder

`Settings()` has the defaults and `Settings(epochs=3)` three epochs. What cannot be is
refused with a ValueError that names field and value.
"""

import dataclasses
import inspect
import math
import re

from common.characters import ALPHABET, answer_length, question_length
from common.checks import check_memory, check_n_out, check_size, check_window
from common.sums import check_exact

AT_MOST = 10**12  # larger sizes are slips, and no array has room for them


@dataclasses.dataclass(frozen=True)
class BaseSettings:
    """What every script's `Settings` can do: check itself and describe itself."""

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = checked(field.name, getattr(self, field.name), field.default)
            object.__setattr__(self, field.name, value)
        check_compatible(vars(self))
        self.check()

    def check(self):
        """Raise ValueError for numbers of this script that do not go together."""

    @classmethod
    def help(cls):
        """{field: its comment}, read from the source; empty where there is none."""
        comments = {}
        for parent in reversed(cls.__mro__[:-1]):
            try:
                source = inspect.getsource(parent)
            except (OSError, TypeError):
                continue
            comments.update(re.findall(r"(?m)^    (\w+):.*=.*  # (.+)$", source))
        return comments


def checked(name, value, default):
    """`value` as the kind of number that `default` is; ValueError if it is none."""
    if isinstance(default, tuple):
        values = tuple(value) if isinstance(value, (list, tuple)) else (value,)
        if len(values) != len(default):
            raise ValueError(f"{name} must be {len(default)} numbers, not {values}")
        return tuple(checked(name, *pair) for pair in zip(values, default))
    if isinstance(default, float):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueError(f"{name} must be a number, not {value!r}")
        if not 0 < value < math.inf:
            raise ValueError(f"{name} must be above 0, not {value}")
        return float(value)
    return check_size(name, value, at_most=AT_MOST)


def check_compatible(numbers):
    """Raise ValueError for numbers that do not go together, by the names they have.

    `numbers`: {name: number}, with any of the names of the five scripts.
    """
    if numbers.keys() >= {"largest", "n_numbers"}:
        check_exact(numbers["n_numbers"], numbers["largest"])
    rows, what = numbers.get("n_examples", numbers.get("n_samples")), "sums of an epoch"
    values = numbers.get("n_numbers", 0) + 1  # that are read and written for each
    if "n_samples" in numbers:
        sizes = numbers["n_numbers"], numbers["largest"]
        values = (question_length(*sizes) + answer_length(*sizes)) * len(ALPHABET)
    if numbers.keys() >= {"length", "n_in", "n_unique"}:
        n_in, n_out = numbers["n_in"], numbers.get("n_out", numbers["n_in"])
        check_window(numbers["length"], n_in)
        check_n_out(n_in, n_out)
        rows, what = numbers["length"] - n_in + 1, "windows of a sequence"
        values = (n_in + n_out) * numbers["n_unique"]
    if rows:
        sizes = "n_examples", "n_samples", "n_numbers", "length", "n_unique", "n_in"
        check_memory(rows, values, **{n: numbers[n] for n in sizes if n in numbers})
    if rows and "batch_size" in numbers:
        check_batch_size(numbers["batch_size"], rows, what)


def check_batch_size(batch_size, rows, what):
    """ValueError, naming the sizes that fit, unless `batch_size` divides `rows`."""
    if rows % batch_size:
        small = [n for n in range(1, min(rows, 10**4) + 1) if rows % n == 0]
        sizes = sorted({*small, *[rows // n for n in small]})
        listed = ", ".join(map(str, sizes[:40])) + (", ..." if len(sizes) > 40 else "")
        raise ValueError(
            f"batch_size {batch_size} does not divide the {rows} {what}; "
            f"these sizes do: {listed}"
        )

"""The numbers of an experiment, written down once: as defaults, flags and help.

A script's `Settings` is a frozen dataclass whose fields are its flags. A field's comment
is the flag's help:

    @dataclass(frozen=True)
    class Settings(BaseSettings):
        epochs: int = 30  # each on new sums
        units: tuple = (100, 50)  # of encoder and decoder

`Settings()` has the defaults and `Settings(epochs=3)` three epochs. What cannot be is
refused with a ValueError that names field and value.
"""

import dataclasses
import inspect
import re

from common.checks import check_size

AT_MOST = 10**12  # larger sizes are slips, and no array has room for them


@dataclasses.dataclass(frozen=True)
class BaseSettings:
    """What every script's `Settings` can do: check itself and describe itself."""

    def __post_init__(self):
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(field.default, tuple):
                value = tuple(value) if isinstance(value, (list, tuple)) else (value,)
                if len(value) != len(field.default):
                    raise ValueError(
                        f"{field.name} must be {len(field.default)} integers, not {value}"
                    )
                value = tuple(check_size(field.name, one, at_most=AT_MOST) for one in value)
            elif value is not None or field.default is not None:
                value = check_size(field.name, value, at_most=AT_MOST)
            object.__setattr__(self, field.name, value)
        self.check()

    def check(self):
        """Raise ValueError for numbers that do not go together."""

    def set_default(self, **values):
        """Give a value to the fields that were left at None."""
        for name, value in values.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, value)

    @classmethod
    def help(cls):
        """{field: its comment}, read from the source."""
        comments = {}
        for parent in reversed(cls.__mro__[:-1]):
            found = re.findall(r"(?m)^    (\w+):.*=.*  # (.+)$", inspect.getsource(parent))
            comments.update(found)
        return comments


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

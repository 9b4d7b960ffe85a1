"""The command line: flags from settings, what is refused, and Ctrl-C.

Nothing here loads TensorFlow: `--help` and a wrong flag answer at once, with exit
status 0 and 2.
"""

import argparse
import contextlib
import dataclasses
import io
import os
import re
import signal
import sys
import threading
from pathlib import Path

from common.checks import check_size
from common.runner.files import Unusable, file_to_write

LARGEST_SEED = 2**32 - 1


class Formatter(argparse.RawDescriptionHelpFormatter):
    """Help whose flags and their texts fit a line of 80 columns."""

    def __init__(self, prog):
        super().__init__(prog, max_help_position=22, width=80)


class Parser(argparse.ArgumentParser):
    """argparse with the kinds of flags that the scripts have: settings, seeds, files."""

    def __init__(self, doc):
        super().__init__(
            usage="%(prog)s [flags]",
            description=title_and_commands(doc),
            formatter_class=Formatter,
            allow_abbrev=False,
            add_help=False,
        )
        self.files = []  # the flags that name a file to write
        self.group = self

    def add_group(self, title):
        """What is added from here on stands under a title of its own."""
        self.group = self.add_argument_group(title)

    def add_flag(self, flag, help):
        """A flag that is there or not."""
        self.group.add_argument(flag, action="store_true", help=help)

    def add_settings(self, Settings):
        """A flag for each field of a dataclass of settings; its comment is the help."""
        self.Settings = Settings
        self.add_group("the numbers of the experiment")
        comments = Settings.help()
        for field in dataclasses.fields(Settings):
            many = isinstance(field.default, tuple)
            shown = " ".join(map(str, field.default)) if many else field.default
            comment = comments.get(field.name, "").replace("%", "%%")
            self.group.add_argument(
                flag_of(field.name),
                dest=field.name,
                type=_number,
                nargs=len(field.default) if many else None,
                default=argparse.SUPPRESS,
                metavar="N",
                help=f"{comment} (default {shown})",
            )
        self.add_group("flags")

    def add_size(self, flag, default, help, at_least=1, at_most=10**12):
        """A flag for an integer that shapes neither data nor model."""
        self.group.add_argument(
            flag,
            type=lambda text: _checked(flag, text, at_least, at_most),
            default=default,
            metavar="N",
            help=f"{help} (default {default})",
        )

    def add_seed(self, help="seed of weights and data"):
        self.add_size("--seed", 1, help, at_least=0, at_most=LARGEST_SEED)

    def add_runs(self):
        """Flags for the seeds to run, where they run, and the file that keeps the rows."""
        self.add_group("several seeds")
        self.add_size("--runs", 1, "train with so many seeds, from --seed on")
        self.add_size("--jobs", 1, "spread them over so many processes")
        self.add_cluster()
        self.add_file("--scores", ".csv", "write a row each; go on with those there")

    def add_cluster(self):
        what = "train on a Dask cluster, tcp://HOST:PORT"
        self.group.add_argument("--cluster", type=_address, metavar="ADDRESS", help=what)

    def add_file(self, flag, suffix, help):
        """A flag for a file to write, in a folder that exists."""
        self.files.append(flag)
        self.group.add_argument(
            flag,
            type=lambda text: _writable(text, suffix),
            metavar=f"FILE{suffix}",
            help=help,
        )

    def add_load(self):
        """A flag for a saved model; the settings come from its file."""
        what = "ask a saved model; nothing is trained"
        self.group.add_argument("--load", type=_readable, metavar="FILE.keras", help=what)

    def parse_args(self, argv=None, saved=None):
        """Parse the flags; exit with 2 and one line where they cannot be.

        `saved`: a function that takes the path of --load and returns the settings of the
        saved model, a dict. The result's `settings` is a `Settings`, its `seeds` the
        range of seeds to run, and its `given` the set of flags that were given.
        """
        self.add_argument("-h", "--help", action="help", help=argparse.SUPPRESS)
        unknown = argparse.Namespace(**{action.dest: None for action in self._actions})
        args = super().parse_args(argv, unknown)
        given = {name for name, value in vars(args).items() if value is not None}
        for action in self._actions:
            if action.dest not in given:
                setattr(args, action.dest, action.default)
            if getattr(args, action.dest) == argparse.SUPPRESS:
                delattr(args, action.dest)
        args.given = given
        self._check_files(args)
        if hasattr(self, "Settings"):
            known = {}
            names = {field.name for field in dataclasses.fields(self.Settings)}
            if getattr(args, "load", None):
                known = self._settings_of_file(args, saved, names)
            asked = {name: getattr(args, name) for name in names & given}
            try:
                args.settings = self.Settings(**{**known, **asked})
            except ValueError as error:
                self.error(error)
        if hasattr(args, "runs"):
            if args.seed + args.runs - 1 > LARGEST_SEED:
                self.error(f"--seed {args.seed} with --runs {args.runs}: beyond 2**32 - 1")
            args.seeds = range(args.seed, args.seed + args.runs)
        return args

    def refuse_together(self, args, flag, others, why=""):
        """Exit with 2 where `flag` was given and one of `others` too."""
        if flag in args.given:
            for other in others:
                if other in args.given:
                    self.error(f"--{other} does not go with --{flag}{why}")

    def _check_files(self, args):
        paths = {}
        for flag in self.files:
            path = getattr(args, flag[2:], None)
            if path and path.resolve() in paths:
                self.error(f"{paths[path.resolve()]} and {flag} name the same file, {path}")
            if path:
                paths[path.resolve()] = flag

    def _settings_of_file(self, args, saved, names):
        try:
            about = saved(args.load)
            known = {k: v for k, v in about["sizes"].items() if k in names}
            known["epochs"] = about["epochs"]
            self.Settings(**known)
            check_size("seed", about["seed"], 0, LARGEST_SEED)
        except Unusable as error:
            self.error(error)
        except (KeyError, ValueError) as error:
            self.error(f"{args.load} is damaged: {error}")
        for name in names & args.given:
            here, there = getattr(args, name), known.get(name)
            if name in known and here != there:
                here, there = (" ".join(map(str, _as_list(v))) for v in (here, there))
                self.error(f"{flag_of(name)} {here}: {args.load} was trained with {there}")
        if "seed" not in args.given:
            args.seed = about["seed"]
        return known

    def error(self, message):
        """One line on standard error, exit status 2."""
        self.exit(2, f"{self.prog}: error: {message} (--help shows the flags)\n")


def title_and_commands(doc):
    """Of a script's docstring, its first line and its indented paragraphs.

    >>> title_and_commands("Adds.\\n\\nAt length.\\n\\n    python add.py\\n\\nMore.")
    'Adds.\\n\\n    python add.py'
    """
    first, *rest = (doc or "").strip("\n").split("\n\n")
    commands = [part for part in rest if part.startswith("    ")]
    return "\n\n".join([first, *commands])


def flag_of(name):
    """The flag of a field: "--n-out" for n_out."""
    return "--" + name.replace("_", "-")


class Terminated(KeyboardInterrupt):
    """`kill` asked the script to end (SIGTERM)."""


def run(main):
    """Run a script's `main` and exit.

    Ctrl-C ends it with one line and status 130, `kill` with status 143.
    """
    _prepare_streams()
    try:
        with handled(signal.SIGTERM, _raise_terminated):
            main()
        sys.stdout.flush()
    except Terminated:
        _leave(143, "Terminated.")
    except KeyboardInterrupt:
        _leave(130, "Interrupted.")
    except BrokenPipeError:  # the reader, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(1)
    except Unusable as error:
        _leave(2, f"{Path(sys.argv[0]).name}: error: {error}")
    except (MemoryError, OSError) as error:
        lines = str(error).splitlines() or ["out of memory"]
        _leave(1, "\n".join(f"error: {line}" for line in lines))
    except Exception as error:
        if type(error).__name__ == "TerminatedWorkerError":  # joblib's
            why = "for want of memory perhaps (without --jobs it says why)"
            _leave(1, f"error: a process of --jobs was killed, {why}")
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's MemoryError
            raise
        _leave(1, "error: out of memory: the sizes asked for are too large")


def _prepare_streams():
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:  # closed, by `>&-`: nothing else may get its number
            number = os.open(os.devnull, os.O_RDWR)
            os.set_inheritable(number, True)
            stream = os.fdopen(number, mode)
            setattr(sys, name, stream)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # Keras draws lines; not all can show them


@contextlib.contextmanager
def handled(number, handler):
    """Within this context a signal has this handler; in the main thread, no other may."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)


def _raise_terminated(*_):
    raise Terminated


def _leave(status, message=None):
    if message and sys.stderr is not None:
        print(message, file=sys.stderr)
    raise SystemExit(status)


def _number(text):
    """An int or a float, or the text as it is: settings refuse what is no number."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text[:40]


def _checked(flag, text, at_least, at_most):
    try:
        return check_size(flag, _number(text), at_least, at_most)
    except ValueError as error:
        message = str(error).removeprefix(f"{flag} ")  # argparse names the flag
        raise argparse.ArgumentTypeError(message) from None


def _address(text):
    if not re.fullmatch(r"\w+://\S+:\d+", text):
        raise argparse.ArgumentTypeError(f"must be like tcp://HOST:PORT, not {text!r}")
    return text


def _as_list(value):
    return value if isinstance(value, (list, tuple)) else [value]


def _readable(text):
    if Path(text).suffix != ".keras":
        raise argparse.ArgumentTypeError(f"{text!r} does not end in .keras")
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"there is no file {text!r}")
    return Path(text)


def _writable(text, suffix):
    path = Path(text)
    if path.suffix != suffix:
        raise argparse.ArgumentTypeError(f"{text!r} does not end in {suffix}")
    try:
        file_to_write(path)
    except OSError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return path

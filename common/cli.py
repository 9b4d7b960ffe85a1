"""The command line: the flags that scripts share, their refusals, and Ctrl-C.

Nothing here loads TensorFlow: `--help` and a wrong flag answer at once, with exit
status 0 and 2.
"""

import argparse
import io
import os
import sys
from pathlib import Path

from common.characters import read_question
from common.checks import is_integer
from common.saved import Unusable, read_about

LARGEST_SEED = 2**32 - 1
BUDGET = ("epochs", "seed", "runs", "jobs")  # the other sizes shape data and model
NOT_WITH_LOAD = ("epochs", "runs", "jobs", "save", "history", "plot")


def experiment_parser(doc, script, *, epochs, batch_size=None, alphabet=None):
    """A parser with the flags of every experiment.

    `doc`: the script's docstring, which becomes its help. `script`: its file, whose name
    is the experiment's in saved models. `epochs`, `batch_size`: the tutorial's, as
    defaults; without `batch_size` there is no such flag. `alphabet`: the symbols that
    the model reads, which must be those of a saved model, too.
    """
    parser = Parser(doc)
    parser.experiment, parser.alphabet = Path(script).stem, alphabet and "".join(alphabet)
    parser.add_size("--epochs", epochs, "training epochs, each on fresh data")
    if batch_size:
        parser.add_size(
            "--batch-size", batch_size, "rows a weight update; divides the rows"
        )
    parser.add_seeds()
    parser.add_size("--jobs", 1, "spread the seeds of --runs over so many processes")
    parser.add_file("--history", ".csv", "write loss and accuracy of every epoch")
    parser.add_file("--plot", ".png", "draw the learning curve, a line a seed")
    parser.add_file("--save", ".keras", "save the trained model (not with --runs)")
    parser.add_load()
    return parser


def comparison_parser(doc, *, epochs, plot=None):
    """A parser with the flags of every comparison of variants (in extensions/).

    `doc`: the script's docstring, which becomes its help. `epochs`: the default.
    `plot`: what --plot draws; without it there is no such flag.
    """
    parser = Parser(doc)
    parser.add_size("--epochs", epochs, "training epochs of each variant")
    parser.add_seeds()
    if plot:
        parser.add_file("--plot", ".png", f"draw {plot}")
    return parser


class Parser(argparse.ArgumentParser):
    """argparse with the kinds of flags that the scripts have: sizes, seeds, files."""

    def __init__(self, doc):
        doc = (doc or "").strip()
        super().__init__(
            usage="%(prog)s [flags]",
            description=doc,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )
        self.title = doc.split("\n")[0].rstrip(".")
        self.sizes = []  # the flags for integers
        self.experiment = self.alphabet = None

    def add_size(self, flag, default, help, *, dest=None, at_least=1, at_most=10**18):
        """A flag for an integer, or for as many as the tuple `default` has."""
        many = isinstance(default, tuple)
        shown = " ".join(map(str, default)) if many else default
        size = self.add_argument(
            flag,
            dest=dest,
            type=lambda text: _integer(text, at_least, at_most),
            nargs=len(default) if many else None,
            default=default,
            metavar="N",
            help=f"{help} (default {shown})",
        )
        self.sizes.append(size)

    def add_seeds(self):
        """Flags for the seeds to run, and for the file that keeps what each scored."""
        self.add_size("--seed", 1, "of weights and data", at_least=0, at_most=LARGEST_SEED)
        self.add_size("--runs", 1, "train with so many seeds, from --seed on, and compare")
        self.add_file("--scores", ".csv", "write the scores and the seconds of every seed")

    def add_file(self, flag, suffix, help):
        """A flag for a file to write, in a folder that exists."""
        self.add_argument(
            flag,
            type=lambda text: _writable(text, suffix),
            metavar=f"FILE{suffix}",
            help=help,
        )

    def add_load(self):
        """A flag for a saved model to score; the sizes come from its file."""
        self.add_argument(
            "--load",
            type=_readable,
            metavar="FILE.keras",
            help="score a model that --save wrote instead of training; it knows its sizes",
        )

    def parse_args(self, argv=None):
        """Parse; `seeds`, the range of seeds to run, and the plot's title come along,
        and `about`, what a saved model says about itself.

        With --load the sizes are those of the file.
        """
        unknown = {size.dest: None for size in self.sizes}
        args = super().parse_args(argv, argparse.Namespace(**unknown))
        known = self._said_by_file(args) if self.experiment and args.load else {}
        for size in self.sizes:
            if getattr(args, size.dest) is None:
                setattr(args, size.dest, known.get(size.dest, size.default))
        if self.experiment:
            shaping = {s.dest: getattr(args, s.dest) for s in self._shaping()}
            args.about = {
                "experiment": self.experiment,
                "seed": args.seed,
                "epochs": args.epochs,
                "sizes": shaping,
                "alphabet": self.alphabet,
            }
        if hasattr(args, "runs"):
            if args.seed + args.runs - 1 > LARGEST_SEED:
                self.error(f"--seed {args.seed} with --runs {args.runs}: beyond 2**32 - 1")
            if args.runs > 1 and getattr(args, "save", None):
                self.error("--save keeps one model: it does not go with --runs above 1")
            if args.runs > 1 and getattr(args, "ask", None):
                self.error("--ask asks one model: it does not go with --runs above 1")
            args.seeds = range(args.seed, args.seed + args.runs)
            args.plot_title = self.title
        return args

    def _shaping(self):
        return [size for size in self.sizes if size.dest not in BUDGET]

    def _said_by_file(self, args):
        """What the file of --load says; exit with 2 where that or a flag contradicts."""
        for name in NOT_WITH_LOAD:
            if getattr(args, name, None) is not None:
                self.error(f"--{name} does not go with --load, which trains nothing")
        try:
            about = read_about(args.load, self.experiment)
        except Unusable as error:
            self.error(error)
        damaged = f"{args.load} is damaged: it says"
        if about.get("alphabet") != self.alphabet:
            self.error(f"{args.load} has another alphabet than {self.alphabet!r}")
        known = {**about["sizes"], "seed": about.get("seed"), "epochs": about.get("epochs")}
        sizes = [size for size in self.sizes if size.dest not in ("runs", "jobs")]
        if known.keys() != {size.dest for size in sizes}:
            self.error(f"{damaged} something of {', '.join(known)}")
        for size in sizes:
            flag, value = size.option_strings[0], known[size.dest]
            if not _fits(size, value):
                self.error(f"{damaged} {flag} {str(value)[:40]}")
            given = getattr(args, size.dest)
            if given not in (None, value) and size.dest != "seed":
                given, value = (" ".join(map(str, _as_list(v))) for v in (given, value))
                self.error(f"{flag} {given}: {args.load} was trained with {value}")
        return known

    def add_questions(self, flag, help):
        """A flag for a question to the model; it can be repeated, and is still text."""
        self.add_argument(flag, action="append", metavar="SUM", help=help)

    def check_questions(self, questions, n_numbers, largest):
        """The terms of every sum asked; exit with 2 for one that training never showed."""
        try:
            return [read_question(text, n_numbers, largest) for text in questions or []]
        except ValueError as error:
            self.error(f"--ask {error}")

    def check_n_out(self, n_in, n_out):
        """Exit with 2 where the answer would be longer than the window."""
        if n_out > n_in:
            self.error(f"--n-out {n_out} is larger than --n-in {n_in}")

    def check_window(self, length, n_in):
        """The number of windows in a sequence; exit with 2 where there is none."""
        if length < n_in:
            self.error(f"--length {length} is shorter than --n-in {n_in}")
        return length - n_in + 1

    def check_batch_size(self, batch_size, rows):
        """Exit with 2, naming the sizes that fit, unless `batch_size` divides `rows`."""
        if rows % batch_size:
            small = [n for n in range(1, min(rows, 10**4) + 1) if rows % n == 0]
            sizes = sorted({*small, *[rows // n for n in small]})
            listed = ", ".join(map(str, sizes[:40])) + (", ..." if len(sizes) > 40 else "")
            self.error(
                f"--batch-size {batch_size} does not divide the {rows} rows of an epoch; "
                f"these sizes do: {listed}"
            )

    def error(self, message):
        """One line on standard error, exit status 2."""
        self.exit(2, f"{self.prog}: error: {message} (--help shows the flags)\n")


def run(main):
    """Run a script's `main` and exit; Ctrl-C ends it with one line and status 130."""
    for stream in (sys.stdin, sys.stdout):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # Keras draws lines; not all can show them
    try:
        main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        _leave(130, "Interrupted.")
    except BrokenPipeError:  # the reader, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(1)
    except Unusable as error:
        _leave(2, f"{Path(sys.argv[0]).name}: error: {error}")
    except (MemoryError, OSError) as error:
        _leave(1, f"error: {error or 'out of memory'}")
    except Exception as error:
        if type(error).__name__ == "TerminatedWorkerError":  # joblib's
            _leave(1, "error: a process of --jobs was killed, for want of memory perhaps")
        if type(error).__name__ != "ResourceExhaustedError":  # TensorFlow's MemoryError
            raise
        _leave(1, "error: out of memory: the sizes asked for are too large")


def _leave(status, message=None):
    if message and sys.stderr is not None:
        clear = "\r\x1b[K" if sys.stderr.isatty() else ""  # the line that shows progress
        print(clear + message, file=sys.stderr)
    raise SystemExit(status)


def _integer(text, at_least, at_most):
    try:
        value = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is not an integer") from None
    if not at_least <= value <= at_most:
        limit = f"at least {at_least}" if value < at_least else f"at most {at_most}"
        raise argparse.ArgumentTypeError(f"must be {limit}, not {text[:40]}")
    return value


def _fits(size, value):
    """Whether the value in a file is one that the flag `size` would take."""
    if isinstance(value, list) != bool(size.nargs):
        return False
    values = _as_list(value)
    try:
        right = all(is_integer(v) and size.type(str(v)) == v for v in values)
    except argparse.ArgumentTypeError:
        return False
    return right and len(values) == (size.nargs or 1)


def _as_list(value):
    return value if isinstance(value, list) else [value]


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
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is a folder")
    if not path.parent.is_dir():
        raise argparse.ArgumentTypeError(f"there is no folder {str(path.parent)!r}")
    if not os.access(path.parent, os.W_OK):
        raise argparse.ArgumentTypeError(f"the folder {str(path.parent)!r} is not writable")
    return path

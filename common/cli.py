"""The command line: the flags that scripts share, their refusals, and Ctrl-C.

Nothing here loads TensorFlow: `--help` and a wrong flag answer at once, with exit
status 0 and 2.
"""

import argparse
import io
import os
import sys
from pathlib import Path

LARGEST_SEED = 2**32 - 1


def experiment_parser(doc, *, epochs, batch_size=None):
    """A parser with the flags of every experiment.

    `doc`: the script's docstring, which becomes its help. `epochs`, `batch_size`: the
    tutorial's, as defaults; without `batch_size` there is no such flag.
    """
    parser = Parser(doc)
    parser.add_size("--epochs", epochs, "training epochs, each on fresh data")
    if batch_size:
        parser.add_size(
            "--batch-size", batch_size, "rows a weight update; divides the rows"
        )
    parser.add_seeds()
    parser.add_file("--history", ".csv", "write loss and accuracy of every epoch")
    parser.add_file("--plot", ".png", "draw the learning curve, a line a seed")
    parser.add_file("--save", ".keras", "save the trained model (not with --runs)")
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

    def add_size(self, flag, default, help, *, dest=None, at_least=1, at_most=10**18):
        """A flag for an integer, or for as many as the tuple `default` has."""
        many = isinstance(default, tuple)
        shown = " ".join(map(str, default)) if many else default
        self.add_argument(
            flag,
            dest=dest,
            type=lambda text: _integer(text, at_least, at_most),
            nargs=len(default) if many else None,
            default=default,
            metavar="N",
            help=f"{help} (default {shown})",
        )

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

    def parse_args(self, argv=None, namespace=None):
        """Parse; `seeds`, the range of seeds to run, and the plot's title come along."""
        args = super().parse_args(argv, namespace)
        if hasattr(args, "runs"):
            if args.seed + args.runs - 1 > LARGEST_SEED:
                self.error(f"--seed {args.seed} with --runs {args.runs}: beyond 2**32 - 1")
            if args.runs > 1 and getattr(args, "save", None):
                self.error("--save keeps one model: it does not go with --runs above 1")
            args.seeds = range(args.seed, args.seed + args.runs)
            args.plot_title = self.title
        return args

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
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # Keras draws lines; not all can show them
    try:
        main()
        sys.stdout.flush()
    except KeyboardInterrupt:
        _leave(130, "Interrupted.")
    except BrokenPipeError:  # the reader, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        _leave(1)
    except (MemoryError, OSError) as error:
        _leave(1, f"error: {error or 'out of memory'}")
    except Exception as error:
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

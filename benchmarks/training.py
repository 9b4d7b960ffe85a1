"""How much faster than the tutorials' way? One `fit` call an epoch against `train`.

Each experiment is trained twice at the tutorial's budget: same model, same initial
weights, same data, first with `model.fit` as in the tutorials, then with
`common.training.train`, compilation included in both. The final losses tell whether
they computed the same.

    python benchmarks/training.py
    python benchmarks/training.py --shorten 10

About 12 minutes, of which `fit` takes 11; --shorten divides the epochs, and shows
lower ratios, since compilation weighs more.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole
from common import cli
from common.results import Comparison

EXPERIMENTS = {
    "addition_mlp": addition_mlp,
    "addition_lstm_regression": addition_lstm_regression,
    "addition_seq2seq": addition_seq2seq,
    "echo_whole": echo_whole,
    "echo_partial": echo_partial,
}


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_size("--shorten", 1, "divide the epochs by this")
    parser.add_size("--seed", 1, "of weights and data", at_least=0, at_most=2**32 - 1)
    parser.add_file("--scores", ".csv", "write the figures")
    args = parser.parse_args(argv)
    args.runs = 1
    return args


def fit_every_epoch(model, epoch_data, epochs, batch_size):
    """The tutorials' loop; returns the last epoch's loss."""
    for _ in range(epochs):
        X, y = epoch_data()
        history = model.fit(X, y, batch_size=batch_size, shuffle=False, verbose=0)
        for layer in model.layers:
            if getattr(layer, "stateful", False):
                layer.reset_state()
    return history.history["loss"][-1]


def train_compiled(model, epoch_data, epochs, batch_size):
    from common.training import train

    return train(model, epoch_data, epochs, batch_size)["loss"][-1]


def timed(train, script, args, seed):
    """Seconds and final loss of training a script's model from scratch with `train`."""
    from common.training import initialize

    model = script.build_model(args)
    initialize(model, seed)
    draw = getattr(script, "examples", None) or script.sequence
    batch_size = getattr(args, "batch_size", None) or args.rows
    rng = random.Random(seed)
    began = time.perf_counter()
    loss = train(model, lambda: draw(args, rng), args.epochs, batch_size)
    return time.perf_counter() - began, loss


def main(argv=None):
    args = parse_args(argv)
    comparison = Comparison(args, tested_on="the same models, data and budgets")
    for name, script in EXPERIMENTS.items():
        defaults = script.parse_args([])
        defaults.epochs = max(1, defaults.epochs // args.shorten)
        fit_seconds, fit_loss = timed(fit_every_epoch, script, defaults, args.seed)
        seconds, loss = timed(train_compiled, script, defaults, args.seed)
        figures = {
            "epochs": defaults.epochs,
            "fit s": round(fit_seconds, 1),
            "train s": round(seconds, 2),
            "ratio": round(fit_seconds / seconds, 1),
            "fit's loss": fit_loss,
            "train's loss": loss,
        }
        comparison.add(
            name, args.seed, script.build_model(defaults).count_params(), figures
        )
    comparison.write()


if __name__ == "__main__":
    cli.run(main)

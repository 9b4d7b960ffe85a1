"""How much faster than Keras's `fit`? The tutorials' loop, a single `fit`, and `train`.

Each experiment is trained three times at the tutorial's budget: same model, same initial
weights, same data, compilation included:

- "fit": the script's `fit_epochs`, one call of `model.fit` per epoch, as in the tutorials;
- "one fit": one call for all epochs, over a tf.data pipeline, compiled by XLA
  (`jit_compile`), with all batches of an epoch in one step (`steps_per_execution`): what
  Keras offers for this;
- "train": `common.training.train`.

The final losses tell whether they computed the same.

    python -m benchmarks.training
    python -m benchmarks.training --shorten 10

About 12 minutes, most of it `fit`. --shorten divides the epochs, and shows lower ratios,
since compilation weighs more.
"""

import contextlib
import dataclasses
import io
import sys
import time

from common.backend import keras, tf
from common.runner import cli
from common.runner.rows import make_header, write_rows
from common.runner.tables import print_table, score_text
from common.settings import BaseSettings
from common.training import reset_states, train
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole

SCRIPTS = [
    addition_mlp,
    addition_lstm_regression,
    addition_seq2seq,
    echo_whole,
    echo_partial,
]


@dataclasses.dataclass(frozen=True)
class Settings(BaseSettings):
    shorten: int = 1  # divide the epochs by this


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_settings(Settings)
    parser.add_seed()
    parser.add_file("--scores", ".csv", "write the figures")
    return parser.parse_args(argv)


def fit_once(model, epoch_data, epochs, batch_size):
    """One `fit` over a pipeline of all epochs' batches; returns the last epoch's loss."""
    first = epoch_data()
    n_batches = len(first[0]) // batch_size

    def batches():
        for epoch in range(epochs):
            X, y = epoch_data() if epoch else first
            for start in range(0, len(X), batch_size):
                rows = slice(start, start + batch_size)
                yield X[rows].astype("float32"), y[rows].astype("float32")

    shapes = [tf.TensorSpec((batch_size, *part.shape[1:])) for part in first]
    data = tf.data.Dataset.from_generator(batches, output_signature=tuple(shapes))
    metrics = ["accuracy"] if "categorical" in model.loss else None
    model.compile(
        loss=model.loss,
        optimizer="adam",
        metrics=metrics,
        jit_compile=True,
        steps_per_execution=n_batches,
    )
    reset = keras.callbacks.LambdaCallback(on_epoch_begin=lambda *_: reset_states(model))
    history = model.fit(
        data.prefetch(tf.data.AUTOTUNE),
        epochs=epochs,
        steps_per_epoch=n_batches,
        callbacks=[reset],
        shuffle=False,
        verbose=0,
    )
    return history.history["loss"][-1]


def timed(way, script, settings, seed):
    """Seconds, final loss and parameters of a script's training, in one way or another."""
    seconds = []

    def train_timed(*arguments):
        began = time.perf_counter()
        loss = way(*arguments)
        seconds.append(time.perf_counter() - began)
        return loss

    with contextlib.redirect_stdout(io.StringIO()):
        model, loss = script.run(settings, seed, train=train_timed)
    return seconds[0], loss, model.count_params()


def main(argv=None):
    args = parse_args(argv)
    rows = []

    def compiled(*arguments):
        return train(*arguments)["loss"][-1]

    for script in SCRIPTS:
        defaults = script.Settings()
        epochs = max(1, defaults.epochs // args.settings.shorten)
        settings = dataclasses.replace(defaults, epochs=epochs)

        def fit_every_epoch(model, *rest, fit_epochs=script.fit_epochs):
            fit_epochs(model, *rest)
            return model.history.history["loss"][-1]

        fit, fit_loss, parameters = timed(fit_every_epoch, script, settings, args.seed)
        once, once_loss, _ = timed(fit_once, script, settings, args.seed)
        ours, loss, _ = timed(compiled, script, settings, args.seed)
        row = {"script": script.__name__, "parameters": parameters, "epochs": epochs}
        row |= {"fit s": round(fit, 1), "one fit s": round(once, 2)}
        row |= {"train s": round(ours, 2), "fit / train": round(fit / ours, 1)}
        row |= {"one fit / train": round(once / ours, 1), "fit's loss": fit_loss}
        row |= {"one fit's loss": once_loss, "train's loss": loss}
        rows.append(row)
        print(f"{script.__name__} measured", file=sys.stderr, flush=True)
    texts = [[row["script"], *map(score_text, [*row.values()][1:])] for row in rows]
    print_table([[*rows[0]], *texts])
    if args.scores:
        header = make_header(__file__, args.settings, globals())
        write_rows(args.scores, header, rows)


if __name__ == "__main__":
    cli.run(main)

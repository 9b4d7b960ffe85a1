"""Too many integers for one-hot: does an embedding work, and what does it cost?

Tutorial B's comments ask about 70,000 distinct integers. The whole echo (5 of 5) of
integers as they are, through an Embedding layer and with the sparse cross-entropy, beside
one-hot where both fit: with 100 and 1,000 distinct integers. The learning rate is 0.01;
with 10,000 integers Adam's default is tried as well. With 70,000 an update is of 20
windows, not 100, which have 35 million probabilities, 140 MB; each integer is seen 5
times in 700 epochs, each of 10,000 in 400 epochs 20 times.

    python -m extensions.echo_embedding --runs 10

An epoch is 100 new windows; kilobytes are those of its X and y.
"""

from dataclasses import dataclass
from random import Random

import numpy as np

from common.backend import keras
from common.onehot import one_hot_encode
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score, score_echoes
from common.settings import BaseSettings
from common.training import predict, train
import echo_whole
from extensions.tools.windows import draw_windows

TUTORIAL = echo_whole.Settings()
ROWS = 100  # windows in an epoch, each of a sequence of its own: all integers are new
N_TEST = 20  # times 100 windows
FEWER_ROWS = 20  # windows per weight update, of 70,000 integers; else all of an epoch
KILOBYTES = Score("Kilobytes", kind="number")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: tuple = (400, 700)  # training epochs; the second number is for 70,000 integers
    units: int = 64  # units of the LSTM and of the embedding


@dataclass(frozen=True)
class Variant:
    n_unique: int  # distinct integers
    embedding: bool  # or one-hot
    rate: float = 0.01  # at which Adam learns
    large: bool = False  # whether it has smaller batches and more epochs

    @property
    def batch_size(self):
        return FEWER_ROWS if self.large else ROWS


VARIANTS = {
    "100, one-hot": Variant(100, False),
    "100, embedding": Variant(100, True),
    "1,000, one-hot": Variant(1000, False),
    "1,000, embedding": Variant(1000, True),
    "10,000, embedding": Variant(10_000, True),
    "10,000, embedding, default rate": Variant(10_000, True, rate=0.001),
    "70,000, embedding": Variant(70_000, True, large=True),
}


def examples(variant, rng):
    sizes = {"n_sequences": ROWS, "length": TUTORIAL.n_in, "n_unique": variant.n_unique}
    X, y = draw_windows(TUTORIAL.n_in, TUTORIAL.n_in, **sizes, rng=rng)
    if variant.embedding:
        return X.astype(np.int32), y.astype(np.int32)  # (rows, n_in)
    return one_hot_encode(X, variant.n_unique), one_hot_encode(y, variant.n_unique)


def build_model(variant, units):
    """The tutorial's LSTM, with an output every timestep."""
    model = keras.Sequential()
    if variant.embedding:
        model.add(keras.Input((TUTORIAL.n_in,), dtype="int32"))
        # in place of each integer a vector of its own, which is learned: (100, 5, 64)
        model.add(keras.layers.Embedding(variant.n_unique, units))
    else:
        model.add(keras.Input((TUTORIAL.n_in, variant.n_unique)))
    model.add(keras.layers.LSTM(units, return_sequences=True))
    model.add(keras.layers.Dense(variant.n_unique, activation="softmax"))
    kind = "sparse_" if variant.embedding else ""
    optimizer = keras.optimizers.Adam(variant.rate)
    model.compile(loss=f"{kind}categorical_crossentropy", optimizer=optimizer)
    return model


def echo(model, variant):
    """Expected and predicted integers; decoded a few at a time, to save memory."""
    rng, pairs = Random("test set"), []
    for _ in range(N_TEST):
        X, y = examples(variant, rng)
        parts = np.split(X, ROWS // variant.batch_size)
        expected = y if variant.embedding else y.argmax(axis=-1)
        predicted = [predict(model, part).argmax(axis=-1) for part in parts]
        pairs.append((expected, np.concatenate(predicted)))
    return map(np.concatenate, zip(*pairs))


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score its echoes of new windows."""
    rng, epochs = Random(seed), settings.epochs[variant.large]
    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.units)
    history = train(model, lambda: examples(variant, rng), epochs, variant.batch_size)
    scores = score_echoes(*echo(model, variant))
    one_epoch = examples(variant, Random(seed))
    scores[KILOBYTES] = sum(array.nbytes for array in one_epoch) / 1000
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST * ROWS:,} new windows"
experiment = Comparison(__doc__, Settings, VARIANTS, run, TESTED_ON)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

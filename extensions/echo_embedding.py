"""Too many integers for one-hot: what does a learned embedding cost, and does it learn?

Tutorial B: its comments ask about inputs too large for one-hot. The whole echo (5 of 5)
of integers as they are, through an Embedding layer and with the sparse cross-entropy,
beside one-hot where both fit: with 100 and with 1,000 distinct integers. With 10,000 an
epoch of one-hot data would be 40 MB; there the embedding goes alone, with a learning
rate of 0.01, as all the others, and with Adam's default of 0.001.

    python extensions/echo_embedding.py --runs 3

About a minute and a half for one seed. An epoch is one batch of 100 new windows;
kilobytes are those of its X and y.
"""

import random
import sys
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.engine import kept
from common.onehot import one_hot_encode
from common.scores import score_echoes
from common.settings import BaseSettings
from common.training import predict, train_from_seed
from common.windows import draw_windows

N_IN = 5
ROWS = 100  # windows in an epoch, each of a sequence of its own: all integers are new
N_TEST = 20  # times 100 windows
RATE = 0.01  # of Adam
KILOBYTES = "Kilobytes"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 400  # training epochs of each variant
    units: int = 64  # units of the LSTM and of the embedding


@dataclass(frozen=True)
class Variant:
    n_unique: int  # distinct integers
    embedding: bool  # or one-hot
    rate: float = RATE  # at which Adam learns


VARIANTS = {
    "100, one-hot": Variant(100, False),
    "100, embedding": Variant(100, True),
    "1,000, one-hot": Variant(1000, False),
    "1,000, embedding": Variant(1000, True),
    "10,000, embedding": Variant(10_000, True),
    "10,000, embedding, default rate": Variant(10_000, True, rate=0.001),
}


def examples(variant, rng):
    sizes = {"n_sequences": ROWS, "length": N_IN, "n_unique": variant.n_unique}
    X, y = draw_windows(N_IN, N_IN, **sizes, rng=rng)
    if variant.embedding:
        return X.astype(np.int32), y.astype(np.int32)  # (rows, n_in)
    return one_hot_encode(X, variant.n_unique), one_hot_encode(y, variant.n_unique)


@kept
def build_model(variant, units):
    """The tutorial's LSTM, with an output every timestep."""
    model = keras.Sequential()
    if variant.embedding:
        model.add(keras.Input((N_IN,), dtype="int32"))
        # in place of each integer a vector of its own, which is learned: (100, 5, 64)
        model.add(keras.layers.Embedding(variant.n_unique, units))
    else:
        model.add(keras.Input((N_IN, variant.n_unique)))
    # unrolled: trains faster
    model.add(keras.layers.LSTM(units, return_sequences=True, unroll=True))
    model.add(keras.layers.Dense(variant.n_unique, activation="softmax"))
    kind = "sparse_" if variant.embedding else ""
    optimizer = keras.optimizers.Adam(variant.rate)
    model.compile(loss=f"{kind}categorical_crossentropy", optimizer=optimizer)
    return model


def echo(model, variant):
    """Expected and predicted integers; decoded 100 at a time, to save memory."""
    rng, pairs = random.Random("test set"), []
    for _ in range(N_TEST):
        X, y = examples(variant, rng)
        expected = y if variant.embedding else y.argmax(axis=-1)
        pairs.append((expected, predict(model, X).argmax(axis=-1)))
    return map(np.concatenate, zip(*pairs))


def run(settings, variant, seed):
    """Train one variant with one seed, and score its echoes of new windows."""
    model = build_model(variant, settings.units)
    epoch_data = partial(examples, variant)
    history = train_from_seed(model, seed, epoch_data, settings.epochs, ROWS)
    scores = score_echoes(*echo(model, variant))
    one_epoch = examples(variant, random.Random(seed))
    scores[KILOBYTES] = sum(array.nbytes for array in one_epoch) / 1000
    return Run(model, history, scores)


TESTED_ON = f"{N_TEST * ROWS} new windows"
experiment = Comparison(__file__, __doc__, Settings, VARIANTS, run, TESTED_ON)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""What does attention add to the echo: of 2 of 5 integers, of all 50, and backwards?

Tutorial B, a reader's question. The encoder-decoder as in the tutorial (RepeatVector), and
with attention: the decoder's LSTM makes a query for each integer of the answer, learned
positions are added to the queries and to the encoder's states, and `Attention` fetches
those states. Attention usually goes with an encoder that reads in both directions; on
short sequences both are also tried without the other. All train on 5,000 batches of one
new sequence, or of 21, as many as the tutorial has windows; sequences of 50 on 2,000
batches of 64. Echoed are 2 of 5 integers, then, as another reader wishes, 5 in reverse
order, then whole sequences of 50. No test sequence is drawn in training.

The author's later figures, 23 % without attention and 96 % with it, are for another task:
the answer to 5 integers out of 50 is the first two and three zeros. There the encoder reads
in one direction, and additive attention (Bahdanau, 2015) is in a decoder that starts from
the first encoder state and reads what it wrote last. That task and that decoder are here,
too.

    python extensions/echo_attention.py --runs 5 --map attention.png
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
from common.heldout import draw_around, draw_distinct
from common.plots import attention_weights, plot_attention
from common.scores import EXACT, print_wrong, score_echoes
from common.settings import BaseSettings
from common.training import predict, train_from_seed

LONG = 10  # integers; longer ones are left to the first decoder and to the last
N_TEST = 1000


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 50  # training epochs of each variant


@dataclass(frozen=True)
class Task:
    n_in: int  # integers read
    n_out: int  # integers of the answer, from the first; or from the last
    n_unique: int  # distinct ones
    batch_size: int  # new sequences per weight update
    n_batches: int  # per epoch
    units: int  # of encoder and decoder
    step: int = 1  # -1: from the last to the first
    zeros: int = 0  # behind the answer


@dataclass(frozen=True)
class Decoder:
    attention: str | None  # beside RepeatVector; "additive" instead of it
    both_directions: bool  # in which the encoder reads


TASKS = {
    "2 of 5, batches of 1": Task(5, 2, 50, 1, 100, 150),
    "2 of 5 and three zeros, batches of 1": Task(5, 2, 50, 1, 100, 150, zeros=3),
    "2 of 5, batches of 21": Task(5, 2, 100, 21, 100, 150),
    "5 reversed, batches of 1": Task(5, 5, 50, 1, 100, 150, step=-1),
    "5 reversed, batches of 21": Task(5, 5, 100, 21, 100, 150, step=-1),
    "50 of 50": Task(50, 50, 100, 64, 40, 64),
    "50 reversed": Task(50, 50, 100, 64, 40, 64, step=-1),
}
DECODERS = {
    "RepeatVector": Decoder(None, both_directions=False),
    "RepeatVector, both directions": Decoder(None, both_directions=True),
    "attention, one direction": Decoder("dot product", both_directions=False),
    "additive attention, one direction": Decoder("additive", both_directions=False),
    "attention": Decoder("dot product", both_directions=True),
}
FIRST, *_, LAST = DECODERS
SHOWN = f"50 reversed, {LAST}"


def variants(settings):
    return {
        f"{task}, {decoder}": (TASKS[task], DECODERS[decoder])
        for task in TASKS
        for decoder in DECODERS
        if TASKS[task].n_in < LONG or decoder in (FIRST, LAST)
    }


def draw(task, rng, n):
    return [tuple(rng.choices(range(task.n_unique), k=task.n_in)) for _ in range(n)]


def echo(task, X):
    answer = X[:, :: task.step][:, : task.n_out]
    return np.pad(answer, ((0, 0), (0, task.zeros)))


@kept
def build_model(n_in, n_out, n_unique, units, decoder):
    """The tutorial's encoder-decoder; what it is given by attention goes to its output."""
    from common.layers import AddPositions

    layers, unroll = keras.layers, n_in <= 20  # short ones train faster unrolled
    sequence = keras.Input((n_in,), dtype="int32")
    one_hot = layers.Embedding(n_unique, n_unique, "identity", trainable=False)
    kinds = {"return_sequences": True, "unroll": unroll}
    if decoder.both_directions:
        encoder = layers.Bidirectional(
            layers.LSTM(units // 2, return_state=True, **kinds)  # half of them each way
        )
        encoded, forward, _, backward, _ = encoder(one_hot(sequence))
        final = layers.Concatenate()([forward, backward])
    else:
        encoder = layers.LSTM(units, return_state=True, **kinds)
        encoded, final, _ = encoder(one_hot(sequence))  # (samples, n_in, units)
    if decoder.attention == "additive":
        return compiled(sequence, additive(encoded, n_out, n_unique, units))
    repeated = layers.RepeatVector(n_out)(final)  # (samples, n_out, units)
    decoded = layers.LSTM(units, **kinds)(repeated)
    if decoder.attention:
        fetched, _ = layers.Attention(use_scale=True, name="attention")(
            [AddPositions()(decoded), encoded, AddPositions()(encoded)],
            return_attention_scores=True,  # queries, values, keys
        )
        decoded = layers.Concatenate()([decoded, fetched])  # (samples, n_out, 2 * units)
    return compiled(sequence, layers.Dense(n_unique, activation="softmax")(decoded))


def additive(encoded, n_out, n_unique, units):
    """What a decoder with additive attention writes: (samples, n_out, n_unique)."""
    layers, ops = keras.layers, keras.ops
    query, key, score = layers.Dense(units), layers.Dense(units), layers.Dense(1)
    cell, output = layers.GRUCell(units), layers.Dense(n_unique, activation="softmax")
    keys = key(encoded)  # (samples, n_in, units)
    state = layers.Dense(units, activation="tanh")(encoded[:, 0])  # (samples, units)
    written, steps = ops.zeros((1, n_unique)) * encoded[:, 0, :1], []  # nothing, at first
    for _ in range(n_out):
        scores = score(ops.tanh(keys + query(state)[:, None]))  # (samples, n_in, 1)
        context = ops.sum(ops.softmax(scores, axis=1) * encoded, axis=1)
        state, _ = cell(ops.concatenate([written, context], axis=-1), [state])
        written = output(ops.concatenate([state, context], axis=-1))
        steps.append(written)
    return ops.stack(steps, axis=1)


def compiled(sequence, answer):
    model = keras.Model(sequence, answer)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on sequences never drawn."""
    task, decoder = variant
    test_rng = random.Random("test set")
    test_set = draw_distinct(N_TEST, partial(draw, task, test_rng), same=tuple)
    held_out, X = set(test_set), np.array(test_set)
    model = build_model(
        task.n_in, task.n_out + task.zeros, task.n_unique, task.units, decoder
    )

    def epoch_data(rng):
        n = task.n_batches * task.batch_size
        new = draw_around(held_out, n, partial(draw, task, rng), same=tuple)
        return np.array(new), echo(task, np.array(new))

    history = train_from_seed(model, seed, epoch_data, settings.epochs, task.batch_size)
    expected, predicted = echo(task, X), predict(model, X).argmax(axis=-1)
    shown = None
    if variant == variants(settings).get(SHOWN):
        shown = X, expected, predicted, attention_weights(model, X[:1])[0]
    return Run(model, history, score_echoes(expected, predicted), shown)


def show(shown, args):
    """Wrong answers, and where the attention looks in the first test sequence."""
    X, expected, predicted, weights = shown
    questions = (" ".join(map(str, row)) for row in X)
    print_wrong(f"{SHOWN}, seed {args.seed}", questions, expected, predicted)
    if args.map:
        plot_attention(args.map, weights, X[0], predicted[0], f"{SHOWN}: one sequence")


def finding(results, settings):
    for task in TASKS:
        means = [results.mean(f"{task}, {name}", EXACT) for name in (FIRST, LAST)]
        print(f"Finding: {task}: {FIRST} {means[0]:.1%}, {LAST} {means[1]:.1%}.")


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    variants,
    run,
    f"{N_TEST} new sequences",
    finding=finding,
    show=(SHOWN, show),
    map="where the attention looks in one sequence",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

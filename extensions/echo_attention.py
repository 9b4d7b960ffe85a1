"""What does attention add to the echo: of 2 of 5 integers, of all 50, and backwards?

Tutorial B, a reader's question. The encoder-decoder as in the tutorial (RepeatVector), and
with attention: the decoder's LSTM makes a query for each integer of the answer, learned
positions are added to the queries and to the encoder's states, and `Attention` fetches
those states. Attention usually goes with an encoder that reads in both directions; each is
also tried without the other. Short sequences train on 5,000 batches of 1, or of 21, as many
as the tutorial has windows; those of 50 on 2,000 of 64. No test sequence is drawn in
training.

The author's later figures, 23 % without attention and 96 % with it, are for another task:
the answer to 5 integers out of 50 is the first two and three zeros. There the encoder reads
in one direction, and additive attention (Bahdanau, 2015) is in a decoder that starts from
the first encoder state and reads what it wrote last. Both are here, too.

    python -m extensions.echo_attention --runs 5 --map attention.png
"""

import random
from dataclasses import dataclass
from functools import partial

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_attention
from common.scores import print_wrong, score_echoes
from common.settings import BaseSettings
from common.training import cache_models, predict, train_from_seed
from extensions.tools.heldout import draw_around, draw_distinct
from extensions.tools.scoring import attention_weights

N_TEST = 1000
THREE_ZEROS, REVERSED = "2 of 5 and three zeros, batches of 1", "5 reversed, batches of 21"
ADDITIVE = "additive attention, one direction"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 50  # training epochs of each variant


@dataclass(frozen=True)
class Echo:
    n_in: int  # integers read
    n_out: int  # integers of the answer, from the first; or from the last
    n_unique: int  # distinct ones
    batch_size: int  # new sequences per weight update
    n_batches: int  # per epoch
    units: int  # of encoder and decoder
    step: int = 1  # -1: from the last to the first
    zeros: int = 0  # behind the answer

    def draw(self, rng, n):
        return [tuple(rng.choices(range(self.n_unique), k=self.n_in)) for _ in range(n)]

    def echo(self, X):
        answer = X[:, :: self.step][:, : self.n_out]
        return np.pad(answer, ((0, 0), (0, self.zeros)))  # (samples, n_out + zeros)


@dataclass(frozen=True)
class Network:
    attention: str | None = None  # "dot", beside RepeatVector; "additive", in its place
    both_directions: bool = False  # in which the encoder reads


TASKS = {
    "2 of 5, batches of 1": Echo(5, 2, 50, 1, 100, 150),
    THREE_ZEROS: Echo(5, 2, 50, 1, 100, 150, zeros=3),
    "2 of 5, batches of 21": Echo(5, 2, 100, 21, 100, 150),
    "5 reversed, batches of 1": Echo(5, 5, 50, 1, 100, 150, step=-1),
    REVERSED: Echo(5, 5, 100, 21, 100, 150, step=-1),
    "50 of 50": Echo(50, 50, 100, 64, 40, 64),
    "50 reversed": Echo(50, 50, 100, 64, 40, 64, step=-1),
}
NETWORKS = {
    "RepeatVector": Network(),
    "RepeatVector, both directions": Network(both_directions=True),
    "attention, one direction": Network("dot"),
    ADDITIVE: Network("additive"),
    "attention, both directions": Network("dot", both_directions=True),
}
VARIANTS = {
    f"{name}, {kind}": (task, network)
    for name, task in TASKS.items()
    for kind, network in NETWORKS.items()
    if task.n_in < 50 or kind != ADDITIVE
}
COMPARES = (
    (f"{THREE_ZEROS}, {ADDITIVE}", f"{THREE_ZEROS}, RepeatVector"),
    (f"2 of 5, batches of 1, {ADDITIVE}", "2 of 5, batches of 1, RepeatVector"),
    (f"{REVERSED}, RepeatVector", f"{REVERSED}, RepeatVector, both directions"),
    *(
        (f"{task}, {first}", f"{task}, {second}")
        for task in (
            "2 of 5, batches of 1",
            "2 of 5, batches of 21",
            "50 of 50",
            "50 reversed",
        )
        for first, second in (
            ("attention, one direction", "RepeatVector"),
            ("attention, both directions", "RepeatVector, both directions"),
        )
    ),
)
SHOWN = "50 reversed, attention, both directions"


@cache_models
def build_model(task, network):
    """The tutorial's encoder-decoder; what it is given by attention goes to its output."""
    from extensions.tools.positions import AddPositions

    layers, units, n_steps = keras.layers, task.units, task.n_out + task.zeros
    sequence = keras.Input((task.n_in,), dtype="int32")
    one_hot = layers.Embedding(task.n_unique, task.n_unique, "identity", trainable=False)
    # short ones are unrolled: they train faster
    options = {"return_sequences": True, "unroll": task.n_in < 50}
    if network.both_directions:
        half = layers.LSTM(units // 2, return_state=True, **options)  # of them each way
        encoded, forward, _, backward, _ = layers.Bidirectional(half)(one_hot(sequence))
        final = layers.Concatenate()([forward, backward])
    else:
        encoder = layers.LSTM(units, return_state=True, **options)
        encoded, final, _ = encoder(one_hot(sequence))  # (samples, n_in, units)
    output = layers.Dense(task.n_unique, activation="softmax")
    if network.attention == "additive":
        answer = decode_additively(encoded, n_steps, units, output)
    else:
        repeated = layers.RepeatVector(n_steps)(final)
        decoded = layers.LSTM(units, **options)(repeated)  # (samples, n_steps, units)
        if network.attention == "dot":
            fetched, _ = layers.Attention(use_scale=True, name="attention")(
                [AddPositions()(decoded), encoded, AddPositions()(encoded)],
                return_attention_scores=True,  # queries, values, keys
            )
            decoded = layers.Concatenate()([decoded, fetched])  # twice the units
        answer = output(decoded)
    model = keras.Model(sequence, answer)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def decode_additively(encoded, n_steps, units, output):
    """What a decoder with additive attention writes: (samples, n_steps, n_unique)."""
    layers, ops = keras.layers, keras.ops
    query, key, score = layers.Dense(units), layers.Dense(units), layers.Dense(1)
    cell, keys = layers.GRUCell(units), key(encoded)  # (samples, n_in, units)
    state = layers.Dense(units, activation="tanh")(encoded[:, 0])  # (samples, units)
    written, steps = ops.zeros((1, output.units)) * encoded[:, 0, :1], []  # nothing yet
    for _ in range(n_steps):
        scores = score(ops.tanh(keys + query(state)[:, None]))  # (samples, n_in, 1)
        context = ops.sum(ops.softmax(scores, axis=1) * encoded, axis=1)
        state, _ = cell(ops.concatenate([written, context], axis=-1), [state])
        written = output(ops.concatenate([state, context], axis=-1))
        steps.append(written)
    return ops.stack(steps, axis=1)


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on sequences never drawn."""
    task, network = variant
    test_rng = random.Random("test set")
    test_set = draw_distinct(N_TEST, partial(task.draw, test_rng), same=tuple)
    held_out = {*test_set}
    n_new = task.n_batches * task.batch_size  # per epoch

    def epoch_data(rng):
        new = draw_around(held_out, n_new, partial(task.draw, rng), same=tuple)
        return np.array(new), task.echo(np.array(new))

    model = build_model(task, network)
    history = train_from_seed(model, seed, epoch_data, settings.epochs, task.batch_size)
    X = np.array(test_set)
    expected, predicted = task.echo(X), predict(model, X).argmax(axis=-1)
    shown = None
    if variant == VARIANTS[SHOWN]:
        shown = X, expected, predicted, attention_weights(model, X[:1])[0]
    return Run(model, history, score_echoes(expected, predicted), shown)


def show(shown, args):
    """Wrong answers, and where the attention looks in the first test sequence."""
    X, expected, predicted, weights = shown
    questions = (" ".join(map(str, row)) for row in X)
    print_wrong(f"{SHOWN}, seed {args.seed}", questions, expected, predicted)
    if args.map:
        plot_attention(args.map, weights, X[0], predicted[0], f"{SHOWN}: one sequence")


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} new sequences",
    compares=COMPARES,
    show=(SHOWN, show),
    map="where the attention looks in one sequence",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

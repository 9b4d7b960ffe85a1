"""Does attention learn to add, three digits and ten, where RepeatVector does not?

Tutorial A, from its comments: attention. The decoder reads the encoder's output at every
step, whole (RepeatVector), or what it attends to: an LSTM over the encoder's final state,
repeated, makes a query for each digit of the answer, to which learned positions are added
as they are to the encoder's states; `Attention` fetches what answers them; a second LSTM
reads queries and what was fetched. RepeatVector has more units, to have as many
parameters, and the same sums. Both read and write the least significant digit first, as
one adds on paper, or as one writes; the terms are filled up with zeros. The sums are new
ones, half of them of terms of any length; or the same 45,000 in every epoch. No test
pair, in either order, is drawn in training.

    python extensions/addition_attention.py --runs 3 --map attention.png
"""

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.backend import keras
from common.comparisons import Comparison, Run
from common.digits import (
    N_SYMBOLS,
    PLUS,
    add_terms,
    draw_terms,
    edge_cases,
    show_numbers,
    show_sums,
    symbols,
    terms_added,
)
from common.engine import kept
from common.heldout import draw_around
from common.plots import attention_weights, plot_attention
from common.scores import EXACT, print_wrong, share_equal_by_kind, together
from common.settings import BaseSettings
from common.training import initialize, predict, train

BATCH_SIZE = 100
LEARNING_RATE = 0.002  # falls to 0 along a cosine
ANY_LENGTH = 0.5  # of the sums trained on
N_TEST = 10_000  # random pairs
N_EDGE_CASES = 500  # of each kind
EDGE_CASES = "Edge cases"
N_UNITS = {"RepeatVector": 88, "attention": 64}
ON_PAPER, AS_WRITTEN = "least significant first", "most significant first"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 30  # training epochs of each variant


@dataclass(frozen=True)
class Variant:
    n_digits: int  # of each term
    order: str  # in which digits are read and written
    n_sums: int  # per epoch
    drawn: str  # "new" for every epoch, or "the same"
    decoder: str


TASKS = [
    (3, ON_PAPER, 45_000, "new"),
    (3, ON_PAPER, 45_000, "the same"),
    (3, AS_WRITTEN, 45_000, "the same"),
    (10, ON_PAPER, 40_000, "new"),
]
VARIANTS = {
    f"{n} digits, {order}, {drawn} {n_sums:,} sums per epoch, {decoder}": Variant(
        n, order, n_sums, drawn, decoder
    )
    for n, order, n_sums, drawn in TASKS
    for decoder in N_UNITS
}
SHOWN = [*VARIANTS][-1]  # attention to sums of ten digits


def encoder_decoder(decoder, units, n_digits, longest=None, moved=False):
    """A model for the `symbols` of terms of `n_digits`, not compiled.

    `decoder`: "attention", or "RepeatVector" alone. `longest`: steps that there can be
    positions for, where its weights are to go into models for longer terms. `moved`: it
    also reads which position comes first, (samples,).
    """
    from common.layers import AddPositions

    n_in, n_out = 2 * n_digits + 1, n_digits + 1

    def lstm(n_steps):  # unrolled where it is short, which trains faster
        return keras.layers.LSTM(units, return_sequences=True, unroll=n_steps <= 20)

    question = keras.Input((n_in,), dtype="int32")
    first = [keras.Input((), dtype="int32")] if moved else []
    read = keras.layers.Embedding(N_SYMBOLS, units)(question)  # (samples, n_in, units)
    encoded = lstm(n_in)(read)
    # the last state, which has read everything: (samples, n_out, units)
    repeated = keras.layers.RepeatVector(n_out)(encoded[:, -1])
    decoded = lstm(n_out)(repeated)
    if decoder == "attention":
        queries = AddPositions(longest)(decoded, *first)
        keys = AddPositions(longest)(encoded, *first)
        fetched, _ = keras.layers.Attention(use_scale=True, name="attention")(
            [queries, keys], return_attention_scores=True
        )
        both = keras.layers.Concatenate()([decoded, fetched])
        decoded = lstm(n_out)(both)
    answer = keras.layers.Dense(10, activation="softmax")(decoded)  # (samples, n_out, 10)
    return keras.Model([question, *first] if moved else question, answer)


def compiled(model, n_batches):
    """`model`, to be trained on so many batches: the learning rate falls over them."""
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_batches)
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@kept
def build_model(decoder, n_digits, n_batches):
    return compiled(encoder_decoder(decoder, N_UNITS[decoder], n_digits), n_batches)


def encode(terms, order):
    """Questions and answers as the network has them, (n, 2 * n_digits + 1) and
    (n, n_digits + 1), in one order or the other."""
    X, y = symbols(terms), add_terms(terms)
    return (X, y) if order == ON_PAPER else (X[:, ::-1], y[:, ::-1])


def answers(model, terms, order):
    """The digits that the model answers, least significant first, (n, n_digits + 1)."""
    y = predict(model, encode(terms, order)[0]).argmax(axis=-1)
    return y if order == ON_PAPER else y[:, ::-1]


def test_sums(n_digits):
    """{kind: terms}: random sums, then every kind of edge cases."""
    rng = np.random.default_rng(0)
    tests = {EXACT: draw_terms(N_TEST, n_digits, rng=rng)}
    return tests | edge_cases(N_EDGE_CASES, n_digits, rng=rng)


def score(tests, predicted):
    """The share right of random sums, of all edge cases, and of each of their kinds."""
    expected = add_terms(np.concatenate([*tests.values()]))
    shares = share_equal_by_kind(tests, expected, predicted)
    exact = shares.pop(EXACT)
    return {EXACT: exact, EDGE_CASES: together(shares.values()), **shares}


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    tests = test_sums(variant.n_digits)
    terms = np.concatenate([*tests.values()])
    held_out = {*map(terms_added, terms)}
    n_batches = settings.epochs * variant.n_sums // BATCH_SIZE
    model = build_model(variant.decoder, variant.n_digits, n_batches)
    initialize(model, seed)
    rng = np.random.default_rng(seed)

    def draw(n):
        return draw_terms(n, variant.n_digits, any_length=ANY_LENGTH, rng=rng)

    def new_sums():
        return np.array(draw_around(held_out, variant.n_sums, draw, same=terms_added))

    same = new_sums()

    def epoch_data():
        drawn = new_sums() if variant.drawn == "new" else rng.permutation(same)
        return encode(drawn, variant.order)

    history = train(model, epoch_data, settings.epochs, BATCH_SIZE)
    predicted = answers(model, terms, variant.order)
    shown = None
    if variant == VARIANTS[SHOWN]:
        weights = attention_weights(model, encode(terms[:1], variant.order)[0])[0]
        shown = terms, predicted, weights
    return Run(model, history, score(tests, predicted), shown)


def show(shown, args):
    """Some wrong answers; where the attention looks in the first sum."""
    terms, predicted, weights = shown
    questions, expected = show_sums(terms), show_numbers(add_terms(terms))
    title = f"{SHOWN}, seed {args.seed}"
    print_wrong(title, questions, expected, show_numbers(predicted))
    if args.map:
        read = ["+" if symbol == PLUS else symbol for symbol in symbols(terms)[0]]
        title = f"{questions[0]}, {ON_PAPER}"
        plot_attention(args.map, weights, read, predicted[0], title)


def finding(results, settings):
    reached = {}
    for name in VARIANTS:
        task, _, decoder = name.rpartition(", ")
        exact, edge_cases = (results.mean(name, kind) for kind in (EXACT, EDGE_CASES))
        found = f"{decoder} {exact:.2%} and {edge_cases:.2%}"
        reached.setdefault(task, []).append(found)
    for task, found in reached.items():
        print(f"Finding: {task}: {', '.join(found)} of the edge cases.")


experiment = Comparison(
    __file__,
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} random sums and edge cases",
    finding=finding,
    show=(SHOWN, show),
    map="where the attention looks in one sum",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

"""Can attention learn sums of ten digits that RepeatVector cannot?

From tutorial A's comments. With RepeatVector the decoder's LSTM reads the encoder's last
output at every step. With attention it makes a query at each step, learned positions are
added to queries and encoder outputs, `Attention` fetches those that fit, and a second LSTM
reads both. The attention and the positions are also left out, one at a time. RepeatVector
also gets three times the sums. All have about as many parameters.

Numbers are read and written with the least significant digit first, or as one writes; terms
are filled up with zeros, half of the sums have terms of any length, and each epoch has new
sums, or the same. No test pair, in either order, is drawn in training.

    python -m extensions.addition_attention --runs 5 --map attention.png
"""

from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_attention
from common.scores import EXACT, Score, print_wrong
from common.settings import BaseSettings
from common.training import predict, train
from extensions.tools import digits
from extensions.tools.heldout import draw_around
from extensions.tools.scoring import attention_weights, pooled, share_equal_by_kind

BATCH_SIZE = 100
LEARNING_RATE = 0.002  # falls to 0 along a cosine
ANY_LENGTH = 0.5  # the share of sums whose terms are cut to any length
N_TEST = 10_000  # random pairs
N_EDGE_CASES = 500  # of each kind
EDGE_CASES = Score("Edge cases")


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 30  # training epochs of each variant


@dataclass(frozen=True)
class Variant:
    n_digits: int = 3  # of each term
    n_sums: int = 45_000  # per epoch
    new: bool = False  # for every epoch; or the same
    as_written: bool = False  # the most significant digit first; or as on paper
    units: int = 88  # of each LSTM
    attention: bool = False
    positions: bool = False  # whether attention has them
    second: bool = False  # whether the decoder has a second LSTM


TASKS = {
    "3 digits, least significant first, new 45,000 sums per epoch": {"new": True},
    "3 digits, least significant first, the same 45,000 sums per epoch": {},
    "3 digits, most significant first, the same 45,000 sums per epoch": {
        "as_written": True
    },
    "10 digits, least significant first, new 40,000 sums per epoch": {
        "n_digits": 10,
        "n_sums": 40_000,
        "new": True,
    },
}
LONG = [*TASKS][-1]
NO_POSITIONS = {"units": 64, "attention": True, "second": True}
ATTENTION = NO_POSITIONS | {"positions": True}
SHOWN = f"{LONG}, attention"
VARIANTS = {
    f"{task}, {decoder}": Variant(**numbers, **layers)
    for task, numbers in TASKS.items()
    for decoder, layers in (("RepeatVector", {}), ("attention", ATTENTION))
} | {
    f"{LONG}, attention without positions": Variant(**TASKS[LONG], **NO_POSITIONS),
    f"{LONG}, RepeatVector and a second LSTM": Variant(
        **TASKS[LONG], units=70, second=True
    ),
    "10 digits, least significant first, new 120,000 sums per epoch, RepeatVector": (
        Variant(**TASKS[LONG] | {"n_sums": 120_000})
    ),
}
COMPARES = [(f"{[*TASKS][-1]}, attention", f"{[*TASKS][-1]}, RepeatVector")]


def build_model(variant, n_updates):
    """The encoder-decoder, with attention in its decoder or without."""
    from extensions.tools.positions import AddPositions

    layers, n_digits = keras.layers, variant.n_digits

    def lstm(sequence):
        return layers.LSTM(variant.units, return_sequences=True)(sequence)

    question = keras.Input((2 * n_digits + 1,), dtype="int32")
    read = layers.Embedding(digits.N_SYMBOLS, variant.units)(question)
    encoded = lstm(read)  # (samples, 2 * n_digits + 1, units)
    # the last output, after the whole question: (samples, n_digits + 1, units)
    decoded = lstm(layers.RepeatVector(n_digits + 1)(encoded[:, -1]))
    if variant.attention:
        queries, keys = decoded, encoded
        if variant.positions:
            queries, keys = AddPositions()(decoded), AddPositions()(encoded)
        fetched, _ = layers.Attention(use_scale=True, name="attention")(
            [queries, keys], return_attention_scores=True
        )
        decoded = layers.Concatenate()([decoded, fetched])  # twice the units
    if variant.second:
        decoded = lstm(decoded)
    answer = layers.Dense(10, activation="softmax")(decoded)  # (samples, n_digits + 1, 10)
    model = keras.Model(question, answer)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_updates)
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def encode(terms, as_written):
    """Questions and answers, (n, 2 * n_digits + 1) and (n, n_digits + 1)."""
    X, y = digits.symbols(terms), digits.add_terms(terms)
    return (X[:, ::-1], y[:, ::-1]) if as_written else (X, y)


def test_sums(n_digits):
    """{kind: terms}: random sums, then every kind of edge cases."""
    generator = np.random.default_rng(0)
    tests = {EXACT: digits.draw_terms(N_TEST, n_digits, generator=generator)}
    return tests | digits.edge_cases(N_EDGE_CASES, n_digits, generator=generator)


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on pairs never drawn."""
    tests, generator = test_sums(variant.n_digits), np.random.default_rng(seed)
    terms = np.concatenate([*tests.values()])
    held_out = {*map(digits.unordered_terms, terms)}

    def draw(n):
        sizes = {"n_digits": variant.n_digits, "any_length": ANY_LENGTH}
        return digits.draw_terms(n, **sizes, generator=generator)

    def new_sums():
        return np.array(draw_around(held_out, variant.n_sums, draw, digits.unordered_terms))

    same = new_sums()

    def new_data():
        sums = new_sums() if variant.new else generator.permutation(same)
        return encode(sums, variant.as_written)

    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.epochs * variant.n_sums // BATCH_SIZE)
    history = train(model, new_data, settings.epochs, BATCH_SIZE)
    X, y = encode(terms, variant.as_written)
    predicted = predict(model, X).argmax(axis=-1)
    shares = share_equal_by_kind(tests, y, predicted)
    scores = {EXACT: shares.pop(EXACT), EDGE_CASES: pooled(shares.values()), **shares}
    shown = None
    if variant.attention:
        shown = terms, predicted, attention_weights(model, X[:1])[0]
    return Run(model, history, scores, shown)


def show(shown, args):
    """Some wrong answers; where the attention looks in the first sum."""
    terms, predicted, weights = shown
    questions = digits.sum_texts(terms)
    numbers = map(digits.number_texts, (digits.add_terms(terms), predicted))
    print_wrong(f"{SHOWN}, seed {args.seed}", questions, *numbers)
    if args.map:
        symbols = digits.symbols(terms)[0]
        read = ["+" if symbol == digits.PLUS else symbol for symbol in symbols]
        title = f"{questions[0]}, least significant first"
        plot_attention(args.map, weights, read, predicted[0], title)


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} random sums and edge cases",
    compares=COMPARES,
    show=(SHOWN, show),
    map="where the attention looks in one sum",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

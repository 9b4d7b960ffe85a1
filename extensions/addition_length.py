"""Trained on numbers of up to 20 digits, can it add those of 100 and of 1,000?

Beyond tutorial A, whose network knows sums of one length. As in a published benchmark
(Abacus, 2024) the network is told each digit's place in its number. Each place has a
code, a vector. By the code of an answer's place attention fetches the digits at that
place, and an LSTM reads them, place after place, and carries. In training a random offset
moves the places, and in a fifth of the sums some digits add up to nine, so that carries
go far. The other variants change one thing: random sums only; codes as small as Keras
starts embeddings, alone or behind learned projections; no attention; a GRU; fewer digits
to train on.

    python -m extensions.addition_length --runs 5 --map attention.png
"""

from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.settings import BaseSettings
from common.training import predict, train
from extensions.tools.digits import (
    add_terms,
    carried_through,
    draw_terms,
    number_texts,
    sum_texts,
    unordered_terms,
    with_nines,
)
from extensions.tools.heldout import draw_around
from extensions.tools.scoring import attention_weights, score_tests, showing
from extensions.tools.streams import draw_of_lengths

LENGTHS = (20, 40, 60, 80, 100, 200, 1000)  # digits tested on
LONG_CARRIES = (100, 1000)  # and in sums whose carry runs through all digits
UNEQUAL = ((100, 10), (1000, 10), (1000, 500))  # digits of the one term and the other
N_TEST = 500  # sums of each length
N_PLACES = 1100  # that have codes
N_FEATURES = {"code": 64, "digit": 16, "carry": 32}  # of codes, digits, recurrent layer
BATCH_SIZE = 128  # new sums, of terms of any length
N_BATCHES = 2000  # per epoch, divided by the digits trained on: as many digits in all
LEARNING_RATE = 0.002  # falls to 0 along a cosine
SHOWN = "places, up to 20 digits"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 60  # training epochs of each variant


@dataclass(frozen=True)
class Variant:
    n_digits: int = 20  # the most digits trained on
    carries: float = 0.2  # the share of sums made to carry far
    spread: float = 1.0  # the codes' standard deviation at first
    projected: bool = False  # codes, by learned layers, to queries and keys
    columns: bool = False  # the digits of a place are fed side by side: no attention
    layer: str = "LSTM"  # the recurrent one


VARIANTS = {
    SHOWN: Variant(),
    "places, random sums only": Variant(carries=0),
    "places, small codes": Variant(spread=0.03),
    "places, small codes, projected": Variant(spread=0.03, projected=True),
    "digits side by side": Variant(columns=True),
    "places, GRU": Variant(layer="GRU"),
    **{f"places, up to {n} digits": Variant(n_digits=n) for n in (5, 3, 2)},
}
COMPARES = (
    (SHOWN, "places, GRU", "1000 digits"),
    (SHOWN, "digits side by side", "1000 digits"),
    ("places, small codes", "places, small codes, projected", "100 digits"),
)


def build_model(variant, n_updates):
    """A model for terms of any length; what it reads is what `encode` returns."""
    layers, columns = keras.layers, variant.columns
    # (samples, digits of both terms), or (samples, places, 2)
    digits = keras.Input((None, 2) if columns else (None,), dtype="int32")
    if columns:
        inputs, values = digits, layers.Embedding(10, N_FEATURES["digit"])(digits)
        fetched = layers.Reshape((-1, 2 * N_FEATURES["digit"]))(values)
    else:
        places = keras.Input((None,), dtype="int32")  # the place of each digit
        written = keras.Input((None,), dtype="int32")  # (samples, digits of the answer)
        inputs = [digits, places, written]
        start = keras.initializers.RandomNormal(stddev=variant.spread)
        code = layers.Embedding(N_PLACES, N_FEATURES["code"], start)

        def by_code(places):
            codes = code(places)
            return layers.Dense(N_FEATURES["code"])(codes) if variant.projected else codes

        queries = by_code(written)
        values = layers.Embedding(10, N_FEATURES["digit"])(digits)
        fetched, _ = layers.Attention(use_scale=True, name="attention")(
            [queries, values, by_code(places)], return_attention_scores=True
        )
    recurrent = getattr(layers, variant.layer)
    carry = recurrent(N_FEATURES["carry"], return_sequences=True)(fetched)
    model = keras.Model(inputs, layers.Dense(10, activation="softmax")(carry))
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_updates)
    adam = keras.optimizers.Adam(rate)
    model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def encode(variant, terms, offsets=0):
    """What a model reads: the digits of each place; or digits, their places and those of
    the answer.

    `terms`: (n, 2, n_digits), filled up with a zero, since the answer has one place more;
    `offsets`, one for each sum, move the places.
    """
    n, _, n_digits = terms.shape
    digits = np.pad(terms, ((0, 0), (0, 0), (0, 1)))
    if variant.columns:
        return digits.transpose(0, 2, 1)
    written = np.add.outer(np.broadcast_to(offsets, n), np.arange(n_digits + 1))
    return digits.reshape(n, -1), np.concatenate([written, written], axis=1), written


def test_sums():
    """{name: terms}: sums of each length, of unequal ones, and those with long carries."""
    generator = np.random.default_rng(2026)
    tests = {f"{n} digits": draw_terms(N_TEST, n, generator=generator) for n in LENGTHS}
    for n, other in UNEQUAL:
        tests[f"{n} + {other} digits"] = draw_of_lengths(
            N_TEST, n, other, generator=generator
        )
    for n in LONG_CARRIES:
        tests[f"Long carries, {n}"] = carried_through(N_TEST, n, generator=generator)
    return tests


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on longer and longer sums."""
    tests, generator = test_sums(), np.random.default_rng(seed)
    held_out = {unordered_terms(pair) for terms in tests.values() for pair in terms}
    n_batches = N_BATCHES // variant.n_digits

    def draw(n):
        terms = draw_terms(n, variant.n_digits, any_length=1, generator=generator)
        return with_nines(terms, variant.carries, generator=generator)

    def new_data():
        n_sums, n_offsets = n_batches * BATCH_SIZE, N_PLACES - variant.n_digits
        terms = np.array(draw_around(held_out, n_sums, draw, same=unordered_terms))
        offsets = 0 if variant.columns else generator.integers(0, n_offsets, n_sums)
        return encode(variant, terms, offsets), add_terms(terms)

    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.epochs * n_batches)
    history = train(model, new_data, settings.epochs, BATCH_SIZE)

    def answers(terms):  # to terms of any length: (n, n_digits + 1)
        return predict(model, encode(variant, terms), batch_size=50).argmax(axis=-1)

    def ask(terms):
        return number_texts(answers(terms))

    def right(terms):
        return number_texts(add_terms(terms))

    scores, wrong = score_tests(tests, ask, right, sum_texts)
    shown = None
    if not variant.columns:
        terms = draw_terms(1, 12, generator=generator)
        asked = encode(variant, terms)
        title = f"{sum_texts(terms)[0]}, least significant digit first"
        weights = attention_weights(model, asked)[0]
        shown = wrong, weights, asked[0][0], answers(terms)[0], title
    return Run(model, history, scores, shown)


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} sums of each length",
    compares=COMPARES,
    show=showing(SHOWN),
    map="where the attention looks in one sum",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

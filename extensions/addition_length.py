"""Trained on numbers of up to 20 digits: are those of 100 and of 1,000 added, too?

Beyond tutorial A, whose network knows sums of one length. A published bar: transformers
with an embedding of each digit's place in its number (Abacus, 2024), trained on 20
digits, get 99 % of the sums right at 100. Here is the same idea with an LSTM that
carries. A place, counted from the least significant digit, has a code, a learned vector;
the code of an answer's place fetches by attention the digits at that place; an LSTM
reads what was fetched, place after place, and gives the answer's digits. Codes are drawn
so far apart that the right digits are fetched before any training: alignment is given.
In training the places are moved by a random offset, so that every code occurs, and in a
fifth of the sums some digits in a row add up to nine, so that carries go far.

Then one thing at a time is changed: random sums only; places not moved; codes as small as
Keras starts embeddings, alone or behind projections that are learned, so that alignment is
not given; no attention at all, but the two digits of a place, side by side; another
recurrent layer; fewer units; fewer digits to train on. Beside it, trained on the same
sums, the encoder-decoders of `addition_attention.py`, one also with moved positions.

    python -m extensions.addition_length --runs 5 --plot length.png --map attention.png
"""

from dataclasses import dataclass, replace

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_attention, plot_scores
from common.settings import BaseSettings
from common.training import cache_models, initialize, predict, train
from extensions.addition_attention import compiled, encoder_decoder
from extensions.tools.digits import (
    add_terms,
    carried_through,
    draw_terms,
    number_texts,
    sum_texts,
    symbols,
    unordered_terms,
    with_nines,
)
from extensions.tools.heldout import draw_around
from extensions.tools.scoring import attention_weights, print_first_wrong, score_tests
from extensions.tools.streams import draw_of_lengths

LENGTHS = (20, 40, 60, 80, 100, 200, 1000)  # digits tested on
LONG_CARRIES = (100, 1000)  # and in sums whose carry runs through all digits
UNEQUAL = ((100, 10), (1000, 10), (1000, 500))  # digits of the one term and the other
N_TEST = 500  # sums of each length
N_PLACES = 1100  # that have codes
N_FEATURES = {"code": 64, "digit": 16}
BATCH_SIZE = 128  # new sums, of terms of any length
N_BATCHES = 2000  # per epoch, divided by the digits trained on: as many digits in all
SHOWN = "places, up to 20 digits"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 60  # training epochs of each variant


@dataclass(frozen=True)
class Variant:
    n_digits: int = 20  # the most digits trained on
    carries: float = 0.2  # the share of sums made to carry far
    moved: bool = True  # whether training moves the places by a random offset
    spread: float = 1.0  # the codes' standard deviation at first
    projected: bool = False  # codes, by learned layers, to queries and keys
    columns: bool = False  # the digits of a place are fed side by side: no attention
    layer: str = "LSTM"  # the recurrent one, for places
    units: int = 32  # of recurrent layers
    decoder: str | None = None  # of an encoder-decoder, which knows no places


VARIANTS = {
    "encoder-decoder": Variant(moved=False, units=64, decoder="RepeatVector"),
    "encoder-decoder, attention": Variant(moved=False, units=64, decoder="attention"),
    "encoder-decoder, attention, moved": Variant(units=64, decoder="attention"),
    SHOWN: Variant(),
    "places, random sums only": Variant(carries=0),
    "places, not moved": Variant(moved=False),
    "places, small codes": Variant(spread=0.03),
    "places, small codes, projected": Variant(spread=0.03, projected=True),
    "digits side by side": Variant(moved=False, columns=True),
    "places, GRU": Variant(layer="GRU"),
    "places, 8 units": Variant(units=8),
    **{f"places, up to {n} digits": Variant(n_digits=n) for n in (10, 5, 3, 2)},
}
COMPARES = [
    (SHOWN, "places, GRU", "1000 digits"),
    (SHOWN, "digits side by side", "1000 digits"),
    ("places, small codes", "places, small codes, projected", "100 digits"),
]


def network(variant, n_digits):
    """The model, not compiled: of places for any terms, an encoder-decoder's for terms
    of `n_digits`, but with weights that fit any."""
    if variant.decoder:
        sizes = variant.units, n_digits, 2 * max(LENGTHS) + 1
        return encoder_decoder(variant.decoder, *sizes, moved=variant.moved)
    # (samples, digits of both terms), or (samples, places, 2)
    digits = keras.Input((None, 2) if variant.columns else (None,), dtype="int32")
    value = keras.layers.Embedding(10, N_FEATURES["digit"])(digits)
    if variant.columns:
        inputs = digits
        fetched = keras.layers.Reshape((-1, 2 * N_FEATURES["digit"]))(value)
    else:
        places = keras.Input((None,), dtype="int32")  # the place of each digit
        written = keras.Input((None,), dtype="int32")  # (samples, digits of the answer)
        inputs = [digits, places, written]
        start = keras.initializers.RandomNormal(stddev=variant.spread)
        code = keras.layers.Embedding(N_PLACES, N_FEATURES["code"], start)
        queries, keys = code(written), code(places)
        if variant.projected:
            queries = keras.layers.Dense(N_FEATURES["code"])(queries)
            keys = keras.layers.Dense(N_FEATURES["code"])(keys)
        fetched, _ = keras.layers.Attention(use_scale=True, name="attention")(
            [queries, value, keys], return_attention_scores=True
        )
    recurrent = getattr(keras.layers, variant.layer)
    carry = recurrent(variant.units, return_sequences=True)(fetched)
    answer = keras.layers.Dense(10, activation="softmax")(carry)
    return keras.Model(inputs, answer)


@cache_models
def build_model(variant, n_batches):
    return compiled(network(variant, variant.n_digits), n_batches)


def encode(variant, terms, offsets=0):
    """What a model reads: symbols, and where they begin if that is moved; or the digits
    of each place; or digits, their places and those of the answer.

    `terms`: (n, 2, n_digits). For places they are filled up with a zero, since the
    answer has one place more; `offsets`, one for each sum, move them.
    """
    n, _, n_digits = terms.shape
    offsets = np.broadcast_to(offsets, n)
    if variant.decoder:
        return (symbols(terms), offsets) if variant.moved else symbols(terms)
    digits = np.pad(terms, ((0, 0), (0, 0), (0, 1)))
    if variant.columns:
        return digits.transpose(0, 2, 1)
    written = np.add.outer(offsets, np.arange(n_digits + 1))
    return digits.reshape(n, -1), np.concatenate([written, written], axis=1), written


def answers(variant, model, terms):
    """The digits that the model answers to terms of any length, (n, n_digits + 1)."""
    if variant.decoder:
        trained, model = model, network(variant, terms.shape[2])
        model.set_weights(trained.get_weights())
    return predict(model, encode(variant, terms), batch_size=50).argmax(axis=-1)


def test_sums():
    """{name: terms}: sums of each length, of unequal ones, and those with long carries."""
    rng = np.random.default_rng(2026)
    tests = {f"{n} digits": draw_terms(N_TEST, n, rng=rng) for n in LENGTHS}
    for n, other in UNEQUAL:
        tests[f"{n} + {other} digits"] = draw_of_lengths(N_TEST, n, other, rng=rng)
    for n in LONG_CARRIES:
        tests[f"Long carries, {n}"] = carried_through(N_TEST, n, rng=rng)
    return tests


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on longer and longer sums."""
    tests = test_sums()
    held_out = {unordered_terms(pair) for terms in tests.values() for pair in terms}
    n_batches = N_BATCHES // variant.n_digits
    n_sums, n_offsets = n_batches * BATCH_SIZE, N_PLACES - variant.n_digits
    if variant.decoder:  # whose positions go on from term to term
        n_offsets = 2 * (max(LENGTHS) - variant.n_digits) + 1
    # what only changes the data leaves the model as it is
    shaped = replace(variant, carries=0, moved=bool(variant.decoder) and variant.moved)
    model = build_model(shaped, settings.epochs * n_batches)
    initialize(model, seed)
    rng = np.random.default_rng(seed)

    def draw(n):
        terms = draw_terms(n, variant.n_digits, any_length=1, rng=rng)
        return with_nines(terms, variant.carries, rng=rng)

    def epoch_data():
        terms = np.array(draw_around(held_out, n_sums, draw, same=unordered_terms))
        offsets = rng.integers(0, n_offsets, n_sums) if variant.moved else 0
        return encode(variant, terms, offsets), add_terms(terms)

    history = train(model, epoch_data, settings.epochs, BATCH_SIZE)

    def ask(terms):
        return number_texts(answers(variant, model, terms))

    def right(terms):
        return number_texts(add_terms(terms))

    scores, wrong = score_tests(tests, ask, right, sum_texts)
    shown = None
    if variant == VARIANTS[SHOWN]:
        terms = draw_terms(1, 12, rng=rng)
        asked = encode(variant, terms)
        question, weights = sum_texts(terms)[0], attention_weights(model, asked)[0]
        shown = wrong, question, asked[0][0], answers(variant, model, terms)[0], weights
    return Run(model, history, scores, shown)


def show(shown, args):
    """Wrong answers of the first test that has any; where the attention looks in a sum."""
    wrong, question, digits, answer, weights = shown
    print_first_wrong(f"{SHOWN}, seed {args.seed}", wrong)
    if args.map:
        title = f"{question}, least significant digit first"
        plot_attention(args.map, weights, digits, answer, title)


def plot(path, results, settings):
    title = "Sums of longer numbers than those trained on"
    lines = results.curves(LENGTHS, "{} digits")
    plot_scores(path, lines, "digits", "exact match", title, xscale="log")


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} sums of each length",
    compares=COMPARES,
    plot=("exact match against the number of digits", plot),
    show=(SHOWN, show),
    map="where the attention looks in one sum",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

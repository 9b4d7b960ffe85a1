"""Does attention learn to add, three digits and ten, where RepeatVector does not?

Tutorial A, from its comments: attention. The decoder's LSTM reads the encoder's last
output at every step (RepeatVector). With attention it makes a query of each step: learned
positions are added to the queries and to all of the encoder's outputs, `Attention`
fetches those that fit, and a second LSTM reads queries and what was fetched. RepeatVector
has more units, to have about as many parameters, and the same sums: new ones in every
epoch, or the same. Both read and write the least significant digit first, as one adds on
paper, or as one writes; terms are filled up with zeros, and in half of the sums they are
of any length. No test pair, in either order, is drawn in training.

    python -m extensions.addition_attention --runs 5 --map attention.png
"""

from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import plot_attention
from common.scores import EXACT, print_wrong
from common.settings import BaseSettings
from common.training import cache_models, initialize, predict, train
from extensions.tools import digits
from extensions.tools.heldout import draw_around
from extensions.tools.scoring import attention_weights, share_equal_by_kind, together

BATCH_SIZE = 100
LEARNING_RATE = 0.002  # falls to 0 along a cosine
ANY_LENGTH = 0.5  # the share of sums whose terms are cut to any length
N_TEST = 10_000  # random pairs
N_EDGE_CASES = 500  # of each kind
N_UNITS = {"RepeatVector": 88, "attention": 64}


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 30  # training epochs of each variant


@dataclass(frozen=True)
class Variant:
    decoder: str
    n_digits: int = 3  # of each term
    n_sums: int = 45_000  # per epoch
    new: bool = False  # for every epoch; or the same
    as_written: bool = False  # the most significant digit first; or as on paper


LONG = {"n_digits": 10, "n_sums": 40_000, "new": True}
AS_WRITTEN = {"as_written": True}
TASKS = {
    "3 digits, least significant first, new 45,000 sums per epoch": {"new": True},
    "3 digits, least significant first, the same 45,000 sums per epoch": {},
    "3 digits, most significant first, the same 45,000 sums per epoch": AS_WRITTEN,
    "10 digits, least significant first, new 40,000 sums per epoch": LONG,
}
VARIANTS = {
    f"{task}, {decoder}": Variant(decoder, **what)
    for task, what in TASKS.items()
    for decoder in N_UNITS
}
SHOWN = [*VARIANTS][-1]  # attention to sums of ten digits


def encoder_decoder(decoder, units, n_digits, longest=None, moved=False):
    """A model for the `symbols` of terms of `n_digits`, not compiled.

    `decoder`: "attention", or "RepeatVector" alone. For addition_length.py, `longest`: how
    many positions there are, for terms of more digits; `moved`: it also reads which
    position comes first, (samples,).
    """
    from extensions.tools.positions import AddPositions

    n_in, n_out = 2 * n_digits + 1, n_digits + 1

    def lstm(n_steps):  # unrolled where it is short, which trains faster
        return keras.layers.LSTM(units, return_sequences=True, unroll=n_steps <= 20)

    question = keras.Input((n_in,), dtype="int32")
    first = [keras.Input((), dtype="int32")] if moved else []
    # (samples, n_in, units)
    read = keras.layers.Embedding(digits.N_SYMBOLS, units)(question)
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
    """`model`, to be trained on `n_batches`: the learning rate falls over them."""
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_batches)
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


@cache_models
def build_model(decoder, n_digits, n_batches):
    return compiled(encoder_decoder(decoder, N_UNITS[decoder], n_digits), n_batches)


def encode(terms, as_written):
    """Questions and answers, (n, 2 * n_digits + 1) and (n, n_digits + 1)."""
    X, y = digits.symbols(terms), digits.add_terms(terms)
    return (X[:, ::-1], y[:, ::-1]) if as_written else (X, y)


def test_sums(n_digits):
    """{kind: terms}: random sums, then every kind of edge cases."""
    rng = np.random.default_rng(0)
    tests = {EXACT: digits.draw_terms(N_TEST, n_digits, rng=rng)}
    return tests | digits.edge_cases(N_EDGE_CASES, n_digits, rng=rng)


def run(settings, variant, seed):
    """Train one variant with one seed, and score it on the pairs never drawn."""
    tests, rng = test_sums(variant.n_digits), np.random.default_rng(seed)
    terms = np.concatenate([*tests.values()])
    held_out = {*map(digits.unordered_terms, terms)}
    n_batches = settings.epochs * variant.n_sums // BATCH_SIZE
    model = build_model(variant.decoder, variant.n_digits, n_batches)
    initialize(model, seed)

    def draw(n):
        return digits.draw_terms(n, variant.n_digits, any_length=ANY_LENGTH, rng=rng)

    def new_sums():
        return np.array(draw_around(held_out, variant.n_sums, draw, digits.unordered_terms))

    same = new_sums()

    def epoch_data():
        sums = new_sums() if variant.new else rng.permutation(same)
        return encode(sums, variant.as_written)

    history = train(model, epoch_data, settings.epochs, BATCH_SIZE)
    X, y = encode(terms, variant.as_written)
    predicted = predict(model, X).argmax(axis=-1)
    shares = share_equal_by_kind(tests, y, predicted)
    scores = {EXACT: shares.pop(EXACT), "Edge cases": together(shares.values()), **shares}
    shown = None
    if variant == VARIANTS[SHOWN]:
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


def compares(settings):
    """Attention against RepeatVector; where both are close, of the hardest sums, too."""
    pairs = [(f"{task}, attention", f"{task}, RepeatVector") for task in TASKS]
    return [*pairs, (*pairs[1], "Edge cases"), (*pairs[2], "Equal terms")]


experiment = Comparison(
    __name__,
    VARIANTS,
    run,
    f"{N_TEST} random sums and edge cases",
    compares=compares,
    show=(SHOWN, show),
    map="where the attention looks in one sum",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

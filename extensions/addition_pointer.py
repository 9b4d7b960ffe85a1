"""Can a network learn which digits line up, and add 1,000 of them?

Beyond tutorial A. In `addition_length.py` the network is told the place of each digit. Here
it reads one stream of symbols, "321+54=", the least significant digit first, with no
padding between the terms, and is told neither places nor lengths. The answer is right only
if it ends, with a symbol of its own, where it should. Instead of the tutorial's
RepeatVector, pointers stand on the stream: at each step they fetch the symbols that they
stand on, and stay or move on by one. Training draws terms of 1 to 20 digits; then terms of
up to 5, and pointers without noise. Other networks: `addition_pointer_others.py`.

    python -m extensions.addition_pointer --runs 10 --seed 11 --variant pointer
"""

from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score
from common.settings import BaseSettings
from common.training import train
from extensions.tools import streams
from extensions.tools.digits import carried_through, sum_texts, unordered_terms
from extensions.tools.scoring import score_tests, showing

LENGTHS = (20, 40, 100, 300, 1000)  # digits of both terms
N_TEST = 1000  # sums of each length
N_OF_KIND = 200  # sums of any lengths, of unequal ones, and long carries
HARD = {100: 100, 1000: 1000}  # digits: sums asked again, each pointer on one symbol
FAR = 10_000, 10  # digits and sums, of one variant
BATCH_SIZE = 128
N_BATCHES = 100  # per epoch
LEARNING_RATE = 0.003  # falls to 0 along a cosine
GROWING = 0.35, 0.75  # the shares of training between which the factor grows
FACTOR = 8.0  # of the pointers' scores, at last
N_HIDDEN = 64
POINTER = "pointer"


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 80  # training epochs of each variant, 12,800 sums in each


@dataclass(frozen=True)
class Variant:
    heads: int = 8  # pointers
    shifts: tuple = (0, 1)  # by which each may move at a step
    units: int = 32  # of the LSTM that reads what they fetch
    features: int = 8  # of an embedded symbol
    n_digits: int = 20  # the most in training
    noise: float = 3.0  # its standard deviation, at last
    far: bool = False  # whether sums of 10,000 digits are asked as well, and one is shown


VARIANTS = {
    POINTER: Variant(far=True),
    "up to 5 digits": Variant(n_digits=5),
    "without noise": Variant(noise=0.0),
}


def embed(stream, features, n_symbols=streams.N_READ):
    """Symbols as vectors that are far apart from the start."""
    start = keras.initializers.RandomNormal(stddev=1)
    return keras.layers.Embedding(n_symbols, features, start, name="embedding")(stream)


def probabilities(read, n_symbols=streams.END + 1):
    """A probability for each digit, and for the end, at each step: (samples, steps, 11)."""
    hidden = keras.layers.Dense(N_HIDDEN, activation="relu")(read)
    return keras.layers.Dense(n_symbols, activation="softmax")(hidden)


def compiled(model, n_batches):
    """`model`, to be trained on `n_batches`: the learning rate falls over them."""
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_batches)
    optimizer = keras.optimizers.Adam(rate, global_clipnorm=1.0)
    loss = "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, weighted_metrics=["accuracy"])
    return model


def build_model(
    variant, steps, n_batches, n_read=streams.N_READ, n_written=streams.END + 1
):
    """Pointers that write `steps` symbols, to be trained on `n_batches`.

    Of the `n_read` symbols of a stream the last is the filling.
    """
    from extensions.tools.pointers import PointerModel, Pointers

    stream = keras.Input((None,), dtype="int32")  # (samples, timesteps)
    embedded = embed(stream, variant.features, n_read)  # (samples, timesteps, features)
    pointers = Pointers(
        variant.units,
        variant.heads,
        variant.shifts,
        steps,
        factor=FACTOR,
        growing=[share * n_batches for share in GROWING],
        noise=variant.noise,
        name="pointers",
    )
    # what the LSTM says and the pointers fetched, at each step:
    # (samples, steps, units + heads * features)
    read = pointers(embedded, stream != n_read - 1)
    model = PointerModel(stream, probabilities(read, n_written))
    return compiled(model, n_batches)


def pointers_path(model, stream, read, written):
    """What a map shows of one question: of all pointers the largest share, (steps,
    timesteps), what is read and written, and a title."""
    [shares] = model.paths(stream, len(written))  # (1, steps, heads, timesteps)
    return shares[0].max(axis=1), read, written, "Where eight pointers stand"


def test_sums():
    """{name: terms}: sums of each length, then each kind, of up to as many digits."""
    generator, most = np.random.default_rng(2026), max(LENGTHS)
    tests = {
        f"{n} digits": streams.draw_of_lengths(N_TEST, n, n, generator=generator)
        for n in LENGTHS
    }
    lengths = generator.integers(1, most + 1, (2, N_OF_KIND))
    tests["Any lengths"] = streams.draw_of_lengths(N_OF_KIND, *lengths, generator=generator)
    lengths = generator.permuted(
        [[most] * N_OF_KIND, generator.integers(1, 11, N_OF_KIND)], axis=0
    )
    tests["Unequal lengths"] = streams.draw_of_lengths(
        N_OF_KIND, *lengths, generator=generator
    )
    tests["Long carries"] = carried_through(N_OF_KIND, most, generator=generator)
    return tests


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on longer and longer sums."""
    tests = test_sums()
    held_out = {unordered_terms(pair) for terms in tests.values() for pair in terms}
    keras.utils.set_random_seed(seed)
    model = build_model(variant, variant.n_digits + 2, settings.epochs * N_BATCHES)
    generator = np.random.default_rng(seed)

    def new_sums():
        n_sums = N_BATCHES * BATCH_SIZE
        return streams.draw_epoch(held_out, n_sums, variant.n_digits, generator=generator)

    history = train(model, new_sums, settings.epochs, BATCH_SIZE)

    def score(tests, hard=False):
        def ask(terms):
            return model.answers(streams.write_sums(terms), streams.END, hard=hard)

        return score_tests(tests, ask, streams.sums_of, sum_texts)

    scores, wrong = score(tests)
    hard = {f"Hard pointers, {n}": tests[f"{n} digits"][:size] for n, size in HARD.items()}
    scores |= score(hard, hard=True)[0]
    n, size = FAR
    far, shown = Score(f"{n} digits"), None
    scores[far] = None
    if variant.far:
        terms = streams.draw_of_lengths(size, n, n, generator=np.random.default_rng(2027))
        scores |= score({far: terms})[0]
        one = streams.draw_of_lengths(1, 12, 9, generator=np.random.default_rng(0))
        stream, [digits] = streams.write_sums(one), streams.sums_of(one)
        read = ["0123456789+="[symbol] for symbol in stream[0]]
        shown = wrong, *pointers_path(model, stream, read, [*digits, "end"])
    return Run(model, history, scores, shown)


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} sums of each length",
    compares=[
        (POINTER, "up to 5 digits", score)
        for score in ("1000 digits", "Unequal lengths", "Long carries")
    ],
    show=showing(POINTER),
    map="where the pointers stand while one sum is added",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

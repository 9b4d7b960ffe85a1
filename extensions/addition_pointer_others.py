"""How do other networks do on the streams that `addition_pointer.py` adds?

Three networks, with the same training and the same tests: the tutorial's encoder-decoder,
which reads the stream into one vector; the same with attention and learned positions; and
one that is told the place of every digit, in the stream and in the answer, as in
`addition_length.py`. None is told a length: each writes as many symbols as the stream has.
Attention's positions are trained for up to 20 digits; the places told are moved in
training, so all are trained.

    python -m extensions.addition_pointer_others --runs 3 --seed 11
"""

from dataclasses import dataclass

import numpy as np

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.scores import Score
from common.settings import BaseSettings
from common.training import predict, train
from extensions.addition_pointer import (
    BATCH_SIZE,
    LENGTHS,
    N_BATCHES,
    N_TEST,
    Variant,
    compiled,
    embed,
    probabilities,
    test_sums,
)
from extensions.tools.digits import PLUS, sum_texts, unordered_terms
from extensions.tools.scoring import score_tests, showing
from extensions.tools.streams import (
    END,
    FILLING,
    draw_epoch,
    draw_of_lengths,
    read_answers,
    sums_of,
    write_sums,
)

SHORT = 5, 10  # digits of both terms, beside those of `LENGTHS`
N_DIGITS = 20  # the most in training
N_IN, N_OUT = 2 * N_DIGITS + 2, N_DIGITS + 2  # symbols of a stream and of an answer
TOLD = "places told"
N_UNITS = {"encoder-decoder": 64, "encoder-decoder, attention": 64, TOLD: 32}
N_PLACES, N_CODE = 1100, 64  # places that have codes, and their features
VARIANTS = [*N_UNITS]
SCALE = Score("Attention's scale", kind="number")  # 1 before training


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 80  # training epochs of each variant, 12,800 sums in each


def network(variant, timesteps, steps):
    """The model for streams of `timesteps`, which writes `steps` symbols; not compiled."""
    from extensions.tools.positions import AddPositions

    layers = keras.layers

    def lstm(sequence, mask=None):
        units = N_UNITS[variant]
        return layers.LSTM(units, return_sequences=True)(sequence, mask=mask)

    stream = keras.Input((timesteps,), dtype="int32")
    mask, features = stream != FILLING, Variant().features
    if variant == TOLD:
        places = keras.Input((timesteps,), dtype="int32")  # the place of each symbol
        written = keras.Input((steps,), dtype="int32")  # and of each of the answer
        start = keras.initializers.RandomNormal(stddev=1)
        code = layers.Embedding(N_PLACES, N_CODE, start, name="code")
        # queries, values, keys
        asked = [code(written), embed(stream, features), code(places)]
        fetched = layers.Attention(use_scale=True, name="attention")(
            asked, mask=[None, mask]
        )
        return keras.Model([stream, places, written], probabilities(lstm(fetched)))
    # (samples, timesteps, 64), the last state at the end
    encoded = lstm(embed(stream, features), mask)
    decoded = lstm(layers.RepeatVector(steps)(encoded[:, -1]))  # (samples, steps, 64)
    if variant == "encoder-decoder, attention":
        longest = 2 * max(LENGTHS) + 2
        queries, keys = AddPositions(longest)(decoded), AddPositions(longest)(encoded)
        fetched = layers.Attention(use_scale=True)([queries, keys], mask=[None, mask])
        decoded = lstm(layers.Concatenate()([decoded, fetched]))
    return keras.Model(stream, probabilities(decoded))


def build_model(variant, n_batches):
    return compiled(network(variant, N_IN, N_OUT), n_batches)


def encode(variant, streams, steps, offsets=0):
    """What a model reads: the streams, and where places are told, those of each symbol
    and of each of the answer, moved by `offsets`, one for each stream.

    What is no digit has place 0.
    """
    if variant != TOLD:
        return streams
    timesteps, plus = np.arange(streams.shape[1]), (streams == PLUS).argmax(axis=1)
    start = np.where(timesteps > plus[:, np.newaxis], plus[:, np.newaxis] + 1, 0)
    moved = 1 + np.broadcast_to(offsets, len(streams))[:, np.newaxis]
    places = np.where(streams < PLUS, moved + timesteps - start, 0)
    return streams, places, np.minimum(moved + np.arange(steps), N_PLACES - 1)


def run(settings, seed, variant, train=train):
    """Train one network with one seed, and score it on longer and longer sums."""
    generator = np.random.default_rng(2028)
    tests = {
        f"{n} digits": draw_of_lengths(N_TEST, n, n, generator=generator) for n in SHORT
    }
    tests |= test_sums()
    held_out = {unordered_terms(pair) for terms in tests.values() for pair in terms}
    keras.utils.set_random_seed(seed)
    model = build_model(variant, settings.epochs * N_BATCHES)
    # one for the sums, those of `addition_pointer.py`, and one for the offsets
    generator, offset_generator = (
        np.random.default_rng(seed),
        np.random.default_rng([seed, 1]),
    )

    def new_sums():
        n_sums = N_BATCHES * BATCH_SIZE
        X, *answers = draw_epoch(held_out, n_sums, N_DIGITS, generator=generator)
        offsets = offset_generator.integers(0, N_PLACES - N_OUT, n_sums)
        return encode(variant, X, N_OUT, offsets), *answers

    history = train(model, new_sums, settings.epochs, BATCH_SIZE)

    def ask(terms):
        streams = write_sums(terms)
        steps = streams.shape[1]
        asked = network(variant, steps, steps)
        asked.set_weights(model.get_weights())
        read = encode(variant, streams, steps)
        outputs = predict(asked, read, batch_size=50, jit_compile=True)
        return read_answers(outputs.argmax(axis=-1), END)

    scores, wrong = score_tests(tests, ask, sums_of, sum_texts)
    scores[SCALE] = None
    if variant == TOLD:
        [scale] = model.get_layer("attention").get_weights()
        scores[SCALE] = float(scale)
    return Run(model, history, scores, [wrong])


TESTED_ON = f"{N_TEST} sums of each length"
COMPARES = [
    ("encoder-decoder, attention", "encoder-decoder", "20 digits"),
    (TOLD, "encoder-decoder, attention", "20 digits"),
]
experiment = Comparison(
    __doc__, Settings, VARIANTS, run, TESTED_ON, compares=COMPARES, show=showing(TOLD)
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

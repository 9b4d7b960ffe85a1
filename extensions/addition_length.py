"""Trained on numbers of up to 20 digits: are those of 100 and of 1,000 added, too?

Beyond tutorial A, whose network knows sums of one length. A published bar: transformers
with an embedding of each digit's place in its number (Abacus, 2024), trained on 20
digits, get 99 % of the sums right at 100. Here is the same idea with an LSTM that
carries. A place, counted from the least significant digit, has a code, a learned vector;
the code of an answer's place fetches by attention the digits at that place; an LSTM
reads what was fetched, place after place, and gives the answer's digits. In training the
places are moved by a random offset, so that every code occurs, and in a fifth of the
sums some digits in a row add up to nine, so that carries go far. Then fewer digits to
train on, and one thing at a time changed: random sums only; places not moved; codes as
small as Keras starts embeddings; another recurrent layer; fewer units. Beside it,
trained on the same sums, the encoder-decoders of `addition_attention.py`.

    python extensions/addition_length.py --runs 3 --plot length.png --map attention.png

About 8 minutes for one seed, 18 beside other work.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.attention_maps import attention_weights, plot_attention
from common.digits import (
    N_SYMBOLS,
    add_terms,
    carried_through,
    draw_around,
    draw_terms,
    show_numbers,
    show_sums,
    symbols,
    unordered,
    with_nines,
)
from common.milestones import learned_up_to
from common.results import Clock, Comparison
from common.score_plots import plot_scores
from common.scores import print_wrong, share_equal

LENGTHS = (20, 40, 60, 80, 100, 200, 1000)  # digits tested on
LONG_CARRIES = (100, 1000)  # and in sums that carry from the first place to the last
N_TEST = 500  # sums of each length
N_PLACES = 1100  # that have codes
N_FEATURES = {"code": 64, "digit": 16}
N_EPOCHS = 60
BATCH_SIZE = 128  # new sums, of terms of any length
N_BATCHES = 2000  # an epoch, divided by the digits trained on: as many digits in all
LEARNING_RATE = 0.002  # falls to 0 along a cosine
MINUTES = "Minutes"
# digits trained on, the share of sums made to carry far, the recurrent layer, its units,
# the codes' standard deviation at first, and whether the places are moved
TRAINED = {"n_digits": 20, "carries": 0.2}
ENCODER_DECODER = TRAINED | {"units": 64, "attention": False}
PLACES = TRAINED | {"layer": "LSTM", "units": 32, "spread": 1.0, "moved": True}
VARIANTS = {
    "encoder-decoder": ENCODER_DECODER,
    "encoder-decoder, attention": ENCODER_DECODER | {"attention": True},
    "places, up to 20 digits": PLACES,
    "places, up to 10 digits": PLACES | {"n_digits": 10},
    "places, up to 5 digits": PLACES | {"n_digits": 5},
    "places, up to 3 digits": PLACES | {"n_digits": 3},
    "places, up to 2 digits": PLACES | {"n_digits": 2},
    "places, random sums only": PLACES | {"carries": 0},
    "places, not moved": PLACES | {"moved": False},
    "places, small codes": PLACES | {"spread": 0.03},
    "places, GRU": PLACES | {"layer": "GRU"},
    "places, 8 units": PLACES | {"units": 8},
}


def parse_args(argv=None):
    what = "exact match against the number of digits"
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS, plot=what)
    parser.add_file("--map", ".png", "draw where the attention looks in one sum")
    return parser.parse_args(argv)


def places_model(layer, units, spread, **_):
    """For terms of any number of digits."""
    from common.backend import keras

    digits = keras.Input((None,), dtype="int32")  # (samples, digits of both terms)
    places = keras.Input((None,), dtype="int32")  # the place of each
    places_written = keras.Input((None,), dtype="int32")  # (samples, digits of the answer)
    start = keras.initializers.RandomNormal(stddev=spread)
    code = keras.layers.Embedding(N_PLACES, N_FEATURES["code"], start)
    value = keras.layers.Embedding(10, N_FEATURES["digit"])(digits)
    fetched, _ = keras.layers.Attention(use_scale=True, name="attention")(
        [code(places_written), value, code(places)],  # queries, values, keys
        return_attention_scores=True,
    )
    carry = getattr(keras.layers, layer)(units, return_sequences=True)(fetched)
    answer = keras.layers.Dense(10, activation="softmax")(carry)
    return keras.Model([digits, places, places_written], answer)


def encoder_decoder(n_digits, units, attention, **_):
    """For terms of `n_digits`; the weights are the same ones for any number of digits."""
    from common.backend import keras
    from common.positions import AddPositions

    question = keras.Input((2 * n_digits + 1,), dtype="int32")
    read = keras.layers.Embedding(N_SYMBOLS, units)(question)
    encoded = keras.layers.LSTM(units, return_sequences=True)(read)
    repeated = keras.layers.RepeatVector(n_digits + 1)(encoded[:, -1])
    decoded = keras.layers.LSTM(units, return_sequences=True)(repeated)
    if attention:
        longest = 2 * max(LENGTHS) + 1
        queries, keys = AddPositions(longest)(decoded), AddPositions(longest)(encoded)
        fetched = keras.layers.Attention(use_scale=True)([queries, keys])
        both = keras.layers.Concatenate()([decoded, fetched])
        decoded = keras.layers.LSTM(units, return_sequences=True)(both)
    return keras.Model(question, keras.layers.Dense(10, activation="softmax")(decoded))


def build_model(settings, epochs):
    from common.backend import keras

    is_encoder_decoder = "attention" in settings
    model = (encoder_decoder if is_encoder_decoder else places_model)(**settings)
    rate = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE, epochs * (N_BATCHES // settings["n_digits"])
    )
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def encode(settings, terms, offsets=0):
    """What a model reads: symbols, or digits, their places and those of the answer.

    `terms`: (n, 2, n_digits). For places they are filled up with a zero, since the
    answer has one place more; `offsets`, one a sum, move them.
    """
    if "attention" in settings:
        return symbols(terms)
    n, _, n_digits = terms.shape
    digits = np.pad(terms, ((0, 0), (0, 0), (0, 1))).reshape(n, -1)
    written = np.add.outer(np.broadcast_to(offsets, n), np.arange(n_digits + 1))
    return digits, np.concatenate([written, written], axis=1), written


def answers(settings, model, terms):
    """The digits that the model answers to terms of any length, (n, n_digits + 1)."""
    from common.training import predict

    if "attention" in settings:  # the same weights in a model for so many digits
        trained, model = model, encoder_decoder(**settings | {"n_digits": terms.shape[2]})
        model.set_weights(trained.get_weights())
    return predict(model, encode(settings, terms), batch_size=50).argmax(axis=-1)


def score(settings, model, tests, title):
    """The share right of every test; some wrong answers of the first that has any."""
    scores, shown = {}, False
    for name, terms in tests.items():
        expected, predicted = add_terms(terms), answers(settings, model, terms)
        scores[name] = share_equal(expected, predicted)
        if float(scores[name]) < 1 and not shown:
            texts = show_sums(terms), show_numbers(expected), show_numbers(predicted)
            print_wrong(f"{title}, {name}", *texts)
            shown = True
    return scores


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    rng = np.random.default_rng(0)
    tests = {f"{n} digits": draw_terms(N_TEST, n, rng=rng) for n in LENGTHS}
    for n in LONG_CARRIES:
        tests[f"Long carries, {n}"] = carried_through(N_TEST, n, rng=rng)
    held_out = {pair for terms in tests.values() for pair in unordered(terms)}
    comparison = Comparison(args, tested_on=f"{N_TEST} sums of each length")
    for variant, settings in VARIANTS.items():
        n_digits = settings["n_digits"]
        n_sums = N_BATCHES // n_digits * BATCH_SIZE
        model = build_model(settings, args.epochs)
        for seed in args.seeds:
            initialize(model, seed)
            rng, clock = np.random.default_rng(seed), Clock()

            def draw(n):
                terms = draw_terms(n, n_digits, any_length=1, rng=rng)
                return with_nines(terms, settings["carries"], rng=rng)

            def epoch_data():
                terms = draw_around(held_out, n_sums, draw)
                n_offsets = N_PLACES - n_digits if settings.get("moved") else 1
                offsets = rng.integers(0, n_offsets, n_sums)
                return encode(settings, terms, offsets), add_terms(terms)

            train(model, epoch_data, args.epochs, BATCH_SIZE)
            minutes = clock.lap() / 60
            scores = score(settings, model, tests, f"{variant}, seed {seed}")
            scores[MINUTES] = minutes
            comparison.add(variant, seed, model.count_params(), scores)
        if settings == PLACES and args.map:
            plot_map(args.map, model, draw_terms(1, 12, rng=rng))
    comparison.write()
    lines = {
        variant: {n: comparison.values(variant, f"{n} digits") for n in LENGTHS}
        for variant in VARIANTS
    }
    if args.plot:
        title = "Sums of longer numbers than those trained on"
        plot_scores(args.plot, lines, "digits", "exact match", title, xscale="log")
    learned = (f"{name}: {learned_up_to(0.99, lines[name])}" for name in VARIANTS)
    print(f"Finding: 99 % in every seed, up to so many digits: {'; '.join(learned)}.")


def plot_map(path, model, terms):
    """Draw where a model of places looks as it adds up `terms`, (1, 2, n_digits)."""
    X, answer = encode(PLACES, terms), answers(PLACES, model, terms)[0]
    title = f"{show_sums(terms)[0]}, least significant digit first"
    plot_attention(path, attention_weights(model, X)[0], X[0][0], answer, title)


if __name__ == "__main__":
    cli.run(main)

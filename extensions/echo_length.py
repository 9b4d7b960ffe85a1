"""Trained on sequences of up to 50 integers: are those of 100, 200 and 1,000 echoed?

Tutorial B, extension "echo longer", and a reader's wish: to reverse arbitrarily long
strings. In the network here attention goes by place. A place has a code, a learned
vector; the code of an integer's place in the answer fetches what the encoder's LSTM gave
at the place it is to come from: the same one, or for reversing the one as far from the
end. A second LSTM reads what was fetched. In training the places are moved by a random
offset, so that every code occurs. Then the answer reversed, shorter sequences to train
on, and one thing at a time changed: places not moved, codes as small as Keras starts
embeddings, no LSTM at all. Beside it, trained on the same sequences, three LSTMs, one
upon the other, that read a sequence and then give it back.

    python extensions/echo_length.py --runs 3 --plot length.png --map attention.png

About 5 minutes for one seed.
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.attention_maps import attention_weights, plot_attention
from common.milestones import learned_up_to
from common.results import Clock, Comparison
from common.score_plots import plot_scores
from common.scores import print_wrong, share_equal
from common.unseen import draw_distinct, draw_unseen

LENGTHS = (5, 10, 20, 50, 100, 200, 1000)  # tested on
N_TEST = 500  # sequences of each length
N_UNIQUE = 100
EMPTY = N_UNIQUE  # the symbol that fills up shorter sequences
N_PLACES = 1100  # that have codes
N_FEATURES = {"code": 64, "integer": 64}
N_UNITS = 64  # of each LSTM
N_EPOCHS = 20
BATCH_SIZE = 64  # new sequences, of any length
N_BATCHES = 2500  # an epoch, divided by the longest: as many integers in all
LEARNING_RATE = 0.002  # falls to 0 along a cosine
MINUTES = "Minutes"
# longest sequence trained on, order, whether the places are moved, the codes' standard
# deviation at first, and whether there are LSTMs
PLACES = {"longest": 50, "step": 1, "moved": True, "spread": 1.0, "lstm": True}
STACKED = PLACES | {"layers": 3}
VARIANTS = {
    "three LSTMs, up to 50": STACKED,
    "three LSTMs, up to 10": STACKED | {"longest": 10},
    "places, up to 50": PLACES,
    "places, reversed": PLACES | {"step": -1},
    "places, up to 20": PLACES | {"longest": 20},
    "places, up to 10": PLACES | {"longest": 10},
    "places, up to 5": PLACES | {"longest": 5},
    "places, not moved": PLACES | {"moved": False},
    "places, not moved, small codes": PLACES | {"moved": False, "spread": 0.03},
    "places, no LSTM": PLACES | {"lstm": False},
}


def parse_args(argv=None):
    what = "exact match against the length of the sequence"
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS, plot=what)
    parser.add_file("--map", ".png", "draw where the attention looks in one sequence")
    return parser.parse_args(argv)


def places_model(spread, lstm):
    """For sequences of any length."""
    from common.backend import keras

    sequence = keras.Input((None,), dtype="int32")
    places = keras.Input((None,), dtype="int32")  # the place of each integer
    places_from = keras.Input((None,), dtype="int32")  # where each of the answer comes from
    start = keras.initializers.RandomNormal(stddev=spread)
    code = keras.layers.Embedding(N_PLACES, N_FEATURES["code"], start)
    encoded = keras.layers.Embedding(N_UNIQUE + 1, N_FEATURES["integer"])(sequence)
    if lstm:
        encoded = keras.layers.LSTM(N_UNITS, return_sequences=True)(encoded)
    decoded, _ = keras.layers.Attention(use_scale=True, name="attention")(
        [code(places_from), encoded, code(places)],  # queries, values, keys
        return_attention_scores=True,
    )
    if lstm:
        decoded = keras.layers.LSTM(N_UNITS, return_sequences=True)(decoded)
    answer = keras.layers.Dense(N_UNIQUE + 1, activation="softmax")(decoded)
    return keras.Model([sequence, places, places_from], answer)


def stacked_model(layers):
    """It reads a sequence, then as many empty steps, in which it answers."""
    from common.backend import keras

    steps = keras.Input((None,), dtype="int32")
    decoded = keras.layers.Embedding(N_UNIQUE + 1, N_FEATURES["integer"])(steps)
    for _ in range(layers):
        decoded = keras.layers.LSTM(N_UNITS, return_sequences=True)(decoded)
    answer = keras.layers.Dense(N_UNIQUE + 1, activation="softmax")(decoded)
    return keras.Model(steps, answer)


def build_model(variant, epochs):
    from common.backend import keras

    settings = VARIANTS[variant]
    if "layers" in settings:
        model = stacked_model(settings["layers"])
    else:
        model = places_model(settings["spread"], settings["lstm"])
    rate = keras.optimizers.schedules.CosineDecay(
        LEARNING_RATE, epochs * (N_BATCHES // settings["longest"])
    )
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def encode(variant, sequences, width, offsets=0):
    """What a model reads, and the answers, each filled up to `width` or twice that.

    `sequences`: tuples of integers; `offsets`, one a sequence, move the places.
    """
    step, n = VARIANTS[variant]["step"], len(sequences)
    X, y = np.full((n, width), EMPTY), np.full((n, width), EMPTY)
    places_from = np.tile(np.arange(width), (n, 1))
    for row, sequence in enumerate(sequences):
        length = len(sequence)
        X[row, :length], y[row, :length] = sequence, sequence[::step]
        places_from[row, :length] = np.arange(length)[::step]
    if "layers" in VARIANTS[variant]:  # the sequence stands right before its answer
        empty = np.full((n, width), EMPTY)
        before = np.array([np.roll(row, width - len(s)) for row, s in zip(X, sequences)])
        return np.concatenate([before, empty], axis=1), np.concatenate([empty, y], axis=1)
    offsets = np.broadcast_to(offsets, n)[:, np.newaxis]
    return (X, offsets + np.arange(width), offsets + places_from), y


def score(variant, model, tests, title):
    """The share right of every test; some wrong answers of the first that has any."""
    from common.training import predict

    scores, shown = {}, False
    for n, test_set in tests.items():
        width = max(n, VARIANTS[variant]["longest"])  # as in training, or longer
        X, y = encode(variant, test_set, width)
        predicted = predict(model, X, batch_size=50).argmax(axis=-1)
        answers = [steps[:, -width:][:, :n] for steps in (y, predicted)]
        name = f"{n} integers"
        scores[name] = share_equal(*answers)
        if float(scores[name]) < 1 and not shown:
            starts = [" ".join(map(str, sequence[:5])) for sequence in test_set]
            print_wrong(f"{title}, {name}", starts, *answers)
            shown = True
    return scores


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    def draw(length, rng):
        return tuple(rng.choices(range(N_UNIQUE), k=length))

    rng = random.Random("test set")
    tests = {n: draw_distinct(N_TEST, lambda: draw(n, rng), same=tuple) for n in LENGTHS}
    held_out = {sequence for test_set in tests.values() for sequence in test_set}
    comparison = Comparison(args, tested_on=f"{N_TEST} sequences of each length")
    for variant, settings in VARIANTS.items():
        longest = settings["longest"]
        model = build_model(variant, args.epochs)
        for seed in args.seeds:
            initialize(model, seed)
            rng, clock = random.Random(seed), Clock()

            def any_length():
                return draw(rng.randint(1, longest), rng)

            def epoch_data():
                n = N_BATCHES // longest * BATCH_SIZE
                new = draw_unseen(n, any_length, held_out, same=tuple)
                n_offsets = N_PLACES - longest + 1 if settings["moved"] else 1
                offsets = [rng.randrange(n_offsets) for _ in new]
                X, y = encode(variant, new, longest, offsets)
                # plain LSTMs learn nothing if the empty steps count, too
                return (X, y, y != EMPTY) if "layers" in settings else (X, y)

            train(model, epoch_data, args.epochs, BATCH_SIZE)
            minutes = clock.lap() / 60
            scores = score(variant, model, tests, f"{variant}, seed {seed}")
            scores[MINUTES] = minutes
            comparison.add(variant, seed, model.count_params(), scores)
        if settings["step"] < 0 and args.map:
            X, y = encode(variant, [draw(50, random.Random(0))], 50)
            weights = attention_weights(model, X)[0]
            plot_attention(args.map, weights, X[0][0], y[0], "A sequence of 50, reversed")
    comparison.write()
    lines = {
        variant: {n: comparison.values(variant, f"{n} integers") for n in LENGTHS}
        for variant in VARIANTS
    }
    if args.plot:
        title = "Longer sequences than those trained on, echoed"
        plot_scores(args.plot, lines, "integers", "exact match", title, xscale="log")
    learned = (f"{name}: {learned_up_to(0.99, lines[name])}" for name in VARIANTS)
    print(f"Finding: 99 % in every seed, up to so many integers: {'; '.join(learned)}.")


if __name__ == "__main__":
    cli.run(main)

"""Does attention learn to add, three digits and ten, where RepeatVector does not?

Tutorial A, from its comments: attention. The decoder reads the encoder's output at every
step, whole (RepeatVector), or what it attends to: an LSTM over the encoder's final state,
repeated, makes a query for each digit of the answer, to which learned positions are added
as they are to the encoder's states; `Attention` fetches what answers them; a second LSTM
reads queries and what was fetched. RepeatVector has more units, to have as many
parameters, and the same sums. Both read and write the least significant digit first, as
one adds on paper, or as one writes; the terms are filled up with zeros. The sums are new
ones, half of them of terms of any length; or the same 45,000 in every epoch, as many as
went into a published figure, 99.22 % (an LSTM with attention, 153,000 parameters). No
test pair, in either order, is drawn in training.

    python extensions/addition_attention.py --runs 3 --map attention.png

About 14 minutes for one seed beside other work, less alone.
"""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.attention_maps import attention_weights, plot_attention
from common.digits import (
    N_SYMBOLS,
    PLUS,
    add_terms,
    draw_around,
    draw_terms,
    edge_cases,
    show_numbers,
    show_sums,
    symbols,
    unordered,
)
from common.results import Clock, Comparison
from common.scores import EXACT, Share, print_wrong, share_equal

N_UNITS = {"RepeatVector": 88, "attention": 64}
ON_PAPER, AS_WRITTEN = "least significant first", "most significant first"
# digits, in which order; sums an epoch, drawn anew for every epoch or once
TASKS = [
    (3, ON_PAPER, 45_000, "new"),
    (3, ON_PAPER, 45_000, "the same"),
    (3, AS_WRITTEN, 45_000, "the same"),
    (10, ON_PAPER, 40_000, "new"),
]
N_EPOCHS = 30
BATCH_SIZE = 100
LEARNING_RATE = 0.002  # falls to 0 along a cosine
ANY_LENGTH = 0.5  # of the sums trained on
N_TEST = 10_000  # random pairs
N_EDGE_CASES = 500  # of each kind
EDGE_CASES, MINUTES = "Edge cases", "Minutes"


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_file("--map", ".png", "draw where the attention looks in one sum")
    return parser.parse_args(argv)


def build_model(decoder, n_digits, n_batches):
    from common.backend import keras
    from common.positions import AddPositions

    units, n_out = N_UNITS[decoder], n_digits + 1
    question = keras.Input((2 * n_digits + 1,), dtype="int32")
    read = keras.layers.Embedding(N_SYMBOLS, units)(question)
    encoded = keras.layers.LSTM(units, return_sequences=True)(read)
    repeated = keras.layers.RepeatVector(n_out)(encoded[:, -1])
    decoded = keras.layers.LSTM(units, return_sequences=True)(repeated)
    if decoder == "attention":
        fetched, _ = keras.layers.Attention(use_scale=True, name="attention")(
            [AddPositions()(decoded), AddPositions()(encoded)],  # queries, keys
            return_attention_scores=True,
        )
        both = keras.layers.Concatenate()([decoded, fetched])
        decoded = keras.layers.LSTM(units, return_sequences=True)(both)
    answer = keras.layers.Dense(10, activation="softmax")(decoded)
    model = keras.Model(question, answer)
    rate = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_batches)
    optimizer = keras.optimizers.Adam(rate)
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def encode(terms, order):
    """Questions and answers as the network has them, (n, 2 * n_digits + 1) and
    (n, n_digits + 1), in one order or the other."""
    X, y = symbols(terms), add_terms(terms)
    return (X, y) if order == ON_PAPER else (X[:, ::-1], y[:, ::-1])


def answers(model, terms, order):
    """The digits that the model answers, least significant first, (n, n_digits + 1)."""
    from common.training import predict

    y = predict(model, encode(terms, order)[0]).argmax(axis=-1)
    return y if order == ON_PAPER else y[:, ::-1]


def score(model, tests, order):
    scores = {
        name: share_equal(add_terms(terms), answers(model, terms, order))
        for name, terms in tests.items()
    }
    edge_cases = zip(*(share for name, share in scores.items() if name != EXACT))
    return {EXACT: scores[EXACT], EDGE_CASES: Share(*map(sum, edge_cases)), **scores}


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    comparison = Comparison(args, tested_on=f"{N_TEST} random sums and edge cases")
    for settings in TASKS:
        n_digits, order, n_sums, drawn = settings
        rng = np.random.default_rng(0)
        tests = {EXACT: draw_terms(N_TEST, n_digits, rng=rng)}
        tests |= edge_cases(N_EDGE_CASES, n_digits, rng=rng)
        all_tests = np.concatenate([*tests.values()])
        held_out = {*unordered(all_tests)}
        for decoder in N_UNITS:
            model = build_model(decoder, n_digits, args.epochs * n_sums // BATCH_SIZE)
            variant = f"{task(*settings)}, {decoder}"
            for seed in args.seeds:
                initialize(model, seed)
                rng, clock = np.random.default_rng(seed), Clock()

                def draw(n):
                    return draw_terms(n, n_digits, any_length=ANY_LENGTH, rng=rng)

                same = draw_around(held_out, n_sums, draw)

                def epoch_data():
                    if drawn == "new":
                        return encode(draw_around(held_out, n_sums, draw), order)
                    return encode(rng.permutation(same), order)

                train(model, epoch_data, args.epochs, BATCH_SIZE)
                minutes = clock.lap() / 60
                scores = {**score(model, tests, order), MINUTES: minutes}
                comparison.add(variant, seed, model.count_params(), scores)
                sums = show_numbers(add_terms(all_tests))
                predicted = show_numbers(answers(model, all_tests, order))
                title = f"{variant}, seed {seed}"
                print_wrong(title, show_sums(all_tests), sums, predicted)
    comparison.write()
    if args.map:
        plot_map(args.map, model, all_tests[:1])
    for settings in TASKS:
        reached = []
        for decoder in N_UNITS:
            variant = f"{task(*settings)}, {decoder}"
            means = [comparison.mean(variant, kind) for kind in (EXACT, EDGE_CASES)]
            reached.append(f"{decoder} {means[0]:.2%} and {means[1]:.2%}")
        print(f"Finding: {task(*settings)}: {', '.join(reached)} of the edge cases.")


def task(n_digits, order, n_sums, drawn):
    """The name of a task in the table: what is added, how, and trained on."""
    return f"{n_digits} digits, {order}, {drawn} {n_sums:,} sums an epoch"


def plot_map(path, model, terms):
    """Draw where a model with attention looks as it adds up `terms`, (1, 2, n_digits)."""
    X, _ = encode(terms, ON_PAPER)
    read = ["+" if symbol == PLUS else symbol for symbol in X[0]]
    answer = answers(model, terms, ON_PAPER)[0]
    title = f"{show_sums(terms)[0]}, {ON_PAPER}"
    plot_attention(path, attention_weights(model, X)[0], read, answer, title)


if __name__ == "__main__":
    cli.run(main)

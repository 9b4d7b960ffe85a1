"""Does attention learn to add, three digits and ten, where RepeatVector does not?

Tutorial A, from its comments: attention. The decoder reads the encoder's output at every
step, whole (RepeatVector), or what it attends to: an LSTM over the encoder's final state,
repeated, makes a query for each digit of the answer, to which learned positions are added
as they are to the encoder's states; `Attention` fetches what answers them; a second LSTM
reads queries and what was fetched. RepeatVector has more units, to have as many
parameters, and the same sums. Both read and write the least significant digit first, the
terms filled up with zeros. The sums are new ones, half of them of terms of any length;
or the 45,000 pairs of the published figure, 99.22 % (an LSTM with attention, 153,000
parameters). No test pair, in either order, is drawn in training.

    python extensions/addition_attention.py --runs 3 --map attention.png

About 8 minutes for one seed.
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
# (digits, sums an epoch, drawn once or anew for every epoch)
TASKS = [(3, 45_000, "new"), (3, 45_000, "the same"), (10, 40_000, "new")]
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


def answers(model, terms):
    """The digits that the model answers, (n, n_digits + 1)."""
    from common.training import predict

    return predict(model, symbols(terms)).argmax(axis=-1)


def score(model, tests):
    scores = {
        name: share_equal(add_terms(terms), answers(model, terms))
        for name, terms in tests.items()
    }
    edge_cases = zip(*(share for name, share in scores.items() if name != EXACT))
    return {EXACT: scores[EXACT], EDGE_CASES: Share(*map(sum, edge_cases)), **scores}


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    comparison = Comparison(args, tested_on=f"{N_TEST} random sums and edge cases")
    for n_digits, n_sums, drawn in TASKS:
        rng = np.random.default_rng(0)
        tests = {EXACT: draw_terms(N_TEST, n_digits, rng=rng)}
        tests |= edge_cases(N_EDGE_CASES, n_digits, rng=rng)
        all_tests = np.concatenate([*tests.values()])
        held_out = {*unordered(all_tests)}
        for decoder in N_UNITS:
            model = build_model(decoder, n_digits, args.epochs * n_sums // BATCH_SIZE)
            variant = f"{task(n_digits, n_sums, drawn)}, {decoder}"
            for seed in args.seeds:
                initialize(model, seed)
                rng, clock = np.random.default_rng(seed), Clock()

                def draw(n):
                    return draw_terms(n, n_digits, any_length=ANY_LENGTH, rng=rng)

                same = draw_around(held_out, n_sums, draw)

                def epoch_data():
                    if drawn == "new":
                        terms = draw_around(held_out, n_sums, draw)
                    else:
                        terms = rng.permutation(same)
                    return symbols(terms), add_terms(terms)

                train(model, epoch_data, args.epochs, BATCH_SIZE)
                minutes = clock.lap() / 60
                scores = {**score(model, tests), MINUTES: minutes}
                comparison.add(variant, seed, model.count_params(), scores)
                sums = show_numbers(add_terms(all_tests))
                predicted = show_numbers(answers(model, all_tests))
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


def task(n_digits, n_sums, drawn):
    """The name of a task in the table: what is added, and trained on."""
    return f"{n_digits} digits, {drawn} {n_sums:,} sums an epoch"


def plot_map(path, model, terms):
    """Draw where a model with attention looks as it adds up `terms`, (1, 2, n_digits)."""
    X, answer = symbols(terms), answers(model, terms)[0]
    read = ["+" if symbol == PLUS else symbol for symbol in X[0]]
    title = f"{show_sums(terms)[0]}, least significant digit first"
    plot_attention(path, attention_weights(model, X)[0], read, answer, title)


if __name__ == "__main__":
    cli.run(main)

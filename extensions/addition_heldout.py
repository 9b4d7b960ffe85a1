"""Adding or remembering? Sums that training never draws, in neither order.

Tutorial A, section "Addition as a seq2seq Problem": up to 10 there are only 100 sums, so
every test sum was seen in training. Readers ask whether the model adds or remembers; the
author doubts that it has the capacity to memorise. Here a fifth of the pairs is reserved
for testing: neither 3 + 10 nor 10 + 3 is ever drawn. The tutorial's model is trained on
sums up to 10, 100 and 1000, and on random answers: there nothing can be computed, and
what it has right it remembers. All of them on the same budget, which is the one that gets
100 right: 300 epochs of 1000 sums, batch size 10 (tutorial: 30 epochs).

    python extensions/addition_heldout.py --runs 3 --plot docs/figures/addition_heldout.png

About three and a half minutes a seed (beside other work).
"""

import itertools
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.characters import ALPHABET, answer_length, encode_sums, invert, question_length
from common.files import written_whole
from common.heldout import (
    every_order,
    has_carry,
    n_unordered,
    reserve,
    unreserved_sum_pairs,
)
from common.results import Comparison
from common.scores import Share, share_equal

N_EXAMPLES = 1000  # new ones every epoch
N_NUMBERS = 2
LARGEST = (10, 100, 1000)
LARGEST_RANDOM = (10, 100)  # with random answers
RESERVED = 5  # one pair in so many
N_UNITS = (100, 50)
N_EPOCHS = 300
BATCH_SIZE = 10
N_TEST = 1000  # pairs at most
N_POINTS = 20  # of the curve
ALMOST_ALL = 0.99
SEEN, UNSEEN, CARRY = "Exact match, seen", "Exact match, unseen", "Unseen with a carry"


def parse_args(argv=None):
    what = "exact match on unseen sums over the epochs"
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS, plot=what)
    # with 3 numbers there are 6 pairs, and one can be reserved
    parser.add_size("--largest", LARGEST, "largest numbers", at_least=3, at_most=3000)
    parser.add_size(
        "--random", LARGEST_RANDOM, "with random answers", at_least=3, at_most=3000
    )
    return parser.parse_args(argv)


def random_answers(largest):
    """An answer for each pair in ascending order, as long as a sum but not computable."""
    rng = random.Random("answers")
    pairs = itertools.combinations_with_replacement(range(1, largest + 1), N_NUMBERS)
    return {pair: rng.randint(2, N_NUMBERS * largest) for pair in pairs}


def build_model(largest):
    from common.backend import keras

    model = keras.Sequential()
    model.add(keras.Input((question_length(N_NUMBERS, largest), len(ALPHABET))))
    model.add(keras.layers.LSTM(N_UNITS[0], unroll=True))  # short loops train faster so
    model.add(keras.layers.RepeatVector(answer_length(N_NUMBERS, largest)))
    model.add(keras.layers.LSTM(N_UNITS[1], return_sequences=True, unroll=True))
    output = keras.layers.Dense(len(ALPHABET), activation="softmax")
    model.add(keras.layers.TimeDistributed(output))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def share_right(model, data):
    from common.training import predict

    X, y = data
    if len(X) == 0:  # no carry is possible up to 4 + 4
        return Share(0, 0)
    answers = [[invert(answer) for answer in seq] for seq in (y, predict(model, X))]
    return share_equal(*answers)


def plot(path, curves, title):
    """`curves`: {(variant, seed): [(epochs, share right of the unseen), ...]}."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    variants = list(dict.fromkeys(variant for variant, _ in curves))
    for (variant, seed), points in curves.items():
        label = variant if seed == min(s for _, s in curves) else None
        axes.plot(
            *zip(*points), ".-", color=f"C{variants.index(variant)}", lw=1, label=label
        )
    axes.set(
        title=title, xlabel="epoch", ylabel="exact match on unseen sums", ylim=(0, 1.02)
    )
    axes.grid(alpha=0.3)
    axes.legend()
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150)


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, train

    comparison = Comparison(args, tested_on=f"up to {2 * N_TEST} sums")
    curves, models = {}, {}  # one model a size serves sums and random answers
    variants = {f"up to {n}": (n, None) for n in args.largest}
    variants |= {f"up to {n}, random answers": (n, random_answers(n)) for n in args.random}
    for variant, (largest, answers) in variants.items():

        def encode(X):
            y = [answers[tuple(sorted(row))] if answers else sum(row) for row in X]
            return encode_sums(X, y, N_NUMBERS, largest)

        test_rng = random.Random("test set")
        n_reserved = n_unordered(N_NUMBERS, largest) // RESERVED
        reserved = reserve(n_reserved, N_NUMBERS, largest, rng=test_rng)
        unseen = every_order(test_rng.sample(sorted(reserved), min(N_TEST, n_reserved)))
        carried = [row for row in unseen if has_carry(row)]
        model = models[largest] = models.get(largest) or build_model(largest)
        for seed in args.seeds:
            initialize(model, seed)
            rng, drawn, points = random.Random(seed), set(), []

            def epoch_data():
                X, _ = unreserved_sum_pairs(
                    N_EXAMPLES, N_NUMBERS, largest, reserved, rng=rng
                )
                drawn.update(map(tuple, X))
                return encode(X)

            step = max(1, args.epochs // N_POINTS)
            for done in range(0, args.epochs, step):  # one training, looked at as it goes
                epochs = min(step, args.epochs - done)
                train(model, epoch_data, epochs, BATCH_SIZE)
                points.append((done + epochs, float(share_right(model, encode(unseen)))))
            seen = random.Random("test set").sample(
                sorted(drawn), min(2 * N_TEST, len(drawn))
            )
            scores = {
                SEEN: share_right(model, encode(seen)),
                UNSEEN: share_right(model, encode(unseen)),
                CARRY: share_right(model, encode(carried)),
            }
            comparison.add(variant, seed, model.count_params(), scores)
            curves[variant, seed] = points
    comparison.write()
    if args.plot:
        plot(args.plot, curves, args.plot_title)
    largest = f"up to {args.largest[1]}"
    reached = []  # by each seed, in epochs
    for seed in args.seeds:
        epochs = [n for n, share in curves[largest, seed] if share >= ALMOST_ALL]
        reached += epochs[:1]
    when = f"after {max(reached)} epochs at the latest" if reached else "never"
    listed = "; ".join(
        f"{variant}: {comparison.mean(variant, SEEN):.1%} of the seen, "
        f"{comparison.mean(variant, UNSEEN):.1%} of the unseen"
        for variant in variants
    )
    print(
        f"Finding: {listed}. {ALMOST_ALL:.0%} of the unseen sums {largest} are right in "
        f"{len(reached)} of {args.runs} seeds, {when}."
    )


if __name__ == "__main__":
    cli.run(main)

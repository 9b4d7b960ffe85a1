"""What does attention add to the echo: of 2 of 5 integers, of all 50, and backwards?

Tutorial B, a reader's question, and the author's later figures for 2 of 5 integers out of
50 on a short budget: 23 % without attention, 96 % with it. The encoder-decoder as in the
tutorial (RepeatVector), and with attention: the decoder's LSTM makes a query for each
integer of the answer, learned positions are added to the queries and to the encoder's
states, and `Attention` fetches those states. Attention usually goes with an encoder that
reads in both directions; on short sequences both are also tried without the other. All
train on 5,000 batches of one new sequence, or of 21, as many as the tutorial has windows;
sequences of 50 on 2,000 batches of 64. Echoed are 2 of 5 integers, then, as another
reader wishes, 5 in reverse order, then whole sequences of 50. No test sequence is drawn
in training.

    python extensions/echo_attention.py --runs 3 --map attention.png

About 10 minutes for one seed (beside other work).
"""

import random
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from common import cli
from common.attention_maps import attention_weights, plot_attention
from common.results import Clock, Comparison
from common.scores import EXACT, print_wrong, score_echoes
from common.unseen import draw_distinct, draw_unseen

# what comes after the encoder, and whether it reads in both directions
DECODERS = {
    "RepeatVector": ("RepeatVector", False),
    "RepeatVector, both directions": ("RepeatVector", True),
    "attention, one direction": ("attention", False),
    "attention": ("attention", True),
}
# integers in and out, distinct ones, order; sequences a batch, batches an epoch; units
TASKS = {
    "2 of 5, batches of 1": (5, 2, 50, 1, 1, 100, 150),
    "2 of 5, batches of 21": (5, 2, 100, 1, 21, 100, 150),
    "5 reversed, batches of 1": (5, 5, 50, -1, 1, 100, 150),
    "5 reversed, batches of 21": (5, 5, 100, -1, 21, 100, 150),
    "50 of 50": (50, 50, 100, 1, 64, 40, 64),
    "50 reversed": (50, 50, 100, -1, 64, 40, 64),
}
LONG = 10  # integers; longer ones are left to the first decoder and to the last
N_EPOCHS = 50
N_TEST = 1000
MINUTES = "Minutes"


def parse_args(argv=None):
    parser = cli.comparison_parser(__doc__, epochs=N_EPOCHS)
    parser.add_file("--map", ".png", "draw where the attention looks in one sequence")
    return parser.parse_args(argv)


def build_model(decoder, n_in, n_out, n_unique, units):
    from common.backend import keras
    from common.positions import AddPositions

    sequence = keras.Input((n_in,), dtype="int32")
    one_hot = keras.layers.Embedding(n_unique, n_unique, "identity", trainable=False)
    kind, both_directions = DECODERS[decoder]
    if both_directions:
        encoder = keras.layers.LSTM(units // 2, return_sequences=True, return_state=True)
        encoder = keras.layers.Bidirectional(encoder)
    else:
        encoder = keras.layers.LSTM(units, return_sequences=True, return_state=True)
    encoded, *states = encoder(one_hot(sequence))
    final = keras.layers.Concatenate()(states[::2]) if both_directions else states[0]
    repeated = keras.layers.RepeatVector(n_out)(final)
    decoded = keras.layers.LSTM(units, return_sequences=True)(repeated)
    if kind == "attention":
        fetched, _ = keras.layers.Attention(use_scale=True, name="attention")(
            [AddPositions()(decoded), encoded, AddPositions()(encoded)],
            return_attention_scores=True,  # queries, values, keys
        )
        decoded = keras.layers.Concatenate()([decoded, fetched])
    output = keras.layers.Dense(n_unique, activation="softmax")
    model = keras.Model(sequence, output(decoded))
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main(argv=None):
    args = parse_args(argv)

    from common.training import initialize, predict, train

    comparison = Comparison(args, tested_on=f"{N_TEST} new sequences")
    for task, (n_in, n_out, n_unique, step, batch_size, n_batches, units) in TASKS.items():

        def draw(rng):
            return tuple(rng.choices(range(n_unique), k=n_in))

        def echo(X):
            return X[:, ::step][:, :n_out]

        test_rng = random.Random("test set")
        test_set = draw_distinct(N_TEST, lambda: draw(test_rng), same=tuple)
        held_out, X = set(test_set), np.array(test_set)
        decoders = [*DECODERS] if n_in < LONG else [*DECODERS][:: len(DECODERS) - 1]
        for decoder in decoders:
            variant = f"{task}, {decoder}"
            model = build_model(decoder, n_in, n_out, n_unique, units)
            for seed in args.seeds:
                initialize(model, seed)
                rng, clock = random.Random(seed), Clock()

                def epoch_data():
                    n = n_batches * batch_size
                    new = draw_unseen(n, lambda: draw(rng), held_out, same=tuple)
                    return np.array(new), echo(np.array(new))

                train(model, epoch_data, args.epochs, batch_size)
                minutes = clock.lap() / 60
                predicted = predict(model, X).argmax(axis=-1)
                scores = {**score_echoes(echo(X), predicted), MINUTES: minutes}
                comparison.add(variant, seed, model.count_params(), scores)
                questions = (" ".join(map(str, row[:5])) for row in test_set)
                print_wrong(f"{variant}, seed {seed}", questions, echo(X), predicted, 1)
    comparison.write()
    if args.map:
        weights = attention_weights(model, X[:1])[0]
        plot_attention(args.map, weights, X[0], predicted[0], f"{task}: one sequence")
    for task in TASKS:
        first, *_, last = DECODERS
        means = [comparison.mean(f"{task}, {name}", EXACT) for name in (first, last)]
        print(f"Finding: {task}: {first} {means[0]:.1%}, {last} {means[1]:.1%}.")


if __name__ == "__main__":
    cli.run(main)

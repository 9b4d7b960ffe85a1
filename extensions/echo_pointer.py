"""Can a network find for itself where each integer of an echo stands, among 1,000?

Beyond tutorial B. In `echo_length.py` the network is told the place that each integer comes
from. Here it reads one stream, of up to 20 integers in training, between a symbol for the
beginning and one for the end, and is told neither places nor lengths. The answer is right
only if it ends, with a symbol of its own, where it should. The pointers are those of
`addition_pointer.py`, but they move by -2 to 2 symbols. The tasks: the whole sequence, as
it is and reversed; its first two, as in the tutorial; and every second one.

    python -m extensions.echo_pointer --runs 3 --seed 11 --map map.png
"""

import random
from dataclasses import dataclass

from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.settings import BaseSettings
from common.training import train
import echo_partial
from extensions import addition_pointer
from extensions.addition_pointer import BATCH_SIZE, N_BATCHES, build_model, pointers_path
from extensions.tools.heldout import draw_around, draw_distinct
from extensions.tools.scoring import score_tests, showing
from extensions.tools.streams import write_answers, write_streams

LENGTHS = (20, 40, 100, 300, 1000)  # integers tested on
N_TEST = 1000  # sequences of each length
LONGEST = 20  # integers in training
TUTORIAL = echo_partial.Settings()
BEGIN, END, FILLING = (TUTORIAL.n_unique + i for i in range(3))
N_SHOWN = 12  # integers of the sequence that the map shows
POINTERS = addition_pointer.Variant(shifts=(-2, -1, 0, 1, 2), features=16)


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 40  # training epochs of each variant, 12,800 sequences in each


REVERSED = "reversed"
VARIANTS = {
    "whole": lambda sequence: sequence,
    REVERSED: lambda sequence: sequence[::-1],
    "first two": lambda sequence: sequence[: TUTORIAL.n_out],
    "every second": lambda sequence: sequence[::2],
}


def encode(sequences, timesteps=None):
    """The streams of sequences of any lengths, (n, timesteps)."""
    streams = [(BEGIN, *sequence, END) for sequence in sequences]
    return write_streams(streams, FILLING, timesteps)


def draw(length, rng):
    return tuple(rng.choices(range(TUTORIAL.n_unique), k=length))


def test_sequences():
    """{name: sequences of that many integers each}"""
    rng = random.Random("test set")
    return {
        f"{n} integers": draw_distinct(
            N_TEST, lambda m: [draw(n, rng) for _ in range(m)], tuple
        )
        for n in LENGTHS
    }


def run(settings, seed, echo, train=train):
    """Train on one task with one seed, and score it on longer and longer sequences."""
    tests, steps = test_sequences(), LONGEST + 1
    held_out = {sequence for test_set in tests.values() for sequence in test_set}
    symbols = {"n_read": FILLING + 1, "n_written": END + 1}
    keras.utils.set_random_seed(seed)
    model = build_model(POINTERS, steps, settings.epochs * N_BATCHES, **symbols)
    rng = random.Random(seed)

    def right(sequences):
        return [*map(echo, sequences)]

    def new_sequences():
        def any_length(n):
            return [draw(rng.randint(1, LONGEST), rng) for _ in range(n)]

        new = draw_around(held_out, N_BATCHES * BATCH_SIZE, any_length, tuple)
        return encode(new, LONGEST + 2), *write_answers(right(new), steps, END)

    history = train(model, new_sequences, settings.epochs, BATCH_SIZE)

    def ask(sequences):
        return model.answers(encode(sequences), END)

    def texts(sequences):
        return [" ".join(map(str, sequence)) for sequence in sequences]

    scores, wrong = score_tests(tests, ask, right, texts)
    shown = None
    if echo is VARIANTS[REVERSED]:
        sequence = draw(N_SHOWN, random.Random("map"))
        read, written = ["begin", *sequence, "end"], [*echo(sequence), "end"]
        shown = wrong, *pointers_path(model, encode([sequence]), read, written)
    return Run(model, history, scores, shown)


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} sequences of each length",
    show=showing(REVERSED),
    map="where the pointers stand while one sequence is reversed",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

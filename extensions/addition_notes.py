"""Can it add as the tutorial writes a sum, "123+45" -> "168", at any length?

`addition_pointer.py` reads and writes the least significant digit first. Written as in
tutorial A, the answer begins with the digit that hangs on a carry from all the others, and
one pass over the question has nothing right (`addition_pointer_harder.py`). Here are two
passes. The first moves its pointers along the question and takes a note at each step,
eight numbers from -1 to 1; nobody says what to note. The second moves its pointers along
the notes and writes the answer from its first digit. Terms have 1 to 20 digits in
training; no place and no length is told. Then signed differences, "45-123" -> "-78", and
controls: the question once more in place of the notes, and beside each of its symbols the
last note; notes of 2 and of 4 numbers; a training whose learning rate and factor go by the
clock and not by its loss, and whose noise begins with it but never goes back.

    python -m extensions.addition_notes --runs 10 --seed 31 --variant notes --map map.png

Training ends once the loss was low for 9,000 batches. If the loss is still above 0.3 at
half of the epochs, it begins anew, once, with other weights; "Restarts" counts that.
"""

import math
import sys
from dataclasses import dataclass
from random import Random

import numpy as np

from common import sums
from common.backend import keras
from common.runner import cli
from common.runner.comparison import Comparison, Run
from common.runner.plots import new_figure, plot_scores, save
from common.scores import Score, Share, share_equal
from common.settings import BaseSettings
from common.training import after_epochs, predict, train
from extensions import addition_pointer_harder as harder
from extensions.addition_pointer import (
    BATCH_SIZE,
    FACTOR,
    GROWING,
    LEARNING_RATE,
    N_BATCHES,
    N_HIDDEN,
    embed,
)
from extensions.tools.heldout import draw_around, draw_distinct, unordered
from extensions.tools.scoring import print_first_wrong, score_tests, share_of_answers
from extensions.tools.streams import END, read_answers, write_answers, write_streams

LENGTHS = (20, 100, 300, 1000)  # digits of both terms
N_TEST = 200  # questions of each kind
AGAIN = 100  # digits of the sums that are asked again with rounded notes
FAR = 10_000, 10  # digits and sums, of one variant
LONGEST = 20  # digits in training
N_IN, N_OUT = 2 * LONGEST + 3, LONGEST + 3  # symbols of a question; steps of each pass
HEADS, SHIFTS, UNITS = (12, 8), (-1, 0, 1), 32  # the heads of the first and second pass
NOISE = 3.0  # its standard deviation, at last
RATE_BATCHES, ENOUGH = 8000, 9000  # of a low loss: the rate is 0 then; training ends
STUCK, ANOTHER = 0.3, 1000  # the loss at which to begin anew, with the seed so much later
N_READ_OUT = 500  # sums whose notes are read out, and as many to learn it from
FRONT, FILLING = 12, 13  # of a question, beside the symbols of `harder.READ`
WRITTEN = harder.WRITTEN
NOTES = "notes"
DIGIT, CARRY, STOP = (
    Score(f"{what} read from a note", kind="parts", table=False)
    for what in ("Digit", "Carry", "End")
)
ROUNDED = Score(f"Notes rounded, {AGAIN} digits", table=False)
RESTARTS, BATCHES = (Score(name, kind="number") for name in ("Restarts", "Batches"))
LOSS = Score("Training loss", kind="error", table=False)


@dataclass(frozen=True)
class Settings(BaseSettings):
    epochs: int = 160  # training epochs at most, 12,800 sums in each


@dataclass(frozen=True)
class Variant:
    operation: str = "+"
    features: int = 8  # of a note
    last_alone: bool = False  # pass 2 reads the question, and beside it the last note
    by_the_clock: bool = False  # schedules as in `addition_pointer.py`
    far: bool = False  # whether sums of 10,000 digits are asked as well, and one is shown


VARIANTS = {
    NOTES: Variant(far=True),
    "differences": Variant(operation="-"),
    "last note alone": Variant(last_alone=True),
    "notes of 4": Variant(features=4),
    "notes of 2": Variant(features=2),
    "by the clock": Variant(by_the_clock=True),
}


def build_model(variant, n_batches):
    """Two passes, the notes between them, to be trained on `n_batches` at most."""
    from extensions.tools.pointers import Edges, PointerModel, Pointers

    layers, ops = keras.layers, keras.ops
    clock = [share * n_batches for share in GROWING]

    def reader(heads, name):
        # the kernels' scale decides: Keras's own recurrent ones are half as large
        return Pointers(
            UNITS,
            heads,
            SHIFTS,
            N_OUT,
            factor=FACTOR,
            growing=clock if variant.by_the_clock else None,
            noise=NOISE,
            kernel_initializer="lecun_normal",
            recurrent_initializer=keras.initializers.RandomNormal(stddev=UNITS**-0.5),
            name=name,
        )

    question = keras.Input((None,), dtype="int32")  # (samples, timesteps)
    mask = question != FILLING
    # each symbol as a vector: (samples, timesteps, 8)
    embedded = embed(question, 8, FILLING + 1)
    # first pass: what the LSTM says and the pointers fetched, at each step:
    # (samples, steps, 32 + 12 * 8)
    first = reader(HEADS[0], "reading")
    hidden = layers.Dense(N_HIDDEN, activation="relu")(first(embedded, mask))
    # a note at each step: (samples, steps, 8)
    notes = layers.Dense(variant.features, activation="tanh", name="note")(hidden)
    if variant.last_alone:
        last = ops.zeros_like(embedded[:, :, :1]) + notes[:, -1:]
        read = layers.Concatenate()([embedded, last])
    else:
        # a vector in front of the notes, and one behind: (samples, steps + 2, 8)
        read = Edges(name="edges")(notes)
        mask = ops.ones_like(read[:, :, 0], dtype="bool")
    # second pass: (samples, steps, 32 + 8 * 8)
    written = reader(HEADS[1], "writing")(read, mask)
    hidden = layers.Dense(N_HIDDEN, activation="relu")(written)
    # a score of each digit, the end, and where there are differences the minus:
    # (samples, steps, 11)
    n_written = len(WRITTEN) - (variant.operation == "+")
    model = PointerModel(question, layers.Dense(n_written)(hidden))

    def falling():
        share = ops.minimum(1.0, first.noisy_batches / RATE_BATCHES)
        return LEARNING_RATE / 2 * (1 + ops.cos(math.pi * share))

    cosine = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, n_batches)
    rate = cosine if variant.by_the_clock else falling
    # the mean over the steps that count: Keras's default would be that over all
    loss = keras.losses.SparseCategoricalCrossentropy(
        from_logits=True, reduction="mean_with_sample_weight"
    )
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0, epsilon=1e-8), loss)
    return model


def question(operation, terms):
    """What is asked: "123+45="."""
    return f"{operation.join(map(str, terms))}="


def result(operation, terms):
    """What is to be written.

    >>> result("+", (123, 45)), result("-", (45, 123))
    ('168', '-78')
    """
    return str(sums.answer(terms) if operation == "+" else terms[0] - terms[1])


def read(operation, terms, timesteps=None):
    """Questions as a model reads them, behind a symbol for the front, (n, timesteps)."""
    questions = [[FRONT, *map(harder.READ.get, question(operation, t))] for t in terms]
    return write_streams(questions, FILLING, timesteps)


def draw(shortest, longest, rng):
    """Two terms of numbers of digits from `shortest` to `longest`."""
    return tuple(harder.number(rng.randint(shortest, longest), rng) for _ in range(2))


def test_terms(operation):
    """{name: pairs of terms}"""
    rng, most = Random("test set"), max(LENGTHS)

    def drawn(terms):
        return draw_distinct(N_TEST, lambda n: [terms() for _ in range(n)])

    def unequal():
        return tuple(rng.sample([harder.number(n, rng) for n in (1, most)], 2))

    def carried():  # 999 + 1, 1 + 999; of differences 1000 - 1, 1 - 1000
        nines = 10 ** rng.randint(1, most) - (operation == "+")
        return tuple(rng.sample([nines, rng.randint(1, 9)], 2))

    return {
        **{f"{n} digits": drawn(lambda n=n: draw(n, n, rng)) for n in LENGTHS},
        "Any lengths": drawn(lambda: draw(1, most, rng)),
        "1 to 3 digits": drawn(lambda: draw(1, 3, rng)),
        "Unequal lengths": drawn(unequal),
        "Long carries": drawn(carried),
    }


def trained(settings, seed, variant, held_out, train):
    """A model, and what `train` returned, for each time that training began."""
    operation, histories = variant.operation, []
    rng, task = Random(seed), harder.Variant(operation=operation)

    def new_questions():
        def any_length(n):
            return [harder.draw(task, rng) for _ in range(n)]

        new = draw_around(held_out, N_BATCHES * BATCH_SIZE, any_length)
        answers = [[*map(WRITTEN.index, result(operation, t))] for t in new]
        return read(operation, new, N_IN), *write_answers(answers, N_OUT, END)

    for weights_seed in (seed, seed + ANOTHER):
        keras.utils.set_random_seed(weights_seed)
        model = build_model(variant, settings.epochs * N_BATCHES)
        counts, to_judge = model.pointers[0], 0 if histories else settings.epochs // 2

        def stuck(epochs_done):
            return epochs_done == to_judge and float(counts.mean_loss) > STUCK

        def look(epochs_done):
            learned = float(counts.noisy_batches) >= ENOUGH and not variant.by_the_clock
            model.stop_training = learned or stuck(epochs_done)

        looks = [after_epochs(range(1, settings.epochs + 1), look)]
        sizes = settings.epochs, BATCH_SIZE
        histories.append(train(model, new_questions, *sizes, callbacks=looks))
        if not stuck(len(histories[-1]["loss"])):
            break
    return model, histories


def run(settings, seed, variant, train=train):
    """Train one variant with one seed, and score it on longer and longer questions."""
    operation, tests = variant.operation, test_terms(variant.operation)
    held_out = {unordered(terms) for asked in tests.values() for terms in asked}
    model, histories = trained(settings, seed, variant, held_out, train)
    history = histories[-1]
    history.seconds = sum(one.seconds for one in histories)
    history.compile_seconds = sum(one.compile_seconds for one in histories)

    def texts(answers):
        return ["".join(WRITTEN[symbol] for symbol in answer or ()) for answer in answers]

    def ask(terms, steps=None):
        return texts(model.answers(read(operation, terms), END, steps))

    def expected_of(terms):
        return [result(operation, t) for t in terms]

    def texts_of(terms):
        return [question(operation, t) for t in terms]

    scores, wrong = score_tests(tests, ask, expected_of, texts_of)
    n, n_far = FAR
    far, shown = Score(f"{n} digits"), None
    scores |= dict.fromkeys((ROUNDED, far, DIGIT, CARRY, STOP))
    scores[RESTARTS] = len(histories) - 1
    scores[BATCHES] = N_BATCHES * sum(len(one["loss"]) for one in histories)
    scores[LOSS] = history["loss"][-1]
    if operation == "+":
        lag, found = read_out(model)
        scores |= found
        terms = tests[f"{AGAIN} digits"]
        found = texts(answers_by_rounded_notes(model, read(operation, terms)))
        scores[ROUNDED] = share_of_answers(expected_of(terms), found)
    if variant.far:
        sys.set_int_max_str_digits(0)  # Python's limit would be 4,300
        terms = [draw(n, n, Random(i)) for i in range(n_far)]
        # more steps than an answer has, not twice as many, which take four times as long
        scores[far] = share_of_answers(expected_of(terms), ask(terms, n + 3))
        shown = wrong, lag, *what_happens(model, (874365091726, 634908277))
    return Run(model, history, scores, shown)


def answers_by_rounded_notes(model, stream):
    """What `model.answers` returns if every note is of -1, 0 and 1 alone."""
    from extensions.tools.pointers import with_pointers

    copied, ops = with_pointers(model, steps=None), keras.ops
    copied.get_layer("note").activation = lambda values: ops.round(ops.tanh(values))
    outputs = predict(copied, stream, batch_size=50, jit_compile=True)
    return read_answers(outputs.argmax(axis=-1), END)


def to_read_out():
    """Sums whose notes are read, by place, the last one first.

    Returns their terms; their digits, (sums, steps), END above a sum; and whether a carry
    leaves a place, (sums, steps).
    """
    rng, places = Random("notes"), range(1, N_OUT + 1)
    terms = [draw(1, LONGEST, rng) for _ in range(2 * N_READ_OUT)]
    digits = [[*map(int, result("+", t)[::-1])] for t in terms]
    carries = [[sum(n % 10**p for n in t) >= 10**p for p in places] for t in terms]
    return terms, write_streams(digits, END, N_OUT), np.array(carries)


def place_by_place():
    """How often one is right who adds each place by itself: {what: Share}."""
    terms, digits, carries = to_read_out()
    inside, places = digits != END, range(N_OUT)
    alone = np.array([[sum(n // 10**p % 10 for n in t) for p in places] for t in terms])
    return {
        "digits": share_equal(digits[inside], alone[inside] % 10),
        "carries": share_equal(carries[inside], alone[inside] > 9),
    }


def read_out(model):
    """How often a linear classifier is right that reads a single note.

    It learns from the notes of half of some sums, and reads those of the others: the sum's
    digit at the note's place, counted from the last one; whether a carry leaves it; and
    whether the sum has ended. A note may lag behind by up to two steps: the lag with the
    most digits counts. Returns the lag, and {score: Share}.
    """
    from sklearn.linear_model import LogisticRegression

    terms, digits, carries = to_read_out()
    taking_notes = keras.Model(model.input, model.get_layer("note").output)
    notes = predict(taking_notes, read("+", terms))  # (sums, steps, features)
    inside = digits != END

    def share(labels, where, lag):
        labels, where = (a[:, : N_OUT - 1 - lag] for a in (labels, where))
        seen = notes[:, lag : N_OUT - 1]
        X, y = (
            [part[w] for part, w in zip(np.split(a, 2), np.split(where, 2))]
            for a in (seen, labels)
        )
        classifier = LogisticRegression(max_iter=1000).fit(X[0], y[0])
        return share_equal(y[1], classifier.predict(X[1]))

    lag = max(range(3), key=lambda lag: share(digits, inside, lag))
    return lag, {
        DIGIT: share(digits, inside, lag),
        CARRY: share(carries, inside, lag),
        STOP: share(inside, np.ones_like(inside), lag),
    }


def what_happens(model, terms):
    """What the map shows of one sum: its question and answer, where the pointers stand in
    the first pass, (steps, timesteps), the notes, (steps, features), and where the pointers
    stand on them in the second pass, (steps, steps + 2)."""
    from extensions.tools.pointers import with_pointers

    stream, copied = read("+", [terms]), with_pointers(model, steps=None)
    [notes] = predict(keras.Model(copied.input, copied.get_layer("note").output), stream)
    reading, writing = (shares[0].max(axis=1) for shares in model.paths(stream, len(notes)))
    return question("+", terms), result("+", terms), reading, notes, writing


def by_order(texts, expected, answers):
    """How often sums are right whose shorter term comes first, and the others.

    `texts`: "7+999=". Returns {"shorter": Share, "longer": Share}.
    """
    right = {"shorter": [], "longer": []}
    for text, e, a in zip(texts, expected, answers, strict=True):
        first, second = map(len, text[:-1].split("+"))
        right["shorter" if first < second else "longer"].append(e == a)
    return {order: Share(sum(of_it), len(of_it)) for order, of_it in right.items()}


def show(shown, args):
    """Wrong answers of the first test that has any; what happens while a sum is added."""
    wrong, *happens = shown
    print_first_wrong(f"{NOTES}, seed {args.seed}", wrong)
    for order, share in by_order(*wrong[1:]).items() if wrong else ():
        if share.total:
            print(f"{wrong[0]}, {order} term first: {share}")
    for what, share in place_by_place().items():
        print(f"Whoever adds each place by itself has {what} right: {share}")
    if args.map:
        draw_map(args.map, *happens)


def draw_map(path, lag, asked, answer, reading, notes, writing):
    """Draw three panels: the first pass, the notes, the second pass.

    Beside a note stands the digit of the answer that it is about, the last one first.
    """
    due = [*[""] * lag, *reversed(answer), "end", *[""] * len(notes)][: len(notes)]
    written = [*answer, "end"]
    figure = new_figure(figsize=(13, 4.5), layout="constrained")
    figure.suptitle(f"{asked}{answer}")
    widths = [len(asked) + 1, 10, len(notes) + 2]
    panels = (
        ("First pass: pointers on the question", reading, ["", *asked], due, "Blues"),
        ("Notes", notes, range(1, notes.shape[1] + 1), due, "RdBu"),
        ("Second pass: pointers on the notes", writing, ["", *due, ""], written, "Blues"),
    )
    all_axes = figure.subplots(1, 3, width_ratios=widths)
    for axes, (title, values, below, beside, colours) in zip(all_axes, panels):
        least = -1 if values is notes else 0
        values = values[: len(beside)]
        axes.imshow(values, cmap=colours, vmin=least, vmax=1, aspect="auto")
        axes.set_xticks(range(len(below)), below, fontsize=8)
        axes.set_yticks(range(len(beside)), beside, fontsize=8)
        axes.set_title(title, fontsize="medium")
    save(figure, path)


def plot(path, results, settings):
    lines = results.curves(LENGTHS, "{} digits")
    title = f"Trained on terms of up to {LONGEST} digits"
    plot_scores(path, lines, "digits", "exact match", title, xscale="log")


experiment = Comparison(
    __doc__,
    Settings,
    VARIANTS,
    run,
    f"{N_TEST} questions of each kind",
    compares=[(NOTES, other, "1000 digits") for other in [*VARIANTS][2:]],
    plot=("exact match against the number of digits", plot),
    show=(NOTES, show),
    map="pointers and notes while one sum is added",
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

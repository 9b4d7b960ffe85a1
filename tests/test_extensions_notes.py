"""Two passes, notes in between: what is trained, when it ends, how notes are read out."""

from types import SimpleNamespace

import numpy as np
import pytest

from common.backend import keras, tf
from common.training import History
from extensions import addition_notes as script
from extensions.addition_notes import CARRY, DIGIT, STOP, VARIANTS, build_model, read
from extensions.tools import pointers
from extensions.tools.pointers import Edges
from extensions.tools.streams import END, read_answers, write_answers


@pytest.fixture
def model():
    keras.utils.set_random_seed(1)
    return build_model(VARIANTS["notes"], 100)


@pytest.mark.parametrize(
    ("name", "parameters", "growing"),
    [
        ("notes", 54_551, None),
        ("differences", 54_616, None),
        ("last note alone", 69_063, None),
        ("notes of 4", 47_019, None),
        ("notes of 2", 43_253, None),
        ("by the clock", 54_551, (35, 75)),
    ],
)
def test_a_model_begins_as_its_recipe_says(name, parameters, growing):
    keras.utils.set_random_seed(1)
    model = build_model(VARIANTS[name], 100)
    assert model.count_params() == parameters
    assert model.optimizer.global_clipnorm == 1
    assert model.get_layer("note").activation is keras.activations.tanh
    for layer, heads in zip(model.pointers, (12, 8), strict=True):
        expected = {"units": 32, "heads": heads, "shifts": (-1, 0, 1), "steps": 23}
        expected |= {"factor": 8, "growing": growing, "noise": 3, "hard": False}
        assert expected.items() <= layer.settings.items()
        kernels = [w.numpy() for w in layer.trainable_weights if w.ndim > 1]
        assert len(kernels) == 4  # of the start, the LSTM's two, and of the moves
        for kernel in kernels:
            deviation = kernel.std() * np.prod(kernel.shape[:-1]) ** 0.5
            assert deviation == pytest.approx(1, abs=3 / (2 * kernel.size) ** 0.5)


@pytest.mark.parametrize("name", ["notes", "last note alone"])
def test_every_weight_gets_a_gradient_and_both_passes_count_the_batch(name, monkeypatch):
    monkeypatch.setattr(script, "N_OUT", 5)
    keras.utils.set_random_seed(1)
    model = build_model(VARIANTS[name], 100)
    terms = [(i + 1, 10**i) for i in range(4)]
    answers = [[*map(int, script.result("+", pair))] for pair in terms]
    y, counts = write_answers(answers, 5, END)
    with tf.GradientTape() as tape:
        output = model(read("+", terms), training=True)
        loss = model.compute_loss(None, y, output, counts)
    chances = np.take_along_axis(np.array(keras.ops.softmax(output)), y[..., None], 2)
    mean = -(np.log(chances[..., 0]) * counts).sum() / counts.sum()
    assert float(loss) == pytest.approx(mean, rel=1e-5)
    gradients = tape.gradient(loss, model.trainable_weights)
    for weight, gradient in zip(model.trainable_weights, gradients):
        assert np.abs(tf.convert_to_tensor(gradient)).max() > 0, weight.path
    for layer in model.pointers:
        assert float(layer.batches) == 1 and layer.mean_loss == loss > script.STUCK


def test_the_rate_falls_along_a_cosine_with_batches_of_a_low_loss(model):
    for batches, rate in ((0, 0.003), (4000, 0.0015), (8000, 0.0), (9000, 0.0)):
        model.pointers[0].noisy_batches.assign(batches)
        assert float(model.optimizer.learning_rate) == pytest.approx(rate, abs=1e-9)
    clock = build_model(VARIANTS["by the clock"], 100)
    clock.pointers[0].noisy_batches.assign(8000)
    assert float(clock.optimizer.learning_rate) == pytest.approx(0.003)


def test_edges_stand_in_front_and_behind():
    layer = Edges()
    first, *between, last = np.array(layer(np.ones((1, 3, 4), "float32")))[0]
    assert (np.array(between) == 1).all() and len(between) == 3
    assert np.array([first, last]).tolist() == layer.edges.numpy().tolist()


def test_notes_are_not_cut_where_the_first_half_would_do(model, monkeypatch):
    """A model of one pass may write half of the symbols first; here it would be wrong."""

    def written(model, X, **_):
        return np.array(model(X))

    monkeypatch.setattr(pointers, "predict", written)  # not compiled
    X = read("+", [(10**i, 7) for i in range(4)])
    whole, half = (
        written(pointers.with_pointers(model, steps=steps), X).argmax(axis=-1)
        for steps in (None, 4)
    )
    end = next(e for e in range(END) if read_answers(half, e) != read_answers(whole, e))
    assert model.answers(X, end) == read_answers(whole, end)
    assert whole.shape == (4, X.shape[1] + 2)  # as many as there are notes and edges


@pytest.mark.parametrize(
    ("losses", "calm", "name", "expected"),
    [
        ((0.2, 0.2), 0, "differences", (0, 8)),  # to the end
        ((0.2, 0.2), 3000, "differences", (0, 3)),  # learned
        ((0.2, 0.2), 2250, "differences", (0, 4)),
        ((0.2, 0.2), 3000, "by the clock", (0, 8)),
        ((0.5, 0.2), 0, "differences", (1, 4 + 8)),  # stuck, and another seed
        ((0.5, 0.5), 0, "differences", (1, 4 + 8)),  # at most once
        ((0.5, 0.2), 1500, "differences", (1, 4 + 6)),
    ],
)
def test_training_ends_when_it_has_learned_and_begins_anew_when_it_is_stuck(
    losses, calm, name, expected, monkeypatch
):
    """`calm`: batches of a low loss that are counted in each epoch."""
    begun = []

    def build(*_):
        begun.append(np.random.random())
        return SimpleNamespace(pointers=[SimpleNamespace()])

    def pretend(model, new_data, epochs, batch_size, callbacks):
        loss, counts, model.stop_training = losses[len(begun) - 1], model.pointers[0], False
        counts.mean_loss = loss
        for done in range(epochs):
            counts.noisy_batches = (done + 1) * calm * (loss < 0.3)
            callbacks[0].on_epoch_end(done)
            if model.stop_training:
                break
        history = History(loss=[loss] * (done + 1))
        history.seconds = done + 1
        return history

    monkeypatch.setattr(script, "build_model", build)
    monkeypatch.setattr(script, "score_tests", lambda *args: ({}, None))
    monkeypatch.setattr(script, "read_out", lambda model: (0, {}))
    monkeypatch.setattr(script, "answers_by_rounded_notes", lambda model, X: [None] * 200)
    settings = script.Settings(epochs=8)
    ran = script.run(settings, 5, VARIANTS[name], train=pretend)
    n_restarts, n_epochs = expected
    assert ran.scores[script.RESTARTS] == n_restarts == len(begun) - 1
    assert ran.scores[script.BATCHES] == 100 * n_epochs
    assert ran.history.seconds == n_epochs
    for seed, drawn in zip((5, 1005), begun):
        keras.utils.set_random_seed(seed)
        assert np.random.random() == drawn


def test_rounded_notes_are_of_three_values(model, monkeypatch):
    X, passed_on = read("+", [(10**i, 7) for i in range(4)]), []

    def note(model):
        return np.array(keras.Model(model.input, model.get_layer("note").output)(X))

    def written(copied, X, **_):
        passed_on.append(note(copied))
        return np.array(copied(X))

    monkeypatch.setattr(script, "predict", written)
    model.get_layer("note").bias.assign(range(-4, 4))
    script.answers_by_rounded_notes(model, X)
    assert {*np.unique(passed_on[0]).tolist()} == {-1, 0, 1}
    assert (passed_on[0] == note(model)[:, : X.shape[1]].round()).all()


@pytest.mark.parametrize(
    ("lag", "carry", "turned", "expected"),
    [
        (0, True, 0, {DIGIT: 1, CARRY: 1, STOP: 1}),
        (2, True, 0, {DIGIT: 1, CARRY: 1, STOP: 1}),
        (0, False, 0, {DIGIT: 1, STOP: 1}),
        (0, True, 1, {}),
    ],
)
def test_notes_are_read_out_by_place(model, lag, carry, turned, expected, monkeypatch):
    """Notes that have the sum's digit, the carry and the end in them; or no carry; or other
    digits in the half that is not learned from."""

    def notes(model, X):
        noted = np.zeros((len(X), script.N_OUT, 13))
        for note, stream in zip(noted, X.tolist()):
            text = "".join("0123456789+=^ "[symbol] for symbol in stream)
            first, second = map(int, text.strip("^= ").split("+"))
            digits = str(first + second)[::-1]
            for place in range(script.N_OUT - lag):
                note[place + lag, int(digits[place]) if place < len(digits) else 10] = 1
                below = 10 ** (place + 1)
                note[place + lag, 11] = carry and first % below + second % below >= below
        noted[100:, :, :10] = np.roll(noted[100:, :, :10], turned, axis=-1)
        return 5 * noted

    monkeypatch.setattr(script, "predict", notes)
    monkeypatch.setattr(script, "N_READ_OUT", 100)
    found_lag, found = script.read_out(model)
    assert {score: 1 for score, share in found.items() if float(share) == 1} == expected
    assert found_lag == lag or turned


def test_who_adds_each_place_by_itself_misses_what_carries_bring(monkeypatch):
    # 2103; by places, the last one first: 13, 9, 10 and 1
    monkeypatch.setattr(script, "draw", lambda *_: (1657, 446))
    n = 2 * script.N_READ_OUT
    expected = {"digits": (n, 4 * n), "carries": (3 * n, 4 * n)}
    assert script.place_by_place() == expected


def test_the_map_shows_the_notes_beside_the_digits_that_are_due(model, monkeypatch):
    figures = []
    monkeypatch.setattr(script, "save", lambda figure, path: figures.append(figure))
    monkeypatch.setattr(script, "predict", lambda model, X: np.array(model(X)))
    shown = None, 1, *script.what_happens(model, (874, 56))
    script.show(shown, SimpleNamespace(seed=1, map="map.png"))
    reading, notes, writing = figures[0].axes
    images = [axes.images[0].get_array() for axes in (reading, notes, writing)]
    assert [image.shape for image in images] == [(8, 8), (8, 8), (4, 10)]
    labels = [label.get_text() for label in notes.get_yticklabels()]
    assert labels == ["", "0", "3", "9", "end", "", "", ""]  # one step behind
    assert [label.get_text() for label in reading.get_xticklabels()] == ["", *"874+56="]
    assert [label.get_text() for label in writing.get_yticklabels()] == [*"930", "end"]


def test_sums_are_told_apart_by_which_term_is_the_shorter_one():
    texts = ["7+99=", "99+7=", "8+9=", "12+345="]
    expected, answers = ["106", "106", "17", "357"], ["96", "106", None, "357"]
    found = script.by_order(texts, expected, answers)
    assert found == {"shorter": (1, 2), "longer": (1, 2)}


def test_tests_are_of_the_kinds_that_they_say(monkeypatch):
    for name, value in {"N_TEST": 20, "LENGTHS": (5, 9)}.items():
        monkeypatch.setattr(script, name, value)
    tests = {op: script.test_terms(op) for op in "+-"}
    assert all(len(terms) == 20 for kind in tests.values() for terms in kind.values())
    for terms in tests.values():
        lengths = {k: [(len(str(a)), len(str(b))) for a, b in t] for k, t in terms.items()}
        assert {*lengths["5 digits"]} == {(5, 5)}
        assert {*lengths["Unequal lengths"]} == {(1, 9), (9, 1)}
        assert {n for pair in lengths["1 to 3 digits"] for n in pair} == {1, 2, 3}
    for first, second in tests["+"]["Long carries"]:
        assert {*str(max(first, second))} == {"9"} and 1 <= min(first, second) <= 9
    assert len({first > second for first, second in tests["+"]["Long carries"]}) == 2
    for first, second in tests["-"]["Long carries"]:
        assert str(max(first, second)).rstrip("0") == "1"

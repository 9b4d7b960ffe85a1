"""Layers that Keras does not have: learned positions; pointers, by hand."""

import numpy as np
import pytest

from common.backend import keras
from common.training import predict, train
from extensions import addition_pointer
from extensions.tools import pointers
from extensions.tools.pointers import (
    PointerModel,
    Pointers,
    moved,
    with_pointers,
)
from extensions.tools.positions import AddPositions

STREAM = np.eye(5, dtype="float32")[[[3, 1, 4, 2, 0]]]  # four symbols, one filling
MASK = np.array([[True, True, True, True, False]])


@pytest.mark.parametrize(
    ("shift", "places"),
    [(0, [0, 1, 3]), (1, [1, 2, 3]), (2, [2, 3, 3]), (-1, [0, 0, 2]), (-2, [0, 0, 1])],
)
def test_pointers_move_and_stay_at_the_ends_of_the_symbols(shift, places):
    standing = np.eye(5, dtype="float32")[[[0, 1, 3]]]
    last = np.array([[[0, 0, 0, 1, 0]]], dtype="float32")
    shares = np.zeros((1, 3, 5), dtype="float32")
    shares[..., 2 + shift] = 1
    there = np.array(moved(standing, last, shares, (-2, -1, 0, 1, 2)))
    assert there.sum(axis=-1) == pytest.approx(1)
    assert there[0].argmax(axis=-1).tolist() == places
    only = np.ones((1, 1, 1), "float32")  # a single symbol
    assert (np.array(moved(only, only, shares[:, :1], (-2, -1, 0, 1, 2))) == 1).all()


def copying_layer():
    """One pointer that starts on the first symbol and always moves on by one."""
    layer = Pointers(units=2, heads=1, hard=True)
    layer(STREAM, MASK)
    start, bias = layer.start_scores.get_weights()
    start[:] = 0
    start[0] = -1  # a symbol before it counts against it: only the first has none
    layer.start_scores.set_weights([start, bias])
    weights, bias = layer.one_step.move.get_weights()
    layer.one_step.move.set_weights([0 * weights, np.array([-20, 20, 5], "float32")])
    return layer


def test_a_pointer_made_by_hand_copies_a_stream_of_any_length():
    layer = copying_layer()
    for n in (1, 4, 9):
        symbols = np.random.default_rng(n).integers(0, 5, n)
        stream = np.eye(5, dtype="float32")[np.newaxis, symbols]
        read = np.array(layer(stream, np.ones((1, n), bool)))
        assert read.shape == (1, n, 2 + 5)
        assert read[0, :, 2:].argmax(axis=-1).tolist() == symbols.tolist()


def test_pointers_are_sharpened_at_every_step():
    """One that stays, between two symbols, goes to the larger share."""
    layer = Pointers(units=2, heads=1)
    layer(STREAM, MASK)
    layer.start_scores.set_weights([w * 0 for w in layer.start_scores.get_weights()])
    kernel, bias = layer.start_scores.get_weights()
    kernel[1, 3] = 0.1  # the first symbol of the stream, a little more than the others
    layer.start_scores.set_weights([kernel, bias])
    weights, bias = layer.one_step.move.get_weights()
    layer.one_step.move.set_weights([0 * weights, np.array([20, -20, 3], "float32")])
    shares = np.array(layer.paths(STREAM, MASK, steps=4))[0, :, 0, 0]
    power = 1 + np.log(2)  # a softplus of 0: the bias of 3 makes up for BLUNT
    assert shares == pytest.approx(1 / (1 + 3 * np.exp(-0.1 * power ** np.arange(4))), 1e-3)


def test_filling_changes_nothing():
    layer = Pointers(units=3, heads=2, steps=6)
    filled = layer(STREAM, MASK)
    alone = layer(STREAM[:, :4], MASK[:, :4])
    assert np.array(filled) == pytest.approx(np.array(alone), abs=1e-6)


def test_paths_are_where_the_pointers_stand():
    paths = np.array(copying_layer().paths(STREAM, MASK, steps=5))
    assert paths.shape == (1, 5, 1, 5)
    assert paths[0, :, 0].argmax(axis=-1).tolist() == [0, 1, 2, 3, 3]


def model(noise=0.0, positions=False):
    keras.utils.set_random_seed(1)
    stream, mask = keras.Input((None, 5)), keras.Input((None,), dtype="bool")
    schedule = {"factor": 2.0, "growing": (0, 4), "noise": noise}
    read = Pointers(4, 2, steps=4, **schedule)(stream, mask)
    read = AddPositions()(read) if positions else read
    made = PointerModel([stream, mask], keras.layers.Dense(5, activation="softmax")(read))
    made.compile("adam", "sparse_categorical_crossentropy")
    return made


def data(n=8):
    symbols = np.random.default_rng(1).integers(0, 5, (n, 4))
    return (np.eye(5, dtype="float32")[symbols], np.ones((n, 4), bool)), symbols


@pytest.fixture
def noisy(monkeypatch):
    """Noise from the first batch on."""
    monkeypatch.setattr(pointers, "LOW_LOSS", 100.0)
    monkeypatch.setattr(pointers, "NOISE_BATCHES", 1)


def test_weights_and_noise_depend_on_the_seed_alone(noisy):
    written, (X, _) = [], data()
    for noise in (3.0, 3.0, 0.0):
        made = model(noise=noise)
        made.pointers[0].noisy_batches.assign(1)
        written.append(np.array(made(X, training=True)))
    assert (written[0] == written[1]).all() and (written[0] != written[2]).any()


def test_with_xla_training_moves_every_weight_and_counts_and_noise_ends_with_it(noisy):
    made, (X, y) = model(noise=3.0, positions=True), data()
    before = [np.array(weight) for weight in made.trainable_weights]
    train(made, lambda: (X, y), 3, 4)
    for weight, old in zip(made.trainable_weights, before):
        assert (np.array(weight) != old).any(), weight.path
    [layer] = made.pointers
    assert float(layer.batches) == 6 and 0 < float(layer.mean_loss) < 3
    assert float(layer.noisy_batches) > 0
    written = np.array(made(X))
    assert (np.array(made(X)) == written).all()
    copied = with_pointers(made)
    assert predict(copied, X, jit_compile=True) == pytest.approx(written, abs=1e-6)


def test_the_factor_grows_between_two_batches_and_stays_in_a_copy():
    """Scores times a factor: in a copy, which has its own count, as in the original."""
    made, (X, _) = model(), data(n=2)
    [layer] = made.pointers
    written = []
    for batches in (2, 4, 9):
        layer.batches.assign(batches)
        written.append(np.array(made(X)))
    assert written[2] == pytest.approx(written[1])
    assert np.abs(written[1] - written[0]).max() > 1e-5
    assert np.array(with_pointers(made)(X)) == pytest.approx(written[2], abs=1e-6)
    # all scores are linear in these weights, but for the power's
    layer.batches.assign(0)
    for kernel in (*layer.start_scores.weights, *layer.one_step.move.weights):
        there = kernel.numpy()
        there[..., : layer.one_step.n_scores] *= 2
        kernel.assign(there)
    assert np.array(with_pointers(made)(X)) == pytest.approx(written[1], abs=1e-5)


def test_noise_begins_once_the_mean_loss_is_low_and_goes_on(monkeypatch):
    monkeypatch.setattr(pointers, "LOSS_MEMORY", 0.9)
    layer = Pointers(2, 1, noise=3.0)
    layer(STREAM, MASK)
    counts = []
    for loss in [0.5] + 20 * [0.01] + 10 * [0.5]:
        layer.count_batch(loss)
        counts.append(int(layer.noisy_batches))
    begun = counts.index(1)  # 0.01 + 0.49 * 0.9 ** n is below 0.1 from n = 17 on
    assert begun == 17 and counts[-1] == len(counts) - begun


def test_without_growing_noise_and_factor_follow_the_loss_and_go_back():
    layer, moves = Pointers(2, 1, factor=8.0, growing=None, noise=3.0), {}
    layer(STREAM, MASK)
    for start, loss in ((0, 0.5), (10, 0.05), (10, 0.2), (10, 0.5), (2, 0.5)):
        layer.noisy_batches.assign(start)
        layer.mean_loss.assign(loss)
        layer.batches.assign(5)
        layer.count_batch(loss)
        moves[start, loss] = float(layer.noisy_batches) - start
    expected = {(0, 0.5): 0, (10, 0.05): 1, (10, 0.2): 0, (10, 0.5): -3, (2, 0.5): -2}
    assert moves == expected
    stream, mask = STREAM, MASK
    factors = []
    for batches in (0, 1500, 3000, 5000):
        layer.noisy_batches.assign(batches)
        factors.append(float(layer._first_state(stream, mask, np.zeros)[-1][0, 0]))
    assert factors == [1, 4.5, 8, 8]


def test_noise_grows_over_1500_batches():
    layer = Pointers(2, 1, noise=3.0)
    layer(STREAM, MASK)
    for batches, deviation in ((500, 1), (1500, 3), (2000, 3)):
        layer.noisy_batches.assign(batches)
        drawn = np.array(layer._noise_now((10_000,)))
        assert drawn.std() == pytest.approx(deviation, rel=0.05)


def test_noise_is_added_behind_the_factor_for_each_sample_pointer_and_step(monkeypatch):
    layer = Pointers(2, 2, steps=6, factor=8.0, growing=None, noise=3.0)
    stream, mask = STREAM.repeat(500, axis=0), MASK.repeat(500, axis=0)
    layer(stream, mask)
    for weights in (*layer.start_scores.weights, *layer.one_step.move.weights):
        weights.assign(0 * weights)  # what is left of the scores is the noise
    layer.noisy_batches.assign(pointers.FACTOR_BATCHES)
    decoded = []
    monkeypatch.setattr(
        keras.layers.RNN, "__call__", lambda *args, **kinds: decoded.append((args, kinds))
    )
    for _ in range(2):
        layer.call(stream, mask, training=True)
    starts = [np.log(kinds["initial_state"][2][..., :4]) for _, kinds in decoded]
    noises = [np.array(args[1]) for args, _ in decoded]
    assert noises[0].shape == (500, 6, 2 * 2)
    for drawn in (starts[0][..., 0] - starts[0][..., 1], *noises):
        scale = 2**0.5 if drawn.ndim == 2 else 1  # a difference of two
        for axis in range(drawn.ndim):
            spread = (drawn - drawn.mean(axis, keepdims=True)).std()
            n = drawn.shape[axis]
            assert spread == pytest.approx(scale * 3 * (1 - 1 / n) ** 0.5, rel=0.1)
    assert np.abs(starts[0] - starts[1]).min() > 0 and (noises[0] != noises[1]).all()


def test_noise_of_a_shift_is_not_multiplied():
    layer = Pointers(2, 1)
    layer(STREAM, MASK)
    for weights in layer.one_step.move.weights:
        weights.assign(0 * weights)
    [*others, factor] = layer._first_state(STREAM, MASK, keras.ops.zeros)
    others[2] = np.eye(5, dtype="float32")[[[1]]]
    noise = np.array([[0.0, 1.2]], "float32")
    _, state = layer.one_step(noise, [*others, 8 * factor])
    stay, on = np.array(state[2])[0, 0, 1:3]
    power = 1 + np.log1p(np.exp(pointers.BLUNT))
    assert np.log(on / stay) == pytest.approx(1.2 * power, rel=1e-4)


def test_the_same_weights_read_a_longer_stream():
    trained = model()
    longer, hard = with_pointers(trained, steps=None), with_pointers(trained, hard=True)
    X = np.eye(5, dtype="float32")[[[0, 1, 2, 3] * 5]], np.ones((1, 20), bool)
    written = np.array(longer(X))
    assert written.shape == (1, 20, 5)
    assert written[:, :4] == pytest.approx(np.array(trained(X)), abs=1e-6)
    [decided_paths], [paths] = hard.paths(X, steps=4), trained.paths(X, steps=4)
    assert {*np.unique(decided_paths).tolist()} == {0, 1}
    assert paths.shape == (1, 4, 2, 20)
    assert paths.max() < 1


def test_positions_are_added_and_are_learned():
    layer = AddPositions(longest=4)
    steps = np.ones((2, 3, 5), np.float32)
    added = np.asarray(layer(steps)) - steps
    assert len(layer.trainable_variables) == 1
    table = layer.table.numpy()
    assert table.shape == (4, 5)
    assert np.allclose(added, table[:3], atol=1e-6) and not np.allclose(table[0], table[1])
    assert layer(keras.Input((None, 5))).shape == (None, None, 5)
    with pytest.raises(ValueError, match="5 timesteps are more than the 4"):
        layer(np.ones((2, 5, 5), np.float32))
    again = keras.layers.deserialize(
        keras.layers.serialize(layer), {"AddPositions": AddPositions}
    )
    assert again.longest == 4


@pytest.mark.slow
def test_pointers_learn_from_five_digits_to_add_a_hundred(monkeypatch):
    """At the page's budget, where each of ten seeds has 99.9 % or more."""
    for name, value in {"LENGTHS": (20, 100), "N_OF_KIND": 10, "HARD": {}}.items():
        monkeypatch.setattr(addition_pointer, name, value)
    [row] = addition_pointer.main(["--variant", "up to 5 digits", "--seed", "11"])
    assert row["100 digits"].total == 1000
    assert row["100 digits"].right >= 990

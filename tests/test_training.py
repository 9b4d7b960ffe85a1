"""`train` against `fit`, and what else it promises."""

import functools
import random
import time

import numpy as np
import pytest

from common import training
from common.backend import keras, tf
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole

SMALL = {
    addition_mlp: {"examples": 20},
    addition_lstm_regression: {"examples": 20, "units": 3},
    addition_seq2seq: {"examples": 20, "largest": 5, "units": (4, 3)},
    echo_whole: {"length": 17, "n_in": 4, "n_unique": 9, "units": 3},
    echo_partial: {"length": 9, "n_in": 3, "n_unique": 9, "units": (4, 3)},
}
EPOCHS = 3


def small_model(optimizer="adam", loss="mse"):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss=loss, optimizer=optimizer)
    return model


def small_data(rows=8):
    rng = np.random.default_rng(0)
    return lambda: (rng.random((rows, 3)), rng.random((rows, 1)))


def same_data(rows=8):
    X, y = small_data(rows)()
    return lambda: (X, y)


def program_of(model):
    return vars(model)["_trained_by"][1]


def assert_close(weights, others):
    for a, b in zip(weights, others, strict=True):
        assert np.abs(a - b).max() <= 1e-4 * np.abs(b).max()


def assert_equal(weights, others):
    for a, b in zip(weights, others, strict=True):
        assert np.array_equal(a, b)


class Replaced:
    """A module with some of its names replaced."""

    def __init__(self, module, **names):
        self._module = module
        vars(self).update(names)

    def __getattr__(self, name):
        return getattr(self._module, name)


# The updates of fit


@functools.cache
def model_of(script):
    """A small model of a script, and its settings."""
    settings = script.Settings(**SMALL[script])
    return script.build_model(settings), settings


@pytest.mark.parametrize(
    ("script", "jit"), [*[(script, True) for script in SMALL], (echo_whole, False)]
)
def test_train_makes_the_updates_of_fit_and_has_its_loss_and_metrics(script, jit):
    trained, settings = model_of(script)
    fitted, by_epoch = script.build_model(settings), []
    fitted.jit_compile = False  # it takes longer to compile than to run
    for model in (fitted, trained):
        training.initialize(model, 3)
    rng, batch_size = random.Random(3), settings.batch_size
    for _ in range(EPOCHS):
        X, y = script.epoch_data(settings, rng)
        fit = fitted.fit(X, y, batch_size=batch_size, shuffle=False, verbose=0)
        by_epoch.append(fit.history)
        training.reset_states(fitted)
    rng = random.Random(3)
    history = training.train(
        trained, lambda: script.epoch_data(settings, rng), EPOCHS, batch_size, jit=jit
    )
    assert_close(trained.get_weights(), fitted.get_weights())
    assert set(history) == set(by_epoch[0]) and list(history)[0] == "loss"
    for name, values in history.items():
        of_fit = [value for fit in by_epoch for value in fit[name]]
        assert values == pytest.approx(of_fit, rel=1e-4)


def trained_like_fit(build, X, y, weights=None):
    """A model that `train` has trained, once `fit` gave the same on another one."""
    trained, fitted = build(), build()
    for model in (trained, fitted):
        training.initialize(model, 1)
    data = (X, y) if weights is None else (X, y, weights)
    history = training.train(trained, lambda: data, 3, 4)
    X = [*X] if isinstance(X, tuple) else X
    fit = fitted.fit(X, y, 4, 3, verbose=0, shuffle=False, sample_weight=weights)
    assert_close(trained.get_weights(), fitted.get_weights())
    for name, values in history.items():
        assert values == pytest.approx(fit.history[name], rel=1e-4)
    return trained


def test_losses_optimizers_metrics_and_several_inputs_are_those_of_the_model():
    def build():
        first, second = keras.Input((4,), dtype="int32"), keras.Input((2,))
        embedded = keras.layers.Flatten()(keras.layers.Embedding(9, 3)(first))
        joined = keras.layers.Concatenate()([embedded, second])
        outputs = keras.layers.Dense(5, activation="softmax")(joined)
        model = keras.Model([first, second], outputs)
        top2 = keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2")
        sgd = keras.optimizers.SGD(0.1, momentum=0.5)
        model.compile(sgd, "sparse_categorical_crossentropy", metrics=["accuracy", top2])
        return model

    rng = np.random.default_rng(1)
    X = (rng.integers(0, 9, (12, 4)), rng.random((12, 2)).astype("float32"))
    model = trained_like_fit(build, X, rng.integers(0, 5, (12,)))
    predicted = model.predict([*X], verbose=0)
    assert np.allclose(training.predict(model, X, 5), predicted, atol=1e-6)


def test_a_model_for_any_number_of_timesteps_is_trained_like_any_other():
    def build():
        steps = keras.Input((None,), dtype="int32")
        embedded = keras.layers.Embedding(9, 4)(steps)
        decoded = keras.layers.LSTM(3, return_sequences=True)(embedded)
        model = keras.Model(steps, keras.layers.Dense(9, activation="softmax")(decoded))
        falling = keras.optimizers.schedules.CosineDecay(0.1, 9)
        adam = keras.optimizers.Adam(falling)
        model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
        return model

    X = np.random.default_rng(1).integers(0, 9, (12, 5))
    model = trained_like_fit(build, X, X)
    assert training.predict(model, np.tile(X, 3)).shape == (12, 15, 9)


def test_weights_of_losses_count_as_in_fit_and_what_weighs_nothing_changes_nothing():
    def build():
        model = keras.Sequential([keras.Input((3, 4)), keras.layers.Dense(4, "softmax")])
        model.compile(loss="categorical_crossentropy", optimizer="adam")
        return model

    X = np.eye(4, dtype=np.float32)[np.random.default_rng(1).integers(4, size=(8, 3))]
    other, weights = X.copy(), np.array([[0, 1, 1]] * 8)
    other[:, 0] = X[:, 0, ::-1]  # another answer where the weight is 0
    trained = [trained_like_fit(build, X, y, weights) for y in (X, other)]
    assert_close(*[model.get_weights() for model in trained])


def test_a_stateful_layer_inside_a_nested_model_is_reset_at_every_epoch():
    lstm = keras.layers.LSTM(2, stateful=True)
    inner = keras.Sequential([keras.Input(batch_shape=(4, 2, 1)), lstm])
    model = keras.Sequential(
        [keras.Input(batch_shape=(4, 2, 1)), inner, keras.layers.Dense(1)]
    )
    model.compile(keras.optimizers.SGD(0.0), "mse")
    X, y = np.random.default_rng(0).random((8, 2, 1)), np.ones((8, 1))
    history = training.train(model, lambda: (X, y), 3, 4)
    assert history["loss"][0] == history["loss"][1] == history["loss"][2]
    assert not np.any(lstm.states[0])
    assert np.array_equal(training.predict(model, X, 4), training.predict(model, X, 4))


# Weights of a seed


@pytest.mark.parametrize("script", SMALL)
def test_initialize_gives_the_weights_of_a_model_built_after_seeding_keras(script):
    model, settings = model_of(script)
    before = random.getstate()
    training.initialize(model, 7)
    assert random.getstate() == before  # the global generator is left alone
    keras.utils.set_random_seed(7)
    built = script.build_model(settings)
    assert_equal(model.get_weights(), built.get_weights())


def test_a_model_that_was_trained_starts_anew_after_initialize():
    model, data, weights = small_model(), same_data(), []
    for _ in range(2):
        training.initialize(model, 1)
        training.train(model, data, 3, 4)
        weights.append(model.get_weights())
    assert_equal(*weights)


# The compiled program


@pytest.fixture(scope="module")
def trained_before():
    """A model that was trained, with what it was trained on, and its history."""
    model, data = small_model(), same_data()
    return model, data, training.train(model, data, 3, 4)


def test_whatever_the_number_of_epochs_there_is_one_program(trained_before):
    model, data, _ = trained_before
    program = program_of(model)
    for epochs in (1, 2, 30):
        training.initialize(model, 1)
        training.train(model, data, epochs, 4)
        assert program_of(model) is program
    assert program.function.experimental_get_tracing_count() == 1


def test_the_seconds_of_compiling_are_told_apart(trained_before):
    model, data, first = trained_before
    second = training.train(model, data, 3, 4)
    assert first.compile_seconds > 0 and first.seconds > 0
    assert second.compile_seconds == 0 and second.seconds > 0


def test_the_seconds_of_a_callback_are_not_those_of_training(trained_before, monkeypatch):
    model, data, _ = trained_before
    waited = []
    clock = Replaced(time, perf_counter=lambda: time.perf_counter() + sum(waited))
    monkeypatch.setattr(training, "time", clock)

    def wait(epoch):
        waited.append(1000)

    with training.calling(wait, [1, 2]):
        history = training.train(model, data, 2, 4)
    assert sum(waited) == 2000 and 0 < history.seconds < 1000


@pytest.mark.parametrize("loss", ["mse", lambda y, outputs: 0 * outputs])
def test_a_model_compiled_anew_is_trained_as_it_was_compiled(loss):
    optimizer, data = keras.optimizers.SGD(0.1), same_data()
    model = small_model(optimizer)
    training.train(model, data, 3, 4)
    weights = model.get_weights()
    # either another optimizer or another loss leaves the weights alone
    model.compile(keras.optimizers.SGD(0.0) if loss == "mse" else optimizer, loss)
    training.train(model, data, 3, 4)
    assert_equal(model.get_weights(), weights)


def test_the_length_of_a_piece_changes_nothing(monkeypatch):
    model, weights = small_model(), []
    for seconds in (0.0, 100.0):
        monkeypatch.setattr(training, "PIECE_SECONDS", seconds)
        training.initialize(model, 1)
        training.train(model, same_data(), 20, 2)
        weights.append(model.get_weights())
    assert_equal(*weights)


def test_without_xla_training_goes_on_uncompiled_with_a_line_of_notice(monkeypatch, capsys):
    compiled = tf.function

    def without_xla(function, jit_compile=None, **options):
        if not jit_compile:
            return compiled(function, **options)

        def fail(*_):
            raise tf.errors.UnimplementedError(None, None, "no XLA in this build")

        return fail

    monkeypatch.setattr(training, "tf", Replaced(tf, function=without_xla))
    model = small_model()
    before = model.get_weights()
    history = training.train(model, small_data(), 3, 4)
    assert len(history["loss"]) == 3
    assert not np.array_equal(before[0], model.get_weights()[0])
    assert capsys.readouterr().err.count("XLA is not available here") == 1


def test_an_error_that_xla_is_not_to_blame_for_is_not_hidden(monkeypatch):
    def fail(*_):
        raise tf.errors.InvalidArgumentError(None, None, "wrong")

    monkeypatch.setattr(training._Program, "_loop", fail)
    with pytest.raises(tf.errors.InvalidArgumentError):
        training.train(small_model(), small_data(), 1, 4)


# An epoch's data


def test_exactly_as_many_epochs_are_drawn_as_trained():
    model, data, drawn = small_model(), small_data(), []

    def epoch_data():
        drawn.append(1)
        return data()

    for epochs in (1, 2, 300):  # more than are held at a time
        drawn.clear()
        history = training.train(model, epoch_data, epochs, 8)
        assert len(drawn) == len(history["loss"]) == epochs


@pytest.mark.parametrize(
    ("rows", "features", "batch_size", "held"),
    [
        (8, 3, 8, 256),  # an epoch of one batch
        (100, 3, 1, 2),  # 100 batches
        (257, 3, 1, 1),  # 257 batches: one epoch
        (64, 2**14, 32, 15),  # 4 MB, and the answers
        (64, 2**18 + 1, 32, 1),  # more than 64 MB: one epoch
    ],
)
def test_no_more_is_held_than_256_batches_and_64_megabytes(
    rows, features, batch_size, held
):
    model = keras.Sequential([keras.Input((features,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    X, y = np.zeros((rows, features), np.float32), np.zeros((rows, 1), np.float32)
    batches = training._batches((X, y), batch_size)
    assert training._program(model, batches, jit=True).held == held


def test_epochs_of_different_sizes_are_refused():
    sizes = iter([8, 8, 16])
    with pytest.raises(ValueError, match="different shapes"):
        training.train(small_model(), lambda: small_data(next(sizes))(), 3, 4)


def test_integers_beyond_32_bits_are_refused():
    model = keras.Sequential(
        [keras.Input((1,), dtype="int32"), keras.layers.Embedding(9, 1)]
    )
    model.compile(loss="mse", optimizer="sgd")
    X, y = np.full((2, 1), 2**31), np.ones((2, 1, 1))
    for call in (
        lambda: training.train(model, lambda: (X, y), 1, 1),
        lambda: training.predict(model, X),
    ):
        with pytest.raises(ValueError, match=f"fit 32 bits, which {2**31} does not"):
            call()


@pytest.mark.parametrize(
    ("data", "epochs", "batch_size", "message"),
    [
        (small_data(), 0, 4, "epochs must be at least 1, not 0"),
        (small_data(), 1, 0, "batch_size must be at least 1, not 0"),
        (small_data(), 1, 3, "3 rows at a time do not go evenly into 8 rows"),
        (lambda: (np.ones((4, 3)), np.ones((5, 1))), 1, 1, "same number of rows"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(data, epochs, batch_size, message):
    with pytest.raises(ValueError, match=message):
        training.train(small_model(), data, epochs, batch_size)


def test_a_model_that_is_not_compiled_or_has_several_outputs_is_refused():
    inputs = keras.Input((3,))
    outputs = [keras.layers.Dense(1)(inputs), keras.layers.Dense(2)(inputs)]
    model = keras.Model(inputs, outputs)
    with pytest.raises(ValueError, match="not compiled"):
        training.train(model, small_data(), 1, 4)
    model.compile(loss=["mse", "mse"], optimizer="adam")
    with pytest.raises(ValueError, match=r"^train takes models with one output, not 2$"):
        training.train(model, small_data(), 1, 4)


# Training that diverges


def test_training_ends_where_the_loss_is_not_finite_any_more():
    model, drawn = small_model(keras.optimizers.SGD(1e30)), []
    data = same_data()

    def epoch_data():
        drawn.append(1)
        return data()

    history = training.train(model, epoch_data, 1000, 4)
    assert history.diverged
    assert np.isfinite(history["loss"][:-1]).all() and len(history["loss"]) < 1000
    assert len(drawn) <= 256
    assert not any(weights.any() for weights in model.get_weights())


def test_weights_that_are_not_finite_have_diverged_whatever_the_loss_says():
    def always_a_number(y, outputs):
        return keras.ops.mean(keras.ops.nan_to_num(outputs), axis=-1)

    model = small_model()
    model.compile(keras.optimizers.SGD(float("nan")), always_a_number)
    assert training.train(model, same_data(), 3, 4).diverged


def test_a_loss_that_stays_finite_has_not_diverged(trained_before):
    assert not trained_before[2].diverged


# Called at epochs


@pytest.fixture(scope="module")
def stateful():
    """A stateful model, its data by epoch, and what it has learned of them."""
    model, settings = model_of(echo_whole)

    def train(epochs=40):
        rng = random.Random(1)
        training.initialize(model, 1)
        history = training.train(
            model, lambda: echo_whole.epoch_data(settings, rng), epochs, 7
        )
        return history, model.get_weights()

    return model, settings, train, *train()


def test_a_callback_comes_at_the_epochs_asked_for_and_changes_nothing(stateful):
    model, settings, train, history, weights = stateful
    X, _ = echo_whole.epoch_data(settings, random.Random("other"))
    called, at = [], []

    def look(epoch):
        called.append(epoch)
        at.append(model.get_weights())
        training.predict(model, X, 7)

    epochs = [1, 2, 17, 40, 41]  # the last one is never done
    with training.calling(look, epochs):
        again, weights_again = train()
    assert called == [1, 2, 17, 40]
    assert again == history
    assert_equal(weights_again, weights)
    assert_equal(at[-1], weights)


def test_a_callback_sees_the_weights_of_its_moment(stateful):
    model, settings, train, *_ = stateful
    at = []
    with training.calling(lambda epoch: at.append(model.get_weights()), [17]):
        train()
    assert_equal(at[0], train(epochs=17)[1])


def test_no_callback_is_called_after_training_has_diverged():
    called, model = [], small_model(keras.optimizers.SGD(1e30))
    with training.calling(called.append, range(1, 101)):
        history = training.train(model, same_data(), 100, 4)
    assert called == list(range(1, len(history["loss"])))


# Asking a model


def test_the_state_is_carried_between_the_batches_of_a_sequence_and_then_reset():
    model, settings = model_of(echo_whole)
    X, _ = echo_whole.epoch_data(settings, random.Random(1))
    carried = training.predict(model, X, 7)
    assert np.array_equal(training.predict(model, X, 7), carried)
    fresh = np.concatenate([training.predict(model, X[i : i + 7], 7) for i in (0, 7)])
    assert np.array_equal(carried[:7], fresh[:7])
    assert not np.allclose(carried[7:], fresh[7:])
    assert np.allclose(carried, model.predict(X, batch_size=7, verbose=0), atol=1e-6)
    with pytest.raises(ValueError, match="evenly"):
        training.predict(model, X[:-1], 7)


def test_predict_takes_a_last_batch_of_any_size():
    model = small_model()
    X = np.random.default_rng(0).random((10, 3))
    whole = training.predict(model, X)
    assert whole.shape == (10, 1)
    for batch_size in (1, 3, 10, 99):
        assert np.allclose(training.predict(model, X, batch_size), whole, atol=1e-6)


def test_predict_as_one_program_returns_the_same():
    X = np.random.default_rng(0).random((10, 3))
    model, compiled = small_model(), small_model()
    compiled.set_weights(model.get_weights())
    outputs = training.predict(compiled, X, batch_size=4, jit_compile=True)
    assert np.allclose(outputs, training.predict(model, X), atol=1e-6)


def test_gpus_are_left_alone():
    assert tf.config.get_visible_devices("GPU") == []

"""`train` against `fit`, and what else it promises.

Most tests do without XLA, which takes longer to compile these models than they take to run.
"""

import importlib

import numpy as np
import pytest
from conftest import TINY
from numpy.testing import assert_equal

from common import training
from common.backend import keras, tf
from common.training import predict, reset_states, train

pytestmark = pytest.mark.usefixtures("uncompiled")
layers = keras.layers


def small_model(optimizer="adam", loss="mse", **options):
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1)])
    model.compile(loss=loss, optimizer=optimizer, **options)
    return model


def small_data():
    rng = np.random.default_rng(0)
    return lambda: (rng.random((8, 3)), rng.random((8, 1)))


def same_data():
    X, y = small_data()()
    return lambda: (X, y)


def assert_close(weights, others):
    for a, b in zip(weights, others, strict=True):
        assert np.abs(a - b).max() <= 1e-5


# The updates of fit


def trained_like_fit(build, data, batch_size=4, jit=False):
    """A model that `train` has trained, once a `fit` for each epoch gave the same."""
    keras.utils.set_random_seed(1)
    trained = build()
    keras.utils.set_random_seed(1)
    fitted, by_epoch = build(), []
    history = train(trained, iter(data).__next__, len(data), batch_size, jit=jit)
    for X, y, *weights in data:
        X, [weights] = [*X] if isinstance(X, tuple) else X, weights or [None]
        options = {"shuffle": False, "verbose": 0, "sample_weight": weights}
        by_epoch.append(fitted.fit(X, y, batch_size, **options).history)
        reset_states(fitted)
    assert_close(trained.get_weights(), fitted.get_weights())
    assert set(history) == set(by_epoch[0]) and list(history)[0] == "loss"
    for name, values in history.items():
        of_fit = [value for fit in by_epoch for value in fit[name]]
        assert values == pytest.approx(of_fit, rel=1e-4)
    return trained


@pytest.mark.parametrize("name", TINY)
def test_the_tutorials_models_get_the_updates_and_the_history_of_fit(name):
    script = importlib.import_module(name)
    settings, rng, data = script.Settings(), np.random.default_rng(3), []
    model = script.build_model(settings)
    for _ in range(2):
        X = rng.random((2 * settings.batch_size, *model.input_shape[1:]))
        y = rng.random((2 * settings.batch_size, *model.output_shape[1:]))
        data.append((X, y / y.sum(axis=-1, keepdims=True) if y.shape[-1] > 1 else y))
    trained_like_fit(lambda: script.build_model(settings), data, settings.batch_size)


def test_losses_optimizers_metrics_and_several_inputs_are_those_of_the_model():
    def build():
        first, second = keras.Input((4,), dtype="int32"), keras.Input((2,))
        embedded = layers.Flatten()(layers.Embedding(9, 3)(first))
        joined = layers.Concatenate()([embedded, second])
        outputs = layers.Dense(5, activation="softmax")(joined)
        model = keras.Model([first, second], outputs)
        top2 = keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2")
        sgd = keras.optimizers.SGD(0.1, momentum=0.5)
        model.compile(sgd, "sparse_categorical_crossentropy", metrics=["accuracy", top2])
        return model

    rng = np.random.default_rng(1)
    X = (rng.integers(0, 9, (12, 4)), rng.random((12, 2)).astype("float32"))
    model = trained_like_fit(build, 3 * [(X, rng.integers(0, 5, (12,)))])
    predicted = model.predict([*X], verbose=0)
    assert np.allclose(predict(model, X, 5), predicted, atol=1e-6)


def test_a_model_for_any_number_of_timesteps_is_trained_like_any_other():
    def build():
        steps = keras.Input((None,), dtype="int32")
        decoded = layers.LSTM(3, return_sequences=True)(layers.Embedding(9, 4)(steps))
        model = keras.Model(steps, layers.Dense(9, activation="softmax")(decoded))
        falling = keras.optimizers.schedules.CosineDecay(0.1, 9)
        model.compile(keras.optimizers.Adam(falling), "sparse_categorical_crossentropy")
        return model

    X = np.random.default_rng(1).integers(0, 9, (12, 5))
    model = trained_like_fit(build, 3 * [(X, X)])
    assert predict(model, np.tile(X, 3)).shape == (12, 15, 9)


def test_a_model_without_an_input_is_built_from_the_first_batch():
    def build():
        model = keras.Sequential([layers.LSTM(3), layers.Dense(1)])
        model.compile(loss="mse", optimizer="adam")
        return model

    rng = np.random.default_rng(1)
    X, y = rng.random((4, 5, 2)), rng.random((4, 1))
    trained = trained_like_fit(build, 2 * [(X, y)])
    # it takes other batches as well
    assert predict(trained, np.tile(X, (3, 1, 1))).shape == (12, 1)
    assert predict(build(), X).shape == (4, 1)


def test_weights_of_losses_count_as_in_fit_and_what_weighs_nothing_changes_nothing():
    def build():
        model = keras.Sequential([keras.Input((3, 4)), layers.Dense(4, "softmax")])
        model.compile(loss="categorical_crossentropy", optimizer="adam")
        return model

    X = np.eye(4, dtype=np.float32)[np.random.default_rng(1).integers(4, size=(8, 3))]
    other, weights = X.copy(), np.array([[0, 1, 1]] * 8)
    other[:, 0] = X[:, 0, ::-1]  # another answer where the weight is 0
    trained = [trained_like_fit(build, 3 * [(X, y, weights)]) for y in (X, other)]
    assert_close(*[model.get_weights() for model in trained])


def stateful_echo():
    return keras.Sequential(
        [
            keras.Input(batch_shape=(4, 3, 2)),
            layers.LSTM(3, stateful=True),
            layers.RepeatVector(3),
            layers.LSTM(3, return_sequences=True, stateful=True),
            layers.TimeDistributed(layers.Dense(2)),
        ]
    )


def masked_attention():
    inputs = keras.Input((30,), dtype="int32")  # too many timesteps to be unrolled
    embedded = layers.Embedding(5, 3, mask_zero=True)(inputs)
    read = layers.Bidirectional(layers.LSTM(2, return_sequences=True))(embedded)
    attended = layers.Attention()([read, read])
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([read, attended])))


@pytest.mark.parametrize("make", [stateful_echo, masked_attention])
def test_with_xla_each_kind_of_layer_is_trained_as_in_fit(make):
    def build():
        model = make()
        model.compile(loss="mse", optimizer="adam", metrics=["mae"])
        return model

    rng = np.random.default_rng(1)
    X, y, weights = rng.random((8, 3, 2)), rng.random((8, 3, 2)), rng.random((8, 3))
    if make is masked_attention:
        X = rng.integers(1, 5, (8, 30)) * (np.arange(30) < rng.integers(5, 30, (8, 1)))
        y, weights = rng.random((8, 30, 1)), rng.random((8, 30))
    trained = trained_like_fit(build, 3 * [(X, y, weights)], jit=True)
    expected = trained.predict(X, batch_size=4, verbose=0)
    assert np.allclose(predict(trained, X, 4), expected, atol=1e-6)


def test_a_stateful_layer_inside_a_nested_model_is_reset_at_every_epoch():
    lstm = layers.LSTM(2, stateful=True)
    inner = keras.Sequential([keras.Input(batch_shape=(4, 2, 1)), lstm])
    model = keras.Sequential([keras.Input(batch_shape=(4, 2, 1)), inner, layers.Dense(1)])
    model.compile(keras.optimizers.SGD(0.0), "mse")
    X, y = np.random.default_rng(0).random((8, 2, 1)), np.ones((8, 1))
    history = train(model, lambda: (X, y), 3, 4)
    assert history["loss"][0] == history["loss"][1] == history["loss"][2]
    assert not np.any(lstm.states[0])


# The compiled program


def test_many_batches_are_trained_in_few_calls(calls, monkeypatch):
    monkeypatch.setattr(training, "PIECE_SECONDS", 60)
    train(small_model(), small_data(), 500, 4)  # 1,000 batches, of which 256 are held
    # 1, 2, 4, ... up to 256, then 256 each
    assert len(calls) == 8 + 1 + 3


def test_whatever_the_number_of_epochs_there_is_one_program_and_as_many_draws():
    model, data, drawn = small_model(), small_data(), []

    def new_data():
        drawn.append(1)
        return data()

    first = train(model, new_data, 3, 8)
    assert first.compile_seconds > 0 and first.seconds > 0 and not first.diverged
    for epochs in (1, 2, 300):  # more than are held at a time
        drawn.clear()
        again = train(model, new_data, epochs, 8)
        assert again.compile_seconds == 0 and again.seconds > 0
        assert len(drawn) == len(again["loss"]) == epochs


def test_what_was_compiled_is_forgotten_where_keras_forgets_it():
    model, X = small_model(), np.random.default_rng(0).random((8, 3))
    train(model, same_data(), 1, 4)
    predict(model, X)
    model.pop()
    model.add(layers.Dense(1, activation="tanh"))
    model.compile(loss="mse", optimizer=keras.optimizers.SGD(0.0))
    weights = model.get_weights()
    train(model, small_data(), 2, 4)
    assert_equal(model.get_weights(), weights)
    assert np.allclose(predict(model, X), model.predict(X, verbose=0), atol=1e-6)


def test_the_length_of_a_piece_changes_nothing(monkeypatch):
    weights = []
    for seconds in (0.0, 100.0):
        monkeypatch.setattr(training, "PIECE_SECONDS", seconds)
        model = small_model()
        train(model, same_data(), 20, 2)
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

    monkeypatch.setattr(tf, "function", without_xla)
    model, alone = small_model(), small_model()
    history = train(model, same_data(), 3, 4, jit=True)
    assert history == train(alone, same_data(), 3, 4)
    assert capsys.readouterr().err.count("XLA is not available here") == 1


# An epoch's data


@pytest.mark.parametrize(
    ("rows", "features", "batch_size", "held"),
    [
        (100, 3, 1, 2),  # 100 batches
        (257, 3, 1, 1),  # 257 batches: one epoch
        (64, 2**14, 32, 15),  # 4 MB, and the answers
        (64, 2**18 + 1, 32, 1),  # more than 64 MB: one epoch
    ],
)
def test_no_more_is_held_than_256_batches_and_64_megabytes(
    rows, features, batch_size, held, calls
):
    model = keras.Sequential([keras.Input((features,)), layers.Dense(1)])
    model.compile(loss="mse", optimizer="sgd")
    X, y = np.zeros((rows, features), np.float32), np.zeros((rows, 1), np.float32)
    drawn = []

    def new_data():
        assert not calls or len(drawn) == held  # all that are held before the first call
        drawn.append(1)
        return X, y

    train(model, new_data, held + 1, batch_size)
    assert [len(X) for X, _ in calls] == [held] * len(calls)


def two_outputs():
    inputs = keras.Input((3,))
    model = keras.Model(inputs, [layers.Dense(1)(inputs), layers.Dense(2)(inputs)])
    model.compile(loss=["mse", "mse"], optimizer="adam")
    return model


def with_f1():
    return small_model(metrics=[keras.metrics.F1Score()])


X, Y = np.ones((8, 3)), np.ones((8, 1))


@pytest.mark.parametrize(
    ("build", "epochs_data", "epochs", "batch_size", "message"),
    [
        (small_model, [(X, Y)], 0, 4, "epochs must be at least 1, not 0"),
        (small_model, [(X, Y)], 1, 3, "batch_size 3 does not divide the 8 rows"),
        (small_model, [None], 1, 4, "^new_data must return X and y, not None$"),
        (small_model, [X], 1, 4, "new_data must return X and y, not array"),
        (small_model, [(X,)], 1, 4, "new_data must return X and y, not .array"),
        (small_model, [(X, Y[:5])], 1, 1, r"same number of rows, not \[\(8, 3\), \(5, 1\)"),
        (small_model, [(X, Y), (X[:4], Y[:4])], 2, 4, "different shapes.*2, 4, 3.*1, 4, 3"),
        (small_model, [(X.astype(int) + 2**31, Y)], 1, 4, f"which {2**31 + 1} does not"),
        (keras.Sequential, [(X, Y)], 1, 4, "the model is not compiled"),
        (two_outputs, [(X, Y)], 1, 4, "^train takes models with one output, not 2$"),
        (with_f1, [(X, Y)], 1, 4, "number, which 'f1_score' is not"),
    ],
)
def test_what_cannot_be_trained_is_refused(build, epochs_data, epochs, batch_size, message):
    with pytest.raises(ValueError, match=message):
        train(build(), iter(epochs_data).__next__, epochs, batch_size)


def test_arrays_in_place_of_a_function_are_refused():
    with pytest.raises(ValueError, match=r"^new_data must be a function, not \("):
        train(small_model(), (X, Y), 1, 4)


# Training that diverges


def test_training_ends_where_the_loss_is_not_finite_any_more():
    model, data, drawn = small_model(keras.optimizers.SGD(1e30)), same_data(), []

    def new_data():
        drawn.append(1)
        return data()

    history = train(model, new_data, 1000, 4)
    assert history.diverged
    assert np.isfinite(history["loss"][:-1]).all() and len(history["loss"]) < 1000
    assert len(drawn) <= 256
    assert not any(weights.any() for weights in model.get_weights())


def test_weights_that_are_not_finite_have_diverged_whatever_the_loss_says():
    def always_a_number(y, outputs):
        return keras.ops.mean(keras.ops.nan_to_num(outputs), axis=-1)

    model = small_model(keras.optimizers.SGD(float("nan")), always_a_number)
    assert train(model, same_data(), 3, 4).diverged


# Asking a model


def test_the_state_is_carried_between_the_batches_of_a_sequence_and_then_reset():
    lstm = layers.LSTM(3, return_sequences=True, stateful=True)
    model = keras.Sequential([keras.Input(batch_shape=(7, 4, 9)), lstm])
    X = np.random.default_rng(1).random((14, 4, 9))
    carried = predict(model, X, 7)
    fresh = np.concatenate([predict(model, X[i : i + 7], 7) for i in (0, 7)])
    assert np.array_equal(carried[:7], fresh[:7])
    assert not np.allclose(carried[7:], fresh[7:])
    by_keras = model.predict(X, batch_size=7, verbose=0)  # which leaves its state behind
    assert np.allclose(carried, by_keras, atol=1e-6)
    assert np.array_equal(predict(model, X, 7), carried)
    with pytest.raises(ValueError, match="batch_size 7 does not divide the 13 rows"):
        predict(model, X[:-1], 7)
    for nothing in ([], X[:0]):
        with pytest.raises(ValueError, match="arrays with the same number of rows"):
            predict(model, nothing)


@pytest.mark.parametrize("jit_compile", [False, True])
def test_predict_takes_a_last_batch_of_any_size(jit_compile):
    model, X = small_model(), np.random.default_rng(0).random((10, 3))
    whole = model.predict(X, verbose=0)
    for batch_size in (1, 3, 10, 99):
        outputs = predict(model, X, batch_size, jit_compile=jit_compile)
        assert outputs.shape == (10, 1) and np.allclose(outputs, whole, atol=1e-6)


# Short LSTMs


@pytest.fixture
def steps(monkeypatch):
    """A list that grows with each step of an LSTM that is traced."""
    traced, call = [], layers.LSTMCell.call

    def counted(self, *args, **kwargs):
        traced.append(1)
        return call(self, *args, **kwargs)

    monkeypatch.setattr(layers.LSTMCell, "call", counted)
    return traced


def lstm_model(timesteps, wrapped):
    keras.utils.set_random_seed(1)
    lstm = wrapped(layers.LSTM(2))
    model = keras.Sequential([keras.Input((*timesteps, 2)), lstm])
    model.compile(loss="mse", optimizer="adam")
    X = np.random.default_rng(1).random((4, *[n or 6 for n in timesteps], 2))
    return model, X, np.ones((4, *model.compute_output_shape(X.shape)[1:]))


@pytest.mark.parametrize(
    ("timesteps", "wrapped", "unrolled"),
    [
        ([3], lambda lstm: lstm, 3),
        ([4], lambda lstm: lstm, 0),
        ([None], lambda lstm: lstm, 0),
        ([3], lambda lstm: layers.Bidirectional(lstm), 6),
        ([2, 3], lambda lstm: layers.TimeDistributed(lstm), 6),
    ],
)
def test_lstms_of_few_timesteps_are_unrolled(
    timesteps, wrapped, unrolled, steps, monkeypatch
):
    monkeypatch.setattr(training, "UNROLLED", 3)
    model, X, y = lstm_model(timesteps, wrapped)
    for work in (lambda: train(model, lambda: (X, y), 1, 2), lambda: predict(model, X)):
        steps.clear()
        work()
        assert len(steps) in ([unrolled] if unrolled else [1, 2])
        lstms = [part for part in model._flatten_layers() if isinstance(part, layers.LSTM)]
        assert lstms and not any(lstm.unroll for lstm in lstms)  # it is put back


def test_an_unrolled_lstm_computes_the_same(monkeypatch):
    def masked(lstm):
        return keras.Sequential([keras.Input((6, 2)), layers.Masking(), lstm])

    losses, outputs = [], []
    for longest in (0, 20):
        monkeypatch.setattr(training, "UNROLLED", longest)
        model, X, y = lstm_model([6], masked)
        X[1, 3:] = X[2, :2] = 0
        losses.append(train(model, lambda: (X, y), 5, 2)["loss"])
        outputs.append(predict(model, X))
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert np.allclose(*outputs, atol=1e-6)

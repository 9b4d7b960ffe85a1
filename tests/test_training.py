"""`train` against `fit`, and what else it promises."""

import random

import numpy as np
import pytest

import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
import echo_whole
from common import training

keras, tf = training.keras, training.tf

SCRIPTS = [
    addition_mlp,
    addition_lstm_regression,
    addition_seq2seq,
    echo_whole,
    echo_partial,
]
EPOCHS = 3


def parts(script, *flags):
    """A script's model, a function that draws an epoch's data, and its batch size."""
    args = script.parse_args(list(flags))
    draw = getattr(script, "examples", None) or script.sequence
    batch_size = getattr(args, "batch_size", None) or args.rows
    return script.build_model(args), lambda rng: draw(args, rng), batch_size


def small_model():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(loss="mse", optimizer="adam")
    return model


def small_data(rows=8):
    rng = np.random.default_rng(0)
    return lambda: (rng.random((rows, 3)), rng.random((rows, 1)))


@pytest.mark.parametrize(
    ("script", "jit"),
    [
        *[pytest.param(script, True, id=script.__name__) for script in SCRIPTS],
        pytest.param(addition_mlp, False, id="addition_mlp, uncompiled"),
        pytest.param(echo_whole, False, id="echo_whole, uncompiled"),
    ],
)
def test_train_makes_the_updates_of_fit(script, jit):
    fitted, draw, batch_size = parts(script)
    trained, *_ = parts(script)
    training.initialize(fitted, 3)
    training.initialize(trained, 3)
    rng, losses = random.Random(3), []
    for _ in range(EPOCHS):
        X, y = draw(rng)
        history = fitted.fit(X, y, batch_size=batch_size, shuffle=False, verbose=0)
        losses += history.history["loss"]
        training._reset_states(fitted)
    rng = random.Random(3)
    history = training.train(trained, lambda: draw(rng), EPOCHS, batch_size, jit=jit)
    for a, b in zip(trained.get_weights(), fitted.get_weights(), strict=True):
        assert np.abs(a - b).max() <= 1e-4 * np.abs(b).max()
    assert np.allclose(history["loss"], losses, rtol=1e-4)


def test_history_has_the_metrics_of_fit():
    model, draw, batch_size = parts(addition_seq2seq, "--examples", "20")
    training.initialize(model, 1)
    weights = model.get_weights()
    rng = random.Random(1)
    history = training.train(model, lambda: draw(rng), 2, batch_size)
    model.set_weights(weights)
    assert list(history) == ["loss", "accuracy"]
    assert [len(values) for values in history.values()] == [2, 2]
    assert all(0 <= value <= 1 for value in history["accuracy"])


def test_initialize_gives_the_weights_of_a_model_built_after_seeding_keras():
    model, *_ = parts(addition_seq2seq)
    training.initialize(model, 7)
    keras.utils.set_random_seed(7)
    built, *_ = parts(addition_seq2seq)
    for a, b in zip(model.get_weights(), built.get_weights(), strict=True):
        assert np.array_equal(a, b)


def test_the_program_is_compiled_once():
    model, data = small_model(), small_data()
    training.train(model, data, 3, 4)
    _, program = vars(model)["_trained_by"]
    training.initialize(model, 1)
    training.train(model, data, 3, 4)
    assert vars(model)["_trained_by"][1] is program
    assert program.function.experimental_get_tracing_count() == 1


def test_exactly_as_many_epochs_are_drawn_as_trained():
    drawn = []

    data = small_data()

    def epoch_data():
        drawn.append(1)
        return data()

    for epochs in (1, 2, 300):  # more than are held at a time
        drawn.clear()
        history = training.train(small_model(), epoch_data, epochs, 8)
        assert len(drawn) == len(history["loss"]) == epochs


def test_the_length_of_a_piece_changes_nothing(monkeypatch):
    weights = []
    for seconds in (0.0, 100.0):
        monkeypatch.setattr(training, "PIECE_SECONDS", seconds)
        model = small_model()
        training.initialize(model, 1)
        training.train(model, small_data(), 20, 2)
        weights.append(model.get_weights())
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


def test_other_losses_optimizers_metrics_and_inputs_are_those_of_the_model():
    first, second = keras.Input((4,), dtype="int32"), keras.Input((2,))
    embedded = keras.layers.Flatten()(keras.layers.Embedding(9, 3)(first))
    joined = keras.layers.Concatenate()([embedded, second])
    outputs = keras.layers.Dense(5, activation="softmax")(joined)

    model = keras.Model([first, second], outputs)
    metrics = ["accuracy", keras.metrics.SparseTopKCategoricalAccuracy(2, name="top2")]

    def compile_model():
        sgd = keras.optimizers.SGD(0.1, momentum=0.5)
        model.compile(sgd, "sparse_categorical_crossentropy", metrics=metrics)

    compile_model()
    rng = np.random.default_rng(1)
    X = (rng.integers(0, 9, (12, 4)), rng.random((12, 2)).astype("float32"))
    y = rng.integers(0, 5, (12,))
    weights = model.get_weights()
    history = training.train(model, lambda: (X, y), 3, 4)
    assert list(history) == ["loss", "accuracy", "top2"]
    trained = model.get_weights()
    model.set_weights(weights)
    compile_model()
    model.fit(list(X), y, batch_size=4, epochs=3, shuffle=False, verbose=0)
    for a, b in zip(trained, model.get_weights(), strict=True):
        assert np.abs(a - b).max() <= 1e-4 * np.abs(b).max()
    assert np.allclose(
        training.predict(model, X, 5), model.predict(list(X), verbose=0), atol=1e-6
    )


@pytest.mark.parametrize("schedule", [False, True], ids=["one rate", "falling rate"])
def test_a_model_for_any_number_of_timesteps_is_trained_like_any_other(schedule):
    rate = keras.optimizers.schedules.CosineDecay(0.1, 9) if schedule else 0.1

    def any_length():
        steps = keras.Input((None,), dtype="int32")
        decoded = keras.layers.LSTM(3, return_sequences=True)(
            keras.layers.Embedding(9, 4)(steps)
        )
        model = keras.Model(steps, keras.layers.Dense(9, activation="softmax")(decoded))
        adam = keras.optimizers.Adam(rate)
        model.compile(adam, "sparse_categorical_crossentropy", metrics=["accuracy"])
        training.initialize(model, 1)
        return model

    X = np.random.default_rng(1).integers(0, 9, (12, 5))
    trained, fitted = any_length(), any_length()
    training.train(trained, lambda: (X, X), 3, 4)
    fitted.fit(X, X, batch_size=4, epochs=3, shuffle=False, verbose=0)
    for a, b in zip(trained.get_weights(), fitted.get_weights(), strict=True):
        assert np.abs(a - b).max() <= 1e-4 * np.abs(b).max()
    longer = np.tile(X, 3)
    assert training.predict(trained, longer).shape == (12, 15, 9)


def test_without_xla_training_goes_on_uncompiled_with_a_line_of_notice(monkeypatch, capsys):
    compiled = tf.function

    def without_xla(function, jit_compile=None, **options):
        if not jit_compile:
            return compiled(function, **options)

        def fail(*_):
            raise tf.errors.UnimplementedError(None, None, "no XLA in this build")

        return fail

    monkeypatch.setattr(tf, "function", without_xla)
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


@pytest.mark.parametrize(
    ("data", "epochs", "batch_size", "message"),
    [
        (small_data(), 0, 4, "epochs must be at least 1, not 0"),
        (small_data(), 1, 0, "batch_size must be at least 1, not 0"),
        (small_data(), 1, 3, "3 rows at a time do not go evenly into 8 rows"),
        (lambda: (np.ones((4, 3)), np.ones((5, 1))), 1, 1, "same number of rows"),
        (lambda: (np.ones((0, 3)), np.ones((0, 1))), 1, 1, "same number of rows"),
    ],
)
def test_what_cannot_be_trained_on_is_refused(data, epochs, batch_size, message):
    with pytest.raises(ValueError, match=message):
        training.train(small_model(), data, epochs, batch_size)


def test_epochs_of_different_shapes_are_refused():
    sizes = iter([8, 8, 16])
    with pytest.raises(ValueError, match="different shapes"):
        training.train(small_model(), lambda: small_data(next(sizes))(), 3, 4)


def test_a_model_that_is_not_compiled_is_refused():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    with pytest.raises(ValueError, match="not compiled"):
        training.train(model, small_data(), 1, 4)


@pytest.mark.parametrize("script", [echo_whole, echo_partial], ids=lambda s: s.__name__)
def test_a_second_prediction_of_a_stateful_model_equals_the_first(script):
    model, draw, batch_size = parts(script)
    X, _ = draw(random.Random(1))
    first = training.predict(model, X, batch_size)
    assert np.array_equal(first, training.predict(model, X, batch_size))
    twice = training.predict(model, np.concatenate([X, X]), batch_size, reset_every=len(X))
    assert np.array_equal(twice, np.concatenate([first, first]))


def test_the_state_is_carried_between_the_batches_of_one_sequence():
    model, draw, _ = parts(echo_whole)
    X, _ = draw(random.Random(1))
    carried = training.predict(model, X, 7)
    fresh = training.predict(model, X, 7, reset_every=7)
    assert np.array_equal(carried[:7], fresh[:7])
    assert not np.allclose(carried[7:], fresh[7:])
    training._reset_states(model)
    assert np.allclose(carried, model.predict(X, batch_size=7, verbose=0), atol=1e-6)


def test_predict_takes_a_last_batch_of_any_size():
    model = small_model()
    X = np.random.default_rng(0).random((10, 3))
    whole = training.predict(model, X)
    assert whole.shape == (10, 1)
    for batch_size in (1, 3, 10, 99):
        assert np.allclose(training.predict(model, X, batch_size), whole, atol=1e-6)


def test_rows_that_do_not_fit_a_stateful_model_are_refused():
    model, draw, _ = parts(echo_whole)
    X, _ = draw(random.Random(1))
    with pytest.raises(ValueError, match="evenly"):
        training.predict(model, X[:-1], 7)
    with pytest.raises(ValueError, match="evenly"):
        training.predict(model, X, 7, reset_every=10)


def test_gpus_are_left_alone():
    assert tf.config.get_visible_devices("GPU") == []

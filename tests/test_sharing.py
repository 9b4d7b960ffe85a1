"""Models that share one compiled program: each is trained as if it were alone."""

import numpy as np
import pytest

from common.backend import keras
from common.training import after_epochs, predict, train

pytestmark = pytest.mark.usefixtures("uncompiled")
X = np.random.default_rng(1).random((8, 4, 3))


def build(seed, optimizer="adam"):
    """A model with weights, states, and a generator of random numbers."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input(batch_shape=(4, 4, 3))])
    model.add(keras.layers.LSTM(3, stateful=True, return_sequences=True))
    model.add(keras.layers.Dropout(0.5))
    model.add(keras.layers.Dense(1))
    model.compile(loss="mse", optimizer=optimizer, metrics=["mae"])
    return model


def data(seed=1):
    """Other data in every epoch."""
    rng = np.random.default_rng(seed)
    return lambda: (X, rng.random((8, 4, 1)))


def state(model):
    """All that training changes."""
    return [np.array(v) for v in model.variables + model.optimizer.variables]


def assert_equal(values, others):
    for a, b in zip(values, others, strict=True):
        assert np.array_equal(a, b)


@pytest.fixture(scope="module")
def alone():
    """Of some seeds, what three epochs alone make: the history, what is left, answers."""

    def trained(seed):
        model = build(seed)
        history = train(model, data(seed), 3, 4)
        return history, state(model), predict(model, X, 4)

    return {seed: trained(seed) for seed in (1, 2)}


@pytest.fixture
def lender():
    """A model that was trained first, and the dict that it is in."""
    model, shared = build(1), {}
    train(model, data(1), 3, 4, shared=shared)
    return model, shared


def test_a_later_model_is_trained_as_it_is_alone_and_compiles_nothing(lender, alone):
    _, shared = lender
    later = build(2)
    history = train(later, data(2), 3, 4, shared=shared)
    assert history.compile_seconds == 0 and history.seconds > 0
    assert history == alone[2][0]
    assert_equal(state(later), alone[2][1])


def test_the_first_model_keeps_its_weights_its_optimizer_and_its_answers(lender, alone):
    first, shared = lender
    train(build(2), data(2), 3, 4, shared=shared)
    assert_equal(state(first), alone[1][1])
    assert np.array_equal(predict(first, X, 4), alone[1][2])


def test_each_model_is_asked_with_its_own_weights(lender, alone):
    first, shared = lender
    later = build(2)
    train(later, data(2), 3, 4, shared=shared)
    for _ in range(2):
        for model, seed in ((later, 2), (first, 1)):
            assert np.array_equal(predict(model, X, 4), alone[seed][2])
            assert_equal(state(model), alone[seed][1])
    keras_says = later.predict(X, batch_size=4, verbose=0)
    assert np.allclose(predict(later, X, 4), keras_says, atol=1e-6)


def test_to_ask_a_model_leaves_the_state_of_the_other(lender):
    first, shared = lender
    later = build(2)
    train(later, data(2), 3, 4, shared=shared)
    first.predict(X[:4], batch_size=4, verbose=0)
    states = [np.array(v) for v in first.layers[0].states]
    assert all(part.any() for part in states)
    predict(later, X, 4)
    assert_equal([np.array(v) for v in first.layers[0].states], states)


def test_two_models_by_turns_are_trained_as_alone():
    by_turns, shared, new_data = [build(1), build(2)], {}, [data(1), data(2)]
    for _ in range(3):
        for model, new in zip(by_turns, new_data):
            train(model, new, 2, 4, shared=shared)
    for seed, model in enumerate(by_turns, 1):
        other, new = build(seed), data(seed)
        for _ in range(3):
            train(other, new, 2, 4)
        assert_equal(state(model), state(other))


def test_other_shapes_of_data_are_compiled_anew_and_trained_as_alone(lender):
    _, shared = lender
    later, other = build(2), build(2)
    few = X[:4], np.ones((4, 4, 1))
    history = train(later, lambda: few, 3, 4, shared=shared)
    assert history.compile_seconds > 0
    train(other, lambda: few, 3, 4)
    assert_equal(state(later), state(other))


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("where", ["data", "callback"])
def test_after_an_error_the_first_model_is_as_it_was(error, where, lender, alone):
    first, shared = lender
    later, draw, drawn = build(2), data(2), []

    def fail(epochs_done):
        raise error("wrong")

    def new_data():
        drawn.append(1)
        if where == "data" and len(drawn) == 3:
            fail(2)
        return draw()

    callbacks = (
        [after_epochs([2], fail)] if where == "callback" else [keras.callbacks.Callback()]
    )
    with pytest.raises(error):
        train(later, new_data, 3, 4, callbacks=callbacks, shared=shared)
    assert_equal(state(first), alone[1][1])
    half = build(2)
    train(half, data(2), 2, 4)
    assert_equal(state(later), state(half))


def test_a_callback_sees_each_model_with_its_own_weights(lender, alone):
    first, shared = lender
    later, seen = build(2), []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert self.model is later
            assert np.array_equal(predict(first, X, 4), alone[1][2])
            seen.append((state(later), predict(later, X, 4)))

    train(later, data(2), 3, 4, callbacks=[Look()], shared=shared)
    assert_equal(state(later), alone[2][1])
    assert_equal(seen[-1][0], alone[2][1])
    assert np.array_equal(seen[-1][1], alone[2][2])
    assert not np.array_equal(seen[0][1], seen[1][1])


def test_a_learning_rate_is_that_of_the_model(lender):
    _, shared = lender
    later = build(2, optimizer=keras.optimizers.Adam(0.1))
    other = build(2, optimizer=keras.optimizers.Adam(0.1))
    slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    train(later, data(2), 3, 4, callbacks=[slower], shared=shared)
    assert float(later.optimizer.learning_rate) == pytest.approx(0.1 / 8)
    train(other, data(2), 3, 4, callbacks=[slower])
    assert_equal(state(later), state(other))
    train(build(2), data(2), 1, 4, callbacks=[slower], shared=shared)
    assert float(later.optimizer.learning_rate) == pytest.approx(0.1 / 8)


# Models that are made alike, and others


@keras.saving.register_keras_serializable()
class Times(keras.layers.Layer):
    """A layer whose configuration does not say its factor."""

    def __init__(self, factor=1):
        super().__init__()
        self.factor = factor

    def call(self, inputs):
        return self.factor * inputs

    def get_config(self):
        return super(keras.layers.Layer, self).get_config()


class Noise(keras.layers.Layer):
    """A layer with a seed that no variable holds."""

    def __init__(self, seed):
        super().__init__()
        self._seed = seed

    def call(self, inputs):
        return inputs + keras.random.normal((4, 4, 3), seed=self._seed)

    def get_config(self):
        return {**super().get_config(), "seed": self._seed}


class Applied(keras.layers.Layer):
    """A layer that has no configuration."""

    def __init__(self, function):
        super().__init__()
        self._function = function

    def call(self, inputs):
        return self._function(inputs)


def times(factor):
    return lambda inputs: factor * inputs


def scaled(factor):
    def loss(y, outputs):
        return factor * keras.ops.mean((y - outputs) ** 2, axis=-1)

    return loss


class Scaled(keras.losses.Loss):
    """A loss that Keras gives a number, as it does layers."""

    def call(self, y, outputs):
        return scaled(2)(y, outputs)


def sgd(**options):
    return lambda: {"optimizer": keras.optimizers.SGD(**options)}


def falling(rate):
    schedule = keras.optimizers.schedules.ExponentialDecay(rate, 1, 0.5)
    return sgd(learning_rate=schedule)


def dense(**options):
    return lambda: {"layer": keras.layers.Dense(3, **options)}


def applied(function):
    return lambda: {"layer": Applied(function)}


def loss(loss):
    return lambda: {"loss": loss}


def metric(metric):
    return lambda: {"metrics": [metric]}


def train_one(seed, made, shared):
    """The history and the weights of a small model with what `made()` returns in it."""
    keras.utils.set_random_seed(seed)
    options = {"loss": "mse", "optimizer": "adam", **made()}
    layers = [options.pop("layer", None) or keras.layers.Dense(3)]
    model = keras.Sequential([keras.Input((4, 3)), *layers, keras.layers.Dense(1)])
    model.compile(**options)
    return train(model, data(seed), 2, 4, shared=shared), state(model)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (dense(activation="relu"), dense(activation="tanh")),
        (dense(activation=times(2)), dense(activation=times(3))),
        (dense(kernel_regularizer="l2"), dense()),
        (dense(trainable=False), dense()),
        (dense(), lambda: {"layer": keras.layers.LSTM(3, return_sequences=True)}),
        (lambda: {"layer": Times(2)}, lambda: {"layer": Times(3)}),
        (lambda: {"layer": Noise(2)}, lambda: {"layer": Noise(3)}),
        (applied(times(2)), applied(times(3))),
        (loss("mse"), loss("mae")),
        (loss(scaled(1)), loss(scaled(2))),
        (metric("mae"), metric("mse")),
        (sgd(), lambda: {"optimizer": "adam"}),
        (sgd(momentum=0.5), sgd(momentum=0.9)),
        (falling(0.1), falling(0.2)),
    ],
)
def test_models_that_differ_have_programs_of_their_own(first, second):
    shared = {}
    train_one(1, first, shared)
    (history, weights), (alone, expected) = (train_one(2, second, d) for d in (shared, {}))
    assert history == alone
    assert_equal(weights, expected)
    assert history.compile_seconds > 0


def lstm():
    return keras.layers.LSTM(3, return_sequences=True)


@pytest.mark.parametrize(
    "made",
    [
        lambda: {"layer": keras.layers.Dense(3, name=f"name{np.random.rand()}")},
        lambda: {"layer": keras.layers.Dense(3, kernel_initializer=drawn())},
        lambda: {"layer": keras.layers.Bidirectional(lstm())},
        lambda: {"layer": keras.layers.TimeDistributed(keras.layers.Dense(3))},
        lambda: {"layer": keras.Sequential([keras.Input((4, 3)), lstm()])},
        lambda: {"layer": keras.layers.Dense(3, activation=times(2))},
        lambda: {"loss": scaled(2)},
        lambda: {"loss": Scaled()},
        lambda: {"loss": keras.losses.Huber(), "metrics": [keras.metrics.Poisson()]},
        lambda: {"optimizer": keras.optimizers.SGD(np.random.rand())},
    ],
)
def test_models_that_the_same_code_makes_compile_nothing(made):
    shared = {}
    train_one(1, made, shared)
    (history, weights), (alone, expected) = (train_one(2, made, d) for d in (shared, {}))
    assert history.compile_seconds == 0
    assert history == alone
    assert_equal(weights, expected)


def drawn():
    return keras.initializers.RandomNormal(seed=np.random.randint(1000))


def test_models_that_are_connected_differently_have_programs_of_their_own():
    def build(swapped):
        keras.utils.set_random_seed(1)
        inputs = keras.Input((3,))
        first = keras.layers.Dense(3)(inputs)
        second = keras.layers.Dense(3, activation="tanh")(first)
        terms = [second, first] if swapped else [first, second]
        model = keras.Model(inputs, keras.layers.Subtract()(terms))
        model.compile("sgd", "mse")
        return model

    shared, new_data = {}, lambda: (X[:, 0], X[:, 1])
    for swapped in (False, True):
        history = train(build(swapped), new_data, 2, 4, shared=shared)
        assert history == train(build(swapped), new_data, 2, 4)
        assert history.compile_seconds > 0


def test_a_first_model_that_is_changed_takes_nothing_from_the_others(lender, alone):
    first, shared = lender
    later = build(2)
    train(later, data(2), 3, 4, shared=shared)
    first.pop()
    first.add(keras.layers.Dense(1, activation="sigmoid"))
    first.compile(loss="mae", optimizer="sgd")
    train(first, data(1), 1, 4)
    assert np.array_equal(predict(later, X, 4), alone[2][2])
    third = build(2)
    assert train(third, data(2), 3, 4, shared=shared) == alone[2][0]
    assert_equal(state(third), alone[2][1])

"""Models that share one compiled program: each is trained as if it were alone."""

import numpy as np
import pytest
from numpy.testing import assert_equal

from common.backend import keras
from common.training import after_epochs, predict, reset_states, train

pytestmark = pytest.mark.usefixtures("uncompiled")
layers = keras.layers
X = np.random.default_rng(1).random((8, 4, 3))


def build(seed, optimizer="adam"):
    """A model with weights, states, and a generator of random numbers."""
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input(batch_shape=(4, 4, 3))])
    model.add(layers.LSTM(3, stateful=True, return_sequences=True))
    model.add(layers.Dropout(0.5))
    model.add(layers.Dense(1))
    model.compile(loss="mse", optimizer=optimizer, metrics=["mae"])
    return model


def data(seed=1):
    """Other data in every epoch."""
    rng = np.random.default_rng(seed)
    return lambda: (X, rng.random((8, 4, 1)))


def state(model):
    """All that training changes."""
    return [np.array(v) for v in model.variables + model.optimizer.variables]


@pytest.fixture(scope="module")
def alone():
    """Of some seeds, what three epochs alone make: the history, what is left, answers."""

    def trained(seed):
        model = build(seed)
        history = train(model, data(seed), 3, 4)
        return history, state(model), predict(model, X, 4)

    return {seed: trained(seed) for seed in (1, 2)}


@pytest.fixture(scope="module")
def lender():
    """A model that was trained first, and the dict that it is in."""
    keras.utils.clear_session()  # so that its layer "dropout" is called like an attribute
    model, shared = build(1), {}
    train(model, data(1), 3, 4, shared=shared)
    return model, shared


def test_a_later_model_compiles_nothing_and_both_are_as_alone(lender, alone):
    first, shared = lender
    later = build(2)
    history = train(later, data(2), 3, 4, shared=shared)
    assert history.compile_seconds == 0 and history.seconds > 0
    assert history == alone[2][0]
    for _ in range(2):
        for model, seed in ((later, 2), (first, 1)):
            assert np.array_equal(predict(model, X, 4), alone[seed][2])
            assert_equal(state(model), alone[seed][1])
    keras_says = later.predict(X, batch_size=4, verbose=0)
    assert np.allclose(predict(later, X, 4), keras_says, atol=1e-6)
    # to ask one leaves the state of the other
    first.predict(X[:4], batch_size=4, verbose=0)
    states = [np.array(v) for v in first.layers[0].states]
    assert all(part.any() for part in states)
    predict(later, X, 4)
    assert_equal([np.array(v) for v in first.layers[0].states], states)
    reset_states(first)


def test_two_models_by_turns_are_trained_as_alone(lender, alone):
    _, shared = lender
    by_turns = [(seed, build(seed), data(seed)) for seed in (1, 2)]
    for _ in range(3):
        for _, model, new_data in by_turns:
            train(model, new_data, 1, 4, shared=shared)
    for seed, model, _ in by_turns:
        assert_equal(state(model), alone[seed][1])


def test_other_shapes_of_data_are_compiled_anew_and_trained_as_alone(lender):
    _, shared = lender
    later, other = build(2), build(2)
    few = X[:4], np.ones((4, 4, 1))
    history = train(later, lambda: few, 3, 4, shared=shared)
    assert history.compile_seconds > 0
    train(other, lambda: few, 3, 4)
    assert_equal(state(later), state(other))


@pytest.mark.parametrize(
    ("error", "where"), [(ValueError, "data"), (KeyboardInterrupt, "callback")]
)
def test_after_an_error_each_model_is_as_far_as_it_came(error, where, lender, alone):
    first, shared = lender
    later, half, draw, drawn = build(2), build(2), data(2), []

    def fail(epochs_done):
        raise error("wrong")

    def new_data():
        drawn.append(1)
        if where == "data" and len(drawn) == 3:
            fail(2)
        return draw()

    each = after_epochs([2], fail) if where == "callback" else keras.callbacks.Callback()
    with pytest.raises(error):
        train(later, new_data, 3, 4, callbacks=[each], shared=shared)
    assert_equal(state(first), alone[1][1])
    train(half, data(2), 2, 4)
    assert_equal(state(later), state(half))


def test_a_callback_sees_each_model_with_its_own_weights_and_rate(lender, alone):
    first, shared = lender
    later, other = (build(2, optimizer=keras.optimizers.Adam(0.1)) for _ in range(2))
    seen = []

    class Look(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            assert self.model is later
            assert np.array_equal(predict(first, X, 4), alone[1][2])
            seen.append((state(later), predict(later, X, 4)))

    slower = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    train(later, data(2), 3, 4, callbacks=[slower, Look()], shared=shared)
    train(other, data(2), 3, 4, callbacks=[slower])
    assert_equal(state(later), state(other))
    assert_equal(seen[-1], [state(other), predict(other, X, 4)])
    assert not np.array_equal(seen[0][1], seen[1][1])
    train(build(2), data(2), 1, 4, callbacks=[slower], shared=shared)
    assert float(later.optimizer.learning_rate) == pytest.approx(0.1 / 8)


# Models that are made alike, and others


@keras.saving.register_keras_serializable()
class Times(layers.Layer):
    """A layer whose configuration does not say its factor."""

    def __init__(self, factor=1):
        super().__init__()
        self.factor = factor

    def call(self, inputs):
        return self.factor * inputs

    def get_config(self):
        return super(layers.Layer, self).get_config()


class Applied(layers.Layer):
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


def connected(step):
    """A layer of two, whose terms are the one or the other way round."""
    inputs = keras.Input((4, 3))
    terms = layers.Dense(3)(inputs), layers.Dense(3, activation="tanh")(inputs)
    return keras.Model(inputs, layers.Subtract()(terms[::step]))


def falling(rate):
    return keras.optimizers.schedules.ExponentialDecay(rate, 1, 0.5)


def train_one(seed, make, shared):
    """The history and the state of a small model with the layer or options of `make()`."""
    keras.utils.set_random_seed(seed)
    options = {"loss": "mse", "optimizer": "adam", "layer": layers.Dense(3), **make()}
    made = [options.pop("layer"), layers.Dense(1)]
    model = keras.Sequential([keras.Input((4, 3)), *made])
    model.compile(**options)
    return train(model, data(seed), 1, 4, shared=shared), state(model)


def test_models_that_differ_have_programs_of_their_own():
    different = [
        {},
        *[{"layer": layers.Dense(3, activation=times(factor))} for factor in (2, 3)],
        {"layer": layers.Dense(3, trainable=False)},
        *[{"layer": Times(factor)} for factor in (2, 3)],
        *[{"layer": Applied(times(factor))} for factor in (2, 3)],
        *[{"layer": connected(step)} for step in (1, -1)],
        *[{"loss": scaled(factor)} for factor in (1, 2)],
        {"metrics": ["mae"]},
        {"optimizer": keras.optimizers.SGD(momentum=0.5)},
        *[{"optimizer": keras.optimizers.SGD(falling(rate))} for rate in (0.1, 0.2)],
    ]
    shared = {}
    for options in different:
        history, _ = train_one(1, lambda: options, shared)
        assert history.compile_seconds > 0, options


def made_alike():
    """Made again, these have other names, seeds and rates."""
    drawn = keras.initializers.RandomNormal(seed=np.random.randint(1000))
    dense = layers.Dense(3, times(2), kernel_initializer=drawn, name=f"drawn{drawn.seed}")
    lstm = layers.Bidirectional(layers.LSTM(3, return_sequences=True))
    nested = [keras.Input((4, 3)), lstm, layers.TimeDistributed(dense)]
    return {
        "layer": keras.Sequential(nested),
        "loss": Scaled(),
        "optimizer": keras.optimizers.SGD(np.random.rand()),
        "metrics": [keras.metrics.MeanSquaredLogarithmicError()],
    }


def test_models_that_the_same_code_makes_compile_nothing():
    shared = {}
    train_one(1, made_alike, shared)
    (history, left), (alone, expected) = (train_one(2, made_alike, d) for d in (shared, {}))
    assert history.compile_seconds == 0
    assert history == alone
    assert_equal(left, expected)

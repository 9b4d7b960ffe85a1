"""`train` as it runs, one program of many batches by XLA: the updates of `fit` for each
kind of layer."""

import numpy as np
import pytest

from common.backend import keras
from common.training import predict, reset_states, train

layers = keras.layers
BATCH = 4
rng = np.random.default_rng(1)


def numbers(*shape):
    return rng.random((2 * BATCH, *shape)).astype(np.float32)


def sequential(*made, timesteps=3):
    return keras.Sequential([keras.Input(batch_shape=(BATCH, timesteps, 2)), *made])


def attention():
    inputs = keras.Input((3, 2))
    states = layers.LSTM(3, return_sequences=True)(inputs)
    attended = layers.Attention()([states, states])
    return keras.Model(inputs, layers.Dense(1)(layers.Concatenate()([states, attended])))


def masked():
    inputs = keras.Input((4,), dtype="int32")
    embedded = layers.Embedding(5, 3, mask_zero=True)(inputs)
    return keras.Model(inputs, layers.Dense(1)(layers.LSTM(2)(embedded)))


SYMBOLS = np.array([[1, 2, 0, 0], [3, 4, 1, 0]] * BATCH)
KINDS = {
    "Dense": (lambda: sequential(layers.Dense(3), layers.Dense(1)), numbers(3, 2), (3, 1)),
    "LSTM": (lambda: sequential(layers.LSTM(3)), numbers(3, 2), (3,)),
    "LSTM of many timesteps": (
        lambda: sequential(layers.LSTM(3), timesteps=30),
        numbers(30, 2),
        (3,),
    ),
    "stateful LSTM": (
        lambda: sequential(layers.LSTM(3, stateful=True)),
        numbers(3, 2),
        (3,),
    ),
    "RepeatVector, TimeDistributed": (
        lambda: sequential(
            layers.LSTM(3),
            layers.RepeatVector(2),
            layers.LSTM(3, return_sequences=True),
            layers.TimeDistributed(layers.Dense(1)),
        ),
        numbers(3, 2),
        (2, 1),
    ),
    "Bidirectional": (
        lambda: sequential(layers.Bidirectional(layers.LSTM(2))),
        numbers(3, 2),
        (4,),
    ),
    "Embedding, mask": (masked, SYMBOLS, (1,)),
    "attention": (attention, numbers(3, 2), (3, 1)),
}


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_layer_is_trained_as_in_fit(kind):
    make, X, y_shape = KINDS[kind]
    y = numbers(*y_shape)
    weights = numbers(3) if kind == "Dense" else None
    trained, fitted, losses = make(), make(), []
    fitted.set_weights(trained.get_weights())
    for model in (trained, fitted):
        model.compile(loss="mse", optimizer="adam", metrics=["mae"])
    data = (X, y) if weights is None else (X, y, weights)
    history = train(trained, lambda: data, 3, BATCH)
    for _ in range(3):
        options = {"shuffle": False, "verbose": 0, "sample_weight": weights}
        losses += fitted.fit(X, y, BATCH, **options).history["loss"]
        reset_states(fitted)
    assert history["loss"] == pytest.approx(losses, rel=1e-4)
    for a, b in zip(trained.get_weights(), fitted.get_weights(), strict=True):
        assert np.abs(a - b).max() <= 1e-5
    expected = trained.predict(X, batch_size=BATCH, verbose=0)
    assert np.allclose(predict(trained, X, BATCH), expected, atol=1e-6)


def test_a_later_model_is_trained_by_the_program_of_the_first():
    make, X, _ = KINDS["stateful LSTM"]
    y, shared = numbers(3), {}

    def trained(seed, shared):
        keras.utils.set_random_seed(seed)
        model = make()
        model.compile(loss="mse", optimizer="adam")
        return model, train(model, lambda: (X, y), 3, BATCH, shared=shared)

    first, _ = trained(1, shared)
    before = first.get_weights()
    (later, history), (other, alone) = trained(2, shared), trained(2, {})
    assert history == alone and history.compile_seconds == 0
    for model, weights in ((later, other.get_weights()), (first, before)):
        assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), weights))

"""Seconds of training without those of compiling."""

import numpy as np
from common.timing import timed_train, warm_up


def test_timed_training_is_training_from_fresh_weights():
    from common.backend import keras
    from common.training import initialize, train

    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(loss="mean_squared_error", optimizer="adam")
    X = np.array([[0, 1], [1, 0]], dtype=np.float32)

    def data():
        return X, X[:, :1]

    warm_up(model, data, 3, 1)
    initialize(model, 1)
    history, seconds = timed_train(model, data, 3, 1)
    initialize(model, 1)
    assert history == train(model, data, 3, 1)
    assert 0 < seconds < 60

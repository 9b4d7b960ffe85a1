"""Training with the weights of the losses, as `fit` has them in `sample_weight`."""

import numpy as np


def test_weights_count_as_in_fit_and_what_weighs_nothing_changes_nothing():
    from common.backend import keras
    from common.training import initialize, train

    model = keras.Sequential()
    model.add(keras.Input((3, 4)))
    model.add(keras.layers.LSTM(5, return_sequences=True))
    model.add(keras.layers.Dense(4, activation="softmax"))
    model.compile(loss="categorical_crossentropy", optimizer="adam")
    rng = np.random.default_rng(1)
    X = np.eye(4, dtype=np.float32)[rng.integers(4, size=(6, 3))]
    weights = np.array([[0, 1, 1]] * 6)
    other = X.copy()
    other[:, 0] = X[:, 0, ::-1]  # another answer where the weight is 0
    trained = []
    for y in (X, other):
        initialize(model, 1)
        train(model, lambda: (X, y, weights), 4, 2)
        trained.append(model.get_weights())
    initialize(model, 1)
    for _ in range(4):
        model.fit(X, X, batch_size=2, sample_weight=weights, shuffle=False, verbose=0)
    trained.append(model.get_weights())
    for mine, others, fitted in zip(*trained):
        np.testing.assert_allclose(mine, others, atol=1e-6)
        np.testing.assert_allclose(mine, fitted, atol=1e-5)

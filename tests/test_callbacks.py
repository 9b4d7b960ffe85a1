"""Keras's callbacks in `train`, as in `fit`, and those that want some epochs only."""

import functools
import time
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_equal

from common import training
from common.backend import keras
from common.training import after_epochs, predict, train

pytestmark = pytest.mark.usefixtures("uncompiled")
callbacks = keras.callbacks
X = np.random.default_rng(1).random((8, 3))
y = np.random.default_rng(2).random((8, 1))


def new_data():
    return X, y


def build(rate=0.5):  # too high: the loss goes down, then up
    keras.utils.set_random_seed(1)
    hidden = keras.layers.Dense(4, activation="relu")
    model = keras.Sequential([keras.Input((3,)), hidden, keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(rate), "mse", metrics=["mae"])
    return model


@functools.cache
def weights_after(epochs):
    model = build()
    train(model, new_data, epochs, 4)
    return model.get_weights()


@pytest.mark.parametrize(
    "make",
    [
        lambda: callbacks.EarlyStopping("loss", patience=2, restore_best_weights=True),
        lambda: callbacks.ReduceLROnPlateau("loss", patience=1),
        lambda: callbacks.LearningRateScheduler(lambda epoch, rate: rate / (1 + epoch)),
    ],
)
def test_a_callback_of_keras_has_the_effect_that_it_has_in_fit(make):
    trained, fitted = build(), build()
    history = train(trained, new_data, 15, 4, callbacks=[make()])
    options = {"batch_size": 4, "shuffle": False, "verbose": 0}
    fit = fitted.fit(X, y, epochs=15, callbacks=[make()], **options)
    assert history["loss"] == pytest.approx(fit.history["loss"], rel=1e-3)
    for a, b in zip(trained.get_weights(), fitted.get_weights(), strict=True):
        assert np.allclose(a, b, atol=1e-3)
    assert not np.allclose(trained.get_weights()[0], weights_after(15)[0], atol=1e-2)


def test_hooks_come_in_the_order_of_fit_though_not_those_of_batches():
    def hooks(called):
        class All(callbacks.Callback):
            def on_train_begin(self, logs=None):
                called.append(("train begins", self.params["epochs"], self.params["steps"]))

            def on_epoch_begin(self, epoch, logs=None):
                called.append(("begins", epoch))

            def on_epoch_end(self, epoch, logs=None):
                called.append(("ends", epoch, sorted(logs)))

            def on_train_end(self, logs=None):
                called.append(("train ends", sorted(logs)))

        return [All()]

    by_train, by_fit = [], []
    train(build(), new_data, 2, 4, callbacks=hooks(by_train))
    build().fit(X, y, 4, 2, verbose=0, callbacks=hooks(by_fit))
    assert by_train == by_fit and by_train[1] == ("begins", 0)


def test_a_callback_can_stop_training_which_can_be_begun_again():
    model, drawn, seen = build(), [], []

    def stop(epoch, logs):
        seen.append(model.get_weights())
        model.stop_training = epoch == 1

    def counted():
        drawn.append(1)
        return X, y

    stopping = callbacks.LambdaCallback(on_epoch_end=stop)
    history = train(model, counted, 300, 4, callbacks=[stopping])
    assert len(history["loss"]) == len(drawn) == 2  # as many as were trained on
    assert_equal(seen[0], weights_after(1))
    assert_equal(model.get_weights(), weights_after(2))
    assert len(train(model, new_data, 3, 4)["loss"]) == 3


# At some epochs only


def test_a_callback_comes_after_the_epochs_that_it_wants_and_changes_nothing():
    model, called, seen = build(), [], []

    def look(epochs_done):
        called.append(epochs_done)
        seen.append(model.get_weights())
        predict(model, X)

    epochs = [15, 1, 2, 30, 31]  # the last one is never done
    history = train(model, new_data, 30, 4, callbacks=[after_epochs(epochs, look)])
    assert called == [1, 2, 15, 30]
    assert history == train(build(), new_data, 30, 4)
    for epochs_done, weights in zip(called, seen):
        assert_equal(weights, weights_after(epochs_done))


def test_it_costs_nothing_in_between(calls, monkeypatch):
    monkeypatch.setattr(training, "PIECE_SECONDS", 60)
    train(build(), new_data, 100, 4)
    alone = len(calls)
    few, none = after_epochs([50], print), after_epochs(range(200, 10**12), print)
    train(build(), new_data, 100, 4, callbacks=[few, none])
    assert len(calls) <= 2 * alone + 2


def test_callbacks_of_both_kinds_come_together():
    called = []
    each = callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: called.append("each"))
    some = [after_epochs(of, called.append) for of in (range(2, 10**12, 2), iter([1]))]
    train(build(), new_data, 3, 4, callbacks=[each, *some])
    assert called == ["each", 1, "each", 2, "each"]


def test_after_training_has_diverged_only_its_end_is_told():
    model, called = build(rate=1e30), []
    ends = callbacks.LambdaCallback(on_train_end=lambda logs: called.append("end"))
    every = after_epochs(range(1, 101), called.append)
    history = train(model, new_data, 100, 4, callbacks=[every, ends])
    assert history.diverged
    assert called == [*range(1, len(history["loss"])), "end"]


def test_the_seconds_of_callbacks_are_not_those_of_training(monkeypatch):
    waited = []
    clock = SimpleNamespace(perf_counter=lambda: time.perf_counter() + sum(waited))
    monkeypatch.setattr(training, "time", clock)

    def wait(*_):
        waited.append(1000)

    hooks = ("on_train_begin", "on_epoch_begin", "on_epoch_end", "on_train_end")
    waiting = callbacks.LambdaCallback(**dict.fromkeys(hooks, wait))
    history = train(build(), new_data, 2, 4, callbacks=[waiting])
    assert sum(waited) == 6000 and 0 < history.seconds < 1000

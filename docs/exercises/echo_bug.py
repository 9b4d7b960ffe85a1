"""Exercise 4: find what is wrong. Only the first of five sequences is right.

    python -m docs.exercises.echo_bug

The network, the data and the training are those of echo_partial.py. One line is missing.
"""

from random import Random

from common.backend import keras
from common.onehot import one_hot_decode
from common.training import train
from common.windows import get_data

rng = Random(1)


def new_sequence():
    return get_data(5, 2, rng=rng)  # (21, 5, 100), (21, 2, 100)


keras.utils.set_random_seed(1)
layers, model = keras.layers, keras.Sequential()
model.add(keras.Input(batch_shape=(21, 5, 100)))
model.add(layers.LSTM(150, stateful=True))
model.add(layers.RepeatVector(2))
model.add(layers.LSTM(150, return_sequences=True, stateful=True))
model.add(layers.TimeDistributed(layers.Dense(100, activation="softmax")))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

train(model, new_sequence, epochs=5000, batch_size=21)

for n in range(1, 6):
    X, y = new_sequence()
    yhat = model.predict(X, batch_size=21, verbose=0)
    n_right = sum(e == p for e, p in zip(one_hot_decode(y), one_hot_decode(yhat)))
    print(f"sequence {n}: {n_right} of {len(X)} windows right")

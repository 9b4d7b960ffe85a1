"""Exercise 1: a second encoder layer, in plain Keras, without flags.

    python -m docs.exercises.second_layer

The network of addition_seq2seq.py with one more LSTM before the encoder.
"""

from random import Random

from common.backend import keras
from common.characters import ALPHABET, generate_data, invert
from common.training import train

rng = Random(1)  # for the data alone


def new_sums():
    return generate_data(1000, 2, 10, rng=rng)  # (1000, 5, 12), (1000, 2, 12)


keras.utils.set_random_seed(1)
layers, model = keras.layers, keras.Sequential()
model.add(keras.Input((5, len(ALPHABET))))
# new: reads the question, and hands on a vector for each character: (samples, 5, 100)
model.add(layers.LSTM(100, return_sequences=True))
model.add(layers.LSTM(100))
model.add(layers.RepeatVector(2))
model.add(layers.LSTM(50, return_sequences=True))
model.add(layers.TimeDistributed(layers.Dense(len(ALPHABET), activation="softmax")))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

history = train(model, new_sums, epochs=30, batch_size=10)
print(f"loss {history['loss'][-1]:.4f}, accuracy {history['accuracy'][-1]:.4f}")

X, y = new_sums()
result = model.predict(X, verbose=0)
for i in range(20):
    print(f"Expected={invert(y[i])}, Predicted={invert(result[i])}  {invert(X[i])}")
n_right = sum(invert(y[i]) == invert(result[i]) for i in range(len(X)))
print(f"{n_right} of {len(X)} right")

"""Exercise 3: pairs of one's own, from a CSV file with the columns question and answer.

    python -m docs.exercises.own_pairs

docs/exercises/roman.csv has Roman numerals, "XIV" -> "14"; any short texts will do. A
fifth of the pairs is kept out of training, to see what is learned beyond the pairs.
"""

import csv
from pathlib import Path
from random import Random

import numpy as np

from common.backend import keras
from common.characters import integer_encode, invert
from common.onehot import one_hot_encode
from common.training import train

path = Path(__file__).with_name("roman.csv")
with open(path, newline="", encoding="utf-8-sig") as file:  # as spreadsheets write it
    pairs = [(row["question"], row["answer"]) for row in csv.DictReader(file)]
alphabet = sorted({*"".join(question + answer for question, answer in pairs), " "})
n_in, n_out = (max(map(len, texts)) for texts in zip(*pairs))


def encode(pairs):
    questions = integer_encode([question.rjust(n_in) for question, _ in pairs], alphabet)
    answers = integer_encode([answer.rjust(n_out) for _, answer in pairs], alphabet)
    return one_hot_encode(questions, len(alphabet)), one_hot_encode(answers, len(alphabet))


kept_out = Random(1).sample(pairs, len(pairs) // 5)
X, y = encode([pair for pair in pairs if pair not in kept_out])
rng = np.random.default_rng(1)


def shuffled():
    """The same pairs every epoch, in another order; a batch size divides their number."""
    order = rng.permutation(len(X))[: len(X) // 10 * 10]
    return X[order], y[order]


keras.utils.set_random_seed(1)
layers, model = keras.layers, keras.Sequential()
model.add(keras.Input((n_in, len(alphabet))))
model.add(layers.LSTM(100))
model.add(layers.RepeatVector(n_out))
model.add(layers.LSTM(50, return_sequences=True))
model.add(layers.TimeDistributed(layers.Dense(len(alphabet), activation="softmax")))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

train(model, shuffled, epochs=300, batch_size=10)


def n_right(X, y):
    result = model.predict(X, verbose=0)
    return sum(invert(a, alphabet) == invert(b, alphabet) for a, b in zip(y, result))


print(f"seen: {n_right(X, y)} of {len(X)} right")
X, y = encode(kept_out)
print(f"kept out: {n_right(X, y)} of {len(X)} right")

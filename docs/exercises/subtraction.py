"""Exercise 2: differences instead of sums, " 3-10" -> "-7".

    python -m docs.exercises.subtraction

The network of addition_seq2seq.py; only the strings and their symbols differ.
"""

from random import Random

from common.backend import keras
from common.characters import integer_encode, invert, pad
from common.onehot import one_hot_encode
from common.training import train

ALPHABET = list("0123456789- ")  # a minus where the sums have a plus
rng = Random(1)


def new_differences():
    pairs = [(rng.randint(1, 10), rng.randint(1, 10)) for _ in range(1000)]
    questions = [pad(f"{a}-{b}", 5) for a, b in pairs]
    answers = [pad(str(a - b), 2) for a, b in pairs]  # from -9 to 9
    X, y = integer_encode(questions, ALPHABET), integer_encode(answers, ALPHABET)
    return one_hot_encode(X, len(ALPHABET)), one_hot_encode(y, len(ALPHABET))


keras.utils.set_random_seed(1)
layers, model = keras.layers, keras.Sequential()
model.add(keras.Input((5, len(ALPHABET))))
model.add(layers.LSTM(100))
model.add(layers.RepeatVector(2))
model.add(layers.LSTM(50, return_sequences=True))
model.add(layers.TimeDistributed(layers.Dense(len(ALPHABET), activation="softmax")))
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])

train(model, new_differences, epochs=30, batch_size=10)

X, y = new_differences()
result = model.predict(X, verbose=0)
texts = [[invert(seq, ALPHABET) for seq in part] for part in (X, y, result)]
for question, expected, predicted in [*zip(*texts)][:20]:
    print(f"Expected={expected}, Predicted={predicted}  {question}")
n_right = sum(expected == predicted for _, expected, predicted in zip(*texts))
print(f"{n_right} of {len(X)} right")

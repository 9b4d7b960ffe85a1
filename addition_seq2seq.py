"""Addition as characters: an encoder-decoder LSTM reads " 3+10" and writes "13".

Tutorial A, section "Addition as a seq2seq Problem":
https://machinelearningmastery.com/learn-add-numbers-seq2seq-recurrent-neural-networks/
Read common/characters.py with it: how sums become strings, and strings one-hot vectors.

    python addition_seq2seq.py            train, then answer 20 new sums
    python addition_seq2seq.py --watch    show the answers while it learns
    python addition_seq2seq.py --fit      train as the tutorial does
    python addition_seq2seq.py --largest 100 --epochs 100

What to expect: the tutorial printed loss 0.0579, accuracy 0.9940, and 20 of 20 right; seed
1 gives 0.0535, 0.9955, and 20 of 20. Of 30 seeds, 11 get all 100 possible sums right, and
17 all but one. Training has seen all 100; for unseen sums: extensions/addition_heldout.md.
"""

from dataclasses import dataclass
from random import Random

from common import characters, sums
from common.backend import keras
from common.characters import generate_data, invert
from common.runner import cli
from common.runner.experiment import Experiment
from common.scores import score_answers
from common.settings import BaseSettings
from common.training import predict, train


@dataclass(frozen=True)
class Settings(BaseSettings):
    """The tutorial's numbers. Each is a flag as well: --epochs 60."""

    n_samples: int = 1000  # sums per epoch, new ones every time
    n_numbers: int = 2  # numbers to add
    largest: int = 10  # the largest of these numbers
    encoder_units: int = 100  # units of the encoder
    decoder_units: int = 50  # units of the decoder
    epochs: int = 30  # training epochs
    batch_size: int = 10  # sums per weight update


def build_model(settings):
    """The encoder reads the question into one vector; the decoder writes the answer."""
    n_in = characters.question_length(settings.n_numbers, settings.largest)  # "10+10": 5
    n_out = characters.answer_length(settings.n_numbers, settings.largest)  # "20": 2
    n_chars = len(characters.ALPHABET)  # ten digits, plus and space: 12
    layers, model = keras.layers, keras.Sequential()
    # a question: (samples, 5 timesteps, 12 features)
    model.add(keras.Input((n_in, n_chars)))
    # encoder: reads the whole question, returns one vector for it: (samples, 100)
    model.add(layers.LSTM(settings.encoder_units))
    # the decoder wants timesteps: that vector once for each character: (samples, 2, 100)
    model.add(layers.RepeatVector(n_out))
    # decoder: returns a vector for each character of the answer: (samples, 2, 50)
    model.add(layers.LSTM(settings.decoder_units, return_sequences=True))
    # the same Dense layer at each step: 12 probabilities: (samples, 2, 12)
    model.add(layers.TimeDistributed(layers.Dense(n_chars, activation="softmax")))
    model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
    return model


def fit_epochs(model, new_sums, epochs, batch_size):
    """The tutorial's loop: one `fit` per epoch, on new sums every time."""
    for _ in range(epochs):
        X, y = new_sums()
        # the sums are in random order as they are: nothing to shuffle
        model.fit(X, y, epochs=1, batch_size=batch_size, shuffle=False, verbose=2)


def run(settings, seed, train=train):
    """The tutorial's complete example: data, model, training, 20 new sums."""
    rng = Random(seed)  # for the data alone; seed 1 draws the tutorial's own sums

    def new_sums():
        # 3 + 10 = 13  ->  " 3+10", "13"  ->  [11, 3, 10, 1, 0], [1, 3]  ->  one-hot
        # X: (1000, 5 characters, 12 symbols), y: (1000, 2, 12)
        sizes = settings.n_samples, settings.n_numbers, settings.largest
        return generate_data(*sizes, rng=rng)

    keras.utils.set_random_seed(seed)  # for the weights
    model = build_model(settings)
    model.summary()
    # `train` makes the updates of `fit_epochs`, compiled; put that name here to compare
    history = train(model, new_sums, settings.epochs, settings.batch_size)

    X, y = new_sums()
    result = model.predict(X, batch_size=settings.batch_size, verbose=0)  # (1000, 2, 12)
    for i in range(min(20, len(X))):
        print(f"Expected={invert(y[i])}, Predicted={invert(result[i])}  {invert(X[i])}")
    return model, history


# Beyond the tutorial: a score over all possible sums, --ask, and the command line.


def evaluate(model, X, settings):
    """The sums X as texts, their right answers, and the model's: three lists of strings."""
    sizes = settings.n_numbers, settings.largest
    questions, y = characters.encode_sums(X, [sums.answer(row) for row in X], *sizes)
    result = predict(model, questions)  # what model.predict returns, sooner
    return sums.as_texts(X), [invert(seq) for seq in y], [invert(seq) for seq in result]


def read_question(text, settings):
    """The numbers of "3+4"; ValueError for a sum that training never shows."""
    return characters.read_question(text, settings.n_numbers, settings.largest)


def ask(model, settings, terms):
    """Print the model's answer to one sum, and how sure it is of each character."""
    [asked], [expected], [predicted] = evaluate(model, [terms], settings)
    sizes = settings.n_numbers, settings.largest
    X, _ = characters.encode_sums([terms], [sums.answer(terms)], *sizes)
    [steps] = predict(model, X)  # (2, 12)
    sure = ", ".join(f"{s!r} {max(step):.4f}" for s, step in zip(predicted, steps))
    result = "right" if expected == predicted else "wrong"
    print(f"Asked {asked}: Expected={expected}, Predicted={predicted} ({result}; {sure})")


experiment = Experiment(
    __doc__,
    Settings,
    build_model,
    run,
    fit_epochs=fit_epochs,
    evaluate=evaluate,
    score=score_answers,
    test=sums.to_test,
    tested_on=sums.tested_on,
    watch=sums.to_watch,
    read_question=read_question,
    ask=ask,
    alphabet=characters.ALPHABET,
)
main = experiment.main

if __name__ == "__main__":
    cli.run(main)

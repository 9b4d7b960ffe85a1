"""Who knows a task answers in a network's place, and nothing is trained.

    asked = ask(addition_digits, "2 digits, 16 units", value, Texts())

has the script run with a `train` that only draws, and with a `predict` that reads each
question as a person would ("3+10", or a tuple of integers), asks `know`, and writes what it
returns as a network would.
"""

import ast
import re
from contextlib import suppress
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from common.characters import ALPHABET, integer_encode
from common.onehot import one_hot_encode
from common.training import History
import addition_lstm_regression
import addition_mlp
import addition_seq2seq
import echo_partial
from extensions.tools.expressions import SYMBOLS, alphabet

ASKED_BY_SCRIPTS = addition_lstm_regression, addition_mlp, addition_seq2seq, echo_partial
SYMBOLS_OF = {len(symbols): symbols for symbols in (ALPHABET, SYMBOLS, alphabet("/"))}


class Texts:
    """Questions and answers as texts, however they are encoded.

    `question_step`, `answer_step`: -1 where the network reads or writes them backwards;
    `justify`: where an answer stands.
    """

    def __init__(self, question_step=1, answer_step=1, justify=str.rjust):
        self.question_step, self.answer_step = question_step, answer_step
        self.justify = justify

    def read(self, X):
        X = X[0] if isinstance(X, tuple) else X
        symbols = ALPHABET
        if X.ndim == 3 and X.shape[2] > 1:
            symbols, X = SYMBOLS_OF[X.shape[2]], X.argmax(axis=2)
        elif X.ndim == 3:  # scaled
            X = np.rint(X[..., 0] * (len(ALPHABET) - 1)).astype(int)
        texts = ["".join(symbols[i] for i in row) for row in X.tolist()]
        return [text[:: self.question_step].strip() for text in texts]

    def write(self, answers, shape):
        n_out, n_symbols = shape
        texts = [self.justify(str(answer), n_out) for answer in answers]
        texts = [text[:: self.answer_step] for text in texts]
        if n_symbols == 1:
            return integer_encode(texts)[..., np.newaxis] / (len(ALPHABET) - 1)
        return one_hot_encode(integer_encode(texts, SYMBOLS_OF[n_symbols]), n_symbols)


class Integers:
    """Questions and answers as tuples of integers.

    An answer stands behind `before` symbols, and `filling` all around it.
    """

    def __init__(self, before=0, filling=0):
        self.before, self.filling = before, filling

    def read(self, X):
        X = np.asarray(X[0] if isinstance(X, tuple) else X)
        if X.ndim == 3 and X.shape[2] == 1:
            X = np.rint(X[..., 0] * 99).astype(int)
        return [tuple(row) for row in (X.argmax(axis=2) if X.ndim == 3 else X).tolist()]

    def write(self, answers, shape):
        n_out, n_symbols = shape
        y = np.full((len(answers), n_out), self.filling)
        for row, answer in zip(y, answers):
            row[self.before : self.before + len(answer)] = answer
        if n_symbols == 1:
            return y[..., np.newaxis] / 99 + 0.004
        return np.eye(n_symbols, dtype="float32")[y]


class Trained(Exception):
    """Training is over, and no more is asked for."""


class Numbers:
    """Questions as tuples of floats, answers as floats, as they are."""

    def read(self, X):
        return [*map(tuple, np.reshape(X, (len(X), -1)).tolist())]

    def write(self, answers, shape):
        return np.array(answers, dtype=float)[:, np.newaxis]


def ask(
    script,
    variant,
    know,
    codec,
    *,
    taught=None,
    seed=1,
    draws=1,
    looks=False,
    scored=True,
    changes=(),
    **settings,
):
    """Run a variant without training.

    Args:
        script, variant: A module of `extensions`, and a variant's name.
        know: Takes a question, returns the answer. It may look at `ask.done`, the epochs
            that are over when it is asked.
        codec: Reads questions and writes answers.
        taught: If given, takes a question and returns what training is to teach.
        draws: Epochs whose data are drawn.
        looks: Whether the script may look at the model on the way.
        scored: Whether it goes on once training is over.
        changes: Other fields of the variant.
        settings: Of the script.

    Returns its `scores`; what it asked in each of its `calls`; the `data` and `questions`
    that it drew to train on; `model`, `epochs` and `batch_size`.
    """
    got, ask.done = SimpleNamespace(calls=[], data=[], questions=[]), 0
    settings = script.Settings(**settings)

    def predict(model, X, batch_size=None, **_):
        got.calls.append(codec.read(X))
        return codec.write([*map(know, got.calls[-1])], answer_shape(model, X))

    def train(model, new_data, epochs, batch_size, *, callbacks=()):
        got.model, got.epochs, got.batch_size = model, epochs, batch_size
        for _ in range(draws):
            X, y, *weights = new_data()
            check_shapes(model, X, y)
            assert len(y) % batch_size == 0
            questions = codec.read(X)
            if taught:
                answers = codec.write([*map(taught, questions)], answer_shape(model, X))
                check_answers(answers, y, *weights)
            got.data.append((X, y, *weights))
            got.questions += questions
        for callback in callbacks:
            for ask.done in sorted(callback.epochs) * looks:
                callback.on_epoch_end(ask.done - 1)
        ask.done = epochs
        if not scored:
            raise Trained
        return History(loss=[0.5] * epochs, accuracy=[0.95] * 30 + [1.0] * 30)

    with pytest.MonkeyPatch.context() as patch:
        for module in (script, *ASKED_BY_SCRIPTS):
            if hasattr(module, "predict"):
                patch.setattr(module, "predict", predict)
        if hasattr(script, "attention_weights"):
            patch.setattr(script, "attention_weights", lambda *_: [None])
        fields = script.experiment.variants(settings)[variant]
        fields = replace(fields, **dict(changes)) if changes else fields
        with suppress(Trained):
            got.scores = script.run(settings, seed, fields, train=train).scores
    return got


def answer_shape(model, X):
    """(steps, symbols) of the answers to X, which may be of any length."""
    n_out, *symbols = model.output_shape[1:]
    return n_out or (X[-1] if isinstance(X, tuple) else X).shape[1], *symbols


def check_answers(expected, y, *weights):
    """That an epoch's answers are the expected ones wherever they have a weight."""
    if y.size == expected.size:
        y = np.reshape(y, expected.shape)
    else:  # integers that stand for one-hot vectors
        y = np.eye(expected.shape[-1])[y]
    right = np.isclose(y, expected, atol=0.005).all(axis=-1)
    assert right[weights[0] > 0 if weights else ...].all()


def check_shapes(model, X, y):
    """That an epoch's data have the shapes that the model reads and writes."""
    read = zip(X if isinstance(X, tuple) else [X], model.inputs, strict=True)
    shapes = [(array.shape, tensor.shape) for array, tensor in read]
    for of_data, of_model in [*shapes, (y.shape, model.output_shape[: y.ndim])]:
        sizes = zip(of_data[1:], of_model[1:], strict=True)
        assert all(size in (data_size, None) for data_size, size in sizes)


def value(text):
    """What Python finds for an expression."""
    return eval(text.strip().replace("²", "**2").replace("/", "//"))


def tokens(text):
    """An expression as it is drawn: ((3, "-", 7), "*", 2) for "(3-7)*2"."""
    quoted = re.sub(r"[-+*/²]", r"'\g<0>'", text.strip())
    return ast.literal_eval("(" + re.sub(r"\d+|'.'|\)", r"\g<0>,", quoted) + ")")


def terms(text):
    """The terms of a sum, with spaces around them or zeros before them."""
    return [int(term) for term in text.split("+")]


def add(text):
    return sum(terms(text))

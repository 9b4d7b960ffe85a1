"""Several tests of one model, the epochs it needs, and where attention looks."""

import math

import numpy as np

from common.backend import keras
from common.checks import check_numbers, check_size
from common.runner.plots import plot_attention
from common.scores import Share, print_wrong, share_equal
from common.training import predict


def share_of_answers(expected, predicted):
    """The same for sequences of any lengths; None, where nothing was answered, is wrong.

    >>> print(share_of_answers([(1, 2), (3,), (4,)], [(1, 2), (3, 0), None]))
    1 of 3 (33.3 %)
    """
    pairs = [*zip(expected, predicted, strict=True)]
    return Share(sum(e == p for e, p in pairs), len(pairs))


def score_tests(tests, ask, expected_of, texts_of):
    """Several tests of a model that answers with sequences of any lengths.

    Args:
        tests: {name: questions}.
        ask: Takes questions, returns a list of answers.
        expected_of: Takes questions, returns the right answers.
        texts_of: Takes questions, returns the strings in which they are shown.

    Returns {name: Share}, and what `print_first_wrong` shows: of the first test that has a
    wrong answer (name, texts, expected, answers), or None.
    """
    scores, wrong = {}, None
    for name, questions in tests.items():
        expected, answers = expected_of(questions), ask(questions)
        scores[name] = share_of_answers(expected, answers)
        if scores[name].right < scores[name].total and not wrong:
            wrong = name, texts_of(questions), expected, answers
    return scores, wrong


def share_equal_by_kind(questions, expected, predicted):
    """The Share of answers that are equal, for each kind of question.

    Args:
        questions: {kind: what was asked}.
        expected, predicted: Answers, (samples, ...), one kind after the other.

    Returns {kind: Share}. Raises ValueError for another number of answers.

    >>> share_equal_by_kind({"+": ["1+2", "3+4"], "*": ["3*4"]}, [3, 7, 12], [3, 8, 12])
    {'+': Share(right=1, total=2), '*': Share(right=1, total=1)}
    """
    shares, start = {}, 0
    n_asked = sum(map(len, questions.values()))
    if len(expected) != n_asked:
        raise ValueError(f"{len(expected)} answers do not fit {n_asked} questions")
    for kind, asked in questions.items():
        stop = start + len(asked)
        shares[kind] = share_equal(expected[start:stop], predicted[start:stop])
        start = stop
    return shares


def pooled(shares):
    """One Share of the answers of several, one or more.

    >>> print(pooled([Share(1, 2), Share(8, 8)]))
    9 of 10 (90.0 %)
    """
    return Share(*map(sum, zip(*shares)))


def epochs_to(share, values, over=20):
    """The first epoch (from 1) by which the mean of the last `over` is at least `share`.

    Args:
        share: In (0, 1].
        values: One per epoch, such as the accuracy in the history that `train` returns.
        over: An epoch of few rows may be lucky, so the mean of several counts.

    Returns an int, or infinity if that never happened. Raises ValueError for NaN, `over`
    below 1, or another `share`.

    >>> epochs_to(0.9, [0.2, 0.9, 0.8, 1.0, 1.0], over=2)
    4
    >>> epochs_to(0.99, [0.2, 0.9, 0.8], over=2)
    inf
    """
    over = check_size("over", over)
    if not 0 < share <= 1:
        raise ValueError(f"share must be in (0, 1], not {share!r}")
    values = check_numbers("values", values)
    if len(values) < over:
        return math.inf
    means = np.convolve(values, np.ones(over), mode="valid") / over
    reached = np.flatnonzero(means >= share - 1e-9)  # sums are not exact
    return int(reached[0]) + over if len(reached) else math.inf


def first_of_two(share, looks):
    """After how many epochs two looks in a row find at least `share`: the first of them.

    `looks`: {epochs done: a Share, or a number}, in order. Returns None if they never do.

    >>> first_of_two(0.9, {10: 0.95, 20: 0.8, 30: 0.9, 40: 0.9})
    30
    """
    reached = [float(value) >= share for value in looks.values()]
    pairs = zip(looks, reached, reached[1:])
    return next((epochs for epochs, *both in pairs if all(both)), None)


def print_first_wrong(title, wrong):
    """`print_wrong` for what `score_tests` returns; the test's name goes to the title."""
    if wrong:
        name, *answers = wrong
        print_wrong(f"{title}, {name}", *answers)


def showing(variant):
    """The `show` of a comparison: wrong answers of this variant's first run, and its map.

    What the run has `shown`: what `print_first_wrong` gets; for a map, behind it, what
    `plot_attention` gets.
    """

    def show(shown, args):
        wrong, *drawn = shown
        print_first_wrong(f"{variant}, seed {args.seed}", wrong)
        if drawn and args.map:
            plot_attention(args.map, *drawn)

    return variant, show


def attention_weights(model, X):
    """What the steps written give to the steps read.

    Args:
        model: A Keras model whose layer "attention" was called with
            `return_attention_scores=True`.
        X: Its input, an array or a tuple of them.

    Returns an array, (samples, steps written, steps read).
    """
    _, weights = model.get_layer("attention").output
    return predict(keras.Model(model.input, weights), X)

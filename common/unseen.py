"""Test sets that training never sees: draw the test set first, then draw around it.

>>> from random import Random
>>> rng = Random(1)
>>> pair = lambda: tuple(rng.randint(1, 4) for _ in range(2))
>>> test_set = draw_distinct(3, pair)
>>> test_set
[(2, 1), (3, 1), (4, 4)]
>>> held_out = {sorted_terms(question) for question in test_set}
>>> sorted(set(draw_unseen(1000, pair, held_out)))
[(1, 1), (1, 4), (2, 2), (2, 3), (2, 4), (3, 2), (3, 3), (3, 4), (4, 1), (4, 2), (4, 3)]
"""

from common.checks import check_size

MOST_DRAWS = 10_000  # in a row without a new question


def sorted_terms(terms):
    """One and the same for terms in whatever order: 2 + 5 is the question 5 + 2."""
    return tuple(sorted(terms))


def draw_distinct(n, draw, same=sorted_terms):
    """A list of `n` questions, no two of them the same.

    `draw`: called without arguments, returns a question. `same`: takes a question and
    returns something hashable, equal for questions that count as the same.
    Raises ValueError where there seem to be fewer than `n` to be drawn.
    """
    questions = {}
    for _ in range(check_size("n", n)):
        question = _new(draw, questions, same)
        questions[same(question)] = question
    return list(questions.values())


def draw_unseen(n, draw, held_out, same=sorted_terms):
    """A list of `n` questions, each drawn again while it is held out.

    `held_out`: the set of what `same` makes of the questions that are not to be drawn.
    Raises ValueError where there seems to be no other question.
    """
    return [_new(draw, held_out, same) for _ in range(check_size("n", n))]


def _new(draw, known, same):
    for _ in range(MOST_DRAWS):
        question = draw()
        if same(question) not in known:
            return question
    raise ValueError(f"{MOST_DRAWS} draws, and not a question that is new")

"""A quiz: you add, the model adds, and both are told what is right.

A wish of one of tutorial A's readers, on the model of its section "Addition as a seq2seq
Problem". The model is addition_seq2seq.py's, saved by that script, or trained here.

    python addition_seq2seq.py --save model.keras
    python -m extensions.quiz --load model.keras
    python -m extensions.quiz

Training takes some seconds. `q`, or the end of the input, ends the quiz with the score.
"""

import contextlib
import io
import random
import sys

from common.runner import cli
from common.runner.saved import load_weights, read_about
from common.scores import Share
from common.sums import random_sum_pairs
import addition_seq2seq

RESULT = {True: "right", False: "wrong"}


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_settings(addition_seq2seq.Settings)
    parser.add_seed("of model and questions")
    parser.add_load()
    tutorial = addition_seq2seq.experiment
    args = parser.parse_args(
        argv, lambda path: read_about(path, tutorial.name, tutorial.alphabet)
    )
    parser.refuse_together(args, "load", ["epochs"], ", which trains nothing")
    return args


def trained_model(args):
    """The model as --load says, or as addition_seq2seq.py trains it."""
    if args.load:
        model = addition_seq2seq.build_model(args.settings)
        load_weights(model, args.load)
        return model
    print(
        f"Training a model on sums of numbers up to {args.settings.largest} ...", flush=True
    )
    with contextlib.redirect_stdout(io.StringIO()):  # it shows the tutorial's answers
        model, _ = addition_seq2seq.run(args.settings, args.seed)
    return model


def read_answer(question):
    """The integer that the user types; None for q or the end of the input."""
    while True:
        try:
            text = input(f"{question} = ").strip()
        except EOFError:
            print()
            return None
        if not sys.stdin.isatty():
            print(text)  # as a terminal shows it
        if text.lower() == "q":
            return None
        try:
            return int(text)
        except ValueError:
            print("That is no whole number; q ends the quiz.")


def main(argv=None):
    args = parse_args(argv)
    settings, model = args.settings, trained_model(args)
    rng = random.Random(f"quiz {args.seed}")
    print("What is the sum? q ends the quiz.\n")
    n_asked = yours = models = 0
    while True:
        terms, [right] = random_sum_pairs(1, settings.n_numbers, settings.largest, rng=rng)
        answer = read_answer(" + ".join(map(str, terms[0])))
        if answer is None:
            break
        n_asked += 1
        _, [expected], [predicted] = addition_seq2seq.evaluate(model, terms, settings)
        yours += answer == right
        models += predicted == expected
        print(f"You: {answer}, {RESULT[answer == right]}.", end=" ")
        result = RESULT[predicted == expected]
        print(f"The model: {predicted.strip()}, {result}. It is {right}.\n")
    if n_asked:
        print(f"Right: you {Share(yours, n_asked)}, the model {Share(models, n_asked)}.")


if __name__ == "__main__":
    cli.run(main)

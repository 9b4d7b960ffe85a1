"""A quiz: you add, the model adds, and both are told what is right.

A wish of one of tutorial A's readers, on the model of its section "Addition as a seq2seq
Problem". The model is addition_seq2seq.py's, saved by that script, or trained here.

    python addition_seq2seq.py --save model.keras
    python extensions/quiz.py --load model.keras
    python extensions/quiz.py

Training takes some seconds. `q`, or the end of the input, ends the quiz with the score.
"""

import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import addition_seq2seq
from common import cli
from common.characters import encode_sums
from common.saved import load_weights
from common.scores import Share
from common.sums import random_sum_pairs


def parse_args(argv=None):
    parser = cli.Parser(__doc__)
    parser.add_size("--epochs", addition_seq2seq.N_EPOCHS, "training epochs")
    parser.add_size("--largest", addition_seq2seq.LARGEST, "largest number")
    parser.add_size("--seed", 1, "of model and questions", at_least=0, at_most=2**32 - 1)
    parser.add_load()
    parser.parse_args(argv)
    return addition_seq2seq.parse_args(argv)  # where these flags are the same


def trained_model(args):
    """The model as --load says, or as addition_seq2seq.py trains it."""
    from common.training import initialize, train

    model = addition_seq2seq.build_model(args)
    if args.load:
        load_weights(model, args.load)
        return model
    print(f"Training a model on sums of numbers up to {args.largest} ...", flush=True)
    initialize(model, args.seed)
    rng = random.Random(args.seed)
    data = lambda: addition_seq2seq.examples(args, rng)  # noqa: E731
    train(model, data, args.epochs, args.batch_size)
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
    model = trained_model(args)
    rng = random.Random(f"quiz {args.seed}")
    print("What is the sum? q ends the quiz.\n")
    n_asked = yours = models = 0
    while True:
        X, y = random_sum_pairs(1, args.n_numbers, args.largest, rng=rng)
        answer = read_answer(" + ".join(map(str, X[0])))
        if answer is None:
            break
        n_asked += 1
        data = encode_sums(X, y, args.n_numbers, args.largest)
        [expected], [predicted] = addition_seq2seq.evaluate(model, data)
        yours += answer == y[0]
        models += predicted == expected
        print(f"You: {answer}, {'right' if answer == y[0] else 'wrong'}.", end=" ")
        right = "right" if predicted == expected else "wrong"
        print(f"The model: {predicted.strip()}, {right}. It is {y[0]}.\n")
    print(f"Right: you {Share(yours, n_asked)}, the model {Share(models, n_asked)}.")


if __name__ == "__main__":
    cli.run(main)

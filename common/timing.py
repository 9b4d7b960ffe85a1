"""The seconds that training takes, without those that compiling takes."""

import time

from common.training import BATCHES_HELD, train


def warm_up(model, epoch_data, epochs, batch_size):
    """Compile what `train` with these arguments will run; `initialize` comes after it.

    It trains for a few epochs, and the program stays with the model.
    """
    train(model, epoch_data, min(epochs, BATCHES_HELD), batch_size)


def timed_train(model, epoch_data, epochs, batch_size):
    """`train`, and the seconds it took: returns the history and a float."""
    began = time.perf_counter()
    history = train(model, epoch_data, epochs, batch_size)
    return history, time.perf_counter() - began

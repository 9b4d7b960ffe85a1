"""Models in files that say what they are.

A .keras file, what --save writes and --load reads, is a zip archive. One more member,
`experiment.json`, travels in it; Keras passes over it, so `keras.saving.load_model` reads
the file like any other.

    {"format": 2, "experiment": "addition_seq2seq", "seed": 1, "epochs": 30,
     "sizes": {"n_samples": 1000, "n_numbers": 2, "largest": 10, "encoder_units": 100,
               "decoder_units": 50, "batch_size": 10},
     "alphabet": "0123456789+ "}
"""

import json
import re
import zipfile
from pathlib import Path

from common.backend import keras
from common.runner.files import Unusable, written_whole

MEMBER = "experiment.json"
FORMAT = 2


def save_model(model, path, about):
    """Write a Keras model and what it is, whole or not at all.

    Args:
        model: A Keras model.
        path: A .keras file.
        about: A dict that JSON can hold.
    """
    with written_whole(path) as unfinished:
        model.save(unfinished)
        with zipfile.ZipFile(unfinished, "a") as file:
            file.writestr(MEMBER, json.dumps({"format": FORMAT, **about}))


def read_about(path, experiment, alphabet=None):
    """Return what `save_model` wrote about the model; Keras is not needed.

    Args:
        path: The file.
        experiment: Whose model it has to be, by its name.
        alphabet: And of which characters, one string; None where there are none.

    Returns a dict. Raises Unusable for a file that cannot be read, is damaged (all of it
    is checked), was not written by `save_model`, or is of another experiment.
    """
    try:
        with zipfile.ZipFile(path) as file:
            if damaged := file.testzip():
                raise zipfile.BadZipFile(f"its {damaged} is not what was written")
            text = file.read(MEMBER) if MEMBER in file.namelist() else None
    except OSError as error:
        raise Unusable(f"{path} cannot be read: {error.strerror or error}") from None
    except Exception as error:  # each way of compressing has its own errors
        raise Unusable(f"{path} is damaged or no .keras file: {_line(error)}") from None
    if text is None:
        raise Unusable(f"{path} does not say what it is: --save did not write it")
    try:
        about = json.loads(text)
    except ValueError:
        about = None
    if not isinstance(about, dict) or not isinstance(about.get("sizes"), dict):
        raise Unusable(f"{path} is damaged: its {MEMBER} cannot be read")
    if about.get("format") != FORMAT:
        raise Unusable(f"{path} has format {about.get('format')!r}, not {FORMAT}")
    if about.get("experiment") != experiment:
        raise Unusable(f"{path} is of {about.get('experiment')!r}, not of {experiment!r}")
    if about.get("alphabet") != alphabet:
        raise Unusable(f"{path} has another alphabet than {alphabet!r}")
    return about


def load_weights(model, path):
    """Give `model` the weights of the file; Unusable unless both are the same network."""
    try:
        loaded = keras.saving.load_model(Path(path), compile=False)
        same = _network(loaded) == _network(model)
    except Exception as error:  # whatever Keras and its file formats find wrong
        raise Unusable(f"{path} cannot be loaded: {_line(error)}") from None
    if not same:
        raise Unusable(f"{path} holds another network than this script builds")
    model.set_weights(loaded.get_weights())


def _network(model):
    """The layers and their settings as text, without the names that Keras gives them,
    and whether they are unrolled, which changes no weight."""
    config = json.dumps(model.get_config(), default=str)
    return re.sub(r'"name": "[^"]*"|"unroll": (true|false)', "", config)


def _line(error):
    return " ".join(str(error).split())[:200] or type(error).__name__

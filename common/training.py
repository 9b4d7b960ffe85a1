"""Train and ask a compiled Keras model, many batches to a call.

`train` does what the tutorials' loop does, one `fit` per epoch on fresh data,

    for epoch in range(epochs):
        X, y = epoch_data()
        model.fit(X, y, epochs=1, batch_size=batch_size, shuffle=False)
        # and for stateful layers: layer.reset_state()

without its cost: a `fit` call spends most of its time on getting started. Here a loop
over hundreds of batches is compiled to one program (XLA) and called a few times. A
step of that loop is the model's own `train_step`, the one that `fit` runs, so the
updates are the same.
"""

from __future__ import annotations

import contextlib
import functools
import math
import random
import sys
import time
from collections.abc import Callable, Collection

import numpy as np

from common import progress
from common.backend import keras, log_filtered, tf
from common.checks import check_size

PIECE_SECONDS = 0.25  # a call's length; Python sees Ctrl-C between two calls


BATCHES_HELD = 256  # the data of at most this many batches are held at a time,


BYTES_HELD = 64 * 2**20  # and of at most this many bytes; always those of one epoch


# for functions that build models, and are asked for the same one again: the last few stay
cache_models = functools.lru_cache(maxsize=3)


_calling = None, ()  # the callback, and its epochs, of the `calling` around a training


class History(dict):
    """What `train` returns: lists of loss and metrics by name, a value for each epoch.

    `seconds`: what training took, without `compile_seconds`, what compiling took.
    """

    seconds = compile_seconds = 0.0

    @property
    def diverged(self):
        """Whether training ended because the loss was not finite any more."""
        return not math.isfinite(self["loss"][-1])


def train(
    model: keras.Model,
    epoch_data: Callable[[], tuple],
    epochs: int,
    batch_size: int,
    *,
    jit: bool = True,
) -> History:
    """Train `model` for `epochs` epochs, each on what `epoch_data()` returns.

    Args:
        model: A compiled Keras model with one output; its loss, optimizer and metrics
            are used.
        epoch_data: Called once per epoch, in order. Returns X and y, arrays with the
            same number of rows (X a tuple of arrays for a model with several inputs),
            of the same shapes every time, and a third with the weights of the losses,
            where they are to have some, as in `fit`'s `sample_weight`. The rows are not
            shuffled.
        epochs: How many.
        batch_size: Must divide the rows. The state of stateful layers is reset at the
            start of every epoch.
        jit: False runs the same loop without XLA.

    Returns a `History`: a dict of lists, a value per epoch, with `loss` and each metric
    of the model. Where the loss is not finite any more, training ends there, the weights
    are set to zero, and the last loss in the history is NaN or infinite.
    Raises ValueError for a size below 1, a model that is not compiled or has several
    outputs, and rows or shapes that do not fit.

    The compiled program stays with the model: to train it again on data of the same
    shape, after `initialize`, costs the training alone. Compiling the model anew ends
    that.
    """
    check_size("epochs", epochs)
    check_size("batch_size", batch_size)
    if not model.compiled:
        raise ValueError("the model is not compiled: call model.compile first")
    if len(getattr(model, "outputs", None) or [0]) > 1:
        raise ValueError(f"train takes models with one output, not {len(model.outputs)}")
    callback, callback_epochs = _calling
    stops = sorted({epoch for epoch in callback_epochs if epoch <= epochs} | {epochs})
    history, began, aside = History(), time.perf_counter(), 0.0
    with progress.line("Training", epochs) as show:
        show(0, "compiling")
        first = _batches(epoch_data(), batch_size)
        program = _program(model, first, jit)
        compiled_before = program.compile_seconds
        for values in program.run(first, epoch_data, batch_size, epochs, stops):
            for name, value in values.items():
                history.setdefault(name, []).append(value)
            done = len(history["loss"])
            show(done, "  ".join(f"{name} {value:.4f}" for name, value in values.items()))
            if history.diverged:
                break
            if callback and done in callback_epochs:
                called = time.perf_counter()
                callback(done)
                aside += time.perf_counter() - called
    history.compile_seconds = program.compile_seconds - compiled_before
    history.seconds = time.perf_counter() - began - aside - history.compile_seconds
    if not all(np.isfinite(weight).all() for weight in model.trainable_weights):
        history["loss"][-1] = math.nan  # some versions of Keras make it a number
    if history.diverged:
        for variable in model.variables:
            variable.assign(tf.zeros_like(variable))
    reset_states(model)
    return history


def train_from_seed(
    model: keras.Model,
    seed: int,
    epoch_data: Callable[[random.Random], tuple],
    epochs: int,
    batch_size: int,
) -> History:
    """`initialize` and `train`: fresh weights and fresh data, both drawn with `seed`.

    `epoch_data(rng)` is called once per epoch with one and the same `Random(seed)`; all
    else is as in `train`.
    """
    initialize(model, seed)
    rng = random.Random(seed)
    return train(model, lambda: epoch_data(rng), epochs, batch_size)


@contextlib.contextmanager
def calling(callback: Callable[[int], None], epochs: Collection[int]):
    """Within this context, `train` calls `callback` after each of `epochs`.

    It is given the number of epochs done, and the model has the weights of that moment.
    """
    global _calling
    before, _calling = _calling, (callback, epochs)
    try:
        yield
    finally:
        _calling = before


def predict(
    model: keras.Model, X, batch_size: int = 1000, jit_compile: bool = False
) -> np.ndarray:
    """Return the model's output for every row of `X`, as one array.

    What `model.predict` returns, without the 0.2 s that each call of it costs; but the
    state of stateful layers is reset before and after.
    `X`: an array, or a tuple of arrays for a model with several inputs. `batch_size`:
    for a stateful model, the one it was built for; in a stateless one the last batch
    may be smaller. `jit_compile`: compile to one program (XLA), which pays where a model
    loops over many timesteps; what the first call says holds for the model. Raises
    ValueError for rows that do not fit.
    """
    X = keras.tree.map_structure(_as_input, X)
    rows = _n_rows(X)
    batch_size = min(check_size("batch_size", batch_size), rows)
    if _stateful_layers(model):
        _check_divides(batch_size, rows)
    step, quiet = vars(model).get("_asked"), contextlib.nullcontext
    if step is None:
        step = tf.function(
            lambda batch: model(batch, training=False),
            autograph=False,
            jit_compile=jit_compile and _xla_works(),
        )
        object.__setattr__(model, "_asked", step)  # past Keras, which tracks attributes
        quiet = log_filtered
    outputs = []
    reset_states(model)
    for start in range(0, rows, batch_size):
        # a short last batch is filled up, since a new shape would be traced anew
        wanted = np.minimum(np.arange(start, start + batch_size), rows - 1)
        batch = keras.tree.map_structure(lambda array: tf.constant(array[wanted]), X)
        with quiet():
            outputs.append(step(batch).numpy())
        quiet = contextlib.nullcontext
    reset_states(model)
    return np.concatenate(outputs)[:rows]


def initialize(model: keras.Model, seed: int) -> None:
    """Give `model` fresh weights, drawn with `seed`, and a fresh optimizer.

    The weights are those of the same model built right after
    `keras.utils.set_random_seed(seed)`, whatever this one has been through; only those of
    Bidirectional layers, which Keras builds in several steps, are others. They come from
    a generator of their own, since Python's global one, which Keras seeds, is open to
    every thread. What draws must stand in its layer's configuration, as the initializers
    of Keras's layers do.
    """
    rng = random.Random(seed)

    def fresh_layer(layer):
        # an LSTM's generator is its cell's; a layer without one draws no seed
        draws = getattr(layer, "cell", layer)
        config = _seeded(layer.get_config(), rng, hasattr(draws, "seed_generator"))
        return type(layer).from_config(config)

    fresh = keras.models.clone_model(model, clone_function=fresh_layer, recursive=True)
    for variable, new in zip(model.variables, fresh.variables, strict=True):
        variable.assign(new)
    if getattr(model, "optimizer", None) is not None and model.optimizer.built:
        fresh = type(model.optimizer).from_config(model.optimizer.get_config())
        fresh.build(model.trainable_variables)
        for variable, new in zip(model.optimizer.variables, fresh.variables, strict=True):
            variable.assign(new)
    reset_states(model)


def _seeded(config, rng, draws=True):
    """A layer's configuration with a seed wherever Keras would draw one, in its order."""
    if isinstance(config, dict):
        seeded = {}
        for name, value in config.items():
            if name == "seed" and value is None and draws:
                value = rng.randint(1, 10**9)
            seeded[name] = _seeded(value, rng)
        return seeded
    if isinstance(config, (list, tuple)):
        return type(config)(_seeded(value, rng) for value in config)
    return config


class _Program:
    """The training loop over some epochs' data, compiled for one model and one shape."""

    def __init__(self, model, n_batches, held, jit):
        self.model, self.n_batches, self.held, self.jit = model, n_batches, held, jit
        self.function = tf.function(self._loop, jit_compile=jit, autograph=False)
        self.piece = 1  # batches a call: one at first, which is the call that compiles
        self.compile_seconds = 0.0

    def run(self, first, epoch_data, batch_size, epochs, stops):
        """Train on `first` and on what is drawn; yield each epoch's values as it ends.

        No call of the program goes beyond an epoch of `stops` before its values are
        yielded.
        """
        done = 0
        while done < epochs:
            n_epochs = min(self.held, epochs - done)
            # room for as many epochs as are held, so that there is one shape to compile
            room = keras.tree.map_structure(
                lambda array: np.zeros((self.held, *array.shape), array.dtype), first
            )
            for i in range(n_epochs):
                _fill(room, i, _batches(epoch_data(), batch_size) if done + i else first)
            data = keras.tree.map_structure(tf.constant, room)
            del room
            ends = [stop - done for stop in stops if done < stop < done + n_epochs]
            yield from self._run_held(data, [*ends, n_epochs])
            done += n_epochs

    def _run_held(self, data, ends):
        done = 0
        for end in ends:
            while done < end * self.n_batches:
                stop = min(done + self.piece, end * self.n_batches)
                progress.check_wanted()
                began = time.perf_counter()
                logs = self._call(data, done, stop)
                per_batch = (time.perf_counter() - began) / (stop - done)
                self.piece = max(1, min(2 * self.piece, int(PIECE_SECONDS / per_batch)))
                for batch in range(done, stop):
                    if (batch + 1) % self.n_batches == 0:
                        yield dict(zip(self.names, logs[batch].tolist()))
                done = stop

    def _call(self, data, start, stop):
        began = time.perf_counter()
        compiles = not self.compile_seconds
        try:
            with log_filtered() if compiles else contextlib.nullcontext():
                logs = self.function(data, tf.constant(start), tf.constant(stop)).numpy()
        except tf.errors.OpError:
            if not self.jit or _xla_works():
                raise
            print("XLA is not available here: training runs uncompiled.", file=sys.stderr)
            self.jit = False
            self.function = tf.function(self._loop, autograph=False)
            return self._call(data, start, stop)
        if compiles:
            self.compile_seconds = time.perf_counter() - began
        return logs

    def _loop(self, data, start, stop):
        # each array of data: (epochs, batches, batch_size, ...)
        model, n_batches = self.model, self.n_batches
        # the loss first: not every version of Keras has it there
        self.names = sorted(model.get_metrics_result(), key=lambda name: name != "loss")

        def new_epoch():
            model.reset_metrics()
            reset_states(model)
            return tf.constant(True)

        def step(i, logs):
            epoch, batch = i // n_batches, i % n_batches
            tf.cond(tf.equal(batch, 0), new_epoch, lambda: tf.constant(False))
            values = model.train_step(
                keras.tree.map_structure(lambda array: array[epoch, batch], data)
            )
            row = tf.stack([tf.cast(values[name], tf.float32) for name in self.names])
            return i + 1, tf.tensor_scatter_nd_update(logs, [[i]], [row])

        # a row per batch: loss and metrics, each the mean over the epoch so far
        logs = tf.zeros((self.held * n_batches, len(self.names)))
        return tf.while_loop(
            lambda i, logs: i < stop, step, (start, logs), parallel_iterations=1
        )[1]


def _fill(room, i, epoch):
    """Put an epoch in its place in the room for several, if it has the shapes for it."""
    keras.tree.assert_same_structure(room, epoch)
    for held, array in zip(keras.tree.flatten(room), keras.tree.flatten(epoch)):
        if (held.shape[1:], held.dtype) != (array.shape, array.dtype):
            raise ValueError(
                "epoch_data returned arrays of different shapes, (batches, batch_size, "
                f"...): first {held.shape[1:]}, then {array.shape}"
            )
        held[i] = array


def _program(model, batches, jit):
    """The program compiled for this model and these shapes; made if there is none."""
    arrays = keras.tree.flatten(batches)
    # a model that is compiled anew gets a new loss and new metrics, whatever they are
    compilation = [model.optimizer, model._compile_loss, model._compile_metrics]
    key = (jit, [id(part) for part in compilation], [(a.shape, a.dtype) for a in arrays])
    kept_key, program, _ = vars(model).get("_trained_by", (None, None, None))
    if key != kept_key:
        model.optimizer.build(model.trainable_variables)
        _build_metrics(model, batches)
        size = sum(array.nbytes for array in arrays)
        held = max(1, min(BATCHES_HELD // arrays[0].shape[0], BYTES_HELD // size))
        program = _Program(model, arrays[0].shape[0], held, jit)
        # past Keras's tracking; with the parts, so that no other gets the id of one
        object.__setattr__(model, "_trained_by", (key, program, compilation))
    return program


def _build_metrics(model, batches):
    """Metrics make their variables at first use, which can't be in a compiled program."""
    X, y = keras.tree.map_structure(lambda array: tf.constant(array[0]), batches[:2])
    shape = model.compute_output_shape(keras.tree.map_structure(lambda a: a.shape, X))
    model.compute_metrics(X, y, tf.zeros(shape))


def _batches(data, batch_size):
    """(X, y) of one epoch with (batches, batch_size, ...) in place of (rows, ...)."""
    data = keras.tree.map_structure(_as_input, tuple(data))
    _check_divides(batch_size, _n_rows(data))
    return keras.tree.map_structure(
        lambda array: array.reshape(-1, batch_size, *array.shape[1:]), data
    )


def _as_input(array):
    array = np.asarray(array)
    if array.dtype.kind not in "iu":
        return array.astype(np.float32, copy=False)
    if array.dtype != np.int32 and array.size:
        for value in (array.min(), array.max()):
            if not -(2**31) <= value < 2**31:
                raise ValueError(f"integers must fit 32 bits, which {value} does not")
    return array.astype(np.int32, copy=False)


def _n_rows(arrays):
    """The number of rows that all `arrays` have; ValueError if there are several."""
    shapes = [array.shape for array in keras.tree.flatten(arrays)]
    rows = {shape[0] if shape else 0 for shape in shapes}
    if len(rows) != 1 or rows == {0}:
        raise ValueError(f"expected arrays with the same number of rows, not {shapes}")
    return rows.pop()


def _check_divides(size, rows):
    if rows % size:
        raise ValueError(f"{size} rows at a time do not go evenly into {rows} rows")


def _stateful_layers(model):
    """Those of models within the model, too."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += _stateful_layers(layer)
        elif getattr(layer, "stateful", False):
            found.append(layer)
    return found


def reset_states(model):
    """Forget what the layers remember of the batches before."""
    for layer in _stateful_layers(model):
        layer.reset_state()


def _xla_works():
    try:
        tf.function(lambda: tf.constant(1) + 1, jit_compile=True)()
    except tf.errors.OpError:
        return False
    return True

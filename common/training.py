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

import itertools
import sys
import time

import numpy as np

from common.backend import keras, tf
from common.checks import check_size
from common.progress import Progress

PIECE_SECONDS = 0.25  # a call's length; Python sees Ctrl-C between two calls
BATCHES_HELD = 256  # the data of as many batches, or of one epoch, are held at a time


def train(model, epoch_data, epochs, batch_size, *, jit=True):
    """Train `model` for `epochs` epochs, each on what `epoch_data()` returns.

    `model`: a compiled Keras model; its loss, optimizer and metrics are used.
    `epoch_data`: called once an epoch, in order; returns X and y, arrays with the same
    number of rows (X a tuple of arrays for a model with several inputs), of the same
    shapes every time, and a third with the weights of the losses, where they are to
    have some, as in `fit`'s `sample_weight`. The rows are not shuffled.
    `batch_size`: must divide the rows. The state of stateful layers is reset at the
    start of every epoch. `jit=False` runs the same loop without XLA.

    Returns a dict of lists, a value an epoch: `loss`, and each metric of the model.
    Raises ValueError for a size below 1, a model that is not compiled, and rows or
    shapes that do not fit.

    The compiled program stays with the model: to train it again on data of the same
    shape, after `initialize`, costs the training alone.
    """
    check_size("epochs", epochs)
    check_size("batch_size", batch_size)
    if not model.compiled:
        raise ValueError("the model is not compiled: call model.compile first")
    history, progress = {}, Progress(epochs)
    data = (_batches(epoch_data(), batch_size) for _ in range(epochs))
    first = next(data)
    program = _program(model, first, epochs, jit)
    data = itertools.chain([first], data)
    while block := list(itertools.islice(data, program.held)):
        for values in program.run(block):
            for name, value in values.items():
                history.setdefault(name, []).append(value)
            progress.show(len(history["loss"]), values)
    progress.close()
    _reset_states(model)
    return history


def predict(model, X, batch_size=1000, *, reset_every=None):
    """Return the model's output for every row of `X`, as one array.

    What `model.predict` returns, without the 0.2 s that each call of it costs.
    `X`: an array, or a tuple of arrays for a model with several inputs. `batch_size`:
    for a stateful model, the one it was built for; in a stateless one the last batch
    may be smaller. `reset_every`: rows of one sequence; the state of stateful layers is
    reset before each (and always at the start and at the end).
    Raises ValueError for rows that do not fit.
    """
    X = keras.tree.map_structure(_as_input, X)
    rows = _rows(X)
    batch_size = min(check_size("batch_size", batch_size), rows)
    reset_every = rows if reset_every is None else check_size("reset_every", reset_every)
    if _stateful_layers(model):
        _check_divides(batch_size, reset_every)
        _check_divides(reset_every, rows)
    step = vars(model).get("_asked")
    if step is None:
        step = tf.function(lambda batch: model(batch, training=False), autograph=False)
        object.__setattr__(model, "_asked", step)  # past Keras, which tracks attributes
    outputs = []
    for start in range(0, rows, batch_size):
        if start % reset_every == 0:
            _reset_states(model)
        # a short last batch is filled up, since a new shape would be traced anew
        wanted = np.minimum(np.arange(start, start + batch_size), rows - 1)
        batch = keras.tree.map_structure(lambda array: tf.constant(array[wanted]), X)
        outputs.append(step(batch).numpy())
    _reset_states(model)
    return np.concatenate(outputs)[:rows]


def initialize(model, seed):
    """Give `model` fresh weights, drawn with `seed`, and a fresh optimizer.

    The weights are those of the same model built right after
    `keras.utils.set_random_seed(seed)`, whatever this one has been through.
    """
    keras.utils.set_random_seed(seed)
    fresh = keras.models.clone_model(model)
    for variable, new in zip(model.variables, fresh.variables, strict=True):
        variable.assign(new)
    if model.optimizer is not None and model.optimizer.built:
        fresh = type(model.optimizer).from_config(model.optimizer.get_config())
        fresh.build(model.trainable_variables)
        for variable, new in zip(model.optimizer.variables, fresh.variables, strict=True):
            variable.assign(new)
    _reset_states(model)


class _Program:
    """The training loop over some epochs' data, compiled for one model and one shape."""

    def __init__(self, model, n_batches, held, jit):
        self.model, self.n_batches, self.held, self.jit = model, n_batches, held, jit
        self.function = tf.function(self._loop, jit_compile=jit, autograph=False)
        self.piece = 1  # batches a call: one at first, which is the call that compiles

    def run(self, block):
        """Train on a list of at most `held` epochs; yield each one's values as it ends."""
        n_batches, n_epochs = self.n_batches, len(block)
        block = block + block[-1:] * (self.held - n_epochs)  # one shape, whatever is left
        try:
            data = keras.tree.map_structure(lambda *e: tf.constant(np.stack(e)), *block)
        except ValueError:
            raise ValueError("epoch_data returned arrays of different shapes") from None
        done = 0
        while done < n_epochs * n_batches:
            stop = min(done + self.piece, n_epochs * n_batches)
            began = time.perf_counter()
            logs = self._call(data, done, stop)
            per_batch = (time.perf_counter() - began) / (stop - done)
            self.piece = max(1, min(2 * self.piece, int(PIECE_SECONDS / per_batch)))
            for batch in range(done, stop):
                if (batch + 1) % n_batches == 0:
                    yield dict(zip(self.names, logs[batch].tolist()))
            done = stop

    def _call(self, data, start, stop):
        try:
            return self.function(data, tf.constant(start), tf.constant(stop)).numpy()
        except tf.errors.OpError:
            if not self.jit or _xla_works():
                raise
        print("XLA is not available here: training runs uncompiled.", file=sys.stderr)
        self.jit = False
        self.function = tf.function(self._loop, autograph=False)
        return self._call(data, start, stop)

    def _loop(self, data, start, stop):
        # each array of data: (epochs, batches, batch_size, ...)
        model, n_batches = self.model, self.n_batches
        # the loss first: not every version of Keras has it there
        self.names = sorted(model.get_metrics_result(), key=lambda name: name != "loss")

        def new_epoch():
            model.reset_metrics()
            _reset_states(model)
            return tf.constant(True)

        def step(i, logs):
            epoch, batch = i // n_batches, i % n_batches
            tf.cond(tf.equal(batch, 0), new_epoch, lambda: tf.constant(False))
            values = model.train_step(
                keras.tree.map_structure(lambda array: array[epoch, batch], data)
            )
            row = tf.stack([tf.cast(values[name], tf.float32) for name in self.names])
            return i + 1, tf.tensor_scatter_nd_update(logs, [[i]], [row])

        # a row a batch: loss and metrics, each the mean over the epoch so far
        logs = tf.zeros((self.held * n_batches, len(self.names)))
        return tf.while_loop(
            lambda i, logs: i < stop, step, (start, logs), parallel_iterations=1
        )[1]


def _program(model, batches, epochs, jit):
    """The program compiled for this model and these shapes; made if there is none."""
    n_batches = _rows(batches)
    held = min(epochs, max(1, BATCHES_HELD // n_batches))
    shapes = [(array.shape, array.dtype) for array in keras.tree.flatten(batches)]
    key = (jit, held, shapes)
    kept_key, program = vars(model).get("_trained_by", (None, None))
    if key != kept_key:
        model.optimizer.build(model.trainable_variables)
        _build_metrics(model, batches)
        program = _Program(model, n_batches, held, jit)
        object.__setattr__(model, "_trained_by", (key, program))  # past Keras's tracking
    return program


def _build_metrics(model, batches):
    """Metrics make their variables at first use, which can't be in a compiled program."""
    X, y = keras.tree.map_structure(lambda array: tf.constant(array[0]), batches[:2])
    shape = model.compute_output_shape(keras.tree.map_structure(lambda a: a.shape, X))
    model.compute_metrics(X, y, tf.zeros(shape))


def _batches(data, batch_size):
    """(X, y) of one epoch with (batches, batch_size, ...) in place of (rows, ...)."""
    data = keras.tree.map_structure(_as_input, tuple(data))
    _check_divides(batch_size, _rows(data))
    return keras.tree.map_structure(
        lambda array: array.reshape(-1, batch_size, *array.shape[1:]), data
    )


def _as_input(array):
    array = np.asarray(array)
    return array.astype(np.int32 if array.dtype.kind in "iu" else np.float32, copy=False)


def _rows(arrays):
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
    return [layer for layer in model.layers if getattr(layer, "stateful", False)]


def _reset_states(model):
    for layer in _stateful_layers(model):
        layer.reset_state()


def _xla_works():
    try:
        tf.function(lambda: tf.constant(1) + 1, jit_compile=True)()
    except tf.errors.OpError:
        return False
    return True

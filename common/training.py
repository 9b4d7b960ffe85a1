"""Train and ask a compiled Keras model, many batches to a call.

`train` does what the tutorials' loop does, one `fit` per epoch on new data,

    for epoch in range(epochs):
        X, y = new_data()
        model.fit(X, y, epochs=1, batch_size=batch_size, shuffle=False)
        reset_states(model)  # of stateful layers

without its cost: a `fit` call spends most of its time on getting started. Here a loop
over hundreds of batches is compiled to one program (XLA) and called a few times. A
step of that loop is the model's own `train_step`, the one that `fit` runs, so the
updates are the same.
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
import time
import warnings
from collections.abc import Callable, Collection, Iterable
from types import FunctionType, SimpleNamespace

import numpy as np

from common import progress
from common.backend import keras, log_filtered, tf
from common.checks import check_size, shown

PIECE_SECONDS = 0.25  # a call's length; Python sees Ctrl-C between two calls

# The data of at most so many batches are held at a time, and of so many bytes, but those
# of one epoch always; and the timesteps of the longest LSTM that is unrolled.
BATCHES_HELD, BYTES_HELD, UNROLLED = 256, 64 * 2**20, 20


class History(dict):
    """What `train` returns: lists of loss and metrics by name, a value for each epoch.

    `seconds`: what training took, without `compile_seconds`, what compiling took, and
    without the callbacks.
    """

    seconds = compile_seconds = 0.0

    @property
    def diverged(self):
        """Whether training ended because the loss was not finite any more."""
        return bool(self) and not math.isfinite(self["loss"][-1])


def train(
    model: keras.Model,
    new_data: Callable[[], tuple],
    epochs: int,
    batch_size: int,
    *,
    callbacks: Iterable[keras.callbacks.Callback] = (),
    shared: dict | None = None,
    jit: bool = True,
) -> History:
    """Train `model` for `epochs` epochs, each on what `new_data()` returns.

    LSTMs of up to 20 timesteps are unrolled while they are compiled: the same computation,
    its steps written out one after the other, which runs faster.

    Args:
        model: A compiled Keras model with one output; its loss, optimizer and metrics
            are used. Without a `keras.Input` it is built from the first batch.
        new_data: Called once per epoch, in order. Returns X and y, arrays with the
            same number of rows (X a tuple of arrays for a model with several inputs),
            of the same shapes every time, and a third with the weights of the losses,
            where they are to have some, as in `fit`'s `sample_weight`. The rows are not
            shuffled.
        epochs: How many.
        batch_size: Must divide the rows. The state of stateful layers is reset at the
            start of every epoch.
        callbacks: Keras's, for the begin and the end of training and of each epoch;
            nothing is called around batches. `model.stop_training` is honoured. One with
            an attribute `epochs`, a collection, is called after these only, counted from
            1, and costs nothing in between (`after_epochs` makes one); where all are such,
            the data of some epochs are drawn ahead.
        shared: A dict, empty at first, for models that the same code makes one after the
            other. The first stays in it with its compiled program. A later one lends that
            one its weights and its optimizer for the training, and compiles nothing; then
            each has its own again. Models that differ from it have programs of their own.
        jit: False runs the same loop without XLA.

    Returns a `History`: a dict of lists, a value per epoch, with `loss` and each metric
    of the model. Where the loss is not finite any more, training ends there, the weights
    are set to zero, and the last loss in the history is NaN or infinite; of the callbacks'
    methods only `on_train_end` is called then. To go on, build a new model: the optimizer
    remembers the NaN.
    Raises ValueError for a size below 1, a `new_data` that is no function or does not
    return X and y, a model that is not compiled or has several outputs, a metric that is
    not one number, and rows or shapes that do not fit.

    The compiled program stays with the model: to train it again on data of the same
    shape costs the training alone. Compiling the model anew ends that.
    """
    check_size("epochs", epochs)
    check_size("batch_size", batch_size)
    if not callable(new_data):
        raise ValueError(f"new_data must be a function, not {shown(new_data)}")
    if not model.compiled:
        raise ValueError("the model is not compiled: call model.compile first")
    history, began = History(), time.perf_counter()
    with progress.line("Training", epochs) as show:
        show(0, "Compiling")
        first = _batches(new_data(), batch_size)
        _build(model, first)
        called = _Called(callbacks, model, epochs, _n_rows(first))
        program = _program(model, first, shared, jit, one_epoch=bool(called.each))
        compiled_before = program.compile_seconds
        called("on_train_begin", [called.all])
        done = drawn = 0
        while done < epochs:
            if done == drawn:
                start, drawn = done, min(done + program.held, epochs)
                data = program.stacked(
                    _batches(new_data(), batch_size, first) if epoch else first
                    for epoch in range(start, drawn)
                )
            called("on_epoch_begin", called.each, done, {})
            # up to the next epoch that a callback waits for, while there are data
            end = next((n for n in range(done + 1, drawn) if called.at(n)), drawn)
            with _lent(program.model, model):
                for values in program.run(
                    data, done - start, end - start, lambda n, text: show(start + n, text)
                ):
                    for name, value in values.items():
                        history.setdefault(name, []).append(value)
                    if history.diverged:
                        break
            done = end
            if history.diverged:
                break
            called("on_epoch_end", called.at(done), done - 1, values)
            if model.stop_training:
                break
    history.compile_seconds = program.compile_seconds - compiled_before
    seconds = time.perf_counter() - began - called.seconds
    history.seconds = seconds - history.compile_seconds
    if not all(np.isfinite(weight).all() for weight in model.trainable_weights):
        history["loss"][-1] = math.nan  # some versions of Keras make it a number
    if history.diverged:
        for variable in model.variables:
            variable.assign(tf.zeros_like(variable))
    reset_states(model)
    called("on_train_end", [called.all], values)
    return history


def after_epochs(epochs: Collection[int], look: Callable) -> keras.callbacks.Callback:
    """A callback for `train` that calls `look(epochs_done)` after these epochs.

    `epochs`: counted from 1. In between it costs nothing.
    """
    callback = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs=None: look(epoch + 1)
    )
    callback.epochs = epochs if isinstance(epochs, range) else frozenset(epochs)
    return callback


def predict(
    model: keras.Model, X, batch_size: int = 1000, jit_compile: bool = False
) -> np.ndarray:
    """Return the model's output for every row of `X`, as one array.

    What `model.predict` returns, without the 0.2 s that each call of it costs; but the
    state of stateful layers is reset before and after, and LSTMs of up to 20 timesteps
    are unrolled while they are compiled. A model that shared another's program in `train`
    shares that one's here as well; the answers are those of its own weights.
    `X`: an array, or a tuple of arrays for a model with several inputs. `batch_size`:
    for a stateful model, the one it was built for; in a stateless one the last batch
    may be smaller. `jit_compile`: compile to one program (XLA), which pays where a model
    loops over many timesteps; what the first call says holds until the model is compiled
    anew. Raises ValueError for rows that do not fit.
    """
    X = _arrays(X)
    rows = _n_rows(X)
    batch_size = min(check_size("batch_size", batch_size), rows)
    if _stateful_layers(model):
        _check_divides(batch_size, rows)
    if not model.built:
        model(keras.tree.map_structure(lambda array: array[:batch_size], X))
    compiled = _compiled(model)
    owner, quiet = compiled.model, contextlib.nullcontext()
    if compiled.ask is None:

        def ask(batch):
            with _unrolled(owner):
                return owner(batch, training=False)

        jit = jit_compile and _xla_works()
        compiled.ask = tf.function(ask, autograph=False, jit_compile=jit)
        quiet = log_filtered()
    outputs = []
    with _lent(owner, model, optimizer=False), quiet:
        reset_states(owner)
        for start in range(0, rows, batch_size):
            # a short last batch is filled up, since a new shape would be traced anew
            chosen = np.minimum(np.arange(start, start + batch_size), rows - 1)
            batch = keras.tree.map_structure(lambda array: tf.constant(array[chosen]), X)
            outputs.append(compiled.ask(batch).numpy())
        reset_states(owner)
    return np.concatenate(outputs)[:rows]


def reset_states(model: keras.Model) -> None:
    """Forget what the layers remember of the batches before."""
    for layer in _stateful_layers(model):
        layer.reset_state()


def _stateful_layers(model):
    """Those within nested models and wrappers as well."""
    return [layer for layer in model._flatten_layers() if getattr(layer, "stateful", False)]


class _Called:
    """Keras's callbacks, each after its own epochs, and the seconds that they take."""

    def __init__(self, callbacks, model, epochs, n_batches):
        model.stop_training, self.seconds = False, 0.0
        params = {"epochs": epochs, "steps": n_batches, "verbose": 0}
        self.all = keras.callbacks.CallbackList(callbacks, model=model, **params)
        self.each = self.at(epoch=0)

    def at(self, epoch):
        """Those to call after this epoch, counted from 1; 0: those for each one."""
        pairs = [(c, getattr(c, "epochs", None)) for c in self.all.callbacks]
        return [c for c, at in pairs if not isinstance(at, Collection) or epoch in at]

    def __call__(self, hook, callbacks, *args):
        began = time.perf_counter()
        for callback in callbacks:
            getattr(callback, hook)(*args)
        self.seconds += time.perf_counter() - began


def _compiled(model, shared=None):
    """What is compiled: `model`'s own, or in `shared` that of a model made like it.

    Its `model` owns the weights that the compiled functions use: `ask`, for `predict`, and
    `programs`, for `train`.
    """

    def kept(model):  # in something that Keras's `compile` makes anew
        return vars(model._loss_tracker or model)

    def is_kept(compiled):
        return compiled and kept(compiled.model).get("_compiled") is compiled

    compiled = kept(model).get("_compiled")
    if not is_kept(compiled):
        compiled = SimpleNamespace(model=model, ask=None, programs={})
    made = None if shared is None else _how_made(model)
    if made is not None:
        if not is_kept(shared.get(made)):
            shared[made] = compiled
        compiled = shared[made]
    kept(model)["_compiled"] = compiled
    return compiled


def _how_made(model):
    """What models that share a program have in common, as text: not names and weights.

    Of each layer this is its configuration, which also says what it is connected with, and
    its attributes, since not every configuration says all. None where one cannot be had.
    """

    def described(value):  # of what JSON does not know
        if isinstance(value, FunctionType):
            held = [cell.cell_contents for cell in value.__closure__ or ()]
            return [id(value.__code__), value.__defaults__, held]
        if isinstance(value, keras.metrics.Metric):
            return [id(type(value)), value.get_config()]
        if isinstance(value, keras.losses.Loss):
            return [id(type(value)), {**value.get_config(), "name": None}]
        return hash(value)

    plain = int, float, str, tuple, FunctionType
    left_out = "name", "build", "quantize"  # Keras puts a function around two methods
    layers, given = model._flatten_layers(), model._compile_config.config
    parts = [id(type(part)) for part in (model.optimizer, *layers)]
    parts += [(*v.shape, v.dtype, v.trainable) for v in model.variables]
    for layer in layers:
        public = {k: v for k, v in vars(layer).items() if k[0] != "_" and k not in left_out}
        parts += [{k: v for k, v in public.items() if isinstance(v, plain)}]
    optimizer = {**model.optimizer.get_config(), "name": None}
    if isinstance(optimizer.get("learning_rate"), float):
        del optimizer["learning_rate"]  # the value of a variable
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Keras warns of lambdas
            parts += [model.get_config(), optimizer, {**given, "optimizer": None}]
        text = json.dumps(parts, default=described)
    except Exception:  # something cannot say how it is made: this is like no other
        return None
    for number, layer in enumerate(layers):  # a key is no name: an LSTM has a "dropout"
        text = re.sub(f'"{re.escape(layer.name)}"(?!:)', f'"layer {number}"', text)
    return re.sub(r'("keras.initializers"[^}]*"seed": )\d+', r"\1null", text)


@contextlib.contextmanager
def _lent(owner, model, optimizer=True):
    """Within this, `owner` works on the weights of `model`, and with its optimizer's state.

    Afterwards `model` has what became of them, and `owner` its own again.
    """
    if owner is model:
        yield
        return
    of_owner, of_model = _variables(owner, optimizer), _variables(model, optimizer)
    before = [variable.read_value() for variable in of_owner]
    try:
        _assign(of_owner, of_model)
        try:
            yield
        finally:
            _assign(of_model, of_owner)
    finally:  # whatever interrupts the lending
        _assign(of_owner, before)


def _variables(model, optimizer):
    """TensorFlow's, which are quicker than Keras's around them."""
    variables = model.variables + (model.optimizer.variables if optimizer else [])
    for layer in _stateful_layers(model):
        variables += keras.tree.flatten(getattr(layer, "states", None) or [])
    return [variable.value for variable in variables]


def _assign(variables, values):
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value, read_value=False)


@contextlib.contextmanager
def _unrolled(model):
    """Within this, the model's LSTMs of few timesteps are unrolled."""
    short = []
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.RNN) and not layer.unroll:
            shapes = layer.get_build_config() or {"input_shape": (None, None)}
            # where it is given its first state, the shape of that one comes second
            [(_, timesteps, *_), *_] = shapes.get("shapes_dict", shapes).values()
            if timesteps and timesteps <= UNROLLED:
                short.append(layer)
    for layer in short:
        layer.unroll = True
    try:
        yield
    finally:
        for layer in short:
            layer.unroll = False


def _build(model, batches):
    """Make what `fit` makes at its first batch: the weights, the optimizer's variables."""
    if not model.built:
        model(keras.tree.map_structure(lambda array: array[0], batches[0]))
    if len(getattr(model, "outputs", None) or [0]) > 1:
        raise ValueError(f"train takes models with one output, not {len(model.outputs)}")
    model.optimizer.build(model.trainable_variables)


def _program(model, batches, shared, jit, one_epoch):
    """The program compiled for this model and these shapes; made if there is none."""
    compiled, arrays = _compiled(model, shared), keras.tree.flatten(batches)
    key = (jit, one_epoch, *[(array.shape, array.dtype) for array in arrays])
    if key not in compiled.programs:
        _build_metrics(compiled.model, batches)
        size = sum(array.nbytes for array in arrays)
        held = max(1, min(BATCHES_HELD // len(arrays[0]), BYTES_HELD // size))
        compiled.programs[key] = _Program(
            compiled.model, len(arrays[0]), 1 if one_epoch else held, jit
        )
    return compiled.programs[key]


def _build_metrics(model, batches):
    """Metrics make their variables at first use, which can't be in a compiled program."""
    X, y = keras.tree.map_structure(lambda array: tf.constant(array[0]), batches[:2])
    shape = model.compute_output_shape(keras.tree.map_structure(lambda a: a.shape, X))
    for name, value in model.compute_metrics(X, y, tf.zeros(shape)).items():
        if np.ndim(value):
            raise ValueError(f"metrics must be one number, which {name!r} is not")


class _Program:
    """The training loop over some epochs' data, compiled for one model and one shape."""

    def __init__(self, model, n_batches, held, jit):
        self.model, self.n_batches, self.held, self.jit = model, n_batches, held, jit
        self.function = tf.function(self._loop, jit_compile=jit, autograph=False)
        self.piece = 1  # batches a call: one at first, which is the call that compiles
        self.compile_seconds = 0.0

    def stacked(self, epochs):
        """The data of up to `held` epochs: (epochs, batches, batch_size, ...)."""
        epochs = [*epochs]
        epochs += [epochs[-1]] * (self.held - len(epochs))  # one shape to compile
        return keras.tree.map_structure(
            lambda *arrays: tf.constant(np.stack(arrays)), *epochs
        )

    def run(self, data, start, end, show):
        """Train on the epochs from `start` to `end`, and yield the values of each.

        `show` is called after each call of the program: how many epochs are done, one of
        them in part, and a text.
        """
        batch, last = start * self.n_batches, end * self.n_batches
        while batch < last:
            stop = min(batch + self.piece, last)
            began = time.perf_counter()
            logs = self._call(data, batch, stop)
            per_batch = (time.perf_counter() - began) / (stop - batch)
            self.piece = max(1, min(2 * self.piece, int(PIECE_SECONDS / per_batch)))
            values = [dict(zip(self.names, row)) for row in logs[batch:stop].tolist()]
            text = "  ".join(f"{name} {value:.4f}" for name, value in values[-1].items())
            show(stop / self.n_batches, text)
            # of those that end an epoch
            yield from values[-(batch + 1) % self.n_batches :: self.n_batches]
            batch = stop

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
            of_batch = keras.tree.map_structure(lambda array: array[epoch, batch], data)
            with _unrolled(model):
                values = model.train_step(of_batch)
            row = tf.stack([tf.cast(values[name], tf.float32) for name in self.names])
            return i + 1, tf.tensor_scatter_nd_update(logs, [[i]], [row])

        # a row per batch: loss and metrics, each the mean over the epoch so far
        logs = tf.zeros((self.held * n_batches, len(self.names)))
        return tf.while_loop(
            lambda i, logs: i < stop, step, (start, logs), parallel_iterations=1
        )[1]


def _batches(data, batch_size, first=None):
    """(X, y) of one epoch with (batches, batch_size, ...) in place of (rows, ...).

    `first`: those of the first epoch, whose shapes they must have.
    """
    if not isinstance(data, (tuple, list)) or len(data) not in (2, 3):
        raise ValueError(f"new_data must return X and y, not {shown(data)}")
    data = _arrays(tuple(data))
    _check_divides(batch_size, _n_rows(data))
    data = keras.tree.map_structure(
        lambda array: array.reshape(-1, batch_size, *array.shape[1:]), data
    )
    shapes = [
        [(array.shape, array.dtype.name) for array in keras.tree.flatten(epoch)]
        for epoch in (first or data, data)
    ]
    if shapes[0] != shapes[1]:
        raise ValueError(
            "new_data returned arrays of different shapes, (batches, batch_size, ...): "
            f"first {shapes[0]}, then {shapes[1]}"
        )
    return data


def _arrays(data):
    """`data`, or what is in tuples, lists of arrays, or dicts, as arrays for TensorFlow."""
    if isinstance(data, dict):
        return {name: _arrays(part) for name, part in data.items()}
    if isinstance(data, tuple) or (
        isinstance(data, list) and data and hasattr(data[0], "shape")
    ):
        return tuple(map(_arrays, data))
    array = np.asarray(data)
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
        raise ValueError(f"batch_size {size} does not divide the {rows} rows")


def _xla_works():
    try:
        tf.function(lambda: tf.constant(1) + 1, jit_compile=True)()
    except tf.errors.OpError:
        return False
    return True

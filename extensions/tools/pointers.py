"""Layers that Keras does not have: positions that are learned, pointers that move.

    from extensions.tools.positions import AddPositions
    from extensions.tools.pointers import PointerModel, Pointers

With pointers the alignment is learned. They stand on the symbols of a question, fetch what
is there, and move on; where they start and when they move is learned. No weight belongs to
a symbol's place, so a stream of any length can be read.

Importing this module imports TensorFlow.
"""

import math

from common.backend import keras, tf
from common.training import predict
from extensions.tools.streams import read_answers

ops = keras.ops


TINY = 1e-12  # added where a logarithm is taken, since zero has none
# Pointers are raised to a power of 1 + softplus(BLUNT) = 1.05 at first; 22 steps of it make
# a power of 3, where 22 with BLUNT = 0 would make one of 100,000.
BLUNT = -3.0
LOSS_MEMORY = 0.99  # the mean loss is that of about a hundred batches
# Noise begins once the loss is low, and grows over so many batches. Where it can go back,
# the factor grows with it, and a batch of a high loss takes back three of a low one.
LOW_LOSS, HIGH_LOSS, BACK = 0.1, 0.3, 3.0
NOISE_BATCHES, FACTOR_BATCHES = 1500, 3000


class Pointers(keras.layers.Layer):
    """Read a stream through pointers that move along it: `RepeatVector` and LSTM in one.

    Input: the stream's symbols, embedded, (samples, timesteps, features), and `mask`,
    (samples, timesteps), True for symbols, False for the filling behind them, which
    changes nothing. Output: (samples, steps, units + heads * features), for each step
    the LSTM's output and what the pointers fetched.

    A pointer is a row of shares of the symbols, which add up to 1, as in attention.
    - It starts by content: the shares are a softmax over a score of each symbol with its
      two neighbours.
    - It moves at each step by one of `shifts`, in symbols, or rather by a share of each,
      a softmax over scores. Beyond the first and the last symbol it cannot go: there it
      stays.
    - It is sharpened, or it would blur on its way: raised to a power above 1, and divided
      by its sum.
    The scores of the shifts and the power come from a Dense layer, which reads what the
    LSTM says and what the pointers fetched.

    Two things in training are meant to make the pointers decide, where they could as well
    blend two symbols. The scores of start and shift are multiplied by a factor, which grows
    from 1 to `factor` between the two batches in `growing`. Noise is added to them: it
    begins once the mean loss is below `LOW_LOSS` and grows over `NOISE_BATCHES` to a
    standard deviation of `noise`. Without `growing` both follow the loss: they grow while
    it is low, the factor over `FACTOR_BATCHES`, and go back while it is above `HIGH_LOSS`.
    The batches are counted where the layer is part of a `PointerModel`. Outside training
    the factor is that of the last batch, and there is no noise.

    Args:
        units: Of the LSTM.
        heads: Pointers.
        shifts: Symbols by which a pointer may move at a step, negative ones back.
        steps: Symbols to write; None for as many as there are timesteps.
        factor, growing: The factor at last, and two numbers of batches, or None.
        noise: A standard deviation, at last.
        hard: A pointer stands on one symbol, the one with the largest share. Not for
            training: no gradient gets through.
        kernel_initializer, recurrent_initializer: As for `keras.layers.LSTM`.
    """

    def __init__(
        self,
        units,
        heads,
        shifts=(0, 1),
        steps=None,
        *,
        factor=1.0,
        growing=(0, 1),
        noise=0.0,
        hard=False,
        kernel_initializer="glorot_uniform",
        recurrent_initializer="orthogonal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        initial = {
            "kernel_initializer": keras.initializers.get(kernel_initializer),
            "recurrent_initializer": keras.initializers.get(recurrent_initializer),
        }
        # as configurations, of which each layer makes an initializer of its own
        initial = {k: keras.initializers.serialize(v) for k, v in initial.items()}
        self.settings = {
            "units": units,
            "heads": heads,
            "shifts": tuple(shifts),
            "steps": steps,
            "factor": factor,
            "growing": growing and tuple(growing),
            "noise": noise,
            "hard": hard,
            **initial,
        }
        self.seed_generator = keras.random.SeedGenerator()  # of the noise
        # a score of each symbol with its two neighbours, for each pointer
        kernel = initial["kernel_initializer"]
        self.start_scores = keras.layers.Conv1D(
            heads, 3, padding="same", kernel_initializer=kernel, name="start"
        )
        self.one_step = PointerCell(units, heads, shifts, hard, initial, name="one_step")
        self.decoder = keras.layers.RNN(
            self.one_step, return_sequences=True, name="decoder"
        )

    def build(self, stream_shape, mask_shape=None):
        self.start_scores.build(stream_shape)
        self.one_step.build_for(features=stream_shape[-1])
        self.decoder.built = True  # it has no weights but the cell's

        def count(name):
            return self.add_weight((), "zeros", trainable=False, name=name)

        self.batches = count("batches")  # trained on
        self.noisy_batches = count("noisy_batches")  # what the noise grows with
        self.mean_loss = count("mean_loss")

    def call(self, stream, mask, training=False):
        noise = self._noise_now if training and self.settings["noise"] else ops.zeros
        state = self._first_state(stream, mask, noise)
        # RNN wants an input at each step: the noise of the shifts' scores is passed there
        steps = self.settings["steps"] or ops.shape(stream)[1]
        noises = noise((ops.shape(stream)[0], steps, self.one_step.n_scores))
        return self.decoder(noises, initial_state=state)

    def paths(self, stream, mask, steps):
        """Where the pointers stand at each of `steps` steps, outside training.

        `stream`, `mask`: as the layer is called. Returns shares, (samples, steps, heads,
        timesteps).
        """
        state, paths = self._first_state(stream, mask, ops.zeros), []
        for _ in range(steps):
            paths.append(state[2])
            _, state = self.one_step(
                ops.zeros((len(stream), self.one_step.n_scores)), state
            )
        return ops.stack(paths, axis=1)

    def _first_state(self, stream, mask, noise):
        """The state that the cell begins with."""
        mask, factor = ops.cast(mask, stream.dtype), self._factor_now()
        # filling is zero, which to its neighbour is like the zeros beyond the array
        stream = stream * mask[:, :, None]
        samples, timesteps = ops.shape(stream)[0], ops.shape(stream)[1]
        # where the pointers start: (samples, heads, timesteps), on symbols only
        scores = factor * ops.transpose(self.start_scores(stream), (0, 2, 1))
        scores = scores + noise((samples, self.one_step.heads, timesteps))
        pointers = ops.softmax(scores - 1e9 * (1 - mask[:, None, :]))
        if self.one_step.hard:
            pointers = decided(pointers)
        # 1 at the last symbol, 0 at the others: (samples, 1, timesteps)
        last = (mask - ops.pad(mask[:, 1:], ((0, 0), (0, 1))))[:, None, :]
        nothing = ops.zeros((samples, self.one_step.units))  # what the LSTM knows at first
        factors = factor * ops.ones((samples, 1))
        return [nothing, nothing, pointers, stream, last, factors]

    def count_batch(self, loss):
        """Note that there was a batch to train on, and its loss."""
        first = ops.equal(self.batches, 0)
        mean = LOSS_MEMORY * self.mean_loss + (1 - LOSS_MEMORY) * loss
        self.mean_loss.assign(ops.where(first, loss, mean))
        self.batches.assign_add(1.0)
        low, high = self.mean_loss < LOW_LOSS, self.mean_loss > HIGH_LOSS
        if self.settings["growing"]:
            step = ops.cast((self.noisy_batches > 0) | low, "float32")
        else:
            step = ops.where(low, 1.0, ops.where(high, -BACK, 0.0))
        self.noisy_batches.assign(ops.maximum(0.0, self.noisy_batches + step))

    def _factor_now(self):
        if self.settings["growing"]:
            (first, last), batches = self.settings["growing"], self.batches
        else:
            first, last, batches = 0, FACTOR_BATCHES, self.noisy_batches
        grown = ops.clip((batches - first) / (last - first), 0, 1)
        return 1 + (self.settings["factor"] - 1) * grown

    def _noise_now(self, shape):
        grown = ops.clip(self.noisy_batches / NOISE_BATCHES, 0, 1)
        # keras.random.normal has TensorFlow choose how to draw, and in a compiled program
        # what it chooses takes forty times as long
        seed = ops.cast(self.seed_generator.next(), "int32")
        normal = tf.random.stateless_normal(shape, seed, alg="philox")
        return self.settings["noise"] * grown * normal

    def compute_output_shape(self, stream_shape, mask_shape=None):
        samples, timesteps, features = stream_shape
        read = self.one_step.units + self.one_step.heads * features
        return samples, self.settings["steps"] or timesteps, read

    def get_config(self):
        return {**super().get_config(), **self.settings}


class PointerCell(keras.layers.Layer):
    """One step of the decoder, as `keras.layers.RNN` calls it.

    The state: the LSTM's output and memory, (samples, units) each; the pointers, (samples,
    heads, timesteps); and what is the same at every step, since a cell sees nothing but
    its input and its state: the stream, (samples, timesteps, features), which symbol is its
    last, (samples, 1, timesteps), and the factor of the scores, (samples, 1).
    """

    def __init__(self, units, heads, shifts, hard, initial, **kwargs):
        super().__init__(**kwargs)
        self.units, self.heads, self.shifts, self.hard = units, heads, tuple(shifts), hard
        self.n_scores = heads * len(self.shifts)
        self.lstm = keras.layers.LSTMCell(units, **initial, name="lstm")
        kernel = initial["kernel_initializer"]
        self.move = keras.layers.Dense(
            self.n_scores + heads, kernel_initializer=kernel, name="move"
        )
        self.state_size = [units, units, None, None, None, None]  # what is None varies

    def build_for(self, features):
        self.n_fetched = self.heads * features
        self.output_size = self.units + self.n_fetched
        self.lstm.build((None, self.n_fetched))
        self.move.build((None, self.output_size))
        self.built = True

    def call(self, noise, state):
        h, c, pointers, stream, last, factor = state
        # every pointer fetches what it stands on: (samples, heads, features)
        fetched = ops.matmul(pointers, stream)
        # all of it is read by the LSTM: (samples, units)
        fetched = ops.reshape(fetched, (-1, self.n_fetched))
        h, (_, c) = self.lstm(fetched, [h, c])
        read = ops.concatenate([h, fetched], axis=-1)  # (samples, units + heads * features)

        # the shares of each pointer's shifts: (samples, heads, shifts)
        moves = self.move(read)
        scores = factor * moves[:, : self.n_scores] + noise
        shares = ops.softmax(ops.reshape(scores, (-1, self.heads, len(self.shifts))))
        # the power that each is raised to: (samples, heads, 1)
        power = 1 + ops.softplus(moves[:, self.n_scores :, None] + BLUNT)

        pointers = moved(pointers, last, shares, self.shifts)
        pointers = decided(pointers) if self.hard else sharpened(pointers, power)
        return read, [h, c, pointers, stream, last, factor]


class Edges(keras.layers.Layer):
    """Put a vector in front of a sequence, and one behind it, which are learned.

    Input: (samples, timesteps, features). Output: (samples, timesteps + 2, features).
    """

    def build(self, shape):
        start = keras.initializers.RandomNormal(stddev=1)
        self.edges = self.add_weight((2, shape[-1]), start, name="edges")

    def call(self, sequence):
        beside = ops.zeros_like(sequence[:, :1])
        ends = beside + self.edges[0], beside + self.edges[1]
        return ops.concatenate([ends[0], sequence, ends[1]], axis=1)

    def compute_output_shape(self, shape):
        samples, timesteps, features = shape
        return samples, timesteps and timesteps + 2, features


def moved(pointers, last, shares, shifts):
    """Pointers moved by a share of each of the shifts.

    What would go beyond the first or the last symbol stays there.

    Args:
        pointers: (samples, heads, timesteps).
        last: 1 at the last symbol, 0 at the others, (samples, 1, timesteps).
        shares: (samples, heads, shifts).
        shifts: Integers.
    """
    at = {0: pointers}  # moved so far
    for distance in range(1, max(shifts) + 1):
        at[distance] = forward(at[distance - 1], last)
    for distance in range(1, -min(shifts) + 1):
        at[-distance] = back(at[1 - distance])
    return sum(shares[:, :, i, None] * at[shift] for i, shift in enumerate(shifts))


def forward(pointers, last):
    """Pointers one symbol further on; what stands on the last symbol stays there."""
    stay = pointers * last
    return stay + ops.pad((pointers - stay)[:, :, :-1], ((0, 0), (0, 0), (1, 0)))


def back(pointers):
    """Pointers one symbol back; what stands on the first symbol stays there."""
    first, rest = pointers[:, :, :1], pointers[:, :, 1:]
    stay = ops.pad(first, ((0, 0), (0, 0), (0, ops.shape(rest)[-1])))
    return stay + ops.pad(rest, ((0, 0), (0, 0), (0, 1)))


def sharpened(pointers, power):
    """Pointers raised to a power, (samples, heads, 1), and divided by their sums."""
    return ops.softmax(power * ops.log(pointers + TINY))


def decided(pointers):
    """Pointers on one symbol each, the one with the largest share."""
    return ops.one_hot(ops.argmax(pointers, axis=-1), ops.shape(pointers)[-1])


class PointerModel(keras.Model):
    """A model that tells its `Pointers` the loss of every batch that it is trained on."""

    def count_params(self):
        """How many weights are trained; what `Pointers` count is none of them."""
        return sum(math.prod(weight.shape) for weight in self.trainable_weights)

    def compile_from_config(self, config):
        """Nothing: a copy with other pointers is there to answer, not to be trained."""

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        if training:
            for layer in self.pointers:
                layer.count_batch(loss)
        return loss

    @property
    def pointers(self):
        """The layers that are `Pointers`, in the order in which they read."""
        return [layer for layer in self.layers if isinstance(layer, Pointers)]

    def answers(self, streams, end, steps=None, hard=False):
        """What is written up to the first `end`, for streams of any length.

        Args:
            streams: (n, timesteps).
            end: The symbol behind an answer.
            steps: Symbols to write. Without it the model is not told how many: it writes
                as many as there are timesteps; with a single pass over the stream only
                half of them first, which is enough for most sums.
            hard: Whether the pointers stand on one symbol each.

        Returns a list of tuples; None for an answer that does not end.
        """
        half = [streams.shape[1] // 2 + 1] if len(self.pointers) == 1 else []
        found = dict.fromkeys(range(len(streams)))
        for tried in [steps] if steps else [*half, None]:
            going_on = [i for i, answer in found.items() if answer is None]
            if going_on:
                model = with_pointers(self, steps=tried, hard=hard)
                # (n, steps, symbols)
                outputs = predict(model, streams[going_on], batch_size=50, jit_compile=True)
                found |= zip(going_on, read_answers(outputs.argmax(axis=-1), end))
        return [*found.values()]

    def paths(self, stream, steps):
        """Where the pointers stand at each of `steps` steps, on the symbols of a stream.

        `stream`: (samples, timesteps). Returns a list, for each layer of pointers the
        shares, (samples, steps, heads, timesteps).
        """
        model = with_pointers(self, steps=steps)
        read = [keras.Model(model.input, layer.input)(stream) for layer in model.pointers]
        return [
            ops.convert_to_numpy(layer.paths(*inputs, steps))
            for layer, inputs in zip(model.pointers, read)
        ]


def with_pointers(model, **settings):
    """The same model with the same weights, but with other settings of its `Pointers`.

    Args:
        model: A `PointerModel`.
        settings: `steps=None` has it write as many symbols as a stream has, whatever it
            was trained on; `hard=True` has its pointers stand on one symbol each.

    Returns a model that is not compiled.
    """

    def copy(layer):
        changed = settings if isinstance(layer, Pointers) else {}
        return type(layer).from_config({**layer.get_config(), **changed})

    copied = keras.models.clone_model(model, clone_function=copy)
    copied.set_weights(model.get_weights())
    return copied

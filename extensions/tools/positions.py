"""A layer that Keras does not have: positions that are learned."""

from common.backend import keras
from extensions.tools.pointers import ops


class AddPositions(keras.layers.Layer):
    """Add to each timestep a vector of its own, which is learned.

    Input and output: (samples, timesteps, features); a second input, (samples,), says
    which position comes first, 0 without it.

    Args:
        longest: Timesteps that there can be; without it, those of the input.
        initializer: What draws the vectors at first.

    Raises ValueError, when called, for more timesteps.
    """

    def __init__(self, longest=None, initializer="uniform", **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # it is passed on
        self.longest = longest
        self.initializer = keras.initializers.get(initializer)

    def build(self, sequence_shape, first_shape=None):
        self.table = self.add_weight(
            shape=(self.longest or sequence_shape[1], sequence_shape[2]),
            initializer=self.initializer,
            name="table",
        )

    def call(self, sequence, first=None):
        if sequence.shape[1] > self.table.shape[0]:
            raise ValueError(
                f"{sequence.shape[1]} timesteps are more than the {self.table.shape[0]} "
                "that have positions"
            )
        if first is None:
            return sequence + self.table[: sequence.shape[1]]
        steps = ops.arange(sequence.shape[1], dtype="int32")
        places = ops.expand_dims(ops.cast(first, "int32"), 1) + steps
        return sequence + ops.take(self.table, places, axis=0)

    def get_config(self):
        initializer = keras.initializers.serialize(self.initializer)
        return {
            **super().get_config(),
            "longest": self.longest,
            "initializer": initializer,
        }

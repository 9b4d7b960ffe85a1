"""A layer that Keras does not have: positions that are learned."""

from common.backend import keras


class AddPositions(keras.layers.Layer):
    """Add to each timestep a vector of its own, which is learned.

    Input and output: (samples, timesteps, features).

    Args:
        longest: Timesteps that there can be; without it, those of the input.

    Raises ValueError, when called, for more timesteps.
    """

    def __init__(self, longest=None, **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # it is passed on
        self.longest = longest

    def build(self, shape):
        shape = self.longest or shape[1], shape[2]
        self.table = self.add_weight(shape=shape, initializer="uniform", name="table")

    def call(self, sequence):
        n_steps, n_positions = sequence.shape[1], self.table.shape[0]
        if n_steps is not None and n_steps > n_positions:
            raise ValueError(
                f"{n_steps} timesteps are more than the {n_positions} that have positions"
            )
        return sequence + self.table[: keras.ops.shape(sequence)[1]]

    def get_config(self):
        return {**super().get_config(), "longest": self.longest}

"""Layers that Keras does not have: `from common.layers import AddPositions`.

Importing this module imports TensorFlow.
"""

from common.backend import keras


class AddPositions(keras.layers.Layer):
    """Add to each timestep a vector of its own, which is learned.

    Input and output: (samples, timesteps, features). `longest`: timesteps that there
    can be; without it, those of the input. `initializer`: what draws the vectors at
    first. Raises ValueError for more timesteps.
    """

    def __init__(self, longest=None, initializer="uniform", **kwargs):
        super().__init__(**kwargs)
        self.supports_masking = True  # it is passed on
        self.longest = longest
        self.initializer = keras.initializers.get(initializer)

    def build(self, shape):
        self.table = self.add_weight(
            shape=(self.longest or shape[1], shape[2]),
            initializer=self.initializer,
            name="table",
        )

    def call(self, sequence):
        if sequence.shape[1] > self.table.shape[0]:
            raise ValueError(
                f"{sequence.shape[1]} timesteps are more than the {self.table.shape[0]} "
                "that have positions"
            )
        return sequence + self.table[: sequence.shape[1]]

    def get_config(self):
        initializer = keras.initializers.serialize(self.initializer)
        return {
            **super().get_config(),
            "longest": self.longest,
            "initializer": initializer,
        }

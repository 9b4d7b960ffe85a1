"""Layers that Keras does not have."""

import numpy as np
import pytest

from common.training import initialize


def test_positions_are_added_and_are_learned():
    from common.backend import keras
    from common.layers import AddPositions

    layer = AddPositions(longest=4)
    steps = np.ones((2, 3, 5), np.float32)
    added = np.asarray(layer(steps)) - steps
    assert len(layer.trainable_variables) == 1
    table = layer.table.numpy()
    assert table.shape == (4, 5)
    assert np.allclose(added, table[:3], atol=1e-6) and not np.allclose(table[0], table[1])
    with pytest.raises(ValueError, match="5 timesteps are more than the 4"):
        layer(np.ones((2, 5, 5), np.float32))
    again = keras.layers.deserialize(
        keras.layers.serialize(layer), {"AddPositions": AddPositions}
    )
    assert again.longest == 4
    assert isinstance(again.initializer, type(layer.initializer))


def test_positions_start_as_those_of_a_model_built_with_the_same_seed():
    from common.backend import keras
    from common.layers import AddPositions

    def build():
        steps = keras.Input((3, 5))
        read = keras.layers.Dense(4)(steps)
        placed = AddPositions()(read)
        return keras.Model(steps, keras.layers.Dense(2)(placed))

    model = build()
    initialize(model, seed=7)
    keras.utils.set_random_seed(7)
    for found, expected in zip(model.get_weights(), build().get_weights(), strict=True):
        assert (found == expected).all()
    before = model.layers[2].table.numpy()
    initialize(model, seed=8)
    assert (model.layers[2].table.numpy() != before).all()

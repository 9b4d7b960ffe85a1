"""Learned positions, and what is drawn of an attention."""

import numpy as np
import pytest

from common.attention_maps import attention_weights, plot_attention
from common.training import initialize


def test_positions_are_added_and_are_learned():
    from common.backend import keras
    from common.positions import AddPositions

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
    from common.positions import AddPositions

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


def test_the_weights_are_those_that_the_answer_was_fetched_with():
    from common.backend import keras

    queries, values = keras.Input((2, 3)), keras.Input((4, 3))
    attention = keras.layers.Attention(name="attention")
    fetched, _ = attention([queries, values], return_attention_scores=True)
    model = keras.Model([queries, values], fetched)
    rng = np.random.default_rng(1)
    X = tuple(rng.normal(size=(5, steps, 3)).astype("float32") for steps in (2, 4))
    weights = attention_weights(model, X)
    assert weights.shape == (5, 2, 4)
    assert np.allclose(weights.sum(axis=-1), 1)
    assert np.allclose(weights @ X[1], np.asarray(model(X)), atol=1e-5)


def test_a_map_is_written(tmp_path):
    path = tmp_path / "map.png"
    plot_attention(path, np.full((2, 40), 1 / 40), range(40), "ab", "a title")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"\(2, 2\) do not go with \(2, 3\) steps"):
        plot_attention(path, np.eye(2), "abc", "ab", "a title")

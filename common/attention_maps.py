"""Where a network's attention looks: an answer's steps against the input's."""

import numpy as np

from common.files import written_whole


def plot_attention(path, weights, read, written, title):
    """Draw `weights`, (steps written, steps read), each row of which adds up to one.

    `read`, `written`: what stands at each step; of many steps only some are named. The
    darker, the more attention. Raises ValueError for other numbers of steps.
    """
    from matplotlib.figure import Figure

    weights = np.asarray(weights)
    steps = (len(written), len(read))
    if weights.shape != steps:
        raise ValueError(f"weights of {weights.shape} do not go with {steps} steps")
    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    image = axes.imshow(weights, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    for axis, names in ((axes.xaxis, read), (axes.yaxis, written)):
        named = range(0, len(names), -(-len(names) // 30))
        axis.set_ticks(named, [str(names[i]) for i in named], fontsize=8)
    axes.set(xlabel="read", ylabel="written, from top to bottom")
    axes.set_title(title, wrap=True)
    figure.colorbar(image, label="attention")
    with written_whole(path) as unfinished:
        figure.savefig(unfinished, dpi=150)


def attention_weights(model, X):
    """What the steps written give to the steps read: (samples, written, read).

    `model`: a Keras model whose layer "attention" was called with
    `return_attention_scores=True`. `X`: its input, an array or a tuple of them.
    """
    from common.backend import keras
    from common.training import predict

    _, weights = model.get_layer("attention").output
    return predict(keras.Model(model.input, weights), X)

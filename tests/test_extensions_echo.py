"""The extensions of tutorial B, each at a tiny size."""

from dataclasses import replace
from random import Random

import numpy as np
import pytest

from common import windows
from common.backend import keras
from common.onehot import one_hot_decode
from common.runner.comparison import Rows
from common.runner.rows import make_row
from common.scores import EXACT, PER_ELEMENT, Share
from common.training import History, predict, reset_states
from common.windows import generate_sequence, to_supervised
import echo_partial
from extensions import (
    echo_data,
    echo_embedding,
    echo_lag,
    echo_linear,
    echo_longer,
    echo_masked,
    echo_padded_output,
    echo_stateless,
    echo_topologies,
    echo_varying_length,
)
from extensions.tools.missing import all_windows, is_complete
from extensions.tools.windows import draw_windows

SCRIPTS = {
    echo_embedding: echo_embedding.Settings(units=3),
    echo_lag: echo_lag.Settings(units=4),
    echo_linear: echo_linear.Settings(units=(3, 4)),
    echo_longer: echo_longer.Settings(units=3),
    echo_masked: echo_masked.Settings(units=3),
    echo_padded_output: echo_padded_output.Settings(units=3),
    echo_stateless: echo_stateless.Settings(units=(3, 4)),
    echo_topologies: echo_topologies.Settings(units=(2, 3, 4, 5)),
    echo_varying_length: echo_varying_length.Settings(units=3),
}
PRINTED = [86, 81, 88, 1, 23, 78, 64, 7, 99, 23, 2, 36, 73, 26, 27, 33, 24, 51, 73, 64]
PRINTED += [13, 13, 53, 40, 64]  # by the tutorial

pytestmark = pytest.mark.usefixtures("uncompiled")


@pytest.fixture(autouse=True)
def two_test_sequences(monkeypatch):
    monkeypatch.setattr(windows, "N_TEST", 2)
    for script in SCRIPTS:
        monkeypatch.setattr(script, "N_TEST", 2)


def test_echo_data_prints_the_tutorials_pairs(capsys):
    echo_data.print_pairs(PRINTED, 100, n_in=5, n_out=3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[4] == "encoded: (25, 100), X: (21, 5, 100), y: (21, 3, 100)"
    assert lines[5] == "[86, 81, 88, 1, 23] => [86, 81, 88]"
    assert lines[-1] == "[13, 13, 53, 40, 64] => [13, 13, 53]"


def test_echo_data_takes_the_sequence_of_the_partial_echo(capsys):
    printed = "6 52 96 45 69 52 96 11 96 54 27 48 9 32 62 41 54 20 80 63 69 36"
    echo_data.main(["--n-out", "2", "--sequence", *printed.split()])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1] == f"[{printed.replace(' ', ', ')}]"
    assert lines[5] == "[6, 52, 96, 45, 69] => [6, 52]"
    assert "[96, 11, 96, 54, 27] => [96, 11]" in lines
    assert sum("=>" in line for line in lines) == 18


def test_echo_data_prints_both_tables_and_where_they_differ(capsys):
    echo_data.main([])
    out = capsys.readouterr().out
    prose, listing, dropped = (part.split("\n\n")[0] for part in out.split(":\n")[3:])
    prose, listing, dropped = (
        [line.split() for line in part.splitlines()] for part in (prose, listing, dropped)
    )
    assert prose[0] == ["t-1", "t", "y(t-1)"]
    assert prose[1] == ["NaN", "1", "NaN"]
    assert prose[-1] == ["5", "NaN", "5"]
    assert listing == prose[:-1]
    assert dropped == [prose[0], *prose[2:-1]]
    assert out.splitlines()[-1] == (
        "Finding: the prose has 6 rows and the listing 5; (5, NaN -> 5) is in the prose "
        "alone, and dropped in both: 4 and 4 rows are left."
    )


@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (2, 1), (5, 1), (5, 3), (5, 5)])
def test_the_listings_frame_without_missing_values_is_to_supervised(n_in, n_out):
    frame = echo_data.frame_of_listing(PRINTED, n_in, n_out).dropna()
    X, y = to_supervised(PRINTED, n_in, n_out)
    assert frame.to_numpy().tolist() == np.hstack([X, y]).tolist()
    prose = echo_data.frame_of_prose(PRINTED, n_in, n_out).dropna()
    assert prose.to_numpy().tolist() == frame.to_numpy().tolist()


def test_one_to_five_with_five_in_and_one_out_is_one_row():
    X, y = all_windows([1, 2, 3, 4, 5], 5, 1)
    complete = is_complete(X)
    assert (X[complete].tolist(), y[complete].tolist()) == ([[1, 2, 3, 4, 5]], [[1]])


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        ("--n-out 6", "n_out 6 is larger than n_in 5"),
        ("--length 4", "length 4 is shorter than n_in 5"),
        ("--runs 2", "--runs"),
        ("--sequence 1 2", "length 2 is shorter than n_in 5"),
        ("--sequence 1 2 3 4 100", "100 is outside [0, 100)"),
        ("--sequence 1 2 3 4 x", "'x'"),
        ("--sequence 1 2 3 4 5 --seed 2", "--seed does not go with --sequence"),
    ],
)
def test_echo_data_refuses(flags, message, refused):
    assert message in refused(echo_data.main, *flags.split())


@pytest.mark.parametrize(
    ("script", "flags", "named"),
    [
        (echo_lag, ["--epochs", "5", "0"], "epochs"),
        (echo_linear, ["--epochs", "5"], "epochs"),
        (echo_longer, ["--epochs", "0"], "epochs"),
        (echo_masked, ["--units", "0"], "units"),
        (echo_stateless, ["--units", "3", "x"], "units"),
        (echo_topologies, ["--variant", "LSTM"], "LSTM"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line_that_names_it(script, flags, named, refused):
    assert named in refused(script.main, *flags)


# What all have in common: data that fit the model, and scores of what was asked


def draw_once(model, new_data, epochs, batch_size, *, callbacks=()):
    """Trains nothing, but sees that it could; 99 % are right after 46 epochs."""
    X, y, *_ = new_data()
    read = X if isinstance(X, tuple) else [X]
    assert [x.shape[1:] for x in read] == [x.shape[1:] for x in model.inputs]
    assert len(y) % batch_size == 0
    assert model.output_shape[1 : y.ndim] == y.shape[1:]
    for callback in callbacks:
        for epoch in sorted(callback.epochs):
            callback.on_epoch_end(epoch - 1)
    return History(loss=[1.0], accuracy=[0.95] * 30 + [1.0] * 30)


def ask(monkeypatch, script, predict):
    asked = echo_partial if script is echo_longer else script
    monkeypatch.setattr(asked, "predict", predict)


def ask_no_one(monkeypatch, script):
    """Every answer is zero: no time goes into a network that has learned nothing."""

    def predict(model, X, batch_size=0):
        return np.zeros((len(X[0] if isinstance(X, tuple) else X), *model.output_shape[1:]))

    ask(monkeypatch, script, predict)


def ask_the_oracle(monkeypatch, script, answer):
    """Have a script ask `answer`, which takes what the model would get, for its scores."""
    ask(monkeypatch, script, lambda model, X, batch_size=0: answer(X))


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.__name__[11:])
def test_every_variant_has_data_that_fit_and_the_same_scores(script, monkeypatch):
    settings, experiment = SCRIPTS[script], script.experiment
    ask_no_one(monkeypatch, script)
    of_variant = experiment.variants(settings)
    pairs = experiment.compares(settings)
    assert {name for pair in pairs for name in pair[:2]} <= of_variant.keys()
    names = set()
    for variant in of_variant.values():
        if "70,000" not in str(variant):
            ran = script.run(settings, 1, variant, train=draw_once)
            names.add((*ran.scores,))
    assert len(names) == 1
    assert {score for pair in pairs for score in pair[2:]} <= {*names.pop()}


def one_hot(y, n=100):
    return np.eye(n)[y]


def padded(y, before, after):
    return one_hot(np.pad(y, ((0, 0), (before, after)), constant_values=100), 101)


def late(y, lag):
    return one_hot(np.pad(y, ((0, 0), (lag, 0)), constant_values=7))


# script, variant: the integers of what is read, how many are echoed, how they are written
ORACLES = {
    (echo_embedding, "100, one-hot"): (one_hot_decode, 5, one_hot),
    (echo_embedding, "100, embedding"): (np.array, 5, one_hot),
    (echo_lag, "Dense 4, k = 2"): (one_hot_decode, 5, lambda y: late(y, 2)),
    (echo_linear, "partial: scaled, LSTMs"): (
        lambda X: np.rint(99 * X[..., 0]).astype(int),
        2,
        lambda y: y[..., np.newaxis] / 99 + 0.004,
    ),
    (echo_linear, "whole: one-hot, LSTM"): (one_hot_decode, 5, one_hot),
    (echo_longer, "3 of 5, 3 units, 5000 epochs"): (one_hot_decode, 3, one_hot),
    (echo_padded_output, "encoder-decoder"): (one_hot_decode, 2, lambda y: padded(y, 0, 0)),
    (echo_padded_output, "padded after"): (one_hot_decode, 2, lambda y: padded(y, 0, 3)),
    (echo_padded_output, "padded before"): (one_hot_decode, 2, lambda y: padded(y, 3, 0)),
    (echo_stateless, "partial, stateful, batch size 7"): (one_hot_decode, 2, one_hot),
    (echo_stateless, "whole, stateless, batch size 7"): (one_hot_decode, 5, one_hot),
    (echo_topologies, "many-to-one, 5 units"): (one_hot_decode, 5, one_hot),
}


@pytest.mark.parametrize(("script", "name"), ORACLES)
def test_who_knows_the_echo_has_all_of_it_right(script, name, monkeypatch):
    """And who has the last integer wrong where the first one read is even, has the rest."""
    (read, n_out, write), settings = ORACLES[script, name], SCRIPTS[script]
    variant = script.experiment.variants(settings)[name]
    rng, n_in = Random("test set"), 5 + getattr(variant, "lag", 0)
    if script is echo_embedding:  # two times 100 windows, each of a sequence of its own
        first = [generate_sequence(5, rng=rng)[0] for _ in range(200)]
    else:
        first = [n for _ in (1, 2) for n in generate_sequence(20 + n_in, rng=rng)[:21]]
    n, n_even = len(first), sum(integer % 2 == 0 for integer in first)
    for wrong in (0, n_even):

        def answer(X):
            integers = np.array(read(X))
            y = integers[:, :n_out].copy()
            if wrong:
                even = integers[:, 0] % 2 == 0
                y[even, -1] = 99 - y[even, -1]
            return write(y)

        ask_the_oracle(monkeypatch, script, answer)
        scores = script.run(settings, 1, variant, train=draw_once).scores
        assert scores[EXACT] == (n - wrong, n)
        assert scores[PER_ELEMENT] == (n * n_out - wrong, n * n_out)


@pytest.mark.parametrize("script", [echo_longer, echo_topologies])
def test_the_epochs_are_those_to_99_percent(script, monkeypatch):
    settings = SCRIPTS[script]
    ask_no_one(monkeypatch, script)
    variant = next(iter(script.experiment.variants(settings).values()))
    scores = script.run(settings, 1, variant, train=draw_once).scores
    assert scores[script.EPOCHS] == 46  # 16 of the last 20 are perfect, the others 95 %


def test_learning_rates_and_epochs_are_those_of_the_variants_name(monkeypatch):
    asked = []

    def note(model, new_data, epochs, batch_size, **_):
        asked.append((float(model.optimizer.learning_rate), epochs))
        return draw_once(model, new_data, epochs, batch_size)

    for script, name, rate, epochs in [
        (echo_longer, "3 of 5, 3 units, 5000 epochs, rate 0.003", 0.003, 5000),
        (echo_padded_output, "padded before, rate 0.01", 0.01, 5000),
        (echo_topologies, "many-to-one, 5 units, 3 x epochs", 0.001, 15000),
        (echo_topologies, "many-to-one, 5 units, rate 0.003", 0.003, 5000),
        (echo_varying_length, "RepeatVector, rate 0.003, 3 x epochs", 0.003, 15000),
        (echo_lag, "LSTM 4, k = 3, 15000 epochs", 0.001, 15000),
        (echo_embedding, "10,000, embedding, default rate", 0.001, 400),
    ]:
        ask_no_one(monkeypatch, script)
        variant = script.experiment.variants(SCRIPTS[script])[name]
        script.run(SCRIPTS[script], 1, variant, train=note)
        assert asked.pop() == (pytest.approx(rate), epochs)


@pytest.mark.parametrize("script", [echo_lag, echo_longer, echo_stateless])
def test_a_plot_has_every_seed(script, monkeypatch):
    settings, drawn = SCRIPTS[script], {}
    x = {echo_lag: 2, echo_longer: 3, echo_stateless: 667}[script]
    name, line = {
        echo_lag: ("Dense 4, k = 2", "Dense"),
        echo_longer: ("3 of 5, 3 units, 5000 epochs", "3 units, 5000 epochs"),
        echo_stateless: 2 * ("partial, stateless, batch size 7",),
    }[script]
    whole = "whole, stateless, batch size 7"  # which is in no plot
    scores = [{EXACT: Share(n, 10)} for n in (9, 2, 8)]
    if script is echo_stateless:
        scores = [dict.fromkeys(script.AFTER.values(), n[EXACT]) for n in scores]
    rows = Rows(
        make_row(variant, seed, 1, None, of_seed)
        for variant in [name] + [whole] * (script is echo_stateless)
        for seed, of_seed in enumerate(scores)
    )
    monkeypatch.setattr(script, "plot_scores", lambda path, lines, *_: drawn.update(lines))
    script.plot("plot.png", rows, settings)
    assert [*drawn] == [line] and drawn[line][x] == [0.9, 0.2, 0.8]


# echo_linear


def test_echo_linear_scales_and_rounds_back():
    integers = np.arange(100).reshape(20, 5)
    for scaled in (True, False):
        encoded = echo_linear.encode(integers, scaled)
        assert encoded.shape == ((20, 5, 1) if scaled else (20, 5, 100))
        assert (encoded.min(), encoded.max()) == (0, 1)
        assert (echo_linear.decode(encoded, scaled) == integers).all()


def test_a_falling_rate_reaches_zero_with_the_last_update():
    variant = echo_linear.VARIANTS["whole: scaled, linear, falling rate"]
    model = echo_linear.build_model(variant, 3, epochs=4)
    assert model.count_params() == 2
    rates = [float(model.optimizer._learning_rate(step)) for step in (0, 6, 12)]
    assert rates == pytest.approx([0.01, 0.005, 0])  # 4 epochs of 3 batches


# echo_masked


def test_echo_masked_scores_what_is_asked_for(monkeypatch):
    def answer(X):
        return X[:, :2]

    ask_the_oracle(monkeypatch, echo_masked, answer)
    settings = SCRIPTS[echo_masked]
    for name, variant in echo_masked.VARIANTS.items():
        scores = echo_masked.run(settings, 1, variant, train=draw_once).scores
        # of the 8 incomplete windows, 3 have nothing to echo; one begins with the gap
        assert [*scores.values()] == [(42, 42), (10, 10), (2, 2), (8, 8)], name
    ask_the_oracle(monkeypatch, echo_masked, lambda X: 1 - answer(X))
    scores = echo_masked.run(settings, 1, variant, train=draw_once).scores
    assert [*scores.values()] == [(0, 42), (0, 10), (0, 2), (0, 8)]


@pytest.mark.parametrize(
    ("name", "n_first", "n_last"),
    [
        ("dropped", 0, 0),
        ("special value", 4, 4),
        ("special value, first missing only", 4, 0),
        ("special value, last missing only", 0, 4),
    ],
)
def test_what_training_keeps_of_the_incomplete_windows(name, n_first, n_last):
    X, _ = echo_masked.windows(echo_masked.VARIANTS[name], Random(1))
    assert is_complete(X).sum() == 21 and len(X) == 21 + n_first + n_last
    assert np.isnan(X[:, 0]).sum() == n_first and np.isnan(X[:, -1]).sum() == n_last


def test_a_missing_value_is_a_vector_of_the_special_value_alone_or_a_symbol():
    X, _ = all_windows([1, 2], n_in=2, n_out=1)  # (NaN, 1), (1, 2), (2, NaN)
    specials = {"special value": 0, "special value -1": -1, "special value -0.1": -0.1}
    for name, special in specials.items():
        encoded = echo_masked.encode(X, echo_masked.VARIANTS[name])
        assert (encoded[0, 0] == special).all() and (encoded[2, 1] == special).all()
        assert encoded[1].argmax(axis=-1).tolist() == [1, 2]
        assert encoded[1].sum() == 2
    encoded = echo_masked.encode(X, echo_masked.VARIANTS["symbol for missing"])
    assert encoded.shape == (3, 2, 101)
    assert one_hot_decode(encoded) == [[100, 1], [1, 2], [2, 100]]


def test_a_masking_layer_cannot_tell_which_end_is_missing():
    X, _ = all_windows([1, 2, 3, 4], n_in=5, n_out=2)
    for name in ("Masking", "special value"):
        variant = echo_masked.VARIANTS[name]
        encoded = echo_masked.encode(X, variant)
        front, back = encoded[3:4], encoded[4:5]  # (NaN, 1, 2, 3, 4), (1, 2, 3, 4, NaN)
        model = echo_masked.build_model(SCRIPTS[echo_masked], variant)
        same = np.allclose(predict(model, front), predict(model, back))
        assert same == variant.masking


# echo_stateless


@pytest.mark.parametrize("batch_size", [21, 7])
def test_the_first_and_the_second_predict_are_told_apart(batch_size, monkeypatch):
    """Here every second one answers with the window that left its state behind."""

    def answer(pair):
        pair = pair.reshape(2, 21, 5, 100)
        before = np.roll(pair.reshape(42, 5, 100), batch_size, axis=0)[21:]
        return np.concatenate([pair[0], before])[:, :2]

    ask_the_oracle(monkeypatch, echo_stateless, answer)
    variant = echo_stateless.VARIANTS[f"partial, stateful, batch size {batch_size}"]
    scores = echo_stateless.run(SCRIPTS[echo_stateless], 1, variant, train=draw_once).scores
    assert scores[EXACT] == scores["After 667"] == scores["Same without state"] == (42, 42)
    assert scores["Second predict"] == (0, 42)
    assert scores["From before"] == (42, 42)


def test_a_second_predict_goes_on_from_the_state_that_the_first_one_left():
    variant = echo_stateless.VARIANTS["partial, stateful, batch size 7"]
    model = echo_stateless.build_model(SCRIPTS[echo_stateless], variant)
    model.set_weights([5 * weights for weights in model.get_weights()])
    X, _ = draw_windows(5, 2, n_sequences=3, rng=Random(1))
    first, second = echo_stateless.ask(model, X, batch_size=7)
    for i in range(3):
        reset_states(model)
        for answers, place in ((first, i - 1), (second, i)):
            rows = slice(21 * (place % 3), 21 * (place % 3) + 21)
            outputs = model.predict(one_hot(X[rows]), batch_size=7, verbose=0)
            assert (answers[rows] == outputs.argmax(axis=-1)).all()
    assert (first != second).any()


def test_without_state_batches_know_nothing_of_each_other():
    settings = SCRIPTS[echo_stateless]
    stateful = echo_stateless.VARIANTS["whole, stateful, batch size 7"]
    model = echo_stateless.build_model(settings, stateful)
    other = echo_stateless.build_model(settings, replace(stateful, stateful=False))
    other.set_weights(model.get_weights())
    X = np.random.default_rng(1).random((21, 5, 100))
    first, second = predict(model, X, 7), predict(other, X, 7)
    assert np.allclose(first[:7], second[:7])
    assert not np.isclose(first[7:], second[7:]).all(axis=(1, 2)).any()
    assert np.allclose(second, predict(other, X, 21))


# echo_lag, echo_embedding


@pytest.mark.parametrize("lag", [0, 1, 5])
def test_the_answer_is_the_integer_of_so_many_steps_ago(lag):
    X, y = echo_lag.windows(lag, Random(1))
    assert X.shape == (21, lag + 5)
    _, target, asked = echo_lag.encode(X, y)
    assert not asked[:, :lag].any() and asked[:, lag:].all()
    for step in range(lag, lag + 5):
        assert target[:, step].argmax(axis=-1).tolist() == X[:, step - lag].tolist()


def test_both_representations_show_the_same_integers():
    as_integers, as_vectors = (echo_embedding.Variant(30, kind) for kind in (True, False))
    X, y = echo_embedding.examples(as_integers, Random(1))
    one_hot_X, one_hot_y = echo_embedding.examples(as_vectors, Random(1))
    assert X.shape == (100, 5) and X.dtype == y.dtype == np.int32
    assert (one_hot_X.argmax(axis=-1) == X).all() and (one_hot_y.argmax(axis=-1) == y).all()
    for variant, kilobytes in ((as_integers, 4), (as_vectors, 120)):  # 30 times as much
        ran = echo_embedding.run(SCRIPTS[echo_embedding], 1, variant, train=draw_once)
        assert ran.scores["Kilobytes"] == kilobytes


# echo_varying_length


def test_the_answer_has_the_length_that_the_question_asks_for():
    X, y = echo_varying_length.questions(Random(1), n_sequences=5)
    end, start = echo_varying_length.END, echo_varying_length.START
    lengths = X[:, 0] - end
    assert set(lengths) == {1, 2, 3, 4, 5}
    for window, answer, n in zip(X[:, 1:], y, lengths):
        assert answer.tolist() == [*window[:n], *[end] * (6 - n)]
    read = echo_varying_length.so_far(y)
    assert (read[:, 0] == start).all() and (read[:, 1:] == y[:, :-1]).all()
    assert (echo_varying_length.up_to_end(y).sum(axis=1) == lengths + 1).all()


@pytest.mark.parametrize("name", ["start symbol, greedy", "RepeatVector"])
def test_who_answers_one_integer_too_few_is_right_about_none(name, monkeypatch):
    variant, settings = echo_varying_length.VARIANTS[name], SCRIPTS[echo_varying_length]
    for too_few in (0, 1):

        def answer(read):
            X = np.array(one_hot_decode(read[0] if variant.reads_answer else read))
            y = np.pad(X[:, 1:], ((0, 0), (0, 1)))
            lengths = X[:, :1] - echo_varying_length.END - too_few
            y[np.arange(6) >= lengths] = echo_varying_length.END
            return one_hot(y, 107)

        ask_the_oracle(monkeypatch, echo_varying_length, answer)
        scores = echo_varying_length.run(settings, 1, variant, train=draw_once).scores
        right = [share.right / share.total for share in scores.values()]
        assert right == [1 - too_few] * 7
        assert [share.total for share in scores.values()][:2] == [42, 42]
        assert sum(scores[of_n].total for of_n in echo_varying_length.OF.values()) == 42


def test_decoding_goes_on_from_the_models_own_answer():
    variant = echo_varying_length.VARIANTS["start symbol, greedy"]
    keras.utils.set_random_seed(1)
    model = echo_varying_length.build_model(SCRIPTS[echo_varying_length], variant)
    X, _ = echo_varying_length.questions(Random(1))
    y = echo_varying_length.answer(True, model, X)
    one_hot, so_far = echo_varying_length.one_hot, echo_varying_length.so_far
    again = predict(model, (one_hot(X), one_hot(so_far(y)))).argmax(axis=-1)
    kept = echo_varying_length.up_to_end(y)
    assert (again == y)[kept].all()


@pytest.mark.slow
def test_a_run_trains_and_prints_its_table(capsys):
    flags = ["--epochs", "1", "2", "--units", "3", "3", "--variant"]
    rows = echo_stateless.main([*flags, "partial, stateful, batch size 21"])
    assert rows[0]["Same without state"] == (42, 42)  # state could never be used
    assert "\npartial, stateful" in capsys.readouterr().out

"""Trainings from end to end, on arrays."""

from typing import Any, Final

import numpy as np
import pytest

import netspec
from netspec.spec.recipe import Recipe

X = np.random.default_rng(0).normal(0, 1, (40, 2))
STILL: Final[dict[str, Any]] = {"epochs": 1, "learning_rate": 1e-12}
"""What leaves parameters where they begin."""


def test_a_layer_that_no_output_needs_is_kept_as_it_was() -> None:
    text = "netspec: 1\ninput: 2\nlayers: [{dense: {width: 2, as: idle}}, {dense: {from: in, width: 1}}]\noutput: 1\n"
    net = netspec.loads(text)
    before = net.build()
    trained = net.train(X, X[:, :1], epochs=2).model
    np.testing.assert_array_equal(trained.parameters["idle.Omega"], before.parameters["idle.Omega"])
    assert (trained.parameters["dense.Omega"] != before.parameters["dense.Omega"]).any()


def test_dropout_in_a_block_trains_in_another_dtype_than_that_of_the_spec() -> None:
    text = """
netspec: 1
input: 2
blocks: {same: {layers: [{dropout: 0.5}]}}
layers: [{dense: {width: 2}}, {same: {as: dropped}}]
output: 2
"""
    assert netspec.loads(text).train(X, X * 2, epochs=1, dtype="float64").model.dtype == "float64"


def test_classes_of_a_single_row_each_leave_none_to_hold_back() -> None:
    net = netspec.loads("netspec: 1\ninput: 2\nwidths: [4]\noutput: 10\n")
    with pytest.raises(netspec.SystemFault) as caught:
        net.train(X[:10], np.arange(10), epochs=1, validation=0.5)
    said = "of 10 rows none can be held back: each class has a single row, which is trained on"
    assert caught.value.headline == said


def test_the_seed_of_an_argument_is_that_of_the_parameters_too() -> None:
    net = netspec.loads("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\nparameters: {seed: 7}\ntraining: {seed: 5}\n")
    begun = {
        "argument": net.train(X, X[:, :1], seed=4, **STILL).model,
        "recipe": net.train(X, X[:, :1], Recipe(seed=4), **STILL).model,
        "spec": net.train(X, X[:, :1], **STILL).model,
        "model": net.train(X, X[:, :1], seed=4, model=net.build(seed=3), **STILL).model,
    }
    for given, seed in (("argument", 4), ("recipe", 7), ("spec", 7), ("model", 3)):
        model = begun[given]
        assert model.seed == seed, given
        for name, array in net.build(seed=seed).parameters.items():
            np.testing.assert_allclose(model.parameters[name], array, atol=1e-6, err_msg=given)


def test_a_divergence_is_warned_of_where_train_is_called() -> None:
    net = netspec.loads("netspec: 1\nname: far\ninput: 2\nwidths: [3]\noutput: 1\n")
    with pytest.warns(netspec.DivergenceWarning) as found:
        outcome = net.train(X, X[:, :1], optimizer="sgd", learning_rate=1e9).outcome
    assert [(str(each.message), each.filename) for each in found] == [
        (f"the training of far {outcome.sentence}; try a smaller learning rate than 1e+09", __file__)
    ]
    assert outcome.ended == "diverged"


def test_what_a_training_gives_is_shown_on_a_line_each_with_the_labels_of_the_model() -> None:
    net = netspec.loads("netspec: 1\nname: sides\ninput: 2\nwidths: [3]\noutput: 2\n")
    trained = net.train(X, np.where(X[:, 0] > 0, "right", "left"), epochs=3, validation=0.25)
    assert trained.labels == trained.model.labels == {"out": ("left", "right")}
    last = trained.outcome.history[-1]
    said = f"finished after 3 epochs, loss {last.loss:.4g}, validation loss {last.validation_loss:.4g}"
    assert repr(trained) == f"<netspec.Trained sides: 2 -> 2, {said}>"
    assert repr(trained.outcome) == f"<netspec.Outcome {said}>"
    model, outcome, recipe = trained
    assert (model.name, outcome.epochs, recipe.epochs) == ("sides", 3, 3)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"lr": 0.1}, "a recipe has no key `lr`; did you mean `learning_rate`?"),
        ({"epoch": 3}, "a recipe has no key `epoch`; did you mean `epochs`?"),
        ({"zzz": 3}, f"a recipe has no key `zzz`; there are {', '.join(Recipe._fields)}"),
        ({"seed": "a"}, "`seed`: no size is called `a` here"),
        ({"batch": 4, "epochs": "2*K"}, "`epochs`: no size is called `K` here"),
        ({"learning_rate": -1}, "`training.learning_rate` is -1; it must be above 0"),
        ({"optimizer": "adm"}, "there is no optimizer `adm`; did you mean `adam`?"),
    ],
)
def test_a_setting_that_is_refused_is_named_with_what_to_write(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(netspec.SystemFault) as caught:
        netspec.loads("netspec: 1\ninput: 2\nwidths: [3]\noutput: 1\n").train(X, X[:, :1], **settings)
    assert str(caught.value) == words


def test_a_key_that_is_needed_is_not_none() -> None:
    net = netspec.loads("netspec: 1\ninput: 2\nwidths: [4]\noutput: 2\n")
    with pytest.raises(netspec.SystemFault) as caught:
        net.train(X, X, epochs=None)
    assert (caught.value.code, caught.value.headline) == ("usage", "`epochs` is None, and a training needs one")
    assert net.train(X, X, epochs=1, batch=None, loss=None).outcome.epochs == 1


SEVERAL: Final = """
netspec: 1
inputs: {left: 2, right: 2}
layers:
  - concat: {from: [left, right], as: both}
  - dense: {from: both, width: 1, as: a}
  - dense: {from: both, width: 1, as: b}
outputs: {a: 1, b: 1}
"""


@pytest.mark.parametrize(
    ("which", "words"),
    [
        (0, 'x is a tuple of 2; expected a mapping with an array for each name, {"left": …, "right": …}'),
        (1, 'y is an array of shape (40, 1); expected a mapping with an array for each name, {"a": …, "b": …}'),
        (2, 'validation[0] is a list of 2; expected a mapping with an array for each name, {"left": …, "right": …}'),
        (3, 'validation[1] is of type int; expected a mapping with an array for each name, {"a": …, "b": …}'),
    ],
)
def test_what_is_no_mapping_where_there_are_several_is_told_with_what_it_is(which: int, words: str) -> None:
    x, y = {"left": X, "right": X}, {"a": X[:, :1], "b": X[:, 1:]}
    given: list[Any] = [x, y, x, y]
    given[which] = [(X, X), X[:, :1], [X, X], 3][which]
    with pytest.raises(TypeError) as caught:
        netspec.loads(SEVERAL).train(*given[:2], validation=(given[2], given[3]))
    assert str(caught.value) == words


def test_weight_decay_leaves_the_layers_of_an_output_without_a_loss_as_they_were() -> None:
    text = """
netspec: 1
input: 2
layers:
  - dense: {width: 3, as: trunk}
  - dense: {from: trunk, width: 1, as: size}
  - dense: {from: trunk, width: 2, as: label}
outputs: {size: 1, label: 2}
"""
    net = netspec.loads(text)
    before = net.build().parameters
    after = net.train(
        X, {"size": X[:, :1]}, loss={"size": "squared_error"}, weight_decay=0.1, epochs=2
    ).model.parameters
    np.testing.assert_array_equal(after["label.Omega"], before["label.Omega"])
    assert (after["size.Omega"] != before["size.Omega"]).any()

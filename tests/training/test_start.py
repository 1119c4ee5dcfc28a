"""A training from end to end: what it begins with, what it settles, and what the model keeps of it."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netspec import Network, loads
from netspec.diagnostics import SystemFault, quote
from netspec.model import Model
from netspec.spec.recipe import Recipe
from netspec.training.plain import plain
from netspec.training.training import Keeping, Trained

RNG = np.random.default_rng(7)
X = RNG.normal([100.0, -3.0, 0.5], [20.0, 1.0, 0.1], (40, 3))
Y = X @ [[1.0], [20.0], [300.0]] + 1000.0
DENSE: dict[str, Any] = {"dtype": "float64", "input": 3, "widths": [8], "output": 1}
LINEAR: dict[str, Any] = {"dtype": "float64", "input": 3, "widths": [], "output": 1}
IMAGES: dict[str, Any] = {
    "dtype": "float64",
    "input": [3, 4, 4],
    "output": 1,
    "layers": [{"conv": {"channels": 2, "kernel": 3}}, "relu", "flatten", {"dense": 1}],
}
STILL: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 1e-20, "epochs": 1}


def once(network: Network, x: Any, y: Any, **settings: Any) -> Trained:
    """Return what a training gives whose steps move nothing that is seen."""
    return network.train(x, y, **STILL, **settings)


@pytest.mark.parametrize("parts", [["inputs"], ["targets"], ["inputs", "targets"]])
@pytest.mark.parametrize("keys", [DENSE, IMAGES, LINEAR])
def test_a_training_goes_on_with_the_function_that_a_model_is(keys: dict[str, Any], parts: list[str]) -> None:
    """What the first training standardised by is in the model's layers, and other data have another mean."""
    network = Network(**keys)
    x = X if keys is not IMAGES else RNG.normal(50.0, 9.0, (40, 3, 4, 4))
    model = network.train(x, Y, epochs=3, standardise=parts).model
    again = once(network, x[:25] * 1.5, Y[:25] - 70, model=model, standardise=parts)
    np.testing.assert_allclose(again.model(x), model(x), rtol=1e-9)


def test_what_is_drawn_begins_with_standardised_data() -> None:
    network = Network(**DENSE)
    drawn = network.build(seed=3)
    trained = once(network, X, Y, model=drawn, standardise="inputs")
    mean, deviation = X.mean(0), X.std(0)
    np.testing.assert_allclose(trained.model(X), drawn((X - mean) / deviation), rtol=1e-9)


def test_what_a_spec_gives_is_a_function_of_the_data_as_they_are() -> None:
    values = {"Omega_0": [[1.0, 20.0, 300.0]], "beta_0": [1000.0]}
    network = Network(**LINEAR, parameters=values)
    trained = once(network, X, Y, standardise=["inputs", "targets"])
    assert trained.outcome.first_loss == pytest.approx(0, abs=1e-16)
    np.testing.assert_allclose(trained.model(X), Y, rtol=1e-9)


def test_a_model_keeps_how_it_was_trained_and_what_was_chosen_for_it() -> None:
    network = Network(**DENSE)
    begun = network.build(exact=True)
    begun = Model(
        begun.part, begun.graph, begun.dtype, begun.sources, 5, exact=True, choices={"tile": 64}, training={"epochs": 9}
    )
    trained = network.train(X, Y, model=begun, epochs=2, validation=0.25, metrics="mae")
    model, last = trained.model, trained.outcome.history[-1]
    assert (model.exact, model.choices, model.seed) == (True, {"tile": 64}, 5)
    assert model.training == {
        **trained.outcome.line(),
        "rows": 30,
        "recipe": plain(trained.recipe),
        "loss": last.loss,
        "validation_loss": last.validation_loss,
        "metrics": last.metrics,
    }


WORDS = np.array(["a", "b", "c"])[np.arange(40) % 3]
CLASSES: dict[str, Any] = {"dtype": "float64", "input": 3, "widths": [4], "output": 3}


def test_a_pair_of_validation_keeps_the_labels_of_the_training() -> None:
    """Without its class `a`, `b` would be class 0 of a validation part that is numbered by itself."""
    network, held = Network(**CLASSES), WORDS != "a"
    numbers = np.unique(WORDS, return_inverse=True)[1]
    found = once(network, X, WORDS, validation=(X[held], WORDS[held]))
    expected = once(network, X, numbers, validation=(X[held], numbers[held]))
    assert found.outcome.history[0].validation_loss == expected.outcome.history[0].validation_loss


def test_words_keep_the_classes_of_the_model_that_a_training_goes_on_from() -> None:
    network, few = Network(**CLASSES), WORDS != "a"
    model = network.train(X, WORDS, epochs=1).model
    found = once(network, X[few], WORDS[few], model=model)
    expected = once(network, X[few], np.unique(WORDS, return_inverse=True)[1][few], model=model)
    assert found.outcome.first_loss == expected.outcome.first_loss
    assert found.model.labels == {"out": ("a", "b", "c")}


@pytest.mark.parametrize("share", [0.25, np.float32(0.25), np.float64(0.25)])
def test_a_number_is_the_share_held_back(share: Any) -> None:
    assert once(Network(**DENSE), X, Y, validation=share).model.training["rows"] == 30


def test_a_list_of_two_is_a_pair_of_validation() -> None:
    network = Network(**DENSE)
    trained = [once(network, X[5:], Y[5:], validation=pair) for pair in ([X[:5], Y[:5]], (X[:5], Y[:5]))]
    first, second = (each.outcome.history[0].validation_loss for each in trained)
    assert first is not None
    assert first == second


@pytest.mark.parametrize(
    ("validation", "words"),
    [
        (X, "validation is of type ndarray; expected a share of the rows, or a pair of inputs and targets"),
        (True, "validation is of type bool; expected a share of the rows, or a pair of inputs and targets"),
        ("a.csv", "validation is of type str; expected a share of the rows, or a pair of inputs and targets"),
        ((X, Y, Y), "validation has 3 parts; expected a pair, of inputs and of targets"),
    ],
)
def test_what_is_no_validation_is_refused(validation: Any, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        Network(**DENSE).train(X, Y, validation=validation)
    assert str(caught.value) == words


def test_a_share_that_is_none_is_refused_like_that_of_a_spec() -> None:
    with pytest.raises(SystemFault) as caught:
        Network(**DENSE).train(X, Y, validation=1)
    assert caught.value.headline == "`training.validation` is 1.0; it must be above 0 and below 1"


def test_a_model_that_a_training_goes_on_from_is_of_the_network_in_any_dtype() -> None:
    network = Network(**DENSE)
    model = once(network, X, Y).model
    assert once(network, X, Y, model=model).model.dtype == "float64"
    narrow = once(network, X, Y, model=model, dtype="float32").model
    assert narrow.dtype == "float32"
    for name, array in model.parameters.items():
        np.testing.assert_allclose(narrow.parameters[name], array, rtol=1e-7, atol=1e-12)
    assert once(network, X, Y, model=narrow).model.dtype == "float32"
    with pytest.raises(ValueError, match=r"^dtype is 'float16'; expected 'float32' or 'float64'$"):
        network.train(X, Y, model=model, dtype="float16")  # type: ignore[arg-type]  # which is the point
    with pytest.raises(SystemFault) as caught:
        Network(**LINEAR, name="line").train(X, Y, model=model)
    assert (caught.value.headline, caught.value.help) == (
        "the model is of another network than `line`",
        "`netspec migrate` carries parameters from one network to another",
    )


def test_the_recipe_is_that_of_the_network_and_not_of_the_model_it_goes_on_from() -> None:
    text = """
netspec: 1
input: 3
widths: [8]
output: 1
variants: {slow: {training: {learning_rate: 0.5}}}
training: {epochs: 1}
"""
    model = loads(text).build()
    trained = loads(text, variant="slow").train(X, Y, model=model)
    assert (trained.recipe.learning_rate, trained.recipe.epochs) == (0.5, 1)


def test_a_key_that_no_recipe_has_is_told_with_the_one_that_is_near() -> None:
    network = Network(**DENSE)
    with pytest.raises(SystemFault) as caught:
        network.train(X, Y, learning_rat=0.1)
    assert (caught.value.headline, caught.value.help) == (
        "a recipe has no key `learning_rat`",
        "did you mean `learning_rate`?",
    )
    with pytest.raises(SystemFault) as caught:
        network.train(X, Y, colour="red")
    assert caught.value.help == f"there are {', '.join(Recipe._fields)}"


def test_journal_and_checkpoint_are_two_files_and_replace_nothing_that_is_protected(tmp_path: Path) -> None:
    network, path, data = Network(**DENSE), str(tmp_path / "kept"), tmp_path / "data.csv"
    (tmp_path / "folder").mkdir()
    with pytest.raises(SystemFault) as caught:
        once(network, X, Y, keeping=Keeping(path, str(tmp_path / "folder" / ".." / "kept")))
    assert (caught.value.code, caught.value.headline) == (
        "usage",
        f"journal and checkpoint are the same file {quote(path)}",
    )
    data.write_text("1,2\n")
    for keeping in (Keeping(journal=str(data)), Keeping(checkpoint=str(data)), Keeping(path, str(data))):
        with pytest.raises(SystemFault) as caught:
            once(network, X, Y, keeping=keeping._replace(protect=(str(data),)))
        assert caught.value.code == "target-is-input"
        assert data.read_text() == "1,2\n"

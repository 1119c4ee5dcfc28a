"""A training from end to end: what it begins with, what it settles, and what the model keeps of it."""

from typing import Any

import numpy as np
import pytest

from netspec import Network
from netspec.model import Model
from netspec.training.plain import plain
from netspec.training.training import Trained

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

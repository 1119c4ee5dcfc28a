"""Standardised examples: parts of the same rows share them."""

import numpy as np

import netspec
from netspec.spec.recipe import Recipe
from netspec.training.data.reading import examples_of
from netspec.training.training import Training

SPEC = "netspec: 1\ndtype: float64\ninput: 3\nK: 0\noutput: 2\n"


def test_a_part_that_is_held_back_shares_the_standardised_columns() -> None:
    """Of large data a second copy would be the third in memory."""
    random = np.random.default_rng(0)
    x, y = random.normal(size=(50, 3)) * 7 + 3, random.normal(size=(50, 2)) * 5
    model = netspec.loads(SPEC).build()
    examples = examples_of(x, y, model.inputs, model.outputs)
    training = Training(model, examples, Recipe(validation=0.2, standardise=("inputs", "targets")))
    held = training.validation
    assert held is not None
    assert training.examples.inputs[0] is held.inputs[0] is not examples.inputs[0]
    assert training.examples.targets[0] is held.targets[0] is not examples.targets[0]
    rows = training.examples.rows
    (found,), _ = training.examples.take(np.arange(len(rows)))
    np.testing.assert_allclose(found, (x[rows] - x[rows].mean(0)) / x[rows].std(0), rtol=1e-12)
    (found,), _ = held.take(np.arange(len(held)))
    np.testing.assert_allclose(found, (x[held.rows] - x[rows].mean(0)) / x[rows].std(0), rtol=1e-12)


def test_a_part_of_its_own_is_standardised_by_the_training_part() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(50, 3)) * 7 + 3, random.normal(size=(50, 2))
    model = netspec.loads(SPEC).build()
    given = [examples_of(x[part], y[part], model.inputs, model.outputs) for part in (slice(40), slice(40, 50))]
    training = Training(model, given[0], Recipe(standardise=("inputs",)), validation=given[1])
    held = training.validation
    assert held is not None
    (found,), _ = held.take(np.arange(10))
    np.testing.assert_allclose(found, (x[40:] - x[:40].mean(0)) / x[:40].std(0), rtol=1e-12)
    assert held.targets[0] is given[1].targets[0]

"""Weights of examples by their classes."""

from typing import Any

import numpy as np
import pytest

from netspec.diagnostics import SystemFault
from netspec.training.class_weights import weights_by_class
from tests.training.programs import Table


def classes(*found: Any) -> Table:
    return Table(np.zeros((len(found), 1)), np.array(found))


def test_an_example_weighs_what_its_class_does() -> None:
    assert weights_by_class((0.5, 1.0, 3.0), classes(0, 2, 2, 1)).tolist() == [0.5, 3.0, 3.0, 1.0]


def test_balanced_classes_weigh_the_same_together() -> None:
    """N / (C N_c): 8 examples, 2 classes, of which one occurs 6 times and one twice."""
    found = weights_by_class("balanced", classes(0, 0, 0, 5, 0, 0, 5, 0))
    np.testing.assert_allclose(found, [8 / 12] * 3 + [2.0] + [8 / 12] * 2 + [2.0] + [8 / 12])


def test_a_validation_part_weighs_as_the_training_part_does() -> None:
    found = weights_by_class("balanced", classes(0, 1, 2, 9), like=classes(0, 0, 0, 2))
    np.testing.assert_allclose(found, [4 / 6, 0.0, 2.0, 0.0])


def refused(given: Any, examples: Table) -> tuple[str, str, str]:
    with pytest.raises(SystemFault) as caught:
        weights_by_class(given, examples)
    return (caught.value.code, caught.value.headline, caught.value.help)


def test_a_class_without_weight_is_refused() -> None:
    assert refused((1.0, 2.0), classes(0, 2)) == (
        "usage",
        "there is a class 2, but 2 class weights, of 0 to 1",
        "give a weight for each class, or `balanced`",
    )


@pytest.mark.parametrize("targets", [[0.5, 1.0], [[0, 1], [1, 0]], [-1, 0]])
def test_targets_that_are_no_classes_are_refused(targets: Any) -> None:
    assert refused("balanced", classes(*targets)) == (
        "usage",
        "class weights are for one output whose targets are classes, numbered from 0",
        "leave `class_weights` out",
    )

"""Weights of classes."""

from typing import Any

import numpy as np
import pytest

from netspec.diagnostics import SystemFault
from netspec.training.class_weights import class_weights
from tests.training.programs import Table


def classes(*found: Any) -> Table:
    return Table(np.zeros((len(found), 1)), np.array(found))


def test_weights_that_are_given_are_those_of_the_classes() -> None:
    assert class_weights((0.5, 1.0, 3.0), classes(0, 2, 2, 1), 0, 3).tolist() == [0.5, 1.0, 3.0]


def test_balanced_classes_weigh_the_same_together() -> None:
    """N / (C N_c): 8 examples, 2 classes that occur, one 6 times and one twice; one that does not weighs nothing."""
    found = class_weights("balanced", classes(0, 0, 0, 2, 0, 0, 2, 0), 0, 3)
    np.testing.assert_allclose(found, [8 / 12, 0.0, 2.0])


def test_classes_of_positions_and_binary_targets_are_counted_likewise() -> None:
    np.testing.assert_allclose(class_weights("balanced", classes([0, 1], [1, 1]), 0, 2), [2.0, 4 / 6])
    np.testing.assert_allclose(class_weights("balanced", classes([0.0], [1.0], [1.0], [1.0]), 0, 2), [2.0, 4 / 6])


def refused(given: Any, examples: Table, count: int) -> tuple[str, str, str]:
    with pytest.raises(SystemFault) as caught:
        class_weights(given, examples, 0, count)
    return (caught.value.code, caught.value.headline, caught.value.help)


def test_another_number_of_weights_than_of_classes_is_refused() -> None:
    assert refused((1.0, 2.0), classes(0, 2), 3) == (
        "usage",
        "there are 3 classes, and 2 class weights",
        "give a weight for each class, or `balanced`",
    )


@pytest.mark.parametrize(("targets", "count"), [([0.5, 1.0], 2), ([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]], 3)])
def test_targets_that_are_no_classes_are_not_balanced(targets: Any, count: int) -> None:
    assert refused("balanced", classes(*targets), count) == (
        "usage",
        "balanced class weights are for targets that are classes",
        "give the weights",
    )

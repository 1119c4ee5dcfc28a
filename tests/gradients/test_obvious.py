"""The loss that suits an output and its targets: one rule for gradients, arrays and files."""

from typing import Any

import numpy as np
import pytest

from netspec import Network
from netspec.gradients.obvious import TargetWord, ending_loss, obvious_loss, target_word
from netspec.spec.recipe import LossKind

ROWS = np.arange(6)
X = np.linspace(-1, 1, 12).reshape(6, 2)
CASES: list[tuple[int, Any, TargetWord]] = [
    (3, ROWS % 3, "classes"),
    (3, (ROWS % 3).astype(float), "classes"),
    (3, (ROWS % 3)[:, None], "classes"),
    (3, np.eye(3)[ROWS % 3], "numbers"),
    (3, np.eye(3, dtype=int)[ROWS % 3], "numbers"),
    (1, ROWS % 2, "binary"),
    (1, ROWS % 2 == 0, "binary"),
    (1, (ROWS % 2)[:, None], "binary"),
    (1, (ROWS % 2).astype(float), "numbers"),
    (1, ROWS % 3, "numbers"),
    (1, -(ROWS % 2), "numbers"),
]


@pytest.mark.parametrize(
    ("ending", "target", "loss"),
    [
        ("softmax", "numbers", "cross_entropy"),
        ("log_softmax", "classes", "cross_entropy"),
        ("sigmoid", "numbers", "binary_cross_entropy"),
        ("", "classes", "cross_entropy"),
        ("", "binary", "binary_cross_entropy"),
        ("", "numbers", "squared_error"),
    ],
)
def test_what_the_output_ends_with_goes_before_what_targets_are(
    ending: str, target: TargetWord, loss: LossKind
) -> None:
    assert obvious_loss(ending, target) == loss
    assert ending_loss(ending) == (loss if ending else None)


@pytest.mark.parametrize(("outputs", "y", "word"), CASES)
def test_a_gradient_and_a_training_see_the_same_loss(outputs: int, y: Any, word: TargetWord) -> None:
    assert target_word((outputs,), y) == word
    network = Network(dtype="float64", input=2, widths=[3], output=outputs)
    trained = network.train(X, y, epochs=1, batch="full", learning_rate=1e-20, optimizer="sgd")
    assert isinstance(trained.recipe.loss, dict)
    assert trained.recipe.loss["out"].kind == obvious_loss("", word)
    assert network.build().gradient(X, y).loss == pytest.approx(trained.outcome.first_loss, rel=1e-12)


def test_free_sizes_fit_any_number_of_places() -> None:
    assert target_word(("T", 4), np.zeros((2, 7), int)) == "classes"
    assert target_word(("T", 1), np.zeros((2, 7, 1), int)) == "numbers"
    assert target_word((), np.zeros(2, int)) == "binary"


def test_a_class_that_is_no_integer_is_refused() -> None:
    model = Network(input=2, widths=[3], output=3).build()
    with pytest.raises(
        ValueError, match=r"^the target of y has numbers that are no integers, and a class is an integer$"
    ):
        model.gradient(X, ROWS / 2)

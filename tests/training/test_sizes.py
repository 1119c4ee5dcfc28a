"""Free sizes of examples, and what a network asks of them."""

import re
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.network import Network
from netspec.spec.recipe import Loss, LossKind, Recipe

Z = np.zeros


def network(input_: str, layers: str, output: str, checks: str = "[]") -> Network:
    """Return a network of sequences."""
    head = f"netspec: 1\nsymbols: [T]\ninput: {input_}\nchecks: {checks}\nlayers: {layers}\noutput: {output}\n"
    return netspec.loads(head.replace("checks: []\n", ""))


DENSE = network("[T, 3]", "[{dense: 2}]", "[T, 2]")
CHECKED = network("[T, 3]", "[{dense: 2}]", "[T, 2]", "[T <= 4]")
POSITIONS = network("[T, 3]", "[{positional_embedding: {length: 4}}]", "[T, 3]")
CONV = network("[2, T]", "[{conv: {channels: 3, kernel: 5}}]", "[3, T - 4]")
PADDED = network("[2, T]", "[{conv: {channels: 3, kernel: 5, padding: 1}}]", "[3, T - 2]")
POOL = network("[2, T]", "[{max_pool: {kernel: 4}}]", "[2, T // 4]")
PLACES = network("[T, 3]", "[{dense: 1}, flatten]", "T")
TWO = netspec.loads(
    "netspec: 1\nsymbols: [T]\ninputs: {a: [T, 3], b: [T, 3]}\nlayers: [{add: [a, b]}]\noutput: [T, 3]\n"
)


@pytest.mark.parametrize(
    ("net", "x", "y", "loss", "said"),
    [
        (DENSE, Z((4, 6, 3)), Z((4, 5, 2)), None, "y has examples of shape (5, 2); expected (6, 2) where T = 6"),
        (DENSE, Z((4, 6, 3)), Z((4, 5), int), None, "y has examples of shape (5,); expected (6,) where T = 6"),
        (TWO, {"a": Z((4, 6, 3)), "b": Z((4, 5, 3))}, Z((4, 6, 3)), None,
         "`a` has T = 6 on axis 0, and `b` has T = 5 on axis 0"),
        (CHECKED, Z((4, 6, 3)), Z((4, 6, 2)), None, "the check `T <= 4` does not hold: T is 6"),
        (DENSE, Z((4, 0, 3)), Z((4, 0, 2)), None,
         "x has shape (4, 0, 3); expected (batch, T, 3), without an empty axis"),
        (POSITIONS, Z((4, 5, 3)), Z((4, 5, 3)), None, "`positional_embedding` reads 5 positions, and has 4"),
        (CONV, Z((4, 2, 2)), Z((4, 3, 1)), None, "the check `T - 4 >= 1` does not hold: T is 2"),
        (PADDED, Z((4, 2, 2)), Z((4, 3, 1)), None, "the check `T - 2 >= 1` does not hold: T is 2"),
        (POOL, Z((4, 2, 3)), Z((4, 2, 1)), None, "the check `T // 4 >= 1` does not hold: T is 3"),
        (PLACES, Z((4, 6, 3)), np.array([0, 1, 5, 6]), "cross_entropy",
         "y: row 4 has the class 6; expected 0 to 5"),
    ],
)  # fmt: skip
def test_sizes_that_do_not_fit_are_refused_before_the_training(
    net: Network, x: Any, y: Any, loss: LossKind | None, said: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(said)}$"):
        net.train(x, y, Recipe(epochs=1, loss=None if loss is None else Loss(loss)))


def test_what_is_held_back_has_to_fit_by_itself() -> None:
    x, y = Z((4, 6, 3)), Z((4, 6, 2))
    with pytest.raises(ValueError, match=r"^y has examples of shape \(5, 2\); expected \(6, 2\) where T = 6$"):
        DENSE.train(x, y, epochs=1, validation=(x, y[:, :5]))
    longer = DENSE.train(x, y, epochs=1, validation=(Z((4, 7, 3)), Z((4, 7, 2))))
    assert longer.outcome.history[0].validation_loss is not None

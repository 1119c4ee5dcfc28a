"""Bounds hold: no unit leaves them, for x in the box, in both kinds of numbers."""

from fractions import Fraction

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netspec.equivalence import Box, Chain, chain_of
from netspec.equivalence.intervals import bounds_of, settled
from netspec.equivalence.pieces import value
from netspec.model import Model
from netspec.network import Network
from tests.equivalence.networks import BENT, EXAMPLES, JUMPING, models

SIDES = st.tuples(st.integers(-8, 7), st.integers(1, 16)).map(
    lambda ends: (Fraction(ends[0], 4), Fraction(ends[0] + ends[1], 4))
)


def units(chain: Chain, x: tuple[Fraction, ...]) -> list[list[Fraction]]:
    """Return the pre-activations of each stage at x, in rationals."""
    h, found = list(x), []
    for stage in chain.exact().stages:
        z = [
            sum((w * v for w, v in zip(row, h, strict=True)), b) for row, b in zip(stage.Omega, stage.beta, strict=True)
        ]
        found.append(z)
        h = [value(stage.activation, each) for each in z]
    return found


@EXAMPLES
@given(models(st.one_of(BENT, JUMPING)), SIDES, st.integers(0, 2**31))
def test_no_unit_leaves_its_bounds_nor_the_piece_that_it_is_said_to_stay_on(
    model: Model, side: tuple[Fraction, Fraction], seed: int
) -> None:
    chain = chain_of(model)
    random = np.random.default_rng(seed)
    for box in (Box.of([side], chain.inputs), None):
        low, high = side if box else (Fraction(-1000), Fraction(1000))
        where = [
            tuple(low + (high - low) * Fraction(int(random.integers(0, 9)), 8) for _ in range(chain.inputs))
            for _ in range(9)
        ]
        for numbers in (chain, chain.exact()):
            bounds = bounds_of(numbers, box)
            for x in where:
                for stage, z, pre in zip(numbers.stages, bounds, units(chain, x), strict=True):
                    for i, piece in enumerate(settled(stage, z)):
                        ends = z.ends(i)
                        assert ends[0] is None or Fraction(ends[0]) <= pre[i]
                        assert ends[1] is None or Fraction(ends[1]) >= pre[i]
                        assert piece is None or piece.at(pre[i]) == value(stage.activation, pre[i])


def test_an_identity_layer_is_always_on_whatever_comes() -> None:
    eye = [[1.0, 0.0], [0.0, 1.0]]
    zero = [0.0, 0.0]
    parameters = {
        "beta_0": [1.0, -1.0],
        "Omega_0": [[0.1], [0.7]],
        "beta_1": zero,
        "Omega_1": eye,
        "beta_2": [0.0],
        "Omega_2": [[1.0, 1.0]],
    }
    model = Network(input=1, widths=[2, 2], output=1, parameters=parameters).build()
    for box in (None, Box.of([(-3, 3)], 1)):
        for chain in (chain_of(model), chain_of(model).exact()):
            on = settled(chain.stages[1], bounds_of(chain, box)[1])
            assert [piece is not None and piece.slope == 1 for piece in on] == [True, True]


def test_bounds_that_overflow_are_none() -> None:
    parameters = {
        "beta_0": [0.0],
        "Omega_0": [[1e308]],
        "beta_1": [0.0],
        "Omega_1": [[1e308]],
        "beta_2": [0.0],
        "Omega_2": [[1.0]],
    }
    model = Network(dtype="float64", input=1, widths=[1, 1], output=1, parameters=parameters).build()
    bounds = bounds_of(chain_of(model), Box.of([(-3, 3)], 1))
    assert bounds[1].open_high.tolist() == [True]
    assert bounds[1].ends(0) == (0.0, None)


def test_smooth_activations_have_the_bounds_that_are_known() -> None:
    parameters = {
        "beta_0": [0.0],
        "Omega_0": [[1.0]],
        "beta_1": [-2.0],
        "Omega_1": [[1.0]],
        "beta_2": [0.0],
        "Omega_2": [[1.0]],
    }
    keys = {"input": 1, "widths": [1, 1], "output": 1, "parameters": parameters}
    for name, dead in (("sigmoid", True), ("tanh", True), ("gelu", False)):
        chain = chain_of(Network(**keys, activation=[name, "relu"]).build())
        (piece,) = settled(chain.stages[1], bounds_of(chain, None)[1])
        assert (piece is not None) == dead

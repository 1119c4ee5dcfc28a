"""The pieces of activations are those of their definitions, joints included."""

from fractions import Fraction

import numpy as np
import pytest

from netspec.equivalence.pieces import HOMOGENEOUS, continuous, piece_on, pieces, value
from netspec.operations import FUNCTIONS, Elementwise
from tests.twins.activations import activation

DEFAULTS = {name: tuple(argument.default for argument in row.arguments) for name, row in FUNCTIONS.items()}
LINEAR = [name for name, row in FUNCTIONS.items() if row.linearity != "smooth"]
GRID = [Fraction(number, 8) for number in range(-64, 65)]


def row(name: str) -> Elementwise:
    return Elementwise(name, DEFAULTS[name])


def twin(name: str, z: Fraction) -> float:
    return float(activation(name, DEFAULTS[name], np.array([float(z)]))[0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_activation_has_pieces_where_the_table_says_that_it_is_piecewise_linear(name: str) -> None:
    found = pieces(row(name))
    assert (found is not None) == (name in LINEAR)
    if found is not None:
        assert len(found) == FUNCTIONS[name].breakpoints + 1
        assert continuous(row(name)) != (FUNCTIONS[name].jumps or FUNCTIONS[name].steps)


@pytest.mark.parametrize("name", LINEAR)
def test_pieces_give_the_value_of_the_definition(name: str) -> None:
    for z in GRID:
        assert float(value(row(name), z)) == pytest.approx(twin(name, z), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("name", LINEAR)
def test_a_piece_covers_an_interval_whose_points_all_lie_on_it(name: str) -> None:
    for low in GRID[::7]:
        for high in GRID[::5]:
            if low <= high:
                inside = [z for z in GRID if low <= z <= high]
                found = piece_on(row(name), low, high)
                if found is not None:
                    assert all(found.at(z) == value(row(name), z) for z in inside)
                else:  # no affine map goes through all the values, but where a joint lies between the points
                    assert any(
                        low <= end <= high for part in pieces(row(name)) or () for end in (part.low,) if end is not None
                    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_which_functions_are_homogeneous(name: str) -> None:
    scaled = all(np.isclose(twin(name, 4 * z), 4 * twin(name, z), rtol=1e-9, atol=0) for z in GRID)
    assert scaled == (name in HOMOGENEOUS)


def test_smooth_functions_have_no_rational_values() -> None:
    with pytest.raises(ValueError, match="not piecewise linear"):
        value(row("tanh"), Fraction(1))

"""Functions of one input in rationals: the book's counts, the traps, and differences between two of them."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec import load
from netspec.equivalence import Chain, chain_of, stretches
from netspec.equivalence.chain import written_chain
from netspec.equivalence.line import largest_difference
from netspec.model import Model
from netspec.network import Network
from tests.equivalence.networks import BENT, EXAMPLES, models
from tests.specs.rational import intervals, maps

ONE = st.just(1)
ZIGZAG = {
    "beta_0": [-1.0, -2.0, -4.0],
    "Omega_0": [[6.0], [6.0], [6.0]],
    "beta_1": [0.0],
    "Omega_1": [[1.0, -2.0, 2.0]],
}


def chain(path: str) -> Chain:
    return written_chain(load(f"specs/{path}.yaml").build())


@pytest.mark.parametrize(
    ("path", "left", "right", "count"),
    [
        ("notebook_4_1/n1", None, None, 3),
        ("notebook_4_1/n2", None, None, 4),
        ("notebook_4_1/n2_after_n1", None, None, 12),
        ("notebook_4_1/n2_after_n1", -1, 1, 12),
        ("notebook_4_1/n1_after_n1", None, None, 9),
        ("notebook_4_1/n2_after_three_n1", None, None, 108),
        ("notebook_4_1/two_layer", None, None, 12),
        ("figure_4_1/composed", -1, 1, 9),
        ("figure_4_1/composed", None, None, 10),
        ("problem_4_8/zigzag", None, None, 4),
        ("problem_4_8/twice", None, None, 16),
        ("problem_4_8/five_times", None, None, 1024),
        ("notebook_4_2", 0, 1, 11),
        ("notebook_3_1", 0, 1, 4),
        ("affine", None, None, 1),
    ],
)
def test_the_books_networks_have_their_pieces(path: str, left: int | None, right: int | None, count: int) -> None:
    ends = [None if end is None else Fraction(end) for end in (left, right)]
    found = stretches(chain(path), *ends)
    assert found is not None
    assert len(found) == count
    assert (found[0].left, found[-1].right) == tuple(ends)


@pytest.mark.parametrize("path", ["notebook_4_1/n2_after_n1", "figure_4_1/composed", "problem_4_8/twice"])
def test_pieces_are_those_of_the_plain_oracle(path: str) -> None:
    network = maps(load(f"specs/{path}.yaml").part)
    expected = intervals(network, Fraction(-1), Fraction(1))
    found = stretches(chain(path), Fraction(-1), Fraction(1))
    assert found is not None
    assert [(piece.left, piece.right, piece.maps) for piece in found] == [tuple(cell) for cell in expected]


@EXAMPLES
@given(models(BENT, ONE))
def test_the_map_of_a_stretch_is_the_network_there(model: Model) -> None:
    exact = chain_of(model).exact()
    found = stretches(exact, None, None)
    assert found is not None
    for piece in found:
        ends = [end for end in (piece.left, piece.right) if end is not None]
        inside = [sum(ends, Fraction()) / 2] if len(ends) == 2 else [end + d for end in ends for d in (-1, 1)]
        for x in [*ends, *inside, Fraction(0)]:
            if (piece.left is None or x >= piece.left) and (piece.right is None or x <= piece.right):
                assert exact.value((x,)) == tuple(offset + slope * x for offset, slope in piece.maps)
    assert all(one.right == other.left and one.maps != other.maps for one, other in pairwise(found))


@EXAMPLES
@given(models(BENT, ONE), models(BENT, ONE), st.integers(-8, 8), st.integers(1, 8))
def test_the_largest_difference_is_the_largest(one: Model, other: Model, left: int, size: int) -> None:
    f, g = chain_of(one).exact(), chain_of(other).exact()
    if f.widths[-1] != g.widths[-1]:
        return
    found = largest_difference(f, g, Fraction(left), Fraction(left + size))
    assert found is not None
    assert found.largest is not None

    def apart(x: Fraction) -> Fraction:
        return max(abs(a - b) for a, b in zip(f.value((x,)), g.value((x,)), strict=True))

    assert apart(found.x) == found.largest
    assert all(apart(left + Fraction(size * i, 64)) <= found.largest for i in range(65))


def net(slope: float, bias: float = 0.0) -> Chain:
    parameters = {"beta_0": [bias], "Omega_0": [[slope]], "beta_1": [0.0], "Omega_1": [[1.0]]}
    return chain_of(Network(input=1, widths=[1], output=1, parameters=parameters).build()).exact()


def test_a_difference_may_grow_without_bound() -> None:
    found = largest_difference(net(1), net(2), None, None)
    assert found is not None
    assert found.largest is None
    assert net(1).value((found.x,)) != net(2).value((found.x,))
    bounded = largest_difference(net(1), net(2), Fraction(-1), Fraction(3))
    assert bounded == (Fraction(3), Fraction(3))
    left_of_the_joint = largest_difference(net(1), net(2), Fraction(-1), Fraction(0))
    assert left_of_the_joint == (Fraction(0), Fraction(-1))


def test_touching_without_crossing_cuts_nothing() -> None:
    """relu[relu[x] - relu[x]]: a pre-activation that is 0 everywhere."""
    parameters = {
        "beta_0": [0.0, 0.0], "Omega_0": [[1.0], [1.0]], "beta_1": [0.0], "Omega_1": [[1.0, -1.0]], "beta_2": [0.0],
        "Omega_2": [[1.0]],
    }  # fmt: skip
    found = stretches(chain_of(Network(input=1, widths=[2, 1], output=1, parameters=parameters).build()), None, None)
    assert found is not None
    assert [piece.maps for piece in found] == [((Fraction(0), Fraction(0)),)]


def test_what_has_jumps_or_is_too_large_is_left_to_others() -> None:
    parameters = {"beta_0": [0.0], "Omega_0": [[1.0]], "beta_1": [0.0], "Omega_1": [[1.0]]}
    keys = {"input": 1, "widths": [1], "output": 1, "parameters": parameters}
    for activation in ("heaviside", "hard_shrink", "tanh"):
        assert stretches(chain_of(Network(**keys, activation=activation).build()), None, None) is None
    assert stretches(chain_of(Network(input=2, widths=[1], output=1).build()), None, None) is None
    assert stretches(chain_of(load("specs/deep.yaml", settings={"D": 64}).build()), None, None) is not None
    fold = {"input": 1, "widths": [3], "output": 1, "parameters": ZIGZAG}
    assert stretches(chain_of(Network(networks={"fold": fold}, compose=["fold"] * 9).build()), None, None) is None

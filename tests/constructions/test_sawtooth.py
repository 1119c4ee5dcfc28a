"""The sawtooth attains (D + 1)^K, counted one by one in rational numbers."""

from fractions import Fraction
from itertools import pairwise

import pytest

import netspec
from netspec.constructions.sawtooth import sawtooth, zigzag
from tests.bounds.exhaustive import RELU, layer, line_cells, line_pieces
from tests.constructions.exact import exact_values


@pytest.mark.parametrize("width", [3, 4, 5, 10])
def test_the_zigzag_is_that_of_the_theory(width: int) -> None:
    slopes, constants, weights, shift = zigzag(width)
    s = Fraction(2 * width + 1, 2)

    def f(x: Fraction) -> Fraction:
        units = [max(Fraction(0), a * x + b) for a, b in zip(slopes, constants, strict=True)]
        return shift + sum((w * h for w, h in zip(weights, units, strict=True)), Fraction(0))

    joints = [Fraction(2 * i - 1, 2 * width + 1) for i in range(1, width + 1)]
    heights = [f(x) for x in (Fraction(0), *joints, Fraction(1))]
    assert heights == [Fraction(i % 2) for i in range(width + 2)], "every piece covers [0, 1]"
    places = [Fraction(0), *joints, Fraction(1)]
    found = [(f(b) - f(a)) / (b - a) for a, b in pairwise(places)]
    assert found == [2 * s, *(s * (-1) ** i for i in range(1, width + 1))]
    assert [slope for slope in slopes if slope < 0] == [-1]
    assert slopes[2] == -1


@pytest.mark.parametrize(("width", "depth"), [(3, 1), (3, 2), (3, 4), (4, 3), (5, 3), (7, 2), (10, 2)])
def test_it_has_as_many_pieces_as_can_be(width: int, depth: int) -> None:
    network = netspec.loads(sawtooth(width, depth))
    tensors = exact_values(network)
    layers = [layer(tensors[f"Ω_{k}"], tensors[f"β_{k}"]) for k in range(depth + 1)]
    for low, high in ((0, 1), (-1000, 1000)):
        cells = line_cells(layers, RELU, Fraction(low), Fraction(high))
        assert line_pieces(cells) == (width + 1) ** depth
    bounds = network.facts.regions
    assert bounds is not None
    assert bounds.upper.value == bounds.lower.value == (width + 1) ** depth
    assert network.facts.parameters == 3 * width + 1 + (depth - 1) * width * (width + 1)


def test_the_shared_one_is_the_same_function() -> None:
    deep = netspec.loads(sawtooth(4, 3, name="deep")).build(exact=True)
    shared = netspec.loads(sawtooth(4, 3, name="shared", shared=True))
    assert shared.facts.parameters == 13
    x = [[i / 1000] for i in range(1001)]
    assert abs(deep(x) - shared.build(exact=True)(x)).max() < 1e-11


@pytest.mark.parametrize(("width", "depth", "parameters"), [(10, 5, 471), (5, 10, 286)])
def test_the_books_counts_come_out(width: int, depth: int, parameters: int) -> None:
    network = netspec.loads(sawtooth(width, depth))
    assert network.warnings == ()
    assert network.facts.parameters == parameters


@pytest.mark.parametrize(("width", "depth"), [(3, 4_999), (1000, 2000), (3, 2)])
def test_a_shared_one_may_be_deep(width: int, depth: int) -> None:
    network = netspec.loads(sawtooth(width, depth, shared=True))
    assert network.facts.depth == depth
    assert network.facts.parameters == 3 * width + 1


@pytest.mark.parametrize(
    ("width", "depth", "shared", "words"),
    [
        (2, 3, False, "needs at least 3 units"),
        (3, 0, False, "at least 1 hidden layer"),
        (1000, 2, False, "shared they are fewer"),
        (10_000, 2, True, "30,001 values"),
        (3, 5_000, True, "4,999 parts are the most"),
        (10**18, 10**18, False, "too long"),
    ],
)
def test_what_cannot_be_made_is_refused(width: int, depth: int, shared: bool, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        sawtooth(width, depth, shared=shared)


def test_the_largest_is_read() -> None:
    assert netspec.loads(sawtooth(139, 2)).facts.parameters == 3 * 139 + 1 + 139 * 140

"""How often each value is hit, and which inputs are laid onto one another: the book's networks, and random ones."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec import Network, load
from netspec.diagnostics import SystemFault
from netspec.regions.domains import box, everywhere, segment
from netspec.regions.folding import Folding, fold
from netspec.regions.lowering import lower
from netspec.regions.mediators import mediators, parted
from netspec.regions.steps import Chain
from tests.docs.session import ROOT

F = Fraction
INFINITE = float("inf")


def chain(path: str, *, exact: bool = True) -> Chain:
    return lower(load(ROOT / "specs" / path).build(dtype="float64"), exact=exact, decimal=exact)


def hits(folding: Folding) -> list[tuple[object, object, int]]:
    return [(each.low, each.high, each.times) for each in folding.hits]


def test_notebook_4_1_folds_its_interval_three_times() -> None:
    n1 = chain("notebook_4_1/n1.yaml")
    folding = fold(n1, box(n1, [(-1, 1)]))
    assert hits(folding) == [(F(-101, 100), -1, 2), (-1, 1, 3), (1, F(1069, 1000), 1)]
    assert folding.most == 3
    assert folding.sources(folding.hits[1]) == [(-1, 0), (0, F(2, 3)), (F(4231, 6300), F(2077, 2100))]
    assert [(each.y, each.times) for each in folding.levels] == [
        (F(-101, 100), 1),
        (-1, 3),
        (1, 2),
        (F(1069, 1000), 1),
    ]
    assert folding.inputs(F(0)) == [F(-1, 2), F(1, 3), F(67, 100) + F(101, 630)]


def test_on_the_whole_line_the_ends_are_infinite() -> None:
    n1 = chain("notebook_4_1/n1.yaml")
    folding = fold(n1, everywhere(n1))
    assert hits(folding) == [(-INFINITE, F(-101, 100), 1), (F(-101, 100), 1, 3), (1, INFINITE, 1)]
    assert folding.sources(folding.hits[0]) == [(-INFINITE, F(-201, 200))]


def test_a_value_that_a_flat_region_has_is_hit_by_more_than_can_be_counted() -> None:
    n2 = chain("notebook_4_1/n2.yaml")
    folding = fold(n2, everywhere(n2))
    assert hits(folding) == [(-INFINITE, F(-11, 20), 1), (F(-11, 20), F(1, 2), 3), (F(1, 2), INFINITE, 1)]
    assert [(each.y, each.times) for each in folding.levels] == [(F(-11, 20), 2), (F(1, 2), None)]
    assert folding.inputs(F(1, 2)) == [F(-3, 5), F(-1, 5), F(13, 5)]


def test_figure_4_1_is_three_regions_onto_one_interval() -> None:
    """Net 1 touches -1 at 3/5 without crossing it, which float64 sees only with a tolerance."""
    first = chain("figure_4_1/fold.yaml", exact=False)
    folding = fold(first, box(first, [(-1, 1)]))
    assert hits(folding) == [(-1, 1, 3)]
    assert folding.sources(folding.hits[0]) == [(-1, 0), (0, 0.6), (0.6, 1)]
    assert [each.times for each in folding.levels] == [2, 2]


def test_problem_4_8_folds_four_times_and_twice_sixteen_times() -> None:
    for path, count in (("problem_4_8/zigzag.yaml", 4), ("problem_4_8/twice.yaml", 16)):
        zigzag = chain(path, exact=False)
        folding = fold(zigzag, box(zigzag, [(0, 1)]))
        assert hits(folding) == [(0, 1, count)]  # of 0, -1.8e-15 and 1 - 1.8e-15 those of the fewest digits
        assert len(folding.sources(folding.hits[0])) == count


def test_along_a_segment_the_coordinate_is_folded() -> None:
    plane = chain("figure_4_2/fold.yaml")
    folding = fold(plane, segment(plane, [-1, -1], [1, 1]))
    assert folding.laps[0].low == 0
    assert folding.laps[-1].high == 1


@st.composite
def polylines(draw: st.DrawFn) -> Folding:
    """A polyline on small integers, so that values coincide, stay and are touched often."""
    ys = draw(st.lists(st.integers(-3, 3), min_size=2, max_size=9))
    knots = np.array([F(x) for x in range(len(ys))], object)
    slopes = np.array([F(b - a) for a, b in pairwise(ys)], object)
    constants = np.array([F(y) - slope * x for x, (y, slope) in enumerate(zip(ys, slopes, strict=False))], object)
    if draw(st.booleans()):
        return Folding(knots.astype(float), constants.astype(float), slopes.astype(float), "")
    return Folding(knots, constants, slopes, "")


def brute(folding: Folding, y: object) -> int | None:
    """Count the inputs that are mapped to y, cell by cell."""
    found = set()
    for low, high, constant, slope in zip(
        folding.knots, folding.knots[1:], folding.constants, folding.slopes, strict=False
    ):
        if slope == 0:
            if constant == y:
                return None
        elif low <= (y - constant) / slope <= high:
            found.add((y - constant) / slope)
    return len(found)


@given(polylines())
def test_counts_are_those_of_every_cell_asked_in_turn(folding: Folding) -> None:
    for each in folding.hits:
        middle = (each.low + each.high) / 2
        assert each.times == brute(folding, middle) == len(folding.inputs(middle))
        assert len(folding.sources(each)) == each.times
    for level in folding.levels:
        assert level.times == brute(folding, level.y)
        if level.times is not None:
            assert len(folding.inputs(level.y)) == level.times


@given(polylines())
def test_sources_are_mapped_onto_the_whole_of_their_hits(folding: Folding) -> None:
    for each in folding.hits:
        for low, high in folding.sources(each):
            assert low < high
            ends = set()
            for t in (low, high):
                cell = min(int(np.searchsorted(folding.knots, t, "right")) - 1, len(folding.slopes) - 1)
                ends.add(folding.constants[cell] + folding.slopes[cell] * t)
            assert ends == {each.low, each.high}


@given(st.integers(0, 10_000), st.lists(st.integers(1, 4), min_size=1, max_size=3))
@settings(max_examples=60, deadline=None)
def test_random_networks_are_folded_alike_in_both_arithmetics(seed: int, widths: list[int]) -> None:
    model = Network(input=1, widths=widths, output=1, dtype="float64").build(seed=seed)
    both = []
    for exact in (True, False):
        net = lower(model, exact=exact)
        both.append(fold(net, box(net, [(-2, 3)])))
    assert [each.times for each in both[0].hits] == [each.times for each in both[1].hits]
    assert [each.times for each in both[0].levels] == [each.times for each in both[1].levels]


def test_what_cannot_be_folded_is_refused_with_a_word() -> None:
    two = lower(Network(input=2, widths=[2], output=1).build())
    with pytest.raises(SystemFault, match="folds are told of one input and one output, and not of 2 and 1"):
        fold(two, everywhere(two))
    step = lower(Network(input=1, widths=[3], output=1, activation="heaviside").build(seed=1))
    with pytest.raises(SystemFault, match=r"y jumps at .*, and what jumps does not fold"):
        fold(step, everywhere(step))
    zigzag = chain("problem_4_8/five_times.yaml", exact=False)
    with pytest.raises(SystemFault, match="more than 100 regions"):
        fold(zigzag, everywhere(zigzag), most=100)


def test_a_composition_is_parted_where_one_number_passes() -> None:
    net = chain("notebook_4_1/n2_after_three_n1.yaml", exact=False)
    assert len(mediators(net)) == 3
    x = np.linspace(-1, 1, 41)[:, None]
    for step in mediators(net):
        first, rest = parted(net, step)
        assert np.array_equal(rest.evaluate(first.evaluate(x)), net.evaluate(x))
    assert mediators(chain("two_layer.yaml")) == []
    assert mediators(lower(Network(input=1, widths=[3, 1, 3], output=1).build())) != []
    assert mediators(lower(Network(input=1, K=0, widths=[], output=1).build())) == []


def test_a_number_that_a_residual_connection_goes_around_parts_nothing() -> None:
    layers = [
        {"dense": {"width": 3, "activation": "relu", "as": "h"}},
        {"dense": 1},
        {"dense": {"width": 3, "activation": "relu", "as": "g"}},
        {"add": ["h", "g"]},
        {"dense": {"width": 3, "activation": "relu"}},
        {"dense": 1},
    ]
    assert mediators(lower(Network(input=1, layers=layers, output=1).build())) == []
    del layers[3]
    assert len(mediators(lower(Network(input=1, layers=layers, output=1).build()))) == 1

"""Regions on a line: each trap, and thousands of networks beside the plain count in rationals."""

import math
import random
import tracemalloc
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.model import Model
from netspec.model.tensors import Held
from netspec.network import loads
from netspec.regions import count, regions
from netspec.regions.counting import count_line
from netspec.regions.domains import Domain, box, everywhere
from netspec.regions.steps import Chain
from netspec.regions.work import Found, Work
from tests.regions.networks import chain_of, fully_connected, sawtooth
from tests.regions.plain import counted

ACTIVATIONS = ("relu", "leaky_relu", "hard_tanh", "relu6", "hard_sigmoid", "soft_shrink", "hard_shrink", "heaviside")
SPANS = (None, (-1.0, 1.0), (0.0, 2.0))

WORK = Work()


def _domain(chain: Chain, span: Any) -> Domain:
    return everywhere(chain) if span is None else box(chain, [span])


def _found(weights: Any, biases: Any, activation: str, span: Any, *, exact: bool, work: Work = WORK) -> Found:
    chain = chain_of(weights, biases, activation, exact=exact)
    return count_line(chain, _domain(chain, span), work)


@st.composite
def networks(draw: Any, numbers: Any) -> tuple[Any, Any]:
    """Draw Ω_k and β_k of a network of one input, narrow and often degenerate."""
    widths = [1, *draw(st.lists(st.integers(1, 4), max_size=4)), draw(st.integers(1, 2))]
    weights = [[[draw(numbers) for _ in range(n)] for _ in range(m)] for n, m in pairwise(widths)]
    return weights, [[draw(numbers) for _ in range(m)] for m in widths[1:]]


SMALL = st.integers(-2, 2).map(float)
GENERIC = st.integers(0, 2**32).map(lambda seed: random.Random(seed).gauss(0, 1))


@settings(max_examples=1200, deadline=None)
@given(networks(SMALL), st.sampled_from(ACTIVATIONS), st.sampled_from(SPANS))
def test_rationals_agree_with_the_plain_count(network: Any, activation: str, span: Any) -> None:
    chain = chain_of(network[0], network[1], activation, exact=True)
    found = count_line(chain, _domain(chain, span), WORK)
    assert (found.cells, found.pieces) == counted(chain, _domain(chain, span))


@settings(max_examples=1200, deadline=None)
@given(networks(SMALL), st.sampled_from(("relu", "leaky_relu", "hard_tanh", "heaviside")), st.sampled_from(SPANS))
def test_float64_agrees_with_rationals_on_degenerate_networks_or_says_that_it_is_not_sure(
    network: Any, activation: str, span: Any
) -> None:
    exact = _found(network[0], network[1], activation, span, exact=True)
    found = _found(network[0], network[1], activation, span, exact=False)
    assert found.unsure or (found.cells, found.pieces) == (exact.cells, exact.pieces)


@settings(max_examples=800, deadline=None)
@given(networks(GENERIC), st.sampled_from(ACTIVATIONS), st.sampled_from(SPANS))
def test_float64_agrees_with_rationals_on_generic_networks(network: Any, activation: str, span: Any) -> None:
    exact = _found(network[0], network[1], activation, span, exact=True)
    found = _found(network[0], network[1], activation, span, exact=False)
    assert found == exact


@settings(max_examples=200, deadline=None)
@given(networks(SMALL), st.sampled_from([2.0**-130, 2.0**-40, 2.0**40, 2.0**130]))
def test_the_unit_of_length_does_not_matter(network: Any, scale: float) -> None:
    """x in another unit, and so far as float64 goes; 2^±130 is about 1e±39, to the fifth power 1e±195."""
    weights, biases = network
    moved = [[[w * scale for w in row] for row in Omega] for Omega in weights]
    shifted = [[b * scale ** (k + 1) for b in beta] for k, beta in enumerate(biases)]
    plain = _found(weights, biases, "relu", None, exact=False)
    assert _found(moved, shifted, "relu", None, exact=False)[:2] == plain[:2]


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_numbers_near_the_ends_of_float64(scale: float) -> None:
    found = _found([[[scale], [-scale]], [[1.0, 1.0]]], [[scale, 3 * scale], [0.0]], "relu", None, exact=False)
    assert (found.cells, found.pieces, found.unsure) == (3, 3, 0)


@pytest.mark.parametrize("some", [1, 2, 3, 7, 1000])
def test_how_many_are_taken_together_does_not_matter(some: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netspec.regions.counting._MOST_TOGETHER", some)
    assert count(sawtooth(3, 4)).pieces == 4**4
    drawn = random.Random(some)
    weights = [[[drawn.randint(-2, 2)] for _ in range(4)], [[drawn.randint(-2, 2) for _ in range(4)] for _ in range(4)]]
    weights.append([[drawn.randint(-2, 2) for _ in range(4)]])
    biases = [[drawn.randint(-2, 2) for _ in range(4)], [drawn.randint(-2, 2) for _ in range(4)], [0]]
    chain = chain_of(weights, biases, "relu", exact=True)
    assert count_line(chain, everywhere(chain), WORK)[:2] == counted(chain, everywhere(chain))


@pytest.mark.parametrize("limit", [300_000, 3_000_000])
def test_memory_keeps_its_bound(limit: int) -> None:
    """Of what Python and NumPy allocate for it; the network itself was there before."""
    for network in (sawtooth(5, 6), fully_connected([[[1]] * 300, [[1] * 300]], [[-i for i in range(300)], [0]])):
        model = network.build(dtype="float64")
        expected = count(model).pieces
        tracemalloc.start()
        try:
            found = count(model, max_memory=limit)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert found.pieces == expected
        assert most <= limit


def test_a_million_units_are_no_million_arrays() -> None:
    """One stretch cut into very many, whose parts are made a few at a time."""
    units = 30_000
    chain = chain_of(
        [[[1.0]] * units, [[1.0] * units]], [[-float(i) for i in range(units)], [0.0]], "relu", exact=False
    )
    assert count_line(chain, everywhere(chain), WORK)[:2] == (units + 1, units + 1)


def test_several_processes_find_what_one_finds() -> None:
    network = sawtooth(4, 5)
    one = count(network)
    assert count(network, workers=2) == one
    assert count(network, workers=3, box=[(0, 1)]).pieces == 5**5


def test_seams_between_processes_are_not_counted_twice() -> None:
    """Joints of the first layer that no output hears are knots of cells, and of no pieces."""
    hidden = [[1.0] for _ in range(200)]
    network = fully_connected([hidden, [[0.0] * 100 + [1.0] * 100]], [[float(-i) for i in range(200)], [0.0]])
    one = count(network)
    assert (one.cells, one.pieces) == (201, 101)
    assert count(network, workers=2) == one


PRELU = """\
netspec: 1
input: 1
layers:
  - dense: {width: 2, activation: relu}
  - dense: 1
  - prelu
  - dense: 1
output: 1
"""


@pytest.mark.parametrize("rational", [False, True])
class TestTraps:
    """Each with how many cells and pieces there are in truth."""

    def found(self, network: Any, rational: bool, box: Any = None) -> tuple[int, int]:
        """Return cells and pieces."""
        found = count(network, box=box, rational=rational)
        return found.cells, found.pieces

    def test_an_affine_map_is_one_region(self, rational: bool) -> None:
        assert self.found(fully_connected([[[2.0]]], [[1.0]]), rational) == (1, 1)

    def test_joints_that_coincide(self, rational: bool) -> None:
        network = fully_connected([[[1], [2], [-1]], [[1, 1, 1]]], [[0, 0, 0], [0]])
        assert self.found(network, rational) == (2, 2)

    def test_joints_that_coincide_and_cancel(self, rational: bool) -> None:
        network = fully_connected([[[1], [2]], [[2, -1]]], [[-1, -2], [0]])
        assert self.found(network, rational) == (2, 1)

    def test_relu_of_both_sides_is_linear(self, rational: bool) -> None:
        network = fully_connected([[[1], [-1]], [[1, -1]]], [[0, 0], [0]])
        assert self.found(network, rational) == (2, 1)

    def test_touching_without_crossing(self, rational: bool) -> None:
        """|x| comes down to 0 at 0, where the second layer's unit x ↦ relu(|x|) touches and does not cross."""
        network = fully_connected([[[1], [-1]], [[1, 1]], [[1]]], [[0, 0], [0], [0]])
        assert self.found(network, rational) == (2, 2)

    def test_a_pre_activation_that_is_zero_everywhere(self, rational: bool) -> None:
        network = fully_connected([[[1], [1]], [[1, -1]], [[1]]], [[0, 0], [0], [0]])
        assert self.found(network, rational) == (2, 1)

    def test_dead_layers(self, rational: bool) -> None:
        network = fully_connected([[[1], [-1]], [[-1, -1]], [[1]]], [[0, 0], [-1], [3]])
        assert self.found(network, rational) == (2, 1)

    def test_a_layer_of_zeros(self, rational: bool) -> None:
        network = fully_connected([[[0], [0]], [[1, 1]], [[1]]], [[0, 0], [0], [0]])
        assert self.found(network, rational) == (1, 1)

    def test_a_domain_that_ends_on_a_joint(self, rational: bool) -> None:
        network = fully_connected([[[1], [1]], [[1, 1]]], [[0, -1], [0]])
        assert self.found(network, rational, [(0, 1)]) == (1, 1)
        assert self.found(network, rational, [(-1, 1)]) == (2, 2)
        assert self.found(network, rational, [(Fraction(1, 3), 2)]) == (2, 2)

    def test_widths_1(self, rational: bool) -> None:
        network = fully_connected([[[1]], [[-1]], [[1]]], [[0], [1], [0]])
        assert self.found(network, rational) == (3, 3)

    def test_an_identity_layer_adds_nothing(self, rational: bool) -> None:
        identity = [[1, 0], [0, 1]]
        network = fully_connected([[[1], [-1]], identity, identity, [[1, 2]]], [[-1, -1], [0, 0], [0, 0], [0]])
        assert self.found(network, rational) == (3, 3)

    def test_a_jump_ends_a_piece(self, rational: bool) -> None:
        network = fully_connected([[[1], [1]], [[1, 1]]], [[0, -1], [0]], activation="heaviside")
        assert self.found(network, rational) == (3, 3)

    def test_jumps_that_cancel_end_no_piece(self, rational: bool) -> None:
        network = fully_connected([[[1], [1]], [[1, -1]]], [[0, 0], [0]], activation="heaviside")
        assert self.found(network, rational) == (2, 1)

    def test_a_point_alone_is_no_piece(self, rational: bool) -> None:
        """step(x) + step(-x) is 1 but at 0: one map on both sides."""
        network = fully_connected([[[1], [-1]], [[1, 1]]], [[0, 0], [0]], activation="heaviside")
        assert self.found(network, rational) == (2, 1)

    def test_a_jump_before_a_last_layer_that_stays_on_one_side_of_its_joint(self, rational: bool) -> None:
        activations = ["heaviside", "relu"]
        network = fully_connected([[[1]], [[1]], [[1]]], [[0], [1], [0]], activation=activations)
        assert self.found(network, rational) == (2, 2)

    def test_a_last_prelu_whose_slopes_are_equal_bends_nowhere(self, rational: bool) -> None:
        """|x| - 1 crosses 0 twice, and stays as it is."""
        model = loads(PRELU).build(dtype="float64")
        values = {
            "dense.beta": [0, 0], "dense.Omega": [[1], [-1]], "dense_2.beta": [-1], "dense_2.Omega": [[1, 1]],
            "prelu.slope": [1], "dense_3.beta": [0], "dense_3.Omega": [[1]],
        }  # fmt: skip
        sources = {name: Held(np.array(value, np.float64)) for name, value in values.items()}
        made = Model(model.part, model.graph, "float64", sources, None)
        found = count(made, rational=rational)
        assert (found.cells, found.pieces) == (4, 2)

    def test_two_bends_of_one_unit(self, rational: bool) -> None:
        network = fully_connected([[[1]], [[1]]], [[0], [0]], activation="hard_tanh")
        assert self.found(network, rational) == (3, 3)

    def test_minus_zero_and_subnormal_numbers(self, rational: bool) -> None:
        network = fully_connected([[[-0.0], [1.0]], [[1.0, 1.0]]], [[-0.0, 0.0], [0.0]])
        assert self.found(network, rational) == (2, 2)


def test_what_float64_cannot_tell_is_said_and_rationals_decide() -> None:
    """Joints 10^-17 apart: one in float64."""
    network = fully_connected([[[1], [1], [1]], [[1, 1, 1]]], [[-1, Fraction(-(10**17) - 1, 10**17), 0], [0]])
    assert count(network, rational=True).pieces == 4
    assert count(network).pieces == 3


def test_quotients_are_counted_as_they_are_written() -> None:
    """3 · 1/3 is 1 in a spec's numbers, and not in the float64 nearest to 1/3."""
    third = Fraction(1, 3)
    network = fully_connected([[[1], [third]], [[1, -3]]], [[-1, -third], [0]])
    assert (count(network, rational=True).cells, count(network, rational=True).pieces) == (2, 1)
    model = network.build(dtype="float64")
    assert count(model, rational=True).pieces == 2
    assert count(model, rational=True, decimal=True).pieces == 1


def test_random_networks_have_about_one_joint_for_each_unit() -> None:
    """He initialisation, on R, whatever the depth (Hanin & Rolnick 2019): 0.98 to 1.01 over 100 seeds."""
    for depth in (1, 3):
        joints = []
        for seed in range(100):
            drawn = np.random.default_rng(seed)
            sizes = [1, *[20] * depth, 1]
            weights = [drawn.normal(0, math.sqrt(2 / n), (m, n)) for n, m in pairwise(sizes)]
            biases = [drawn.normal(0, 1, m) for m in sizes[1:]]
            found = _found(
                [[*map(list, Omega)] for Omega in weights], [list(b) for b in biases], "relu", None, exact=False
            )
            joints.append((found.pieces - 1) / (20 * depth))
        assert 0.98 <= np.mean(joints) <= 1.01


class TestRegions:
    """The regions as data."""

    @pytest.mark.parametrize("rational", [False, True])
    @pytest.mark.parametrize("of", ["pieces", "cells"])
    def test_there_are_as_many_as_are_counted(self, rational: bool, of: Any) -> None:
        network = fully_connected([[[1], [-1], [2]], [[1, -1, 0]]], [[0, 0, -1], [0]])
        found = count(network, rational=rational)
        there = list(regions(network, rational=rational, of=of))
        assert len(there) == (found.pieces if of == "pieces" else found.cells) == (1 if of == "pieces" else 3)
        assert (there[0].low, there[-1].high) == (-np.inf, np.inf)
        assert [each.high for each in there[:-1]] == [each.low for each in there[1:]]

    @pytest.mark.parametrize("some", [1, 5, 4096])
    def test_each_says_what_the_network_computes(self, some: int, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("netspec.regions.counting._MOST_TOGETHER", some)
        network = sawtooth(3, 3)
        model = network.build(dtype="float64")
        there = list(regions(model, box=[(0, 1)]))
        assert len(there) == 4**3
        assert len({region.signature for region in there}) == 4**3
        for region in there:
            for share in (0.1, 0.5, 0.9):
                x = region.low + share * (region.high - region.low)
                assert model([[x]])[0] == pytest.approx(region.beta + region.Omega * x, abs=1e-9)

    def test_of_is_a_word_that_is_known(self) -> None:
        with pytest.raises(ValueError, match="expected 'pieces' or 'cells'"):
            regions(sawtooth(3, 1), of="faces")  # type: ignore[arg-type]

"""Bounds against worked values, against each other, and against networks whose regions are counted one by one."""

import random
import time
from collections.abc import Sequence
from fractions import Fraction
from math import comb, log10

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.bounds.bounds import Bound, RegionBounds, Stage, region_bounds
from tests.bounds.designed import folded
from tests.bounds.exhaustive import (
    HARD_TANH,
    HEAVISIDE,
    LEAKY,
    RELU,
    Activation,
    layer,
    line_cells,
    line_pieces,
    plane_cells,
    plane_pieces,
    random_layers,
    square,
)


def relu(count: int, units: int, rank: int | None = None) -> Stage:
    """Return a stage of ReLU layers, of full rank unless said otherwise."""
    return Stage(count, units, units if rank is None else rank, 1, collapses=True)


def network(inputs: int, *widths: int) -> RegionBounds:
    """Return the bounds of a fully connected ReLU network."""
    return region_bounds(inputs, [relu(1, width) for width in widths])


def values(bounds: RegionBounds) -> list[int | None]:
    """Return lower, Hinz's and Serra's values."""
    return [None if bound is None else bound.value for bound in (bounds.lower, bounds.hinz, bounds.serra)]


@pytest.mark.parametrize(
    ("inputs", "widths", "serra", "hinz"),
    [
        (1, (3, 3), 16, 16),
        (2, (2, 2), 11, 11),
        (2, (4, 4), 121, 109),
        (3, (6, 6, 6), 74_088, 60_228),
        (1, (10,) * 5, 161_051, 161_051),
        (1, (5,) * 10, 6**10, 6**10),
        (1, (95,), 96, 96),
        (2, (3,), 7, 7),
    ],
)
def test_published_and_worked_values_come_out(inputs: int, widths: tuple[int, ...], serra: int, hinz: int) -> None:
    bounds = network(inputs, *widths)
    assert bounds.serra is not None
    assert bounds.hinz is not None
    assert (bounds.serra.value, bounds.hinz.value, bounds.upper.value) == (serra, hinz, hinz)


def test_without_a_hidden_layer_there_is_one_region() -> None:
    assert region_bounds(7, []).lower == region_bounds(7, []).upper == Bound(1, 0.0, "an affine map")


def test_one_layer_is_counted_exactly() -> None:
    bounds = network(3, 10)
    assert bounds.lower == Bound(176, 2.245512, "Zaslavsky 1975")
    assert bounds.upper == Bound(176, 2.245513, "Zaslavsky 1975")
    mediated = region_bounds(3, [relu(1, 10, rank=2)])
    assert mediated.lower.value == mediated.upper.value == 1 + 10 + 45


def test_with_one_input_and_widths_of_three_or_more_the_bounds_meet() -> None:
    bounds = network(1, 3, 7, 4, 12)
    assert bounds.lower.value == bounds.upper.value == 4 * 8 * 5 * 13


def test_the_lower_bound_is_theorem_6_of_serra_where_widths_are_multiples_of_the_inputs() -> None:
    bounds = network(10, *[50] * 5)
    assert bounds.lower.value == 6**40 * sum(comb(50, j) for j in range(11))
    assert f"{bounds.lower.value:.4e}" == "1.7956e+41"


def test_the_formula_for_wide_layers_is_not_taken_for_a_maximum_of_narrow_ones() -> None:
    """For 2; 2, 2 it says 16; no network has more than 11."""
    bounds = network(2, 2, 2)
    assert values(bounds) == [6, 11, 11]


def test_widths_of_one_and_two_keep_the_bounds_apart() -> None:
    assert values(network(1, 2, 2)) == [6, 9, 9]
    assert values(network(1, 1)) == [2, 2, 2]
    assert values(network(1, 1, 1, 1)) == [2, 4, 4]
    assert values(network(5, 1, 1)) == [2, 3, 3]


def test_a_narrow_layer_bounds_what_follows() -> None:
    """100; 100, 1, 100: one dimension is left behind the second layer."""
    bounds = network(100, 100, 1, 100)
    assert bounds.upper.value is not None
    assert bounds.upper.value <= 2**100 * (1 + 100 + 1)  # its unit is inactive, or active
    assert bounds.lower.value is not None
    assert bounds.lower.value >= 2**100


def test_a_mediator_bounds_the_dimensions_of_all_that_follows() -> None:
    free = network(3, 9, 9)
    tight = region_bounds(3, [relu(1, 9), relu(1, 9, rank=1)])
    assert tight.serra is not None
    assert tight.serra.value == sum(comb(9, j) for j in range(4)) * 10
    assert free.serra is not None
    assert free.serra.value is not None
    assert tight.serra.value < free.serra.value
    assert region_bounds(3, [relu(1, 9, rank=1), relu(1, 9)]).upper.value == 100


def test_more_than_the_allowed_digits_are_a_logarithm_rounded_outward() -> None:
    bounds = region_bounds(1, [relu(10**7, 10)])
    true = 10**7 * log10(11)
    assert bounds.lower.value is None
    assert bounds.upper.value is None
    assert true - 1e-3 < bounds.lower.log10 < true < bounds.upper.log10 < true + 1e-3
    assert bounds.upper.log10 == 10413926.8516
    assert bounds.lower.log10 == 10413926.8515
    long = region_bounds(1, [relu(90_000, 10)]).upper
    assert long.value == 11**90_000


def test_a_long_run_of_single_units_adds_up() -> None:
    assert region_bounds(1, [relu(10**6, 1)]).upper.value == 10**6 + 1


def test_narrow_layers_have_a_smaller_rate_than_the_product() -> None:
    """2; 3, 3, …: of seven cells four keep both dimensions, three keep one, on which 4 pieces a layer follow."""
    bounds = region_bounds(2, [relu(10**6, 3)])
    assert bounds.upper.value is None
    assert 10**6 * log10(4) < bounds.upper.log10 < 10**6 * log10(4) + 7


def test_activations_that_do_not_collapse_keep_all_dimensions() -> None:
    leaky = region_bounds(2, [Stage(2, 2, 2, 1, collapses=False)])
    assert leaky.upper.value == 16
    assert region_bounds(1, [Stage(3, 4, 4, 2, collapses=False)]).upper.value == 9**3


def test_two_breakpoints_count_parallel_hyperplanes() -> None:
    one = region_bounds(2, [Stage(1, 3, 3, 2, collapses=True)])
    assert one.lower.value == one.upper.value == 1 + 3 * 2 + 3 * 4
    two = region_bounds(2, [Stage(2, 3, 3, 2, collapses=True)])
    assert two.upper.value == (1 + 6) * 19 + 12 * 7


def test_behind_a_layer_that_steps_nothing_is_cut() -> None:
    stepping = Stage(1, 5, 5, 1, collapses=True, steps=True)
    assert region_bounds(2, [stepping, relu(3, 50)]).upper.value == 16
    assert region_bounds(2, [stepping, relu(3, 50)]).lower.value == 16
    again = region_bounds(2, [stepping, relu(1, 3), stepping])
    assert (again.lower.value, again.upper.value) == (7, 16)
    assert region_bounds(2, [stepping._replace(count=2)]).lower.value == 16
    assert region_bounds(1, [relu(1, 3), stepping]).lower.value == 6


def test_an_affine_activation_cuts_nothing() -> None:
    bounds = region_bounds(3, [Stage(4, 9, 9, 0, collapses=False)])
    assert bounds.lower.value == bounds.upper.value == 1


@pytest.mark.parametrize("stage", [relu(0, 3), relu(1, 0), relu(1, 3, rank=0), Stage(1, 3, 3, -1, collapses=True)])
def test_a_stage_without_sense_is_refused(stage: Stage) -> None:
    with pytest.raises(ValueError, match="at least"):
        region_bounds(1, [stage])


def test_no_inputs_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one input, got 0"):
        region_bounds(0, [relu(1, 3)])


small_stages = st.lists(
    st.builds(
        lambda units, rank, breakpoints, collapses: Stage(1, units, min(rank, units), breakpoints, collapses),
        st.integers(1, 7),
        st.integers(1, 7),
        st.integers(0, 3),
        st.booleans(),
    ),
    min_size=1,
    max_size=4,
)


@given(st.integers(1, 7), small_stages)
@settings(max_examples=300, deadline=None, derandomize=True)
def test_the_bounds_are_in_order(inputs: int, stages: list[Stage]) -> None:
    bounds = region_bounds(inputs, stages)
    assert bounds.serra is not None
    assert bounds.hinz is not None
    lower, hinz, serra = values(bounds)
    assert lower is not None
    assert hinz is not None
    assert serra is not None
    dimension, product = inputs, 1
    for stage in stages:
        dimension = min(dimension, stage.rank)
        product *= sum(comb(stage.units, j) * stage.breakpoints**j for j in range(dimension + 1))
    assert 1 <= lower <= hinz <= serra <= product
    assert bounds.upper.value == hinz
    assert bounds.lower.log10 <= log10(lower) + 1e-12
    assert log10(hinz) - 1e-12 <= bounds.upper.log10 <= log10(hinz) + 2e-6


@given(st.integers(1, 6), small_stages, st.data())
@settings(max_examples=200, deadline=None, derandomize=True)
def test_more_of_anything_never_lowers_an_upper_bound(inputs: int, stages: list[Stage], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(stages) - 1))
    field = data.draw(st.sampled_from(["units", "rank", "breakpoints"]))
    grown = list(stages)
    grown[index] = stages[index]._replace(**{field: getattr(stages[index], field) + 1})
    for more in (region_bounds(inputs + 1, stages), region_bounds(inputs, grown)):
        for before, after in zip(values(region_bounds(inputs, stages))[1:], values(more)[1:], strict=True):
            assert before is not None
            assert after is not None
            assert before <= after


@given(st.integers(1, 5), small_stages, st.integers(1, 40))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_run_is_what_it_is_written_out(inputs: int, stages: list[Stage], count: int) -> None:
    run = [stages[0]._replace(count=count), *stages[1:]]
    assert region_bounds(inputs, run) == region_bounds(inputs, [stages[0]] * count + stages[1:])
    exact = by_definition(inputs, [stages[0]] * count + stages[1:])
    serra = region_bounds(inputs, run).serra
    assert serra is not None
    assert serra.value == exact


def by_definition(dimension: int, stages: Sequence[Stage]) -> int:
    """Return Serra's bound straight from its recursion, with a table over (layer, dimension)."""
    table = [1] * (dimension + 1)
    for stage in reversed(stages):
        found = []
        for given_dimension in range(dimension + 1):
            d = min(given_dimension, stage.rank)
            left = [min(d, stage.units - j) if stage.collapses else d for j in range(d + 1)]
            found.append(sum(comb(stage.units, j) * stage.breakpoints**j * table[a] for j, a in enumerate(left)))
        table = found
    return table[dimension]


@pytest.mark.parametrize(
    ("activation", "breakpoints", "collapses", "steps"),
    [(RELU, 1, True, False), (LEAKY, 1, False, False), (HARD_TANH, 2, True, False), (HEAVISIDE, 1, True, True)],
    ids=["relu", "leaky_relu", "hard_tanh", "heaviside"],
)
def test_no_random_network_has_more_cells_than_the_upper_bound(
    activation: Activation, breakpoints: int, collapses: bool, steps: bool
) -> None:
    drawn = random.Random(0)
    for _ in range(400):
        hidden = [drawn.randint(1, 4) for _ in range(drawn.randint(1, 3))]
        stages = [Stage(1, width, width, breakpoints, collapses, steps) for width in hidden]
        layers = random_layers([1, *hidden, 1], lambda: drawn.randint(-9, 9))
        upper = region_bounds(1, stages).upper.value
        assert upper is not None
        assert len(line_cells(layers, activation, Fraction(-10_000), Fraction(10_000))) <= upper
    for _ in range(60):
        hidden = [drawn.randint(1, 3) for _ in range(2)]
        stages = [Stage(1, width, width, breakpoints, collapses, steps) for width in hidden]
        layers = random_layers([2, *hidden, 1], lambda: drawn.randint(-9, 9))
        upper = region_bounds(2, stages).upper.value
        assert upper is not None
        assert len(plane_cells(layers, activation, square(-1000, 1000))) <= upper


def test_the_maximum_of_1_2_2_is_seven_between_the_bounds() -> None:
    layers = [layer([[-5], [9]], [-5, -5]), layer([[-1, -1], [3, 9]], [3, -4]), layer([[-7, -2]], [6])]
    cells = line_cells(layers, RELU, Fraction(-1000), Fraction(1000))
    assert line_pieces(cells) == 7
    drawn = random.Random(1)
    for _ in range(3000):
        layers = random_layers([1, 2, 2, 1], lambda: drawn.randint(-9, 9))
        assert len(line_cells(layers, RELU, Fraction(-1000), Fraction(1000))) <= 7


def test_the_upper_bound_of_2_2_2_is_attained() -> None:
    layers = [layer([[-6, -3], [6, 9]], [0, 9]), layer([[7, 3], [3, 6]], [-2, -2]), layer([[8, 1]], [5])]
    assert len(plane_cells(layers, RELU, square(-1000, 1000))) == 11


@pytest.mark.parametrize("widths", [(3, 3), (5, 4), (2, 3), (1, 4), (3, 4, 5), (2, 2, 2), (3, 3, 3, 3), (9, 2), (3, 1)])
def test_the_lower_bound_of_one_input_is_attained(widths: tuple[int, ...]) -> None:
    cells = line_cells(folded(1, widths), RELU, Fraction(0), Fraction(1))
    lower = network(1, *widths).lower.value
    assert lower is not None
    assert line_pieces(cells) >= lower
    if min(widths) >= 3:
        assert line_pieces(cells) == lower == network(1, *widths).upper.value


@pytest.mark.parametrize("widths", [(6, 4), (2, 3), (3, 4), (5, 5), (7, 3), (8, 6), (4, 4, 3)])
def test_the_lower_bound_of_two_inputs_is_attained(widths: tuple[int, ...]) -> None:
    """The construction, cut to the unit square, has as many pieces as its formula says: none are one by accident."""
    cells = plane_cells(folded(2, widths), RELU, square(0, 1))
    formula = 1 + widths[-1] + comb(widths[-1], 2)
    for width in widths[:-1]:
        for units in (width // 2, width - width // 2):
            formula *= units + (units >= 3)
    assert plane_pieces(cells) == len(cells) == formula
    lower = network(2, *widths).lower.value
    assert lower is not None
    assert lower >= formula


@pytest.mark.parametrize(
    ("name", "inputs", "stages"),
    [
        ("K 10^7", 1, [relu(10**7, 10)]),
        ("K 10^6 of single units", 1, [relu(10**6, 1)]),
        ("K 10^7 in the plane", 2, [relu(10**7, 3)]),
        ("the widest", 10**9, [relu(10**7, 10**9)]),
        ("wide, and half as many inputs", 5 * 10**8, [relu(3, 10**9)]),
        ("100 of 1000", 1000, [relu(100, 1000)]),
        ("100 of 1000, 300 inputs", 300, [relu(100, 1000)]),
        ("MNIST", 784, [relu(1, 512), relu(1, 256), relu(1, 128)]),
        ("all widths different", 100, [relu(1, 200 + i) for i in range(100)]),
        ("deep and narrow", 20, [relu(1000, 20)]),
        ("convolutions", 3072, [relu(1, 65_536, 3072), relu(1, 32_768), relu(1, 16_384)]),
    ],
)
def test_large_networks_take_a_bounded_time(name: str, inputs: int, stages: list[Stage]) -> None:
    """50 ms, with a slack of five for slow and busy machines."""
    start = time.perf_counter()
    bounds = region_bounds(inputs, stages)
    assert time.perf_counter() - start < 0.25
    assert 0 < bounds.lower.log10 <= bounds.upper.log10
    for bound in (bounds.serra, bounds.hinz):
        assert bound is None or bounds.upper.log10 <= bound.log10

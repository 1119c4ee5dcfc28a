"""Bounds on one convolutional layer: against matchings and ranks found one by one, and regions that are counted."""

import random
import time
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import product
from math import comb, log10, prod
from typing import Any, NamedTuple

import pytest

from netspec.bounds.bounds import Bound
from netspec.bounds.convolution import fewest_with_biases, most_regions
from netspec.bounds.windows import Axis, Windows
from netspec.network import Network
from netspec.regions.counts import count

PRIME = (1 << 61) - 1
Window = tuple[tuple[int, int], ...]
"""The element of the kernel, and the element of the axis, of what a window has on an axis."""


class Sizes(NamedTuple):
    """A convolution on axes of these sizes."""

    sizes: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: int = 1
    channels: int = 1
    filters: int = 1

    @property
    def positions(self) -> tuple[int, ...]:
        """How many windows there are on each axis; below 1 where a window is longer than the axis."""
        numbers = zip(self.sizes, self.kernel, self.stride, self.padding, strict=True)
        return tuple((n + 2 * p - self.dilation * (k - 1) - 1) // s + 1 for n, k, s, p in numbers)

    @property
    def windows(self) -> Windows:
        """What the bounds ask for."""
        axes = zip(self.sizes, self.positions, self.kernel, self.stride, self.padding, strict=True)
        return Windows(
            1, self.filters, self.channels, tuple(Axis(n, o, k, s, self.dilation, p) for n, o, k, s, p in axes)
        )

    def units(self) -> Iterator[tuple[int, dict[int, tuple[int, ...]]]]:
        """Yield each unit: its filter, and which weight of it stands at which input."""
        along: list[list[Window]] = []
        for n, k, s, p, o in zip(self.sizes, self.kernel, self.stride, self.padding, self.positions, strict=True):
            seen = [[(i, at * s - p + self.dilation * i) for i in range(k)] for at in range(o)]
            along.append([tuple((i, x) for i, x in window if 0 <= x < n) for window in seen])
        for kernel, position in product(range(self.filters), product(*along)):
            weights = {}
            for channel, places in product(range(self.channels), product(*position)):
                x = channel
                for n, (_, at) in zip(self.sizes, places, strict=True):
                    x = x * n + at
                weights[x] = (channel, *(i for i, _ in places))
            yield kernel, weights


def matchable(convolution: Sizes) -> int:
    """Return how many sets of units can be matched to inputs in their windows, by trying all."""
    units = [list(weights) for _, weights in convolution.units()]

    def augmented(unit: int, matched: dict[int, int], met: set[int]) -> bool:
        for x in units[unit]:
            if x not in met:
                met.add(x)
                if x not in matched or augmented(matched[x], matched, met):
                    matched[x] = unit
                    return True
        return False

    def sets(unit: int, matched: dict[int, int]) -> int:
        if unit == len(units):
            return 1
        more = dict(matched)
        return sets(unit + 1, matched) + (sets(unit + 1, more) if augmented(unit, more, set()) else 0)

    return sets(0, {})


def independent(convolution: Sizes, seed: int = 0) -> int:
    """Return how many sets of units have independent normals, for weights at random modulo a prime.

    Asserts that no other set has a point in common, so that it is the number of cells (Whitney; Zaslavsky).
    """
    rng = random.Random(seed)
    drawn: dict[tuple[int, ...], int] = {}
    rows = []
    for kernel, weights in convolution.units():
        row = {x: drawn.setdefault((kernel, *key), rng.randrange(1, PRIME)) for x, key in weights.items()}
        row[-1] = drawn.setdefault((kernel,), rng.randrange(1, PRIME))
        rows.append(row)

    def sets(index: int, basis: Sequence[tuple[int, dict[int, int]]]) -> int:
        if index == len(rows):
            return 1
        row: dict[int, int] = dict(rows[index])
        for pivot, other in basis:
            factor = row.get(pivot, 0)
            if factor:
                for x, value in other.items():
                    row[x] = (row.get(x, 0) - factor * value) % PRIME
        first = next((x for x, value in row.items() if value and x >= 0), None)
        without = sets(index + 1, basis)
        if first is None:
            assert row[-1], "dependent, and with a point in common"
            return without
        inverse = pow(row[first], -1, PRIME)
        return without + sets(index + 1, [*basis, (first, {x: value * inverse % PRIME for x, value in row.items()})])

    return sets(0, [])


def bounds_of(convolution: Sizes, breakpoints: int = 1) -> tuple[int | None, int | None]:
    """Return lower and upper bound."""
    least, most = fewest_with_biases(convolution.windows, breakpoints), most_regions(convolution.windows, breakpoints)
    assert least is not None
    assert most is not None
    return least[0], most[0]


def lines() -> Iterator[Sizes]:
    """Yield small convolutions on one axis."""
    numbers = product(range(1, 6), (1, 2, 3), (1, 2, 3), (0, 1, 2), (1, 2), (1, 2), (1, 2, 3))
    for n, k, s, p, dilation, channels, filters in numbers:
        found = Sizes((n,), (k,), (s,), (p,), dilation, channels, filters)
        if found.positions[0] >= 1 and found.positions[0] * filters <= 9:
            yield found


def planes() -> Iterator[Sizes]:
    """Yield small convolutions on two axes."""
    numbers = product((1, 2, 3), (2, 3), (1, 2), (2, 3), (1, 2), (0, 1), (1, 2), (1, 2), (1, 2))
    for a, b, k, j, s, p, dilation, channels, filters in numbers:
        found = Sizes((a, b), (k, j), (s, s), (p, p), dilation, channels, filters)
        if min(found.positions) >= 1 and prod(found.positions) * filters <= 9:
            yield found


def test_on_one_axis_both_bounds_are_the_sets_that_can_be_matched_and_generic_weights_have_them_all() -> None:
    tried = list(lines())
    assert len(tried) > 500
    for convolution in tried:
        expected = matchable(convolution)
        assert bounds_of(convolution) == (expected, expected), convolution
        assert independent(convolution) == expected, convolution


def test_on_two_axes_the_maximum_is_between_the_bounds() -> None:
    met = 0
    tried = list(planes())
    assert len(tried) > 200
    for convolution in tried:
        least, most = bounds_of(convolution)
        assert least is not None
        assert most is not None
        assert least <= independent(convolution) <= matchable(convolution) == most, convolution
        met += least == most
    assert met > len(tried) * 9 // 10


@pytest.mark.parametrize(
    ("convolution", "matched", "maximum"),
    [
        (Sizes((3, 3), (2, 2), (1, 1), (0, 0), filters=2), 256, 255),
        (Sizes((2, 2), (2, 2), (1, 1), (1, 1)), 224, 223),
    ],
)
def test_on_two_axes_shared_weights_can_cost_regions(convolution: Sizes, matched: int, maximum: int) -> None:
    """Where the bound of theorem 2 is not attained: w_2 * w_1 - w_1 * w_2 = 0."""
    assert matchable(convolution) == matched
    assert {independent(convolution, seed) for seed in range(5)} == {maximum}
    least, most = bounds_of(convolution)
    assert least is not None
    assert most is not None
    assert least < maximum
    assert most == matched


def test_windows_that_are_apart_count_each_for_itself() -> None:
    for channels, filters, breakpoints in product((1, 2, 5), (1, 3, 8), (1, 2)):
        apart = Sizes((12,), (3,), (3,), (0,), 1, channels, filters)
        one = sum(comb(filters, t) * breakpoints**t for t in range(min(filters, 3 * channels) + 1))
        assert bounds_of(apart, breakpoints) == (one**4, one**4)
        square = Sizes((6, 4), (3, 1), (3, 1), (0, 0), 1, channels, filters)
        one = sum(comb(filters, t) * breakpoints**t for t in range(min(filters, 3 * channels) + 1))
        assert bounds_of(square, breakpoints) == (one**8, one**8)


def test_groups_count_each_for_itself() -> None:
    windows = Sizes((5,), (3,), (1,), (1,), filters=3).windows
    alone, three = most_regions(windows, 1), most_regions(windows._replace(groups=3), 1)
    assert alone is not None
    assert three is not None
    assert alone[0] is not None
    assert three[0] == alone[0] ** 3


def test_more_filters_channels_or_kernel_are_never_fewer_regions_and_never_more_than_of_full_connection() -> None:
    for convolution in lines():
        found, _ = bounds_of(convolution)
        assert found is not None
        units, inputs = convolution.filters * convolution.positions[0], convolution.channels * convolution.sizes[0]
        assert found <= sum(comb(units, t) for t in range(min(units, inputs) + 1))
        for more in (
            convolution._replace(filters=convolution.filters + 1),
            convolution._replace(channels=convolution.channels + 1),
            convolution._replace(sizes=(convolution.sizes[0] + convolution.stride[0],)),
        ):
            wider, _ = bounds_of(more)
            assert wider is not None
            assert found <= wider, more


@pytest.mark.parametrize("breakpoints", [1, 2])
@pytest.mark.parametrize(
    ("convolution", "closer"),
    [
        (Sizes((2, 2), (2, 2), (1, 1), (1, 1)), True),
        (Sizes((3, 3), (2, 2), (1, 1), (0, 0), filters=4), True),
        (Sizes((2, 4), (2, 2), (1, 1), (1, 0), filters=1), False),
        (Sizes((3, 4), (2, 2), (1, 1), (0, 0), filters=3), False),
        (Sizes((4, 4), (2, 3), (2, 1), (1, 1), filters=2), False),
    ],
)
def test_few_conditions_of_hall_count_no_fewer_sets_than_all(
    convolution: Sizes, closer: bool, breakpoints: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, exact = bounds_of(convolution, breakpoints)
    monkeypatch.setattr("netspec.bounds.convolution._TRY", 10**9)
    _, few = bounds_of(convolution, breakpoints)
    assert exact is not None
    assert few is not None
    assert exact <= few
    assert (exact < few) == closer


@pytest.mark.parametrize(
    ("windows", "what"),
    [
        (Windows(1, 3, 1, (Axis(4_000, 3_998, 3),)), "positions"),
        (Windows(1, 64, 64, (Axis(2_000, 1_998, 3),)), "inputs in a window"),
    ],
)
def test_too_much_work_is_refused(windows: Windows, what: str) -> None:
    assert most_regions(windows, 1) is None, what
    assert fewest_with_biases(windows, 1) is None or what != "positions"


def test_where_too_many_positions_are_seen_the_bounds_of_any_layer_stand() -> None:
    found = network([1, 4_000], conv(1, 3), *LAST, output=1).facts.regions
    assert found is not None
    assert found.lower.value == 1
    assert found.upper.source == "Zaslavsky 1975"


def test_large_convolutions_take_little_time() -> None:
    started = time.process_time()
    for windows in (
        Windows(1, 64, 3, (Axis(224, 112, 7, 2, 1, 3),) * 2),
        Windows(1, 64, 3, (Axis(32, 32, 3, 1, 1, 1),) * 2),
        Windows(1, 10**9, 1, (Axis(2_048, 2_046, 3),)),
        Windows(1, 4, 1, (Axis(2_048, 2_048, 1_025, 1, 1, 512),) * 3),
        Windows(1, 4, 1, (Axis(10**9, 2_000, 10**5, 7, 11, 10**5),) * 3),
    ):
        most_regions(windows, 2)
        fewest_with_biases(windows, 2)
    assert time.process_time() - started < 5


def test_a_number_with_too_many_digits_is_a_logarithm_rounded_to_its_side() -> None:
    windows = Windows(1, 8, 8, (Axis(1_000, 1_000, 3, 1, 1, 1),) * 2)
    least, most = fewest_with_biases(windows, 1), most_regions(windows, 1)
    assert least is not None
    assert least[0] is None
    assert most is None
    assert abs(least[1].log10() - 8 * 10**6 * log10(2)) < 1e-3


def conv(channels: int, kernel: Any, activation: Any = "relu", **keys: Any) -> dict[str, Any]:
    """Return a convolution of a list of layers."""
    return {
        "conv": {"channels": channels, "kernel": kernel, **({"activation": activation} if activation else {}), **keys}
    }


def network(size: Sequence[int], *layers: Any, output: Any = 2, **keys: Any) -> Network:
    """Return a network of layers."""
    return Network(input=list(size), layers=list(layers), output=output, **keys)


def numbers(shape: Sequence[int], rng: random.Random) -> Any:
    """Return quotients at random, in nested lists."""
    if not shape:
        return Fraction(rng.randrange(-999, 1000) * 2 + 1, 1000)
    return [numbers(shape[1:], rng) for _ in range(shape[0])]


def drawn(seed: int, size: Sequence[int], *layers: Any, output: Any = 1) -> Network:
    """Return a network with numbers at random for its weights and biases."""
    rng = random.Random(seed)
    shapes = {name: array.shape for name, array in network(size, *layers, output=output).build().parameters.items()}
    return network(
        size, *layers, output=output, parameters={name: numbers(shape, rng) for name, shape in shapes.items()}
    )


LAST = ("flatten", {"dense": 1})


@pytest.mark.parametrize(
    ("size", "layers", "maximum"),
    [
        ([1, 2], (conv(3, 2, padding=1), *LAST), 40),
        ([1, 2], (conv(3, 2, "leaky_relu", padding=1), *LAST), 40),
        ([2, 1], (conv(4, 1), *LAST), 11),
        ([1, 3], (conv(2, 2), *LAST), 15),
        ([1, 3], (conv(2, 1), *LAST), 27),
        ([1, 3], (conv(2, 2), {"global_average_pool": {}}, {"dense": 1}), 15),
        ([1, 2], (conv(2, 2, "hard_tanh"), *LAST), 9),
    ],
)
def test_counted_regions_of_numbers_at_random_are_the_maximum(size: list[int], layers: Any, maximum: int) -> None:
    found = count(drawn(0, size, *layers), rational=True)
    assert (found.cells, found.pieces, found.sure) == (maximum, maximum, True)
    assert found.bounds is not None
    source = "Xiong et al. 2020, theorem 2"
    assert (found.bounds.lower.value, found.bounds.lower.source) == (maximum, source)
    assert (found.bounds.upper.value, found.bounds.upper.source) == (maximum, source)


@pytest.mark.parametrize(
    ("size", "layers", "maximum"),
    [
        ([1, 4], (conv(2, 2), *LAST), 55),
        ([1, 4], (conv(2, 2, padding=1), *LAST), 275),
        ([1, 5], (conv(2, 3), *LAST), 63),
        ([1, 5], (conv(3, 3, stride=2), *LAST), 63),
        ([2, 2], (conv(3, 1), *LAST), 49),
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_in_more_dimensions_too(size: list[int], layers: Any, maximum: int, seed: int) -> None:
    found = count(drawn(seed, size, *layers))
    assert found.cells == maximum
    assert found.bounds is not None
    assert found.bounds.lower.value == found.bounds.upper.value == maximum


@pytest.mark.parametrize("seed", range(5))
def test_one_filter_of_two_axes_has_a_region_less_than_can_be_matched(seed: int) -> None:
    found = count(drawn(seed, [1, 2, 2], conv(1, 2, padding=1), *LAST))
    assert found.cells == 223
    assert found.bounds is not None
    assert found.bounds.upper == Bound(224, 2.350249, "units matched to inputs (Xiong et al. 2020)")
    assert found.bounds.lower == Bound(49, 1.690196, "windows that overlap on one axis (Xiong et al. 2020)")


@pytest.mark.parametrize("seed", range(12))
def test_no_small_whole_numbers_give_more(seed: int) -> None:
    """Numbers that are not generic."""
    rng = random.Random(seed)
    size, layers = [1, 2], (conv(2, 2, padding=1), *LAST)
    shapes = {name: array.shape for name, array in network(size, *layers, output=1).build().parameters.items()}

    def small(shape: Sequence[int]) -> Any:
        return [small(shape[1:]) for _ in range(shape[0])] if shape else rng.randrange(-2, 3)

    tensors = {name: small(shape) for name, shape in shapes.items()}
    found = count(network(size, *layers, output=1, parameters=tensors), rational=True)
    assert found.bounds is not None
    assert found.bounds.upper.value == 20
    assert found.pieces <= found.cells <= 20

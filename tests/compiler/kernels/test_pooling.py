"""Pools are their twins, for every window and bin."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import pooling
from netspec.compiler.kernels.pooling import (
    adaptive_average_pool,
    adaptive_max_pool,
    average_pool,
    global_average_pool,
    global_max_pool,
    max_pool,
)
from tests.compiler.kernels.laws import (
    MANY,
    SEEDS,
    Array,
    Padding,
    Sizes,
    assert_laws,
    assert_nan_reaches_what_reads_it,
    normal,
    paddings,
    sizes,
)
from tests.twins import pooling as twins


class Case(NamedTuple):
    """A pool of x."""

    x: Array
    kernel: Sizes
    stride: Sizes
    padding: Padding
    dilation: Sizes


@st.composite
def cases(draw: st.DrawFn, most_dilation: int) -> Case:
    """Draw a pool whose window fits and always meets x: padding is at most half a window, and a tap never skips x."""
    axes = draw(st.integers(1, 3))
    kernel, stride, dilation = (draw(sizes(axes, 1, most)) for most in (4, 4, most_dilation))
    padding = draw(paddings(tuple(k // 2 for k in kernel)))
    positions = [
        max(d, d * (k - 1) + 1 - low - high + draw(st.integers(0, 5 if axes < 3 else 2)))
        for k, d, (low, high) in zip(kernel, dilation, padding, strict=True)
    ]
    x = normal(draw(SEEDS), draw(st.integers(1, 3)), draw(st.integers(1, 3)), *positions)
    return Case(x, kernel, stride, padding, dilation)


@MANY
@given(cases(most_dilation=2), st.booleans())
def test_a_max_pool_is_its_twin(case: Case, ceil: bool) -> None:
    options = (case.kernel, case.stride, case.padding, case.dilation, ceil)
    assert_laws(max_pool, twins.max_pool, (case.x,), *options)
    assert_nan_reaches_what_reads_it(max_pool, twins.max_pool, case.x, *options)


@MANY
@given(cases(most_dilation=1), st.booleans(), st.booleans())
def test_an_average_pool_is_its_twin(case: Case, ceil: bool, count_padding: bool) -> None:
    options = (case.kernel, case.stride, case.padding, ceil, count_padding)
    assert_laws(average_pool, twins.average_pool, (case.x,), *options)
    assert_nan_reaches_what_reads_it(average_pool, twins.average_pool, case.x, *options)


@MANY
@given(cases(most_dilation=2), st.booleans(), st.booleans(), st.integers(1, 500))
def test_a_pool_with_the_channels_last_is_the_same_numbers(
    case: Case, ceil: bool, count_padding: bool, most: int
) -> None:
    """However many examples and lines go at a time, and into an array that is given."""
    x = np.ascontiguousarray(np.moveaxis(case.x, 1, -1))
    largest = (case.kernel, case.stride, case.padding, case.dilation, ceil)
    mean = (case.kernel, case.stride, case.padding, ceil, count_padding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pooling, "_POOLED_BYTES", most)
        y = max_pool(x, *largest, first=1)
        out = np.empty_like(y)
        assert max_pool(x, *largest, first=1, out=out) is out
        assert np.array_equal(out, y)
        assert np.array_equal(np.moveaxis(y, -1, 1), twins.max_pool(case.x, *largest))
        if set(case.dilation) == {1}:
            y = average_pool(x, *mean, first=1)
            np.testing.assert_allclose(np.moveaxis(y, -1, 1), twins.average_pool(case.x, *mean), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("positions", [(1,), (7,), (3, 4), (2, 3, 4)])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_a_pool_of_all_positions_is_the_pool_with_one_bin(positions: Sizes, count: int) -> None:
    x = normal(0, count, *positions, 5)
    bins = (1,) * len(positions)
    for kernel, adaptive in ((global_average_pool, adaptive_average_pool), (global_max_pool, adaptive_max_pool)):
        one = adaptive(np.moveaxis(x, -1, 1), bins).reshape(count, 5)
        np.testing.assert_allclose(kernel(x), one, rtol=1e-12, atol=1e-12)


@MANY
@given(st.integers(1, 3).flatmap(lambda axes: st.tuples(sizes(axes, 1, 7), sizes(axes, 1, 7))), SEEDS)
def test_adaptive_pools_are_their_twins(pair: tuple[Sizes, Sizes], seed: int) -> None:
    positions, bins = pair
    x = normal(seed, 2, 3, *positions)
    for kernel, twin in (
        (adaptive_average_pool, twins.adaptive_average_pool),
        (adaptive_max_pool, twins.adaptive_max_pool),
    ):
        assert_laws(kernel, twin, (x,), bins)
        assert_nan_reaches_what_reads_it(kernel, twin, x, bins)


def test_padding_is_smaller_than_any_number() -> None:
    x = np.full((1, 1, 3), -1e300)
    assert np.array_equal(max_pool(x, (3,), (1,), ((1, 1),), (1,), False), x)


def test_a_window_may_hang_over_the_end_but_not_begin_behind_it() -> None:
    x = np.arange(5.0).reshape(1, 1, 5)
    assert max_pool(x, (2,), (2,), ((0, 0),), (1,), False).tolist() == [[[1, 3]]]
    assert max_pool(x, (2,), (2,), ((0, 0),), (1,), True).tolist() == [[[1, 3, 4]]]
    assert average_pool(x, (2,), (2,), ((0, 0),), True, True).tolist() == [[[0.5, 2.5, 4]]]
    # the windows -1 0, 1 2, 3 4; another one would begin at 5, in the padding
    assert average_pool(x, (2,), (2,), ((1, 1),), True, True).tolist() == [[[0, 1.5, 3.5]]]
    assert average_pool(x, (2,), (2,), ((1, 1),), True, False).tolist() == [[[0, 1.5, 3.5]]]

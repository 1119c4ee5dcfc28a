"""Convolutions with the channels last are the plain ones, for every stride, padding, dilation and number of groups."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import channels_last as kernels
from netspec.compiler.kernels import strips, tiles, winograd
from netspec.compiler.kernels.channels_last import (
    convolve_depthwise,
    convolve_unfolded,
    depthwise_weights,
    unfolded_weights,
)
from netspec.compiler.kernels.matrices import bias_rows, rectify
from netspec.compiler.kernels.strips import convolve_strips, strip_weights
from netspec.compiler.kernels.tiles import channels_first, channels_last
from netspec.compiler.kernels.winograd import convolve_winograd, winograd_weights
from tests.compiler.kernels.laws import (
    MANY,
    SEEDS,
    Array,
    Kernel,
    Padding,
    Sizes,
    assert_laws,
    assert_nan_reaches_what_reads_it,
    normal,
    paddings,
    sizes,
)
from tests.twins import convolution as twins


class Case(NamedTuple):
    """A convolution of x, whose channels are last."""

    x: Array
    Omega: Array
    beta: Array | None
    stride: Sizes
    padding: Padding
    dilation: Sizes
    groups: int


@st.composite
def cases(draw: st.DrawFn, least: int = 1, most: int = 3, most_groups: int = 3, depthwise: bool = False) -> Case:
    """Draw a convolution whose window fits, of `least` axes of positions to `most`."""
    axes = draw(st.integers(least, most))
    groups = draw(st.integers(1, most_groups))
    inputs, outputs = (groups * (1 if depthwise else draw(st.integers(1, 3))) for _ in range(2))
    kernel, stride, dilation = (draw(sizes(axes, 1, most)) for most in (3, 3, 2))
    padding = draw(paddings((2,) * axes))
    seed = draw(SEEDS)
    positions = [
        max(1, d * (k - 1) + 1 - low - high + draw(st.integers(0, 5)))
        for k, d, (low, high) in zip(kernel, dilation, padding, strict=True)
    ]
    x = normal(seed, draw(st.integers(1, 3)), *positions, inputs)
    beta = normal(seed + 1, outputs) if draw(st.booleans()) else None
    return Case(x, normal(seed + 2, outputs, inputs // groups, *kernel), beta, stride, padding, dilation, groups)


def last(y: Array) -> Array:
    return np.moveaxis(y, 1, -1)


def twin(
    x: Array, Omega: Array, beta: Array | None, stride: Sizes, padding: Padding, dilation: Sizes, groups: int
) -> Array:
    """Return the convolution by the plain kernel's twin, rectified."""
    y = twins.convolve(np.moveaxis(x, -1, 1), Omega, beta, stride, padding, dilation, groups)
    return np.maximum(last(y), 0)


ROOM: dict[str, dict[str, Array]] = {}


def room(x: Array) -> dict[str, Array]:
    """Return the scratch memory that all calls in a dtype share, so that one finds what another has left."""
    return ROOM.setdefault(x.dtype.name, {})


def rows(beta: Array | None) -> Array | None:
    return None if beta is None else bias_rows(beta)


def unfolded(
    x: Array, Omega: Array, beta: Array | None, stride: Sizes, padding: Padding, dilation: Sizes, groups: int
) -> Array:
    kernel, weights = Omega.shape[2:], unfolded_weights(Omega, groups)
    return convolve_unfolded(x, weights, rows(beta), kernel, stride, padding, dilation, groups, rectify, room(x))


def depthwise(
    x: Array, Omega: Array, beta: Array | None, stride: Sizes, padding: Padding, dilation: Sizes, _: int
) -> Array:
    return convolve_depthwise(x, depthwise_weights(Omega), rows(beta), stride, padding, dilation, rectify, room(x))


def in_strips(x: Array, Omega: Array, beta: Array | None, stride: Sizes, padding: Padding, _: Sizes, __: int) -> Array:
    (high, wide), (a, b), (c, d) = Omega.shape[2:], stride, padding
    return convolve_strips(x, strip_weights(Omega), rows(beta), (high, wide), (a, b), (c, d), rectify, room(x))


def assert_kept(kernel: Kernel, case: Case) -> None:
    options = (case.Omega, case.beta, case.stride, case.padding, case.dilation, case.groups)
    assert_laws(kernel, twin, (case.x,), *options)
    assert_nan_reaches_what_reads_it(kernel, twin, case.x, *options)


@MANY
@given(cases())
def test_windows_as_rows_are_the_twin(case: Case) -> None:
    assert_kept(unfolded, case)


@MANY
@given(cases(), st.integers(1, 30))
def test_deep_windows_are_summed_over_their_taps(case: Case, deep: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "_DEEP", deep)
        assert_kept(unfolded, case)


@MANY
@given(cases(most=2, depthwise=True))
def test_each_channel_by_itself_is_the_twin(case: Case) -> None:
    assert_kept(depthwise, case)


@MANY
@given(cases(least=2, most=2, most_groups=1))
def test_strips_are_the_twin(case: Case) -> None:
    assert_kept(in_strips, case._replace(dilation=(1, 1)))


@st.composite
def winograd_cases(draw: st.DrawFn) -> tuple[Array, Array, Array | None, Padding]:
    """Draw a convolution of 3×3 windows at stride 1, of any height, width and padding."""
    padding = draw(paddings((3, 3)))
    seed = draw(SEEDS)
    positions = [max(1, 3 - low - high + draw(st.integers(0, 11))) for low, high in padding]
    inputs, outputs = draw(sizes(2, 1, 5))
    x = normal(seed, draw(st.integers(1, 3)), *positions, inputs)
    beta = normal(seed + 1, outputs) if draw(st.booleans()) else None
    return x, normal(seed + 2, outputs, inputs, 3, 3), beta, padding


@pytest.mark.parametrize("m", [2, 4])
@MANY
@given(case=winograd_cases())
def test_minimal_filtering_is_the_twin(m: int, case: tuple[Array, Array, Array | None, Padding]) -> None:
    x, Omega, beta, padding = case
    (top, left) = padding

    def kernel(x: Array, Omega: Array, beta: Array | None) -> Array:
        return convolve_winograd(x, winograd_weights(Omega, m), rows(beta), (top, left), rectify, room(x))

    def plain(x: Array, Omega: Array, beta: Array | None) -> Array:
        return twin(x, Omega, beta, (1, 1), padding, (1, 1), 1)

    assert_laws(kernel, plain, (x,), Omega, beta)
    x = x.copy()
    x[0, x.shape[1] // 2, x.shape[2] // 2, 0] = np.nan
    found, least = np.isnan(kernel(x, Omega, beta)), np.isnan(plain(x, Omega, beta))
    assert found[least].all(), "a NaN reaches what reads it"
    assert not found[1:].any(), "a NaN stays in its example"


@pytest.mark.parametrize("m", [2, 4])
@pytest.mark.parametrize("channels", [3, 64, 512])
def test_minimal_filtering_in_float32_is_near(m: int, channels: int) -> None:
    x = normal(0, 1, 8, 8, channels)
    Omega = normal(1, 32, channels, 3, 3) / (9 * channels) ** 0.5
    expected = twin(x, Omega, None, (1, 1), ((1, 1), (1, 1)), (1, 1), 1)
    weights = winograd_weights(Omega.astype(np.float32), m)
    y = convolve_winograd(x.astype(np.float32), weights, None, ((1, 1), (1, 1)), rectify, {})
    assert np.abs(y - expected).max() < 1e-5 * np.abs(expected).max()


@pytest.mark.parametrize("most", [1, 700, 2_000, 10_000, 100_000])
def test_tiles_of_any_size_give_the_whole(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of positions, some lines, an example, or some examples at a time."""
    x, Omega, beta = normal(0, 5, 13, 11, 3), normal(1, 6, 3, 3, 3), normal(2, 6)
    x3, Omega3, beta3 = x, normal(1, 3, 1, 3, 3), normal(2, 3)
    expected = twin(x, Omega, beta, (2, 1), ((1, 1), (1, 0)), (1, 1), 1)
    single = twin(x, Omega, beta, (1, 1), ((1, 1), (1, 0)), (1, 1), 1)
    apart = twin(x3, Omega3, beta3, (2, 1), ((1, 1), (1, 0)), (1, 1), 3)

    def tile(count: int, lines: int, size: int, _: int) -> tuple[int, int]:
        """A tile is never smaller than the weights, which are large beside these images."""
        return tiles.tile_of_lines(count, lines, size, most)

    for module in (kernels, winograd, strips):
        monkeypatch.setattr(module, "tile_of_lines", tile)
    options = ((2, 1), ((1, 1), (1, 0)), (1, 1), 1)
    np.testing.assert_allclose(unfolded(x, Omega, beta, *options), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(in_strips(x, Omega, beta, *options), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(depthwise(x3, Omega3, beta3, *options), apart, rtol=1e-12, atol=1e-12)
    for m in (2, 4):
        y = convolve_winograd(x, winograd_weights(Omega, m), rows(beta), ((1, 1), (1, 0)), rectify, {})
        np.testing.assert_allclose(y, single, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("wide", [5, 40, 300])
def test_depthwise_rows_of_any_length_give_the_whole(wide: int) -> None:
    x, Omega = normal(0, 2, 6, wide, 16), normal(1, 16, 1, 3, 3)
    options = (Omega, None, (1, 1), ((1, 1), (1, 1)), (1, 2), 16)
    np.testing.assert_allclose(depthwise(x, *options), twin(x, *options), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("most", [1, 9_000, 10**6])
@pytest.mark.parametrize("length", [7, 128, 301])
def test_depthwise_stretches_of_any_length_give_the_whole(
    length: int, most: int, stride: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One axis of positions is cut into stretches, a stretch into rows of so many columns, and what is left over."""
    monkeypatch.setattr(kernels, "_WINDOW_BYTES", most)
    x, Omega, beta = normal(0, 3, length, 16), normal(1, 16, 1, 3), normal(2, 16)
    options = (Omega, beta, (stride,), ((1, 2),), (2,), 16)
    np.testing.assert_allclose(depthwise(x, *options), twin(x, *options), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("channels", [1, 3, 16, 17])
@pytest.mark.parametrize("stride", [(1, 2), (3, 2), (2, 3)])
def test_depthwise_columns_that_are_apart_are_copied_where_channels_are_few(
    channels: int, stride: Sizes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernels, "_FEW_CHANNELS", 16)
    x, Omega, beta = normal(0, 2, 9, 12, channels), normal(1, channels, 1, 3, 4), normal(2, channels)
    for padding in (((0, 0), (0, 0)), ((2, 1), (1, 3))):
        scratch: dict[str, Array] = {}
        options = (stride, padding, (2, 1))
        y = convolve_depthwise(x, depthwise_weights(Omega), rows(beta), *options, rectify, scratch)
        np.testing.assert_allclose(y, twin(x, Omega, beta, *options, channels), rtol=1e-12, atol=1e-12)
        assert ("columns by taps" in scratch) == (channels <= 16)


def test_a_result_goes_where_it_is_told() -> None:
    x, Omega, apart = normal(0, 2, 6, 6, 3), normal(1, 5, 3, 3, 3), normal(1, 3, 1, 3, 3)
    same = ((1, 1), (1, 1))
    out, out3 = np.empty((2, 6, 6, 5)), np.empty((2, 6, 6, 3))
    assert convolve_unfolded(x, unfolded_weights(Omega, 1), None, (3, 3), (1, 1), same, (1, 1), 1, None, {}, out) is out
    assert convolve_winograd(x, winograd_weights(Omega), None, same, None, {}, out) is out
    assert convolve_strips(x, strip_weights(Omega), None, (3, 3), (1, 1), same, None, {}, out) is out
    assert convolve_depthwise(x, depthwise_weights(apart), None, (1, 1), same, (1, 1), None, {}, out3) is out3


@pytest.mark.parametrize("shape", [(2, 3, 5), (1, 100, 90), (2, 3, 7, 9), (0, 3, 4), (1, 2, 3, 4, 5), (1, 70, 200, 2)])
def test_channels_move_to_the_end_and_back(shape: Sizes) -> None:
    x = normal(0, *shape)
    y = channels_last(x)
    assert y.flags.c_contiguous
    assert np.array_equal(y, np.moveaxis(x, 1, -1))
    back = channels_first(y)
    assert back.flags.c_contiguous
    assert np.array_equal(back, x)
    out = np.empty_like(y)
    assert channels_last(x, out) is out
    assert np.array_equal(out, y)

"""Convolutions are their twins, for every stride, padding, dilation and number of groups."""

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import channels_last, tiles
from netspec.compiler.kernels.convolution import convolve_transposed
from tests.compiler.kernels.as_emitted import convolve
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
from tests.twins import convolution as twins


class Case(NamedTuple):
    """A convolution of x, whose Ω has `shape` behind the channels that it gives or reads."""

    x: Array
    groups: int
    inputs: int
    outputs: int
    kernel: Sizes
    stride: Sizes
    padding: Padding
    dilation: Sizes
    beta: Array | None


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw a convolution whose window fits."""
    axes = draw(st.integers(1, 3))
    groups = draw(st.integers(1, 3))
    inputs, outputs = (groups * draw(st.integers(1, 2)) for _ in range(2))
    kernel, stride, dilation = (draw(sizes(axes, 1, most)) for most in (3, 3, 2))
    padding = draw(paddings((2,) * axes))
    seed = draw(SEEDS)
    positions = [
        max(1, d * (k - 1) + 1 - low - high + draw(st.integers(0, 3)))
        for k, d, (low, high) in zip(kernel, dilation, padding, strict=True)
    ]
    x = normal(seed, draw(st.integers(1, 3)), inputs, *positions)
    beta = normal(seed + 1, outputs) if draw(st.booleans()) else None
    return Case(x, groups, inputs, outputs, kernel, stride, padding, dilation, beta)


@MANY
@given(cases(), SEEDS)
def test_a_convolution_is_its_twin(case: Case, seed: int) -> None:
    Omega = normal(seed, case.outputs, case.inputs // case.groups, *case.kernel)
    options = (Omega, case.beta, case.stride, case.padding, case.dilation, case.groups)
    assert_laws(convolve, twins.convolve, (case.x,), *options)
    assert_nan_reaches_what_reads_it(convolve, twins.convolve, case.x, *options)


@MANY
@given(cases(), SEEDS, st.data())
def test_a_transposed_convolution_is_its_twin(case: Case, seed: int, data: st.DataObject) -> None:
    more = tuple(data.draw(st.integers(0, max(s, d) - 1)) for s, d in zip(case.stride, case.dilation, strict=True))
    padding = tuple(
        (min(low, room), min(high, room - min(low, room)))
        for (low, high), room in zip(
            case.padding,
            (
                (n - 1) * s + d * (k - 1) + extra
                for n, s, d, k, extra in zip(
                    case.x.shape[2:], case.stride, case.dilation, case.kernel, more, strict=True
                )
            ),
            strict=True,
        )
    )
    Omega = normal(seed, case.inputs, case.outputs // case.groups, *case.kernel)
    options = (Omega, case.beta, case.stride, padding, more, case.dilation, case.groups)
    assert_laws(convolve_transposed, twins.convolve_transposed, (case.x,), *options)
    assert_nan_reaches_what_reads_it(convolve_transposed, twins.convolve_transposed, case.x, *options)


@MANY
@given(cases(), SEEDS)
def test_a_transposed_convolution_is_the_adjoint(case: Case, seed: int) -> None:
    """⟨Ω ⋆ x, v⟩ = ⟨x, Ωᵀ v⟩, where what the windows leave over at the end is the output's padding."""
    Omega = normal(seed, case.outputs, case.inputs // case.groups, *case.kernel)
    y = convolve(case.x, Omega, None, case.stride, case.padding, case.dilation, case.groups)
    v = normal(seed + 1, *y.shape)
    left = tuple(
        (n + low + high - d * (k - 1) - 1) % s
        for n, (low, high), d, k, s in zip(
            case.x.shape[2:], case.padding, case.dilation, case.kernel, case.stride, strict=True
        )
    )
    back = convolve_transposed(v, Omega, None, case.stride, case.padding, left, case.dilation, case.groups)
    assert back.shape == case.x.shape
    assert np.vdot(y, v) == pytest.approx(np.vdot(case.x, back), rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("groups", [1, 2, 4])
@pytest.mark.parametrize("most", [1, 700, 2_000, 10_000])
def test_parts_of_any_size_give_the_whole(groups: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of positions, some lines, an example, or some examples at a time."""
    x, Omega = normal(0, 5, 4, 9, 7), normal(1, 8, 4 // groups, 3, 3)
    options = (Omega, None, (1, 1), ((1, 1), (1, 0)), (1, 1), groups)
    whole = convolve(x, *options)

    def tile(count: int, lines: int, size: int, _: int) -> tuple[int, int]:
        return tiles.tile_of_lines(count, lines, size, most)

    monkeypatch.setattr(channels_last, "tile_of_lines", tile)
    np.testing.assert_allclose(convolve(x, *options), whole, rtol=1e-13, atol=1e-13)

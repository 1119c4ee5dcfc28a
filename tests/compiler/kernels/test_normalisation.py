"""Normalisations are their twins, with and without a gain and an offset."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels.normalisation import group_norm, layer_norm, rms_norm
from tests.compiler.kernels.as_emitted import batch_norm
from tests.compiler.kernels.laws import (
    MANY,
    SEEDS,
    Array,
    Sizes,
    assert_laws,
    assert_nan_reaches_what_reads_it,
    normal,
    sizes,
)
from tests.compiler.programs import assert_close
from tests.twins import normalisation as twins

POSITIONS = st.integers(0, 3).flatmap(lambda axes: sizes(axes, 1, 4))
EPSILONS = st.sampled_from([1e-5, 1e-3, 1.0])


@st.composite
def scales(draw: st.DrawFn, *shape: int) -> tuple[Array | None, Array | None]:
    """Draw a gain and an offset, or neither, or one of them."""
    seed = draw(SEEDS)
    return tuple(normal(seed + i, *shape) if draw(st.booleans()) else None for i in range(2))  # type: ignore[return-value]


@MANY
@given(st.data(), POSITIONS, SEEDS, EPSILONS)
def test_a_batch_norm_is_its_twin(data: st.DataObject, positions: Sizes, seed: int, epsilon: float) -> None:
    channels = data.draw(st.integers(1, 4))
    x = normal(seed, 3, channels, *positions)
    statistics = (normal(seed + 1, channels), np.abs(normal(seed + 2, channels)))
    options = (*data.draw(scales(channels)), *statistics, epsilon)
    assert_laws(batch_norm, twins.batch_norm, (x,), *options)
    assert_nan_reaches_what_reads_it(batch_norm, twins.batch_norm, x, *options)


@MANY
@given(st.data(), sizes(3, 1, 5), st.integers(1, 3), SEEDS, EPSILONS)
def test_a_layer_norm_is_its_twin(data: st.DataObject, shape: Sizes, axes: int, seed: int, epsilon: float) -> None:
    x = normal(seed, 3, *shape)
    options = (*data.draw(scales(*shape[-axes:])), axes, epsilon)
    assert_laws(layer_norm, twins.layer_norm, (x,), *options)
    assert_nan_reaches_what_reads_it(layer_norm, twins.layer_norm, x, *options)


@MANY
@given(st.data(), POSITIONS, st.integers(1, 3), SEEDS, EPSILONS)
def test_a_group_norm_is_its_twin(
    data: st.DataObject, positions: Sizes, groups: int, seed: int, epsilon: float
) -> None:
    channels = groups * data.draw(st.integers(1, 3))
    x = normal(seed, 3, channels, *positions)
    options = (*data.draw(scales(channels)), groups, epsilon)
    assert_laws(group_norm, twins.group_norm, (x,), *options)
    assert_nan_reaches_what_reads_it(group_norm, twins.group_norm, x, *options)


@MANY
@given(st.integers(1, 2).flatmap(lambda axes: sizes(axes, 1, 6)), st.booleans(), SEEDS, EPSILONS)
def test_an_rms_norm_is_its_twin(shape: Sizes, gain: bool, seed: int, epsilon: float) -> None:
    x = normal(seed, 3, *shape)
    options = (normal(seed + 1, shape[-1]) if gain else None, epsilon)
    assert_laws(rms_norm, twins.rms_norm, (x,), *options)
    assert_nan_reaches_what_reads_it(rms_norm, twins.rms_norm, x, *options)


@pytest.mark.parametrize("rows", [1, 300])
def test_norms_over_an_axis_may_write_where_they_read(rows: int) -> None:
    """Also where there are more rows than are taken at a time."""
    x, gamma, beta = normal(0, rows, 2, 200), normal(1, 200), normal(2, 200)
    y, z = x.copy(), x.copy()
    assert layer_norm(y, gamma, beta, 1, 1e-5, out=y) is y
    assert_close(y, twins.layer_norm(x, gamma, beta, 1, 1e-5), 1e-12)
    assert rms_norm(z, gamma, 1e-5, out=z) is z
    assert_close(z, twins.rms_norm(x, gamma, 1e-5), 1e-12)


@pytest.mark.parametrize(("dtype", "tolerance"), [("float32", 1e-3), ("float64", 1e-10)])
def test_a_large_mean_does_not_swallow_the_variance(dtype: str, tolerance: float) -> None:
    x = (1000 + normal(0, 2, 50)).astype(dtype)
    y = layer_norm(x, None, None, 1, 1e-5)
    np.testing.assert_allclose(y, twins.layer_norm(x, None, None, 1, 1e-5), atol=tolerance)

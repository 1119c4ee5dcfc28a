"""Upsampling is its twin, by every factor."""

from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels.resampling import upsample_linear, upsample_nearest
from tests.compiler.kernels.laws import MANY, SEEDS, Sizes, assert_laws, assert_nan_reaches_what_reads_it, normal, sizes
from tests.twins import resampling as twins

POSITIONS_AND_FACTORS = st.integers(1, 3).flatmap(lambda axes: st.tuples(sizes(axes, 1, 4), sizes(axes, 1, 3)))


@MANY
@given(POSITIONS_AND_FACTORS, SEEDS)
def test_nearest_is_its_twin(pair: tuple[Sizes, Sizes], seed: int) -> None:
    positions, factors = pair
    x = normal(seed, 2, 2, *positions)
    assert_laws(upsample_nearest, twins.upsample_nearest, (x,), factors)
    assert_nan_reaches_what_reads_it(upsample_nearest, twins.upsample_nearest, x, factors)


@MANY
@given(POSITIONS_AND_FACTORS, SEEDS)
def test_linear_is_its_twin(pair: tuple[Sizes, Sizes], seed: int) -> None:
    positions, factors = pair
    assert_laws(upsample_linear, twins.upsample_linear, (normal(seed, 2, 2, *positions),), factors)

"""Padding is its twin."""

from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels.shapes import pad
from tests.compiler.kernels.laws import (
    MANY,
    SEEDS,
    Sizes,
    assert_laws,
    assert_nan_reaches_what_reads_it,
    normal,
    paddings,
    sizes,
)
from tests.twins import shapes as twins


@MANY
@given(st.data(), st.integers(1, 3).flatmap(lambda axes: sizes(axes, 1, 4)), SEEDS, st.sampled_from([0.0, -1.5]))
def test_padding_is_its_twin(data: st.DataObject, shape: Sizes, seed: int, value: float) -> None:
    widths = data.draw(paddings((2,) * len(shape)))
    x = normal(seed, 2, *shape)
    assert_laws(pad, twins.pad, (x,), widths, value)
    assert_nan_reaches_what_reads_it(pad, twins.pad, x, widths, value)

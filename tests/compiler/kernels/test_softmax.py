"""Softmax and its logarithm are their twins, also far out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels.softmax import log_softmax, softmax
from tests.compiler.kernels.laws import MANY, SEEDS, Sizes, assert_laws, assert_nan_reaches_what_reads_it, normal, sizes
from tests.twins import softmax as twins


@MANY
@given(st.data(), st.integers(1, 3).flatmap(lambda axes: sizes(axes, 1, 5)), SEEDS)
def test_both_are_their_twins_on_every_axis(data: st.DataObject, shape: Sizes, seed: int) -> None:
    axis = data.draw(st.sampled_from([*range(1, len(shape) + 1), *range(-len(shape), 0)]))
    x = normal(seed, 3, *shape)
    for kernel, twin in ((softmax, twins.softmax), (log_softmax, twins.log_softmax)):
        assert_laws(kernel, twin, (x,), axis)
        assert_nan_reaches_what_reads_it(kernel, twin, x, axis)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_large_numbers_do_not_overflow(dtype: str) -> None:
    x = np.array([[1e30, 1e30, -1e30]], dtype)
    assert softmax(x, 1).tolist() == [[0.5, 0.5, 0]]
    np.testing.assert_allclose(log_softmax(x, 1), [[-np.log(2), -np.log(2), -2e30]], rtol=1e-6)


def test_minus_infinity_has_no_share() -> None:
    x = np.array([[-np.inf, 0, -np.inf, 0]])
    assert softmax(x, 1).tolist() == [[0, 0.5, 0, 0.5]]
    np.testing.assert_allclose(log_softmax(x, 1), [[-np.inf, -np.log(2), -np.inf, -np.log(2)]])


def test_a_softmax_of_more_rows_than_are_taken_at_a_time_is_its_twin() -> None:
    x = normal(0, 40, 3, 700)
    for axis in (1, 2):
        np.testing.assert_allclose(softmax(x, axis), twins.softmax(x, axis), rtol=1e-12)

"""Windows counted one by one, against the formulas for how many there are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.operations import OperationFault
from netspec.operations.convolve import Convolve
from netspec.operations.convolve_transposed import ConvolveTransposed
from netspec.operations.windows import positions
from netspec.sizes import evaluate, symbol

SMALL = st.integers(1, 4)
PADDING = st.tuples(st.integers(0, 3), st.integers(0, 3))


def placed(n: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, *, ceil: bool) -> int:
    """Return how many windows there are, by placing one after the other."""
    low, high = padding
    count = start = 0
    while start + dilation * (kernel - 1) < low + n + high:
        count, start = count + 1, start + stride
    hangs_over = ceil and start - stride + dilation * (kernel - 1) + 1 < low + n + high
    return count + 1 if hangs_over and start < low + n else count


@given(st.integers(1, 20), SMALL, SMALL, PADDING, st.integers(1, 3), st.booleans())
def test_windows_are_as_many_as_can_be_placed(
    n: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, ceil: bool
) -> None:
    padding = (padding[0], min(padding[1], dilation * (kernel - 1)))
    count = placed(n, kernel, stride, padding, dilation, ceil=ceil)
    numbers = ((kernel,), (stride,), (padding,), (dilation,))
    if count:
        assert positions((n,), *numbers, ceil=ceil) == (count,)
        (free,) = positions((symbol("n"),), *numbers, ceil=ceil)
        assert evaluate(free, {"n": n}) == count
    else:
        with pytest.raises(OperationFault):
            positions((n,), *numbers, ceil=ceil)


@given(st.integers(1, 20), SMALL, SMALL, PADDING, st.integers(1, 3), st.integers(0, 2))
def test_a_transposed_convolution_goes_back_to_where_a_convolution_came_from(
    n: int, kernel: int, stride: int, padding: tuple[int, int], dilation: int, more: int
) -> None:
    back = ConvolveTransposed(4, (kernel,), (stride,), (padding,), (more,), (dilation,))
    try:
        (_, size) = back.shape((6, n))
        (_, again) = Convolve(6, (kernel,), (stride,), (padding,), (dilation,)).shape((4, size))
    except OperationFault:
        return
    assert again == n or more >= stride

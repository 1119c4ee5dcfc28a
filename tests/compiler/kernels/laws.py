"""The laws that every kernel keeps, whatever its shapes and options."""

from collections.abc import Callable
from typing import Any, Final

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.compiler.programs import TOLERANCES, assert_close

Array = NDArray[Any]
Kernel = Callable[..., Array]
Sizes = tuple[int, ...]
Padding = tuple[tuple[int, int], ...]

MANY: Final = settings(max_examples=40, deadline=None)
SEEDS: Final = st.integers(0, 2**32 - 1)


def assert_laws(kernel: Kernel, twin: Kernel, batched: tuple[Array, ...], *rest: object) -> None:
    """Assert that a kernel of `batched` float64 arrays and of the rest is its twin, in both dtypes.

    The result is a fresh array of the inputs' dtype, whose layout in memory does not matter and which are not written
    to; a batch is its examples one by one, and may be empty.
    """
    for dtype, tolerance in TOLERANCES.items():
        first = tuple(value.astype(dtype) for value in batched)
        others = tuple(value.astype(dtype) if isinstance(value, np.ndarray) else value for value in rest)
        arrays = [value for value in (*first, *others) if isinstance(value, np.ndarray)]
        kept = [value.copy() for value in arrays]
        y = kernel(*first, *others)
        assert y.dtype == dtype
        assert_close(y, twin(*first, *others), tolerance)
        assert all(np.array_equal(value, copy) for value, copy in zip(arrays, kept, strict=True))
        assert not any(np.shares_memory(y, value) for value in arrays)
        assert y.flags.writeable
        assert_close(kernel(*(np.asfortranarray(value) for value in first), *others), y, tolerance)
        rows = [kernel(*(value[i : i + 1] for value in first), *others) for i in range(len(y))]
        assert_close(np.concatenate(rows), y, tolerance)
        empty = kernel(*(value[:0] for value in first), *others)
        assert empty.shape == (0, *y.shape[1:])
        assert empty.dtype == dtype


def assert_nan_reaches_what_reads_it(kernel: Kernel, twin: Kernel, x: Array, *rest: object) -> None:
    """Assert that a NaN in x comes to light in the results that depend on it, and in no others."""
    x = x.copy()
    x[(0, *(n // 2 for n in x.shape[1:]))] = np.nan
    expected = twin(x, *rest)
    assert np.array_equal(np.isnan(kernel(x, *rest)), np.isnan(expected))


def normal(seed: int, *shape: int) -> Array:
    """Return numbers around zero."""
    return np.random.default_rng(seed).normal(0, 1.5, shape)


def sizes(axes: int, least: int, most: int) -> st.SearchStrategy[Sizes]:
    """Draw a number for each axis."""
    return st.tuples(*[st.integers(least, most)] * axes)


def paddings(most: Sizes) -> st.SearchStrategy[Padding]:
    """Draw for each axis what stands before it and behind it."""
    return st.tuples(*(st.tuples(st.integers(0, n), st.integers(0, n)) for n in most))

"""Matrix products in blocks so small that OpenBLAS multiplies them as they lie.

OpenBLAS copies both matrices before it multiplies, unless m · n · k ≤ 10⁶. So the right matrix is stored as panels of
columns, the left one is cut into blocks of rows, and one call of np.matmul goes over all pairs of them.
"""

import numpy as np

from netspec.compiler.kernels.buffers import aligned
from netspec.compiler.kernels.products import _UNPACKED

# columns: four registers of AVX-512 in float32; 32 are quicker where a product has few rows and its weights lie in a
# cache, and slower where they come from memory, as they do in a whole network
_PANEL = 64
_STEP = 12  # rows: twice what the inner loop of OpenBLAS takes at a time
_LEAST_ROWS = 6

# numbers: what is repeated along shorter rows than this passes through a buffer of NumPy, at half the speed
_ROW_OF_OFFSETS = 8192
_ZEROS = {np.dtype(t): np.zeros(_ROW_OF_OFFSETS, t) for t in ("f4", "f8")}


def panels(weights: np.ndarray) -> np.ndarray:
    """Return matrices as panels of columns, (count, n / p, k, p), on a cache line. weights: (count, k, n)."""
    count, k, n = weights.shape
    width = panel_width(n)
    parts = aligned((count, n // width, k, width), weights.dtype.str)
    parts[...] = weights.reshape(count, k, n // width, width).transpose(0, 2, 1, 3)
    return parts


def panel_width(n: int) -> int:
    """Return the divisor of n that panels are wide: 64 or the next that fills registers, else near to 64, else n."""
    fitting = [width for width in (_PANEL, 48, 32, 96, 80, 112, 128, *range(_PANEL, 15, -1)) if n % width == 0]
    return fitting[0] if fitting else n


def multiply_matrices(x: np.ndarray, weights: np.ndarray, y: np.ndarray) -> None:
    """Write the products of matrices into y. x: (count, m, k), weights: (count, n / p, k, p), y: (count, m, n)."""
    count, m, k = x.shape
    _, parts, _, width = weights.shape
    y = y.reshape(count, m, parts, width).transpose(0, 2, 1, 3)
    rows = _UNPACKED // max(1, k * width)
    if rows >= m or rows < _LEAST_ROWS:
        np.matmul(x[:, None], weights, out=y)
        return
    if rows > _STEP:
        rows -= rows % _STEP
    blocks = m // rows
    whole = blocks * rows
    np.matmul(
        x[:, :whole].reshape(count, 1, blocks, rows, k),
        weights[:, :, None],
        out=y[:, :, :whole].reshape(count, parts, blocks, rows, width),
    )
    if whole < m:
        np.matmul(x[:, None, whole:], weights, out=y[:, :, whole:])


def mixed(matrix: np.ndarray, x: np.ndarray, y: np.ndarray) -> None:
    """Write matrix · x into y, some columns at a time. matrix: (m, k), both small, x: (k, n), y: (m, n)."""
    m, k = matrix.shape
    n = x.shape[1]
    blocks = n // _PANEL
    whole = blocks * _PANEL
    if blocks:
        np.matmul(
            matrix,
            x[:, :whole].reshape(k, blocks, _PANEL).transpose(1, 0, 2),
            out=y[:, :whole].reshape(m, blocks, _PANEL).transpose(1, 0, 2),
        )
    if whole < n:
        np.matmul(matrix, x[:, whole:], out=y[:, whole:])


def bias_rows(beta: np.ndarray) -> np.ndarray:
    """Return β again and again, (rows, channels), as `add_rows` reads it."""
    rows = aligned((-(-_ROW_OF_OFFSETS // max(1, beta.size)), beta.size), beta.dtype.str)
    rows[...] = beta
    return rows


def add_rows(y: np.ndarray, rows: np.ndarray) -> None:
    """Add β to every row of y, a C-contiguous (count, channels). rows: of `bias_rows`."""
    count = len(y)
    whole = count - count % len(rows)
    if whole:
        long = y[:whole].reshape(whole // len(rows), rows.size)
        np.add(long, rows.reshape(rows.size), out=long)
    if whole < count:
        np.add(y[whole:], rows[: count - whole], out=y[whole:])


def rectify(y: np.ndarray, _room: dict[str, np.ndarray] | None = None) -> None:
    """Write max(y, 0) over y, which is C-contiguous: long rows of zeros are quicker than the number 0."""
    y = y.reshape(y.size)
    zeros = _ZEROS[y.dtype]
    whole = y.size - y.size % _ROW_OF_OFFSETS
    if whole:
        long = y[:whole].reshape(-1, _ROW_OF_OFFSETS)
        np.maximum(long, zeros, out=long)
    if whole < y.size:
        np.maximum(y[whole:], zeros[: y.size - whole], out=y[whole:])

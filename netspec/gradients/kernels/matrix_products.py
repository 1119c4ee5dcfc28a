"""The product of two matrices that both come from the input, and its gradients.

Values are rows, (N, …, i, k). Axes before the last two are equal, or 1 and then repeated. The text is copied into
emitted programs, so these functions need nothing but NumPy and each other.
"""

import numpy as np


def matmul_forward(
    a: np.ndarray, b: np.ndarray, *, y: np.ndarray, transpose_first: bool = False, transpose_second: bool = False
) -> None:
    """Write a b into y, the last two axes of a or b being exchanged first where it says so; nothing is saved."""
    np.matmul(_exchanged(a, transpose_first), _exchanged(b, transpose_second), out=y)


def matmul_backward(
    dy: np.ndarray,
    saved: None,  # noqa: ARG001 - the contract's signature
    a: np.ndarray,
    b: np.ndarray,
    *,
    da: np.ndarray | None = None,
    db: np.ndarray | None = None,
    transpose_first: bool = False,
    transpose_second: bool = False,
) -> None:
    """Write da = dy bᵀ and db = aᵀ dy, exchanged as a and b are, and summed over the axes along which they repeat."""
    if da is not None:
        _matmul_repeated(dy, _exchanged(b, not transpose_second), _exchanged(da, transpose_first))
    if db is not None:
        _matmul_repeated(_exchanged(a, not transpose_first), dy, _exchanged(db, transpose_second))


def _exchanged(x: np.ndarray, turned: bool) -> np.ndarray:
    """Return x, with its last two axes exchanged where it is turned."""
    return x.swapaxes(-1, -2) if turned else x


def _matmul_repeated(a: np.ndarray, b: np.ndarray, out: np.ndarray) -> None:
    """Write a b into `out`, summed over the axes before the last two where `out` has 1."""
    before = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    repeated = tuple([axis for axis, size in enumerate(before) if out.shape[axis] < size])
    if repeated:
        np.add.reduce(np.matmul(a, b), repeated, out=out, keepdims=True)
    else:
        np.matmul(a, b, out=out)

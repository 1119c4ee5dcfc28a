"""The affine map of rows, y = β + Ω x over the last axis, and its gradients.

Values are rows, (N, …, D), of two axes or more; Ω: (out, in), β: (out,). A product is one of all rows. The text is
copied into emitted programs, so these functions need nothing but NumPy.
"""

import numpy as np


def affine_rows_forward(x: np.ndarray, *, y: np.ndarray, Omega: np.ndarray, beta: np.ndarray | None = None) -> None:
    """Write β + Ω x into y; nothing is saved. x: (N, …, in), y: (N, …, out)."""
    out, size = Omega.shape
    y_rows = y.reshape(-1, out)
    np.matmul(x.reshape(-1, size), Omega.T, out=y_rows)
    if beta is not None:
        y_rows += beta


def affine_rows_backward(
    dy: np.ndarray,
    saved: None,  # noqa: ARG001 - the contract's signature
    x: np.ndarray,
    *,
    Omega: np.ndarray,
    beta: np.ndarray | None = None,  # noqa: ARG001 - the contract's signature
    dx: np.ndarray | None = None,
    dOmega: np.ndarray | None = None,
    dbeta: np.ndarray | None = None,
) -> None:
    """Write dx = Ωᵀ dy, and dΩ = Σ dy xᵀ and dβ = Σ dy over all rows."""
    out, size = Omega.shape
    rows = dy.reshape(-1, out)
    if dx is not None:
        np.matmul(rows, Omega, out=dx.reshape(-1, size))
    if dOmega is not None:
        np.matmul(rows.T, x.reshape(-1, size), out=dOmega)
    if dbeta is not None:
        np.matmul(np.ones(len(rows), dy.dtype), rows, out=dbeta)

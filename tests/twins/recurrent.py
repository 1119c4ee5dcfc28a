"""The plain recurrent layers: one example and one step at a time, gate by gate."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Tensor = NDArray[Any]
Bias = NDArray[Any] | None


def rnn(
    x: Tensor,
    Omega_input: Tensor,
    Omega_hidden: Tensor,
    beta_input: Bias,
    beta_hidden: Bias,
    reverse: bool,
    function: str,
) -> Array:
    """Return h_t = a[β_i + Ω_i x_t + β_h + Ω_h h_{t-1}]."""
    (wi,), (wh,), (bi,), (bh,) = _gates(1, Omega_input, Omega_hidden, beta_input, beta_hidden)
    y = np.empty((*x.shape[:2], wh.shape[1]))
    for n in range(len(x)):
        h = np.zeros(wh.shape[1])
        for t in _steps(x, reverse):
            z = bi + wi @ x[n, t] + bh + wh @ h
            h = np.tanh(z) if function == "tanh" else np.where(z < 0, 0.0, z)
            y[n, t] = h
    return y


def lstm(
    x: Tensor, Omega_input: Tensor, Omega_hidden: Tensor, beta_input: Bias, beta_hidden: Bias, reverse: bool
) -> Array:
    """Return h_t = o tanh(c_t), where c_t = f c_{t-1} + i g; the gates are stacked as i, f, g, o."""
    wi, wh, bi, bh = _gates(4, Omega_input, Omega_hidden, beta_input, beta_hidden)
    y = np.empty((*x.shape[:2], Omega_hidden.shape[1]))
    for n in range(len(x)):
        h = c = np.zeros(Omega_hidden.shape[1])
        for t in _steps(x, reverse):
            i, f, g, o = (bi[k] + wi[k] @ x[n, t] + bh[k] + wh[k] @ h for k in range(4))
            c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
            h = _sigmoid(o) * np.tanh(c)
            y[n, t] = h
    return y


def gru(
    x: Tensor, Omega_input: Tensor, Omega_hidden: Tensor, beta_input: Bias, beta_hidden: Bias, reverse: bool
) -> Array:
    """Return h_t = (1 - z) n + z h_{t-1}; the gates are stacked as r, z, n, and r acts on n's hidden part."""
    wi, wh, bi, bh = _gates(3, Omega_input, Omega_hidden, beta_input, beta_hidden)
    y = np.empty((*x.shape[:2], Omega_hidden.shape[1]))
    for n in range(len(x)):
        h = np.zeros(Omega_hidden.shape[1])
        for t in _steps(x, reverse):
            r, z = (_sigmoid(bi[k] + wi[k] @ x[n, t] + bh[k] + wh[k] @ h) for k in range(2))
            new = np.tanh(bi[2] + wi[2] @ x[n, t] + r * (bh[2] + wh[2] @ h))
            h = (1 - z) * new + z * h
            y[n, t] = h
    return y


def _gates(
    gates: int, Omega_input: Tensor, Omega_hidden: Tensor, beta_input: Bias, beta_hidden: Bias
) -> Iterator[list[Array]]:
    """Yield the parts of each tensor, gate by gate; a bias that is not there is zero."""
    rows = len(Omega_hidden)
    for tensor in (Omega_input, Omega_hidden, beta_input, beta_hidden):
        yield np.split(np.zeros(rows) if tensor is None else tensor.astype(np.float64), gates)


def _steps(x: Tensor, reverse: bool) -> range:
    return range(x.shape[1] - 1, -1, -1) if reverse else range(x.shape[1])


def _sigmoid(z: Array) -> Array:
    y: Array = 1 / (1 + np.exp(-z))
    return y

"""Recurrent layers: from zero states, one direction, as torch.nn.RNN, LSTM and GRU have them.

x: (N, T, F); the weights of the gates are stacked in PyTorch's order: Ω_input (gates H, F), Ω_hidden (gates H, H), each
β (gates H,). All give every step's hidden state, (N, T, H), in the order of x also in reverse. The text is copied into
emitted programs, so these functions need nothing but NumPy and each other.
"""

import numpy as np


def rnn(
    x: np.ndarray,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None,
    beta_hidden: np.ndarray | None,
    reverse: bool,
    function: str,
) -> np.ndarray:
    """Return h_t = a[β_i + Ω_i x_t + β_h + Ω_h h_{t-1}], a being "tanh" or "relu" (Elman 1990)."""
    inputs = _projected(x, Omega_input, beta_input)
    y = np.empty_like(inputs)
    h = np.zeros((x.shape[0], Omega_hidden.shape[1]), x.dtype)
    for t in range(x.shape[1])[:: -1 if reverse else 1]:
        z = inputs[:, t] + _projected(h, Omega_hidden, beta_hidden)
        h = np.tanh(z) if function == "tanh" else np.maximum(z, 0.0)
        y[:, t] = h
    return y


def lstm(
    x: np.ndarray,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None,
    beta_hidden: np.ndarray | None,
    reverse: bool,
) -> np.ndarray:
    """Return h_t = o tanh(c_t), c_t = f c_{t-1} + i g, gates i, f, g, o (Hochreiter & Schmidhuber 1997; Gers 2000)."""
    inputs = _projected(x, Omega_input, beta_input)
    width = Omega_hidden.shape[1]
    y = np.empty((*x.shape[:2], width), x.dtype)
    h = np.zeros((x.shape[0], width), x.dtype)
    c = np.zeros_like(h)
    for t in range(x.shape[1])[:: -1 if reverse else 1]:
        z = inputs[:, t] + _projected(h, Omega_hidden, beta_hidden)
        gates = _logistic(z)
        c = gates[:, width : 2 * width] * c + gates[:, :width] * np.tanh(z[:, 2 * width : 3 * width])
        h = gates[:, 3 * width :] * np.tanh(c)
        y[:, t] = h
    return y


def gru(
    x: np.ndarray,
    Omega_input: np.ndarray,
    Omega_hidden: np.ndarray,
    beta_input: np.ndarray | None,
    beta_hidden: np.ndarray | None,
    reverse: bool,
) -> np.ndarray:
    """Return h_t = (1 - z) n + z h_{t-1}, n = tanh(β_i + Ω_i x_t + r (β_h + Ω_h h_{t-1})), gates r, z, n (Cho 2014)."""
    inputs = _projected(x, Omega_input, beta_input)
    width = Omega_hidden.shape[1]
    y = np.empty((*x.shape[:2], width), x.dtype)
    h = np.zeros((x.shape[0], width), x.dtype)
    for t in range(x.shape[1])[:: -1 if reverse else 1]:
        hidden = _projected(h, Omega_hidden, beta_hidden)
        gates = _logistic(inputs[:, t, : 2 * width] + hidden[:, : 2 * width])
        new = np.tanh(inputs[:, t, 2 * width :] + gates[:, :width] * hidden[:, 2 * width :])
        h = new + gates[:, width:] * (h - new)
        y[:, t] = h
    return y


def _projected(x: np.ndarray, Omega: np.ndarray, beta: np.ndarray | None) -> np.ndarray:
    """Return β + Ω x for the last axis of x."""
    y: np.ndarray = np.matmul(x.reshape(-1, x.shape[-1]), Omega.T).reshape(*x.shape[:-1], Omega.shape[0])
    if beta is not None:
        y += beta
    return y


def _logistic(z: np.ndarray) -> np.ndarray:
    """Return 1 / (1 + exp(-z)) as exp(min(z, 0)) / (1 + exp(-|z|)), which does not overflow."""
    y: np.ndarray = np.exp(np.minimum(z, 0.0))
    y /= 1.0 + np.exp(-np.abs(z))
    return y

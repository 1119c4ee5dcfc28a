"""Activations in place, some thousand numbers at a time, so that what is between the steps stays in the cache.

Each takes an array and the room for its scratch, as `affine` finishes what it has just computed. The text is copied
into emitted programs, so these functions need nothing but NumPy, each other and those of `buffers` and `special`.
"""

import math

import numpy as np

from netspec.compiler.kernels.buffers import scratch
from netspec.compiler.kernels.matrices import rectify
from netspec.compiler.kernels.special import gelu

_PIECE = 2**15  # elements at a time: a call costs as much as two thousand of them
# Of artanh(erf(x / √2)) / x in x², fitted so that x (1 + tanh(x P(x²))) / 2 is nowhere 3.1e-6 from gelu(x), by
# reweighted least squares; the highest power first. Beyond x = 6 the tangent is ±1 for float32.
_GELU_FIT = (
    1.119090225821961e-06,
    -3.058114242720267e-05,
    -0.0001248609700312455,
    0.03646878998268224,
    0.797828136206143,
)
_GELU_END = 6.0
_TANH_FORM = (math.sqrt(2 / math.pi) * 0.044715, math.sqrt(2 / math.pi))
_TANH_END = 12.0  # beyond which the tangent of the form is ±1 for float64 as well


def finish_relu(z: np.ndarray, _room: dict[str, np.ndarray]) -> None:
    """Write max(z, 0) over z."""
    if z.flags.c_contiguous:
        rectify(z)
    else:
        np.maximum(z, 0.0, out=z)


def finish_gelu(z: np.ndarray, room: dict[str, np.ndarray]) -> None:
    """Write z Φ(z) over z: for float32 by a fit of 3.5e-6 (of numbers around 1), for float64 with all digits."""
    if z.dtype != np.float32:
        finish_gelu_exact(z, room)
        return
    for piece in _pieces(z):
        _gate(piece, _GELU_FIT, _GELU_END, room)


def finish_gelu_exact(z: np.ndarray, _room: dict[str, np.ndarray]) -> None:
    """Write z Φ(z) over z with nearly all digits of the dtype."""
    for piece in _pieces(z):
        gelu(piece, out=piece)


def finish_gelu_tanh(z: np.ndarray, room: dict[str, np.ndarray]) -> None:
    """Write z (1 + tanh(√(2/π) (z + 0.044715 z³))) / 2 over z (Hendrycks & Gimpel 2016)."""
    for piece in _pieces(z):
        _gate(piece, _TANH_FORM, _TANH_END, room)


def finish_silu(z: np.ndarray, room: dict[str, np.ndarray]) -> None:
    """Write z / (1 + exp(-z)) over z, as z (1 + tanh(z / 2)) / 2."""
    for piece in _pieces(z):
        np.maximum(piece, -80.0, out=piece)
        piece *= 0.5
        gate = scratch(room, "gate", piece.shape, piece.dtype.name)
        np.tanh(piece, out=gate)
        gate *= piece
        piece += gate


def _gate(z: np.ndarray, coefficients: tuple[float, ...], end: float, room: dict[str, np.ndarray]) -> None:
    """Write z (1 + tanh(z P(z²))) / 2 over z, P by Horner's rule; |z| > end has the tangent of ±end."""
    within = scratch(room, "within", z.shape, z.dtype.name)
    square = scratch(room, "square", z.shape, z.dtype.name)
    gate = scratch(room, "gate", z.shape, z.dtype.name)
    np.maximum(z, -end, out=z)
    np.minimum(z, end, out=within)
    np.multiply(within, within, out=square)
    np.multiply(square, coefficients[0], out=gate)
    for coefficient in coefficients[1:-1]:
        gate += coefficient
        gate *= square
    gate += coefficients[-1]
    gate *= within
    np.tanh(gate, out=gate)
    z *= 0.5
    gate *= z
    z += gate


def _pieces(z: np.ndarray) -> list[np.ndarray]:
    """Return views that are z together: of some thousand elements, or of whole rows where z is not contiguous."""
    if z.flags.c_contiguous:
        flat = z.reshape(-1)
        return [flat[i : i + _PIECE] for i in range(0, flat.size, _PIECE)]
    rows = max(1, _PIECE // max(1, math.prod(z.shape[1:])))
    return [z[i : i + rows] for i in range(0, len(z), rows)]

"""Derivatives of the elementwise functions: each writes dy · a'(z) into dx, which may be the memory of dy.

Most are told from the result y, which is kept anyway; the others take z. Where a function bends, its derivative is that
of PyTorch. No number overflows, however large z is. Layout: any; the three arrays have one shape. The text is copied
into programs, so these functions need nothing but NumPy, `math`, each other and those of `special`.
"""

import math

import numpy as np

from netspec.compiler.kernels.special import _ERFC_32, _ERFC_64

_SLOPE_PIECE = 2**16  # elements at a time, so that what is between the steps stays in the cache
_BETWEEN_SCRATCHES = 80  # elements: arrays that begin a power of two apart share the same lines of a cache
_SLOPE_OF_SELU = 1.0507009873554804934193349852946
_SLOPE_OF_SELU_BELOW = 1.0507009873554804934193349852946 * 1.6732632423543772848170429916717


def identity_slope(dy: np.ndarray, _y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy into dx."""
    if dx is not dy:
        np.copyto(dx, dy)


def heaviside_slope(_dy: np.ndarray, _y: np.ndarray, dx: np.ndarray) -> None:
    """Write 0 into dx: a step is flat on both sides."""
    dx.fill(0.0)


def relu_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy where y > 0 into dx, and 0 elsewhere."""
    np.multiply(dy, y > 0.0, out=dx)  # quicker than a mask that is kept, a sign, and the bits of the numbers


def relu6_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy where 0 < y < 6 into dx, and 0 elsewhere."""
    hard_tanh_slope(dy, y, dx, 0.0, 6.0)


def hard_tanh_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, low: float, high: float) -> None:
    """Write dy where low < y < high into dx, and 0 elsewhere."""
    inside = y > low
    inside &= y < high
    np.multiply(dy, inside, out=dx)


def hard_sigmoid_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy / 6 where 0 < y < 1 into dx, and 0 elsewhere."""
    hard_tanh_slope(dy, y, dx, 0.0, 1.0)
    dx *= 1.0 / 6.0


def soft_shrink_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, _bound: float) -> None:
    """Write dy where y ≠ 0 into dx, and 0 elsewhere."""
    np.multiply(dy, y != 0.0, out=dx)


def hard_shrink_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, _bound: float) -> None:
    """Write dy where y ≠ 0 into dx, and 0 elsewhere."""
    np.multiply(dy, y != 0.0, out=dx)


def leaky_relu_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, slope: float) -> None:
    """Write dy where y > 0 into dx, and slope · dy elsewhere."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.copyto(t, a > 0.0)
        t *= 1.0 - slope
        t += slope
        np.multiply(g, t, out=out)


def elu_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, alpha: float) -> None:
    """Write dy where y > 0 into dx, and dy (y + α) elsewhere."""
    _write_slope_of_elu(dy, y, dx, 1.0, alpha)


def selu_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write λ dy where y > 0 into dx, and dy (y + λ α) elsewhere."""
    _write_slope_of_elu(dy, y, dx, _SLOPE_OF_SELU, _SLOPE_OF_SELU_BELOW)


def celu_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, alpha: float) -> None:
    """Write dy where y > 0 into dx, and dy (y / α + 1) elsewhere."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.minimum(a, 0.0, out=t)
        if alpha != 1.0:
            t *= 1.0 / alpha
        t += 1.0
        np.multiply(g, t, out=out)


def sigmoid_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy y (1 - y) into dx."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.subtract(1.0, a, out=t)
        t *= a
        np.multiply(g, t, out=out)


def tanh_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (1 - y²) into dx."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.multiply(a, a, out=t)
        np.subtract(1.0, t, out=t)
        np.multiply(g, t, out=out)


def softplus_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (1 - exp(-y)) into dx, which is dy sigmoid(z)."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.negative(a, out=t)
        np.exp(t, out=t)  # seven times as quick as expm1
        np.subtract(1.0, t, out=t)
        np.multiply(g, t, out=out)


def log_sigmoid_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (1 - exp(y)) into dx, which is dy sigmoid(-z)."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.exp(a, out=t)
        np.subtract(1.0, t, out=t)
        np.multiply(g, t, out=out)


def softsign_slope(dy: np.ndarray, y: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (1 - |y|)² into dx, which is dy / (1 + |z|)²."""
    for g, a, out, (t,) in _slope_pieces(dy, y, dx, 1):
        np.absolute(a, out=t)
        np.subtract(1.0, t, out=t)
        t *= t
        np.multiply(g, t, out=out)


def tanh_shrink_slope(dy: np.ndarray, z: np.ndarray, dx: np.ndarray) -> None:
    """Write dy tanh(z)² into dx."""
    for g, a, out, (t,) in _slope_pieces(dy, z, dx, 1):
        np.tanh(a, out=t)
        t *= t
        np.multiply(g, t, out=out)


def hard_swish_slope(dy: np.ndarray, z: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (z/3 + 1/2) where -3 < z < 3 into dx, 0 before and dy behind."""
    for g, a, out, (t, u) in _slope_pieces(dy, z, dx, 2):
        np.clip(a, -3.0, 3.0, out=t)
        t *= 1.0 / 3.0
        t += 0.5
        t *= a > -3.0
        np.copyto(u, a >= 3.0)
        u *= 0.5
        t -= u
        np.multiply(g, t, out=out)


def silu_slope(dy: np.ndarray, z: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (1 + z q / (1 + q)) / (1 + q) into dx, with q = exp(-z)."""
    for g, a, out, (t, q, p) in _slope_pieces(dy, z, dx, 3):
        np.clip(a, -80.0, 80.0, out=t)  # beyond them the slope is 0 or 1 to every digit that counts
        np.negative(t, out=q)
        np.exp(q, out=q)
        np.add(q, 1.0, out=p)
        q /= p
        t *= q
        t += 1.0
        t /= p
        np.multiply(g, t, out=out)


def mish_slope(dy: np.ndarray, z: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (n + 4 z e (e + 1) / (n + 2)) / (n + 2) into dx, with e = exp(z) and n = e (e + 2).

    tanh(log(1 + e)) is n / (n + 2), and its derivative by z 4 e (e + 1) / (n + 2)².
    """
    for g, a, out, (t, e, n, p) in _slope_pieces(dy, z, dx, 4):
        np.clip(a, -80.0, 20.0, out=t)  # beyond them the slope is 0 or 1 to every digit that counts
        np.exp(t, out=e)
        np.add(e, 2.0, out=n)
        n *= e
        np.add(n, 2.0, out=p)
        t *= e
        e += 1.0
        t *= e
        t *= 4.0
        t /= p
        t += n
        t /= p
        np.multiply(g, t, out=out)


def gelu_slope(dy: np.ndarray, z: np.ndarray, dx: np.ndarray) -> None:
    """Write dy (Φ(z) + z φ(z)) into dx: 1/2 ± (1/2 - q), with q = erfc(|z| / √2) / 2 - |z| φ(z), by the sign of z."""
    above, below = _ERFC_32 if dx.dtype == np.float32 else _ERFC_64
    for g, a, out, (t, e, p, q) in _slope_pieces(dy, z, dx, 4):
        np.clip(a, -13.0, 13.0, out=t)  # beyond them the slope is 0 or 1 to every digit that counts
        np.absolute(t, out=t)
        t *= math.sqrt(0.5)
        np.multiply(t, t, out=e)
        np.negative(e, out=e)
        np.exp(e, out=e)
        for quotient, coefficients in ((p, above), (q, below)):
            np.multiply(t, coefficients[0], out=quotient)
            for coefficient in coefficients[1:-1]:
                quotient += coefficient
                quotient *= t
            quotient += coefficients[-1]
        p /= q
        p *= 0.5
        t *= 1.0 / math.sqrt(math.pi)
        t -= p
        t *= e
        t += 0.5
        np.copysign(t, a, out=t)
        t += 0.5
        np.multiply(g, t, out=out)


def gelu_tanh_slope(dy: np.ndarray, z: np.ndarray, dx: np.ndarray) -> None:
    """Write dy s (1 + (1 - s) z u'(z)) into dx, with s = 1 / (1 + exp(-u)) and u = √(8/π) (z + 0.044715 z³)."""
    scale = math.sqrt(8.0 / math.pi)
    for g, a, out, (t, w, q, p) in _slope_pieces(dy, z, dx, 4):
        np.clip(a, -9.9, 9.9, out=t)  # beyond them the slope is 0 or 1 to every digit that counts
        np.multiply(t, t, out=w)
        np.multiply(w, -0.044715 * scale, out=q)
        q -= scale
        q *= t
        np.exp(q, out=q)
        np.add(q, 1.0, out=p)
        q /= p
        w *= 3.0 * 0.044715 * scale
        w += scale
        w *= t
        w *= q
        w += 1.0
        w /= p
        np.multiply(g, w, out=out)


def _write_slope_of_elu(dy: np.ndarray, y: np.ndarray, dx: np.ndarray, above: float, below: float) -> None:
    """Write `above` · dy where y > 0 into dx, and dy (y + below) elsewhere."""
    for g, a, out, (t, u) in _slope_pieces(dy, y, dx, 2):
        np.minimum(a, 0.0, out=t)
        t += below
        if above != below:
            np.copyto(u, a > 0.0)
            u *= above - below
            t += u
        np.multiply(g, t, out=out)


def _slope_pieces(
    dy: np.ndarray, known: np.ndarray, dx: np.ndarray, scratches: int
) -> list[tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
    """Return (dy, known, dx, scratches) some thousand elements at a time; all at once where one is not contiguous."""
    if not (dy.flags.c_contiguous and known.flags.c_contiguous and dx.flags.c_contiguous):
        return [(dy, known, dx, np.empty((scratches, *dx.shape), dx.dtype))]
    g, a, out = dy.reshape(-1), known.reshape(-1), dx.reshape(-1)
    t = np.empty((scratches, min(out.size, _SLOPE_PIECE) + _BETWEEN_SCRATCHES), out.dtype)
    if out.size <= _SLOPE_PIECE:
        return [(g, a, out, t[:, : out.size])]
    pieces = [slice(i, min(i + _SLOPE_PIECE, out.size)) for i in range(0, out.size, _SLOPE_PIECE)]
    return [(g[piece], a[piece], out[piece], t[:, : piece.stop - piece.start]) for piece in pieces]

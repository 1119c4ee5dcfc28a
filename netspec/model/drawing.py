"""Parameters drawn, bit for bit the same on every machine.

Each tensor has a random stream of its own: PCG64 (O'Neill 2014), its 128-bit state and increment being the SHA-256
digest of a version tag, the seed and the tensor's name. What keeps its name and shape keeps its values, whatever else
is edited, and a longer tensor begins like a shorter one. A 64-bit word gives one element. It becomes a uniform or
normal number by sums, products, quotients and square roots alone, which IEEE 754 rounds one way everywhere; the
logarithms of machines' libraries differ in the last digit. All is done in float64 and rounded once to the tensor's
dtype.

Source of the normal numbers: Wichura 1988, "Algorithm AS 241: The percentage points of the normal distribution",
PPND16, accurate to about 1 part in 10^16. They are not cut off at two deviations, as those of some libraries are.
"""

from collections.abc import Callable, Iterator
from hashlib import sha256
from math import prod, sqrt
from typing import Any, Final, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from netspec.layers.inits import INITS as NAMES

Floats: TypeAlias = NDArray[np.float64]

_VERSION: Final = "netspec parameters 1"

_CHUNK: Final = 1 << 16
"""Elements handed out at a time."""

_BLOCK: Final = 1 << 14
"""Elements worked on at a time: the five arrays of a block stay in a core's second cache."""


class Init(NamedTuple):
    """How an initialisation draws: a shape of distribution, and its variance from fan_in and fan_out.

    What is `constant` draws nothing: all elements are the `value`.
    """

    distribution: Literal["normal", "uniform", "constant"]
    variance: Callable[[int, int], float]
    value: float = 0.0


def _he(fan_in: int, _: int) -> float:
    """Return 2 / fan_in: He et al. 2015, "Delving deep into rectifiers"."""
    return 2 / fan_in


def _glorot(fan_in: int, fan_out: int) -> float:
    """Return 2 / (fan_in + fan_out): Glorot & Bengio 2010, "Understanding the difficulty of training deep … nets"."""
    return 2 / (fan_in + fan_out)


def _lecun(fan_in: int, _: int) -> float:
    """Return 1 / fan_in: LeCun, Bottou, Orr & Müller 1998, "Efficient BackProp"."""
    return 1 / fan_in


def _nothing(_in: int, _out: int) -> float:
    """Return 0: a constant does not vary."""
    return 0.0


CONSTANTS: Final = {"zeros": 0.0, "ones": 1.0, "quarters": 0.25}
"""The initialisations that draw nothing. What begins as one says so itself, whatever a spec says of what is drawn."""

_SCHEMES: Final = {"he": _he, "glorot": _glorot, "lecun": _lecun}


def _init(name: str) -> Init:
    """Return how an initialisation draws, by its name: the scheme and the distribution."""
    if name in CONSTANTS:
        return Init("constant", _nothing, CONSTANTS[name])
    scheme, _, distribution = name.partition("_")
    return Init("uniform" if distribution == "uniform" else "normal", _SCHEMES[scheme])


INITS: Final[dict[str, Init]] = {name: _init(name) for name in (*NAMES, *CONSTANTS)}
"""Every initialisation by its name, those that a spec may say and those of operations.

A normal one has mean 0; a uniform one lies between ±√(3 variance)."""


def fill(
    name: str, shape: tuple[int, ...], fan_in: int, fan_out: int, init: str, seed: int, dtype: DTypeLike
) -> Iterator[NDArray[Any]]:
    """Yield the elements of a tensor in C order, in flat arrays of at most 65,536, so that a large one can be streamed.

    dtype: float32 or float64. Raises ValueError for another, and for an init that is not in INITS.
    """
    kind = np.dtype(dtype)
    if kind not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"parameters are float32 or float64, not {kind}")
    if init not in INITS:
        raise ValueError(f"no init is called {init!r}; there are {', '.join(INITS)}")
    distribution, variance, value = INITS[init]
    if distribution == "constant":
        return _constant(prod(shape), value, kind)
    return _chunks(prod(shape), distribution, variance(fan_in, fan_out), _stream(name, seed), kind)


def draw(
    name: str, shape: tuple[int, ...], fan_in: int, fan_out: int, init: str, seed: int, dtype: DTypeLike
) -> NDArray[Any]:
    """Return the tensor that `fill` yields, in its shape."""
    tensor = np.empty(prod(shape), dtype)
    start = 0
    for chunk in fill(name, shape, fan_in, fan_out, init, seed, dtype):
        tensor[start : start + chunk.size] = chunk
        start += chunk.size
    return tensor.reshape(shape)


def _stream(name: str, seed: int) -> np.random.PCG64:
    """Return the tensor's own stream. The increment is odd, as PCG64 asks."""
    digest = sha256(f"{_VERSION}\n{seed}\n{name}".encode()).digest()
    state, increment = int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big") | 1
    stream = np.random.PCG64(0)
    stream.state = {
        "bit_generator": "PCG64",
        "state": {"state": state, "inc": increment},
        "has_uint32": 0,
        "uinteger": 0,
    }
    return stream


def _constant(size: int, value: float, kind: np.dtype[Any]) -> Iterator[NDArray[Any]]:
    """Yield the chunks of a tensor of one value."""
    for start in range(0, size, _CHUNK):
        yield np.full(min(_CHUNK, size - start), value, kind)


def _chunks(
    size: int, distribution: str, variance: float, stream: np.random.PCG64, kind: np.dtype[Any]
) -> Iterator[NDArray[Any]]:
    """Yield the chunks of a tensor of so many elements."""
    normal = _Normal()
    factor = sqrt(variance) if distribution == "normal" else 2 * sqrt(3 * variance)
    for start in range(0, size, _CHUNK):
        chunk = np.empty(min(_CHUNK, size - start), kind)
        for first in range(0, chunk.size, _BLOCK):
            part = chunk[first : first + _BLOCK]
            q = centred(stream.random_raw(part.size))
            z = normal.quantiles(q) if distribution == "normal" else q
            z *= factor
            part[:] = z
        yield chunk


def centred(words: NDArray[np.uint64]) -> Floats:
    """Return u - 1/2 for the uniform numbers u that 64-bit words stand for, exactly; the words are overwritten.

    u is the word's upper 53 bits with the last one set, over 2^53: an odd multiple of 2^-53, so never 0 or 1, and
    never 1/2; u - 1/2 and 1 - u are exact as well.
    """
    words >>= np.uint64(11)
    words |= np.uint64(1)
    u = words.astype(np.float64)
    u *= 2.0**-53
    u -= 0.5
    return u


# Coefficients of AS 241, from the highest power to the constant: a / b about the middle, c / d and e / f in the tails.
_A: Final = (2509.0809287301226727, 33430.575583588128105, 67265.770927008700853, 45921.953931549871457,
             13731.693765509461125, 1971.5909503065514427, 133.14166789178437745, 3.387132872796366608)  # fmt: skip
_B: Final = (5226.495278852854561, 28729.085735721942674, 39307.89580009271061, 21213.794301586595867,
             5394.1960214247511077, 687.1870074920579083, 42.313330701600911252, 1.0)  # fmt: skip
_C: Final = (7.7454501427834140764e-4, 0.0227238449892691845833, 0.24178072517745061177, 1.27045825245236838258,
             3.64784832476320460504, 5.7694972214606914055, 4.6303378461565452959, 1.42343711074968357734)  # fmt: skip
_D: Final = (1.05075007164441684324e-9, 5.475938084995344946e-4, 0.0151986665636164571966, 0.14810397642748007459,
             0.68976733498510000455, 1.6763848301838038494, 2.05319162663775882187, 1.0)  # fmt: skip
_E: Final = (2.01033439929228813265e-7, 2.71155556874348757815e-5, 0.0012426609473880784386, 0.026532189526576123093,
             0.29656057182850489123, 1.7848265399172913358, 5.4637849111641143699, 6.6579046435011037772)  # fmt: skip
_F: Final = (2.04426310338993978564e-15, 1.4215117583164458887e-7, 1.8463183175100546818e-5, 7.868691311456132591e-4,
             0.0148753612908506148525, 0.13692988092273580531, 0.59983220655588793769, 1.0)  # fmt: skip

_LN2_HIGH: Final = 0.693147180369123816490
"""ln 2 to 33 binary digits, so that its product with an exponent is exact."""

_LN2_LOW: Final = 1.90821492927058770002e-10

_SQRT_HALF: Final = 0.70710678118654752440

_ARTANH: Final = tuple(2 / (2 * k + 1) for k in range(10, -1, -1))
"""ln((1 + s) / (1 - s)) = Σ 2 s^(2k + 1) / (2k + 1). As |s| ≤ 0.172, the first term left out is below 10^-17 of it."""


class _Normal:
    """Normal numbers from uniform ones, with the arrays of the work kept from block to block."""

    def __init__(self) -> None:
        self._r, self._top, self._bottom = (np.empty(_BLOCK) for _ in range(3))

    def quantiles(self, q: Floats) -> Floats:
        """Return z with Φ(z) = 1/2 + q for -1/2 < q < 1/2; the result's array is used anew for the next block."""
        r, top, bottom = self._r[: q.size], self._top[: q.size], self._bottom[: q.size]
        np.multiply(q, q, out=r)
        np.subtract(0.180625, r, out=r)
        _polynomial(_A, r, top)
        _polynomial(_B, r, bottom)
        top /= bottom
        top *= q
        outer = np.flatnonzero(r < 0.0)  # |q| > 0.425, some 15 in 100
        if outer.size:
            top[outer] = _outer(q[outer])
        return top


def _polynomial(coefficients: tuple[float, ...], x: Floats, out: Floats) -> None:
    """Write the polynomial's values at x, by Horner's rule; a product and a sum are rounded each."""
    np.multiply(x, coefficients[0], out=out)
    for coefficient in coefficients[1:-1]:
        out += coefficient
        out *= x
    out += coefficients[-1]


def _outer(q: Floats) -> Floats:
    """Return the quantiles for |q| > 0.425: rational functions of r = √(-ln p), p the smaller tail."""
    p = np.abs(q)
    np.subtract(0.5, p, out=p)  # exact: p is a multiple of 2^-53 below 0.075
    r = _log(p)
    np.negative(r, out=r)
    np.sqrt(r, out=r)
    z = _ratio(_C, _D, r - 1.6)
    far = np.flatnonzero(r > 5.0)  # p < 1.4e-11
    if far.size:
        z[far] = _ratio(_E, _F, r[far] - 5.0)
    return np.copysign(z, q, out=z)


def _ratio(above: tuple[float, ...], below: tuple[float, ...], x: Floats) -> Floats:
    """Return the quotient of two polynomials at x."""
    top, bottom = np.empty_like(x), np.empty_like(x)
    _polynomial(above, x, top)
    _polynomial(below, x, bottom)
    top /= bottom
    return top


def _log(p: Floats) -> Floats:
    """Return ln p for 0 < p < 1, to about 1 part in 10^16: p = m 2^e with √½ ≤ m < √2, and ln m by its series."""
    m, exponent = np.frexp(p)
    e = exponent.astype(np.float64)
    low = (m < _SQRT_HALF).astype(np.float64)
    m += m * low
    e -= low
    s = (m - 1.0) / (m + 1.0)
    series = np.empty_like(s)
    _polynomial(_ARTANH, s * s, series)
    series *= s
    series += e * _LN2_LOW
    series += e * _LN2_HIGH
    return series

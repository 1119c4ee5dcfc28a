"""The plain activations: one number in, one number out, by the formula as its source has it.

Where a formula would overflow far out, it is written in the equal form that does not.
"""

import math
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray


def _sigmoid(z: float) -> float:
    return 1 / (1 + math.exp(-z)) if z >= 0 else math.exp(z) / (1 + math.exp(z))


def _softplus(z: float) -> float:
    return max(z, 0.0) + math.log1p(math.exp(-abs(z)))


def _elu(z: float, alpha: float) -> float:
    return z if z > 0 else alpha * math.expm1(z)


def _selu(z: float) -> float:
    return 1.0507009873554804934193349852946 * _elu(z, 1.6732632423543772848170429916717)


def _celu(z: float, alpha: float) -> float:
    return z if z > 0 else alpha * math.expm1(z / alpha)


def _gelu_tanh(z: float) -> float:
    return z / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z * z * z)))


def _hard_sigmoid(z: float) -> float:
    return min(max(z / 6 + 0.5, 0.0), 1.0)


FORMULAS: Final[dict[str, Callable[..., float]]] = {
    "relu": lambda z: max(z, 0.0),
    "identity": lambda z: z,
    "leaky_relu": lambda z, slope: z if z > 0 else slope * z,
    "elu": _elu,
    "selu": _selu,
    "celu": _celu,
    "sigmoid": _sigmoid,
    "tanh": math.tanh,
    "softplus": _softplus,
    "log_sigmoid": lambda z: -_softplus(-z),
    "softsign": lambda z: z / (1 + abs(z)),
    "silu": lambda z: z * _sigmoid(z),
    "mish": lambda z: z * math.tanh(_softplus(z)),
    "gelu": lambda z: z / 2 * math.erfc(-z / math.sqrt(2)),
    "gelu_tanh": _gelu_tanh,
    "relu6": lambda z: min(max(z, 0.0), 6.0),
    "hard_tanh": lambda z, low, high: min(max(z, low), high),
    "hard_sigmoid": _hard_sigmoid,
    "tanh_shrink": lambda z: z - math.tanh(z),
    "soft_shrink": lambda z, bound: z - bound if z > bound else z + bound if z < -bound else 0.0,
    "hard_shrink": lambda z, bound: z if abs(z) > bound else 0.0,
    "hard_swish": lambda z: z * _hard_sigmoid(z),
    "heaviside": lambda z: 1.0 if z > 0 else 0.0,
}
"""a[z] by the name of the activation; what it takes besides follows in the order of its table row."""


def activation(name: str, arguments: tuple[float, ...], z: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a[z] element by element, in the shape of z."""
    formula = FORMULAS[name]
    values = [formula(value, *arguments) for value in z.ravel().tolist()]
    return np.array(values, np.float64).reshape(z.shape)

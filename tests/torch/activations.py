"""Every activation, by its lines and by PyTorch."""

from collections.abc import Callable
from typing import Any, Final

import torch
from torch.nn import functional as F  # noqa: N812 - its usual name

ACTIVATIONS: Final[dict[str, tuple[Callable[..., Any], tuple[tuple[float, float], ...]]]] = {
    "relu": (F.relu, ()),
    "leaky_relu": (F.leaky_relu, ((0.0, 1.5),)),
    "elu": (F.elu, ((0.1, 2.0),)),
    "selu": (F.selu, ()),
    "celu": (F.celu, ((0.1, 2.0),)),
    "sigmoid": (torch.sigmoid, ()),
    "log_sigmoid": (F.logsigmoid, ()),
    "tanh": (torch.tanh, ()),
    "softplus": (lambda z: F.softplus(z, threshold=1e3), ()),  # by the formula, where PyTorch gives z from 20 on
    "softsign": (F.softsign, ()),
    "silu": (F.silu, ()),
    "mish": (F.mish, ()),
    "gelu": (F.gelu, ()),
    "gelu_tanh": (lambda z: F.gelu(z, approximate="tanh"), ()),
    "relu6": (F.relu6, ()),
    "hard_tanh": (F.hardtanh, ((-2.0, 0.0), (0.1, 2.0))),
    "hard_sigmoid": (F.hardsigmoid, ()),
    "hard_swish": (F.hardswish, ()),
    "tanh_shrink": (F.tanhshrink, ()),
    "soft_shrink": (F.softshrink, ((0.0, 2.0),)),
    "hard_shrink": (F.hardshrink, ((0.0, 2.0),)),
    "heaviside": (lambda z: torch.heaviside(z, torch.zeros((), dtype=z.dtype)), ()),
}
"""PyTorch's function by the name of the activation, and what its arguments are drawn between."""

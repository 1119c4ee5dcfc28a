"""Networks as chains, made of numbers without a spec."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from netspec.regions.numbers import rationals
from netspec.regions.steps import Bend, Chain, Largest, Linear, Step

Layer = tuple[Any, Any]
"""Ω (to, from) and β (to)."""


def chain_of(layers: Sequence[Layer], *, exact: bool = False, slope: Any = 0, windows: Any = None) -> Chain:
    """Return affine layers with (leaky) ReLU between them; `windows` takes the largest of them after the first one."""
    steps: list[Step] = []
    number = rationals if exact else lambda values: np.asarray(values, np.float64)
    table = number([slope, 1]).reshape(2, 1)
    value = 0
    for index, (Omega, beta) in enumerate(layers):
        steps.append(Linear((value,), value + 1, _product(number(Omega)), number(beta), f"{index}"))
        value += 1
        if index + 1 < len(layers):
            zero = number(0)[()]
            steps.append(Bend((value,), value + 1, (zero,), table, table - table, f"{index}"))
            value += 1
        if index == 0 and windows is not None:
            places = np.asarray(windows, np.int64)
            steps.append(Largest((value,), value + 1, places, (len(places),), "largest"))
            value += 1
    last = tuple((step.operands[0],) for step in steps)
    return Chain(np.shape(layers[0][0])[1], len(layers[-1][1]), tuple(steps), value, last, exact)


def _product(Omega: Any) -> Any:
    turned = np.ascontiguousarray(Omega.T)
    return lambda x: np.matmul(x[0], turned)


def he(widths: Sequence[int], seed: int, *, beta: float = 1.0) -> list[Layer]:
    """Return layers with weights as He et al. 2015 draw them, and normal β of standard deviation `beta` / √from."""
    generator = np.random.default_rng(seed)
    return [
        (generator.normal(0, np.sqrt(2 / n), (m, n)), generator.normal(0, 1, m) * beta / np.sqrt(n))
        for n, m in pairwise(widths)
    ]


def whole_numbers(widths: Sequence[int], seed: int, most: int = 2) -> list[Layer]:
    """Return layers of small whole numbers: concurrent, parallel, equal and vanishing forms in plenty."""
    generator = np.random.default_rng(seed)
    return [
        (generator.integers(-most, most + 1, (m, n)), generator.integers(-most, most + 1, m))
        for n, m in pairwise(widths)
    ]


def rescaled(layers: Sequence[Layer], seed: int) -> list[Layer]:
    """Return layers whose hidden units are scaled by numbers that round: the same regions, but for rounding."""
    generator = np.random.default_rng(seed)
    found: list[Layer] = []
    before = np.ones(np.shape(layers[0][0])[1])
    for index, (Omega, beta) in enumerate(layers):
        scale = np.ones(len(beta)) if index + 1 == len(layers) else generator.uniform(0.1, 10, len(beta))
        found.append((np.asarray(Omega) * scale[:, None] / before, np.asarray(beta) * scale))
        before = scale
    return found

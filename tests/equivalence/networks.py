"""Small networks at random, with numbers that make degenerate ones likely: multiples of 1/4, zeros, equal rows."""

from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from netspec.equivalence import Chain, chain_of
from netspec.model import Model
from netspec.network import Network

EXAMPLES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

COARSE = st.integers(-8, 8).map(lambda number: number / 4)
FINE = st.floats(-100, 100, width=32).filter(lambda x: x == 0 or abs(x) > 1e-6)
NUMBERS = st.one_of(COARSE, COARSE, FINE)

SIZES = st.integers(1, 3)
RELU = st.just("relu")
BENT: "st.SearchStrategy[Any]" = st.sampled_from(
    ["relu", {"leaky_relu": {"slope": 0.25}}, "relu6", "hard_tanh", "hard_sigmoid", {"soft_shrink": {"bound": 0.5}}]
)
JUMPING: "st.SearchStrategy[Any]" = st.sampled_from(["heaviside", {"hard_shrink": {"bound": 0.5}}])
ANY: "st.SearchStrategy[Any]" = st.one_of(BENT, JUMPING, st.sampled_from(["tanh", "gelu", "identity", "elu"]))


def tensor(draw: st.DrawFn, rows: int, columns: int, numbers: "st.SearchStrategy[float]") -> list[list[float]]:
    """Draw a matrix, now and then with a zero row, or with a row that is there already."""
    found: list[list[float]] = []
    for _ in range(rows):
        kind = draw(st.integers(0, 9))
        if kind == 0:
            found.append([0.0] * columns)
        elif kind == 1 and found:
            found.append([number * draw(st.sampled_from([1.0, 2.0, -1.0])) for number in found[-1]])
        else:
            found.append([draw(numbers) for _ in range(columns)])
    return found


@st.composite
def keys(
    draw: st.DrawFn,
    activations: "st.SearchStrategy[Any]" = BENT,
    inputs: "st.SearchStrategy[int]" = SIZES,
    numbers: "st.SearchStrategy[float]" = NUMBERS,
    depth: int = 3,
) -> dict[str, Any]:
    """Draw the keys of a spec with its parameters."""
    widths = draw(st.lists(st.integers(1, 4), max_size=depth))
    sizes = [draw(inputs), *widths, draw(st.integers(1, 2))]
    parameters: dict[str, Any] = {}
    for k in range(len(sizes) - 1):
        parameters[f"beta_{k}"] = [draw(numbers) for _ in range(sizes[k + 1])]
        parameters[f"Omega_{k}"] = tensor(draw, sizes[k + 1], sizes[k], numbers)
    found = {"input": sizes[0], "widths": widths, "output": sizes[-1], "parameters": parameters}
    if widths:
        found["activation"] = [draw(activations) for _ in widths]
    return found


def models(
    activations: "st.SearchStrategy[Any]" = BENT,
    inputs: "st.SearchStrategy[int]" = SIZES,
    numbers: "st.SearchStrategy[float]" = NUMBERS,
    dtype: str = "float32",
) -> "st.SearchStrategy[Model]":
    """Draw models of fully connected networks."""
    return keys(activations, inputs, numbers).map(lambda found: Network(dtype=dtype, **found).build())


def points(chain: Chain, count: int = 12, seed: int = 0) -> list[tuple[Fraction, ...]]:
    """Return rational points, some of them where units bend: whole numbers and quarters."""
    random = np.random.default_rng(seed)
    return [tuple(Fraction(int(n), 8) for n in random.integers(-40, 41, chain.inputs)) for _ in range(count)]


def values(model: Model, count: int = 12) -> list[tuple[Fraction, ...]]:
    """Return y in rationals at `points`."""
    chain = chain_of(model).exact()
    return [chain.value(x) for x in points(chain, count)]

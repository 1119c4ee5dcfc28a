"""Programs for the laws of the compiler: networks from keys, with parameters that leave nothing at zero."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.compiler import emit, make_plan
from netspec.network import Network
from netspec.operations import FUNCTIONS
from netspec.runtime.program import Program
from tests.twins import twin

ACTIVATIONS: Final[dict[str, object]] = {
    **{name: name for name in FUNCTIONS},
    "leaky_relu of slope 0": {"leaky_relu": {"slope": 0}},
    "leaky_relu of slope 0.3": {"leaky_relu": {"slope": 0.3}},
    "leaky_relu of slope 1": {"leaky_relu": {"slope": 1}},
    "leaky_relu of slope 2.5": {"leaky_relu": {"slope": 2.5}},
    "elu of alpha 0.4": {"elu": {"alpha": 0.4}},
    "elu of alpha 3": {"elu": {"alpha": 3}},
    "celu of alpha 0.25": {"celu": {"alpha": 0.25}},
    "celu of alpha 2": {"celu": {"alpha": 2}},
}
"""Every activation as a spec writes it, and with other arguments than the default ones."""

TOLERANCES: Final = {"float32": 1e-5, "float64": 1e-12}


def network(**keys: object) -> Network:
    """Return a network from the keys of a spec."""
    return Network(**keys)


def parameters(net: Network, seed: int = 0, dtype: str | None = None) -> dict[str, NDArray[Any]]:
    """Return every tensor of the network, β as well, with numbers that keep signals near 1 through many layers."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, shape in net.shapes.items():
        spread = (2 / shape[-1]) ** 0.5 if len(shape) == 2 else 0.5
        found[name] = rng.normal(0, spread, shape).astype(dtype or net.dtype)
    return found


def program(
    net: Network, tensors: Mapping[str, NDArray[Any]], dtype: str | None = None, *, exact: bool = False
) -> Program:
    """Return the compiled network with these tensors."""
    return Program(emit(make_plan(net.operations, net.name, dtype or net.dtype, exact=exact)), tensors, net.name)


def inputs(net: Network, rows: int, dtype: str | None = None, seed: int = 1) -> NDArray[Any]:
    """Return rows for the network, of both signs and around zero."""
    return np.random.default_rng(seed).normal(0, 1.5, (rows, int(str(net.facts.input[0])))).astype(dtype or net.dtype)


def assert_is_its_twin(net: Network, rows: int = 17, seed: int = 0) -> None:
    """Assert that in both dtypes the compiled network is the plain one, to an error relative to the largest output.

    The twin computes with the parameters and inputs as they are in that dtype, so that only the work is compared.
    """
    for dtype, tolerance in TOLERANCES.items():
        tensors = parameters(net, seed, dtype)
        x = inputs(net, rows, dtype, seed + 1)
        expected = twin(net.operations, tensors, x)
        for exact in (False, True):
            compiled = program(net, tensors, dtype, exact=exact)
            y = compiled(x)
            assert y.dtype == dtype
            assert_close(y, expected, tolerance)
            assert_close(compiled(x[:1]), expected[:1], tolerance)


def assert_close(y: NDArray[Any], expected: NDArray[Any], tolerance: float) -> None:
    """Assert that no element differs by more than the tolerance times the largest element, and at least 1."""
    assert y.shape == expected.shape
    assert np.isfinite(expected).all()
    scale = max(1.0, float(np.abs(expected).max(initial=0.0)))
    worst = float(np.abs(y - expected).max(initial=0.0))
    assert worst <= tolerance * scale, f"differs by {worst:.3g}, where the largest element is {scale:.3g}"

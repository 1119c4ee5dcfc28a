"""Pairs of kernels run by the names of their arguments, and their gradients by central differences."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.gradients.kernels import (
    channel_norms,
    dropping,
    pools,
    prelu,
    reductions,
    resampling_gradients,
    softmax_gradients,
    transposed,
)

Array = NDArray[Any]
Values = Mapping[str, Any]

MODULES: Final = (
    channel_norms, dropping, pools, prelu, reductions, resampling_gradients, softmax_gradients, transposed,
)  # fmt: skip
KERNELS: Final[dict[str, Callable[..., Any]]] = {
    name: kernel
    for module in MODULES
    for name, kernel in vars(module).items()
    if inspect.isfunction(kernel) and kernel.__module__ == module.__name__ and not name.startswith("_")
}
"""Every kernel by its name; pairs are called `<operation>_forward` and `<operation>_backward`."""

STEP: Final = 1e-6
STATE: Final = ("mean", "variance")


def upright(x: Array) -> Array:
    """Return (batch, …) as (…, batch)."""
    return np.ascontiguousarray(np.moveaxis(x, 0, -1))


def lying(x: Array) -> Array:
    """Return (…, batch) as (batch, …)."""
    return np.ascontiguousarray(np.moveaxis(x, -1, 0))


def forward(operation: str, values: Values) -> tuple[Array, object, dict[str, Array]]:
    """Return y, what was saved, and the state afterwards. `values` has dy, whose shape is that of y."""
    state = {name: values[name].copy() for name in STATE if name in values}
    y = np.full_like(values["dy"], np.nan)
    saved = called(KERNELS[f"{operation}_forward"], {**values, **state, "y": y})
    return y, saved, state


def gradients(operation: str, values: Values, wanted: set[str] | None = None) -> dict[str, Array]:
    """Return y and every gradient that the operation has, or those that are wanted, each written over NaN."""
    y, saved, _ = forward(operation, values)
    kernel = KERNELS[f"{operation}_backward"]
    targets = {
        name: np.full_like(values[name[1:]], np.nan) if wanted is None or name in wanted else None
        for name in inspect.signature(kernel).parameters
        if name[0] == "d" and name[1:] in values and values[name[1:]] is not None
    }
    called(kernel, {**values, "y": y, "saved": saved, "_saved": saved, **targets})
    return {"y": y, **{name: value for name, value in targets.items() if value is not None}}


def differences(operation: str, values: Values, name: str) -> Array:
    """Return the gradient of Σ y dy with respect to an array, by central differences."""
    x: Array = values[name].copy()
    found: Array = np.empty_like(x)
    for place in np.ndindex(*x.shape):
        before, sums = x[place], []
        for step in (STEP, -STEP):
            x[place] = before + step
            sums.append(float(np.sum(forward(operation, {**values, name: x})[0] * values["dy"])))
        x[place] = before
        found[place] = (sums[0] - sums[1]) / (2 * STEP)
    return found


def called(kernel: Callable[..., Any], values: Values) -> object:
    """Return what a kernel gives for those of the values that it takes."""
    given: list[Any] = []
    named: dict[str, Any] = {}
    for name, parameter in inspect.signature(kernel).parameters.items():
        if name in values or parameter.default is parameter.empty:
            if parameter.kind is parameter.KEYWORD_ONLY:
                named[name] = values[name]
            else:
                given.append(values[name])
    result: object = kernel(*given, **named)
    return result

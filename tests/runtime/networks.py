"""Emitted modules written by hand, as the compiler writes them, and their plain float64 twins."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netspec.runtime.program import Program

Array = NDArray[Any]

# What both begin with: tensors as they are, and one row as the step of many computes it.
ONE_SOURCE = """

def prepare(parameters):
    return parameters


def one(parameters):
    step = many(parameters, 1)

    def call(x):
        y = np.empty((1, OUTPUT), DTYPE)
        step(x, y)
        return y

    return call
"""

# N1 of notebook 4.1: y = -2 relu(-x) - 3 relu(x) + 9.3 relu(x - 0.67) + 1.
N1_SOURCE = """\
import numpy as np

INPUT = 1
OUTPUT = 1
DTYPE = "{dtype}"
TILE = {tile}
{one}

def many(parameters, rows):
    W0 = np.ascontiguousarray(parameters["Omega_0"].T)
    W1 = np.ascontiguousarray(parameters["Omega_1"].T)
    b0 = np.ascontiguousarray(np.broadcast_to(parameters["beta_0"], (rows, 3)))
    b1 = np.ascontiguousarray(np.broadcast_to(parameters["beta_1"], (rows, 1)))
    h = np.empty((rows, 3), DTYPE)
    zeros = np.zeros((rows, 3), DTYPE)
    add, dot, maximum = np.add, np.dot, np.maximum

    def step(x, y):
        dot(x, W0, out=h)
        add(h, b0, out=h)
        maximum(h, zeros, out=h)
        dot(h, W1, out=y)
        add(y, b1, out=y)

    return step
"""
N1_PARAMETERS: Mapping[str, list[Any]] = {
    "beta_0": [0, 0, -0.67],
    "Omega_0": [[-1], [1], [1]],
    "beta_1": [1],
    "Omega_1": [[-2, -3, 9.3]],
}

# y = β_0 + Ω_0 x, of any widths: K = 0.
AFFINE_SOURCE = """\
import numpy as np

INPUT = {inputs}
OUTPUT = {outputs}
DTYPE = "{dtype}"
TILE = {tile}
{one}

def many(parameters, rows):
    W0 = np.ascontiguousarray(parameters["Omega_0"].T)
    b0 = np.ascontiguousarray(np.broadcast_to(parameters["beta_0"], (rows, OUTPUT)))

    def step(x, y):
        np.dot(x, W0, out=y)
        np.add(y, b0, out=y)

    return step
"""


def n1_parameters(dtype: str = "float32") -> dict[str, Array]:
    """Return N1's tensors in the layout of the spec: Ω (out, in), β (out,)."""
    return {name: np.array(values, dtype) for name, values in N1_PARAMETERS.items()}


def n1(dtype: str = "float32", tile: int = 512) -> Program:
    """Return N1 as a program."""
    return Program(N1_SOURCE.format(dtype=dtype, tile=tile, one=ONE_SOURCE), n1_parameters(dtype), "N1")


def n1_twin(x: Array) -> Array:
    """Return N1 in plain float64: x (…), y (…)."""
    x = np.asarray(x, np.float64)
    relu: Callable[[Array], Array] = lambda z: np.maximum(z, 0)  # noqa: E731  reads as the formula does
    return np.asarray(1 - 2 * relu(-x) - 3 * relu(x) + 9.3 * relu(x - 0.67))


def affine(inputs: int, outputs: int, dtype: str = "float32", tile: int = 4) -> Program:
    """Return y = β_0 + Ω_0 x with small integer parameters, so that results are exact."""
    Omega = (np.arange(outputs * inputs).reshape(outputs, inputs) % 7 - 3).astype(dtype)
    beta = np.arange(outputs).astype(dtype)
    source = AFFINE_SOURCE.format(inputs=inputs, outputs=outputs, dtype=dtype, tile=tile, one=ONE_SOURCE)
    return Program(source, {"Omega_0": Omega, "beta_0": beta}, "affine")


def affine_twin(program: Program, x: Array) -> Array:
    """Return the affine program's y by einsum in float64: x (batch, inputs), y (batch, outputs)."""
    Omega = np.asarray(program.parameters["Omega_0"], np.float64)
    return np.asarray(np.einsum("oi,bi->bo", Omega, np.asarray(x, np.float64)) + program.parameters["beta_0"])

"""Networks whose regions are known, and networks at random."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from netspec.compiler.flow import Made, Stored, Task
from netspec.network import Network
from netspec.operations import FUNCTIONS, Affine, Elementwise
from netspec.regions.assembly import Assembly
from netspec.regions.rules import RULES
from netspec.regions.steps import Chain
from tests.bounds.designed import zigzag

Rows = Sequence[Sequence[Any]]


def fully_connected(weights: Sequence[Rows], biases: Sequence[Sequence[Any]], **keys: Any) -> Network:
    """Return the network of relu with these Ω_k and β_k, numbers or quotients."""
    tensors = {}
    for k, (Omega, beta) in enumerate(zip(weights, biases, strict=True)):
        tensors[f"Omega_{k}"] = [[*map(_number, row)] for row in Omega]
        tensors[f"beta_{k}"] = [*map(_number, beta)]
    widths = [len(beta) for beta in biases[:-1]]
    return Network(
        input=len(weights[0][0]), widths=widths, output=len(biases[-1]), dtype="float64", parameters=tensors, **keys
    )


def _number(number: Any) -> Any:
    """Return a quotient that a spec can write, or a float."""
    short = isinstance(number, Fraction) and max(abs(number.numerator), number.denominator) < 10**18
    return number if short else float(number)


def sawtooth(D: int, K: int) -> Network:
    """Return a zig-zag of D units applied K times, (D + 1)^K regions on [0, 1] and on R, as K layers of D units."""
    units, out, constant = zigzag(D)
    first = [[slope] for slope, _ in units]
    shift = [t for _, t in units]
    between = [[slope * weight for weight in out] for slope, _ in units]
    moved = [slope * constant + t for slope, t in units]
    return fully_connected([first, *[between] * (K - 1), [out]], [shift, *[moved] * (K - 1), [constant]])


def chain_of(weights: Sequence[Rows], biases: Sequence[Sequence[Any]], activation: str, *, exact: bool) -> Chain:
    """Return the steps of a fully connected network, made without a spec, so that thousands are quick."""
    model = _Tensors({}, {})
    made = Assembly(model.parameters, model.sources, exact, False)
    made.begin([(len(weights[0][0]),)], set())
    value = 0
    for k, (Omega, beta) in enumerate(zip(weights, biases, strict=True)):
        model.parameters["Omega"], model.parameters["beta"] = _array(Omega), _array(beta)
        stored: dict[str, Stored | Made] = {
            role: Stored(role, model.parameters[role].shape) for role in ("Omega", "beta")
        }
        task = Task(Affine(len(beta)), (value,), value + 1, (len(beta),), stored, f"layer_{k}")
        RULES[Affine](made, task)
        value += 1
        if k < len(weights) - 1:
            arguments = tuple(each.default for each in FUNCTIONS[activation].arguments)
            RULES[Elementwise](
                made, Task(Elementwise(activation, arguments), (value,), value + 1, (len(beta),), {}, f"h_{k}")
            )
            value += 1
    return made.end([value])


def _array(numbers: Any) -> Any:
    return np.array([[*map(float, row)] if isinstance(row, list | tuple) else float(row) for row in numbers])


class _Tensors(NamedTuple):
    parameters: dict[str, Any]
    sources: dict[str, Any]

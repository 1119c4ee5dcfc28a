"""The plain network: the graph's operations, one after the other, each by its twin."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from netspec.operations import Affine, Call, Elementwise, Graph, Repeat, spell
from tests.twins.activations import activation
from tests.twins.affine import affine

Array = NDArray[np.float64]


def twin(graph: Graph, parameters: Mapping[str, NDArray[Any]], x: ArrayLike) -> Array:
    """Return y for the rows of x in float64. x: (batch, D_i), y: (batch, D_o); `parameters` by their full names."""
    return _apply(graph, parameters, np.asarray(x, np.float64), ("",), ())


def _apply(
    graph: Graph,
    parameters: Mapping[str, NDArray[Any]],
    x: Array,
    prefixes: tuple[str, ...],
    rounds: tuple[int, ...],
) -> Array:
    """Return the graph's output; `prefixes` begin the tensors' names in this part and in each part around it."""
    signals = [x]
    for i, node in enumerate(graph.operations):
        (operand,) = graph.operands[i]
        signal = signals[operand]
        if isinstance(node, Affine):
            own = {p.role: parameters[prefixes[-1] + spell(p.name, rounds)] for p in graph.parameters[i]}
            signal = affine(own["Omega"], own.get("beta"), signal)
        elif isinstance(node, Elementwise):
            signal = activation(node.name, node.arguments, signal)
        elif isinstance(node, Repeat):
            for number in range(node.times):
                signal = _apply(node.body, parameters, signal, prefixes, (*rounds, number))
        elif isinstance(node, Call):
            around = prefixes[: len(prefixes) - node.up]
            signal = _apply(node.body, parameters, signal, (*around, f"{around[-1]}{spell(node.name, ())}."), ())
        signals.append(signal)
    return signals[graph.outputs[0]]

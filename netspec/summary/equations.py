"""The equations of a network in the lecture's notation: h_{k+1} = a[β_k + Ω_k h_k], y = β_K + Ω_K h_K."""

from typing import Final, NamedTuple

from netspec.graph.walk import Frames, called
from netspec.operations import Call, Elementwise, Graph, spell
from netspec.summary.listing import is_listed
from netspec.summary.rows import Row, rows

_WRITTEN_OUT: Final = 2  # equal layers that are written one by one rather than as k = 1 … 4
_FIRST, _LAST = 8, 3  # lines that stay of a part with more of them
_INNERMOST: Final = 2  # networks that stay around x in a long composition
_APPLIED: Final = 6  # networks that a composition names, beyond that the innermost and the outermost

# As the papers write them; the others are written as a spec names them.
_NOTATION: Final = {
    "relu": "ReLU",
    "leaky_relu": "LeakyReLU",
    "elu": "ELU",
    "selu": "SELU",
    "celu": "CELU",
    "silu": "SiLU",
    "gelu_tanh": "GELU_tanh",
    "relu6": "ReLU6",
}


class Block(NamedTuple):
    """The equations of a part. `parts` are the names under which it is used: of one file, each use has the same.

    The network itself has the empty name.
    """

    parts: tuple[str, ...]
    lines: tuple[str, ...]


def equations(graph: Graph) -> list[Block]:
    """Return the equations of the network and of every part within it, each part once, long ones shortened by `…`.

    Within a part, β_k and Ω_k are its own, and x and y what it reads and gives. A list of layers has none: its table
    says the same, and shorter.
    """
    if is_listed(graph):
        return []
    names: dict[int, list[str]] = {}
    bodies: dict[int, Graph] = {}

    def enter(graph: Graph, frames: Frames) -> None:
        uses = names.setdefault(id(graph), [])
        name = frames[-1].removesuffix(".")
        if name not in uses[-1:]:
            uses.append(name)
        if id(graph) in bodies:
            return
        bodies[id(graph)] = graph
        for node in graph.operations:
            if isinstance(node, Call):
                enter(node.body, called(frames, node))

    enter(graph, ("",))
    return [Block(tuple(dict.fromkeys(names[key])), _lines(body)) for key, body in bodies.items()]


def notation(activation: Elementwise) -> str:
    """Return an activation as a function is written: `ReLU`, `LeakyReLU(slope=0.1)`."""
    name = _NOTATION.get(activation.name, activation.name)
    return name + str(activation).removeprefix(activation.name)


def _lines(graph: Graph) -> tuple[str, ...]:
    calls = [spell(node.name, ()) for node in graph.operations if isinstance(node, Call)]
    if calls:
        return (_composed(calls),)
    lines = [line for row in rows(graph) for line in _equations(row)]
    if len(lines) > _FIRST + _LAST + 1:
        lines[_FIRST:-_LAST] = ["…"]
    return tuple(lines)


def _composed(names: list[str]) -> str:
    """Return y = f_2[f_1[x]] of networks in the order in which they are applied."""
    if len(names) <= _APPLIED:
        return f"y = {'['.join(reversed(names))}[x{']' * len(names)}"
    inner = "[".join(reversed(names[:_INNERMOST]))
    return f"y = {names[-1]}[… {inner}[x{']' * _INNERMOST} …]"


def _equations(row: Row) -> list[str]:
    if row.layers > _WRITTEN_OUT:
        until = row.k + row.layers - 1
        start = ",  h_0 = x" if row.k == 0 else ""
        return [f"{_equation(row, '{k+1}', 'k', 'h_k')},  k = {row.k:,} … {until:,}{start}"]
    numbers = range(row.k, row.k + row.layers)
    return [_equation(row, str(k + 1), str(k), f"h_{k}" if k else "x") for k in numbers]


def _equation(row: Row, after: str, k: str, before: str) -> str:
    affine = f"β_{k} + Ω_{k} {before}" if row.affine.bias else f"Ω_{k} {before}"
    result = "y" if row.last else f"h_{after}"
    if row.activation is None or row.activation.name == "identity":
        return f"{result} = {affine}"
    return f"{result} = {notation(row.activation)}[{affine}]"

"""The identity of an architecture: SHA-256 over its operations, whatever the text that said them.

The operations are numbered depth-first from what leaves, in the order of the outputs' names, what an operation reads
before it and in the order in which it reads it; parts are entered where they are called and repeats are unrolled. The
stream is one record for each operation in this order. What it reads is hashed as distances, from its number back to
that of each operand; the inputs have the numbers below 0, in the order of their names; the one distance 1 is left out.
Tensors that were used before are hashed as how many records back their last use stands. So neither the order of a list
nor the split into parts and files is hashed; names are hashed only of several inputs, which have to be told apart, and
of outputs that were given one, by which they come out.

Rounds of a repeat are hashed without being unrolled in memory, as `numbering` says.
"""

import hashlib

from netspec.graph.numbering import Numbering
from netspec.graph.round_ties import round_ties
from netspec.graph.rounds import Scope
from netspec.graph.walk import is_line
from netspec.operations import Graph
from netspec.sizes import Size, substitute, symbol, symbols

VERSION = "netspec-fingerprint-1"


def fingerprint(graph: Graph, dtype: str) -> str:
    """Return `sha256:` and 64 hexadecimal digits, equal for equal streams of records and only for those.

    Names within, comments, the order of keys, sugar and the split into files do not matter; shapes, the dtype,
    operations, their wiring and the sharing of tensors do.
    """
    order = sorted(range(len(graph.inputs)), key=graph.intake)
    free = dict.fromkeys(name for i in order for size in graph.inputs[i] for name in sorted(symbols(size)))
    renamed: dict[str, Size] = {name: symbol(f"s{number}") for number, name in enumerate(free)}
    inputs = ",".join(_input(graph, i, renamed) for i in order)
    digest = hashlib.sha256(f"{VERSION};{dtype};{inputs};".encode())
    ties = round_ties(graph)
    if not (free or ties or graph.output_names) and is_line(graph):  # each reads the one before: no distance is told
        digest.update("".join([f"{node.record()};" for node in graph.operations]).encode())  # type: ignore[union-attr]
        return f"sha256:{digest.hexdigest()}"
    stream = Numbering(digest.update, renamed, ties=ties)
    root = Scope(graph, {tensor: rank - len(order) for rank, tensor in enumerate(order)}, ("",), ())
    stream.follow(root, [graph.outputs[i] for i in sorted(range(len(graph.outputs)), key=graph.outcome)])
    if graph.output_names or len(graph.outputs) != 1 or root.numbers[graph.outputs[0]] != stream.records.next - 1:
        for i in sorted(range(len(graph.outputs)), key=graph.outcome):
            distance = stream.records.next - root.numbers[graph.outputs[i]]
            digest.update(f">{graph.output_names[i] if graph.output_names else ''}<{distance};".encode())
    return f"sha256:{digest.hexdigest()}"


def _input(graph: Graph, index: int, renamed: dict[str, Size]) -> str:
    """Return the text of one input: its name where there are several, its shape, and whether it is integers."""
    name = f"{graph.input_names[index]}:" if len(graph.inputs) > 1 else ""
    shape = "x".join(str(substitute(size, renamed)) for size in graph.inputs[index])
    return f"{name}{shape}{':int' if index in graph.integers else ''}"


__all__ = ["VERSION", "fingerprint"]

"""The identity of an architecture: SHA-256 over its operations, whatever the text that said them.

The stream is one record for each operation, numbered depth-first from the output, operands before what reads them.
An operand is named by how many records back it stands (one back is left out), a tensor that was used before by how
many records back its last use stands; so equal rounds of a repeat give equal bytes, and a million of them are hashed
in a few milliseconds without being unrolled in memory.
"""

import hashlib

from netspec.graph.walk import Step, steps
from netspec.operations import Affine, Elementwise, Graph, Repeat

VERSION = "netspec-fingerprint-1"
_CHUNK = 1 << 16


def fingerprint(graph: Graph, dtype: str) -> str:
    """Return `sha256:` and 64 hexadecimal digits, equal for equal graphs of operations and only for those.

    Names, comments, the order of keys, sugar and the split into files do not matter; shapes, the dtype, operations,
    their wiring and the sharing of tensors do.
    """
    inputs = ",".join("x".join(map(str, shape)) for shape in graph.inputs)
    digest = hashlib.sha256(f"{VERSION};{dtype};{inputs};".encode())
    position = 0
    last_use: dict[tuple[str, int, int], int] = {}
    for step in steps(graph):
        back = ""
        if step.graph.parameters[step.position] or isinstance(step.node, Repeat):
            place = (step.prefix, id(step.graph), step.position)
            back = f"={position - last_use[place]}" if place in last_use else ""
            last_use[place] = position
        record, times, length = _record(step, back)
        whole, rest = divmod(times, max(1, _CHUNK // len(record)))
        if whole:
            chunk = record * max(1, _CHUNK // len(record))
            for _ in range(whole):
                digest.update(chunk)
        digest.update(record * rest)
        position += times * length
    return f"sha256:{digest.hexdigest()}"


def _record(step: Step, back: str) -> tuple[bytes, int, int]:
    """Return the bytes of one operation, or of one round of a repeat; how often they come; and the records in them."""
    node = step.node
    if isinstance(node, Repeat):
        text = "".join(_words(node.body, index, back) for index in range(len(node.body)))
        return text.encode(), node.times, len(node.body)
    return _words(step.graph, step.position, back).encode(), 1, 1


def _words(graph: Graph, index: int, back: str) -> str:
    node = graph.operations[index]
    if not isinstance(node, Affine | Elementwise):
        raise TypeError(f"a {type(node).__name__.lower()} within a repeat has no record yet")
    distances = [graph.result(index) - tensor for tensor in graph.operands[index]]
    operands = "" if distances == [1] else f"<{','.join(map(str, distances))}"
    return f"{node.record()}{operands}{back if graph.parameters[index] else ''};"

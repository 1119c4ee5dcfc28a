"""The identity of an architecture: SHA-256 over its operations, whatever the text that said them.

The stream is one record for each operation, in the order in which the graph lists them, operands before what reads
them: parts are entered where they are called, and a repeat gives the records of its body once for each round. What
an operation reads is hashed as distances within its own list, from its result back to each operand, an input of
the list being an operand too; the one distance 1 is left out. Tensors that were used before are hashed as how many
records back their last use stands. So equal rounds of a repeat give equal bytes, and a million of them are hashed in
a few milliseconds without being unrolled in memory.

Which operands a call or a repeat reads, and which results leave, are not hashed: in a chain, all that a spec can say,
they are the ones before. Of two orders of one graph, each gives its own fingerprint.
"""

import hashlib

from netspec.graph.walk import Step, steps
from netspec.operations import Affine, Elementwise, Graph, Repeat

VERSION = "netspec-fingerprint-1"
_CHUNK = 1 << 16


def fingerprint(graph: Graph, dtype: str) -> str:
    """Return `sha256:` and 64 hexadecimal digits, equal for equal streams of records and only for those.

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

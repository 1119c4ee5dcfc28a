"""How long a program is: bounded before anything is unrolled."""

from typing import Final

from netspec.diagnostics import SystemFault
from netspec.operations import Affine, Call, Elementwise, Graph, Repeat

UNROLLED: Final = 32
"""Equal layers that are written out, where the plan has loops for more."""

MOST_STEPS: Final = 50_000
"""Operations of a program: a line for each at least, which are compiled in some seconds."""


def is_loop(node: Repeat) -> bool:
    """Return whether a plan has a loop for it: many rounds of one product and at most its activation."""
    kinds = [type(inner) for inner in node.body.operations if not is_free(inner)]
    return node.times > UNROLLED and kinds in ([Affine], [Affine, Elementwise])


def is_free(operation: object) -> bool:
    """Return whether the operation changes nothing."""
    return isinstance(operation, Elementwise) and operation.linearity == "affine"


def check_extent(graph: Graph, *, loops: bool) -> None:
    """Refuse a network whose program is too long; where there are `loops`, each is one operation.

    The cost grows with what is written. Raises SystemFault `too-many-tensors`.
    """
    known: dict[int, int] = {}

    def count(graph: Graph) -> int:
        if id(graph) not in known:
            known[id(graph)] = sum(
                1
                if not isinstance(node, Repeat | Call) or (loops and isinstance(node, Repeat) and is_loop(node))
                else count(node.body) * (node.times if isinstance(node, Repeat) else 1)
                for node in graph.operations
            )
        return known[id(graph)]

    if count(graph) > MOST_STEPS:
        headline = f"the network has {count(graph):,} operations; a model is built of at most {MOST_STEPS:,}"
        raise SystemFault("too-many-tensors", headline, "`validate` and `show` take networks of any size")

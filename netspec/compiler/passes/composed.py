"""Two affine maps with nothing between them are one, where that is less work.

before: a = β₁ + Ω₁ x; y = β₂ + Ω₂ a        after: y = (β₂ + Ω₂ β₁) + (Ω₂ Ω₁) x
"""

from typing import Final

from netspec.compiler.flow import Flow, Made, Task
from netspec.operations import Affine

_MOST: Final = 8
"""Maps that are composed into one at most: a longer chain is a network that nobody writes on purpose."""


def compose_maps(flow: Flow) -> None:
    """Compose each affine map with the one that alone reads it."""
    makers, readers = flow.makers(), flow.readers()
    counts: dict[int, int] = {}
    gone: list[Task] = []
    for task in flow.tasks:
        if not isinstance(task.operation, Affine):
            continue
        first = makers.get(task.operands[0])
        if first is None or not isinstance(first.operation, Affine) or first.functions:
            continue
        if flow.only_reader(first.result, readers) is not task:
            continue
        inner, outer = first.tensors["Omega"], task.tensors["Omega"]
        (middle, reads), (gives, _) = inner.shape, outer.shape
        if reads * gives > middle * (reads + gives) or counts.get(first.result, 1) == _MOST:
            continue
        counts[task.result] = counts.get(first.result, 1) + 1
        offset = first.tensors.get("beta")
        if offset is not None:
            task.tensors["beta"] = Made("carried_on", (task.tensors.get("beta"), outer, offset), (gives,))
            task.operation = task.operation._replace(bias=True)
        task.tensors["Omega"] = Made("one_after_another", (inner, outer), (gives, reads))
        task.operands = first.operands
        gone.append(first)
    flow.without(gone)

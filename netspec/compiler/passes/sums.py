"""What is added to the result of an affine map is added tile by tile, while a cache holds it.

before: a = β + Ω x; y = b + a        after: y = β + Ω x + b
"""

from netspec.compiler.flow import Flow, Task
from netspec.operations import Affine
from netspec.operations.merge import Merge


def fuse_sums(flow: Flow) -> None:
    """Let affine maps add the other operand of a sum of two that alone reads them; the sum comes where it was."""
    readers, makers = flow.readers(), flow.makers()
    gone: list[Task] = []
    for index, task in enumerate(flow.tasks):
        if not isinstance(task.operation, Merge) or task.operation.kind != "add" or len(task.operands) != 2:
            continue
        for value, other in (task.operands[::-1], task.operands):
            maker = makers.get(value)
            if maker is None or not isinstance(maker.operation, Affine) or maker.functions or maker.onto is not None:
                continue
            same = maker.shape == task.shape == flow.shapes[other]
            if not same or value == other or flow.only_reader(value, readers) is not task:
                continue
            flow.tasks[index] = Task(
                maker.operation, maker.operands, task.result, task.shape, maker.tensors, task.place, (), other
            )
            makers[task.result] = flow.tasks[index]
            gone.append(maker)
            break
    flow.without(gone)

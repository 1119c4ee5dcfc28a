"""What changes nothing is left out.

before: b = identity[a]; y = relu[b]        after: y = relu[a]
"""

from netspec.compiler.extent import is_free
from netspec.compiler.flow import Flow, Task
from netspec.operations.reshape import Reshape
from netspec.operations.transpose import Transpose


def drop_identities(flow: Flow) -> None:
    """Leave out activations that are the identity, reshapes to the same shape, and transposes that turn nothing."""
    same: dict[int, int] = {}
    kept: list[Task] = []
    for task in flow.tasks:
        for value in task.operands:
            if value in same:
                task.reading(value, same[value])
        if _changes_nothing(task, flow):
            same[task.result] = task.operands[0]
        else:
            kept.append(task)
    flow.tasks = kept
    flow.left = [same.get(value, value) for value in flow.left]


def _changes_nothing(task: Task, flow: Flow) -> bool:
    operation = task.operation
    if isinstance(operation, Transpose):
        return operation.axes == tuple(range(len(operation.axes)))
    return is_free(operation) or (isinstance(operation, Reshape) and task.shape == flow.shapes[task.operands[0]])

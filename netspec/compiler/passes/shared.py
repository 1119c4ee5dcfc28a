"""What is computed twice is computed once.

before: a = pool[x]; b = pool[x]; y = a + b        after: a = pool[x]; y = a + a
"""

from netspec.compiler.flow import Flow, Task


def share_common(flow: Flow) -> None:
    """Leave out a task that does with the same values and tensors what one before it does."""
    met: dict[object, int] = {}
    same: dict[int, int] = {}
    kept: list[Task] = []
    for task in flow.tasks:
        for value in task.operands:
            if value in same:
                task.reading(value, same[value])
        key = (type(task.operation), task.operation, task.operands, tuple(sorted(task.tensors.items())))
        if key in met:
            same[task.result] = met[key]
        else:
            met[key] = task.result
            kept.append(task)
    flow.tasks = kept
    flow.left = [same.get(value, value) for value in flow.left]

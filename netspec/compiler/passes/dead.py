"""What no output needs is not computed.

before: a = dense[x]; y = relu[x]        after: y = relu[x]
"""

from netspec.compiler.flow import Flow, Task


def drop_dead(flow: Flow) -> None:
    """Leave out the tasks whose results reach no output."""
    needed = set(flow.left)
    kept: list[Task] = []
    for task in reversed(flow.tasks):
        if task.result in needed:
            needed.update(task.reads)
            kept.append(task)
    flow.tasks = kept[::-1]

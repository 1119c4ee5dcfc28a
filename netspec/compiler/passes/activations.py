"""An activation behind a map is applied to its result tile by tile, while a cache holds it.

before: a = β + Ω x; y = relu[a]        after: y = relu[β + Ω x]
"""

from netspec.compiler.flow import Flow, Task
from netspec.operations import Affine, Elementwise
from netspec.operations.convolve import Convolve


def fuse_activations(flow: Flow) -> None:
    """Let maps apply the activations that alone read them."""
    makers, readers = flow.makers(), flow.readers()
    gone: list[Task] = []
    for task in flow.tasks:
        if not isinstance(task.operation, Elementwise):
            continue
        maker = makers.get(task.operands[0])
        if maker is None or not isinstance(maker.operation, Affine | Convolve):
            continue
        if flow.only_reader(maker.result, readers) is not task:
            continue
        maker.functions = (*maker.functions, task.operation)
        maker.result = task.result
        makers[task.result] = maker
        gone.append(task)
    flow.without(gone)

"""A batch norm behind a convolution or an affine map is part of its Ω and β.

before: a = β + Ω ⋆ x; y = γ (a - mean) / √(variance + ε) + β'
after: y = (β' + s (β - mean)) + (s Ω) ⋆ x, where s = γ / √(variance + ε)

Elsewhere it is one scale and one shift, which are worked out before the first step.

before: y = γ (x - mean) / √(variance + ε) + β
after: y = s x + (β - s mean), where s = γ / √(variance + ε)
"""

from netspec.compiler.flow import Flow, Made, Task, Tensor
from netspec.operations import Affine
from netspec.operations.batch_norm import BatchNorm
from netspec.operations.convolve import Convolve


def fold_batch_norms(flow: Flow) -> None:
    """Fold each batch norm into the map before it, where nobody else reads what that gives."""
    makers, readers = flow.makers(), flow.readers()
    gone: list[Task] = []
    for task in flow.tasks:
        if not isinstance(task.operation, BatchNorm):
            continue
        maker = makers.get(task.operands[0])
        if maker is None or flow.only_reader(maker.result, readers) is not task or not _takes(maker):
            continue
        own = task.tensors
        scale = (own.get("gamma"), own["variance"], task.operation.epsilon)
        Omega = maker.tensors["Omega"]
        maker.tensors = {
            "Omega": Made("scaled_outputs", (Omega, *scale), Omega.shape),
            "beta": _moved(maker.tensors.get("beta"), own, scale, Omega.shape[:1]),
        }
        maker.operation = maker.operation._replace(bias=True)
        maker.result = task.result
        makers[task.result] = maker
        gone.append(task)
    flow.without(gone)


def scale_batch_norms(flow: Flow) -> None:
    """Make a scale and a shift of each batch norm that is left."""
    for task in flow.tasks:
        if isinstance(task.operation, BatchNorm):
            own = task.tensors
            scale = (own.get("gamma"), own["variance"], task.operation.epsilon)
            shape = own["variance"].shape
            task.tensors = {"scale": Made("scale_of", scale, shape), "shift": _moved(None, own, scale, shape)}


def _takes(maker: Task) -> bool:
    """Return whether the outputs of a map are the channels that a batch norm is over."""
    if isinstance(maker.operation, Convolve):
        return not maker.functions
    return isinstance(maker.operation, Affine) and len(maker.shape) == 1 and not maker.functions


def _moved(beta: Tensor | None, own: dict[str, Tensor], scale: tuple[object, ...], shape: tuple[int, ...]) -> Made:
    return Made("moved_outputs", (beta, own["mean"], own.get("beta"), *scale), shape)

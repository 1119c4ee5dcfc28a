"""The gain and the offset of a layer norm are part of the maps that read it.

before: a = γ n[x] + β'; y = β + Ω a        after: a = n[x]; y = (β + Ω β') + (Ω γ) a
"""

from netspec.compiler.flow import Flow, Made
from netspec.operations import Affine
from netspec.operations.layer_norm import LayerNorm
from netspec.operations.rms_norm import RmsNorm


def fold_gains(flow: Flow) -> None:
    """Fold the gain of each norm over the last axis into the affine maps that read it, where nobody else does."""
    readers = flow.readers()
    for task in flow.tasks:
        operation = task.operation
        if not isinstance(operation, RmsNorm) and not (isinstance(operation, LayerNorm) and operation.axes == 1):
            continue
        read_by = readers.get(task.result, [])
        if task.result in flow.left or not read_by or not all(isinstance(r.operation, Affine) for r in read_by):
            continue
        gamma, offset = task.tensors.get("gamma"), task.tensors.get("beta")
        for reader in read_by:
            Omega, beta = reader.tensors["Omega"], reader.tensors.get("beta")
            if offset is not None:
                reader.tensors["beta"] = Made("carried_on", (beta, Omega, offset), Omega.shape[:1])
                reader.operation = reader.operation._replace(bias=True)
            if gamma is not None:
                reader.tensors["Omega"] = Made("gained_inputs", (Omega, gamma), Omega.shape)
        task.tensors = {}

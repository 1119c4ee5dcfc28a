"""The fewest rows that a step can be of."""

from netspec.compiler.flow import Flow
from netspec.diagnostics import SystemFault
from netspec.operations.batch_norm import BatchNorm
from netspec.training.recipe_faults import RecipeFault


def smallest_batch(flow: Flow) -> int:
    """Return 2 where a batch norm has one number of each channel in an example, which has no variance; else 1."""
    for task in flow.tasks:
        if isinstance(task.operation, BatchNorm):
            _, *positions = flow.shapes[task.operands[0]]
            if all(size == 1 for size in positions):
                return 2
    return 1


def check_batch(fewest: int, batch: int | None, rows: int) -> None:
    """Refuse steps of fewer rows than these, before any. Raises RecipeFault for the batch, SystemFault `usage` else."""
    why = "has no variance, and a batch norm needs that of each channel"
    if batch is not None and batch < fewest:
        raise RecipeFault("batch", f"a batch of one row {why}", "make `batch` larger", "out-of-range")
    if rows < fewest:
        raise SystemFault("usage", f"one row {why}", "train on more")

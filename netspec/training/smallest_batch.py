"""The fewest rows that a step can be of."""

from typing import NoReturn

from netspec.compiler.flow import Flow
from netspec.diagnostics import SystemFault
from netspec.operations.batch_norm import BatchNorm


def smallest_batch(flow: Flow) -> int:
    """Return 2 where a batch norm has one number of each channel in an example, which has no variance; else 1."""
    for task in flow.tasks:
        if isinstance(task.operation, BatchNorm):
            _, *positions = flow.shapes[task.operands[0]]
            if all(size == 1 for size in positions):
                return 2
    return 1


def check_batch(fewest: int, batch: int | None, rows: int) -> None:
    """Refuse steps of fewer rows than these, before any. Raises SystemFault `usage`."""
    if batch is not None and batch < fewest:
        _refuse("a batch of one row", "make `batch` larger")
    if rows < fewest:
        _refuse("one row", "train on more")


def _refuse(what: str, help_: str) -> NoReturn:
    headline = f"{what} has no variance, and a batch norm needs that of each channel"
    raise SystemFault("usage", headline, help_)

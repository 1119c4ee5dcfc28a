"""The checks of specs by processes that work side by side."""

import contextlib
from collections.abc import Iterator, Sequence
from functools import partial

from netspec.cli.checking import Checked, check
from netspec.cli.jobs import Method
from netspec.cli.paths import STREAM, Target
from netspec.cli.processes import in_processes
from netspec.diagnostics import SystemFault
from netspec.validation import Choice


def check_in_processes(
    targets: Sequence[Target | SystemFault], choice: Choice, jobs: int, method: Method
) -> Iterator[Checked]:
    """Yield what checking each target found, in their order, by `jobs` processes of their own; errors as they have."""
    with contextlib.closing(in_processes(targets, partial(_check_or_leave, choice=choice), jobs, method)) as found:
        for target, checked in zip(targets, found, strict=True):
            yield check(target, choice) if checked is None else checked


def _check_or_leave(target: Target | SystemFault, choice: Choice) -> Checked | None:
    """Return what checking the target found; None leaves it to the parent.

    That has standard input, and what nobody foresaw is raised there, where it is told of as everywhere.
    """
    if isinstance(target, Target) and target.path == STREAM:
        return None
    try:
        return check(target, choice)
    except Exception:
        return None

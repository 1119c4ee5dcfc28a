"""How many processes are worth their start, and how one is started."""

import os
import sys
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from netspec.cli.paths import STREAM, Target
from netspec.diagnostics import SystemFault
from netspec.limits import SPEC_BYTES

Method = Literal["fork", "spawn"]  # how a process is started: as a copy of this one, or anew

# The work, in seconds of an idle core, that makes a further process worth its start, which costs 20 ms where it is a
# copy of this one, and an import of netspec where it is not.
_WORTH_FORKING: Final = 0.06
_WORTH_SPAWNING: Final = 0.5


class Cost(NamedTuple):
    """What some work costs, in seconds of an idle core: for each file, and for each of its bytes."""

    file: float
    byte: float


def plan(targets: Sequence[Target | SystemFault], jobs: int, cost: Cost) -> tuple[int, Method]:
    """Return how many processes, of at most `jobs`, the work on all targets is worth, and the method to start them."""
    method: Method = "fork" if can_fork() else "spawn"
    if jobs < 2 or len(targets) < 2:
        return 1, method
    worth = _WORTH_FORKING if method == "fork" else _WORTH_SPAWNING
    return min(jobs, len(targets), 1 + int(_seconds(targets, cost) / worth)), method


def cores() -> int:
    """Return how many processors this process may use."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def can_fork() -> bool:
    """Tell whether a copy of this process would be sound: on Linux, and with no thread that a copy would lack.

    The libraries of macOS may have threads that Python knows nothing of.
    """
    return sys.platform == "linux" and len(os.listdir("/proc/self/task")) == 1


def _seconds(targets: Sequence[Target | SystemFault], cost: Cost) -> float:
    """Return about how many seconds the work takes, by the sizes of the files."""
    seconds = 0.0
    for target in targets:
        if isinstance(target, Target) and target.path != STREAM:
            try:
                size = os.stat(target.path).st_size
            except (OSError, ValueError):  # told of when it is read
                continue
            seconds += cost.file + cost.byte * min(size, SPEC_BYTES.value)
    return seconds

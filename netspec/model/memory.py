"""How much memory there is, so that nothing is allocated that cannot be had."""

import os

from netspec.diagnostics import SystemFault
from netspec.diagnostics.magnitude import byte_size


def check_memory(needed: int, limit: int | None, what: str) -> None:
    """Refuse work that needs more bytes than `limit`, or than the machine has free; `what` is the work, for the words.

    Raises SystemFault `no-memory`, before anything is allocated.
    """
    free = available() if limit is None else limit
    if free is not None and needed > free:
        there = f"the machine has {byte_size(free)} free" if limit is None else f"--max-memory allows {byte_size(free)}"
        headline = f"{what} needs {byte_size(needed)} of memory, but {there}"
        raise SystemFault(
            "no-memory", headline, "free some memory, or take a machine with more" if limit is None else ""
        )


def available() -> int | None:
    """Return the bytes that can be allocated without swapping; None where the system does not say."""
    try:
        with os.fdopen(os.open("/proc/meminfo", os.O_RDONLY), "rb") as stream:
            for line in stream:
                if line.startswith(b"MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        return None

"""Memory that is kept from call to call: an array that a step fills again costs no page faults.

The text is copied into emitted programs, so these functions need nothing but NumPy and each other.
"""

import math
from typing import Any

import numpy as np

_LINE = 64  # bytes of a cache line, and of the widest registers


def aligned(shape: tuple[int, ...], dtype: "str | np.dtype[Any]") -> np.ndarray:
    """Return an uninitialised array that begins on a cache line."""
    count = math.prod(shape) * np.dtype(dtype).itemsize
    memory = np.empty(count + _LINE, np.uint8)
    first = -memory.__array_interface__["data"][0] % _LINE
    return memory[first : first + count].view(dtype).reshape(shape)


def scratch(room: dict[str, np.ndarray], name: str, shape: tuple[int, ...], dtype: str) -> np.ndarray:
    """Return an array of the shape for the use called `name`, with whatever was left in it; a larger one is kept.

    `room` belongs to one thread, and two arrays that are in use at once have two names.
    """
    count = math.prod(shape)
    memory = room.get(name)
    if memory is None or memory.size < count:
        memory = room[name] = aligned((count,), dtype)
    return memory[:count].reshape(shape)

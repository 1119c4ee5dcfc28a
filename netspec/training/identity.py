"""The identity of data: a digest that changes when any example does."""

import hashlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

from netspec.training.program import AnyExamples

_BLOCK_BYTES: Final = 4 << 20


def digest(*parts: AnyExamples | NDArray[np.generic] | None) -> str:
    """Return the SHA-256 of parts of data: examples in their order, arrays such as weights, or nothing."""
    found = hashlib.sha256()
    for part in parts:
        if part is None:
            found.update(b"nothing;")
        elif isinstance(part, np.ndarray):
            _add(found, [part])
        else:
            rows = len(part)
            found.update(f"{rows} examples;".encode())
            size = (
                max(sum(array.nbytes for side in part.take(np.zeros(1, np.int64)) for array in side), 1) if rows else 1
            )
            block = max(_BLOCK_BYTES // size, 1)
            for start in range(0, rows, block):
                inputs, targets = part.take(np.arange(start, min(start + block, rows)))
                _add(found, inputs)
                _add(found, targets)
    return found.hexdigest()


def _add(found: "hashlib._Hash", arrays: list[NDArray[np.generic]]) -> None:
    for array in arrays:
        little = np.ascontiguousarray(array, array.dtype.newbyteorder("<"))
        found.update(f"{little.dtype.str}{little.shape};".encode())
        found.update(little.data.cast("B") if little.size else b"")

"""The parameters of a built model: a safetensors file, mapped into memory where it lies in the archive, or in bytes."""

import io
import zlib
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics.faults import FileFault, SystemFault
from netspec.diagnostics.show import quote
from netspec.files.safetensors import read_header
from netspec.limits import TENSORS

Array = NDArray[Any]

_HEADER: Final = 1 << 25  # bytes copied to read the header from, more than `read_header` takes
_DTYPES: Final = {"F64": "<f8", "F32": "<f4"}


def map_tensors(path: str, start: int, size: int, checksum: int | None = None) -> dict[str, Array]:
    """Return the tensors of the safetensors file that lies in the file `path` from byte `start` on, `size` bytes long.

    They are read-only and not copied. `checksum` is the CRC-32 of the bytes, where it is not known to hold: each is
    looked at once, as binding the parameters does anyway. Raises SystemFault `parameters-unreadable`.
    """
    try:
        data = np.memmap(path, np.uint8, "r", start, (size,))
    except (OSError, ValueError) as error:  # ValueError: the file is shorter than that, or size is 0
        raise _damage(path, "the file is cut short") from error
    if checksum is not None and zlib.crc32(data.data) != checksum:
        raise _damage(path, "the checksum is wrong")
    return _read(data, path)


def read_tensors(data: bytes, file: str) -> dict[str, Array]:
    """Return the tensors of a safetensors file in memory, read-only views of it; `file` is its name in messages.

    Raises SystemFault `parameters-unreadable`.
    """
    return _read(np.frombuffer(data, np.uint8), file)


def _read(data: Array, file: str) -> dict[str, Array]:
    length = int.from_bytes(data[:8].tobytes(), "little")
    head = data[: 8 + min(length, _HEADER)].tobytes()
    try:
        header = read_header(io.BytesIO(head), data.size, TENSORS.value)
    except FileFault as fault:
        raise _damage(file, fault.reason) from None
    tensors: dict[str, Array] = {}
    for entry in header.entries.values():
        if entry.dtype not in _DTYPES:
            raise _damage(file, f"the tensor {quote(entry.name)} is of dtype {entry.dtype}, not F32 or F64")
        stored = data[entry.offset : entry.offset + entry.size].view(_DTYPES[entry.dtype]).reshape(entry.shape)
        tensors[entry.name] = np.asarray(stored)
    return tensors


def _damage(file: str, reason: str) -> SystemFault:
    headline = f"the parameters in {quote(file)} are damaged: {reason}"
    return SystemFault("parameters-unreadable", headline, "build the model again, or copy it again")

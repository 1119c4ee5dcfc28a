"""A transformed model as a file: a spec with its parameters, or any form that models have."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.files.parameters import label, write_parameters
from netspec.files.writing import atomic_write
from netspec.model import Model
from netspec.model.saving import save
from netspec.spec.yaml_text import write
from netspec.transforms.transformed import Transformed

MOST_INLINE: Final = 1_000
"""Parameters that are written into the spec itself; more go into a .safetensors file beside it."""

SPECS: Final = (".yaml", ".yml")
_DIGEST: Final = 12  # hexadecimal digits in the name of the file beside a spec


def write_transformed(made: Transformed, path: str, protect: Sequence[str] = ()) -> tuple[str, ...]:
    """Write a transformed model, whole or not at all, and return the files; those in `protect` are never replaced.

    A suffix .yaml or .yml is a spec with its parameters, others as `Model.save` has them. Raises SystemFault.
    """
    if os.path.splitext(path)[1] not in SPECS:
        save(made.model, path, protect)
        return (path,)
    values = inline(made.model)
    if values is not None:
        data = (made.spec + write({"parameters": values})).encode()
        with atomic_write(path, protect=protect, size=len(data)) as stream:
            stream.write(data)
        return (path,)
    return _write_both(made, path, protect)


def inline(model: Model) -> dict[str, object] | None:
    """Return the parameters as a spec writes them, each the shortest decimal that is read back to the bit.

    None where there are too many, and where one is -0.0, which a spec has no word for.
    """
    if model.facts.parameters + model.facts.state > MOST_INLINE:
        return None
    found: dict[str, object] = {}
    for name, array in model.parameters.items():
        if (np.signbit(array) & (array == 0)).any():
            return None
        found[label(name)] = _decimals(array)
    return found


def _decimals(array: NDArray[Any]) -> object:
    if array.ndim:
        return [_decimals(row) for row in array]
    short = float(str(array[()]))  # which lies above the largest float32 where that is meant
    held = abs(short) <= float(np.finfo(array.dtype).max) and array.dtype.type(short) == array
    number = short if held else float(array)
    return int(number) if number.is_integer() and abs(number) < 10**6 else number


def _write_both(made: Transformed, path: str, protect: Sequence[str]) -> tuple[str, ...]:
    """Write the tensors beside the spec under a name that changes with them, then the spec; both or neither."""
    folder, name = os.path.split(path)
    parameters: Mapping[str, NDArray[Any]] = made.model.parameters
    beside = f"{os.path.splitext(name)[0]}-{_digest(parameters)}.safetensors"
    target = os.path.join(folder, beside)
    data = (made.spec + write({"parameters": {"file": beside}})).encode()
    new, inode = False, None
    try:
        with atomic_write(path, protect=protect, size=len(data)) as stream:
            inode = os.fstat(stream.fileno()).st_ino
            new = not os.path.lexists(target)
            size = sum(array.nbytes for array in parameters.values())
            with atomic_write(target, protect=protect, size=size) as tensors:
                write_parameters(tensors, parameters, {})
            stream.write(data)
    except BaseException:
        if new:
            with suppress(OSError):
                # What fails after the spec is in place, such as synchronising its folder, leaves both.
                if not os.path.lexists(path) or os.lstat(path).st_ino != inode:
                    os.unlink(target)
        raise
    return path, target


def _digest(parameters: Mapping[str, NDArray[Any]]) -> str:
    digest = hashlib.sha256()
    for name, array in parameters.items():
        digest.update(f"{name}{array.shape}{array.dtype}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()[:_DIGEST]

"""The arrays of a training in files: a pair of `.npy`, or the members of an `.npz` by their names."""

import os
from collections.abc import Sequence
from contextlib import ExitStack
from typing import BinaryIO, Final, cast

import numpy as np

from netspec.diagnostics.show import quote
from netspec.diagnostics.suggest import did_you_mean
from netspec.files.window import Window
from netspec.files.zip_directory import ZipFault, ZipMember, read_directory
from netspec.limits import TENSORS
from netspec.runtime.faults import DataFault
from netspec.runtime.numpy_table import Member, NpyTable, spool
from netspec.runtime.ports import Port

PAIRS: Final = (
    ("x", "y"),
    ("X", "y"),
    ("X", "Y"),
    ("inputs", "targets"),
    ("x_train", "y_train"),
    ("X_train", "y_train"),
    ("data", "target"),
    ("images", "labels"),
)
"""What the arrays of one input and one output may be called, besides their names. The first pair found counts."""

# A deflated file may expand a thousandfold, so that a small one costs minutes and fills the disk.
_EXPANSION: Final = 100
_EXPANDED: Final = 1 << 26
_SHOWN: Final = 5  # names of arrays in a message


def open_npz(
    stream: BinaryIO, file: str, inputs: Sequence[Port], outputs: Sequence[Port], scratch: ExitStack
) -> tuple[list[NpyTable], tuple[str, ...]]:
    """Return the arrays of the inputs and then of the outputs, and the names of others. Raises DataFault."""
    stream = stream if stream.seekable() else spool(stream, scratch)
    size = stream.seek(0, os.SEEK_END)
    try:
        members = read_directory(stream, size, TENSORS.value)
    except ZipFault as fault:
        raise DataFault("data-unreadable", f"it is no sound .npz file: {fault}", file) from None
    held = {member.name.removesuffix(".npy"): member for member in members if member.name.endswith(".npy")}
    names = _names(file, list(held), inputs, outputs)
    tables: list[NpyTable] = []
    for name, port in zip(names, (*inputs, *outputs), strict=True):
        _check_expansion(file, name, held[name])
        member = Member(cast(BinaryIO, Window(stream, 0, size)), file, name, one_of=True)
        tables.append(_opened(cast(BinaryIO, member), file, port, len(tables) < len(inputs), scratch, name))
    return tables, tuple(name for name in held if name not in names)


def open_pair(
    streams: Sequence[BinaryIO],
    files: Sequence[str],
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    scratch: ExitStack,
) -> list[NpyTable]:
    """Return the arrays of two `.npy` files, for one input and one output. Raises DataFault."""
    if len(inputs) != 1 or len(outputs) != 1:
        headline = f"the network has {len(inputs)} inputs and {len(outputs)} outputs, and a pair of .npy is of one each"
        raise DataFault("data-shape", headline, files[0], advice="save one .npz, each array by the name it has there")
    ports = (inputs[0], outputs[0])
    return [
        _opened(stream, file, port, at == 0, scratch)
        for at, (stream, file, port) in enumerate(zip(streams, files, ports, strict=True))
    ]


def _opened(stream: BinaryIO, file: str, port: Port, is_input: bool, scratch: ExitStack, name: str = "") -> NpyTable:
    """Return an array, in its own dtype where that is of floats, and else in int64."""
    try:
        table = NpyTable(stream, file, 1, np.dtype(np.int64), 1, scratch, examples=True)
    except DataFault as fault:
        if name:
            fault.headline = f"{quote(name)}: {fault.headline}"
        raise
    table.label = quote(name) if name else ""
    if is_input and port.dtype == "int64" and table.found.kind not in "biu":
        headline = (
            f"{table.label or 'the array'} is of dtype {quote(table.found.name)}, and {port.label} is of integers"
        )
        raise DataFault("data-dtype", headline, file)
    if table.found.kind == "f":
        table.dtype = np.dtype(np.float64) if table.found.itemsize == 2 else table.found.newbyteorder("=")
    return table


def _names(file: str, held: list[str], inputs: Sequence[Port], outputs: Sequence[Port]) -> list[str]:
    """Return what the arrays are called: as inputs and outputs are, or by a pair of usual names."""
    names = [port.name for port in (*inputs, *outputs)]
    missing = [name for name in names if name not in held]
    if not missing:
        return names
    single = len(inputs) == len(outputs) == 1
    if single:
        for pair in PAIRS:
            if set(pair) <= set(held):
                return list(pair)
    shown = ", ".join(map(quote, held[:_SHOWN])) + (", ..." if len(held) > _SHOWN else "")
    headline = f"it holds no array {quote(missing[0])}" + (f", but {shown}" if held else "")
    if single:
        advice = "save the arrays as `x` and `y`"
        headline = f"it holds no arrays {quote(names[0])} and {quote(names[1])}" + (f", but {shown}" if held else "")
    else:
        advice = did_you_mean(missing[0], held) or "save each array by the name of its input or output"
    raise DataFault("data-shape", headline, file, advice=advice)


def _check_expansion(file: str, name: str, member: ZipMember) -> None:
    """Refuse an array that is too large for the bytes it is compressed into."""
    if member.size > max(_EXPANDED, _EXPANSION * member.compressed):
        headline = f"the array {quote(name)} expands more than {_EXPANSION} times"
        raise DataFault("data-unreadable", headline, file, advice="save it uncompressed: np.savez")

"""The tensors that a parameter file holds, in either format: what its headers say, and the bytes of each.

Only headers are read here, so that a file of many gigabytes costs no more than a small one. Whether a tensor fits a
network is for those who read it.
"""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import BinaryIO, Final, Literal, NamedTuple

from netspec.diagnostics.faults import FileFault
from netspec.diagnostics.show import show
from netspec.files.npz import NpzArray, NpzReader, read_npz_directory
from netspec.files.safetensors import DTYPES, TensorEntry, read_header

SUFFIXES: Final = (".safetensors", ".npz")
"""The suffixes of files of parameters; which format one has is told by its name."""

_WORDS: Final = {"f": "float", "i": "int", "u": "uint", "c": "complex"}
_SAFETENSORS: Final = {"F64": ("<f8", "float64"), "F32": ("<f4", "float32"), "F16": ("<f2", "float16")}


class Opened(NamedTuple):
    """A stored tensor: its dtype as numpy spells it (`bf16` for bfloat16, empty for one that is not taken) and in
    words, its shape and order, and its bytes: `read` gives the next ones, `finish` checks that they end well.
    """

    dtype: str
    words: str
    shape: tuple[int, ...]
    order: Literal["C", "F"]
    read: Callable[[int], bytes]
    finish: Callable[[], None]


class Stored(NamedTuple):
    """The tensors of a file by the names that it has for them, in the order of their bytes, each with how to open it;
    and the texts of its metadata. One tensor is open at a time: they share the stream.
    """

    tensors: Mapping[str, Callable[[], Opened]]
    metadata: Mapping[str, str]


def read_stored(stream: BinaryIO, path: str, expected: int) -> Stored:
    """Return what a `.safetensors` or `.npz` file holds; `expected` tensors bound how much is read.

    Raises FileFault `parameters-unreadable`.
    """
    size = stream.seek(0, os.SEEK_END)
    suffix = os.path.splitext(path)[1]
    if suffix == ".safetensors":
        entries, metadata = read_header(stream, size, expected)
        return Stored({name: partial(_open_entry, stream, entry) for name, entry in entries.items()}, metadata)
    if suffix == ".npz":
        arrays = read_npz_directory(stream, size, expected)
        return Stored({array.name: partial(_open_array, stream, array) for array in arrays}, {})
    raise FileFault("parameters-unreadable", "its name ends in neither `.safetensors` nor `.npz`")


def _open_entry(stream: BinaryIO, entry: TensorEntry) -> Opened:
    """Return a tensor of a safetensors file, whose header has been checked against the file's size."""
    dtype, words = _SAFETENSORS.get(entry.dtype, ("", _words(entry.dtype)))
    stream.seek(entry.offset)
    return Opened("bf16" if entry.dtype == "BF16" else dtype, words, entry.shape, "C", stream.read, _nothing)


def _open_array(stream: BinaryIO, array: NpzArray) -> Opened:
    """Return an array of an npz file; its header is read and its size compared with the shape."""
    reader = NpzReader(stream, array)
    descr, order, shape = reader.header
    taken = descr in {f"{sign}{kind}" for sign in "<>" for kind in ("f2", "f4", "f8")}
    if taken:
        reader.check_size(int(descr[2:]))
    return Opened(descr if taken else "", _words(descr), shape, order, reader.read, reader.finish)


def _nothing() -> None:
    """Do nothing: a safetensors file has no checksum and its extent is checked before."""


def _words(dtype: str) -> str:
    """Return a dtype of either format in words: `<i8` and I64 are int64."""
    spelled = {"BF16": "bfloat16", "BOOL": "bool", "|b1": "bool", "|O": "objects"}.get(dtype)
    if spelled is not None:
        return spelled
    sign, kind, digits = dtype[:1], dtype[1:2], dtype[2:]
    if sign in "<>|=" and kind in _WORDS and digits.isdecimal() and len(digits) < 3:
        return f"{_WORDS[kind]}{8 * int(digits)}"
    kind, digits = dtype[:1].lower(), dtype[1:]
    if dtype in DTYPES and digits.isdecimal():
        return f"{_WORDS[kind]}{digits}"
    return show(dtype)

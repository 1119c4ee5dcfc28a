"""The .npz format: a zip archive of .npy arrays, read without numpy's own reader, which trusts what it reads.

Source: numpy.lib.format, "Format specification". Of the arrays only the headers are parsed here, by hand: nothing is
unpickled or evaluated, and no length, shape or size in the file is believed before it was compared with the file.
"""

import re
from math import prod
from typing import BinaryIO, Final, Literal, NamedTuple, NoReturn

from netspec.diagnostics.faults import FileFault
from netspec.diagnostics.show import quote
from netspec.files.safetensors import tensor_limit
from netspec.files.zip_directory import MemberReader, ZipFault, ZipMember, read_directory
from netspec.limits import NPZ_HEADER

# A deflated file may expand a thousandfold, so that a small one costs minutes. Trained weights compress by a tenth;
# what is all zeros is small or can be stored.
_EXPANSION: Final = 100
_EXPANDED: Final = 1 << 26

_MAGIC: Final = b"\x93NUMPY"
_ITEM: Final = re.compile(
    r"\s*(?:'descr'\s*:\s*'(?P<descr>[^'\\]{1,64})'"
    r"|'fortran_order'\s*:\s*(?P<fortran_order>True|False)"
    r"|'shape'\s*:\s*\((?P<shape>(?:\s*[0-9]{1,19}\s*,)*\s*(?:[0-9]{1,19}\s*)?)\))\s*(?P<more>,?)"
)


class ArrayHeader(NamedTuple):
    """What a .npy header says: numpy's spelling of the dtype, the order of the elements, the shape."""

    descr: str
    order: Literal["C", "F"]
    shape: tuple[int, ...]


class NpzArray(NamedTuple):
    """One array of an archive, by the name of its member without `.npy`."""

    name: str
    member: ZipMember


def read_npz_directory(stream: BinaryIO, size: int, expected: int) -> list[NpzArray]:
    """Return the arrays of an archive of `size` bytes in the order of their bytes; `expected` bounds the reading.

    Raises FileFault `parameters-unreadable`.
    """
    stream.seek(0)
    if stream.read(2) != b"PK":
        _refuse("it does not begin as an .npz file does, which is a zip archive")
    try:
        members = read_directory(stream, size, tensor_limit(expected))
    except ZipFault as fault:
        raise FileFault("parameters-unreadable", str(fault)) from fault
    arrays = [NpzArray(member.name.removesuffix(".npy"), member) for member in members]
    names: set[str] = set()
    for array in arrays:
        if array.name in names:  # `W` and `W.npy` are one to whoever loads the file
            _refuse(f"it names {quote(array.name)} twice")
        names.add(array.name)
    return arrays


class NpzReader:
    """Reads one array: the header at once, then the elements' bytes in pieces. Raises FileFault."""

    def __init__(self, stream: BinaryIO, array: NpzArray) -> None:
        self._name = array.name
        self._size, self._compressed = array.member.size, array.member.compressed
        try:
            self._reader = MemberReader(stream, array.member)
        except ZipFault as fault:
            raise FileFault("parameters-unreadable", str(fault)) from fault
        self.header = self._read_header()

    def check_size(self, item: int) -> None:
        """Refuse the array unless it has the bytes of its shape, of `item` bytes each, and no others."""
        promised = self._size - self._header_size
        if promised != item * prod(self.header.shape):
            _refuse(f"the array {quote(self._name)} has {promised:,} bytes, which are not those of its shape")

        if self._size > max(_EXPANDED, _EXPANSION * self._compressed):
            _refuse(f"the array {quote(self._name)} expands more than {_EXPANSION} times; save it uncompressed")

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes of the elements."""
        try:
            return self._reader.read(count)
        except ZipFault as fault:
            raise FileFault("parameters-unreadable", str(fault)) from fault

    def finish(self) -> None:
        """Check that the array ends here and that its checksum is right."""
        try:
            self._reader.finish()
        except ZipFault as fault:
            raise FileFault("parameters-unreadable", str(fault)) from fault

    def _read_header(self) -> ArrayHeader:
        """Return the header. Grammar: magic, version (1.0, 2.0, 3.0), length in 2 or 4 bytes, a Python dictionary."""
        start = self.read(min(8, self._size))
        if start[:6] != _MAGIC or len(start) < 8:
            _refuse(f"its member {quote(self._name)} is no array")
        if start[6:] not in (b"\1\0", b"\2\0", b"\3\0"):
            _refuse(f"the array {quote(self._name)} is of an unknown version of the format")
        wide = 2 if start[6] == 1 else 4
        field = self.read(min(wide, self._size - 8))
        length = int.from_bytes(field, "little")
        self._header_size = 8 + wide + length
        if length > NPZ_HEADER.value or self._header_size > self._size:
            _refuse(f"the header of the array {quote(self._name)} has {length:,} bytes")
        try:
            text = self.read(length).decode("ascii")
        except UnicodeDecodeError:
            _refuse(f"the header of the array {quote(self._name)} is not ASCII")
        header = parse_header(text)
        if header is None:
            _refuse(f"the header of the array {quote(self._name)} describes no plain array")
        return header


def parse_header(text: str) -> ArrayHeader | None:
    """Return what the text of a .npy header says, None where it is not of the one form that plain arrays have.

    >>> parse_header("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 1), }")
    ArrayHeader(descr='<f4', order='C', shape=(3, 1))
    """
    body = text.strip()
    if body[:1] != "{" or body[-1:] != "}":
        return None
    found: dict[str, str] = {}
    at, more = 1, True
    while more and (match := _ITEM.match(body, at)):
        (item,) = [(key, value) for key, value in match.groupdict().items() if key != "more" and value is not None]
        if item[0] in found:
            return None
        found[item[0]] = item[1]
        at, more = match.end(), bool(match["more"])
    if body[at:].strip() != "}" or len(found) != 3:
        return None
    sizes = [size.strip() for size in found["shape"].split(",")]
    if len(sizes) == 1 and sizes[0]:
        return None  # `(3)` is a number, `(3,)` a shape
    order: Literal["C", "F"] = "F" if found["fortran_order"] == "True" else "C"
    return ArrayHeader(found["descr"], order, tuple(int(size) for size in sizes if size))


def _refuse(reason: str) -> NoReturn:
    raise FileFault("parameters-unreadable", reason)

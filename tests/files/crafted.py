"""Zip archives field by field, so that any one of them can be wrong."""

import io
import zlib
from typing import NamedTuple

from netspec.files.zip_directory import CENTRAL, CENTRAL_MARK, END, END_MARK, LOCAL, LOCAL_MARK


class Crafted(NamedTuple):
    """A member: its true bytes, and what the archive says of them; None is what is true."""

    name: bytes
    data: bytes
    method: int = 0
    local_name: bytes | None = None
    local_method: int | None = None
    local_flags: int = 0
    local_extra: bytes = b""
    flags: int = 0
    crc: int | None = None
    compressed: int | None = None
    size: int | None = None
    offset: int | None = None
    disk: int = 0
    extra: bytes = b""


def deflated(data: bytes) -> bytes:
    """Return the data compressed as a zip archive has it."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    return deflater.compress(data) + deflater.flush()


def archive(*members: Crafted, end: bytes | None = None, gap: bytes = b"", count: int | None = None) -> bytes:
    """Return an archive of the members; `gap` goes before the directory, `end` in place of the record that ends it."""
    stream = io.BytesIO()
    entries = b""
    for member in members:
        offset = stream.tell() if member.offset is None else member.offset
        stored = deflated(member.data) if member.method == 8 else member.data
        compressed = len(stored) if member.compressed is None else member.compressed
        size = len(member.data) if member.size is None else member.size
        crc = zlib.crc32(member.data) if member.crc is None else member.crc
        local_name = member.name if member.local_name is None else member.local_name
        local_method = member.method if member.local_method is None else member.local_method
        sizes = (crc, compressed, size)
        lengths = (len(local_name), len(member.local_extra))
        stream.write(LOCAL.pack(LOCAL_MARK, 20, member.local_flags, local_method, 0, 33, *sizes, *lengths))
        stream.write(local_name + member.local_extra + stored)
        lengths = (len(member.name), len(member.extra))
        rest = (0, member.disk, 0, 0, offset)
        entries += CENTRAL.pack(CENTRAL_MARK, 20, 20, member.flags, member.method, 0, 33, *sizes, *lengths, *rest)
        entries += member.name + member.extra
    stream.write(gap)
    number = len(members) if count is None else count
    last = END.pack(END_MARK, 0, 0, number, number, len(entries), stream.tell(), 0) if end is None else end
    return stream.getvalue() + entries + last

"""The zip archives that netspec builds: the same bytes for the same members, on any machine, at any time.

Members are stored, dated 1980-01-01, with the permissions of a plain file, and lie in the order given. A member may be
aligned: an extra field in its own header (id 0xD935, the alignment field of Android's zipalign) makes its data start
on a multiple of 64 bytes, so that it can be mapped into memory as it lies. A line may go before the archive, so that
it runs as a program. zip64 is used where sizes need it, and only there: Python's zipimport reads it since 3.13, so
that an archive beyond 4 GB runs there only.
"""

import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from netspec.diagnostics.faults import FileFault
from netspec.diagnostics.show import quote
from netspec.files.zip_directory import (
    CENTRAL,
    CENTRAL_MARK,
    END,
    END64,
    END64_MARK,
    END_MARK,
    LOCAL,
    LOCAL_MARK,
    LOCATOR,
    LOCATOR_MARK,
    MOST_16,
    MOST_32,
    STORED,
    ZIP64_EXTRA,
    MemberReader,
    ZipFault,
    read_directory,
)
from netspec.limits import Limit

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

ALIGNMENT: Final = 64

_ALIGNMENT_EXTRA: Final = 0xD935
_DATE: Final = (0, 0x21)  # midnight of 1980-01-01, the first that the format knows
_VERSION: Final = 20
_VERSION_64: Final = 45
_UNIX: Final = 3 << 8
_PLAIN_FILE: Final = 0o100644 << 16
_MEMBERS: Final = 4096  # of an archive that is read


class Member(NamedTuple):
    """A file for an archive: the bytes of all `chunks`. `size` is how many, None where that is known only after."""

    name: str
    size: int | None
    chunks: "Iterable[ReadableBuffer]"
    aligned: bool = False


def write_zip(stream: BinaryIO, members: Iterable[Member], *, line: bytes = b"") -> dict[str, int]:
    """Write an archive to an empty seekable stream; return where each member's data begin. Holds one chunk at a time.

    `line` goes before the archive, such as `#!/usr/bin/env python3` with its line end. Raises ValueError for a name
    that is not plain ASCII or stands twice, and for chunks that are not of the size promised, or beyond 4 GB where
    none was.
    """
    stream.write(line)
    starts: dict[str, int] = {}
    entries: list[bytes] = []
    for member in members:
        if member.name in starts or not member.name.isascii() or not member.name.isprintable():
            raise ValueError(f"a member cannot be named {member.name!r}, or not again")
        starts[member.name], entry = _write_member(stream, member)
        entries.append(entry)
    _write_directory(stream, entries)
    return starts


def read_member(stream: BinaryIO, size: int, name: str, limit: Limit) -> bytes:
    """Return the bytes of one member of an archive of `size` bytes, at most `limit` of them.

    Raises FileFault `archive-unreadable`, also where there is no such member, and the limit's own code.
    """
    try:
        for member in read_directory(stream, size, _MEMBERS):
            if member.name == name:
                if member.size > limit.value:
                    reason = f"its member {quote(name)} has {member.size:,} bytes, the limit is {limit.value:,}"
                    raise FileFault(limit.code, reason)
                reader = MemberReader(stream, member)
                data = reader.read(member.size)
                reader.finish()
                return data
    except ZipFault as fault:
        raise FileFault("archive-unreadable", str(fault)) from fault
    raise FileFault("archive-unreadable", f"it has no member {quote(name)}")


def _write_member(stream: BinaryIO, member: Member) -> tuple[int, bytes]:
    """Write a member; return where its data begin, and its entry for the directory."""
    name = member.name.encode("ascii")
    offset = stream.tell()
    wide = member.size is not None and member.size >= MOST_32
    sizes_at = LOCAL.size + len(name) + 4 if wide else 18
    extra = _extra(ZIP64_EXTRA, bytes(16)) if wide else b""
    if member.aligned:
        unpadded = offset + LOCAL.size + len(name) + len(extra) + 6
        extra += _extra(_ALIGNMENT_EXTRA, ALIGNMENT.to_bytes(2, "little") + bytes(-unpadded % ALIGNMENT))
    version = _VERSION_64 if wide else _VERSION
    full = MOST_32 if wide else 0
    fields = (version, 0, STORED, *_DATE, 0, full, full, len(name), len(extra))
    stream.write(LOCAL.pack(LOCAL_MARK, *fields) + name + extra)
    start = stream.tell()
    crc = size = 0
    for chunk in member.chunks:
        crc = zlib.crc32(chunk, crc)
        size += stream.write(chunk)
    if member.size is not None and size != member.size:
        raise ValueError(f"member {member.name!r} has {size} bytes, {member.size} were promised")
    if size >= MOST_32 and not wide:
        raise ValueError(f"member {member.name!r} has {size} bytes; beyond 4 GB its size must be given")
    end = stream.tell()
    stream.seek(offset + 14)
    stream.write(crc.to_bytes(4, "little"))
    stream.seek(offset + sizes_at)
    stream.write(2 * size.to_bytes(8 if wide else 4, "little"))
    stream.seek(end)
    return start, _entry(name, crc, size, offset)


def _entry(name: bytes, crc: int, size: int, offset: int) -> bytes:
    """Return a member's entry for the directory, which says again what the member's own header says."""
    wide = b"".join(value.to_bytes(8, "little") for value in (size, size, offset) if value >= MOST_32)
    extra = _extra(ZIP64_EXTRA, wide) if wide else b""
    version = _VERSION_64 if wide else _VERSION
    narrow = min(size, MOST_32)
    fields = (version | _UNIX, version, 0, STORED, *_DATE, crc, narrow, narrow, len(name), len(extra), 0, 0, 0)
    return CENTRAL.pack(CENTRAL_MARK, *fields, _PLAIN_FILE, min(offset, MOST_32)) + name + extra


def _write_directory(stream: BinaryIO, entries: list[bytes]) -> None:
    """Write the directory and its end, twice where its place or number need more than 32 and 16 bits."""
    offset = stream.tell()
    directory = b"".join(entries)
    stream.write(directory)
    count, length = len(entries), len(directory)
    if count >= MOST_16 or offset >= MOST_32:
        at = stream.tell()
        versions = (_VERSION_64 | _UNIX, _VERSION_64)
        stream.write(END64.pack(END64_MARK, END64.size - 12, *versions, 0, 0, count, count, length, offset))
        stream.write(LOCATOR.pack(LOCATOR_MARK, 0, at, 1))
        count, offset = min(count, MOST_16), min(offset, MOST_32)
    stream.write(END.pack(END_MARK, 0, 0, count, count, length, offset, 0))


def _extra(kind: int, data: bytes) -> bytes:
    """Return an extra field: its id, its length, its data."""
    return kind.to_bytes(2, "little") + len(data).to_bytes(2, "little") + data

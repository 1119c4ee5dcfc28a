"""What a zip archive holds, read strictly: the directory, checked against the members' own headers, and their bytes.

Source: PKWARE's APPNOTE.TXT 6.3.10, §4.3. Taken is what NumPy, zipfile and our own writer write: one disk, no
comment after the directory, stored or deflated members, no encryption, sizes beyond 4 GB through the zip64 extra.
Unlike zipfile, nothing is skipped in silence: the archive ends with its directory, members do not overlap and have
each name once, a member's own header agrees with the directory, its bytes end where they must, its CRC is right.
"""

import struct
import zlib
from typing import BinaryIO, Final, NamedTuple, NoReturn

from netspec.diagnostics.show import quote

STORED: Final = 0
DEFLATED: Final = 8
ENCRYPTED: Final = 1  # general purpose flags
UTF_8: Final = 0x800
ZIP64_EXTRA: Final = 1

LOCAL: Final = struct.Struct("<4s5H3I2H")
CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
END: Final = struct.Struct("<4s4H2IH")
END64: Final = struct.Struct("<4sQ2H2I4Q")
LOCATOR: Final = struct.Struct("<4sIQI")
LOCAL_MARK: Final = b"PK\x03\x04"
CENTRAL_MARK: Final = b"PK\x01\x02"
END_MARK: Final = b"PK\x05\x06"
END64_MARK: Final = b"PK\x06\x06"
LOCATOR_MARK: Final = b"PK\x06\x07"
MOST_16: Final = 0xFFFF  # a field that is full says that zip64 has the value
MOST_32: Final = 0xFFFFFFFF

_MEMBER_BYTES: Final = 1024  # of a member's entry in the directory: fixed part, name, extra, comment
_CHUNK: Final = 1 << 16


class ZipFault(Exception):
    """An archive is damaged or is not of the kind that is taken; its text is one short clause."""


class ZipMember(NamedTuple):
    """One member: `compressed` and `size` in bytes, `offset` of its own header from the start of the file.

    `room` is where the next member or the directory begins: all of this one lies before it.
    """

    name: str
    method: int
    crc: int
    compressed: int
    size: int
    offset: int
    room: int


def read_directory(stream: BinaryIO, size: int, most: int) -> list[ZipMember]:
    """Return the members of an archive of `size` bytes, in the order of their bytes, at most `most` of them.

    Costs one read of the directory, bounded by `most`. Raises ZipFault.
    """
    offset, length, count = _end(stream, size)
    if count > most:
        _refuse(f"it has {count:,} members, at most {most:,} are read")
    if length > most * _MEMBER_BYTES:
        _refuse(f"its directory has {length:,} bytes, too many for {count:,} members")
    stream.seek(offset)
    directory = stream.read(length)
    members: list[ZipMember] = []
    at = 0
    for _ in range(count):
        member, at = _member(directory, at)
        members.append(member)
    if at != len(directory):
        _refuse("its directory does not end with its last member")
    return _in_place(members, offset)


class MemberReader:
    """Reads the bytes of one member, decompressed, in pieces; never more than the directory promises.

    `start` is where the member's stored bytes begin in the file. Raises ZipFault, at the latest in `finish`.
    """

    def __init__(self, stream: BinaryIO, member: ZipMember) -> None:
        self._stream, self._member = stream, member
        self.start = _check_local(stream, member)
        self._unread = member.compressed  # bytes of the file
        self._left = member.size  # bytes to be given
        self._crc = 0
        self._inflater = zlib.decompressobj(-zlib.MAX_WBITS) if member.method == DEFLATED else None
        self._input = b""

    def read(self, count: int) -> bytes:
        """Return the next `count` bytes; fewer only where the member ends."""
        count = min(count, self._left)
        pieces: list[bytes] = []
        while count:
            piece = self._inflate(count) if self._inflater else self._raw(count)
            if not piece:
                _refuse(f"its member {quote(self._member.name)} is cut short")
            pieces.append(piece)
            count -= len(piece)
            self._left -= len(piece)
            self._crc = zlib.crc32(piece, self._crc)
        return b"".join(pieces)

    def finish(self) -> None:
        """Check that the member ends here: all given, nothing left over, the CRC right."""
        name = quote(self._member.name)
        if self._left:
            _refuse(f"its member {name} goes on where its content ends")
        if self._inflater and (self._inflate(1) or not self._inflater.eof or self._inflater.unused_data):
            _refuse(f"its member {name} does not end where its content ends")
        if self._unread:
            _refuse(f"its member {name} has bytes left over")
        if self._crc != self._member.crc:
            _refuse(f"its member {name} is damaged: the checksum is wrong")

    def _raw(self, count: int) -> bytes:
        """Return at most `count` of the member's bytes as they lie in the file."""
        piece = self._stream.read(min(count, self._unread))
        self._unread -= len(piece)
        return piece

    def _inflate(self, count: int) -> bytes:
        """Return between 1 and `count` bytes; none where the compressed bytes end. Bounded by `max_length`."""
        assert self._inflater is not None  # noqa: S101 - only called for deflated members
        while not self._inflater.eof:
            self._input = self._input or self._raw(_CHUNK)
            fed = self._input
            try:
                piece = self._inflater.decompress(fed, count)
            except zlib.error:
                _refuse(f"its member {quote(self._member.name)} is damaged")
            self._input = self._inflater.unconsumed_tail
            if piece or not fed:
                return piece
        return b""


def _refuse(reason: str) -> NoReturn:
    raise ZipFault(reason)


def _take(layout: struct.Struct, data: bytes, at: int, mark: bytes, what: str) -> tuple[int, ...]:
    """Return the fields of a record after its mark."""
    if data[at : at + 4] != mark or len(data) - at < layout.size:
        _refuse(f"{what} is missing or damaged")
    return tuple(layout.unpack_from(data, at)[1:])


def _end(stream: BinaryIO, size: int) -> tuple[int, int, int]:
    """Return offset, length and number of members of the directory, from the record at the very end of the file."""
    tail_size = min(size, LOCATOR.size + END64.size + END.size)
    stream.seek(size - tail_size)
    tail = stream.read(tail_size)
    at = len(tail) - END.size
    if at < 0:
        _refuse("it is too short for a zip archive")
    disk, first, here, count, length, offset, comment = _take(END, tail, at, END_MARK, "the end of its directory")
    if disk or first or here != count or comment:
        _refuse("it is of several disks or has a comment")
    end = size - END.size
    if count == MOST_16 or MOST_32 in (length, offset):
        at -= LOCATOR.size
        if at < END64.size:
            _refuse("its zip64 directory is missing or damaged")
        _, at_64, disks = _take(LOCATOR, tail, at, LOCATOR_MARK, "its zip64 directory")
        at -= END64.size
        end = size - len(tail) + at
        _, _, _, disk, first, here, count, length, offset = _take(END64, tail, at, END64_MARK, "its zip64 directory")
        if disks != 1 or at_64 != end or disk or first or here != count:
            _refuse("its zip64 directory is damaged")
    if offset + length != end:
        _refuse("its directory does not end where the archive ends")
    return offset, length, count


def _member(directory: bytes, at: int) -> tuple[ZipMember, int]:
    """Return the member described at `at` of the directory, and where the next one's description begins."""
    fields = _take(CENTRAL, directory, at, CENTRAL_MARK, "its directory")
    _, _, flags, method, _, _, crc, compressed, size, name_size, extra_size, comment_size, disk, _, _, offset = fields
    at += CENTRAL.size
    end = at + name_size + extra_size + comment_size
    if end > len(directory):
        _refuse("its directory is damaged")
    name = _name(directory[at : at + name_size], flags)
    extra = directory[at + name_size : at + name_size + extra_size]
    size, compressed, offset = _wide(extra, size, compressed, offset)
    if flags & ENCRYPTED:
        _refuse(f"its member {quote(name)} is encrypted")
    if method not in (STORED, DEFLATED):
        _refuse(f"its member {quote(name)} is compressed in a way other than deflate")
    if disk or (method == STORED and compressed != size):
        _refuse(f"the description of its member {quote(name)} is damaged")
    return ZipMember(name, method, crc, compressed, size, offset, room=0), end


def _name(data: bytes, flags: int) -> str:
    """Return a member's name: UTF-8 where its flag says so, else ASCII."""
    try:
        return data.decode("utf-8" if flags & UTF_8 else "ascii")
    except UnicodeDecodeError:
        _refuse("the name of a member is neither ASCII nor UTF-8")


def _wide(extra: bytes, *values: int) -> list[int]:
    """Return the values, those that are full replaced by the ones of the zip64 extra, which come in the same order."""
    result = list(values)
    if MOST_32 in result:
        wide = _extra(extra, ZIP64_EXTRA)
        for position, value in enumerate(result):
            if value == MOST_32:
                if len(wide) < 8:
                    _refuse("the zip64 sizes of a member are missing")
                result[position], wide = int.from_bytes(wide[:8], "little"), wide[8:]
    return result


def _extra(extra: bytes, wanted: int) -> bytes:
    """Return the data of the extra field with the wanted id; empty where there is none."""
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<2H", extra)
        if kind == wanted:
            return extra[4 : 4 + length]
        extra = extra[4 + length :]
    return b""


def _in_place(members: list[ZipMember], directory: int) -> list[ZipMember]:
    """Return the members in the order of their bytes, each with its room; refuse overlaps and two of one name."""
    names: set[str] = set()
    for member in members:
        if member.name in names:
            _refuse(f"it has two members named {quote(member.name)}")
        names.add(member.name)
    placed: list[ZipMember] = []
    room = directory
    for member in sorted(members, key=lambda member: member.offset, reverse=True):
        if member.offset + LOCAL.size + member.compressed > room:
            _refuse(f"its member {quote(member.name)} overlaps what follows it")
        placed.append(member._replace(room=room))
        room = member.offset
    return placed[::-1]


def _check_local(stream: BinaryIO, member: ZipMember) -> int:
    """Return where the member's bytes begin, after its own header, which must agree with the directory."""
    stream.seek(member.offset)
    record = stream.read(LOCAL.size)
    what = f"the header of its member {quote(member.name)}"
    _, flags, method, _, _, _, _, _, name_size, extra_size = _take(LOCAL, record, 0, LOCAL_MARK, what)
    name = _name(stream.read(name_size), flags)
    if name != member.name or method != member.method or flags & ENCRYPTED:
        _refuse(f"{what} does not agree with the directory")
    start = member.offset + LOCAL.size + name_size + extra_size
    if start + member.compressed > member.room:
        _refuse(f"its member {quote(name)} overlaps what follows it")
    stream.seek(start)
    return start

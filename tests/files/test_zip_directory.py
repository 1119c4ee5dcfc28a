"""The strict reading of zip archives: each way to be damaged has its words, and zipfile is the oracle for the sound."""

import io
import struct
import zipfile
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.files.zip_directory import (
    END,
    END64,
    END64_MARK,
    END_MARK,
    LOCATOR,
    LOCATOR_MARK,
    MemberReader,
    ZipFault,
    read_directory,
)
from tests.files.crafted import Crafted, archive, deflated


def contents(data: bytes, most: int = 10) -> dict[str, bytes]:
    """Return the members' bytes by name, read in pieces of 7."""
    stream = io.BytesIO(data)
    result = {}
    for member in read_directory(stream, len(data), most):
        reader = MemberReader(stream, member)
        pieces = []
        while piece := reader.read(7):
            pieces.append(piece)
        reader.finish()
        result[member.name] = b"".join(pieces)
    return result


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ZipFault) as caught:
        call()
    return str(caught.value)


ONE = Crafted(b"a", b"hello")


@given(st.dictionaries(st.text("aβ/.", min_size=1), st.binary(max_size=50), max_size=10), st.sampled_from([0, 8]))
def test_what_zipfile_writes_is_read(content: dict[str, bytes], method: int) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as writer:
        for name, data in content.items():
            with writer.open(name, "w", force_zip64=True) as member:
                member.write(data)
    assert contents(stream.getvalue()) == content


def test_a_crafted_archive_is_sound_where_nothing_in_it_is_wrong() -> None:
    data = archive(ONE, Crafted(b"b", b"world" * 9, 8))
    assert contents(data) == {"a": b"hello", "b": b"world" * 9}
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None


def test_an_empty_archive_has_no_members() -> None:
    assert contents(archive()) == {}


def test_members_come_in_the_order_of_their_bytes() -> None:
    first, second = Crafted(b"b", b"", offset=0), Crafted(b"a", b"", offset=31)
    stream = io.BytesIO(archive(first, second))
    assert [member.name for member in read_directory(stream, len(stream.getvalue()), 2)] == ["b", "a"]


def test_a_line_before_the_archive_is_no_harm() -> None:
    stream = io.BytesIO()
    stream.write(b"#!line\n")
    with zipfile.ZipFile(stream, "a") as writer:
        writer.writestr("a", b"hello")
    assert contents(stream.getvalue()) == {"a": b"hello"}


DISKS = "it is of several disks or has a comment"
NO_END = "the end of its directory is missing or damaged"
NO_WIDE = "its zip64 directory is missing or damaged"
DAMAGED = "its directory is missing or damaged"
HEADER = "the header of its member `a` does not agree with the directory"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is too short for a zip archive"),
        (b"PK" * 20, NO_END),
        (archive(ONE) + b"x", NO_END),
        (archive(end=END.pack(END_MARK, 1, 0, 0, 0, 0, 0, 0)), DISKS),
        (archive(end=END.pack(END_MARK, 0, 1, 0, 0, 0, 0, 0)), DISKS),
        (archive(end=END.pack(END_MARK, 0, 0, 0, 1, 0, 0, 0)), DISKS),
        (archive(end=END.pack(END_MARK, 0, 0, 0, 0, 0, 0, 1)), DISKS),
        (archive(end=END.pack(END_MARK, 0, 0, 0, 0, 1, 0, 0)), "its directory does not end where the archive ends"),
        (archive(ONE, count=11), "it has 11 members, at most 10 are read"),
        (archive(ONE._replace(extra=bytes(11_000))), "its directory has 11,047 bytes, too many for 1 members"),
        (archive(ONE, count=2), DAMAGED),
        (archive(ONE, count=0), "its directory does not end with its last member"),
        (archive(ONE._replace(name=b"b" * 9, extra=b"\1"), end=b"")[:-3], NO_END),
        (archive(ONE._replace(name=b"\xff")), "the name of a member is neither ASCII nor UTF-8"),
        (archive(ONE._replace(name=b"\xff", flags=0x800)), "the name of a member is neither ASCII nor UTF-8"),
        (archive(ONE._replace(flags=1)), "its member `a` is encrypted"),
        (archive(ONE._replace(method=12)), "its member `a` is compressed in a way other than deflate"),
        (archive(ONE._replace(disk=1)), "the description of its member `a` is damaged"),
        (archive(ONE._replace(size=4)), "the description of its member `a` is damaged"),
        (archive(ONE, ONE), "it has two members named `a`"),
        (archive(ONE, ONE._replace(name=b"b", offset=0)), "its member `b` overlaps what follows it"),
        (archive(ONE, ONE._replace(name=b"b", offset=10)), "its member `a` overlaps what follows it"),
        (archive(ONE, ONE._replace(name=b"b", offset=1 << 31)), "its member `b` overlaps what follows it"),
        (archive(ONE._replace(size=6, compressed=6)), "its member `a` overlaps what follows it"),
        (archive(ONE._replace(offset=4), gap=bytes(9)), "the header of its member `a` is missing or damaged"),
        (archive(ONE._replace(local_name=b"b")), HEADER),
        (archive(ONE._replace(local_method=8)), HEADER),
        (archive(ONE._replace(local_flags=1)), HEADER),
        (archive(ONE._replace(crc=1)), "its member `a` is damaged: the checksum is wrong"),
        (archive(ONE._replace(method=8, crc=1)), "its member `a` is damaged: the checksum is wrong"),
        (archive(ONE._replace(method=8, size=4)), "its member `a` does not end where its content ends"),
        (archive(ONE._replace(method=8, size=6)), "its member `a` is cut short"),
        (archive(ONE._replace(method=8, compressed=8), gap=b"x"), "its member `a` does not end where its content ends"),
        (archive(ONE._replace(method=8, compressed=3)), "its member `a` is cut short"),
        (archive(ONE._replace(size=0xFFFFFFFF)), "the zip64 sizes of a member are missing"),
        (archive(ONE._replace(size=0xFFFFFFFF, extra=b"\1\0\4\0xxxx")), "the zip64 sizes of a member are missing"),
        (archive(end=END.pack(END_MARK, 0, 0, 0xFFFF, 0xFFFF, 0, 0, 0)), NO_WIDE),
        (archive(end=bytes(76) + END.pack(END_MARK, 0, 0, 0, 0, 0, 0xFFFFFFFF, 0)), NO_WIDE),
    ],
)  # fmt: skip
def test_a_damaged_archive_is_refused(data: bytes, reason: str) -> None:
    assert refusal(lambda: contents(data)) == reason


def test_a_description_longer_than_the_directory_is_refused() -> None:
    data = bytearray(archive(ONE))
    at = data.index(b"PK\1\2") + 28
    data[at : at + 2] = b"\xff\0"
    assert refusal(lambda: contents(bytes(data))) == "its directory is damaged"


def test_bytes_that_do_not_inflate_are_refused() -> None:
    member = Crafted(b"a", b"\xff\xff\xff", local_method=8)
    data = bytearray(archive(member))
    at = data.index(b"PK\1\2") + 10
    data[at] = 8
    assert refusal(lambda: contents(bytes(data))) == "its member `a` is damaged"


@pytest.mark.parametrize(
    ("stored", "size", "reason"),
    [
        (deflated(b"hello") + b"xx", 5, "does not end where its content ends"),
        (deflated(b"hello") + bytes(200_000), 5, "does not end where its content ends"),
        # One block of bytes as they are, so long that the stream ends with the piece of the file that was read.
        (b"\1" + struct.pack("<2H", 65_531, 65_535 - 65_531) + bytes(65_531) + b"xx", 65_531, "has bytes left over"),
    ],
    ids=["read along", "read in part", "never read"],
)
def test_compressed_bytes_after_the_end_of_their_stream_are_refused(stored: bytes, size: int, reason: str) -> None:
    data = bytearray(archive(Crafted(b"a", stored, local_method=8)))
    at = data.index(b"PK\1\2")
    data[at + 10] = 8
    data[at + 24 : at + 28] = size.to_bytes(4, "little")
    assert refusal(lambda: contents(bytes(data))) == f"its member `a` {reason}"


def test_a_member_that_is_not_read_to_its_end_is_not_finished() -> None:
    data = archive(ONE)
    stream = io.BytesIO(data)
    (member,) = read_directory(stream, len(data), 1)
    reader = MemberReader(stream, member)
    reader.read(4)
    assert refusal(reader.finish) == "its member `a` goes on where its content ends"


def test_a_header_of_its_own_that_reaches_into_the_next_member_is_refused() -> None:
    """The directory alone does not show it: how long a member's own extra field is, only its own header says."""
    data = bytearray(archive(ONE, ONE._replace(name=b"b")))
    data[28:30] = b"\1\0"
    assert refusal(lambda: contents(bytes(data))) == "its member `a` overlaps what follows it"


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    data = archive(ONE._replace(data=b"hello" * 100))
    stream = io.BytesIO(data)
    (member,) = read_directory(stream, len(data), 1)
    reader = MemberReader(stream, member)
    stream.truncate(100)
    assert refusal(lambda: reader.read(500)) == "its member `a` is cut short"


def wide(member: Crafted, count: int = 1, locator: tuple[int, int, int] = (0, -1, 1), first: int = 0) -> bytes:
    """Return an archive whose directory is told by zip64 records, as the largest have them."""
    plain = archive(member, end=b"")
    at = plain.index(b"PK\1\2")
    length = len(plain) - at
    end64 = END64.pack(END64_MARK, 44, 45, 45, 0, first, count, count, length, at)
    place = len(plain) if locator[1] == -1 else locator[1]
    last = END.pack(END_MARK, 0, 0, 0xFFFF, 0xFFFF, length, 0xFFFFFFFF, 0)
    return plain + end64 + LOCATOR.pack(LOCATOR_MARK, locator[0], place, locator[2]) + last


def test_zip64_records_are_read() -> None:
    sizes = struct.pack("<2H2Q", 1, 16, 5, 5)
    member = ONE._replace(size=0xFFFFFFFF, compressed=0xFFFFFFFF, extra=b"\7\0\1\0x" + sizes)
    assert contents(wide(member)) == {"a": b"hello"}
    assert zipfile.ZipFile(io.BytesIO(wide(member))).read("a") == b"hello"


@pytest.mark.parametrize(
    "data",
    [wide(ONE, locator=(0, 3, 1)), wide(ONE, locator=(0, -1, 2)), wide(ONE, first=1)],
    ids=["place", "disks", "first"],
)
def test_zip64_records_that_contradict_themselves_are_refused(data: bytes) -> None:
    assert refusal(lambda: contents(data)) == "its zip64 directory is damaged"


@given(st.data())
def test_changed_bytes_give_a_refusal_or_the_same_contents(choice: st.DataObject) -> None:
    original = {"a": b"hello" * 3, "b": b"world" * 9}
    data = bytearray(archive(Crafted(b"a", original["a"]), Crafted(b"b", original["b"], 8)))
    for _ in range(choice.draw(st.integers(1, 3))):
        at = choice.draw(st.integers(0, len(data) - 1))
        data[at : at + choice.draw(st.integers(0, 2))] = choice.draw(st.binary(max_size=2))
    try:
        found = contents(bytes(data))
    except ZipFault:
        return
    assert sorted(found.values()) == sorted(original.values())

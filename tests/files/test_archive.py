"""The archives that are built: the same to the byte, aligned, read by zipfile and run by Python."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.diagnostics import FileFault
from netspec.files import archive as module
from netspec.files.archive import ALIGNMENT, Member, read_member, write_zip
from netspec.limits import Limit

LIMIT = Limit("size of a test member", 100, "bytes", "file-too-large")


def built(*members: Member, line: bytes = b"") -> bytes:
    stream = io.BytesIO()
    write_zip(stream, members, line=line)
    return stream.getvalue()


def test_an_archive_is_the_same_to_the_byte() -> None:
    local = "504b0304 1400 0000 0000 0000 2100 86a61036 05000000 05000000 0100 0000 61" + b"hello".hex()
    entry = (
        "504b0102 1403 1400 0000 0000 0000 2100 86a61036 05000000 05000000 0100 0000 0000 0000 0000 0000a481 00000000"
    )
    end = "504b0506 0000 0000 0100 0100 2f000000 24000000 0000"
    assert built(Member("a", 5, [b"hello"])) == bytes.fromhex(local + entry + "61" + end)


@given(st.lists(st.tuples(st.lists(st.binary(max_size=40), max_size=3), st.booleans(), st.booleans()), max_size=5))
def test_zipfile_reads_what_we_write(content: list[tuple[list[bytes], bool, bool]]) -> None:
    members = [
        Member(f"m{number}", len(b"".join(chunks)) if sized else None, chunks, aligned)
        for number, (chunks, sized, aligned) in enumerate(content)
    ]
    stream = io.BytesIO()
    starts = write_zip(stream, members, line=b"#!line\n")
    data = stream.getvalue()
    with zipfile.ZipFile(stream) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [member.name for member in members]
        for member, info in zip(members, archive.infolist(), strict=True):
            whole = b"".join(bytes(chunk) for chunk in member.chunks)
            assert archive.read(member.name) == whole
            assert (info.date_time, info.create_system, info.external_attr) == (
                (1980, 1, 1, 0, 0, 0),
                3,
                0o100644 << 16,
            )
            assert (info.compress_type, info.extra, info.comment, info.flag_bits) == (0, b"", b"", 0)
            start = starts[member.name]
            assert data[start : start + len(whole)] == whole
            assert not member.aligned or start % ALIGNMENT == 0
            assert read_member(stream, len(data), member.name, LIMIT._replace(value=1000)) == whole


def test_chunks_are_taken_one_at_a_time() -> None:
    stream = io.BytesIO()
    taken = []

    def chunks() -> Iterator[bytes]:
        for number in range(3):
            taken.append(len(stream.getvalue()))
            yield bytes([number]) * 10

    write_zip(stream, [Member("a", None, chunks())])
    assert taken == [31, 41, 51]


def test_what_cannot_be_written_is_refused() -> None:
    member = Member("a", 5, [b"hello"])
    for wrong in ("β", "a\nb"):
        with pytest.raises(ValueError, match="a member cannot be named"):
            built(member._replace(name=wrong))
    with pytest.raises(ValueError, match="a member cannot be named 'a', or not again"):
        built(member, member)
    with pytest.raises(ValueError, match="member 'a' has 5 bytes, 4 were promised"):
        built(member._replace(size=4))


def refusal(data: bytes, name: str, limit: int = 100) -> tuple[str, str]:
    with pytest.raises(FileFault) as caught:
        read_member(io.BytesIO(data), len(data), name, LIMIT._replace(value=limit))
    return (caught.value.code, caught.value.reason)


def test_a_member_is_read_within_its_limit_or_refused() -> None:
    data = built(Member("a", 5, [b"hello"]))
    assert refusal(data, "b") == ("archive-unreadable", "it has no member `b`")
    assert refusal(data, "a", 4) == ("file-too-large", "its member `a` has 5 bytes, the limit is 4")
    assert refusal(data[:-1], "a") == ("archive-unreadable", "the end of its directory is missing or damaged")
    assert refusal(data.replace(b"hello", b"hullo"), "a") == (
        "archive-unreadable",
        "its member `a` is damaged: the checksum is wrong",
    )


def test_sizes_and_places_beyond_32_bits_are_written_as_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the bound lowered to a few bytes, since the true one takes four gigabytes."""
    narrow = 60
    monkeypatch.setattr(module, "MOST_32", narrow)
    members = [Member("a", 60, [b"x" * 60], True), Member("b", 3, [b"abc"])]
    data = bytearray(built(*members))
    monkeypatch.undo()
    # The lowered bound stands in the fields that are full; put the true one there, as a reader expects it.
    full, marked = narrow.to_bytes(4, "little"), b"\xff\xff\xff\xff"
    for mark, places in ((b"PK\3\4", (18, 22)), (b"PK\1\2", (20, 24, 42)), (b"PK\5\6", (16,))):
        at = data.find(mark)
        while at >= 0:
            for place in places:
                if data[at + place : at + place + 4] == full:
                    data[at + place : at + place + 4] = marked
            at = data.find(mark, at + 4)
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream) as archive:
        assert archive.testzip() is None
        assert [archive.read(name) for name in "ab"] == [b"x" * 60, b"abc"]
        assert archive.getinfo("a").extract_version == 45
    assert read_member(stream, len(data), "b", LIMIT) == b"abc"
    monkeypatch.setattr(module, "MOST_32", narrow)
    with pytest.raises(ValueError, match="beyond 4 GB its size must be given"):
        built(Member("a", None, [b"x" * 60]))


def test_many_members_are_written_as_zip64(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.BytesIO()
    write_zip(stream, (Member(f"m{number}", 0, []) for number in range(65_535)))
    with zipfile.ZipFile(stream) as archive:
        assert len(archive.namelist()) == 65_535


@pytest.mark.parametrize("line", [b"", b"#!/usr/bin/env python3\n"])
def test_an_archive_runs_as_a_program(tmp_path: Path, line: bytes) -> None:
    source = b"import sys\nfrom inside.part import value\nprint(value, sys.argv[1:])\n"
    path = tmp_path / "model.pyz"
    with open(path, "wb") as stream:
        members = [
            Member("__main__.py", len(source), [source]),
            Member("parameters.safetensors", 1000, [bytes(1000)], aligned=True),
            Member("inside/__init__.py", 0, []),
            Member("inside/part.py", None, [b"value = 42\n"], aligned=True),
        ]
        starts = write_zip(stream, members, line=line)
    assert starts["parameters.safetensors"] % ALIGNMENT == 0
    command = [sys.executable, "-I", str(path), "x"]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    assert result.stdout == "42 ['x']\n"


def test_an_archive_beyond_four_gigabytes_is_sound(tmp_path: Path) -> None:
    """A sparse stand-in: the bytes are skipped, not written, so that only the records are real."""

    class Sparse(io.FileIO):
        def write(self, data: object, /) -> int:
            if isinstance(data, memoryview):
                self.seek(len(data), io.SEEK_CUR)
                return len(data)
            return super().write(data)  # type: ignore[arg-type]

    count = (1 << 12) + 1
    zeros = memoryview(bytearray(1 << 20))
    path = tmp_path / "large.zip"
    with Sparse(path, "wb+") as stream:
        members = [Member("big", count << 20, [zeros] * count), Member("a", 5, [b"hello"])]
        write_zip(stream, members)
        size = stream.tell()
    with open(path, "rb") as reader:
        assert read_member(reader, size, "a", LIMIT) == b"hello"
    with zipfile.ZipFile(path) as archive:
        assert archive.read("a") == b"hello"
        assert archive.getinfo("big").file_size == count << 20

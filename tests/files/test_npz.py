"""The .npz format: every attack that numpy's own reader lets through, and numpy as the oracle for sound files."""

import io
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.diagnostics import FileFault
from netspec.files.npz import ArrayHeader, NpzReader, parse_header, read_npz_directory
from tests.files.crafted import Crafted, archive


def npy(header: str, data: bytes = b"", version: bytes = b"\1\0") -> bytes:
    """Return a .npy file with the header's text as it stands."""
    wide = 2 if version == b"\1\0" else 4
    return b"\x93NUMPY" + version + len(header).to_bytes(wide, "little") + header.encode("utf-8") + data


NO_SIZE = "bytes, which are not those of its shape"
GOOD = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"


def read(data: bytes, item: int = 4) -> tuple[ArrayHeader, bytes]:
    """Return header and elements of the one array of an archive."""
    stream = io.BytesIO(data)
    (array,) = read_npz_directory(stream, len(data), 1)
    reader = NpzReader(stream, array)
    reader.check_size(item)
    elements = reader.read(array.member.size)
    reader.finish()
    return reader.header, elements


def refusal(data: bytes, item: int = 4) -> str:
    with pytest.raises(FileFault) as caught:
        read(data, item)
    assert caught.value.code == "parameters-unreadable"
    return caught.value.reason


@pytest.mark.parametrize("version", [b"\1\0", b"\2\0", b"\3\0"])
@pytest.mark.parametrize("method", [0, 8])
def test_an_array_is_read(version: bytes, method: int) -> None:
    data = archive(Crafted(b"W.npy", npy(GOOD, b"11112222", version), method))
    assert read(data) == (ArrayHeader("<f4", "C", (2,)), b"11112222")


@given(
    st.sampled_from(["<f4", ">f8", "<i8", "|b1", "<c16"]),
    st.lists(st.integers(0, 5), max_size=4),
    st.sampled_from("CF"),
)
def test_headers_that_numpy_writes_are_read(descr: str, shape: list[int], order: str) -> None:
    stream = io.BytesIO()
    array = np.zeros(shape, descr, order="F" if order == "F" else "C")
    np.save(stream, array)
    text = stream.getvalue()[10:].split(b"\n")[0].decode()
    header = parse_header(text)
    assert header is not None
    assert (header.descr, header.shape) == (descr, array.shape)
    assert header.order == ("C" if array.flags.c_contiguous else "F")


@pytest.mark.parametrize(
    "text",
    [
        "{'shape':(2,),'descr':'<f4','fortran_order':False}",
        "  {  'shape' : ( 2 , ) , 'descr' : '<f4' , 'fortran_order' : False , }  ",
    ],
)
def test_keys_may_come_in_any_order_and_spacing(text: str) -> None:
    assert parse_header(text) == ArrayHeader("<f4", "C", (2,))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        "()",
        "{'descr': '<f4', 'fortran_order': False}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4' 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (True,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2.0,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': [2]}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,)}",
        "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,)}",
        "{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': (2,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} or 1",
        "{" + "[" * 9000 + "}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + " " * 9000 + "x)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1," * 4500 + "x)}",
    ],
)
def test_other_headers_describe_no_plain_array(text: str) -> None:
    assert parse_header(text) is None


@pytest.mark.parametrize(
    ("member", "reason"),
    [
        (b"", "its member `W` is no array"),
        (b"\x93NUMPY\1", "its member `W` is no array"),
        (b"\x80\4K\1.", "its member `W` is no array"),
        (npy(GOOD, version=b"\4\0"), "the array `W` is of an unknown version of the format"),
        (npy(GOOD)[:20], f"the header of the array `W` has {len(GOOD)} bytes"),
        (npy(GOOD)[:8], "the header of the array `W` has 0 bytes"),
        (npy(" " * 10_241), "the header of the array `W` has 10,241 bytes"),
        (npy(GOOD, version=b"\2\0")[:8] + b"\xff" * 4, "the header of the array `W` has 4,294,967,295 bytes"),
        (npy("{'descr': '\u00e9'}"), "the header of the array `W` is not ASCII"),
        (npy("{'descr': 1}"), "the header of the array `W` describes no plain array"),
        (npy(GOOD, b"1111"), "the array `W` has 4 " + NO_SIZE),
        (npy(GOOD, b"111122223"), "the array `W` has 9 " + NO_SIZE),
        (npy(GOOD.replace("2", "9999999999999999999"), b"11112222"), "the array `W` has 8 " + NO_SIZE),
    ],
)  # fmt: skip
@pytest.mark.parametrize("method", [0, 8])
def test_a_damaged_array_is_refused(member: bytes, reason: str, method: int) -> None:
    assert refusal(archive(Crafted(b"W.npy", member, method))) == reason


def test_a_damaged_archive_is_a_refused_file() -> None:
    assert refusal(b"not a zip") == "it does not begin as an .npz file does, which is a zip archive"
    assert refusal(b"PK") == "it is too short for a zip archive"
    assert (
        refusal(archive(Crafted(b"W", b"x", local_name=b"X")))
        == "the header of its member `W` does not agree with the directory"
    )
    assert (
        refusal(archive(Crafted(b"W", npy(GOOD, b"11112222"), crc=1)))
        == "its member `W` is damaged: the checksum is wrong"
    )
    cut = Crafted(b"W", npy(GOOD, b"11112222"), 8, compressed=20)
    assert refusal(archive(cut)) == "its member `W` is cut short"


def test_an_array_named_with_and_without_its_ending_is_named_twice() -> None:
    data = archive(Crafted(b"W", npy(GOOD, b"11112222")), Crafted(b"W.npy", npy(GOOD, b"11112222")))
    assert refusal(data) == "it names `W` twice"


def test_too_many_arrays_are_refused_unread() -> None:
    data = archive(*(Crafted(str(i).encode(), b"") for i in range(69)))
    assert refusal(data) == "it has 69 members, at most 68 are read"


def test_an_array_that_expands_beyond_reason_is_refused() -> None:
    size = 1 << 26
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({size // 4},), }}"
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as writer:
        writer.writestr("W.npy", npy(header, bytes(size)))
    reason = "the array `W` expands more than 100 times; save it uncompressed"
    assert refusal(stream.getvalue()) == reason

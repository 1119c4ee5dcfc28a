"""The safetensors format: every rule of the header, and the official library as the oracle in both directions."""

import io
import json
import struct
import time
import tracemalloc
from collections.abc import Iterable, Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray
from safetensors.numpy import load, save

from netspec.diagnostics import FileFault
from netspec.files.parameters import write_parameters
from netspec.files.safetensors import TensorEntry, TensorSource, read_header, safetensors_chunks, write_safetensors


def packed(header: object, data: bytes = b"") -> bytes:
    """Return a file with the header, which is text as it stands or an object to be spelled as JSON, and the data."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def tensor(begin: int = 0, end: int = 4, shape: object = (1,), dtype: object = "F32") -> dict[str, object]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def read(data: bytes, expected: int = 2) -> dict[str, TensorEntry]:
    return read_header(io.BytesIO(data), len(data), expected).entries


def refusal(data: bytes, expected: int = 2) -> str:
    with pytest.raises(FileFault) as caught:
        read(data, expected)
    assert caught.value.code == "parameters-unreadable"
    return caught.value.reason


def test_a_header_is_read() -> None:
    data = packed({"__metadata__": {"a": "β"}, "b": tensor(4, 20, [2, 2]), "a": tensor()}, bytes(20))
    start = len(data) - 20
    header = read_header(io.BytesIO(data), len(data), 2)
    assert header.metadata == {"a": "β"}
    assert list(header.entries.values()) == [
        TensorEntry("a", "F32", (1,), start, 4),
        TensorEntry("b", "F32", (2, 2), start + 4, 16),
    ]


@pytest.mark.parametrize(
    ("shape", "size", "dtype"),
    [([], 4, "F32"), ([0, 3], 0, "F32"), ([2], 16, "F64"), ([3], 6, "BF16"), ([1], 8, "I64")],
)
def test_shapes_and_dtypes_have_their_sizes(shape: list[int], size: int, dtype: str) -> None:
    assert read(packed({"a": tensor(0, size, shape, dtype)}, bytes(size)))["a"].size == size


def test_a_file_without_tensors_is_read() -> None:
    assert read(packed({})) == {}


def test_spaces_after_the_header_are_padding() -> None:
    assert list(read(packed(json.dumps({"a": tensor()}).encode() + b"  \n ", bytes(4)))) == ["a"]


TOO_LONG = "its header would have 18,446,744,073,709,551,615 bytes, the file has 9"
TOO_MANY = "its header names more than 72 tensors, 2 are expected"
NO_JSON = "its header is not strict JSON"
FIELDS = "the tensor `a` does not have just dtype, shape and data_offsets"
SHAPE = "the tensor `a` has a shape that is no list of at most 32 sizes"
OFFSETS = "the tensor `a` has data_offsets that are not two numbers"
METADATA = "its metadata is not a mapping of at most 64 texts"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is too short for a safetensors file"),
        (b"1234567", "it is too short for a safetensors file"),
        (b"\xff" * 8 + b"{", TOO_LONG),
        (packed(b""), "its header does not begin with `{`; is it a safetensors file?"),
        (packed(b" {}"), "its header does not begin with `{`; is it a safetensors file?"),
        (packed(b"[]"), "its header does not begin with `{`; is it a safetensors file?"),
        (packed(b"{\xff}"), "its header is not UTF-8"),
        (packed(b"{"), NO_JSON),
        (packed(b"{}{}"), NO_JSON),
        (packed(b"{'a': 1}"), NO_JSON),
        (packed(b'{"a": 1,}'), NO_JSON),
        (packed(b'{"a\n": 1}'), NO_JSON),
        (packed(b'{"a'), NO_JSON),
        (packed(b'{"a\\'), NO_JSON),
        (packed(b'{"a": NaN}'), "its header has the number `NaN`, which is no size"),
        (packed(b'{"a": -Infinity}'), "its header has the number `-Infinity`, which is no size"),
        (packed(b'{"a": 1.0}'), "its header has the number `1.0`, which is no size"),
        (packed(b'{"a": 1e3}'), "its header has the number `1e3`, which is no size"),
        (packed(b'{"a": -1}'), "its header has the number `-1`, which is no size"),
        (packed(b'{"a": 18446744073709551616}'), "its header has the number `18446744073709551616`, which is no size"),
        (packed(b'{"a": {}, "a": {}}'), "its header names `a` twice"),
        (packed(b'{"a": {}, "\\u0061": {}}'), "its header names `a` twice"),
        (packed(b'{"a": {"dtype": "F32", "dtype": "F32"}}'), "its header names `dtype` twice"),
        (packed(b'{"\\ud800": {}}'), "its header has a name that is no text"),
        (packed(b'{"a":' + b"[" * 3 + b"]" * 3 + b"}"), "its header is nested deeper than tensors are"),
        (packed(b'{"a":' + b"[" * 100_000), TOO_MANY),
        (packed(b'{"a":' * 100_000), TOO_MANY),
        (packed(b"{" + b"1," * 100_000), TOO_MANY),
        (packed({str(i): tensor(4 * i, 4 * i + 4) for i in range(80)}), TOO_MANY),
        (packed({"a": 1}), FIELDS),
        (packed({"a": []}), FIELDS),
        (packed({"a": {}}), FIELDS),
        (packed({"a": {**tensor(), "more": 1}}, bytes(4)), FIELDS),
        (packed({"a": tensor(dtype="F4")}, bytes(4)), "the tensor `a` has the unknown dtype `F4`"),
        (packed({"a": tensor(dtype=None)}, bytes(4)), "the tensor `a` has the unknown dtype `None`"),
        (packed({"a": tensor(dtype=[])}, bytes(4)), "the tensor `a` has the unknown dtype `[]`"),
        (packed({"a": tensor(shape=None)}, bytes(4)), SHAPE),
        (packed({"a": tensor(shape=[True])}, bytes(4)), SHAPE),
        (packed({"a": tensor(shape=["1"])}, bytes(4)), SHAPE),
        (packed({"a": tensor(shape=[1] * 33)}, bytes(4)), SHAPE),
        (packed({"a": {**tensor(), "data_offsets": [0]}}, bytes(4)), OFFSETS),
        (packed({"a": {**tensor(), "data_offsets": {"0": 4}}}, bytes(4)), OFFSETS),
        (packed({"a": {**tensor(), "data_offsets": [0, 4, 8]}}, bytes(4)), OFFSETS),
        (packed({"a": tensor(shape=[2])}, bytes(4)), "the tensor `a` has 4 bytes, not those of its shape [2]"),
        (packed({"a": tensor(4, 0)}, bytes(4)), "the tensor `a` has -4 bytes, not those of its shape [1]"),
        (packed({"a": tensor(0, 0, [2**62, 4])}), f"the tensor `a` has 0 bytes, not those of its shape [{2**62}, 4]"),
        (packed({"a": tensor(), "b": tensor()}, bytes(8)), "the tensor `b` overlaps another tensor"),
        (packed({"a": tensor(), "b": tensor(2, 6)}, bytes(6)), "the tensor `b` overlaps another tensor"),
        (packed({"a": tensor(), "b": tensor(8, 12)}, bytes(12)), "the tensor `b` leaves a gap before it"),
        (packed({"a": tensor(4, 8)}, bytes(8)), "the tensor `a` leaves a gap before it"),
        (packed({"a": tensor()}, bytes(5)), "its tensors end at byte 73, the file has 74"),
        (packed({"a": tensor()}, bytes(3)), "its tensors end at byte 73, the file has 72"),
        (packed({"__metadata__": []}), METADATA),
        (packed({"__metadata__": {str(i): "" for i in range(65)}}), METADATA),
        (packed({"__metadata__": {"a": 1}}), "its metadata holds something that is no text"),
        (packed(b'{"__metadata__": {"a": "\\udfff"}}'), "its metadata holds something that is no text"),
    ],
)  # fmt: skip
def test_a_header_that_breaks_a_rule_is_refused(data: bytes, reason: str) -> None:
    assert refusal(data) == reason


def test_a_header_beyond_the_limit_is_refused_unread() -> None:
    """4 KB, 1 KB for each expected tensor, and room for a spec of 1 MiB, each of its characters escaped."""
    limit = 4096 + 2 * 1024 + 2 * (1 << 20) + 4096
    fits = b"{}" + b" " * (limit - 2)
    assert read(packed(fits)) == {}
    assert refusal(packed(fits + b" ")) == "its header has 2,107,393 bytes, the limit for 2 tensors is 2,107,392"


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    data = packed({"a": tensor()}, bytes(4))
    with pytest.raises(FileFault, match="it changed while it was read"):
        read_header(io.BytesIO(data[:20]), len(data), 1)


@pytest.mark.parametrize(
    "header",
    [
        b'{"' + b'\\"' * 1_000_000,
        b'{"' + b"\\" * 2_000_000,
        b'{"a":"' + b"x" * 2_000_000,
        b'{"a":' + b"1" * 2_000_000 + b"}",
        b'{"a":' + b" " * 2_000_000 + b"}",
        b"{" + b"]" * 2_000_000,
        b"{" + b'""' * 1_000_000 + b"}",
    ],
    ids=["escaped quotes", "backslashes", "text", "digits", "spaces", "brackets", "strings"],
)
def test_two_megabytes_of_malice_cost_little(header: bytes) -> None:
    data = packed(header)
    tracemalloc.start()
    began = time.monotonic()
    refusal(data)
    spent, (_, peak) = time.monotonic() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert spent < 2  # under tracemalloc; without, a tenth of it
    assert peak < 40_000_000


def written(tensors: Iterable[TensorSource], metadata: Mapping[str, str] | None = None) -> bytes:
    stream = io.BytesIO()
    write_safetensors(stream, tensors, {} if metadata is None else metadata)
    return stream.getvalue()


def test_a_file_is_written_the_same_to_the_byte_in_whatever_order_it_comes() -> None:
    a = TensorSource("a", "F32", (2,), lambda: [b"1111", b"2222"])
    b = TensorSource("b", "F64", (1,), lambda: [b"33333333"])
    data = written([a, b], {"z": "1", "y": "β"})
    assert data == written([b, a], {"y": "β", "z": "1"})
    header = (
        '{"__metadata__":{"y":"β","z":"1"},"a":{"data_offsets":[8,16],"dtype":"F32","shape":[2]},'
        '"b":{"data_offsets":[0,8],"dtype":"F64","shape":[1]}}'
    ).encode()
    padded = header + b" " * (-(8 + len(header)) % 64)
    assert data == struct.pack("<Q", len(padded)) + padded + b"33333333" + b"11112222"
    size, chunks = safetensors_chunks([a, b], {"z": "1", "y": "β"})
    assert (size, b"".join(bytes(chunk) for chunk in chunks)) == (len(data), data)


def test_what_cannot_be_written_is_refused() -> None:
    a = TensorSource("a", "F32", (2,), lambda: [b"1111"])
    with pytest.raises(ValueError, match="tensor 'a' has 4 bytes, its shape says otherwise"):
        written([a])
    with pytest.raises(ValueError, match="the tensor name 'a' is taken"):
        written([a, a])
    with pytest.raises(ValueError, match="the tensor name '__metadata__' is taken"):
        written([a._replace(name="__metadata__")])


names = st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda name: name != "__metadata__")
tensors = arrays(np.float32, array_shapes(min_dims=0, min_side=0, max_side=3))


@given(st.dictionaries(names, tensors, max_size=4), st.dictionaries(names, names, max_size=3))
def test_the_official_library_reads_what_we_write(
    content: dict[str, NDArray[np.float32]], metadata: dict[str, str]
) -> None:
    stream = io.BytesIO()
    write_parameters(stream, content, metadata)
    found = load(stream.getvalue())
    assert found.keys() == content.keys()
    for name, array in content.items():
        assert found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes()
    again = read_header(stream, len(stream.getvalue()), len(content))
    assert again.metadata == metadata


@given(st.dictionaries(names, tensors, min_size=1, max_size=4), st.dictionaries(names, names, max_size=3))
def test_we_read_what_the_official_library_writes(
    content: dict[str, NDArray[np.float32]], metadata: dict[str, str]
) -> None:
    data = save(content, metadata or None)  # of an empty mapping the library writes no JSON
    header = read_header(io.BytesIO(data), len(data), len(content))
    assert header.metadata == metadata
    assert header.entries.keys() == content.keys()
    for name, array in content.items():
        entry = header.entries[name]
        assert (entry.dtype, entry.shape) == ("F32", array.shape)
        assert data[entry.offset : entry.offset + entry.size] == array.tobytes()


@given(st.data())
def test_what_we_accept_the_official_library_accepts_too(choice: st.DataObject) -> None:
    """Any bytes changed, put in or taken out: refused here, or the same reading as the official one."""
    data = bytearray(save({"a": np.arange(3, dtype=np.float32), "b": np.ones((2, 1), np.float64)}, {"m": "x"}))
    for _ in range(choice.draw(st.integers(1, 3))):
        at = choice.draw(st.integers(0, len(data) - 1))
        data[at : at + choice.draw(st.integers(0, 2))] = choice.draw(st.binary(max_size=2))
    try:
        entries = read(bytes(data))
    except FileFault:
        return
    official = load(bytes(data))
    assert entries.keys() == official.keys()
    for name, entry in entries.items():
        assert data[entry.offset : entry.offset + entry.size] == official[name].tobytes()
        assert entry.shape == official[name].shape

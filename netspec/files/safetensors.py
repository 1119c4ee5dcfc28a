"""The safetensors format: eight bytes of length, a JSON header, and the raw tensors.

Source: https://github.com/huggingface/safetensors, "Format". A header is refused unless it says one thing only: strict
JSON with every key once, sizes that are dtype times shape, and tensors that lie one after the other from the end of
the header to the end of the file. The writer gives the same bytes for the same tensors, whatever order they come in.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import prod
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, NoReturn, TypeGuard

from netspec.diagnostics.faults import FileFault
from netspec.diagnostics.show import quote, show
from netspec.limits import SPEC_BYTES

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

# Bytes of an element. All dtypes of whole bytes are known, so that a file with a counter in it (I64) can be told what
# is wrong with that tensor.
DTYPES: Final = {
    name: size
    for size, names in (
        (8, "F64 I64 U64 C64"),
        (4, "F32 I32 U32"),
        (2, "F16 BF16 I16 U16"),
        (1, "I8 U8 BOOL F8_E4M3 F8_E5M2 F8_E8M0"),
    )
    for name in names.split()
}
_RANK: Final = 32
_DIGITS: Final = 19  # of a size or an offset: beyond the largest file
# Room for the text of a spec in the metadata, each of its characters at worst escaped to two, and for short notes.
_METADATA_BYTES: Final = 2 * SPEC_BYTES.value + 4096
_METADATA_KEYS: Final = 64
_ALIGNMENT: Final = 64

# The closing quote may be missing and nothing is given back, so that hostile text costs one walk over it; what is no
# JSON is refused after.
_STRING: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_OTHER: Final = re.compile(r"[^][{},]+")


class TensorEntry(NamedTuple):
    """One tensor of a file: `offset` counts from the start of the file, `size` in bytes, `dtype` is one of DTYPES."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    size: int


class SafetensorsFile(NamedTuple):
    """A header: the tensors by name, in the order of their bytes, and the texts of its metadata."""

    entries: dict[str, TensorEntry]
    metadata: dict[str, str]


class TensorSource(NamedTuple):
    """A tensor to be written: `chunks` gives its bytes, little-endian and in C order, piece by piece."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    chunks: "Callable[[], Iterable[ReadableBuffer]]"


def tensor_limit(expected: int) -> int:
    """Return how many tensors a file is read to hold where `expected` are: some too many are named, not all."""
    return 4 * expected + 64


def read_header(stream: BinaryIO, size: int, expected: int) -> SafetensorsFile:
    """Return the header of a file of `size` bytes, read from its start; `expected` tensors bound how much is read.

    The header may have 4 KB, 1 KB for each expected tensor, and room for a spec's text as metadata. Raises FileFault
    `parameters-unreadable`.
    """
    stream.seek(0)
    start = stream.read(8)
    length = int.from_bytes(start, "little")
    limit = 4096 + 1024 * expected + _METADATA_BYTES
    if len(start) < 8:
        _refuse("it is too short for a safetensors file")
    if length > size - 8:
        _refuse(f"its header would have {length:,} bytes, the file has {size:,}")
    if length > limit:
        _refuse(f"its header has {length:,} bytes, the limit for {expected:,} tensors is {limit:,}")
    header = stream.read(length)
    if len(header) < length:
        _refuse("it changed while it was read")
    return _read_document(_parse(header, expected), 8 + length, size)


def safetensors_chunks(
    tensors: Iterable[TensorSource], metadata: Mapping[str, str]
) -> "tuple[int, Iterator[ReadableBuffer]]":
    """Return the size of a file and its bytes, piece by piece, the same for the same tensors and metadata.

    Header keys are sorted. The tensors lie in the order of their names, those of larger elements first, so that each
    starts on a multiple of its element; the first starts on a multiple of 64. Raises ValueError for two tensors of
    one name, and for chunks that do not add up to the shape.
    """
    import json  # only what reads or writes parameters pays for it

    sources = sorted(tensors, key=lambda source: (-DTYPES[source.dtype], source.name))
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    end = 0
    for source in sources:
        if source.name in header or source.name == "__metadata__":
            raise ValueError(f"the tensor name {source.name!r} is taken")
        begin, end = end, end + _size(source.dtype, source.shape)
        header[source.name] = {"data_offsets": [begin, end], "dtype": source.dtype, "shape": list(source.shape)}
    text = json.dumps(header, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    encoded = text.encode()
    encoded += b" " * (-(8 + len(encoded)) % _ALIGNMENT)
    return 8 + len(encoded) + end, _chunks(encoded, sources)


def write_safetensors(stream: BinaryIO, tensors: Iterable[TensorSource], metadata: Mapping[str, str]) -> None:
    """Write a file; at most one chunk is held at a time. Its bytes and errors are those of `safetensors_chunks`."""
    _, chunks = safetensors_chunks(tensors, metadata)
    for chunk in chunks:
        stream.write(chunk)


def _chunks(header: bytes, sources: list[TensorSource]) -> "Iterator[ReadableBuffer]":
    yield len(header).to_bytes(8, "little") + header
    for source in sources:
        written = 0
        for chunk in source.chunks():
            written += memoryview(chunk).nbytes
            yield chunk
        if written != _size(source.dtype, source.shape):
            raise ValueError(f"tensor {source.name!r} has {written} bytes, its shape says otherwise: {source.shape}")


def _size(dtype: str, shape: tuple[int, ...]) -> int:
    """Return the bytes of a tensor; integers are unbounded, so that no product wraps around."""
    return DTYPES[dtype] * prod(shape)


def _refuse(reason: str) -> NoReturn:
    raise FileFault("parameters-unreadable", reason)


def _parse(header: bytes, expected: int) -> dict[str, object]:
    """Return the header's object. Its brackets and commas are counted before anything is made of them.

    What is made is an object of objects of at most lists of numbers, so depth 3 is enough, and the number of brackets
    and commas bounds the number of Python objects.
    """
    import json

    if header[:1] != b"{":
        _refuse("its header does not begin with `{`; is it a safetensors file?")
    try:
        text = header.decode("utf-8")
    except UnicodeDecodeError:
        _refuse("its header is not UTF-8")
    marks = _OTHER.sub("", _STRING.sub("", text))
    most = tensor_limit(expected)
    if marks.count("{") > most + 2 or marks.count("[") > 2 * most or marks.count(",") > (_RANK + 4) * most:
        _refuse(f"its header names more than {most:,} tensors, {expected:,} are expected")
    depth = 0
    for mark in marks.replace(",", ""):
        depth += (mark in "[{") - (mark in "]}")
        if depth > 3:
            _refuse("its header is nested deeper than tensors are")
        if depth < 0:
            break  # what closes more than was opened is no JSON, and is refused below
    try:
        document = json.loads(
            text, object_pairs_hook=_once, parse_int=_natural, parse_float=_no_number, parse_constant=_no_number
        )
    except ValueError:
        _refuse("its header is not strict JSON")
    assert isinstance(document, dict)  # noqa: S101 - it begins with `{`
    return document


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return the object of the pairs, each key of which stands once and is text that can be written again."""
    result: dict[str, object] = {}
    for key, value in pairs:
        if key in result:
            _refuse(f"its header names {quote(key)} twice")
        if not _is_text(key):
            _refuse("its header has a name that is no text")
        result[key] = value
    return result


def _natural(digits: str) -> int:
    if digits.startswith("-") or len(digits) > _DIGITS:
        _refuse(f"its header has the number {quote(digits)}, which is no size")
    return int(digits)


def _no_number(text: str) -> NoReturn:
    _refuse(f"its header has the number {quote(text)}, which is no size")


def _read_document(document: dict[str, object], start: int, size: int) -> SafetensorsFile:
    """Return the entries of a header whose tensors lie one after the other from `start` to `size`."""
    metadata = _read_metadata(document.pop("__metadata__", {}))
    entries = sorted((_read_entry(name, fields, start) for name, fields in document.items()), key=_extent)
    end = start
    for entry in entries:
        if entry.offset != end:
            what = "overlaps another tensor" if entry.offset < end else "leaves a gap before it"
            _refuse(f"the tensor {quote(entry.name)} {what}")
        end += entry.size
    if end != size:
        _refuse(f"its tensors end at byte {end:,}, the file has {size:,}")
    return SafetensorsFile({entry.name: entry for entry in entries}, metadata)


def _extent(entry: TensorEntry) -> tuple[int, int, str]:
    return (entry.offset, entry.size, entry.name)


def _read_metadata(value: object) -> dict[str, str]:
    """Return the metadata, which maps texts to texts."""
    if not isinstance(value, dict) or len(value) > _METADATA_KEYS:
        _refuse(f"its metadata is not a mapping of at most {_METADATA_KEYS} texts")
    for text in value.values():
        if not _is_text(text):
            _refuse("its metadata holds something that is no text")
    return value


def _read_entry(name: str, fields: object, start: int) -> TensorEntry:
    """Return the tensor that a field describes. Grammar: {"dtype": text, "shape": [n, …], "data_offsets": [b, e]}."""
    if not isinstance(fields, dict) or set(fields) != {"dtype", "shape", "data_offsets"}:
        _refuse(f"the tensor {quote(name)} does not have just dtype, shape and data_offsets")
    dtype, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        _refuse(f"the tensor {quote(name)} has the unknown dtype {quote(dtype)}")
    if not _naturals(shape) or len(shape) > _RANK:
        _refuse(f"the tensor {quote(name)} has a shape that is no list of at most {_RANK} sizes")
    if not _naturals(offsets) or len(offsets) != 2:
        _refuse(f"the tensor {quote(name)} has data_offsets that are not two numbers")
    begin, end = offsets
    if end - begin != _size(dtype, tuple(shape)):
        _refuse(f"the tensor {quote(name)} has {end - begin:,} bytes, not those of its shape {show(list(shape))}")
    return TensorEntry(name, dtype, tuple(shape), start + begin, end - begin)


def _is_text(value: object) -> bool:
    """Return whether the value is text without lone surrogates, which JSON can spell and UTF-8 cannot."""
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _naturals(value: object) -> TypeGuard[list[int]]:
    """Return whether the value is a list of integers; booleans are none."""
    return isinstance(value, list) and all(type(item) is int for item in value)

"""The file of weights as a plan sees it: names, shapes and dtypes out of its headers, and the spec that it may hold."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import BinaryIO, Final, NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, Place, Span, SpecError, SystemFault, quote
from netspec.files.folder import open_named, why
from netspec.files.stored import Stored, read_stored
from netspec.limits import TENSORS
from netspec.migration.steps import Sizes
from netspec.spec import Dtype

FLOATS: Final = ("float32", "float64", "float16", "bfloat16")
_HEADER: Final = 32 << 20  # bytes of a header that are looked at; one that is read has less
_MODEL: Final = "netspec-model-1"


class Tensor(NamedTuple):
    """A tensor of the file: its shape and its dtype in words."""

    shape: Sizes
    dtype: str

    @property
    def taken(self) -> bool:
        """Whether its elements are numbers that a network may have."""
        return self.dtype in FLOATS


class Weights(NamedTuple):
    """The tensors of a file by their names there, sorted so that numbers in names are in order; `spec` is the text of
    the network that it holds, where netspec wrote it as a model.
    """

    path: str
    tensors: Mapping[str, Tensor]
    spec: str | None


@contextmanager
def opened(path: str) -> Iterator[tuple[BinaryIO, Stored]]:
    """Give the file's stream and what it holds. What is wrong with it is raised as SpecError that names the file.

    Raises SystemFault where there is no such file, or reading fails.
    """
    try:
        with open_named(path) as stream:
            if path.endswith(".safetensors"):
                _check_count(path, _counted(stream))
            yield stream, read_stored(stream, path, TENSORS.value)
    except FileFault as fault:
        raise refused(path, fault.code, fault.reason, fault.help) from fault
    except OSError as error:
        raise SystemFault("read-failed", f"reading {quote(path)} failed: {why(error)}") from error


def read_weights(path: str) -> Weights:
    """Return what the headers of a `.safetensors` or `.npz` file say; no element is read.

    Raises SpecError where the file is refused, SystemFault where it cannot be read.
    """
    with opened(path) as (_, stored):
        _check_count(path, len(stored.tensors))
        found: dict[str, Tensor] = {}
        for name in sorted(stored.tensors, key=in_order):
            tensor = stored.tensors[name]()
            found[name] = Tensor(tensor.shape, tensor.words)
        text = stored.metadata.get("spec") if stored.metadata.get("format") == _MODEL else None
        return Weights(path, found, text)


def _counted(stream: BinaryIO) -> int:
    """Return how many tensors a header seems to name, before anything is made of it, so that one of far too many costs
    no more than reading it.
    """
    length = min(int.from_bytes(stream.read(8), "little"), _HEADER)
    return stream.read(length).count(b'"data_offsets"')


def _check_count(path: str, count: int) -> None:
    if count > TENSORS.value:
        words = f"it has {count:,} tensors; at most {TENSORS.value:,} are read"
        raise refused(path, TENSORS.code, words)


def at(path: str) -> Place:
    """Return the place of a fault that is of a file of weights, which has no lines."""
    return Place(path, Span(1, 1, 1, 1))


def refused(path: str, code: str, words: str, help_: str = "") -> SpecError:
    """Return the fault of a whole file."""
    return SpecError([Diagnostic(code, f"{quote(path)}: {words}", at(path), help=help_)])


def in_order(name: str) -> tuple[object, ...]:
    """Return the key by which names are sorted: numbers in them by their size, `fc2` before `fc10`."""
    found: list[tuple[int, int, str]] = []
    for text, digits in pieces(name[:_COMPARED]):
        found.append((0, int(digits), "") if digits else (1, 0, text))
    return (*found, name)


def pieces(name: str) -> Iterator[tuple[str, str]]:
    """Yield the stretches of a name, each as (text, "") or ("", digits)."""
    for found in _PIECES.finditer(name):
        text = found[0]
        yield ("", text) if "0" <= text[0] <= "9" else (text, "")


_COMPARED: Final = 256  # letters of a name by which it is sorted before it is compared whole
_PIECES: Final = re.compile(r"[0-9]{1,18}|[^0-9]+")  # a number in pieces of digits that are read in bounded time


def narrows(tensors: Mapping[str, Tensor], dtype: Dtype) -> list[str]:
    """Return the names of tensors whose numbers the dtype would round."""
    return [name for name, tensor in tensors.items() if tensor.dtype == "float64" and dtype == "float32"]

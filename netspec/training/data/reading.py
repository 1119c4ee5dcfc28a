"""The one door to the data of a training: files of any format, and arrays."""

import errno
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from math import prod
from os.path import splitext
from typing import Any, BinaryIO, Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.files.folder import why
from netspec.gradients.words import is_text, numbered
from netspec.runtime.csv_table import is_number
from netspec.runtime.faults import DataFault
from netspec.runtime.formats import format_of, open_input, told
from netspec.runtime.ports import Port
from netspec.training.data.array_source import ArraySource
from netspec.training.data.collection import collect
from netspec.training.data.columns import Array
from netspec.training.data.examples import Examples
from netspec.training.data.kinds import TargetKind, classes_of
from netspec.training.data.layout import Columns, Naming
from netspec.training.data.source import Source
from netspec.training.data.words import check_label, check_text

DataFormat = Literal["csv", "tsv", "npy", "npz", "parquet"]

_READ: Final = "a training reads .csv, .tsv, .npz, .parquet, or a pair of .npy: x.npy y.npy"
_PARQUET: Final = (".parquet", ".pq")


def read_examples(
    paths: Sequence[str],
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    wanted: Sequence[TargetKind | None] | None = None,
    *,
    targets: Sequence[str] = (),
    chosen: Sequence[str] = (),
    ignored: Sequence[str] = (),
    before: Columns = Columns(),  # noqa: B008  a named tuple cannot be changed
    format: DataFormat | None = None,  # noqa: A002  what the option is called
    limit: int | None = None,
    labels: Sequence[Sequence[str]] = (),
    vocabularies: Mapping[str, int] | None = None,
) -> Examples:
    """Return the examples in a file, or in a pair of `.npy` files, for the inputs and outputs of a network.

    `wanted` says what the target of each output is; None, of one or of all: what stands there decides, and `kinds` of
    the examples tells. `targets` name columns, in the order of the outputs; without them they are the last. `chosen`
    are the columns of inputs, all others unless given, but for those `ignored`; `before` is what the columns of other
    examples are called, by whose names these are read. `limit`
    bounds the bytes in memory, beyond which the numbers go into a temporary file. `labels` are those of examples read
    before, which others have to keep to. `vocabularies` bound integers by the names of inputs.

    Raises DataFault for what is refused, and SystemFault `no-such-file`, `usage`, `no-space` and the like.
    """
    wanted = [None] * len(outputs) if wanted is None else wanted
    naming = Naming(Columns(tuple(chosen), tuple(targets), tuple(ignored)), before)
    with ExitStack() as scratch:
        source = _opened(paths, inputs, outputs, wanted, naming, format, labels, scratch)
        with _reading(source.file):
            return collect(source, inputs, outputs, limit, vocabularies)


def examples_of(
    x: "ArrayLike | Mapping[str, ArrayLike]",
    y: "ArrayLike | Mapping[str, ArrayLike]",
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    wanted: Sequence[TargetKind | None] | None = None,
    *,
    limit: int | None = None,
    labels: Sequence[Sequence[str]] = (),
    vocabularies: Mapping[str, int] | None = None,
    called: tuple[str, str] = ("x", "y"),
) -> Examples:
    """Return arrays as examples: one of inputs and one of targets, or several by the names of inputs and outputs.

    Targets may be words, which become classes in sorted order, or in that of the `labels` of each output where there
    are any: those of examples read before. Integers are the numbers of the classes anyway. `called` is what x and y
    are called in faults.

    Raises ValueError for what does not fit or is no number, and TypeError for a missing or unknown name.
    """
    for given, ports, name in ((x, inputs, called[0]), (y, outputs, called[1])):
        _check_several(given, ports, name)
    tables: list[_Given] = []
    found_labels: list[tuple[str, ...]] = []
    for port, array in zip(inputs, _by_name(x, inputs), strict=True):
        tables.append(_Given(port, np.asarray(array), port.label if port.is_named else "x"))
    for at, (port, array) in enumerate(zip(outputs, _by_name(y, outputs), strict=True)):
        whole = np.asarray(array)
        known = words = tuple(labels[at]) if at < len(labels) else ()
        if is_text(whole):
            words, whole = numbered(port.label, whole, known)
            most = max(2, classes_of(port.shape).classes)
            if len(words) > most:
                raise ValueError(f"{port.label} has {len(words):,} labels, more than {most:,}")
            if not known:
                _check_words(port.label, words, whole)
        tables.append(_Given(port, whole, port.label))
        found_labels.append(words)
    wanted = [None] * len(outputs) if wanted is None else wanted
    try:
        source = ArraySource(tables, inputs, outputs, wanted)
        found = collect(source, inputs, outputs, limit, vocabularies)
    except DataFault as fault:
        raise ValueError(fault.headline + (f"; {fault.help}" if fault.help else "")) from None
    return Examples(found.inputs, found.targets, found.kinds, found_labels)


def _check_words(label: str, words: tuple[str, ...], numbers: Array) -> None:
    """Refuse words that are no labels, as in a table. Raises ValueError with the row of the first."""
    mixed = len(set(map(is_number, words))) > 1
    for place, word in enumerate(words):
        try:
            check_label(word)
            if mixed:
                check_text(word)
        except ValueError as error:
            reason, advice = error.args
            row = int(np.argmax((numbers.reshape(len(numbers), -1) == place).any(axis=1))) + 1
            raise ValueError(f"{label}: row {row:,} {reason}" + (f"; {advice}" if advice else "")) from None


class _Given:
    """An array in memory that is read row by row."""

    def __init__(self, port: Port, array: Array, label: str) -> None:
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{label} is of dtype {array.dtype}, not of real numbers")
        if not array.ndim:
            raise ValueError(f"{label} is one number; expected rows")
        if port.dtype == "int64" and array.dtype.kind == "f" and label == port.label:
            raise ValueError(f"{label} is of integers, and the array is of dtype {array.dtype}")
        self.file, self.label = label, label
        self.rows, self.shape, self.batch = len(array), array.shape[1:], 1
        self._array = array

    def blocks(self) -> Iterator[Array]:
        """Give the rows in blocks (n, numbers), of integers or floats."""
        wide = prod(self.shape)
        for start in range(0, self.rows, self.batch):
            part = self._array[start : start + self.batch].reshape(-1, wide)
            yield (
                part
                if part.dtype.kind == "f" and part.dtype.itemsize > 2
                else part.astype(np.float64 if part.dtype.kind == "f" else np.int64)
            )


def _check_several(given: "ArrayLike | Mapping[str, ArrayLike]", ports: Sequence[Port], called: str) -> None:
    """Refuse what is no mapping where there are several ports. Raises TypeError that says what was given."""
    if len(ports) == 1 or isinstance(given, Mapping):
        return
    if isinstance(given, np.ndarray):
        found = f"an array of shape {given.shape}"
    elif isinstance(given, tuple | list):
        found = f"a {type(given).__name__} of {len(given)}"
    else:
        found = f"of type {type(given).__name__}"
    names = ", ".join(f'"{port.name}": …' for port in ports)
    raise TypeError(f"{called} is {found}; expected a mapping with an array for each name, {{{names}}}")


def _by_name(given: "ArrayLike | Mapping[str, ArrayLike]", ports: Sequence[Port]) -> list[Any]:
    """Return the arrays in the order of their ports. Raises TypeError for a name that is missing or unknown."""
    if not isinstance(given, Mapping):
        return [given]
    names_of = [port.name for port in ports]
    for name in names_of:
        if name not in given:
            raise TypeError(f"there is no array for {quote(name)}")
    for key in given:
        if key not in names_of:
            raise TypeError(f"there is nothing called {quote(key)} in the network; expected {', '.join(names_of)}")
    return [given[name] for name in names_of]


def _opened(
    paths: Sequence[str],
    inputs: Sequence[Port],
    outputs: Sequence[Port],
    wanted: Sequence[TargetKind | None],
    naming: Naming,
    format: DataFormat | None,  # noqa: A002
    labels: Sequence[Sequence[str]],
    scratch: ExitStack,
) -> Source:
    """Return the source in files. Raises DataFault and SystemFault."""
    if len(paths) == 2:
        if {format or format_of(path) for path in paths} != {"npy"}:
            raise SystemFault("usage", "two files of data are a pair of .npy, of inputs and of targets", _READ)
        from netspec.training.data.npz import open_pair

        streams = [scratch.enter_context(open_input(path)) for path in paths]
        with _reading(paths[0]):
            return ArraySource(open_pair(streams, paths, inputs, outputs, scratch), inputs, outputs, wanted)
    if len(paths) != 1:
        raise SystemFault("usage", f"expected one file of data, or two of .npy, got {len(paths)}", _READ)
    file = paths[0]
    stream = scratch.enter_context(open_input(file))
    with _reading(file):
        stream, kind = _format(stream, file, format)
        if kind not in ("csv", "tsv", "parquet") and any(naming.columns):
            advice = "leave out --target, --inputs and --ignore"
            raise SystemFault("usage", "columns are named in CSV, TSV and Parquet", advice)
        if kind == "npz":
            from netspec.training.data.npz import open_npz

            tables, spare = open_npz(stream, file, inputs, outputs, scratch)
            source = ArraySource(tables, inputs, outputs, wanted)
            source.columns = Columns(ignored=spare)
            return source
        if kind == "npy":
            raise SystemFault("usage", f"{quote(file)} holds one array, and a training needs targets", _READ)
        if kind == "parquet":
            from netspec.runtime.numpy_table import spool
            from netspec.training.data.parquet_source import ParquetSource

            stream = stream if stream.seekable() else spool(stream, scratch)
            return ParquetSource(stream, file, inputs, outputs, wanted, naming, labels)
        if kind in ("csv", "tsv"):
            from netspec.training.data.csv_source import CsvSource

            return CsvSource(stream, file, inputs, outputs, wanted, naming, labels)
        raise SystemFault("usage", f"{quote(file)} is {kind.upper()}, which is no format of a training", _READ)


def _format(stream: BinaryIO, file: str, format: DataFormat | None) -> tuple[BinaryIO, str]:  # noqa: A002
    """Return the stream, whole, and its format: as said, by the suffix, else by the first bytes."""
    if format is not None:
        return stream, format
    if splitext(file)[1].lower() in _PARQUET:
        return stream, "parquet"
    found = format_of(file)
    return (stream, found) if found is not None else told(stream)


@contextmanager
def _reading(file: str) -> Iterator[None]:
    """Turn an OSError of the block into a SystemFault: of the data, or of a temporary file where space is short."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            advice = "set TMPDIR to a larger place"
            raise SystemFault("no-space", "no space left for a temporary file", advice) from error
        raise SystemFault("read-failed", f"reading {quote(file)} failed: {why(error)}") from error

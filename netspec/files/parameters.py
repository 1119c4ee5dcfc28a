"""The door to parameter files: names, shapes, dtypes and values compared with what was inferred, before any is used.

A file that cannot be read at all is refused (FileFault). One that can be read, but does not fit the network, gives
faults as data, all of them in one pass. numpy is imported only here, inside the functions that look at values.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from math import prod
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, NamedTuple

from netspec.diagnostics.faults import FileFault, SystemFault
from netspec.diagnostics.show import quote, show
from netspec.diagnostics.suggest import nearest
from netspec.files.folder import why
from netspec.files.safetensors import TensorSource, write_safetensors
from netspec.files.stored import Opened, Stored, read_stored

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Dtype = Literal["float32", "float64"]

_CHUNK: Final = 1 << 20  # bytes looked at at once; a multiple of every element's size
_SUGGESTIONS: Final = 1_000  # pairs of names compared for a suggestion; beyond, none is made
_NAMED: Final = 4  # tensors of the network named in a hint


class ParameterFault(NamedTuple):
    """One way in which a file does not fit. `tensor` is the name that it is about, in plain letters."""

    code: str
    tensor: str
    message: str
    help: str


class ParameterFile(NamedTuple):
    """What a file holds: the arrays by name, in the network's order; only where there are no faults are all there."""

    arrays: "dict[str, NDArray[np.floating]]"
    faults: list[ParameterFault]
    notes: list[str]
    metadata: dict[str, str]


def read_parameters(
    stream: BinaryIO, path: str, expected: Mapping[str, tuple[int, ...]], dtype: Dtype, *, narrow: bool = False
) -> ParameterFile:
    """Return the arrays of a `.safetensors` or `.npz` file in `dtype`, C order, of the `expected` names and shapes.

    Names may be spelled `β_k` or `beta_k`. float16 and bfloat16 are widened with a note; float64 in a float32 network
    is a fault unless `narrow` says that rounding is wanted. Raises FileFault `parameters-unreadable`, SystemFault
    `read-failed` and `no-memory`.
    """
    return _Check(stream, path, expected, dtype, narrow, keep=True).run()


def check_parameters(
    stream: BinaryIO, path: str, expected: Mapping[str, tuple[int, ...]], dtype: Dtype, *, narrow: bool = False
) -> ParameterFile:
    """Return what `read_parameters` would find wrong, without arrays: one pass over the bytes, in bounded memory."""
    return _Check(stream, path, expected, dtype, narrow, keep=False).run()


def write_parameters(
    stream: BinaryIO, arrays: "Mapping[str, NDArray[np.floating]]", metadata: Mapping[str, str]
) -> None:
    """Write float32 and float64 arrays as a safetensors file, the same bytes each time, a piece at a time."""
    tensors = [
        TensorSource(name, f"F{8 * array.dtype.itemsize}", array.shape, partial(_chunks, array))
        for name, array in arrays.items()
    ]
    write_safetensors(stream, tensors, metadata)


def canonical(name: str) -> str:
    """Return a tensor's name in letters that every keyboard has: `tower.β_0` and `tower.beta_0` are one."""
    return name.replace("β", "beta").replace("Ω", "Omega")


def label(name: str) -> str:
    """Return a tensor's name as people read it: `tower.beta_0` is shown as tower.β_0."""
    parts = (
        "_".join({"beta": "β", "Omega": "Ω"}.get(word, word) if i == 0 else word for i, word in enumerate(words))
        for words in (part.split("_") for part in name.split("."))
    )
    return ".".join(parts)


class _Check:
    """One file compared with what is expected of it."""

    def __init__(
        self,
        stream: BinaryIO,
        path: str,
        expected: Mapping[str, tuple[int, ...]],
        dtype: Dtype,
        narrow: bool,
        *,
        keep: bool,
    ) -> None:
        self._stream, self._path, self._expected, self._keep = stream, path, expected, keep
        self._dtype: Dtype = dtype
        self._narrow = narrow
        self._faults: dict[str, ParameterFault] = {}
        self._arrays: dict[str, NDArray[np.floating]] = {}
        self._wide: set[str] = set()  # float64 in a float32 network, which is one mistake of the whole file
        self._converted: dict[str, list[str]] = {}  # what was done to which tensors
        self._metadata: dict[str, str] = {}

    def run(self) -> ParameterFile:
        """Return what was found, in the network's order; tensors that the network does not have come last."""
        try:
            file = read_stored(self._stream, self._path, len(self._expected))
            stored, self._metadata = _by_canonical_name(file), dict(file.metadata)
            for name, opening in stored.items():
                if name in self._expected:
                    self._compare(name, opening())
        except OSError as error:
            raise SystemFault("read-failed", f"reading {quote(self._path)} failed: {why(error)}") from error
        unexpected = self._unexpected(sorted(stored.keys() - self._expected.keys()), stored)
        if wide := [name for name in self._expected if name in self._wide]:
            message = f"{_listed(wide)} {'is' if len(wide) == 1 else 'are'} float64, the network is float32"
            hint = "write `dtype: float64` in the spec (`build --dtype float32` then rounds), or save it as float32"
            self._fault("parameter-dtype", wide[0], message, hint)
        arrays = {name: self._arrays[name] for name in self._expected if name in self._arrays}
        faults = [self._faults[name] for name in self._expected if name in self._faults]
        notes = [
            f"{_listed(names)} {'is' if len(names) == 1 else 'are'} {what}"
            for what, names in sorted(self._converted.items())
        ]
        return ParameterFile(arrays, faults + unexpected, notes, self._metadata)

    def _compare(self, name: str, tensor: Opened) -> None:
        """Compare one tensor with what is expected; keep its values where they fit and are wanted."""
        shape = self._expected[name]
        if tensor.shape != shape:
            transposed = len(shape) > 1 and tensor.shape == shape[::-1]
            message = f"{label(name)} has shape {_shape(tensor.shape)}, expected {_shape(shape)}"
            hint = "save it as (outputs, inputs)" if transposed and len(shape) == 2 else ""
            self._fault("parameter-shape", name, message + ": transposed?" * transposed, hint)
        elif not tensor.dtype:
            message = f"{label(name)} holds {tensor.words}, expected {self._dtype}"
            self._fault("parameter-dtype", name, message, f"save it as {self._dtype}")
        elif tensor.words == "float64" and self._dtype == "float32" and not self._narrow:
            self._wide.add(name)
        else:
            self._values(name, tensor)

    def _values(self, name: str, tensor: Opened) -> None:
        """Read one tensor's values in pieces; a fault where one is not finite."""
        import numpy as np

        count = prod(tensor.shape)
        stored: np.dtype[np.generic] = np.dtype("<u2" if tensor.dtype == "bf16" else tensor.dtype)
        kept = self._empty(name, count) if self._keep else None
        first: tuple[int, str] | None = None
        wrong = 0
        at = 0
        while at < count:
            wanted = min(_CHUNK, (count - at) * stored.itemsize)
            data = tensor.read(wanted)
            if len(data) < wanted:
                raise FileFault("parameters-unreadable", "it changed while it was read")
            raw = np.frombuffer(data, stored)
            if tensor.dtype == "bf16":  # the upper half of a float32
                raw = (raw.astype(np.uint32) << 16).view(np.float32)
            with np.errstate(over="ignore"):  # a value that float32 cannot hold is found as one that is not finite
                values = raw.astype(self._dtype, copy=False)
            finite = np.isfinite(values)
            if not finite.all():
                if first is None:
                    position = int(finite.argmin())
                    first = (at + position, f"{raw[position]:g}")
                wrong += values.size - int(np.count_nonzero(finite))
            if kept is not None:
                kept[at : at + values.size] = values
            at += values.size
        tensor.finish()
        if first is not None:
            place = ", ".join(str(index) for index in np.unravel_index(first[0], tensor.shape, tensor.order))
            more = f", and {wrong - 1:,} more are not finite" if wrong > 1 else ""
            self._fault("parameter-not-finite", name, f"{label(name)} is {first[1]} at [{place}]{more}", "")
        elif kept is not None:
            self._arrays[name] = np.asarray(kept.reshape(tensor.shape, order=tensor.order), order="C")
        if tensor.words not in (self._dtype, "float32"):
            done = "rounded" if tensor.words == "float64" else "widened"
            self._converted.setdefault(f"{tensor.words}, {done} to {self._dtype}", []).append(name)

    def _empty(self, name: str, count: int) -> "NDArray[np.floating]":
        """Return a flat array to be filled. Raises SystemFault `no-memory`, before a byte of it is read."""
        import numpy as np

        try:
            return np.empty(count, self._dtype)
        except (MemoryError, ValueError) as error:
            needs = count * np.dtype(self._dtype).itemsize
            headline = f"{label(name)} does not fit in memory (needs {needs:,} bytes)"
            raise SystemFault("no-memory", headline) from error

    def _unexpected(self, names: list[str], stored: Mapping[str, object]) -> list[ParameterFault]:
        """Return the faults of tensors that the network does not have; note those that the file does not have.

        A tensor that is missing beside one of nearly its name is one mistake, and said once.
        """
        missing = [name for name in self._expected if name not in stored]
        compared = len(names) * len(missing) <= _SUGGESTIONS
        unexpected: list[ParameterFault] = []
        meant: set[str] = set()
        for name in names:
            close = nearest(name, [other for other in missing if other not in meant]) if compared else None
            if close is None:
                hint = f"the network has {_listed(list(self._expected), _NAMED)}" if self._expected else ""
            else:
                meant.add(close)
                hint = f"did you mean {quote(close)}?"
            message = f"{quote(label(name))} is no tensor of this network"
            unexpected.append(ParameterFault("parameter-unexpected", name, message, hint))
        for name in missing:
            if name not in meant:
                message = f"{label(name)} is missing, expected with shape {_shape(self._expected[name])}"
                self._fault("parameter-missing", name, message, "")
        return unexpected

    def _fault(self, code: str, name: str, message: str, hint: str) -> None:
        self._faults[name] = ParameterFault(code, name, message, hint)


def _chunks(array: "NDArray[np.floating]") -> "Iterator[memoryview]":
    """Give an array's bytes, little-endian and in C order, a piece at a time; an array of any layout."""
    import numpy as np

    little = array.dtype.newbyteorder("<")
    step = _CHUNK // array.dtype.itemsize
    flat = array.reshape(-1) if array.flags.c_contiguous else array.flat  # `flat` copies what is asked for, no more
    for start in range(0, array.size, step):
        yield np.ascontiguousarray(flat[start : start + step], little).data.cast("B")


def _by_canonical_name(stored: Stored) -> dict[str, Callable[[], Opened]]:
    """Return the tensors by their canonical names. Raises FileFault where two have one."""
    found: dict[str, Callable[[], Opened]] = {}
    for name, opening in stored.tensors.items():
        if canonical(name) in found:
            raise FileFault("parameters-unreadable", f"it names {quote(canonical(name))} twice")
        found[canonical(name)] = opening
    return found


def _shape(shape: tuple[int, ...]) -> str:
    """Return a shape as it is shown, cut short where a hostile file has one of thousands of sizes."""
    return show(str(shape))


def _listed(names: list[str], most: int = 1) -> str:
    """Return the first names, and how many more there are."""
    first = ", ".join(label(name) for name in names[:most])
    rest = len(names) - most
    return first if rest <= 0 else f"{first} and {rest:,} more"

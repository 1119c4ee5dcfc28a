"""The tensors of a new network, made of those of a file as a plan says, piece by piece.

A tensor is read row by row and never whole, but where its axes change places. What is read is held to be finite.
"""

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import Diagnostic, FileFault, SpecError
from netspec.files.parameters import label
from netspec.files.stored import Opened
from netspec.migration.steps import Edge, Fill, Sizes, Step
from netspec.migration.weights import at
from netspec.model import check_memory
from netspec.model.tensors import Source
from netspec.spec import Dtype
from netspec.transforms.widen import divide, shares

Array = NDArray[Any]
_CHUNK: Final = 1 << 18  # elements handed out at a time, or one row where that is more


class File:
    """The open file of weights: its tensors by their names there. One is read at a time."""

    def __init__(self, path: str, tensors: Mapping[str, Callable[[], Opened]], dtype: Dtype) -> None:
        self.path, self.dtype = path, dtype
        self._tensors = tensors

    def read(self, name: str) -> "_Stored":
        """Return a tensor's elements from the first on."""
        return _Stored(self, name, self._tensors[name]())


class _Stored:
    """Elements of a stored tensor in the dtype that is wanted, in the order of the file."""

    def __init__(self, file: File, name: str, opened: Opened) -> None:
        self._file, self._name, self._opened = file, name, opened
        self._item = np.dtype("<u2" if opened.dtype == "bf16" else opened.dtype)
        self._left = prod(opened.shape)
        self.shape, self.order = opened.shape, opened.order

    def take(self, count: int) -> Array:
        """Return the next elements. Raises SpecError where one is not finite, FileFault where the file ends."""
        data = self._opened.read(count * self._item.itemsize)
        if len(data) < count * self._item.itemsize:
            raise FileFault("parameters-unreadable", "it changed while it was read")
        self._left -= count
        raw: Array = np.frombuffer(data, self._item)
        if self._opened.dtype == "bf16":
            raw = (raw.astype(np.uint32) << 16).view(np.float32)
        with np.errstate(over="ignore"):
            values: Array = raw.astype(self._file.dtype, copy=False)
        if not np.isfinite(values).all():
            first = raw[int(np.isfinite(values).argmin())]
            words = f"{label(self._name) if self._name.isprintable() else 'a tensor'} holds {first:g}"
            raise SpecError([Diagnostic("parameter-not-finite", words, at(self._file.path))])
        return values

    def finish(self) -> None:
        """Read what is left, so that all of it is checked, and check that the tensor ends well."""
        while self._left:
            self.take(min(self._left, _CHUNK))
        self._opened.finish()


class _Flat:
    """Elements that come in pieces of any size."""

    def __init__(self, pieces: Iterator[Array]) -> None:
        self._pieces = pieces
        self._held: Array = np.empty(0)
        self._at = 0

    def take(self, count: int) -> Array:
        """Return the next elements, or as many as there are."""
        found: list[Array] = []
        while count:
            if self._at == self._held.size:
                self._held, self._at = np.asarray(next(self._pieces)).reshape(-1), 0
            piece = self._held[self._at : self._at + count]
            found.append(piece)
            self._at += piece.size
            count -= piece.size
        return found[0] if len(found) == 1 else np.concatenate([np.empty(0, self._held.dtype), *found])

    def finish(self) -> None:
        """Leave the rest: it was made, and not read."""


class Made:
    """A tensor of the new network: what a step makes of one of the file, or what it begins as."""

    def __init__(self, step: Step, file: File, drawn: Source, max_memory: int | None = None) -> None:
        self._step, self._file, self._drawn, self._max_memory = step, file, drawn, max_memory

    @property
    def shape(self) -> Sizes:
        """Its shape."""
        return self._step.new_shape or ()

    def array(self) -> Array:
        """Return it whole."""
        made = np.empty(prod(self.shape), self._file.dtype)
        start = 0
        for piece in self.chunks():
            made[start : start + piece.size] = piece.reshape(-1)
            start += piece.size
        made = made.reshape(self.shape)
        made.flags.writeable = False
        return made

    def chunks(self) -> Iterator[Array]:
        """Yield its elements in C order, in pieces."""
        if self._step.source is not None:
            yield from self._carried(self._step.source)
        elif self._step.begins == "zeros":
            for start in range(0, prod(self.shape), _CHUNK):
                yield np.zeros(min(_CHUNK, prod(self.shape) - start), self._file.dtype)
        elif self._step.begins == "identity":
            yield from self._identity()
        else:
            yield from self._drawn.chunks()

    def _identity(self) -> Iterator[Array]:
        """Yield the rows of the map that hands on what it reads; a convolution does at the middle of its kernel."""
        rows, read, *kernel = self.shape
        middle = tuple(size // 2 for size in kernel)
        drawn = _Flat(self._drawn.chunks())
        for row in range(rows):
            made = drawn.take(read * prod(kernel)).reshape(read, *kernel)
            if row < read:
                made = np.zeros_like(made)
                made[(row, *middle)] = 1
            yield made.reshape(-1)

    def _turned(self, source: str) -> tuple[Sizes, "Callable[[], _Stored | _Flat]"]:
        """Return the shape of the file's tensor with its axes in order, and how to read it from the start."""
        stored = self._file.read(source)
        axes = self._step.axes
        if not axes and stored.order == "C":
            return stored.shape, lambda: self._file.read(source)
        items = prod(stored.shape) * np.dtype(self._file.dtype).itemsize
        check_memory(2 * items, self._max_memory, f"turning {label(source) if source.isprintable() else 'a tensor'}")
        whole = stored.take(prod(stored.shape)).reshape(stored.shape, order=stored.order)
        stored.finish()
        turned = np.ascontiguousarray(whole.transpose(axes) if axes else whole)
        return turned.shape, lambda: _Flat(iter((turned,)))

    def _carried(self, source: str) -> Iterator[Array]:
        """Yield what a tensor of the file becomes: its rows, wider or narrower, and what is behind them."""
        old, read = self._turned(source)
        new, edges = self.shape, self._step.edges
        fill = next((edge.fill for edge in edges if edge.axis == 0), None)
        drawn = _Flat(self._drawn.chunks()) if any(edge.fill == "drawn" for edge in edges) else None
        factors = {edge.axis: self._factors(read(), old, edge) for edge in edges if edge.fill == "shares"}
        reader = read()
        for start, stop, again in _stretches(old, new, fill):
            if again:
                reader.finish()
                reader = read()
            for row, count in _blocks(start, stop, max(prod(old[1:]), prod(new[1:]))):
                base = None if drawn is None else drawn.take(count * prod(new[1:])).reshape(count, *new[1:])
                if start == old[0] and not again:  # behind the rows that there were
                    made = base if fill == "drawn" and base is not None else np.zeros((count, *new[1:]))
                else:
                    made = reader.take(count * prod(old[1:])).reshape(count, *old[1:])
                    for edge in edges:
                        if edge.axis:
                            made = _longer(made, edge, base, factors.get(edge.axis))
                    if 0 in factors:
                        made = made * factors[0][row : row + count].reshape(-1, *[1] * (len(new) - 1))
                yield np.ascontiguousarray(made, self._file.dtype).reshape(-1)
        reader.finish()

    def _factors(self, reader: "_Stored | _Flat", old: Sizes, edge: Edge) -> Array:
        """Return what each element of an axis is multiplied by, whose units share with their copies.

        The shares are powers of two; where one would lose digits to subnormal numbers, the first copy has all.
        """
        units, copied = edge.old // edge.block, edge.new // edge.block
        origin, number = np.arange(copied) % units, np.arange(copied) // units
        share = shares(np.bincount(origin)[origin], number)
        lossy = np.zeros(units, bool)
        # along axis 0 the units of one column are the rows, so that all are looked at together
        blocks = _blocks(0, old[0], prod(old[1:])) if edge.axis else iter([(0, old[0])])
        for _, count in blocks:
            rows = reader.take(count * prod(old[1:])).reshape(count, *old[1:])
            by_unit = np.moveaxis(rows, edge.axis, -1).reshape(-1, units, edge.block)
            _, loses = divide(by_unit[:, origin].astype(np.float64), share[:, None], self._file.dtype)
            np.logical_or.at(lossy, origin, loses.any(axis=(0, 2)))
        reader.finish()
        whole = np.where(number == 0, 1.0, 0.0)
        found: Array = np.repeat(np.where(lossy[origin], whole, share), edge.block).astype(self._file.dtype)
        return found


def _stretches(old: Sizes, new: Sizes, fill: Fill | None) -> Iterator[tuple[int, int, bool]]:
    """Yield stretches of the new rows: from, up to, and whether the file's tensor is read from the start once more."""
    yield 0, min(old[0], new[0]), False
    if fill in ("copies", "shares"):
        for start in range(old[0], new[0], old[0]):
            yield start, min(start + old[0], new[0]), True
    elif new[0] > old[0]:
        yield old[0], new[0], False


def _blocks(start: int, stop: int, row: int) -> Iterator[tuple[int, int]]:
    """Yield the first row and the number of rows of blocks of bounded size."""
    most = max(1, _CHUNK // max(row, 1))
    for first in range(start, stop, most):
        yield first, min(most, stop - first)


def _longer(rows: Array, edge: Edge, base: Array | None, factors: Array | None) -> Array:
    """Return rows with an axis cut or made longer; `base` has what is drawn in the same rows."""
    if edge.fill is None:
        return rows.take(range(edge.new), edge.axis)
    if edge.fill in ("copies", "shares"):
        units = edge.old // edge.block
        origin = np.arange(edge.new) // edge.block % units * edge.block + np.arange(edge.new) % edge.block
        taken = rows.take(origin, edge.axis)
        if factors is None:
            return taken
        return taken * factors.reshape(-1, *[1] * (rows.ndim - 1 - edge.axis))
    if edge.fill == "drawn" and base is not None:
        inside = [slice(size) for size in rows.shape]
        inside[edge.axis] = slice(edge.old, edge.new)
        return np.concatenate([rows, base[tuple(inside)]], edge.axis)
    widths = [(0, edge.new - edge.old if axis == edge.axis else 0) for axis in range(rows.ndim)]
    return np.pad(rows, widths)

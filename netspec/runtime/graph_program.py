"""The program of a network of any form: several inputs and outputs, any number of axes, free sizes.

The emitted module defines `INPUTS` and `OUTPUTS` (names, shapes with free sizes as text, dtypes), `DTYPE`, `held` (how
many numbers an example has in memory), `checks` (what the free sizes must keep), `prepare(parameters)`, which lays the
tensors out for all threads, and `bind(tensors)`, which gives back `step(*inputs)`: arrays with the batch axis first
into a tuple of such. A step keeps memory from call to call and is not re-entrant, so every thread binds its own.
"""

import re
import threading
from collections.abc import Callable, Mapping, Sequence
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike

from netspec.diagnostics.show import quote
from netspec.runtime.execution import Array, execute
from netspec.runtime.ports import Port, port_of

if TYPE_CHECKING:
    from netspec.runtime.threads import Threads

Results = Array | dict[str, Array]

_TILE_BYTES: Final = 32 << 20  # of activations at a time
_MOST_TILE: Final = 4096
_WORD: Final = re.compile(r"[A-Za-z]\w*", re.A)


class GraphProgram:
    """y = f[x] as a function of arrays. `inputs` and `outputs` are its ports, `dtype` what it computes in.

    `parameters` maps each tensor's name to its array in the layout of the spec. They are read when the program is
    called first; do not write to them afterwards. Safe to call from many threads.
    """

    def __init__(
        self, source: str, parameters: Mapping[str, Array], name: str = "network", code: CodeType | None = None
    ) -> None:
        namespace = execute(source, name, code)
        self.name, self.source, self.parameters = name, source, parameters
        self.inputs: tuple[Port, ...] = tuple(map(port_of, namespace["INPUTS"]))
        self.outputs: tuple[Port, ...] = tuple(map(port_of, namespace["OUTPUTS"]))
        self.dtype: np.dtype[Any] = np.dtype(namespace["DTYPE"])
        self._held: Callable[..., int] = namespace["held"]
        self._checks: Callable[..., tuple[tuple[str, bool], ...]] = namespace["checks"]
        self._prepare_tensors: Callable[[Mapping[str, Array]], object] = namespace["prepare"]
        self._bind: Callable[[object], Callable[..., tuple[Array, ...]]] = namespace["bind"]
        self._tensors: object = None
        self._threads: Threads | None = None
        self._binding = threading.Lock()
        self._local = threading.local()

    @property
    def threads(self) -> int | None:
        """How many threads a batch is divided among; None leaves it to BLAS, whose threads take single products."""
        return None if self._threads is None else self._threads.count

    @threads.setter
    def threads(self, count: int | None) -> None:
        from netspec.runtime.threads import Threads

        self._threads = None if count is None else Threads(count)

    @property
    def _step(self) -> Callable[..., tuple[Array, ...]]:
        """This thread's step. Tensors are laid out by whoever is first."""
        step: Callable[..., tuple[Array, ...]] | None = getattr(self._local, "step", None)
        if step is None:
            with self._binding:
                if self._tensors is None:
                    self._tensors = self._prepare_tensors(self.parameters)
            step = self._local.step = self._bind(self._tensors)
        return step

    def __call__(self, *inputs: ArrayLike, **named: ArrayLike) -> Results:
        """Return y for x, or the outputs by their names where they have any, in their order.

        Inputs are given in their order or by name: arrays or lists of any real dtype (integers for an integer input)
        and any memory order, with the batch axis first; or without it, which is one example and gives one. The batch
        may be empty. Results are fresh arrays.

        Raises ValueError for inputs that do not fit, TypeError for a wrong number or name of them.
        """
        arrays = [self._prepare(port, x) for port, x in zip(self.inputs, self._arranged(inputs, named), strict=True)]
        alone = [array.ndim == len(port.shape) for array, port in zip(arrays, self.inputs, strict=True)]
        if any(alone) and not all(alone):
            one, other = self.inputs[alone.index(True)], self.inputs[alone.index(False)]
            raise ValueError(f"{one.label} is one example, and {other.label} is a batch")
        if alone[0]:
            arrays = [array[None] for array in arrays]
        for port, array in zip(self.inputs[1:], arrays[1:], strict=True):
            if len(array) != len(arrays[0]):
                found = f"{self.inputs[0].label} has {len(arrays[0])} examples, and {port.label} has {len(array)}"
                raise ValueError(found)
        results = self.compute(arrays)
        if alone[0]:
            results = [y[0] for y in results]
        if len(results) == 1 and not self.outputs[0].is_named:
            return results[0]
        return {port.name: y for port, y in zip(self.outputs, results, strict=True)}

    def __repr__(self) -> str:
        inputs, outputs = (
            ", ".join(f"{port.name} {port.expected}" for port in ports) for ports in (self.inputs, self.outputs)
        )
        return f"GraphProgram({self.name}: {inputs} -> {outputs}, {self.dtype.name})"

    def __reduce__(self) -> tuple[type["GraphProgram"], tuple[str, Mapping[str, Array], str]]:
        """Return how to make it anew: a function that was bound does not travel to another process."""
        return GraphProgram, (self.source, dict(self.parameters), self.name)

    def compute(self, arrays: Sequence[Array]) -> list[Array]:
        """Return the outputs for a batch of each input, of the ports' dtypes; tile by tile.

        Raises ValueError where shapes, or what they must keep, do not hold.
        """
        sizes = self._sizes(arrays)
        rows, tile = len(arrays[0]), self.tile_for(sizes)
        if self._threads is None:
            return self._tiled(arrays, tile)
        parts = self._threads.parts(rows, 1)
        found: dict[int, list[Array]] = {}

        def work(part: slice) -> None:
            found[part.start] = self._tiled([array[part] for array in arrays], tile)

        self._threads.run(work, parts)
        pieces = [found[part.start] for part in parts]
        return pieces[0] if len(pieces) == 1 else [np.concatenate(each) for each in zip(*pieces, strict=True)]

    def _tiled(self, arrays: Sequence[Array], tile: int) -> list[Array]:
        """Return the outputs for a batch, tile by tile in this thread."""
        step, rows = self._step, len(arrays[0])
        if rows <= tile:
            return self._fresh(step(*arrays), arrays)
        results: list[Array] = []
        for start in range(0, rows, tile):
            parts = step(*(array[start : start + tile] for array in arrays))
            if not results:
                results = [np.empty((rows, *part.shape[1:]), part.dtype) for part in parts]
            for whole, part in zip(results, parts, strict=True):
                whole[start : start + tile] = part
        return results

    def tile_for(self, sizes: Mapping[str, int]) -> int:
        """Return how many examples are computed at a time, for the values of the free sizes."""
        needs = max(1, self._held(*sizes.values())) * self.dtype.itemsize
        return max(1, min(_MOST_TILE, _TILE_BYTES // needs))

    def _arranged(self, inputs: Sequence[ArrayLike], named: Mapping[str, ArrayLike]) -> list[ArrayLike]:
        """Return the inputs in their order. Raises TypeError."""
        names = [port.name for port in self.inputs]
        expected = f"{self.name} takes {', '.join(names)}"
        if len(inputs) > len(names):
            raise TypeError(f"{len(inputs)} inputs are given; {expected}")
        given = dict(zip(names, inputs, strict=False))
        for name, x in named.items():
            if name in given or name not in names:
                raise TypeError(f"{quote(name)} is {'given twice' if name in given else 'no input'}; {expected}")
            given[name] = x
        missing = [name for name in names if name not in given]
        if missing:
            raise TypeError(
                f"{', '.join(map(quote, missing))} {'is' if len(missing) == 1 else 'are'} missing; {expected}"
            )
        return [given[name] for name in names]

    def _prepare(self, port: Port, x: ArrayLike) -> Array:
        """Return an input as a contiguous, aligned array of the port's dtype; ValueError where it does not fit."""
        expected = f"{port.expected} or {port.example}"
        try:
            array = np.asarray(x)
        except ValueError:
            raise ValueError(f"{port.label} is ragged: its rows differ in length; expected {port.expected}") from None
        integers = port.dtype == "int64"
        if array.dtype.kind not in ("biu" if integers and array.size else "biuf"):
            kind = "integers" if integers else "real numbers"
            found = f"{port.label} has dtype {array.dtype} and shape {array.shape}"
            raise ValueError(f"{found}; expected {kind} of shape {expected}")
        if integers and array.dtype.kind == "u" and array.size and array.max() > np.iinfo(np.int64).max:
            raise ValueError(f"{port.label} has {array.max()}, which is too large an integer")
        shape = array.shape[1:] if array.ndim > len(port.shape) else array.shape
        if array.ndim - len(port.shape) not in (0, 1) or any(
            isinstance(size, int) and size != found for size, found in zip(port.shape, shape, strict=True)
        ):
            raise ValueError(f"{port.label} has shape {array.shape}; expected {expected}")
        return np.require(array, port.dtype, ("C", "A"))

    def _sizes(self, arrays: Sequence[Array]) -> dict[str, int]:
        """Return the free sizes, in the order in which the inputs name them. Raises ValueError where two differ."""
        found: dict[str, tuple[int, Port, int]] = {}
        for port, array in zip(self.inputs, arrays, strict=True):
            for axis, size in enumerate(port.shape):
                if isinstance(size, str):
                    n = array.shape[axis + 1]
                    known, first, where = found.setdefault(size, (n, port, axis))
                    if n != known:
                        raise ValueError(
                            f"{first.label} has {size} = {known} on axis {where}, "
                            f"and {port.label} has {size} = {n} on axis {axis}"
                        )
        sizes = {name: n for name, (n, _, _) in found.items()}
        for text, holds in self._checks(*sizes.values()):
            if not holds:
                named = ", ".join(
                    f"{name} is {sizes[name]}" for name in dict.fromkeys(_WORD.findall(text)) if name in sizes
                )
                raise ValueError(f"the check {quote(text)} does not hold: {named}")
        return sizes

    def _fresh(self, results: Sequence[Array], inputs: Sequence[Array]) -> list[Array]:
        """Return the results as arrays that nobody else has."""
        given = {id(array) for array in inputs}
        found: list[Array] = []
        for y in results:
            found.append(y.copy() if y.base is not None or id(y) in given else y)
            given.add(id(y))
        return found

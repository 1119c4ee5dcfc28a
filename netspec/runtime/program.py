"""The program of a fully connected network: emitted source bound to its parameters, called like a NumPy function.

The emitted module defines `INPUT`, `OUTPUT` (widths), `DTYPE` ("float32" or "float64"), `TILE` (rows whose
activations stay in cache), `prepare(parameters)`, which lays the tensors out for all threads, `one(tensors)`, which
gives back `step(x)` for a single row, and `many(tensors, rows)`, which gives back `step(x, y)`: x into y, which is
C-contiguous, both of `DTYPE`. A step owns its buffers and is not re-entrant, so every thread binds its own.
"""

import sys
import threading
from collections.abc import Callable, Mapping
from types import CodeType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import ArrayLike

from netspec.runtime.execution import Array, Page
from netspec.runtime.ports import Port

if TYPE_CHECKING:
    from netspec.runtime.threads import Threads

Step = Callable[[Array, Array], object]

LEAST_ROWS: Final = 64
"""Rows that are worth a thread of their own."""

LEAST_PRODUCTS: Final = 15_000_000
"""Multiply-adds of a product that is worth a thread of its own: some 200 µs.

Threads take turns at the interpreter between products, which costs tens of µs each time: of half as many, two threads
took as long as one.
"""

# Besides the tile, so many row counts stay bound in a thread; a server that sees every batch size must not grow.
_PLANS: Final = 8


class _Bound(threading.local):
    """What a thread has bound: steps by their rows, and calls by the shapes of x that they take as it is."""

    def __init__(self) -> None:
        self.steps: dict[int, Step] = {}
        self.calls: dict[tuple[int, ...], Callable[[Array], Array]] = {}


class Program:
    """y = f[x] as a function of arrays. `input` and `output` are its widths, `dtype` what it computes in.

    `parameters` maps each tensor's name to its array in the layout of the spec: Ω (out, in), β (out,). They are read
    when a plan is bound, once for each thread and row count; do not write to them afterwards.
    """

    def __init__(
        self, source: str, parameters: Mapping[str, Array], name: str = "network", code: CodeType | None = None
    ) -> None:
        self._page = Page(source, name, code)
        namespace = self._page.defined
        self.name = name
        self.source = source
        self.parameters = parameters
        self.input: int = namespace["INPUT"]
        self.output: int = namespace["OUTPUT"]
        self.tile: int = namespace["TILE"]
        self.dtype: np.dtype[Any] = np.dtype(namespace["DTYPE"])
        self._prepare: Callable[[Mapping[str, Array]], object] = namespace["prepare"]
        self._tensors: object = None
        self._binding = threading.Lock()
        self._bound = _Bound()
        self._threads: Threads | None = None
        self._least = LEAST_ROWS

    @property
    def threads(self) -> int | None:
        """How many threads a batch is divided among; None leaves it to BLAS, whose threads take single products."""
        return None if self._threads is None else self._threads.count

    @threads.setter
    def threads(self, count: int | None) -> None:
        from netspec.runtime.threads import Threads

        self._least = self._least_rows()
        self._threads = None if count is None else Threads(count)

    @property
    def inputs(self) -> tuple[Port, ...]:
        """Its only input, which has one axis."""
        return (Port("in", (self.input,), self.dtype.name),)

    @property
    def outputs(self) -> tuple[Port, ...]:
        """Its only output."""
        return (Port("out", (self.output,), self.dtype.name),)

    def __call__(self, x: ArrayLike, out: Array | None = None) -> Array:
        """Return y for x: (batch, input) gives (batch, output); one example (input,) gives (output,).

        x: lists or arrays of any real dtype and any memory order; batch may be 0. A network of one input and one
        output is also a function of numbers, elementwise: () gives (), (n,) gives (n,). With one input and several
        outputs (n,) is refused unless n is 1, since it could mean either axis.

        The result is a fresh array, or `out`, which must have the result's shape and dtype; it may overlap x.

        Raises ValueError for another width, or for values that are not real numbers.
        """
        if out is None and type(x) is np.ndarray and x.dtype is self.dtype and self._threads is None:
            call = self._bound.calls.get(x.shape)
            if call is not None:
                return call(x)
        array = self._array(x)
        shape: tuple[int, ...] = array.shape
        result: tuple[int, ...]
        if len(shape) == 2 and shape[1] == self.input:
            rows, result = shape[0], (shape[0], self.output)
        elif shape == (self.input,):
            rows, result = 1, (self.output,)
        elif len(shape) < 2 and self.input == self.output == 1:
            rows, result = array.size, shape
        else:
            raise ValueError(self._wrong_shape(shape))
        if 0 < rows <= self.tile:
            self._remember(shape, rows, result)
        y = np.empty(result, self.dtype) if out is None else self._target(out, result, array)
        self._divide(array.reshape(rows, self.input), y.reshape(rows, self.output), rows)
        if out is None or y is out:
            return y
        out[...] = y
        return out

    def parts(self, rows: int) -> list[slice]:
        """Return the rows that each thread computes of a batch: all of them in one part where threads would not pay."""
        return [slice(0, rows)] if self._threads is None else self._threads.parts(rows, self._least)

    def __repr__(self) -> str:
        return f"Program({self.name}: (batch, {self.input}) -> (batch, {self.output}), {self.dtype.name})"

    def __reduce__(self) -> tuple[type["Program"], tuple[str, Mapping[str, Array], str]]:
        """Return how to make it anew: plans belong to a thread and do not travel to another process."""
        return Program, (self.source, dict(self.parameters), self.name)

    def _remember(self, shape: tuple[int, ...], rows: int, result: tuple[int, ...]) -> None:
        """Keep the call of arrays of this shape, which need no looking at but for their dtype."""
        step, output, dtype = self._step(rows), (rows, self.output), self.dtype
        if rows == 1 and len(shape) == 2:
            call: Callable[[Array], Array] = self._bound.one
        elif len(shape) == 2:

            def call(x: Array) -> Array:
                y = np.empty(output, dtype)
                step(x, y)
                return y
        else:

            def call(x: Array) -> Array:
                y = np.empty(output, dtype)
                step(x.reshape(rows, -1), y)
                return y.reshape(result)

        self._bound.calls[shape] = call

    def _divide(self, x: Array, y: Array, rows: int) -> None:
        """Run x into y, in the threads that there are."""
        if self._threads is None:
            self._compute(x, y, rows)
            return

        def work(part: slice) -> None:
            self._compute(x[part], y[part], part.stop - part.start)

        self._threads.run(work, self.parts(rows))

    def _least_rows(self) -> int:
        """Return how many rows are worth a thread of their own: more than any batch has, where a tile has fewer."""
        products = [array.size for array in self.parameters.values() if array.ndim == 2]
        least = -(-LEAST_PRODUCTS * len(products) // max(1, sum(products)))
        return max(LEAST_ROWS, least) if least <= self.tile else sys.maxsize

    def _compute(self, x: Array, y: Array, rows: int) -> None:
        """Run x (rows, input) into y (rows, output), tile by tile; what is left over has its own step."""
        tile = self.tile
        if 0 < rows <= tile:
            self._step(rows)(x, y)
        elif rows:
            step = self._step(tile)
            whole = rows - rows % tile
            for start in range(0, whole, tile):
                step(x[start : start + tile], y[start : start + tile])
            if whole < rows:
                self._step(rows - whole)(x[whole:], y[whole:])

    def _step(self, rows: int) -> Step:
        """Return this thread's step for `rows` rows, bound when it is first asked for; the oldest bound go first."""
        steps = self._bound.steps
        step = steps.get(rows)
        if step is None:
            if len(steps) > _PLANS:
                oldest = next(count for count in steps if count != self.tile)
                del steps[oldest]
                self._bound.calls = {shape: call for shape, call in self._bound.calls.items() if shape[:1] != (oldest,)}
            step = steps[rows] = self._bind(rows)
        return step

    def _bind(self, rows: int) -> Step:
        """Return a step of its own. Tensors are laid out by whoever is first, for all threads."""
        with self._binding:
            if self._tensors is None:
                self._tensors = self._prepare(self.parameters)
            if rows > 1:
                many: Step = self._page.function("many")(self._tensors, rows)
                return many
            one = self._bound.one = self._page.function("one")(self._tensors)

        def step(x: Array, y: Array) -> None:
            y[...] = one(x)

        return step

    def _array(self, x: ArrayLike) -> Array:
        """Return x as a C-contiguous, aligned array of the program's dtype; ValueError where it is not numbers."""
        try:
            array = np.asarray(x)
        except ValueError:
            raise ValueError(f"x is ragged: its rows differ in length; expected (batch, {self.input})") from None
        if array.dtype.kind not in "biuf":
            raise ValueError(
                f"x has dtype {array.dtype} and shape {array.shape}; "
                f"expected real numbers of shape (batch, {self.input}) or ({self.input},)"
            )
        return np.require(array, self.dtype, ("C", "A"))

    def _target(self, out: object, shape: tuple[int, ...], x: Array) -> Array:
        """Return where to compute: `out` itself, or a fresh array where `out` is strided or overlaps x."""
        if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != self.dtype or not out.flags.writeable:
            found = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise ValueError(f"out is {found}; expected a writeable {self.dtype.name} array of shape {shape}")
        if out.flags.carray and not np.may_share_memory(out, x):
            return out
        return np.empty(shape, self.dtype)

    def _wrong_shape(self, shape: tuple[int, ...]) -> str:
        """Return the headline for a shape that does not fit, with the way out where one is plain."""
        text = f"x has shape {shape}; expected (batch, {self.input}) or ({self.input},)"
        if len(shape) == 1 and self.input == 1:
            return text + "; for a batch of numbers write x[:, None]"
        if len(shape) == 2 and shape[0] == self.input:
            return text + "; is it transposed? write x.T"
        return text

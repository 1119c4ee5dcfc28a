"""The program of a fully connected network: emitted source bound to its parameters, called like a NumPy function.

The emitted module defines `INPUT`, `OUTPUT` (widths), `DTYPE` ("float32" or "float64"), `TILE` (rows whose
activations stay in cache) and `bind(parameters, rows)`, which gives back `step(x, y)`: `rows` rows of x into y, both
C-contiguous and of `DTYPE`. A step owns its buffers and is not re-entrant, so every thread binds its own.
"""

import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike

from netspec.runtime.execution import Array, execute
from netspec.runtime.ports import Port

Step = Callable[[Array, Array], object]

# Besides the tile, so many row counts stay bound in a thread; a server that sees every batch size must not grow.
_PLANS: Final = 8


class Program:
    """y = f[x] as a function of arrays. `input` and `output` are its widths, `dtype` what it computes in.

    `parameters` maps each tensor's name to its array in the layout of the spec: Ω (out, in), β (out,). They are read
    when a plan is bound, once for each thread and row count; do not write to them afterwards.
    """

    def __init__(self, source: str, parameters: Mapping[str, Array], name: str = "network") -> None:
        namespace = execute(source, name)
        self.name = name
        self.source = source
        self.parameters = parameters
        self.input: int = namespace["INPUT"]
        self.output: int = namespace["OUTPUT"]
        self.tile: int = namespace["TILE"]
        self.dtype: np.dtype[Any] = np.dtype(namespace["DTYPE"])
        self._bind: Callable[[Mapping[str, Array], int], Step] = namespace["bind"]
        self._local = threading.local()

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
        if type(x) is np.ndarray and x.dtype is self.dtype and x.flags.c_contiguous and x.flags.aligned:
            array: Array = x
        else:
            array = self._prepare(x)
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
        y = np.empty(result, self.dtype) if out is None else self._target(out, result, array)
        if len(shape) == 2:  # a reshape costs as much as a small layer
            self._compute(array, y, rows)
        else:
            self._compute(array.reshape(rows, self.input), y.reshape(rows, self.output), rows)
        if out is None or y is out:
            return y
        out[...] = y
        return out

    def __repr__(self) -> str:
        return f"Program({self.name}: (batch, {self.input}) -> (batch, {self.output}), {self.dtype.name})"

    def __reduce__(self) -> tuple[type["Program"], tuple[str, Mapping[str, Array], str]]:
        """Return how to make it anew: plans belong to a thread and do not travel to another process."""
        return Program, (self.source, dict(self.parameters), self.name)

    def _compute(self, x: Array, y: Array, rows: int) -> None:
        """Run x (rows, input) into y (rows, output), tile by tile; what is left over has its own plan."""
        tile = self.tile
        if 0 < rows <= tile:
            try:
                step: Step = self._local.plans[rows]
            except (AttributeError, KeyError):
                step = self._plan(rows)
            step(x, y)
        elif rows:
            step = self._plan(tile)
            whole = rows - rows % tile
            for start in range(0, whole, tile):
                step(x[start : start + tile], y[start : start + tile])
            if whole < rows:
                self._plan(rows - whole)(x[whole:], y[whole:])

    def _plan(self, rows: int) -> Step:
        """Return this thread's step for `rows` rows, bound when it is first asked for; the oldest bound go first."""
        try:
            plans: dict[int, Step] = self._local.plans
        except AttributeError:
            plans = self._local.plans = {}
        step = plans.get(rows)
        if step is None:
            if len(plans) > _PLANS:
                del plans[next(count for count in plans if count != self.tile)]
            step = plans[rows] = self._bind(self.parameters, rows)
        return step

    def _prepare(self, x: ArrayLike) -> Array:
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

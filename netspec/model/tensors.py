"""Where each tensor of a model comes from: drawn, written out in a spec, or read from a file beside it.

A part's own values go before what the parts within it bring; else each part keeps its own, and how the outermost
draws reaches those that say nothing (language reference, "Parameters").
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from netspec.diagnostics import Diagnostic, SpecError, SystemFault
from netspec.files.folder import Folder
from netspec.files.parameters import canonical, read_parameters
from netspec.graph import tensor_count, tensors
from netspec.graph.walk import Frames, Rounds, called, full_name
from netspec.limits import TENSORS
from netspec.operations import Call, Graph, Parameter, Repeat
from netspec.rules.inline_values import read_tensor
from netspec.spec import Draw, Dtype, ParameterFile, Part, Values

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating]


Sizes = tuple[int, ...]

FILLS: Final = ("zeros", "ones", "quarters")
"""What a tensor that is not drawn begins as, whatever a spec says of drawing; `netspec.model.drawing.CONSTANTS`."""


class Source(Protocol):
    """A tensor that can be had whole, or piece by piece without ever being whole in memory."""

    @property
    def shape(self) -> Sizes:
        """Its shape."""

    def array(self) -> "Array":
        """Return it as a C-contiguous array that may not be written to."""

    def chunks(self) -> "Iterator[Array]":
        """Yield its elements in C order, in pieces of bounded size."""


class Drawn(NamedTuple):
    """A tensor that is drawn: its values depend on its full name, its shape, the seed and the initialisation alone."""

    name: str
    shape: Sizes
    fan_in: int
    fan_out: int
    init: str
    seed: int
    dtype: Dtype

    def array(self) -> "Array":
        """Return it whole."""
        from netspec.model.drawing import draw

        array = draw(*self)
        array.flags.writeable = False
        return array

    def chunks(self) -> "Iterator[Array]":
        """Yield it piece by piece."""
        from netspec.model.drawing import fill

        return fill(*self)


def drawn_seed(sources: "Mapping[str, Source]") -> int | None:
    """Return what tensors are drawn from, None where none is."""
    seeds = (source.seed for source in sources.values() if isinstance(source, Drawn) and source.init not in FILLS)
    return next(seeds, None)


class Held(NamedTuple):
    """A tensor whose values are in memory. `written` are the numbers that a spec wrote out, in C order, before they
    were rounded to the dtype: decimals as their nearest float64, quotients as they are.
    """

    values: "Array"
    written: "Sequence[Fraction]" = ()

    def as_written(self) -> tuple[Fraction, ...]:
        """Return the numbers as they stand in the spec: quotients, and decimals that were read as float64."""
        return tuple(map(_decimal, self.written))

    @property
    def shape(self) -> Sizes:
        """Its shape."""
        return tuple(self.values.shape)

    def array(self) -> "Array":
        """Return it whole."""
        return self.values

    def chunks(self) -> "Iterator[Array]":
        """Yield it whole: it is in memory anyway."""
        yield self.values


class Wish(NamedTuple):
    """What the caller says over the spec: the dtype, and a seed for what is drawn."""

    dtype: Dtype
    seed: int | None = None


def provide(part: Part, graph: Graph, wish: Wish, folder: Folder | None) -> dict[str, Source]:
    """Return the source of every tensor by its full name, in the order of the graph.

    `folder` is the root that files of parameters are opened below. Raises SpecError where values do not fit after
    all, and SystemFault `too-many-tensors` before anything is drawn.
    """
    _check_count(graph)
    found: dict[str, Source] = {}
    _Provider(wish, folder, found).enter(part, graph, ("",), (), None)
    return found


def provide_drawn(part: Part, graph: Graph, wish: Wish) -> dict[str, Source]:
    """Return the source of every tensor as it is drawn where no part brings values, whatever the spec says of them."""
    _check_count(graph)
    found: dict[str, Source] = {}
    _Provider(wish, None, found, values=False).enter(part, graph, ("",), (), None)
    return found


def _check_count(graph: Graph) -> None:
    """Refuse a network of more tensors than a model may have. SystemFault `too-many-tensors`."""
    count = tensor_count(graph)
    if count > TENSORS.value:
        headline = f"the network has {count:,} tensors; a model is built of at most {TENSORS.value:,}"
        raise SystemFault(TENSORS.code, headline, "`validate` and `show` take networks of any size")


class _Given(NamedTuple):
    """Values that hold for a part and all within it, by the names that its tensors have there."""

    values: Mapping[str, Source]
    frames: Frames


class _Provider:
    """Walks the parts, and gives each tensor its source where it is first met; `values` that parts bring among them."""

    def __init__(self, wish: Wish, folder: Folder | None, found: dict[str, Source], *, values: bool = True) -> None:
        self.wish = wish
        self.folder = folder
        self.found = found
        self._takes_values = values
        self._values: dict[int, Mapping[str, Source]] = {}

    def enter(self, part: Part, graph: Graph, frames: Frames, around: tuple[Draw, ...], given: _Given | None) -> None:
        """Provide the tensors of a graph whose part stands at `frames`.

        `around` says how each part around it draws, the outermost first; `given` are values that hold around it.
        """
        own = part.claims.parameters
        drawn = around[-1] if around else Draw(None, 0)
        if self._takes_values and given is None and isinstance(own, Values | ParameterFile):
            if id(part) not in self._values:  # a part may be used many times
                self._values[id(part)] = self._read(part, graph, own)
            given = _Given(self._values[id(part)], ("",))
        elif isinstance(own, Draw):
            drawn = own
        if not around and self.wish.seed is not None:
            drawn = drawn._replace(seed=self.wish.seed)
        self._walk(graph, frames, (), (*around, drawn), given)

    def _walk(
        self, graph: Graph, frames: Frames, rounds: Rounds, draws: tuple[Draw, ...], given: _Given | None
    ) -> None:
        """Provide the tensors of a part's graph, or of a repeat's body in one of its rounds."""
        for node, own in zip(graph.operations, graph.parameters, strict=True):
            if isinstance(node, Call):
                self._call(node, frames, rounds, draws, given)
            elif isinstance(node, Repeat):
                for number in range(node.times):
                    self._walk(node.body, frames, (*rounds, number), draws, given)
            for parameter in own:
                if not parameter.tied:  # else it is another's, which is provided where it belongs
                    self._tensor(parameter, frames, rounds, draws[-1], given)

    def _tensor(self, parameter: Parameter, frames: Frames, rounds: Rounds, drawn: Draw, given: _Given | None) -> None:
        name = full_name(parameter, frames, rounds)
        if name in self.found:
            return
        if given is not None:
            self.found[name] = given.values[given.frames[-1] + name[len(frames[-1]) :]]
            return
        shape, fans = parameter.shape, (parameter.fan_in, parameter.fan_out)
        init = parameter.init if drawn.init is None or parameter.init in FILLS else drawn.init
        self.found[name] = Drawn(name, shape, *fans, init, drawn.seed, self.wish.dtype)

    def _call(self, node: Call, frames: Frames, rounds: Rounds, draws: tuple[Draw, ...], given: _Given | None) -> None:
        """Enter a part; a shared network is drawn as the part that declares it says, wherever it is met first."""
        part = node.body.part
        if not isinstance(part, Part):
            raise TypeError("a graph that is called is assembled from a part")
        within = called(frames, node, rounds)
        inner = None if given is None else given._replace(frames=called(given.frames, node, rounds))
        self.enter(part, node.body, within, draws[: len(within) - 1], inner)

    def _read(self, part: Part, graph: Graph, own: Values | ParameterFile) -> Mapping[str, Source]:
        """Return the values of a part, already checked, in the model's dtype."""
        expected = {tensor.name: tensor.shape for tensor in tensors(graph)}
        if isinstance(own, Values):
            return _written(part, own, expected, self.wish.dtype)
        if self.folder is None:
            raise SystemFault("no-such-file", "the spec is not in a file, so it cannot name a file of parameters")
        path = self.folder.resolve(part.document.relative, own.path)
        with self.folder.open(path) as stream:
            narrow = self.wish.dtype != part.head.dtype
            file = read_parameters(stream, own.path, expected, self.wish.dtype, narrow=narrow)
        if file.faults:  # checked before, so the file has changed since
            place = part.document.source.place((*part.claims_path, "parameters", "file"))
            raise SpecError([Diagnostic(fault.code, fault.message, place, help=fault.help) for fault in file.faults])
        for array in file.arrays.values():
            array.flags.writeable = False
        return {name: Held(array) for name, array in file.arrays.items()}


def _written(part: Part, values: Values, expected: Mapping[str, Sizes], dtype: Dtype) -> dict[str, Source]:
    """Return the tensors that a part writes out; they were checked before, but not in a dtype that is narrower.

    Raises SpecError where the dtype cannot hold an element.
    """
    import numpy as np

    keys = {canonical(key): key for key in values.tensors}
    found: dict[str, Source] = {}
    refused: list[Diagnostic] = []
    for name, shape in expected.items():
        elements, misfits = read_tensor(name, values.tensors[keys[name]], shape, dtype)
        path = (*part.claims_path, "parameters", keys[name])
        refused += [part.document.fault(misfit.code, (*path, *misfit.path), misfit.details) for misfit in misfits]
        if not misfits:
            array = np.array([float(element) for element in elements], dtype=dtype).reshape(shape)
            array.flags.writeable = False
            found[name] = Held(array, elements)
    if refused:
        raise SpecError(refused, {part.document.file: part.document.source.text})
    return found


def _decimal(element: Fraction) -> Fraction:
    """Return an element as it is written: what was read from a decimal number as float64 is that decimal number."""
    near = float(element)
    return Fraction(repr(near)) if near == element else element


def holds_values(part: Part) -> bool:
    """Return whether the part, or any within it, brings values, which are read into memory; all else is drawn."""
    return any(isinstance(within.claims.parameters, Values | ParameterFile) for within in part.parts())

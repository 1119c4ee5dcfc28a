"""A fully connected network as what it computes: affine maps one after the other, each with what acts on its result."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netspec.diagnostics import Diagnostic, SpecError, quote
from netspec.equivalence.pieces import pieces, value
from netspec.graph.walk import outputs_of, unrolled, visits
from netspec.layers.faults import Details
from netspec.limits import TENSORS
from netspec.model.tensors import Held
from netspec.operations import Affine, Elementwise, Graph, written
from netspec.sizes import Polynomial
from netspec.spec import Part

if TYPE_CHECKING:
    from netspec.model import Model

Array = NDArray[Any]
"""Numbers of float64, or of Python's `Fraction` where a chain is exact."""

_fraction: Final = np.frompyfunc(Fraction, 1, 1)


def fractions(numbers: Array) -> Array:
    """Return what floating point numbers are, exactly."""
    return np.asarray(_fraction(numbers), object)


def zero(like: Array) -> Any:
    """Return 0 as a number of the kind that an array holds."""
    return Fraction(0) if like.dtype == object else 0.0


class Stage(NamedTuple):
    """h ← a[β + Ω h]: Ω (D_{k+1}, D_k), β (D_{k+1},), and the activation, None where none acts.

    `names` are those of the tensors β and Ω in the network that it comes from; that of β is empty where it has none,
    and both are where the stage comes from no one place. `bias` says whether the network has a β there.
    """

    Omega: Array
    beta: Array
    activation: Elementwise | None
    names: tuple[str, str] = ("", "")
    bias: bool = True

    @property
    def width(self) -> int:
        """D_{k+1}, the units that it gives."""
        return int(self.Omega.shape[0])


class Chain(NamedTuple):
    """y for x of width `inputs`, through the stages in order. `stages` are one or more."""

    inputs: int
    stages: tuple[Stage, ...]

    @property
    def widths(self) -> list[int]:
        """D_0 = D_i, D_1, …, D_{K+1} = D_o, mediators among them."""
        return [self.inputs, *(stage.width for stage in self.stages)]

    @property
    def parameters(self) -> int:
        """How many numbers its maps have, each place counted."""
        return sum(stage.Omega.size + (stage.width if stage.bias else 0) for stage in self.stages)

    @property
    def is_exact(self) -> bool:
        """Whether its numbers are fractions."""
        return self.stages[0].Omega.dtype == object

    def exact(self) -> "Chain":
        """Return the chain in rationals: what its floating point numbers are, to the last digit."""
        if self.is_exact:
            return self
        return self._replace(
            stages=tuple(
                stage._replace(Omega=fractions(stage.Omega), beta=fractions(stage.beta)) for stage in self.stages
            )
        )

    def piecewise_linear(self) -> bool:
        """Return whether every activation has pieces, so that values are rational."""
        return all(pieces(stage.activation) is not None for stage in self.stages)

    def value(self, x: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return y at x in rationals. Raises ValueError for a chain that is not piecewise linear."""
        h = list(x)
        for stage in self.exact().stages:
            sums = [
                sum((w * v for w, v in zip(row, h, strict=True) if w and v), b)
                for row, b in zip(stage.Omega, stage.beta, strict=True)
            ]
            h = sums if stage.activation is None else [value(stage.activation, z) for z in sums]
        return tuple(h)


class _Place(NamedTuple):
    """Where an operation stands: the graph of its part, its position there, and the name of its layer."""

    graph: Graph
    position: int
    name: str


class _Link(NamedTuple):
    """One operation of a chain: an affine map with the names of β (empty where it has none) and Ω, or an activation."""

    operation: Affine | Elementwise
    names: tuple[str, str]
    place: _Place


def chain_of(model: "Model") -> Chain:
    """Return the chain that a model computes, its numbers as float64, which holds those of float32 exactly.

    Raises SpecError `not-fully-connected`, located, for a network that is more than affine maps and activations one
    after the other on one axis.
    """
    found = links(model.graph)
    if isinstance(found, Diagnostic):
        document = model.part.document
        raise SpecError([found], {document.file: document.source.text})
    parameters = model.parameters
    stages: list[Stage] = []
    for link in found:
        if isinstance(link.operation, Elementwise):
            stages[-1] = stages[-1]._replace(activation=link.operation)
            continue
        beta, Omega = link.names
        matrix = parameters[Omega].astype(np.float64)
        bias = parameters[beta].astype(np.float64) if beta else np.zeros(len(matrix))
        stages.append(Stage(matrix, bias, None, link.names, bool(beta)))
    return Chain(stages[0].Omega.shape[1], tuple(stages))


def written_chain(model: "Model") -> Chain:
    """Return the chain of a model in rationals: numbers that a spec writes out as they are written, `16/3` and `0.67`,
    all others as the floating point numbers that they are. Raises SpecError as `chain_of`.
    """
    chain = chain_of(model).exact()
    return chain._replace(
        stages=tuple(
            stage._replace(
                Omega=_as_written(model, stage.names[1], stage.Omega),
                beta=_as_written(model, stage.names[0], stage.beta),
            )
            for stage in chain.stages
        )
    )


def is_written(model: "Model") -> bool:
    """Return whether a spec writes out numbers of the model."""
    return any(isinstance(source, Held) and source.written for source in model.sources.values())


def _as_written(model: "Model", name: str, exact: Array) -> Array:
    source = model.sources.get(name)
    if not isinstance(source, Held) or not source.written:
        return exact
    numbers = np.empty(len(source.written), object)
    numbers[:] = source.as_written()
    return numbers.reshape(exact.shape)


def in_chain(model: "Model") -> Chain | None:
    """Return the chain of a model, None where it is none."""
    return None if isinstance(links(model.graph), Diagnostic) else chain_of(model)


def links(graph: Graph) -> list[_Link] | Diagnostic:
    """Return the operations of a chain in order, those that do nothing left out; or why the graph is none."""
    if len(graph.inputs) != 1 or len(graph.outputs) != 1:
        several = "inputs" if len(graph.inputs) != 1 else "outputs"
        return _refusal(_Place(graph, -1, ""), f"the network has several {several}")
    (shape,) = graph.inputs
    if len(shape) != 1 or isinstance(shape[0], Polynomial) or graph.integers:
        words = f"x has the shape {written(shape)}, and a fully connected network reads one axis of a known size"
        return _refusal(_Place(graph, -1, ""), "x are integers" if graph.integers else words)
    if unrolled(graph) > 4 * TENSORS.value:
        return _refusal(_Place(graph, -1, ""), f"the network has more than {4 * TENSORS.value:,} operations")
    found: list[_Link] = []
    last = 0
    for visit in visits(graph):
        place = _Place(visit.graph, visit.position, visit.place)
        operation = visit.operation
        layer = f"the layer {quote(visit.place)}" if visit.place else "a layer"
        if not isinstance(operation, Affine | Elementwise):
            return _refusal(place, f"{layer} is neither an affine map nor an activation")
        if visit.operands != (last,):
            return _refusal(place, f"{layer} reads something else than the result before it")
        (last,) = visit.results
        if isinstance(operation, Elementwise):
            if operation.linearity == "affine":
                continue
            if not found:
                return _refusal(place, f"{layer} acts on x before any affine map")
            if isinstance(found[-1].operation, Elementwise):
                return _refusal(place, f"{layer} is an activation of what is one already")
        names = {parameter.role: name for name, parameter in visit.tensors}
        found.append(_Link(operation, (names.get("beta", ""), names.get("Omega", "")), place))
    if not found:
        return _refusal(_Place(graph, -1, ""), "the network has no affine map")
    if outputs_of(graph) != (last,):
        return _refusal(_Place(graph, -1, ""), "y is not the last result")
    return found


def place_of(graph: Graph, stage: int) -> _Place:
    """Return where the activation of a stage stands in the spec, for a fault about it."""
    found = links(graph)
    if isinstance(found, Diagnostic):
        raise TypeError("the graph is no chain")
    count = -1
    for link in found:
        count += isinstance(link.operation, Affine)
        if count == stage and isinstance(link.operation, Elementwise):
            return link.place
    return _Place(graph, -1, "")


def fault_at(place: _Place, code: str, words: str, help_: str = "") -> Diagnostic:
    """Return a fault of the layer at a place in the spec."""
    part = place.graph.part
    if not isinstance(part, Part):
        raise TypeError("a graph is assembled from a part")
    path = place.graph.paths[place.position] if place.position >= 0 else part.path
    return part.document.fault(code, path, Details(words, False, help=help_))


def _refusal(place: _Place, words: str) -> Diagnostic:
    help_ = "affine maps and activations one after the other: `widths`, `mlp`, a list of `dense`, compositions of them"
    return fault_at(place, "not-fully-connected", words, help_)


def rounded(numbers: Array, dtype: str) -> Array:
    """Return fractions, or float64, in a dtype, each rounded once to the nearest; what is too large is infinite."""
    if numbers.dtype != object:
        with np.errstate(over="ignore"):
            return numbers.astype(dtype)
    flat = [_nearest(number, dtype) for number in numbers.reshape(-1)]
    with np.errstate(over="ignore"):
        return np.array(flat, np.float64).astype(dtype).reshape(numbers.shape)


def _nearest(number: Fraction, dtype: str) -> float:
    """Return the nearest float64; for float32 one that rounds to what the fraction itself rounds to.

    Where the float64 is not the fraction and lies half way between two numbers of float32, its neighbour on the side of
    the fraction stands for it.
    """
    try:
        near = float(number)
    except OverflowError:
        return float("inf") if number > 0 else float("-inf")
    if dtype == "float32" and _half_way(near):
        rest = number - Fraction(near)
        if rest:
            return float(np.nextafter(near, np.inf if rest > 0 else -np.inf))
    return near


def _half_way(number: float) -> bool:
    """Return whether a float64 lies half way between two numbers of float32, subnormal ones among them."""
    if abs(number) < 2.0**-126:
        return abs(number) * 2.0**149 % 1 == 0.5
    return bool(np.float64(number).view(np.uint64) & np.uint64((1 << 29) - 1) == 1 << 28)


def pairs(chain: Chain) -> Iterator[tuple[Stage, Stage]]:
    """Yield each stage with the one after it."""
    return zip(chain.stages, chain.stages[1:], strict=False)

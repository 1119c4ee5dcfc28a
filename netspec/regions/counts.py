"""How many linear regions a network with given parameters has: the door."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, Protocol

from netspec.bounds.bounds import RegionBounds
from netspec.diagnostics import SystemFault
from netspec.model import Model, check_memory, stored_bytes
from netspec.regions import domains
from netspec.regions.domains import Domain, Span
from netspec.regions.engines import ENGINES
from netspec.regions.lowering import lower
from netspec.regions.numbers import rationals
from netspec.regions.processes import check_workers
from netspec.regions.steps import Chain
from netspec.regions.work import Found, Report, Work

_COPIES: Final = 4
"""How often a network's numbers are held at most: as the model has them, for use, and their magnitudes."""


Arithmetic = Literal["rational", "float64"]
Point = Sequence[Any]


class Buildable(Protocol):
    """What parameters can be had for: a Network."""

    def build(self, *, dtype: Literal["float64"], max_memory: int | None) -> Model:
        """Return it with its parameters."""


@dataclass(frozen=True, slots=True)
class Count:
    """Cells and pieces of a network on a domain.

    A cell is all inputs at which the hidden units lie in the same pieces of their activations. A piece is all inputs,
    connected and but for single points, on which the outputs are one affine map; of these there are never more.
    `complete` is false where the count was interrupted: then so many were found. `unsure` is how many times float64
    could not tell two knots, or two maps, from one; it took them for one. `bounds` are those that are proven for any
    parameters, where the domain is all inputs or a box of them.
    """

    cells: int
    pieces: int
    domain: str
    arithmetic: Arithmetic
    complete: bool
    unsure: int
    bounds: RegionBounds | None

    @property
    def sure(self) -> bool:
        """Whether it is the whole count and no decision of float64 was unsure."""
        return self.complete and self.unsure == 0


class Stopped(KeyboardInterrupt):
    """An interrupt ended a search; `count` is what was found so far."""

    def __init__(self, count: Count) -> None:
        super().__init__()
        self.count = count


def count(
    network: Buildable | Model,
    *,
    box: Sequence[Span] | None = None,
    segment: tuple[Point, Point] | None = None,
    plane: tuple[Point, Point, Point] | None = None,
    rational: bool = False,
    decimal: bool | None = None,
    logits: bool = False,
    workers: int = 1,
    max_memory: int | None = None,
    progress: Report | None = None,
) -> Count:
    """Return how many regions a network has with its parameters, on all inputs unless a domain is given.

    `box` has a span for each input, or one for all; `segment` and `plane` go through two and three inputs, in a row
    each. `rational` counts exactly: a Network, which is built in float64, with the numbers as its spec has them, a
    Model with the binary values that it holds; `decimal` says which otherwise. `logits` counts what goes into a last
    softmax or smooth activation. `progress` is told, now and then, how many cells were found and what share of the work
    is done. An interrupt (Ctrl-C) ends the count early, and it says so.

    Each of several `workers` takes some of the memory, and there are never more of them than it suffices for.

    Raises SpecError `no-regions` where the network is not piecewise linear, SystemFault `too-many-dimensions` where
    nothing counts in so many, `no-memory` and `worker-ended`; ValueError for a domain that does not fit.
    """
    check_workers(workers)
    model, chain = prepared(network, rational=rational, decimal=decimal, logits=logits, max_memory=max_memory)
    domain = domain_of(chain, box, segment, plane, ENGINES)
    engine = ENGINES[domain.dimension]
    found = engine(chain, domain, Work(workers, max_memory, progress))
    return counted(found, chain, domain, bounds_on(model, segment, plane))


def counted(found: Found, chain: Chain, domain: Domain, bounds: RegionBounds | None) -> Count:
    """Return what was found of a chain on a domain, with its words."""
    arithmetic: Arithmetic = "rational" if chain.exact else "float64"
    return Count(found.cells, found.pieces, domain.words, arithmetic, found.complete, found.unsure, bounds)


def bounds_on(model: Model, segment: object, plane: object) -> RegionBounds | None:
    """Return the bounds that are proven for all inputs, and so for a box of them; None on a segment or a plane."""
    return model.facts.regions if segment is None and plane is None else None


def prepared(
    network: Buildable | Model,
    *,
    rational: bool = False,
    decimal: bool | None = None,
    logits: bool = False,
    max_memory: int | None = None,
) -> tuple[Model, Chain]:
    """Return the model of a network, and its steps."""
    built = isinstance(network, Model)
    model = network if isinstance(network, Model) else network.build(dtype="float64", max_memory=max_memory)
    needed = _COPIES * stored_bytes(model.facts, "float64")
    check_memory(needed, max_memory, f"taking {model.name} apart")
    return model, lower(model, exact=rational, decimal=(not built) if decimal is None else decimal, logits=logits)


def domain_of(
    chain: Chain,
    box: Sequence[Span] | None,
    segment: tuple[Point, Point] | None,
    plane: tuple[Point, Point, Point] | None,
    known: Collection[int],
) -> Domain:
    """Return the domain that is asked for.

    Raises ValueError where more than one is, or where it does not fit; SystemFault `too-many-dimensions` where its
    dimension is not among those that are known, before an array is made that has so many.
    """
    if sum(each is not None for each in (box, segment, plane)) > 1:
        raise ValueError("`box`, `segment` and `plane` are domains of their own: give one of them")
    if box is not None:
        domains.check_spans(chain, box)
    dimension = 1 if segment is not None else 2 if plane is not None else chain.inputs
    if dimension not in known:
        raise too_many_dimensions(dimension, known)
    if box is not None:
        return domains.box(chain, [(low, high) for low, high in box])
    if segment is not None:
        return domains.segment(chain, *(_numbers(chain, point) for point in segment))
    if plane is not None:
        return domains.plane(chain, *(_numbers(chain, point) for point in plane))
    return domains.everywhere(chain)


def _numbers(chain: Chain, point: Point) -> Any:
    if not chain.exact:
        return point
    try:
        return rationals(point, decimal=True)
    except ValueError as error:
        raise ValueError("a point holds what is no finite number") from error


def too_many_dimensions(dimension: int, known: Iterable[int]) -> SystemFault:
    """Return the fault for a domain of so many dimensions, where those that are `known` are counted."""
    most = max(known)
    if most == 1:
        headline = f"the regions of {dimension:,} inputs do not follow one another"
        return SystemFault("too-many-dimensions", headline, "`cells` has them in up to six dimensions")
    headline = f"regions are found in up to {most} dimensions, and the domain has {dimension:,}"
    help_ = "take a segment between two inputs, `--segment A B`, or a plane through three, `--plane A B C`"
    return SystemFault("too-many-dimensions", headline, help_)

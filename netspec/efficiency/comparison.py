"""Networks side by side: what they cost, what is proven of what they can express, and per parameter."""

from collections.abc import Sequence
from math import prod
from typing import TYPE_CHECKING, NamedTuple, Protocol

from netspec.efficiency.expressed import Expressed, of_stages
from netspec.efficiency.symmetry import Symmetry, symmetry
from netspec.graph import Facts
from netspec.operations import Graph, Shape
from netspec.sizes import Size
from netspec.spec import Part

if TYPE_CHECKING:
    from netspec.efficiency.rank import Rank


class Checked(Protocol):
    """What a network is here: one that was checked."""

    @property
    def part(self) -> Part:
        """The evaluated spec."""

    @property
    def operations(self) -> Graph:
        """The graph of operations."""

    @property
    def facts(self) -> Facts:
        """What is inferred of it."""


class Compared(NamedTuple):
    """One network of a comparison; what is None is not known, or not defined for it.

    widths: runs of (how many hidden layers, their units), of a chain. regions: what is proven, of a chain of piecewise
    linear layers. rank: the effective dimension that was found, where it was asked for; `rank_at` says at which
    parameters, or why there is none.
    """

    name: str
    variant: str | None
    input: Shape
    output: Shape
    parameters: int
    capacity: Size
    depth: int
    widths: tuple[tuple[int, int], ...] | None
    macs: Size
    regions: Expressed | None
    symmetry: Symmetry | None
    rank: "Rank | None" = None
    rank_at: str = ""

    @property
    def lower_per_parameter(self) -> float | None:
        """log10 of the lower bound on regions, for each parameter."""
        return None if self.regions is None else self.regions.lower.log10 / max(self.parameters, 1)

    @property
    def upper_per_parameter(self) -> float | None:
        """log10 of the upper bound on regions, for each parameter."""
        return None if self.regions is None else self.regions.upper.log10 / max(self.parameters, 1)


def compared(name: str, variant: str | None, graph: Graph, facts: Facts, *, exact: bool = False) -> Compared:
    """Return the row of one network. `exact` asks for exact bounds on regions, where those take a minute too."""
    stages = facts.stages
    regions = None
    if stages is not None:
        inputs = int(prod(facts.input))  # type: ignore[arg-type]  # no free sizes
        regions = of_stages(inputs, stages, exact=exact, free=facts.free, filters=facts.filters)
    runs: list[tuple[int, int]] = []
    for stage in stages or ():
        if runs and runs[-1][1] == stage.units:
            runs[-1] = (runs[-1][0] + stage.count, stage.units)
        else:
            runs.append((stage.count, stage.units))
    return Compared(
        name,
        variant,
        facts.input,
        facts.output,
        facts.parameters,
        facts.capacity,
        facts.depth,
        None if stages is None else tuple(runs),
        facts.macs,
        regions,
        symmetry(graph, facts),
    )


def compare(networks: "Sequence[Checked]", *, exact: bool = False) -> tuple[Compared, ...]:
    """Return the rows of networks as `netspec.load` gives them; `exact` as for `compared`."""
    return tuple(
        compared(network.part.name, network.part.variant, network.operations, network.facts, exact=exact)
        for network in networks
    )

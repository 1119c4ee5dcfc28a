"""A plan of migration as data: what becomes of each tensor, on what grounds, and what of it keeps the function."""

from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from netspec.spec import Dtype

Act = Literal["keep", "rename", "permute", "slice", "pad", "untie", "initialise", "drop"]
ACTS: Final[tuple[Act, ...]] = ("keep", "rename", "permute", "slice", "pad", "untie", "initialise", "drop")
"""What becomes of a tensor. A step that does several of these is called by the one furthest to the right."""

Fill = Literal["drawn", "zero", "copies", "shares"]
FILLS: Final[tuple[Fill, ...]] = ("drawn", "zero", "copies", "shares")
"""What is put behind the end of an axis: as the network would begin, zeros, what stands in front once more, or that
divided among all its copies."""

Begins = Literal["drawn", "identity", "zeros"]
BEGINS: Final[tuple[Begins, ...]] = ("drawn", "identity", "zeros")
"""How a new tensor begins: as `build` begins it, as the map that hands on what it reads, or with zeros."""

Grounds = Literal["by name", "by layer", "by place", "by shape", "as told"]
GROUNDS: Final[tuple[Grounds, ...]] = ("by name", "by layer", "by place", "by shape", "as told")
"""Why a tensor of the file is taken for one of the network: it is called so; the layers of both specs are matched;
names differ in their numbers only, and their order says it; no other has its shape; or the user said so."""

Sizes = tuple[int, ...]


class Edge(NamedTuple):
    """An axis of another length: the leading elements are what they were. `fill` is None where it is cut.

    `block` elements in a row belong to one unit, which is copied whole.
    """

    axis: int
    old: int
    new: int
    fill: Fill | None
    block: int = 1


class Step(NamedTuple):
    """What becomes of one tensor. `source` is its name in the file, `target` its name in the network; one may be None.

    `axes` says which axis of the file's tensor each axis is, empty where they are in order; `edges` are the axes of
    another length after that. `begins` says how a new tensor begins, and is empty for all others.
    """

    source: str | None
    target: str | None
    old_shape: Sizes | None
    new_shape: Sizes | None
    axes: Sizes = ()
    edges: tuple[Edge, ...] = ()
    begins: Begins | Literal[""] = ""
    grounds: Grounds | Literal[""] = ""
    copy: bool = False
    why: str = ""

    @property
    def act(self) -> Act:
        """What becomes of it, in one word."""
        if self.source is None:
            return "initialise"
        if self.target is None:
            return "drop"
        if self.copy:
            return "untie"
        if self.edges:
            return "slice" if any(edge.fill is None for edge in self.edges) else "pad"
        if self.axes:
            return "permute"
        return "keep" if self.source == self.target else "rename"


Recast = Literal["", "widened", "rounded"]
Outcome = Literal["keeps", "unproven", "unknown"]


class Verdict(NamedTuple):
    """Whether the network computes, with the tensors of the plan, what the old one computed with those of the file.

    `keeps` is proven, and `grounds` are the proof's steps; `unproven` has no proof, and `grounds` say where it ends;
    `unknown` is of a file whose network nobody has given.
    """

    outcome: Outcome
    grounds: tuple[str, ...] = ()


HELD: Final = "#spec"
"""What the name of a file of weights ends in where the spec is meant that it holds."""


class Side(NamedTuple):
    """One of the two networks: its file as it was asked for, its name and its fingerprint."""

    file: str
    name: str
    fingerprint: str


class Plan(NamedTuple):
    """What becomes of every tensor of the file and of the network, in the order of the network, what is dropped last.

    `old` is None where it is not known what network the file is of. `recast` says what happens to numbers of the file
    that are of another dtype than the new tensors. `claimed` is of a plan out of a file that says that the function is
    kept, which nothing proves.
    """

    new: Side
    old: Side | None
    weights: str
    dtype: Dtype
    steps: tuple[Step, ...]
    verdict: Verdict
    notes: tuple[str, ...] = ()
    recast: Recast = ""
    claimed: bool = False

    @property
    def empty(self) -> bool:
        """Whether the file is what the network takes, as it is."""
        return not self.recast and all(step.act == "keep" for step in self.steps)


def counted(steps: Iterable[Step]) -> dict[Act, int]:
    """Return how many tensors each of the words is of, in the order of the words."""
    found: dict[Act, int] = dict.fromkeys(ACTS, 0)
    for step in steps:
        found[step.act] += 1
    return found

"""Where parts stand within one another while they are assembled, and what names stand for in a list of layers."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from netspec.layers.faults import Path
from netspec.layers.registry import KEYWORDS
from netspec.layers.scope import Scope
from netspec.operations import Tensor
from netspec.sizes import ExpressionFault, parse
from netspec.spec import Part


class Place(NamedTuple):
    """Where a part is assembled: the parts around it, the outermost first and itself last, and for each of them the
    places among these of the parts that it is written in, itself last.
    """

    frames: tuple[Part, ...]
    chains: tuple[tuple[int, ...], ...]

    @property
    def part(self) -> Part:
        """The part itself."""
        return self.frames[-1]

    def up(self, outward: int) -> int:
        """Return how many parts up the part stands that is `outward` steps out of where this one is written."""
        chain = self.chains[-1]
        return len(self.frames) - 1 - chain[-1 - outward] if outward < len(chain) else outward

    def within(self, part: Part, outward: int, *, shared: bool) -> "Place":
        """Return the place of a part that is applied here, declared `outward` steps out of where this is written.

        A network that is shared stands below the part that declares it. A part that is a file sees its own alone.
        """
        frames, chains, chain = self.frames, self.chains, self.chains[-1]
        around: tuple[int, ...] = ()
        if outward < len(chain):
            declaring = chain[-1 - outward]
            around = chains[declaring] if part.path else ()
            if shared:
                frames, chains = frames[: declaring + 1], chains[: declaring + 1]
        return Place((*frames, part), (*chains, (*around, len(frames))))


class Value:
    """What a name or an item stands for: one tensor, or several by name; and what gave it, with its place."""

    __slots__ = ("name", "notes", "path", "read", "tensor")

    def __init__(self, name: str, path: Path, tensor: Tensor | dict[str, Tensor], notes: str = "") -> None:
        self.name, self.path, self.tensor, self.notes = name, path, tensor, notes
        self.read = False


Values = dict[str, Value | None]
"""Values by name; None for one that is at fault."""


class UnfitError(Exception):
    """What an item reads cannot be had: its fault is told, or that of another item."""


class TooManyError(Exception):
    """There are more layers than may be: what is left is not looked at."""


def derivation(fields: Mapping[str, Any], scope: Scope) -> str:
    """Return how the sizes among an item's arguments came about: `width is 4*D, 256`."""
    told = []
    for key, value in fields.items():
        if isinstance(value, str) and value not in KEYWORDS:
            try:
                expression = parse(value)
                if expression.names and all(name in scope.values for name in expression.names):
                    found = expression.evaluate(scope.values)
                    told.append(f"{key} is {found}" if value == key else f"{key} is {value}, {found}")
            except ExpressionFault:
                continue
    return "; ".join(told[:3])

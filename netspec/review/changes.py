"""What is different between two networks, as data: changes with their class, tensors, and facts before and after."""

from typing import Final, Literal, NamedTuple

from netspec.diagnostics import Diagnostic, Place
from netspec.operations import Shape
from netspec.sizes import Size

Level = Literal["interface", "weights", "function", "budget", "cosmetic"]
LEVELS: Final[tuple[Level, ...]] = ("interface", "weights", "function", "budget", "cosmetic")
"""The classes of a change, the strictest first."""

Kind = Literal[
    "name", "description", "dtype", "hyperparameter", "check", "input", "output", "expect", "parameters", "training",
    "variant",
    "added", "removed", "changed",
]  # fmt: skip
"""What a change is of; the last three are of layers."""

TensorKind = Literal["added", "removed", "renamed", "reshaped", "moved", "tied", "untied", "retied"]
"""`renamed` keeps place and shape, `reshaped` place and name, `moved` the place; `tied` ones are stored no more."""


ORDER: Final = "order"
"""The field of inputs or outputs that come in another order."""


LIST: Final = "the list"
"""The subject of a change of a whole list, which says the same network otherwise."""


class Field(NamedTuple):
    """A field of the written spec with its value before and after, as text; None where it says nothing."""

    name: str
    before: str | None
    after: str | None


class TensorChange(NamedTuple):
    """A tensor, or as many `times` one whose names differ in the numbers of rounds, before and after.

    A name is None, and a shape too, where there is none; `{0…3}` in a name stands for the rounds 0 to 3.
    """

    kind: TensorKind
    before: str | None
    after: str | None
    old_shape: Shape | None
    new_shape: Shape | None
    times: int = 1


class Change(NamedTuple):
    """One change: its class, what it is of, and what comes of it.

    `subject` is the layer, the key or the value by its name, `word` what a layer is; `fields` are what is written
    otherwise. `old` and `new` are where the texts say it; a removed layer's `new` is where it stood, an added one's
    `old` where it would have. `written` is whether the text of the layer itself is another; where it is not, the change
    comes from elsewhere: a hyperparameter, or what the layer reads. `uses` counts the places at which it is applied,
    `names` are those in its text, and `origin` is what a layer that both have is called in the old list. `others` are
    its names at the other places, in the new list and in the old one.
    """

    level: Level
    kind: Kind
    subject: str
    word: str = ""
    fields: tuple[Field, ...] = ()
    tensors: tuple[TensorChange, ...] = ()
    shapes: tuple[Shape | None, Shape | None] | None = None
    renamed: str | None = None
    old: Place | None = None
    new: Place | None = None
    written: bool = True
    uses: int = 1
    names: tuple[str, ...] = ()
    origin: str = ""
    others: tuple[tuple[str, str], ...] = ()

    @property
    def places(self) -> list[tuple[str, str]]:
        """What the layer is called at each place at which its text is applied, in the new list and in the old one."""
        return [(self.subject, self.origin or self.subject), *self.others]

    @property
    def alike(self) -> bool:
        """Whether a layer that both lists have, or its tensors, are called otherwise, and nothing else is another."""
        called = self.renamed is not None or self.origin not in ("", self.subject) or bool(self.tensors)
        alike = not self.fields and self.shapes is None and all(each.kind == "renamed" for each in self.tensors)
        return self.kind == "changed" and called and alike

    @property
    def ordering(self) -> bool:
        """Whether it is of the order of all inputs, or of all outputs."""
        return any(field.name == ORDER for field in self.fields)


class FactChange(NamedTuple):
    """A fact before and after: an exact integer or an expression in free sizes; None where it is not known.

    Where a bound on regions has more than 100,000 digits, only its logarithm is known, `(log10,)`.
    """

    name: str
    before: "Size | float | None"
    after: "Size | float | None"


class VariantDiff(NamedTuple):
    """A variant that both specs have: its facts, and the changes that the networks as written do not have."""

    name: str
    changes: tuple[Change, ...]
    facts: tuple[FactChange, ...]


class Side(NamedTuple):
    """One of the two networks: the name of its file as it was asked for, its own name, and its fingerprint."""

    file: str
    name: str
    fingerprint: str


class Diff(NamedTuple):
    """What is different between two specs. `equal` says that the graphs are: only texts, names within and what is
    asserted may differ.
    """

    old: Side
    new: Side
    equal: bool
    changes: tuple[Change, ...]
    facts: tuple[FactChange, ...]
    variants: tuple[VariantDiff, ...] = ()

    @property
    def every(self) -> list[Change]:
        """The changes of the networks as written, and of the variants."""
        return [*self.changes, *(change for variant in self.variants for change in variant.changes)]

    @property
    def empty(self) -> bool:
        """Whether nothing is different but what is cosmetic."""
        return all(change.level == "cosmetic" for change in self.every)

    @property
    def drawable(self) -> bool:
        """Whether a picture of the networks as written has anything to mark."""
        return any(change.kind in ("added", "removed", "changed", "input", "output") for change in self.changes)

    @property
    def level(self) -> Level:
        """The strictest class of all changes."""
        return strictest(*(change.level for change in self.every))


class Refused(NamedTuple):
    """A spec of which no network can be made: the name of its file, and why."""

    file: str
    diagnostics: tuple[Diagnostic, ...]


def strictest(*levels: Level) -> Level:
    """Return the strictest of several classes; cosmetic where there is none."""
    return min(levels, key=LEVELS.index, default="cosmetic")


def at_least(level: Level, least: Level) -> bool:
    """Whether a class is as strict as another."""
    return LEVELS.index(level) <= LEVELS.index(least)

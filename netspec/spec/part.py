"""A part with its sizes evaluated: a file, or a network within one, under one setting of its hyperparameters."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.layers.faults import Path
from netspec.layers.fields import FILE_NAME
from netspec.layers.layer import Strict
from netspec.layers.scope import Number, Scope
from netspec.operations import Check
from netspec.sizes import Comparison
from netspec.spec.composition import Composition
from netspec.spec.document import Document
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import Claims, Head
from netspec.spec.hyperparameters import Hyperparameter
from netspec.spec.items import Item
from netspec.spec.layered import Layered

if TYPE_CHECKING:
    from netspec.spec.recipe import Recipe  # a recipe is read where a spec has one


class Entry(NamedTuple):
    """One network of a composition: its tensors' first name; for a network shared by name, how many parts up it is
    declared (0: in this one); and where in the file it is named.
    """

    name: str
    part: "Part"
    shared: bool
    up: int
    path: Path


class Template(NamedTuple):
    """What a block or a network is made from, at each use anew: the keys of a part, found at `path` of a document, the
    sizes and the networks around them, and the settings that a file is used with.

    `at` is where it is named; `expects` says that the file around it is as written, so that what it expects holds.
    """

    document: Document
    path: Path
    data: Mapping[str, Any]
    scope: Scope
    around: "tuple[Networks, ...]"
    settings: Mapping[str, Number]
    variant: str | None
    further: bool
    at: tuple[Document, Path]
    expects: bool

    @property
    def origin(self) -> tuple[str, Path]:
        """The file that it is written in, and where."""
        return self.document.relative, self.path


class Networks:
    """The parts that one part declares. `parts` are its networks by name, None where one is at fault, `templates` what
    networks with a list of layers are made from at each use; `blocks` likewise; and the names that are used.
    """

    __slots__ = ("blocks", "parts", "templates", "used")

    def __init__(self) -> None:
        self.parts: dict[str, Part | None] = {}
        self.templates: dict[str, Template] = {}
        self.blocks: dict[str, Template | None] = {}
        self.used: set[str] = set()


class Part:
    """What a spec says once its hyperparameters are set.

    `path` leads to the part within its document (empty for a file), `claims_path` to where its `expect` and
    `parameters` stand; `settings` are the values given to its hyperparameters; `written_layers` counts equal
    neighbours as one and `hidden_layers` each, both with the parts within it at each use; `height` is how many parts
    stand one within the next, itself included. `around` are the networks and blocks of the parts that it is written in,
    the innermost first. `checks` are those over free sizes, and `comparisons` what they compare. `training` is how a
    file says that its network is trained, None where it does not.

    Once its layers are assembled: `items` are they as written, `models` what each was read as when it was first met, by
    the item's path, `instances` the parts that they apply, and `applied` the first of those that have one name, by how
    many parts out it is declared and that name. `block` is what a block was made from.
    """

    __slots__ = (
        "applied", "around", "block", "body", "checks", "claims", "claims_path", "comparisons", "declared", "document",
        "entries", "head", "height", "hidden_layers", "instances", "items", "models", "name", "networks", "path",
        "scope", "settings", "training", "variant", "written_layers",
    )  # fmt: skip

    def __init__(
        self,
        document: Document,
        path: Path,
        head: Head,
        claims: Claims,
        body: FullyConnected | Composition | Layered,
        scope: Scope,
        declared: Mapping[str, Hyperparameter],
    ) -> None:
        self.document, self.path = document, path
        self.head, self.claims, self.body, self.scope, self.declared = head, claims, body, scope, declared
        self.name = head.name or _stem(document, path)
        self.claims_path = path
        self.settings: Mapping[str, Number] = {}
        self.variant: str | None = None
        self.networks = Networks()
        self.around: tuple[Networks, ...] = ()
        self.checks: tuple[Check, ...] = ()
        self.comparisons: tuple[Comparison, ...] = ()
        self.instances: list[Part] = []
        self.items: tuple[Item | None, ...] = ()
        self.models: dict[Path, Strict] = {}
        self.applied: dict[tuple[int, str], Part] = {}
        self.block: Template | None = None
        self.training: Recipe | None = None
        self.entries: tuple[Entry, ...] = ()
        self.written_layers = self.hidden_layers = 0
        self.height = 1

    def training_path(self, key: str) -> Path:
        """Return the path of a key of the training: in the variant where that says it, else in the file."""
        own = (*self.path, "variants", self.variant or "", "training", key)
        if self.variant is not None and self.document.source.node(own) is not None:
            return own
        return (*self.path, "training", key)

    def parts(self) -> Iterator["Part"]:
        """Yield the part and every part within it, each once, in the order of the file, the outermost first."""
        seen: set[int] = set()
        waiting = [self]
        while waiting:
            part = waiting.pop()
            if id(part) not in seen:
                seen.add(id(part))
                yield part
                within = [network for network in part.networks.parts.values() if network is not None]
                waiting.extend(reversed([*within, *(entry.part for entry in part.entries), *part.instances]))


def _stem(document: Document, path: Path) -> str:
    stem = str(path[-1]) if path else document.relative.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return stem if FILE_NAME.match(stem) else "network"

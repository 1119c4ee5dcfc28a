"""A part with its sizes evaluated: a file, or a network within one, under one setting of its hyperparameters."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from netspec.layers.faults import Path
from netspec.layers.fields import FILE_NAME
from netspec.layers.scope import Number, Scope
from netspec.spec.composition import Composition
from netspec.spec.document import Document
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import Claims, Head
from netspec.spec.hyperparameters import Hyperparameter


class Entry(NamedTuple):
    """One network of a composition: its tensors' first name; for a network shared by name, how many parts up it is
    declared (0: in this one); and where in the file it is named.
    """

    name: str
    part: "Part"
    shared: bool
    up: int
    path: Path


class Networks:
    """The networks that one part declares: name to part (None where it is at fault), and the names that are used."""

    __slots__ = ("parts", "used")

    def __init__(self) -> None:
        self.parts: dict[str, Part | None] = {}
        self.used: set[str] = set()


class Part:
    """What a spec says once its hyperparameters are set.

    `path` leads to the part within its document (empty for a file), `claims_path` to where its `expect` and
    `parameters` stand; `settings` are the values given to its hyperparameters; `written_layers` counts equal
    neighbours as one and `hidden_layers` each, both with the parts within it at each use; `height` is how many parts
    stand one within the next, itself included.
    """

    __slots__ = (
        "body", "claims", "claims_path", "declared", "document", "entries", "head", "height", "hidden_layers", "name",
        "networks", "path", "scope", "settings", "variant", "written_layers",
    )  # fmt: skip

    def __init__(
        self,
        document: Document,
        path: Path,
        head: Head,
        claims: Claims,
        body: FullyConnected | Composition,
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
        self.entries: tuple[Entry, ...] = ()
        self.written_layers = self.hidden_layers = 0
        self.height = 1

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
                waiting.extend(reversed([*within, *(entry.part for entry in part.entries)]))


def _stem(document: Document, path: Path) -> str:
    stem = str(path[-1]) if path else document.relative.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    return stem if FILE_NAME.match(stem) else "network"

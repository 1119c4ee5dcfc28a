"""How the faults and findings of one list of layers are told: each at its layer, with what gave the sizes."""

from typing import Final

from netspec.diagnostics import Diagnostic, Note
from netspec.graph.place import Value, derivation
from netspec.layers.faults import Details, Path
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.operations import Builder, Settled, written
from netspec.sizes import Size
from netspec.sizes.dividing import dividing
from netspec.spec import Document, Item, Part

LONGEST: Final = 300
"""Letters of the clause that says why a layer does not fit."""
MOST_ASKED: Final = 8
"""Faults of one network for which checks are looked for that would mend them."""
Pairs = list[tuple[Size, Size]]
"""Sizes that should be equal and are not."""


class Telling:
    """Tells the faults of one part: they join `faults`, and the part is not `sound` any more."""

    def __init__(self, part: Part, faults: list[Diagnostic], settled: Settled) -> None:
        self.settled = settled
        self.document: Document = part.document
        self.path = part.path
        self.faults = faults
        self.sound = True

    def misfit(
        self, item: Item, clause: str, operands: list[Value], net: Builder, scope: Scope, pairs: Pairs, help_: str = ""
    ) -> None:
        """Tell that a layer does not fit what it reads: which sizes, and where each came from.

        `pairs` are the sizes that should be equal, as far as that is known.
        """
        clause = clause if len(clause) <= LONGEST else f"{clause[:LONGEST]}…"
        help_ = help_ or self.rounded(pairs)
        details = Details(
            f"`{item.name}` does not fit: {clause}", False, label=derivation(item.fields, scope), help=help_
        )
        fault = self.document.fault("layer-misfit", item.path, details)
        self.tell([fault._replace(notes=self.given(operands, net))])

    def rounded(self, pairs: Pairs) -> str:
        """Return the help where sizes differ because one was divided and rounded: the checks that make them equal."""
        rounded = [pair for pair in pairs if any("//" in str(size) for size in pair)]
        if not rounded or any(isinstance(a, int) and isinstance(b, int) and a != b for a, b in pairs):
            return ""
        self.settled.asked += 1
        checks = () if self.settled.asked > MOST_ASKED else dividing(rounded, self.settled.helping)
        if not checks:
            return ""
        said = f"`{'`, `'.join(checks)}`"
        return f"if it always divides, say so under `checks`: {said}; it is then taken to hold, and tested at each run"

    def given(self, values: list[Value], net: Builder | None) -> tuple[Note, ...]:
        """Return the notes where values come from, with their shapes where the builder of their graph knows them."""
        notes = []
        for value in dict.fromkeys(values):
            shape = (
                f" gives {written(net.shape(value.tensor))}" if net and isinstance(value.tensor, int) else " is here"
            )
            more = f"; {value.notes}" if value.notes else ""
            notes.append(Note(self.document.source.place(value.path), f"`{value.name}`{shape}{more}"))
        return tuple(notes)

    def unread(self, values: list[Value]) -> None:
        """Find results and inputs that nobody reads."""
        for value in values:
            if not value.read:
                is_input = value.path[len(self.path) : len(self.path) + 1] in (("input",), ("inputs",))
                words = f"nothing reads {'the input' if is_input else 'the result of'} `{value.name}`"
                help_ = "read it with `from`, or take it out"
                self.finding("unread-input" if is_input else "unread-result", value.path, words, help_, key=is_input)

    def fault(self, code: str, path: Path, details: Details) -> None:
        """Tell a fault of the value at `path`."""
        self.tell([self.document.fault(code, path, details)])

    def tell(self, faults: list[Diagnostic]) -> None:
        """Tell faults and findings, as far as anyone reads them."""
        self.sound &= all(fault.severity != "error" for fault in faults)
        if len(self.faults) < MOST_FAULTS:
            self.faults += faults

    def finding(self, code: str, path: Path, words: str, help_: str, *, key: bool = False) -> None:
        """Tell a finding, which is a warning; with `key` it is marked at the key of what stands at `path`."""
        self.tell([self.document.fault(code, path, Details(words, False, (), key, help=help_), "warning")])

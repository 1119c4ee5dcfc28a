"""The way of a spec from bytes to a verdict: read, resolved, assembled, held against its rules, variants included."""

import gc
import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, Note, Place, Span, did_you_mean, quote
from netspec.files.folder import Folder, read_named
from netspec.graph import Assembler, Facts
from netspec.layers.faults import Details, Path
from netspec.layers.scope import MOST_FAULTS, Number
from netspec.limits import SPEC_BYTES, VARIANT_WORK
from netspec.operations import Graph
from netspec.rules import (
    Effort,
    check_expectations,
    check_shadowed_layers,
    check_unused_names,
    check_values,
    excess,
    silence,
)
from netspec.spec import Document, Hyperparameter, Library, Part, Resolver, declare, read_variants

if TYPE_CHECKING:
    from netspec.configuration.policy import Policy


class Choice(NamedTuple):
    """Which network of the family: a variant by name, and settings of hyperparameters; none means as written."""

    variant: str | None = None
    settings: Mapping[str, object] = {}


class Verdict(NamedTuple):
    """What checking a spec found. `part`, `graph` and `facts` are None where an error stands in the way.

    `diagnostics` are in the order of the files; `sources` maps each file that was read to its text.
    """

    part: Part | None
    graph: Graph | None
    facts: Facts | None
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]

    @property
    def valid(self) -> bool:
        """Whether there is no error; warnings may stand."""
        return all(diagnostic.severity != "error" for diagnostic in self.diagnostics)


class Family(NamedTuple):
    """The networks of a spec: the one as written, and each variant under which there is one, by its name.

    What a verdict holds stands in `diagnostics` and `sources`; a member's network is there where no error but one of
    the codes that were allowed speaks against the spec.
    """

    written: "Member | None"
    variants: "Mapping[str, Member]"
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str]


class Member(NamedTuple):
    """One network of a family."""

    part: Part
    graph: Graph
    facts: Facts


AS_WRITTEN = Choice()


@contextmanager
def uncollected() -> Iterator[None]:
    """Keep the collector still: nodes and operations by the hundred thousand would be walked again and again.

    A check is bounded, and of what it leaves behind nothing is missed for the second that it takes.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def check_file(
    path: str,
    *,
    root: str | None = None,
    choice: Choice = AS_WRITTEN,
    pure: bool = False,
    data: bytes | None = None,
    policy: "Policy | None" = None,
) -> Verdict:
    """Return the verdict on the spec at `path`, which may be a symbolic link.

    What it refers to is opened below `root`, its own folder unless given. As written, every variant is checked as
    well; a choice is checked alone. `data` is what the file might hold instead of what it does, `policy` what a
    configuration has in force for it. Raises SystemFault where the file named cannot be read at all; all else is a
    diagnostic.
    """
    with Folder(os.path.dirname(path) if root is None else root) as folder, uncollected():
        name = os.path.basename(path)
        relative = name if root is None else folder.locate(path)
        shown = path[: len(path) - len(name)] if root is None else os.path.join(root, "")
        try:
            data = read_named(path, SPEC_BYTES) if data is None else data
        except FileFault as fault:
            place = Place(path, Span(1, 1, 1, 2))
            refusal = Diagnostic(fault.code, f"{quote(path)}: {fault.reason}", place, help=fault.help)
            return Verdict(None, None, None, (refusal,), {})
        library = Library(folder, shown, pure=pure)
        return _Check(library, policy=policy).run(library.add(data, relative, path), choice)


def check_text(
    text: str,
    file: str = "<text>",
    *,
    choice: Choice = AS_WRITTEN,
    pure: bool = False,
    policy: "Policy | None" = None,
    trains: bool = False,
) -> Verdict:
    """Return the verdict on a spec that is not in a file, and so cannot refer to any.

    The graph of what `trains` has dropout as an operation, which no facts should be told of.
    """
    library = Library(None, pure=pure)
    with uncollected():
        return _Check(library, policy=policy, trains=trains).run(
            library.add(text.encode(errors="surrogatepass"), file, file), choice
        )


def check_family(library: Library, data: bytes, relative: str, file: str, allowed: Container[str] = ()) -> Family:
    """Return every network of the spec that `data` is, which lies at `relative` below the library's root.

    It is checked as by `check_file`, but that files of parameters are not opened, and that errors of the codes
    `allowed` do not stand in the way.
    """
    with uncollected():
        check = _Check(library, values=False)
        verdict = check.run(library.add(data, relative, file), AS_WRITTEN, allowed)
        written = None
        if verdict.part is not None and verdict.graph is not None and verdict.facts is not None:
            written = Member(verdict.part, verdict.graph, verdict.facts)
        return Family(written, {} if written is None else check.members, verdict.diagnostics, verdict.sources)


class _Check:
    """The check of one spec, with all that it refers to; `values` says whether files of parameters are opened.

    `members` are the networks of the variants that were checked. Under a `policy` of its spec, findings are as severe
    as that says, wherever they stand, and the networks of the spec itself are held to its budget.
    """

    def __init__(
        self, library: Library, *, values: bool = True, policy: "Policy | None" = None, trains: bool = False
    ) -> None:
        self.library = library
        self._policy = policy
        self.members: dict[str, Member] = {}
        self._folder = library.folder if values else None
        self.resolver = Resolver(library)
        self.assembler = Assembler(self.resolver, trains=trains)
        self.findings: list[Diagnostic] = []
        self._facts: dict[int, Facts] = {}
        self._checked: dict[int, Part] = {}
        self._declared: dict[int, dict[str, Hyperparameter | None]] = {}
        self._effort = Effort()
        self._misses = 0

    def run(self, document: Document, choice: Choice, allowed: Container[str] = ()) -> Verdict:
        """Return the verdict on the document under a choice; its network too where all errors are `allowed`."""
        part = graph = None
        settings = self._settings(document, choice)
        if settings is not None:
            part, graph = self._network(document, settings, choice)
        if choice == AS_WRITTEN:
            self._variants(document, sound=graph is not None)
        if part is not None:
            self.assembler.examine(part)
        if part is not None and choice == AS_WRITTEN:
            self._unused(part)
        faults = [*self.library.standing(), *self.resolver.faults, *self.assembler.faults, *self.findings]
        parts = () if part is None else part.parts()
        whole = {each.document.relative for each in parts if not each.path and not each.settings}
        for relative, other in self.library.documents.items():
            faults = silence(faults, other.source, whole=choice == AS_WRITTEN and relative in whole)
        sources: Mapping[str, str] = self.library.sources
        if self._policy is not None:  # after what is ignored, so that no ignore is idle because its rule is off
            faults = self._policy.judged(faults)
            sources = {self._policy.file: self._policy.text, **sources}
        diagnostics = tuple(sorted(dict.fromkeys(faults), key=Diagnostic.order))
        verdict = Verdict(part, graph, None, diagnostics, sources)
        if verdict.valid and (graph is None or part is None):
            raise RuntimeError("a spec without a network, and without a fault that says why")
        sound = all(fault.severity != "error" or fault.code in allowed for fault in diagnostics)
        if graph is None or part is None or not sound:
            return verdict._replace(part=None, graph=None)
        return verdict._replace(facts=self._fact(graph, part))

    def _settings(self, document: Document, choice: Choice) -> dict[str, Number] | None:
        """Return the checked settings of a choice; those of a hyperparameter that is itself at fault are left out."""
        raw = document.data.get("hyperparameters")
        found = self._declared.get(id(document))
        if found is None:  # once for the document, whatever the number of its variants
            found = {name: declare(value) for name, value in raw.items()} if isinstance(raw, dict) else {}
            self._declared[id(document)] = found
        declared = {name: value for name, value in found.items() if value is not None}
        at_fault = set(found).difference(declared)
        settings: dict[str, Number] = {}
        if choice.variant is not None:
            variants = read_variants(document.data.get("variants"))
            if choice.variant not in variants:
                names = ", ".join(f"`{name}`" for name in list(variants)[:8])
                near = str(did_you_mean(choice.variant, variants))  # on the command line, not in the file
                help_ = near or (f"it has {names}" if variants else "it has none")
                words = f"there is no variant {quote(choice.variant)}"
                self.findings.append(
                    document.fault("unknown-variant", ("variants",), Details(words, False, key=True, help=help_))
                )
                return None
            path = ("variants", choice.variant)
            written = variants[choice.variant].settings
            unread = raw is not None and not isinstance(raw, dict)
            sound = {name: value for name, value in written.items() if not unread and name not in at_fault}
            named = self.resolver.settings(document, path, sound, declared)
            if named is None:
                return None
            settings.update(named)
        given = self.resolver.settings(document, ("hyperparameters",), choice.settings, declared)
        return None if given is None else {**settings, **given}

    def _network(
        self, document: Document, settings: Mapping[str, Number], choice: Choice
    ) -> tuple[Part | None, Graph | None]:
        """Return the part and the graph under checked settings, all its rules held against it and its parts."""
        part = self.resolver.file(document, settings, choice.variant, further=bool(choice.settings))
        graph = None if part is None else self.assembler.graph(part)
        for within in () if part is None else part.parts():
            if id(within) in self._checked:
                continue
            self._checked[id(within)] = within
            own = self.assembler.graph(within)
            if own is not None:
                self._claims(within, own)
        if part is not None and graph is not None and self._policy is not None and self._policy.budget:
            self._budget(part, graph, self._policy)
        return part, graph

    def _unused(self, part: Part) -> None:
        """Find the names that nothing uses, in the file as written or under any variant."""
        used: dict[tuple[str, Path], dict[int, set[str]]] = {}  # a set is shared by all parts of one file: never copied
        for checked in self._checked.values():
            names = checked.scope.used
            used.setdefault((checked.document.file, checked.path), {})[id(names)] = names
        for within in part.parts():
            self.findings += check_shadowed_layers(within)
            if not within.settings:
                self.findings += check_unused_names(within, used[within.document.file, within.path].values())

    def _claims(self, part: Part, graph: Graph) -> None:
        """Hold a part against what its author says of it, as far as the work is bounded and anyone reads the faults."""
        if self._effort.exceeded or self._misses >= MOST_FAULTS:
            return
        facts = self._fact(graph, part)
        if not self._effort.affords(part, facts):
            self.findings.append(excess(part))
            return
        before = len(self.findings)
        if part.training is not None:
            from netspec.rules.losses import check_losses  # few specs say how they are trained

            self.findings += check_losses(part, facts.outputs)
        self.findings += check_values(part, graph, facts, self._folder)
        self.findings += check_expectations(part, facts, self._effort.decisions)
        if self._effort.exceeded:
            self.findings.append(excess(part))
        self._misses += len(self.findings) - before

    def _budget(self, part: Part, graph: Graph, policy: "Policy") -> None:
        """Hold a network of the spec to its budget, as far as the work is bounded."""
        from netspec.rules.budget import check_budget  # loaded where there is one

        if self._effort.exceeded:
            return
        if self._effort.affords_budget(part):
            self.findings += check_budget(part, self._fact(graph, part), policy.budget)
        else:
            self.findings.append(excess(part))

    def _fact(self, graph: Graph, part: Part) -> Facts:
        if id(graph) not in self._facts:
            self._facts[id(graph)] = Facts(graph, part.head.dtype)
        return self._facts[id(graph)]

    def _variants(self, document: Document, *, sound: bool) -> None:
        """Check every variant; what is wrong under one, and not in the file as written, names it.

        Where the file itself is not `sound`, only the settings are checked: the rest would be told again.
        """
        variants = read_variants(document.data.get("variants"))
        work = sum(other.work for other in self.library.documents.values())
        if len(variants) * work > VARIANT_WORK.value:
            words = f"{len(variants):,} variants of {work:,} values are too many to check"
            details = Details(words, False, key=True, help=f"variants times values may be {VARIANT_WORK.value:,}")
            self.findings.append(document.fault(VARIANT_WORK.code, ("variants",), details))
            return
        for name in variants:
            self._variant(document, name, sound=sound)

    def _variant(self, document: Document, name: str, *, sound: bool) -> None:
        collected = (self.resolver.faults, self.assembler.faults, self.findings)
        before = [len(faults) for faults in collected]
        choice = Choice(name)
        settings = self._settings(document, choice)
        if settings is not None and sound:
            part, graph = self._network(document, settings, choice)
            if part is not None and graph is not None:
                self.members[name] = Member(part, graph, self._fact(graph, part))
        note = Note(document.source.place(("variants", name), key=True), f"in the variant `{name}`")
        for faults, start in zip(collected, before, strict=True):
            for i in range(start, len(faults)):
                span = faults[i].place.span
                if span is None or note.place.span is None or not _within(document, name, span):
                    faults[i] = faults[i]._replace(notes=(*faults[i].notes, note))


def _within(document: Document, name: str, span: Span) -> bool:
    """Whether a fault stands in the variant itself, so that naming the variant would say it twice."""
    node = document.source.node(("variants", name))
    return node is not None and node.span.line <= span.line <= node.span.end_line

"""From documents to parts: hyperparameters set, sizes evaluated, references followed; every fault collected.

A file is resolved once for each setting of its hyperparameters, however often it is used. What follows from a fault
that is already reported is held back: a part that cannot be resolved is None, and whoever uses it stays silent.
"""

from collections.abc import Mapping
from typing import Any

from pydantic_core import PydanticCustomError

from netspec.diagnostics import Diagnostic, FileFault, Note, did_you_mean, quote, show
from netspec.layers.faults import Details, Mark, Path, refusals
from netspec.layers.fields import NAME, named_value
from netspec.layers.scope import MOST_FAULTS, Number, Scope
from netspec.limits import HIDDEN_LAYERS, REFERENCE_CHAIN, TOTAL_VALUES, VARIANT_WORK, WRITTEN_LAYERS
from netspec.operations import Check, Shape
from netspec.sizes import Comparison
from netspec.spec.circles import Circles, find_circles, shown_chain
from netspec.spec.composition import Composition, FileReference
from netspec.spec.document import Document
from netspec.spec.free_sizes import with_symbols
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import read_variants
from netspec.spec.hyperparameters import Hyperparameter, declare, setting, values
from netspec.spec.library import Library
from netspec.spec.part import Entry, Networks, Part, Template
from netspec.spec.reading import obstacles, read_list, read_part

_SPEC_SUFFIXES = (".yaml", ".yml")
_OF_A_FILE = (
    ("variants", "only a file has variants", "give them to the file"),
    ("training", "only a file has a training", "give it to the file: what it holds is trained together"),
)


class Resolver:
    """Resolves the parts of one library. `faults` grows as parts are resolved."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.faults: list[Diagnostic] = []
        self._files: dict[tuple[str, str | None, bool, tuple[tuple[str, Number], ...]], Part | None] = {}
        self._open: list[str] = []
        self._expecting: list[bool] = []  # of each open file whether it is as written, so that what it expects holds
        self._height = 0
        self._declarations: dict[str, dict[str, Hyperparameter]] = {}
        self._required: dict[str, list[str]] = {}
        self._instances: dict[tuple[object, ...], tuple[Template, Part | None]] = {}
        self._circles: dict[str, Circles] = {}
        self._work = 0  # of the files that were resolved, at each setting

    def file(
        self,
        document: Document,
        settings: Mapping[str, Number],
        variant: str | None = None,
        *,
        further: bool = False,
    ) -> Part | None:
        """Return the part that a document is under checked settings; None where a fault says why not.

        A variant brings its own claims; `further` says that the settings go beyond its own, so that what it expects
        no longer holds.
        """
        if document.source.tree is None:
            return None
        key = (document.relative, variant, further, tuple(sorted(settings.items())))
        if key not in self._files:
            self._work += document.work
            self._open.append(document.relative)
            self._expecting.append(not settings)
            self._files[key] = self._part(document, (), document.data, Scope({}), (), settings, variant, further)
            self._expecting.pop()
            self._open.pop()
        return self._files[key]

    def settings(
        self,
        document: Document,
        path: Path,
        given: Mapping[str, object],
        declared: Mapping[str, Hyperparameter],
        scope: Scope | None = None,
    ) -> dict[str, Number] | None:
        """Return the settings found at `path` of a document, checked against what is declared; None where one is at
        fault. Where a scope is given, they may be expressions over it.
        """
        checked: dict[str, Number] = {}
        for name, written in given.items():
            if len(self.faults) >= MOST_FAULTS:
                return None
            at = path
            try:
                at = (*path, name)  # a fault of the value alone is at the value
                value = written if scope is None else named_value(written, scope)
                at = path
                checked[name] = setting(value, name, declared, (name,))
            except PydanticCustomError as error:
                self._refused(document, at, error)
        return checked if len(checked) == len(given) else None

    def instance(
        self, template: Template, given: Mapping[str, Number], incoming: tuple[Shape, ...], integers: frozenset[int]
    ) -> Part | None:
        """Return the part that a block or a network is for what comes in; None where it is at fault.

        `given` are checked settings of its hyperparameters, `integers` which of what comes in are such. Of equal ones
        there is one, so that what is wrong with it is told once.
        """
        settings = {**template.settings, **given}
        told = (template.variant, tuple(sorted(settings.items())), incoming, integers)
        key = (id(template.data), id(template.scope), *told)
        if key not in self._instances:
            data = dict(template.data)
            self._open.append(template.document.relative)
            self._expecting.append(template.expects and not given and not template.settings)
            part = self._part(
                template.document,
                template.path,
                data,
                template.scope,
                template.around,
                settings,
                template.variant,
                template.further or bool(given),
                incoming,
            )
            self._instances[key] = (template, part)  # with what its key is made of, which so stays alive
            self._expecting.pop()
            self._open.pop()
        return self._instances[key][1]

    def examined(self, template: Template) -> Part | None:
        """Return the part that a block or a network is where nothing says what comes in, or what its hyperparameters
        are: names that need a value are held back. None where it is at fault.
        """
        self._open.append(template.document.relative)
        self._expecting.append(True)
        part = self._part(
            template.document, template.path, dict(template.data), template.scope, template.around, template.settings,
            None, unbound=True,
        )  # fmt: skip
        self._expecting.pop()
        self._open.pop()
        return part

    def declared(self, template: Template) -> dict[str, Hyperparameter]:
        """Return the hyperparameters that a block declares, as far as they are sound."""
        return {name: value for name, value in _declarations(template.data).items() if value is not None}

    def _part(
        self,
        document: Document,
        path: Path,
        data: dict[str, Any],
        outer: Scope,
        around: tuple[Networks, ...],
        settings: Mapping[str, Number],
        variant: str | None,
        further: bool = False,
        incoming: tuple[Shape, ...] | None = None,
        *,
        unbound: bool = False,
    ) -> Part | None:
        """Return the part whose keys are `data`; `outer` and `around` are the sizes and networks that it sees.

        `incoming` are the shapes that come in where the part is used, and which its free sizes then are. One that is
        `unbound` is used nowhere, and may have hyperparameters without a value.
        """
        before = len(self.faults)
        if before >= MOST_FAULTS:  # so that what is refused costs no more than what is accepted
            return None
        self.faults += obstacles(document, path, data)
        if len(self.faults) > before:
            return None
        if document.relative not in self._circles:
            self._circles[document.relative] = find_circles(document)
            self.faults += self._circles[document.relative].faults
        declared, scope = self._scope(document, path, data, outer, settings, unbound=unbound)
        scope = with_symbols(document, path, data, scope, incoming, self.faults)
        expects = self._expecting[-1] if variant is None else not further
        reading, faults = read_part(document, path, data, scope, variant, expects=expects)
        if unbound and reading.body is None and not faults:  # held back with what comes in, which is not needed
            reading = reading._replace(body=read_list(document, path, data, scope))
        self.faults += faults
        for key, words, help_ in _OF_A_FILE if path else ():
            if key in data:
                self._fault(document, "unknown-key", path, Details(words, False, (key,), True, help=help_))
        checks: list[tuple[Check, Comparison]] = []
        if reading.head is not None and reading.head.checks:
            from netspec.spec.checks import hold  # few specs have any

            checks = hold(document, path, reading.head.checks, scope, self.faults)
        networks = self._networks(document, path, _networks(data), scope, around)
        self._blocks(document, path, _networks(data, "blocks"), scope, (networks, *around))
        if reading.head is None or reading.claims is None or reading.body is None:
            return None
        part = Part(document, path, reading.head, reading.claims, reading.body, scope, declared)
        part.claims_path, part.settings, part.variant, part.networks = reading.claims_path, settings, variant, networks
        part.around, part.training = around, reading.training
        part.checks, part.comparisons = tuple(c for c, _ in checks), tuple(c for _, c in checks)
        if isinstance(reading.body, Composition):
            self._compose(part, reading.body, (networks, *around))
            if len(part.entries) < len(reading.body.compose):  # at fault, perhaps in the text of its file
                return None
        elif isinstance(reading.body, FullyConnected):
            part.written_layers = 1 + sum(1 for _ in reading.body.runs())
            part.hidden_layers = reading.body.depth
            self._bound(part, "widths")
        return part if len(self.faults) == before else None

    def _scope(
        self,
        document: Document,
        path: Path,
        data: Mapping[str, Any],
        outer: Scope,
        settings: Mapping[str, Number],
        *,
        unbound: bool,
    ) -> tuple[dict[str, Hyperparameter], Scope]:
        """Return what a part declares and the sizes it sees; a name whose declaration is at fault is held back."""
        found = _declarations(data)
        declared = {name: value for name, value in found.items() if value is not None}
        for name in declared:
            if name in outer.values:
                words = f"the name `{name}` is taken: a hyperparameter around this network has it"
                around = next(path[:i] for i in range(len(path)) if _declares(document, path[:i], name))
                first = Mark((*around, "hyperparameters", name), "the one around", key=True)
                at, help_ = (*path, "hyperparameters", name), "rename one, or leave it out to use the one around"
                self._fault(document, "name-taken", (), Details(words, False, at, True, "", (first,), help_))
        at_fault = frozenset(found).difference(declared)
        held_back = outer.held_back | at_fault if at_fault else outer.held_back
        scope, refusals = values(declared, settings, Scope(outer.values, held_back, used=outer.used))
        scope.blind = outer.blind or not isinstance(data.get("hyperparameters", {}), dict)
        for code, at, details in refusals:
            if not (unbound and code == "hyperparameter-not-given"):
                self._fault(document, code, (*path, *at), details)
        return declared, scope

    # -- parts within parts -----------------------------------------------------------------------------------------

    def _networks(
        self,
        document: Document,
        path: Path,
        declared: Mapping[str, dict[str, object] | None],
        scope: Scope,
        around: tuple[Networks, ...],
    ) -> Networks:
        """Resolve the networks that a part names; each may use those above it, and those of the parts around.

        A name of its own goes before the same name around: a part that was a file keeps its meaning when it is
        written out within another.
        """
        networks = Networks()
        for name, data in declared.items():
            at = (*path, "networks", name)
            if data is None or at in self._circles[document.relative].parts:
                networks.parts[name] = None
            elif "file" in data:
                template = self._file_template(document, at, data, scope)
                networks.parts[name] = None
                if template is not None:
                    networks.templates[name] = template
                    networks.parts[name] = self._file_part(template, data)
            elif self._too_deep(document, at):
                networks.parts[name] = None
            else:
                self._height += 1
                networks.parts[name] = self._part(document, at, data, scope, (networks, *around), {}, None)
                networks.templates[name] = self._inline(document, at, data, scope, (networks, *around))
                self._height -= 1
        return networks

    def _blocks(
        self,
        document: Document,
        path: Path,
        declared: Mapping[str, dict[str, object] | None],
        scope: Scope,
        around: tuple[Networks, ...],
    ) -> None:
        """Give a part its blocks; what is in one is read where it is used, with the settings and the sizes there."""
        for name, data in declared.items():
            at = (*path, "blocks", name)
            if data is None or at in self._circles[document.relative].parts:
                around[0].blocks[name] = None
            elif "file" in data:
                around[0].blocks[name] = self._file_template(document, at, data, scope, required=False)
            else:
                around[0].blocks[name] = self._inline(document, at, data, scope, around)

    def _inline(
        self, document: Document, at: Path, data: dict[str, Any], scope: Scope, around: tuple[Networks, ...]
    ) -> Template:
        return Template(document, at, data, scope, around, {}, None, False, (document, at), self._expecting[-1])

    def _file_part(self, template: Template, data: Mapping[str, object]) -> Part | None:
        """Return the part that a file is with its own free sizes."""
        document, at = template.at
        return self._used(
            document, (*at, "file"), template.document, template.settings, template.variant, bool(data.get("set"))
        )

    def _file_template(
        self, document: Document, at: Path, data: dict[str, object], scope: Scope, *, required: bool = True
    ) -> Template | None:
        """Return what `{file: …, set: …, variant: …}` means.

        Where it is `required`, every hyperparameter needs a value here; a block is given them where it is used.
        """
        reference, faults = document.read(FileReference, data, at, scope)
        self.faults += faults
        target = None if reference is None else self._referred(document, (*at, "file"), reference.file)
        if reference is None or target is None:
            return None
        declared = self._declared(target)
        given: Mapping[str, object] = {}
        if reference.variant is not None:
            variants = read_variants(target.data.get("variants"))
            if reference.variant not in variants:
                words = f"{quote(reference.file)} has no variant {quote(reference.variant)}"
                listed = ", ".join(quote(name) for name in list(variants)[:8])
                help_ = did_you_mean(reference.variant, variants) or (f"it has {listed}" if listed else "it has none")
                self._fault(document, "unknown-variant", at, Details(words, False, ("variant",), help=help_))
                return None
            given = variants[reference.variant].settings
        named = self.settings(target, ("variants", reference.variant or ""), given, declared)
        settings = self.settings(document, (*at, "set"), reference.set, declared, scope)
        if named is None or settings is None:
            return None
        every = {**named, **settings}
        if required and not self._given(document, at, target, every, ("set: ", "")):
            return None
        return Template(
            target, (), target.data, Scope({}), (), every, reference.variant, bool(settings), (document, at), not every
        )

    def _used(
        self,
        document: Document,
        at: Path,
        target: Document,
        settings: Mapping[str, Number],
        variant: str | None = None,
        further: bool = False,
    ) -> Part | None:
        """Return the part that a file is where another one refers to it, within the bound on what is resolved anew."""
        most = TOTAL_VALUES.value + VARIANT_WORK.value
        if self._work > most:
            words = f"the files of this spec have more than {most:,} values, counted at each setting of theirs"
            self._fault(document, TOTAL_VALUES.code, at, Details(words, False, help="use fewer settings"))
            return None
        return self.file(target, settings, variant, further=further)

    def _given(
        self,
        document: Document,
        at: Path,
        target: Document,
        settings: Mapping[str, Number],
        around: tuple[str, str],
    ) -> bool:
        """Refuse the use of a file, at `at`, that leaves a hyperparameter without a value.

        In the help, `around` stands before and behind the setting that gives it one.
        """
        self._declared(target)
        missing = [name for name in self._required[target.relative] if name not in settings]
        for name in missing:
            words = f"the hyperparameter `{name}` of {quote(target.relative)} is not set"
            help_ = f"write `{around[0]}{{{name}: …}}{around[1]}`"
            fault = document.fault("hyperparameter-not-given", at, Details(words, False, help=help_))
            place = target.source.place(("hyperparameters", name))
            self.faults.append(fault._replace(notes=(Note(place, "declared without a value"),)))
        return not missing

    def _declared(self, document: Document) -> dict[str, Hyperparameter]:
        """Return what a file declares, as far as it is sound; read once, however often the file is used."""
        found = self._declarations.get(document.relative)
        if found is None:
            found = {name: value for name, value in _declarations(document.data).items() if value is not None}
            self._declarations[document.relative] = found
            self._required[document.relative] = [
                name for name, value in found.items() if value.default is None and value.derived is None
            ]
        return found

    def _compose(self, part: Part, body: Composition, visible: tuple[Networks, ...]) -> None:
        """Give a composition its entries, named as its tensors will be."""
        taken: dict[str, int] = {}
        entries: list[Entry] = []
        for i, written in enumerate(body.compose):
            at = (*part.path, "compose", i)
            up = next((up for up, networks in enumerate(visible) if written in networks.parts), None)
            if up is not None:
                visible[up].used.add(written)
                network = visible[up].parts[written]
                entry = None if network is None else Entry(written, network, True, up, at)
            elif written.endswith(_SPEC_SUFFIXES):
                entry = self._fresh(part.document, at, written, taken, visible)
            else:
                entry = None
                if len(self.faults) < MOST_FAULTS:
                    self._unknown(part.document, at, written, visible)
            if entry is not None:
                entries.append(entry)
                taken.setdefault(entry.name, 1)
        part.entries = tuple(entries)
        if len(entries) == len(body.compose):
            part.written_layers = 1 + sum(entry.part.written_layers for entry in entries)
            part.hidden_layers = sum(entry.part.hidden_layers for entry in entries)
            part.height = 1 + max(entry.part.height for entry in entries)
            self._bound(part, "compose")

    def _unknown(self, document: Document, at: Path, written: str, visible: tuple[Networks, ...]) -> None:
        """Refuse an entry that is neither a network in sight nor a path."""
        near = did_you_mean(written, [name for networks in visible for name in networks.parts])
        meant = f"{show(written)}.yaml" if NAME.match(written) else "fold.yaml"
        help_ = near or f"write the path of a spec, such as `{meant}`, or declare it under `networks`"
        self._fault(
            document, "unknown-network", at, Details(f"there is no network {quote(written)}", False, help=help_)
        )

    def _fresh(
        self, document: Document, at: Path, written: str, taken: dict[str, int], visible: tuple[Networks, ...]
    ) -> Entry | None:
        """Return the entry that is a file: its own parameters, named by its stem, by `stem_2` the second time.

        `taken` holds for each name the last number that was given to it as a stem.
        """
        stem = written.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        if not NAME.match(stem) or stem in ("in", "out"):
            words = f"a network that is composed by its path is called by its stem, and {quote(stem)} is not a name"
            help_ = f"name it under `networks`, such as `fold: {{file: {show(written)}}}`, and compose that name"
            self._fault(document, "bad-name", at, Details(words, False, help=help_))
            return None
        target = self._referred(document, at, written)
        if target is None:
            return None
        if not self._given(document, at, target, {}, (f"networks: {{{stem}: {{file: {show(written)}, set: ", "}}")):
            return None
        part = self._used(document, at, target, {}, None)
        if part is None:
            return None
        name = stem
        while name in taken or any(name in networks.parts for networks in visible):
            taken[stem] = taken.get(stem, 1) + 1
            name = f"{stem}_{taken[stem]}"
        return Entry(name, part, False, 0, at)

    def _bound(self, part: Part, key: str) -> None:
        """Refuse a part that holds more than the limits on what must be walked or unrolled, or too far within."""
        if part.height > REFERENCE_CHAIN.value:
            self._too_high(part.document, (*part.path, key))
        for limit, number in ((WRITTEN_LAYERS, part.written_layers), (HIDDEN_LAYERS, part.hidden_layers)):
            if number > limit.value:
                words = f"there are {number:,} {limit.name}; the limit is {limit.value:,}"
                details = Details(words, False, (key,), True, help="`netspec limits` lists the limits")
                self._fault(part.document, limit.code, part.path, details)

    def _referred(self, document: Document, at: Path, reference: str) -> Document | None:
        """Return the document that the text at `at` refers to; None where it is refused or its text is at fault."""
        try:
            if not reference.endswith(_SPEC_SUFFIXES):
                raise FileFault("bad-path", "it is not the path of a spec", "the name of a spec ends in .yaml or .yml")
            target = self.library.open(document.relative, reference)
        except FileFault as fault:
            self._fault(
                document, fault.code, at, Details(f"{quote(reference)}: {fault.reason}", False, help=fault.help)
            )
            return None
        if target.relative in self._open:
            chain = [*self._open[self._open.index(target.relative) :], target.relative]
            words = f"the file is a part of itself: {shown_chain([quote(name) for name in chain])}"
            help_ = "take the reference out: a network cannot hold itself"
            self._fault(document, "reference-cycle", at, Details(words, False, help=help_))
            return None
        return None if target.source.tree is None or self._too_deep(document, at) else target

    def _too_deep(self, document: Document, at: Path) -> bool:
        if len(self._open) + self._height <= REFERENCE_CHAIN.value:
            return False
        self._too_high(document, at)
        return True

    def _too_high(self, document: Document, at: Path) -> None:
        words = f"more than {REFERENCE_CHAIN.value} parts stand one within the next"
        help_ = "compose parts side by side rather than one within the next"
        self._fault(document, REFERENCE_CHAIN.code, at, Details(words, False, key=True, help=help_))

    def _fault(self, document: Document, code: str, path: Path, details: Details) -> None:
        self.faults.append(document.fault(code, path, details))

    def _refused(self, document: Document, path: Path, error: PydanticCustomError) -> None:
        for code, details in refusals(error):
            self._fault(document, code, path, details)


def _declarations(data: Mapping[str, Any]) -> dict[str, Hyperparameter | None]:
    """Return what a part declares; None for a declaration at fault."""
    raw = data.get("hyperparameters")
    return {name: declare(value) for name, value in raw.items()} if isinstance(raw, dict) else {}


def _declares(document: Document, path: Path, name: str) -> bool:
    return document.source.node((*path, "hyperparameters", name)) is not None


def _networks(data: Mapping[str, Any], key: str = "networks") -> dict[str, dict[str, object] | None]:
    """Return the parts that a part names; None for what is no mapping, which the head's reading reports."""
    raw = data.get(key)
    if not isinstance(raw, dict):
        return {}
    return {name: keys if keys and isinstance(keys, dict) else None for name, keys in raw.items()}

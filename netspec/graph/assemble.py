"""From a part to its graph of operations: bodies built, compositions joined, every join checked."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from netspec.diagnostics import Diagnostic, Note, Place
from netspec.graph.place import Place as Within
from netspec.graph.place import TooManyError
from netspec.graph.walk import unrolled
from netspec.layers.faults import Details, Mark, Path
from netspec.layers.scope import MOST_FAULTS
from netspec.limits import HIDDEN_LAYERS, REFERENCE_CHAIN
from netspec.operations import Builder, Graph, Name, Round, Settled, Shape, Tensor, written
from netspec.sizes import Known
from netspec.spec import Composition, Document, Entry, FullyConnected, Layered, Part, Resolver, Template

if TYPE_CHECKING:
    from netspec.graph.layered import LayerList
    from netspec.graph.ties import Ties

HANGS_ON_USE: Final = frozenset(
    {
        "check-fails", "division-by-zero", "free-divisor", "free-exponent", "free-size", "integer-too-large",
        "layer-misfit", "negative-power", "out-of-range", "size-asserted", "width-too-large",
    }
)  # fmt: skip
"""Faults within a part that one use of it may have and another one not."""
MOST_EXAMINED: Final = 3_000
"""Layers, and parts, that are looked through though nothing applies them: a quarter of a second."""
MOST_USES: Final = 12
"""Notes of one fault."""


class Assembler:
    """Builds the graph of each part once. `faults` collects joins that do not fit; such a part has no graph.

    `settled` are the free sizes that are equal under what the outermost part says of them. What `trains` has dropout as
    an operation.
    """

    def __init__(self, resolver: Resolver, *, trains: bool = False) -> None:
        self.resolver = resolver
        self.trains = trains
        self.faults: list[Diagnostic] = []
        self.settled = Settled()
        self._examined_layers = MOST_EXAMINED
        self._bare_faults: set[Diagnostic] = set()
        self._noted_faults: set[Diagnostic] = set()
        self.applied: set[tuple[str, Path]] = set()
        """The blocks and networks that something applied."""
        self.lists: list[Ties] = []
        """The tensors of the lists of layers that are being assembled, the outermost first."""
        self._graphs: dict[tuple[int, tuple[int, ...]], tuple[Part, Graph | None]] = {}
        self._alone: dict[int, tuple[Part, Graph | None]] = {}

    def graph(self, part: Part) -> Graph | None:
        """Return the graph of a part, or None where a join does not fit.

        That of a part within another is the one that was built there, where it was.
        """
        if id(part) not in self._alone:
            if part.comparisons:
                sizes = {name: value for name, value in part.scope.values.items() if not isinstance(value, float)}
                self.settled = Settled(Known.of(part.comparisons, sizes))
            try:
                graph = self.within(Within((part,), ((0,),)), None)
            except TooManyError:
                graph = None
            self._alone[id(part)] = (part, graph)
        return self._alone[id(part)][1]

    def within(
        self, place: Within, incoming: tuple[Shape, ...] | None, integers: frozenset[int] = frozenset()
    ) -> Graph | None:
        """Return the graph of the part at a place, for what comes in there, some of which may be `integers`."""
        part = place.part
        key = (id(part), place.chains[-1])
        if key not in self._graphs:
            self._graphs[key] = (part, self._build(place, incoming, integers))
            self._alone.setdefault(id(part), self._graphs[key])
        return self._graphs[key][1]

    def examine(self, part: Part) -> None:
        """Look through the blocks and networks that nothing has applied, as far as it goes without what comes in."""
        waiting = list(part.parts())
        for each in waiting:  # which grows on the way
            for name, network in each.networks.parts.items():
                if network is not None and isinstance(network.body, Layered) and not network.body.shaped:
                    waiting += self._examined(each.networks.templates.get(name))
            for template in each.networks.blocks.values():
                waiting += self._examined(template)

    def _examined(self, template: Template | None) -> list[Part]:
        """Return the parts within a part that nothing has applied, once it was looked through."""
        if template is None or not self.room() or template.origin in self.applied or self._examined_layers < 0:
            return []
        self.applied.add(template.origin)
        part = self.resolver.examined(template)
        if part is not None and isinstance(part.body, Layered):
            within = self._list(Within((part,), ((0,),)))
            with suppress(TooManyError):
                within.examine(part.body)
            self._examined_layers -= within.written
        self._examined_layers -= 1
        return [] if part is None else list(part.parts())

    @contextmanager
    def used(self, document: Document, path: Path, rounds: Name, *, repeat: bool = False) -> Iterator[None]:
        """Note on each fault that arises in here, and that hangs on what came in, by which use it was found, or in
        which round of a `repeat`. A fault that another use has found is not told again.
        """
        collected = (self.resolver.faults, self.faults)
        before = [len(faults) for faults in collected]
        try:
            yield
        finally:
            numbers = [f"round {part.offset}" for part in reversed(rounds) if isinstance(part, Round)]
            which = " of ".join(numbers)
            words = f"in {which}" if repeat else f"used here, in {which}" if which else "used here"
            note = Note(document.source.place(path), words)
            for faults, start in zip(collected, before, strict=True):
                faults[start:] = [told for fault in faults[start:] if (told := self._noted(fault, note, repeat=repeat))]

    def _noted(self, fault: Diagnostic, note: Note, *, repeat: bool) -> Diagnostic | None:
        """Return a fault with the note where that tells anything; None for one that was told of another use."""
        again = fault in self._noted_faults
        if fault.code not in HANGS_ON_USE or len(fault.notes) >= MOST_USES or (again and repeat):
            return fault
        if not again:
            if fault in self._bare_faults:
                return None
            self._bare_faults.add(fault)
        told = fault._replace(notes=(*fault.notes, note))
        self._noted_faults.add(told)
        return told

    def room(self) -> bool:
        """Whether anyone would read one more fault."""
        return len(self.faults) < MOST_FAULTS

    def too_deep(self, place: Within, document: Document, path: Path) -> bool:
        """Refuse parts that stand too deep within one another."""
        if len(place.frames) < REFERENCE_CHAIN.value:
            return False
        words = f"more than {REFERENCE_CHAIN.value} parts stand one within the next"
        self.faults.append(document.fault(REFERENCE_CHAIN.code, path, Details(words, False)))
        return True

    def _build(self, place: Within, incoming: tuple[Shape, ...] | None, integers: frozenset[int]) -> Graph | None:
        part, body = place.part, place.part.body
        if isinstance(body, Composition):
            return self._composed(place, body)
        if isinstance(body, Layered):
            graph = self._list(place).graph(body, incoming, integers)
            return None if graph is None or not self._bounded(part, graph) else graph
        return self._connected(part, body)

    def _list(self, place: Within) -> "LayerList":
        """Return the assembly of a list of layers, whose rules are loaded where a spec has one."""
        from netspec.graph.layered import LayerList

        return LayerList(self, place)

    def _connected(self, part: Part, body: FullyConnected) -> Graph:
        graph = Graph(((body.input,),), part)
        net = Builder(graph)
        net.path = part.path
        graph.outputs = (body.build(net, 0),)
        return graph

    def _bounded(self, part: Part, graph: Graph) -> bool:
        """Refuse a part whose rounds, unrolled, are more than the limit on what is hashed one by one."""
        part.hidden_layers = unrolled(graph) // 2
        if part.hidden_layers <= HIDDEN_LAYERS.value:
            return True
        words = f"there are {part.hidden_layers:,} {HIDDEN_LAYERS.name}; the limit is {HIDDEN_LAYERS.value:,}"
        details = Details(words, False, ("layers",), True, help="`netspec limits` lists the limits")
        self.faults.append(part.document.fault(HIDDEN_LAYERS.code, part.path, details))
        return False

    def _composed(self, place: Within, body: Composition) -> Graph | None:
        part = place.part
        bodies = [self._entered(place, entry) for entry in part.entries]
        for network in part.networks.parts.values():
            if network is not None:
                self.graph(network)
        if any(inner is None for inner in bodies):
            return None
        graphs = [inner for inner in bodies if inner is not None]
        sound = self._asserted(part, body.input, graphs[0].inputs[0], "input", part.entries[0], "reads")
        graph = Graph(graphs[0].inputs, part)
        net = Builder(graph)
        x: Tensor = 0
        for i, (entry, inner) in enumerate(zip(part.entries, graphs, strict=True)):
            if len(inner.inputs) != 1 or len(inner.outputs) != 1 or inner.integers:
                words = f"`{entry.name}` is no map of one value of numbers to one, as what is composed is"
                self.faults.append(part.document.fault("compose-join", entry.path, Details(words, False)))
                return None
            if net.shape(x) != inner.inputs[0]:
                self._misfit(part, i, net.shape(x), inner.inputs[0])
                sound = False
            net.path = entry.path
            net.layer = (entry.name,)
            (x,) = net.call((x,), (entry.name,), inner, up=place.up(entry.up), shared=entry.shared)
        graph.outputs = (x,)
        sound &= self._asserted(part, body.output, net.shape(x), "output", part.entries[-1], "gives")
        for entry in part.entries:
            sound &= self._same_dtype(part, entry)
        return graph if sound else None

    def _entered(self, place: Within, entry: Entry) -> Graph | None:
        """Return the graph of a part that is composed."""
        return self.within(place.within(entry.part, entry.up, shared=entry.shared), None)

    def _misfit(self, part: Part, i: int, given: Shape, wanted: Shape) -> None:
        before, entry = part.entries[i - 1], part.entries[i]
        words = f"`{before.name}` gives {written(given)}, but `{entry.name}` expects {written(wanted)}"
        help_ = f"let `{before.name}` give {written(wanted)}, or `{entry.name}` read {written(given)}"
        details = Details(words, False, label=f"reads {written(wanted)}", help=help_)
        fault = part.document.fault("compose-join", entry.path, details)
        notes = (
            Note(part.document.source.place(before.path), f"gives {written(given)}"),
            *_declared(before, "output", given),
            *_declared(entry, "input", wanted),
        )
        self.faults.append(fault._replace(notes=notes))

    def _same_dtype(self, part: Part, entry: Entry) -> bool:
        outer, inner = part.head.dtype, entry.part.head.dtype
        if outer == inner:
            return True
        words = f"this network computes in {outer}, but `{entry.name}` in {inner}"
        details = Details(words, False, help=f"write `dtype: {inner}` here, or change the part")
        fault = part.document.fault("compose-dtype", entry.path, details)
        within = (*entry.part.path, "dtype")
        if entry.part.document.source.node(within) is not None:
            fault = fault._replace(notes=(Note(entry.part.document.source.place(within), f"`{entry.name}` says so"),))
        self.faults.append(fault)
        return False

    def _asserted(self, part: Part, said: int | None, found: Shape, key: str, entry: Entry, verb: str) -> bool:
        if said is None or (said,) == found:
            return True
        words = f"`{key}` says {said}, but `{entry.name}` {verb} {written(found)}"
        at = _below(entry.path, part.path)
        help_ = f"write `{key}: {written(found)}`, or leave it out: it is inferred"
        details = Details(words, False, (key,), marks=(Mark(at, f"{verb} {written(found)}"),), help=help_)
        self.faults.append(part.document.fault("size-asserted", part.path, details))
        return False


def _declared(entry: Entry, key: str, shape: Shape) -> tuple[Note, ...]:
    """Return the note where a part that is fully connected says its size, in its own file."""
    part = entry.part
    if not isinstance(part.body, FullyConnected):
        return ()
    place: Place = part.document.source.place((*part.path, key))
    return (Note(place, f"`{entry.name}` {'gives' if key == 'output' else 'reads'} {written(shape)}"),)


def _below(path: Path, base: Path) -> Path:
    return path[len(base) :]

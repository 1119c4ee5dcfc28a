"""From a part to its graph of operations: bodies built, compositions joined, every join checked."""

from netspec.diagnostics import Diagnostic, Note, Place
from netspec.layers.faults import Details, Mark, Path
from netspec.operations import Builder, Graph, Shape, Tensor
from netspec.spec import Composition, Entry, Part


class Assembler:
    """Builds the graph of each part once. `faults` collects joins that do not fit; such a part has no graph."""

    def __init__(self) -> None:
        self.faults: list[Diagnostic] = []
        self._graphs: dict[int, tuple[Part, Graph | None]] = {}

    def graph(self, part: Part) -> Graph | None:
        """Return the graph of a part, or None where a join does not fit."""
        found = self._graphs.get(id(part))
        if found is None:
            found = self._graphs[id(part)] = (part, self._build(part))
        return found[1]

    def _build(self, part: Part) -> Graph | None:
        body = part.body
        if isinstance(body, Composition):
            return self._composed(part, body)
        graph = Graph(((body.input,),), part)
        net = Builder(graph)
        net.path = part.path
        graph.outputs = (body.build(net, 0),)
        return graph

    def _composed(self, part: Part, body: Composition) -> Graph | None:
        bodies = [self.graph(entry.part) for entry in part.entries]
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
            if net.shape(x) != inner.inputs[0]:
                self._misfit(part, i, net.shape(x), inner.inputs[0])
                sound = False
            net.path = entry.path
            x = net.call(x, (entry.name,), inner, up=entry.up, shared=entry.shared)
        graph.outputs = (x,)
        sound &= self._asserted(part, body.output, net.shape(x), "output", part.entries[-1], "gives")
        for entry in part.entries:
            sound &= self._same_dtype(part, entry)
        return graph if sound else None

    def _misfit(self, part: Part, i: int, given: Shape, wanted: Shape) -> None:
        before, entry = part.entries[i - 1], part.entries[i]
        words = f"`{before.name}` gives {size(given)}, but `{entry.name}` expects {size(wanted)}"
        help_ = f"let `{before.name}` give {size(wanted)}, or `{entry.name}` read {size(given)}"
        details = Details(words, False, label=f"reads {size(wanted)}", help=help_)
        fault = part.document.fault("compose-join", entry.path, details)
        notes = (
            Note(part.document.source.place(before.path), f"gives {size(given)}"),
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
        words = f"`{key}` says {said}, but `{entry.name}` {verb} {size(found)}"
        at = _below(entry.path, part.path)
        help_ = f"write `{key}: {size(found)}`, or leave it out: it is inferred"
        details = Details(words, False, (key,), marks=(Mark(at, f"{verb} {size(found)}"),), help=help_)
        self.faults.append(part.document.fault("size-asserted", part.path, details))
        return False


def size(shape: Shape) -> str:
    """Return a shape as messages write it: a width as a number, another shape in brackets."""
    return str(shape[0]) if len(shape) == 1 else str(list(shape))


def _declared(entry: Entry, key: str, shape: Shape) -> tuple[Note, ...]:
    """Return the note where a part that is fully connected says its size, in its own file."""
    part = entry.part
    if isinstance(part.body, Composition):
        return ()
    place: Place = part.document.source.place((*part.path, key))
    return (Note(place, f"`{entry.name}` {'gives' if key == 'output' else 'reads'} {size(shape)}"),)


def _below(path: Path, base: Path) -> Path:
    return path[len(base) :]

"""What comes into a list of layers, and what leaves it."""

from netspec.graph.place import UnfitError, Value, Values
from netspec.graph.telling import Telling
from netspec.graph.wiring import Wiring
from netspec.layers.faults import Details, Path
from netspec.operations import Graph, Settled, Shape, written
from netspec.sizes import Polynomial, symbol, symbols
from netspec.spec import Layered, Part
from netspec.spec.layered import INTEGERS


class Ends:
    """The inputs and outputs of one part."""

    def __init__(self, part: Part, told: Telling, wiring: Wiring, settled: Settled) -> None:
        self.part, self.told, self.wiring, self.settled = part, told, wiring, settled

    def inputs(
        self, body: Layered, incoming: tuple[Shape, ...] | None, given: frozenset[int]
    ) -> tuple[tuple[Shape, ...] | None, tuple[str, ...], set[int]]:
        """Return the shapes that come in, their names where they have some, and which are integers."""
        part = self.part
        if body.input is not None and body.inputs is not None:
            details = Details("`input` is the only input, and here are `inputs` too", False, ("inputs",), True)
            self.told.fault("two-bodies", part.path, details._replace(help="keep one of them"))
            return None, (), set()
        intakes = {"in": body.input} if body.inputs is None else body.inputs
        names = () if body.inputs is None else tuple(body.inputs)
        integers = {
            i
            for i, each in enumerate(intakes.values())
            if (i in given if each is None or each.dtype is None else each.dtype in INTEGERS)
        }
        if incoming is None:
            missing = [name for name, each in intakes.items() if each is None or each.shape is None]
            if missing and not part.path:
                key = "input" if body.inputs is None else "inputs"
                words = f"the key `{key}` is missing" if body.inputs is None else "the inputs of a file have shapes"
                help_ = f"add `{key}: …`, the shape of what comes in"
                self.told.fault(
                    "missing-key", part.path, Details(words, False, () if not names else (key,), help=help_)
                )
            if missing:
                return None, names, integers
            incoming = tuple(each.shape for each in intakes.values() if each is not None and each.shape is not None)
            self._lone(incoming, names)
        for tensor, (name, intake) in enumerate(intakes.items()):
            if intake is not None and intake.shape is not None and not self.agrees(incoming[tensor], intake.shape):
                words = f"{written(incoming[tensor])} comes in, but `{name}` is declared as {written(intake.shape)}"
                at = ("inputs", name) if names else ("input",)
                self.told.fault("size-asserted", part.path, Details(words, False, at))
                return None, names, integers
        return incoming, names, integers

    def _lone(self, shapes: tuple[Shape, ...], names: tuple[str, ...]) -> None:
        """Refuse an axis of an input that computes with free sizes: none could be told from what comes in."""
        known: set[str] = set()
        for i, shape in enumerate(shapes):
            for axis, size in enumerate(shape):
                if isinstance(size, Polynomial):
                    known |= symbols(size)
                    if str(size) not in self.part.scope.values:
                        at = ("inputs", names[i], axis) if names else ("input", axis)
                        words = f"an axis of an input is one free size or a number, got `{size}`"
                        details = Details(words, False, at, help=self._named(size))
                        self.told.fault("input-axis", self.part.path, details)
        body = self.part.body
        for i, name in enumerate(body.symbols if isinstance(body, Layered) else ()):
            if name not in known:
                words = f"no input has an axis `{name}`, so that no run could tell it"
                help_ = f"make it an axis of an input, such as `input: [{name}, 32]`, or take it out"
                self.told.fault("unbound-symbol", self.part.path, Details(words, False, ("symbols", i), help=help_))

    def _named(self, size: Polynomial) -> str:
        """Return the help for an axis that computes: to name it itself, and to say in a check what it is."""
        sight = self.part.scope.values
        name = next((letter for letter in "MLNSABCDEFGHJKPQRTUVWXYZ" if letter not in sight), "size")
        first = min(symbols(size))
        slope = size.terms.get(frozenset({(first, 1)}), 0)
        rest = size - slope * symbol(first)
        axis = f"name the axis itself, such as `{name}`, in `symbols`"
        if slope < 2 or not isinstance(rest, int):
            return f"{axis}, and compute with it elsewhere"
        above = f"({name} {'-' if rest > 0 else '+'} {abs(rest)})" if rest else name
        return f"{axis}, with `checks: [{name} % {slope} == {rest % slope}]`; `{first}` is then `{above} // {slope}`"

    def outputs(self, body: Layered, graph: Graph, values: Values, last: Value | None) -> None:
        """Let the results leave that the part names, each of the shape that it asserts; else the last one."""
        path = self.part.path
        if body.outputs is not None and body.output is not None:
            details = Details("`output` is the only output, and here are `outputs` too", False, ("outputs",), True)
            self.told.fault("two-bodies", path, details._replace(help="keep one of them"))
            return
        if body.outputs is not None:
            tensors = []
            for name, shape in body.outputs.items():
                try:
                    value, tensor = self.wiring.find(name, values, (*path, "outputs"), (name,), key=True)
                except UnfitError:
                    self.told.sound = False
                    continue
                tensors.append(tensor)
                if shape is not None and not self.agrees(graph.shapes[tensor], shape):
                    self._misasserted(value, ("outputs", name), name, shape, graph.shapes[tensor])
            graph.outputs, graph.output_names = tuple(tensors), tuple(body.outputs)
            return
        if body.output is None and not path:
            help_ = "add `output: …`, the shape of the last result, or `outputs` by name"
            self.told.fault("missing-key", path, Details("the key `output` is missing", False, help=help_))
        if last is None:
            self.told.sound = False
            return
        if isinstance(last.tensor, dict):
            name = next(iter(last.tensor))
            words = f"`{last.name}` gives several values, and one has to leave"
            help_ = (
                f"let each leave by a layer of its own, such as `identity: {{from: {last.name}.{name}, as: {name}}}`"
            )
            self.told.fault("several-results", last.path, Details(words, False, help=f"{help_}, named in `outputs`"))
            return
        last.read = True
        graph.outputs = (last.tensor,)
        if body.output is not None and not self.agrees(graph.shapes[last.tensor], body.output):
            self._misasserted(last, ("output",), "output", body.output, graph.shapes[last.tensor])

    def _misasserted(self, value: Value, at: Path, name: str, said: Shape, found: Shape) -> None:
        words = f"`{name}` says {written(said)}, but `{value.name}` gives {written(found)}"
        rounded = self.told.rounded(list(zip(said, found, strict=False)) if len(said) == len(found) else [])
        help_ = rounded or f"write {written(found)}, or change `{value.name}`"
        fault = self.told.document.fault("size-asserted", self.part.path, Details(words, False, at, help=help_))
        self.told.tell([fault._replace(notes=self.told.given([value], None))])

    def agrees(self, found: Shape, said: Shape) -> bool:
        return self.settled.shape(found) == self.settled.shape(said)

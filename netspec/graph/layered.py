"""From a list of layers to its graph: names resolved, layers lowered, blocks and networks applied, rounds repeated.

What does not fit is told at its layer, with the layers that gave the sizes; what reads it is not blamed again.
"""

from collections.abc import Mapping
from contextlib import nullcontext, suppress
from typing import TYPE_CHECKING

from netspec.diagnostics import Note, quote
from netspec.graph.ends import Ends
from netspec.graph.habits import find_habits, shortcut
from netspec.graph.place import Place, TooManyError, UnfitError, Value, Values, derivation
from netspec.graph.telling import Pairs, Telling
from netspec.graph.ties import Ties
from netspec.graph.wiring import Wiring, by_name, listed
from netspec.layers.faults import Details
from netspec.layers.layer import Layer
from netspec.layers.registry import kind
from netspec.layers.scope import Number, Scope
from netspec.limits import WRITTEN_LAYERS
from netspec.operations import Builder, Graph, Name, OperationFault, Round, Shape, Tensor, TieFault
from netspec.operations import written as spelled
from netspec.sizes import SizeFault
from netspec.spec import REPEAT, Asserted, Item, Layered, Part, Repeated, Vocabulary, parts_of, read_items, references
from netspec.spec.circles import shown_chain
from netspec.spec.part import Template

if TYPE_CHECKING:
    from netspec.graph.assemble import Assembler


class LayerList:
    """The assembly of one part with a list of layers."""

    def __init__(self, assembler: "Assembler", place: Place) -> None:
        self.assembler, self.place = assembler, place
        self.part = place.part
        self.document = self.part.document
        self.told = Telling(self.part, assembler.faults, assembler.settled)
        self.wiring = Wiring(self.told)
        self.ends = Ends(self.part, self.told, self.wiring, assembler.settled)
        self.written = 0
        self.visible = (self.part.networks, *self.part.around)
        self._open: list[Graph] = []
        self.ties = Ties(self.told, self._open, assembler.lists)
        self._made: list[Value] = []

    def graph(
        self, body: Layered, incoming: tuple[Shape, ...] | None, integers: frozenset[int] = frozenset()
    ) -> Graph | None:
        """Return the part's graph for what comes in; None where a fault says why not, or nothing says what comes in."""
        part = self.part
        self.assembler.lists.append(self.ties)
        try:
            return self._graph(body, incoming, integers)
        except SizeFault as fault:  # of sizes that are compared where no layer stands
            self.told.fault(fault.code, (*part.path, "layers"), Details(fault.message, False, key=True))
            return None
        finally:
            self.assembler.lists.pop()

    def _graph(self, body: Layered, incoming: tuple[Shape, ...] | None, integers: frozenset[int]) -> Graph | None:
        shapes, names, declared = self.ends.inputs(body, incoming, integers)
        if shapes is None:
            return None
        part = self.part
        graph = Graph(shapes, part, names)
        graph.shapes = [self.assembler.settled.shape(shape) for shape in shapes]
        graph.integers = declared
        net = Builder(graph, settled=self.assembler.settled, trains=self.assembler.trains)
        self._open.append(graph)
        values: Values = {
            name: Value(name, (*part.path, "inputs", name) if names else (*part.path, "input"), tensor)
            for tensor, name in enumerate(names or ("in",))
        }
        inputs = list(values.values())
        items = part.items = self._read(body)
        first = inputs[0] if len(inputs) == 1 else None
        last = self._items(items, net, values, first, part.scope, ())
        self.ends.outputs(body, graph, values, last)
        part.written_layers = 1 + self.written
        if not self.told.sound:
            return None
        self.told.unread([*(value for value in inputs if value is not None), *self._made])
        graph.checks = part.checks
        return graph

    def examine(self, body: Layered) -> None:
        """Find what is wrong with a list of layers whatever comes in: words, arguments, names."""
        values: Values = dict.fromkeys(("in",) if body.inputs is None else body.inputs)
        scope = self.part.scope
        self._examine(self._read(body), values, _held(scope, body.symbols))

    def _read(self, body: Layered) -> tuple[Item | None, ...]:
        """Return the items of a list; the parts that they name are used, whether the items are ever applied or not."""
        vocabulary = Vocabulary(
            frozenset(name for networks in self.visible for name in networks.blocks),
            frozenset(name for networks in self.visible for name in networks.parts),
        )
        items, faults = read_items(self.document, (*self.part.path, "layers"), body.layers, vocabulary)
        self.told.tell(faults)
        for word in parts_of(items):
            self.visible[self._declared(word)[0]].used.add(word)
        return items

    # -- the list ---------------------------------------------------------------------------------------------------

    def _items(
        self,
        items: tuple[Item | None, ...],
        net: Builder,
        values: Values,
        above: Value | None,
        scope: Scope,
        rounds: tuple[Round, ...],
    ) -> Value | None:
        """Append the items in order; return what the last one gives, None where that is at fault.

        `above` is what stands above the first item, None where there is nothing or not one thing.
        """
        start = above
        for i, item in enumerate(items):
            value: Value | None = None
            if item is not None and not item.lost and self.assembler.room():
                self.written += 1
                self._count(item)
                try:
                    value = self._item(item, net, values, above, scope, rounds, first=i == 0 and start is None)
                except UnfitError:
                    self.told.sound = False
            else:
                self.told.sound = False
            if item is not None and not item.named:
                self.wiring.unnamed.setdefault(item.name, item.path)
            elif item is not None:
                if item.name in values and values[item.name] is not None:
                    taken = values[item.name]
                    words = f"the name `{item.name}` is taken: a value in sight has it"
                    fault = self.document.fault("name-taken", item.at, Details(words, False, ("as",), help="rename it"))
                    self.told.tell([fault._replace(notes=self.told.given([taken], None) if taken is not None else ())])
                values[item.name] = value
            if item is not None and value is None:
                self.ties.lost.add(item.name)
            if value is not None and item is not None:
                self._made.append(value)
                self._assert_shape(item, net, value, scope)
            above = value
        return above

    def _count(self, item: Item) -> None:
        if self.written > WRITTEN_LAYERS.value:
            words = f"there are more than {WRITTEN_LAYERS.value:,} {WRITTEN_LAYERS.name}"
            self.told.fault(
                WRITTEN_LAYERS.code, item.path, Details(words, False, help="`netspec limits` lists the limits")
            )
            raise TooManyError

    def _item(
        self,
        item: Item,
        net: Builder,
        values: Values,
        above: Value | None,
        scope: Scope,
        rounds: tuple[Round, ...],
        *,
        first: bool,
    ) -> Value:
        net.path = item.path
        numbers: Name = tuple(part for each in rounds for part in (".", each))
        net.layer = (item.name, *numbers)
        if item.part:
            return self._applied(item, net, values, above, scope, numbers, first=first)
        if item.word == REPEAT:
            return self._repeated(item, net, values, above, scope, rounds, first=first)
        return self._layer(item, net, values, above, scope, numbers, first=first)

    def _layer(
        self,
        item: Item,
        net: Builder,
        values: Values,
        above: Value | None,
        scope: Scope,
        numbers: Name,
        *,
        first: bool,
    ) -> Value:
        of = kind(item.word)
        layer, faults = self.document.read(of, dict(item.fields), item.at, scope, ("from", "as", "shape", "tie"))
        self.told.tell(faults)
        operands = self.wiring.operands(item, of, values, above, first=first)
        ties = self.ties.of(item)
        if layer is None:
            raise UnfitError
        self.part.models.setdefault(item.path, layer)
        net.prefix, net.ties, net.owned = (item.name, *numbers, "."), ties, []
        try:
            result = layer.build(net, *(None if value is None else tensor for value, tensor in operands))
        except TieFault as fault:
            self.ties.misfit(item, fault)
            raise UnfitError from fault
        except OperationFault as fault:
            pairs = _compared([net.shape(tensor) for _, tensor in operands], layer)
            given = [value for value, _ in operands if value is not None]
            ordered = sorted(operands, key=lambda each: () if each[0] is None else each[0].path)
            ways = [value.name for value, _ in ordered if value is not None]
            help_ = shortcut(item, [net.shape(tensor) for _, tensor in ordered], ways)
            self.told.misfit(item, str(fault), given, net, scope, pairs, help_)
            raise UnfitError from fault
        except SizeFault as fault:
            self.told.fault(fault.code, item.path, Details(fault.message, False))
            raise UnfitError from fault
        finally:
            net.prefix, net.ties = (), {}
        self.ties.unknown(item, ties, net.owned)
        find_habits(self.told, item, net, operands)
        return Value(item.name, item.path, result, derivation(item.fields, scope))

    def _assert_shape(self, item: Item, net: Builder, value: Value, scope: Scope) -> None:
        """Hold a result against the shape that its item asserts."""
        if item.shape is None:
            return
        if isinstance(value.tensor, dict):
            name = next(iter(value.tensor))
            words = f"`shape` is asserted of one value, and `{item.name}` gives several"
            help_ = f"let a layer read one, such as `identity: {{from: {item.name}.{name}, shape: …}}`"
            self.told.fault("several-results", item.at, Details(words, False, ("shape",), True, help=help_))
            return
        asserted, faults = self.document.read(Asserted, {"shape": item.shape}, item.at, scope)
        self.told.tell(faults)
        found = net.shape(value.tensor)
        if asserted is not None:
            self.part.models.setdefault((*item.path, "shape"), asserted)
        if asserted is not None and not self.ends.agrees(found, asserted.shape):
            words = f"`{item.name}` gives {spelled(found)}, but {spelled(asserted.shape)} is asserted"
            self.told.fault(
                "size-asserted", item.at, Details(words, False, ("shape",), help=f"it gives {spelled(found)}")
            )

    # -- parts ------------------------------------------------------------------------------------------------------

    def _applied(
        self,
        item: Item,
        net: Builder,
        values: Values,
        above: Value | None,
        scope: Scope,
        numbers: Name,
        *,
        first: bool,
    ) -> Value:
        """Apply a block, with parameters of its own, or a network, with those it has wherever it is used."""
        outward, shared = self._declared(item.word)
        template = self._template(item, outward, shared=shared)
        settings = self._settings(item, template, scope, shared=shared)
        if self._circular(item, template):
            raise UnfitError
        operands = self._part_operands(item, template, values, above, first=first)
        if settings is None:
            raise UnfitError
        shapes = tuple(net.shape(tensor) for _, tensor in operands)
        integers = frozenset(i for i, (_, tensor) in enumerate(operands) if tensor in net.graph.integers)
        self.assembler.applied.add(template.origin)
        with self.assembler.used(self.document, item.path, numbers):
            part = self.assembler.resolver.instance(template, settings, shapes, integers)
            if part is None:
                raise UnfitError
            place = self.place.within(part, outward, shared=shared)
            self.part.instances.append(part)
            part.block = None if shared else template
            self.part.applied.setdefault((outward, item.word), part)
            graph = self.assembler.within(place, shapes, integers)
            if graph is None:
                raise UnfitError
        self.written += part.written_layers
        self._count(item)
        if not self._fits(item, net, graph, operands):
            raise UnfitError
        name: Name = (item.word,) if shared else (item.name, *numbers)
        up = self.place.up(outward) if shared else 0
        results = net.call(tuple(tensor for _, tensor in operands), name, graph, up=up, shared=shared)
        if graph.output_names:
            return Value(item.name, item.path, dict(zip(graph.output_names, results, strict=True)))
        return Value(item.name, item.path, results[0])

    def _template(self, item: Item, outward: int, *, shared: bool) -> Template:
        """Return what a part is made from. Raises UnfitError where that is at fault."""
        networks = self.visible[outward]
        template = networks.templates.get(item.word) if shared else networks.blocks[item.word]
        if template is None or (shared and networks.parts[item.word] is None):
            raise UnfitError
        if item.tie is not None:
            help_ = "tie within the block" if not shared else "a network has its own tensors wherever it is used"
            words = f"`{item.word}` is a part, and ties none of its tensors"
            self.told.fault("tie", item.at, Details(words, False, ("tie",), help=help_))
        return template

    def _declared(self, word: str) -> tuple[int, bool]:
        """Return how far out a part in sight is declared, and whether it is a network."""
        for outward, networks in enumerate(self.visible):
            if word in networks.parts:
                return outward, True
            if word in networks.blocks:
                return outward, False
        raise KeyError(word)

    def _settings(self, item: Item, template: Template, scope: Scope, *, shared: bool) -> dict[str, Number] | None:
        """Return the settings that a use of a block gives to its hyperparameters, all of which need a value."""
        resolver = self.assembler.resolver
        if shared:
            for key in item.fields:
                words = f"the network `{item.word}` takes only its inputs, and {quote(key)} is none"
                help_ = "a block takes hyperparameters at each use; a network is one instance"
                self.told.fault("unknown-key", item.at, Details(words, False, (key,), True, help=help_))
            return None if item.fields else {}
        declared = resolver.declared(template)
        given = resolver.settings(self.document, item.at, item.fields, declared, scope)
        if given is None:
            return None
        missing = [
            name
            for name, each in declared.items()
            if each.default is None and each.derived is None and name not in given and name not in template.settings
        ]
        for name in missing:
            words = f"the hyperparameter `{name}` of the block `{item.word}` is not given"
            details = Details(words, False, help=f"write `{item.word}: {{{name}: …}}`")
            fault = self.document.fault("hyperparameter-not-given", item.path, details)
            place = template.document.source.place((*template.path, "hyperparameters", name))
            self.told.tell([fault._replace(notes=(Note(place, "declared without a value"),))])
        return None if missing else given

    def _circular(self, item: Item, template: Template) -> bool:
        """Refuse a part that is applied within itself, and parts too deep within one another."""
        frames = self.place.frames
        same = (i for i, part in enumerate(frames) if (part.document, part.path) == (template.document, template.path))
        within = next(same, None)
        if within is not None:  # by way of files: within one, such parts are found before
            names = [f"`{_spoken(part)}`" for part in (*frames[within:], frames[within])]
            words = f"`{item.word}` is applied within itself: {shown_chain(names)}"
            help_ = "take it out: a part cannot hold itself; `repeat` applies it again and again"
            self.told.fault("reference-cycle", item.path, Details(words, False, help=help_))
        return within is not None or self.assembler.too_deep(self.place, self.document, item.path)

    def _part_operands(
        self, item: Item, template: Template, values: Values, above: Value | None, *, first: bool
    ) -> list[tuple[Value, Tensor]]:
        """Return what a part reads: its only input, or its inputs by name."""
        inputs = template.data.get("inputs")
        names = [name for name in inputs if isinstance(name, str)] if isinstance(inputs, dict | list) else []
        if len(names) > 1 or (names and isinstance(item.reads, dict)):
            if isinstance(item.reads, list) and len(item.reads) == len(names):
                item = item._replace(reads=dict(zip(names, item.reads, strict=True)))
            if not isinstance(item.reads, dict):
                words = f"`{item.word}` reads values by name: {listed(names)}"
                self.told.fault("reads", item.path, Details(words, False, help=by_name(names)))
                raise UnfitError
            return [
                (value, tensor) for value, tensor in self.wiring.named(item, values, names, set()) if value is not None
            ]
        return [self.wiring.one(item, values, above, first=first)]

    def _fits(self, item: Item, net: Builder, graph: Graph, operands: list[tuple[Value, Tensor]]) -> bool:
        """Whether what comes in is what a part with sizes of its own reads; a list of layers holds that itself."""
        inner = graph.part
        if isinstance(inner, Part) and inner.head.dtype != self.part.head.dtype:
            words = f"this network computes in {self.part.head.dtype}, but `{item.word}` in {inner.head.dtype}"
            self.told.fault("compose-dtype", item.path, Details(words, False, help="let both compute in one dtype"))
            return False
        for i, (value, tensor) in enumerate(operands):
            found, wanted = net.shape(tensor), graph.inputs[i]
            if not self.ends.agrees(found, wanted):
                clause = f"it reads {spelled(wanted)}, and gets {spelled(found)}"
                self.told.misfit(item, clause, [value], net, self.part.scope, list(zip(found, wanted, strict=False)))
                return False
            if (tensor in net.graph.integers) != (i in graph.integers):
                reads = "integers" if i in graph.integers else "numbers"
                gets = "numbers" if i in graph.integers else "integers"
                self.told.misfit(item, f"it reads {reads}, and gets {gets}", [value], net, self.part.scope, [])
                return False
        return True

    # -- what nothing applies ---------------------------------------------------------------------------------------

    def _examine(self, items: tuple[Item | None, ...], values: Values, scope: Scope) -> None:
        """Look through items of which nothing is known but what is written."""
        for item in items:
            if item is None or not self.assembler.room():
                continue
            self.written += 1
            self._count(item)
            with suppress(UnfitError):
                if not item.lost:
                    self._examine_item(item, values, scope)
            if item.named:
                values[item.name] = None
            else:
                self.wiring.unnamed.setdefault(item.name, item.path)

    def _examine_item(self, item: Item, values: Values, scope: Scope) -> None:
        if item.part:
            outward, shared = self._declared(item.word)
            template = self._template(item, outward, shared=shared)
            self._settings(item, template, scope, shared=shared)
            self._part_operands(item, template, values, None, first=False)
            return
        of = Repeated if item.word == REPEAT else kind(item.word)
        read, faults = self.document.read(of, dict(item.fields), item.at, scope, ("from", "as", "shape", "tie"))
        self.told.tell(faults)
        if item.word == REPEAT:
            index = read.index if isinstance(read, Repeated) else None
            self._examine(item.inner, {**values, "in": None}, _held(scope, [] if index is None else [index]))
            self.wiring.one(item, values, None, first=False)
        else:
            self.wiring.operands(item, kind(item.word), values, None, first=False)

    # -- repeats ----------------------------------------------------------------------------------------------------

    def _repeated(
        self,
        item: Item,
        net: Builder,
        values: Values,
        above: Value | None,
        scope: Scope,
        rounds: tuple[Round, ...],
        *,
        first: bool,
    ) -> Value:
        """Apply the rounds of a repeat. The first ones stand alone until a round keeps the shape of what it reads."""
        repeat, faults = self.document.read(Repeated, dict(item.fields), item.at, scope)
        self.told.tell(faults)
        if item.tie is not None:
            words = "`repeat` has no tensors itself, and ties none"
            help_ = "tie them at a layer of a round"
            self.told.fault("tie", item.at, Details(words, False, ("tie",), True, help=help_))
        start, x = self.wiring.one(item, values, above, first=first)
        if repeat is None:
            raise UnfitError
        self.part.models.setdefault(item.path, repeat)
        indexed = repeat.index
        if indexed is not None and indexed in scope.values:
            words = f"the name `{indexed}` is taken: a size in sight has it"
            self.told.fault("name-taken", item.at, Details(words, False, ("index",), help="rename it"))
        around: dict[str, Value] = {}
        for name in references(item.inner):
            value = values.get(name)
            if name != "in" and name in values and value is not None:
                around[name] = value
                value.read = True
        if not repeat.times:
            held = _held(scope, [] if indexed is None else [indexed])
            self._examine(item.inner, {**dict.fromkeys(values), "in": None}, held)
        outer = list(dict.fromkeys(tensor for value in around.values() for tensor in _tensors(value)))
        number, ins = 0, net.path
        while number < repeat.times:
            inner = Builder(
                Graph((net.shape(x), *(net.shape(tensor) for tensor in outer)), self.part),
                level=net.level + 1,
                settled=net.settled,
                trains=net.trains,
            )
            inner.graph.integers = {i for i, tensor in enumerate((x, *outer)) if tensor in net.graph.integers}
            position = {tensor: i for i, tensor in enumerate(outer, start=1)}
            own: Values = {name: None for name, value in values.items() if value is None}
            own.update({name: _moved(value, position) for name, value in around.items()})
            entered = Value("in", start.path if number == 0 else item.path, 0)
            own["in"] = entered
            sizes = scope
            if indexed is not None:
                sizes = Scope({**scope.values, indexed: number}, scope.held_back, scope.digits, scope.used)
            here = (*rounds, Round(len(rounds), number))
            self._open.append(inner.graph)
            with self.assembler.used(self.document, item.path, here, repeat=True) if number else nullcontext():
                last = self._items(item.inner, inner, own, entered, sizes, here)
            self._open.pop()
            if last is None:
                raise UnfitError
            if isinstance(last.tensor, dict):
                name = next(iter(last.tensor))
                words = f"`{last.name}` gives several values, and a round gives one"
                help_ = f"end the round with a layer that reads one, such as `identity: {{from: {last.name}.{name}}}`"
                self.told.fault("several-results", last.path, Details(words, False, help=help_))
                raise UnfitError
            last.read = True
            inner.graph.outputs = (last.tensor,)
            keeps = inner.graph.output_shapes[0] == inner.graph.inputs[0] and indexed is None
            net.path = ins
            times = repeat.times - number if keeps else 1
            x = net.repeated(x, times, inner.graph, outer)
            number += times
        return Value(item.name, item.path, x)


def _compared(shapes: list[Shape], layer: Layer) -> Pairs:
    """Return the sizes of values that a merge joins: those on the axis that they are put along need not be equal."""
    first, *others = shapes or [()]
    if layer.reads != "many" or any(len(other) != len(first) for other in others):
        return []
    along = getattr(layer, "axis", None)
    along = along % len(first) if isinstance(along, int) and first else None
    return [
        (a, b)
        for other in others
        for axis, (a, b) in enumerate(zip(first, other, strict=True))
        if axis != along and a != b and 1 not in (a, b)
    ]


def _held(scope: Scope, names: list[str]) -> Scope:
    """Return a scope in which some names have no value, and nothing that needs one is blamed."""
    held = Scope(scope.values, scope.held_back | frozenset(names), scope.digits, scope.used)
    held.blind = scope.blind
    return held


def _spoken(part: Part) -> str:
    """Return what a part is called where it stands: within its file by its name, else by the file's."""
    return str(part.path[-1]) if part.path else part.document.relative


def _tensors(value: Value) -> tuple[Tensor, ...]:
    return (value.tensor,) if isinstance(value.tensor, int) else tuple(value.tensor.values())


def _moved(value: Value, position: Mapping[Tensor, Tensor]) -> Value:
    """Return a value as the body of a repeat reads it."""
    tensor = value.tensor
    moved = position[tensor] if isinstance(tensor, int) else {name: position[each] for name, each in tensor.items()}
    return Value(value.name, value.path, moved, value.notes)

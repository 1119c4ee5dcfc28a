"""The comparison of two graphs, layer by layer: what was added, removed or changed, with the tensors of each."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from netspec.diagnostics import Place
from netspec.operations import Call, Graph, Shape
from netspec.review.bodies import as_called
from netspec.review.changes import Change, Field, Kind, Level, TensorChange, strictest
from netspec.review.matching import Pairs, match
from netspec.review.outline import HIDDEN, Layer, few, one_by_one, outline, part_of
from netspec.review.places import Beside, field_place, home, names_in, said_count, text_of
from netspec.review.scopes import Scope, called, in_rounds, own_tensors, regrouped, within_mlp
from netspec.review.tensors import Held, tensor_changes
from netspec.review.wiring import Wiring
from netspec.review.written import parameters_field, renamed_shape, renaming
from netspec.spec import REPEAT, Part


class _Draft:
    """A change in the making."""

    def __init__(self, kind: Kind, layer: Layer, subject: str) -> None:
        self.kind, self.subject, self.word = kind, subject, layer.word
        self.level: Level = "cosmetic"
        self.fields: list[Field] = []
        self.tensors: list[TensorChange] = []
        self.shapes: tuple[Shape | None, Shape | None] | None = None
        self.renamed: str | None = None
        self.old: Place | None = None
        self.new: Place | None = None
        self.written = True
        self.uses = 1
        self.names: tuple[str, ...] = ()
        self.origin = ""
        self.others: dict[tuple[str, str], None] = {}
        self.last = layer.name

    @property
    def whole(self) -> Level:
        """Its class; its tensors make it one of weights."""
        return strictest(self.level, "weights") if self.tensors else self.level

    def done(self) -> Change:
        """Return the change."""
        return Change(
            self.whole, self.kind, self.subject, self.word, tuple(self.fields), tuple(self.tensors), self.shapes,
            self.renamed, self.old, self.new, self.written, self.uses, self.names, self.origin,
            tuple(self.others),
        )  # fmt: skip


def paired(old: Scope, new: Scope) -> tuple[Scope, Scope, Pairs]:
    """Return two lists that are one, and which of their layers are pairs; hidden layers one by one while they are few,
    those that are equal and became equal ones together.
    """
    if all(layer.connected for layer in (*old.layers, *new.layers)) and few(old.layers) and few(new.layers):
        old, new = (scope._replace(layers=one_by_one(scope.layers)) for scope in (old, new))
    old = old._replace(layers=as_called(old.layers, new.layers))
    return regrouped(old, new, match([layer.key for layer in old.layers], [layer.key for layer in new.layers]))


class Comparison:
    """Compares the graphs of two networks. `same` says that they are equal, so that no record has to be held against
    another: names of free sizes may differ in them.
    """

    def __init__(self, old: Graph, new: Graph, *, same: bool) -> None:
        self.same = same
        self._names = renaming(new, old)
        self.drafts: dict[object, _Draft] = {}
        self._touched: list[_Draft] = []  # one for each layer that is told, in their order
        self._ties: list[tuple[_Draft, Held, Held]] = []
        self._met: tuple[set[str], set[str]] = (set(), set())
        self._lists(Scope(old, outline(old)), Scope(new, outline(new)), outermost=True)

    def changes(self) -> tuple[Change, ...]:
        """Return the changes in the order of the new list, what was removed where it stood."""
        drafts = list(self.drafts.values())
        self._settle_ties(drafts)
        _settle_names(drafts)
        return tuple(draft.done() for draft in drafts)

    # -- one list ---------------------------------------------------------------------------------------------------

    def _lists(self, old: Scope, new: Scope, *, outermost: bool = False) -> None:
        """Compare two lists that are one."""
        old, new, pairs = paired(old, new)
        partner = dict(pairs)
        back = {j: i for i, j in pairs}
        wiring = Wiring(old, new, partner)
        beside = (Beside(old.graph, old.layers, back), Beside(new.graph, new.layers, partner))
        emitted = -1
        for j, layer in enumerate(new.layers):
            if j not in back:
                self._alone("added", new, layer, beside[0].place(j), old)
                continue
            i = back[j]
            for gone in range(emitted + 1, i):
                if gone not in partner:
                    self._alone("removed", old, old.layers[gone], beside[1].place(gone), new)
            emitted = max(emitted, i)
            self._pair(old, new, old.layers[i], layer, wiring.of(i, j))
        for gone in range(emitted + 1, len(old.layers)):
            if gone not in partner:
                self._alone("removed", old, old.layers[gone], beside[1].place(gone), new)
        self._leaving(old, new, wiring, outermost=outermost)

    def _alone(self, kind: Kind, scope: Scope, layer: Layer, elsewhere: Place | None, other: Scope) -> None:
        """Record a layer that only one list has."""
        draft = _Draft(kind, layer, scope.name + layer.name)
        here = home(layer)
        draft.old, draft.new = (elsewhere, here) if kind == "added" else (here, elsewhere)
        if layer.word == HIDDEN and not isinstance(layer.path[-1], int):  # one width for all: K says how many there are
            counts = [said_count(each.layers[-1]) for each in ((other, scope) if kind == "added" else (scope, other))]
            (draft.old, before), (draft.new, after) = counts
            draft.written, draft.names = before != after, names_in((after, text_of(layer)))
        draft = self._keep(draft, (kind, here, layer.name))
        draft.fields = [
            Field(name, None, value) if kind == "added" else Field(name, value, None)
            for name, value in layer.fields.items()
            if name in layer.said
        ]
        draft.shapes = (None, layer.shape) if kind == "added" else (layer.shape, None)
        draft.level = "function" if layer.stretch else "cosmetic"
        met = self._met[kind == "added"]
        draft.tensors += [_lone(kind, each) for each in self._owned(scope, layer, met) if each.tied is None]

    def _pair(self, old: Scope, new: Scope, a: Layer, b: Layer, wires: list[Field]) -> None:
        """Record how a layer changed, and compare what is within it."""
        if a.word == HIDDEN and a.times != b.times:
            common = min(a.times, b.times)
            if a.times > common:
                self._alone("removed", old, part_of(a, common, a.times), home(b), new)
            else:
                self._alone("added", new, part_of(b, common, b.times), home(a), old)
            a, b = part_of(a, 0, common), part_of(b, 0, common)
        if not wires and self._as_before(old, new, a, b):
            return
        draft = _Draft("changed", b, new.name + b.name)
        draft.origin = old.name + a.name
        if a.kin != b.kin or (a.word != b.word and a.name == b.name):
            draft.fields.append(Field("kind", a.word, b.word))
        if a.kin != b.kin:
            draft.level = "function"
        names = dict.fromkeys((*a.fields, *b.fields)) if a.kin == b.kin else [n for n in a.fields if n in b.fields]
        draft.fields += [
            Field(name, a.fields.get(name, "none"), b.fields.get(name, "none"))
            for name in names
            if a.fields.get(name) != b.fields.get(name)
        ]
        if a.connected and draft.fields:
            draft.level = "function"
        if wires:
            draft.fields += wires
            draft.level = "function"
        if a.given != b.given or ((a.given or a.word != b.word) and a.name != b.name):
            draft.renamed = old.name + a.name if a.name != b.name else None
        if (
            not self.same
            and a.kin == b.kin
            and a.record != b.recorded(self._names)
            and (draft.fields or self._alike(_coming(a), _coming(b)))
        ):
            draft.level = "function"
        if not self.same and not self._alike([a.shape], [b.shape]):
            draft.shapes = (a.shape, b.shape)
        inner: list[_Pairing] = []
        ties: list[tuple[Held, Held]] = []
        if a.nested and b.nested:
            inner = list(self._within(old, new, a, b, draft))
        elif old.first and new.first:
            found = tensor_changes(own_tensors(old, a), own_tensors(new, b))
            draft.tensors += found.changes
            ties = found.ties
        elif old.first or new.first:  # of a network that one side shares with a place above
            own = own_tensors(old, a) if old.first else own_tensors(new, b)
            draft.tensors += [_lone("removed" if old.first else "added", each) for each in own if each.tied is None]
        told = draft.fields or draft.tensors or draft.renamed is not None or draft.level != "cosmetic"
        if told or ties:
            text = text_of(b)
            draft.written, draft.names = text_of(a) != text, names_in(text)
            draft.old, draft.new = field_place(a, draft.fields), field_place(b, draft.fields)
            several = b.word == HIDDEN  # those of one text and one change are told together
            name = b.word if several else b.name
            kept = self._keep(
                draft, ("changed", draft.old, draft.new, name, tuple(draft.fields), draft.renamed and a.name)
            )
            if kept is not draft:
                if several and kept.last != b.name:  # another layer, and not the same one at another place
                    kept.subject = f"{kept.subject.partition(' … ')[0]} … h_{b.number + b.times - 1}"
                    kept.origin = f"{kept.origin.partition(' … ')[0]} … h_{a.number + a.times - 1}"
                    kept.uses -= 1
                    kept.others.clear()
                    kept.last = b.name
                kept.tensors += draft.tensors
                kept.level = strictest(kept.level, draft.level)
            self._ties += [(kept, one, other) for one, other in ties]
        before = len(self._touched)
        for pairing in inner:
            self._lists(pairing.old, pairing.new)
        if draft.fields or draft.renamed is not None:
            draft.level = strictest(draft.level, *(each.whole for each in self._touched[before:]))

    def _as_before(self, old: Scope, new: Scope, a: Layer, b: Layer) -> bool:
        """Whether there is nothing to tell of a layer that is not made of layers: most are as they were."""
        if a.kin != b.kin or a.fields != b.fields or a.nested or b.nested:
            return False
        if a.name != b.name or a.given != b.given or a.times != b.times or a.offset != b.offset:
            return False
        if not self.same:
            if not self._alike([a.shape], [b.shape]):
                return False
            if not a.connected and a.record != b.recorded(self._names):
                return False
        if (old.frames, old.ranges, old.times, old.first) != (new.frames, new.ranges, new.times, new.first):
            return False
        ours, theirs = list(a.parameters), list(b.parameters)
        return not old.first or (ours == theirs and all(each.up is None for each in ours))

    def _alike(self, old: Sequence[Shape | None], new: Sequence[Shape | None]) -> bool:
        """Whether shapes are equal, whatever free sizes are called."""
        if not self._names:
            return list(old) == list(new)
        return list(old) == [None if each is None else renamed_shape(each, self._names) for each in new]

    def _keep(self, draft: _Draft, key: object) -> _Draft:
        """Return the draft, or the one of another use of the same text, which counts one use more."""
        kept = self.drafts.setdefault(key, draft)
        self._touched.append(kept)
        if kept is not draft:
            kept.uses += 1
            if kept.subject != draft.subject:
                kept.others[draft.subject, draft.origin or draft.subject] = None
        return kept

    # -- what is within a layer -------------------------------------------------------------------------------------

    def _within(self, old: Scope, new: Scope, a: Layer, b: Layer, draft: _Draft) -> "Iterator[_Pairing]":
        """Yield the lists within two layers; what rounds one of them has more is recorded in the draft."""
        if a.word == REPEAT:
            yield from self._rounds(old, new, a, b, draft)
        elif a.call is not None and b.call is not None:
            scopes = (called(old, a, a.call, self._met[0]), called(new, b, b.call, self._met[1]))
            draft.fields += _parameters(scopes[0].graph.part, scopes[1].graph.part)
            if any(field.name == "parameters" for field in draft.fields):
                draft.level = strictest(draft.level, "function")
            before, after = (_sharing(each) for each in (a, b))
            if before != after and not self.same:
                draft.fields.append(Field("shared", before, after))
                draft.level = strictest(draft.level, "function")
            yield _Pairing(*scopes)
        elif a.word == "mlp":
            yield _Pairing(within_mlp(old, a), within_mlp(new, b))

    def _rounds(self, old: Scope, new: Scope, a: Layer, b: Layer, draft: _Draft) -> "Iterator[_Pairing]":
        """Yield the rounds of a repeat that both have, those alike on both sides together."""
        ours, theirs = a.segments, b.segments
        totals = [sum(each.times for each in segments) for segments in (ours, theirs)]
        if totals[0] != totals[1]:
            draft.fields = [field for field in draft.fields if field.name != "times"]
            draft.fields.append(Field("times", str(totals[0]), str(totals[1])))
            draft.level = strictest(draft.level, "function")
        common = min(totals)
        cuts = sorted({0, common} | {s.first for segments in (ours, theirs) for s in segments if s.first < common})
        for start, stop in pairwise(cuts):
            yield _Pairing(in_rounds(old, a, start, stop), in_rounds(new, b, start, stop))
        sides: tuple[tuple[Kind, Scope, Layer, int, set[str]], ...] = (
            ("removed", old, a, totals[0], self._met[0]),
            ("added", new, b, totals[1], self._met[1]),
        )
        for kind, scope, layer, total, met in sides:
            for segment in layer.segments:
                start = max(segment.first, common)
                if start < segment.first + segment.times and total > common:
                    inside = in_rounds(scope, layer, start, segment.first + segment.times)
                    for inner in inside.layers:
                        own = self._owned(inside, inner, met)
                        draft.tensors += [_lone(kind, each) for each in own if each.tied is None]

    def _owned(self, scope: Scope, layer: Layer, met: set[str]) -> Iterator[Held]:
        """Yield the tensors of a layer and of all within it, those of a network once."""
        if layer.call is not None:
            inner = called(scope, layer, layer.call, met)
            if inner.first:
                for each in inner.layers:
                    yield from self._owned(inner, each, met)
        elif layer.word == REPEAT:
            for segment in layer.segments:
                inside = in_rounds(scope, layer, segment.first, segment.first + segment.times)
                for each in inside.layers:
                    yield from self._owned(inside, each, met)
        elif layer.word == "mlp":
            inside = within_mlp(scope, layer)
            for each in inside.layers:
                yield from self._owned(inside, each, met)
        elif scope.first:
            yield from own_tensors(scope, layer)

    # -- afterwards -------------------------------------------------------------------------------------------------

    def _leaving(self, old: Scope, new: Scope, wiring: "Wiring", *, outermost: bool) -> None:
        """Record that what leaves a list is given by another layer; of the whole network, by its outputs' names."""
        if self.same or not len(old.graph) or not len(new.graph):
            return
        ours, theirs = old.graph.outputs, new.graph.outputs
        names = (old.graph.output_names, new.graph.output_names)
        for j, tensor in enumerate(theirs):
            name = names[1][j] if names[1] else "out"
            i = names[0].index(name) if name in names[0] else j if not (names[0] and names[1]) else -1
            if not 0 <= i < len(ours):
                continue
            field = wiring.compare(ours[i], tensor, "given by")
            if field is not None and not names[1]:
                layer = new.layers[-1]
                draft = _Draft("changed", layer, f"{new.name}out" if not outermost else "out")
                draft.level, draft.fields = "function", [field]
                draft.old, draft.new = home(old.layers[-1]), home(layer)
                self._keep(draft, ("leaving", draft.old, draft.new, name))

    def _settle_ties(self, drafts: list[_Draft]) -> None:
        """Record ties to another tensor than before; one that was renamed is the same."""
        renamed = {
            each.before: each.after
            for draft in drafts
            for each in draft.tensors
            if each.kind not in ("tied", "untied", "retied")  # which stand for tensors that others have
        }
        for draft, one, other in self._ties:
            if one.tied is not None and renamed.get(one.tied, one.tied) != other.tied:
                draft.tensors.append(TensorChange("retied", one.tied, other.tied, one.shape, other.shape, other.times))
        drafts[:] = [draft for draft in drafts if not _says_nothing(draft)]


class _Pairing(NamedTuple):
    old: Scope
    new: Scope


def _coming(layer: Layer) -> list[Shape]:
    """Return the shapes of what a layer reads."""
    return [layer.graph.shapes[tensor] for tensor in layer.reads]


def _lone(kind: Kind, each: Held) -> TensorChange:
    if kind == "added":
        return TensorChange("added", None, each.name, None, each.shape, each.times)
    return TensorChange("removed", each.name, None, each.shape, None, each.times)


def _sharing(layer: Layer) -> str:
    """Return whether a part is a network that is used more than once in its list."""
    call = layer.call
    if call is None or not call.shared:
        return "false"
    uses = sum(isinstance(node, Call) and node.shared and node.name == call.name for node in layer.graph.operations)
    return "true" if uses > 1 else "false"


def _says_nothing(draft: _Draft) -> bool:
    return (
        draft.kind == "changed"
        and not draft.fields
        and not draft.tensors
        and draft.renamed is None
        and draft.level == "cosmetic"
    )


def _settle_names(drafts: list[_Draft]) -> None:
    """Take a tensor that went with one layer and came with another by one name as the same one.

    Where it has another shape it is told with one of the two layers, the same one in either direction.
    """
    gone = {each.before: (draft, each) for draft in drafts for each in draft.tensors if each.kind == "removed"}
    for draft in drafts:
        for each in list(draft.tensors):
            other, before = gone.get(each.after, (draft, each))
            if each.kind != "added" or before is each or before.times != each.times:
                continue
            told = TensorChange("reshaped", before.before, each.after, before.old_shape, each.new_shape, each.times)
            holder = other if str(before.old_shape) > str(each.new_shape) else draft
            for side, old in ((other, before), (draft, each)):
                here = [told] if side is holder and before.old_shape != each.new_shape else []
                place = next(i for i, one in enumerate(side.tensors) if one is old)
                side.tensors[place : place + 1] = here


def _parameters(old: object, new: object) -> list[Field]:
    """Return how the parameters of a part are others."""
    if not (isinstance(old, Part) and isinstance(new, Part)):
        return []
    return parameters_field(old, new)


__all__ = ["Comparison", "paired"]

"""The picture of a change for where only text is shown: the layers of both networks as one list, one a line.

Each line begins with what became of the layer, as the lines of a unified difference do: `+` it came, `-` it went, `!`
it changed, and a blank where it is what it was. What did not change is left out but for its ends.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import show
from netspec.operations import Shape
from netspec.review.changes import Change, Diff, Field
from netspec.review.layers import paired
from netspec.review.outline import ACTIVATION, HIDDEN, OUTPUT, Layer, outline, part_of
from netspec.review.scopes import Scope, called, in_rounds, within_mlp
from netspec.review.spelling import shape
from netspec.review.telling import ARROW, clean, layer_text
from netspec.review.written import renamed_shape, renaming
from netspec.sizes import Size
from netspec.spec import REPEAT
from netspec.validation import Member

_MOST: Final = 60  # lines; a count beyond
_AROUND: Final = 1  # layers that did not change, shown beside those that did
_NAME: Final = 32  # columns of the names
_TEXT: Final = 110
_WORDLESS: Final = (HIDDEN, OUTPUT, ACTIVATION)


class Line(NamedTuple):
    """One layer, or several that are left out: its sign, its name, and what is said of it."""

    sign: str
    name: str
    text: str


def strip(old: Member, new: Member, diff: Diff) -> str:
    """Return the layers of two networks with what came, went and changed; nothing where the networks are equal."""
    if diff.equal:
        return ""
    lines = [
        _end("input", diff.changes, new.graph.inputs, new.graph.input_names),
        *_Merged(diff.changes, renaming(new.graph, old.graph)).lists(
            Scope(old.graph, outline(old.graph)), Scope(new.graph, outline(new.graph))
        ),
        _end("output", diff.changes, new.graph.output_shapes, new.graph.output_names),
    ]
    if all(line.sign == " " for line in lines):
        return ""
    return _drawn(list(_shown(lines)))


def _drawn(lines: list[Line]) -> str:
    """Return lines as text, each with its name in a column."""
    more = len(lines) - _MOST
    lines = lines[:_MOST]
    width = min(max(len(line.name) for line in lines), _NAME)
    told = [f"{line.sign} {line.name:<{width}}  {line.text}".rstrip() for line in lines]
    if more > 0:
        told.append(f"  … {more:,} more lines")
    return "".join(f"{each}\n" for each in told)


def strip_new(new: Member) -> str:
    """Return the layers of a network that there was not before, and what is within them."""
    graph = new.graph
    lines = [
        _end("input", (), graph.inputs, graph.input_names)._replace(sign="+"),
        *_Merged((), {}).coming(Scope(graph, outline(graph))),
        _end("output", (), graph.output_shapes, graph.output_names)._replace(sign="+"),
    ]
    return _drawn(lines)


class _Merged:
    """Two networks as one list of lines. What is within a layer is shown below it, once for each two texts."""

    def __init__(self, changes: Sequence[Change], names: Mapping[str, Size]) -> None:
        self._names = names  # of free sizes, in the old network
        self._of = {name: each for each in changes if each.kind in ("added", "changed") for name, _ in each.places}
        self._gone = {name: each for each in changes if each.kind == "removed" for name, _ in each.places}
        self._met: dict[tuple[int, int], str] = {}  # where each two texts were shown; empty where nothing changed

    def lists(self, old: Scope, new: Scope, depth: int = 0) -> Iterator[Line]:
        """Yield a line for each layer of either list, in the order of the new one, what went where it stood."""
        ours, theirs, pairs = paired(old, new)
        back, partner = {j: i for i, j in pairs}, dict(pairs)
        told = -1
        for j, layer in enumerate(theirs.layers):
            i = back.get(j)
            if i is None:
                yield self._line("+", layer, self._of.get(new.name + layer.name), depth)
                continue
            yield from (self._removed(ours, each, depth) for each in range(told + 1, i) if each not in partner)
            told = max(told, i)
            yield from self._pair(ours, theirs, ours.layers[i], layer, depth)
        more = range(told + 1, len(ours.layers))
        yield from (self._removed(ours, each, depth) for each in more if each not in partner)

    def coming(self, new: Scope, depth: int = 0) -> Iterator[Line]:
        """Yield a line for each layer of a list that is new, and for each within it, those of one text once."""
        for layer in new.layers:
            said = [Field(name, None, text) for name, text in layer.fields.items() if name in layer.said]
            times = sum(each.times for each in layer.segments)
            said += [Field("times", None, str(times))] if times else []
            name = new.name + layer.name
            change = Change("weights", "added", name, layer.word, tuple(said), shapes=(None, layer.shape))
            yield self._line("+", layer, change, depth)
            within = self._inside(new, new, layer, layer)
            if within is not None:
                yield from self.coming(within[1], depth + 1)

    def _removed(self, scope: Scope, number: int, depth: int) -> Line:
        layer = scope.layers[number]
        return self._line("-", layer, self._gone.get(scope.name + layer.name), depth)

    def _pair(self, old: Scope, new: Scope, a: Layer, b: Layer, depth: int) -> Iterator[Line]:
        """Yield the line of a layer that both lists have, and of what came or went within it."""
        common = min(a.times, b.times)
        kept = part_of(b, 0, common) if b.times > common else b
        change = self._of.get(new.name + kept.name) or self._spread(new, kept)
        inner: list[Line] = []
        above = ""
        pair = self._inside(old, new, a, b)
        if pair is not None:
            bodies = id(pair[0].graph), id(pair[1].graph)
            above = self._met.get(bodies, "")
            if bodies not in self._met:
                self._met[bodies] = ""
                inner = list(self.lists(*pair, depth + 1))
                if all(line.sign == " " for line in inner):
                    inner = []
                self._met[bodies] = clean(new.name + b.name) if inner else ""
        yield self._line("!" if change or inner or above else " ", kept, change, depth, above, a.shape)
        yield from inner
        if b.times > common:
            more = part_of(b, common, b.times)
            yield self._line("+", more, self._of.get(new.name + more.name), depth)
        elif a.times > common:
            more = part_of(a, common, a.times)
            yield self._line("-", more, self._gone.get(old.name + more.name), depth)

    def _inside(self, old: Scope, new: Scope, a: Layer, b: Layer) -> tuple[Scope, Scope] | None:
        """Return the lists within two layers, where either has one."""
        if a.word == b.word == REPEAT and a.segments and b.segments:
            return in_rounds(old, a, 0, 1), in_rounds(new, b, 0, 1)
        if a.call is not None and b.call is not None:
            return called(old, a, a.call, set()), called(new, b, b.call, set())
        if a.word == b.word == "mlp":
            return within_mlp(old, a), within_mlp(new, b)
        return None

    def _spread(self, scope: Scope, layer: Layer) -> Change | None:
        """Return the change that is told once of several hidden layers, `h_2 … h_5`, where this one is among them."""
        if layer.word != HIDDEN:
            return None
        for name, change in self._of.items():
            first, dots, last = name.partition(" … ")
            around = first[: len(scope.name)]
            if dots and around == scope.name and _number(first) <= layer.number <= _number(last):
                return change
        return None

    def _line(
        self, sign: str, layer: Layer, change: Change | None, depth: int, above: str = "", before: Shape | None = None
    ) -> Line:
        """Return a line. `above` is the layer at which what is within it was shown, `before` the shape that it gave."""
        name = _cut("  " * depth + clean(layer.name), _NAME)
        if change is not None:
            if before is not None and layer.shape is not None and change.shapes is not None:  # those of this place
                change = change._replace(shapes=(before, layer.shape))
            return Line(sign, name, _cut(layer_text(change._replace(uses=1)), _TEXT))
        word = "" if layer.word in _WORDLESS else f"{layer.word}, "
        within = f"changed as {above}, " if above else ""
        after = None if layer.shape is None else renamed_shape(layer.shape, self._names)
        was = f"{shape(before)} {ARROW} " if before not in (None, after) else ""
        given = "" if layer.shape is None else f"gives {was}{shape(layer.shape)}"
        return Line(sign, name, _cut(f"{word}{within}{given}".strip(", "), _TEXT))


def _number(name: str) -> int:
    digits = name.rpartition("_")[2].strip("{}").partition("…")[0]
    return int(digits) if digits.isdigit() else -1


def _end(kind: str, changes: Sequence[Change], shapes: Sequence[Shape], names: Sequence[str]) -> Line:
    """Return the line of what comes in, or of what leaves."""
    named = zip(names or [""] * len(shapes), shapes, strict=True)
    told = ", ".join(f"{clean(name)} {shape(each)}".strip() for name, each in named)
    changed = any(each.kind == kind or (kind == "output" and _is_left_otherwise(each)) for each in changes)
    return Line("!" if changed else " ", kind, _cut(told, _TEXT))


def _is_left_otherwise(change: Change) -> bool:
    """Return whether what leaves a network is given by another layer."""
    return change.subject == "out" and any(field.name == "given by" for field in change.fields)


def _shown(lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the lines that changed, those around them and the ends; the others are counted."""
    near = {0, len(lines) - 1}
    for place, line in enumerate(lines):
        if line.sign != " ":
            near.update(range(place - _AROUND, place + _AROUND + 1))
    left: list[Line] = []
    for place, line in enumerate(lines):
        if place not in near:
            left.append(line)
            continue
        yield from left if len(left) < 2 else [Line(" ", "…", f"{len(left):,} layers as before")]
        left = []
        yield line


def _cut(text: str, most: int) -> str:
    shown = text if text.isprintable() else show(text, most)
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"

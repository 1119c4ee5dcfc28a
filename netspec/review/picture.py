"""Two networks side by side as an SVG drawing: what was removed on the left, what was added on the right, what changed
on both, each with a sign and an outline of its own, so that no colour has to be told from another.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from netspec.pictures import lettering
from netspec.pictures.sheet import TEXT_SIZE, Colour, Header, box, document, number, text
from netspec.pictures.svg import Drawing, Mark, draw, draw_svg
from netspec.review.changes import Change, Diff
from netspec.review.telling import ARROW, clean, fact_rows, layer_text, verdict
from netspec.validation import Member

if TYPE_CHECKING:
    from netspec.graph.view import View

_GAP: Final = 48.0
_PAD: Final = 18.0
_HEAD: Final = 40.0
_WIDEST: Final = 1600.0  # beyond, one network stands under the other
_FACTS: Final = 4
_COLOURS: Final = (
    Colour(".box.come", "stroke", "#1a7f37", "#4ac26b"),
    Colour(".box.gone", "stroke", "#b3261e", "#f47067"),
    Colour(".box.other", "stroke", "#9a6700", "#e0b341"),
    Colour(".disc.come", "fill", "#1a7f37", "#2c974b"),
    Colour(".disc.gone", "fill", "#b3261e", "#c93c37"),
    Colour(".disc.other", "fill", "#9a6700", "#a8780a"),
    Colour("text.sign", "fill", "#ffffff", "#ffffff"),
    Colour(".side", "stroke", "#c6cfdb", "#3b4658"),
)
_SHAPES: Final = """\
svg.netspec .box.come { stroke-width: 3.5 }
svg.netspec .box.gone { stroke-width: 2.5; stroke-dasharray: 7 4 }
svg.netspec .box.other { stroke-width: 2.5; stroke-dasharray: 14 3 2 3 }
svg.netspec text.sign { font-size: 14px; font-weight: 700 }
svg.netspec .side { fill: none; stroke-width: 1 }
"""
_KINDS: Final = {"added": ("+", "come"), "removed": ("−", "gone"), "changed": ("~", "other")}
_ROUND: Final = re.compile(r"\.\d+(?=\.|$)")
_HIDDEN: Final = re.compile(r"(?P<around>.*?)h_\{?(?P<first>\d+)(?:…(?P<last>\d+)\}?)?(?: … h_(?P<end>\d+))?\Z")
_END: Final = {"input": "input", "output": "output"}


def draw_diff(old: Member, new: Member, diff: Diff) -> str:
    """Return the drawing of two networks as an SVG document, the same for the same networks."""
    left = draw(old.graph, marks=_marks(diff.changes, new=False), down=True)
    right = draw(new.graph, marks=_marks(diff.changes, new=True), down=True)
    sides = (_Side(left, f"before: {_named(diff, new=False)}"), _Side(right, f"after: {_named(diff, new=True)}"))
    across = sides[0].width + _GAP + sides[1].width <= _WIDEST
    second = (sides[0].width + _GAP, 0.0) if across else (0.0, sides[0].height + _GAP)
    width = second[0] + sides[1].width if across else max(side.width for side in sides)
    height = max(side.height for side in sides) if across else second[1] + sides[1].height
    tallest = height if across else 0.0
    body = [*sides[0].markup(0.0, 0.0, tallest), *sides[1].markup(*second, tallest)]
    facts = [
        f"{row.name} {row.before} {ARROW} {row.after}{f' ({row.share})' if row.share else ''}"
        for row in list(fact_rows(diff.facts))[:_FACTS]
    ]
    notes = [
        *([" · ".join(facts)] if facts else []),
        "+ added, thick line · − removed, dashed · ~ changed, dash and dot · > called otherwise, dash and dot",
    ]
    notes += [note for each in (left, right) for note in each.notes]
    name = new.part.name if old.part.name == new.part.name else f"{old.part.name} {ARROW} {new.part.name}"
    words = verdict(diff).replace("`", "")
    header = Header(name, words, f"{name}: {words}", notes)
    return document(header, body, width, height, _COLOURS, _SHAPES)


def draw_new(new: Member) -> str:
    """Return the drawing of a network that there was not before, as an SVG document."""
    return draw_svg(new.part, new.graph, new.facts)


class _Side:
    """One of the two networks in its frame, under its title."""

    def __init__(self, drawing: Drawing, title: str) -> None:
        self.drawing, self.title = drawing, title
        least = lettering.width(title, TEXT_SIZE, bold=True)
        self.width = max(drawing.width, least) + 2 * _PAD
        self.height = drawing.height + _HEAD + _PAD

    def markup(self, x: float, y: float, tallest: float) -> Iterator[str]:
        """Yield the markup, the frame as high as the taller one."""
        yield f'<g transform="translate({number(x)} {number(y)})">'
        yield box(0, 0, self.width, max(self.height, tallest), 12, "side")
        yield text(self.title, _PAD, 24, "frame")
        inset = (self.width - self.drawing.width) / 2
        yield f'<g transform="translate({number(inset)} {number(_HEAD)})">'
        yield from self.drawing.body
        yield "</g>"
        yield "</g>"


def _named(diff: Diff, *, new: bool) -> str:
    file = (diff.new if new else diff.old).file
    return file if file.isprintable() else "this"


def _marks(changes: tuple[Change, ...], *, new: bool) -> "Callable[[View], Mapping[str, Mark]]":
    """Return what marks the nodes of a view that changes are of."""

    def marks(view: "View") -> Mapping[str, Mark]:
        plain: dict[str, list[str]] = {}
        for name in (*view, *view.graph["parts"]):
            plain.setdefault(_ROUND.sub("", name), []).append(name)
        found: dict[str, Mark] = {}
        for change in changes:
            if change.kind == ("removed" if new else "added"):
                continue
            for after, before in change.places:
                subject = after if new or change.kind != "changed" else before
                for name in _nodes(view, plain, change, subject, new=new):
                    if name not in found or found[name].kind == "other":
                        found[name] = _mark(change)
        return found

    return marks


def _nodes(view: "View", plain: Mapping[str, list[str]], change: Change, subject: str, *, new: bool) -> list[str]:
    """Return the nodes that a change is of: layers by their names in any round, hidden ones by their numbers."""
    if change.kind in _END:
        side = 1 if new else 0
        names = [(field.before, field.after)[side] for field in change.fields if field.name == "name"]
        wanted = (names[0] if names else subject) or ""
        ends = [name for name, node in view.nodes.items() if node["kind"] == _END[change.kind]]
        if change.ordering:
            return ends
        return [name for name in ends if name in (wanted, f"out.{wanted}") or len(ends) == 1]
    if change.kind not in _KINDS:
        return []
    hidden = _HIDDEN.match(subject)
    if hidden is not None:
        first = int(hidden["first"])
        last = int(hidden["end"] or hidden["last"] or first)
        found = []
        for name, node in view.nodes.items():
            own = re.fullmatch(re.escape(hidden["around"]) + r"h_(\d+)", _ROUND.sub("", name))
            if own is not None and int(own[1]) <= last and int(own[1]) + node["count"] > first:
                found.append(name)
        if found:
            return found
    while subject:
        if subject in plain:
            return plain[subject]
        subject = subject.rpartition(".")[0]  # a layer within an `mlp`, which is drawn as one
    return []


def _mark(change: Change) -> Mark:
    sign, kind = (">", "other") if change.alike else _KINDS.get(change.kind, ("~", "other"))
    words = {"+": "added", "−": "removed", "~": "changed", ">": "called otherwise"}[sign]
    return Mark(sign, kind, f"{words}, {change.level}: {clean(change.subject)} {layer_text(change)}")

"""A spec in the canonical layout, with the shapes and the numbers of parameters beside its layers, and its facts below.

What two such listings have otherwise, a diff of lines shows: git compares them, where it is asked to.
"""

from collections.abc import Iterator
from math import prod
from typing import Final

from netspec.diagnostics import show
from netspec.diagnostics.magnitude import decimal
from netspec.formatting import format_source
from netspec.graph import Facts
from netspec.operations import Call, Graph, Shape
from netspec.review.facts import TABLE
from netspec.review.opening import ALLOWED
from netspec.review.outline import Layer, outline
from netspec.review.spelling import shape
from netspec.sizes import Polynomial, Size
from netspec.source import read_source
from netspec.spec import Library
from netspec.summary.numbers import bound
from netspec.validation import Member, check_family

_SEVERAL: Final = 3  # shapes of one layer that are told, of a block that is used at other sizes
_LONGEST: Final = 200


def listing(data: bytes, file: str) -> str | None:
    """Return the listing of a spec that stands alone; None where it is none, has errors, or refers to other files."""
    source = read_source(data, file)
    if source.faults or source.tree is None or "netspec" not in source.tree.values:
        return None
    text = format_source(source)
    family = check_family(Library(None), text.encode(), file, file, ALLOWED)
    if family.written is None:
        return None
    lines = text.removesuffix("\n").split("\n")
    for line, notes in sorted(_notes(family.written, file).items()):
        lines[line] += f"  # {'; '.join(notes)}"
    lines += ["", *_facts("the network", family.written)]
    for name, member in family.variants.items():
        lines += ["", *_facts(f"the variant {show(name)}", member)]
    return "\n".join(lines) + "\n"


def _notes(member: Member, file: str) -> dict[int, list[str]]:
    """Return what stands beside the lines, counted from 0; a line of several layers has nothing."""
    found: dict[int, list[str]] = {}
    shared: dict[int, str] = {}
    crowded: set[int] = set()
    for layer in _layers(member.graph):
        document = getattr(layer.graph.part, "document", None)
        place = None if document is None else document.source.place(layer.path, key=True)
        if layer.connected or place is None or place.span is None or place.file != file:
            continue
        line = place.span.line - 1
        own = ".".join(map(str, layer.path))
        if shared.setdefault(line, own) != own:
            crowded.add(line)
        told = _told(layer)
        notes = found.setdefault(line, [])
        if told not in notes and len(notes) < _SEVERAL:
            notes.append(told)
    return {line: notes for line, notes in found.items() if line not in crowded}


def _layers(graph: Graph, seen: set[int] | None = None) -> Iterator[Layer]:
    """Yield the layers of a graph and of all that it is made of, each graph once."""
    seen = set() if seen is None else seen
    if id(graph) in seen:
        return
    seen.add(id(graph))
    waiting = list(outline(graph))
    while waiting:
        layer = waiting.pop(0)
        yield layer
        for segment in layer.segments:
            waiting += outline(segment.body, layer.items)
        for index in layer.stretch:
            node = layer.graph.operations[index]
            if isinstance(node, Call):
                yield from _layers(node.body, seen)


def _told(layer: Layer) -> str:
    parts = [f"gives {_shape(layer.shape)}"] if layer.shape is not None else ["nothing"]
    count = 0
    for parameter in () if layer.nested else layer.parameters:
        if parameter.learned and not parameter.tied:
            count += prod(parameter.shape)
    if count:
        parts.append(f"{count:,} parameters")
    return ", ".join(parts)


def _shape(given: Shape) -> str:
    return show(shape(given), _LONGEST)


def _facts(title: str, member: Member) -> Iterator[str]:
    """Yield a line for each fact."""
    facts: Facts = member.facts
    yield f"# {title}"
    for name, given in facts.inputs.items():
        yield f"#   input {show(name)}: {_shape(given)}"
    for name, given in facts.outputs.items():
        yield f"#   output {show(name)}: {_shape(given)}"
    for word, of in TABLE:
        value = of(facts)
        if value is not None and (word != "state" or value != 0):
            yield f"#   {word}: {_number(value)}"
    regions = facts.regions
    if regions is not None:
        yield f"#   regions: at least {bound(regions.lower)}, at most {bound(regions.upper)}"
    yield f"#   fingerprint: {facts.fingerprint}"


def _number(value: Size) -> str:
    return show(value, _LONGEST) if isinstance(value, Polynomial) else _grouped(value)


def _grouped(value: int) -> str:
    return f"{value:,}" if abs(value) < 10**30 else show(decimal(value), _LONGEST)

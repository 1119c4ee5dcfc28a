"""A layer's lone argument, spelled out where another side has several, so that the two are of one form."""

from typing import TypeVar

from netspec.layers.registry import KEYWORDS, kind
from netspec.merging.pieces import AnyEntry, Atom, Flow, FlowEntry, Piece
from netspec.merging.plans import Both
from netspec.source import Mapping, Scalar

E = TypeVar("E", bound=AnyEntry)


def spelled_out(step: "Both[E]") -> tuple[Piece, Piece | None, Piece]:
    """Return the values of ours, base and theirs; `dense: 10` is `dense: {width: 10}` where another is a mapping."""
    ours, base, theirs = step.ours.value, None if step.base is None else step.base.value, step.theirs.value
    key = step.ours.key
    mappings = [each for each in (ours, base, theirs) if each is not None and isinstance(each.node, Mapping)]
    if key not in KEYWORDS or not mappings:
        return ours, base, theirs
    name = kind(key).shorthand
    if name is None:
        return ours, base, theirs
    return _mapping(ours, name), None if base is None else _mapping(base, name), _mapping(theirs, name)


def _mapping(piece: Piece, name: str) -> Piece:
    """Return a scalar as a mapping of one key, and anything else as it is."""
    if not isinstance(piece, Atom) or not isinstance(piece.node, Scalar) or "\n" in piece.text:
        return piece
    scalar = piece.node
    entry = FlowEntry(name, scalar, "", f"{name}: ", piece)
    entry.first = entry.last = True
    node = Mapping(scalar.span, {name: Scalar(scalar.span, name, False, name)}, {name: scalar})
    return Flow(node, f"{{{name}: {piece.text}}}", [entry], "")

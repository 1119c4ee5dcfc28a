"""The layers of two networks compared, with the tensors of each; facts, and what else is written, are left out."""

from collections.abc import Sequence
from typing import Final

from netspec.graph.walk import tensors, unrolled, visits
from netspec.operations import Graph
from netspec.review.changes import LIST, Change, Field, Level, TensorChange
from netspec.review.layers import Comparison
from netspec.spec import Composition, FullyConnected, Layered
from netspec.validation import Member

_FORMS: Final = {
    FullyConnected: "a fully connected network", Composition: "a composition", Layered: "a list of layers",
}  # fmt: skip
_PAIRED: Final = 20_000
"""Operations whose tensors are paired one by one."""


def layer_changes(old: Member, new: Member) -> tuple[Change, ...]:
    """Return the changes of layers between two networks, in the order of the new list."""
    same = old.facts.fingerprint == new.facts.fingerprint
    layers = Comparison(old.graph, new.graph, same=same).changes()
    if same and any(change.kind in ("added", "removed") and change.tensors for change in layers):
        return _renamed(old, new, layers) or layers
    return layers


def _renamed(old: Member, new: Member, layers: Sequence[Change]) -> tuple[Change, ...]:
    """Return the change where equal networks are said by other lists: their tensors, one by one, have other names.

    It stands where the first of the layers does that only one list has. Empty where it is not plain which tensor is
    which, or there are too many.
    """
    if max(unrolled(member.graph) for member in (old, new)) > _PAIRED or not _in_step(old.graph, new.graph):
        return ()
    found = [
        TensorChange("renamed", a.name, b.name, a.shape, b.shape)
        for a, b in zip(tensors(old.graph), tensors(new.graph), strict=True)
        if a.name != b.name
    ]
    places = [member.part.document.source.place(member.part.path) for member in (old, new)]
    gone = next((change.old for change in layers if change.kind == "removed" and change.old), places[0])
    come = next((change.new for change in layers if change.kind == "added" and change.new), places[1])
    level: Level = "weights" if found else "cosmetic"
    forms = [_FORMS[type(member.part.body)] for member in (old, new)]
    fields = (Field("written as", forms[0], forms[1]),) if forms[0] != forms[1] else ()
    return (Change(level, "changed", LIST, "", fields, tuple(found), old=gone, new=come),)


def _in_step(old: Graph, new: Graph) -> bool:
    """Whether two networks compute the same, operation by operation, each of what the one computed by then."""
    ours, theirs = list(visits(old)), list(visits(new))
    if len(ours) != len(theirs):
        return False
    shapes = [[each.shape for each in tensors(graph)] for graph in (old, new)]
    return shapes[0] == shapes[1] and all(
        a.operation == b.operation and a.operands == b.operands and len(a.tensors) == len(b.tensors)
        for a, b in zip(ours, theirs, strict=True)
    )

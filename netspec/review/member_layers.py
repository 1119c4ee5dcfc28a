"""The layers of two networks compared, with the tensors of each; facts, and what else is written, are left out."""

from typing import Final

from netspec.graph.walk import is_chain, tensor_count, tensors
from netspec.review.changes import Change, Field, TensorChange
from netspec.review.layers import Comparison
from netspec.spec import Composition, FullyConnected, Layered
from netspec.validation import Member

_FORMS: Final = {
    FullyConnected: "a fully connected network", Composition: "a composition", Layered: "a list of layers",
}  # fmt: skip
_PAIRED: Final = 20_000
"""Tensors that are paired one by one."""


def layer_changes(old: Member, new: Member) -> tuple[Change, ...]:
    """Return the changes of layers between two networks, in the order of the new list."""
    same = old.facts.fingerprint == new.facts.fingerprint
    layers = Comparison(old.graph, new.graph, same=same).changes()
    if same and any(change.kind in ("added", "removed") and change.tensors for change in layers):
        return _renamed(old, new) or layers
    return layers


def _renamed(old: Member, new: Member) -> tuple[Change, ...]:
    """Return the change where equal chains are said by other lists: their tensors, one by one, have other names.

    Empty where they are no chains, or have too many tensors.
    """
    if not (is_chain(old.graph) and is_chain(new.graph)) or tensor_count(old.graph) > _PAIRED:
        return ()
    found = [
        TensorChange("renamed", a.name, b.name, a.shape, b.shape)
        for a, b in zip(tensors(old.graph), tensors(new.graph), strict=False)
        if a.name != b.name
    ]
    places = [member.part.document.source.place(member.part.path) for member in (old, new)]
    level = "weights" if found else "cosmetic"
    forms = [_FORMS[type(member.part.body)] for member in (old, new)]
    fields = (Field("written as", forms[0], forms[1]),) if forms[0] != forms[1] else ()
    return (Change(level, "changed", "the list", "", fields, tuple(found), old=places[0], new=places[1]),)  # type: ignore[arg-type]

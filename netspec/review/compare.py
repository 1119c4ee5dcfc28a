"""The comparison of two specs: graphs layer by layer, the keys of the specs, facts, and variants."""

from typing import Final

from netspec.graph.walk import is_chain, tensor_count, tensors
from netspec.review.changes import Change, Diff, Field, Side, TensorChange, VariantDiff
from netspec.review.facts import fact_changes
from netspec.review.layers import Comparison
from netspec.review.written import renaming, variant_changes, written_changes
from netspec.spec import Composition, FullyConnected, Layered
from netspec.validation import Family, Member

_FORMS: Final = {
    FullyConnected: "a fully connected network", Composition: "a composition", Layered: "a list of layers",
}  # fmt: skip
_PAIRED: Final = 20_000
"""Tensors that are paired one by one."""


def compare(old: Family, new: Family, names: tuple[str, str]) -> Diff:
    """Return what is different between two specs that have a network each; `names` are those of their files.

    Raises TypeError where one has none: whoever opened it has the faults.
    """
    if old.written is None or new.written is None:
        raise TypeError("a spec without a network cannot be compared")
    diff = compare_members(old.written, new.written, names)
    variants = []
    known = {_identity(change) for change in diff.changes}
    for name, member in new.variants.items():
        if name in old.variants:
            other = compare_members(old.variants[name], member, names)
            changes = tuple(
                change
                for change in other.changes
                if _identity(change) not in known and change.kind not in ("name", "description", "variant")
            )
            if changes or other.facts != diff.facts:
                variants.append(VariantDiff(name, changes, other.facts))
    changes = (*diff.changes, *variant_changes(old.written, new.written))
    return diff._replace(changes=changes, variants=tuple(each for each in variants if each.changes or each.facts))


def compare_members(old: Member, new: Member, names: tuple[str, str] = ("", "")) -> Diff:
    """Return what is different between two networks, variants left out."""
    sides = [
        Side(name, member.part.name, member.facts.fingerprint) for name, member in zip(names, (old, new), strict=True)
    ]
    same = sides[0].fingerprint == sides[1].fingerprint
    layers = Comparison(old.graph, new.graph, same=same).changes()
    if same and any(change.kind in ("added", "removed") and change.tensors for change in layers):
        layers = _renamed(old, new) or layers
    changes = (*written_changes(old, new), *layers)
    facts = () if same else fact_changes(old.facts, new.facts, renaming(new.graph, old.graph))
    return Diff(sides[0], sides[1], same, changes, facts)


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


def _identity(change: Change) -> tuple[object, ...]:
    return change.kind, change.subject, tuple(field.name for field in change.fields), change.level

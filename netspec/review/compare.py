"""The comparison of two specs: graphs layer by layer, the keys of the specs, facts, and variants."""

from netspec.review.causes import classed
from netspec.review.changes import Change, Diff, Level, Side, VariantDiff
from netspec.review.facts import fact_changes
from netspec.review.member_layers import layer_changes
from netspec.review.written import renaming, variant_changes, written_changes
from netspec.validation import Family, Member


def compare(old: Family, new: Family, names: tuple[str, str]) -> Diff:
    """Return what is different between two specs that have a network each; `names` are those of their files.

    Raises TypeError where one has none: whoever opened it has the faults.
    """
    if old.written is None or new.written is None:
        raise TypeError("a spec without a network cannot be compared")
    diff = compare_members(old.written, new.written, names)
    variants = []
    levels: dict[str, dict[str, Level]] = {}
    known = {_identity(change) for change in diff.changes}
    for name, member in new.variants.items():
        if name in old.variants:
            other = compare_members(old.variants[name], member, names)
            levels[name] = {change.subject: change.level for change in other.changes if change.kind == "hyperparameter"}
            changes = tuple(
                change
                for change in other.changes
                if _identity(change) not in known and change.kind not in ("name", "description", "variant")
            )
            if changes or other.facts != diff.facts:
                variants.append(VariantDiff(name, changes, other.facts))
    changes = (*diff.changes, *variant_changes(old.written, new.written, levels))
    return diff._replace(changes=changes, variants=tuple(each for each in variants if each.changes or each.facts))


def compare_members(old: Member, new: Member, names: tuple[str, str] = ("", "")) -> Diff:
    """Return what is different between two networks, variants left out."""
    sides = [
        Side(name, member.part.name, member.facts.fingerprint) for name, member in zip(names, (old, new), strict=True)
    ]
    same = sides[0].fingerprint == sides[1].fingerprint
    changes = classed((*written_changes(old, new), *layer_changes(old, new)))
    facts = () if same else fact_changes(old.facts, new.facts, renaming(new.graph, old.graph))
    return Diff(sides[0], sides[1], same, changes, facts)


def _identity(change: Change) -> tuple[object, ...]:
    return change.kind, change.subject, tuple(field.name for field in change.fields), change.level

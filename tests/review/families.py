"""Specs as texts, and their differences."""

from netspec.review.changes import Change, Diff, Field, Kind, TensorChange
from netspec.review.compare import compare
from netspec.review.opening import ALLOWED
from netspec.spec import Library
from netspec.validation import Family, check_family


def family(text: str, file: str = "spec.yaml") -> Family:
    """Return the networks of a spec that is a text; it has one."""
    found = check_family(Library(None), text.encode(), file, file, ALLOWED)
    assert found.written is not None, found.diagnostics
    return found


def diff(old: str, new: str) -> Diff:
    """Return the difference of two texts."""
    return compare(family(old, "old.yaml"), family(new, "new.yaml"), ("old.yaml", "new.yaml"))


def mirrored(change: Change) -> Change:
    """Return a change as it is the other way round; its places and what only the new side says are left out."""
    kind: Kind = "removed" if change.kind == "added" else "added" if change.kind == "removed" else change.kind
    subject = change.origin or change.subject
    fields = tuple(Field(each.name, each.after, each.before) for each in change.fields)
    tensors = tuple(map(_mirrored, change.tensors))
    return essence(change._replace(kind=kind, subject=subject, fields=fields, tensors=tensors))


def _mirrored(each: TensorChange) -> TensorChange:
    kinds = {"added": "removed", "removed": "added", "tied": "untied", "untied": "tied"}
    kind = kinds.get(each.kind, each.kind)
    return TensorChange(kind, each.after, each.before, each.new_shape, each.old_shape, each.times)  # type: ignore[arg-type]


def essence(change: Change) -> Change:
    """Return a change without what differs between the two directions: its places, its class, its words."""
    fields, tensors = tuple(sorted(change.fields, key=str)), tuple(sorted(change.tensors, key=str))
    return Change("cosmetic", change.kind, change.subject, "", fields, tensors)

"""Differences as JSON for tools, in the form of `diff.schema.json`: sorted keys, ASCII, the same bytes everywhere.

An integer above 2^53 is a text of its digits, and an expression in free sizes a text too. Of each spec at most 5,000
changes and 20,000 tensors are listed; `unlisted` counts the rest. A place is a file, with the span of what is meant.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final

from netspec.diagnostics import Place
from netspec.diagnostics.magnitude import decimal
from netspec.operations import Shape
from netspec.review.alone import Alone, Sketch
from netspec.review.changes import LEVELS, Change, Diff, FactChange, Refused, Side, TensorChange, strictest
from netspec.sizes import Polynomial

DIFF_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it
_SAFE: Final = 1 << 53
_MOST_CHANGES: Final = 5_000
_MOST_TENSORS: Final = 20_000


def render_json(diffs: Iterable[Diff], alone: Sequence[Alone] = (), refused: Sequence[Refused] = ()) -> str:
    """Return differences as a JSON document that ends with a line feed.

    `alone` are the specs that only one side has, `refused` those without a network.
    """
    found = [_diff(diff) for diff in diffs]
    levels = [level for level in LEVELS if any(each["level"] == level for each in found)]
    document = {
        "diff": DIFF_VERSION,
        "specs": found,
        "alone": [
            {"file": each.file, "kind": each.kind, "network": None if each.sketch is None else _network(each.sketch)}
            for each in alone
        ],
        "refused": [
            {"file": each.file, "errors": sum(fault.severity == "error" for fault in each.diagnostics)}
            for each in refused
        ],
        "level": strictest(*levels),
        "empty": all(each["empty"] for each in found) and not alone and not refused,
    }
    return json.dumps(document, indent=2, sort_keys=True) + "\n"


def _network(sketch: Sketch) -> dict[str, object]:
    return {
        "inputs": {name: _shape(given) for name, given in sketch.inputs},
        "outputs": {name: _shape(given) for name, given in sketch.outputs},
        "facts": {each.name: value_data(each.after) for each in sketch.facts},
        "fingerprint": sketch.fingerprint,
        "variants": [
            {"name": name, "facts": {each.name: value_data(each.after) for each in facts}}
            for name, facts in sketch.variants
        ],
    }


def _diff(diff: Diff) -> dict[str, object]:
    return {
        "old": _side(diff.old),
        "new": _side(diff.new),
        "equal": diff.equal,
        "empty": diff.empty,
        "level": diff.level,
        **_body(diff.changes, diff.facts),
        "variants": [{"name": each.name, **_body(each.changes, each.facts)} for each in diff.variants],
    }


def _side(side: Side) -> dict[str, str]:
    return {"file": side.file, "name": side.name, "fingerprint": side.fingerprint}


def _body(changes: Sequence[Change], facts: Sequence[FactChange]) -> dict[str, object]:
    room = _MOST_TENSORS
    listed = []
    for change in changes[:_MOST_CHANGES]:
        listed.append(_change(change, change.tensors[:room]))
        room -= min(room, len(change.tensors))
    tensors = sum(len(change.tensors) for change in changes)
    return {
        "changes": listed,
        "facts": [
            {"name": each.name, "before": value_data(each.before), "after": value_data(each.after)} for each in facts
        ],
        "unlisted": max(len(changes) - _MOST_CHANGES, 0) + max(tensors - _MOST_TENSORS, 0),
    }


def _change(change: Change, tensors: Sequence[TensorChange]) -> dict[str, object]:
    shapes = (None, None) if change.shapes is None else change.shapes
    return {
        "level": change.level,
        "kind": change.kind,
        "subject": change.subject,
        "operation": change.word or None,
        "fields": [{"name": each.name, "before": each.before, "after": each.after} for each in change.fields],
        "tensors": [tensor_data(each) for each in tensors],
        "shape": {"before": _shape(shapes[0]), "after": _shape(shapes[1])},
        "was": change.renamed,
        "written": change.written,
        "uses": change.uses,
        "old": _place(change.old),
        "new": _place(change.new),
    }


def tensor_data(each: TensorChange) -> dict[str, object]:
    """Return what became of a tensor."""
    return {
        "kind": each.kind,
        "before": each.before,
        "after": each.after,
        "old_shape": _shape(each.old_shape),
        "new_shape": _shape(each.new_shape),
        "count": each.times,
    }


def _shape(given: Shape | None) -> list[int | str] | None:
    return None if given is None else [str(size) if isinstance(size, Polynomial) else size for size in given]


def value_data(given: object) -> object:
    """Return a fact: an integer above 2^53 and an expression as text, of what is too long its logarithm."""
    if isinstance(given, float):
        return {"log10": given}
    if isinstance(given, int):
        return given if given <= _SAFE else decimal(given)
    return None if given is None else str(given)


def _place(place: Place | None) -> dict[str, object] | None:
    if place is None:
        return None
    return {"file": place.file, "span": None if place.span is None else place.span._asdict()}

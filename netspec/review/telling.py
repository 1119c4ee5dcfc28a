"""How changes are told in words, the same for a terminal and for a page."""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Final, NamedTuple

from netspec.bounds.bounds import Bound
from netspec.diagnostics import show
from netspec.diagnostics.magnitude import byte_size, digit_count, magnitude
from netspec.operations import Shape
from netspec.review.changes import LIST, ORDER, Change, Diff, FactChange, Field, Level, TensorChange
from netspec.review.outline import ACTIVATION, HIDDEN, OUTPUT
from netspec.review.spelling import shape
from netspec.sizes import Polynomial
from netspec.summary.numbers import bound

ARROW: Final = "→"
ADDED, REMOVED, CHANGED, RENAMED, TIED = "+", "-", "~", ">", "="
_SHOWN: Final = 160
_SHOWN_EXPRESSION: Final = 48
_NAMED: Final = 3  # variants of a verdict
_EXACT_BYTES: Final = 10_000  # from here on bytes are told in units

MEANING: Final[dict[Level, str]] = {
    "interface": "what the network takes or gives is another",
    "weights": "a checkpoint of the old network does not load one to one",
    "function": "a checkpoint of the old network loads, and computes something else",
    "budget": "what is asserted of the facts is changed, or holds no more",
    "cosmetic": "text and names only",
}
"""What each class of a change says."""

_KINDS: Final = {
    "name": "name", "description": "description", "dtype": "dtype", "hyperparameter": "hyperparameter",
    "check": "check", "input": "input", "output": "output", "expect": "expect", "parameters": "parameters",
    "training": "training", "variant": "variant",
}  # fmt: skip


class Row(NamedTuple):
    """One line: a sign, what it is of, what is to be said of it, and the class of it."""

    sign: str
    subject: str
    text: str
    level: Level | None = None


class FactRow(NamedTuple):
    """A fact with its values, their difference, and that as a share of the value before; empty where there is none."""

    name: str
    before: str
    after: str
    difference: str
    share: str
    grows: bool | None


def verdict(diff: Diff) -> str:
    """Return the whole in one sentence."""
    if diff.empty and diff.equal:
        words = "the networks are equal"
        trained = {each.kind == "training" for each in diff.every}
        other = {
            1: "the training is another" if True in trained else "the text is another",
            2: "text and training differ",
        }
        return f"{words}: only {other[len(trained)]}" if trained else words
    if diff.empty:
        return "the networks are equal but for their names"
    names = _variants(diff)
    if not names:
        words = f"{diff.level.upper()}: {MEANING[diff.level]}"
        return f"{words}; the architecture is the same" if diff.equal else words
    noun = "variant" if len(names) == 1 else "variants"
    listed = ", ".join(f"`{clean(name)}`" for name in names[:_NAMED])
    listed += f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    gone = [change.subject for change in diff.changes if change.kind == "variant" and _sign(change) == REMOVED]
    if set(names) <= set(gone):
        words = f"the {noun} {listed} {'is' if len(names) == 1 else 'are'} gone"
    else:
        words = f"in the {noun} {listed} alone, {MEANING[diff.level]}"
    rest = "; the architecture as written is the same" if diff.equal else ""
    return f"{diff.level.upper()}: {words}{rest}"


def _variants(diff: Diff) -> list[str]:
    """Return the variants that have the class of all, where the network as written has a milder one."""
    if any(change.level == diff.level for change in diff.changes if change.kind != "variant"):
        return []
    own = [change.subject for change in diff.changes if change.level == diff.level]
    inner = [each.name for each in diff.variants if any(change.level == diff.level for change in each.changes)]
    return list(dict.fromkeys((*own, *inner)))


def key_rows(changes: Sequence[Change]) -> list[Row]:
    """Return a row for each change of a key."""
    return [
        Row(_sign(change), _key(change), _key_text(change), change.level) for change in changes if change.kind in _KINDS
    ]


def _key(change: Change) -> str:
    if change.kind in ("name", "description", "dtype", "parameters"):
        return change.kind
    return change.subject if change.ordering else f"{change.kind} {clean(change.subject)}".strip()


def layer_rows(changes: Sequence[Change]) -> list[Row]:
    """Return a row for each layer that was added, removed or changed."""
    return [
        Row(_sign(change), clean(change.subject), layer_text(change), change.level)
        for change in changes
        if change.kind not in _KINDS
    ]


def tensor_rows(changes: Sequence[Change]) -> list[Row]:
    """Return a row for each tensor whose name, shape or sharing is another."""
    return [tensor_row(each) for change in changes for each in change.tensors]


def tensor_row(each: TensorChange) -> Row:
    """Return the row of a tensor."""
    before, after = (clean(name or "") for name in (each.before, each.after))
    shapes = f"{shape(each.old_shape)} {ARROW} {shape(each.new_shape)}"
    if each.kind == "added":
        return Row(ADDED, after, shape(each.new_shape))
    if each.kind == "removed":
        return Row(REMOVED, before, shape(each.old_shape))
    if each.kind == "reshaped":
        return Row(CHANGED, before, shapes)
    if each.kind == "renamed":
        return Row(RENAMED, before, f"{ARROW} {after}  {shape(each.new_shape)}")
    if each.kind == "moved":
        return Row(CHANGED, before, f"{ARROW} {after}  {shapes}")
    if each.kind == "tied":
        return Row(TIED, before, f"is now {after}")
    if each.kind == "untied":
        return Row(ADDED, after, f"{shape(each.new_shape)}  of its own, was {before}")
    return Row(TIED, before, f"{ARROW} {after}")


def clean(name: str) -> str:
    """Return a name that is made of a spec's names and of ranges; should it hold anything else, that is escaped."""
    return name if name.isprintable() else show(name, _SHOWN)


def layer_text(change: Change) -> str:
    """Return what is said of a layer: its kind, its fields, its name before, and what it gives."""
    told = []
    word = "" if change.word in (HIDDEN, OUTPUT, ACTIVATION) else change.word
    if change.kind == "changed":
        told += [field_text(field) for field in change.fields]
        told += _of_tensors(change) if not change.fields else []
        if change.origin not in ("", change.subject):
            told.insert(0, f"was {clean(change.origin)}")
        if change.shapes is not None and change.shapes[0] is not None and change.shapes[1] is not None:
            told.append(f"gives {shape(change.shapes[0])} {ARROW} {shape(change.shapes[1])}")
        told = told or ["written otherwise" if change.subject == LIST else "computes otherwise"]
    else:
        told += [f"{field.name} {_one(field)}" for field in change.fields if _one(field)][:_FIELDS]
        more = len(change.fields) - _FIELDS
        told += [f"… {more} more"] if more > 0 else []
        given = (change.shapes or (None, None))[change.kind == "added"]
        told += [f"gives {shape(given)}"] if given is not None else []
    uses = f" (at {change.uses:,} places)" if change.uses > 1 else ""
    return ": ".join(part for part in (word, ", ".join(told)) if part) + uses


def _of_tensors(change: Change) -> list[str]:
    """Return what became of a layer's tensors, where its own fields are what they were."""
    kinds = {each.kind for each in change.tensors}
    told = []
    if kinds & {"reshaped", "moved"}:
        told.append("reads another shape")
    elif "renamed" in kinds and change.subject == LIST:
        count = sum(each.times for each in change.tensors)
        told.append("1 tensor has another name" if count == 1 else f"{count:,} tensors have other names")
    elif "renamed" in kinds and change.origin == change.subject:
        told.append("named otherwise")
    words = (("tied", "is tied now"), ("untied", "is tied no longer"), ("retied", "is tied to another tensor"))
    told += [text for kind, text in words if kind in kinds]
    if kinds & {"added", "removed"} and not told:
        told.append("has tensors of its own" if "added" in kinds else "shares its tensors")
    return told


_FIELDS: Final = 4  # of a layer that was added or removed


def field_text(field: Field) -> str:
    """Return a field before and after: `width 64 → 128`."""
    if field.before is None:
        return f"{field.name} {field.after}, new" if field.after else field.name
    if field.after is None:
        return f"{field.name} {field.before} left out"
    return f"{field.name} {field.before} {ARROW} {field.after}"


def fact_rows(facts: Sequence[FactChange]) -> Iterator[FactRow]:
    """Yield the facts as text: bytes in units throughout a row where one of its values is large."""
    for fact in facts:
        units = fact.name.endswith("_bytes") and any(
            isinstance(each, int) and each >= _EXACT_BYTES for each in (fact.before, fact.after)
        )
        before, after = (_value(each, units=units) for each in (fact.before, fact.after))
        difference, share, grows = _difference(fact, units=units)
        yield FactRow(fact.name, before, after, difference, share, grows)


def _one(field: Field) -> str:
    return field.after or field.before or ""


def _sign(change: Change) -> str:
    if change.kind in ("added", "removed"):
        return ADDED if change.kind == "added" else REMOVED
    if change.kind in ("changed", "name", "description", "dtype", "parameters"):
        return RENAMED if change.alike else CHANGED
    befores, afters = [f.before for f in change.fields], [f.after for f in change.fields]
    if all(each is None for each in befores):
        return ADDED
    return REMOVED if all(each is None for each in afters) else CHANGED


def _key_text(change: Change) -> str:
    if change.kind == "expect":
        return _expect_text(change)
    told = []
    for field in change.fields:
        words = f"{field.before} {ARROW} {field.after}"
        if field.before is None or field.after is None:
            words = _one(field)
        if field.name in ("shape", "dtype") and change.kind in ("input", "output"):
            told.append(words if field.name == "shape" else f"dtype {words}")
        elif field.name == "name" and change.kind in ("input", "output", "hyperparameter"):
            told += [f"was {field.before}"] if field.before and field.after else []
        elif field.name == ORDER:
            told.append(f"come in another order: {words}")
        elif field.name == "check":
            told.append("now required" if field.before is None else "no longer required")
        else:
            told.append(words)
    return ", ".join(told)


def _expect_text(change: Change) -> str:
    """Return what is asserted before and after, and where it does not hold, what the fact is: each number once."""
    said, *found = change.fields
    if said.before == said.after:
        words = f"{said.before} is asserted"
    elif said.before is None:
        words = f"{said.after} is asserted, and was not"
    elif said.after is None:
        words = f"{said.before} is no longer asserted"
    else:
        words = f"{said.before} {ARROW} {said.after}"
    for field in found:
        if (field.before, field.after) == (said.before, said.after):
            words += ", as it was and is"
        elif field.before in (said.before, field.after):
            words += f", and it is {field.after}"
        else:
            words += f"; it was {field.before}, and is {field.after}"
    return words


def _value(value: "object", *, units: bool) -> str:
    if value is None:
        return "–"
    if isinstance(value, float):
        return bound(Bound(None, value, ""))
    if isinstance(value, Polynomial):
        return show(str(value), _SHOWN)
    if isinstance(value, int) and units:
        return byte_size(value)
    return magnitude(value) if isinstance(value, int) else str(value)


def _difference(fact: FactChange, *, units: bool) -> tuple[str, str, bool | None]:
    """Return the difference, its share of what was before, and whether it is more."""
    before, after = fact.before, fact.after
    if isinstance(before, int) and isinstance(after, int):
        grown = after - before
        sign = "+" if grown > 0 else "−"
        amount = byte_size(abs(grown)) if units else magnitude(abs(grown))
        return f"{sign}{amount}".replace("+≈ ", "≈ +").replace("−≈ ", "≈ −"), _share(before, after), grown > 0
    if isinstance(before, int | Polynomial) and isinstance(after, int | Polynomial):
        grown_by = str(after - before)
        if len(grown_by) > _SHOWN_EXPRESSION:
            return "", "", None
        return (grown_by if grown_by.startswith("-") else f"+{grown_by}").replace("-", "−", 1), "", None
    if isinstance(before, int | float) and isinstance(after, int | float):
        logs = [digit_count(each) if isinstance(each, int) and each > 0 else each for each in (before, after)]
        power = round(float(logs[1]) - float(logs[0]))
        return "", f"×10^{power}" if power else "", power > 0
    return "", "", None


def _share(before: int, after: int) -> str:
    """Return by how much of it a number grew, in per cent, or how many times it is."""
    if not before or not after:
        return ""
    ratio = Fraction(after, before)
    if ratio >= 10:
        if ratio >= 10**6:
            return f"×10^{digit_count(after // before) - 1}"
        return f"×{float(ratio):,.0f}"
    if ratio < Fraction(1, 10**6):
        return "−100 %"
    percent = float((ratio - 1) * 100)
    decimals = 1 if abs(percent) >= 0.1 else 3
    return f"{'+' if percent > 0 else '−'}{abs(percent):.{decimals}f} %"


def shapes_text(shapes: "tuple[Shape | None, Shape | None]") -> str:
    """Return two shapes."""
    return f"{shape(shapes[0])} {ARROW} {shape(shapes[1])}"

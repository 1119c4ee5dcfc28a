"""Changes that break something, as diagnostics: each at its cause in the new text, with the old text beside it."""

import re
import shlex
from collections.abc import Collection, Mapping, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Note, Place, quote, show
from netspec.limits import PATH_LENGTH
from netspec.review.causes import LAYERS, Cause, causes
from netspec.review.changes import LIST, Change, Diff, Field, Level, TensorChange, at_least
from netspec.review.outline import HIDDEN
from netspec.review.spelling import shape
from netspec.review.telling import ARROW, clean, key_rows, layer_text
from netspec.review.written import number


class Class(NamedTuple):
    """A class of changes: the code of its errors, and what it means for who has the old network, behind a headline."""

    code: str
    effect: str = ""


CLASSES: Final[dict[Level, Class]] = {
    "interface": Class("breaking-interface"),
    "weights": Class("breaking-weights"),
    "function": Class("breaking-function", "; an old checkpoint loads, and computes something else"),
    "budget": Class("breaking-budget"),
    "cosmetic": Class("breaking-cosmetic"),
}

_NUMBER: Final = re.compile(r"_\d+$")  # by which layers of one kind are told apart
_NAMED: Final = 2  # tensors that one label names; a count beyond


def breaking(diff: Diff, least: Level) -> list[Diagnostic]:
    """Return an error for each change of at least that class, in the order of the new file.

    The first of each network that is of weights says how to learn what becomes of a checkpoint.
    """
    told = {each.name for each in diff.variants if any(change.kind == "hyperparameter" for change in each.changes)}
    own = [change for change in diff.changes if change.kind != "variant" or change.subject not in told]
    found = _planned([_fault(cause, diff.new.file) for cause in causes(own) if at_least(cause.level, least)], diff)
    for variant in diff.variants:
        faults = [_fault(cause, diff.new.file) for cause in causes(variant.changes) if at_least(cause.level, least)]
        found += [in_variant(variant.name, fault) for fault in _planned(faults, diff, variant.name)]
    return sorted(dict.fromkeys(found), key=Diagnostic.order)


def in_variant(name: str, fault: Diagnostic) -> Diagnostic:
    """Return an error as one of a variant."""
    return fault._replace(headline=f"in the variant `{clean(name)}`: {fault.headline}")


def _planned(faults: list[Diagnostic], diff: Diff, variant: str = "") -> list[Diagnostic]:
    """Return the faults in order, the first of weights with the command that says what becomes of a checkpoint."""
    faults = sorted(faults, key=Diagnostic.order)
    number = next((n for n, fault in enumerate(faults) if fault.code == CLASSES["weights"].code), None)
    if number is not None:
        words = f"what becomes of a checkpoint: `{_plan_command(diff, variant)}`"
        fault = faults[number]
        faults[number] = fault._replace(help=f"{fault.help}; {words}" if fault.help else words)
    return faults


def _plan_command(diff: Diff, variant: str) -> str:
    """Return what to type for the plan from one side to the other; names that a line cannot have are left open."""
    files = (diff.old.file, diff.new.file)
    typed = [shlex.quote(name) for name in files if show(name, PATH_LENGTH.value) == name and "`" not in name]
    old, new = typed if len(typed) == len(files) else ("OLD.yaml", "NEW.yaml")
    of = f" --variant {variant} --from-variant {variant}" if variant else ""
    return f"netspec plan {new} --weights FILE --from {old}{of}"


def over_limits(
    limits: Mapping[str, int],
    facts: tuple[Mapping[str, object], Mapping[str, object]],
    place: Place,
    set_at: Mapping[str, Place] | None = None,
) -> list[Diagnostic]:
    """Return an error at a place for each limit that a new fact exceeds and the old one kept.

    `set_at` has where limits are set that a file sets.
    """
    found = []
    for word, most in limits.items():
        before, after = (each.get(word) for each in facts)
        if isinstance(after, int) and after > most and not (isinstance(before, int) and before > most):
            was = f", and was {number(before)}" if isinstance(before, int) else ""
            headline = f"`{word}` is {number(after)}{was}; the limit is {number(most)}"
            notes = (Note(set_at[word], "the limit"),) if set_at and word in set_at else ()
            help_ = "make it smaller, or raise the limit"
            found.append(Diagnostic(CLASSES["budget"].code, headline, place, notes=notes, help=help_))
    return found


def gone(old: str, new: str) -> Diagnostic:
    """Return the error for a spec that there is no more."""
    headline = f"the spec {quote(new)} is gone"
    return Diagnostic(
        CLASSES["interface"].code, headline, Place(old), help="whoever loads it finds nothing; keep it, or say so"
    )


def _fault(cause: Cause, file: str) -> Diagnostic:
    change, level = cause.change, cause.level
    place = change.new or change.old or Place("")
    notes = []
    if change.old is not None and change.old != place:
        notes.append(Note(change.old, _before(change)))
    notes += [Note(each.new, _follows(each)) for each in cause.following if each.new is not None]
    headline = f"{_what(change)}{_effect(level, cause)}"
    if place.file not in ("", file):  # a part, which is a spec of its own as well
        headline = f"in {quote(file)}: {headline}"
    return Diagnostic(CLASSES[level].code, headline, place, _label(change), tuple(notes), _help(cause))


def _what(change: Change) -> str:
    """Return what changed: a clause."""
    name = f"`{clean(change.subject)}`"
    if change.kind == "added":
        return f"the {_noun(change)}{name} is new"
    if change.kind == "removed":
        return f"the {_noun(change)}{name} is gone"
    if change.subject == LIST and change.kind == "changed":
        return f"{LIST} is {layer_text(change) if change.fields else 'written otherwise'}"
    if change.kind == "changed":
        return (
            f"{name}: {layer_text(change._replace(word='', uses=1, shapes=None))}"
            if change.fields
            else f"{name} {_otherwise(change)}"
        )
    row = key_rows([change])[0]
    if change.ordering:
        return f"the {row.subject} {row.text}"
    subject = (
        f"the {change.kind} {name}"
        if change.kind not in ("name", "description", "dtype", "parameters")
        else change.kind
    )
    if change.kind == "training":
        subject = f"`training.{clean(change.subject)}`"
    before, after = any(f.before is not None for f in change.fields), any(f.after is not None for f in change.fields)
    if change.kind == "check":
        return f"the check {name} is {row.text}"
    if change.kind == "expect":
        return f"`{clean(change.subject)}`: {row.text}"
    if before and after:
        return f"{subject}: {row.text}"
    return f"{subject} is {'new' if after else 'gone'}"


def _noun(change: Change) -> str:
    noun = "hidden layer" if change.word == HIDDEN else "layer" if change.word else ""
    return f"{noun} " if noun else ""


def _otherwise(change: Change) -> str:
    if change.renamed is not None:
        return f"was called `{clean(change.renamed)}`"
    return layer_text(change._replace(word="", uses=1, shapes=None, origin=""))


def _effect(level: Level, cause: Cause) -> str:
    """Return what it means for who has the old network."""
    if cause.tensors and level in ("interface", "weights"):
        return f"; {_counted(cause.tensors)}"
    return CLASSES[level].effect


def _counted(tensors: list[TensorChange]) -> str:
    """Return how many tensors no longer fit, and in which way."""
    counts: dict[str, int] = {}
    for each in tensors:
        kind = {
            "added": "missing",
            "untied": "missing",
            "removed": "left over",
            "tied": "left over",
            "renamed": "renamed",
        }
        word = kind.get(each.kind, "misfit")
        counts[word] = counts.get(word, 0) + each.times
    words = {
        "missing": "{} in no old checkpoint",
        "left over": "{} of an old checkpoint {} left over",
        "renamed": "{} {} another name in an old checkpoint",
        "misfit": "{} of an old checkpoint {} not fit",
    }
    told = []
    for word, text in words.items():
        if count := counts.get(word, 0):
            tensor = f"{count:,} {'tensor' if count == 1 else 'tensors'}"
            one = count == 1
            if word == "missing":
                told.append(f"{tensor} {'is' if one else 'are'} in no old checkpoint")
            else:
                verb = {"left over": ("is", "are"), "renamed": ("has", "have"), "misfit": ("does", "do")}[word][not one]
                told.append(text.format(tensor, verb))
    return ", ".join(told)


def _label(change: Change) -> str:
    """Return what stands under the mark: the first tensors, and of a text that is applied elsewhere too, where that is;
    of what is gone, that the text marked is not it.
    """
    if change.kind == "removed":
        told = [f"{clean(each.before or '')} {shape(each.old_shape)}" for each in change.tensors]
        return f"gone from beside this{f', with {_listed(told)}' if told else ''}"
    if change.kind not in LAYERS and change.fields and change.fields[0].after is None:
        return "gone from here"
    if not change.others:
        return _listed([_tensor(each) for each in change.tensors])
    return f"{_places(change)}: {_within(change)}" if change.tensors else ""


def _listed(told: Sequence[str]) -> str:
    """Return the first of several, and how many there are more."""
    more = len(told) - _NAMED
    return ", ".join([*told[:_NAMED], f"{more:,} more"] if more > 0 else told)


def _places(change: Change) -> str:
    """Return what a layer is called at the places at which it is applied."""
    return _listed([clean(name) for name, _ in change.places])


def _within(change: Change) -> str:
    """Return the tensors of a layer by their names within it, those of several places once."""
    names = {name for name, _ in change.places}
    found: dict[str, None] = {}
    for each in change.tensors:
        if each.kind not in ("renamed", "moved"):  # else both names matter
            before, after = (_inside(name, change.subject, names) for name in (each.before, each.after))
            each = each._replace(before=before, after=after)
        found[_tensor(each)] = None
    return _listed(list(found))


def _inside(name: str | None, subject: str, others: Collection[str]) -> str | None:
    """Return the name of a tensor within the layer that it belongs to, which is named beside it."""
    if name is None or name.startswith(f"{subject}."):
        return name and name.removeprefix(f"{subject}.")
    layer, _, role = name.rpartition(".")
    return role if layer in others else name


def _tensor(each: TensorChange) -> str:
    before, after = clean(each.before or ""), clean(each.after or "")
    if each.kind == "added":
        return f"{after} {shape(each.new_shape)} is new"
    if each.kind == "removed":
        return f"{before} {shape(each.old_shape)} is gone"
    if each.kind == "reshaped":
        return f"{before} {shape(each.old_shape)} {ARROW} {shape(each.new_shape)}"
    if each.kind == "renamed":
        return f"{before} {ARROW} {after}"
    if each.kind == "moved":
        return f"{before} {shape(each.old_shape)} {ARROW} {after} {shape(each.new_shape)}"
    return f"{after} is of its own" if each.kind == "untied" else f"{before} is now {after}"


def _before(change: Change) -> str:
    """Return what stands beside the old text."""
    if change.kind == "added":
        return "before: it would stand here" if change.written else "before"
    named = change.kind in LAYERS  # a key has one value, which needs no name
    fields = [_value(field, named=named) for field in change.fields if field.name != "found"]
    told = [each for each in fields if each]
    return f"before: {', '.join(told[:3])}" if told and change.kind != "removed" else "before"


def _value(field: Field, *, named: bool) -> str:
    return f"{field.name} {field.before}" if named and field.before is not None else field.before or ""


def _follows(change: Change) -> str:
    """Return what is said of a layer that a change reaches."""
    name = clean(change.subject)
    if change.kind not in LAYERS:
        return f"so the {change.kind} {name}: {key_rows([change])[0].text}"
    if change.tensors and change.alike:
        return f"so {_places(change)}: named otherwise"
    if change.tensors:
        return f"so {_places(change)}: {_within(change)}"
    if change.kind in ("added", "removed"):
        return f"so {name} is {'new' if change.kind == 'added' else 'gone'}"
    said = _NUMBER.sub("", name.rpartition(".")[2])
    word = "" if said == change.word else change.word
    return f"so {name}: {layer_text(change._replace(uses=1, word=word))}"


def _help(cause: Cause) -> str:
    if cause.change.ordering:
        return "they are given and taken by their places: keep the order, or say so"
    if cause.level == "weights" and any(each.kind in ("renamed", "moved") for each in cause.tensors):
        if cause.change.renamed is not None:
            return f"keep the name: `as: {clean(cause.change.renamed.rpartition('.')[2])}`"
        return "names that must outlive edits are given by `as`"
    return ""

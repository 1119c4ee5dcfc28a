"""The keys of one part, read as its head, its claims and its body."""

from collections.abc import Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from netspec.diagnostics import Diagnostic, show
from netspec.diagnostics.suggest import nearest
from netspec.layers.faults import Details, Mark, Path
from netspec.layers.mlp import Mlp
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.limits import EXPRESSION_TEXT
from netspec.spec.composition import Composition
from netspec.spec.document import Document
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import DTYPES, LANGUAGE_VERSION, Claims, Head
from netspec.spec.layered import Layered
from netspec.spec.parameters import Draw

if TYPE_CHECKING:
    from netspec.spec.recipe import Recipe

_ONLY_LAYERED = frozenset({"symbols", "outputs"})
_HEAD = frozenset(Head.model_fields)
_CLAIMS = frozenset(Claims.model_fields)
_CONNECTED = tuple(key for key in Mlp.model_fields if key != "output")
_NO_BODY = _HEAD | _CLAIMS | {"training"}
_BODIES = (Layered, Composition, FullyConnected)
_KEYS = (*dict.fromkeys(key for model in (Head, Claims, *_BODIES) for key in model.model_fields), "training")


Body = FullyConnected | Composition | Layered
_BEGIN = {
    ("compose",): "a composition",
    ("layers",): "a list of layers",
    _CONNECTED: "a fully connected network",
}
"""What each body begins with, for a part that has more than one."""


class Reading(NamedTuple):
    """What could be read of a part; None for what is at fault."""

    head: Head | None
    claims: Claims | None
    body: Body | None
    claims_path: Path
    training: "Recipe | None" = None


def obstacles(document: Document, path: Path, data: Mapping[str, Any]) -> list[Diagnostic]:
    """Return the faults that make the rest unreadable: another version, a later body, two bodies in one."""
    version = data.get("netspec")
    if version.__class__ is int and version != LANGUAGE_VERSION:
        words = f"this is version {show(version)} of the language; this netspec reads version {LANGUAGE_VERSION}"
        help_ = f"write `netspec: {LANGUAGE_VERSION}`, or read it with a netspec for version {show(version)}"
        return [document.fault("language-version", path, Details(words, False, ("netspec",), help=help_))]
    most = EXPRESSION_TEXT.value
    if not path and document.letters > most:
        words = f"the expressions of a spec may have {most:,} characters together, and go beyond here"
        details = Details(words, False, document.place_of_letter(most), help="name what repeats in hyperparameters")
        return [document.fault(EXPRESSION_TEXT.code, path, details)]
    begun = [
        (next(key for key in keys if key in data), words)
        for keys, words in _BEGIN.items()
        if any(k in data for k in keys)
    ]
    if len(begun) > 1:
        (first, begins), (second, also) = begun[:2]
        marks = (Mark((first,), f"{begins} begins here", key=True),)
        words = "a part has one body, but here are two"
        details = Details(words, False, (second,), True, f"{also} begins here", marks, "keep one of them")
        return [document.fault("two-bodies", path, details)]
    return []


def read_part(
    document: Document, path: Path, data: Mapping[str, Any], scope: Scope, variant: str | None, *, expects: bool = True
) -> tuple[Reading, list[Diagnostic]]:
    """Return the part whose keys are `data`, found at `path`, read in a scope; and its faults.

    Under a variant, the variant's own claims are read; of the file's only how parameters are drawn still holds.
    Where nothing `expects` the sizes in force, what is asserted is left out: of other sizes it need not even be a
    number that can be read.
    """
    head_data = {key: value for key, value in data.items() if key in _HEAD}
    if path:
        head_data.setdefault("netspec", LANGUAGE_VERSION)
        if document.data.get("dtype") in DTYPES:  # a part of a file computes in what the file does
            head_data.setdefault("dtype", document.data["dtype"])
    head, faults = document.read(Head, head_data, path, scope)
    claims_path, claims_data = path, {key: value for key, value in data.items() if key in _CLAIMS}
    if variant is not None:
        claims_path = (*path, "variants", variant)
        claims_data = {key: value for key, value in data["variants"][variant].items() if key in _CLAIMS}
    if not expects and "expect" in claims_data:
        document.read(Claims, {"expect": claims_data.pop("expect")}, claims_path, scope)  # for the names that it uses
    claims, more = document.read(Claims, claims_data, claims_path, scope)
    faults += more
    if claims is not None and variant is not None and claims.parameters is None:
        written, _ = document.read(
            Claims, {"parameters": data["parameters"]} if "parameters" in data else {}, path, scope
        )
        if written is not None and isinstance(written.parameters, Draw):
            claims = claims.model_copy(update={"parameters": written.parameters})
    training, more = _training(document, path, data, scope, variant)
    faults += more
    body_data = {key: value for key, value in data.items() if key not in _NO_BODY}
    body, more = document.read(_body_type(body_data), body_data, path, scope, _KEYS)
    return Reading(head, claims, body, claims_path, training), faults + more


def _training(
    document: Document, path: Path, data: Mapping[str, Any], scope: Scope, variant: str | None
) -> "tuple[Recipe | None, list[Diagnostic]]":
    """Return how a file says that its network is trained: what a variant says goes before what the file does."""
    sections = {(*path, "training"): data["training"]} if "training" in data else {}
    if variant is not None and "training" in data["variants"][variant]:
        sections[*path, "variants", variant, "training"] = data["variants"][variant]["training"]
    if not sections or path:  # a part has none, which is told where it is resolved
        return None, []
    from netspec.spec.training import read_training  # few specs have any

    return read_training(document, sections, scope)


def read_list(document: Document, path: Path, data: Mapping[str, Any], scope: Scope) -> Layered | None:
    """Return the list of layers of a part without the shapes of what comes in; None where it is none."""
    kept = {key: value for key, value in data.items() if key in ("symbols", "layers")}
    inputs = data.get("inputs")
    if isinstance(inputs, dict):
        kept["inputs"] = list(inputs)
    body, _ = document.read(Layered, kept, path, scope)
    return body


def _body_type(data: Mapping[str, Any]) -> type[Body]:
    """Return the body that the keys mean, a mistyped `compose` or `layers` included, so that it is one fault."""
    if "layers" in data:
        return Layered
    if "compose" in data:
        return Composition
    if any(key in data for key in _CONNECTED):
        return FullyConnected
    unknown = islice((key for key in data if key not in FullyConnected.model_fields), MOST_FAULTS)
    meant = {nearest(key, _KEYS) for key in unknown}
    if "compose" in meant:
        return Composition
    return Layered if "layers" in meant or not _ONLY_LAYERED.isdisjoint(data) else FullyConnected

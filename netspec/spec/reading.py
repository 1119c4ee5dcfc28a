"""The keys of one part, read as its head, its claims and its body."""

from collections.abc import Mapping
from itertools import islice
from typing import Any, NamedTuple

from netspec.diagnostics import Diagnostic, quote, show
from netspec.diagnostics.suggest import nearest
from netspec.layers.faults import Details, Mark, Path
from netspec.layers.mlp import Mlp
from netspec.layers.scope import MOST_FAULTS, Scope
from netspec.limits import EXPRESSION_TEXT
from netspec.spec.composition import Composition
from netspec.spec.document import Document
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import LANGUAGE_VERSION, Claims, Head
from netspec.spec.parameters import Draw

LAYERED = ("layers", "blocks", "symbols")
LATER = (*LAYERED, "inputs", "outputs")
_HEAD = frozenset(Head.model_fields)
_CLAIMS = frozenset(Claims.model_fields)
_CONNECTED = tuple(key for key in Mlp.model_fields if key != "output")
_KEYS = (*Head.model_fields, *Claims.model_fields, *FullyConnected.model_fields, *Composition.model_fields)


class Reading(NamedTuple):
    """What could be read of a part; None for what is at fault."""

    head: Head | None
    claims: Claims | None
    body: FullyConnected | Composition | None
    claims_path: Path


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
    later = [key for key in data if key in LATER]
    if any(key in LAYERED for key in later):  # without these, `inputs` is a mistyped `input`
        help_ = "this version reads fully connected networks (`K`, `widths`) and compositions (`compose`)"
        words = "the key {} belongs to networks of layers, which this version does not read"
        return [
            document.fault("unsupported-key", path, Details(words.format(quote(key)), False, (key,), True, help=help_))
            for key in later
        ]
    if "compose" in data:
        for key in _CONNECTED:
            if key in data:
                details = Details(
                    "a part has one body, but here are two",
                    False,
                    (key,),
                    True,
                    "a fully connected network begins here",
                    (Mark(("compose",), "a composition begins here", key=True),),
                    "keep one of them",
                )
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
    body_data = {key: value for key, value in data.items() if key not in _HEAD and key not in _CLAIMS}
    body, more = document.read(_body_type(body_data), body_data, path, scope, _KEYS)
    return Reading(head, claims, body, claims_path), faults + more


def _body_type(data: Mapping[str, Any]) -> type[FullyConnected] | type[Composition]:
    """Return the body that the keys mean, a mistyped `compose` included, so that it is one fault."""
    if "compose" in data:
        return Composition
    if any(key in data for key in _CONNECTED):
        return FullyConnected
    unknown = islice((key for key in data if key not in FullyConnected.model_fields), MOST_FAULTS)
    return Composition if any(nearest(key, _KEYS) == "compose" for key in unknown) else FullyConnected

"""The facts of a spec as a file beside it, so that a plain `git diff` shows what a change of the text means.

One value stands on a line, in an order that is always the same, and the bytes are the same on every machine:

    {
      "netspec_facts": 1,                    the version of this form
      "spec": "net.yaml",                    the file that it is of
      "name": "net", "dtype": "float32",
      "inputs": {"in": [1, 28, 28]},         shapes by name; a size that is free is a text
      "input_dtypes": {},                    of those inputs that are not of the dtype
      "outputs": {"out": [10]},
      "facts": {
        "parameters": 76134, "state": 0, "capacity": 4768, "depth": 2, "macs": 193504, "flops": 400082,
        "parameter_bytes": 304536,
        "activation_bytes": 7840,            null where free sizes decide what the peak is
        "receptive_field": null,
        "regions_at_least": 16,              null where none are proven
        "regions_at_most": "10^1543.112233"  of more than 1,000 digits the logarithm, rounded outward
      },
      "fingerprint": "sha256:…",
      "tensors": {"h_{0…3}.beta": [10]},     those that are learned, rounds that are alike in one line
      "state": {},                           those that are kept and not learned
      "variants": {}                         inputs, outputs, facts and fingerprint of each
    }

An integer above 2^53, which many readers of JSON would round, is a text of all its digits.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from netspec.diagnostics.magnitude import decimal
from netspec.graph import Facts
from netspec.limits import EXPECTED_DIGITS
from netspec.operations import Shape
from netspec.review.folded import folded_tensors
from netspec.sizes import Polynomial, Size
from netspec.summary.totals import input_dtypes
from netspec.validation import Family, Member

if TYPE_CHECKING:
    from netspec.bounds.bounds import Bound

FACTS_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it
FIRST_KEY: Final = "netspec_facts"
SUFFIX: Final = ".facts.json"

Value = int | str | list[int | str] | None
Data = Mapping[str, "Value | Data"]

_SPEC_SUFFIX: Final = ".yaml"
# Of ASCII, Latin and Greek, and the ellipsis of rounds: what prints may change with the Unicode tables of a Python.
_PLAIN: Final = re.compile(r"[ -~\u00a1-\u00ac\u00ae-\u017f\u0391-\u03a1\u03a3-\u03a9\u03b1-\u03c9\u2026]*")
_OURS: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s{0,64}\{\s{0,64}"' + FIRST_KEY.encode() + rb'"\s{0,64}:')
_SAFE: Final = 1 << 53
_MOST_DIGITS: Final = EXPECTED_DIGITS.value


def facts_path(spec: str) -> str:
    """Return the file for the facts of a spec: `net.facts.json` of `net.yaml`; any other suffix stays in the name."""
    return spec.removesuffix(_SPEC_SUFFIX) + SUFFIX


def spec_paths(facts: str) -> tuple[str, ...]:
    """Return the specs that a file of facts may be of."""
    base = facts.removesuffix(SUFFIX)
    return (base + _SPEC_SUFFIX, base)


def is_facts(data: bytes) -> bool:
    """Whether a file is one of facts, by its first key: what has been merged badly is one too."""
    return _OURS.match(data) is not None


def facts_text(family: Family, spec: str) -> str:
    """Return what stands beside a spec that has a network, in the form that this module describes.

    Raises TypeError where it has none: whoever opened it has the faults.
    """
    if family.written is None:
        raise TypeError("a spec without a network has no facts")
    return written(facts_data(family.written, family.variants, os.path.basename(spec)))


def facts_data(member: Member, variants: Mapping[str, Member], spec: str) -> Data:
    """Return the facts of a network and its variants as plain data."""
    part = member.part
    held = list(folded_tensors(member.graph))
    own = _own(member)
    return {
        FIRST_KEY: FACTS_VERSION,
        "spec": spec,
        "name": part.name,
        "dtype": part.head.dtype,
        "inputs": own["inputs"],
        "input_dtypes": dict(input_dtypes(part)),
        "outputs": own["outputs"],
        "facts": own["facts"],
        "fingerprint": own["fingerprint"],
        "tensors": {each.name: list(each.shape) for each in held if each.learned},
        "state": {each.name: list(each.shape) for each in held if not each.learned},
        "variants": {name: _own(variant) for name, variant in variants.items()},
    }


def written(data: Data) -> str:
    """Return data as JSON with one value on each line, lists of numbers in one."""
    return "".join((*_lines(data, 0), "\n"))


def _own(member: Member) -> Data:
    facts = member.facts
    return {
        "inputs": {name: _shape(shape) for name, shape in facts.inputs.items()},
        "outputs": {name: _shape(shape) for name, shape in facts.outputs.items()},
        "facts": _facts(facts),
        "fingerprint": facts.fingerprint,
    }


def _facts(facts: Facts) -> Data:
    bounds = facts.regions
    return {
        "parameters": _size(facts.parameters),
        "state": _size(facts.state),
        "capacity": _size(facts.capacity),
        "depth": _size(facts.depth),
        "macs": _size(facts.macs),
        "flops": _size(facts.flops),
        "parameter_bytes": _size(facts.parameter_bytes),
        "activation_bytes": _size(facts.activation_bytes),
        "receptive_field": None if facts.receptive_field is None else list(facts.receptive_field),
        "regions_at_least": None if bounds is None else _bound(bounds.lower),
        "regions_at_most": None if bounds is None else _bound(bounds.upper),
    }


def _shape(shape: Shape) -> list[int | str]:
    return [str(size) if isinstance(size, Polynomial) else size for size in shape]


def _size(size: Size | None) -> int | str | None:
    if size is None or isinstance(size, Polynomial):
        return None if size is None else str(size)
    return size if size <= _SAFE else decimal(size)


def _bound(bound: "Bound") -> int | str | None:
    if bound.value is None or bound.log10 > _MOST_DIGITS:
        return f"10^{bound.log10!r}"
    return _size(bound.value)


def _lines(data: Data, level: int) -> Iterator[str]:
    indent = "  " * (level + 1)
    between = "{\n"
    for key, value in data.items():
        yield f"{between}{indent}{_text(key)}: "
        between = ",\n"
        if isinstance(value, Mapping):
            yield from _lines(value, level + 1)
        elif isinstance(value, list):
            yield f"[{', '.join(map(_scalar, value))}]"
        else:
            yield _scalar(value)
    yield "{}" if not data else f"\n{'  ' * level}}}"


def _scalar(value: int | str | None) -> str:
    return "null" if value is None else str(value) if isinstance(value, int) else _text(value)


def _text(text: str) -> str:
    """Return a JSON text, its letters as they are where every version of Unicode knows that they print."""
    return json.dumps(text, ensure_ascii=_PLAIN.fullmatch(text) is None)

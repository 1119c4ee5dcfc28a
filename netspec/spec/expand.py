"""The long form of a spec: one file with its parts in it, and every default, size and name written out.

What a family leaves open is settled: hyperparameters and variants are gone, sizes are integers, and checks have been
held. A file of a composition becomes a network under `networks`, called as its tensors are; networks that nothing
reads are left out. The long form has the same fingerprint, the same tensors by the same names, and is its own long
form.
"""

import posixpath
from collections.abc import Mapping
from copy import deepcopy
from typing import NamedTuple

from netspec.diagnostics import Diagnostic, Place, SpecError
from netspec.limits import SPEC_BYTES, YAML_DEPTH, YAML_VALUES, Limit
from netspec.sizes import Polynomial
from netspec.spec.composition import Composition
from netspec.spec.expand_layers import activation_keys, layered_keys, open_names, partly
from netspec.spec.expectations import Assertion, Expect
from netspec.spec.fully_connected import FullyConnected
from netspec.spec.head import LANGUAGE_VERSION
from netspec.spec.layered import Layered
from netspec.spec.parameters import Draw, ParameterFile, Parameters
from netspec.spec.part import Part
from netspec.spec.yaml_text import write


def expand(part: Part, *, parameters: bool = True) -> dict[str, object]:
    """Return the long form of a spec as plain data, in the order in which it is written; `part` is without faults.

    Without `parameters` it says nothing of which function of the family it is. The path of a parameter file is
    relative to the spec that was resolved. Raises SpecError `too-deep` and `too-many-values` where no single file may
    hold the long form; the fault's place is what brings the part that is too much.
    """
    top = part.document.source.place(part.path)
    return _Expansion(part, parameters).part(part, "", 1, top).keys


def expand_text(part: Part, *, parameters: bool = True) -> str:
    """Return the long form of a spec as YAML. Raises SpecError as `expand`, and `file-too-large` likewise."""
    text = write(expand(part, parameters=parameters))
    if len(text.encode()) > SPEC_BYTES.value:
        raise _refusal(part, SPEC_BYTES, part.document.source.place(part.path))
    return text


class _Written(NamedTuple):
    """A part as keys; and the networks it reads that are declared around it: how many parts up, and the name."""

    keys: dict[str, object]
    reads: frozenset[tuple[int, str]]


class _Expansion:
    """One long form in the making, with the count of what it holds so far."""

    def __init__(self, top: Part, parameters: bool) -> None:
        self._top = top
        self._parameters = parameters
        self._folder = posixpath.dirname(top.document.relative)
        self._values = 0

    def part(self, part: Part, key: str, level: int, place: Place) -> _Written:
        """Return what a part is written as.

        `key` is what it is called where it stands (empty for the file itself), `level` how many collections it stands
        in, counting its own; `place` is what brings it. As deep in Python as parts stand within parts, which the
        limit on these bounds.
        """
        keys: dict[str, object] = {}
        if not key:
            keys["netspec"] = LANGUAGE_VERSION
        if part.name != key:
            keys["name"] = part.name
        if part.head.description is not None:
            keys["description"] = part.head.description
        keys["dtype"] = part.head.dtype
        claims = self._claims(part, outermost=not key)
        if isinstance(part.body, FullyConnected):
            keys.update(_fully_connected(part.body))
            keys.update(claims)
            self._bound(keys, level, place)
            return _Written(keys, frozenset())
        if isinstance(part.body, Layered):
            return self._layered(part, part.body, keys, claims, level, place)
        ends = _ends(part)
        if "input" in ends:
            keys["input"] = ends["input"]
        keys["networks"] = {}
        keys["compose"] = [entry.name for entry in part.entries]
        if "output" in ends:
            keys["output"] = ends["output"]
        keys.update(claims)
        self._bound(keys, level, place)
        keys["networks"], reads = self._networks(part, level)
        if not keys["networks"]:
            del keys["networks"]
        return _Written(keys, reads)

    def _layered(
        self, part: Part, body: Layered, keys: dict[str, object], claims: dict[str, object], level: int, place: Place
    ) -> _Written:
        """Return a list of layers with the blocks and networks that it applies, those of its parts too."""
        settable = _settable(part)
        if settable:
            keys["hyperparameters"] = settable
        first = layered_keys(part, body)
        needed = _needed(part, {})
        parts: dict[str, dict[str, object]] = {"blocks": {}, "networks": {}}
        keys.update(first | claims)
        self._bound(keys, level, place)
        for kind, names in (("blocks", part.networks.blocks), ("networks", part.networks.parts)):
            for name in names:
                if (0, name) in needed:
                    at = part.document.source.place((*part.path, kind, name), key=True)
                    parts[kind][name] = self.part(needed[0, name], name, level + 2, at).keys
        before = {key: value for key, value in keys.items() if key not in ("layers", "output", "outputs", *claims)}
        after = {key: value for key, value in keys.items() if key not in before}
        written = before | {kind: inner for kind, inner in parts.items() if inner} | after
        return _Written(written, frozenset((up, name) for up, name in needed if up))

    def _networks(self, part: Part, level: int) -> tuple[dict[str, object], frozenset[tuple[int, str]]]:
        """Return the networks that a composition declares in its long form, and what they and it read of those around.

        A network may read those above it, so that the last is looked at first: only then is it known what is read.
        """
        source = part.document.source
        reads = {(entry.up, entry.name) for entry in part.entries if entry.shared}
        written: dict[str, object] = {}
        for entry in part.entries:
            if not entry.shared:
                found = self.part(entry.part, entry.name, level + 2, source.place(entry.path))
                written[entry.name] = found.keys
        declared: dict[str, object] = {}
        for name, network in reversed(part.networks.parts.items()):
            if network is not None and (0, name) in reads:
                place = source.place((*part.path, "networks", name), key=True)
                found = self.part(network, name, level + 2, place)
                declared[name] = found.keys
                reads.update(found.reads)
        networks = dict(reversed(declared.items())) | written
        return networks, frozenset((up - 1, name) for up, name in reads if up)

    def _claims(self, part: Part, *, outermost: bool) -> dict[str, object]:
        """Return which function of the family a part is, how that is trained, and what it asserts of the facts."""
        keys: dict[str, object] = {}
        parameters = part.claims.parameters
        if parameters is None and outermost:
            parameters = Draw()
        if self._parameters and parameters is not None:
            keys["parameters"] = self._written_parameters(part, parameters)
        if self._parameters and part.training is not None and outermost:
            from netspec.spec.training_keys import training_keys  # few specs have any

            keys["training"] = training_keys(part.training)
        expect = part.claims.expect
        if expect is not None:
            asserted = _expectations(expect)
            if asserted:
                keys["expect"] = asserted
        return keys

    def _written_parameters(self, part: Part, parameters: Parameters) -> dict[str, object]:
        if isinstance(parameters, Draw):
            drawn: dict[str, object] = {} if parameters.init is None else {"init": parameters.init}
            return drawn | {"seed": parameters.seed}
        if isinstance(parameters, ParameterFile):
            path = posixpath.join("/", posixpath.dirname(part.document.relative), parameters.path)
            return {"file": posixpath.relpath(path, posixpath.join("/", self._folder))}
        return deepcopy(parameters.tensors)

    def _bound(self, keys: Mapping[str, object], level: int, place: Place) -> None:
        """Refuse a part with which the long form holds more, or nests deeper, than a file may."""
        self._values += _count(keys) + (level > 1)  # and the key that leads to it
        if level - 1 + _height(keys) > YAML_DEPTH.value:
            raise _refusal(self._top, YAML_DEPTH, place)
        if self._values > YAML_VALUES.value:
            raise _refusal(self._top, YAML_VALUES, place)


def _settable(part: Part) -> dict[str, object]:
    """Return the hyperparameters that a block takes at each use, as it declares them."""
    if part.block is None:
        return {}
    declared = part.block.data.get("hyperparameters", {})
    set_here = part.block.settings
    names = open_names(part)
    return {name: set_here.get(name, partly(part, deepcopy(value), names)) for name, value in declared.items()}


def _needed(part: Part, known: dict[int, dict[tuple[int, str], Part]]) -> dict[tuple[int, str], Part]:
    """Return the blocks and networks that a part and those that it declares apply: how many parts out, and the name."""
    if id(part) not in known:
        found = known[id(part)] = {}
        waiting = list(part.applied.items())
        while waiting:
            (up, name), inner = waiting.pop()
            if (up, name) in found:
                continue
            found[up, name] = inner
            if inner.path:  # a file sees its own parts alone
                for (outer, other), within in _needed(inner, known).items():
                    if up + outer - 1 >= 0 and outer:
                        waiting.append(((up + outer - 1, other), within))
    return known[id(part)]


def _fully_connected(body: FullyConnected) -> dict[str, object]:
    """Return the body with its sizes; widths and activations that are all equal stand once for all layers."""
    keys: dict[str, object] = {"input": body.input, "K": body.depth}
    runs = list(body.runs())
    if runs:
        widths = [run.width for run in runs]
        alike = len(set(widths)) == 1
        keys["widths"] = widths[0] if alike else [run.width for run in runs for _ in range(run.times)]
        alike = len({run.activation.record() for run in runs}) == 1
        keys["activation"] = (
            activation_keys(runs[0].activation)
            if alike
            else [activation_keys(run.activation) for run in runs for _ in range(run.times)]
        )
    keys["output"] = body.output
    if body.output_activation is not None:
        keys["output_activation"] = activation_keys(body.output_activation)
    return keys


def _expectations(expect: Expect) -> dict[str, object]:
    """Return what is asserted, expressions as the integers they come to."""
    keys: dict[str, object] = {}
    for word, said in expect:
        if isinstance(said, Assertion):
            bounds = {bound: value for bound, value in said._asdict().items() if value is not None}
            exactly = str(said.exactly) if isinstance(said.exactly, Polynomial) else said.exactly
            keys[word] = bounds if exactly is None else exactly
        elif said is not None:
            keys[word] = said
    return keys


def _ends(part: Part) -> dict[str, object]:
    """Return the widths of x and y, where the networks at the ends of a composition say them as one number."""
    first = last = part
    while isinstance(first.body, Composition):
        first = first.entries[0].part
    while isinstance(last.body, Composition):
        last = last.entries[-1].part
    keys: dict[str, object] = {}
    if isinstance(first.body, FullyConnected):
        keys["input"] = first.body.input
    if isinstance(last.body, FullyConnected):
        keys["output"] = last.body.output
    return keys


def _count(value: object) -> int:
    """Return how many keys, values and collections a reader of the data counts."""
    count = 0
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        count += 1
        if isinstance(inner, Mapping):
            count += len(inner)
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner)
    return count


def _height(value: object) -> int:
    """Return how many collections stand one within the next."""
    if isinstance(value, Mapping):
        return 1 + max(map(_height, value.values()), default=0)
    return 1 + max(map(_height, value), default=0) if isinstance(value, list) else 0


def _refusal(top: Part, limit: Limit, place: Place) -> SpecError:
    words = f"written out in one file, this spec exceeds the limit on the {limit.name}: {limit.value:,} {limit.unit}"
    fault = Diagnostic(limit.code, words, place, "with this part", help="expand its parts one by one")
    return SpecError([fault], {part.document.file: part.document.source.text for part in top.parts()})

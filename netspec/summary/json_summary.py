"""A summary for tools: JSON with the facts as exact integers, sorted keys, ASCII, the same bytes everywhere.

    {
      "summary": 1,                          the version of this form
      "name": "deep", "description": null,   what the author says it is
      "variant": null,                       null: none is chosen; settings may stand beside one
      "hyperparameters": {"D": 10},          as they are in force
      "dtype": "float32", "input": [1], "output": [1],
      "parts": [                             the network itself first, by the name ""
        {"name": "", "level": 0, "shared": false, "layers": [
          {"k": 1, "layers": 4,              four equal layers, k = 1 … 4
           "operation": "affine", "activation": "relu",
           "output": [10],                   the shape of h_{k+1}
           "tensors": {"beta": [10], "Omega": [10, 10]},
           "parameters": 110}]}],            of one layer
      "unlisted": 0,                         rows of layers, and parts, beyond the first 5,000
      "equations": [{"parts": [""], "lines": ["…"]}],
      "parameters": 471, "tensors": 12, "capacity": 50, "depth": 5, "macs": 420, "flops": 941,
      "parameter_bytes": 1884, "activation_bytes": 80,
      "regions": {"at_least": {"value": 161051, "log10": 5.206963, "source": "…"}, "at_most": {…}},
      "smooth": [],                          the activations for which regions is null
      "fingerprint": "sha256:…"
    }

A network that is a list of layers has parts of another form, of which each is there once, and no equations:

    {"name": "res", "level": 1, "shared": false, "uses": 4, "input": [[64]], "output": [[64]], "settings": {},
     "layers": [
       {"layer": "add", "level": 0,          a layer within the one above it has a level more
        "operation": "add", "detail": "",    what it is in the list, or the part that it applies
        "activation": null, "reads": ["branch", "in"],
        "rounds": 1,                         how many rounds of a repeat the row stands for
        "part": null,                        the place in `parts` of the part that it applies
        "output": [{"name": "", "shape": [64]}],
        "tensors": {}, "state": {}, "tied": {"Omega": "words.Omega"},
        "parameters": 0}]}                   of all its rounds; a shared network's at its first use

and these keys besides: `inputs` and `outputs`, shapes by name, `input_dtypes` where they are not `dtype`, `state` and
`receptive_field`. What depends on free sizes is a text, the expression. `activation_bytes` may be null.

`shared` marks a network met before, whose layers are listed there and counted once. An integer above 2^53, which many
readers of JSON would round, is a text of all its digits, and a key of the same name with `_log10` stands beside it.
The value of a bound is null where it has more than 100,000 digits; its logarithm is rounded outward.
"""

import json
import math
from typing import Final

from netspec.bounds.bounds import Bound
from netspec.diagnostics.magnitude import decimal
from netspec.graph import Facts
from netspec.operations import Graph, Shape
from netspec.sizes import Polynomial, Size
from netspec.spec import Part
from netspec.summary.equations import equations
from netspec.summary.listing import Line, Listed, is_listed, listing
from netspec.summary.rows import Row, sections
from netspec.summary.totals import input_dtypes, smooth

SUMMARY_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it
MOST_LISTED: Final = 5_000
"""Rows of layers, and parts, that are listed; the rest is counted."""

_SAFE: Final = 1 << 53


def summary(part: Part, graph: Graph, facts: Facts) -> dict[str, object]:
    """Return the summary as plain data, in the form that this module describes."""
    listed = is_listed(graph)
    parts, unlisted = _listed_parts(graph) if listed else _parts(graph)
    regions = facts.regions
    return {
        "summary": SUMMARY_VERSION,
        "name": part.name,
        "description": part.head.description,
        "variant": part.variant,
        "hyperparameters": {name: part.scope.values[name] for name in part.declared},
        "dtype": part.head.dtype,
        "input": _shape(facts.input),
        "output": _shape(facts.output),
        **(_further(part, facts) if listed else {}),
        "parts": parts,
        "unlisted": unlisted,
        "equations": [
            {"parts": list(block.parts[:MOST_LISTED]), "lines": list(block.lines)}
            for block in equations(graph)[:MOST_LISTED]
        ],
        **_integers(
            parameters=facts.parameters,
            tensors=facts.tensors,
            capacity=facts.capacity,
            depth=facts.depth,
            macs=facts.macs,
            flops=facts.flops,
            parameter_bytes=facts.parameter_bytes,
            activation_bytes=facts.activation_bytes,
        ),
        "regions": regions and {"at_least": _bound(regions.lower), "at_most": _bound(regions.upper)},
        "smooth": [] if regions else smooth(graph),
        "fingerprint": facts.fingerprint,
    }


def render_json(part: Part, graph: Graph, facts: Facts) -> str:
    """Return the summary as a JSON document that ends with a line feed."""
    return json.dumps(summary(part, graph, facts), indent=2, sort_keys=True) + "\n"


def _parts(graph: Graph) -> tuple[list[dict[str, object]], int]:
    """Return the parts with their rows, as many as are listed, and how many rows and parts are not."""
    parts: list[dict[str, object]] = []
    listed = unlisted = 0
    for section in sections(graph):
        if listed >= MOST_LISTED:
            unlisted += 1 + len(section.rows)
            continue
        rows = section.rows[: MOST_LISTED - listed - 1]
        listed += 1 + len(rows)
        unlisted += len(section.rows) - len(rows)
        layers = [_row(row) for row in rows]
        parts.append({"name": section.name, "level": section.level, "shared": not section.first, "layers": layers})
    return parts, unlisted


def _further(part: Part, facts: Facts) -> dict[str, object]:
    """Return the keys that only a list of layers has."""
    return {
        "inputs": {name: _shape(shape) for name, shape in facts.inputs.items()},
        "outputs": {name: _shape(shape) for name, shape in facts.outputs.items()},
        "input_dtypes": input_dtypes(part),
        "receptive_field": None if facts.receptive_field is None else list(facts.receptive_field),
        **_integers(state=facts.state),
    }


def _listed_parts(graph: Graph) -> tuple[list[dict[str, object]], int]:
    """Return the parts of a list of layers, as many rows as are listed, and how many rows and parts are not."""
    parts: list[dict[str, object]] = []
    room, unlisted = MOST_LISTED, 0
    for section in listing(graph):
        if room <= 0:
            unlisted += 1 + len(section.lines)
            continue
        lines = section.lines[: room - 1]
        room -= 1 + len(lines)
        unlisted += len(section.lines) - len(lines)
        parts.append(_listed(section, lines))
    return parts, unlisted


def _listed(section: Listed, lines: tuple[Line, ...]) -> dict[str, object]:
    return {
        "name": section.name,
        "level": int(section.key > 0),
        "shared": section.shared,
        "uses": section.uses,
        "settings": section.settings,
        "input": [_shape(shape) for shape in section.graph.inputs],
        "output": [_shape(shape) for shape in section.graph.output_shapes],
        "layers": [_line(line) for line in lines],
    }


def _line(line: Line) -> dict[str, object]:
    own = [each for each in line.tensors if not each.tied]
    return {
        "layer": line.layer,
        "level": line.level,
        "operation": line.word,
        "detail": line.detail,
        "activation": line.activation or None,
        "reads": list(line.reads),
        "rounds": line.times,
        "part": line.part,
        "output": [{"name": each.name, "shape": _shape(each.shape)} for each in line.outcomes],
        "tensors": {each.name: list(each.shape) for each in own if each.learned},
        "state": {each.name: list(each.shape) for each in own if not each.learned},
        "tied": {each.name: each.tied for each in line.tensors if each.tied},
        **_integers(parameters=line.parameters),
    }


def _shape(shape: Shape) -> list[int | str]:
    """Return a shape; a size that is free is a text."""
    return [str(size) if isinstance(size, Polynomial) else size for size in shape]


def _row(row: Row) -> dict[str, object]:
    return {
        "k": row.k,
        "layers": row.layers,
        "operation": row.affine.keyword,
        "activation": None if row.activation is None else str(row.activation),
        "output": list(row.output),
        "tensors": {role: list(shape) for role, shape in row.tensors},
        **_integers(parameters=row.parameters),
    }


def _integers(**values: Size | None) -> dict[str, object]:
    """Return the integers, those that are not safe in JSON as text with their logarithm beside it."""
    found: dict[str, object] = {}
    for key, value in values.items():
        if value is None or isinstance(value, Polynomial):
            found[key] = None if value is None else str(value)
            continue
        found[key] = value if value <= _SAFE else decimal(value)
        if value > _SAFE:
            found[f"{key}_log10"] = round(math.log10(value), 6)
    return found


def _bound(bound: Bound) -> dict[str, object]:
    value: int | str | None = bound.value
    if bound.value is not None and bound.value > _SAFE:
        value = decimal(bound.value)
    return {"value": value, "log10": bound.log10, "source": bound.source}

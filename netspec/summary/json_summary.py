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

`shared` marks a network met before, whose layers are listed there and counted once. An integer above 2^53, which many
readers of JSON would round, is a text of all its digits, and a key of the same name with `_log10` stands beside it.
The value of a bound is null where it has more than 100,000 digits; its logarithm is rounded outward.
"""

import json
import math
from typing import Final

from netspec.diagnostics.magnitude import decimal
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.regions.bounds import Bound
from netspec.spec import Part
from netspec.summary.equations import equations
from netspec.summary.rows import Row, sections
from netspec.summary.totals import smooth

SUMMARY_VERSION: Final = 1  # raised when a key changes its meaning or goes; a new key does not raise it
MOST_LISTED: Final = 5_000
"""Rows of layers, and parts, that are listed; the rest is counted."""

_SAFE: Final = 1 << 53


def summary(part: Part, graph: Graph, facts: Facts) -> dict[str, object]:
    """Return the summary as plain data, in the form that this module describes."""
    parts, unlisted = _parts(graph)
    regions = facts.regions
    return {
        "summary": SUMMARY_VERSION,
        "name": part.name,
        "description": part.head.description,
        "variant": part.variant,
        "hyperparameters": {name: part.scope.values[name] for name in part.declared},
        "dtype": part.head.dtype,
        "input": list(facts.input),
        "output": list(facts.output),
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


def _integers(**values: int) -> dict[str, object]:
    """Return the integers, those that are not safe in JSON as text with their logarithm beside it."""
    found: dict[str, object] = {}
    for key, value in values.items():
        found[key] = value if value <= _SAFE else decimal(value)
        if value > _SAFE:
            found[f"{key}_log10"] = round(math.log10(value), 6)
    return found


def _bound(bound: Bound) -> dict[str, object]:
    value: int | str | None = bound.value
    if bound.value is not None and bound.value > _SAFE:
        value = decimal(bound.value)
    return {"value": value, "log10": bound.log10, "source": bound.source}

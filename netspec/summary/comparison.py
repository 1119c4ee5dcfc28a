"""A comparison of networks, the networks of a budget, and the curves of a family: facts for people and for programs.

    {
      "comparison": 1,                        the version of this form
      "networks": [
        {"name": "deep", "variant": null, "input": [1], "output": [1],
         "widths": [[5, 10]],                 runs of (how many layers, their units); null where it is no chain
         "parameters": 471, "capacity": 50, "depth": 5, "macs": 420,
         "regions": {
           "exact": true,                     the bounds meet, so that both are the maximum
           "maximum": 161051,                 null where it is not exact, or has more than 100,000 digits
           "lower_bound": 161051, "lower_bound_log10": 5.206963, "lower_bound_source": "…",
           "upper_bound": 161051, "upper_bound_log10": 5.206964, "upper_bound_source": "…",
           "serra": …, "serra_log10": …, "hinz": …, "hinz_log10": …},   null where they were left out
         "lower_bound_log10_per_parameter": 0.0110551,
         "upper_bound_log10_per_parameter": 0.0110551,
         "symmetry": {"permutations_log10": 32.798815, "scalings": 50, "signs": 0},
         "effective_dimension": {"upper_bound": 421, "found": null, "found_at": ""}}]
    }

An integer beyond 2^53 is a text of all its digits. Logarithms of bounds are rounded outward.
"""

import json
from collections.abc import Sequence
from typing import Final, Literal

from netspec.bounds.bounds import Bound
from netspec.diagnostics.magnitude import decimal
from netspec.efficiency.comparison import Compared
from netspec.efficiency.curves import Curve
from netspec.efficiency.expressed import Expressed
from netspec.operations import Shape
from netspec.sizes import Polynomial, Size
from netspec.summary.numbers import bound, dimensions, number
from netspec.summary.side_by_side import Fact, render_markdown, render_text, table_csv, table_markdown, table_text

COMPARISON_VERSION: Final = 1
"""Raised when a key changes its meaning or goes."""

Format = Literal["text", "markdown", "csv", "json"]

_SAFE: Final = 1 << 53
_SHOWN_RUNS: Final = 4  # runs of equal widths that are written out; a count beyond
_LISTED_RUNS: Final = 1_000


def render_comparison(
    rows: Sequence[Compared], form: Format, *, exact: bool = False, rank: bool = False, columns: int | None = None
) -> str:
    """Return a comparison in a format. `exact` writes integers beyond 20 digits whole; `rank` shows what was found."""
    if form == "json":
        return _json({"comparison": COMPARISON_VERSION, "networks": [comparison_data(row) for row in rows]})
    if form == "csv":
        return table_csv([comparison_data(row) for row in rows])
    heads = [row.name if row.variant is None else f"{row.name} {row.variant}" for row in rows]
    facts = comparison_facts(rows, exact=exact, rank=rank)
    notes = "".join(f"{head}: {_found(row)}\n" for head, row in zip(heads, rows, strict=True)) if rank else ""
    table = render_markdown(heads, facts) if form == "markdown" else render_text(heads, facts, columns=columns)
    return f"{table}\n{notes}" if notes else table


def comparison_facts(rows: Sequence[Compared], *, exact: bool = False, rank: bool = False) -> list[Fact]:
    """Return the facts of networks side by side, as people read them."""
    symmetries = [row.symmetry for row in rows]
    facts = [
        Fact("input", tuple(dimensions(row.input) for row in rows)),
        Fact("output", tuple(dimensions(row.output) for row in rows)),
        Fact("widths", tuple("" if row.widths is None else widths_text(row.widths) for row in rows)),
        _count("parameters", [row.parameters for row in rows], exact),
        _count("capacity", [row.capacity for row in rows], exact),
        _count("depth", [row.depth for row in rows], exact),
        _count("macs", [row.macs for row in rows], exact),
        *regions_facts([row.regions for row in rows], exact=exact),
        *_ratios(rows),
        _count(
            "effective dimension, at most", [None if s is None else s.effective_dimension for s in symmetries], exact
        ),
    ]
    if rank:
        found = [None if row.rank is None else row.rank.rank for row in rows]
        facts.append(_count("effective dimension, found", found, exact))
    orders = ["" if s is None else _order(s.permutations, s.permutations_log10) for s in symmetries]
    facts.append(Fact("symmetries: permutations", tuple(orders)))
    facts.append(_count("symmetries: scalings", [None if s is None else s.scalings for s in symmetries], exact))
    if any(s is not None and s.signs for s in symmetries):
        facts.append(_count("symmetries: signs", [None if s is None else s.signs for s in symmetries], exact))
    return facts


def regions_facts(regions: Sequence[Expressed | None], *, exact: bool = False) -> list[Fact]:
    """Return the maximum, where it is exact for one of them, and both bounds, where it is not for one of them."""

    def fact(word: str, bounds: Sequence[Bound | None]) -> Fact:
        return Fact(word, tuple("" if each is None else bound(each, exact=exact) for each in bounds))

    facts = []
    known = [each is not None and each.exact for each in regions]
    if any(known):
        maxima = [each.lower if each is not None and each.exact else None for each in regions]
        facts.append(fact("regions, maximum (exact)", maxima))
    if not all(known):
        facts.append(fact("regions, lower bound", [None if each is None else each.lower for each in regions]))
        facts.append(fact("regions, upper bound", [None if each is None else each.upper for each in regions]))
    return facts


def _ratios(rows: Sequence[Compared]) -> list[Fact]:
    """Return the logarithms per parameter: one fact where all maxima are exact, else one for each bound."""

    def fact(word: str, values: Sequence[float | None]) -> Fact:
        return Fact(word, tuple("" if value is None else f"{value:.3g}" for value in values))

    if all(row.regions is not None and row.regions.exact for row in rows):
        return [fact("log10 of it / parameter", [row.lower_per_parameter for row in rows])]
    return [
        fact("log10 of lower / parameter", [row.lower_per_parameter for row in rows]),
        fact("log10 of upper / parameter", [row.upper_per_parameter for row in rows]),
    ]


def _found(row: Compared) -> str:
    """Return at which parameters an effective dimension was found, and how surely; or why there is none."""
    if row.rank is None:
        return f"no effective dimension, since {row.rank_at}"
    found = row.rank
    gap = f"singular values from 1 to {found.kept:.1e}, then {found.dropped:.1e}" if found.rank else "no derivative"
    return f"found at {row.rank_at}: {gap} (below {found.tolerance:.0e} counts as 0)"


def comparison_data(row: Compared) -> dict[str, object]:
    """Return a network of a comparison as plain data, in the form that this module describes."""
    symmetry = row.symmetry
    return {
        "name": row.name,
        "variant": row.variant,
        "input": _shape(row.input),
        "output": _shape(row.output),
        "widths": None if row.widths is None else widths_data(row.widths),
        "parameters": integer(row.parameters),
        "capacity": integer(row.capacity),
        "depth": row.depth,
        "macs": integer(row.macs),
        "regions": None if row.regions is None else regions_data(row.regions),
        "lower_bound_log10_per_parameter": _rounded(row.lower_per_parameter),
        "upper_bound_log10_per_parameter": _rounded(row.upper_per_parameter),
        "symmetry": symmetry
        and {
            "permutations_log10": symmetry.permutations_log10,
            "scalings": integer(symmetry.scalings),
            "signs": integer(symmetry.signs),
        },
        "effective_dimension": {
            "upper_bound": symmetry and integer(symmetry.effective_dimension),
            "found": None if row.rank is None else row.rank.rank,
            "found_at": row.rank_at,
        },
    }


def regions_data(regions: Expressed) -> dict[str, object]:
    """Return what is proven of regions as plain data."""
    return {
        "exact": regions.exact,
        "maximum": integer(regions.maximum),
        "lower_bound": integer(regions.lower.value),
        "lower_bound_log10": regions.lower.log10,
        "lower_bound_source": regions.lower.source,
        "upper_bound": integer(regions.upper.value),
        "upper_bound_log10": regions.upper.log10,
        "upper_bound_source": regions.upper.source,
        "serra": None if regions.serra is None else integer(regions.serra.value),
        "serra_log10": None if regions.serra is None else regions.serra.log10,
        "hinz": None if regions.hinz is None else integer(regions.hinz.value),
        "hinz_log10": None if regions.hinz is None else regions.hinz.log10,
    }


def render_curves(curves: Sequence[Curve], form: Format, *, exact: bool = False) -> str:
    """Return the curves of families in a format: a row for each point."""
    data = [
        {
            "inputs": curve.inputs,
            "outputs": curve.outputs,
            "depth": curve.depth,
            "width": point.width,
            "parameters": integer(point.parameters),
            "capacity": integer(point.capacity),
            **regions_data(point.regions),
        }
        for curve in curves
        for point in curve.points
    ]
    if form == "json":
        return _json({"comparison": COMPARISON_VERSION, "points": data})
    if form == "csv":
        return table_csv(data)
    head = ["inputs", "K", "D", "parameters", "maximum (exact)", "lower bound", "upper bound"]
    rows = []
    for curve in curves:
        for point in curve.points:
            regions = point.regions
            lower, upper = bound(regions.lower, exact=exact), bound(regions.upper, exact=exact)
            told = [lower, "", ""] if regions.exact else ["", lower, upper]
            sizes = (curve.inputs, curve.depth, point.width, point.parameters)
            rows.append([*(f"{size:,}" for size in sizes), *(cell or "–" for cell in told)])
    return table_markdown(head, rows) if form == "markdown" else table_text(head, rows)


def widths_text(runs: Sequence[tuple[int, int]]) -> str:
    """Return widths as people read them: 10 ×5, or 9 ×4, 19."""
    texts = [f"{width:,}" if count == 1 else f"{width:,} ×{count:,}" for count, width in runs[:_SHOWN_RUNS]]
    more = sum(count for count, _ in runs[_SHOWN_RUNS:])
    return ", ".join([*texts, *([f"… {more:,} more"] if more else [])]) or "none"


def widths_data(runs: Sequence[tuple[int, int]]) -> list[list[int]]:
    """Return runs of widths as plain data, the first thousand."""
    return [list(run) for run in runs[:_LISTED_RUNS]]


def integer(value: Size | None) -> int | str | None:
    """Return an integer as JSON has it, a text beyond 2^53; what hangs on free sizes is an expression."""
    if value is None:
        return None
    if isinstance(value, Polynomial):
        return str(value)
    return value if value <= _SAFE else decimal(value)


def _order(permutations: int | None, log10: float) -> str:
    return bound(Bound(None, log10, "")) if permutations is None else number(permutations)


def _count(word: str, values: Sequence[Size | None], exact: bool) -> Fact:
    return Fact(word, tuple("" if value is None else number(value, exact=exact) for value in values))


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.9g}")


def _shape(shape: Shape) -> list[int | str]:
    return [str(size) if isinstance(size, Polynomial) else size for size in shape]


def _json(data: dict[str, object]) -> str:
    return json.dumps(data, indent=2, sort_keys=True) + "\n"

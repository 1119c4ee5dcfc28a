"""The networks of a budget, told: the answers of `netspec size` for people and for programs.

As JSON, with `fits` for each network by the name of what it is best at:

    {
      "sizing": 1, "inputs": 1, "outputs": 1, "budget": 471, "unit": "parameters", "depth": 5,
      "complete": true,                     no other depth and width has more; false: only the most promising were tried
      "fits": {"equal widths": {
        "depth": 5, "widths": [[5, 10]], "parameters": 471, "capacity": 50, "left": 0, "regions": {…}}}
    }

`regions` is as in a comparison. Without a depth the fits are `most by lower bound`, `most by upper bound` and
`most by exact maximum`, and `by_depth` lists the widest network of each depth.
"""

import json
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeAlias

from netspec.constructions.polyline import Precision, upward
from netspec.efficiency.budgets import Budget, Fit, best_fits, fit, uneven_fit
from netspec.summary.comparison import Format, integer, regions_data, regions_facts, widths_data, widths_text
from netspec.summary.numbers import number
from netspec.summary.side_by_side import (
    Fact,
    render_markdown,
    render_text,
    table_csv,
    table_markdown,
    table_text,
)

SIZING_VERSION: Final = 1
"""Raised when a key changes its meaning or goes."""

Render: TypeAlias = Callable[[Sequence[str], Sequence[Fact]], str]

_DEPTHS: Final = 10  # depths that are listed beside the best


class Answer(NamedTuple):
    """The fits for a budget by what they are; of an answer to every depth also the widest network of each."""

    budget: Budget
    depth: int | None
    fits: dict[str, Fit]
    complete: bool = True
    by_depth: tuple[Fit, ...] = ()


def depth_answer(budget: Budget, depth: int, *, exact: bool = False) -> Answer | None:
    """Return the networks of one depth; None where none fits. Raises ValueError for a budget without sense."""
    equal = fit(budget, depth, exact=exact)
    if equal is None:
        return None
    uneven = uneven_fit(budget, depth, exact=exact)
    fits = {"equal widths": equal}
    if uneven is not None and uneven.widths != equal.widths:
        fits["unequal widths"] = uneven
    return Answer(budget, depth, fits)


def best_answer(budget: Budget, *, exact: bool = False) -> Answer | None:
    """Return the networks of every depth; None where none fits. Raises ValueError for a budget without sense."""
    best = best_fits(budget, exact=exact)
    if best is None:
        return None
    fits = {"most by lower bound": best.by_lower, "most by upper bound": best.by_upper}
    if best.by_maximum is not None:
        fits["most by exact maximum"] = best.by_maximum
    listed = (fit(budget, depth, exact=exact) for depth in range(1, _DEPTHS + 1))
    return Answer(budget, None, fits, best.complete, tuple(each for each in listed if each is not None))


def render_sizing(answer: Answer, form: Format, *, exact: bool = False, columns: int | None = None) -> str:
    """Return the answer in a format; `exact` writes integers beyond 20 digits whole."""
    budget = answer.budget
    if form == "json":
        data = {
            "sizing": SIZING_VERSION,
            "inputs": budget.inputs,
            "outputs": budget.outputs,
            "budget": budget.amount,
            "unit": budget.unit,
            "depth": answer.depth,
            "complete": answer.complete,
            "fits": {name: fit_data(each) for name, each in answer.fits.items()},
            "by_depth": [fit_data(each) for each in answer.by_depth],
        }
        return json.dumps(data, indent=2, sort_keys=True) + "\n"
    if form == "csv":
        named = [{"fit": name, **fit_data(each)} for name, each in answer.fits.items()]
        return table_csv([*named, *({"fit": "widest", **fit_data(each)} for each in answer.by_depth)])
    render = render_markdown if form == "markdown" else _text(columns)
    parts = [render(list(answer.fits), fit_facts(list(answer.fits.values()), exact=exact))]
    if answer.by_depth:
        heads = [f"K = {each.depth}" for each in answer.by_depth]
        parts.append(render(heads, fit_facts(answer.by_depth, exact=exact)))
    if not answer.complete:
        parts.append("only the most promising depths and widths were tried\n")
    return "\n".join(parts)


def _text(columns: int | None) -> Render:
    return lambda heads, facts: render_text(heads, facts, columns=columns)


def render_precisions(curve: Sequence[Precision], form: Format) -> str:
    """Return the curve of width against precision in a format; a precision is rounded up to three digits in text."""
    data: list[dict[str, object]] = [
        {
            "within": float(each.within),
            "pieces": each.pieces,
            "units": each.units,
            "parameters": 3 * each.units + 1 if each.units else 2,
        }
        for each in curve
    ]
    if form == "json":
        return json.dumps({"sizing": SIZING_VERSION, "precisions": data}, indent=2, sort_keys=True) + "\n"
    if form == "csv":
        return table_csv(data)
    head = ["within", "pieces, fewest", "units", "parameters"]
    rows = [
        [upward(each.within), *(f"{row[key]:,}" for key in ("pieces", "units", "parameters"))]
        for each, row in zip(curve, data, strict=True)
    ]
    return table_markdown(head, rows) if form == "markdown" else table_text(head, rows)


def fit_data(each: Fit) -> dict[str, object]:
    """Return a network of a budget as plain data."""
    return {
        "depth": each.depth,
        "widths": widths_data(each.widths),
        "parameters": integer(each.parameters),
        "capacity": integer(each.capacity),
        "left": integer(each.left),
        "regions": regions_data(each.regions),
    }


def fit_facts(fits: Sequence[Fit], *, exact: bool = False) -> list[Fact]:
    """Return the facts of networks of a budget side by side."""
    return [
        Fact("widths", tuple(widths_text(each.widths) for each in fits)),
        Fact("parameters", tuple(number(each.parameters, exact=exact) for each in fits)),
        Fact("capacity", tuple(number(each.capacity, exact=exact) for each in fits)),
        Fact("left of the budget", tuple(number(each.left, exact=exact) for each in fits)),
        *regions_facts([each.regions for each in fits], exact=exact),
    ]

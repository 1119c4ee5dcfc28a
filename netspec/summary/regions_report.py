"""What was counted of a network's regions, for people and as JSON, with the first of the regions themselves."""

import json
import math
from collections.abc import Sequence
from textwrap import wrap
from typing import Any, Final, Literal, NamedTuple

from netspec.bounds.bounds import RegionBounds
from netspec.diagnostics import show
from netspec.diagnostics.magnitude import magnitude
from netspec.graph.facts import NO_CONSTRUCTION
from netspec.regions import Cell, Count, Region
from netspec.regions.data import as_json
from netspec.regions.spaces import cell_as_json
from netspec.regions.written import near, short
from netspec.summary.numbers import bound

_SHOWN_OUTPUTS: Final = 3
_DIGITS: Final = 7
_WIDTH: Final = 79
_SLOW: Final = 1.0  # seconds from which on the time is told


class Told(NamedTuple):
    """A count and what belongs beside it: the network's name, the seed of drawn parameters, and the first regions.

    `variable` is what the maps are functions of: x, or t along a segment or on a plane.
    """

    name: str
    found: Count
    seed: int | None
    first: Sequence[Region | Cell]
    variable: str
    seconds: float
    of: Literal["pieces", "cells"] = "pieces"
    logits: bool = False


def render_text(told: Told) -> str:
    """Return the count as text: what is proven or exact says so, and so does what was found."""
    count = told.found
    subject = f"the logits of {show(told.name)}" if told.logits else show(told.name)
    lines = [f"{subject} on {count.domain}"]
    if told.seed is not None:
        lines.append(f"parameters drawn from seed {told.seed}")
    how = _how(count)
    rows = [("cells", magnitude(count.cells), how), ("pieces", magnitude(count.pieces), how)]
    if count.bounds is not None:
        rows += _bounds(count.bounds)
    wide = max(len(number) for _, number, _ in rows)
    for name, number, words in rows:
        start = f"{name:<13}{number:>{wide}}  "
        lines += _hung(start, words)
    lines += _remarks(told)
    if told.first:
        lines += ["", *_table(told)]
    return "".join(f"{line}\n" for line in lines)


def _bounds(bounds: RegionBounds) -> list[tuple[str, str, str]]:
    """Return what is proven of any parameters: the maximum where both bounds are one, else both."""
    lower, upper = bounds.lower, bounds.upper
    if lower.value is not None and lower.value == upper.value:
        return [("maximum", bound(upper), f"of any parameters, on all inputs: {upper.source}")]
    known = lower.source != NO_CONSTRUCTION
    least = f"some parameters give as many, on all inputs: {lower.source}" if known else lower.source
    return [
        ("upper bound", bound(upper), f"no parameters give more, on all inputs: {upper.source}"),
        ("lower bound", bound(lower), least),
    ]


def _hung(start: str, words: str) -> list[str]:
    """Return a line cut to the width of a terminal, whose further rows begin where the words do."""
    room = max(_WIDTH - len(start), _WIDTH // 2)
    first, *further = wrap(words, room, break_long_words=False, break_on_hyphens=False)
    return [start + first, *(" " * len(start) + row for row in further)]


def _how(count: Count) -> str:
    if not count.complete:
        return "found so far: the count was interrupted"
    if count.arithmetic == "rational":
        return "exact"
    return "found in float64"


def _remarks(told: Told) -> list[str]:
    count = told.found
    lines = []
    if count.unsure:
        what = "1 decision was" if count.unsure == 1 else f"{magnitude(count.unsure)} decisions were"
        lines.append(f"{what} too close to be told from rounding; `--rational` decides")
    if told.seconds >= _SLOW:
        lines.append(f"took {told.seconds:.1f} s")
    return lines


def _table(told: Told) -> list[str]:
    """Return a table of the first regions: their ends, and y on each."""
    outputs = len(told.first[0].beta)
    names = ["y"] if outputs == 1 else [f"y_{number}" for number in range(1, min(outputs, _SHOWN_OUTPUTS) + 1)]
    spatial = isinstance(told.first[0], Cell)
    rows = [("piece", "around", *names) if spatial else ("from", "to", *names)]
    for region in told.first:
        if isinstance(region, Cell):
            terms = [f"{told.variable}_{axis}" for axis in range(1, region.Omega.shape[1] + 1)]
            maps = [_sum(region.beta[i], region.Omega[i], terms) for i in range(len(names))]
            rows.append((str(region.piece + 1), f"({', '.join(map(_short, region.inside))})", *maps))
        else:
            maps = [_sum(region.beta[i], [region.Omega[i]], [told.variable]) for i in range(len(names))]
            rows.append((_number(region.low), _number(region.high), *maps))
    if len(names) > 1 and sum(_widths(rows)) + 2 * len(names) + 2 > _WIDTH:
        rows = _stacked(rows, names)
    widths = _widths(rows)
    lines = []
    for row in rows:
        ends = [f"{cell:>{wide}}" for cell, wide in zip(row[:2], widths[:2], strict=True)]
        maps = [f"{cell:<{wide}}" for cell, wide in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join([*ends, *maps]).rstrip())
    more = (told.found.pieces if told.of == "pieces" and not spatial else told.found.cells) - len(told.first)
    if more > 0:
        what = " cells" if spatial else ""
        lines.append(f"… and {magnitude(more)} more{what}; `--limit` shows more of them, `-o regions.json` has all")
    if outputs > _SHOWN_OUTPUTS:
        lines.append(f"and {outputs - _SHOWN_OUTPUTS} more outputs; `-o regions.json` has all")
    return lines


def _widths(rows: Sequence[tuple[str, ...]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _stacked(rows: Sequence[tuple[str, ...]], names: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the rows with outputs below one another, which side by side are wider than a terminal."""
    found: list[tuple[str, ...]] = [(*rows[0][:2], "y")]
    for row in rows[1:]:
        maps = [f"{name} = {text}" for name, text in zip(names, row[2:], strict=True)]
        found += [(*row[:2], maps[0]), *(("", "", each) for each in maps[1:])]
    return found


def _sum(beta: Any, Omega: Sequence[Any], variables: Sequence[str]) -> str:
    """Return β + Σ Ω_i x_i as people write it."""
    text = "" if beta == 0 else _number(beta)
    for slope, variable in zip(Omega, variables, strict=True):
        if slope == 0:
            continue
        size = _number(abs(slope))
        term = variable if size == "1" else f"{size} {variable}" if "/" not in size else f"({size}) {variable}"
        if text:
            text += f" {'+' if slope > 0 else '-'} {term}"
        else:
            text = term if slope > 0 else f"-{term}"
    return text or _number(beta)


def _short(value: Any) -> str:
    return near(value, 4)


def _number(value: Any) -> str:
    if abs(value) == math.inf:
        return "∞" if value > 0 else "-∞"
    if not isinstance(value, float):  # a rational; NumPy's float64 is a float
        return short(value, _DIGITS)
    text = f"{value:.{_DIGITS}g}"
    return "0" if text == "-0" else text


def render_json(told: Told) -> str:
    """Return the count as JSON, with the first regions."""
    count = told.found
    bounds = None
    if count.bounds is not None:
        bounds = {
            name: {"value": each.value, "log10": each.log10, "source": each.source}
            for name, each in (("at_least", count.bounds.lower), ("at_most", count.bounds.upper))
        }
    data = {
        "name": told.name,
        "domain": count.domain,
        "arithmetic": count.arithmetic,
        "complete": count.complete,
        "cells": count.cells,
        "pieces": count.pieces,
        "unsure": count.unsure,
        "bounds": bounds,
        "seed": told.seed,
        "logits": told.logits,
        "seconds": round(told.seconds, 3),
        "of": told.of,
        "regions": [cell_as_json(each) if isinstance(each, Cell) else as_json(each) for each in told.first],
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"

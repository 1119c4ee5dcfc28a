"""What a network folds, for people and for programs: how often values are hit, and by which inputs."""

import json
from fractions import Fraction
from typing import Any, Final

from netspec.diagnostics import SystemFault
from netspec.regions.folding import Folding
from netspec.regions.written import exact

MOST_LISTED: Final = 200_000
"""Intervals of inputs that a listing has."""

_SHOWN: Final = 4  # intervals of inputs on a line, where they fit
_WIDTH: Final = 79


def folds_text(name: str, folding: Folding) -> str:
    """Return a line for each interval of values, and for each value between; of their inputs some."""
    _check(folding)
    often = f"up to {folding.most} times" if folding.most > 1 else "once at most"
    if any(level.times is None for level in folding.levels):
        often += ", ∞ where y is flat"
    rows = [("values", "hit", ["by x in"], " ", 1)]
    for each in folding.hits:
        sources = folding.sources(each)
        shown = [_interval(low, high) for low, high in sources[:_SHOWN]]
        rows.append((f"{_text(each.low)} < y < {_text(each.high)}", str(each.times), shown, " ", len(sources)))
    for level in folding.levels:
        inputs = folding.inputs(level.y)
        times = "∞" if level.times is None else str(level.times)
        rows.append((f"y = {_text(level.y)}", times, [_text(x) for x in inputs[:_SHOWN]], ", ", len(inputs)))
    widths = [max(map(len, column)) for column in ([row[0] for row in rows], [row[1] for row in rows])]
    room = _WIDTH - sum(widths) - 4
    head, *lines = [
        f"{values:<{widths[0]}}  {times:>{widths[1]}}  {_fitting(shown, between, count, room)}".rstrip()
        for values, times, shown, between, count in rows
    ]
    return "\n".join([f"{name} on {folding.words}: each value is hit {often}", "", head, *lines, ""])


def _fitting(shown: list[str], between: str, count: int, room: int) -> str:
    """Return as many of the words as there is room for, one at least, and how many more there are of the count."""
    for number in range(len(shown), 0, -1):
        more = f" and {count - number:,} more" if count > number else ""
        text = between.join(shown[:number]) + more
        if len(text) <= room:
            break
    return text if shown else ""


def folds_json(name: str, parts: int | None, folding: Folding) -> str:
    """Return all of it as JSON; an end at infinity is null, a rational number a text such as "-11/20".

    `parts` is how many parts of the composition it is about, from its input on; None is all of it.
    """
    _check(folding)
    found = {
        "network": name,
        "parts": parts,
        "domain": folding.words,
        "most": folding.most,
        "laps": [dict(zip(lap._fields, map(_value, lap), strict=True)) for lap in folding.laps],
        "hits": [
            {
                "low": _value(each.low),
                "high": _value(each.high),
                "times": each.times,
                "inputs": [[_value(low), _value(high)] for low, high in folding.sources(each)],
            }
            for each in folding.hits
        ],
        "levels": [{"y": _value(level.y), "times": level.times} for level in folding.levels],
    }
    return json.dumps(found, indent=2) + "\n"


def _check(folding: Folding) -> None:
    count = sum(each.times for each in folding.hits)
    if count > MOST_LISTED:
        words = f"{count:,} intervals of inputs are too many to list; the most is {MOST_LISTED:,}"
        raise SystemFault("usage", words, "take a smaller box")


def _interval(low: Any, high: Any) -> str:
    left, right = "[" if low > -float("inf") else "(", "]" if high < float("inf") else ")"
    return f"{left}{_text(low)}, {_text(high)}{right}"


def _text(number: Any) -> str:
    if isinstance(number, Fraction | int):
        return exact(number)
    number = float(number)
    return ("∞" if number > 0 else "-∞") if abs(number) == float("inf") else f"{number:.6g}"


def _value(number: Any) -> Any:
    if abs(number) == float("inf"):
        return None
    return exact(number) if isinstance(number, Fraction) else float(number)

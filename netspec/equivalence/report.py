"""Verdicts in words."""

import math
import re
import textwrap
from typing import Final

from netspec.equivalence.box import Box
from netspec.equivalence.compare import BOX, Question, compare
from netspec.equivalence.verdict import Counterexample, Verdict
from netspec.model import Model

_WIDTH: Final = 79
_FIXED: Final = "\u00a0"  # a space at which no line is cut
_ROUNDING: Final = 1e-4
_SHOWN: Final = 8
"""Numbers of a vector that are shown; JSON has all."""


def checked(before: Model, after: Model, box: Box | None = None) -> str:
    """Return how the functions before and after a transform compare, on the box, or everywhere where that is known.

    Where their difference has no bound on all of R, it is given for inputs from -10 to 10.
    """
    verdict = compare(before, after, Question(box))
    if verdict.outcome == "different" and verdict.largest is None and before.facts.inputs == after.facts.inputs:
        (size,) = next(iter(before.facts.inputs.values()))
        verdict = compare(before, after, Question(Box.of([BOX], int(str(size)))))
    if verdict.outcome == "equal":
        return f"equal functions {_for(verdict)}: {verdict.grounds}"
    if verdict.outcome == "different" and verdict.proven:
        return f"|f - g| is at most {verdict.largest:.3g} {_for(verdict)}, from their pieces in rationals"
    looked = f"{verdict.points:,} points and on {verdict.lines} lines {_for(verdict)}"
    if not verdict.largest:
        return f"no difference seen at {looked}"
    return f"the largest |f - g| seen at {looked} is {verdict.largest:.3g}"


def _for(verdict: Verdict) -> str:
    return verdict.domain if verdict.domain == "everywhere" else f"for {verdict.domain}"


def verdict_text(verdict: Verdict, first: str, second: str) -> str:
    """Return the answer, its grounds, and the counter-example in full precision."""
    if verdict.outcome == "equal":
        return wrapped(f"equal{_where(verdict)}: {verdict.grounds}", "")
    if verdict.outcome == "within tolerance":
        return wrapped(f"equal within the tolerance{_where(verdict)}: {verdict.grounds}", "")
    if verdict.outcome == "no difference found":
        looked = (
            f" in {verdict.points:,} points and {verdict.lines} lines of the box {verdict.domain.removeprefix('x in ')}"
            if verdict.points
            else ""
        )
        return wrapped(f"no difference found{looked}: {verdict.grounds}", "")
    box = verdict.domain.removeprefix("x in ")
    where = (
        "" if box in ("", "everywhere") or verdict.points else f" on {box}"
    )  # it is not every x at which they differ
    text = wrapped(f"different{where}: {verdict.grounds}", "")
    if verdict.counterexample:
        text += _example(verdict.counterexample, first, second)
    if verdict.largest and verdict.largest < _ROUNDING:
        tolerance = 10.0 ** math.ceil(math.log10(verdict.largest))
        text += wrapped(f"rounding may make as much: `--tolerance {tolerance:.0e}` counts it as none")
    return text


def _where(verdict: Verdict) -> str:
    return f" {_for(verdict)}" if verdict.domain and not verdict.points else ""


def _example(example: Counterexample, first: str, second: str) -> str:
    width = max(len(first), len(second), len("|difference|"))
    rows = [("x", example.x), (first, example.first), (second, example.second)]
    lines = [f"  {name:<{width}}  {vector(values)}" for name, values in rows]
    lines.append(f"  {'|difference|':<{width}}  {example.difference!r}")
    how = "y in rationals, rounded once to float64" if example.exact else "y in float64"
    return "".join(f"{line}\n" for line in [*lines, f"  {how}"])


def wrapped(line: str, indent: str = "  ") -> str:
    """Return a line cut to the width of a terminal, at spaces outside of brackets, further rows set in."""
    line = re.sub(r"\[[^\]]*\]", lambda match: match[0].replace(" ", _FIXED), line)
    further = f"{indent}  "
    cut = textwrap.wrap(
        line, _WIDTH, initial_indent=indent, subsequent_indent=further, break_long_words=False, break_on_hyphens=False
    )
    return "".join(f"{row.replace(_FIXED, ' ')}\n" for row in cut)


def vector(values: tuple[float, ...]) -> str:
    """Return numbers in full precision, those of a long vector cut short."""
    shown = ", ".join(repr(value) for value in values[:_SHOWN])
    if len(values) == 1:
        return shown
    return f"[{shown}{f', … {len(values) - _SHOWN:,} more' if len(values) > _SHOWN else ''}]"

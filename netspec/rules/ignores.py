"""Findings silenced in the file, with a reason: `# netspec: ignore[unused-name] kept for the probe`."""

import re
from functools import cache
from itertools import islice
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Place, Span, did_you_mean, quote
from netspec.diagnostics.pages import codes
from netspec.layers.scope import MOST_FAULTS
from netspec.source import Node, Scalar, Sequence, Source

_MARK: Final = "netspec: ignore"
_COMMENT: Final = re.compile(r"(?:^|[ \t])#[ \t]*netspec: ignore\[([^\]\n]{0,200})\][ \t]*([^\n]*)")


_Stretch = tuple[tuple[int, int], tuple[int, int]]


class _Ignore(NamedTuple):
    code: str
    reason: str
    lines: tuple[int, ...]
    span: Span


def silence(findings: list[Diagnostic], source: Source, *, whole: bool) -> list[Diagnostic]:
    """Return the findings that are not silenced in the file they stand in, and a finding for each idle ignore.

    An ignore speaks of its own line, or of the next one where it stands alone. Only warnings can be silenced. Where not
    the `whole` file was looked through for findings, no ignore is blamed for being idle.
    """
    if _MARK not in source.text:
        return findings
    ignores = _ignores(source)
    by_line: dict[tuple[int, str], list[int]] = {}
    for i, ignore in enumerate(ignores):
        for line in ignore.lines:
            by_line.setdefault((line, ignore.code), []).append(i)
    busy: set[int] = set()
    kept: list[Diagnostic] = []
    for finding in findings:
        span = finding.place.span
        here = finding.place.file == source.file and finding.severity == "warning" and span is not None
        silencing = by_line.get((span.line, finding.code), []) if here and span is not None else []
        busy.update(silencing)
        if not silencing:
            kept.append(finding)
    idle = (ignore for i, ignore in enumerate(ignores) if whole and (i not in busy or not ignore.reason))
    kept += (_finding(ignore, source) for ignore in islice(idle, MOST_FAULTS))
    return kept


def _finding(ignore: _Ignore, source: Source) -> Diagnostic:
    """Return the finding about an ignore that silences nothing, or does not say why."""
    if not ignore.reason:
        words, help_ = "an ignore says why, and this one gives no reason", "write the reason behind the bracket"
    else:
        where = "its line or the next" if len(ignore.lines) > 1 else "its line"
        words = f"this ignore silences nothing: there is no warning {quote(ignore.code)} on {where}"
        near = str(did_you_mean(ignore.code, _codes()))
        help_ = near if near and ignore.code not in _codes() else "take it out"
    return Diagnostic("unused-ignore", words, Place(source.file, ignore.span), help=help_, severity="warning")


@cache
def _codes() -> tuple[str, ...]:
    return tuple(codes())


def _ignores(source: Source) -> list[_Ignore]:
    """Return the ignores in the comments of a file: what a comment is, no scalar of the tree covers."""
    marked = [(number, line) for number, line in enumerate(source.text.split("\n"), 1) if _MARK in line]
    scalars = _scalars(source, {number for number, _ in marked})
    found: list[_Ignore] = []
    for number, line in marked:
        match = _COMMENT.search(line)
        if match is None or any(start <= (number, match.start() + 1) < end for start, end in scalars.get(number, ())):
            continue
        alone = not line[: match.start()].strip()
        start = line.index("#", match.start()) + 1
        span = Span(number, start, number, start + len(match.group(0).lstrip()))
        lines = (number, number + 1) if alone else (number,)
        named = dict.fromkeys(code.strip() for code in match.group(1).split(","))
        found.extend(_Ignore(code, match.group(2).strip(), lines, span) for code in named)
    return found


def _scalars(source: Source, lines: set[int]) -> dict[int, list[_Stretch]]:
    """Return, for each of some lines, where the scalars begin and end that have the mark in them on that line."""
    found: dict[int, list[_Stretch]] = {}
    waiting: list[Node] = [] if source.tree is None else [source.tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            line, column, end_line, end_column = node.span
            if line != end_line or (line in lines and _MARK in node.text):
                for number in range(line, end_line + 1):
                    if number in lines:
                        found.setdefault(number, []).append(((line, column), (end_line, end_column)))
        else:
            waiting.extend(node.items if isinstance(node, Sequence) else node.values.values())
    return found

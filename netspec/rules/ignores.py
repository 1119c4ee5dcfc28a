"""Findings silenced in the file, with a reason: `# netspec: ignore[unused-name] kept for the probe`."""

import re
from typing import Final, NamedTuple

from netspec.diagnostics import Diagnostic, Place, Span, did_you_mean, quote
from netspec.diagnostics.pages import codes
from netspec.source import Node, Scalar, Sequence, Source

_MARK: Final = "netspec: ignore"
_COMMENT: Final = re.compile(r"(?:^|[ \t])#[ \t]*netspec: ignore\[([^\]\n]{0,200})\][ \t]*([^\n]*)")


class _Ignore(NamedTuple):
    code: str
    reason: str
    lines: tuple[int, ...]
    span: Span


def silence(findings: list[Diagnostic], source: Source) -> list[Diagnostic]:
    """Return the findings that are not silenced in the file they stand in, and a finding for each idle ignore.

    An ignore speaks of its own line, or of the next one where it stands alone. Only warnings can be silenced.
    """
    if _MARK not in source.text:
        return findings
    ignores = _ignores(source)
    idle = set(range(len(ignores)))
    kept: list[Diagnostic] = []
    for finding in findings:
        silenced = False
        line = finding.place.span.line if finding.place.span else 0
        for i, ignore in enumerate(ignores):
            if finding.severity == "warning" and finding.code == ignore.code and line in ignore.lines:
                silenced = True
                if ignore.reason:
                    idle.discard(i)
        if not silenced:
            kept.append(finding)
    for i in sorted(idle):
        ignore = ignores[i]
        place = Place(source.file, ignore.span)
        words, help_ = "an ignore says why, and this one gives no reason", "write the reason behind the bracket"
        if ignore.reason:
            where = "its line or the next" if len(ignore.lines) > 1 else "its line"
            words = f"this ignore silences nothing: there is no warning {quote(ignore.code)} on {where}"
            near = "" if ignore.code in codes() else did_you_mean(ignore.code, codes())
            help_ = near or "take it out"
        kept.append(Diagnostic("unused-ignore", words, place, help=help_, severity="warning"))
    return kept


def _ignores(source: Source) -> list[_Ignore]:
    """Return the ignores in the comments of a file: what a comment is, no scalar of the tree covers."""
    found: list[_Ignore] = []
    for number, line in enumerate(source.text.split("\n"), 1):
        if _MARK not in line:
            continue
        match = _COMMENT.search(line)
        if match is None or _within_scalar(source, number, match.start() + 1):
            continue
        alone = not line[: match.start()].strip()
        start = line.index("#", match.start()) + 1
        span = Span(number, start, number, start + len(match.group(0).lstrip()))
        lines = (number, number + 1) if alone else (number,)
        found.extend(_Ignore(code.strip(), match.group(2).strip(), lines, span) for code in match.group(1).split(","))
    return found


def _within_scalar(source: Source, line: int, column: int) -> bool:
    """Return whether a scalar of the tree covers a place: the text of a description is no comment."""
    waiting: list[Node] = [] if source.tree is None else [source.tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Scalar):
            if (node.span.line, node.span.column) <= (line, column) < (node.span.end_line, node.span.end_column):
                return True
        else:
            waiting.extend(node.items if isinstance(node, Sequence) else node.values.values())
    return False

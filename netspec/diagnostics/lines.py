"""The lines that faults stand in, and fingerprints by which a tool knows a fault again when lines have moved.

GitHub's hash of a line is that of `github/codeql-action`, `src/fingerprints.ts`: of the hundred characters from its
start on that are no blanks, those of the next lines among them, and a count of the lines up to it that have the same.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from posixpath import normpath
from typing import Final, NamedTuple

from netspec.diagnostics.diagnostic import Diagnostic

_WINDOW: Final = 100
_FACTOR: Final = 37
_END: Final = "\uffff"
_BLANKS: Final = {ord(" "): None, ord("\t"): None}
_ASTRAL: Final = re.compile("[\U00010000-\U0010ffff]")
_BREAK: Final = re.compile("\n")
_NUMBER: Final = re.compile(r"[0-9][0-9,.]*")


class Line(NamedTuple):
    """A line, as far as a fault is known again by it: a digest of its words, and the hash that GitHub has of it."""

    digest: str = ""
    hash: str = ""


NOWHERE: Final = Line()


def lines_of(diagnostics: Iterable[Diagnostic], sources: Mapping[str, str]) -> dict[Diagnostic, Line]:
    """Return the line of each diagnostic whose text is in `sources`; what is kept of it does not grow with it."""
    placed: dict[str, list[tuple[int, Diagnostic]]] = {}
    for diagnostic in diagnostics:
        file, span = diagnostic.place
        if span is not None and file in sources:
            placed.setdefault(file, []).append((span.line, diagnostic))
    found: dict[Diagnostic, Line] = {}
    for file, here in placed.items():
        lines = _lines(sources[file], {number for number, _ in here})
        found |= {diagnostic: lines[number] for number, diagnostic in here if number in lines}
    return found


def fingerprints(diagnostics: Sequence[Diagnostic], lines: Mapping[Diagnostic, Line]) -> list[str]:
    """Return a name for each diagnostic that no other has, and that stays when lines move or are indented otherwise.

    It is made of the code, the file and the words of the line; without a line of the headline, numbers left out. Those
    that have all of it in common are counted in their order.
    """
    seen: Counter[tuple[str, str, str]] = Counter()
    found: list[str] = []
    for diagnostic in diagnostics:
        words = lines.get(diagnostic, NOWHERE).digest or _NUMBER.sub("#", diagnostic.headline)
        file = normpath(diagnostic.place.file) if diagnostic.place.file else ""
        key = (diagnostic.code, file, words)
        text = "\0".join((*key, str(seen[key])))
        seen[key] += 1
        found.append(sha256(text.encode(errors="surrogatepass")).hexdigest()[:32])
    return found


def _lines(text: str, wanted: set[int]) -> dict[int, Line]:
    """Return the lines of a text by their numbers, as far as they are there."""
    hashes = line_hashes(text, wanted)
    written = text.split("\n")
    return {
        number: Line(sha256(" ".join(written[number - 1].split()).encode(errors="surrogatepass")).hexdigest(), hash_)
        for number, hash_ in hashes.items()
    }


def line_hashes(text: str, wanted: set[int]) -> dict[int, str]:
    """Return GitHub's hash of each line wanted that there is, the last one also where it is empty."""
    plain = text.replace("\r\n", "\n").replace("\r", "\n").translate(_BLANKS) + _END
    if _ASTRAL.search(plain):
        plain = _ASTRAL.sub(_surrogates, plain)
    starts = [0, *(end.end() for end in _BREAK.finditer(plain))]
    counts = {_window(plain, starts[number - 1]): 0 for number in wanted if number <= len(starts)}
    found: dict[int, str] = {}
    for number, start in enumerate(starts, 1):
        window = _window(plain, start)
        if window not in counts:
            continue
        counts[window] += 1
        if number in wanted:
            found[number] = f"{_hash(window):x}:{counts[window]}"
    return found


def _window(plain: str, start: int) -> str:
    return plain[start : start + _WINDOW]


def _hash(window: str) -> int:
    value = 0
    for character in window.ljust(_WINDOW, "\0"):
        value = (value * _FACTOR + ord(character)) & 0xFFFF_FFFF_FFFF_FFFF
    return value


def _surrogates(found: re.Match[str]) -> str:
    """Return a character as the two that JavaScript has for it."""
    offset = ord(found[0]) - 0x10000
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))

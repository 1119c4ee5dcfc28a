"""The two parsers of YAML behind one door: libyaml's where it is installed, and the same in Python where it is not.

The only module that imports yaml, and of yaml only the parser: nothing is composed, resolved or constructed.
"""

from collections.abc import Callable
from typing import Any, Final, NamedTuple, Protocol

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from yaml.parser import Parser
from yaml.reader import Reader
from yaml.scanner import Scanner, ScannerError

try:
    from yaml._yaml import CParser as _CParser

    _FAST: Callable[[str], Any] | None = _CParser
except ImportError:  # PyYAML was built without libyaml
    _FAST = None

__all__ = [
    "FAILURES",
    "FAST",
    "AliasEvent",
    "Breach",
    "DocumentEndEvent",
    "Event",
    "MappingEndEvent",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
    "breach",
    "events",
    "is_depth",
]

FAST: Final = _FAST is not None


class Mark(Protocol):
    """A position in the text, counted from 0 in characters."""

    line: int
    column: int
    index: int


class Event(Protocol):
    """One event. Which of the last five it has depends on its class; a plain scalar's style is None or empty."""

    start_mark: Mark
    end_mark: Mark
    anchor: str | None
    tag: str | None
    value: str
    style: str | None
    flow_style: bool | None


class Breach(NamedTuple):
    """Where the text stops being YAML: lines and columns count from 0; `opener` is where the broken thing began."""

    line: int
    column: int
    problem: str
    opener: tuple[int, int] | None


FAILURES: Final = (yaml.MarkedYAMLError,)


def is_depth(error: yaml.MarkedYAMLError) -> bool:
    """Return whether libyaml gave up at its own bound on nesting, which it has from PyYAML 6.0.4 on.

    It looks a thousand letters ahead for the `:` behind a key, so that it may meet the bound before it gives the
    events on which the reader counts the depth.
    """
    return "nesting depth" in (error.problem or "")


def breach(error: yaml.MarkedYAMLError) -> Breach:
    """Return where and why a parser gave up."""
    at, opener = error.problem_mark, error.context_mark
    began = (opener.line, opener.column) if opener else None
    return Breach(at.line if at else 0, at.column if at else 0, error.problem or "", began)


class _PythonParser(Reader, Scanner, Parser):
    """The parser in Python, over a text."""

    def __init__(self, text: str) -> None:
        Reader.__init__(self, text)
        Scanner.__init__(self)
        Parser.__init__(self)

    def scan_flow_scalar_non_spaces(self, double: bool, start_mark: Any) -> list[str]:
        """Return the next pieces of quoted text, escapes resolved, and refuse the escapes that libyaml refuses.

        PyYAML takes half a surrogate pair for a character, and hands on what chr() raises above U+10FFFF.
        """
        try:
            pieces: list[str] = super().scan_flow_scalar_non_spaces(double, start_mark)
        except (ValueError, OverflowError):
            pieces = ["\ud800"]
        if any("\ud800" <= character <= "\udfff" for piece in pieces for character in piece):
            raise ScannerError("", start_mark, "found unknown escape character", self.get_mark())
        return pieces


def events(text: str, *, pure: bool) -> Callable[[], Event]:
    """Return a function that gives the events of a text one at a time; `pure` asks for the parser in Python.

    Errors of the function: `FAILURES`, of which `breach` tells the place.
    """
    following: Callable[[], Event] = (_PythonParser(text) if pure or _FAST is None else _FAST(text)).get_event
    return following

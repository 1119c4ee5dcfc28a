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
    "FAST",
    "AliasEvent",
    "Breach",
    "DocumentEndEvent",
    "Event",
    "Events",
    "MappingEndEvent",
    "MappingStartEvent",
    "NotYaml",
    "ScalarEvent",
    "SequenceEndEvent",
    "SequenceStartEvent",
    "StreamEndEvent",
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


class NotYaml(Exception):
    """The text is not YAML; `breach` says where and why."""

    def __init__(self, breach: Breach) -> None:
        self.breach = breach
        super().__init__(breach)


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


class Events:
    """The events of one text, from the start of its stream to the end; `pure` asks for the parser in Python."""

    __slots__ = ("_parser",)

    def __init__(self, text: str, *, pure: bool) -> None:
        self._parser: Any = _PythonParser(text) if pure or _FAST is None else _FAST(text)

    def next(self) -> Event:
        """Return the next event. Errors: `NotYaml`."""
        try:
            event: Event = self._parser.get_event()
        except yaml.MarkedYAMLError as error:
            at = error.problem_mark or self._parser.get_mark()
            opener = error.context_mark
            began = (opener.line, opener.column) if opener else None
            raise NotYaml(Breach(at.line, at.column, error.problem or "", began)) from None
        return event

"""Faults as the fields of a model raise them: a code and words; whoever reads the model adds the key and the place."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, NoReturn, TypeVar

from pydantic_core import PydanticCustomError

from netspec.diagnostics import quote, show
from netspec.limits import NAME_LENGTH

HELD_BACK = "held-back"
"""The type of a fault that follows from another one, which is reported where it arises."""

Path = tuple[str | int, ...]
Read = TypeVar("Read")


class Mark(NamedTuple):
    """The other place involved: a path below the model at fault, and a few words to stand beside its mark."""

    path: Path
    text: str
    key: bool = False


class Details(NamedTuple):
    """What a fault says besides its code. `words` are the headline; with `subject` the key is put before them.

    `at` leads from the value that was checked to the one at fault, or `beside` it, from the mapping that it stands in;
    `marks` likewise. `start` and `end` narrow the place to a stretch of a text; `key` marks the key rather than its
    value. `further` are the other faults of the same value, each with its code.
    """

    words: str
    subject: bool = True
    at: Path = ()
    key: bool = False
    label: str = ""
    marks: tuple[Mark, ...] = ()
    help: str = ""
    start: int = 0
    end: int = 0
    beside: bool = False
    further: "tuple[tuple[str, Details], ...]" = ()


def refuse(code: str, words: str, **details: object) -> NoReturn:
    """Raise the fault `code`; `details` are those of `Details`."""
    found = Details(words, **details)  # type: ignore[arg-type]  # one signature, written once, in Details
    raise PydanticCustomError(code, "{words}", {"words": words, "details": found})


def hold_back() -> NoReturn:
    """Raise the fault that is never shown, since its cause already is."""
    raise PydanticCustomError(HELD_BACK, "held back")


def together(*readings: Callable[[], Read]) -> list[Read]:
    """Return what each reading gives. Where any refuses, the refusals of all are raised as one: none hides another."""
    found: list[Read] = []
    refused: list[PydanticCustomError] = []
    for reading in readings:
        try:
            found.append(reading())
        except PydanticCustomError as error:
            refused.append(error)
    told = [each for error in refused for each in refusals(error)]
    if told:
        (code, first), *more = told
        refuse(code, **{**first._asdict(), "further": tuple(more)})
    if refused:
        hold_back()
    return found


def refusals(error: PydanticCustomError) -> Iterator[tuple[str, Details]]:
    """Yield the faults that a reading was refused for, each with its code; none for what is held back."""
    details = (error.context or {}).get("details")
    if error.type != HELD_BACK and isinstance(details, Details):
        yield error.type, details._replace(further=())
        yield from details.further


def mend_name(written: str, pattern: re.Pattern[str]) -> str:
    """Return the help for a text that is no name: one close to it that is, or what a name is made of."""
    marks = "_" if not pattern.match("a-") else "-"
    close = re.sub(r"[^A-Za-z0-9_]+", marks, written.strip())[: NAME_LENGTH.value]
    if written.isascii() and pattern.match(close):
        return f"write `{close}`"
    more = "`_`" if marks == "_" else "`_`, `-` or `.`"
    return f"a name is a letter, then letters, digits or {more}, {NAME_LENGTH.value} at most"


def describe(value: object) -> str:
    """Return what a value is, in the user's words, for "expects …, got …"."""
    match value:
        case bool():
            return f"the switch `{str(value).lower()}`"
        case int():
            return f"the integer {show(value)}"
        case float():
            return f"the number {value!r}"
        case str():
            return f"the text {quote(value)}" if value else "an empty text"
        case list():
            return f"a list of {len(value)}" if value else "an empty list"
        case dict():
            return f"a mapping with the key {quote(next(iter(value)))}" if value else "an empty mapping"
        case _:
            return "nothing"

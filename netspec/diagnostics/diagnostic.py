"""The diagnostic as data: what is wrong, where, why, and what to type instead. Drawing it is a renderer's work."""

from typing import Literal, NamedTuple

Severity = Literal["error", "warning"]


class Span(NamedTuple):
    """A stretch of text: lines and columns count from 1, columns in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Place(NamedTuple):
    """Where: a file by the name the user knows it by (`<stdin>` for a stream), and a span where one is known."""

    file: str
    span: Span | None = None


class Note(NamedTuple):
    """The other place involved, with a few words to stand beside its mark."""

    place: Place
    text: str


class Edit(NamedTuple):
    """A text to stand at a span of the file instead of what stands there."""

    span: Span
    text: str


class Diagnostic(NamedTuple):
    """One fault. `headline` is one terse sentence naming the thing and both values; `label` stands under the mark.

    Every text may hold user text only as `show` gives it back, but for those of `fix`: edits of the place's file, where
    one way to mend the fault is known. `code` is the name of a page in `pages/`.
    """

    code: str
    headline: str
    place: Place
    label: str = ""
    notes: tuple[Note, ...] = ()
    help: str = ""
    severity: Severity = "error"
    fix: tuple[Edit, ...] = ()

    def order(self) -> tuple[str, int, int, str, str]:
        """Return the sort key: by file, then by place in it; equal places by code and headline."""
        span = self.place.span or Span(0, 0, 0, 0)
        return (self.place.file, span.line, span.column, self.code, self.headline)

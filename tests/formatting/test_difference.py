"""A layout that is not the canonical one, as a diagnostic."""

import re
from pathlib import Path

import pytest

from netspec.diagnostics import Diagnostic, Edit, Place, Span
from netspec.diagnostics.edits import edited
from netspec.formatting import format_source
from netspec.formatting.difference import difference
from netspec.source import read_source

SPECS = sorted((Path(__file__).parent.parent.parent / "specs").rglob("*.yaml"))


def test_it_stands_at_the_first_line_that_differs() -> None:
    assert difference("a.yaml", "netspec: 1\nname:  a\ninput: 1\n", "netspec: 1\nname: a\ninput: 1\n") == Diagnostic(
        "layout",
        "the layout is not the canonical one",
        Place("a.yaml", Span(2, 1, 2, 9)),
        help="run `netspec fmt a.yaml`",
        fix=(Edit(Span(2, 1, 2, 9), "name: a"),),
    )


def test_what_is_not_seen_is_of_the_whole_file() -> None:
    assert difference("a\x1b.yaml", "netspec: 1\n", "netspec: 1\n") == Diagnostic(
        "layout",
        "the line ends, or a mark before the first line, are not those of the canonical layout",
        Place("a\x1b.yaml"),
        help="run `netspec fmt aU+001B.yaml`",
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a\n", "b\n"),
        ("a", "a\n"),
        ("a\n\n", "a\n"),
        ("", "a\n"),
        ("a\na\na\n", "a\na\n"),
        ("a\nb\n", "a\na\nb\n"),
        ("x\na\ny\n", "a\n"),
    ],
)
def test_the_edit_makes_it_the_canonical_one(before: str, after: str) -> None:
    assert edited(before, difference("a.yaml", before, after).fix)[0] == after


@pytest.mark.parametrize("path", SPECS[::7], ids=lambda path: path.name)
def test_the_edit_mends_a_spec_of_the_book(path: Path) -> None:
    after = path.read_text(encoding="utf-8")
    before = re.sub("^netspec: 1$", "netspec:   1", after, flags=re.MULTILINE) + "\n"
    source = read_source(before.encode(), "a.yaml")
    assert format_source(source) == after
    assert edited(before, difference("a.yaml", before, after).fix)[0] == after

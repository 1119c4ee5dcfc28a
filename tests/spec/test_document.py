"""A document: what it costs to read, and how faults in its data find their places in its text."""

import pytest

from netspec.diagnostics import Span
from netspec.layers.faults import Details
from netspec.source import read_source
from netspec.spec import Document, Expect, Head
from netspec.spec.document import _fields, spell
from netspec.spec.head import Claims
from netspec.validation import check_text


def document(text: str) -> Document:
    """Return the document that a text is."""
    return Document(read_source(text.encode(), "spec.yaml"), "spec.yaml")


def test_keys_values_and_lists_are_counted_and_the_letters_of_expressions() -> None:
    found = document("a: [1, 2*D, D]\nb: {c: x/y.yaml, d: '1 // 2'}\nparameters: {w: [1, 2, 3]}\n")
    assert found.values == 1 + 3 + (1 + 3) + (1 + 2 + 2) + (1 + 1 + 1 + 3)
    assert found.letters == len("2*D") + len("1 // 2")
    assert found.work == found.values - 6 + found.letters // 10


def test_the_letter_beyond_a_bound_is_found() -> None:
    found = document("a: [1+1, D, 2+2]\nb: {c: 3+3}\n")
    assert [found.place_of_letter(number) for number in (0, 2, 3, 5, 6, 8, 9)] == [
        ("a", 0),
        ("a", 0),
        ("a", 2),
        ("a", 2),
        ("b", "c"),
        ("b", "c"),
        (),
    ]


def test_a_stretch_of_a_text_is_marked_behind_its_quote() -> None:
    found = document("a: [D + x, 'D + x']\nb: >\n  D\n  + x\n")
    spans = [found.place(path, Details("", start=4, end=5)).span for path in (("a", 0), ("a", 1), ("b",))]
    assert spans[:2] == [Span(1, 9, 1, 10), Span(1, 17, 1, 18)]
    assert spans[2] == found.source.place(("b",)).span, "of several lines, the whole is marked"


def test_a_path_is_spelled_as_people_write_it() -> None:
    assert spell(("widths", 1)) == "widths[1]"
    assert spell(("variants", "small", "D")) == "variants.small.D"
    assert spell(("a`b\x1b",)) == "a'bU+001B"


def test_the_keys_that_a_place_may_have_are_those_of_its_model() -> None:
    assert _fields(Claims, ("expect",)) == tuple(Expect.model_fields)
    assert _fields(Claims, ()) == ("parameters", "expect")
    assert _fields(Head, ("networks", "a")) == _fields(Head, ("nothing",)) == ()


_FAMILY = "netspec: 1\nhyperparameters: {depth: 3}\ninput: 1\nK: {}\nwidths: 3\noutput: 1\n"


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        (_FAMILY.replace("{}", "deptth"), [("depth", 4, 4)]),
        (_FAMILY.replace("{}", '"\\x64eptth"'), []),  # an escape: what stands there is not the name
        (_FAMILY.replace("{}", ">-\n  deptth"), []),  # a text block: its place is more than a line
        ("{}\n", []),  # no key, before which the version could be put
        ("input: 1\nwidths: [3]\noutput: 1\n", [("netspec: 1\n", 1, 1)]),
        ("{input: 1, widths: [3], output: 1}\n", [("netspec: 1, ", 1, 2)]),
    ],
)
def test_an_edit_is_offered_only_where_the_text_is_what_is_at_fault(
    text: str, edits: list[tuple[str, int, int]]
) -> None:
    found = [edit for diagnostic in check_text(text).diagnostics for edit in diagnostic.fix]
    assert [(edit.text, edit.span.line, edit.span.column) for edit in found] == edits

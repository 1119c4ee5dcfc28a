"""Marks that a merge has left in a file."""

import pytest

from netspec.diagnostics import Span
from netspec.source import read_source
from netspec.source.conflicts import conflict_fault

HEAD = "netspec: 1\n"
CONFLICT = "<<<<<<< HEAD\ninput: 1\n=======\ninput: 2\n>>>>>>> other\n"


def test_a_conflict_is_told_at_its_first_mark() -> None:
    (fault,) = read_source((HEAD + CONFLICT).encode(), "a.yaml").faults
    assert (fault.code, fault.place.span) == ("merge-conflict", Span(2, 1, 2, 8))
    assert [(note.place.span, note.text) for note in fault.notes] == [(Span(4, 1, 4, 8), "theirs begins here")]


def test_marks_may_be_longer_and_have_no_labels() -> None:
    text = HEAD + "<<<<<<<<<<\na: 1\n||||||||||\na: 0\n==========\na: 2\n>>>>>>>>>>\n"
    (fault,) = read_source(text.encode(), "a.yaml").faults
    assert (fault.code, fault.place.span) == ("merge-conflict", Span(2, 1, 2, 11))


def test_a_conflict_in_brackets_is_told() -> None:
    text = "netspec: 1\nlayers: [\n<<<<<<< HEAD\n  relu\n=======\n  tanh\n>>>>>>> other\n]\n"
    assert [fault.code for fault in read_source(text.encode(), "a.yaml").faults] == ["merge-conflict"]


@pytest.mark.parametrize(
    "text",
    [
        "a: [\n<<<<<<< HEAD\n",  # no theirs
        "a: [\n=======\n<<<<<<< HEAD\n>>>>>>> other\n",  # in another order
        "a: [\n<<<<<<<< HEAD\n=======\n>>>>>>> other\n",  # of two lengths
        "a: [\n<<<<<<<HEAD\n=======\n>>>>>>>other\n",  # no marks
    ],
)
def test_what_is_no_conflict_keeps_its_own_fault(text: str) -> None:
    assert conflict_fault(text, "a.yaml") is None
    assert "merge-conflict" not in [fault.code for fault in read_source(text.encode(), "a.yaml").faults]


def test_marks_within_a_text_are_a_text() -> None:
    text = "netspec: 1\ndescription: |\n  <<<<<<< a\n  =======\n  >>>>>>> b\n"
    assert read_source(text.encode(), "a.yaml").faults == []


def test_a_second_beginning_takes_the_place_of_the_first() -> None:
    fault = conflict_fault("<<<<<<< a\n" + CONFLICT, "a.yaml")
    assert fault is not None
    assert fault.place.span == Span(2, 1, 2, 8)


def test_many_conflicts_are_counted_in_one_walk() -> None:
    fault = conflict_fault(HEAD + CONFLICT * 20_000, "a.yaml")
    assert fault is not None
    assert fault.headline == "a merge left 20,000 conflicts, and nobody has settled them; the first is here"

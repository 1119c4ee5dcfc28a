"""Edits in a text, and where they stand afterwards."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from netspec.diagnostics import Edit, Span, did_you_mean
from netspec.diagnostics.edits import edited, overlap
from netspec.diagnostics.suggest import Mend


def test_edits_are_made_at_their_spans() -> None:
    text = "a: one\r\nb: two, three\r\n"
    edits = [Edit(Span(2, 9, 2, 14), "3"), Edit(Span(1, 4, 1, 7), "1"), Edit(Span(2, 1, 2, 1), "x: 0\n")]
    now, spans = edited(text, edits)
    assert now == "a: 1\r\nx: 0\nb: two, 3\r\n"
    assert spans == [Span(1, 4, 1, 5), Span(2, 1, 3, 1), Span(3, 9, 3, 10)]
    assert edited(text, []) == (text, [])


@given(st.lists(st.text("ab\n", max_size=4), min_size=1, max_size=8), st.data())
def test_what_was_put_stands_at_its_span(pieces: list[str], data: st.DataObject) -> None:
    """Of pieces of a text, every second one is replaced."""
    text = "".join(pieces)
    edits: list[Edit] = []
    offset = 0
    puts: list[str] = []
    for i, piece in enumerate(pieces):
        if i % 2:
            before, after = text[:offset], text[: offset + len(piece)]
            start = before.count("\n") + 1, offset - before.rfind("\n")
            end = after.count("\n") + 1, offset + len(piece) - after.rfind("\n")
            puts.append(data.draw(st.text("xy\n", max_size=3)))
            edits.append(Edit(Span(*start, *end), puts[-1]))
        offset += len(piece)
    assume(len({edit.span for edit in edits}) == len(edits))
    now, spans = edited(text, edits)
    replaced = iter(puts)
    assert now == "".join(next(replaced) if i % 2 else piece for i, piece in enumerate(pieces))
    for span, put in zip(spans, puts, strict=True):
        lines = now.split("\n")
        assert now.startswith(put, sum(len(line) + 1 for line in lines[: span.line - 1]) + span.column - 1)


@pytest.mark.parametrize(
    ("one", "other", "verdict"),
    [
        (Span(1, 1, 1, 3), Span(1, 3, 1, 5), False),
        (Span(1, 1, 1, 4), Span(1, 3, 1, 5), True),
        (Span(1, 3, 1, 3), Span(1, 3, 1, 5), True),
        (Span(1, 1, 2, 1), Span(2, 1, 2, 2), False),
        (Span(1, 1, 3, 1), Span(2, 1, 2, 2), True),
    ],
)
def test_stretches_that_touch_do_not_overlap(one: Span, other: Span, verdict: bool) -> None:
    assert overlap(one, other) == overlap(other, one) == verdict


@pytest.mark.parametrize(
    ("word", "name", "sure"),
    [
        ("widht", "width", True),
        ("RELU", "relu", True),
        ("d", "D", True),
        ("float16", "float32", False),
        ("h1", "h2", False),
        ("Dd", "D", False),
        ("bat", "bar", False),
    ],
)
def test_a_suggestion_is_a_fix_only_where_it_is_no_guess(word: str, name: str, sure: bool) -> None:
    help_ = did_you_mean(word, [name])
    assert help_ == f"did you mean `{name}`?"
    assert isinstance(help_, Mend) == sure
    if isinstance(help_, Mend):
        assert help_.text == name

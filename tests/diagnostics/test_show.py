"""User text in messages, and the nearest known name."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.diagnostics import did_you_mean, quote, show


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("widths", "widths"),
        ("wid\u0442hs", "widU+0442hs"),
        ("β_0 Ω_0", "β_0 Ω_0"),
        ("a\tb\r\n\\", "a\\tb\\r\\n\\\\"),
        ("\x1b[31m\x00\x7f", "U+001B[31mU+0000U+007F"),
        ("\u202e\u200b\ufeff", "U+202EU+200BU+FEFF"),
        ("\udcff", "U+DCFF"),
        (True, "True"),
    ],
)
def test_user_text_is_shown_in_printable_ascii(text: object, shown: str) -> None:
    assert show(text) == shown


def test_long_text_is_cut_and_the_rest_counted() -> None:
    assert show("x" * 60) == "x" * 60
    assert show("x" * 100) == "x" * 60 + "... (40 more)"
    assert show("\u0442\u0442\u0442", 12) == "U+0442U+0442... (1 more)"


@settings(deadline=None)  # a loaded machine is no fault
@given(st.text(max_size=300), st.integers(1, 100))
def test_whatever_the_text_it_is_short_and_printable(text: str, limit: int) -> None:
    shown = show(text, limit)
    assert shown.replace("β", "b").replace("Ω", "O").isascii()
    assert shown.isprintable()
    assert len(shown) <= limit + len("... (300 more)")


def test_quoted_text_holds_no_quote_of_its_own() -> None:
    assert quote("a`b") == "`a'b`"


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("widht", "width"),
        ("RELU", "relu"),
        ("rellu", "relu"),
        ("wdth", "width"),
        ("width", "width"),
        ("K", ""),
        ("convolution", ""),
        ("w" * 65, ""),
    ],
)
def test_the_nearest_name_is_offered(word: str, name: str) -> None:
    assert did_you_mean(word, ["width", "relu", "conv"]) == (name and f"did you mean `{name}`?")


def test_of_equally_near_names_the_first_wins() -> None:
    assert did_you_mean("bat", ["cat", "hat"]) == "did you mean `cat`?"

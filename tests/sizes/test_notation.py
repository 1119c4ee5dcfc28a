"""How free sizes are written: as people do, and as `parse` reads."""

import pytest
from hypothesis import assume, given

from netspec.limits import EXPRESSION_LENGTH
from tests.sizes.free import H, T, attempt, size, texts

WRITTEN = [
    "T", "-T", "2*T", "T + 1", "T - 1", "10 - T", "-H - W", "H - T + W",
    "T**2 + 3*T", "2*T**3 + T**2 - 1", "H**2 + H*W + W**2", "3*H*W + 1", "3*T**2 - 6*T + 3",
    "H // 4", "-(H // 4)", "5 - 3*(H // 2)", "-W*(H // 2)", "(H // 2)**2", "2*T // 3", "H*W // 2", "3*T // 2",
    "(H + 1) // 2", "(H - 1) // 2", "H // 2 + 1", "H // 2 - H", "H + 2*(H // 3)", "T*(H // 4)", "T + H // 4",
    "H // 4 + W // 4", "(3*(H // 4) + 1) // 5", "(T**2 + T) // 2", "(3*H + W) // 6",
    "H % 16", "H % 16 + 3", "H % 16 - 3", "(H + 1) % 16", "4*(H % 4)", "(H + W) % 3", "H - 16*(W // 16)",
    "64*(H // 4)*(W // 4)", "64*(H - 2)*(W - 2)", "64*((H - 1) // 2)*((W - 1) // 2)", "64*((H - 1) // 2)",
    "2*H*T*(2*H + T)", "-2*(H + W + 1)*(T + 1)", "T*(H - 2)*(W - 2)", "(2*H - 1)*(3*W + 5)", "(H // 2)**2*(W - 12)",
    "-(H + 100)*(W + 100)", "-(H - 2)*(W + 2)", "-3*(H - 2)*(W - 2)",
    "H*W + H + 3*W", "H*W + 2*H + W + 1", "H**2*W + H",
]  # fmt: skip


@pytest.mark.parametrize("text", WRITTEN)
def test_a_size_is_written_as_a_person_would(text: str) -> None:
    assert str(size(text)) == text


@given(texts())
def test_a_text_is_read_back_as_the_same_size(text: str) -> None:
    found = attempt(text)
    assume(len(str(found)) <= EXPRESSION_LENGTH.value)
    assert size(str(found)) == found


@given(texts(leaves=5), texts(leaves=5), texts(leaves=5))
def test_the_order_of_building_is_not_seen(a: str, b: str, c: str) -> None:
    assert str(attempt(f"{a} + {b}*{c}")) == str(attempt(f"{c}*{b} + {a}"))


def test_a_long_sum_is_not_searched_for_factors() -> None:
    text = str(size("H*(1 + T + T**2 + T**3 + T**4 + T**5 + T**6 + T**7 + T**8)*(1 + W + W**2)"))
    assert text.startswith("H*T**8*W**2 + ")


def test_a_size_stands_in_texts_as_a_number_does() -> None:
    assert f"{T:,}" == f"{T}" == "T"
    assert f"{1024 * H:>8,}" == "  1024*H"
    assert repr(T + 1) == "<T + 1>"

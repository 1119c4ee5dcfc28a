"""Greek letters and signs where there is only ASCII."""

import pytest

from netspec.diagnostics.letters import ascii_only, can_encode


def test_signs_are_spelled_out() -> None:
    assert ascii_only("β_0 (3×1) → Ω_1\nx ≤ 3…") == "beta_0 (3x1) -> Omega_1\nx <= 3..."


def test_what_has_no_spelling_is_shown_by_its_number() -> None:
    assert ascii_only("wid\u0442hs") == "widU+0442hs"


def test_ascii_is_left_alone() -> None:
    assert ascii_only("K: 3\t\\\n") == "K: 3\t\\\n"


@pytest.mark.parametrize(
    ("encoding", "can"), [("utf-8", True), ("utf-16", True), ("ascii", False), ("latin-1", False), ("none", False)]
)
def test_encodings_that_take_the_signs(encoding: str, can: bool) -> None:
    assert can_encode(encoding) is can

"""Plans of migration in the review's cases are a manual too: each is compared whole, and was carried out."""

import pytest

from tests.review.update_cases import CASES
from tests.review.update_plans import PLAN, plan, planned


@pytest.mark.parametrize("name", planned())
def test_a_plan_is_told_as_expected_and_is_carried_out(name: str) -> None:
    assert plan(name) == (CASES / name / PLAN).read_text(encoding="utf-8")


def test_the_manual_has_every_word_and_every_verdict() -> None:
    texts = [(CASES / name / PLAN).read_text(encoding="utf-8") for name in planned()]
    assert len(texts) >= 30
    for word in ("keep", "rename", "slice", "pad", "untie", "initialise", "drop"):
        assert sum(f"\n  {word} " in text for text in texts) >= 1, word
    kept = [text for text in texts if "it keeps the function" in text]
    assert len(kept) >= 12
    for text in kept:  # what is proven is found so
        assert ("exactly equal" in text) != ("\n  pad " in text)
    assert sum("it is not proven to keep the function" in text for text in texts) >= 10

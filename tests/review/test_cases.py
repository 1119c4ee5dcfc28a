"""The cases of the review are its manual: each difference and its classes, compared whole."""

import re

import pytest

from tests.review.update_cases import CASES, names, told


@pytest.mark.parametrize("name", names())
def test_a_case_is_told_as_expected(name: str) -> None:
    assert told(name) == (CASES / name / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", names())
def test_a_case_says_what_it_shows(name: str) -> None:
    first = {(CASES / name / file).read_text(encoding="utf-8").splitlines()[0] for file in ("old.yaml", "new.yaml")}
    (line,) = first
    assert re.fullmatch(r"# .*\.", line)


def test_the_manual_has_every_class_and_sixty_cases() -> None:
    texts = [(CASES / name / "expected.txt").read_text(encoding="utf-8") for name in names()]
    assert len(texts) >= 60
    for level in ("interface", "weights", "function", "budget", "cosmetic"):
        assert sum(f"error[breaking-{level}]" in text for text in texts) >= 4, level


@pytest.mark.parametrize("name", [name for name in names() if name.startswith("equal")])
def test_equal_graphs_say_so(name: str) -> None:
    verdict = told(name).splitlines()[1]
    assert verdict.startswith("the networks are equal") or verdict.endswith("; the architecture is the same")

"""The cases of merges are their manual: the merged text and what is said, compared whole."""

import re

import pytest

from netspec.diagnostics import Diagnostic
from netspec.source import read_source
from tests.merging.update_cases import CASES, merged, names


@pytest.mark.parametrize("name", names())
def test_a_case_is_merged_as_expected(name: str) -> None:
    found = merged(name)
    assert found.text == (CASES / name / "expected.yaml").read_text(encoding="utf-8")
    assert found.said == (CASES / name / "expected.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", names())
def test_a_case_says_what_it_shows(name: str) -> None:
    sides = [(CASES / name / f"{side}.yaml").read_text(encoding="utf-8") for side in ("base", "ours", "theirs")]
    (line,) = {text.splitlines()[0] for text in sides if text}
    assert re.fullmatch(r"# .*\.", line)


def test_the_manual_has_merges_and_conflicts_of_every_kind() -> None:
    said = [merged(name).said for name in names()]
    assert len(said) >= 25
    assert sum(text == "exit code 0\n" for text in said) >= 12
    for words in ("both changed", "both added", "deleted", "both inserted", "the comment", "not valid", "as text"):
        assert any(words in text for text in said), words


@pytest.mark.parametrize("name", [name for name in names() if "<<<<<<<" in merged(name).text])
def test_what_is_left_with_marks_is_one_fault_for_validate(name: str) -> None:
    (fault,) = read_source(merged(name).text.encode(), "spec.yaml").faults
    assert isinstance(fault, Diagnostic)
    assert fault.code == "merge-conflict"


@pytest.mark.parametrize("name", names())
def test_the_other_way_round_the_same_is_clean(name: str) -> None:
    """Whose edits are ours and whose theirs decides nothing but layout and the side of a conflict."""
    there, back = merged(name), merged(name, "theirs.yaml", "ours.yaml")
    assert there.said.splitlines()[0] == back.said.splitlines()[0]
    assert there.text.count("<<<<<<<") == back.text.count("<<<<<<<")

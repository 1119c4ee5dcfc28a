"""The pages of the codes."""

import re

import pytest

from netspec.diagnostics.pages import codes, page, summary


@pytest.mark.parametrize("code", codes())
def test_a_page_has_one_form(code: str) -> None:
    """Title, one sentence, the rule, an example with what netspec prints, and what to type instead."""
    text = page(code)
    assert text is not None
    assert re.fullmatch("[a-z][a-z0-9]*(-[a-z0-9]+)*", code)
    assert [row for row in _outside_examples(text) if row.startswith("#")] == [f"# {code}", "## Example", "## Mend"]
    parts = text.split("\n\n")
    assert parts[1].endswith("."), "the second paragraph is the sentence that `netspec explain` lists"
    assert not parts[2].startswith("#"), "the third paragraph says why"
    example = text.partition("\n## Example\n")[2].partition("\n## Mend\n")[0]
    fences = re.findall("^```(.*)$", example, re.MULTILINE)
    while fences[:2] == ["csv", ""]:  # the table that the command reads
        del fences[:2]
    assert fences in (["yaml", "", "text", ""], ["sh", "", "text", ""])
    assert text.endswith("\n")


def test_the_summary_is_the_first_sentence() -> None:
    assert summary("unknown-code") == "`netspec explain` was asked for a code that no fault has."


def test_codes_are_sorted_and_no_path_is_a_code() -> None:
    assert codes() == sorted(set(codes()))
    for name in ("../pages/usage", "usage.md", "", "nothing"):
        assert page(name) is None
        assert summary(name) is None


def _outside_examples(text: str) -> list[str]:
    return re.sub("^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL).splitlines()

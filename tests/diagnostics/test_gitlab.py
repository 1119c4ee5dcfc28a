"""Diagnostics as a GitLab Code Quality report."""

import json
from typing import Any

import pytest

from netspec.diagnostics import Diagnostic, Place, Span
from netspec.diagnostics.gitlab import render_gitlab
from netspec.diagnostics.lines import lines_of

FAULT = Diagnostic(
    "widths-count",
    "K is 3, but widths lists 2",
    Place("./nets/a.yaml", Span(2, 9, 2, 15)),
    "2 widths here",
    help="list 3 widths, or set K to 2",
)


def issues(*faults: Diagnostic, **options: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(render_gitlab(faults, **options))
    return found


def test_a_report_is_compared_whole() -> None:
    assert issues(FAULT, lines=lines_of([FAULT], {"./nets/a.yaml": "K: 3\nwidths: [3, 3]\n"})) == [
        {
            "description": "K is 3, but widths lists 2; list 3 widths, or set K to 2",
            "check_name": "widths-count",
            "fingerprint": "3967d32d30645ae54121a9e8bba23437",
            "severity": "major",
            "location": {"path": "nets/a.yaml", "lines": {"begin": 2}},
        }
    ]
    assert render_gitlab([]) == "[]\n"


@pytest.mark.parametrize(
    ("fault", "strict", "severity"),
    [
        (FAULT, False, "major"),
        (FAULT._replace(severity="warning"), False, "minor"),
        (FAULT._replace(severity="warning"), True, "major"),
        (FAULT._replace(place=Place("")), False, "blocker"),
    ],
)
def test_severities_are_those_of_gitlab(fault: Diagnostic, strict: bool, severity: str) -> None:
    assert [issue["severity"] for issue in issues(fault, strict=strict)] == [severity]


def test_a_fault_without_a_line_is_shown_at_the_first_and_one_without_a_file_is_of_the_whole() -> None:
    found = issues(FAULT._replace(place=Place("a.yaml")), FAULT._replace(place=Place(""), help=""))
    assert [issue["location"] for issue in found] == [
        {"path": ".", "lines": {"begin": 1}},
        {"path": "a.yaml", "lines": {"begin": 1}},
    ]
    assert found[0]["description"] == "K is 3, but widths lists 2"


def test_every_issue_has_a_fingerprint_of_its_own() -> None:
    """GitLab shows only the first of those that share one."""
    faults = [FAULT._replace(place=Place("a.yaml", Span(n, 1, n, 2))) for n in range(1, 50)]
    assert len({issue["fingerprint"] for issue in issues(*faults)}) == 49


@pytest.mark.parametrize("limits", [{"faults": 2}, {"most": 2}])
def test_where_a_report_is_full_the_rest_is_counted(limits: dict[str, int]) -> None:
    faults = [FAULT._replace(place=Place("a.yaml", Span(n, 1, n, 2))) for n in range(1, 5)]
    found = issues(*faults, **limits)
    assert [issue["location"]["lines"]["begin"] for issue in found] == [1, 2, 1]
    assert found[-1] == {
        "description": "2 more faults are not listed",
        "check_name": "netspec",
        "fingerprint": "netspec-not-listed",
        "severity": "info",
        "location": {"path": ".", "lines": {"begin": 1}},
    }
    assert issues(*faults[:3], **limits)[-1]["description"] == "1 more fault is not listed"


def test_the_name_of_a_file_stays_and_the_words_are_escaped() -> None:
    text = render_gitlab([FAULT._replace(place=Place("größe\udcff.yaml"), headline="\u202eβ\x1b", help="")])
    assert text.isascii()
    (issue,) = json.loads(text)
    assert (issue["location"]["path"], issue["description"]) == ("größeU+DCFF.yaml", "U+202EβU+001B")

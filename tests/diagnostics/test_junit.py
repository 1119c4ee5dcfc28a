"""Diagnostics as JUnit XML."""

import xml.etree.ElementTree as ElementTree
from typing import Any, Final

import pytest

from netspec.diagnostics import Diagnostic, Place, Span
from netspec.diagnostics.junit import render_junit

FAULT = Diagnostic("widths-count", "K is 3, but widths lists 2", Place("a.yaml", Span(2, 9, 2, 15)))
WARNING = Diagnostic("unused-name", "nothing uses `D`", Place("b.yaml"), severity="warning")
UNDONE = Diagnostic("no-such-file", "there is no file `c.yaml`", Place(""), help="look for it")
DRAWN = {"a.yaml": "error[widths-count]: K is 3\n", "b.yaml": "warning[unused-name]: nothing\n"}

# The elements of the schema of Jenkins's xUnit plugin that are written: attributes, those that must be, and children.
SCHEMA: Final[dict[str, tuple[set[str], set[str], set[str]]]] = {
    "testsuites": ({"name", "tests", "failures", "errors"}, set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"name", "tests"}, {"testcase"}),
    "testcase": ({"name", "classname", "file"}, {"name", "classname"}, {"failure", "error", "system-out"}),
    "failure": ({"type", "message"}, set(), set()),
    "error": ({"type", "message"}, set(), set()),
    "system-out": (set(), set(), set()),
}


def check(element: ElementTree.Element) -> None:
    """Assert that an element has what the schema lets it have, and what it has to."""
    allowed, needed, inner = SCHEMA[element.tag]
    assert needed <= set(element.attrib) <= allowed
    assert {child.tag for child in element} <= inner
    if element.tag.startswith("testsuite"):
        cases = list(element.iter("testcase"))
        counts = [sum(case.find(tag) is not None for case in cases) for tag in ("failure", "error")]
        assert [len(cases), *counts] == [int(element.attrib[name]) for name in ("tests", "failures", "errors")]
        names = [case.attrib["name"] for case in cases]
        assert len(set(names)) == len(names)
    for child in element:
        check(child)


def parsed(*faults: Diagnostic, **options: Any) -> ElementTree.Element:
    root = ElementTree.fromstring(render_junit(faults, command="validate", **options).encode("ascii"))
    check(root)
    return root


def test_a_report_is_compared_whole() -> None:
    assert render_junit(
        [FAULT, WARNING, UNDONE], command="validate", checked=["d.yaml", "a.yaml", "b.yaml"], drawn=DRAWN
    ) == (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<testsuites name="netspec validate" tests="4" failures="1" errors="1">\n'
        '  <testsuite name="netspec validate" tests="4" failures="1" errors="1" skipped="0">\n'
        '    <testcase classname="netspec validate" name="a.yaml" file="a.yaml">\n'
        '      <failure type="widths-count" message="K is 3, but widths lists 2">'
        "error[widths-count]: K is 3\n</failure>\n"
        "    </testcase>\n"
        '    <testcase classname="netspec validate" name="b.yaml" file="b.yaml">\n'
        "      <system-out>warning[unused-name]: nothing\n</system-out>\n"
        "    </testcase>\n"
        '    <testcase classname="netspec validate" name="d.yaml" file="d.yaml"/>\n'
        '    <testcase classname="netspec validate" name="there is no file `c.yaml`">\n'
        '      <error type="no-such-file" message="there is no file `c.yaml`">look for it</error>\n'
        "    </testcase>\n"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def test_a_file_may_be_told_within_the_test_of_another() -> None:
    other = FAULT._replace(place=FAULT.place._replace(file="b.facts.json"))
    root = parsed(
        other, WARNING, checked=["b.yaml"], drawn={"b.yaml": "all of it\n"}, within={"b.facts.json": "b.yaml"}
    )
    (case,) = root.iter("testcase")
    (failure,) = case
    assert (case.attrib["name"], failure.attrib["type"], failure.text) == ("b.yaml", "widths-count", "all of it\n")


def test_a_valid_file_is_a_test_that_passed() -> None:
    (case,) = parsed(checked=["a.yaml"]).iter("testcase")
    assert (case.attrib["name"], list(case)) == ("a.yaml", [])


def test_a_file_that_others_refer_to_is_a_test_only_where_something_is_wrong_with_it() -> None:
    cases = parsed(FAULT, checked=["top.yaml"], drawn=DRAWN).iter("testcase")
    assert [(case.attrib["name"], case.find("failure") is None) for case in cases] == [
        ("a.yaml", False),
        ("top.yaml", True),
    ]


@pytest.mark.parametrize(("strict", "tag"), [(False, "system-out"), (True, "failure")])
def test_a_warning_fails_a_test_where_it_counts_as_an_error(strict: bool, tag: str) -> None:
    (case,) = parsed(WARNING, strict=strict, drawn=DRAWN).iter("testcase")
    assert [child.tag for child in case] == [tag]
    assert case[0].text == DRAWN["b.yaml"]


def test_several_faults_of_a_file_are_one_failure() -> None:
    others = [FAULT._replace(place=Place("a.yaml", Span(n, 1, n, 2))) for n in (3, 4)]
    (failure,) = parsed(FAULT, *others).iter("failure")
    assert failure.attrib["message"] == "K is 3, but widths lists 2, and 2 more"


def test_no_text_of_a_user_ends_an_element_or_is_no_xml() -> None:
    evil = "]]></failure>\"'&amp;<x/>\x00\x1b\u202e\ufffe\ud800β\U0001f600\r\n"
    fault = FAULT._replace(headline=evil, place=Place(evil))
    (case,) = parsed(fault, checked=[evil], drawn={evil: evil}).iter("testcase")
    seen = "]]></failure>\"'&amp;<x/>U+0000U+001BU+202EU+FFFEU+D800β😀\\r"
    (failure,) = case
    assert failure.attrib["message"].startswith(seen)
    assert failure.text == f"{seen}\n"
    assert case.attrib["file"].startswith("]]></failure>\"'&amp;<x/>U+0000U+001B")

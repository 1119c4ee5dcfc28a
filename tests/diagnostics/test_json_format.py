"""Diagnostics as JSON, and the schema that describes them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

import netspec.diagnostics
from netspec.diagnostics import Diagnostic, Note, Place, Span
from netspec.diagnostics.json_format import REPORT_VERSION, render_json

SCHEMA = json.loads((Path(netspec.diagnostics.__file__).parent / "report.schema.json").read_text(encoding="utf-8"))
FAULT = Diagnostic(
    "widths-count",
    "K is 3, but widths lists 2",
    Place("a.yaml", Span(5, 9, 5, 15)),
    "2 widths here",
    (Note(Place("b.yaml"), "K is here"),),
    "set K to 2",
)

_TYPES = {"object": dict, "array": list, "string": str, "integer": int, "boolean": bool, "null": type(None)}


def check(value: Any, schema: dict[str, Any], path: str = "report") -> None:
    """Assert that the value is what the schema says, and that it has no key which the schema does not describe."""
    known = {"$schema", "$defs", "title", "description", "type", "properties", "required", "items", "$ref", "oneOf"}
    assert set(schema) <= known | {"enum", "const", "pattern", "minimum"}, path
    if "$ref" in schema:
        return check(value, SCHEMA["$defs"][schema["$ref"].removeprefix("#/$defs/")], path)
    if "oneOf" in schema:
        null, other = schema["oneOf"]
        return check(value, null if value is None else other, path)
    if "type" in schema:
        names = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        assert type(value) in [_TYPES[name] for name in names], path
    assert "const" not in schema or value == schema["const"], path
    assert "enum" not in schema or value in schema["enum"], path
    assert "pattern" not in schema or re.search(schema["pattern"], value), path
    assert "minimum" not in schema or value >= schema["minimum"], path
    if "properties" in schema:
        assert set(value) == set(schema["properties"]) == set(schema["required"]), path
        for key, inner in schema["properties"].items():
            check(value[key], inner, f"{path}.{key}")
    for position, item in enumerate(value if "items" in schema else ()):
        check(item, schema["items"], f"{path}[{position}]")
    return None


def test_a_report_is_compared_whole() -> None:
    assert json.loads(render_json([FAULT])) == {
        "report": 1,
        "files": [{"file": "a.yaml", "checked": False, "errors": 1, "warnings": 0, "unlisted": 0}],
        "diagnostics": [
            {
                "code": "widths-count",
                "severity": "error",
                "headline": "K is 3, but widths lists 2",
                "label": "2 widths here",
                "help": "set K to 2",
                "fix": [],
                "place": {"file": "a.yaml", "span": {"line": 5, "column": 9, "end_line": 5, "end_column": 15}},
                "notes": [{"place": {"file": "b.yaml", "span": None}, "text": "K is here"}],
            }
        ],
        "summary": {"checked": 0, "errors": 1, "warnings": 0, "strict": False, "ok": False},
    }


def test_files_that_were_to_be_checked_are_listed_without_faults_too() -> None:
    report = json.loads(render_json([FAULT], checked=["b.yaml", "0.yaml"]))
    assert report["files"] == [
        {"file": "0.yaml", "checked": True, "errors": 0, "warnings": 0, "unlisted": 0},
        {"file": "a.yaml", "checked": False, "errors": 1, "warnings": 0, "unlisted": 0},
        {"file": "b.yaml", "checked": True, "errors": 0, "warnings": 0, "unlisted": 0},
    ]
    assert report["summary"] == {"checked": 2, "errors": 1, "warnings": 0, "strict": False, "ok": False}


@pytest.mark.parametrize(
    ("faults", "strict", "ok"),
    [
        ([], True, True),
        ([FAULT], False, False),
        ([FAULT._replace(severity="warning")], False, True),
        ([FAULT._replace(severity="warning")], True, False),
    ],
)
def test_the_summary_says_whether_all_is_well(faults: list[Diagnostic], strict: bool, ok: bool) -> None:
    summary = json.loads(render_json(faults, strict=strict))["summary"]
    assert (summary["strict"], summary["ok"]) == (strict, ok)


def test_reports_are_what_the_schema_says() -> None:
    placeless = Diagnostic("no-space", "no space left", Place(""), severity="warning")
    for faults in ([], [FAULT], [placeless, FAULT, FAULT._replace(place=Place("c.yaml"))]):
        check(json.loads(render_json(faults, checked=["a.yaml", "z.yaml"])), SCHEMA)


def test_the_schema_is_of_this_version() -> None:
    assert SCHEMA["properties"]["report"]["const"] == REPORT_VERSION


@pytest.mark.parametrize(
    "change",
    [
        {"report": 2},
        {"files": [{"file": 1, "checked": True, "errors": 0, "warnings": 0, "unlisted": 0}]},
        {"files": [{"file": "a", "checked": True, "errors": -1, "warnings": 0, "unlisted": 0}]},
        {"diagnostics": [{}]},
        {"more": 1},
    ],
)
def test_the_check_against_the_schema_fails_on_what_is_not_so(change: dict[str, object]) -> None:
    with pytest.raises(AssertionError):
        check(json.loads(render_json([FAULT])) | change, SCHEMA)


def test_equal_faults_are_listed_once_and_in_the_order_of_the_files() -> None:
    other = FAULT._replace(place=Place("0.yaml"))
    report = json.loads(render_json([FAULT, other, FAULT]))
    assert [entry["place"]["file"] for entry in report["diagnostics"]] == ["0.yaml", "a.yaml"]
    assert [entry["file"] for entry in report["files"]] == ["0.yaml", "a.yaml"]


def test_beyond_a_thousand_faults_of_a_file_the_rest_is_counted() -> None:
    faults = [FAULT._replace(place=Place("a.yaml", Span(n, 1, n, 2))) for n in range(1, 1_003)]
    report = json.loads(render_json(faults))
    assert len(report["diagnostics"]) == 1_000
    assert report["files"] == [{"file": "a.yaml", "checked": False, "errors": 1_002, "warnings": 0, "unlisted": 2}]


def test_the_bytes_are_ascii_with_sorted_keys() -> None:
    text = render_json([FAULT._replace(place=Place("größe\udcff.yaml"), headline="β_0")])
    assert text.isascii()
    assert text.endswith("}\n")
    report = json.loads(text, object_pairs_hook=lambda pairs: pairs)
    assert [key for key, _ in report] == ["diagnostics", "files", "report", "summary"]
    assert json.loads(text)["files"][0]["file"] == "größeU+DCFF.yaml"

"""Diagnostics as SARIF, held against the schema of OASIS where that is at hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator, Draft7Validator
from jsonschema.exceptions import ValidationError

from netspec.diagnostics import Diagnostic, Edit, Note, Place, Severity, Span
from netspec.diagnostics.lines import lines_of
from netspec.diagnostics.pages import codes, page
from netspec.diagnostics.sarif import render_sarif, uri
from netspec.version import __version__

SCHEMA = os.environ.get("SARIF_SCHEMA")
FAULT = Diagnostic(
    "widths-count",
    "K is 3, but widths lists 2",
    Place("nets/a.yaml", Span(2, 9, 2, 15)),
    "2 widths here",
    (Note(Place("nets/b.yaml", Span(1, 4, 1, 5)), "3 hidden layers declared here"),),
    "list 3 widths, or set K to 2",
    fix=(Edit(Span(1, 4, 1, 5), "2"),),
)
TEXT = "K: 3\nwidths: [3, 3]\n"
UNDONE = Diagnostic("no-such-file", "there is no file `missing.yaml`", Place(""), help="look for it")


def run(*faults: Diagnostic, status: int = 1, **options: Any) -> dict[str, Any]:
    """Return the run of the log."""
    log = json.loads(render_sarif(faults, command="validate", status=status, **options))
    assert (sorted(log), log["version"], len(log["runs"])) == (["$schema", "runs", "version"], "2.1.0", 1)
    found: dict[str, Any] = log["runs"][0]
    return found


def test_a_run_is_compared_whole() -> None:
    root = {"uriBaseId": "%SRCROOT%"}
    found = run(FAULT, lines=lines_of([FAULT], {"nets/a.yaml": TEXT}))
    assert found == {
        "tool": {
            "driver": {
                "name": "netspec",
                "version": __version__,
                "rules": [
                    {
                        "id": "widths-count",
                        "shortDescription": {"text": "The list of widths has another length than `K` says."},
                        "help": {"text": page("widths-count"), "markdown": page("widths-count")},
                    }
                ],
            }
        },
        "automationDetails": {"id": "netspec-validate/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {"%SRCROOT%": {"description": {"text": "the folder that netspec was run in"}}},
        "invocations": [{"executionSuccessful": True, "exitCode": 1, "toolExecutionNotifications": []}],
        "results": [
            {
                "ruleId": "widths-count",
                "ruleIndex": 0,
                "level": "error",
                "message": {
                    "text": "K is 3, but widths lists 2\n2 widths here\n"
                    "nets/b.yaml:1:4: [3 hidden layers declared here](1)\nhelp: list 3 widths, or set K to 2"
                },
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "nets/a.yaml", **root},
                            "region": {"startLine": 2, "startColumn": 9, "endLine": 2, "endColumn": 15},
                        }
                    }
                ],
                "relatedLocations": [
                    {
                        "id": 1,
                        "message": {"text": "3 hidden layers declared here"},
                        "physicalLocation": {
                            "artifactLocation": {"uri": "nets/b.yaml", **root},
                            "region": {"startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 5},
                        },
                    }
                ],
                "fixes": [
                    {
                        "description": {"text": "list 3 widths, or set K to 2"},
                        "artifactChanges": [
                            {
                                "artifactLocation": {"uri": "nets/a.yaml", **root},
                                "replacements": [
                                    {
                                        "deletedRegion": {
                                            "startLine": 1,
                                            "startColumn": 4,
                                            "endLine": 1,
                                            "endColumn": 5,
                                        },
                                        "insertedContent": {"text": "2"},
                                    }
                                ],
                            }
                        ],
                    }
                ],
                "partialFingerprints": {
                    "netspec/v1": "3967d32d30645ae54121a9e8bba23437",
                    "primaryLocationLineHash": "2581e174a86c468c:1",
                },
            }
        ],
    }


def test_a_fault_of_a_whole_file_has_no_region_and_no_hash_of_a_line() -> None:
    (result,) = run(Diagnostic("empty-file", "the file is empty", Place("a.yaml")))["results"]
    assert result["locations"] == [
        {"physicalLocation": {"artifactLocation": {"uri": "a.yaml", "uriBaseId": "%SRCROOT%"}}}
    ]
    assert list(result["partialFingerprints"]) == ["netspec/v1"]
    assert {"relatedLocations", "fixes"} & result.keys() == set()


@pytest.mark.parametrize(("strict", "level"), [(False, "warning"), (True, "error")])
def test_a_warning_is_an_error_where_it_counts_as_one(strict: bool, level: str) -> None:
    (result,) = run(FAULT._replace(severity="warning"), strict=strict)["results"]
    assert result["level"] == level


def test_what_could_not_be_done_is_a_notification_of_the_run() -> None:
    found = run(UNDONE, FAULT, status=2)
    assert [result["ruleId"] for result in found["results"]] == ["widths-count"]
    assert found["invocations"] == [
        {
            "executionSuccessful": False,
            "exitCode": 2,
            "toolExecutionNotifications": [
                {
                    "level": "error",
                    "descriptor": {"id": "no-such-file"},
                    "message": {"text": "there is no file `missing.yaml`\nhelp: look for it"},
                }
            ],
        }
    ]


def test_results_name_their_rules_and_each_rule_stands_once() -> None:
    other = FAULT._replace(code="alias", place=Place("0.yaml"))
    found = run(FAULT, other, FAULT._replace(place=Place("z.yaml")))
    assert [rule["id"] for rule in found["tool"]["driver"]["rules"]] == ["alias", "widths-count"]
    assert [(result["ruleId"], result["ruleIndex"]) for result in found["results"]] == [
        ("alias", 0),
        ("widths-count", 1),
        ("widths-count", 1),
    ]


@pytest.mark.parametrize(
    ("file", "reference"),
    [
        ("nets/a.yaml", "nets/a.yaml"),
        ("./nets//a.yaml", "nets/a.yaml"),
        ("../a.yaml", "../a.yaml"),
        ("/tmp/a b.yaml", "file:///tmp/a%20b.yaml"),
        ("größe%#?.yaml", "gr%C3%B6%C3%9Fe%25%23%3F.yaml"),
        ("\udcff.yaml", "%FF.yaml"),
        ("HEAD:a.yaml", "HEAD%3Aa.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        ("\u202e\n.yaml", "%E2%80%AE%0A.yaml"),
    ],
)
def test_the_name_of_a_file_is_a_reference(file: str, reference: str) -> None:
    assert uri(file) == reference


@pytest.mark.parametrize(("file", "based"), [("a.yaml", True), ("/a.yaml", False), ("<stdin>", False)])
def test_only_what_lies_below_the_folder_is_based_on_it(file: str, based: bool) -> None:
    (result,) = run(FAULT._replace(place=Place(file)))["results"]
    assert ("uriBaseId" in result["locations"][0]["physicalLocation"]["artifactLocation"]) == based


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("`widths[1]` is 0", "`widths[1]` is 0"),
        ("{D: 3} and {0}", "{D: 3} and {{0}}"),
        ("see [this](http://x)", "see \\[this\\](http://x)"),
        ("see \\[this\\](http://x)", "see \\\\[this\\\\](http://x)"),
        ("\u202e\x1b\ufeff", "U+202EU+001BU+FEFF"),
    ],
)
def test_no_text_of_a_message_leads_elsewhere_or_is_filled_in(words: str, shown: str) -> None:
    (result,) = run(FAULT._replace(headline=words, label="", notes=(), help=""))["results"]
    assert result["message"]["text"] == shown


def test_the_words_of_a_link_hold_no_other() -> None:
    note = Note(Place("[b](c).yaml"), "[d](e)")
    (result,) = run(FAULT._replace(headline="a", label="", notes=(note,), help=""))["results"]
    assert result["message"]["text"] == "a\n\\[b\\](c).yaml: [\\[d\\](e)](1)"
    assert result["relatedLocations"][0]["message"]["text"] == "\\[d\\](e)"


def test_a_place_without_words_and_one_without_a_file() -> None:
    notes = (Note(Place(""), "not placed"), Note(Place("b.yaml"), ""))
    (result,) = run(FAULT._replace(label="", notes=notes, help="", fix=()))["results"]
    assert result["message"]["text"] == "K is 3, but widths lists 2\nnot placed\nb.yaml: [here](1)"
    assert [place["id"] for place in result["relatedLocations"]] == [1]


def test_a_fix_needs_no_help() -> None:
    (result,) = run(FAULT._replace(help=""))["results"]
    assert list(result["fixes"][0]) == ["artifactChanges"]


@pytest.mark.parametrize(
    ("limits", "kept", "words"),
    [
        ({"faults": 1}, ["error a.yaml", "error b.yaml"], "2 more faults are not listed"),
        ({"most": 2}, ["error a.yaml", "error b.yaml"], "2 more faults are not listed"),
        ({"most": 3}, ["error a.yaml", "warning a.yaml", "error b.yaml"], "1 more fault is not listed"),
    ],
)
def test_errors_come_first_where_a_report_is_full_and_the_rest_is_counted(
    limits: dict[str, int], kept: list[str], words: str
) -> None:
    severities: tuple[Severity, ...] = ("error", "warning")
    faults = [
        FAULT._replace(place=Place(f"{name}.yaml", Span(n, 1, n, 2)), severity=severity)
        for name in "ab"
        for n, severity in enumerate(severities, 1)
    ]
    found = run(*faults, **limits)
    listed = [
        f"{result['level']} {result['locations'][0]['physicalLocation']['artifactLocation']['uri']}"
        for result in found["results"]
    ]
    assert listed == kept
    assert found["invocations"][0]["toolExecutionNotifications"] == [{"level": "warning", "message": {"text": words}}]


def test_the_bytes_are_ascii_with_sorted_keys_and_end_with_a_line_feed() -> None:
    text = render_sarif([FAULT._replace(headline="β_0 \ud800")], command="validate", status=1)
    assert text.isascii()
    assert text.endswith("}\n")
    keys = [key for key, _ in json.loads(text, object_pairs_hook=lambda pairs: pairs)]
    assert keys == ["$schema", "runs", "version"]


# The schema


@pytest.fixture(scope="module")
def validator() -> Any:
    if not SCHEMA:
        pytest.skip("SARIF_SCHEMA does not name the schema of SARIF 2.1.0")
    schema = json.loads(Path(SCHEMA).read_text(encoding="utf-8"))
    kind = Draft4Validator if "draft-04" in schema["$schema"] else Draft7Validator
    return kind(schema, format_checker=kind.FORMAT_CHECKER)


def test_logs_are_what_the_schema_says(validator: Any) -> None:
    """With every code as a rule, and with every shape that a result can have."""
    every = [Diagnostic(code, code, Place("a.yaml", Span(1, 1, 1, 2))) for code in codes()]
    placeless = FAULT._replace(place=Place("/tmp/größe .yaml"), notes=(Note(Place(""), "x"),))
    for faults, status in (([], 0), ([FAULT], 1), ([UNDONE, placeless], 2), (every, 1)):
        lines = lines_of(faults, {"nets/a.yaml": TEXT})
        validator.validate(json.loads(render_sarif(faults, command="fmt", status=status, lines=lines, most=150)))


@pytest.mark.parametrize("change", [{"version": "2.0"}, {"more": 1}, {"runs": [{"results": []}]}])
def test_the_schema_refuses_what_is_none(validator: Any, change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        validator.validate(json.loads(render_sarif([FAULT], command="validate", status=1)) | change)

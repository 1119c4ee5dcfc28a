"""Diagnostics as JUnit XML, which Jenkins, GitLab and most other servers read: a test for each file.

There is no standard. Source: the schema of Jenkins's xUnit plugin, `junit-10.xsd`, and "Unit test reports" in GitLab's
documentation, which takes the first of tests with one name.
"""

import re
from collections.abc import Iterable, Mapping
from posixpath import normpath
from typing import Final

from netspec.diagnostics.diagnostic import Diagnostic
from netspec.diagnostics.order import by_file
from netspec.diagnostics.show import show
from netspec.limits import PATH_LENGTH

_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_SPECIAL: Final = re.compile(r'[&<>"]|[^ -~\n]')


def render_junit(
    diagnostics: Iterable[Diagnostic],
    *,
    command: str,
    checked: Iterable[str] = (),
    strict: bool = False,
    drawn: Mapping[str, str] | None = None,
    within: Mapping[str, str] | None = None,
) -> str:
    """Return a suite with a test for each file, sorted: failed where there are errors, and where `strict` warnings.

    `drawn` has for each file what is told of it. That is the text of the failure, or what the test says where warnings
    do not fail it. A diagnostic without a file says why something could not be done, and is a test in error. `within`
    has for a file that is no test the one whose test it is told in.
    """
    tests = {} if within is None else within
    found: dict[str, list[Diagnostic]] = {}
    for file, group in by_file(diagnostics):
        found.setdefault(tests.get(file, file), []).extend(group)
    told = {} if drawn is None else drawn
    name = f"netspec {command}"
    rows: list[str] = []
    failures = 0
    for file in sorted({*checked, *found} - {""}):
        here = found.get(file, [])
        against = here if strict else [fault for fault in here if fault.severity == "error"]
        failures += bool(against)
        shown = _text(show(file, PATH_LENGTH.value))
        case = f'<testcase classname="{name}" name="{shown}" file="{_text(normpath(file))}"'
        text = _text(told.get(file, ""))
        if against:
            said = f'<failure type="{against[0].code}" message="{_text(_headline(against))}">{text}</failure>'
            rows.append(f"    {case}>\n      {said}\n    </testcase>\n")
        elif text:
            rows.append(f"    {case}>\n      <system-out>{text}</system-out>\n    </testcase>\n")
        else:
            rows.append(f"    {case}/>\n")
    undone = found.get("", [])
    for fault in undone:
        headline = _text(fault.headline)
        case = f'<testcase classname="{name}" name="{headline}">'
        said = f'<error type="{fault.code}" message="{headline}">{_text(fault.help)}</error>'
        rows.append(f"    {case}\n      {said}\n    </testcase>\n")
    counts = f'tests="{len(rows)}" failures="{failures}" errors="{len(undone)}"'
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<testsuites name="{name}" {counts}>\n'
        f'  <testsuite name="{name}" {counts} skipped="0">\n'
        f"{''.join(rows)}"
        "  </testsuite>\n"
        "</testsuites>\n"
    )


def _headline(faults: list[Diagnostic]) -> str:
    more = len(faults) - 1
    return faults[0].headline + (f", and {more} more" if more else "")


def _text(text: str) -> str:
    """Return a text as XML has it, in ASCII; what XML cannot hold or nobody can see is shown escaped."""

    def escaped(found: re.Match[str]) -> str:
        character = found[0]
        if character in _ESCAPES:
            return _ESCAPES[character]
        return f"&#x{ord(character):X};" if character.isprintable() else show(character)

    return _SPECIAL.sub(escaped, text)

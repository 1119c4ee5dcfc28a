"""Every key of a configuration: what it takes, and the fault for all else."""

import re
from typing import Any

import pytest

from netspec.configuration.configuration import Configuration
from netspec.configuration.policy import FACTS, LEVELS, RULES, SEVERITIES, Setting
from netspec.configuration.settings import read_settings
from netspec.configuration.toml import read_toml
from netspec.diagnostics import Diagnostic, Edit, Place, Span
from netspec.limits import GLOBS
from netspec.review.changes import LEVELS as CLASSES
from tests.update_cases import cases


def read(text: str, *prefix: str) -> tuple[Configuration, tuple[Diagnostic, ...]]:
    """Return the configuration of a text, and its faults."""
    return read_settings(read_toml(text.encode(), "netspec.toml"), prefix, "/folder", named=False)


def told(text: str) -> list[tuple[str, str, str, str]]:
    """Return code, place, headline and help of each fault."""
    return [
        (fault.code, f"{fault.place.span.line}:{fault.place.span.column}", fault.headline, fault.help)
        for fault in read(text)[1]
        if fault.place.span is not None
    ]


def test_the_classes_of_changes_are_those_of_the_review() -> None:
    assert LEVELS == CLASSES


def test_the_rules_are_all_that_validate_warns_of() -> None:
    """The cases show every code."""
    found = {
        code
        for case in cases()
        if case.command.startswith("netspec validate")
        for code in re.findall(r"^warning\[(.*?)\]", case.expected or "", re.MULTILINE)
    }
    assert tuple(sorted(found)) == RULES


def test_nothing_is_set_by_an_empty_file() -> None:
    found, faults = read("")
    assert faults == ()
    assert found == Configuration("netspec.toml", "/folder", "")
    assert [value for _, (value, _) in found.rows(None)] == [
        None, [], False, *["warning"] * len(RULES), *[None] * len(FACTS), None, "weights", [],
    ]  # fmt: skip


WHOLE = """\
root = "nets"
exclude = ["scratch", "**/old.yaml"]
strict = true

[rules]
unused-name = "off"
unused-ignore = "warning"

[budget]
parameters = 5_000_000
depth = 0

[breaking]
against = "origin/main"
level = "function"

[facts]
files = ["nets/**"]

[[overrides]]
files = ["nets/big", "nets/huge"]
strict = false
rules = {unused-name = "error"}
budget = {parameters = "off", macs = 1}
"""


def test_every_key_is_read_and_knows_where_it_stands() -> None:
    found, faults = read(WHOLE)
    assert faults == ()

    def rows(path: str | None) -> dict[str, tuple[object, int | None]]:
        return {
            name: (value, None if place is None or place.span is None else place.span.line)
            for name, (value, place) in found.rows(path)
        }

    assert rows(None) == {
        "root": ("nets", 1),
        "exclude": (["scratch", "**/old.yaml"], 2),
        "strict": (True, 3),
        "rules.activated-branch": ("error", 3),
        "rules.forgotten-flatten": ("error", 3),
        "rules.shadowed-layer": ("error", 3),
        "rules.unread-input": ("error", 3),
        "rules.unread-result": ("error", 3),
        "rules.unused-ignore": ("warning", 7),
        "rules.unused-name": ("off", 6),
        "budget.parameters": (5_000_000, 10),
        "budget.capacity": (None, None),
        "budget.depth": (0, 11),
        "budget.macs": (None, None),
        "budget.flops": (None, None),
        "budget.parameter_bytes": (None, None),
        "budget.activation_bytes": (None, None),
        "breaking.against": ("origin/main", 14),
        "breaking.level": ("function", 15),
        "facts.files": (["nets/**"], 18),
    }
    changed = {"strict": (False, 22), "rules.unused-name": ("error", 23)}
    changed |= {f"rules.{code}": ("warning", 22) for code in RULES[:5]}
    assert rows("/folder/nets/big/a.yaml") == rows(None) | changed | {
        "budget.parameters": (None, 24),
        "budget.macs": (1, 24),
    }


def test_a_table_of_a_shared_file_is_read_and_the_others_are_not() -> None:
    found, faults = read("strict = 1\n[tool.other]\nx = 1\n[tool.netspec]\nroot = '.'\n", "tool", "netspec")
    assert faults == ()
    assert found.root == Setting(".", Place("netspec.toml", Span(5, 8, 5, 11)))


KEYS = "`root`, `exclude`, `strict`, `rules`, `budget`, `overrides`, `breaking`, `facts`"
FACT_KEYS = ", ".join(f"`{fact}`" for fact in FACTS)
LEVELS_LISTED = ", ".join(f'`"{level}"`' for level in LEVELS)
RULE_CODES = ", ".join(f"`{rule}`" for rule in RULES)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("limit = 1", [("unknown-setting", "1:1", "there is no setting `limit` here", f"the keys are {KEYS}")]),
        ("Strict = true", [("unknown-setting", "1:1", "there is no setting `Strict` here", "did you mean `strict`?")]),
        (
            "[budget]\nmemory = 1",
            [("unknown-setting", "2:1", "there is no setting `memory` here", f"the keys are {FACT_KEYS}")],
        ),
        (
            "[breaking]\nlimits = 1\n[facts]\nfile = []",
            [
                ("unknown-setting", "2:1", "there is no setting `limits` here", "the keys are `against`, `level`"),
                ("unknown-setting", "4:1", "there is no setting `file` here", "did you mean `files`?"),
            ],
        ),
        (
            "[[overrides]]\nfiles = ['a']\nexclude = []",
            [
                (
                    "unknown-setting",
                    "3:1",
                    "there is no setting `exclude` here",
                    "the keys are `files`, `strict`, `rules`, `budget`",
                )
            ],
        ),
        ("strict = 1", [("bad-setting", "1:10", "`strict` expects `true` or `false`, got `1`", "")]),
        ("rules = []", [("bad-setting", "1:9", "`rules` expects a table, got a list", "")]),
        (
            "[rules]\nnothing = 'off'",
            [("unknown-setting", "2:1", "there is no rule `nothing`", f"the rules are {RULE_CODES}")],
        ),
        (
            "[rules]\nunused-names = 'off'",
            [("unknown-setting", "2:1", "there is no rule `unused-names`", "did you mean `unused-name`?")],
        ),
        (
            "[rules]\nwidths-count = 'off'",
            [
                (
                    "bad-setting",
                    "2:1",
                    "`widths-count` is an error, which no configuration changes",
                    f"the rules are {RULE_CODES}",
                )
            ],
        ),
        (
            "[rules]\nunused-name = 'wraning'",
            [
                (
                    "bad-setting",
                    "2:15",
                    '`rules.unused-name` is `"wraning"`, and may be one of `"off"`, `"warning"`, `"error"`',
                    'did you mean `"warning"`?',
                )
            ],
        ),
        (
            "[rules]\nunused-name = false",
            [
                (
                    "bad-setting",
                    "2:15",
                    '`rules.unused-name` is `false`, and may be one of `"off"`, `"warning"`, `"error"`',
                    "",
                )
            ],
        ),
        *(
            (
                f"budget.macs = {value}",
                [
                    (
                        "bad-setting",
                        "1:15",
                        f'`budget.macs` expects an integer of up to 18 digits, or `"off"`, got {said}',
                        "",
                    )
                ],
            )
            for value, said in (
                ("-1", "`-1`"),
                ("1e6", "`1000000.0`"),
                ("true", "`true`"),
                ("'none'", '`"none"`'),
                ("1000000000000000000", "`1000000000000000000`"),
                ("1979-05-27", "a date or a time"),
                ("{}", "a table"),
            )
        ),
        (
            "breaking.level = 'wieghts'",
            [
                (
                    "bad-setting",
                    "1:18",
                    f'`breaking.level` is `"wieghts"`, and may be one of {LEVELS_LISTED}',
                    'did you mean `"weights"`?',
                )
            ],
        ),
        *(
            (
                f"breaking.against = {value}",
                [
                    (
                        "bad-setting",
                        "1:20",
                        f'`breaking.against` expects a revision of git, such as `"origin/main"`, got {said}',
                        "",
                    )
                ],
            )
            for value, said in (
                ("''", '`""`'),
                ("'--output=x'", '`"--output=x"`'),
                ('"a\\u0000"', '`"aU+0000"`'),
                ("1", "`1`"),
            )
        ),
        ("root = 1", [("bad-setting", "1:8", "`root` expects the path of a folder, got `1`", "")]),
        ("root = '..'", [("bad-setting", "1:8", "`..`: it leaves the folder of the configuration", "")]),
        ("root = 'nets/*'", [("bad-setting", "1:8", "`nets/*`: it has a character of patterns", "")]),
        (
            "exclude = 'a/*'",
            [
                (
                    "bad-setting",
                    "1:11",
                    '`exclude` expects a list of patterns, got `"a/*"`',
                    'write it in brackets: `["a/*"]`',
                )
            ],
        ),
        (
            "exclude = ['/a', 1, '../b', 'c']",
            [
                (
                    "bad-setting",
                    "1:12",
                    "`/a`: it begins with `/`, and is relative to the folder of the configuration",
                    "",
                ),
                ("bad-setting", "1:18", "`exclude[1]` expects a pattern of paths, in quotes, got `1`", ""),
                ("bad-setting", "1:21", "`../b`: it leaves the folder of the configuration", ""),
            ],
        ),
        ("exclude = 1.5", [("bad-setting", "1:11", "`exclude` expects a list of patterns, got `1.5`", "")]),
        (
            "[overrides]\nfiles = []",
            [
                (
                    "bad-setting",
                    "1:1",
                    "`overrides` expects a list of tables, got a table",
                    "write `[[overrides]]` before each",
                )
            ],
        ),
        (
            "overrides = [1]",
            [
                (
                    "bad-setting",
                    "1:13",
                    "`overrides` expects a list of tables, got a list",
                    "write `[[overrides]]` before each",
                )
            ],
        ),
        (
            "[[overrides]]\nstrict = true",
            [
                (
                    "bad-setting",
                    "1:1",
                    "the key `files` is missing: patterns of the specs that the entry is of",
                    'such as `files = ["mobile/**"]`',
                )
            ],
        ),
        (
            "[[overrides]]\nfiles = 1",
            [("bad-setting", "2:9", "`overrides[0].files` expects a list of patterns, got `1`", "")],
        ),
    ],
)
def test_what_a_key_does_not_take_is_told_in_its_place(text: str, faults: list[Any]) -> None:
    assert told(text) == faults


def test_patterns_are_counted_together() -> None:
    half = ", ".join(f"'a{i}'" for i in range(GLOBS.value // 2))
    text = f"exclude = [{half}]\n[facts]\nfiles = [{half}]\n"
    assert told(text) == []
    words = "there are more than 64 patterns in the configuration"
    assert told(f"{text}[[overrides]]\nfiles = ['b']\n") == [
        ("bad-setting", "3:1", words, "name folders, or use `**`"),
    ]


def test_faults_are_in_the_order_of_the_file_and_bounded() -> None:
    text = "[facts]\nx = 1\n[rules]\ny = 1\n" + "".join(f"k{i} = 1\n" for i in range(3_000))
    faults = told(text)
    lines = [int(place.partition(":")[0]) for _, place, _, _ in faults]
    assert lines == sorted(lines)
    assert len(faults) == 1_000
    assert len(told(f"exclude = [{'1, ' * 3_000}]\n")) == 1_000


def test_a_slip_has_a_fix() -> None:
    (fault,) = read("[rules]\nunused-names = 'off'\n")[1]
    assert fault.fix == (Edit(Span(2, 1, 2, 13), "unused-name"),)
    (fault,) = read("[rules]\nunused-name = 'wraning'\n")[1]
    assert fault.fix == (Edit(Span(2, 15, 2, 24), '"warning"'),)


def test_text_of_the_file_is_shown_escaped() -> None:
    (fault,) = read('"\\u001b[31m`" = 1\n')[1]
    assert fault.headline == "there is no setting `U+001B[31m'` here"
    (fault,) = read('strict = "\\u202e"\n')[1]
    assert fault.headline == '`strict` expects `true` or `false`, got `"U+202E"`'


@pytest.mark.parametrize("severity", SEVERITIES)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_takes_every_severity(rule: str, severity: str) -> None:
    found, faults = read(f"rules.{rule} = '{severity}'\n")
    assert faults == ()
    assert found.policy(None).rules == {rule: severity}

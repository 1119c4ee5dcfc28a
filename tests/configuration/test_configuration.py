"""Which settings are in force for a spec."""

import os
import pickle
from pathlib import Path

import pytest

from netspec.configuration.configuration import Configuration
from netspec.configuration.finding import configuration_for
from netspec.configuration.policy import Policy
from netspec.diagnostics import Diagnostic, Place


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "top/nets/mobile").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "top")


def configured(text: str) -> Configuration:
    """Return the configuration of the working folder."""
    Path("netspec.toml").write_text(text)
    return configuration_for(".")


OVERRIDES = """\
[budget]
parameters = 100
macs = 10
[[overrides]]
files = ["nets/mobile", "*.yaml"]
budget = {parameters = 50}
rules = {unused-name = "error"}
[[overrides]]
files = ["nets/**/small.yaml"]
budget = {parameters = 5, macs = "off"}
[[overrides]]
files = ["nets/mobile/m*"]
rules = {unused-name = "off"}
strict = true
"""


@pytest.mark.parametrize(
    ("path", "budget", "rules", "strict"),
    [
        (None, {"parameters": 100, "macs": 10}, {}, False),
        ("nets/a.yaml", {"parameters": 100, "macs": 10}, {}, False),
        ("a.yaml", {"parameters": 50, "macs": 10}, {"unused-name": "error"}, False),
        ("nets/small.yaml", {"parameters": 5}, {}, False),
        ("nets/mobile/small.yaml", {"parameters": 5}, {"unused-name": "error"}, False),
        ("nets/mobile/m.yaml", {"parameters": 50, "macs": 10}, {"unused-name": "off"}, True),
        ("../a.yaml", {"parameters": 100, "macs": 10}, {}, False),
    ],
)
def test_a_later_entry_goes_before_an_earlier_one_key_by_key(
    path: str | None, budget: dict[str, int], rules: dict[str, str], strict: bool
) -> None:
    policy = configured(OVERRIDES).policy(path)
    assert {word: most.value for word, most in policy.budget.items()} == budget
    assert (policy.rules, policy.strict) == (rules, strict)


def test_patterns_are_relative_to_the_folder_of_the_file_wherever_the_command_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = configured('exclude = ["nets/mobile/*.yaml"]\nfacts.files = ["nets"]\n')
    os.symlink("nets", "linked")
    for path in ("nets/mobile/a.yaml", "linked/mobile/a.yaml", f"{tmp_path}/top/nets/mobile/a.yaml"):
        assert (found.excludes(path), found.has_facts(path)) == (True, True), path
    for path in ("nets/a.yaml", "mobile/a.yaml", "../nets/mobile/a.yaml", "../top-2/nets/mobile/a.yaml"):
        assert not found.excludes(path), path
    monkeypatch.chdir("nets/mobile")
    assert found.excludes("a.yaml")
    assert found.has_facts("../b.yaml")
    assert not found.has_facts("../../b.yaml")


def test_without_a_file_nothing_is_excluded_and_all_is_as_it_is() -> None:
    assert Configuration().policy("nets/a.yaml") == Policy("", "", None, False, {}, {})
    assert not Configuration().excludes("nets/a.yaml")
    assert not Configuration().has_facts("nets/a.yaml")


@pytest.mark.parametrize(
    ("root", "path", "expected"),
    [
        (".", "nets/a.yaml", ""),
        ("./nets/.", "nets/mobile/a.yaml", "nets"),
        ("nets", "nets/a.yaml", "nets"),
        ("nets", "a.yaml", None),
        ("nets", "nets.yaml", None),
        ("nets", "nets-2/a.yaml", None),
        (".", "../a.yaml", None),
        (".", None, None),
        ("linked", "linked/a.yaml", None),
    ],
)
def test_the_root_is_of_the_specs_below_it_and_never_above_the_file(
    root: str, path: str | None, expected: str | None, tmp_path: Path
) -> None:
    """A link out of the folder is no way around: a spec behind it does not lie below."""
    os.symlink("..", "linked")
    Path("nets-2").mkdir()
    found = configured(f"root = '{root}'\n").policy(path).root
    assert found == (None if expected is None else os.path.normpath(os.path.realpath(Path(expected))))


def finding(code: str, severity: str = "warning") -> Diagnostic:
    """Return a finding of a code."""
    return Diagnostic(code, "a finding", Place("a.yaml"), severity="error" if severity == "error" else "warning")


def test_findings_are_as_severe_as_is_set_and_errors_stay() -> None:
    policy = configured('rules = {unused-name = "off", unused-ignore = "error", unread-input = "warning"}').policy(None)
    found = [finding(code) for code in ("unused-name", "unused-ignore", "unread-input", "unread-result")]
    errors = [finding("unused-name", "error"), finding("widths-count", "error")]
    assert policy.judged([*found, *errors]) == [finding("unused-ignore", "error"), *found[2:], *errors]


def test_where_strict_what_is_not_set_is_an_error() -> None:
    policy = configured('strict = true\nrules = {unused-name = "warning", unread-input = "off"}').policy(None)
    found = [finding(code) for code in ("unused-name", "unread-input", "unread-result")]
    assert policy.judged(found) == [found[0], finding("unread-result", "error")]


def test_a_policy_can_be_sent_from_process_to_process() -> None:
    policy = configured(OVERRIDES).policy("nets/mobile/m.yaml")
    assert pickle.loads(pickle.dumps(policy)) == policy

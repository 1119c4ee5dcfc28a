"""A configuration on the command line."""

import json
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.cli.configuring import Configurations
from netspec.cli.paths import Target
from netspec.diagnostics import SystemFault

GOOD = "netspec: 1\nname: a\ninput: 1\nK: 2\nwidths: [3, 3]\noutput: 1\n"
UNKNOWN = """\
error[unknown-setting]: there is no setting `strct` here
  --> {}:1:1
   |
 1 | strct = true
   | ^^^^^
   |
   = help: did you mean `strict`?
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "top/.git").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "top")
    monkeypatch.setenv("COLUMNS", "80")


def write(files: dict[str, str]) -> None:
    """Write files, their folders made."""
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def netspec(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code, and what standard output and standard error got."""
    status = main(arguments)
    return (status, *capsys.readouterr())


# -- config ---------------------------------------------------------------------------------------------------------

SETTINGS = """\
strict = true
exclude = ["scratch"]

[budget]
parameters = 5_000_000

[[overrides]]
files = ["nets/**"]
rules = {unused-name = "off"}
budget = {parameters = "off"}
"""
TABLE = """\
nets/a.yaml is under netspec.toml

root                     none     default
exclude                  scratch  netspec.toml:2:11
strict                   true     netspec.toml:1:10
rules.shadowed-layer     error    netspec.toml:1:10
rules.unread-input       error    netspec.toml:1:10
rules.unread-result      error    netspec.toml:1:10
rules.unused-ignore      error    netspec.toml:1:10
rules.unused-name        off      netspec.toml:9:24
budget.parameters        off      netspec.toml:10:24
budget.capacity          none     default
budget.depth             none     default
budget.macs              none     default
budget.flops             none     default
budget.parameter_bytes   none     default
budget.activation_bytes  none     default
breaking.against         none     default
breaking.level           weights  default
facts.files              none     default
"""


def test_config_shows_what_is_in_force_for_a_spec_and_from_where(capsys: pytest.CaptureFixture[str]) -> None:
    write({"netspec.toml": SETTINGS, "nets/a.yaml": GOOD})
    assert netspec(capsys, "config", "nets/a.yaml") == (0, TABLE, "")


def test_config_shows_a_folder_and_what_is_named_and_what_is_excluded(capsys: pytest.CaptureFixture[str]) -> None:
    write({"netspec.toml": SETTINGS, "scratch/a.yaml": GOOD})
    assert netspec(capsys, "config", "scratch")[1].splitlines()[:3] == [
        "scratch is under netspec.toml",
        "it is excluded: a search of a folder leaves it out",
        "",
    ]
    assert "\nbudget.parameters        5,000,000  netspec.toml:5:14\n" in netspec(capsys, "config")[1]
    named = netspec(capsys, "config", "--config", "netspec.toml", ".")[1]
    assert named.startswith(". is under netspec.toml, named on the command line\n\n")
    none = netspec(capsys, "config", "--no-config")[1]
    assert none.startswith(". is under no configuration file\n\nroot                     none     default\n")
    assert none.count(" default\n") == 18


def test_config_is_json_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    write({"netspec.toml": SETTINGS, "nets/a.yaml": GOOD})
    report = json.loads(netspec(capsys, "config", "--format", "json", "nets/a.yaml")[1])
    settings = {each.pop("name"): each for each in report.pop("settings")}
    assert report == {"config": 1, "excluded": False, "file": "netspec.toml", "named": False, "path": "nets/a.yaml"}
    assert settings["exclude"] == {"value": ["scratch"], "from": {"file": "netspec.toml", "line": 2, "column": 11}}
    assert settings["budget.parameters"] == {
        "value": None,
        "from": {"file": "netspec.toml", "line": 10, "column": 24},
    }
    assert settings["breaking.level"] == {"value": "weights", "from": None}
    assert json.loads(netspec(capsys, "config", "--no-config", "--format", "json")[1])["file"] is None


def test_config_refuses_what_is_not_there_and_what_is_at_fault(capsys: pytest.CaptureFixture[str]) -> None:
    missing = "error[no-such-file]: there is no file and no folder `b.yaml`\n"
    assert netspec(capsys, "config", "b.yaml") == (2, "", missing)
    write({"netspec.toml": "strct = true\n"})
    assert netspec(capsys, "config") == (1, "", UNKNOWN.format("netspec.toml"))


# -- for other commands ---------------------------------------------------------------------------------------------


def test_targets_keep_what_is_in_force_and_a_fault_of_the_search_stays_what_it_is() -> None:
    write({"netspec.toml": "strict = true\n", "a.yaml": GOOD})
    fault = SystemFault("no-specs", "nothing")
    found = Configurations(None, none=False).under([Target("a.yaml"), fault, Target("-")])
    first, second, third = found
    assert second is fault
    assert isinstance(first, Target)
    assert isinstance(third, Target)
    assert first.policy is not None
    assert first.policy.strict
    assert third.policy is not None
    assert (third.path, third.policy.strict) == ("-", True)

"""A configuration on the command line: what `validate`, `fmt`, `breaking` and others make of it, and `config`."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from netspec.cli import jobs as started
from netspec.cli import main
from netspec.cli.checking import check_all
from netspec.cli.configuring import Configurations
from netspec.cli.jobs import Method
from netspec.cli.paths import Target, collect
from netspec.cli.workers import check_in_processes
from netspec.diagnostics import SystemFault
from netspec.validation import AS_WRITTEN

GOOD = "netspec: 1\nname: a\ninput: 1\nK: 2\nwidths: [3, 3]\noutput: 1\n"
WARNED = GOOD + "hyperparameters: {D: 3}\n"
IGNORED = GOOD + "hyperparameters: {D: 3}  # netspec: ignore[unused-name] kept for the probe\n"
WARNING = """\
{}[unused-name]: nothing uses the hyperparameter `D`
  --> {}:7:19
   |
 7 | hyperparameters: {{D: 3}}
   |                   ^
   |
   = help: use it, or take it out
"""
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


# -- validate -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "status", "severity"),
    [
        ("", 0, "warning"),
        ("strict = false", 0, "warning"),
        ("strict = true", 1, "error"),
        ("rules.unused-name = 'warning'", 0, "warning"),
        ("rules.unused-name = 'error'", 1, "error"),
        ("rules.unused-name = 'off'", 0, ""),
        ("strict = true\nrules.unused-name = 'off'", 0, ""),
        ("strict = true\nrules.unused-name = 'warning'", 0, "warning"),
        ("strict = true\n[[overrides]]\nfiles = ['*.yaml']\nstrict = false", 0, "warning"),
        ("[[overrides]]\nfiles = ['nets']\nrules.unused-name = 'off'", 0, "warning"),
    ],
)
def test_a_warning_is_as_severe_as_is_set(
    settings: str, status: int, severity: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"a.yaml": WARNED, "netspec.toml": settings})
    drawn = WARNING.format(severity, "a.yaml") + "\n" if severity else ""
    last = {
        "": "valid: a.yaml (22 parameters)\n",
        "warning": "valid: a.yaml (22 parameters), 1 warning\n",
        "error": "1 file: 1 error\n",
    }
    assert netspec(capsys, "validate", "a.yaml") == (status, drawn + last[severity], "")
    report = json.loads(netspec(capsys, "validate", "a.yaml", "--format", "json")[1])
    assert [each["severity"] for each in report["diagnostics"]] == ([severity] if severity else [])
    assert report["summary"]["ok"] == (status == 0)


@pytest.mark.parametrize("settings", ["", "strict = true", "rules.unused-name = 'off'", "rules.unused-name = 'error'"])
def test_an_ignore_in_the_spec_silences_its_finding_and_is_not_idle_whatever_is_set(
    settings: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"a.yaml": IGNORED, "netspec.toml": settings})
    assert netspec(capsys, "validate", "a.yaml") == (0, "valid: a.yaml (22 parameters)\n", "")


@pytest.mark.parametrize(("settings", "status"), [("", 0), ("rules.unused-ignore = 'error'", 1)])
def test_an_idle_ignore_is_a_finding_as_severe_as_is_set(
    settings: str, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"a.yaml": IGNORED.replace("[3, 3]", "[D, 3]"), "netspec.toml": settings})
    found, out, _ = netspec(capsys, "validate", "a.yaml")
    assert (found, "[unused-ignore]: this ignore silences nothing" in out) == (status, True)
    write({"netspec.toml": "rules.unused-ignore = 'off'"})
    assert netspec(capsys, "validate", "a.yaml") == (0, "valid: a.yaml (22 parameters)\n", "")


def test_each_spec_is_under_the_nearest_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        {
            "netspec.toml": "rules.unused-name = 'off'\n",
            "a.yaml": WARNED,
            "nets/netspec.toml": "strict = true\n",
            "nets/a.yaml": WARNED,
        }
    )
    expected = (1, WARNING.format("error", "nets/a.yaml") + "\n2 files: 1 error\n", "")
    assert netspec(capsys, "validate", ".") == expected


def test_the_command_line_goes_before_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    write({"netspec.toml": "rules.unused-name = 'off'\n", "lax.toml": "strict = false\n", "nets/a.yaml": WARNED})
    valid = "valid: nets/a.yaml (22 parameters), 1 warning\n"
    warned = WARNING.format("warning", "nets/a.yaml")
    assert netspec(capsys, "validate", "nets/a.yaml", "--config", "lax.toml") == (0, f"{warned}\n{valid}", "")
    assert netspec(capsys, "validate", "nets/a.yaml", "--no-config") == (0, f"{warned}\n{valid}", "")
    refused = f"{warned}\n{valid.replace('valid', 'refused under --strict')}"
    assert netspec(capsys, "validate", "nets/a.yaml", "--no-config", "--strict") == (1, refused, "")
    both = "error[usage]: --config: there is --no-config as well\n   = help: leave one of them out\n"
    assert netspec(capsys, "validate", "nets", "--no-config", "--config", "lax.toml") == (2, "", both)


def test_what_is_excluded_is_left_out_by_searches_and_taken_where_it_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    write(dict.fromkeys(("a.yaml", "scratch/b.yaml", "nets/c.yaml", "nets/old/d.yaml", "nets/e-old.yaml"), GOOD))
    write({"netspec.toml": "exclude = ['scratch', '**/old', '**/*-old.yaml']\n"})
    assert netspec(capsys, "validate", ".")[1] == "2 files: valid\n"
    assert netspec(capsys, "validate", "nets/*")[1] == "valid: nets/c.yaml (22 parameters)\n"
    assert netspec(capsys, "validate", "nets/e-old.yaml", "scratch/b.yaml")[1] == "2 files: valid\n"
    assert netspec(capsys, "validate", "--no-config", ".")[1] == "5 files: valid\n"
    write({"scratch/netspec.toml": "", "nets/old/netspec.toml": ""})  # folders that are not searched
    for search in (".", "**", "**/*.yaml"):
        assert netspec(capsys, "validate", search)[1] == "2 files: valid\n", search
    assert netspec(capsys, "validate", "*/*.yaml", "*/*/*.yaml")[1] == "1 file: valid, 1 not read\n"
    assert netspec(capsys, "validate", "scratch", "nets/old/*")[1] == "2 files: valid\n"
    Path("scratch/netspec.toml").unlink()
    none = (
        "error[no-specs]: there is no spec in the folder `scratch`\n"
        "   = help: specs are files named *.yaml or *.yml; hidden ones and links are left out, and what the\n"
        "           configuration excludes\n"
    )
    status, out, complaint = netspec(capsys, "validate", "scratch")
    assert (status, out) == (2, "")
    assert " ".join(complaint.split()) == " ".join(none.split())


def test_a_faulty_configuration_is_told_once_and_what_is_under_it_is_not_checked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bad = GOOD.replace("K: 2", "K: 3")
    write({"nets/netspec.toml": "strct = true\n", "nets/a.yaml": bad, "nets/b.yaml": bad, "c.yaml": GOOD})
    text = UNKNOWN.format("nets/netspec.toml")
    assert netspec(capsys, "validate", ".") == (1, f"{text}\n2 files: 1 error\n", "")
    assert netspec(capsys, "validate", "nets/a.yaml", "-q") == (1, text, "")
    status, out, _ = netspec(capsys, "validate", "nets", "--format", "github")
    place = "::error file=nets/netspec.toml,line=1,endLine=1,col=1,endColumn=6,title=unknown-setting::"
    assert (status, out) == (1, f"{place}there is no setting `strct` here%0Ahelp: did you mean `strict`?\n")
    report = json.loads(netspec(capsys, "validate", ".", "--format", "json")[1])
    assert [each["file"] for each in report["files"]] == ["c.yaml", "nets/netspec.toml"]
    assert report["summary"]["ok"] is False
    assert netspec(capsys, "validate", "c.yaml")[0] == 0
    assert netspec(capsys, "validate", "nets/a.yaml", "--config", "nets/netspec.toml") == (
        1,
        f"{text}\n1 file: 1 error\n",
        "",
    )


def test_a_configuration_that_cannot_be_read_is_a_fault_of_the_system(capsys: pytest.CaptureFixture[str]) -> None:
    write({"a.yaml": GOOD})
    status, out, complaint = netspec(capsys, "validate", "a.yaml", "--config", "missing.toml")
    assert (status, out) == (2, "")
    assert complaint == "error[no-such-file]: there is no file `missing.toml`\n"


def test_standard_input_is_under_the_configuration_of_the_working_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"netspec.toml": "budget.parameters = 20\n", "a.yaml": GOOD})
    with Path("a.yaml").open() as file:
        monkeypatch.setattr("sys.stdin", file)
        status, out, _ = netspec(capsys, "validate", "-")
    assert status == 1
    assert out == (
        "error[over-budget]: `parameters` is 22, and the budget is 20\n"
        "  --> <stdin>:5:1\n   |\n 5 | widths: [3, 3]\n   | ^^^^^^\n   |\n"
        "  ::: netspec.toml:1:21\n   |\n 1 | budget.parameters = 20\n   |                     -- the budget\n   |\n"
        "   = help: make the network smaller, or the budget larger\n\n1 file: 1 error\n"
    )


def test_fixes_are_made_under_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    spec = GOOD.replace("widths", "width") + "hyperparameters: {D: 3}\n"
    write({"netspec.toml": "rules.unused-name = 'off'\n", "a.yaml": spec})
    expected = (0, "a.yaml:5:1: fixed[unknown-key]: `width` is now `widths`\n\nvalid: a.yaml (22 parameters)\n", "")
    assert netspec(capsys, "validate", "--fix", "a.yaml") == expected


COMPOSED = "netspec: 1\nname: whole\ncompose: [../parts/fold.yaml]\n"


def test_the_root_of_the_configuration_is_what_files_lie_below(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write({"parts/fold.yaml": GOOD.replace("name: a", "name: fold"), "nets/a.yaml": COMPOSED})
    assert "error[path-outside-root]" in netspec(capsys, "validate", "nets/a.yaml")[1]
    write({"netspec.toml": "root = '.'\n"})
    valid = "valid: nets/a.yaml (22 parameters)\n"
    assert netspec(capsys, "validate", "nets/a.yaml") == (0, valid, "")
    assert netspec(capsys, "validate", "nets")[:2] == (0, valid)
    for command in ("show", "expand", "build", "graph"):
        assert netspec(capsys, command, "nets/a.yaml")[0] == 0, command
    assert "error[path-outside-root]" in netspec(capsys, "validate", "nets/a.yaml", "--root", "nets")[1]
    assert "error[path-outside-root]" in netspec(capsys, "validate", "nets/a.yaml", "--no-config")[1]
    absolute = f"{tmp_path}/top/nets/a.yaml"
    assert netspec(capsys, "validate", absolute)[1] == f"valid: {absolute} (22 parameters)\n"
    write({"parts/fold.yaml": GOOD.replace("K: 2", "K: 3")})
    assert "\n  --> parts/fold.yaml:4:4\n" in netspec(capsys, "validate", "nets/a.yaml")[1].replace(":5:9", ":4:4")
    assert f"\n  --> {tmp_path}/top/parts/fold.yaml" in netspec(capsys, "validate", absolute)[1]
    monkeypatch.chdir("nets")
    assert "\n  --> ../parts/fold.yaml" in netspec(capsys, "validate", "a.yaml")[1]
    write({"../netspec.toml": "root = 1\n"})
    assert "error[bad-setting]: `root` expects" in netspec(capsys, "show", "a.yaml")[2]


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_report_is_the_same_whatever_the_number_of_processes(method: Method) -> None:
    write({f"nets/{i}.yaml": WARNED if i % 3 else GOOD for i in range(20)})
    write({f"more/{i}.yaml": WARNED for i in range(4)})
    write(
        {"netspec.toml": "budget.parameters = 21\nrules.unused-name = 'off'\n", "more/netspec.toml": "strict = true\n"}
    )
    configurations = Configurations(None, none=False)
    targets = configurations.under(collect(["."], excludes=configurations.excludes))
    one = list(check_all(targets, AS_WRITTEN, 1))
    assert {fault.code for each in one for fault in each.diagnostics} == {"over-budget", "unused-name"}
    assert list(check_in_processes(targets, AS_WRITTEN, 3, method)) == one


def test_the_command_says_the_same_with_any_jobs(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write({f"nets/{i}.yaml": WARNED for i in range(12)})
    write({"netspec.toml": "budget.parameters = 21\nstrict = true\n"})
    monkeypatch.setattr(started, "_WORTH_FORKING", 1e-9)
    monkeypatch.setattr(started, "can_fork", lambda: True)
    assert netspec(capsys, "validate", ".", "-j", "3") == netspec(capsys, "validate", ".", "-j", "1")


# -- fmt ------------------------------------------------------------------------------------------------------------


def test_fmt_leaves_out_what_is_excluded(capsys: pytest.CaptureFixture[str]) -> None:
    write(
        {"a.yaml": GOOD, "scratch/b.yaml": GOOD.replace("[3, 3]", "[3,3]"), "netspec.toml": "exclude = ['scratch']\n"}
    )
    assert netspec(capsys, "fmt", "--check") == (0, "", "1 file in the canonical layout\n")
    assert netspec(capsys, "fmt", "--check", "--no-config")[0] == 1
    assert netspec(capsys, "fmt", "--check", "scratch/b.yaml")[0] == 1
    write({"netspec.toml": "strct = true\n"})
    assert netspec(capsys, "fmt") == (1, "", UNKNOWN.format("netspec.toml") + "1 refused\n")
    assert netspec(capsys, "fmt", "--config", "missing.toml")[0] == 2
    assert Path("scratch/b.yaml").read_text().count("[3,3]") == 1


# -- breaking -------------------------------------------------------------------------------------------------------


def git(*arguments: str) -> None:
    """Run git in the working folder, with nobody's settings."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    subprocess.run(["git", *names, *arguments], env=environment, capture_output=True, check=True)


@pytest.fixture
def repository(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the working folder a repository with a spec, and change the spec: another width, another activation."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    Path(".git").rmdir()
    git("init", "-q", "-b", "main")
    write({"nets/a.yaml": GOOD, "nets/b.yaml": GOOD})
    git("add", "-A")
    git("commit", "-q", "-m", "specs")
    write({"nets/a.yaml": GOOD.replace("[3, 3]", "[3, 4]"), "nets/b.yaml": GOOD + "activation: tanh\n"})


def test_breaking_compares_with_the_revision_and_at_the_level_that_are_configured(
    repository: None, capsys: pytest.CaptureFixture[str]
) -> None:
    nothing = (
        "error[usage]: two specs are needed, OLD and NEW\n   = help: or `--against REV` for all that changed since\n"
    )
    assert netspec(capsys, "breaking") == (2, "", nothing)
    write({"netspec.toml": "[breaking]\nlevel = 'interface'\n"})
    assert netspec(capsys, "breaking") == (2, "", nothing)
    assert netspec(capsys, "breaking", "--against", "main", "-q")[:2] == (0, "")
    write({"netspec.toml": "[breaking]\nagainst = 'main'\n"})
    assert "2 specs compared: 1 error\n" in netspec(capsys, "breaking")[1]
    write({"netspec.toml": "[breaking]\nagainst = 'main'\nlevel = 'function'\n"})
    assert "2 specs compared: 2 errors\n" in netspec(capsys, "breaking")[1]
    assert netspec(capsys, "breaking", "--level", "interface", "-q")[:2] == (0, "")
    assert netspec(capsys, "breaking", "--no-config") == (2, "", nothing)


def test_paths_are_compared_with_the_revision_that_is_configured(
    repository: None, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"netspec.toml": "[breaking]\nagainst = 'main'\nlevel = 'function'\n"})
    for paths, count in (
        (["nets/a.yaml"], "1 spec compared: 1 error\n"),
        (["nets"], "2 specs compared: 2 errors\n"),
        (["nets", "nets/b.yaml"], "2 specs compared: 2 errors\n"),
        (["nets/a*.yaml", "nets/b*.yaml"], "2 specs compared: 2 errors\n"),
        (["nets/a.yaml", "nets/b.yaml", "nets"], "2 specs compared: 2 errors\n"),
        (["main:nets/a.yaml", "nets/a.yaml"], "1 spec compared: 1 error\n"),
        (["nets/a.yaml", "nets/b.yaml"], "1 spec compared: 2 errors\n"),  # the old one and the new one
    ):
        status, out, _ = netspec(capsys, "breaking", *paths)
        assert (status, out[-len(count) :]) == (1, count), paths
    assert netspec(capsys, "breaking", "HEAD..HEAD", "nets")[1].startswith("0 specs compared: ")
    status, out, _ = netspec(capsys, "report", "nets/a.yaml")
    assert (status, "`main` → the working tree: 1 spec changed.\n" in out) == (0, True)
    assert "`HEAD` → the working tree" in netspec(capsys, "report", "--against", "HEAD", "nets")[1]
    assert netspec(capsys, "report", "nets", "--no-config")[0] == netspec(capsys, "breaking", "nets", "--no-config")[0]
    assert netspec(capsys, "breaking", "nets", "--no-config")[0] == 2


def test_breaking_takes_budgets_for_limits_with_the_place_where_they_are_set(
    repository: None, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = "[breaking]\nagainst = 'main'\nlevel = 'budget'\n[budget]\nparameters = 25\n"
    write({"netspec.toml": settings})
    over = (
        "error[breaking-budget]: `parameters` is 27, and was 22; the limit is 25\n"
        "  --> nets/a.yaml:1:1\n   |\n 1 | netspec: 1\n   | ^^^^^^^\n   |\n"
        "  ::: netspec.toml:5:14\n   |\n 5 | parameters = 25\n   |              -- the limit\n   |\n"
        "   = help: make it smaller, or raise the limit\n"
    )
    status, out, _ = netspec(capsys, "breaking")
    assert (status, out.startswith(over)) == (1, True)
    assert "breaking-budget" not in netspec(capsys, "breaking", "--limit", "parameters=27")[1]
    assert "the limit is 26\n" in netspec(capsys, "breaking", "--limit", "parameters=26")[1]
    status, out, _ = netspec(capsys, "breaking", "main:nets/a.yaml", "nets/a.yaml")
    assert out.startswith(over)
    assert "the limit is 25\n" in netspec(capsys, "breaking", "main:nets/b.yaml", "nets/a.yaml")[1]
    write({"netspec.toml": f"{settings}[[overrides]]\nfiles = ['nets/a.yaml']\nbudget.parameters = 'off'\n"})
    assert "breaking-budget" not in netspec(capsys, "breaking")[1]
    git("commit", "-q", "-a", "-m", "wider")
    assert "breaking-budget" in netspec(capsys, "breaking", "HEAD~1:nets/a.yaml", "HEAD:nets/a.yaml")[1]


def test_breaking_and_report_hold_each_variant_to_the_budgets_and_the_limits(
    repository: None, capsys: pytest.CaptureFixture[str]
) -> None:
    family = (
        "netspec: 1\nhyperparameters: {D: 3}\ninput: 2\nwidths: [D]\nactivation: relu\noutput: 1\n"
        "variants:\n  big: {D: 4}\n"
    )
    settings = "[breaking]\nagainst = 'main'\nlevel = 'budget'\n[budget]\nparameters = 25\n"
    write({"nets/a.yaml": GOOD, "nets/b.yaml": GOOD, "nets/c.yaml": family})
    git("add", "-A")
    git("commit", "-q", "-m", "a family")
    write({"netspec.toml": settings, "nets/c.yaml": family.replace("D: 4", "D: 9") + "  new: {D: 7}\n"})
    over = [
        f"error[breaking-budget]: in the variant `{name}`: `parameters` is {found}; the limit is 25\n"
        f"  --> nets/c.yaml:{line}:3\n   |\n {line} |   {name}: {{D: {width}}}\n   |   ^^^\n   |\n"
        "  ::: netspec.toml:5:14\n   |\n 5 | parameters = 25\n   |              -- the limit\n   |\n"
        "   = help: make it smaller, or raise the limit\n"
        for name, found, line, width in (("big", "37, and was 17", 8, 9), ("new", "29", 9, 7))
    ]
    status, out, _ = netspec(capsys, "breaking")
    assert (status, [out.count(each) for each in over], out.count("breaking-budget")) == (1, [1, 1], 2)
    status, out, _ = netspec(capsys, "breaking", "main:nets/c.yaml", "nets/c.yaml", "--limit", "parameters=30")
    assert out.count("breaking-budget") == out.count("in the variant `big`: `parameters` is 37, and was 17") == 1
    out = netspec(capsys, "report", "--against", "main", "--limit", "parameters=30")[1]
    assert "* **breaking-budget** `nets/c.yaml:8`: in the variant `big`: `parameters` is 37, and was 17; " in out
    write({"nets/c.yaml": family.replace("D: 3", "D: 8")})
    assert "in the variant" not in netspec(capsys, "breaking", "--limit", "parameters=30")[1]


def test_breaking_tells_of_a_faulty_configuration_in_its_own_form(
    repository: None, capsys: pytest.CaptureFixture[str]
) -> None:
    write({"netspec.toml": "strct = true\n"})
    text = UNKNOWN.format("netspec.toml")
    assert netspec(capsys, "breaking", "--against", "main", "-q") == (1, text, "")
    status, out, _ = netspec(capsys, "breaking", "--against", "main", "--format", "github")
    assert (status, out.startswith("::error file=netspec.toml,line=1,")) == (1, True)
    assert "2 specs compared: 1 error\n" in netspec(capsys, "breaking", "--against", "main", "--no-config")[1]


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
rules.activated-branch   error    netspec.toml:1:10
rules.forgotten-flatten  error    netspec.toml:1:10
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
    assert none.count(" default\n") == 20


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

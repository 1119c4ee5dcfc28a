"""`netspec validate`: one report on many specs, whoever checks them."""

import contextlib
import io
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest

from netspec.cli import jobs as started
from netspec.cli import main
from netspec.cli.checking import Checked, check, check_all
from netspec.cli.jobs import Method
from netspec.cli.paths import Target
from netspec.cli.workers import check_in_processes
from netspec.diagnostics import SystemFault
from netspec.diagnostics.pages import page
from netspec.runtime import progress
from netspec.validation import AS_WRITTEN

GOOD = "netspec: 1\nname: two-layer\ninput: 1\nK: 2\nwidths: [3, 3]\noutput: 1\n"
BAD = GOOD.replace("K: 2", "K: 3")
WARNED = GOOD + "hyperparameters: {D: 3}\n"
FAMILY = (
    "netspec: 1\nhyperparameters: {D: 10}\ninput: 1\nK: 2\nwidths: D\noutput: 1\nvariants:\n  small: {D: 4}\n"
    "  wide: {D: 20}\n"
)
BAD_TEXT = """\
error[widths-count]: K is 3, but widths lists 2
  --> {}:5:9
   |
 4 | K: 3
   |    - 3 hidden layers declared here
 5 | widths: [3, 3]
   |         ^^^^^^ 2 widths here
   |
   = help: list 3 widths, or set K to 2
"""
WARNED_TEXT = """\
warning[unused-name]: nothing uses the hyperparameter `D`
  --> {}:7:19
   |
 7 | hyperparameters: {{D: 3}}
   |                   ^
   |
   = help: use it, or take it out
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def write(**files: str) -> None:
    """Write specs, each under its name and `.yaml`; `__` stands for a folder."""
    for name, text in files.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


def validate(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code, and what standard output and standard error got."""
    status = main(["validate", *arguments])
    return (status, *capsys.readouterr())


# One spec


def test_a_valid_spec_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=GOOD)
    assert validate(capsys, "a.yaml") == (0, "valid: a.yaml (22 parameters)\n", "")


def test_a_fault_is_drawn_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=BAD)
    assert validate(capsys, "a.yaml") == (1, BAD_TEXT.format("a.yaml") + "\n1 file: 1 error\n", "")


@pytest.mark.parametrize(
    ("flags", "status", "verdict"), [([], 0, "valid"), (["--strict"], 1, "refused under --strict")]
)
def test_a_warning_shows_and_counts_only_if_asked_to(
    flags: list[str], status: int, verdict: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(a=WARNED, b=GOOD)
    drawn = WARNED_TEXT.format("a.yaml")
    one = f"{drawn}\n{verdict}: a.yaml (22 parameters), 1 warning\n"
    assert validate(capsys, "a.yaml", *flags) == (status, one, "")
    two = f"{drawn}\n2 files: {verdict}, 1 warning\n"
    assert validate(capsys, "a.yaml", "b.yaml", *flags) == (status, two, "")


@pytest.mark.parametrize(("flags", "status", "kind"), [([], 0, "warning"), (["--strict"], 1, "error")])
def test_strict_reports_for_tools_agree_with_the_exit_code(
    flags: list[str], status: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(a=WARNED)
    found, out, _ = validate(capsys, "a.yaml", "--format", "github", *flags)
    assert (found, out.startswith(f"::{kind} file=a.yaml,")) == (status, True)
    found, out, _ = validate(capsys, "a.yaml", "--format", "json", *flags)
    report = json.loads(out)
    assert (found, report["summary"]["strict"], report["summary"]["ok"]) == (status, bool(flags), not flags)
    assert report["diagnostics"][0]["severity"] == "warning"


def test_quiet_leaves_the_faults(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=GOOD, b=BAD)
    assert validate(capsys, "-q", "a.yaml") == (0, "", "")
    assert validate(capsys, "--quiet", ".") == (1, BAD_TEXT.format("b.yaml"), "")


def test_the_name_of_a_file_is_escaped_and_never_begins_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    name = "::error::\x1b[31m.yaml"
    Path(name).write_text(GOOD, encoding="utf-8")
    assert validate(capsys, name)[1] == "valid: ::error::U+001B[31m.yaml (22 parameters)\n"


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        ([], "141"),
        (["--variant", "small"], "33"),
        (["--set", "D=64"], "4,353"),
        (["--variant", "small", "--set", "D=5"], "46"),
    ],
)
def test_one_network_of_a_family(arguments: list[str], parameters: str, capsys: pytest.CaptureFixture[str]) -> None:
    write(a=FAMILY)
    assert validate(capsys, "a.yaml", *arguments) == (0, f"valid: a.yaml ({parameters} parameters)\n", "")


def test_a_setting_that_is_none_is_usage(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=FAMILY)
    status, out, err = validate(capsys, "a.yaml", "--set", "D")
    assert (status, out) == (2, "")
    assert err.startswith("error[usage]: --set: `D` is no setting\n")


def test_no_path_is_usage(capsys: pytest.CaptureFixture[str]) -> None:
    status, out, err = validate(capsys)
    assert (status, out) == (2, "")
    assert err.startswith("error[usage]: ")


# Many specs


def test_the_reports_come_in_the_order_of_the_paths(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=BAD, b=WARNED, nets__c=BAD, nets__d=GOOD)
    expected = [BAD_TEXT.format("nets/c.yaml"), WARNED_TEXT.format("b.yaml"), BAD_TEXT.format("a.yaml")]
    text = "\n".join([*expected, "4 files: 2 errors, 1 warning\n"])
    assert validate(capsys, "nets", "b.yaml", "a.yaml", "nets/c.yaml") == (1, text, "")


@pytest.mark.parametrize(
    ("files", "status", "summary"),
    [
        ({"a": GOOD, "b": GOOD}, 0, "2 files: valid"),
        ({"a": GOOD, "b": WARNED}, 0, "2 files: valid, 1 warning"),
        ({"a": WARNED, "b": WARNED}, 0, "2 files: valid, 2 warnings"),
        ({"a": BAD, "b": BAD}, 1, "2 files: 2 errors"),
    ],
)
def test_the_summary_counts(
    files: dict[str, str], status: int, summary: str, capsys: pytest.CaptureFixture[str]
) -> None:
    write(**files)
    found, out, err = validate(capsys, ".")
    assert (found, out.splitlines()[-1], err) == (status, summary, "")


def test_what_cannot_be_read_is_told_and_the_others_are_checked(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=BAD, b=GOOD)
    Path("empty").mkdir()
    status, out, err = validate(capsys, "missing.yaml", "a.yaml", "empty", "b.yaml")
    assert status == 2
    assert out == BAD_TEXT.format("a.yaml") + "\n2 files: 1 error, 2 not read\n"
    assert err == (
        "error[no-such-file]: there is no file `missing.yaml`\n"
        "error[no-specs]: there is no spec in the folder `empty`\n"
        "   = help: specs are files named *.yaml or *.yml; hidden ones and links are left out\n"
    )


def test_where_nothing_can_be_read_nothing_is_summed_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(capsys, "missing.yaml") == (2, "", "error[no-such-file]: there is no file `missing.yaml`\n")


def test_a_root_that_is_not_there_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=GOOD, b=GOOD)
    assert validate(capsys, "a.yaml", "b.yaml", "--root", "away") == (
        2,
        "",
        "error[no-such-folder]: there is no folder `away`\n",
    )


PARTS = {
    "0-top": "netspec: 1\ncompose: [part.yaml]\n",
    "part": BAD,
    "top": "netspec: 1\ncompose: [part.yaml]\n",
}


@pytest.mark.parametrize(
    ("paths", "shown"),
    [
        (["."], "part.yaml"),
        (["part.yaml", "top.yaml", "0-top.yaml"], "part.yaml"),
        (["./top.yaml", "part.yaml"], "./part.yaml"),
        (["top.yaml", "part.yaml", "--root", "."], "part.yaml"),
        (["top.yaml", "part.yaml", "--root", "../{}"], "../{}/part.yaml"),
    ],
)
def test_a_fault_in_a_file_that_several_refer_to_is_told_once(
    paths: list[str], shown: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """By the name by which it was come across first, and in every order."""
    write(**PARTS)
    status, out, err = validate(capsys, "-q", *(path.format(tmp_path.name) for path in paths))
    assert (status, out, err) == (1, BAD_TEXT.format(shown.format(tmp_path.name)), "")


def test_the_root_is_the_folder_named_or_the_one_given(capsys: pytest.CaptureFixture[str]) -> None:
    write(part=GOOD, nets__top="netspec: 1\ncompose: [../part.yaml]\n")
    assert validate(capsys, ".")[:2] == (0, "2 files: valid\n")
    assert "error[path-outside-root]" in validate(capsys, "nets")[1]
    assert validate(capsys, "nets", "--root", ".")[:2] == (0, "valid: nets/top.yaml (22 parameters)\n")


# Standard input


class Stream(io.TextIOWrapper):
    """Standard input with the given bytes."""

    def __init__(self, data: bytes) -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8")


def test_a_spec_from_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", Stream(GOOD.encode()))
    assert validate(capsys, "-") == (0, "valid: <stdin> (22 parameters)\n", "")
    monkeypatch.setattr(sys, "stdin", Stream(BAD.encode()))
    assert validate(capsys, "-", "-")[1] == BAD_TEXT.format("<stdin>") + "\n1 file: 1 error\n"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "error[empty-file]"),
        (GOOD.encode() + b"# \xff\n", "error[not-utf8]: byte 0xFF is not UTF-8\n  --> <stdin>:7:3"),
        (b"netspec: 1\ncompose: [a.yaml]\n", "--> <stdin>:2:11"),
        (b"#" * (1 << 21), "error[file-too-large]"),
        ("β".encode() * (1 << 20), "error[file-too-large]"),
    ],
)
def test_what_standard_input_may_not_be(
    data: bytes, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Stream(data))
    status, out, err = validate(capsys, "-")
    assert (status, err) == (1, "")
    assert said in out


def test_without_standard_input_the_spec_is_empty(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert validate(capsys, "-")[0] == 1


class Failing(io.BytesIO):
    """A stream whose reads fail as those of a broken disk."""

    def read(self, _size: int | None = -1, /) -> bytes:
        raise OSError(5, "Input/output error")


def test_standard_input_that_cannot_be_read_is_a_fault_of_the_system(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(Failing()))
    text = "error[read-failed]: reading standard input failed: input/output error\n"
    assert validate(capsys, "-") == (2, "", text)


# Formats


def test_json_is_the_whole_report(capsys: pytest.CaptureFixture[str]) -> None:
    """Its form is compared whole with its schema where it is made; here is what the command puts in."""
    write(**PARTS, good=WARNED)
    status, out, err = validate(capsys, "top.yaml", "good.yaml", "missing.yaml", "--format", "json")
    assert (status, err) == (2, "")
    report = json.loads(out)
    assert [(entry["code"], entry["place"]["file"]) for entry in report["diagnostics"]] == [
        ("no-such-file", None),
        ("unused-name", "good.yaml"),
        ("widths-count", "part.yaml"),
    ]
    files = [(entry["file"], entry["checked"], entry["errors"], entry["warnings"]) for entry in report["files"]]
    assert files == [
        (None, False, 1, 0),
        ("good.yaml", True, 0, 1),
        ("part.yaml", False, 1, 0),
        ("top.yaml", True, 0, 0),
    ]
    assert report["summary"] == {"checked": 2, "errors": 2, "warnings": 1, "strict": False, "ok": False}


def test_github_has_one_command_for_each_fault_and_no_more(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=WARNED, b=BAD)
    status, out, err = validate(capsys, ".", "missing.yaml", "--format", "github")
    assert (status, err) == (2, "")
    assert [row.partition(",line")[0] for row in out.splitlines()] == [
        "::error title=no-such-file::there is no file `missing.yaml`",
        "::warning file=a.yaml",
        "::error file=b.yaml",
    ]
    write(b=GOOD)
    assert validate(capsys, "b.yaml", "--format", "github") == (0, "", "")


@pytest.mark.parametrize(
    ("form", "begin"), [("gitlab", "["), ("junit", "<?xml"), ("sarif", "{"), ("json", "{"), ("github", "::error")]
)
def test_a_report_goes_to_a_file_and_the_text_is_printed(
    form: str, begin: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same bytes as without a file, and the same text as without a report."""
    write(a=GOOD, b=BAD, c=WARNED)
    printed = validate(capsys, ".", "missing.yaml", "--format", form)
    assert (printed[0], printed[2], printed[1].startswith(begin)) == (2, "", True)
    text = validate(capsys, ".", "missing.yaml")
    assert validate(capsys, ".", "missing.yaml", "--format", form, "-o", "report") == text
    assert Path("report").read_text(encoding="ascii") == printed[1]
    assert text[0] == 2


def test_a_report_as_sarif_knows_a_fault_again_and_how_the_command_ended(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=WARNED)

    def run(*arguments: str) -> tuple[int, dict[str, object], list[dict[str, object]]]:
        status, out, _ = validate(capsys, "--format", "sarif", *arguments)
        (found,) = json.loads(out)["runs"]
        return status, found["invocations"][0], found["results"]

    status, ended, (before,) = run("a.yaml")
    assert (status, ended["exitCode"], before["level"]) == (0, 0, "warning")
    write(a="# moved\n" + WARNED)
    status, ended, (after,) = run("a.yaml", "--strict")
    assert (status, ended["exitCode"], after["level"]) == (1, 1, "error")
    assert before["partialFingerprints"] == after["partialFingerprints"]
    status, ended, results = run("missing.yaml")
    assert (status, ended["exitCode"], ended["executionSuccessful"], results) == (2, 2, False, [])


def test_a_junit_report_has_a_test_for_each_spec_with_what_is_drawn_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    write(**PARTS, good=GOOD)
    status, out, _ = validate(capsys, "0-top.yaml", "good.yaml", "top.yaml", "--format", "junit")
    assert status == 1
    cases = list(ElementTree.fromstring(out).iter("testcase"))
    assert [(case.attrib["name"], [child.tag for child in case]) for case in cases] == [
        ("0-top.yaml", []),
        ("good.yaml", []),
        ("part.yaml", ["failure"]),
        ("top.yaml", []),
    ]
    assert cases[2][0].text == BAD_TEXT.format("part.yaml")


def test_what_two_specs_find_in_a_file_is_drawn_below_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    part = "netspec: 1\nhyperparameters: {D: 10}\ninput: 1\nwidths: [D - 5]\noutput: 1\n"
    write(
        part=part,
        **{
            name: f"netspec: 1\nnetworks: {{p: {{file: part.yaml, set: {{D: {i}}}}}}}\ncompose: [p]\n"
            for i, name in enumerate("ab")
        },
    )
    text = validate(capsys, ".", "-q")[1]
    (failure,) = ElementTree.fromstring(validate(capsys, ".", "--format", "junit")[1]).iter("failure")
    assert (failure.text, text.count("error[out-of-range]")) == (text, 2)
    assert failure.attrib["message"] == "`widths[0]` is -4 (`D - 5`); at least 1 is needed, and 1 more"


def test_a_report_is_not_written_over_what_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    write(part=GOOD, top="netspec: 1\ncompose: [part.yaml]\n")
    for target in ("top.yaml", "part.yaml"):
        before = Path(target).read_bytes()
        status, _, err = validate(capsys, "top.yaml", "--format", "json", "-o", target)
        assert (status, err.partition("]")[0]) == (2, "error[target-is-input")
        assert Path(target).read_bytes() == before
    assert validate(capsys, "top.yaml", "--format", "json", "-o", "given.npz") == (
        2,
        "",
        "error[bad-target]: `given.npz` is named as parameters are\n   = help: name another file\n",
    )


def test_a_file_is_for_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=BAD)
    status, out, err = validate(capsys, "a.yaml", "-o", "x\x1b")
    assert (status, out) == (2, "")
    assert err == (
        "error[usage]: --output `xU+001B` is for a report, and --format names none\n"
        "   = help: name one, such as --format sarif; `>` leads the text to a file\n"
    )


def test_only_specs_are_checked_where_nothing_else_is_wanted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(a=GOOD, b=BAD, c="services: {netspec: {image: x}}\n", d="a: &x 1\nb: *x\n", e="\t- no YAML\n")
    status, out, err = validate(capsys, ".", "--specs-only")
    assert (status, out, err) == (1, BAD_TEXT.format("b.yaml") + "\n2 files: 1 error, 3 left out\n", "")
    assert validate(capsys, "a.yaml", "c.yaml", "--specs-only")[:2] == (
        0,
        "valid: a.yaml (22 parameters), 1 left out\n",
    )
    assert validate(capsys, "c.yaml", "d.yaml", "--specs-only") == (0, "no specs: 2 left out\n", "")
    assert validate(capsys, "c.yaml", "--specs-only", "--fix") == (0, "no specs: 1 left out\n", "")
    assert validate(capsys, "c.yaml", "missing.yaml", "--specs-only") == (
        2,
        "no specs: 1 not read, 1 left out\n",
        "error[no-such-file]: there is no file `missing.yaml`\n",
    )
    monkeypatch.setattr(sys, "stdin", Stream(b"services: {}\n"))
    assert validate(capsys, "-", "--specs-only")[0] == 1


def test_a_file_too_large_to_be_a_spec_is_left_out_unless_it_begins_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    write(a="x: 1\n" + "#" * (1 << 20), b=GOOD + "#" * (1 << 20))
    assert validate(capsys, "a.yaml", "--specs-only") == (0, "no specs: 1 left out\n", "")
    assert "error[file-too-large]" in validate(capsys, "b.yaml", "--specs-only")[1]


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        raise OSError


def test_on_a_terminal_faults_are_coloured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    write(a=BAD)
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    assert main(["validate", "a.yaml"]) == 1
    assert screen.getvalue().startswith("\x1b[1;31merror[widths-count]\x1b[0m\x1b[1m: K is 3")


def test_long_work_has_a_bar_on_a_terminal_that_is_gone_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    monkeypatch.setattr(progress, "_PAUSE", 0.0)
    monkeypatch.setenv("NO_COLOR", "1")
    write(a=GOOD, b=BAD)
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setattr(sys, "stderr", screen)
    assert main(["validate", "."]) == 1
    bars = screen.getvalue().split("\r")
    assert bars[1].startswith("[###############...............]  50%  1 specs")
    assert set(bars[2]) == {" "}
    assert bars[3] == BAD_TEXT.format("b.yaml")
    assert bars[-1] == "\n2 files: 1 error\n"


# Several processes


def corpus(count: int) -> None:
    """Write many specs, a third of them with faults, and a part that several share; enough work for some processes."""
    write(**PARTS)
    for i in range(count):
        kind = (GOOD, BAD, "netspec: 1\ncompose: [../part.yaml]\n")[i % 3]
        write(**{f"nets__n{i:04}": kind.replace("two-layer", f"n{i}").ljust(2_000, "\n")})


NETSPEC = [sys.executable, "-m", "netspec.cli"]


@pytest.mark.parametrize("form", ["text", "json", "github", "gitlab", "junit", "sarif"])
def test_the_output_does_not_depend_on_the_number_of_processes(form: str) -> None:
    corpus(200)
    runs = [
        subprocess.run(
            [*NETSPEC, "validate", "missing.yaml", ".", "-", "--format", form, "--jobs", jobs],
            input=WARNED.encode(),
            capture_output=True,
            check=False,
        )
        for jobs in ("1", "2", "5")
    ]
    assert {(run.returncode, run.stdout, run.stderr) for run in runs} == {
        (2, runs[0].stdout, b"" if form != "text" else b"error[no-such-file]: there is no file `missing.yaml`\n")
    }
    if form == "text":
        assert runs[0].stdout.endswith(b"\n204 files: 68 errors, 1 warning, 1 not read\n")


@pytest.fixture(params=["fork", "spawn"])
def method(request: pytest.FixtureRequest) -> Method:
    """Return each way to start a process that is sound here: a copy lacks the threads of this process."""
    chosen: Method = request.param
    if chosen == "fork" and not started.can_fork():
        pytest.skip("this process has other threads")
    return chosen


def test_processes_give_back_what_one_would(method: Method, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it, in order; what reads standard input is left to this process."""
    corpus(7)
    monkeypatch.setattr(sys, "stdin", Stream(WARNED.encode()))
    targets: list[Target | SystemFault] = [
        SystemFault("no-specs", "there is none"),
        *(Target(f"nets/n{i:04}.yaml", "") for i in range(7)),
        Target("-"),
        Target("missing.yaml"),
    ]
    found = list(check_in_processes(targets, AS_WRITTEN, 2, method))
    assert [checked.file for checked in found] == [
        "",
        *(f"nets/n{i:04}.yaml" for i in range(7)),
        "<stdin>",
        "missing.yaml",
    ]
    for checked, target in zip(found, targets, strict=True):
        if target != Target("-"):
            alone = check(target, AS_WRITTEN)
            assert checked._replace(fault=None) == alone._replace(fault=None)
            assert str(checked.fault) == str(alone.fault)
    assert [found.code for found in found[-2].diagnostics] == ["unused-name"]


@pytest.mark.parametrize(
    ("jobs", "worth", "used"),
    [(2, 1e-9, 2), (100, 1e-9, 4), (1, 1e-9, 1), (100, 1.0, 1), (100, 0.8e-3, 3)],
)
def test_as_many_processes_are_used_as_pay(jobs: int, worth: float, used: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Never more than there are specs, nor than there is work for."""

    def processes(_targets: object, _choice: object, jobs: int, _method: object) -> Iterator[Checked]:
        yield Checked(f"by {jobs}")

    size = 1_000
    write(a=GOOD.ljust(size, "\n"), b=GOOD.ljust(size // 2, "\n"))  # work for 1.25 ms and 0.75 ms
    monkeypatch.setattr("netspec.cli.workers.check_in_processes", processes)
    monkeypatch.setattr(started, "_WORTH_FORKING", worth)
    monkeypatch.setattr(started, "_WORTH_SPAWNING", worth)
    missing = Target("-" * 5_000)
    targets: list[Target | SystemFault] = [Target("a.yaml"), Target("b.yaml"), missing, SystemFault("no-specs", "none")]
    files = [checked.file for checked in check_all(targets, AS_WRITTEN, jobs)]
    assert files == (["a.yaml", "b.yaml", missing.path, ""] if used == 1 else [f"by {used}"])


def test_one_spec_is_never_worth_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    write(a=GOOD)
    monkeypatch.setattr(started, "_WORTH_FORKING", 1e-9)
    monkeypatch.setattr(started, "_WORTH_SPAWNING", 1e-9)
    assert [checked.parameters for checked in check_all([Target("a.yaml")], AS_WRITTEN, 8)] == ["22"]


def test_elsewhere_than_on_linux_processes_are_counted_and_started_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    assert started.cores() == (os.cpu_count() or 1)
    assert not started.can_fork()


FORKED = pytest.mark.skipif(sys.platform != "linux", reason="what a test changes reaches only copies of its process")


def patched(check: str, *arguments: str) -> "subprocess.Popen[bytes]":
    """Start `netspec validate .`, whose processes check by a function of ours; in a session of its own."""
    code = (
        "import os, signal, sys, time\n"
        "from netspec import processes\n"
        "from netspec.cli import main, workers\n"
        "honest = workers.check\n"
        f"def check(target, choice):\n    {check}\n"
        "workers.check = check\n"
        "sys.exit(main())\n"
    )
    return subprocess.Popen(
        [sys.executable, "-c", code, "validate", ".", "--jobs", "2", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


def await_work(process: "subprocess.Popen[bytes]") -> None:
    """Wait until a check of `process` says by a file that it has begun."""
    deadline = time.monotonic() + 30
    while not os.path.exists("begun") and time.monotonic() < deadline:
        time.sleep(0.02)
    assert process.poll() is None
    assert len(group(process.pid)) == 3


def await_end(leader: int) -> None:
    """Wait until no process of the group is left; fails after half a minute."""
    deadline = time.monotonic() + 30
    while (left := group(leader)) and time.monotonic() < deadline:
        time.sleep(0.02)
    for number in left:
        os.kill(number, signal.SIGKILL)
    assert left == []


def group(leader: int) -> list[int]:
    """Return the processes of a group that run; what has ended and waits to be noticed does not."""
    found: list[int] = []
    for number in os.listdir("/proc"):
        with contextlib.suppress(OSError):
            if number.isdigit():
                state, _, process_group = Path("/proc", number, "stat").read_text().rpartition(")")[2].split()[:3]
                if state != "Z" and int(process_group) == leader:
                    found.append(int(number))
    return found


@FORKED
def test_a_process_that_dies_is_a_fault_of_the_system() -> None:
    corpus(200)
    process = patched("os.kill(os.getpid(), signal.SIGKILL)")
    out, err = process.communicate(timeout=60)
    example = page("worker-ended")
    assert (process.returncode, out) == (2, b"")
    assert example is not None
    assert err.decode() in example
    assert err.startswith(b"error[worker-ended]: ")
    await_end(process.pid)


@FORKED
def test_a_process_that_leaves_is_a_fault_of_the_system() -> None:
    corpus(200)
    process = patched("os._exit(3)")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.startswith(b"error[worker-ended]: a process that checks specs ended with status 3 before it was done\n")


@FORKED
def test_a_process_that_dies_before_it_has_an_order_is_a_fault_of_the_system() -> None:
    """Not a pipe without a reader, which is none: whoever sends the order finds the connection broken."""
    corpus(200)
    process = patched(
        "pass\n"
        "processes._work = lambda *_: os._exit(4)\n"
        "start = processes._start\n"
        "def start_and_wait(crew, *rest):\n"
        "    start(crew, *rest)\n"
        "    crew[-1].process.join()\n"
        "processes._start = start_and_wait\n"
    )
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err.startswith(b"error[worker-ended]: a process that checks specs ended with status 4 before it was done\n")


@FORKED
def test_what_nobody_foresaw_in_a_process_is_met_again_by_the_parent() -> None:
    """Here the parent, whose check is the honest one as well, finds no fault; where it does, it tells of it."""
    corpus(200)
    alone = subprocess.run([*NETSPEC, "validate", ".", "-j1"], capture_output=True, check=False)
    once = "if os.getpid() != parent: raise ValueError\n    return honest(target, choice)\nparent = os.getpid()"
    process = patched(once)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (alone.returncode, alone.stdout, alone.stderr)
    process = patched("raise ValueError('why')")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (2, b"")
    assert err.startswith(b"error: netspec failed: ValueError at ")


def test_where_no_process_can_be_started_that_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def start(_: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr("multiprocessing.process.BaseProcess.start", start)
    monkeypatch.setattr(started, "_WORTH_FORKING", 1e-9)
    monkeypatch.setattr(started, "_WORTH_SPAWNING", 1e-9)
    write(a=GOOD, b=GOOD)
    status, out, err = validate(capsys, ".", "--jobs", "2")
    assert (status, out) == (2, "")
    assert err.startswith("error[worker-ended]: no process can be started: resource temporarily unavailable\n")


@FORKED
@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_no_process(number: int, status: int, whole: bool) -> None:
    """To all, as a terminal sends it, or to the first only; while the others are in the midst of a check."""
    corpus(200)
    process = patched("open('begun', 'w').close(); time.sleep(60)")
    await_work(process)
    if whole:
        os.killpg(process.pid, number)
    else:
        process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (status, b"", b"")
    await_end(process.pid)


@FORKED
def test_a_parent_that_is_killed_leaves_no_process() -> None:
    corpus(200)
    process = patched("open('begun', 'w').close(); time.sleep(0.05)")
    await_work(process)
    process.kill()
    process.communicate(timeout=60)
    await_end(process.pid)

"""`netspec validate --fix`: what faults offer is made, shown, and never makes a spec worse."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netspec.cli import jobs, main
from netspec.cli.fixing import fix, fix_all
from netspec.cli.paths import Target
from netspec.diagnostics import SystemFault
from netspec.validation import AS_WRITTEN, check_file
from tests.strategies import Files, specs

BAD = """\
# typos
hyperparamters: {size: 1_000}
input: 0x10   # hex
layers:
  - dnse: {width: sise, activaton: rleu}
  - dense: "10"
output: 10
expect: {parmeters: 27010}
"""
GOOD = """\
# typos
netspec: 1
hyperparameters: {size: 1000}
input: 16   # hex
layers:
  - dense: {width: size, activation: relu}
  - dense: 10
output: 10
expect: {parameters: 27010}
"""
TOLD = """\
a.yaml:2:1: fixed[missing-key]: `netspec: 1` is added
a.yaml:2:24: fixed[number-spelling]: `1_000` is now `1000`
a.yaml:3:8: fixed[number-spelling]: `0x10` is now `16`
a.yaml:8:10: fixed[unknown-key]: `parmeters` is now `parameters`
a.yaml:3:1: fixed[unknown-key]: `hyperparamters` is now `hyperparameters`
a.yaml:6:5: fixed[unknown-layer]: `dnse` is now `dense`
a.yaml:7:12: fixed[quoted-number]: `"10"` is now `10`
a.yaml:6:20: fixed[unknown-size]: `sise` is now `size`
a.yaml:6:26: fixed[unknown-key]: `activaton` is now `activation`
a.yaml:6:38: fixed[unknown-activation]: `rleu` is now `relu`

valid: a.yaml (27,010 parameters)
"""


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "a.yaml") -> None:
    Path(name).write_text(text, encoding="utf-8", newline="")


def read(name: str = "a.yaml") -> str:
    return Path(name).read_bytes().decode()


def validate(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["validate", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def fixed(text: str) -> str:
    """Return what becomes of a spec."""
    write(text)
    data = fix(Target("a.yaml"), AS_WRITTEN).data
    return text if data is None else data.decode()


def test_fixes_are_made_until_none_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    write(BAD)
    assert validate(capsys, "--fix", "a.yaml") == (0, TOLD, "")
    assert read() == GOOD
    assert validate(capsys, "--fix", "a.yaml")[:2] == (0, "valid: a.yaml (27,010 parameters)\n")


def test_without_the_option_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    write(BAD)
    assert validate(capsys, "a.yaml")[0] == 1
    assert read() == BAD


def test_a_valid_spec_is_not_touched(capsys: pytest.CaptureFixture[str]) -> None:
    write(GOOD)
    os.utime("a.yaml", (1, 1))
    assert validate(capsys, "--fix", ".")[0] == 0
    assert Path("a.yaml").stat().st_mtime == 1


def test_what_is_left_is_told_of(capsys: pytest.CaptureFixture[str]) -> None:
    write("netspec: 1\ninput: 1\nwidths: [0]\noutptu: 1\n")
    status, out, err = validate(capsys, "--fix", "a.yaml")
    assert out == (
        "a.yaml:4:1: fixed[unknown-key]: `outptu` is now `output`\n\n"
        "error[out-of-range]: `widths[0]` is 0; at least 1 is needed\n"
        "  --> a.yaml:3:10\n   |\n 3 | widths: [0]\n   |          ^\n\n1 file: 1 error\n"
    )
    assert (status, err) == (1, "")


def test_line_ends_a_mark_and_permissions_are_kept(capsys: pytest.CaptureFixture[str]) -> None:
    write("\ufeff" + BAD.replace("\n", "\r\n"))
    Path("a.yaml").chmod(0o640)
    assert validate(capsys, "--fix", "a.yaml")[0] == 0
    assert read() == "\ufeff" + GOOD.replace("\n", "\r\n").replace("netspec: 1\r\n", "netspec: 1\n")
    assert stat.S_IMODE(Path("a.yaml").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("bad", "good"),
    [
        ("netspec:1\ninput:2\nwidths:[3]\n", "netspec: 1\ninput: 2\nwidths: [3]\n"),
        ('{"netspec":1,"input":2,"widths":[3],"output":1}\n', '{"netspec": 1,"input": 2,"widths": [3],"output": 1}\n'),
        ("{input: 2, widths: [3], output: 1}\n", "{netspec: 1, input: 2, widths: [3], output: 1}\n"),
        ("netspec: '1'\ninput: 2#c\n", "netspec: 1\ninput: 2#c\n"),
        ("netspec: 1\ndescription: =\n", 'netspec: 1\ndescription: "="\n'),
        ("netspec: 1\nname: 'x'# c\n", "netspec: 1\nname: 'x' # c\n"),
        ("netspec: 1\nchecks: 2 % 2 == 0\n", "netspec: 1\nchecks: [2 % 2 == 0]\n"),
        ("netspec: 1\nwidths: [+.5e1]\n", "netspec: 1\nwidths: [+.5e1]\n"),  # 0.5e1 is no width either
    ],
)
def test_what_is_fixed_is_the_text_that_the_help_says(bad: str, good: str) -> None:
    assert fixed(bad) == good


@pytest.mark.parametrize(
    "text",
    [
        "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\ndtype: float16\n",  # float32 is another type, no typo
        "netspec: 1\ninput: 1\nwidths: [010]\noutput: 1\n",  # 8, or 10
        "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nname: no\n",  # false, or a name
        "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\nexpect: {parameters: 11}\n",  # or the author's claim
        "netspec: 2\ninput: 1\nwidths: [3]\noutput: 1\n",
        "netspec: 1\nhyperparameters: {D: 3}\ninput: E\nwidths: [D]\noutput: 1\n",
        "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\noutptu: 2\n",  # which is there already
        "netspec: 1\ninput: 1\nwidths: [-.5]\noutput: 1\n",  # -0.5 is refused too
    ],
)
def test_where_two_ways_are_open_nothing_is_done(text: str) -> None:
    assert fixed(text) == text


def test_a_fix_that_does_not_help_keeps_no_other_from_helping() -> None:
    bad = "netspec: 1\ninput: 1\nwidths: [-.5, 0x10]\noutptu: 1\n"
    assert fixed(bad) == "netspec: 1\ninput: 1\nwidths: [-.5, 16]\noutput: 1\n"


def test_only_the_spec_itself_is_fixed_and_not_what_it_refers_to() -> None:
    write("netspec: 1\ninput: 1\nwidths: [3]\noutptu: 1\n", "part.yaml")
    text = "netspec: 1\ncompose: [part.yaml]\n"
    assert fixed(text) == text
    assert [found.code for found in fix(Target("a.yaml"), AS_WRITTEN).checked.diagnostics] == ["unknown-key"]


def test_standard_input_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    status, _, err = validate(capsys, "--fix", "-")
    assert status == 2
    assert err.startswith("error[usage]: --fix writes files, and standard input is none\n")


@pytest.mark.parametrize("data", [b"\xff", b"", b"\0", b"- 1\n"])
def test_what_cannot_be_read_is_told_of_as_everywhere(data: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a.yaml").write_bytes(data)
    plain = validate(capsys, "a.yaml")
    assert validate(capsys, "--fix", "a.yaml") == plain
    assert Path("a.yaml").read_bytes() == data
    assert validate(capsys, "--fix", "missing.yaml") == validate(capsys, "missing.yaml")
    os.mkfifo("pipe.yaml")
    assert validate(capsys, "--fix", "pipe.yaml") == validate(capsys, "pipe.yaml")


def test_a_report_for_tools_stays_whole_and_carries_what_faults_offer(capsys: pytest.CaptureFixture[str]) -> None:
    write(BAD)
    _, out, _ = validate(capsys, "--format", "json", "a.yaml")
    offered = [(found["code"], found["fix"]) for found in json.loads(out)["diagnostics"]]
    span = {"line": 3, "column": 8, "end_line": 3, "end_column": 12}
    assert ("number-spelling", [{"span": span, "text": "16"}]) in offered
    status, out, err = validate(capsys, "--fix", "--format", "json", "a.yaml")
    assert (status, json.loads(out)["diagnostics"]) == (0, [])
    assert err == TOLD.partition("\n\n")[0] + "\n"


def test_processes_give_back_what_one_would(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"n{i}.yaml" for i in range(6)]
    for i, name in enumerate(names):
        write((BAD, GOOD, "netspec: 1\n")[i % 3], name)
    targets: list[Target | SystemFault] = [*map(Target, names), SystemFault("no-specs", "none"), Target("missing.yaml")]
    alone = [(found.data, found.changes, found.checked.diagnostics) for found in fix_all(targets, AS_WRITTEN, 1)]
    monkeypatch.setattr(jobs, "_WORTH_FORKING", 1e-9)
    monkeypatch.setattr(jobs, "_WORTH_SPAWNING", 1e-9)
    together = [(found.data, found.changes, found.checked.diagnostics) for found in fix_all(targets, AS_WRITTEN, 2)]
    assert together == alone
    monkeypatch.setattr("netspec.cli.processes.in_processes", lambda targets, *_: (None for _ in targets))
    assert [found.data for found in fix_all(targets, AS_WRITTEN, 2)] == [data for data, _, _ in alone]


def test_fixing_is_loaded_where_it_is_asked_for() -> None:
    write(GOOD)
    code = "import sys; from netspec.cli import main; main(sys.argv[1:]); print('netspec.cli.fixing' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, "validate", "a.yaml"], capture_output=True, text=True, check=True
    )
    assert done.stdout.endswith("\nFalse\n")


def _mistyped(draw: st.DrawFn, text: str) -> str:
    """Return a spec with letters of its words swapped, left out or doubled."""
    letters = list(text)
    for _ in range(draw(st.integers(1, 6))):
        places = [i for i, letter in enumerate(letters[:-1]) if letter.isalpha() and letters[i + 1].isalpha()]
        if places:
            i = draw(st.sampled_from(places))
            kind = draw(st.sampled_from(["swap", "lose", "double"]))
            pair = letters[i : i + 2]
            letters[i : i + 2] = {"swap": pair[::-1], "lose": pair[:1], "double": [pair[0], *pair]}[kind]
    return "".join(letters)


@st.composite
def mistyped(draw: st.DrawFn) -> Files:
    """Draw files that said some network before they were typed badly."""
    return {name: _mistyped(draw, text) for name, text in draw(specs()).items()}


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(mistyped())
def test_of_the_faults_that_were_known_there_are_fewer(files: Files) -> None:
    """And fixing what was fixed changes nothing more."""
    for name, text in files.items():
        write(text, name)
    before = check_file("spec.yaml")
    found = fix(Target("spec.yaml"), AS_WRITTEN)
    if found.data is None:
        assert [fault.headline for fault in found.checked.diagnostics] == [each.headline for each in before.diagnostics]
        return
    assert found.changes
    Path("spec.yaml").write_bytes(found.data)
    after = check_file("spec.yaml")
    assert after.diagnostics == found.checked.diagnostics
    if before.diagnostics[0].code not in ("yaml-syntax", "colon-without-space", "indentation"):
        known, left = (
            {(fault.code, fault.headline) for fault in verdict.diagnostics if fault.place.file == "spec.yaml"}
            for verdict in (before, after)
        )
        assert len(left & known) < len(known)

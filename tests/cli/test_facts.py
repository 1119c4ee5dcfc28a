"""`netspec facts`: what it writes, what it holds against what is there, and what it leaves alone."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from netspec.cli import jobs, main
from netspec.cli.paths import Target
from netspec.cli.recording import Recorded, record_all, recorded
from netspec.diagnostics import SystemFault
from netspec.limits import Limit
from netspec.review import beside, facts_file

NET = "netspec: 1\ninput: 1\nwidths: [3]\nactivation: relu\noutput: 1\n"
WIDE = NET.replace("[3]", "[5]")
WHOLE = "netspec: 1\ncompose: [parts/fold.yaml, parts/fold.yaml]\n"
BROKEN = "netspec: 1\nwidths: [3\n"
NO_SPEC = "services: {web: 1}\n"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8")


def parameters(name: str) -> int:
    found: int = json.loads(Path(f"{name}.facts.json").read_text(encoding="utf-8"))["facts"]["parameters"]
    return found


def facts(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["facts", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


def test_files_that_changed_are_written_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET, b=NET)
    assert facts(capsys, "a.yaml", "b.yaml") == (0, "a.facts.json\nb.facts.json\n", "2 files written\n")
    assert facts(capsys) == (0, "", "2 files as they were\n")
    write(b=WIDE)
    before = os.stat("a.facts.json")
    assert facts(capsys, ".") == (0, "b.facts.json\n", "1 file written, 1 as it was\n")
    assert (parameters("a"), parameters("b")) == (10, 16)
    after = os.stat("a.facts.json")
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns), "it was not touched"
    assert facts(capsys, "-q", ".") == (0, "", "")


def test_check_right_after_writing_is_clean_and_says_what_changed_later(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET, b=NET)
    facts(capsys)
    assert facts(capsys, "--check") == (0, "2 specs: the facts are up to date\n", "")
    assert facts(capsys, "--check", "-q", "a.yaml") == (0, "", "")
    write(b=WIDE, c=NET)
    status, out, err = facts(capsys, "--check")
    assert (status, err) == (1, "")
    assert [line for line in out.splitlines() if line.startswith(("error", "3 specs"))] == [
        (
            "error[stale-facts]: `b.facts.json` is not what `b.yaml` has: parameters 10 → 16, capacity 3 → 5, "
            "macs 6 → 10, and 9 more"
        ),
        "error[missing-facts]: there is no `c.facts.json` beside `c.yaml`",
        "3 specs: 2 errors",
    ]
    assert not Path("c.facts.json").exists()
    assert parameters("b") == 10


def test_a_file_that_a_spec_refers_to_makes_its_facts_stale(capsys: pytest.CaptureFixture[str]) -> None:
    Path("parts").mkdir()
    write(whole=WHOLE, **{"parts/fold": NET})
    facts(capsys, "whole.yaml")
    write(**{"parts/fold": WIDE})
    status, out, _ = facts(capsys, "--check", "whole.yaml")
    assert (status, out.partition(" and ")[0]) == (
        1,
        (
            "error[stale-facts]: `whole.facts.json` is not what `whole.yaml` has: parameters 20 → 32, capacity 6 → 10, "
            "macs 12 → 20,"
        ),
    )


def test_facts_of_a_spec_that_is_gone_are_found_below_folders(capsys: pytest.CaptureFixture[str]) -> None:
    Path("nets/deep").mkdir(parents=True)
    write(**{"nets/a": NET, "nets/deep/b": NET, "nets/deep/c": NET})
    facts(capsys)
    for other in ("nets/other.facts.json", "nets/.hidden.facts.json"):
        Path(other).write_text('{"accuracy": 1}\n', encoding="utf-8")
    os.symlink("deep/b.facts.json", "nets/link.facts.json")
    os.remove("nets/deep/b.yaml")
    status, out, _ = facts(capsys, "--check", "nets")
    assert (status, out) == (
        1,
        (
            "error[lone-facts]: `nets/deep/b.facts.json` is of a spec that is gone: there is no `nets/deep/b.yaml`\n"
            "  --> nets/deep/b.facts.json:1:1\n"
            "   = help: remove it with its spec, or rename it with it\n"
            "\n"
            "2 specs: 1 error\n"
        ),
    )
    assert facts(capsys, "--check", "nets/a.yaml", "nets/*.yaml")[0] == 0
    assert facts(capsys, "nets")[0] == 0, "only --check looks for them"


def test_a_spec_that_is_refused_keeps_the_facts_that_it_had(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET, b=NET, c=NO_SPEC)
    facts(capsys, "a.yaml", "b.yaml")
    write(a=WIDE, b=BROKEN)
    status, out, err = facts(capsys)
    assert (status, err) == (1, "1 file written, 2 refused\n")
    assert [line for line in out.splitlines() if line.startswith("error[yaml") or line.endswith("s.json")] == [
        "a.facts.json",
        "error[yaml-syntax]: this is not YAML: a list that goes on without `,` or `]`",
    ]
    assert "error[missing-key]: the key `netspec` is missing\n  --> c.yaml:1:1\n" in out
    assert (parameters("a"), parameters("b")) == (16, 10)
    assert not Path("c.facts.json").exists()
    write(d=NET + "expect: {parameters: 11}\n")
    status, out, _ = facts(capsys, "d.yaml")
    assert (status, out.startswith("error[expect]: ")) == (1, True)
    assert not Path("d.facts.json").exists()
    status, out, _ = facts(capsys, "--check", "a.yaml", "d.yaml")
    assert (status, out.splitlines()[-1]) == (1, "2 specs: 1 error, the facts of 1 not compared")


def test_warnings_are_for_validate_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET + "hyperparameters: {unused: 1}\n")
    assert main(["validate", "a.yaml"]) == 0
    assert "warning[unused-name]" in capsys.readouterr().out
    assert facts(capsys) == (0, "a.facts.json\n", "1 file written\n")


def test_a_file_that_is_not_of_facts_is_never_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET)
    for text in ('{"accuracy": 0.98}\n', "", '{\n  "a": {"netspec_facts": 1}\n}\n'):
        Path("a.facts.json").write_text(text, encoding="utf-8")
        status, out, _ = facts(capsys)
        assert (status, out.partition("\n")[0]) == (
            1,
            "error[not-facts]: `a.facts.json` is no file of facts, and stands where those of `a.yaml` would",
        )
        assert Path("a.facts.json").read_text(encoding="utf-8") == text
    Path("a.facts.json").write_text('{\n  "netspec_facts": 1,\n<<<<<<< ours\n', encoding="utf-8")
    assert facts(capsys)[:2] == (0, "a.facts.json\n")


def test_nothing_is_written_through_a_link_nor_over_what_is_no_file(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET, b=NET)
    facts(capsys, "b.yaml")
    os.rename("b.facts.json", "elsewhere")
    os.symlink("elsewhere", "a.facts.json")
    before = Path("elsewhere").read_bytes()
    assert facts(capsys, "a.yaml") == (
        1,
        (
            "error[file-is-a-link]: `a.facts.json`: it is a symbolic link, and none is followed\n"
            "  --> a.facts.json\n"
            "   = help: put the file itself there\n"
        ),
        "1 refused\n",
    )
    assert facts(capsys, "--check", "a.yaml")[0] == 1
    assert (Path("elsewhere").read_bytes(), os.path.islink("a.facts.json")) == (before, True)
    os.mkdir("b.facts.json")
    status, out, _ = facts(capsys, "b.yaml")
    assert (status, out.partition("\n")[0]) == (
        1,
        "error[file-not-regular]: `b.facts.json`: it is a folder, not a regular file",
    )


def test_a_file_keeps_its_permissions(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET)
    facts(capsys)
    os.chmod("a.facts.json", 0o640)
    write(a=WIDE)
    facts(capsys)
    assert stat.S_IMODE(os.stat("a.facts.json").st_mode) == 0o640
    assert sorted(os.listdir()) == ["a.facts.json", "a.yaml"]


def test_a_folder_that_takes_no_files_is_a_fault_of_the_system(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(a=NET)

    def full(*_: object, **__: object) -> None:
        raise SystemFault("no-space", "no space left on the device for `a.facts.json`")

    monkeypatch.setattr("netspec.files.writing.atomic_write", full)
    assert facts(capsys) == (2, "", "error[no-space]: no space left on the device for `a.facts.json`\n")


def test_what_cannot_be_read_is_told_and_the_rest_is_done(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET)
    status, out, err = facts(capsys, "none.yaml", "a.yaml", "-")
    assert (status, out) == (2, "a.facts.json\n")
    assert err == (
        "error[no-such-file]: there is no file `none.yaml`\n"
        "error[usage]: facts stand in a file beside a spec, and standard input has none\n"
        "   = help: `netspec show --format json -` prints them\n"
        "1 file written, 2 not read\n"
    )
    status, out, _ = facts(capsys, "--check", "none.yaml", "a.yaml")
    assert (status, out) == (2, "1 spec: 1 not read\n")
    assert facts(capsys, "--check", "none.yaml")[:2] == (2, "")


def test_facts_that_would_be_too_large_are_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("netspec.cli.recording.FACTS_BYTES", Limit("", 100, "bytes", "file-too-large"))
    write(a=NET)
    status, out, _ = facts(capsys)
    assert (status, out.partition("\n")[0]) == (
        1,
        "error[file-too-large]: the facts of `a.yaml` would take 659 bytes, the limit is 100",
    )
    monkeypatch.undo()


def test_a_file_of_facts_that_is_too_large_is_refused(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(a=NET)
    facts(capsys)
    monkeypatch.setattr(beside, "FACTS_BYTES", Limit("", 100, "bytes", "file-too-large"))
    os.remove("a.yaml")
    assert beside.lone("a.facts.json") is None, "whether it is one is not known"
    write(a=NET)
    assert facts(capsys)[1].startswith("error[file-too-large]: `a.facts.json`: it holds 659 bytes, the limit is 100\n")


def test_the_faults_have_the_formats_of_validate(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET)
    status, out, _ = facts(capsys, "--check", "--format", "json")
    report = json.loads(out)
    assert (status, [each["code"] for each in report["diagnostics"]]) == (1, ["missing-facts"])
    status, out, _ = facts(capsys, "--check", "--format", "github")
    assert out == (
        "::error file=a.yaml,line=1,endLine=1,col=1,endColumn=2,title=missing-facts::there is no `a.facts.json` "
        "beside `a.yaml`%0Ahelp: `netspec facts a.yaml` writes it\n"
    )
    status, out, err = facts(capsys, "--format", "json")
    assert (status, json.loads(out)["summary"]["ok"], err) == (0, True, "a.facts.json\n")


def test_what_is_no_spec_is_left_out_where_only_specs_are_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET, b=NO_SPEC)
    assert facts(capsys, "--specs-only") == (0, "a.facts.json\n", "1 file written, 1 left out\n")
    assert facts(capsys, "--check", "--specs-only") == (0, "1 spec: the facts are up to date, 1 left out\n", "")
    assert facts(capsys, "--check", "--specs-only", "b.yaml") == (0, "0 specs: 1 left out\n", "")
    assert facts(capsys)[0] == 1


def test_a_report_for_tools_goes_to_a_file_beside_the_text(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=NET)
    status, out, _ = facts(capsys, "--check", "--format", "sarif", "--output", "found.sarif")
    assert (status, out.splitlines()[-1]) == (1, "1 spec: 1 error")
    (run,) = json.loads(Path("found.sarif").read_text(encoding="utf-8"))["runs"]
    assert [each["ruleId"] for each in run["results"]] == ["missing-facts"]


def test_the_configuration_says_which_specs_there_are_and_where_their_files_lie(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("nets/old").mkdir(parents=True)
    Path("parts").mkdir()
    write(**{"nets/whole": WHOLE.replace("parts/", "../parts/"), "parts/fold": NET, "nets/old/a": BROKEN})
    Path("netspec.toml").write_text('exclude = ["nets/old", "parts"]\nroot = "."\n', encoding="utf-8")
    assert facts(capsys) == (0, "nets/whole.facts.json\n", "1 file written\n")
    Path("nets/old/b.facts.json").write_bytes(Path("nets/whole.facts.json").read_bytes())
    assert facts(capsys, "--check")[:2] == (0, "1 spec: the facts are up to date\n")
    assert facts(capsys, "--check", "--no-config")[0] == 1
    Path("netspec.toml").write_text("exclude = 3\n", encoding="utf-8")
    status, out, _ = facts(capsys, "--check")
    assert (status, out.startswith("error[")) == (1, True)


def test_where_the_configuration_says_which_specs_have_facts_others_have_none_unless_they_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("nets").mkdir()
    write(**{"nets/a": NET, "b": NET})
    Path("netspec.toml").write_text('[facts]\nfiles = ["nets/**"]\n', encoding="utf-8")
    assert facts(capsys) == (0, "nets/a.facts.json\n", "1 file written\n")
    assert facts(capsys, "--check", ".", "b.yaml") == (0, "1 spec: the facts are up to date\n", "")
    assert facts(capsys, "b.yaml") == (0, "b.facts.json\n", "1 file written\n")
    assert facts(capsys, "--no-config") == (0, "", "2 files as they were\n")


def test_files_that_specs_refer_to_lie_below_the_root(capsys: pytest.CaptureFixture[str]) -> None:
    Path("parts").mkdir()
    Path("nets").mkdir()
    write(**{"nets/whole": WHOLE.replace("parts/", "../parts/"), "parts/fold": NET})
    assert facts(capsys, "nets/whole.yaml")[0] == 1
    assert facts(capsys, "--root", ".", "nets/whole.yaml")[:2] == (0, "nets/whole.facts.json\n")


def test_several_processes_give_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(8):
        write(**{f"n{number}": NET.replace("3", str(number + 1)) if number != 3 else BROKEN})
    targets: list[Target | SystemFault] = [Target(f"n{number}.yaml") for number in range(8)]
    targets.append(SystemFault("no-specs", "nothing"))
    alone = list(record_all(targets, 1, check=False))
    monkeypatch.setattr(jobs, "_WORTH_FORKING", 1e-9)
    monkeypatch.setattr(jobs, "_WORTH_SPAWNING", 1e-9)
    assert [_told(each) for each in record_all(targets, 3, check=False)] == [_told(each) for each in alone]
    assert next(each.faults for each in record_all(targets, 3, check=True))[0].code == "missing-facts"


def _told(found: Recorded) -> tuple[object, ...]:
    return found.file, found.path, found.text, found.faults, found.sources, str(found.fault)


def test_what_nobody_foresaw_is_left_to_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    from netspec.cli.recording import _recorded_or_left

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    write(a=NET)
    monkeypatch.setattr("netspec.cli.recording.facts_text", fail)
    assert _recorded_or_left(Target("a.yaml"), check=False) is None
    with pytest.raises(ZeroDivisionError):
        recorded(Target("a.yaml"), check=False)


def test_the_bytes_are_the_same_whatever_the_order_of_hashes() -> None:
    write(a=NET)
    code = "from netspec.cli import main; main(['facts', '-q', 'a.yaml']); print(open('a.facts.json').read())"
    texts = set()
    for seed in ("1", "2"):
        Path("a.facts.json").unlink(missing_ok=True)
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        )
        texts.add(done.stdout)
    assert len(texts) == 1
    assert facts_file.is_facts(texts.pop().partition("\n")[2].encode())


def test_in_junit_a_spec_is_one_test_with_its_facts(capsys: pytest.CaptureFixture[str]) -> None:
    write(fresh=NET, stale=NET, new=NET, gone=NET, asserted=NET)
    assert facts(capsys, "fresh.yaml", "stale.yaml", "gone.yaml", "asserted.yaml")[0] == 0
    write(stale=WIDE, asserted=WIDE + "expect: {parameters: 10}\n")
    Path("gone.yaml").unlink()
    text = facts(capsys, "--check", "stale.yaml")[1].removesuffix("\n1 spec: 1 error\n")
    status, out, _ = facts(capsys, "--check", ".", "--format", "junit")
    cases = list(ElementTree.fromstring(out).iter("testcase"))
    assert (status, [(case.attrib["name"], [each.attrib["type"] for each in case]) for case in cases]) == (
        1,
        [
            ("asserted.yaml", ["expect"]),
            ("fresh.yaml", []),
            ("gone.facts.json", ["lone-facts"]),
            ("new.yaml", ["missing-facts"]),
            ("stale.yaml", ["stale-facts"]),
        ],
    )
    assert cases[-1][0].text == text

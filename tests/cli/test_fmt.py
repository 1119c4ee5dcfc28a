"""`netspec fmt`: what it prints, what it writes, and what it leaves alone."""

import io
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from netspec.cli import jobs, main
from netspec.cli.formatting import Formatted, format_all, formatted
from netspec.cli.paths import Target
from netspec.diagnostics import SystemFault
from netspec.diagnostics.pages import page

PLAIN = "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1\n"
ODD = "netspec: 1\noutput:   1  # D_o\ninput: 1\nwidths: [ 3 ]\n"
MADE = "netspec: 1\ninput: 1\nwidths: [3]\noutput: 1  # D_o\n"
BROKEN = "netspec: 1\nwidths: [3\n"
NO_SPEC = "services: {web: 1}\n"
NETSPEC = [sys.executable, "-m", "netspec.cli"]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.yaml").write_text(text, encoding="utf-8", newline="")


def read(name: str) -> str:
    return Path(f"{name}.yaml").read_bytes().decode()


def fmt(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    status = main(["fmt", *arguments])
    said = capsys.readouterr()
    return status, said.out, said.err


class Stream:
    """A standard input of bytes."""

    def __init__(self, data: bytes) -> None:
        self.buffer = io.BytesIO(data)


def test_what_is_not_in_the_canonical_layout_is_written_and_named(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN, b=ODD)
    assert fmt(capsys, "a.yaml", "b.yaml") == (0, "b.yaml\n", "1 file changed, 1 as it was\n")
    assert (read("a"), read("b")) == (PLAIN, MADE)
    assert fmt(capsys) == (0, "", "2 files in the canonical layout\n")


def test_check_writes_nothing_and_names_what_would_change(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN, b=ODD, c=ODD)
    assert fmt(capsys, "--check", ".") == (1, "b.yaml\nc.yaml\n", "2 files would change, 1 as it was\n")
    assert read("b") == ODD
    assert fmt(capsys, "--check", "a.yaml", "-q") == (0, "", "")


def test_diff_writes_nothing_and_shows_what_would_change(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN, b=ODD)
    shown = (
        "--- b.yaml\n+++ b.yaml\n@@ -1,4 +1,4 @@\n netspec: 1\n-output:   1  # D_o\n input: 1\n-widths: [ 3 ]\n"
        "+widths: [3]\n+output: 1  # D_o\n"
    )
    assert fmt(capsys, "--diff", ".") == (0, shown, "1 file would change, 1 as it was\n")
    assert fmt(capsys, "--diff", "--check", ".")[:2] == (1, shown)
    assert read("b") == ODD


def test_a_file_is_not_touched_unless_it_changes(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN)
    os.utime("a.yaml", (1, 1))
    inode = Path("a.yaml").stat().st_ino
    assert fmt(capsys, ".")[0] == 0
    assert (Path("a.yaml").stat().st_mtime, Path("a.yaml").stat().st_ino) == (1, inode)


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o755])
def test_permissions_are_kept(mode: int, capsys: pytest.CaptureFixture[str]) -> None:
    write(a=ODD)
    Path("a.yaml").chmod(mode)
    assert fmt(capsys, ".")[0] == 0
    assert stat.S_IMODE(Path("a.yaml").stat().st_mode) == mode
    assert os.listdir() == ["a.yaml"]


def test_a_file_with_other_line_ends_changes(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN.replace("\n", "\r\n"), b="\ufeff" + PLAIN)
    status, out, _ = fmt(capsys, "--diff", "--check", ".")
    assert status == 1
    assert out.startswith("--- a.yaml\n+++ a.yaml\n@@ line ends, or the mark before the first line @@\n--- b.yaml\n")
    assert fmt(capsys, ".")[0] == 0
    assert (read("a"), read("b")) == (PLAIN, PLAIN)


def test_what_cannot_be_read_has_its_faults_and_the_rest_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=BROKEN, b=ODD, c=NO_SPEC)
    status, out, err = fmt(capsys, ".")
    assert (status, out) == (1, "b.yaml\n")
    assert err == (
        "error[yaml-syntax]: this is not YAML: a list that goes on without `,` or `]`\n"
        "  --> a.yaml:2:9\n   |\n 2 | widths: [3\n   |         ^\n   |\n"
        "   = help: separate items by `,`, and close it with `]`\n"
        "error[missing-key]: the key `netspec` is missing\n"
        "  --> c.yaml:1:1\n   |\n 1 | services: {web: 1}\n   | ^^^^^^^^\n   |\n"
        "   = help: add `netspec: 1`, the version of the language; only specs are formatted\n"
        "1 file changed, 2 refused\n"
    )
    assert (read("a"), read("b"), read("c")) == (BROKEN, MADE, NO_SPEC)


def test_a_file_that_is_not_there_is_a_fault_of_the_system(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=ODD)
    status, out, err = fmt(capsys, "missing.yaml", "a.yaml")
    assert (status, out) == (2, "a.yaml\n")
    assert err == "error[no-such-file]: there is no file `missing.yaml`\n1 file changed, 1 not read\n"
    Path("folder").mkdir()
    assert fmt(capsys, "folder")[0] == 2


def test_a_file_that_is_no_regular_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo("pipe.yaml")
    status, _, err = fmt(capsys, "pipe.yaml")
    assert status == 1
    assert err.startswith("error[file-not-regular]: ")


def test_a_link_is_not_written_over(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=ODD)
    os.symlink("a.yaml", "b.yaml")
    status, _, err = fmt(capsys, "b.yaml")
    assert status == 2
    assert err.startswith("error[bad-target]: `b.yaml` is a symbolic link")
    assert read("a") == ODD


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_file_in_a_folder_that_may_not_be_written(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=ODD)
    Path().chmod(0o500)
    try:
        status, _, err = fmt(capsys, "a.yaml")
    finally:
        Path().chmod(0o700)
    assert status == 2
    assert err.startswith("error[not-writable]: ")


def test_standard_input_goes_to_standard_output(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for text, check in ((ODD, 1), (MADE, 0)):
        monkeypatch.setattr(sys, "stdin", Stream(text.encode()))
        assert fmt(capsys, "-") == (0, MADE, "")
        monkeypatch.setattr(sys, "stdin", Stream(text.encode()))
        assert fmt(capsys, "--check", "-") == (check, "<stdin>\n" * check, "")
    monkeypatch.setattr(sys, "stdin", Stream(ODD.encode()))
    assert fmt(capsys, "--diff", "-")[1].startswith("--- <stdin>\n+++ <stdin>\n@@ ")
    monkeypatch.setattr(sys, "stdin", Stream(BROKEN.encode()))
    status, out, err = fmt(capsys, "-")
    assert (status, out) == (1, "")
    assert "--> <stdin>:2:9\n" in err


def test_standard_output_gets_the_bytes_of_the_file_whatever_its_encoding() -> None:
    text = "netspec: 1\nname: x\ndescription: β_0 ≈ 1\n"
    done = subprocess.run(
        [*NETSPEC, "fmt", "-"],
        input=text.encode(),
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
    )
    assert done.stdout == text.encode()


def test_standard_output_that_takes_no_more_is_told_of() -> None:
    text = (PLAIN + "# c\n" * 50_000).encode()
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*NETSPEC, "fmt", "-"],
            input=text,
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr.startswith(b"error[stdout-unwritable]: ")


def test_the_output_does_not_depend_on_the_number_of_processes() -> None:
    for i in range(200):
        write(**{f"s{i:03}": (PLAIN, ODD, BROKEN)[i % 3] + "\n" * 3_000})
    runs = [
        subprocess.run(
            [*NETSPEC, "fmt", "--check", "missing.yaml", ".", "-", "--jobs", count],
            input=ODD.encode(),
            capture_output=True,
            check=False,
        )
        for count in ("1", "2", "5")
    ]
    assert {(run.returncode, run.stdout, run.stderr) for run in runs} == {(2, runs[0].stdout, runs[0].stderr)}
    assert runs[0].stdout.endswith(b"s199.yaml\n<stdin>\n")
    assert runs[0].stderr.endswith(b"135 files would change, 66 refused, 1 not read\n")


def test_what_nobody_foresaw_in_a_process_is_met_again_by_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Here by way of `processes` that leave all to the parent."""

    def leave(targets: list[Target], work: object, used: int, method: str) -> object:
        return (None for _ in targets)

    write(a=ODD, b=PLAIN)
    monkeypatch.setattr("netspec.cli.processes.in_processes", leave)
    monkeypatch.setattr(jobs, "_WORTH_FORKING", 1e-9)
    monkeypatch.setattr(jobs, "_WORTH_SPAWNING", 1e-9)
    found = list(format_all([Target("a.yaml"), Target("b.yaml"), SystemFault("no-specs", "none")], 2))
    assert found[:2] == [Formatted("a.yaml", ODD, MADE), Formatted("b.yaml", PLAIN)]
    assert str(found[2].fault) == "none"


def test_a_layout_that_would_change_the_spec_is_a_fault_of_netspec(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(a=ODD)
    monkeypatch.setattr("netspec.formatting.formatting.write", lambda *_: PLAIN)
    status, _, err = fmt(capsys, "a.yaml")
    assert status == 2
    assert err.startswith("error: netspec failed: Unsafe at formatting.py:")
    assert read("a") == ODD


def test_formatting_needs_neither_models_nor_validation() -> None:
    write(a=ODD)
    code = "import sys; from netspec.cli import main; main(['fmt']); print(sorted(set(sys.modules) & set(sys.argv)))"
    unwanted = ["netspec.validation", "netspec.spec", "netspec.layers", "numpy", "networkx", "multiprocessing"]
    done = subprocess.run([sys.executable, "-c", code, *unwanted], capture_output=True, text=True, check=True)
    assert done.stdout == "a.yaml\n[]\n"


def test_a_target_is_formatted_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert formatted(Target("-")).faults[0].code == "empty-file"


# Reports


def test_a_layout_is_an_error_in_a_report(capsys: pytest.CaptureFixture[str]) -> None:
    """As the page of the code shows it."""
    example = page("layout")
    assert example is not None
    Path("spec.yaml").write_text(example.partition("```yaml\n")[2].partition("```")[0], encoding="utf-8")
    status, out, err = fmt(capsys, "--check", "--format", "github", "spec.yaml")
    assert status == 1
    assert f"\n{out}{err}```\n" in example
    assert out.startswith("::error file=spec.yaml,line=2,endLine=2,col=1,endColumn=14,title=layout::")


def test_a_report_has_what_is_refused_and_what_cannot_be_read(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN, b=ODD, c=NO_SPEC)
    status, out, err = fmt(capsys, "--check", ".", "missing.yaml", "--format", "json")
    assert (status, err) == (2, "1 file would change, 1 as it was, 1 refused, 1 not read\n")
    report = json.loads(out)
    assert [(entry["code"], entry["place"]["file"]) for entry in report["diagnostics"]] == [
        ("no-such-file", None),
        ("layout", "b.yaml"),
        ("missing-key", "c.yaml"),
    ]
    assert [entry["file"] for entry in report["files"] if entry["checked"]] == [
        "a.yaml",
        "b.yaml",
        "c.yaml",
        "missing.yaml",
    ]
    assert read("b") == ODD


def test_a_report_goes_to_a_file_and_the_text_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN, b=ODD)
    text = fmt(capsys, "--check", ".")
    whole = fmt(capsys, "--check", ".", "--format", "junit")[1]
    assert fmt(capsys, "--check", ".", "--format", "junit", "-o", "report.xml") == text
    assert Path("report.xml").read_text(encoding="ascii") == whole
    assert fmt(capsys, "--check", ".", "--format", "junit", "-o", "b.yaml")[0] == 2
    assert read("b") == ODD


def test_a_report_is_of_a_check(capsys: pytest.CaptureFixture[str]) -> None:
    write(b=ODD)
    assert fmt(capsys, "b.yaml", "--format", "sarif") == (
        2,
        "",
        "error[usage]: --format sarif is for --check\n   = help: write `netspec fmt --check`, or leave it out\n",
    )
    assert read("b") == ODD


def test_only_specs_are_written_where_nothing_else_is_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    write(a=PLAIN, b=ODD, c=NO_SPEC, d="a: &x 1\n", e="\tno YAML\n")
    assert fmt(capsys, ".", "--specs-only") == (0, "b.yaml\n", "1 file changed, 1 as it was, 3 left out\n")
    assert read("c") == NO_SPEC
    assert fmt(capsys, "c.yaml", "--specs-only") == (0, "", "1 left out\n")

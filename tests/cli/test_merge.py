"""`netspec merge` without git: what is printed, written and refused."""

import json
from pathlib import Path

import pytest

from netspec.cli import main

SPEC = "netspec: 1\nname: n\ninput: 1\nwidths: [3, 3]\noutput: 1\nexpect: {parameters: 22}\n"
OURS = SPEC.replace("[3, 3]", "[5, 3]").replace("22", "32")
THEIRS = SPEC.replace("[3, 3]", "[3, 4]").replace("22", "27")


@pytest.fixture(autouse=True)
def _files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    write(base=SPEC, ours=OURS, theirs=THEIRS)


def write(**texts: str) -> None:
    """Write files, each as NAME.yaml."""
    for name, text in texts.items():
        Path(f"{name}.yaml").write_bytes(text.encode())


def told(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of a merge, and what it wrote."""
    status = main(["merge", "base.yaml", "ours.yaml", "theirs.yaml", *arguments])
    out, err = capfd.readouterr()
    return status, out, err


def test_a_file_is_written_with_its_conflicts_and_none_that_was_read(capfd: pytest.CaptureFixture[str]) -> None:
    assert told(capfd, "-o", "merged.yaml") == (
        1,
        "",
        (
            "merged.yaml:6: both changed `parameters` of `expect`: 22 → 32 and 22 → 27\n"
            "    the merged network has `parameters: 39`\n"
        ),
    )
    assert Path("merged.yaml").read_text(encoding="utf-8").splitlines()[3:8] == [
        "widths: [5, 4]",
        "output: 1",
        "<<<<<<< ours",
        "expect: {parameters: 32}",
        "||||||| base",
    ]
    status, out, err = told(capfd, "-o", "ours.yaml")
    assert (status, out) == (2, "")
    assert "error[target-is-input]: `ours.yaml` is the same file as the input `ours.yaml`\n" in err
    assert Path("ours.yaml").read_text(encoding="utf-8") == OURS


def test_a_merge_as_json_has_the_text_and_each_conflict(capfd: pytest.CaptureFixture[str]) -> None:
    status, out, err = told(capfd, "--format", "json")
    found = json.loads(out)
    assert (status, err) == (1, "")
    assert found["text"].count("<<<<<<<") == 1
    assert {key: value for key, value in found.items() if key != "text"} == {
        "merge": 1,
        "file": "<merge>",
        "clean": False,
        "as_text": "",
        "conflicts": [
            {
                "line": 6,
                "message": "both changed `parameters` of `expect`: 22 \u2192 32 and 22 \u2192 27",
                "path": ["expect", "parameters"],
                "fact": "39",
            }
        ],
        "faults": [],
    }


def test_a_fault_of_the_merge_stands_in_the_json(capfd: pytest.CaptureFixture[str]) -> None:
    write(theirs=SPEC.replace("[3, 3]", "[3, 4]").replace("parameters: 22", "parameters: {at_most: 38}"))
    write(base=SPEC.replace("parameters: 22", "parameters: {at_most: 50}"))
    write(ours=SPEC.replace("[3, 3]", "[5, 3]").replace("parameters: 22", "parameters: {at_most: 50}"))
    status, out, _ = told(capfd, "--format", "json")
    found = json.loads(out)
    assert (status, found["clean"]) == (1, True)
    assert found["faults"] == [
        {
            "code": "expect",
            "message": "`parameters` is 39, but at most 38 is expected",
            "file": "<merge>",
            "line": 6,
            "help": "",
        }
    ]


@pytest.mark.parametrize(("ours", "theirs"), [("\r\n", "\r\n"), ("\r\n", "\n"), ("\n", "\r\n")])
def test_line_ends_are_those_of_the_side_that_changed_them(
    capfd: pytest.CaptureFixture[str], ours: str, theirs: str
) -> None:
    plain = SPEC.replace("expect: {parameters: 22}\n", "")
    write(
        base=plain,
        ours=plain.replace("[3, 3]", "[5, 3]").replace("\n", ours),
        theirs=plain.replace("[3, 3]", "[3, 4]").replace("\n", theirs),
    )
    assert told(capfd, "-o", "merged.yaml") == (0, "", "")
    assert Path("merged.yaml").read_bytes() == plain.replace("[3, 3]", "[5, 4]").replace("\n", "\r\n").encode()


def test_a_mark_before_the_first_line_and_an_unended_last_line_are_merged_as_well(
    capfd: pytest.CaptureFixture[str],
) -> None:
    plain = SPEC.replace("expect: {parameters: 22}\n", "")
    write(
        base=plain,
        ours="\ufeff" + plain.replace("[3, 3]", "[5, 3]"),
        theirs=plain.replace("[3, 3]", "[3, 4]").removesuffix("\n"),
    )
    assert told(capfd, "-o", "merged.yaml") == (0, "", "")
    merged = "\ufeff" + plain.replace("[3, 3]", "[5, 4]").removesuffix("\n")
    assert Path("merged.yaml").read_text(encoding="utf-8") == merged


@pytest.mark.parametrize(
    ("texts", "why"),
    [
        ({"ours": OURS.replace("\n", "\r\n", 1)}, "ours has line ends of several kinds"),
        ({"theirs": THEIRS + "#" * (1 << 20)}, "a file is larger than a spec may be"),
        ({"base": "a: [\n"}, "line 1 of base cannot be read: this is not YAML: nothing that can be a value"),
        ({"theirs": "a: 1\n"}, "theirs is no spec, since it does not say `netspec:`"),
        (
            {"theirs": "{netspec: 1, name: n, input: 1, widths: [3, 4], output: 1, expect: {parameters: 27}}\n",
             "ours": "{netspec: 1, name: n, input: 1, widths: [3, 4, 5], output: 1, expect: {parameters: 27}}\n",
             "base": "{netspec: 1}\n\n# a comment\n"},
            None,
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_merged_as_specs_is_merged_as_text(
    capfd: pytest.CaptureFixture[str], texts: dict[str, str], why: str | None
) -> None:
    write(**texts)
    status, _, err = told(capfd, "-o", "merged.yaml")
    assert status == 1
    head = f"merged.yaml: merged line by line, as text: {why}\n"
    assert err.startswith(head) if why else "as text" not in err
    assert "<<<<<<< ours" in Path("merged.yaml").read_text(encoding="utf-8")


def test_brackets_on_one_side_alone_become_lines(capfd: pytest.CaptureFixture[str]) -> None:
    """But for those that take several lines, which have comments of their own."""
    braces = "{netspec: 1, name: n, input: 1, widths: [3, 3], output: 1}\n"
    plain = SPEC.replace("expect: {parameters: 22}\n", "")
    write(base=braces, ours=plain, theirs=braces.replace("3, 3", "3, 4"))
    merged = plain.replace("[3, 3]", "[3, 4]")
    assert told(capfd) == (0, merged, "")
    write(ours=braces.replace("3, 3", "3, 4"), theirs=plain)
    assert told(capfd) == (0, merged, "")
    write(ours=braces.replace("3, 3", "3, 4").replace(", output", ",\n  output"))
    status, _, err = told(capfd)
    assert status == 1
    words = "one has its keys in brackets of several lines, and another has none"
    assert err == f"<merge>: merged line by line, as text: {words}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("missing.yaml", "ours.yaml", "theirs.yaml"), "error[no-such-file]: "),
        ((".", "ours.yaml", "theirs.yaml"), "error[read-failed]: `ours.yaml`, `.`, `theirs.yaml` cannot be merged: "),
        (("ours.yaml", "theirs.yaml"), "error[usage]: missing argument 'THEIRS'"),
    ],
)
def test_files_that_are_not_there_are_a_matter_of_the_system(
    capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(["merge", *arguments]) == 2
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(words)

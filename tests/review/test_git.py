"""Specs of revisions, in real repositories."""

import contextlib
import json
import os
import shlex
from pathlib import Path

import pytest

from netspec.cli import main
from netspec.diagnostics import SystemFault
from netspec.review.objects import Objects, is_object
from netspec.review.repository import Repository, split_range, split_revision
from tests.review.repositories import Git, commit, told, write

SPEC = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
WIDER = SPEC.replace("[3, 3]", "[3, 4]")
PART = "netspec: 1\nname: fold\ninput: 1\nwidths: [3]\noutput: 1\n"
COME = """come.yaml: added
    input in           (9,)
    output out         (1,)
    parameters         246
    capacity           28
    depth              4
    macs               217
    flops              491
    parameter_bytes    984
    activation_bytes   64
    regions, at least  262,144
    regions, at most   52,656,399
"""
WHOLE = "netspec: 1\nname: whole\ncompose: [parts/fold.yaml, parts/fold.yaml]\n"
NEW = "netspec: 1\ninput: [4, 4]\nlayers: [flatten, {dense: 9}, layer_norm]\noutput: 9\n"


def test_a_file_is_compared_with_what_a_revision_has(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"nets/a.yaml": SPEC})
    write("nets/a.yaml", WIDER)
    status, out, _ = told(capsys, "diff", "HEAD:nets/a.yaml", "nets/a.yaml")
    assert status == 0
    assert out.splitlines()[:2] == [
        "HEAD:nets/a.yaml → nets/a.yaml",
        "WEIGHTS: a checkpoint of the old network does not load one to one",
    ]
    git("commit", "-q", "-a", "-m", "wider")
    assert told(capsys, "diff", "HEAD~1:nets/a.yaml", "HEAD:nets/a.yaml")[1].startswith("HEAD~1:nets/a.yaml → HEAD:")


def test_the_path_is_from_the_top_and_with_a_dot_from_the_working_folder(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, {"nets/a.yaml": SPEC})
    monkeypatch.chdir("nets")
    for path in ("HEAD:nets/a.yaml", "HEAD:./a.yaml"):
        assert told(capsys, "diff", path, "a.yaml")[1].endswith("the networks are equal\n")
    status, _, err = told(capsys, "diff", "HEAD:../../a.yaml", "a.yaml")
    assert (status, err) == (2, "error[no-such-file]: `HEAD:../../a.yaml`: the path leads out of the repository\n")


def test_what_a_spec_refers_to_is_read_in_the_same_revision(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"whole.yaml": WHOLE, "parts/fold.yaml": PART})
    write("parts/fold.yaml", PART.replace("[3]", "[5]"))
    status, out, _ = told(capsys, "diff", "HEAD:whole.yaml", "whole.yaml")
    assert status == 0
    assert "~ fold.Omega_0    (3, 1) → (5, 1)" in out


def test_a_tree_tells_of_changed_specs_and_of_those_that_name_them(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git, {"whole.yaml": WHOLE, "parts/fold.yaml": PART, "same.yaml": SPEC, "other.yaml": "a: 1\n"})
    write("parts/fold.yaml", PART.replace("[3]", "[5]"))
    write("other.yaml", "a: 2\n")
    write("unknown.yaml", "netspec: 2\n")
    status, out, err = told(capsys, "diff", "--git", "HEAD", "--format", "json")
    assert (status, err) == (0, "")
    found = json.loads(out)
    assert [each["new"]["file"] for each in found["specs"]] == ["parts/fold.yaml", "whole.yaml"]
    assert (found["alone"], found["refused"]) == ([], [])
    assert told(capsys, "diff", "--git", "HEAD", "same.yaml")[:2] == (0, "no spec changed\n")


def test_a_spec_that_only_has_the_name_of_a_changed_file_is_not_compared(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git, {"a.yaml": SPEC, "b.yaml": SPEC + "# like a.yaml\n", "c.yaml": WHOLE, "parts/fold.yaml": PART})
    write("a.yaml", WIDER)
    status, out, _ = told(capsys, "diff", "--git", "HEAD", "--format", "json")
    assert [each["new"]["file"] for each in json.loads(out)["specs"]] == ["a.yaml"]
    write("a.yaml", SPEC)
    os.remove("parts/fold.yaml")
    status, out, _ = told(capsys, "breaking", "--against", "HEAD")
    assert (status, "error[file-missing]" in out, "c.yaml" in out) == (1, True, True)


def test_a_tree_is_told_by_paths_from_the_working_folder(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, {"nets/a.yaml": SPEC, "b.yaml": SPEC})
    write("nets/a.yaml", WIDER)
    write("b.yaml", WIDER)
    monkeypatch.chdir("nets")
    status, out, _ = told(capsys, "diff", "--git", "HEAD")
    assert status == 0
    assert [line for line in out.splitlines() if "yaml" in line] == [
        "HEAD:b.yaml → ../b.yaml",
        "HEAD:nets/a.yaml → a.yaml",
    ]
    status, out, _ = told(capsys, "diff", "--git", "HEAD", ".")
    assert [line for line in out.splitlines() if "yaml" in line] == ["HEAD:nets/a.yaml → a.yaml"]
    status, out, _ = told(capsys, "diff", "--git", "HEAD", "*.yaml")
    assert [line for line in out.splitlines() if "yaml" in line] == ["HEAD:nets/a.yaml → a.yaml"]


def test_specs_that_came_or_went_or_moved(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(
        git,
        {
            "gone.yaml": SPEC,
            "moved.yaml": WHOLE.replace("parts/", "") + "# one line\n# and another\n",
            "fold.yaml": PART,
        },
    )
    git("rm", "-q", "gone.yaml")
    git("mv", "moved.yaml", "there.yaml")
    write(
        "come.yaml",
        SPEC.replace("name: net", "name: come").replace("[3, 3]", "[7, 7, 7, 7]").replace("input: 1", "input: 9"),
    )
    git("add", "come.yaml")
    status, out, _ = told(capsys, "diff", "--git", "HEAD", "--exit-code")
    assert (status, out) == (
        1,
        f"{COME}\nHEAD:gone.yaml: removed\n\n1 more spec: the networks are equal\n",
    )
    assert told(capsys, "diff", "--git", "HEAD", "--format", "markdown")[1].startswith(
        "The networks are equal.\n\n### `come.yaml`\n\nNew.\n\n| what | value |\n|---|---:|\n"
        "| input in | (9,) |\n| output out | (1,) |\n| parameters | 246 |\n"
    )
    found = json.loads(told(capsys, "diff", "--git", "HEAD", "--format", "json")[1])["alone"]
    assert [(each["kind"], each["network"] and each["network"]["inputs"]) for each in found] == [
        ("added", {"in": [9]}),
        ("removed", None),
    ]
    status, out, _ = told(capsys, "breaking", "--against", "HEAD")
    assert (status, out.splitlines()[0]) == (1, "error[breaking-interface]: the spec `gone.yaml` is gone")


def test_names_of_files_are_code_in_markdown(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"@gone [a](b).yaml": SPEC, "<!--.yaml": SPEC})
    git("rm", "-q", "@gone [a](b).yaml")
    write("<!--.yaml", "netspec: 1\n")
    write("a`b.yaml", NEW)
    git("add", "a`b.yaml")
    status, out, _ = told(capsys, "diff", "--git", "HEAD", "--format", "markdown")
    assert status == 1
    assert [line for line in out.splitlines() if line.startswith(("#", "*"))] == [
        "### ``a`b.yaml``",
        "* `HEAD:@gone [a](b).yaml`: removed",
        "* `<!--.yaml`: has no network, and is not compared",
    ]


def test_what_a_sparse_checkout_leaves_out_is_as_the_index_has_it(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(
        git, {"whole.yaml": WHOLE, "parts/fold.yaml": PART, "nets/a.yaml": SPEC, "b.yaml": SPEC, "here/c.yaml": SPEC}
    )
    os.symlink("a.yaml", "nets/link.yaml")
    commit(git, {"nets/a.yaml": WIDER, "parts/fold.yaml": PART.replace("[3]", "[5]")})
    before = {each: told(capsys, *each) for each in (("breaking", "--against", "HEAD~1"), ("diff", "--git", "HEAD~1"))}
    assert before["breaking", "--against", "HEAD~1"][1].splitlines()[-1] == "3 specs compared: 3 errors"
    git("sparse-checkout", "set", "here")
    assert not Path("nets").exists()
    assert {each: told(capsys, *each) for each in before} == before
    assert told(capsys, "diff", "--git", "HEAD", "nets/a.yaml", "parts")[:2] == (0, "no spec changed\n")
    write("whole.yaml", WHOLE.replace("parts/fold.yaml, ", "nets/link.yaml, "))
    status, _, err = told(capsys, "diff", "--git", "HEAD")
    assert (status, err.startswith("error[file-missing]: `nets/link.yaml`")) == (1, True)
    os.remove("b.yaml")  # which is in the working tree, and gone from it
    assert "HEAD:b.yaml: removed\n" in told(capsys, "diff", "--git", "HEAD", "b.yaml")[1]


def test_a_path_that_there_is_not(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"nets/a.yaml": SPEC})
    for path in ("net", "nets/b.yaml", "nothing/a.yaml"):
        status, _, err = told(capsys, "diff", "--git", "HEAD", path)
        assert (status, err) == (2, f"error[no-such-file]: there is no file `{path}`, neither here nor in `HEAD`\n")
    git("rm", "-q", "-r", "nets")
    assert told(capsys, "diff", "--git", "HEAD", "nets")[:2] == (0, "HEAD:nets/a.yaml: removed\n")


def test_a_file_that_git_does_not_know_is_new_where_it_is_named(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    write("b.yaml", SPEC)
    status, out, _ = told(capsys, "diff", "--git", "HEAD", "b.yaml")
    assert (status, out.splitlines()[:2]) == (0, ["b.yaml: added", "    input in           (1,)"])
    assert told(capsys, "diff", "--git", "HEAD", ".")[:2] == (0, "no spec changed\n")
    assert told(capsys, "breaking", "--against", "HEAD", "b.yaml")[0] == 0
    write("b.yaml", SPEC.replace("input", "inpt"))
    assert told(capsys, "breaking", "--against", "HEAD", "b.yaml")[0] == 1


def test_the_exit_code_is_asked_for(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    write("a.yaml", SPEC + "# a comment\n")
    assert told(capsys, "diff", "--git", "HEAD", "--exit-code")[:2] == (0, "1 spec: the networks are equal\n")
    write("a.yaml", WIDER)
    assert told(capsys, "diff", "--git", "HEAD", "--exit-code")[0] == 1
    assert told(capsys, "diff", "--git", "HEAD")[0] == 0


def test_only_what_is_new_breaks(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC, "bad.yaml": "netspec: 1\n", "b.yaml": SPEC})
    write("a.yaml", WIDER)
    write("b.yaml", SPEC.replace("output: 1\n", "output: 1\nactivation: tanh\n"))
    write("bad.yaml", SPEC)
    status, out, _ = told(capsys, "breaking", "--against", "HEAD")
    assert (status, out.count("error[")) == (1, 1)
    assert "  --> a.yaml:4:13\n" in out
    assert "  ::: HEAD:a.yaml:4:13\n" in out
    assert out.splitlines()[-3:] == [
        "allowed: b.yaml: FUNCTION: a checkpoint of the old network loads, and computes something else",
        "not compared: HEAD:bad.yaml has no network",
        "3 specs compared: 1 error",
    ]
    status, out, _ = told(capsys, "breaking", "--against", "HEAD", "--level", "interface", "-q")
    assert (status, out) == (0, "")
    status, out, _ = told(capsys, "breaking", "--against", "HEAD", "--level", "function", "--format", "json")
    report = json.loads(out)
    assert [(each["code"], each["place"]["file"]) for each in report["diagnostics"]] == [
        ("breaking-weights", "a.yaml"),
        ("breaking-function", "b.yaml"),
    ]
    assert told(capsys, "breaking", "--against", "HEAD", "--format", "github")[1].startswith(
        "::error file=a.yaml,line=4"
    )


@pytest.mark.parametrize("form", ["json", "github", "gitlab", "junit", "sarif"])
def test_a_report_goes_to_a_file_and_the_text_is_printed(
    form: str, git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git, {"a.yaml": SPEC, "gone.yaml": SPEC})
    write("a.yaml", WIDER)
    Path("gone.yaml").unlink()
    text = told(capsys, "breaking", "--against", "HEAD")
    status, out, _ = told(capsys, "breaking", "--against", "HEAD", "--format", form)
    assert (status, "breaking-weights" in out, "breaking-interface" in out) == (1, True, True)
    assert told(capsys, "breaking", "--against", "HEAD", "--format", form, "-o", "report") == text
    assert Path("report").read_text(encoding="utf-8") == out
    assert told(capsys, "breaking", "--against", "HEAD", "--format", form, "-o", "a.yaml")[0] == 2
    assert Path("a.yaml").read_text(encoding="utf-8") == WIDER


def test_a_change_is_known_again_by_its_line(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    found = []
    for text in (WIDER, f"# moved\n\n{WIDER}"):
        write("a.yaml", text)
        (run,) = json.loads(told(capsys, "breaking", "--against", "HEAD", "--format", "sarif")[1])["runs"]
        found.append([result["partialFingerprints"] for result in run["results"]])
        assert run["automationDetails"] == {"id": "netspec-breaking/"}
        assert run["invocations"][0]["exitCode"] == 1
    assert found[0] == found[1] != []


def test_a_spec_that_is_invalid_now_is_refused(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC, "b.yaml": SPEC})
    write("a.yaml", SPEC.replace("input", "inpt"))
    write("b.yaml", WIDER)
    status, out, err = told(capsys, "diff", "--git", "HEAD")
    assert (status, err.startswith("error[unknown-key]")) == (1, True)
    assert out.endswith("\na.yaml: has no network, and is not compared\n")
    status, out, _ = told(capsys, "breaking", "--against", "HEAD")
    assert (status, out.count("error[unknown-key]"), out.count("error[breaking-weights]")) == (1, 1, 1)


def test_a_limit_is_new_where_it_was_kept_before(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    write("a.yaml", WIDER)
    arguments = ("breaking", "--against", "HEAD", "--level", "budget", "--limit")
    status, out, _ = told(capsys, *arguments, "parameters=25")
    assert "error[breaking-budget]: `parameters` is 27, and was 22; the limit is 25" in out
    status, out, _ = told(capsys, *arguments, "parameters=20")
    assert "breaking-budget" not in out
    status, _, err = told(capsys, *arguments, "beauty=1")
    assert (status, err.startswith("error[usage]: --limit: `beauty=1` is no limit on a fact")) == (2, True)


FAMILY = """\
netspec: 1
name: family
hyperparameters: {D: 3}
input: 1
widths: [D]
output: 1
expect: {depth: 1}
variants:
  big: {D: 8, expect: {parameters: 25}}
"""


def test_what_a_variant_sets_and_says_is_told_at_the_variant(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": FAMILY})
    write("a.yaml", FAMILY.replace("8, expect: {parameters: 25}", "9, expect: {parameters: 28}"))
    status, out, _ = told(capsys, "breaking", "--against", "HEAD", "--level", "budget")
    assert (status, out) == (
        1,
        """\
error[breaking-weights]: in the variant `big`: the hyperparameter `D`: 8 → 9; 3 tensors of an old checkpoint do not fit
  --> a.yaml:9:12
   |
 5 | widths: [D]
   |          - so h_1: beta_0 (8,) → (9,), Omega_0 (8, 1) → (9, 1)
 6 | output: 1
   |         - so y: Omega_1 (1, 8) → (1, 9)
...
 9 |   big: {D: 9, expect: {parameters: 28}}
   |            ^
   |
  ::: HEAD:a.yaml:9:12
   |
 9 |   big: {D: 8, expect: {parameters: 25}}
   |            - before: 8
   |
   = help: what becomes of a checkpoint: `netspec plan a.yaml --weights FILE --from HEAD:a.yaml \
--variant big --from-variant big`

error[breaking-budget]: in the variant `big`: `parameters`: 25 → 28, as it was and is
  --> a.yaml:9:36
   |
 9 |   big: {D: 9, expect: {parameters: 28}}
   |                                    ^^
   |
  ::: HEAD:a.yaml:9:36
   |
 9 |   big: {D: 8, expect: {parameters: 25}}
   |                                    -- before: 25

1 spec compared: 2 errors
""",
    )
    drawn = FAMILY + "parameters: {seed: 1}\n"
    commit(git, {"a.yaml": drawn.replace("D: 8,", "D: 8, parameters: {seed: 3},")})
    write("a.yaml", drawn)
    out = told(capsys, "breaking", "--against", "HEAD", "--level", "function")[1]
    assert out.startswith("error[breaking-function]: in the variant `big`: parameters: init by activation, seed 3 → ")
    assert " --> a.yaml:10:13\n" in out
    assert " ::: HEAD:a.yaml:9:27\n" in out


BEFORE = """\
netspec: 1
name: net
hyperparameters: {D: 4}
input: 2
layers:
  - dense: {width: 2, as: inner}
  - dense: 4
  - dense: D
  - softmax
output: 4
variants:
  a: {D: 4}
  b: {D: 4}
"""
AFTER = """\
netspec: 1
name: net
hyperparameters: {D: 4}
input: 2
layers:
  - dense: 4
  - dense: D
output: 4
variants:
  a: {D: 4}
"""


def test_the_mark_of_what_is_gone_says_that_it_is_not_the_text_marked(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git, {"a.yaml": BEFORE})
    write("a.yaml", AFTER)
    out = told(capsys, "breaking", "--against", "HEAD", "--level", "function", "-q")[1]
    assert (
        out
        == """\
error[breaking-weights]: the layer `inner` is gone; 2 tensors of an old checkpoint are left over
  --> a.yaml:6:5
   |
 6 |   - dense: 4
   |     ^^^^^^^^ gone from beside this, with inner.beta (2,), inner.Omega (2, 2)
   |
  ::: HEAD:a.yaml:6:5
   |
 6 |   - dense: {width: 2, as: inner}
   |     ---------------------------- before
   |
   = help: what becomes of a checkpoint: `netspec plan a.yaml --weights FILE --from HEAD:a.yaml`

error[breaking-function]: the layer `softmax` is gone; an old checkpoint loads, and computes something else
  --> a.yaml:7:5
   |
 7 |   - dense: D
   |     ^^^^^^^^ gone from beside this
   |
  ::: HEAD:a.yaml:9:5
   |
 9 |   - softmax
   |     ------- before

error[breaking-interface]: the variant `b` is gone
   --> a.yaml:10:3
    |
 10 |   a: {D: 4}
    |   ^^^^^^^^^ gone from here
    |
   ::: HEAD:a.yaml:13:3
    |
 13 |   b: {D: 4}
    |   - before: {D: 4}
"""
    )


def test_a_link_in_a_revision_is_not_followed(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    write("real.yaml", PART)
    write("whole.yaml", "netspec: 1\ncompose: [link.yaml]\n")
    os.symlink("real.yaml", "link.yaml")
    commit(git, {})
    status, _, err = told(capsys, "diff", "HEAD:whole.yaml", "HEAD:whole.yaml")
    assert (status, err.startswith("error[file-is-a-link]: `link.yaml`: `link.yaml` is a symbolic link")) == (1, True)
    status, _, err = told(capsys, "diff", "HEAD:link.yaml", "real.yaml")
    assert (status, err.startswith("error[no-such-file]: `HEAD:link.yaml`: `link.yaml` is a symbolic link")) == (
        2,
        True,
    )
    assert told(capsys, "diff", "--git", "HEAD")[1] == "no spec changed\n"


@pytest.mark.parametrize("name", ["a b.yaml", "ä.yaml", "a\nb.yaml", "a'b.yaml", "-a.yaml", "a[1].yaml", ":a.yaml"])
def test_names_that_git_would_read_otherwise(git: Git, capsys: pytest.CaptureFixture[str], name: str) -> None:
    commit(git, {f"nets/{name}": SPEC, "nets/a1.yaml": SPEC})
    write(f"nets/{name}", WIDER)
    status, out, _ = told(capsys, "diff", "--git", "HEAD", "--format", "json", f"nets/{name}")
    assert status == 0
    assert [each["new"]["file"] for each in json.loads(out)["specs"]] == [f"nets/{name}"]


@pytest.mark.parametrize("revision", ["nothing", "-h", "--output=x", "HEAD --", "HEAD:a.yaml", "\x1b[31m", "", "@{u}"])
def test_a_revision_that_there_is_not(git: Git, capsys: pytest.CaptureFixture[str], revision: str) -> None:
    commit(git, {"a.yaml": SPEC})
    status, out, err = told(capsys, "diff", f"--git={revision}")
    assert (status, out) == (2, "")
    assert err.startswith("error[git-failed]: git knows no revision ")
    assert "\x1b" not in err
    assert sorted(os.listdir()) == [".git", "a.yaml"]


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemFault, match="lies in no git repository"):
        Repository()


def test_without_git(git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemFault, match="git is not installed"):
        Repository()


def test_a_monitor_that_the_repository_names_is_not_run(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    write("monitor", "#!/bin/sh\ntouch was-run\n")
    os.chmod("monitor", 0o755)
    for key, value in (("core.fsmonitor", "./monitor"), ("diff.external", "./monitor"), ("core.pager", "./monitor")):
        git("config", key, value)
    write(".gitattributes", "*.yaml diff=mine\n")
    git("config", "diff.mine.textconv", "./monitor")
    git("config", "diff.mine.command", "./monitor")
    write("a.yaml", WIDER)
    assert told(capsys, "diff", "--git", "HEAD")[0] == 0
    assert told(capsys, "breaking", "--against", "HEAD")[0] == 1
    assert not Path("was-run").exists()


def test_nothing_is_written_into_the_repository(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC, "b.yaml": SPEC})
    write("a.yaml", WIDER)
    os.utime("b.yaml", (1, 1))  # which git would note in its index
    before = {path: path.read_bytes() for path in Path(".git").rglob("*") if path.is_file()}
    assert told(capsys, "diff", "--git", "HEAD")[0] == 0
    assert {path: path.read_bytes() for path in Path(".git").rglob("*") if path.is_file()} == before


def test_an_object_that_is_larger_than_asked_for_is_not_read(git: Git) -> None:
    commit(git, {"a.yaml": "x" * 100_000, "b.yaml": SPEC})
    blobs = {name: git("rev-parse", f"HEAD:{name}").strip() for name in ("a.yaml", "b.yaml")}
    with Objects() as objects:
        assert objects.size_and_data(blobs["a.yaml"], 1000) == (100_000, None)
        assert objects.size_and_data(blobs["b.yaml"], 1000) == (len(SPEC), SPEC.encode())
        with pytest.raises(SystemFault, match="the repository has no object"):
            objects.size_and_data("0" * 40, 1000)
        with pytest.raises(SystemFault, match="names no object"):
            objects.size_and_data("HEAD\n", 1000)


def test_a_spec_in_a_repository_of_sha256(tmp_path: Path, git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "other"
    git("init", "-q", "--object-format=sha256", str(other))
    os.chdir(other)
    commit(git, {"whole.yaml": WHOLE, "parts/fold.yaml": PART})
    write("parts/fold.yaml", PART.replace("[3]", "[5]"))
    assert "fold.Omega_0" in told(capsys, "diff", "--git", "HEAD")[1]


@pytest.mark.parametrize(
    ("text", "split"),
    [
        ("HEAD:a.yaml", ("HEAD", "a.yaml")),
        ("a.yaml", None),
        (":a.yaml", None),
        ("HEAD:", None),
        ("v1:b/c:d", ("v1", "b/c:d")),
    ],
)
def test_what_is_a_revision_and_a_path(text: str, split: tuple[str, str] | None) -> None:
    assert split_revision(text) == split


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("main..topic", ("main", "topic", False)),
        ("main...topic", ("main", "topic", True)),
        ("origin/main..", ("origin/main", "HEAD", False)),
        ("...v1.0", ("HEAD", "v1.0", True)),
        ("v1.0..v2.0", ("v1.0", "v2.0", False)),
        ("@{u}..HEAD~3", ("@{u}", "HEAD~3", False)),
        ("..", None),
        ("...", None),
        ("../a.yaml", None),
        (".../a.yaml", None),
        ("nets/../a.yaml", None),
        ("HEAD:../a.yaml", None),
        ("HEAD", None),
        ("a....b", None),
    ],
)
def test_what_is_a_range_of_revisions(text: str, ends: tuple[str, str, bool] | None) -> None:
    assert split_range(text) == ends


def test_a_file_that_is_there_is_no_range(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a..b").write_text(SPEC, encoding="utf-8")
    assert split_range("a..b") is None


@pytest.mark.parametrize("data", [b"", b"netspec: 1\n", bytes(range(256))])
@pytest.mark.parametrize("form", ["sha1", "sha256"])
def test_a_blob_is_known_by_its_name(git: Git, tmp_path: Path, form: str, data: bytes) -> None:
    git("init", "-q", f"--object-format={form}", str(tmp_path / form))
    os.chdir(tmp_path / form)
    Path("a").write_bytes(data)
    name = git("hash-object", "a").strip()
    assert is_object(name, data)
    assert not is_object(name, data + b"\n")


def history(git: Git) -> None:
    """Make a history: `main` and `topic` part at a commit, and either goes on."""
    commit(git, {"nets/a.yaml": SPEC, "nets/whole.yaml": WHOLE, "nets/parts/fold.yaml": PART, "gone.yaml": SPEC})
    git("checkout", "-q", "-b", "topic")
    git("rm", "-q", "gone.yaml")
    commit(git, {"nets/parts/fold.yaml": PART.replace("[3]", "[5]"), "nets/new.yaml": NEW})
    git("checkout", "-q", "main")
    commit(git, {"nets/a.yaml": WIDER})


def files(text: str) -> list[tuple[str, str]]:
    """Return the specs that a difference in JSON compares."""
    return [(each["old"]["file"], each["new"]["file"]) for each in json.loads(text)["specs"]]


def test_two_revisions_are_compared_without_a_working_tree(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    history(git)
    git("clone", "-q", "--bare", ".", "../bare")
    monkeypatch.chdir("../bare")
    status, out, err = told(capsys, "diff", "main..topic", "--format", "json")
    assert (status, err) == (0, "")
    assert files(out) == [
        ("main:nets/a.yaml", "topic:nets/a.yaml"),
        ("main:nets/parts/fold.yaml", "topic:nets/parts/fold.yaml"),
        ("main:nets/whole.yaml", "topic:nets/whole.yaml"),
    ]
    assert [(each["file"], each["kind"]) for each in json.loads(out)["alone"]] == [
        ("main:gone.yaml", "removed"),
        ("topic:nets/new.yaml", "added"),
    ]
    status, out, _ = told(capsys, "breaking", "main..topic", "nets/parts", "nets/whole.yaml")
    assert (status, out.splitlines()[-1]) == (1, "2 specs compared: 2 errors")
    assert "  --> topic:nets/parts/fold.yaml:4:10\n" in out


def test_the_working_tree_is_no_side_of_a_range(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    history(git)
    write("nets/whole.yaml", "no spec at all: [")
    write("nets/unknown.yaml", SPEC)
    os.remove("nets/a.yaml")
    assert told(capsys, "diff", "HEAD..HEAD", "nets/a.yaml")[:2] == (0, "no spec changed\n")
    assert files(told(capsys, "diff", "HEAD~1..", "--format", "json")[1]) == [
        ("HEAD~1:nets/a.yaml", "HEAD:nets/a.yaml")
    ]
    assert files(told(capsys, "diff", "--git", "HEAD~1..HEAD", "--format", "json")[1]) == [
        ("HEAD~1:nets/a.yaml", "HEAD:nets/a.yaml")
    ]
    status, _, err = told(capsys, "diff", "HEAD~1..HEAD", "nets/unknown.yaml")
    assert (status, err) == (
        2,
        "error[no-such-file]: there is no file `nets/unknown.yaml`, neither in `HEAD~1` nor in `HEAD`\n",
    )


def test_three_dots_are_from_where_the_second_left_the_first(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    history(git)
    base = git("merge-base", "main", "topic").strip()[:12]
    status, out, _ = told(capsys, "diff", "main...topic", "--format", "json")
    assert (status, files(out)) == (
        0,
        [
            (f"{base}:nets/parts/fold.yaml", "topic:nets/parts/fold.yaml"),
            (f"{base}:nets/whole.yaml", "topic:nets/whole.yaml"),
        ],
    )
    git("checkout", "-q", "--orphan", "other")
    git("commit", "-q", "-m", "nothing in common")
    status, _, err = told(capsys, "diff", "main...other")
    assert (status, err.splitlines()) == (
        2,
        [
            "error[git-failed]: the two revisions have no commit in common",
            "   = help: is the clone whole? `git fetch --unshallow` gets the rest",
        ],
    )


def test_a_spec_that_was_moved_between_two_revisions(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    git("mv", "a.yaml", "b.yaml")
    git("commit", "-q", "-m", "moved")
    os.chmod("b.yaml", 0o755)
    git("commit", "-q", "-a", "-m", "executable")
    assert told(capsys, "diff", "HEAD~2..HEAD")[:2] == (0, "1 spec: the networks are equal\n")
    assert told(capsys, "diff", "HEAD~1..HEAD")[:2] == (0, "no spec changed\n")


@pytest.mark.parametrize("text", ["nothing..HEAD", "HEAD..nothing", "HEAD...-h", "--output=x..HEAD"])
def test_a_range_with_an_end_that_there_is_not(git: Git, capsys: pytest.CaptureFixture[str], text: str) -> None:
    commit(git, {"a.yaml": SPEC})
    status, out, err = told(capsys, "diff", f"--git={text}")
    assert (status, out) == (2, "")
    assert err.startswith("error[git-failed]: git knows no revision ")
    assert sorted(os.listdir()) == [".git", "a.yaml"]


def test_a_file_that_is_there_is_no_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("HEAD:a.yaml").write_text(SPEC, encoding="utf-8")
    assert split_revision("HEAD:a.yaml") is None


TRAINED = """netspec: 1
hyperparameters: {W: 3}
variants: {huge: {W: 5}}
input: 2
layers:
  - dense: {width: W, activation: relu, as: first}
  - dense: {width: 1, as: last}
output: 1
"""


@pytest.mark.parametrize(
    ("folder", "arguments"),
    [
        (".", ("--against", "HEAD")),
        (".", ("HEAD...", "the nets")),
        (".", ("HEAD:the nets/one.yaml", "the nets/one.yaml")),
        (".", ("copy of one.yaml", "the nets/one.yaml")),
        ("the nets", ("--against", "HEAD")),
        ("the nets", ("HEAD:./one.yaml", "one.yaml")),
    ],
)
def test_what_becomes_of_a_checkpoint_is_said_by_a_command_to_type(
    git: Git, capsys: pytest.CaptureFixture[str], folder: str, arguments: tuple[str, ...]
) -> None:
    commit(git, {"the nets/one.yaml": TRAINED, "copy of one.yaml": TRAINED})
    files = {variant: os.path.abspath(f"of-{variant}.safetensors") for variant in ("", "huge")}
    for variant, file in files.items():
        assert main(["build", "copy of one.yaml", "-o", file, *(["--variant", variant] if variant else [])]) == 0
    write("the nets/one.yaml", TRAINED.replace("as: last", "as: lost").replace("huge: {W: 5}", "huge: {W: 6}"))
    if arguments[0] == "HEAD...":
        git("commit", "-q", "-a", "-m", "another")
        arguments = ("HEAD~1...", *arguments[1:])
    capsys.readouterr()
    with contextlib.chdir(folder):
        helps = [line for line in told(capsys, "breaking", *arguments)[1].splitlines() if "help: " in line]
        assert sorted(line.partition("what ")[0] for line in helps) == [
            "   = help: ", "   = help: keep the name: `as: last`; ",
        ]  # fmt: skip
        for line in helps:
            name, *typed = shlex.split(line.partition("what becomes of a checkpoint: `")[2].removesuffix("`"))
            file = files["huge" if "--variant" in typed else ""]
            status, out, err = told(capsys, *(file if word == "FILE" else word for word in typed))
            assert (name, status, err) == ("netspec", 0, "")
            assert out.splitlines()[1] == "it keeps the function"


def test_a_name_that_no_line_can_have_is_left_open_in_what_is_to_be_typed(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git, {"a`b.yaml": SPEC})
    write("a`b.yaml", WIDER)
    out = told(capsys, "breaking", "--against", "HEAD")[1]
    assert "   = help: what becomes of a checkpoint: `netspec plan NEW.yaml --weights FILE --from OLD.yaml`\n" in out

"""The history of a network, in real repositories."""

import csv
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import netspec.review
import netspec.review.history
from netspec.cli import log, main
from netspec.diagnostics import SystemFault
from netspec.diagnostics.letters import ascii_only
from netspec.review.history import Found, History, Look, Step, Work
from netspec.review.log_text import Log, render_text
from netspec.review.objects import Objects
from netspec.review.opening import Opener
from netspec.review.repository import Repository

SCHEMA: dict[str, Any] = json.loads((Path(netspec.review.__file__).parent / "log.schema.json").read_text("utf-8"))
SPEC = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\nactivation: relu\noutput: 1\n"
WIDER = SPEC.replace("[3, 3]", "[3, 4]")
PART = "netspec: 1\nname: fold\ninput: 1\nwidths: [3]\nactivation: relu\noutput: 1\n"
WHOLE = "netspec: 1\nname: whole\ncompose: [parts/fold.yaml, parts/fold.yaml]\n"

Git = Callable[..., str]


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Return a function that runs git in a new repository, which is the working folder; nobody's settings are read."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("COLUMNS", "100")
    folder = tmp_path / "repository"
    folder.mkdir()
    monkeypatch.chdir(folder)
    hours = iter(range(10_000))

    def run(*arguments: str) -> str:
        when = f"{1_700_000_000 + 3600 * next(hours)} +0100"
        names = ("-c", "user.name=ada", "-c", "user.email=a@example.org")
        done = subprocess.run(
            ["git", *names, *arguments],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "GIT_AUTHOR_DATE": when, "GIT_COMMITTER_DATE": when},
        )
        return done.stdout

    run("init", "-q", "-b", "main")
    return run


def commit(git: Git, subject: str, **files: str) -> str:
    """Write files, `a` to `a.yaml`, commit all that is there, and return the commit's name."""
    for name, text in files.items():
        path = Path(f"{name.replace('__', '/')}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    git("add", "-A")
    git("commit", "-q", "--allow-empty", "-m", subject)
    return git("rev-parse", "HEAD").strip()


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Return the exit code of `netspec log`, and what it wrote."""
    status = main(["log", *arguments])
    out, err = capsys.readouterr()
    return status, out, err


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """Return the commits that `netspec log` lists, by its schema."""
    status, out, err = told(capsys, *arguments, "--format", "json")
    assert (status, err) == (0, "")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    found: list[dict[str, Any]] = document["commits"]
    return found


def subjects(commits: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return subject and kind of each."""
    return [(each["subject"], each["kind"]) for each in commits]


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_each_commit_says_what_it_did_the_newest_first(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    names = [
        commit(git, "begin", net=SPEC),
        commit(git, "say what it is", net=f"# a net\n{SPEC}"),
        commit(git, "widen", net=WIDER),
        commit(git, "another function", net=WIDER.replace("relu", "tanh")),
        commit(git, "something else", other=PART),
    ]
    status, out, err = told(capsys, "net.yaml")
    assert (status, err) == (0, "")
    assert out == (
        "net.yaml: 3 commits\n"
        "\n"
        f"{names[3][:8]}  2023-11-15  another function (ada)  [function]\n"
        "          regions, at least 20 → –, regions, at most 20 → –\n"
        "          ~ h_1 … h_2 activation relu → tanh\n"
        "\n"
        f"{names[2][:8]}  2023-11-15  widen (ada)  [weights]\n"
        "          parameters 22 → 27 (+5), capacity 6 → 7 (+1), macs 15 → 19 (+4),\n"
        "          activation_bytes 24 → 32 (+8)\n"
        "          ~ beta_1 (3,) → (4,), ~ Omega_1 (3, 3) → (4, 3), ~ Omega_2 (1, 3) → (1, 4)\n"
        "\n"
        f"{names[0][:8]}  2023-11-15  begin (ada)\n"
        "          new: parameters 22, capacity 6, depth 2, macs 15, activation_bytes 24\n"
        "\n"
        "1 commit changed the text alone; `--all` lists it\n"
    )
    every = listed(capsys, "net.yaml", "--all")
    assert subjects(every) == [
        ("another function", "changed"), ("widen", "changed"), ("say what it is", "text"), ("begin", "came"),
    ]  # fmt: skip
    assert [each["commit"] for each in every] == [names[3], names[2], names[1], names[0]]
    assert every[1]["facts"]["parameters"] == 27
    assert every[1]["changes"][0] == {"name": "parameters", "before": 22, "after": 27}


def test_files_that_a_version_refers_to_belong_to_its_history(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "a part", parts__fold=PART)
    commit(git, "the whole", nets__whole=WHOLE.replace("parts/", "../parts/"))
    commit(git, "wider part", parts__fold=PART.replace("[3]", "[5]"))
    commit(git, "another part", parts__clip=PART.replace("[3]", "[7]"))
    commit(git, "which is used", nets__whole=WHOLE.replace("parts/fold", "../parts/clip"))
    commit(git, "the old part, which nobody reads", parts__fold=PART)
    commit(git, "and changed", parts__clip=PART)
    assert subjects(listed(capsys, "nets/whole.yaml", "--all")) == [
        ("and changed", "changed"),
        ("which is used", "changed"),
        ("wider part", "changed"),
        ("the whole", "came"),
    ]


def test_a_commit_without_a_network_is_told_and_survived(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    first = commit(git, "begin", net=SPEC)
    commit(git, "break", net=SPEC.replace("input", "inpt"))
    commit(git, "break more", net="netspec: [\n")
    commit(git, "mend", net=WIDER)
    found = listed(capsys, "net.yaml")
    assert subjects(found) == [
        ("mend", "changed"), ("break more", "invalid"), ("break", "invalid"), ("begin", "came"),
    ]  # fmt: skip
    assert (found[0]["since"], found[0]["changes"][0]["before"]) == (first, 22)
    assert found[2]["fault"] == "unknown-key: there is no key `inpt` here"
    assert listed(capsys, "net.yaml", "--max", "1")[0]["since"] == first, "which lies further back than is told"
    out = told(capsys, "net.yaml")[1]
    assert f"compared with {first[:8]}, the last one before that has a network\n" in out
    assert "          has no network: unknown-key: there is no key `inpt` here\n" in out


def test_a_spec_that_was_never_sound_comes_when_it_is(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "broken from the start", net="netspec: 1\n")
    commit(git, "mend", net=SPEC)
    assert subjects(listed(capsys, "net.yaml")) == [("mend", "came"), ("broken from the start", "invalid")]


def test_what_is_asserted_stands_in_no_way(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=f"{SPEC}expect: {{parameters: 22}}\n")
    commit(git, "widen", net=f"{WIDER}expect: {{parameters: 22}}\n")
    assert subjects(listed(capsys, "net.yaml")) == [("widen", "changed"), ("begin", "came")]


def test_a_file_that_went_and_came_back(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=SPEC)
    os.remove("net.yaml")
    commit(git, "away")
    commit(git, "back", net=WIDER)
    assert subjects(listed(capsys, "net.yaml")) == [("back", "came"), ("away", "gone"), ("begin", "came")]
    os.remove("net.yaml")
    commit(git, "away again")
    status, out, _ = told(capsys, "net.yaml", "--max", "1")
    assert (status, out.splitlines()[3:]) == (
        0,
        ["          the file is gone", "", "there are older commits: `--max 1` is how many are looked at"],
    )


def test_a_file_that_had_another_name_is_followed(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, "an older file of this name", nets__b="netspec: 1\nK: 9\nwidths: 100\ninput: 7\noutput: 8\n")
    os.remove("nets/b.yaml")
    commit(git, "which went", a=SPEC)
    commit(git, "widen", a=WIDER)
    git("mv", "a.yaml", "c.yaml")
    commit(git, "rename")
    Path("nets").mkdir(exist_ok=True)
    git("mv", "c.yaml", "nets/b.yaml")
    commit(git, "rename and change", nets__b=WIDER.replace("[3, 4]", "[3, 5]"))
    commit(git, "at last", nets__b=WIDER)
    found = listed(capsys, "nets/b.yaml")
    assert [(each["subject"], each["kind"], each["path"], each["was"]) for each in found] == [
        ("at last", "changed", "nets/b.yaml", None),
        ("rename and change", "changed", "nets/b.yaml", "c.yaml"),
        ("rename", "text", "c.yaml", "a.yaml"),
        ("widen", "changed", "a.yaml", None),
        ("which went", "came", "a.yaml", None),
    ]
    assert "          was a.yaml\n" in told(capsys, "nets/b.yaml")[1]
    monkeypatch.setattr(netspec.review.history, "_MOST_RENAMES", 1)
    assert [each["subject"] for each in listed(capsys, "nets/b.yaml")] == ["at last", "rename and change"]


def test_merges_are_told_where_they_are_none_of_their_parents(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    long = (
        "netspec: 1\nname: net\ninput: 4\n# what comes now is a list\nlayers:\n  - dense: 3\n  - relu\n  - dense: 3\n"
    )
    long += "  - relu\n  - dense: 3\n  - relu\n  - dense: 1\noutput: 1\n"
    commit(git, "begin", net=long)
    git("checkout", "-q", "-b", "side")
    commit(git, "on the side", net=long.replace("dense: 1", "dense: 2").replace("output: 1", "output: 2"))
    git("checkout", "-q", "main")
    commit(git, "on main", net=long.replace("input: 4", "input: 5"))
    git("merge", "-q", "--no-edit", "-m", "both", "side")
    found = listed(capsys, "net.yaml")
    assert [(each["subject"], each["merge"], each["kind"]) for each in found] == [
        ("both", True, "changed"),
        ("on main", False, "changed"),
        ("on the side", False, "changed"),
        ("begin", False, "came"),
    ]
    assert found[0]["changes"][0] == {"name": "parameters", "before": 46, "after": 50}
    rows = told(capsys, "net.yaml", "--format", "markdown")[1].splitlines()[4:6]
    assert [row.split(" | ")[3] for row in rows] == ["both, a merge", "on main"]
    git("checkout", "-q", "-b", "other")
    commit(git, "elsewhere", other=PART)
    git("checkout", "-q", "main")
    commit(git, "go on", net=long)
    git("merge", "-q", "--no-edit", "-m", "nothing new", "other")
    assert subjects(listed(capsys, "net.yaml"))[0] == ("go on", "changed")


def test_a_shallow_clone_says_where_it_ends(git: Git, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    commit(git, "begin", net=SPEC)
    commit(git, "widen", net=WIDER)
    commit(git, "narrow", net=SPEC)
    git("clone", "-q", "--depth", "2", f"file://{tmp_path}/repository", str(tmp_path / "clone"))
    os.chdir(tmp_path / "clone")
    assert subjects(listed(capsys, "net.yaml")) == [("narrow", "changed"), ("widen", "edge")]
    assert (
        "          what was before is not in this clone, which is shallow: parameters 27,"
        in told(capsys, "net.yaml")[1]
    )


def test_since_and_max_bound_what_is_looked_at(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    for width in range(3, 9):
        commit(git, f"width {width}", net=SPEC.replace("[3, 3]", f"[3, {width}]"))
    assert [name for name, _ in subjects(listed(capsys, "net.yaml", "--since", "HEAD~2"))] == ["width 8", "width 7"]
    assert [name for name, _ in subjects(listed(capsys, "net.yaml", "--max", "3"))] == ["width 8", "width 7", "width 6"]
    assert [name for name, _ in subjects(listed(capsys, "HEAD~4:net.yaml"))] == ["width 4", "width 3"]
    assert told(capsys, "net.yaml", "--max", "6")[1].endswith("activation_bytes 24\n"), "there are no more"


def test_facts_that_are_named_are_told_alone(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=SPEC)
    commit(git, "tanh", net=SPEC.replace("relu", "tanh"))
    wide = commit(git, "widen", net=WIDER.replace("relu", "tanh"))
    status, out, _ = told(capsys, "net.yaml", "--fact", "depth", "--fact", "flops")
    assert (status, out.splitlines()[2:4]) == (
        0,
        [f"{wide[:8]}  2023-11-15  widen (ada)  [weights]", "          flops 43 → 53 (+10)"],
    )
    assert "tanh" not in out
    found = listed(capsys, "net.yaml", "--fact", "regions_at_most")
    assert [(each["subject"], each["changes"]) for each in found] == [
        ("tanh", [{"name": "regions, at most", "before": 16, "after": None}]),
        ("begin", []),
    ]
    status, _, err = told(capsys, "net.yaml", "--fact", "parameter")
    assert (status, err) == (
        2,
        "error[usage]: --fact: `parameter` is no fact\n   = help: did you mean `parameters`?\n",
    )


def test_a_tensor_is_followed_through_its_names(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    head = "netspec: 1\nname: net\ninput: 4\nlayers:\n"
    dense, out = "  - dense: {width: 4, activation: relu}\n", "  - dense: 1\noutput: 1\n"
    commit(git, "begin", net=head + dense + out)
    commit(git, "one more in front", net=head + "  - dense: {width: 8, activation: tanh}\n" + dense + out)
    commit(git, "wider", net=head + "  - dense: {width: 9, activation: tanh}\n" + dense + out)
    commit(git, "a text", net=head + "  - dense: {width: 9, activation: tanh} #\n" + dense + out)
    found = listed(capsys, "net.yaml", "--tensor", "dense_2.beta")
    assert [(each["subject"], [(one["kind"], one["before"]) for one in each["tensors"]]) for each in found] == [
        ("one more in front", [("renamed", "dense.beta")]),
        ("begin", [("added", None)]),
    ]
    found = listed(capsys, "net.yaml", "--tensor", "dense_2.Omega")
    assert [each["subject"] for each in found] == ["wider", "one more in front", "begin"]
    assert told(capsys, "net.yaml", "--tensor", "dense_2.Omega")[1].endswith(
        "begin (ada)\n          new\n          + dense.Omega (4, 4)\n"
    )
    status, _, err = told(capsys, "net.yaml", "--tensor", "dense_2.Omeg")
    assert (status, err) == (
        2,
        "error[usage]: --tensor: no commit has a tensor `dense_2.Omeg`\n   = help: did you mean `dense_2.Omega`?\n",
    )


def test_a_tensor_of_rounds_is_meant_by_its_own_name(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    text = "netspec: 1\nname: net\ninput: 4\nK: 5\nwidths: 6\nactivation: relu\noutput: 1\n"
    commit(git, "begin", net=text)
    commit(git, "wider", net=text.replace("widths: 6", "widths: 7"))
    commit(git, "deeper", net=text.replace("widths: 6", "widths: 7").replace("K: 5", "K: 6"))
    assert [each["subject"] for each in listed(capsys, "net.yaml", "--tensor", "Omega_3")] == ["wider", "begin"]
    found = listed(capsys, "net.yaml", "--tensor", "Omega_5")
    assert [each["subject"] for each in found][-2:] == ["wider", "begin"]
    assert told(capsys, "net.yaml", "--tensor", "Omega_9")[0] == 2


def test_csv_has_a_column_for_each_fact(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "=1+1", net=SPEC)
    commit(git, "widen", net=WIDER)
    rows = list(csv.DictReader(told(capsys, "net.yaml", "--format", "csv")[1].splitlines()))
    assert [(row["subject"], row["parameters"], row["state"], row["receptive_field"]) for row in rows] == [
        ("widen", "27", "0", ""),
        ("'=1+1", "22", "0", ""),
    ]
    assert rows[0]["regions_at_most"] == "20"
    head = told(capsys, "net.yaml", "--format", "csv", "--fact", "macs")[1].partition("\n")[0]
    assert head == "commit,date,author,subject,path,kind,class,macs"


def test_markdown_takes_no_subject_for_its_own(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    first = commit(git, "<b>|`x`", net=SPEC)
    assert told(capsys, "net.yaml", "--format", "markdown")[1] == (
        "### `net.yaml`\n"
        "\n"
        "| commit | date | author | subject | class | what changed |\n"
        "|---|---|---|---|---|---|\n"
        f"| `{first[:8]}` | 2023-11-15 | ada | \\<b\\>\\|\\`x\\` |  | new: parameters 22, capacity 6, depth 2, "
        "macs 15, activation\\_bytes 24 |\n"
    )


def test_what_a_commit_says_reaches_no_terminal_as_it_is(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("net.yaml").write_text(SPEC, encoding="utf-8")
    git("add", "-A")
    git("-c", "user.name=\x1b[31mred\u202e", "commit", "-q", "-m", "\x1b[2Jgone \u202e" + "x" * 5_000)
    status, out, _ = told(capsys, "net.yaml")
    assert status == 0
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "U+001B[2Jgone U+202E" in out
    assert max(len(line) for line in out.splitlines()) <= 100


def test_a_commit_of_any_bytes_is_read(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=SPEC)
    tree = git("rev-parse", "HEAD^{tree}").strip()
    for head, day, author, subject in (
        ("author a <b> 1 +0000\ncommitter a <b> 1 +0000\nencoding ISO-8859-1\n\n\xe9\n", "1970-01-01", "a", "\xe9"),
        ("author a <b> 99999999999999999 +0000\ncommitter a <b> 1 +0000\n\ns\n", "", "a", "s"),
        ("author a <b> x +99\ncommitter a <b> 1 +0000\n\n", "", "a", ""),
        ("author a <b> 0 -0030\ncommitter a <b> 1 +0000\n\n\n\nlate\n", "1969-12-31", "a", "late"),
        ("committer a <b> 1 +0000\n\nauthor x <y> 3 +0000\n", "", "", "author x <y> 3 +0000"),
    ):
        data = f"tree {tree}\n{head}".encode("latin-1")
        made = subprocess.run(
            ["git", "hash-object", "-t", "commit", "-w", "--stdin", "--literally"],
            input=data, capture_output=True, check=True,
        ).stdout.decode().strip()  # fmt: skip
        with Objects() as objects:
            found = objects.commit(made)
        assert (found.parents, found.day, found.author, found.subject) == ((), day, author, subject)


def test_a_commit_that_is_too_large_says_nothing_of_itself(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    made = commit(git, "x" * 1_000, net=SPEC)
    monkeypatch.setattr("netspec.review.objects._MOST_COMMIT", 500)
    with Objects() as objects:
        assert objects.commit(made) == ((), "", "", "")


def test_trees_are_kept_as_long_as_they_are_few(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [commit(git, "one", a=SPEC), commit(git, "two", b=SPEC), commit(git, "three", c=SPEC)]
    monkeypatch.setattr("netspec.review.objects._MOST_ENTRIES", 4)
    with Objects() as objects:
        found = [sorted(objects.tree_of(name)) for name in (*names, names[0])]
    assert found == [["a.yaml"], ["a.yaml", "b.yaml"], ["a.yaml", "b.yaml", "c.yaml"], ["a.yaml"]]


def test_no_setting_of_the_repository_runs_a_program_or_changes_what_is_read(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    commit(git, "begin", net=SPEC)
    commit(git, "widen", net=WIDER)
    before = told(capsys, "net.yaml", "--format", "json")
    Path("monitor").write_text("#!/bin/sh\ntouch was-run\n", encoding="utf-8")
    os.chmod("monitor", 0o755)
    for key, value in (
        ("core.fsmonitor", "./monitor"), ("diff.external", "./monitor"), ("core.pager", "./monitor"),
        ("pager.log", "./monitor"), ("gpg.program", "./monitor"), ("log.showSignature", "true"),
        ("log.date", "relative"), ("format.pretty", "oneline"), ("log.follow", "true"), ("log.mailmap", "true"),
        ("alias.rev-list", "!./monitor"), ("diff.renames", "false"), ("log.decorate", "full"),
    ):  # fmt: skip
        git("config", key, value)
    Path(".mailmap").write_text("eve <eve@example.org> <a@example.org>\n", encoding="utf-8")
    git("replace", "HEAD", "HEAD~1")
    assert told(capsys, "net.yaml", "--format", "json") == before
    assert not Path("was-run").exists()


def test_nothing_is_written_into_the_repository(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=SPEC)
    git("mv", "net.yaml", "other.yaml")
    commit(git, "rename")
    before = {path: path.read_bytes() for path in Path(".git").rglob("*") if path.is_file()}
    assert told(capsys, "other.yaml")[0] == 0
    assert {path: path.read_bytes() for path in Path(".git").rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("name", ["a b.yaml", "ä.yaml", "a\nb.yaml", "-a.yaml", "a[1].yaml", ":a.yaml", "*.yaml"])
def test_names_that_git_would_read_otherwise(git: Git, capsys: pytest.CaptureFixture[str], name: str) -> None:
    commit(git, "another", nets__a1=SPEC)
    Path("nets", name).write_text(SPEC, encoding="utf-8")
    commit(git, "this one")
    assert subjects(listed(capsys, f"nets/{name}")) == [("this one", "came")]


def test_paths_are_from_the_working_folder(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, "begin", nets__net=SPEC)
    top = os.getcwd()
    monkeypatch.chdir("nets")
    for spec in ("net.yaml", "./net.yaml", f"{top}/nets/net.yaml", "HEAD:nets/net.yaml", "HEAD:./net.yaml"):
        assert subjects(listed(capsys, spec)) == [("begin", "came")]
    for spec in ("../../net.yaml", "HEAD:../../net.yaml", "/net.yaml", "HEAD:/net.yaml", "../.."):
        status, _, err = told(capsys, spec)
        assert (status, err) == (2, f"error[no-such-file]: `{spec}`: the path leads out of the repository\n")


def test_a_folder_has_no_history(git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    commit(git, "begin", nets__net=SPEC)
    monkeypatch.chdir("nets")
    for spec in (".", "..", "../nets/", "HEAD:nets", "HEAD:."):
        assert told(capsys, spec) == (
            2,
            "",
            (
                f"error[usage]: `{spec}`: it is a folder, not a regular file\n"
                "   = help: a history is of one spec: name its file\n"
            ),
        )


def test_a_spec_may_have_the_name_that_a_folder_had(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("net.yaml").mkdir()
    commit(git, "a folder", **{"net.yaml__part": "a: text\n"})
    git("rm", "-q", "-r", "net.yaml")
    commit(git, "a file", net=SPEC)
    commit(git, "wider", net=WIDER)
    assert subjects(listed(capsys, "net.yaml")) == [("wider", "changed"), ("a file", "came")]


def test_a_file_that_no_commit_has(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    name = commit(git, "begin", net=SPEC)
    Path("new.yaml").write_text(SPEC, encoding="utf-8")
    status, _, err = told(capsys, "new.yaml")
    assert (status, err) == (
        2,
        (
            f"error[no-such-file]: no commit before `{name[:7]}` has a file `new.yaml`\n"
            "   = help: the path is from the top of the repository\n"
        ),
    )
    assert told(capsys, "net.yaml", "--since", "nothing")[2].startswith("error[git-failed]: git knows no revision")
    git("checkout", "-q", "--orphan", "empty")
    assert told(capsys, "net.yaml")[2].startswith("error[git-failed]: git knows no revision `HEAD`")


def test_a_link_in_a_commit_is_not_followed(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    Path("real.yaml").write_text(SPEC, encoding="utf-8")
    os.symlink("real.yaml", "net.yaml")
    commit(git, "a link")
    (found,) = listed(capsys, "net.yaml")
    assert (found["kind"], found["fault"]) == (
        "invalid",
        "file-is-a-link: `{}:net.yaml`: `net.yaml` is a symbolic link, and none is followed".format(
            found["commit"][:7]
        ),
    )


def test_several_processes_give_what_one_does(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in range(3, 12):
        commit(git, f"width {width}", net=SPEC.replace("[3, 3]", f"[3, {width}]") if width != 6 else "netspec: 2\n")
    alone = listed(capsys, "net.yaml", "--jobs", "1")
    monkeypatch.setattr(log, "_WORTH_FORKING", 1)
    monkeypatch.setattr(log, "_WORTH_SPAWNING", 1)
    assert listed(capsys, "net.yaml", "--jobs", "3") == alone
    assert len(alone) == 9


def test_what_nobody_foresaw_is_left_to_the_parent() -> None:
    assert log.Attempt(Look(False))(Work("no object", "net.yaml", "net.yaml")) is None


def test_an_interrupt_gives_what_was_found_by_then(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for width in range(3, 7):
        commit(git, f"width {width}", net=SPEC.replace("[3, 3]", f"[3, {width}]"))
    whole = Look.__call__
    seen = iter((False, False, True))

    def interrupted(self: Look, work: Work) -> Found:
        if next(seen):
            raise KeyboardInterrupt
        return whole(self, work)

    monkeypatch.setattr(Look, "__call__", interrupted)
    status, out, _ = told(capsys, "net.yaml")
    assert status == 130
    assert [line.split("  ")[2] for line in out.splitlines() if "(ada)" in line] == ["width 6 (ada)", "width 5 (ada)"]
    assert out.endswith("\ninterrupted: 2 commits were not looked at\n")


def test_a_picture_is_a_file_and_a_suffix_says_what_is_written(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    commit(git, "begin", net=SPEC)
    commit(git, "break", net="netspec: 1\n")
    commit(git, "widen", net=WIDER)
    for name, start in (("h.svg", b"<?xml"), ("h.png", b"\x89PNG"), ("h.pdf", b"%PDF"), ("h.csv", b"commit,date,")):
        assert told(capsys, "net.yaml", "-o", name) == (0, "", "")
        assert Path(name).read_bytes().startswith(start)
    before = Path("h.svg").read_bytes()
    told(capsys, "net.yaml", "-o", "h.svg")
    assert Path("h.svg").read_bytes() == before
    for arguments, words in (
        (("-o", "h.doc"), "error[usage]: -o: the name `h.doc` does not say what to write\n"),
        (("--format", "svg"), "error[usage]: a picture is written to a file\n"),
    ):
        status, _, err = told(capsys, "net.yaml", *arguments)
        assert (status, err.partition("   =")[0]) == (2, words)


def test_variants_are_told_where_the_network_as_written_does_not_say_it(
    git: Git, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "netspec: 1\nname: net\nhyperparameters: {D: 3}\ninput: 1\nwidths: [D, 3]\noutput: 1\n"
    commit(git, "begin", net=f"{text}variants: {{wide: {{D: 5}}}}\n")
    commit(git, "wider", net=f"{text}variants: {{wide: {{D: 6}}}}\n")
    found = listed(capsys, "net.yaml", "--all")
    assert [(row["subject"], row["text"]) for row in found[0]["rows"]][:2] == [
        ("variant wide", "{D: 5} → {D: 6}"),
        ("variant wide: hyperparameter D", "5 → 6"),
    ]


def test_a_long_subject_has_its_class_below(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    first = commit(git, "begin", net=SPEC)
    commit(git, "w" * 68, net=WIDER)
    commit(git, "text", net=f"{WIDER}#\n")
    lines = told(capsys, "net.yaml", "--all")[1].splitlines()
    assert (lines[3], lines[5].split("  ")[2:], lines[6]) == (
        "          text only",
        [f"{'w' * 68} (ada)"],
        f"{' ' * 22}[weights]",
    )
    assert told(capsys, "net.yaml", "--fact", "parameters", "--all")[1].count("(ada)") == 3
    assert told(capsys, "net.yaml", "--format", "markdown")[1].endswith(
        "\n\n1 commit changed the text alone; `--all` lists it.\n"
    )
    assert told(capsys, "HEAD:net.yaml", "--since", first, "--format", "markdown", "--fact", "depth")[1] == (
        "### `HEAD:net.yaml`\n\nHEAD:net.yaml: no commit changed it so.\n"
    )


def test_a_tensor_that_went_is_found_where_it_did(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net="netspec: 1\ninput: 4\nlayers:\n  - dense: 3\n  - prelu\n  - dense: 1\noutput: 1\n")
    commit(git, "plain", net="netspec: 1\ninput: 4\nlayers:\n  - dense: 3\n  - relu\n  - dense: 1\noutput: 1\n")
    (name,) = {
        each["before"] for step in listed(capsys, "net.yaml") for each in step["tensors"] if each["kind"] == "removed"
    }
    found = listed(capsys, "net.yaml", "--tensor", name)
    assert [(each["subject"], each["tensors"][0]["kind"]) for each in found] == [
        ("plain", "removed"),
        ("begin", "added"),
    ]


def test_versions_that_come_back_are_those_that_they_were(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    for width in (*range(3, 18), 3):
        commit(git, f"width {width}", net=SPEC.replace("[3, 3]", f"[3, {width}]"))
    found = listed(capsys, "net.yaml")
    assert [each["facts"]["capacity"] for each in found] == [6, *(3 + width for width in range(17, 2, -1))]


def test_a_bound_of_many_digits_is_a_power_of_ten_in_a_table(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net="netspec: 1\ninput: 2\nK: 1000000\nwidths: 9\nactivation: relu\noutput: 1\n")
    out = told(capsys, "net.yaml", "--format", "csv", "--fact", "regions_at_most")[1]
    assert out.splitlines()[1].rpartition(",")[2].startswith("10^")
    pytest.importorskip("matplotlib")
    assert told(capsys, "net.yaml", "--fact", "regions_at_most", "-o", "h.svg")[0] == 0


def test_facts_that_are_no_numbers_are_not_drawn(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("matplotlib")
    layers = "layers:\n  - dense: 8\n  - relu\n  - dense: 2\noutput: [T, 2]\n"
    commit(git, "begin", net=f"netspec: 1\nsymbols: [T]\ninput: [T, 4]\n{layers}")
    status, _, err = told(capsys, "net.yaml", "--fact", "macs", "-o", "h.svg")
    assert (status, err.partition("\n")[0]) == (2, "error[usage]: macs: no commit has a number to be drawn")
    assert told(capsys, "net.yaml", "-o", "h.svg")[0] == 0
    wide = "netspec: 1\ninput: 1\nK: 300\nwidths: 20\nactivation: relu\noutput: 1\n"
    commit(git, "deep", net=wide)
    assert told(capsys, "net.yaml", "--fact", "regions_at_most", "-o", "h.svg", "--max", "1")[2].startswith(
        "error[usage]: regions at most: no commit has a number to be drawn"
    ), "it has more digits than a float"


def test_an_object_that_is_lost_is_a_fault_of_the_repository(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=SPEC)
    blob = git("rev-parse", "HEAD:net.yaml").strip()
    commit(git, "widen", net=WIDER)
    os.remove(f".git/objects/{blob[:2]}/{blob[2:]}")
    status, out, err = told(capsys, "net.yaml")
    assert (status, out) == (2, "")
    assert err == (f"error[git-failed]: the repository has no object `{blob}`\n   = help: is the clone whole?\n")


def test_an_interrupt_before_anything_was_found_is_told_by_the_exit_code(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, "begin", net=SPEC)

    def interrupted(*_: object) -> list[str]:
        raise KeyboardInterrupt

    monkeypatch.setattr(Repository, "history", interrupted)
    assert told(capsys, "net.yaml") == (130, "", "")


def test_a_spec_is_not_written_over(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, "begin", net=SPEC)
    status, _, err = told(capsys, "net.yaml", "--format", "json", "-o", "net.yaml")
    assert (status, err.startswith("error[target-is-input]")) == (2, True)
    assert Path("net.yaml").read_text(encoding="utf-8") == SPEC


def test_of_many_tensors_a_few_are_kept_and_the_others_counted(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    widths = ", ".join(str(width) for width in range(3, 33))
    commit(git, "begin", net=SPEC.replace("3, 3", widths))
    commit(git, "widen", net=SPEC.replace("3, 3", widths.replace("3", "4")))
    monkeypatch.setattr(netspec.review.history, "_MOST_KEPT", 10)
    found = listed(capsys, "net.yaml")
    assert [(len(each["tensors"]), each["unlisted"]) for each in found] == [(16, 0), (20, 42)]
    out = told(capsys, "net.yaml")[1]
    assert "… 10 more" in out


def test_text_can_do_with_ascii_and_a_narrow_terminal() -> None:
    step = Step("0" * 40, "2023-11-15", "ada", "a subject of some words " * 4, False, "gone", "net.yaml")
    text = render_text(Log("net.yaml", [step], 2), width=40, encode=ascii_only)
    assert text.isascii()
    assert max(map(len, text.splitlines()[:-1])) <= 40
    painted = render_text(Log("net.yaml", [step]), colour=True)
    assert "\x1b[33m00000000\x1b[0m" in painted
    assert render_text(Log("net.yaml", [])) == "net.yaml: no commit changed it so\n"


def test_history_can_be_followed_without_a_terminal(git: Git) -> None:
    commit(git, "begin", net=SPEC)
    name = commit(git, "widen", net=WIDER)
    heard: list[tuple[int, int]] = []
    with Opener() as opener:
        history = History(opener, name, "net.yaml", None, 10)
        look = Look(Repository().is_shallow())

        def looks(works: Sequence[Work]) -> Iterator[Found]:
            return map(look, works)

        history.follow(looks, lambda done, of: heard.append((done, of)))
        look.close()
        look.close()
        assert [step.subject for step in history.steps] == ["widen", "begin"]
        assert (history.left, history.cut, heard) == (0, False, [(1, 2), (2, 2)])
        with pytest.raises(SystemFault, match=r"has a file `other\.yaml`"):
            History(opener, name, "other.yaml", None, 10).follow(looks, lambda done, of: None)

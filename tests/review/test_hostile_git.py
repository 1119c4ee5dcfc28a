"""Repositories that somebody else has set up: what they name is not run, and what they hold is not believed."""

import hashlib
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from netspec.diagnostics import SystemFault
from netspec.review.git import ask
from netspec.review.objects import Kind, Objects
from tests.review.repositories import Git, commit, told, write

SPEC = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
PARTIAL = "   = help: the clone is partial, and nothing is fetched: `git fetch --refetch --no-filter` gets the rest"
FSCK = "   = help: `git fsck` says what is damaged"
WIDER = SPEC.replace("[3, 3]", "[3, 4]")


@pytest.mark.parametrize("name", ["evil", "Evil.one", "a=b", os.fsdecode(b"\xff")])
@pytest.mark.parametrize("kind", ["clean", "process"])
def test_a_filter_that_attributes_name_is_not_run(
    git: Git, capsys: pytest.CaptureFixture[str], name: str, kind: str
) -> None:
    commit(git, {"a.yaml": SPEC, "b.yaml": SPEC})
    write("filter", "#!/bin/sh\ntouch was-run\ncat\n")
    os.chmod("filter", 0o755)
    git("config", f"filter.{name}.{kind}", "./filter")
    git("config", f"filter.{name}.required", "true")
    git("mv", "a.yaml", "c.yaml")
    write("c.yaml", SPEC + "# moved\n")  # which git reads to see whether it is the one that is gone
    git("rm", "-q", "--cached", "b.yaml")
    git("add", "-N", "b.yaml")
    Path(".gitattributes").write_bytes(os.fsencode(f"*.yaml filter={name}\n"))
    for command in (("diff", "--git", "HEAD"), ("breaking", "--against", "HEAD"), ("report", "--against", "HEAD")):
        status, _, err = told(capsys, *command)
        assert (status, err) == (0, "")
        assert not Path("was-run").exists()
    assert told(capsys, "diff", "--git", "HEAD")[1].splitlines()[-1] == "1 spec: the networks are equal"


@pytest.mark.parametrize("key", ["remote.origin.uploadpack", "core.sshCommand"])
def test_nothing_is_fetched_into_a_partial_clone(git: Git, capsys: pytest.CaptureFixture[str], key: str) -> None:
    commit(git, {"a.yaml": SPEC})
    commit(git, {"a.yaml": WIDER})
    blob = git("rev-parse", "HEAD~1:a.yaml").strip()
    os.remove(f".git/objects/{blob[:2]}/{blob[2:]}")
    write("program", "#!/bin/sh\ntouch was-run\n")
    os.chmod("program", 0o755)
    url = "ssh://nobody/x" if key == "core.sshCommand" else "file://" + os.getcwd()
    for name, value in (
        ("core.repositoryFormatVersion", "1"), ("extensions.partialClone", "origin"), ("remote.origin.url", url),
        ("remote.origin.promisor", "true"), (key, os.path.abspath("program")), ("protocol.file.allow", "always"),
        ("protocol.ssh.allow", "always"),
    ):  # fmt: skip
        git("config", name, value)
    assert told(capsys, "diff", "HEAD~1..") == (
        2,
        "",
        f"error[git-failed]: the repository has no object `{blob}`\n{PARTIAL}\n",
    )
    git("mv", "a.yaml", "b.yaml")
    write("b.yaml", f"{WIDER}# moved\n")
    status, _, err = told(capsys, "diff", "--git", "HEAD~1")
    assert (status, err.splitlines()[-1]) == (2, PARTIAL)
    assert not Path("was-run").exists()


def test_messages_of_git_are_known_in_any_language(git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen = tmp_path / "git"
    seen.write_text('#!/bin/sh\nprintf %s "$LC_ALL"\n', encoding="utf-8")
    seen.chmod(0o755)
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert ask("rev-parse") == b"C"


def written(kind: str, data: bytes) -> str:
    """Write an object that git would not write; return its name."""
    whole = f"{kind} {len(data)}\0".encode() + data
    name = hashlib.sha1(whole).hexdigest()
    path = Path(".git/objects", name[:2], name[2:])
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(zlib.compress(whole))
    return name


def chain(blob: str) -> str:
    """Return a blob that looks like a commit of one that looks like a commit, and so on."""
    for _ in range(1500):
        blob = written("blob", f"tree {blob}\n".encode())
    return blob


def entry(blob: str, mode: bytes = b"100644", name: bytes = b"part.yaml", size: int = 20) -> str:
    """Return a tree with one entry."""
    return written("tree", mode + name + b"\0" + bytes.fromhex(blob)[:size])


NO_LIST = "is no list of files"
KINDS: dict[str, tuple[Callable[[str], str], str]] = {
    "a blob": (lambda blob: blob, "is a blob, not a tree"),
    "blobs one after the other": (chain, "is a blob, not a tree"),
    "no space": (lambda blob: entry(blob), NO_LIST),
    "a mode of letters": (lambda blob: entry(blob, b"10x644 "), NO_LIST),
    "a mode without end": (lambda blob: entry(blob, b"7" * 9999 + b" "), NO_LIST),
    "a name cut short": (lambda blob: entry(blob, b"100644 ", size=10), NO_LIST),
    "a file that is there twice": (
        lambda blob: written("tree", 2 * (b"100644 part.yaml\0" + bytes.fromhex(blob))),
        "lists a file twice",
    ),
    "a name with a slash": (lambda blob: entry(blob, b"100644 ", b"a/b"), NO_LIST),
}


@pytest.mark.parametrize("case", KINDS)
def test_a_folder_that_is_no_tree_is_refused(git: Git, capsys: pytest.CaptureFixture[str], case: str) -> None:
    commit(git, {"part.yaml": SPEC})
    blob = git("rev-parse", "HEAD:part.yaml").strip()
    made, words = KINDS[case]
    folder = made(blob)
    root = written("tree", b"40000 nets\0" + bytes.fromhex(folder))
    damaged = git("commit-tree", root, "-m", "damaged").strip()
    status, out, err = told(capsys, "diff", f"{damaged}:nets/part.yaml", "part.yaml")
    assert (status, out, err.splitlines()) == (
        2,
        "",
        [
            f"error[git-failed]: the object `{folder}` {words}",
            FSCK,
        ],
    )
    assert told(capsys, "log", f"{damaged}:nets/part.yaml")[0] == 2


def test_a_file_that_is_a_tree_and_a_folder_that_is_a_commit_are_refused(git: Git) -> None:
    commit(git, {"part.yaml": SPEC})
    head, root = git("rev-parse", "HEAD", "HEAD^{tree}").split()
    with Objects() as objects:
        for name, kind, words in (
            (root, "blob", "is a tree, not a blob"),
            (head, "blob", "is a commit, not a blob"),
            (head, "tree", "is a commit, not a tree"),
            (root, "commit", "is a tree, not a commit"),
        ):
            with pytest.raises(SystemFault) as caught:
                objects.size_and_data(name, 1000, cast("Kind", kind))
            assert caught.value.headline == f"the object `{name}` {words}"
        with pytest.raises(SystemFault, match="names no tree"):
            objects.tree_of(written("commit", b"parent x\n"))
        for name in (head[:12], head.upper(), "HEAD"):
            with pytest.raises(SystemFault, match="names no object"):
                objects.size_and_data(name, 1000)


def test_a_folder_that_is_too_large_is_not_listed(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(git, {"part.yaml": SPEC})
    monkeypatch.setattr("netspec.review.objects.MOST", 10)
    with Objects() as objects, pytest.raises(SystemFault) as caught:
        objects.tree(git("rev-parse", "HEAD^{tree}").strip())
    assert caught.value.headline == "a folder of the revision is too large to be listed"


def test_an_object_holds_what_its_name_says(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    commit(git, {"a.yaml": SPEC})
    blob = git("rev-parse", "HEAD:a.yaml").strip()
    path = Path(".git/objects", blob[:2], blob[2:])
    path.chmod(0o644)
    path.write_bytes(zlib.compress(f"blob {len(WIDER)}\0{WIDER}".encode()))
    assert told(capsys, "diff", "HEAD:a.yaml", "a.yaml") == (
        2,
        "",
        f"error[git-failed]: the object `{blob}` does not hold what its name says\n{FSCK}\n",
    )


def test_parents_are_those_that_a_commit_names(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    for text in (SPEC, WIDER, SPEC.replace("[3, 3]", "[3, 5]")):
        commit(git, {"a.yaml": text})
    before = told(capsys, "log", "a.yaml", "--format", "json")
    newest, _, oldest = git("rev-list", "HEAD").split()
    Path(".git/info").mkdir(exist_ok=True)
    Path(".git/info/grafts").write_text(f"{newest} {oldest}\n", encoding="ascii")
    assert told(capsys, "log", "a.yaml", "--format", "json") == before
    assert before[1].count('"commit"') == 3


UNKNOWN = """\
error[no-such-file]: git knows of no file below `other`, neither here nor in `HEAD`
   = help: `git add` what is new, or name its files
"""


@pytest.mark.parametrize("word", ["LITERAL", "GLOB", "NOGLOB", "ICASE"])
def test_what_the_environment_says_of_paths_does_not_count(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, word: str
) -> None:
    commit(git, {"nets/a.yaml": SPEC, "nets/B.yaml": SPEC})
    write("nets/a.yaml", WIDER)
    write("nets/B.yaml", WIDER)
    for paths in ((), (".",), ("nets/*.yaml",), ("nets/b.yam[l]",)):
        before = told(capsys, "breaking", "--against", "HEAD", *paths)
        with monkeypatch.context() as context:
            context.setenv(f"GIT_{word}_PATHSPECS", "1")
            assert told(capsys, "breaking", "--against", "HEAD", *paths) == before


def test_a_folder_in_which_git_knows_of_no_file_is_not_passed_over(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(git, {"nets/a.yaml": SPEC})
    write("other/b.yaml", SPEC)
    for command in (("breaking", "--against"), ("diff", "--git"), ("report", "--against")):
        assert told(capsys, *command, "HEAD", "other") == (
            2,
            "",
            UNKNOWN,
        )
    assert told(capsys, "breaking", "--against", "HEAD", "nets")[0] == 0
    monkeypatch.setenv("GIT_WORK_TREE", "/")
    assert told(capsys, "breaking", "--against", "HEAD", ".")[0] == 2

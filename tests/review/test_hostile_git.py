"""Repositories that somebody else has set up: what they name is not run, and what they hold is not believed."""

import os
from pathlib import Path

import pytest

from netspec.review.git import ask
from tests.review.repositories import Git, commit, told, write

SPEC = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
PARTIAL = "   = help: the clone is partial, and nothing is fetched: `git fetch --refetch --no-filter` gets the rest"
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

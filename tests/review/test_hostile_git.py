"""Repositories that somebody else has set up: what they name is not run, and what they hold is not believed."""

import os
from pathlib import Path

import pytest

from tests.review.repositories import Git, commit, told, write

SPEC = "netspec: 1\nname: net\ninput: 1\nwidths: [3, 3]\noutput: 1\n"
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

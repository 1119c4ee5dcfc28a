"""git merges specs by netspec, and shows what their changes mean, in real repositories."""

import os
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path

import pytest

import netspec
from netspec.cli import main
from netspec.diagnostics import SystemFault, show
from netspec.diagnostics.pages import page
from netspec.merging import settings

SPEC = """netspec: 1
name: classifier
input: [1, 28, 28]
layers:
  - conv: {channels: 6, kernel: 5, padding: 2, activation: relu}
  - max_pool: 2
  - flatten
  - dense: {width: 64, activation: relu}
  - dense: 10
output: 10
"""
OURS = SPEC.replace("channels: 6", "channels: 8")
THEIRS = SPEC.replace("padding: 2", "padding: 1").replace("  - flatten", "  - batch_norm  # steadies\n  - flatten")
MERGED = OURS.replace("padding: 2", "padding: 1").replace("  - flatten", "  - batch_norm  # steadies\n  - flatten")
CLASH = SPEC.replace("channels: 6", "channels: 16")
ALIASES = ("alias.spec-diff", "alias.spec-log", "alias.spec-show")
BEGIN = "# netspec git: begin\n"
UNENDED = "# netspec git: begin (behind a line without an end)\n"
OWN = "*.yaml diff=netspec merge=netspec\n"
END = "# netspec git: end\n"
SOURCE = Path(netspec.__file__).parent.parent


class Git:
    """Runs git in a repository, for nobody in particular; `home` is where this user's own settings are."""

    def __init__(self, folder: Path, home: Path) -> None:
        self.folder, self.home = folder, home
        self.said = ""

    def run(self, *arguments: str, fails: bool = False) -> str:
        """Return what git prints; what it says besides is in `said`."""
        names = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        done = subprocess.run(["git", *names, *arguments], cwd=self.folder, capture_output=True, text=True, check=False)
        self.said = done.stdout + done.stderr
        assert (done.returncode != 0) == fails, self.said
        return done.stdout

    def commit(self, text: str, name: str = "net.yaml") -> None:
        """Write a file and commit it."""
        self.write(text, name)
        self.run("add", "-A")
        self.run("commit", "-q", "-m", "a change")

    def write(self, text: str, name: str = "net.yaml") -> None:
        """Write a file, its folders made."""
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name: str = "net.yaml") -> str:
        """Return what a file holds."""
        return (self.folder / name).read_text(encoding="utf-8")

    def branches(self, base: str, ours: str, theirs: str, name: str = "net.yaml") -> None:
        """Make two branches of a file: `main`, which is checked out, and `other`."""
        self.commit(base, name)
        self.run("checkout", "-q", "-b", "other")
        self.commit(theirs, name)
        self.run("checkout", "-q", "main")
        self.commit(ours, name)


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Return a new repository, in a folder with blanks and a quote in its name, which is the working folder."""
    for name in [name for name in os.environ if name.startswith(("GIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))
    folder = tmp_path / "it's my clone"
    folder.mkdir()
    monkeypatch.chdir(folder)
    found = Git(folder, home)
    found.run("init", "-q", "-b", "main")
    return found


def install(*arguments: str) -> None:
    """Install the drivers."""
    assert main(["git", "install", *arguments]) == 0


def test_a_merge_of_two_branches_keeps_the_edits_of_both(git: Git) -> None:
    git.branches(SPEC, OURS, THEIRS)
    git.run("merge", "-q", "--no-edit", "other", fails=True)  # as text they are in conflict
    git.run("merge", "--abort")
    install()
    git.run("merge", "-q", "--no-edit", "other")
    assert git.read() == MERGED
    assert git.run("status", "--short") == ""


def test_facts_beside_specs_stay_whole_where_both_sides_wrote_them(git: Git) -> None:
    install()
    for branch, text in (("main", SPEC), ("other", THEIRS), ("main", OURS)):
        if branch == "other":
            git.run("checkout", "-q", "-b", "other")
        elif text == OURS:
            git.run("checkout", "-q", "main")
        git.write(text)
        assert main(["facts", "-q", "."]) == 0
        git.commit(text)
    ours = git.read("net.facts.json")
    git.run("merge", "-q", "--no-edit", "other", fails=True)
    assert (git.read(), git.read("net.facts.json")) == (MERGED, ours)
    assert git.run("status", "--short") == "UU net.facts.json\nM  net.yaml\n"
    assert main(["facts", "--check", "-q", "."]) == 1
    assert main(["facts", "-q", "."]) == 0
    git.run("commit", "-q", "-a", "-m", "merged")
    assert main(["facts", "--check", "-q", "."]) == 0


def test_a_rebase_a_cherry_pick_and_a_stash_are_merges_too(git: Git) -> None:
    install()
    git.branches(SPEC, OURS, THEIRS)
    git.run("checkout", "-q", "-b", "rebased", "other")
    git.run("rebase", "-q", "main")
    assert git.read() == MERGED
    git.run("checkout", "-q", "-b", "picked", "main")
    git.run("cherry-pick", "other")
    assert git.read() == MERGED
    git.run("checkout", "-q", "main~1")
    git.write(THEIRS)
    git.run("stash")
    git.run("checkout", "-q", "main")
    git.run("stash", "pop")
    assert git.read() == MERGED


def test_a_conflict_stays_in_the_file_and_is_told_with_its_line(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    install()
    git.branches(SPEC, OURS, CLASH.replace("padding: 2", "padding: 1"))
    git.run("merge", "other", fails=True)
    assert "net.yaml:5: both changed `channels` of `conv`: 6 → 8 and 6 → 16\n" in git.said
    assert git.run("status", "--short") == "UU net.yaml\n"
    lines = git.read().splitlines()
    assert [lines[4][:8], lines[6][:8], lines[8], lines[10][:8]] == ["<<<<<<< ", "||||||| ", "=======", ">>>>>>> "]
    assert lines[5] == "  - conv: {channels: 8, kernel: 5, padding: 1, activation: relu}"
    assert lines[9] == "  - conv: {channels: 16, kernel: 5, padding: 1, activation: relu}"
    capsys.readouterr()
    assert main(["validate", "net.yaml"]) == 1
    assert capsys.readouterr().out.startswith("error[merge-conflict]: a merge left this conflict")
    git.write(OURS)
    git.run("commit", "-q", "-a", "-m", "settled")


def test_the_marks_are_as_long_as_git_wants_them(git: Git) -> None:
    install()
    git.commit("net.yaml conflict-marker-size=11\n", ".gitattributes")
    git.branches(SPEC, OURS, CLASH)
    git.run("merge", "other", fails=True)
    assert git.read().splitlines()[4].startswith("<<<<<<<<<<< ")
    assert "\n===========\n" in git.read()


def test_a_merge_that_is_not_valid_is_a_conflict_without_marks(git: Git) -> None:
    install()
    connected = "netspec: 1\nname: n\ninput: 1\nwidths: [3, 3]\nactivation: relu\noutput: 1\n"
    one = connected.replace("[3, 3]", "[3, 3, 3]")
    git.branches(connected, one, connected.replace("relu", "[relu, tanh]"))
    git.run("merge", "other", fails=True)
    assert "net.yaml: merged without a conflict, but what came of it is not valid\n" in git.said
    assert "error[activation-count]: there are 3 hidden layers, but activation lists 2\n" in git.said
    assert git.read() == one.replace("relu", "[relu, tanh]")
    assert git.run("status", "--short") == "UU net.yaml\n"


def test_parts_are_read_in_the_working_tree(git: Git) -> None:
    """A part of theirs that is not there yet is no fault of the merge."""
    install()
    part = "netspec: 1\nname: fold\ninput: 1\nwidths: [3]\noutput: 1\n"
    whole = "netspec: 1\nname: whole\ncompose: [fold.yaml, fold.yaml]\n"
    git.commit(part, "nets/fold.yaml")
    git.commit(whole, "nets/whole.yaml")
    git.run("checkout", "-q", "-b", "other")
    git.write(part.replace("fold", "clip"), "nets/clip.yaml")
    git.commit(whole.replace("fold.yaml]", "clip.yaml]"), "nets/whole.yaml")
    git.run("checkout", "-q", "main")
    git.commit(f"{whole}description: twice\n", "nets/whole.yaml")
    git.run("merge", "-q", "--no-edit", "other")
    assert git.read("nets/whole.yaml") == whole.replace("fold.yaml]", "clip.yaml]") + "description: twice\n"


def test_yaml_that_is_no_spec_is_merged_as_text(git: Git) -> None:
    install()
    jobs = "".join(f"job{i}: {i}\n" for i in range(9))
    git.branches(jobs, jobs.replace("job1: 1", "job1: 7"), jobs.replace("job7: 7", "job7: 1"), "ci.yml")
    git.run("merge", "--no-edit", "other")
    assert git.read("ci.yml") == jobs.replace("job1: 1", "job1: 7").replace("job7: 7", "job7: 1")
    assert "ci.yml: merged line by line, as text: ours is no spec, since it does not say `netspec:`\n" in git.said


def test_bytes_that_are_no_text_are_left_to_git_and_stay_in_conflict(git: Git) -> None:
    install()
    for text, branch in ((b"\0base", "main"), (b"\0theirs", "other"), (b"\0ours", "main")):
        git.run("checkout", "-q", *(["-b"] if branch == "other" else []), branch, fails=False) if git.run(
            "log", "--oneline", "--all"
        ) else None
        (git.folder / "net.yaml").write_bytes(text)
        git.run("add", "-A")
        git.run("commit", "-q", "-m", "bytes")
    git.run("merge", "other", fails=True)
    assert (git.folder / "net.yaml").read_bytes() == b"\0ours"
    assert git.run("status", "--short") == "UU net.yaml\n"
    assert git.run("show", ":3:net.yaml") == "\0theirs"


def test_both_adding_a_file_is_merged(git: Git) -> None:
    install()
    git.commit("x\n", "readme")
    git.run("checkout", "-q", "-b", "other")
    git.commit(SPEC + "dtype: float64\n")
    git.run("checkout", "-q", "main")
    git.commit(SPEC)
    git.run("merge", "-q", "--no-edit", "other")
    assert git.read() == SPEC + "dtype: float64\n"


@pytest.mark.parametrize("name", ["-o.yaml", "a b/it's %P.yaml", "$(touch pwned).yaml", "ä;`touch pwned`.yaml"])
def test_names_of_files_are_names_and_nothing_else(git: Git, name: str) -> None:
    install()
    git.branches(SPEC, OURS, THEIRS, name)
    git.run("merge", "-q", "--no-edit", "other")
    assert git.read(name) == MERGED
    assert git.run("spec-diff", "other", "HEAD").count("layers\n") == 1
    assert not list(git.folder.rglob("pwned"))


def test_code_in_the_repository_is_not_run(git: Git) -> None:
    """git runs a driver at the top of the working tree, where a branch may have put anything."""
    install()
    git.commit("raise SystemExit(7)\n", "netspec/__init__.py")
    git.commit("raise SystemExit(7)\n", "typer.py")
    git.branches(SPEC, OURS, THEIRS)
    git.run("merge", "-q", "--no-edit", "other")
    assert git.read() == MERGED


def test_where_netspec_is_gone_git_merges_as_text(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no conflict goes unmarked."""
    monkeypatch.setattr(sys, "executable", "/nowhere/bin/python")
    install()
    git.branches(SPEC, OURS, CLASH)
    git.run("merge", "other", fails=True)
    assert git.read().count("<<<<<<<") == 1
    rest = "".join(f"# line {i}\n" for i in range(9))
    git.run("merge", "--abort")
    git.run("checkout", "-q", "-b", "more")
    git.commit(OURS + rest)
    git.run("checkout", "-q", "main")
    git.commit(OURS.replace("name: classifier", "name: digits"))
    git.run("merge", "-q", "--no-edit", "more")
    assert git.read() == OURS.replace("name: classifier", "name: digits") + rest


@pytest.mark.parametrize("left", ["nothing", "a module that is broken"])
def test_where_netspec_alone_is_gone_git_merges_as_text(
    git: Git, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    """An interpreter without it, or with a part of it, exits with 1, as a merge that left conflicts would."""
    venv.create(tmp_path / "venv", with_pip=False)
    python = tmp_path / "venv" / "bin" / "python"
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.setattr(sys, "executable", str(python))
    if left != "nothing":
        paths = sysconfig.get_paths(vars={"base": str(tmp_path / "venv"), "platbase": str(tmp_path / "venv")})
        package = Path(paths["purelib"]) / "netspec"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("import a_module_that_is_not_there\n", encoding="utf-8")
    assert subprocess.run([python, "-P", "-m", "netspec.cli"], capture_output=True, check=False).returncode == 1
    install()
    git.branches(SPEC, OURS, CLASH)
    git.run("merge", "other", fails=True)
    assert git.run("status", "--short") == "UU net.yaml\n"
    assert git.read().count("<<<<<<<") == git.read().count(">>>>>>>") == 1
    assert "channels: 8," in git.read()
    assert "channels: 16," in git.read()


def test_a_merge_that_fails_leaves_ours_as_it_was(git: Git, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that git does not merge lines into a file that has marks already."""

    def fail(*_: object) -> None:
        raise RuntimeError("a fault of netspec")

    monkeypatch.setattr("netspec.cli.merge.tell", fail)
    for name, text in (("o", SPEC), ("a", OURS), ("b", CLASH)):
        git.write(text, name)
    assert main(["git", "merge", "--path=net.yaml", "--", "o", "a", "b"]) == 2
    assert git.read("a") == OURS


def test_a_plain_diff_stays_plain_and_the_aliases_say_what_a_change_means(git: Git) -> None:
    install()
    git.commit(SPEC)
    git.commit(SPEC.replace("dense: 10", "dense: 12").replace("output: 10", "output: 12"))
    assert "\n@@ -6,5 +6,5 @@ layers:\n" in git.run("diff", "HEAD~1")
    git.commit(SPEC)
    git.commit(THEIRS)
    assert "+  - batch_norm  # steadies\n" in git.run("diff", "HEAD~1")
    told = git.run("spec-diff", "HEAD~1")
    assert told.splitlines()[:2] == [
        "net.yaml",
        "WEIGHTS: a checkpoint of the old network does not load one to one",
    ]
    assert "  + batch_norm  batch_norm: gives (6, 13, 13)  [weights]\n" in told
    assert "batch_norm: gives" in git.run("spec-log", "-1")
    assert "batch_norm: gives" in git.run("spec-show")
    assert "batch_norm: gives" not in git.run("log", "-p", "-1")


def test_semantic_diffs_may_be_wanted_always(git: Git) -> None:
    install("--ext-diff")
    git.commit(SPEC)
    git.commit(THEIRS)
    assert "batch_norm: gives" in git.run("diff", "HEAD~1")
    assert "batch_norm: gives" in git.run("diff", "--ext-diff", "HEAD~1")
    assert "batch_norm: gives" in git.run("log", "-p", "-1", "--ext-diff")
    assert "+  - batch_norm  # steadies\n" in git.run("log", "-p", "-1")
    assert "+  - batch_norm  # steadies\n" in git.run("diff", "--no-ext-diff", "HEAD~1")
    install()
    assert "+  - batch_norm  # steadies\n" in git.run("diff", "HEAD~1")


def test_listings_show_shapes_and_counts_beside_the_text(git: Git) -> None:
    install("--textconv")
    git.commit(SPEC)
    git.commit(OURS)
    for command in (("diff", "HEAD~1"), ("log", "-p", "-1"), ("show",)):
        found = git.run(*command)
        changed = [
            line for line in found.splitlines() if line.startswith(("+", "-")) and line[:3] not in ("+++", "---")
        ]
        assert changed[:4] == [
            "-  - conv: {channels: 6, kernel: 5, padding: 2, activation: relu}  # gives (6, 28, 28), 156 parameters",
            "-  - max_pool: 2  # gives (6, 14, 14)",
            "-  - flatten  # gives (1176,)",
            "-  - dense: {width: 64, activation: relu}  # gives (64,), 75,328 parameters",
        ], changed
        assert "-#   parameters: 76,134" in changed
        assert "+#   parameters: 101,274" in changed
    assert git.run("for-each-ref", "--format=%(refname)", "refs/notes") == "refs/notes/textconv/netspec\n"
    assert "# gives" not in git.run("diff", "--no-textconv", "HEAD~1")


def test_a_listing_of_what_is_no_sound_spec_is_its_text(git: Git) -> None:
    install("--textconv")
    git.commit("a: 1\n")
    git.commit("netspec: 1\n")
    assert "\n-a: 1\n+netspec: 1\n" in git.run("diff", "HEAD~1")
    git.commit("x" * (2 << 20))
    assert f"+{'x' * (2 << 20)}\n" in git.run("diff", "HEAD~1")


def test_what_has_no_network_on_a_side_is_shown_line_by_line(git: Git) -> None:
    install()
    git.commit("a: 1\nb: 2\n")
    git.commit("a: 1\nb: 3\n")
    assert git.run("spec-diff", "HEAD~1") == (
        "diff --git a/net.yaml b/net.yaml\n--- a/net.yaml\n+++ b/net.yaml\n@@ -1,2 +1,2 @@\n a: 1\n-b: 2\n+b: 3\n"
    )
    git.run("rm", "-q", "net.yaml")
    assert "--- a/net.yaml\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a: 1\n-b: 3\n" in git.run("spec-diff", "HEAD")
    (git.folder / "net.yaml").symlink_to("/etc/passwd")
    git.run("add", "-A")
    assert "root" not in git.run("spec-diff", "HEAD")


def test_a_renamed_spec_is_compared_under_both_names(git: Git) -> None:
    install()
    git.commit(SPEC)
    git.run("mv", "net.yaml", "digits.yaml")
    git.commit(OURS, "digits.yaml")
    assert git.run("spec-diff", "-M", "HEAD~1").startswith("net.yaml → digits.yaml\nWEIGHTS")


def _state(git: Git) -> dict[str, bytes]:
    """Return all that an installation may write."""
    paths = [*(git.folder / ".git").rglob("*"), *git.home.rglob("*")]
    return {str(path): path.read_bytes() for path in paths if path.is_file() and "objects" not in path.parts}


@pytest.mark.parametrize("attributes", [None, "", "*.png binary\n", "*.png binary"])
@pytest.mark.parametrize("scope", [(), ("--global",)])
def test_taking_it_away_leaves_what_was_before_to_the_byte(
    git: Git, scope: tuple[str, ...], attributes: str | None
) -> None:
    (git.home / ".gitconfig").write_text("[user]\n\tname = me\n[alias]\n\tst = status\n", encoding="utf-8")
    path = git.home / ".config" / "git" / "attributes" if scope else git.folder / ".git" / "info" / "attributes"
    if attributes is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(attributes, encoding="utf-8")
    before = _state(git)
    install(*scope, "--textconv", "--ext-diff")
    once = _state(git)
    assert once != before
    install(*scope, "--textconv", "--ext-diff")
    assert _state(git) == once
    install(*scope, "--pattern", "nets/*.yaml")
    assert "nets/*.yaml diff=netspec merge=netspec\n" in path.read_text(encoding="utf-8")
    assert "*.yml" not in path.read_text(encoding="utf-8")
    assert main(["git", "uninstall", *scope]) == 0
    assert _state(git) == before


def test_a_dry_run_says_what_it_would_set_and_sets_nothing(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    before = _state(git)
    install("--dry-run", "--pattern", "*.yaml", "--pattern", "nets/*.yml")
    said = capsys.readouterr().out
    assert _state(git) == before
    names = ("merge.netspec.name", "merge.netspec.driver", "diff.netspec.xfuncname", *ALIASES)
    goal = settings.settings(settings.Wanted())
    assert said == "".join(f"set    {name} = {show(goal[name], 1024)}\n" for name in names) + (
        "write  .git/info/attributes = *.yaml, nets/*.yml, *.facts.json, nets/*.yml.facts.json\n"
    )
    install()
    said = capsys.readouterr().out
    assert said == "".join(f"set    {name}\n" for name in names) + "write  .git/info/attributes\n"
    install()
    assert capsys.readouterr().out == "".join(f"{line}  (as it was)\n" for line in said.splitlines())


def test_the_status_says_what_is_set(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["git", "status"]) == 1
    assert capsys.readouterr().out == "nothing is installed\n"
    install()
    capsys.readouterr()
    assert main(["git", "status"]) == 0
    assert capsys.readouterr().out == (
        "merge.netspec.name: installed\nmerge.netspec.driver: installed\ndiff.netspec.xfuncname: installed\n"
        "alias.spec-diff: installed\nalias.spec-log: installed\nalias.spec-show: installed\n"
        ".git/info/attributes: *.yaml, *.yml, *.facts.json, *.yml.facts.json\n"
    )
    monkeypatch.setattr(sys, "executable", "/another/python")
    assert main(["git", "status"]) == 1
    assert "merge.netspec.driver: of another netspec, or an older one\n" in capsys.readouterr().out
    git.run("config", "--replace-all", "merge.netspec.driver", "mine")
    assert main(["git", "status"]) == 1
    assert "merge.netspec.driver: set by somebody else: mine\n" in capsys.readouterr().out
    assert main(["git", "uninstall"]) == 0
    assert git.run("config", "merge.netspec.driver") == "mine\n"
    capsys.readouterr()
    assert main(["git", "uninstall"]) == 0
    assert capsys.readouterr().out == "nothing was installed\n"


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Return the message of a command that fails."""
    capsys.readouterr()
    assert main(["git", *arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_what_somebody_else_set_is_never_written_over(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    git.run("config", "alias.spec-log", "log --oneline -- specs")
    before = _state(git)
    assert refused(capsys, "install") == (
        "error[git-settings]: git's setting `alias.spec-log` is `log --oneline -- specs`, which netspec did not write\n"
        "   = help: take it away: git config --local --unset-all alias.spec-log\n"
    )
    assert _state(git) == before


def test_the_page_of_the_fault_shows_what_is_said(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    git.run("config", "alias.spec-log", "log --oneline -- specs")
    shown = page("git-settings")
    assert shown is not None
    assert f"```text\n{refused(capsys, 'install')}```\n" in shown


def test_files_that_have_a_driver_already_keep_it(git: Git, capsys: pytest.CaptureFixture[str]) -> None:
    git.write("*.yaml merge=union\n", ".gitattributes")
    before = _state(git)
    assert refused(capsys, "install") == (
        "error[git-settings]: files such as `*.yaml` have the attribute `merge: union` already\n"
        "   = help: name the specs by --pattern, such as --pattern 'nets/*.yaml'\n"
    )
    git.write("*.json merge=union diff=json\n", ".gitattributes")
    before = _state(git)
    assert refused(capsys, "install") == (
        "error[git-settings]: files such as `*.facts.json` have the attribute `merge: union` already\n"
        "   = help: name the specs by --pattern, such as --pattern 'nets/*.yaml'\n"
    )
    assert _state(git) == before
    git.write("*.facts.json -merge diff=json\n", ".gitattributes")
    install()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("pipe", "it is a named pipe, not a regular file"),
        ("folder", "it is a folder, not a regular file"),
        ("large", "it holds 1,048,577 bytes, the limit is 1,048,576"),
    ],
)
@pytest.mark.parametrize("action", ["install", "uninstall", "status"])
def test_attributes_that_cannot_be_read_are_told_and_nothing_is_set(
    git: Git, capsys: pytest.CaptureFixture[str], action: str, kind: str, words: str
) -> None:
    if action != "install":
        install()
    path = git.folder / ".git" / "info" / "attributes"
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"#" * ((1 << 20) + 1))
    before = git.run("config", "--list", "--local")
    assert refused(capsys, action).splitlines()[0] == (
        f"error[git-settings]: git's attributes `.git/info/attributes` cannot be read: {words}"
    )
    assert git.run("config", "--list", "--local") == before


def test_an_installation_that_fails_leaves_nothing_behind(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Be it that the attributes cannot be written, or one of the settings."""
    path = git.folder / ".git" / "info"
    path.mkdir(exist_ok=True)
    (path / "attributes").write_text("*.png binary", encoding="utf-8")
    before = _state(git)

    def fail(scope: settings.Scope, name: str, values: Sequence[str]) -> None:
        if name == "alias.spec-log" and values:
            raise SystemFault("git-failed", "git cannot write")
        whole(scope, name, values)

    whole = settings._set
    monkeypatch.setattr(settings, "_set", fail)
    assert refused(capsys, "install") == "error[git-failed]: git cannot write\n"
    assert _state(git) == before
    monkeypatch.setattr(settings, "_set", whole)
    monkeypatch.setattr(settings, "_write", lambda path, text: fail("--local", "alias.spec-log", [path, text]))
    assert refused(capsys, "install") == "error[git-failed]: git cannot write\n"
    assert _state(git) == before


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (f"{BEGIN}{OWN}*.png binary\n{END}*.jpg binary\n", "*.png binary\n*.jpg binary\n"),
        (f"{BEGIN}{OWN}{END}"[:-1], ""),
        (f"a b\n{UNENDED}{OWN}{END}*.jpg binary\n", "a b\n*.jpg binary\n"),
        (f"a b\n{UNENDED}{OWN}{END}", "a b"),
        (f"# netspec git: beginnings\n*.png binary\n{BEGIN}{OWN}{END}", "# netspec git: beginnings\n*.png binary\n"),
        (f"{BEGIN}{OWN}x {END}*.png binary\n{END}", f"x {END}*.png binary\n"),
        (f"{BEGIN}*.png binary\n", f"{BEGIN}*.png binary\n"),
        (f"{BEGIN}*.png binary\n{BEGIN}{OWN}{END}", f"{BEGIN}*.png binary\n"),
    ],
)
def test_lines_of_somebody_else_among_ours_stay(git: Git, text: str, left: str) -> None:
    path = git.folder / ".git" / "info" / "attributes"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    assert main(["git", "uninstall"]) == 0
    assert path.read_text(encoding="utf-8") == left
    path.write_text(text, encoding="utf-8")
    install()
    assert set(left.splitlines()) <= set(path.read_text(encoding="utf-8").splitlines())
    assert main(["git", "uninstall"]) == 0
    assert path.read_text(encoding="utf-8") == left


@pytest.mark.parametrize("pattern", ["", "!a.yaml", "#a", "a b", 'a"b', "a\nb", "specs/", "x" * 300, "a\\b", "[attr]x"])
def test_a_pattern_is_one_word_that_git_takes_for_files(
    git: Git, capsys: pytest.CaptureFixture[str], pattern: str
) -> None:
    before = _state(git)
    assert refused(capsys, "install", f"--pattern={pattern}").startswith("error[usage]: --pattern: `")
    assert _state(git) == before


def test_a_bare_repository_and_none_at_all_are_told(
    git: Git, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git.run("init", "-q", "--bare", str(tmp_path / "bare"))
    monkeypatch.chdir(tmp_path / "bare")
    for action in ("install", "uninstall", "status"):
        assert refused(capsys, action) == (
            "error[git-failed]: the repository is bare: nothing is merged in it\n"
            "   = help: install into a clone of it, or with --global\n"
        )
    monkeypatch.chdir(tmp_path)
    for action in ("install", "uninstall", "status"):
        assert refused(capsys, action) == (
            "error[git-failed]: the working folder lies in no git repository\n   = help: run it within one\n"
        )
    install("--global")
    assert main(["git", "status", "--global"]) == 0


def test_a_worktree_and_a_folder_below_the_top_are_of_the_repository(
    git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git.branches(SPEC, OURS, THEIRS)
    git.run("worktree", "add", "-q", str(tmp_path / "a tree"), "other")
    (tmp_path / "a tree" / "nets").mkdir()
    monkeypatch.chdir(tmp_path / "a tree" / "nets")
    install()
    tree = Git(tmp_path / "a tree", git.home)
    tree.run("merge", "-q", "--no-edit", "main")
    assert tree.read() == MERGED
    assert git.read() == OURS
    git.run("merge", "-q", "--no-edit", "other~1")
    assert (git.folder / ".git" / "info" / "attributes").exists()


def test_a_submodule_has_settings_of_its_own(git: Git, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    inner = Git(tmp_path / "inner", git.home)
    inner.folder.mkdir()
    inner.run("init", "-q", "-b", "main")
    inner.branches(SPEC, OURS, THEIRS)
    git.run("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(inner.folder), "nets")
    monkeypatch.chdir(git.folder / "nets")
    install()
    module = Git(git.folder / "nets", git.home)
    module.run("merge", "-q", "--no-edit", "origin/other")
    assert module.read() == MERGED
    assert (git.folder / ".git" / "modules" / "nets" / "info" / "attributes").exists()
    assert "merge" not in git.run("config", "--list", "--local")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("install", "a.yaml"), "`netspec git install` takes no files"),
        (("merge", "a"), "`netspec git merge` is what git calls, with 3 arguments"),
        (("diff", "a"), "`netspec git diff` is what git calls, with 7 or 9 arguments"),
        (("textconv",), "`netspec git textconv` is what git calls, with 1 arguments"),
    ],
)
def test_what_git_calls_is_not_called_by_hand(
    git: Git, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert refused(capsys, *arguments).splitlines()[0] == f"error[usage]: {words}"


def test_a_driver_keeps_to_marks_of_a_sensible_length(git: Git) -> None:
    for name, text in (("o", SPEC), ("a", OURS), ("b", CLASH)):
        git.write(text, name)
    labels = ("--ours-label=HEAD", "--base-label=%S", "--theirs-label=other (a change)")
    assert main(["git", "merge", "--path=net.yaml", "--marker-size=99999", *labels, "--", "o", "a", "b"]) == 10
    lines = git.read("a").splitlines()
    assert [lines[4], lines[6], lines[10]] == ["<<<<<<< HEAD", "||||||| base", ">>>>>>> other (a change)"]


def test_the_settings_say_only_what_a_shell_takes_as_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/my venv/it's 100%/bin/python")
    found = settings.settings(settings.Wanted(always=True, listing=True))
    assert found["merge.netspec.driver"].startswith(
        "'/my venv/it'\"'\"'s 100%%/bin/python' -P -m netspec.cli git merge "
    )
    assert found["diff.netspec.command"] == "'/my venv/it'\"'\"'s 100%/bin/python' -P -m netspec.cli git diff --"
    assert found["alias.spec-show"].startswith(
        "-c \"diff.netspec.command='/my venv/it'\\\"'\\\"'s 100%/bin/python' -P "
    )

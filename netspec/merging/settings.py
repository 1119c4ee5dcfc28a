"""The settings of git that make it ask netspec: drivers for diffs and merges, aliases, and which files are specs.

Nothing that somebody else set is written over: what stands there and is none of ours is a fault. All of ours can be
told by its words, so that it is found again, brought up to date, and taken away with nothing left behind.
"""

import os
import shlex
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final, Literal, NamedTuple

from netspec.diagnostics import FileFault, SystemFault, quote, show
from netspec.files.folder import read_named
from netspec.files.writing import atomic_write, make_folder
from netspec.limits import SPEC_BYTES
from netspec.review.facts_file import SUFFIX, facts_path
from netspec.review.git import answer, ask
from netspec.version import __version__

Scope = Literal["--local", "--global"]

PATTERNS: Final = ("*.yaml", "*.yml")
"""Which files are specs, unless somebody says otherwise; YAML that is none is left to git."""

_OURS: Final = " -m netspec.cli git "
"""What every command of ours holds."""

CONFLICTS: Final = 10
"""What netspec exits with where it left conflicts. Nothing else says this by chance: Python without netspec, or with a
broken one, exits with 1, by which git would take a file without any marks for one that has them.
"""

_NAME: Final = "netspec: specs merged key by key and layer by layer"
_FUNCTION: Final = r"^ *((- )?[A-Za-z0-9_]+:)( +#.*)?$"  # the key above a hunk that has lines of its own
# Of two files of facts none is that of the merged spec, nor are lines of both: git keeps ours, and a conflict.
_WHOLE: Final = "merge=binary"
_OF_FACTS: Final = f"{SUFFIX} {_WHOLE}"
_BEGIN: Final = "# netspec git: begin"
_END: Final = "# netspec git: end"
_NEW: Final = " (a new file)"
_UNENDED: Final = " (behind a line without an end)"
_BEGINNINGS: Final = (_BEGIN, _BEGIN + _NEW, _BEGIN + _UNENDED)
_DRIVERS: Final = " diff=netspec merge=netspec"
_LONGEST_PATTERN: Final = 200


class Wanted(NamedTuple):
    """What is asked for: where, which files, whether diffs are semantic unasked, and whether listings are compared."""

    scope: Scope = "--local"
    patterns: Sequence[str] = PATTERNS
    always: bool = False
    listing: bool = False


class Step(NamedTuple):
    """A thing that is done, or that was so before: what is done to what, and what it comes to."""

    verb: Literal["set", "unset", "write"]
    name: str
    value: str
    done: bool


def program() -> str:
    """Return the start of a command that runs netspec, quoted for a shell.

    The interpreter is named by its path, so that no PATH has to lead to it, and `-P` keeps it from importing what
    lies in the folder that git runs it in, which a branch may fill.
    """
    return f"{shlex.quote(sys.executable)} -P{_OURS}"


def merge_driver() -> str:
    """Return the command that git merges a spec by.

    Git wants 1 for conflicts. Should netspec end otherwise than by 0 or `CONFLICTS`, as when it or its interpreter was
    taken off the machine, git merges the file as text, so that no conflict goes unmarked.
    """
    own = program().replace("%", "%%")
    return (
        f"{own}merge --path=%P --marker-size=%L --ours-label=%X --base-label=%S --theirs-label=%Y -- %O %A %B"
        f"; s=$?; test $s = 0 && exit 0; test $s = {CONFLICTS} && exit 1"
        "; git merge-file -q --marker-size=%L %A %O %B || exit 1"
    )


def settings(wanted: Wanted) -> dict[str, str]:
    """Return what is set, by its name."""
    diff = f"{program()}diff --"
    found = {
        "merge.netspec.name": _NAME,
        "merge.netspec.driver": merge_driver(),
        "diff.netspec.xfuncname": _FUNCTION,
    }
    if wanted.always:
        found["diff.netspec.command"] = diff
    if wanted.listing:
        found["diff.netspec.textconv"] = f"{program()}textconv --as {__version__} --"
        found["diff.netspec.cachetextconv"] = "true"
    setting = _quoted(f"diff.netspec.command={diff}")
    for alias, command in (("spec-diff", "diff"), ("spec-log", "log -p"), ("spec-show", "show")):
        found[f"alias.{alias}"] = f"-c {setting} {command} --ext-diff"
    return found


_KNOWN: Final = (
    "merge.netspec.name", "merge.netspec.driver", "diff.netspec.xfuncname", "diff.netspec.command",
    "diff.netspec.textconv", "diff.netspec.cachetextconv", "alias.spec-diff", "alias.spec-log", "alias.spec-show",
)  # fmt: skip
_FIXED: Final = {
    "merge.netspec.name": _NAME, "diff.netspec.xfuncname": _FUNCTION, "diff.netspec.cachetextconv": "true",
}  # fmt: skip


def install(wanted: Wanted, *, dry: bool = False) -> list[Step]:
    """Return what was set, or would be. SystemFault `git-settings` where something of somebody else's is in the way."""
    _where(wanted.scope)
    patterns = [_checked(each) for each in wanted.patterns]
    goal = settings(wanted)
    there = {name: _get(wanted.scope, name) for name in _KNOWN}
    for name, values in there.items():
        foreign = [value for value in values if not _is_ours(name, value)]
        if foreign:
            words = f"git's setting `{name}` is {quote(foreign[0])}, which netspec did not write"
            raise SystemFault("git-settings", words, f"take it away: git config {wanted.scope} --unset-all {name}")
    path = attributes_file(wanted.scope)
    file = _File(path)
    beside = [facts_path(pattern) for pattern in patterns]
    lines = [f"{pattern}{_DRIVERS}" for pattern in patterns] + [f"{pattern} {_WHOLE}" for pattern in beside]
    text = file.with_lines(lines)
    if wanted.scope == "--local":
        _refuse_attributes([*patterns, *beside], installed=file.own is not None)
    steps: list[Step] = []
    for name in _KNOWN:
        value = goal.get(name)
        if value is not None:
            steps.append(Step("set", name, value, there[name] != [value]))
        elif there[name]:
            steps.append(Step("unset", name, "", True))
    steps.append(Step("write", path, ", ".join([*patterns, *beside]), text != file.text))
    if not dry:
        _do(wanted.scope, steps, there, file, text)
    return steps


def _do(scope: Scope, steps: Sequence[Step], there: Mapping[str, Sequence[str]], file: "_File", text: str) -> None:
    """Do what is to be done, all of it: where a step fails, those before it are undone."""
    with ExitStack() as undoing:
        for step in sorted(steps, key=lambda step: step.verb != "write"):  # the file first: it fails more often
            if not step.done:
                continue
            if step.verb == "write":
                _write(step.name, text)
                undoing.callback(_restore, step.name, file.text)
                continue
            undoing.callback(_set, scope, step.name, there[step.name])
            _set(scope, step.name, [] if step.verb == "unset" else [step.value])
        undoing.pop_all()


def _set(scope: Scope, name: str, values: Sequence[str]) -> None:
    """Give a setting these values and no others."""
    if _get(scope, name):
        answer("config", scope, "--unset-all", name)
    for value in values:
        answer("config", scope, "--add", name, value)


def _restore(path: str, text: str | None) -> None:
    """Make a file what it was; None where there was none."""
    if text is None:
        os.unlink(path)
    else:
        _write(path, text)


def uninstall(scope: Scope) -> list[Step]:
    """Return what was taken away: all that is ours, and nothing else."""
    _where(scope)
    path = attributes_file(scope)
    file = _File(path)
    steps: list[Step] = []
    if file.own is not None:
        _restore(path, file.without_lines())
    for name in _KNOWN:
        values = _get(scope, name)
        if values and all(_is_ours(name, value) for value in values):
            _set(scope, name, [])
            steps.append(Step("unset", name, "", True))
    if file.own is not None:
        steps.append(Step("write", path, "", True))
    return steps


def status(scope: Scope) -> tuple[list[str], bool]:
    """Return what is set, in lines, and whether git asks this netspec to merge."""
    _where(scope)
    lines: list[str] = []
    goal = settings(Wanted(scope, always=True, listing=True))
    current = True
    for name in _KNOWN:
        for value in _get(scope, name):
            if not _is_ours(name, value):
                lines.append(f"{name}: set by somebody else: {show(value, 200)}")
                current = current and name != "merge.netspec.driver"
            elif value != goal[name]:
                lines.append(f"{name}: of another netspec, or an older one")
                current = False
            else:
                lines.append(f"{name}: installed")
    path = attributes_file(scope)
    own = _File(path).own
    if own is not None:
        lines.append(f"{show(path, 500)}: {', '.join(show(line.split(' ')[0]) for line in own)}")
    return lines, current and own is not None and bool(_get(scope, "merge.netspec.driver"))


def attributes_file(scope: Scope) -> str:
    """Return the file that says which files are specs: of the repository, which no commit has, or of the user."""
    if scope == "--local":
        return os.fsdecode(ask("rev-parse", "--git-path", "info/attributes")).removesuffix("\n")
    status_, said = answer("config", "--global", "--type=path", "--get", "core.attributesFile", fine=(0, 1))
    if not status_:
        return os.fsdecode(said).removesuffix("\n")
    home = os.environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    return os.path.join(home, "git", "attributes")


def _where(scope: Scope) -> None:
    """Raise SystemFault `git-failed` where there is no repository to install into, or none that has files."""
    if scope == "--local" and ask("rev-parse", "--is-bare-repository").strip() == b"true":
        words = "the repository is bare: nothing is merged in it"
        raise SystemFault("git-failed", words, "install into a clone of it, or with --global")


def _get(scope: Scope, name: str) -> list[str]:
    _, said = answer("config", scope, "-z", "--get-all", name, fine=(0, 1))
    return [os.fsdecode(value) for value in said.split(b"\0")[:-1]]


def _is_ours(name: str, value: str) -> bool:
    return value == _FIXED[name] if name in _FIXED else _OURS in value


def _checked(pattern: str) -> str:
    """Return a pattern that can stand in a file of attributes; SystemFault `usage` for any other."""
    if (
        not pattern
        or len(pattern) > _LONGEST_PATTERN
        or not pattern.isprintable()
        or any(letter in pattern for letter in " \"'\\")
        or pattern[0] in "!#["
        or pattern.endswith("/")
    ):
        raise SystemFault("usage", f"--pattern: {quote(pattern)} is no pattern of files", "such as 'nets/*.yaml'")
    return pattern


def _refuse_attributes(patterns: Sequence[str], *, installed: bool) -> None:
    """Raise SystemFault `git-settings` where the repository says already how such files are merged or compared."""
    if installed:
        return
    names = [
        pattern.removeprefix("/").replace("**/", "").replace("*", "netspec").replace("?", "n") for pattern in patterns
    ]
    said = ask("check-attr", "-z", "merge", "diff", "--", *names).split(b"\0")
    for name, attribute, value in _threes(said):
        pattern = patterns[names.index(name)]
        ours = ("binary", "unset") if pattern.endswith(SUFFIX) and attribute == "merge" else ("netspec",)
        if value not in ("unspecified", *ours) and not (pattern.endswith(SUFFIX) and attribute == "diff"):
            words = f"files such as {quote(pattern)} have the attribute {quote(f'{attribute}: {value}')} already"
            raise SystemFault("git-settings", words, "name the specs by --pattern, such as --pattern 'nets/*.yaml'")


def _threes(fields: Sequence[bytes]) -> Iterator[tuple[str, str, str]]:
    for i in range(0, len(fields) - 2, 3):
        name, attribute, value = (os.fsdecode(each) for each in fields[i : i + 3])
        yield name, attribute, value


class _File:
    """A file of attributes; `own` are the lines that netspec wrote, None where it wrote none."""

    def __init__(self, path: str) -> None:
        self.text: str | None = None
        self.own: list[str] | None = None
        self._before = self._after = ""
        self._mark = _NEW
        if os.path.lexists(path):
            try:
                self.text = os.fsdecode(read_named(path, SPEC_BYTES))
            except FileFault as fault:
                words = f"git's attributes {quote(path)} cannot be read: {fault.reason}"
                raise SystemFault("git-settings", words, fault.help or "mend the file, or take it away") from fault
            self._mark = _UNENDED if self.text and not self.text.endswith("\n") else ""
            self._before = self.text
            lines = [f"{line}\n" for line in self.text.split("\n")]
            lines[-1] = lines[-1].removesuffix("\n")
            start = None
            for i, line in enumerate(lines):
                bare = line.removesuffix("\n")
                if bare in _BEGINNINGS:
                    start = i
                elif bare == _END and start is not None:
                    self._split(lines[:start], lines[start].removesuffix("\n"), lines[start + 1 : i], lines[i + 1 :])
                    break

    def _split(self, before: Sequence[str], begin: str, inner: Sequence[str], after: Sequence[str]) -> None:
        """Take note of what is ours: between our marks, the lines that we write. Any other there is somebody else's."""
        self._mark = begin.removeprefix(_BEGIN)
        self.own = [line.removesuffix("\n") for line in inner if _is_own_line(line)]
        self._before = "".join(before)
        self._after = "".join([*(line for line in inner if not _is_own_line(line)), *after])
        if self._mark == _UNENDED:
            self._before = self._before.removesuffix("\n")

    def with_lines(self, lines: Sequence[str]) -> str:
        """Return the text with lines of netspec's own."""
        own = "".join(f"{line}\n" for line in (_BEGIN + self._mark, *lines, _END))
        return self._before + self._joint + own + self._after

    def without_lines(self) -> str | None:
        """Return the text as it was before; None where there was no file."""
        rest = self._before + (self._joint if self._after else "") + self._after
        return None if self._mark == _NEW and not rest else rest

    @property
    def _joint(self) -> str:
        return "\n" if self._mark == _UNENDED else ""


def _is_own_line(line: str) -> bool:
    """Return whether a line between our marks is one that we write: of specs, or of the facts beside them."""
    return line.endswith((f"{_DRIVERS}\n", f"{_OF_FACTS}\n"))


def _write(path: str, text: str) -> None:
    folder = os.path.dirname(path)
    if folder:
        make_folder(folder)
    data = os.fsencode(text)
    with atomic_write(path, size=len(data)) as stream:
        stream.write(data)


def _quoted(word: str) -> str:
    """Return a word of an alias as git splits them: in double quotes."""
    escaped = word.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'

"""`--rename OLD=NEW`: what the user says about names, in which `*` stands for any letters."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from netspec.diagnostics import SystemFault, did_you_mean, quote
from netspec.files.parameters import canonical
from netspec.limits import PATH_LENGTH

_STARS: Final = 4  # of one pattern: each is another factor of the time that matching may take


class Rename(NamedTuple):
    """One pattern, as it was typed: what matches `old` is called `new`, whose stars are those of `old` in order."""

    text: str
    old: str
    new: str

    def apply(self, name: str) -> str | None:
        """Return the new name; None where the pattern does not match the whole of the old one."""
        found = re.fullmatch("(.*)".join(map(re.escape, self.old.split("*"))), name, re.DOTALL)
        if found is None:
            return None
        parts = self.new.split("*")
        stars = [*found.groups()[: len(parts) - 1], ""]
        return "".join(part + star for part, star in zip(parts, stars, strict=True))


def read_renames(texts: Sequence[str]) -> tuple[Rename, ...]:
    """Return the patterns. SystemFault `usage` for what is none."""
    found: list[Rename] = []
    for text in texts:
        old, equals, new = text.partition("=")
        if not (old and equals and new) or len(text) > PATH_LENGTH.value:
            raise _usage(f"{quote(text)} is no renaming", "write OLD=NEW, such as `--rename 'encoder.*=enc.*'`")
        if old.count("*") > _STARS or new.count("*") > old.count("*"):
            raise _usage(
                f"{quote(text)} has too many stars", f"at most {_STARS}, and no more on the right than on the left"
            )
        found.append(Rename(text, old, new))
    return tuple(found)


def renamed(names: Iterable[str], renames: Sequence[Rename]) -> dict[str, str]:
    """Return the new names of those that a pattern matches, the first that does.

    Raises SystemFault `usage` where a pattern matches none.
    """
    found: dict[str, str] = {}
    unused = {rename.text: rename for rename in renames}
    known = list(names)
    for name in known:
        for rename in renames:
            new = rename.apply(canonical(name))
            if new is None:
                new = rename.apply(name)
            if new is not None:
                found[name] = canonical(new)
                unused.pop(rename.text, None)
                break
    for rename in unused.values():
        near = str(did_you_mean(rename.old, known[:1_000]))
        raise _usage(f"{quote(rename.old)} is no tensor of the file", near or "`netspec plan` without it lists them")
    return found


def check_targets(found: Mapping[str, str], taken: Mapping[str, str], wanted: Iterable[str]) -> None:
    """Refuse new names under which the network has no tensor. `taken` says which of the file's tensors became one."""
    known = list(wanted)
    for name, new in found.items():
        if name not in taken:
            near = str(did_you_mean(new, known[:1_000]))
            raise _usage(f"{quote(name)} becomes {quote(new)}, which is no tensor of the network", near)


def _usage(words: str, help_: str) -> SystemFault:
    return SystemFault("usage", f"--rename: {words}", help_)

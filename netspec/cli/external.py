"""What git shows of a changed spec where it asks netspec: what the change means, or else the lines that changed."""

import os
from collections.abc import Sequence
from typing import Final

from netspec.cli.outcome import FINE
from netspec.cli.terminal import output
from netspec.diagnostics import FileFault, SystemFault, show
from netspec.files.folder import Folder, read_named
from netspec.limits import PATH_LENGTH, SPEC_BYTES
from netspec.review.git import answer

_NOTHING: Final = "/dev/null"
_LINK: Final = "120000"


def show_change(arguments: Sequence[str]) -> int:
    """Print what git asks for: PATH OLD-FILE OLD-BLOB OLD-MODE NEW-FILE NEW-BLOB NEW-MODE, of a rename two more.

    Specs are compared as `netspec diff` does; what they refer to is read as the working tree has it. A file that came
    or went, or that is no sound spec in either state, is shown line by line. The exit code is 0 whatever the change.
    """
    path, old, _, old_mode, new, _, new_mode, *renamed = arguments
    names = (path, renamed[0] if renamed else path)
    if _NOTHING not in (old, new) and _LINK not in (old_mode, new_mode):
        told = _meaning(names, old, new)
        if told is not None:
            output().write(told)
            return FINE
    output().hand_on(_lines(names, (old, new)))
    return FINE


def _meaning(names: tuple[str, str], old: str, new: str) -> str | None:
    """Return what a change means; None where a side has no network."""
    from netspec.review.compare import compare
    from netspec.review.opening import ALLOWED
    from netspec.review.text import render_text
    from netspec.spec import Library
    from netspec.validation import check_family

    families = []
    for name, file in zip(names, (old, new), strict=True):
        try:
            data = read_named(file, SPEC_BYTES)
        except (FileFault, SystemFault):
            return None
        if b"netspec" not in data:
            return None
        with Folder("") as folder:  # git runs it at the top of the working tree
            families.append(check_family(Library(folder), data, name, name, ALLOWED))
    if any(family.written is None for family in families):
        return None
    terminal = output()
    paged = os.environ.get("GIT_PAGER_IN_USE") == "true" and not os.environ.get("NO_COLOR")
    return render_text(
        compare(families[0], families[1], names),
        colour=terminal.colour or paged,
        width=terminal.width,
        encode=terminal.encode,
    )


def _lines(names: tuple[str, str], files: tuple[str, str]) -> bytes:
    """Return the lines that changed, as git has them, under the names that the files have in the repository."""
    try:
        _, found = answer(
            "diff", "--no-index", "--no-ext-diff", "--no-textconv", "--no-color", "--", *files, fine=(0, 1)
        )
    except SystemFault as fault:
        return f"{show(names[1], PATH_LENGTH.value)}: {fault.headline}\n".encode()
    shown = [show(name, PATH_LENGTH.value) for name in names]
    head = f"diff --git a/{shown[0]} b/{shown[1]}\n"
    start = found.find(b"\n@@ ")
    if start < 0:
        return f"{head}{'Binary files differ' if found else ''}\n".encode()
    before = _NOTHING if files[0] == _NOTHING else f"a/{shown[0]}"
    after = _NOTHING if files[1] == _NOTHING else f"b/{shown[1]}"
    return f"{head}--- {before}\n+++ {after}\n".encode() + found[start + 1 :]

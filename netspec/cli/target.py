"""`--format` and `--output`: the format that is meant, and where the text goes."""

import os
from collections.abc import Mapping, Sequence
from typing import TypeVar

from netspec.cli.terminal import output
from netspec.diagnostics import SystemFault, quote

_Format = TypeVar("_Format", bound=str)


def meant(out: str | None, form: _Format | None, suffixes: Mapping[str, _Format], otherwise: _Format) -> _Format:
    """Return the format that is asked for, else that of the file's suffix. SystemFault `usage` where that says none."""
    if form is not None or out is None:
        return form or otherwise
    suffix = os.path.splitext(out)[1].lower()
    if suffix not in suffixes:
        words = f"-o: the name {quote(out)} does not say what to write"
        raise SystemFault("usage", words, f"end it in {', '.join(suffixes)}, or add `--format`")
    return suffixes[suffix]


def write(text: str, out: str | None, protect: Sequence[str]) -> None:
    """Write a text to a file, never to one of those that were read, or to standard output."""
    if out is None:
        output().write(text)
        return
    from netspec.files.writing import atomic_write  # loaded where it is wanted

    data = text.encode()
    with atomic_write(out, protect=tuple(protect), size=len(data)) as stream:
        stream.write(data)

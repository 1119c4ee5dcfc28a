"""Specs as they are read to be rewritten: a file, or standard input."""

import sys
from typing import Final

from netspec.cli.paths import STREAM, Target
from netspec.diagnostics import Diagnostic, FileFault, Place, Span, SpecError, SystemFault, quote
from netspec.files.folder import open_named, read_named, why
from netspec.limits import SPEC_BYTES

STREAM_NAME: Final = "<stdin>"


def read_bytes(path: str) -> bytes:
    """Return what a file or standard input holds, of that a byte more than a spec may.

    Raises SpecError where a file is no spec by what kind of file it is, SystemFault where it cannot be read.
    """
    if path == STREAM:
        try:
            return b"" if sys.stdin is None else sys.stdin.buffer.read(SPEC_BYTES.value + 1)
        except OSError as error:
            raise SystemFault("read-failed", f"reading standard input failed: {why(error)}") from error
    try:
        return read_named(path, SPEC_BYTES)
    except FileFault as fault:
        place = Place(path, Span(1, 1, 1, 2))
        raise SpecError([Diagnostic(fault.code, f"{quote(path)}: {fault.reason}", place, help=fault.help)]) from fault


def is_left_out(target: Target) -> bool:
    """Return whether a file is to be left out, as it is no spec where only specs are wanted.

    What cannot be read is not, and is told of by whoever reads it; one too large is judged by its beginning.
    """
    if not target.specs_only or target.path == STREAM:
        return False
    from netspec.source.marker import is_spec  # loaded where it is wanted

    try:
        with open_named(target.path) as stream:
            return not is_spec(stream.read(SPEC_BYTES.value + 1))
    except (OSError, FileFault, SystemFault):
        return False


def name_of(path: str) -> str:
    """Return what messages call a path."""
    return STREAM_NAME if path == STREAM else path

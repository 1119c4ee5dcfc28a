"""Bytes that memory is too small for: written once to a temporary file without a name, and mapped from there.

What another process cuts short must never be mapped, since that ends the reader with a bus error. This file has no
name, is this process's own, and is written and not stretched, so that each of its bytes has its place on the disk.
"""

import errno
import mmap
from contextlib import suppress
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from netspec.diagnostics.faults import SystemFault
from netspec.files.folder import why

if TYPE_CHECKING:
    from collections.abc import Buffer  # type: ignore[attr-defined, unused-ignore]  # of 3.12, for types alone


class Spool:
    """A temporary file without a name that is being written; `close` gives it back. Raises SystemFault `no-space`."""

    def __init__(self) -> None:
        self.size = 0
        try:
            self._file = TemporaryFile()  # noqa: SIM115  closed by whoever made this
        except OSError as error:
            raise _fault(error) from error

    def write(self, data: "Buffer") -> None:
        """Append the bytes of a contiguous buffer."""
        view = memoryview(data).cast("B")
        try:
            self._file.write(view)
        except OSError as error:
            raise _fault(error) from error
        self.size += len(view)

    def mapped(self) -> mmap.mmap:
        """Return all that was written, mapped and read-only; it stays when the file is closed. Not of nothing."""
        try:
            self._file.flush()
            return mmap.mmap(self._file.fileno(), self.size, access=mmap.ACCESS_READ)
        except OSError as error:
            raise _fault(error) from error

    def close(self) -> None:
        """Give the file back."""
        with suppress(OSError):  # what waited in a buffer found no space: that has been told
            self._file.close()


def release(mapped: mmap.mmap) -> None:
    """Let go of the memory of a mapped file: what is touched again comes from the system's cache, or from the disk."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def _fault(error: OSError) -> SystemFault:
    """Return the fault of a temporary file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SystemFault("no-space", "no space left for a temporary file", "set TMPDIR to a larger place")
    return SystemFault("read-failed", f"a temporary file failed: {why(error)}", "set TMPDIR to another place")

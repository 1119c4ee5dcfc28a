"""Writing a file so that its name always holds the old bytes or the new ones, whole, whatever happens.

The bytes go to a temporary file in the same folder, which is synchronised to the disk and then renamed over the
target. What fails on the way leaves the target as it was, and no temporary file, except where the process is killed
outright; such a leftover has a name of its own and disturbs nobody.
"""

import errno
import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO, Final

from netspec.diagnostics.faults import SystemFault
from netspec.diagnostics.show import quote
from netspec.files.folder import kind_of, why

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_NO_SPACE: Final = (errno.ENOSPC, errno.EDQUOT)
_NOT_WRITABLE: Final = (errno.EACCES, errno.EPERM, errno.EROFS)
_NO_FOLDER: Final = (errno.ENOENT, errno.ENOTDIR)
_NO_FOLDER_SYNC: Final = (errno.EINVAL, errno.ENOTSUP)  # file systems that know no synchronisation of folders


@contextmanager
def atomic_write(
    path: str, *, protect: Sequence[str] = (), size: int | None = None, executable: bool = False
) -> Iterator[BinaryIO]:
    """Give a seekable stream whose bytes become the file at `path` when the block ends well.

    `protect` names the input files, which are never written over, under another name neither. `size` is what will be
    written, where known, for the message of a full disk. `executable` adds the permission to run, as far as the umask
    lets it. Raises SystemFault: `bad-target`, `target-is-input` and `no-such-folder` before anything is written,
    `not-writable`, `no-space` and `write-failed`.
    """
    folder_path, name = os.path.split(path)
    if name in ("", os.curdir, os.pardir):
        raise SystemFault("bad-target", f"{quote(path)} names a folder, not a file", "name a file to write")
    faults = _Faults(path, size)
    with faults:
        folder = os.open(folder_path or os.curdir, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with faults:
            _refuse_target(path, name, folder, protect)
        temporary = f".netspec-{os.urandom(8).hex()}.tmp"
        stream: io.BufferedRandom | None = None
        try:
            output = _Output(temporary, folder, 0o777 if executable else 0o666, faults)
            stream = io.BufferedRandom(output)
            yield stream
            with faults:
                stream.flush()
                os.fsync(output.fileno())
                stream.close()
                os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        except BaseException as error:
            if stream is not None:
                with suppress(Exception):  # closing writes what is buffered, and fails as the write before it did
                    stream.close()
            # The name is random, so that what lies under it is ours, even where an interrupt came before we knew; but
            # not where making it failed because it was there.
            if not (stream is None and isinstance(error.__cause__, FileExistsError)):
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=folder)
            raise
        with faults:
            _synchronise(folder)
    finally:
        os.close(folder)


class _Checked(Exception):
    """A target was found fit to be written."""


def check_target(path: str, *, protect: Sequence[str] = ()) -> None:
    """Refuse what `atomic_write` would refuse at once, for a file that is written after long work.

    A temporary file is made beside the target, and taken away: nothing else tells for certain that one can be.
    """
    try:
        with atomic_write(path, protect=protect):
            raise _Checked
    except _Checked:
        pass


def make_folder(path: str) -> None:
    """Make the folder at `path` and those above it where they are missing. Raises SystemFault as `atomic_write`."""
    try:
        os.makedirs(path, exist_ok=True)
    except FileExistsError as error:
        raise SystemFault("no-such-folder", f"{quote(path)} is not a folder") from error
    except OSError as error:
        raise _Faults(path, None).fault(error) from error


class Appending:
    """A file that grows by whole pieces: a process that is killed leaves all that were written. A context manager.

    The file is there before. Raises SystemFault as `atomic_write`, here and in `write`.
    """

    def __init__(self, path: str) -> None:
        self._faults = _Faults(path, None)
        with self._faults:
            # O_NONBLOCK: a pipe that nobody reads is refused instead of waited for.
            flags = os.O_WRONLY | os.O_APPEND | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            self._descriptor = os.open(path, flags)
        mode = os.fstat(self._descriptor).st_mode
        if not stat.S_ISREG(mode):
            os.close(self._descriptor)
            raise SystemFault("bad-target", f"{quote(path)} is {kind_of(mode)}; only a regular file grows")

    def __enter__(self) -> "Appending":
        return self

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        self.close()

    def write(self, piece: bytes) -> None:
        """Add a piece at the end, by one call of the system unless that takes only a part of it.

        Where the system fails, what was taken of the piece is cut off again.
        """
        with self._faults:
            size = os.fstat(self._descriptor).st_size
            try:
                while piece:
                    piece = piece[os.write(self._descriptor, piece) :]
            except OSError:
                with suppress(OSError):
                    os.ftruncate(self._descriptor, size)
                raise

    def close(self) -> None:
        """Let go of the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


class _Faults:
    """Turns an OSError of its block into the SystemFault that names the target."""

    def __init__(self, path: str, size: int | None) -> None:
        self.path, self.size = path, size

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> None:
        if isinstance(error, OSError):
            raise self.fault(error) from error

    def fault(self, error: OSError) -> SystemFault:
        """Return the fault for a failed call."""
        target = quote(self.path)
        if error.errno in _NO_SPACE:
            needs = "" if self.size is None else f" (needs {self.size:,} bytes)"
            return SystemFault("no-space", f"no space left on the device for {target}{needs}")
        if error.errno in _NOT_WRITABLE:
            return SystemFault("not-writable", f"{target} may not be written: {why(error)}", "name another place")
        folder = os.path.dirname(self.path)
        if error.errno in _NO_FOLDER and folder:
            headline = f"there is no folder {quote(folder)} to write {target} in"
            return SystemFault("no-such-folder", headline, "make it first")
        return SystemFault("write-failed", f"writing {target} failed: {why(error)}")


class _Output(io.FileIO):
    """The temporary file; a failed write is a SystemFault at once, told apart from errors of what is being written."""

    def __init__(self, name: str, folder: int, mode: int, faults: _Faults) -> None:
        self._faults = faults
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        with faults:
            super().__init__(name, "w+b", opener=lambda path, _: os.open(path, flags, mode, dir_fd=folder))

    def write(self, data: "ReadableBuffer", /) -> int:
        """Return how many bytes were written. Raises SystemFault where the system fails."""
        with self._faults:
            return os.write(self.fileno(), data)


def _refuse_target(path: str, name: str, folder: int, protect: Sequence[str]) -> None:
    """Raise SystemFault where the target is no regular file, or one of the inputs; one that is missing is fine."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        headline = f"{quote(path)} is {kind_of(found.st_mode)}; only a regular file is written over"
        raise SystemFault("bad-target", headline, "name another file")
    for source in protect:
        with suppress(OSError):  # an input that is gone cannot be harmed
            if os.path.samestat(found, os.stat(source)):
                headline = f"{quote(path)} is the same file as the input {quote(source)}"
                raise SystemFault("target-is-input", headline, "name another file")


def _synchronise(folder: int) -> None:
    """Bring the folder's entries, the new name among them, to the disk, where the file system knows how."""
    try:
        os.fsync(folder)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise

"""The one door through which input files are opened: below a root, never through a link, regular files only.

A reference in a spec is first resolved as text (`Folder.resolve`), before any file is looked at, and then walked part
by part from the root's own descriptor with `openat` and O_NOFOLLOW. What is checked is the descriptor that was opened,
never a path, so that nothing can be swapped in between. A file is read once; what was read is what is used.
"""

import errno
import os
import stat
from types import TracebackType
from typing import BinaryIO, Final, NamedTuple

from netspec.diagnostics.faults import FileFault, NetspecError, SystemFault
from netspec.diagnostics.show import quote
from netspec.diagnostics.suggest import nearest
from netspec.limits import PATH_LENGTH, Limit

# O_NONBLOCK: opening a pipe without a writer returns at once instead of waiting for one; regular files do not mind.
_FILE: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_NEIGHBOURS: Final = 1_000  # names looked through for a suggestion; in a folder with more, none is made

_REFUSED_CHARACTERS: Final = {
    "\\": "it has a backslash; parts are parted by `/`",
    "~": "it has a `~`, and no home folder is looked up",
    "$": "it has a `$`, and no variable is looked up",
    "%": "it has a `%`, and nothing is decoded",
    ":": "it has a `:`; a path is neither a URL nor on a drive",
}


class _Named(NamedTuple):
    """A file as a message names it, and the open folder and the part of the path at which opening it failed."""

    path: str
    part: str
    last: bool
    folder: int | None


class Folder:
    """A root: every file that a spec refers to is opened below it. A context manager; `close` ends it.

    `path` is the folder as the user named it, empty for the working folder; it may itself be a symbolic link. Raises
    SystemFault `no-such-folder` or `read-failed` where it cannot be opened.
    """

    __slots__ = ("_descriptor", "path")

    def __init__(self, path: str) -> None:
        self.path = path or os.curdir
        self._descriptor = -1
        try:
            self._descriptor = os.open(self.path, _FOLDER)
        except (OSError, ValueError) as error:
            raise _named_folder_fault(error, self.path) from error

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the folder's descriptor back; closing twice does no harm."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def locate(self, path: str) -> str:
        """Return the path below this root of a file named on the command line; its folders may be links.

        Raises SystemFault `path-outside-root` where the file does not lie below the root.
        """
        folder, name = os.path.split(path)
        if (folder or os.curdir) == self.path:  # without a look at every folder on the way there
            return name
        root, inside = os.path.realpath(self.path), os.path.realpath(folder or os.curdir)
        if os.path.commonpath([root, inside]) != root:
            headline = f"{quote(path)} is not below the root {quote(self.path)}"
            raise SystemFault("path-outside-root", headline, "name a `--root` folder that holds the file")
        relative = os.path.relpath(inside, root)
        return name if relative == os.curdir else f"{relative}/{name}"

    def resolve(self, base: str, reference: str) -> str:
        """Return the path below the root that `reference` means in the file at `base`, itself a path below the root.

        Purely a matter of text: nothing is looked at. Raises FileFault `bad-path` for what is not a plain relative
        path, and `path-outside-root` where `..` leaves the root.
        """
        reason = _refused_reference(reference)
        if reason:
            raise FileFault("bad-path", reason, "write a path relative to this file, such as `parts/fold.yaml`")
        parts = base.split("/")[:-1]
        for part in reference.split("/"):
            if part == "..":
                if not parts:
                    fix = "name a folder that holds both files with `--root DIR`"
                    raise FileFault("path-outside-root", f"it leaves the root folder {quote(self.path)}", fix)
                parts.pop()
            elif part != ".":
                parts.append(part)
        path = "/".join(parts)
        if len(path) > PATH_LENGTH.value:
            reason = f"from the root it has {len(path):,} characters, the limit is {PATH_LENGTH.value:,}"
            raise FileFault("bad-path", reason)
        return path

    def read(self, relative: str, limit: Limit) -> bytes:
        """Return the bytes of the file at a path that `resolve` gave back, at most `limit` of them.

        Raises FileFault `file-missing`, `file-is-a-link`, `file-not-regular`, `file-unreadable`, the limit's own code
        for a larger file, and SystemFault `read-failed` where the system fails.
        """
        descriptor = self._open(relative)
        try:
            return _read_whole(descriptor, relative, limit)
        finally:
            os.close(descriptor)

    def open(self, relative: str) -> BinaryIO:
        """Return the file at `relative` as a stream, opened and refused as by `read`, but for its size."""
        return os.fdopen(self._open(relative), "rb")

    def _open(self, relative: str) -> int:
        """Return the descriptor of a regular file, walked to from the root without following a link."""
        *folders, name = _below(relative)
        folder = self._descriptor
        try:
            for part in folders:
                try:
                    inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
                except OSError as error:
                    raise _fault(error, _Named(relative, part, False, folder)) from error
                if folder != self._descriptor:
                    os.close(folder)
                folder = inner
            try:
                descriptor = os.open(name, _FILE | os.O_NOFOLLOW, dir_fd=folder)
            except OSError as error:
                raise _fault(error, _Named(relative, name, True, folder)) from error
        finally:
            if folder != self._descriptor:
                os.close(folder)
        return _only_regular(descriptor)


def read_named(path: str, limit: Limit) -> bytes:
    """Return the bytes of a file named on the command line, at most `limit` of them; it may be a symbolic link.

    Raises SystemFault `no-such-file` or `read-failed`, FileFault `file-not-regular`,
    `file-unreadable` and the limit's own code.
    """
    descriptor = _open_named(path)
    try:
        return _read_whole(descriptor, path, limit)
    finally:
        os.close(descriptor)


def open_named(path: str) -> BinaryIO:
    """Return a file named on the command line as a stream, opened and refused as by `read_named`, but for its size."""
    return os.fdopen(_open_named(path), "rb")


def kind_of(mode: int) -> str:
    """Return what a file is by its mode, with its article, as messages say it."""
    for is_kind, words in (
        (stat.S_ISREG, "a file"),
        (stat.S_ISDIR, "a folder"),
        (stat.S_ISLNK, "a symbolic link"),
        (stat.S_ISFIFO, "a named pipe"),
        (stat.S_ISSOCK, "a socket"),
    ):
        if is_kind(mode):
            return words
    return "a device"


def why(error: OSError) -> str:
    """Return the system's words for an error, without number and path, as the end of a sentence."""
    words = os.strerror(error.errno) if error.errno else str(error)
    return words[:1].lower() + words[1:]


def _refused_reference(reference: str) -> str:
    """Return why a reference is no plain relative path to a file; empty where it is one."""
    if not reference:
        return "it is empty"
    if len(reference) > PATH_LENGTH.value:
        return f"it has {len(reference):,} characters, the limit is {PATH_LENGTH.value:,}"
    for character, reason in _REFUSED_CHARACTERS.items():
        if character in reference:
            return reason
    # Controls, lone surrogates, bidirectional marks and line separators are what `isprintable` calls unprintable.
    if not reference.isprintable():
        return "it has a character that does not print"
    if reference.startswith("/"):
        return "it begins with `/`; paths are relative to the file that holds them"
    parts = reference.split("/")
    if "" in parts:
        return "it has an empty part"
    if any(part != part.strip() for part in parts):
        return "a part of it begins or ends with a space"
    return "it names a folder, not a file" if parts[-1] in (".", "..") else ""


def _below(path: str) -> list[str]:
    """Return the parts of a path below the root; FileFault `bad-path` where `resolve` cannot have given it.

    Its characters are not judged again: folders above a spec, which nobody wrote into one, may have any.
    """
    parts = path.split("/")
    if "\0" in path or any(part in ("", ".", "..") for part in parts):
        raise FileFault("bad-path", "it is no path below the root")
    return parts


def _only_regular(descriptor: int) -> int:
    """Return the descriptor where it is of a regular file; else close it and raise FileFault `file-not-regular`."""
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        os.close(descriptor)
        raise FileFault("file-not-regular", f"it is {kind_of(mode)}, not a regular file")
    return descriptor


def _read_whole(descriptor: int, path: str, limit: Limit) -> bytes:
    """Return what the open file holds. Its size is looked at first, and one byte more than it says is asked for.

    So a file that grows or shrinks while it is read is seen, as are the files of /proc, which claim to be empty.
    """
    try:
        size = os.fstat(descriptor).st_size
        if size > limit.value:
            raise FileFault(limit.code, f"it holds {size:,} bytes, the limit is {limit.value:,}")
        chunks: list[bytes] = []
        wanted = size + 1
        while wanted and (chunk := os.read(descriptor, wanted)):
            chunks.append(chunk)
            wanted -= len(chunk)
    except OSError as error:
        raise SystemFault("read-failed", f"reading {quote(path)} failed: {why(error)}") from error
    if wanted != 1:
        raise FileFault("file-unreadable", "it changed while it was read, or is no ordinary file")
    return b"".join(chunks)


def _open_named(path: str) -> int:
    """Return the descriptor of a regular file named on the command line."""
    try:
        descriptor = os.open(path, _FILE)
    except (OSError, ValueError) as error:
        raise _named_fault(error, path) from error
    return _only_regular(descriptor)


def _fault(error: OSError, at: _Named) -> NetspecError:
    """Return the fault for a file that a spec refers to and that could not be opened."""
    mode = _mode(at)
    it = "it" if at.last else quote(at.part)
    if stat.S_ISLNK(mode):
        return FileFault(
            "file-is-a-link", f"{it} is a symbolic link, and none is followed", "put the file itself there"
        )
    if error.errno == errno.ENOENT:
        reason = "there is no such file" if at.last else f"there is no folder {quote(at.part)}"
        return FileFault("file-missing", reason, _neighbour(at.part, at.folder))
    if error.errno == errno.ENOTDIR:
        return FileFault("file-missing", f"{it} is {kind_of(mode)}, not a folder")
    if error.errno in (errno.ENXIO, errno.EOPNOTSUPP):
        return FileFault("file-not-regular", f"it is {kind_of(mode)}, not a regular file")
    if error.errno in (errno.EACCES, errno.EPERM):
        return FileFault("file-unreadable", f"{it} may not be read: {why(error)}")
    if error.errno == errno.ENAMETOOLONG:
        return FileFault("bad-path", "a part of it is longer than this system's names may be")
    return SystemFault("read-failed", f"reading {quote(at.path)} failed: {why(error)}")


def _mode(at: _Named) -> int:
    """Return the mode of the part that could not be opened, 0 where that is not known. Only words depend on it."""
    try:
        return os.stat(at.part, dir_fd=at.folder, follow_symlinks=False).st_mode
    except OSError:
        return 0


def _named_fault(error: OSError | ValueError, path: str) -> NetspecError:
    """Return the fault for a file named on the command line that could not be opened."""
    if isinstance(error, OSError):
        if error.errno in (errno.ENXIO, errno.EOPNOTSUPP):
            return FileFault("file-not-regular", "it is a socket or a device, not a regular file")
        if error.errno in (errno.EACCES, errno.EPERM):
            return SystemFault("read-failed", f"{quote(path)} may not be read: {why(error)}")
        if error.errno == errno.ELOOP:
            return SystemFault("no-such-file", f"{quote(path)} is a symbolic link that leads in a circle")
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG):
            return SystemFault("read-failed", f"reading {quote(path)} failed: {why(error)}")
        folder, name = os.path.split(path)
        return SystemFault("no-such-file", f"there is no file {quote(path)}", _neighbour(name, folder or os.curdir))
    return SystemFault("no-such-file", f"there is no file {quote(path)}")  # a NUL, which no path can hold


def _named_folder_fault(error: OSError | ValueError, path: str) -> SystemFault:
    """Return the fault for a folder named on the command line that could not be opened."""
    if isinstance(error, OSError) and error.errno in (errno.EACCES, errno.EPERM):
        return SystemFault("read-failed", f"the folder {quote(path)} may not be read: {why(error)}")
    if isinstance(error, OSError) and error.errno == errno.ENOTDIR:
        return SystemFault("no-such-folder", f"{quote(path)} is not a folder")
    if isinstance(error, OSError) and error.errno not in (errno.ENOENT, errno.ELOOP, errno.ENAMETOOLONG):
        return SystemFault("read-failed", f"opening the folder {quote(path)} failed: {why(error)}")
    return SystemFault("no-such-folder", f"there is no folder {quote(path)}")


def _neighbour(name: str, folder: int | str | None) -> str:
    """Return a hint at a name like `name` in the folder; empty where there is none or the folder is very full."""
    names: list[str] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                names.append(entry.name)
                if len(names) > _NEIGHBOURS:
                    return ""
    except OSError:
        return ""
    close = nearest(name, sorted(names))
    return "" if close is None else f"did you mean {quote(close)}?"

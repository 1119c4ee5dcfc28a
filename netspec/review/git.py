"""Git, asked: the one place of netspec that runs another program, and it is git alone.

It is run with a list of arguments and no shell, in the folder and the environment of the user, so that GIT_DIR and the
like mean what they mean to git. What git answers is bounded in size and in time; nothing is written, neither objects
nor the index.
"""

import os
import select
import subprocess
import time
from collections.abc import Container
from typing import IO, Final

from netspec.diagnostics import SystemFault, quote, show

REFUSED: Final = "git refused"
"""How a fault begins that is git's own answer."""

_PATIENCE: Final = 60.0  # seconds for an answer
MOST: Final = 64 << 20
"""Bytes of one answer: a hundred thousand changed files."""
_COMPLAINT: Final = 64 << 10  # bytes of standard error that are read
_SHOWN: Final = 200  # characters of it in a message
_CHUNK: Final = 1 << 16
# A file-system monitor is a program that the repository names; the index is left as it is; and an object holds what its
# name says, whatever a repository would have in its place.
_GIT: Final = ("git", "--no-pager", "--no-optional-locks", "--no-replace-objects", "-c", "core.fsmonitor=false")
# These read files of the working tree as git would add them, by way of a program where their attributes name a filter.
_FILTERING: Final = ("diff", "diff-index")
_EMPTY: Final = "NETSPEC_EMPTY"
_FALSE: Final = "NETSPEC_FALSE"
# What git finds in its environment besides: messages are as they are looked for below, and what a partial clone has
# not is not fetched, by a program that the repository names. A commit's parents are those that it names itself.
_SET: Final = {
    _EMPTY: "", _FALSE: "false", "LC_ALL": "C", "GIT_ALLOW_PROTOCOL": "none", "GIT_NO_LAZY_FETCH": "1",
    "GIT_GRAFT_FILE": f"{os.devnull}/none",
}  # fmt: skip
# A path of netspec's says itself whether it is a pattern.
_UNSET: Final = frozenset(f"GIT_{word}_PATHSPECS" for word in ("LITERAL", "GLOB", "NOGLOB", "ICASE"))
_PARTIAL: Final = "the clone is partial, and nothing is fetched: `git fetch --refetch --no-filter` gets the rest"


def ask(*arguments: str, fine: "Container[int]" = (0,)) -> bytes:
    """Return what git answers. SystemFault `git-failed` where it refuses, is late, or says too much.

    `fine` are the exit codes that are answers too.
    """
    return answer(*arguments, fine=fine)[1]


def answer(*arguments: str, fine: "Container[int]" = (0,)) -> "tuple[int, bytes]":
    """Return the exit code of git, one of those that are `fine`, and what it answers; as `ask`."""
    process = _start(*(_unfiltered() if arguments[0] in _FILTERING else ()), *arguments)
    deadline = time.monotonic() + _PATIENCE
    answers = {_stdout(process).fileno(): bytearray(), _stderr(process).fileno(): bytearray()}
    limits = dict(zip(answers, (MOST, _COMPLAINT), strict=True))
    open_ = set(answers)
    try:
        _stdin(process).close()
        while open_:
            ready, _, _ = select.select(sorted(open_), [], [], max(deadline - time.monotonic(), 0.0))
            if not ready:
                raise _late()
            for descriptor in ready:
                chunk = os.read(descriptor, _CHUNK)
                answers[descriptor] += chunk
                if not chunk or len(answers[descriptor]) > limits[descriptor]:
                    open_.discard(descriptor)
                if len(answers[descriptor]) > MOST:
                    raise SystemFault("git-failed", "git answered with more than 64 MB", "name fewer paths")
        status = process.wait(max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired as error:
        raise _late() from error
    finally:
        process.kill()
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
        process.wait()
    said, complaint = (bytes(each) for each in answers.values())
    if status not in fine:
        raise _refused(complaint)
    return status, said


class Conversation:
    """A git that goes on answering as long as it is asked. `close` ends it."""

    __slots__ = ("_buffer", "_deadline", "_process")

    def __init__(self, *arguments: str) -> None:
        self._process = _start(*arguments)
        self._buffer = bytearray()
        self._deadline = 0.0

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
        self._process.wait()

    def ask(self, line: bytes) -> str | None:
        """Return the line that git answers a line with, None where it ends instead; `read` gets what comes after."""
        self._deadline = time.monotonic() + _PATIENCE
        try:
            _stdin(self._process).write(line + b"\n")
        except OSError as error:
            raise SystemFault("git-failed", f"git ended before it answered: {error.strerror}") from error
        while (end := self._buffer.find(b"\n")) < 0:
            if not self._more():
                return None
        return self._taken(end + 1).decode("utf-8", "replace").removesuffix("\n")

    def read(self, size: int) -> bytes:
        """Return so many bytes of the answer."""
        while len(self._buffer) < size:
            if not self._more():
                raise SystemFault("git-failed", "git ended before it answered")
        return self._taken(size)

    def _taken(self, size: int) -> bytes:
        data = bytes(self._buffer[:size])
        del self._buffer[:size]
        return data

    def _more(self) -> bool:
        descriptor = _stdout(self._process).fileno()
        ready, _, _ = select.select([descriptor], [], [], max(self._deadline - time.monotonic(), 0.0))
        if not ready:
            raise _late()
        chunk = os.read(descriptor, _CHUNK)
        self._buffer += chunk
        return bool(chunk)


def absent(name: str) -> SystemFault:
    """Return the fault of an object that the repository does not have, and how to get it."""
    status, _ = answer("config", "--get-regexp", r"^(remote\..*\.promisor|extensions\.partialclone)$", fine=(0, 1))
    return SystemFault(
        "git-failed", f"the repository has no object {quote(name)}", "is the clone whole?" if status else _PARTIAL
    )


def _unfiltered() -> list[str]:
    """Return the options by which no filter is run, whoever set it: the attributes of a branch can name any."""
    options: list[str] = []
    for key in dict.fromkeys(map(os.fsdecode, ask("config", "-z", "--name-only", "--list").split(b"\0"))):
        if key.startswith("filter.") and key.endswith((".clean", ".process", ".required")):
            value, variable = ("false", _FALSE) if key.endswith(".required") else ("", _EMPTY)
            # With `-c` the name would end at its first `=`.
            options += [f"--config-env={key}={variable}"] if "=" in key else ["-c", f"{key}={value}"]
    return options


def _refused(complaint: bytes) -> SystemFault:
    words = next(iter(complaint.decode("utf-8", "replace").strip().splitlines()), "")
    words = words.removeprefix("fatal: ").removeprefix("error: ")
    if words.startswith("not a git repository"):
        return SystemFault("git-failed", "the working folder lies in no git repository", "run it within one")
    help_ = _PARTIAL if b"promisor" in complaint or b"lazy fetch" in complaint else ""
    return SystemFault("git-failed", f"{REFUSED}: {show(words, _SHOWN)}" if words else REFUSED, help_)


def _late() -> SystemFault:
    return SystemFault("git-failed", f"git gave no answer within {_PATIENCE:.0f} seconds")


def _start(*arguments: str) -> "subprocess.Popen[bytes]":
    quiet = subprocess.DEVNULL if arguments[0] == "cat-file" else subprocess.PIPE
    try:
        return subprocess.Popen(  # noqa: S603 - the program is git, and no shell reads its arguments
            [*_GIT, *arguments],
            env={name: value for name, value in os.environ.items() if name not in _UNSET} | _SET,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=quiet,
            bufsize=0,
        )
    except FileNotFoundError as error:
        raise SystemFault("git-failed", "git is not installed, or not on the PATH", "install git") from error
    except (OSError, ValueError) as error:  # a NUL in a path
        raise SystemFault("git-failed", f"git cannot be run: {show(error)}") from error


def _stdin(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdin is None:
        raise TypeError("started without a pipe")
    return process.stdin


def _stdout(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stdout is None:
        raise TypeError("started without a pipe")
    return process.stdout


def _stderr(process: "subprocess.Popen[bytes]") -> IO[bytes]:
    if process.stderr is None:
        raise TypeError("started without a pipe")
    return process.stderr

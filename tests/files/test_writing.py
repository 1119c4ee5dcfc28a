"""Atomic writes: the target holds the old bytes or the new ones, whatever fails, whenever, and however often."""

import errno
import mmap
import os
import signal
import stat
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from netspec.diagnostics import SystemFault
from netspec.files.writing import Appending, atomic_write, check_target, make_folder

CALLS = ("open", "stat", "write", "fsync", "replace")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(path: str, data: bytes, **options: object) -> None:
    with atomic_write(path, **options) as stream:  # type: ignore[arg-type]
        stream.write(data)


def fault(call: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(SystemFault) as caught:
        call()
    return (caught.value.code, caught.value.headline, caught.value.help)


def test_the_file_is_there_whole_after_the_block_and_not_before() -> None:
    with atomic_write("out.bin") as stream:
        stream.write(b"new")
        stream.flush()
        assert not os.path.exists("out.bin")
    assert Path("out.bin").read_bytes() == b"new"
    assert os.listdir() == ["out.bin"]


def test_an_old_file_is_replaced_and_readers_keep_what_they_opened() -> None:
    write("out.bin", b"old")
    with open("out.bin", "rb") as reader:
        write("out.bin", b"newer")
        assert reader.read() == b"old"
    assert Path("out.bin").read_bytes() == b"newer"


def test_the_stream_can_go_back_and_read() -> None:
    """An archive's writer puts checksums in after the data."""
    with atomic_write("out.bin") as stream:
        stream.write(b"....data")
        stream.seek(0)
        stream.write(b"head")
        stream.seek(4)
        assert stream.read() == b"data"
    assert Path("out.bin").read_bytes() == b"headdata"


@pytest.mark.parametrize(
    ("mask", "executable", "mode"), [(0o022, False, 0o644), (0o077, False, 0o600), (0o027, True, 0o750)]
)
def test_the_permissions_are_those_of_a_new_file(mask: int, executable: bool, mode: int) -> None:
    before = os.umask(mask)
    try:
        write("out.bin", b"new", executable=executable)
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat("out.bin").st_mode) == mode


def test_a_file_is_written_over_while_its_old_bytes_are_being_read() -> None:
    """Parameters that are mapped into memory from the very file that is replaced keep their values."""
    write("out.bin", b"old" * 10_000)
    with open("out.bin", "rb") as old, mmap.mmap(old.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        with atomic_write("out.bin") as stream:
            stream.write(b"new, then ")
            stream.write(mapped)
        assert mapped[:6] == b"oldold"
    assert Path("out.bin").read_bytes() == b"new, then " + b"old" * 10_000


class Interrupted(BaseException):
    """Stands for what a signal handler raises, such as SystemExit on SIGTERM."""


@pytest.mark.parametrize("error", [ValueError("x"), KeyboardInterrupt(), Interrupted(), SystemExit(143)])
def test_whatever_the_block_raises_leaves_the_old_file_and_no_other(error: BaseException) -> None:
    write("out.bin", b"old")

    def interrupted() -> None:
        with atomic_write("out.bin") as stream:
            stream.write(b"x" * 100_000)
            raise error

    with pytest.raises(type(error)):
        interrupted()
    assert (os.listdir(), Path("out.bin").read_bytes()) == (["out.bin"], b"old")


class Failing:
    """Counts the system calls of a write and fails the N-th with an error, or raises what a signal would."""

    def __init__(self, patch: pytest.MonkeyPatch, nth: int, error: BaseException, *, after: bool = False) -> None:
        self.nth, self.error, self.after, self.count = nth, error, after, 0
        for name in CALLS:
            patch.setattr(os, name, self.wrapped(getattr(os, name)))

    def wrapped(self, call: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **options: object) -> object:
            self.count += 1
            if self.count == self.nth:
                if self.after:  # the call is done, and only then the signal comes
                    call(*arguments, **options)
                raise self.error
            return call(*arguments, **options)

        return counted


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO, errno.EACCES, errno.EROFS, errno.EDQUOT, errno.ENOENT])
@pytest.mark.parametrize("old", [None, b"old"])
def test_whichever_call_fails_the_target_is_old_or_new_and_nothing_else_is_left(old: bytes | None, number: int) -> None:
    """The N-th call fails for N = 1, 2, … until none does."""
    data = b"new" * 100_000
    for nth in range(1, 100):
        if old is not None:
            Path("out.bin").write_bytes(old)
        elif os.path.exists("out.bin"):
            os.unlink("out.bin")
        before = len(os.listdir("/dev/fd"))
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, nth, OSError(number, os.strerror(number)))
            try:
                write("out.bin", data)
                failed = False
            except SystemFault:
                failed = True
        found = Path("out.bin").read_bytes() if os.path.exists("out.bin") else None
        assert found in (old, data)
        assert failed or found == data
        assert os.listdir() in ([], ["out.bin"])
        assert len(os.listdir("/dev/fd")) == before
        if failing.count < nth:
            assert not failed
            assert nth > 6
            return
    pytest.fail("some call failed each time")


@pytest.mark.parametrize("after", [False, True])
def test_whenever_an_interrupt_comes_the_target_is_old_or_new_and_nothing_else_is_left(after: bool) -> None:
    for nth in range(1, 100):
        Path("out.bin").write_bytes(b"old")
        with pytest.MonkeyPatch.context() as patch:
            failing = Failing(patch, nth, KeyboardInterrupt(), after=after)
            try:
                write("out.bin", b"new" * 100_000)
                failed = False
            except KeyboardInterrupt:
                failed = True
        assert Path("out.bin").read_bytes() in (b"old", b"new" * 100_000)
        assert os.listdir() == ["out.bin"]
        if failing.count < nth:
            assert not failed
            return
    pytest.fail("some call was interrupted each time")


@pytest.mark.parametrize(
    ("number", "size", "expected"),
    [
        (errno.ENOSPC, 300, ("no-space", "no space left on the device for `out.bin` (needs 300 bytes)", "")),
        (errno.EDQUOT, None, ("no-space", "no space left on the device for `out.bin`", "")),
        (errno.EACCES, None, ("not-writable", "`out.bin` may not be written: permission denied", "name another place")),
        (
            errno.EROFS,
            None,
            ("not-writable", "`out.bin` may not be written: read-only file system", "name another place"),
        ),
        (errno.EIO, None, ("write-failed", "writing `out.bin` failed: input/output error", "")),
        (errno.EFBIG, None, ("write-failed", "writing `out.bin` failed: file too large", "")),
    ],
)
def test_a_failed_write_says_what_the_system_said(
    monkeypatch: pytest.MonkeyPatch, number: int, size: int | None, expected: tuple[str, str, str]
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "write", refuse)
    assert fault(lambda: write("out.bin", b"x", size=size)) == expected


def test_an_error_of_what_is_being_written_is_not_taken_for_the_targets() -> None:
    def reading_fails() -> None:
        with atomic_write("out.bin"):
            raise OSError(errno.EIO, "the source is damaged")

    with pytest.raises(OSError, match="the source is damaged"):
        reading_fails()
    assert os.listdir() == []


def test_a_file_system_that_cannot_synchronise_folders_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def files_only(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "no")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", files_only)
    write("out.bin", b"new")
    assert Path("out.bin").read_bytes() == b"new"


def test_the_bytes_are_on_the_disk_before_the_name_and_the_name_before_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    order: list[str] = []
    fsync, replace = os.fsync, os.replace

    def synchronise(descriptor: int) -> None:
        order.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "file")
        fsync(descriptor)

    def rename(source: str, target: str, *, src_dir_fd: int, dst_dir_fd: int) -> None:
        order.append("rename")
        replace(source, target, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)

    monkeypatch.setattr(os, "fsync", synchronise)
    monkeypatch.setattr(os, "replace", rename)
    write("out.bin", b"new")
    assert order == ["file", "rename", "folder"]


def test_targets_that_are_no_regular_files_are_refused_before_anything_is_written() -> None:
    os.mkdir("folder")
    os.mkfifo("pipe")
    os.symlink("file", "link")
    Path("file").write_bytes(b"old")
    for name, kind in (("folder", "a folder"), ("pipe", "a named pipe"), ("link", "a symbolic link")):
        headline = f"`{name}` is {kind}; only a regular file is written over"
        expected = ("bad-target", headline, "name another file")
        assert fault(lambda name=name: write(name, b"new")) == expected  # type: ignore[misc]
    assert (
        fault(lambda: write("/dev/null", b"new"))[1] == "`/dev/null` is a device; only a regular file is written over"
    )
    assert sorted(os.listdir()) == ["file", "folder", "link", "pipe"]
    assert Path("file").read_bytes() == b"old"


@pytest.mark.parametrize("path", ["", "folder/", ".", "folder/.."])
def test_a_path_that_names_a_folder_is_refused(path: str) -> None:
    os.mkdir("folder")
    assert fault(lambda: write(path, b"new"))[:2] == ("bad-target", f"`{path}` names a folder, not a file")


def test_inputs_are_never_written_over_under_another_name_neither() -> None:
    Path("spec.yaml").write_bytes(b"spec")
    os.link("spec.yaml", "hard.yaml")
    os.symlink("spec.yaml", "soft.yaml")
    protect = ["gone.yaml", "soft.yaml"]
    for name in ("spec.yaml", "hard.yaml", "./spec.yaml"):
        headline = f"`{name}` is the same file as the input `soft.yaml`"
        expected = ("target-is-input", headline, "name another file")
        assert fault(lambda name=name: write(name, b"new", protect=protect)) == expected  # type: ignore[misc]
    write("other.yaml", b"new", protect=protect)
    write("other.yaml", b"newer", protect=protect)
    assert Path("spec.yaml").read_bytes() == b"spec"


def test_a_target_that_becomes_a_link_meanwhile_is_replaced_not_followed() -> None:
    Path("victim").write_bytes(b"victim")
    with atomic_write("out.bin") as stream:
        stream.write(b"new")
        os.symlink("victim", "out.bin")
    assert Path("victim").read_bytes() == b"victim"
    assert Path("out.bin").read_bytes() == b"new"
    assert not os.path.islink("out.bin")


def test_a_missing_folder_is_named() -> None:
    headline = "there is no folder `build` to write `build/out.bin` in"
    assert fault(lambda: write("build/out.bin", b"new")) == ("no-such-folder", headline, "make it first")
    Path("file").touch()
    assert fault(lambda: write("file/out.bin", b"new"))[0] == "no-such-folder"


def test_folders_are_made_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder("build/deep")
    make_folder("build/deep")
    write("build/deep/out.bin", b"new")
    Path("file").touch()
    assert fault(lambda: make_folder("file")) == ("no-such-folder", "`file` is not a folder", "")
    assert fault(lambda: make_folder("file/deep"))[0] == "no-such-folder"

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr(os, "makedirs", refuse)
    assert fault(lambda: make_folder("more"))[0] == "not-writable"


def test_a_stale_temporary_file_disturbs_nobody() -> None:
    stale = ".netspec-0123456789abcdef.tmp"
    Path(stale).write_bytes(b"stale")
    write("out.bin", b"new")
    assert Path("out.bin").read_bytes() == b"new"
    assert Path(stale).read_bytes() == b"stale"


def test_a_temporary_file_is_never_another_writers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the names ever equal, the second writer fails, and the first one's file stays."""
    monkeypatch.setattr(os, "urandom", bytes)
    with atomic_write("out.bin") as stream:
        stream.write(b"first")
        assert fault(lambda: write("out.bin", b"second"))[0] == "write-failed"
    assert Path("out.bin").read_bytes() == b"first"


def test_of_writers_at_once_the_last_wins_whole_and_readers_see_whole_files_only() -> None:
    contents = [bytes([number]) * 200_000 for number in range(4)]
    write("out.bin", contents[0])
    stop = threading.Event()
    torn: list[int] = []

    def read() -> None:
        while not stop.is_set():
            data = Path("out.bin").read_bytes()
            if data not in contents:
                torn.append(len(data))

    def write_often(content: bytes) -> None:
        for _ in range(10):
            write("out.bin", content)

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write_often, args=(content,)) for content in contents]
    reader.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    stop.set()
    reader.join()
    assert torn == []
    assert Path("out.bin").read_bytes() in contents
    assert os.listdir() == ["out.bin"]


def start(script: str) -> "subprocess.Popen[str]":
    """Return a Python process that has begun to write `out.bin` and waits."""
    body = """
        import os, signal, sys, time
        from netspec.files.writing import atomic_write
        def stop(number, frame): raise SystemExit(128 + number)
        signal.signal(signal.SIGTERM, stop)
        with atomic_write("out.bin") as stream:
            stream.write(b"new" * 100_000)
            stream.flush()
            print("ready", flush=True)
            time.sleep(60)
    """
    process = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(body) + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def test_a_killed_writer_leaves_the_old_file_and_the_next_one_is_not_disturbed() -> None:
    write("out.bin", b"old")
    with start("") as process:
        process.kill()
    assert process.returncode == -signal.SIGKILL
    assert Path("out.bin").read_bytes() == b"old"
    assert len(os.listdir()) == 2  # the one trace that nothing can remove
    write("out.bin", b"newer")
    assert Path("out.bin").read_bytes() == b"newer"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, -signal.SIGINT)])
def test_a_writer_that_is_asked_to_stop_leaves_nothing(number: signal.Signals, code: int) -> None:
    write("out.bin", b"old")
    with start("") as process:
        process.send_signal(number)
    assert process.returncode == code
    assert (os.listdir(), Path("out.bin").read_bytes()) == (["out.bin"], b"old")


def test_a_process_killed_at_any_time_leaves_a_whole_file() -> None:
    """`kill -9` after a few milliseconds, many times over, while two contents take turns."""
    script = textwrap.dedent("""
        from netspec.files.writing import atomic_write
        print("ready", flush=True)
        while True:
            for content in (b"a", b"b"):
                with atomic_write("out.bin") as stream:
                    stream.write(content * 300_000)
    """)
    whole = {b"a" * 300_000, b"b" * 300_000}
    write("out.bin", b"a" * 300_000)
    for turn in range(8):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.01 + 0.003 * turn)
            process.kill()
        assert Path("out.bin").read_bytes() in whole


def test_a_full_device_is_reported_and_leaves_the_old_file() -> None:
    """A real limit of the system, in a process of its own: files there may have 64 KB."""
    write("out.bin", b"old")
    script = textwrap.dedent("""
        import resource, signal
        from netspec.diagnostics import SystemFault
        from netspec.files.writing import atomic_write
        resource.setrlimit(resource.RLIMIT_FSIZE, (65_536, 65_536))
        try:
            with atomic_write("out.bin") as stream:
                stream.write(b"new" * 100_000)
        except SystemFault as fault:
            print(fault.code, fault.headline)
    """)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == "write-failed writing `out.bin` failed: file too large\n"
    assert (os.listdir(), Path("out.bin").read_bytes()) == (["out.bin"], b"old")


# -- a file that grows -------------------------------------------------------------------------------------------------


def test_a_file_grows_by_what_is_written_at_once() -> None:
    write("log", b"first\n")
    with Appending("log") as log:
        log.write(b"second\n")
        assert Path("log").read_bytes() == b"first\nsecond\n"
        log.write(b"third\n")
    log.close()  # once more, which changes nothing
    assert Path("log").read_bytes() == b"first\nsecond\nthird\n"


def test_a_piece_that_the_system_takes_in_parts_is_written_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    write("log", b"")
    whole = os.write
    with Appending("log") as log:
        monkeypatch.setattr(os, "write", lambda file, data: whole(file, data[:3]))
        log.write(b"0123456789")
    assert Path("log").read_bytes() == b"0123456789"


def test_a_file_that_cannot_grow_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    write("log", b"")
    with Appending("log") as log:

        def full(*_: object) -> int:
            raise OSError(errno.ENOSPC, "")

        monkeypatch.setattr(os, "write", full)
        assert fault(lambda: log.write(b"x")) == ("no-space", "no space left on the device for `log`", "")


def test_only_a_regular_file_that_is_there_grows() -> None:
    assert fault(lambda: Appending("none"))[:2] == ("write-failed", "writing `none` failed: no such file or directory")
    os.mkfifo("pipe")
    reader = os.open("pipe", os.O_RDONLY | os.O_NONBLOCK)
    assert fault(lambda: Appending("pipe"))[:2] == (
        "bad-target",
        "`pipe` is a named pipe; only a regular file grows",
    )
    os.close(reader)
    write("log", b"")
    os.symlink("log", "link")
    assert fault(lambda: Appending("link"))[0] == "write-failed"


def test_a_target_is_checked_and_nothing_is_left_of_it() -> None:
    check_target("out.bin")
    assert os.listdir() == []
    write("out.bin", b"old")
    check_target("out.bin")
    assert (Path("out.bin").read_bytes(), os.listdir()) == (b"old", ["out.bin"])
    os.link("out.bin", "other.bin")
    assert fault(lambda: check_target("other.bin", protect=["out.bin"])) == (
        "target-is-input", "`other.bin` is the same file as the input `out.bin`", "name another file",
    )  # fmt: skip
    headline = "there is no folder `nowhere` to write `nowhere/out.bin` in"
    assert fault(lambda: check_target("nowhere/out.bin")) == ("no-such-folder", headline, "make it first")
    assert sorted(os.listdir()) == ["other.bin", "out.bin"]

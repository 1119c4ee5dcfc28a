"""Opening input files: what a reference may say, and what may lie where it points."""

import errno
import os
import socket
import stat
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from netspec.diagnostics import FileFault, NetspecError, SystemFault
from netspec.files import folder as module
from netspec.files.folder import Folder, kind_of, open_named, read_named
from netspec.limits import SPEC_BYTES, Limit

LIMIT = Limit("size of a test file", 100, "bytes", "file-too-large")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Folder]:
    """A root with one spec, a part below it, and a secret beside it; the working folder is the root's parent."""
    (tmp_path / "root" / "parts").mkdir(parents=True)
    (tmp_path / "secret.yaml").write_text("secret")
    (tmp_path / "root" / "top.yaml").write_text("top")
    (tmp_path / "root" / "parts" / "fold.yaml").write_text("fold")
    monkeypatch.chdir(tmp_path)
    with Folder("root") as folder:
        yield folder


def fault(call: Callable[[], object]) -> tuple[str, str, str, str]:
    """Return the kind, code, headline and help of the fault that a call raises."""
    with pytest.raises(NetspecError) as caught:
        call()
    error = caught.value
    assert isinstance(error, FileFault | SystemFault)
    text = error.headline if isinstance(error, SystemFault) else error.reason
    assert str(error).startswith(text)
    return (type(error).__name__, error.code, text, error.help)


PLAIN = "write a path relative to this file, such as `parts/fold.yaml`"


@pytest.mark.parametrize(
    ("base", "reference", "path"),
    [
        ("top.yaml", "fold.yaml", "fold.yaml"),
        ("top.yaml", "parts/fold.yaml", "parts/fold.yaml"),
        ("parts/fold.yaml", "bend.yaml", "parts/bend.yaml"),
        ("parts/fold.yaml", "../top.yaml", "top.yaml"),
        ("top.yaml", "./parts/./fold.yaml", "parts/fold.yaml"),
        ("top.yaml", "parts/../top.yaml", "top.yaml"),
        ("a/b/c.yaml", "../../d/../e.yaml", "e.yaml"),
        ("top.yaml", "größe Ω.yaml", "größe Ω.yaml"),
        ("top.yaml", "...", "..."),
    ],
)
def test_a_relative_reference_resolves_below_the_root(tree: Folder, base: str, reference: str, path: str) -> None:
    assert tree.resolve(base, reference) == path


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("", "it is empty"),
        ("/etc/passwd", "it begins with `/`; paths are relative to the file that holds them"),
        ("~/x.yaml", "it has a `~`, and no home folder is looked up"),
        ("$HOME/x.yaml", "it has a `$`, and no variable is looked up"),
        ("%2e%2e/x.yaml", "it has a `%`, and nothing is decoded"),
        ("..\\x.yaml", "it has a backslash; parts are parted by `/`"),
        ("https://example.org/x.yaml", "it has a `:`; a path is neither a URL nor on a drive"),
        ("C:x.yaml", "it has a `:`; a path is neither a URL nor on a drive"),
        ("x\0.yaml", "it has a character that does not print"),
        ("x\x1b[31m.yaml", "it has a character that does not print"),
        ("x\u202ey.yaml", "it has a character that does not print"),
        ("x\ud800.yaml", "it has a character that does not print"),
        ("x\u2028.yaml", "it has a character that does not print"),
        ("a//b.yaml", "it has an empty part"),
        ("a/", "it has an empty part"),
        (" a.yaml", "a part of it begins or ends with a space"),
        ("a /b.yaml", "a part of it begins or ends with a space"),
        (".", "it names a folder, not a file"),
        ("a/..", "it names a folder, not a file"),
        ("x" * 5000, "it has 5,000 characters, the limit is 1,024"),
    ],
)
def test_what_is_no_plain_relative_path_is_refused_as_text(tree: Folder, reference: str, reason: str) -> None:
    assert fault(lambda: tree.resolve("top.yaml", reference)) == ("FileFault", "bad-path", reason, PLAIN)


@pytest.mark.parametrize("reference", ["../secret.yaml", "parts/../../secret.yaml", "./../root/top.yaml"])
def test_a_reference_that_leaves_the_root_is_refused_even_where_it_comes_back(tree: Folder, reference: str) -> None:
    expected = "it leaves the root folder `root`"
    help_text = "name a folder that holds both files with `--root DIR`"
    assert fault(lambda: tree.resolve("top.yaml", reference)) == (
        "FileFault",
        "path-outside-root",
        expected,
        help_text,
    )


def test_a_path_that_grows_too_long_from_part_to_part_is_refused(tree: Folder) -> None:
    reason = "from the root it has 1,801 characters, the limit is 1,024"
    assert fault(lambda: tree.resolve("a" * 900 + "/b.yaml", "c" * 900)) == ("FileFault", "bad-path", reason, "")


def test_no_file_is_looked_at_while_a_reference_is_resolved(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("open", "stat", "lstat", "scandir", "readlink"):
        monkeypatch.setattr(os, name, lambda *_, **__: pytest.fail("a file was looked at"))
    tree.resolve("top.yaml", "parts/fold.yaml")
    fault(lambda: tree.resolve("top.yaml", "../secret.yaml"))


def test_a_file_below_the_root_is_read(tree: Folder) -> None:
    assert tree.read("parts/fold.yaml", LIMIT) == b"fold"
    with tree.open("top.yaml") as stream:
        assert stream.read() == b"top"


def test_a_file_several_folders_down_is_read(tree: Folder) -> None:
    Path("root/a/b/c").mkdir(parents=True)
    Path("root/a/b/c/deep.yaml").write_text("deep")
    assert tree.read("a/b/c/deep.yaml", LIMIT) == b"deep"


@pytest.mark.parametrize("path", ["../secret.yaml", "/etc/passwd", "", "parts/./fold.yaml", "top.yaml\0"])
def test_reading_checks_again_that_the_path_stays_below_the_root(tree: Folder, path: str) -> None:
    """Whoever forgets `resolve` still does not leave the root."""
    expected = ("FileFault", "bad-path", "it is no path below the root", "")
    assert fault(lambda: tree.read(path, LIMIT)) == expected
    assert fault(lambda: tree.open(path)) == expected


def test_the_folders_above_a_spec_may_have_any_name(tree: Folder) -> None:
    Path("root/100% ~ $x ").mkdir()
    Path("root/100% ~ $x /fold.yaml").write_text("fold")
    base = tree.locate("root/100% ~ $x /top.yaml")
    assert tree.read(tree.resolve(base, "fold.yaml"), LIMIT) == b"fold"


def test_a_missing_file_is_named_with_its_nearest_neighbour(tree: Folder) -> None:
    assert fault(lambda: tree.read("parts/fold.yml", LIMIT)) == (
        "FileFault",
        "file-missing",
        "there is no such file",
        "did you mean `fold.yaml`?",
    )
    assert fault(lambda: tree.read("part/fold.yaml", LIMIT)) == (
        "FileFault",
        "file-missing",
        "there is no folder `part`",
        "did you mean `parts`?",
    )
    assert fault(lambda: tree.read("elsewhere.yaml", LIMIT))[3] == ""


def test_no_neighbour_is_looked_for_in_a_very_full_folder(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_NEIGHBOURS", 1)
    assert fault(lambda: tree.read("top.yml", LIMIT))[3] == ""


def test_a_folder_that_cannot_be_listed_gives_no_neighbour(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> object:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "scandir", refuse)
    assert fault(lambda: tree.read("top.yml", LIMIT))[3] == ""


def test_a_file_is_no_folder(tree: Folder) -> None:
    expected = ("FileFault", "file-missing", "`top.yaml` is a file, not a folder", "")
    assert fault(lambda: tree.read("top.yaml/fold.yaml", LIMIT)) == expected


def test_a_link_to_a_file_is_refused(tree: Folder) -> None:
    os.symlink("top.yaml", "root/link.yaml")
    assert fault(lambda: tree.read("link.yaml", LIMIT)) == (
        "FileFault",
        "file-is-a-link",
        "it is a symbolic link, and none is followed",
        "put the file itself there",
    )


@pytest.mark.parametrize("target", ["/etc", "parts", "loop", "nowhere"])
def test_a_link_on_the_way_is_refused_wherever_it_leads(tree: Folder, target: str) -> None:
    os.symlink(target, "root/loop")
    reason = "`loop` is a symbolic link, and none is followed"
    assert fault(lambda: tree.read("loop/fold.yaml", LIMIT))[1:3] == ("file-is-a-link", reason)


@pytest.mark.parametrize("target", ["/proc/self/environ", "../secret.yaml", "loop.yaml", "nowhere.yaml"])
def test_a_link_is_refused_wherever_it_leads(tree: Folder, target: str) -> None:
    os.symlink(target, "root/loop.yaml")
    assert fault(lambda: tree.read("loop.yaml", LIMIT))[1] == "file-is-a-link"


def test_a_folder_a_pipe_and_a_socket_are_refused_without_waiting(tree: Folder) -> None:
    os.mkfifo("root/pipe.yaml")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("root/socket.yaml")
        began = time.monotonic()
        for name, kind in (("parts", "a folder"), ("pipe.yaml", "a named pipe"), ("socket.yaml", "a socket")):
            reason = f"it is {kind}, not a regular file"
            assert fault(lambda name=name: tree.read(name, LIMIT)) == ("FileFault", "file-not-regular", reason, "")  # type: ignore[misc]
        assert time.monotonic() - began < 0.5


def test_a_pipe_on_the_way_is_refused(tree: Folder) -> None:
    os.mkfifo("root/pipe")
    assert fault(lambda: tree.read("pipe/x.yaml", LIMIT))[2] == "`pipe` is a named pipe, not a folder"


def test_a_device_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault(lambda: read_named("/dev/zero", LIMIT)) == (
        "FileFault",
        "file-not-regular",
        "it is a device, not a regular file",
        "",
    )


def test_files_of_proc_are_refused(tmp_path: Path) -> None:
    """They say that they are regular and empty, and give bytes all the same."""
    if not os.path.exists("/proc/self/environ"):
        pytest.skip("no /proc here")
    reason = "it changed while it was read, or is no ordinary file"
    assert fault(lambda: read_named("/proc/self/status", SPEC_BYTES)) == ("FileFault", "file-unreadable", reason, "")
    with Folder("/proc/self") as folder:
        assert fault(lambda: folder.read("status", SPEC_BYTES))[1] == "file-unreadable"


@pytest.mark.parametrize("size", [101, 10 << 30])
def test_a_file_beyond_the_limit_is_refused_by_its_size(tree: Folder, size: int) -> None:
    """A sparse file of 10 GB is refused as quickly as one byte too many."""
    with open("root/big.yaml", "wb") as stream:
        stream.truncate(size)
    began = time.monotonic()
    expected = ("FileFault", "file-too-large", f"it holds {size:,} bytes, the limit is 100", "")
    assert fault(lambda: tree.read("big.yaml", LIMIT)) == expected
    assert fault(lambda: read_named("root/big.yaml", LIMIT)) == expected
    assert time.monotonic() - began < 0.5


def test_a_file_as_large_as_the_limit_is_read(tree: Folder) -> None:
    Path("root/full.yaml").write_bytes(b"x" * 100)
    assert tree.read("full.yaml", LIMIT) == b"x" * 100
    Path("root/empty.yaml").write_bytes(b"")
    assert tree.read("empty.yaml", LIMIT) == b""


@pytest.mark.parametrize("change", [b"", b"to", b"top!", b"x" * 1000])
def test_a_file_that_grows_or_shrinks_while_it_is_read_is_refused(
    tree: Folder, monkeypatch: pytest.MonkeyPatch, change: bytes
) -> None:
    read = os.read

    def slow(descriptor: int, count: int) -> bytes:
        Path("root/top.yaml").write_bytes(change)
        return read(descriptor, count)

    monkeypatch.setattr(os, "read", slow)
    assert fault(lambda: tree.read("top.yaml", LIMIT))[1] == "file-unreadable"


def test_short_reads_are_put_together(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, count: read(descriptor, min(count, 1)))
    assert tree.read("parts/fold.yaml", LIMIT) == b"fold"


def test_a_path_that_is_swapped_for_a_link_never_gives_another_file(tree: Folder) -> None:
    """One thread swaps a part of the path between a folder and a link to the secret's folder; reading never follows."""
    Path("root/parts/secret.yaml").write_text("inside")
    Path("outside").mkdir()
    Path("outside/secret.yaml").write_text("outside")
    os.symlink("../outside", "root/link")
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            os.rename("root/parts", "root/spare")
            os.rename("root/link", "root/parts")
            os.rename("root/parts", "root/link")
            os.rename("root/spare", "root/parts")

    swapping = threading.Thread(target=swap)
    swapping.start()
    try:
        seen = set()
        deadline = time.monotonic() + 0.5
        while time.monotonic() < deadline:
            try:
                seen.add(tree.read("parts/secret.yaml", LIMIT).decode())
            except FileFault as refused:
                seen.add(refused.code)
    finally:
        stop.set()
        swapping.join()
    assert seen <= {"inside", "file-is-a-link", "file-missing"}
    assert "inside" in seen


def test_a_root_that_is_renamed_stays_the_root(tree: Folder) -> None:
    os.rename("root", "moved")
    os.symlink(".", "root")
    assert tree.read("top.yaml", LIMIT) == b"top"


def test_descriptors_are_given_back(tree: Folder) -> None:
    os.symlink("top.yaml", "root/link.yaml")
    os.mkfifo("root/pipe.yaml")
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        tree.read("parts/fold.yaml", LIMIT)
        for path in ("link.yaml", "pipe.yaml", "parts/none.yaml", "parts/none/none.yaml", "parts"):
            fault(lambda path=path: tree.read(path, LIMIT))  # type: ignore[misc]
        fault(lambda: tree.read("parts/fold.yaml", LIMIT._replace(value=1)))
        tree.open("top.yaml").close()
    assert len(os.listdir("/dev/fd")) == before


def test_closing_twice_does_no_harm(tree: Folder) -> None:
    tree.close()
    tree.close()
    assert fault(lambda: tree.read("top.yaml", LIMIT))[:2] == ("SystemFault", "read-failed")


def test_a_root_may_be_a_link_and_is_the_working_folder_where_nothing_is_named(tree: Folder) -> None:
    os.symlink("root", "link")
    with Folder("link") as folder:
        assert folder.read("top.yaml", LIMIT) == b"top"
    with Folder("") as folder:
        assert (folder.path, folder.read("root/top.yaml", LIMIT)) == (".", b"top")


def test_a_root_that_cannot_be_opened_is_a_system_fault(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fault(lambda: Folder("none")) == ("SystemFault", "no-such-folder", "there is no folder `none`", "")
    assert fault(lambda: Folder("no\0ne"))[2] == "there is no folder `noU+0000ne`"
    assert fault(lambda: Folder("secret.yaml"))[2] == "`secret.yaml` is not a folder"
    for number, code in ((errno.EACCES, "read-failed"), (errno.EIO, "read-failed")):
        monkeypatch.setattr(os, "open", raising(number))
        assert fault(lambda: Folder("root"))[1] == code


def test_a_file_on_the_command_line_is_located_below_the_root(tree: Folder) -> None:
    os.symlink("root/parts", "short")
    assert tree.locate("root/top.yaml") == "top.yaml"
    assert tree.locate("short/fold.yaml") == "parts/fold.yaml"
    assert tree.locate(os.path.abspath("root/parts/fold.yaml")) == "parts/fold.yaml"
    assert fault(lambda: tree.locate("secret.yaml")) == (
        "SystemFault",
        "path-outside-root",
        "`secret.yaml` is not below the root `root`",
        "name a `--root` folder that holds the file",
    )


def raising(number: int) -> Callable[..., int]:
    """Return a stand-in for a system call that fails with an error number."""

    def fail(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EACCES, ("FileFault", "file-unreadable", "it may not be read: permission denied")),
        (errno.ENAMETOOLONG, ("FileFault", "bad-path", "a part of it is longer than this system's names may be")),
        (errno.EIO, ("SystemFault", "read-failed", "reading `top.yaml` failed: input/output error")),
        (errno.EMFILE, ("SystemFault", "read-failed", "reading `top.yaml` failed: too many open files")),
    ],
)
def test_failures_to_open_a_part_are_told_apart(
    tree: Folder, monkeypatch: pytest.MonkeyPatch, number: int, expected: tuple[str, str, str]
) -> None:
    monkeypatch.setattr(os, "open", raising(number))
    assert fault(lambda: tree.read("top.yaml", LIMIT))[:3] == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.EACCES, ("SystemFault", "read-failed", "`x.yaml` may not be read: permission denied")),
        (errno.EIO, ("SystemFault", "read-failed", "reading `x.yaml` failed: input/output error")),
        (errno.ENXIO, ("FileFault", "file-not-regular", "it is a socket or a device, not a regular file")),
    ],
)
def test_failures_to_open_a_named_file_are_told_apart(
    monkeypatch: pytest.MonkeyPatch, number: int, expected: tuple[str, str, str]
) -> None:
    monkeypatch.setattr(os, "open", raising(number))
    assert fault(lambda: open_named("x.yaml"))[:3] == expected


def test_an_error_while_reading_is_a_system_fault(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "read", raising(errno.EIO))
    expected = ("SystemFault", "read-failed", "reading `top.yaml` failed: input/output error", "")
    assert fault(lambda: tree.read("top.yaml", LIMIT)) == expected


def test_a_part_that_vanishes_while_it_is_looked_at_is_missing(tree: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "stat", raising(errno.ENOENT))
    assert fault(lambda: tree.read("none.yaml", LIMIT))[1] == "file-missing"


def test_the_named_file_may_be_a_link(tree: Folder) -> None:
    os.symlink("root/top.yaml", "link.yaml")
    assert read_named("link.yaml", LIMIT) == b"top"
    with open_named("link.yaml") as stream:
        assert stream.read() == b"top"


def test_a_named_file_that_is_not_there_is_a_system_fault(tree: Folder) -> None:
    os.symlink("loop.yaml", "loop.yaml")
    assert fault(lambda: read_named("root/topp.yaml", LIMIT)) == (
        "SystemFault",
        "no-such-file",
        "there is no file `root/topp.yaml`",
        "did you mean `top.yaml`?",
    )
    assert fault(lambda: read_named("secrte.yaml", LIMIT))[3] == "did you mean `secret.yaml`?"
    assert fault(lambda: read_named("none/x.yaml", LIMIT))[1:] == ("no-such-file", "there is no file `none/x.yaml`", "")
    assert fault(lambda: read_named("x\0.yaml", LIMIT))[2] == "there is no file `xU+0000.yaml`"
    assert fault(lambda: read_named("loop.yaml", LIMIT))[2] == "`loop.yaml` is a symbolic link that leads in a circle"
    assert fault(lambda: read_named("", LIMIT))[1] == "no-such-file"


def test_a_named_pipe_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    began = time.monotonic()
    assert fault(lambda: read_named(str(tmp_path / "pipe"), LIMIT))[1] == "file-not-regular"
    assert time.monotonic() - began < 0.5


def test_hostile_names_are_shown_harmlessly(tree: Folder) -> None:
    Path("root/parts/fol\x1b]8;;d.yaml").touch()
    assert fault(lambda: tree.read("parts/fol]8;;d.yaml", LIMIT))[3] == "did you mean `folU+001B]8;;d.yaml`?"


def test_kinds_of_files_have_names() -> None:
    kinds = (stat.S_IFREG, stat.S_IFDIR, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK)
    words = ["a file", "a folder", "a symbolic link", "a named pipe", "a socket", "a device", "a device"]
    assert [kind_of(kind) for kind in kinds] == words


def test_an_error_without_number_keeps_its_own_words() -> None:
    assert module.why(OSError("Something odd")) == "something odd"

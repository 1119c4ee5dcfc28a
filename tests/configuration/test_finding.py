"""Which file is the configuration of a spec; hostile ones are refused, in place and bounded."""

import os
import socket
import time
from pathlib import Path

import pytest

from netspec.configuration import finding
from netspec.configuration.configuration import Configuration
from netspec.configuration.finding import Search, configuration_for, has_hint
from netspec.configuration.reading import read_configuration
from netspec.diagnostics import Diagnostic, NetspecError, Place, Span, SpecError, SystemFault
from netspec.diagnostics.text import render_text

STRICT = "strict = true\n"
SHARED = "[tool.netspec]\nstrict = true\n"
LEFT_OUT = "name another with `--config FILE`, or leave it out with `--no-config`"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "top/nets/deep").mkdir(parents=True)
    (tmp_path / "top/.git").mkdir()
    monkeypatch.chdir(tmp_path / "top")


def file_of(path: str) -> str:
    """Return the name of the file that a spec is under, which may be missing itself."""
    return configuration_for(path).file


def refused(path: str) -> Diagnostic:
    """Return the one fault of the configuration of a spec."""
    with pytest.raises(SpecError) as caught:
        configuration_for(path)
    (fault,) = caught.value.diagnostics
    return fault


def test_without_a_file_there_is_an_empty_configuration() -> None:
    assert configuration_for("nets/a.yaml") == configuration_for(".") == Configuration()
    assert Search().of("nets") is None


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"netspec.toml": STRICT}, "netspec.toml"),
        ({"pyproject.toml": SHARED}, "pyproject.toml"),
        ({"netspec.toml": STRICT, "pyproject.toml": SHARED}, "netspec.toml"),
        ({"netspec.toml": STRICT, "nets/pyproject.toml": SHARED}, "nets/pyproject.toml"),
        ({"netspec.toml": STRICT, "nets/netspec.toml": ""}, "nets/netspec.toml"),
        ({"netspec.toml": STRICT, "nets/pyproject.toml": "[project]\nname = 'netspec'\n"}, "netspec.toml"),
        ({"netspec.toml": STRICT, "nets/pyproject.toml": "[tool]\nnetspecs = {}\n"}, "netspec.toml"),
        ({"netspec.toml": STRICT, "nets/pyproject.toml": "tool = 'netspec'\n"}, "netspec.toml"),
        ({"netspec.toml": STRICT, "nets/deep/netspec.toml/x": ""}, None),
        ({"../netspec.toml": STRICT}, ""),
        ({"nets/.git": "gitdir: elsewhere\n", "netspec.toml": STRICT}, ""),
        ({"nets/.git": "gitdir: elsewhere\n", "nets/netspec.toml": STRICT}, "nets/netspec.toml"),
    ],
)
def test_the_nearest_file_counts_up_to_the_top_of_a_repository(files: dict[str, str], found: str | None) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text)
    if found is None:
        assert refused("nets/deep/a.yaml").code == "file-not-regular"
    else:
        assert file_of("nets/deep/a.yaml") == found


@pytest.mark.parametrize(
    "text",
    [
        "[tool.netspec]\nstrict = true\n",
        "[ tool . netspec ]\nstrict = true\n",
        "['tool'.\"netspec\"]\nstrict = true\n",
        "[tool]\nnetspec = {strict = true}\n",
        "[tool]\nnetspec.strict = true\n",
        "tool = {netspec = {strict = true}}\n",
        "tool.netspec.strict = true\n",
        "'tool' . other.x = 1\n\"tool\".'netspec' = {strict = true}\n",
        "[tool.netspec.rules]\n[tool.netspec.budget]\n",
    ],
)
def test_the_table_is_found_however_it_is_spelled(text: str) -> None:
    Path("pyproject.toml").write_text(text)
    assert has_hint(text.encode())
    assert file_of("a.yaml") == "pyproject.toml"
    assert configuration_for("a.yaml").policy("a.yaml").strict == ("strict" in text)


def test_a_shared_file_that_names_netspec_elsewhere_gives_no_hint() -> None:
    for text in ("[project]\ndependencies = ['netspec-lang']\n[tool.ruff]\n", "[project.scripts]\nnetspec = 'a:b'\n"):
        assert not has_hint(text.encode())


def test_a_folder_that_is_a_link_is_where_it_leads_to() -> None:
    os.symlink("nets", "linked")
    Path("nets/netspec.toml").write_text(STRICT)
    assert file_of("linked/deep/a.yaml") == "nets/netspec.toml"


def test_each_folder_is_looked_into_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("netspec.toml").write_text(STRICT)
    seen: list[str] = []
    original = finding._in

    def look_into(folder: str) -> Configuration | NetspecError | None:
        seen.append(Path(folder).name)
        return original(folder)

    monkeypatch.setattr(finding, "_in", look_into)
    search = Search()
    found = [search.of(folder) for folder in ("nets/deep", "nets", "nets/deep", "nets/deep/../deep", "")]
    assert seen == ["deep", "nets", "top"]
    assert all(each is found[0] for each in found)


def test_a_fault_is_the_same_each_time() -> None:
    Path("netspec.toml").write_text("strict = 1\n")
    search = Search()
    faults = []
    for folder in ("nets", "", "nets/deep"):
        with pytest.raises(SpecError) as caught:
            search.of(folder)
        faults.append(caught.value)
    assert faults[0] is faults[1] is faults[2]


# -- hostile files --------------------------------------------------------------------------------------------------

START = Span(1, 1, 1, 2)


def test_a_link_is_not_followed_and_what_it_leads_to_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password = secret\n")
    os.symlink("../secret", "netspec.toml")
    fault = refused("a.yaml")
    headline = "`netspec.toml`: it is a symbolic link, and none is followed"
    place = Place("netspec.toml", START)
    assert fault == Diagnostic("file-is-a-link", headline, place, help="put the file itself there")
    assert "password" not in render_text([fault], {})


def test_a_shared_file_that_is_a_link_counts_only_where_it_has_the_table(tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[project]\nname = 'netspec'\n")
    os.symlink("../other.toml", "pyproject.toml")
    assert file_of("a.yaml") == ""
    (tmp_path / "other.toml").write_text(SHARED)
    assert refused("a.yaml").code == "file-is-a-link"


@pytest.mark.parametrize("kind", ["folder", "pipe", "socket", "device"])
def test_what_is_no_file_is_refused_without_waiting_or_passed_by(kind: str) -> None:
    for name in ("netspec.toml", "pyproject.toml"):
        if kind == "folder":
            Path(name).mkdir()
        elif kind == "pipe":
            os.mkfifo(name)
        elif kind == "device":
            os.symlink("/dev/zero", name)
        else:
            with socket.socket(socket.AF_UNIX) as listening:
                listening.bind(name)
    assert refused("a.yaml").code == ("file-is-a-link" if kind == "device" else "file-not-regular")
    (Path("netspec.toml").rmdir if kind == "folder" else Path("netspec.toml").unlink)()
    assert file_of("a.yaml") == ""


def test_a_link_that_leads_nowhere_is_told_and_a_shared_one_is_passed_by() -> None:
    os.symlink("nothing", "netspec.toml")
    assert refused("a.yaml").code == "file-is-a-link"
    Path("netspec.toml").rename("pyproject.toml")
    assert file_of("a.yaml") == ""


@pytest.mark.parametrize("name", ["netspec.toml", "pyproject.toml"])
def test_a_file_of_100_megabytes_is_refused_unread(name: str) -> None:
    with Path(name).open("wb") as file:
        file.truncate(100 << 20)
    start = time.process_time()
    headline = f"`{name}`: it holds 104,857,600 bytes, the limit is 262,144"
    assert refused("a.yaml") == Diagnostic("file-too-large", headline, Place(name, START), help=LEFT_OUT)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a = " + b"[" * 100_000, "too-deep"),
        (b"x." * 100_000 + b"x = 1\n", "too-deep"),
        (b"".join(b"%d=1\n" % i for i in range(30_000)), "too-many-values"),
        (b"strict = true # \xff\n", "not-utf8"),
        ("strict = true\n".encode("utf-16"), "not-utf8"),
        (b"strict\0 = true\n", "toml-syntax"),
        (b"strict = true\n" * 10, "toml-syntax"),
        (b"".join(b"k%d=1\n" % i for i in range(19_000)), "unknown-setting"),
        (b'[rules]\n"\\u001b[31m" = "off"\n', "unknown-setting"),
        (b'exclude = ["' + b"*a" * 30_000 + b'"]\n', "bad-setting"),
    ],
)
@pytest.mark.parametrize("name", ["netspec.toml", "pyproject.toml"])
def test_a_hostile_file_is_refused_in_place(name: str, data: bytes, code: str) -> None:
    if name == "pyproject.toml":
        data = b"[tool.netspec]\n" + data.replace(b"[rules]", b"[tool.netspec.rules]")
    Path(name).write_bytes(data)
    start = time.process_time()
    with pytest.raises(SpecError) as caught:
        configuration_for("nets/a.yaml")
    assert time.process_time() - start < 5  # five times what is promised
    assert {fault.code for fault in caught.value.diagnostics} == {code}
    assert len(caught.value.diagnostics) <= 1_000
    for fault in caught.value.diagnostics:
        assert fault.place.file == name
        assert fault.place.span is not None
    printed = render_text(caught.value.diagnostics, caught.value.sources)
    assert len(printed) < 12_000
    assert all(" " <= character <= "~" or character == "\n" for character in printed)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", ["netspec.toml", "pyproject.toml"])
def test_a_file_that_may_not_be_read_is_told(name: str) -> None:
    Path(name).write_text(SHARED)
    Path(name).chmod(0)
    with pytest.raises(SystemFault, match="may not be read") if name != "netspec.toml" else pytest.raises(SpecError):
        configuration_for("a.yaml")


def test_a_file_that_fails_is_a_fault_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> bytes:
        raise SystemFault("read-failed", "reading `pyproject.toml` failed: input/output error")

    Path("pyproject.toml").write_text(SHARED)
    monkeypatch.setattr(finding, "read_named", fail)
    with pytest.raises(SystemFault, match="input/output error"):
        configuration_for("a.yaml")


# -- a file that is named -------------------------------------------------------------------------------------------


def test_a_file_that_is_named_may_be_called_anything_and_be_a_link() -> None:
    Path("nets/strict.toml").write_text(STRICT)
    os.symlink("nets/strict.toml", "ci.toml")
    found = read_configuration("ci.toml")
    assert (found.file, found.named, found.policy("a.yaml").strict) == ("ci.toml", True, True)
    assert found.folder == os.path.realpath(".")


def test_a_shared_file_that_is_named_has_to_have_the_table() -> None:
    Path("pyproject.toml").write_text("[project]\nname = 'a'\n")
    with pytest.raises(SpecError) as caught:
        read_configuration("pyproject.toml")
    words = "there is no table `[tool.netspec]` in the file"
    help_ = "add it, or leave out `--config`"
    assert caught.value.diagnostics == (Diagnostic("bad-setting", words, Place("pyproject.toml", START), help=help_),)
    Path("pyproject.toml").write_text(SHARED)
    assert read_configuration("pyproject.toml").policy(None).strict


def test_a_file_that_is_named_and_cannot_be_read_is_told() -> None:
    with pytest.raises(SystemFault, match=r"there is no file `missing\.toml`"):
        read_configuration("missing.toml")
    os.mkfifo("pipe.toml")
    with pytest.raises(SpecError) as caught:
        read_configuration("pipe.toml")
    assert [fault.code for fault in caught.value.diagnostics] == ["file-not-regular"]


def test_a_file_is_called_as_it_is_from_the_working_folder_or_by_its_path_where_that_is_shorter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("netspec.toml").write_text(STRICT)
    monkeypatch.chdir("nets/deep")
    assert file_of("a.yaml") == "../../netspec.toml"
    monkeypatch.chdir("/")
    assert file_of(str(tmp_path / "top/nets/a.yaml")) == str(tmp_path / "top/netspec.toml")[1:]

"""The faults of a system that fails, which no folder of files shows: each page's example is what is really said."""

import errno
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from netspec.diagnostics import FileFault, NetspecError, SystemFault
from netspec.diagnostics.pages import page
from netspec.files.folder import read_named
from netspec.files.parameters import read_parameters
from netspec.files.writing import atomic_write
from netspec.limits import SPEC_BYTES


def write(path: str, size: int | None = None) -> None:
    with atomic_write(path, size=size) as stream:
        stream.write(b"model")


class Vast(io.BytesIO):
    """A file of four terabytes, as far as its size and its header go."""

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return super().seek(offset, whence) + (4 * 10**12 if whence == os.SEEK_END else 0)


def load() -> None:
    tensor = {"dtype": "F32", "shape": [10**6, 10**6], "data_offsets": [0, 4 * 10**12]}
    header = json.dumps({"Omega_0": tensor}).encode()
    stream = Vast(len(header).to_bytes(8, "little") + header)
    read_parameters(stream, "network.safetensors", {"Omega_0": (10**6, 10**6)}, "float32")


def said(fault: NetspecError, path: str) -> str:
    """Return the fault as the command line draws it, but for its colours."""
    assert isinstance(fault, FileFault | SystemFault)
    headline = f"`{path}`: {fault.reason}" if isinstance(fault, FileFault) else fault.headline
    return f"error[{fault.code}]: {headline}\n" + (f"   = help: {fault.help}\n" if fault.help else "")


@pytest.mark.parametrize(
    ("code", "call", "fails", "number"),
    [
        ("file-unreadable", lambda: read_named("network.yaml", SPEC_BYTES), "", 0),
        ("read-failed", lambda: read_named("network.yaml", SPEC_BYTES), "read", errno.EIO),
        ("not-writable", lambda: write("/usr/network.pyz"), "open", errno.EACCES),
        ("no-space", lambda: write("network.pyz", 1 << 20), "write", errno.ENOSPC),
        ("write-failed", lambda: write("network.pyz"), "write", errno.EIO),
        ("no-memory", load, "", 0),
    ],
)
def test_a_page_shows_what_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, call: Callable[[], None], fails: str, number: int
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("network.yaml").write_text("netspec: 1")

    def refuse(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    def empty(*_: object) -> None:
        raise MemoryError

    if fails:
        monkeypatch.setattr(os, fails, refuse)
    elif code == "no-memory":
        monkeypatch.setattr(np, "empty", empty)
    else:
        monkeypatch.setattr(os, "read", lambda *_: b"")
    with pytest.raises(NetspecError) as caught:
        call()
    text = page(code)
    assert text is not None
    assert f"```text\n{said(caught.value, 'network.yaml')}```" in text

"""Numbers that memory is too small for: written once, mapped, and every failure told as a fault."""

import errno
import mmap
from collections.abc import Callable
from typing import NoReturn

import pytest

from netspec.diagnostics import SystemFault
from netspec.files import spool
from netspec.files.spool import Spool, release


def raising(number: int) -> Callable[..., NoReturn]:
    """Return a function that fails as the system does."""

    def fail(*_: object, **__: object) -> NoReturn:
        raise OSError(number, "refused")

    return fail


def told(caught: pytest.ExceptionInfo[SystemFault]) -> tuple[str, str]:
    return caught.value.code, caught.value.headline


def test_what_is_written_is_mapped_and_outlives_the_file() -> None:
    written = Spool()
    written.write(b"one ")
    written.write(memoryview(b"two"))
    mapped = written.mapped()
    written.close()
    release(mapped)
    assert (written.size, bytes(mapped)) == (7, b"one two")


def test_a_system_without_the_advice_keeps_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    written = Spool()
    written.write(b"one")
    mapped = written.mapped()
    monkeypatch.delattr(mmap, "MADV_DONTNEED")
    release(mapped)
    written.close()
    assert bytes(mapped) == b"one"


def test_a_file_that_cannot_be_made_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "TemporaryFile", raising(errno.EACCES))
    with pytest.raises(SystemFault) as caught:
        Spool()
    assert told(caught)[0] == "read-failed"


def test_space_that_runs_out_is_told_when_writing_and_when_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        write = flush = staticmethod(raising(errno.ENOSPC))

        def close(self) -> None:
            raise OSError(errno.ENOSPC, "refused")

    monkeypatch.setattr(spool, "TemporaryFile", Full)
    written = Spool()
    for act in (lambda: written.write(b"one"), written.mapped):
        with pytest.raises(SystemFault) as caught:
            act()
        assert told(caught) == ("no-space", "no space left for a temporary file")
    written.close()

"""The exceptions, as a caller of the Python API meets them."""

import pickle

import pytest

from netspec.diagnostics import Diagnostic, FileFault, NetspecError, Place, SpecError, SystemFault

REFUSED = SpecError([Diagnostic("a", "one", Place(""))])


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (REFUSED, "error[a]: one\n"),
        (SystemFault("no-space", "no space left", "make room"), "no space left; make room"),
        (SystemFault("no-space", "no space left"), "no space left"),
        (FileFault("file-is-a-link", "it is a symbolic link"), "it is a symbolic link"),
    ],
)
def test_every_exception_has_one_root_and_a_text(fault: NetspecError, text: str) -> None:
    assert isinstance(fault, NetspecError)
    assert str(fault) == text


@pytest.mark.parametrize("fault", [REFUSED, SystemFault("a", "b", "c"), FileFault("a", "b", "c")])
def test_exceptions_pass_between_processes(fault: NetspecError) -> None:
    """As a worker process hands them back, without loss."""
    again = pickle.loads(pickle.dumps(fault))
    assert vars(again) == vars(fault)

"""The file of facts beside a spec: what it holds, whether that is what the spec has, and what is in its way."""

import os
from typing import NamedTuple

from netspec.diagnostics import Diagnostic, FileFault, Place, Span, quote, show
from netspec.files.folder import Folder
from netspec.limits import FACTS_BYTES
from netspec.review.facts_file import SUFFIX, facts_path, is_facts, spec_paths
from netspec.review.stale import stale

_START = Span(1, 1, 1, 2)


class Beside(NamedTuple):
    """What lies beside a spec where its facts do: its bytes, None where nothing is there, or what is in the way."""

    path: str
    data: bytes | None = None
    fault: Diagnostic | None = None

    @property
    def text(self) -> str:
        """What it holds, for an excerpt."""
        return "" if self.data is None else self.data.decode(errors="replace")


def beside(spec: str) -> Beside:
    """Return what lies beside a spec. No link is followed, and nothing is taken for facts that does not say so.

    Raises SystemFault where the system fails.
    """
    path = facts_path(spec)
    folder_path, name = os.path.split(path)
    try:
        with Folder(folder_path) as folder:
            data = folder.read(name, FACTS_BYTES)
    except FileFault as fault:
        if fault.code == "file-missing":
            return Beside(path)
        refusal = Diagnostic(fault.code, f"{quote(path)}: {fault.reason}", Place(path), help=fault.help)
        return Beside(path, None, refusal)
    if is_facts(data):
        return Beside(path, data)
    words = f"{quote(path)} is no file of facts, and stands where those of {quote(spec)} would"
    help_ = "a file of facts begins with the key `netspec_facts`; rename this one"
    return Beside(path, data, Diagnostic("not-facts", words, Place(path, _START), help=help_))


def difference(spec: str, found: Beside, wanted: str) -> Diagnostic | None:
    """Return why what lies beside a spec is not what it has; None where it is, byte for byte."""
    if found.fault is not None:
        return found.fault
    if found.data is None:
        words = f"there is no {quote(found.path)} beside {quote(spec)}"
        return Diagnostic("missing-facts", words, Place(spec, _START), help=f"`netspec facts {show(spec)}` writes it")
    if found.data == wanted.encode():
        return None
    return stale(found.path, spec, found.text, wanted)


def lone(path: str) -> Diagnostic | None:
    """Return the fault of a file of facts whose spec is gone; None where it has one, and for any other file."""
    if not path.endswith(SUFFIX) or any(os.path.lexists(spec) for spec in spec_paths(path)):
        return None
    folder_path, name = os.path.split(path)
    try:
        with Folder(folder_path) as folder:
            data = folder.read(name, FACTS_BYTES)
    except FileFault:
        return None
    if not is_facts(data):
        return None
    spec = spec_paths(path)[0]
    words = f"{quote(path)} is of a spec that is gone: there is no {quote(spec)}"
    return Diagnostic("lone-facts", words, Place(path, _START), help="remove it with its spec, or rename it with it")

"""The facts of many specs beside them, one after the other or in several processes; nothing is written here."""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from functools import partial
from typing import Final, NamedTuple

from netspec.cli.jobs import Cost, plan
from netspec.cli.paths import STREAM, Target
from netspec.cli.reading import is_left_out
from netspec.diagnostics import Diagnostic, Place, SystemFault, quote
from netspec.limits import FACTS_BYTES
from netspec.review.beside import beside, difference
from netspec.review.facts_file import facts_text
from netspec.review.opening import open_file
from netspec.validation import uncollected

# 1.6 ms for a spec of 600 bytes, and what its network costs besides.
_COST: Final = Cost(1e-3, 1.2e-6)


class Recorded(NamedTuple):
    """What became of the facts of one spec, as data that can be sent from process to process.

    `path` is their file, `text` what it is to hold, None where it does or there are `faults`. `fault` says why a file
    could not be read at all. Where `left_out`, it is no spec.
    """

    file: str
    path: str = ""
    text: str | None = None
    faults: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = {}
    fault: SystemFault | None = None
    left_out: bool = False


def recorded(target: Target | SystemFault, *, check: bool) -> Recorded:
    """Return what becomes of the facts of a spec; where they are to be checked, what they say else is a fault."""
    if isinstance(target, SystemFault):
        return Recorded("", fault=target)
    if target.path == STREAM:
        words = "facts stand in a file beside a spec, and standard input has none"
        return Recorded("", fault=SystemFault("usage", words, "`netspec show --format json -` prints them"))
    if is_left_out(target):
        return Recorded(target.path, left_out=True)
    with uncollected():
        try:
            family = open_file(target.path, target.root)
            found = beside(target.path)
        except SystemFault as fault:
            return Recorded(target.path, fault=fault)
        if family.written is None or any(each.severity == "error" for each in family.diagnostics):
            return Recorded(target.path, found.path, None, family.diagnostics, family.sources)
        text = facts_text(family, target.path)
    if (size := len(text.encode())) > FACTS_BYTES.value:
        words = f"the facts of {quote(target.path)} would take {size:,} bytes, the limit is {FACTS_BYTES.value:,}"
        return Recorded(target.path, found.path, None, (Diagnostic(FACTS_BYTES.code, words, Place(target.path)),))
    wrong = difference(target.path, found, text)
    if wrong is None:
        return Recorded(target.path, found.path)
    if check or wrong is found.fault:
        sources = {found.path: found.text, **family.sources}
        return Recorded(target.path, found.path, None, (wrong,), sources)
    return Recorded(target.path, found.path, text)


def record_all(targets: Sequence[Target | SystemFault], jobs: int, *, check: bool) -> Generator[Recorded, None, None]:
    """Yield what becomes of each target, in their order, by at most `jobs` processes, and by this one if none pays."""
    used, method = plan(targets, jobs, _COST)
    if used == 1:
        for target in targets:
            yield recorded(target, check=check)
        return
    from netspec.cli.processes import in_processes  # multiprocessing is loaded only where it pays

    work = partial(_recorded_or_left, check=check)
    with contextlib.closing(in_processes(targets, work, used, method)) as results:
        for target, found in zip(targets, results, strict=True):
            yield recorded(target, check=check) if found is None else found


def _recorded_or_left(target: Target | SystemFault, *, check: bool) -> Recorded | None:
    """Return what becomes of the target; None leaves to the parent what nobody foresaw."""
    try:
        return recorded(target, check=check)
    except Exception:
        return None

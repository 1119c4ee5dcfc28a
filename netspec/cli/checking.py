"""The checks of many specs, one after the other or in several processes, given back in the order of the specs."""

import sys
from collections.abc import Generator, Mapping, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from netspec.cli.jobs import Cost, plan
from netspec.cli.paths import STREAM, Target
from netspec.cli.reading import STREAM_NAME, is_left_out
from netspec.diagnostics import Diagnostic, SystemFault
from netspec.diagnostics.magnitude import magnitude
from netspec.files.folder import why
from netspec.limits import SPEC_BYTES
from netspec.source import read_source
from netspec.validation import Choice, Verdict, check_file, check_text, uncollected

if TYPE_CHECKING:
    from netspec.configuration.policy import Policy

# 0.85 ms for a spec of 600 bytes, 1 s for one of a megabyte: two processes are ahead of one from 60 such specs on where
# they are copies, and from 500 where they are not.
COST: Final = Cost(0.25e-3, 1e-6)


class Checked(NamedTuple):
    """What checking one spec found, as data that can be sent from process to process.

    `sources` has the texts of the files that diagnostics name, `read` names all specs that were read. `parameters` is
    their number as people read it, where the spec is valid. `fault` says why the file could not be read at all; `file`
    is empty where there is none. Where `left_out`, it is no spec. `beside` is a file that was checked with the spec.
    """

    file: str
    diagnostics: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = {}
    parameters: str | None = None
    fault: SystemFault | None = None
    read: tuple[str, ...] = ()
    left_out: bool = False
    beside: str = ""


def check(target: Target | SystemFault, choice: Choice) -> Checked:
    """Return what checking the spec found; a fault met while it was searched for stays what it is."""
    if isinstance(target, SystemFault):
        return Checked("", fault=target)
    with uncollected():  # until the verdict, a large one, is let go
        if target.path == STREAM:
            return _check_stream(choice, target.policy)
        if is_left_out(target):
            return Checked(target.path, left_out=True)
        try:
            verdict = check_file(target.path, root=target.root, choice=choice, policy=target.policy)
            return checked_as(target.path, verdict)
        except SystemFault as fault:
            return Checked(target.path, fault=fault)


def check_all(targets: Sequence[Target | SystemFault], choice: Choice, jobs: int) -> Generator[Checked, None, None]:
    """Yield what checking each target found, in their order, by at most `jobs` processes, and by this one if none pays.

    The results are the same whatever the number of processes. Close the iterator, and the processes end.
    """
    used, method = plan(targets, jobs, COST)
    if used > 1:
        from netspec.cli.workers import check_in_processes  # multiprocessing is loaded only where it pays

        yield from check_in_processes(targets, choice, used, method)
        return
    for target in targets:
        yield check(target, choice)


def _check_stream(choice: Choice, policy: "Policy | None") -> Checked:
    """Return what checking the spec on standard input found, of which a byte more than it may hold is read."""
    try:
        data = b"" if sys.stdin is None else sys.stdin.buffer.read(SPEC_BYTES.value + 1)
    except OSError as error:
        headline = f"reading standard input failed: {why(error)}"
        return Checked(STREAM_NAME, fault=SystemFault("read-failed", headline))
    try:
        text = data.decode()
    except UnicodeDecodeError:  # which is all that is said of it, byte and place
        source = read_source(data, STREAM_NAME)
        return Checked(STREAM_NAME, tuple(source.faults), {STREAM_NAME: source.text})
    return checked_as(STREAM_NAME, check_text(text, STREAM_NAME, choice=choice, policy=policy))


def checked_as(file: str, verdict: Verdict) -> Checked:
    """Return the verdict on a spec as data that can be sent from process to process."""
    found = verdict.diagnostics
    named = {place.file for fault in found for place in (fault.place, *(note.place for note in fault.notes))}
    sources = {name: text for name, text in verdict.sources.items() if name in named}
    parameters = None if verdict.facts is None else magnitude(verdict.facts.parameters)
    return Checked(file, found, sources, parameters, read=tuple(verdict.sources))

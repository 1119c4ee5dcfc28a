"""Specs in the canonical layout, one after the other or in several processes; nothing is written here."""

import contextlib
from collections.abc import Generator, Mapping, Sequence
from typing import Final, NamedTuple

from netspec.cli.jobs import Cost, plan
from netspec.cli.paths import STREAM, Target
from netspec.cli.reading import is_left_out, name_of, read_bytes
from netspec.diagnostics import Diagnostic, SpecError, SystemFault
from netspec.formatting import format_source
from netspec.source import Source, read_source

# 0.6 ms for a spec of 600 bytes, 0.9 s for one of a megabyte, where nothing changes.
_COST: Final = Cost(0.1e-3, 0.9e-6)


class Formatted(NamedTuple):
    """What became of one spec, as data that can be sent from process to process.

    `before` is its text with LF line ends, `after` that in the canonical layout; None where the file is as it should
    be, or has `faults`. `fault` says why the file could not be read at all. Where `left_out`, it is no spec.
    """

    file: str
    before: str = ""
    after: str | None = None
    faults: tuple[Diagnostic, ...] = ()
    sources: Mapping[str, str] = {}
    fault: SystemFault | None = None
    left_out: bool = False


def formatted(target: Target | SystemFault) -> Formatted:
    """Return a spec in the canonical layout; a fault met while it was searched for stays what it is."""
    if isinstance(target, SystemFault):
        return Formatted("", fault=target)
    name = name_of(target.path)
    if is_left_out(target):
        return Formatted(name, left_out=True)
    try:
        data = read_bytes(target.path)
    except SystemFault as fault:
        return Formatted(name, fault=fault)
    except SpecError as refused:
        return Formatted(name, faults=refused.diagnostics)
    source = read_source(data, name)
    faults = source.faults or _not_a_spec(source)
    if faults:
        return Formatted(name, source.text, None, tuple(faults), {name: source.text})
    text = format_source(source)
    return Formatted(name, source.text, None if text.encode() == data else text)


def format_all(targets: Sequence[Target | SystemFault], jobs: int) -> Generator[Formatted, None, None]:
    """Yield what becomes of each target, in their order, by at most `jobs` processes, and by this one if none pays."""
    used, method = plan(targets, jobs, _COST)
    if used == 1:
        for target in targets:
            yield formatted(target)
        return
    from netspec.cli.processes import in_processes  # multiprocessing is loaded only where it pays

    with contextlib.closing(in_processes(targets, _formatted_or_left, used, method)) as results:
        for target, found in zip(targets, results, strict=True):
            yield formatted(target) if found is None else found


def _formatted_or_left(target: Target | SystemFault) -> Formatted | None:
    """Return what becomes of the target; None leaves to the parent what is its own, or what nobody foresaw."""
    if isinstance(target, Target) and target.path == STREAM:
        return None
    try:
        return formatted(target)
    except Exception:
        return None


def _not_a_spec(source: Source) -> list[Diagnostic]:
    """Return the fault of a YAML file that is none of ours, whose layout is nobody's concern here."""
    if source.tree is None or "netspec" in source.tree.values:
        return []
    help_ = "add `netspec: 1`, the version of the language; only specs are formatted"
    return [Diagnostic("missing-key", "the key `netspec` is missing", source.place(()), help=help_)]

"""Depth: a million hidden layers against ten, which ought to cost the same."""

import tracemalloc
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness import Sample, Samples, Settings, System, calls, difference, interleave, netspec, peak, seconds
from benchmarks.results import Goal, Result, Table, spell_bytes, spell_megabytes, spell_seconds
from netspec.summary.text import render_text
from netspec.validation import check_file

SHALLOW, DEEP = 10, 10**6
_SPEC = "netspec: 1\nname: deep\ninput: 1\nK: {}\nwidths: 10\noutput: 1\n"


def measure(settings: Settings) -> Result:
    """Return what K = 10^6 costs more than K = 10, as whole processes and in one."""
    paths = {k: settings.scratch / f"deep_{k}.yaml" for k in (SHALLOW, DEEP)}
    for k, path in paths.items():
        path.write_text(_SPEC.format(k), encoding="utf-8")
    samples: dict[str, Samples] = {}
    for command in ("validate", "show"):
        systems: dict[str, System] = {_title(k): netspec(command, path) for k, path in paths.items()}
        samples[f"netspec {command}"] = interleave(systems, settings.rounds)
    for name, function in (("check_file", _check), ("check_file and render_text", _show)):
        samples[name] = interleave({_title(k): _call(function, path) for k, path in paths.items()}, settings.rounds)
    rows, goals = [], []
    for name, taken in samples.items():
        shallow, deep = taken[_title(SHALLOW)], taken[_title(DEEP)]
        more, larger = difference(deep, shallow)
        rows.append(
            (
                name,
                spell_seconds(seconds(shallow)),
                spell_seconds(seconds(deep)),
                spell_bytes(peak(shallow).median),
                spell_bytes(peak(deep).median),
            )
        )
        goals.append(Goal(f"{name}: more time", "at most 50 ms", more, 0.05, spell_seconds))
        goals.append(Goal(f"{name}: more memory", "at most 10 MB", larger, 1e7, spell_megabytes))
    return Result(
        "A million hidden layers",
        "`K: 1000000` beside `K: 10`, widths 10, one and the same file otherwise. The first two are whole processes, "
        "their memory that of the process; the others are calls in one process, their memory what Python allocates at "
        "its peak (measured by tracemalloc, apart from the time).",
        [Table(("", "K = 10", "K = 10^6", "memory, K = 10", "memory, K = 10^6"), rows)],
        goals,
        samples,
    )


def _title(k: int) -> str:
    return f"K = {k}"


def _check(path: Path) -> object:
    return check_file(str(path))


def _show(path: Path) -> object:
    verdict = check_file(str(path))
    if verdict.part is None or verdict.graph is None or verdict.facts is None:
        raise RuntimeError(f"{path} is refused")
    return render_text(verdict.part, verdict.graph, verdict.facts)


def _call(function: Callable[[Path], object], path: Path) -> System:
    """Return a system of calls whose samples have the peak of what one call allocates."""
    timed = calls(lambda: function(path))

    def measure_both() -> Sample:
        spent = timed()
        tracemalloc.start()
        function(path)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return spent._replace(peak=most)

    return measure_both

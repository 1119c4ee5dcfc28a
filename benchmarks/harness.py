"""Measuring in turns: whole processes and calls, in rounds, their order rotated from one round to the next."""

import gc
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, NamedTuple, TypeVar

ROOT: Final = Path(__file__).parent.parent
PROGRAMS: Final = Path(__file__).with_name("programs")
BIN: Final = Path(sys.executable).parent
BLOCK: Final = 0.01  # seconds that calls are repeated for, so that the clock is exact
ONE_THREAD: Final = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

Extent = Literal["whole", "quick", "tiny"]
_Thing = TypeVar("_Thing")


class Settings(NamedTuple):
    """How to measure: `rounds` of it, files written below `scratch`.

    `extent` says how much: what is published, what is for a quick look, or the little that a test has time for.
    """

    rounds: int
    scratch: Path
    extent: Extent = "whole"

    @property
    def tiny(self) -> bool:
        """Whether a test has to have time for it."""
        return self.extent == "tiny"

    def choose(self, things: Sequence[_Thing], every: int) -> Sequence[_Thing]:
        """Return the things to measure: all; every so many of them for a quick look; the first for a test."""
        return {"whole": things, "quick": things[::every], "tiny": things[:1]}[self.extent]


class Sample(NamedTuple):
    """One measurement: seconds on the clock.

    Of a process also the `peak` memory in bytes, of its largest one where there are several, and the seconds that
    `processors` spent on it, which other programs lengthen little; 0 where they are not measured.
    """

    seconds: float
    peak: int = 0
    processors: float = 0.0


class Spread(NamedTuple):
    """The median of several rounds, and the quartiles around it."""

    median: float
    lower: float
    upper: float


System = Callable[[], Sample]
Samples = dict[str, list[Sample]]


@dataclass(frozen=True, slots=True)
class Process:
    """A whole process as a system to measure. `pinned`: on one processor, with one thread in every library.

    Calling it raises RuntimeError where it ends with another exit code than `status`.
    """

    command: tuple[str | os.PathLike[str], ...]
    pinned: bool = False
    status: int = 0

    def __call__(self) -> Sample:
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
        processor = str(pinned_processor()) if self.pinned and hasattr(os, "sched_setaffinity") else "-"
        command = [sys.executable, "-I", "-S", PROGRAMS / "launch.py", processor, *self.command]
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**environment, **(ONE_THREAD if self.pinned else {})},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise RuntimeError(f"{self.command[0]} cannot be started: {done.stderr}")
        seconds, processors, peak, status = done.stdout.split()
        if int(status) != self.status:
            words = " ".join(map(str, self.command))
            raise RuntimeError(f"`{words[:300]}` ends with {status}, not {self.status}: {done.stderr[-1000:]}")
        return Sample(float(seconds), int(peak), float(processors))


def netspec(*arguments: str | os.PathLike[str], pinned: bool = False, status: int = 0) -> Process:
    """Return the process of a netspec command."""
    return Process((BIN / "netspec", *arguments), pinned, status)


def program(name: str, *arguments: str | os.PathLike[str], pinned: bool = False, status: int = 0) -> Process:
    """Return the process of one of the programs in `programs/`."""
    return Process((sys.executable, PROGRAMS / f"{name}.py", *arguments), pinned, status)


def pinned_processor() -> int:
    """Return the processor that one-thread measurements run on: the last of those this process may use."""
    return max(os.sched_getaffinity(0))


def calls(call: Callable[[], object], seconds: float = BLOCK) -> System:
    """Return a system that repeats a call for about `seconds` and gives the seconds of one."""
    call()
    count, spent = 1, _repeat(call, 1)
    while spent < seconds / 2:
        count = max(2 * count, int(count * seconds / max(spent, 1e-7) / 2))
        spent = _repeat(call, count)
    count = max(1, round(count * seconds / spent))
    return lambda: Sample(_repeat(call, count) / count)


def _repeat(call: Callable[[], object], count: int) -> float:
    rounds = range(count)
    start = time.perf_counter()
    for _ in rounds:
        call()
    return time.perf_counter() - start


def interleave(systems: Mapping[str, System], rounds: int) -> Samples:
    """Return `rounds` samples of each system, taken in turns after one that is thrown away."""
    for system in systems.values():
        system()
    samples: Samples = {name: [] for name in systems}
    names = list(systems)
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            first = number % len(names)
            for name in names[first:] + names[:first]:
                samples[name].append(systems[name]())
    finally:
        gc.enable()
    return samples


def spread(values: Sequence[float]) -> Spread:
    """Return median and quartiles."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    lower, median, upper = statistics.quantiles(values, n=4, method="inclusive")
    return Spread(median, lower, upper)


def seconds(samples: Sequence[Sample]) -> Spread:
    """Return the spread of the seconds."""
    return spread([sample.seconds for sample in samples])


def processors(samples: Sequence[Sample]) -> Spread:
    """Return the spread of the seconds that processors spent."""
    return spread([sample.processors for sample in samples])


def peak(samples: Sequence[Sample]) -> Spread:
    """Return the spread of the peak memory, in bytes."""
    return spread([sample.peak for sample in samples])


def ratio(of: Sequence[Sample], to: Sequence[Sample]) -> Spread:
    """Return how many times as long the first takes as the second, of the same round each."""
    return spread([one.seconds / other.seconds for one, other in zip(of, to, strict=True)])


def geometric(spreads: Iterable[Spread]) -> Spread:
    """Return the geometric means of medians, and of lower and of upper quartiles; all are above 0."""
    return Spread(*(statistics.geometric_mean(parts) for parts in zip(*spreads, strict=True)))


def difference(of: Sequence[Sample], to: Sequence[Sample]) -> tuple[Spread, Spread]:
    """Return how many seconds, and how many bytes at the peak, the first takes more than the second."""
    pairs = list(zip(of, to, strict=True))
    return (
        spread([one.seconds - other.seconds for one, other in pairs]),
        spread([one.peak - other.peak for one, other in pairs]),
    )

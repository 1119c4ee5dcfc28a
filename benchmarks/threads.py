"""Two threads beside one: what is gained where a batch is divided, and that nothing is lost where it is not.

Run as a program of its own (`python -m benchmarks.threads SYSTEM THREADS`), one for each system and number of threads,
since the waiting threads of one library take processors from another. It reads points from its standard input, a
line for each sample that is wanted, and answers with seconds.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Final

import numpy as np

import netspec
from benchmarks.bars import NETSPEC
from benchmarks.filled import filled
from benchmarks.grid import Point
from benchmarks.harness import ROOT, Sample, Samples, Settings, Spread, System, geometric, interleave, ratio, seconds
from benchmarks.mlp_peers import jax_function, naive, onnx_bytes, torch_module
from benchmarks.peers import (
    JAX,
    NAIVE,
    ONNX,
    TORCH,
    Parameters,
    Peer,
    here,
    installed,
    runtime,
    systems,
    torch_eager,
    torch_threads,
)
from benchmarks.results import Goal, Result, Table, spell_seconds, spell_times
from netspec.runtime.program import Program

POINTS: Final = (
    Point((128,) * 10, 1024),
    Point((128,) * 10, 65536),
    Point((32,) * 10, 65536),
    Point((10,) * 10, 1024),
    Point((100,) * 10, 4096),
    Point((512,) * 10, 1024),
    Point((784, 512, 256, 10), 16384),
)
_PEERS: Final = (NAIVE, ONNX, TORCH, JAX)
_DIVIDED: Final = 1.6
_WHOLE: Final = 0.97
_BLOCK: Final = 0.03
_PAUSE: Final = 0.06  # seconds after a sample, in which the threads of BLAS and others stop waiting for more work


def measure(settings: Settings) -> Result:
    """Return what two threads make of one, and the peers with two beside."""
    names = [NETSPEC, *(peer for peer in _PEERS if installed(peer))]
    samples: dict[str, Samples] = {}
    parts: dict[str, int] = {}
    with ExitStack() as stack:
        workers = {(name, count): stack.enter_context(Worker(name, count)) for name in names for count in (1, 2)}
        for point in settings.choose(POINTS, 3):
            first, *hidden, last = point.widths
            network = netspec.Network(name="measured", input=first, widths=hidden, output=last)
            (spec,) = filled(network, settings.scratch).sources
            parts[point.title] = _parts(spec, point.batch)
            asked = f"{spec}\t{point.batch}"
            turns: dict[str, System] = {_title(*key): worker.asking(asked) for key, worker in workers.items()}
            samples[point.title] = interleave(turns, settings.rounds)
    gains = {point: ratio(taken[_title(NETSPEC, 1)], taken[_title(NETSPEC, 2)]) for point, taken in samples.items()}
    rows = [
        (
            point,
            str(parts[point]),
            spell_seconds(seconds(taken[_title(NETSPEC, 1)])),
            spell_seconds(seconds(taken[_title(NETSPEC, 2)])),
            spell_times(gains[point]),
            *(spell_times(ratio(taken[_title(peer, 2)], taken[_title(NETSPEC, 2)])) for peer in names[1:]),
        )
        for point, taken in samples.items()
    ]
    scaling = [
        (name, *(spell_times(ratio(taken[_title(name, 1)], taken[_title(name, 2)])) for taken in samples.values()))
        for name in names
    ]
    return Result(
        "Two threads",
        "Calls with two threads on two processors, each system in a process of its own that waits while the others "
        "are measured; with one thread it may still be put on either processor. The first table has the peers with "
        "two threads beside netspec with two, the second what each gains over itself. netspec divides a batch into "
        "`parts` where products are large enough for threads not to wait for each other.",
        [
            Table(("network, batch", "parts", "one thread", "two threads", "gain", *names[1:]), rows),
            Table(("gain", *samples), scaling),
        ],
        _goals(gains, parts),
        samples,
    )


def _goals(gains: dict[str, Spread], parts: dict[str, int]) -> list[Goal]:
    """Return that batches which are divided gain in the mean, and that none of the others loses."""
    found: list[Goal] = []
    divided = [gain for point, gain in gains.items() if parts[point] > 1]
    whole = {point: gain for point, gain in gains.items() if parts[point] == 1}
    if divided:
        what = f"one thread : two, where the batch is divided ({len(divided)} points)"
        found.append(Goal(what, f"at least {_DIVIDED:g} ×", geometric(divided), _DIVIDED, spell_times, at_least=True))
    if whole:
        worst = min(whole, key=lambda point: whole[point].median)
        what = f"one thread : two, where it is not ({worst})"
        found.append(Goal(what, f"at least {_WHOLE:g} ×", whole[worst], _WHOLE, spell_times, at_least=True))
    return found


def _parts(spec: str, batch: int) -> int:
    """Return how many parts two threads make of a batch."""
    program = netspec.load(spec).build().program
    if not isinstance(program, Program):
        raise TypeError("a fully connected network has a program of rows")
    program.threads = 2
    return len(program.parts(batch))


def _title(name: str, threads: int) -> str:
    return f"{name}, {threads} thread{'s' * (threads > 1)}"


class Worker:
    """A process that measures one system with a number of threads, and waits where it is not asked."""

    def __init__(self, name: str, threads: int) -> None:
        count = str(threads)
        variables = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.threads", name, count],
            cwd=ROOT,
            env={**os.environ, **dict.fromkeys(variables, count), "JAX_PLATFORMS": "cpu"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Worker":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.process.communicate()

    def asking(self, point: str) -> System:
        """Return the system that asks for a sample of a point; RuntimeError where the process ends instead."""
        source, target = self.process.stdout, self.process.stdin
        if source is None or target is None:
            raise RuntimeError("a process without pipes")

        def ask() -> Sample:
            target.write(f"{point}\n")
            target.flush()
            answer = source.readline()
            if not answer:
                raise RuntimeError(f"{' '.join(map(str, self.process.args))} ended")  # type: ignore[arg-type]
            time.sleep(_PAUSE)
            return Sample(float(answer))

        return ask


def main(name: str, threads: str) -> None:
    """Answer each line of standard input, a spec and a batch, with the seconds of a call."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print goes elsewhere
    count, known = int(threads), ""
    system: System | None = None
    for line in sys.stdin:
        if line != known:
            spec, batch = line.rstrip("\n").split("\t")
            known, system = line, _system(name, count, spec, int(batch))
        if system is not None:
            print(system().seconds, file=answers, flush=True)


def _system(name: str, threads: int, spec: str, batch: int) -> System:
    """Return a system that agrees with NumPy by hand."""
    model = netspec.load(spec).build()
    parameters = model.parameters
    model.threads = threads
    makers: dict[str, Callable[[Parameters], Peer]] = {
        NETSPEC: lambda _: here(model),
        NAIVE: lambda given: here(naive(given)),
        ONNX: lambda given: runtime(onnx_bytes(given), threads),
        TORCH: lambda given: torch_eager(torch_module(given)),
        JAX: jax_function,
    }
    if name == TORCH:
        torch_threads(threads)
    x = np.random.default_rng(batch).standard_normal((batch, parameters["Omega_0"].shape[1]), np.float32)
    return systems({NAIVE: here(naive(parameters)), name: makers[name](parameters)}, x, _BLOCK)[name]


if __name__ == "__main__":
    main(*sys.argv[1:3])

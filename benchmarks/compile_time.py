"""Compile time: from parameters in memory to a program that has run once."""

import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np

import netspec
from benchmarks import resnets
from benchmarks.alone import measured, note
from benchmarks.bars import NETSPEC
from benchmarks.filled import filled
from benchmarks.grid import Point as Mlp
from benchmarks.harness import ROOT, Sample, Samples, Settings, System, difference, interleave, seconds
from benchmarks.mlp_peers import jax_function, onnx_bytes, torch_module
from benchmarks.peers import (
    COMPILED,
    JAX,
    ONNX,
    TORCH,
    Array,
    Call,
    Parameters,
    Peer,
    installed,
    runtime,
    torch_compiled,
    torch_threads,
)
from benchmarks.results import Goal, Result, Table, spell_seconds

PASS: Final = "a pass over the weights"


class Point(NamedTuple):
    """A network, a shape of its input, and the peers that compile it: each gives a program from parameters."""

    title: str
    network: Callable[[], netspec.Network]
    shape: tuple[int, ...]
    peers: dict[str, Callable[[Parameters], Callable[[], Peer]]]


def _mlp(widths: tuple[int, ...], *, compiled: bool = False) -> Point:
    mlp = Mlp(widths, 64)
    first, *hidden, last = widths
    peers: dict[str, Callable[[Parameters], Callable[[], Peer]]] = {
        ONNX: lambda given: _session(onnx_bytes(given)),
        JAX: lambda given: lambda: jax_function(given),
    }
    if compiled:
        peers[COMPILED] = lambda given: lambda: torch_compiled(torch_module(given))
    return Point(
        mlp.title,
        lambda: netspec.Network(name="measured", input=first, widths=hidden, output=last),
        (mlp.batch, first),
        peers,
    )


def _resnet(depth: int) -> Point:
    return Point(
        f"ResNet-{depth}, 1",
        lambda: netspec.load(ROOT / "specs" / "vision" / f"resnet_{depth}.yaml"),
        (1, 3, 224, 224),
        {ONNX: lambda given: _session(resnets.onnx_bytes(given))},
    )


def _session(model: bytes) -> Callable[[], Peer]:
    return lambda: runtime(model)


_DEEPEST: Final = 128
POINTS: Final = (
    _mlp((784, 512, 512, 10), compiled=True),
    _mlp((3,) * 10),
    _mlp((128,) * 10),
    _mlp((3,) * (_DEEPEST + 2)),
    _mlp((32,) * (_DEEPEST + 2)),
    _mlp((128,) * (_DEEPEST + 2)),
    _resnet(18),
    _resnet(50),
)
_MLPS: Final = [point.title for point in POINTS if not point.title.startswith("ResNet")]


def measure(settings: Settings) -> Result:
    """Return what compiling costs netspec and others."""
    samples = measured("compile_time", settings)
    names = [name for name in (ONNX, JAX, COMPILED, PASS) if any(name in taken for taken in samples.values())]
    rows = [
        (
            point,
            spell_seconds(seconds(taken[NETSPEC])),
            *(spell_seconds(seconds(taken[name])) if name in taken else "" for name in names),
        )
        for point, taken in samples.items()
    ]
    slowest = max((seconds(samples[title][NETSPEC]), title) for title in _MLPS if title in samples)
    goals = [
        Goal(f"MLPs to K = {_DEEPEST}: compile time ({slowest[1]})", "at most 50 ms", slowest[0], 0.05, spell_seconds)
    ]
    if "ResNet-50, 1" in samples:
        taken = samples["ResNet-50, 1"]
        more, _ = difference(taken[NETSPEC], taken[PASS])
        goals.append(Goal("ResNet-50: compile time over a pass", "at most 1 s", more, 1.0, spell_seconds))
    return Result(
        "Compile time",
        "From parameters in memory and a checked spec to the end of the first call, less what a later call takes; "
        "float32, on one processor with one thread. onnxruntime opens its file; JAX and torch.compile compile a "
        "function that they have not seen, the latter with what it keeps on the disk from the time before. A pass "
        "copies every weight once.",
        [Table(("network, batch", NETSPEC, *names), rows)],
        goals,
        samples,
    )


def points(settings: Settings) -> dict[str, Samples]:
    """Return the samples of every point."""
    if installed(TORCH):
        torch_threads(1)
    found: dict[str, Samples] = {}
    for point in settings.choose(POINTS, 3):
        note(point.title)
        network = filled(point.network(), settings.scratch)
        parameters = network.build().parameters
        x = np.random.default_rng(0).standard_normal(point.shape, np.float32)
        turns: dict[str, System] = {NETSPEC: _ours(network.files[0], x), PASS: _pass(parameters)}
        for name, make in point.peers.items():
            if installed(name) and not (settings.tiny and name == COMPILED):
                turns[name] = _theirs(make(parameters), x)
        found[point.title] = interleave(turns, settings.rounds)
    return found


def _ours(spec: str, x: Array) -> System:
    def sample() -> Sample:
        model = netspec.load(spec).build()  # anew, so that nothing of the round before is left
        _ = model.parameters  # read before the clock runs
        return _first_call(lambda: lambda: model(x))

    return sample


def _theirs(make: Callable[[], Peer], x: Array) -> System:
    return lambda: _first_call(lambda: make()(x))


def _first_call(make: Callable[[], Call]) -> Sample:
    """Return what making a call and calling it once takes more than calling it again."""
    start = time.perf_counter()
    call = make()
    call()
    spent = time.perf_counter() - start
    again = [_timed(call) for _ in range(3)]
    return Sample(max(spent - min(again), 1e-9))


def _timed(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _pass(parameters: Parameters) -> System:
    def copy() -> None:
        for array in parameters.values():
            array.copy()

    return lambda: Sample(_timed(copy))

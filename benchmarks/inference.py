"""Inference in one process: a built model called with batches, one thread, beside the same network by others.

Run as a program of its own (`python -m benchmarks.inference ROUNDS`), since the number of threads is settled when
NumPy is loaded; it prints its samples as JSON.
"""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from typing import Final

from benchmarks.harness import (
    ONE_THREAD,
    ROOT,
    Sample,
    Samples,
    Settings,
    System,
    calls,
    interleave,
    pinned_processor,
    ratio,
    seconds,
)
from benchmarks.results import Result, Table, spell_seconds, spell_times

NETSPEC, NAIVE, ONNX, TORCH = "netspec", "NumPy by hand", "onnxruntime", "torch"
NETWORKS: Final = {
    "1-3-3-1": (1, 3, 3, 1),
    "32 × 8": (32,) * 10,
    "128 × 8": (128,) * 10,
    "784-512-256-10": (784, 512, 256, 10),
    "1000 × 4": (1000,) * 6,
}
BATCHES: Final = (1, 64, 1024, 16384)


def measure(settings: Settings) -> Result:
    """Return what a call costs at each size and batch."""
    command = [sys.executable, "-m", "benchmarks.inference", str(settings.rounds), *(["small"] * settings.small)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **ONE_THREAD}, stdout=subprocess.PIPE, text=True, check=True
    )
    samples: dict[str, Samples] = {
        point: {name: [Sample(second) for second in taken] for name, taken in systems.items()}
        for point, systems in json.loads(done.stdout).items()
    }
    others = [name for name in next(iter(samples.values())) if name != NETSPEC]
    rows = [
        (
            point,
            spell_seconds(seconds(taken[NETSPEC])),
            *(spell_times(ratio(taken[name], taken[NETSPEC])) for name in others),
        )
        for point, taken in samples.items()
    ]
    return Result(
        "Inference in process",
        "One call of a built model, float32, on one processor with one thread. `D × K` is D inputs, K hidden layers "
        "of D and D outputs; ReLU throughout. The ratios say how many times as long the others take: above 1, netspec "
        "is faster. By hand is `np.maximum(h @ Ω.T + β, 0)`; onnxruntime is `session.run`, the call that users make"
        + ("; torch is `nn.Sequential` in inference mode." if TORCH in others else "."),
        [Table(("network, batch", "netspec", *others), rows)],
        [],
        samples,
    )


def _points(rounds: int, networks: dict[str, tuple[int, ...]], batches: Sequence[int]) -> dict[str, Samples]:
    """Return the samples of every network at every batch; RuntimeError where two of them do not agree."""
    import numpy as np

    from benchmarks.large_model import agree
    from benchmarks.peers import Function, has_torch, naive, runtime, torch_modules
    from netspec import Network

    found: dict[str, Samples] = {}
    for name, (first, *hidden, last) in networks.items():
        model = Network(name="measured", input=first, widths=hidden, output=last).build(seed=0)
        functions: dict[str, Function] = {
            NETSPEC: model,
            NAIVE: naive(model.parameters),
            ONNX: runtime(model.parameters),
        }
        if has_torch():
            functions[TORCH] = torch_modules(model.parameters)
        for batch in batches:
            x = np.random.default_rng(batch).standard_normal((batch, first)).astype(np.float32)
            for function in functions.values():
                agree(function(x), model(x))
            systems: dict[str, System] = {
                system: calls(lambda function=function, x=x: function(x))  # type: ignore[misc]  # bound now
                for system, function in functions.items()
            }
            found[f"{name}, {batch:,}"] = interleave(systems, rounds)
    return found


def main(rounds: str, *small: str) -> None:
    """Print the seconds of every round as JSON."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {pinned_processor()})
    networks, batches = (dict(list(NETWORKS.items())[:1]), BATCHES[:2]) if small else (NETWORKS, BATCHES)
    points = _points(int(rounds), networks, batches)
    print(json.dumps({p: {s: [each.seconds for each in taken] for s, taken in t.items()} for p, t in points.items()}))


if __name__ == "__main__":
    main(*sys.argv[1:])

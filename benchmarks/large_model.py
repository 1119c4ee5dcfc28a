"""A large model: built, and run on a table, one thread."""

from pathlib import Path

import numpy as np

from benchmarks.harness import (
    ROOT,
    Sample,
    Samples,
    Settings,
    Spread,
    System,
    interleave,
    netspec,
    peak,
    program,
    ratio,
    seconds,
    spread,
)
from benchmarks.peers import agree
from benchmarks.results import Goal, Result, Table, processes_table, spell_bytes, spell_seconds, spell_times

NETSPEC, NAIVE, ONNX = "netspec run", "NumPy by hand", "onnxruntime"
BUILD, DRAW = "netspec build", "NumPy: draw and savez"


def measure(settings: Settings) -> Result:
    """Return what building and running specs/deep.yaml at its largest costs: K = 100, D = 1000."""
    k, d, rows = (3, 8, 20) if settings.tiny else (100, 1000, 2_000)
    parameters = 3 * d + 1 + (k - 1) * d * (d + 1)
    spec, folder = ROOT / "specs" / "deep.yaml", settings.scratch
    sets = ("--set", f"depth={k}", "--set", f"D={d}")
    model = folder / "deep.pyz"
    built = interleave(
        {
            BUILD: netspec("build", spec, *sets, "-o", model, pinned=True),
            DRAW: program("numpy_build", folder / "drawn.npz", "1", *[str(d)] * k, "1", pinned=True),
        },
        settings.rounds,
    )
    run = _run(settings, model, [spec, *sets], rows)
    # A multiply and an add for each weight of the matrices; the activations are not counted.
    work = 2 * rows * (parameters - k * d - 1)
    running = [
        (name, spell_seconds(seconds(taken)), f"{_rate(work, taken):.0f}", spell_bytes(peak(taken).median))
        for name, taken in run.items()
    ]
    comparisons = [
        (f"{name} : {NETSPEC}", spell_times(ratio(run[name], run[NETSPEC]))) for name in run if name != NETSPEC
    ]
    size = model.stat().st_size
    return Result(
        "A model of 10^8 parameters",
        f"`specs/deep.yaml` at K = {k}, D = {d}: {parameters:,} parameters, {spell_bytes(4 * parameters)} in float32; "
        f"the artefact is {spell_bytes(size)}. Whole processes on one processor, one thread. Built beside NumPy's own "
        "generator and `np.savez`, written through to the disk by both; then run on "
        f"{rows:,} rows from .npy to .npy, loading included, beside `np.maximum(h @ Ω.T + β, 0)` and onnxruntime, "
        "which have the same parameters and agree in their results.",
        [
            processes_table(built),
            Table(("process", "time", "GF/s", "peak memory"), running),
            Table(("run: times as long as netspec", "ratio"), comparisons),
        ],
        [
            Goal("build: time", "at most 15 s", seconds(built[BUILD]), 15.0, spell_seconds),
            Goal(
                "build: peak memory, to the parameters' bytes",
                "at most 1.5 ×",
                _share(built[BUILD], 4 * parameters),
                1.5,
                spell_times,
            ),
        ],
        {"build": built, "run": run},
    )


def _run(settings: Settings, model: Path, spec: list[str | Path], rows: int) -> Samples:
    """Return the samples of running the model, and what has the same parameters, on a table of x."""
    folder = settings.scratch
    x, y = folder / "x.npy", folder / "y.npy"
    np.save(x, np.random.default_rng(0).uniform(-1, 1, (rows, 1)).astype(np.float32))
    tensors, graph = folder / "deep.safetensors", folder / "deep.onnx"
    netspec("build", *spec, "-o", tensors)()
    program("write_onnx", tensors, graph)()
    systems: dict[str, System] = {
        NETSPEC: netspec("run", model, x, "-o", y, pinned=True),
        NAIVE: program("numpy_run", tensors, x, folder / "y_naive.npy", pinned=True),
        ONNX: program("onnx_run", graph, x, folder / "y_onnx.npy", pinned=True),
    }
    samples = interleave(systems, settings.rounds)
    wanted = np.load(y)
    for other in ("y_naive.npy", "y_onnx.npy"):
        agree(np.load(folder / other), wanted)
    return samples


def _rate(work: int, taken: list[Sample]) -> float:
    return work / seconds(taken).median / 1e9


def _share(taken: list[Sample], of: int) -> Spread:
    return spread([sample.peak / of for sample in taken])

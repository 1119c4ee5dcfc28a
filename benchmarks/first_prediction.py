"""From start to the first prediction: a built model as a whole process beside onnxruntime."""

import sys
from pathlib import Path

import numpy as np

from benchmarks.harness import Process, Settings, System, interleave, netspec, program, ratio
from benchmarks.large_model import agree
from benchmarks.results import Goal, Result, processes_table, spell_times

NETSPEC, ONNX, NUMPY = "python model.pyz", "onnxruntime", "python, NumPy imported"
_SPEC = "netspec: 1\nname: digits\ninput: 784\nwidths: [512, 256]\noutput: 10\n"


def measure(settings: Settings) -> Result:
    """Return what the first row costs when nothing is loaded yet."""
    folder = settings.scratch
    spec, model, tensors, graph = (folder / f"digits.{end}" for end in ("yaml", "pyz", "safetensors", "onnx"))
    spec.write_text(_SPEC, encoding="utf-8")
    for target in (model, tensors):
        netspec("build", spec, "-o", target)()
    program("write_onnx", tensors, graph)()
    x, ours, theirs = (folder / f"digits_{name}.npy" for name in ("x", "y", "y_onnx"))
    np.save(x, np.random.default_rng(0).standard_normal((1, 784)).astype(np.float32))
    systems: dict[str, System] = {
        NETSPEC: _python(model, x, "-o", ours),
        ONNX: program("onnx_run", graph, x, theirs, pinned=True),
        NUMPY: _python("-c", "import numpy"),
    }
    samples = interleave(systems, settings.rounds)
    agree(np.load(theirs), np.load(ours))
    return Result(
        "Start to first prediction",
        "784-512-256-10 on one row, from .npy to .npy, as whole processes on one processor with one thread: "
        "`python model.pyz x.npy -o y.npy` beside a program that loads the same network into an onnxruntime session "
        "and runs it once. The last row is what any such process has to do.",
        [processes_table(samples)],
        [Goal("netspec : onnxruntime", "at most 1 ×", ratio(samples[NETSPEC], samples[ONNX]), 1.0, spell_times)],
        {"one row": samples},
    )


def _python(*arguments: str | Path) -> Process:
    return Process((sys.executable, *arguments), pinned=True)

"""From start to the first prediction: built models as whole processes beside others; their memory and their files."""

import sys
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks import resnets
from benchmarks.harness import ROOT, Process, Samples, Settings, System, interleave, netspec, program, ratio, seconds
from benchmarks.peers import ONNX, TORCH, agree, installed
from benchmarks.results import Goal, Result, Table, processes_table, spell_bytes, spell_seconds, spell_times
from netspec import load

NETSPEC, NUMPY = "python model.pyz", "python, NumPy imported"
MLP, RESNET = "784-512-512-10", "ResNet-18"
_SPEC: Final = "netspec: 1\nname: digits\ninput: 784\nwidths: [512, 512]\noutput: 10\n"


def measure(settings: Settings) -> Result:
    """Return what the first row costs when nothing is loaded yet."""
    folder = settings.scratch
    spec = folder / "digits.yaml"
    spec.write_text(_SPEC, encoding="utf-8")
    digits = _build(folder, spec, (1, 784))
    systems: dict[str, System] = {NETSPEC: _python(digits["pyz"], digits["x"], "-o", folder / "digits_y.npy")}
    if installed(ONNX):
        program("write_onnx", digits["safetensors"], digits["onnx"])()
        systems[ONNX] = program("onnx_run", digits["onnx"], digits["x"], folder / "digits_onnx.npy", pinned=True)
    if installed(TORCH) and not settings.tiny:
        program("write_torch", digits["safetensors"], digits["pt"])()
        systems[TORCH] = program("torch_run", digits["pt"], digits["x"], folder / "digits_torch.npy", pinned=True)
    systems[NUMPY] = _python("-c", "import numpy")
    samples: dict[str, Samples] = {MLP: interleave(systems, settings.rounds)}
    _agree(folder, "digits")
    files = [(MLP, *_sizes(digits))]
    tables = [processes_table(samples[MLP])]
    if not settings.tiny:
        resnet = ROOT / "specs" / "vision" / "resnet_18.yaml"
        images = _build(folder, resnet, (1, 3, 224, 224))
        systems = {NETSPEC: _python(images["pyz"], images["x"], "-o", folder / "resnet_18_y.npy")}
        if installed(ONNX):
            images["onnx"].write_bytes(resnets.onnx_bytes(load(resnet).build().parameters))
            result = folder / "resnet_18_onnx.npy"
            systems[ONNX] = program("onnx_run", images["onnx"], images["x"], result, pinned=True)
        samples[RESNET] = interleave(systems, settings.rounds)
        _agree(folder, "resnet_18")
        files.append((RESNET, *_sizes(images)))
        tables.append(processes_table(samples[RESNET]))
    tables.append(Table(("file", ".pyz", ".safetensors", ".onnx", "torch's .pt"), files))
    taken = samples[MLP]
    goals = [Goal(f"{NETSPEC}, {MLP}", "at most 85 ms", seconds(taken[NETSPEC]), 0.085, spell_seconds)]
    for name, least in ((ONNX, 1.3), (TORCH, 12.0)):
        if name in taken:
            found = ratio(taken[name], taken[NETSPEC])
            goals.append(Goal(f"{name} : {NETSPEC}", f"at least {least:g} ×", found, least, spell_times, at_least=True))
    return Result(
        "Start to first prediction",
        f"{MLP} on one row, from .npy to .npy, as whole processes on one processor with one thread: `python model.pyz "
        "x.npy -o y.npy` beside programs that open the same network with onnxruntime or torch and run it once. The "
        "last row is what any such process has to do. Then `specs/vision/resnet_18.yaml` on one image likewise, and "
        "how large the files are that are opened.",
        tables,
        goals,
        samples,
    )


def _build(folder: Path, spec: Path, shape: tuple[int, ...]) -> dict[str, Path]:
    """Build a spec, draw an input, and return the paths of all its files by their suffixes, and `x`."""
    paths = {end: folder / f"{spec.stem}.{end}" for end in ("pyz", "safetensors", "onnx", "pt")}
    paths["x"] = folder / f"{spec.stem}_x.npy"
    for end in ("pyz", "safetensors"):
        netspec("build", spec, "-o", paths[end])()
    np.save(paths["x"], np.random.default_rng(0).standard_normal(shape).astype(np.float32))
    return paths


def _sizes(paths: dict[str, Path]) -> tuple[str, ...]:
    sizes = [paths[end] for end in ("pyz", "safetensors", "onnx", "pt")]
    return tuple(spell_bytes(path.stat().st_size) if path.exists() else "" for path in sizes)


def _agree(folder: Path, stem: str) -> None:
    for name in ("onnx", "torch"):
        path = folder / f"{stem}_{name}.npy"
        if path.exists():
            agree(np.load(path), np.load(folder / f"{stem}_y.npy"), name)


def _python(*arguments: str | Path) -> Process:
    return Process((sys.executable, *arguments), pinned=True)

"""Weights that change networks: planning for a file that is larger than memory, and writing one beside a plain copy."""

import json
import shutil
from math import prod
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.harness import Process, Sample, Samples, Settings, System, interleave, netspec, peak, seconds, spread
from benchmarks.results import Goal, Result, Table, processes_table, spell_bytes, spell_seconds, spell_times

PLAN, DIFF, MIGRATE, COPY = "netspec plan", "netspec diff", "netspec migrate", "cp"
_LAYER: Final = "  - dense: {{width: {width}, activation: relu, as: h{k}}}\n"


def measure(settings: Settings) -> Result:
    """Return what planning and carrying out a migration cost."""
    width, wide = (8, 8) if settings.tiny else (16_000, 4_000)
    large = _specs(settings.scratch / "large", width, 11)
    size = _sparse(large / "weights.safetensors", width, 11)
    arguments = (large / "new.yaml", "--weights", large / "weights.safetensors", "--from", large / "old.yaml")
    planned = interleave(
        {
            PLAN: netspec("plan", *arguments, pinned=True),
            DIFF: netspec("diff", large / "old.yaml", large / "new.yaml", pinned=True),
        },
        settings.rounds,
    )
    small = _specs(settings.scratch / "small", wide, 11)
    written = _sparse(small / "weights.safetensors", wide, 11, filled=True)
    carried = _carried(small, settings)
    rate = [
        (name, spell_seconds(seconds(taken)), f"{_rate(written, taken):,.0f}", spell_bytes(peak(taken).median))
        for name, taken in carried.items()
    ]
    return Result(
        "Migration",
        f"Eleven layers of {width:,} units, and one more in the new network: the plan for a file of "
        f"{spell_bytes(size)}, which is sparse, since no more than its headers is read; beside `netspec diff` of the "
        f"same specs. Then the same with {wide:,} units, whose file of {spell_bytes(written)} is read, written, "
        "brought to the disk and checked; `cp` only reads and writes. Whole processes on one processor.",
        [
            processes_table(planned),
            Table(("process", "time", "MB/s", "peak memory"), rate),
        ],
        [
            Goal("plan for 11 GB: time", "at most 0.3 s", seconds(planned[PLAN]), 0.3, spell_seconds),
            Goal(
                "migrate: peak memory, to the file's bytes",
                "at most 0.25 ×",
                spread([sample.peak / written for sample in carried[MIGRATE]]),
                0.25,
                spell_times,
            ),
        ],
        {"planned": planned, "carried": carried},
    )


def _rate(written: int, taken: list[Sample]) -> float:
    return written / seconds(taken).median / 1e6


def _carried(folder: Path, settings: Settings) -> Samples:
    copy = shutil.which("cp")
    if copy is None:
        raise RuntimeError("cp is not installed")
    weights = folder / "weights.safetensors"
    arguments = (folder / "new.yaml", "--weights", weights, "--from", folder / "old.yaml")
    systems: dict[str, System] = {
        MIGRATE: netspec("migrate", *arguments, "-o", folder / "new.safetensors", pinned=True),
        COPY: Process((copy, weights, folder / "copy.safetensors")),
    }
    return interleave(systems, settings.rounds)


def _specs(folder: Path, width: int, layers: int) -> Path:
    """Write two specs, of which the new one has one layer more; return their folder."""
    folder.mkdir(parents=True)
    for name, count in (("old", layers), ("new", layers + 1)):
        text = "".join(_LAYER.format(width=width, k=k) for k in range(count))
        (folder / f"{name}.yaml").write_text(
            f"netspec: 1\nname: net\ninput: {width}\nlayers:\n{text}  - dense: {{width: 10, as: last}}\noutput: 10\n",
            encoding="utf-8",
        )
    return folder


def _sparse(path: Path, width: int, layers: int, *, filled: bool = False) -> int:
    """Write the weights of the old network: zeros that take no room on the disk, or numbers; return the file's size."""
    shapes = {f"h{k}.Omega": (width, width) for k in range(layers)} | {f"h{k}.beta": (width,) for k in range(layers)}
    shapes |= {"last.Omega": (10, width), "last.beta": (10,)}
    end, header = 0, {}
    for name, shape in shapes.items():
        begin, end = end, end + 4 * prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as stream:
        stream.write(len(text).to_bytes(8, "little") + text)
        if filled:
            numbers = np.random.default_rng(0).standard_normal(1 << 20).astype("<f4").tobytes()
            for start in range(0, end, len(numbers)):
                stream.write(numbers[: min(len(numbers), end - start)])
        stream.truncate(8 + len(text) + end)
    return path.stat().st_size

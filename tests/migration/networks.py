"""Specs as texts with files of weights beside them, for the tests of migration."""

import json
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from netspec.migration.asked import Deepen, Widen
from netspec.migration.planning import Known, Wish, make_plan
from netspec.migration.renames import read_renames
from netspec.migration.steps import Plan
from netspec.migration.weights import read_weights
from tests.review.families import family

DENSE = """netspec: 1
input: 4
layers:
  - dense: {width: 3, activation: relu, as: first}
  - dense: {width: 2, as: last}
output: 2
"""


def known(text: str, file: str = "new.yaml") -> Known:
    """Return the network of a text."""
    member = family(text, file).written
    assert member is not None
    return Known(file, member)


def array(*shape: int, dtype: str = "float32") -> Any:
    """Return an array of numbers that differ."""
    return (np.arange(int(np.prod(shape))).reshape(shape) / 8).astype(dtype)


def save(path: Path, arrays: Mapping[str, Any]) -> Path:
    """Write a safetensors file as its own library does, or an npz as NumPy does; return it."""
    if path.suffix == ".npz":
        np.savez(path, **arrays)
    else:
        save_file({name: np.ascontiguousarray(each) for name, each in arrays.items()}, path)
    return path


def sparse(path: Path, shapes: Mapping[str, Sequence[int]]) -> int:
    """Write a safetensors file of zeros that takes no room on the disk; return its size."""
    end, header = 0, {}
    for name, shape in shapes.items():
        begin, end = end, end + 4 * int(np.prod([int(size) for size in shape], dtype=object))
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    with path.open("wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        stream.truncate(8 + len(text) + end)
    return path.stat().st_size


def planned(
    new: str,
    path: Path,
    old: str | None = None,
    *,
    renames: Sequence[str] = (),
    widen: Widen = "zero",
    deepen: Deepen = "identity",
) -> Plan:
    """Return the plan for a file."""
    before = None if old is None else known(old, "old.yaml")
    return make_plan(known(new), read_weights(str(path)), before, Wish(widen, deepen, read_renames(renames)))


def told(plan: Plan) -> list[tuple[str, str | None, str | None, str]]:
    """Return each step's word, names and grounds."""
    return [(step.act, step.source, step.target, step.grounds) for step in plan.steps]

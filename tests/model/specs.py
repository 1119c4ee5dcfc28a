"""Specs in folders, for the tests of models."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netspec.files.parameters import write_parameters
from netspec.model import Model
from netspec.model.drawing import draw
from netspec.model.tensors import Drawn, Held
from netspec.network import Network, load
from netspec.runtime.program import Program
from tests.runtime.networks import Array


def network(folder: Path, files: Mapping[str, str], name: str = "spec.yaml", variant: str | None = None) -> Network:
    """Return the network of one of the files, all written into the folder; `netspec: 1` is put before each."""
    for relative, text in files.items():
        path = folder / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"netspec: 1\n{text}", encoding="utf-8")
    return load(folder / name, variant=variant)


def weights(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write a file of parameters, .safetensors or .npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npz":
        np.savez(path, **arrays)  # type: ignore[arg-type]  # names are data here
        return
    with path.open("wb") as stream:
        write_parameters(stream, arrays, {})


def tile_of(model: Model) -> int:
    """Return the tile of a fully connected network."""
    program = model.program
    assert isinstance(program, Program)
    return program.tile


def drawn(model: Model) -> dict[str, tuple[str, int]]:
    """Return how each tensor that is drawn is: its initialisation and its seed."""
    return {name: (s.init, s.seed) for name, s in model.sources.items() if isinstance(s, Drawn)}


def held(model: Model) -> set[str]:
    """Return the tensors whose values are given."""
    return {name for name, source in model.sources.items() if isinstance(source, Held)}


def draw_again(model: Model) -> dict[str, Array]:
    """Return the tensors that are drawn, each by its arguments alone."""
    return {name: draw(*source) for name, source in model.sources.items() if isinstance(source, Drawn)}

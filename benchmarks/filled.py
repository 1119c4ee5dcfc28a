"""Specs whose tensors have values throughout: what is drawn begins with zero offsets, which would hide a mistake."""

import re
from pathlib import Path

import numpy as np

import netspec
from benchmarks.peers import Array


def filled(network: netspec.Network, folder: Path, seed: int = 0) -> netspec.Network:
    """Return the network in its long form, every offset, mean and variance drawn, read from files in `folder`."""
    from safetensors.numpy import save_file

    draw = np.random.default_rng(seed)
    values = {name: _value(name, array, draw) for name, array in network.build(seed=seed).parameters.items()}
    name = f"{network.name}-{network.fingerprint[-12:]}"
    save_file(values, folder / f"{name}.safetensors")
    text, count = re.subn(r"(?m)^parameters: .*$", f"parameters: {{file: {name}.safetensors}}", network.expand())
    if count != 1:
        raise RuntimeError(f"the long form of {network.name} says {count} times how its parameters are drawn")
    path = folder / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    return netspec.load(path)


def _value(name: str, array: Array, draw: np.random.Generator) -> Array:
    """Return an offset or mean around 0, a gain or variance around 1, and any other tensor as it is."""
    role = re.split(r"[._]", name)
    if "beta" in role or role[-1] == "mean":
        return (0.1 * draw.standard_normal(array.shape)).astype(array.dtype)
    if role[-1] in ("gamma", "variance"):
        return (1 + 0.2 * draw.random(array.shape)).astype(array.dtype)
    return array

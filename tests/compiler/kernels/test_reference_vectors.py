"""Kernels and activations give what PyTorch gave: `tests/torch/vectors.py` stored it."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from netspec.compiler.kernels import (
    convolution,
    normalisation,
    pooling,
    recurrent,
    resampling,
    sequence,
    shapes,
    softmax,
)
from tests.compiler.kernels import as_emitted
from tests.compiler.kernels.lines import computed
from tests.compiler.programs import TOLERANCES, assert_close

MODULES: Final = (as_emitted, convolution, normalisation, pooling, recurrent, resampling, sequence, shapes, softmax)
VECTORS: Final = json.loads((Path(__file__).parents[2] / "torch" / "vectors.json").read_text(encoding="utf-8"))
EVERY_DTYPE = pytest.mark.parametrize("dtype", TOLERANCES)


def read(value: Any, dtype: str) -> Any:
    """Return an argument as a kernel takes it."""
    if isinstance(value, dict):
        return np.array(value["values"], dtype).reshape(value["shape"])
    return tuple(read(item, dtype) for item in value) if isinstance(value, list) else value


@EVERY_DTYPE
@pytest.mark.parametrize("vector", [vector for vector in VECTORS if "kernel" in vector], ids=lambda v: v["kernel"])
def test_a_kernel_gives_what_pytorch_gave(vector: dict[str, Any], dtype: str) -> None:
    (kernel,) = (getattr(module, vector["kernel"]) for module in MODULES if hasattr(module, vector["kernel"]))
    y = kernel(*(read(value, dtype) for value in vector["arguments"]))
    assert_close(y, read(vector["y"], "float64"), TOLERANCES[dtype])


@EVERY_DTYPE
@pytest.mark.parametrize(
    "vector", [vector for vector in VECTORS if "kernel" not in vector], ids=lambda v: v["activation"]
)
def test_an_activation_gives_what_pytorch_gave(vector: dict[str, Any], dtype: str) -> None:
    y = computed(vector["activation"], read(vector["z"], dtype), *vector["arguments"])
    assert_close(y, read(vector["y"], "float64"), TOLERANCES[dtype])


def test_every_kernel_has_vectors() -> None:
    functions = {
        name
        for module in MODULES
        for name, value in vars(module).items()
        if callable(value) and not name.startswith("_") and value.__module__ == module.__name__
    }
    held_otherwise = {"sinusoidal", "global_average_pool", "global_max_pool"}
    assert functions - held_otherwise == {vector["kernel"] for vector in VECTORS if "kernel" in vector}

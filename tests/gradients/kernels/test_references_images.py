"""Kernels for images, norms and reductions give what PyTorch gave: `tests/torch/gradient_references_images.py`."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tests.gradients.kernels.backward import KERNELS, STATE, forward, gradients, lying, upright

REFERENCES: Final = Path(__file__).parents[1] / "references" / "images.json"
CASES: Final = [case for case in json.loads(REFERENCES.read_text(encoding="utf-8")) if "operation" in case]
UPRIGHT: Final = ("pool", "transposed", "upsample", "norm")
"""What is in the names of kernels whose batch axis is the last; the others take either layout."""


def read(value: Any) -> Any:
    """Return an argument as a kernel takes it."""
    if isinstance(value, dict) and "shape" in value:
        return np.array(value["values"]).reshape(value["shape"])
    return tuple(map(read, value)) if isinstance(value, list) else value


def assert_as_close(found: np.ndarray, expected: np.ndarray) -> None:
    """Assert that no element differs by more than 1e-9 of the largest."""
    assert found.shape == expected.shape
    assert np.abs(found - expected).max() <= 1e-9 * np.abs(expected).max()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["operation"])
def test_a_gradient_is_that_of_pytorch(case: dict[str, Any]) -> None:
    turned = any(word in case["operation"] for word in UPRIGHT)
    values = {name: read(value) for name, value in case.items() if name not in ("operation", "results")}
    if turned:
        values |= {name: upright(values[name]) for name in ("x", "dy")}
    found = gradients(case["operation"], values)
    if "norm" in case["operation"]:
        found |= forward(case["operation"], values)[2]
    assert found.keys() == case["results"].keys()
    for name, value in case["results"].items():
        y = lying(found[name]) if turned and name in ("y", "dx") else found[name]
        assert_as_close(y, read(value))


def test_every_kernel_has_references() -> None:
    held_otherwise = {"drop"}
    operations = {name.removesuffix("_backward") for name in KERNELS if name.endswith("_backward")}
    assert operations - held_otherwise == {case["operation"] for case in CASES}


def test_the_state_is_among_what_is_compared() -> None:
    assert all(set(STATE) <= case["results"].keys() for case in CASES if case["operation"] == "batch_norm")

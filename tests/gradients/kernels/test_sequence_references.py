"""The kernels of sequences give what PyTorch gives: its y and its gradients in float64, stored.

`tests/torch/gradient_references_sequences.py` writes them.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from tests.gradients.kernels.sequence_kernels import PAIRS, Array, backward, differentiated, forward

REFERENCES: Final = Path(__file__).parents[1] / "references" / "sequences.json"
CASES: Final = json.loads(REFERENCES.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[f"{case['kernel']}-{i}" for i, case in enumerate(CASES)])
def test_a_kernel_gives_what_pytorch_gives(case: dict[str, Any]) -> None:
    name, options = case["kernel"], case["options"]
    arrays = {one: None if value is None else _array(value) for one, value in case["arrays"].items()}
    expected = _array(case["y"])
    y, saved = forward(name, arrays, expected.shape, **options)
    np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-12)
    wanted = differentiated(name, arrays)
    found = backward(name, arrays, _array(case["dy"]), y, saved, wanted, **options)
    assert set(wanted) == set(case["gradients"])
    for one in wanted:
        np.testing.assert_allclose(found[one], _array(case["gradients"][one]), rtol=1e-9, atol=1e-12, err_msg=one)


def test_every_kernel_that_pytorch_has_is_held_to_it() -> None:
    assert {case["kernel"] for case in CASES} == set(PAIRS) - {"rotate", "sinusoidal"}


def _array(stored: dict[str, Any]) -> Array:
    return np.array(stored["values"]).reshape(stored["shape"])

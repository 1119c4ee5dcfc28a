"""Gradients and trainings are PyTorch's, as tests/torch/training_references.py has stored them: float64, to 1e-9."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from netspec.operations.functions import FUNCTIONS
from tests.gradients.cases import KEPT, Array, Case, Run, cases, digest, numbers, runs, trained
from tests.layers.rows import ROWS

REFERENCES: Final = Path(__file__).with_name("references")
BOUND: Final = 1e-9
CASES: Final = {case.name: case for case in cases()}
RUNS: Final = {run.name: run for run in runs()}


def stored(name: str) -> dict[str, Any]:
    """Return what a file of references has."""
    found: dict[str, Any] = json.loads((REFERENCES / name).read_text(encoding="utf-8"))
    return found


GRADIENTS: Final = stored("gradients.json")
TRAININGS: Final = stored("trainings.json")


def error(found: Array, expected: Array, scale: float) -> float:
    """Return the largest difference by the largest element; what is smaller than a thousandth of `scale`, the largest
    of the whole case, counts as that, since rounding alone leaves something where the gradient is zero.
    """
    assert found.shape == expected.shape, (found.shape, expected.shape)
    largest = max(float(np.abs(expected).max(initial=0.0)), 1e-3 * scale)
    difference = float(np.abs(found - expected).max(initial=0.0))
    return difference / largest if difference else 0.0


def assert_as_stored(arrays: dict[str, Array], kept: dict[str, list[float]], *, whole: bool) -> None:
    """Assert that arrays have the elements and the sums that are stored; `whole`: that their largest is the case's."""
    assert set(arrays) == set(kept)
    scale = max((float(np.abs(values).max(initial=0.0)) for values in map(np.array, kept.values())), default=0.0)
    for name, values in kept.items():
        difference = error(np.array(digest(arrays[name])), np.array(values), scale if whole else 0.0)
        assert difference <= BOUND, f"{name} differs by {difference:.1e}"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_loss_and_gradients_are_those_of_pytorch(case: Case) -> None:
    expected = GRADIENTS[case.name]
    loss, arrays = case.found()
    assert loss == pytest.approx(expected["loss"], rel=BOUND, abs=0)
    assert_as_stored(arrays, expected["arrays"], whole=True)


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
def test_a_training_goes_where_that_of_pytorch_goes(run: Run) -> None:
    expected = TRAININGS[run.name]
    losses, arrays = trained(run)
    np.testing.assert_allclose(losses[:: run.steps // 10], expected["losses"], rtol=BOUND)
    assert_as_stored(arrays, expected["arrays"], whole=False)


def test_every_reference_is_of_a_case() -> None:
    assert list(GRADIENTS) == list(CASES)
    assert list(TRAININGS) == list(RUNS)


def test_every_layer_and_every_activation_has_a_case() -> None:
    assert {str(row) for row in ROWS} <= set(CASES)
    assert {f"activation {name}" for name in FUNCTIONS} <= set(CASES)


def test_a_change_of_any_element_of_a_large_array_shows() -> None:
    array = numbers(1, 40, 25)
    before = np.array(digest(array))
    assert before.size == KEPT + 2
    for place in (1, 500, 998):
        changed = array.copy()
        changed.reshape(-1)[place] += 1e-6
        assert error(np.array(digest(changed)), before, 0.0) > BOUND

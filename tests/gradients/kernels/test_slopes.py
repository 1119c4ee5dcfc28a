"""Slopes of activations are those of PyTorch and of their twins, in both dtypes, in place and however large z is."""

import inspect
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.gradients.kernels import slopes
from netspec.gradients.slope_table import SLOPES
from netspec.operations import FUNCTIONS
from tests.twins.activations import activation

REFERENCES: Final = Path(__file__).parents[1] / "references" / "images.json"
CASES: Final = [case for case in json.loads(REFERENCES.read_text(encoding="utf-8")) if "activation" in case]
ARGUMENTS: Final[dict[str, tuple[float, ...]]] = {
    name: tuple(argument.default for argument in function.arguments) for name, function in FUNCTIONS.items()
}
EVERY: Final = pytest.mark.parametrize("name", SLOPES)
Array = NDArray[Any]


def slope(name: str, arguments: tuple[float, ...], z: Array, dy: Array, dx: Array | None = None) -> Array:
    """Return dy a'(z) by the kernel, from what it needs."""
    known = z if SLOPES[name].needs == "z" else activation(name, arguments, z).astype(z.dtype)
    dx = np.full_like(dy, np.nan) if dx is None else dx
    vars(slopes)[SLOPES[name].kernel](dy, known, dx, *arguments)
    return dx


def test_every_activation_has_a_slope() -> None:
    assert list(SLOPES) == list(FUNCTIONS)
    kernels = {name for name, value in vars(slopes).items() if inspect.isfunction(value) and not name.startswith("_")}
    assert {row.kernel for row in SLOPES.values()} == kernels


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["activation"])
def test_a_slope_is_that_of_pytorch(case: dict[str, Any]) -> None:
    """At the points where a function bends as well; relative to the largest slope, which is about 1."""
    digits = 1e-8 if case["activation"] == "hard_sigmoid" else 1e-9  # PyTorch has 1/6 as a float32
    z, expected = np.array(case["z"]["values"]), np.array(case["results"]["values"])
    found = slope(case["activation"], tuple(case["arguments"]), z, np.ones_like(z))
    assert np.abs(found - expected).max() <= digits * max(1.0, np.abs(expected).max())


def test_every_activation_has_references() -> None:
    assert {case["activation"] for case in CASES} == set(FUNCTIONS) - {"identity"}


@EVERY
def test_a_slope_is_the_difference_of_its_twin(name: str) -> None:
    random = np.random.default_rng(0)
    z, dy = random.normal(0, 3, (2, 300))
    step, arguments = 1e-6, ARGUMENTS[name]
    higher, lower = (activation(name, arguments, z + way) for way in (step, -step))
    np.testing.assert_allclose(slope(name, arguments, z, dy), dy * (higher - lower) / (2 * step), rtol=1e-6, atol=1e-8)


@EVERY
@pytest.mark.parametrize("shape", [(), (1,), (5, 3, 7)])
def test_a_slope_may_be_written_over_the_gradient(
    name: str, shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some elements at a time, and where an array is not contiguous, it is the same."""
    monkeypatch.setattr(slopes, "_SLOPE_PIECE", 8)
    random = np.random.default_rng(1)
    z, dy = np.asarray(random.normal(0, 2, shape)), np.asarray(random.normal(0, 1, shape))
    kept = dy.copy()
    expected = slope(name, ARGUMENTS[name], z, dy)
    assert np.array_equal(dy, kept)
    assert np.array_equal(slope(name, ARGUMENTS[name], z, kept, kept), expected)
    turned = slope(name, ARGUMENTS[name], z, dy, np.empty(shape[::-1]).T)
    assert np.array_equal(turned, expected)


@EVERY
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_slope_is_finite_and_exact_however_large_z_is(name: str, dtype: str) -> None:
    """A warning of an overflow would be an error."""
    large = np.array([0.0, 1e-30, 20.0, 40.0, 90.0, 710.0, 1e4, 1e30], dtype)
    z = np.concatenate([large, -large])
    found = slope(name, ARGUMENTS[name], z, np.ones_like(z))
    assert found.dtype == dtype
    assert np.isfinite(found).all()
    assert np.abs(found).max() <= 2
    expected = slope(name, ARGUMENTS[name], np.clip(z, -100, 100), np.ones_like(z))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-4)  # of softsign, whose tail is long


@EVERY
def test_a_slope_in_float32_has_its_digits(name: str) -> None:
    random = np.random.default_rng(2)
    z, dy = random.normal(0, 4, (2, 1000)).astype(np.float32)
    found = slope(name, ARGUMENTS[name], z, dy)
    assert found.dtype == np.float32
    exact = slope(name, ARGUMENTS[name], z.astype(np.float64), dy.astype(np.float64))
    assert np.abs(found - exact).max() <= 2e-6

"""Compares every kernel and activation with PyTorch on random cases: one line for each, exit code 1 on a difference.

A float32 kernel is compared with what PyTorch gives in float64 for the same numbers.
"""

import sys
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray

from tests.compiler.kernels.lines import computed
from tests.torch.activations import ACTIVATIONS
from tests.torch.cases import OPERATIONS, Operation

TOLERANCES: Final = {"float64": 1e-10, "float32": 1e-5}
CASES: Final = 300
LARGE: Final = 10
"""So many of the cases have axes of up to 60, the others of up to 8."""


def main() -> int:
    """Print each operation's number of cases and largest error in each dtype; return 1 where one is too large."""
    torch.set_num_threads(1)
    failed = 0
    print(
        f"PyTorch {torch.__version__}, NumPy {np.__version__}; largest error over the largest |y| of a case, at least 1"
    )
    for name, operation in OPERATIONS.items():
        failed += _report(name, CASES, {dtype: _worst_of(operation, dtype) for dtype in TOLERANCES})
    for name in ACTIVATIONS:
        failed += _report(name, CASES, {dtype: _worst_activation(name, dtype) for dtype in TOLERANCES})
    return 1 if failed else 0


def _report(name: str, cases: int, worst: dict[str, float]) -> bool:
    wrong = any(not error <= TOLERANCES[dtype] for dtype, error in worst.items())
    errors = "   ".join(f"{dtype} {error:7.1e}" for dtype, error in worst.items())
    print(f"{name:22} {cases:4} cases   {errors}{'   FAILS' if wrong else ''}", flush=True)
    return wrong


def _worst_of(operation: Operation, dtype: str) -> float:
    random = np.random.default_rng(0)
    worst = 0.0
    for number in range(CASES):
        drawn = operation.draw(random, 60 if number < LARGE else 8)
        arguments = [value.astype(dtype) if isinstance(value, np.ndarray) else value for value in drawn]
        tensors = [_double(value) if isinstance(value, np.ndarray) else value for value in arguments]
        y = operation.kernel(*arguments)
        worst = max(worst, _error(y, operation.reference(*tensors).numpy()) if y.dtype == dtype else np.inf)
    return worst


def _worst_activation(name: str, dtype: str) -> float:
    random = np.random.default_rng(0)
    reference, bounds = ACTIVATIONS[name]
    worst = 0.0
    for _ in range(CASES):
        numbers = [float(random.uniform(*between)) for between in bounds]
        z = (random.normal(0, 1, 300) * random.choice([0.1, 1.0, 5.0])).astype(dtype)
        worst = max(worst, _error(computed(name, z, *numbers), reference(_double(z), *numbers).numpy()))
    return worst


def _double(value: NDArray[Any]) -> Any:
    """Return the same numbers for PyTorch to compute with in float64: in float32 its own errors may be the larger ones.

    (Of its group_norm up to 4e-5, where a group's variance is small beside its mean.)
    """
    return torch.from_numpy(value.astype(np.float64))


def _error(y: NDArray[Any], expected: NDArray[Any]) -> float:
    """Return the largest difference over the largest |y|, or over 1; infinite where shapes differ."""
    if y.shape != expected.shape:
        return np.inf
    return float(np.abs(y - expected).max(initial=0.0) / max(1.0, np.abs(expected).max(initial=0.0)))


if __name__ == "__main__":
    sys.exit(main())

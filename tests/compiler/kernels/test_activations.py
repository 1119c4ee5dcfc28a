"""What the lines of activations do with numbers that are none, and at the ends of the line."""

import numpy as np
import pytest

from netspec.operations import FUNCTIONS
from tests.compiler.kernels.lines import computed
from tests.compiler.programs import TOLERANCES

EVERY_DTYPE = pytest.mark.parametrize("dtype", TOLERANCES)
NAMES = sorted(set(FUNCTIONS) - {"identity"})


def defaults(name: str) -> tuple[float, ...]:
    return tuple(argument.default for argument in FUNCTIONS[name].arguments)


@EVERY_DTYPE
@pytest.mark.parametrize("name", NAMES)
def test_nan_comes_through(name: str, dtype: str) -> None:
    with np.errstate(invalid="ignore"):  # logaddexp reports it, where other functions do not
        y = computed(name, np.array([1.0, np.nan, -1.0], dtype), *defaults(name))
    assert y.dtype == dtype
    assert np.isnan(y).tolist() == [False, True, False]


@EVERY_DTYPE
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("relu", [0, np.inf]),
        ("sigmoid", [0, 1]),
        ("log_sigmoid", [-np.inf, 0]),
        ("gelu", [0, np.inf]),
        ("tanh_shrink", [-np.inf, np.inf]),
        ("soft_shrink", [-np.inf, np.inf]),
        ("hard_shrink", [-np.inf, np.inf]),
        ("hard_tanh", [-1, 1]),
    ],
)
def test_the_ends_of_the_line_have_their_limits(name: str, expected: list[float], dtype: str) -> None:
    y = computed(name, np.array([-np.inf, np.inf], dtype), *defaults(name))
    np.testing.assert_allclose(y, expected, rtol=0, atol=1e-300)


@EVERY_DTYPE
def test_shrinking_begins_beyond_its_bound(dtype: str) -> None:
    z = np.array([-2, -0.5, 0.5, 0.5 + 2**-20, 2], dtype)
    assert computed("hard_shrink", z, 0.5).tolist() == [-2, 0, 0, 0.5 + 2**-20, 2]
    assert computed("soft_shrink", z, 0.5).tolist() == [-1.5, 0, 0, 2**-20, 1.5]

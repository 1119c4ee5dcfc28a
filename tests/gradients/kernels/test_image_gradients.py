"""Kernels for images, norms and reductions are their twins, and their gradients those of central differences."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

import numpy as np
import pytest

from netspec.gradients.kernels import channel_norms, pools
from tests.gradients.kernels.backward import KERNELS, Array, called, differences, forward, gradients, lying, upright
from tests.twins import convolution, normalisation, pooling, resampling, softmax

Twin = Callable[..., Array]

# numbers of pools and transposed convolutions: kernel, stride, padding, dilation
_PLAIN: Final = {"kernel": (2, 2), "stride": (2, 2), "padding": ((0, 0), (0, 0))}
_OVERLAPPING: Final = {"kernel": (3, 2), "stride": (2, 1), "padding": ((1, 0), (0, 1))}
_HIGH: Final = {"kernel": (2,), "stride": (2,), "padding": ((1, 0),)}


class Case(NamedTuple):
    """An operation on a random x of a shape, upright, with other random arrays by their shapes, numbers and a twin.

    The twin takes the arrays, the batch first in x, and the numbers, all by their names.
    """

    operation: str
    shape: tuple[int, ...]
    arrays: dict[str, tuple[int, ...]]
    numbers: dict[str, Any]
    twin: Twin
    turned: bool = True


def _reduced(function: Callable[..., Any]) -> Twin:
    return lambda x, axes, keep: function(x, axis=axes, keepdims=keep)


def _channels(**more: object) -> dict[str, Any]:
    return {"gamma": (4,), "beta": (4,), **more}


def _by_batch(x: Array, gamma: Array | None = None, beta: Array | None = None, **numbers: Any) -> Array:
    axes = (0, *range(2, x.ndim))
    return normalisation.batch_norm(x, gamma, beta, x.mean(axes), x.var(axes), numbers["epsilon"])


def _by_state(x: Array, gamma: Array | None = None, beta: Array | None = None, **numbers: Any) -> Array:
    return normalisation.batch_norm(x, gamma, beta, numbers["mean"], numbers["variance"], numbers["epsilon"])


def _by_group(x: Array, groups: int, epsilon: float, gamma: Array | None = None, beta: Array | None = None) -> Array:
    return normalisation.group_norm(x, gamma, beta, groups, epsilon)


def _transposed(x: Array, Omega: Array, beta: Array | None = None, **numbers: Any) -> Array:
    return convolution.convolve_transposed(x, Omega, beta, **numbers)


def _prelu(x: Array, slope: Array, axis: int | None) -> Array:
    beside = slope if axis is None else slope.reshape([-1 if other == axis else 1 for other in range(x.ndim)])
    return np.where(x > 0, x, beside * x)


_NORM: Final = {"epsilon": 1e-3, "mean": np.array([0.5, -1, 2, 0]), "variance": np.array([1.5, 0.5, 2, 1])}
_MOMENTUM: Final = {**_NORM, "momentum": 0.2}
_KEPT: Final = {"output_padding": (1, 0), "dilation": (1, 2), "groups": 1}

CASES: Final = (
    *(
        Case("max_pool", shape, {}, {**numbers, "dilation": dilation, "ceil": ceil}, pooling.max_pool)
        for ceil in (False, True)
        for shape, numbers, dilation in (
            ((2, 4, 6, 3), _PLAIN, (1, 1)),
            ((2, 5, 3, 1), _PLAIN, (1, 1)),
            ((2, 5, 6, 2), _OVERLAPPING, (1, 2)),
            ((3, 4, 2), _HIGH, (1,)),
            ((2, 4, 2), {**_HIGH, "padding": ((0, 1),)}, (2,)),  # as many as tiles would be
        )
    ),
    *(
        Case("average_pool", shape, {}, {**numbers, "ceil": ceil, "count_padding": not ceil}, pooling.average_pool)
        for ceil in (False, True)
        for shape, numbers in (((2, 4, 6, 3), _PLAIN), ((2, 5, 6, 2), _OVERLAPPING), ((3, 5, 1), _HIGH))
    ),
    *(
        Case(f"adaptive_{kind}_pool", shape, {}, {"sizes": sizes}, twin)
        for kind, twin in (("max", pooling.adaptive_max_pool), ("average", pooling.adaptive_average_pool))
        for shape, sizes in (((2, 4, 6, 2), (2, 3)), ((2, 5, 4, 1), (3, 3)), ((2, 3, 2, 2), (1, 1)))
    ),
    Case("convolve_transposed", (4, 3, 2, 2), {"Omega": (4, 2, 3, 2), "beta": (2,)},
         {"stride": (2, 1), "padding": ((1, 0), (0, 1)), **_KEPT}, _transposed),
    Case("convolve_transposed", (4, 3, 1), {"Omega": (4, 1, 2), "beta": (2,)},
         {"stride": (3,), "padding": ((1, 2),), "output_padding": (0,), "dilation": (3,), "groups": 2}, _transposed),
    Case("convolve_transposed", (2, 1, 30), {"Omega": (2, 2, 3)},  # two elements of the window meet nothing
         {"stride": (1,), "padding": ((1, 1),), "output_padding": (0,), "dilation": (1,), "groups": 1}, _transposed),
    Case("convolve_transposed", (2, 1, 1, 1), {"Omega": (2, 3, 1, 1)},
         {"stride": (1, 1), "padding": ((0, 0), (0, 0)), "output_padding": (0, 0), "dilation": (1, 1), "groups": 1},
         _transposed),
    Case("batch_norm", (4, 2, 3, 2), _channels(), _MOMENTUM, _by_batch),
    Case("batch_norm", (4, 3), {}, _MOMENTUM, _by_batch),
    Case("batch_norm_frozen", (4, 2, 3, 2), _channels(), _NORM, _by_state),
    Case("batch_norm_frozen", (4, 1), {}, _NORM, _by_state),
    Case("group_norm", (4, 2, 3, 2), _channels(), {"groups": 2, "epsilon": 1e-3}, _by_group),
    Case("group_norm", (4, 5, 1), _channels(), {"groups": 4, "epsilon": 1e-3}, _by_group),
    Case("group_norm", (4, 3), {}, {"groups": 1, "epsilon": 1e-3}, _by_group),
    *(
        Case(f"upsample_{kind}", shape, {}, {"factors": factors}, twin)
        for kind, twin in (("nearest", resampling.upsample_nearest), ("linear", resampling.upsample_linear))
        for shape, factors in (((2, 3, 2, 2), (2, 3)), ((2, 1, 1), (4,)), ((1, 2, 1, 3, 1), (1, 2, 2)))
    ),
    *(
        Case(kind, (3, 4, 2, 3), {}, {"axes": axes, "keep": keep}, _reduced(function), turned=False)
        for kind, function in (("sum", np.sum), ("mean", np.mean), ("max", np.max))
        for axes, keep in (((0,), False), ((1, 2), False), ((0, 2), True), ((3,), False), ((0, 1, 2, 3), True))
    ),
    *(
        Case(kind, (3, 4, 2), {}, {"axis": axis}, twin, turned=False)
        for kind, twin in (("softmax", softmax.softmax), ("log_softmax", softmax.log_softmax))
        for axis in (0, 1, 2)
    ),
    Case("prelu", (4, 3, 2), {"slope": (4,)}, {"axis": 0}, _prelu, turned=False),
    Case("prelu", (2, 4, 3), {"slope": (4,)}, {"axis": 1}, _prelu, turned=False),
    Case("prelu", (2, 3), {"slope": (1,)}, {"axis": None}, _prelu, turned=False),
)  # fmt: skip
EVERY: Final = pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.operation} {case.shape}")


def values_of(case: Case, seed: int = 0) -> tuple[dict[str, Any], Array]:
    """Return what the kernels take, with a random dy, and what the twin gives, laid out as y."""
    random = np.random.default_rng(seed)
    arrays = {name: random.normal(0, 1, shape) for name, shape in {"x": case.shape, **case.arrays}.items()}
    x = lying(arrays["x"]) if case.turned else arrays["x"]
    y = case.twin(**{**arrays, "x": x, **case.numbers})
    y = upright(y) if case.turned else y
    return {**arrays, **case.numbers, "dy": random.normal(0, 1, y.shape)}, y


@EVERY
def test_a_result_is_that_of_the_twin(case: Case) -> None:
    values, y = values_of(case)
    np.testing.assert_allclose(forward(case.operation, values)[0], y, rtol=1e-12, atol=1e-12)


@EVERY
def test_a_gradient_is_that_of_central_differences(case: Case) -> None:
    values, _ = values_of(case, 1)
    found = gradients(case.operation, values)
    assert found.keys() == {"y", "dx", *(f"d{name}" for name in case.arrays)}
    for name in ("x", *case.arrays):
        np.testing.assert_allclose(
            found[f"d{name}"], differences(case.operation, values, name), rtol=1e-6, atol=1e-7, err_msg=name
        )


@EVERY
def test_a_gradient_that_is_not_wanted_changes_no_other(case: Case) -> None:
    values, _ = values_of(case)
    found = gradients(case.operation, values)
    for name in found.keys() - {"y"}:
        if case.arrays:
            assert np.array_equal(gradients(case.operation, values, {name})[name], found[name])


@EVERY
def test_what_is_read_is_not_written_and_no_bit_depends_on_the_call(case: Case) -> None:
    values, _ = values_of(case)
    kept = {name: value.copy() for name, value in values.items() if isinstance(value, np.ndarray)}
    first, second = gradients(case.operation, values), gradients(case.operation, values)
    assert all(np.array_equal(first[name], second[name]) for name in first)
    assert all(np.array_equal(values[name], value) for name, value in kept.items())


@EVERY
def test_float32_stays_float32(case: Case) -> None:
    values, _ = values_of(case)
    short = {name: value.astype("f4") if isinstance(value, np.ndarray) else value for name, value in values.items()}
    exact = {name: value.astype("f8") if isinstance(value, np.ndarray) else value for name, value in short.items()}
    expected = gradients(case.operation, exact)
    for name, value in gradients(case.operation, short).items():
        assert value.dtype == np.float32
        np.testing.assert_allclose(value, expected[name], rtol=0, atol=2e-5 * max(1, np.abs(expected[name]).max()))


@EVERY
def test_some_channels_at_a_time_are_the_same(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    values, _ = values_of(case)
    expected = gradients(case.operation, values)
    monkeypatch.setattr(pools, "_POOLED_AT_ONCE", 1)
    monkeypatch.setattr(channel_norms, "_NORMALISED_AT_ONCE", 1)
    monkeypatch.setattr(channel_norms, "_BESIDE", 1)
    for name, value in gradients(case.operation, values).items():
        np.testing.assert_allclose(value, expected[name], rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("shape", [(2, 4, 4, 2), (2, 5, 4, 2)])
def test_of_equally_large_elements_the_first_of_a_window_has_the_gradient(shape: tuple[int, ...]) -> None:
    """In C order, in tiles and in windows that overlap."""
    x = np.zeros(shape)
    numbers = {**_PLAIN, "dilation": (1, 1), "ceil": False}
    found = gradients("max_pool", {"x": x, "dy": np.ones((2, 2, 2, 2)), **numbers})["dx"]
    expected = np.zeros(shape)
    expected[:, 0:4:2, 0:4:2] = 1
    assert np.array_equal(found, expected)
    numbers = {"kernel": (2, 2), "stride": (1, 1), "padding": ((1, 0), (1, 0)), "dilation": (1, 1), "ceil": False}
    found = gradients("max_pool", {"x": x, "dy": np.ones(shape), **numbers})["dx"]
    assert found[0, 0, :, 0].tolist() == [4, 2, 2, 0]
    assert found[0, 1, :, 0].tolist() == [2, 1, 1, 0]


def test_padding_is_smaller_than_any_number() -> None:
    x = np.full((1, 3, 1), -1e300)
    numbers = {"kernel": (3,), "stride": (1,), "padding": ((1, 1),), "dilation": (1,), "ceil": False}
    found = gradients("max_pool", {"x": x, "dy": np.ones((1, 3, 1)), **numbers})
    assert np.array_equal(found["y"], x)
    assert found["dx"].ravel().tolist() == [2, 1, 0]


def test_equally_large_elements_share_the_gradient_of_a_maximum_over_axes() -> None:
    values = {
        "x": np.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]),
        "dy": np.array([1.0, 3.0]),
        "axes": (1,),
        "keep": False,
    }
    assert gradients("max", values)["dx"].tolist() == [[0, 0.5, 0.5], [1, 1, 1]]


def test_one_bin_shares_nothing_where_elements_are_equally_large() -> None:
    found = gradients("adaptive_max_pool", {"x": np.zeros((1, 3, 2)), "dy": np.ones((1, 1, 2)), "sizes": (1,)})
    assert found["dx"][:, :, 0].tolist() == [[1, 0, 0]]


def test_training_moves_the_state_by_a_share_towards_the_batch() -> None:
    x = np.array([[1.0, 3.0]])
    values = {"x": x, "dy": x, "mean": np.array([10.0]), "variance": np.array([4.0]), "epsilon": 0.0, "momentum": 0.25}
    y, _, state = forward("batch_norm", values)
    assert y.tolist() == [[-1.0, 1.0]]
    assert state["mean"].tolist() == [8.0]  # towards 2
    assert state["variance"].tolist() == [3.5]  # towards 2, whose share divides by n - 1
    _, _, still = forward("batch_norm", {**values, "momentum": 0.0})
    assert [still["mean"].tolist(), still["variance"].tolist()] == [[10.0], [4.0]]


def test_one_number_for_each_channel_has_no_variance() -> None:
    values = {"x": np.ones((2, 1)), "dy": np.ones((2, 1)), "mean": np.zeros(2), "variance": np.ones(2), "epsilon": 0.1,
              "momentum": 0.1}  # fmt: skip
    with pytest.raises(ValueError, match=r"^batch_norm needs more than one number for each channel in training$"):
        forward("batch_norm", values)


@pytest.mark.parametrize("operation", ["batch_norm", "group_norm"])
def test_numbers_far_from_zero_keep_their_digits(operation: str) -> None:
    random = np.random.default_rng(0)
    x = (1000 + random.normal(0, 1, (4, 6, 5, 8))).astype(np.float32)
    numbers = {"mean": np.zeros(4, np.float32), "variance": np.ones(4, np.float32), "epsilon": 1e-5, "momentum": 0.1,
               "groups": 2}  # fmt: skip
    values: dict[str, Any] = {"x": x, "dy": random.normal(0, 1, x.shape).astype(np.float32), **numbers}
    exact = {name: value.astype("f8") if isinstance(value, np.ndarray) else value for name, value in values.items()}
    found, expected = gradients(operation, values), gradients(operation, exact)
    for name, value in found.items():
        assert np.abs(value - expected[name]).max() <= 2e-3


@pytest.mark.parametrize("kind", ["softmax", "log_softmax"])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_softmax_of_large_numbers_overflows_nowhere(kind: str, axis: int) -> None:
    x = np.array([[1e4, -1e4, 0.0], [3e38, 1.0, 3e38]], np.float32)
    x = x if axis == 1 else np.ascontiguousarray(x.T)
    found = gradients(kind, {"x": x, "dy": np.ones_like(x), "axis": axis})
    assert np.isfinite(found["dx"]).all()


@pytest.mark.parametrize("kind", ["softmax", "log_softmax", "batch_norm_frozen", "prelu"])
def test_a_gradient_that_may_lie_where_that_of_the_result_does_is_the_same(kind: str) -> None:
    case = next(case for case in CASES if case.operation == kind)
    values, _ = values_of(case)
    expected = gradients(kind, values)["dx"]
    y, saved, _ = forward(kind, values)
    dx = values["dy"].copy()
    called(KERNELS[f"{kind}_backward"], {**values, "y": y, "saved": saved, "_saved": saved, "dy": dx, "dx": dx})
    assert np.array_equal(dx, expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_dropout_drops_a_share_and_passes_on_the_gradient_of_what_stays(dtype: str, rate: float) -> None:
    x = np.full((100, 100), 3.0, dtype)
    values = {"x": x, "dy": 2 * x, "rate": rate, "generator": np.random.default_rng(0)}
    found = gradients("drop", values)
    kept = np.random.default_rng(0).random(x.shape, np.float32) >= rate
    whole = 3.0 / (1.0 - rate) if rate < 1 else 0.0
    np.testing.assert_allclose(found["y"], whole * kept, rtol=1e-6)
    np.testing.assert_allclose(found["dx"], 2 * whole * kept, rtol=1e-6)
    assert abs(kept.mean() - (1 - rate)) < 0.02
    assert found["y"].dtype == found["dx"].dtype == dtype

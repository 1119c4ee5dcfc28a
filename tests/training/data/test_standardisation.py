"""Standardised numbers, and the layers that take it over."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.training.data.columns import Column, HeldColumn, Store
from netspec.training.data.standardisation import (
    Standardiser,
    feature_axis,
    folded_inputs,
    folded_targets,
    learn,
    standardised,
)

Array = NDArray[Any]


def column(values: Array) -> Column:
    """Return a column in memory."""
    return HeldColumn(values)


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_mean_and_deviation_are_of_the_rows_given_alone(rng: np.random.Generator) -> None:
    x = rng.normal(3, [1, 10, 0.1], (100_000, 3)).astype(np.float32)
    rows = np.arange(0, 100_000, 3)
    found = learn(column(x), rows)
    wide = x[rows].astype(np.float64)
    np.testing.assert_allclose(found.mean, wide.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(found.deviation, wide.std(axis=0), rtol=1e-12)
    z = found.apply(x[rows])
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(axis=0, dtype=np.float64), 0, atol=1e-6)
    np.testing.assert_allclose(z.std(axis=0, dtype=np.float64), 1, rtol=1e-6)
    np.testing.assert_allclose(found.undo(z), x[rows], rtol=1e-5, atol=1e-5)


def test_a_large_mean_costs_no_digits(rng: np.random.Generator) -> None:
    x = 1e8 + rng.normal(size=(400_000, 1))
    np.testing.assert_allclose(learn(column(x), np.arange(len(x))).deviation, x.std(axis=0), rtol=1e-9)


@pytest.mark.parametrize("value", [0.0, 0.1, -7.3e12])
def test_a_feature_that_does_not_vary_keeps_its_scale(value: float) -> None:
    x = np.full((100_001, 2), value)
    x[:, 1] = np.arange(len(x))
    found = learn(column(x), np.arange(len(x)))
    assert found.deviation[0] == 1
    np.testing.assert_array_equal(found.apply(x)[:, 0], 0)
    assert np.isfinite(found.apply(x)).all()


@pytest.mark.parametrize(
    ("shape", "axes", "stretched"),
    [
        ((), (0,), ()),
        ((5,), (0,), (5,)),
        ((4, 5), (0, 1), (1, 5)),
        ((3, 4, 5), (0, 2, 3), (3, 1, 1)),
    ],
)
def test_features_are_numbers_of_a_row_columns_or_channels(
    rng: np.random.Generator, shape: tuple[int, ...], axes: tuple[int, ...], stretched: tuple[int, ...]
) -> None:
    x = rng.normal(2, 3, (50, *shape))
    found = learn(column(x), np.arange(50))
    assert found.mean.shape == found.deviation.shape == stretched
    np.testing.assert_allclose(found.mean.ravel(), x.mean(axis=axes).ravel())
    np.testing.assert_allclose(found.deviation.ravel(), x.std(axis=axes).ravel())


@pytest.mark.parametrize("limit", [0, 1 << 30])
def test_a_column_is_standardised_where_it_is(rng: np.random.Generator, limit: int) -> None:
    x = rng.normal(2, 3, (700_000, 2)).astype(np.float32)
    with Store([(2,)], [x.dtype], limit) as store:
        store.add([x])
        (held,) = store.columns()
    scaling = learn(held, np.arange(len(x)))
    made = standardised(held, scaling)
    assert type(made) is type(held)
    np.testing.assert_array_equal(made.take(np.arange(len(x))), scaling.apply(x))


def test_the_axis_of_features_may_be_given(rng: np.random.Generator) -> None:
    x = rng.normal(size=(50, 4, 5))
    assert learn(column(x), np.arange(50), axis=0).mean.shape == (4, 1)
    assert (feature_axis((4, 5)), feature_axis((3, 4, 5)), feature_axis((5,))) == (1, 0, 0)


def test_nothing_is_learned_of_no_rows() -> None:
    with pytest.raises(ValueError, match="no rows"):
        learn(column(np.zeros((3, 2))), np.arange(0))


def test_an_affine_layer_takes_over_what_its_inputs_were_standardised_by(rng: np.random.Generator) -> None:
    Omega, beta, x = rng.normal(size=(4, 3)), rng.normal(size=4), rng.normal(5, 2, (10, 3))
    scaling = Standardiser(np.array([5.0, -1, 0]), np.array([2.0, 0.5, 1]))
    folded, moved = folded_inputs(Omega, beta, scaling)
    np.testing.assert_allclose(x @ folded.T + moved, scaling.apply(x) @ Omega.T + beta, rtol=1e-12)


def test_a_convolution_without_padding_takes_it_over_by_channels(rng: np.random.Generator) -> None:
    Omega, beta, x = rng.normal(size=(4, 3, 2, 2)), rng.normal(size=4), rng.normal(5, 2, (6, 3, 7, 7))
    scaling = learn(column(x), np.arange(6))
    folded, moved = folded_inputs(Omega, beta, scaling)

    def convolve(Omega: Array, beta: Array, x: Array) -> Array:
        windows = np.lib.stride_tricks.sliding_window_view(x, (2, 2), axis=(2, 3))
        result: Array = np.einsum("ncijkl,ockl->noij", windows, Omega) + beta[:, None, None]
        return result

    np.testing.assert_allclose(convolve(folded, moved, x), convolve(Omega, beta, scaling.apply(x)), rtol=1e-10)


def test_an_affine_layer_takes_over_what_its_targets_were_standardised_by(rng: np.random.Generator) -> None:
    Omega, beta, h = rng.normal(size=(2, 5)), rng.normal(size=2), rng.normal(size=(10, 5))
    scaling = Standardiser(np.array([5.0, -1]), np.array([2.0, 0.5]))
    folded, moved = folded_targets(Omega, beta, scaling)
    np.testing.assert_allclose(h @ folded.T + moved, scaling.undo(h @ Omega.T + beta), rtol=1e-12)


def test_folded_parameters_keep_their_dtype(rng: np.random.Generator) -> None:
    Omega, beta = rng.normal(size=(2, 2)).astype(np.float32), np.zeros(2, np.float32)
    scaling = Standardiser(np.ones(2), np.full(2, 3.0))
    for fold in (folded_inputs, folded_targets):
        assert [part.dtype for part in fold(Omega, beta, scaling)] == [np.float32, np.float32]


def test_a_layer_of_another_width_takes_nothing_over() -> None:
    scaling = Standardiser(np.ones(3), np.ones(3))
    with pytest.raises(ValueError, match="does not take 3 features"):
        folded_inputs(np.ones((3, 2)), np.ones(3), scaling)
    with pytest.raises(ValueError, match="does not give 3 features"):
        folded_targets(np.ones((2, 3)), np.ones(2), scaling)

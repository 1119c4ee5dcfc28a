"""Losses: their values by plain formulas, their gradients by finite differences, and that nothing overflows."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from netspec.gradients.kernels import losses
from tests.gradients.differences import assert_derived

BATCH, CLASSES, POSITIONS = 5, 4, 3
RNG = np.random.default_rng(2)
WEIGHTS = RNG.uniform(0.5, 2, BATCH)
CLASS_WEIGHTS = RNG.uniform(0.5, 2, CLASSES)
Array = NDArray[Any]


def logits(upright: bool, positions: int) -> Array:
    """Return y: (C, positions, batch) upright, (batch, positions, C) as rows."""
    shape = (CLASSES, positions, BATCH) if upright else (BATCH, positions, CLASSES)
    return RNG.normal(0, 2, shape)


def as_rows(y: Array, upright: bool) -> Array:
    """Return y as (batch, positions, C)."""
    return y.transpose(2, 1, 0) if upright else y


def log_softmax(z: Array) -> Array:
    return np.asarray(z - np.log(np.exp(z).sum(-1, keepdims=True)))


@pytest.mark.parametrize("upright", [True, False], ids=["upright", "rows"])
@pytest.mark.parametrize("positions", [1, POSITIONS])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("class_weights", [None, CLASS_WEIGHTS], ids=["classes alike", "classes weighted"])
@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_cross_entropy_of_classes_is_its_formula(
    upright: bool, positions: int, weights: Array | None, class_weights: Array | None, smoothing: float
) -> None:
    """-(1 - s) w_t log p_t - s / C Σ w_c log p_c, over the sum of the weights, as PyTorch has it."""
    y = logits(upright, positions)
    t = RNG.integers(0, CLASSES, (BATCH, positions))
    target = t if positions > 1 else t[:, 0]
    dy = np.empty_like(y)
    logs = log_softmax(as_rows(y, upright))
    w = np.ones((BATCH, positions)) if weights is None else np.repeat(weights[:, None], positions, 1)
    c = np.ones(CLASSES) if class_weights is None else class_weights
    picked = np.take_along_axis(logs, t[..., None], -1)[..., 0]
    each = w * ((1 - smoothing) * c[t] * -picked + smoothing / CLASSES * -(logs * c).sum(-1))
    expected = each.sum() / (w * c[t]).sum()
    loss = losses.cross_entropy(y, target, dy, weights, class_weights, upright, smoothing, 1.0)
    assert loss == pytest.approx(expected, rel=1e-12)
    assert_derived(
        lambda: losses.cross_entropy(y, target, None, weights, class_weights, upright, smoothing, 1.0), y, dy
    )


@pytest.mark.parametrize("upright", [True, False], ids=["upright", "rows"])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_cross_entropy_of_probabilities_is_its_formula(upright: bool, weights: Array | None, smoothing: float) -> None:
    y = logits(upright, POSITIONS)
    q = RNG.dirichlet(np.ones(CLASSES), (BATCH, POSITIONS))
    target = q.transpose(0, 2, 1).copy() if upright else q
    dy = np.empty_like(y)
    moved = (1 - smoothing) * q + smoothing / CLASSES
    w = np.ones(BATCH) if weights is None else weights
    each = -(moved * log_softmax(as_rows(y, upright))).sum(-1).mean(1)
    loss = losses.cross_entropy(y, target, dy, weights, None, upright, smoothing, 1.0)
    assert loss == pytest.approx((each * w).sum() / w.sum(), rel=1e-12)
    assert_derived(lambda: losses.cross_entropy(y, target, None, weights, None, upright, smoothing, 1.0), y, dy)


@pytest.mark.parametrize("upright", [True, False], ids=["upright", "rows"])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("kind", ["squared_error", "absolute_error", "huber"])
def test_losses_of_numbers_are_their_formulas(kind: str, upright: bool, weights: Array | None) -> None:
    y = logits(upright, POSITIONS)
    target = RNG.normal(0, 2, (BATCH, CLASSES, POSITIONS) if upright else (BATCH, POSITIONS, CLASSES))
    d = (y.transpose(2, 0, 1) if upright else y) - target
    each = {
        "squared_error": d**2,
        "absolute_error": abs(d),
        "huber": np.where(abs(d) <= 0.7, d**2 / 2, 0.7 * (abs(d) - 0.35)),
    }[kind].mean((1, 2))
    w = np.ones(BATCH) if weights is None else weights

    def loss(dy: Array | None) -> float:
        more = (0.7,) if kind == "huber" else ()
        found: float = getattr(losses, kind)(y, target, dy, weights, upright, 2.0, *more)
        return found

    dy = np.empty_like(y)
    assert loss(dy) == pytest.approx(2 * (each * w).sum() / w.sum(), rel=1e-12)
    assert_derived(lambda: loss(None), y, dy)


@pytest.mark.parametrize("upright", [True, False], ids=["upright", "rows"])
@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("class_weights", [None, CLASS_WEIGHTS[:2]], ids=["classes alike", "classes weighted"])
def test_binary_cross_entropy_is_its_formula(upright: bool, weights: Array | None, class_weights: Array | None) -> None:
    y = logits(upright, 1)[:1] if upright else logits(upright, 1)[..., :1]
    target = RNG.integers(0, 2, (BATCH, 1, 1)).astype(float)
    t, z = target.reshape(-1), y.reshape(-1)
    w = (np.ones(BATCH) if weights is None else weights) * (
        1 if class_weights is None else class_weights[t.astype(int)]
    )
    p = 1 / (1 + np.exp(-z))
    each = -t * np.log(p) - (1 - t) * np.log(1 - p)

    def loss(dy: Array | None) -> float:
        return losses.binary_cross_entropy(y, target, dy, weights, class_weights, upright, 1.0)

    dy = np.empty_like(y)
    assert loss(dy) == pytest.approx((each * w).sum() / w.sum(), rel=1e-12)
    assert_derived(lambda: loss(None), y, dy)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_logits_of_any_size_give_finite_losses_and_gradients(dtype: str) -> None:
    """Warnings are errors in tests, so that nothing overflows on the way."""
    y = np.array([[1e30, -1e30, 0.0], [-1e30, 1e30, 0.0]], dtype)
    dy = np.empty_like(y)
    loss = losses.cross_entropy(y, np.array([0, 1, 1]), dy, None, None, True, 0.0, 1.0)
    assert loss == pytest.approx(np.log(2) / 3, rel=1e-6)
    assert np.isfinite(dy).all()
    one = np.array([[1e4, -1e4, 0.0]], dtype)
    slope = np.empty_like(one)
    target = np.array([[1.0], [0.0], [1.0]], dtype)
    assert losses.binary_cross_entropy(one, target, slope, None, None, True, 1.0) == pytest.approx(np.log(2) / 3)
    np.testing.assert_allclose(slope, [[0.0, 0.0, -0.5 / 3]], rtol=1e-6)
    assert slope.dtype == dtype


def test_a_class_that_there_is_not_is_an_index_error() -> None:
    with pytest.raises(IndexError):
        losses.cross_entropy(np.zeros((3, 2)), np.array([0, 3]), np.zeros((3, 2)), None, None, True, 0.0, 1.0)


@pytest.mark.parametrize("kind", ["squared_error", "huber", "binary_cross_entropy", "cross_entropy"])
def test_a_batch_that_weighs_nothing_has_no_loss_and_no_gradient(kind: str) -> None:
    y, dy, nothing = RNG.normal(0, 1, (2, 3)), np.ones((2, 3)), np.zeros(3)
    if kind == "cross_entropy":
        loss = losses.cross_entropy(y, np.array([0, 1, 1]), dy, nothing, None, True, 0.0, 1.0)
    elif kind == "binary_cross_entropy":
        loss = losses.binary_cross_entropy(y, np.ones((3, 2)), dy, nothing, None, True, 1.0)
    elif kind == "huber":
        loss = losses.huber(y, np.ones((3, 2)), dy, nothing, True, 1.0, 1.0)
    else:
        loss = losses.squared_error(y, np.ones((3, 2)), dy, nothing, True, 1.0)
    assert loss == 0.0
    assert not dy.any()

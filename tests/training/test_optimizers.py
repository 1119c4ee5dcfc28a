"""The optimizers go where PyTorch's go, in chunks as in one piece."""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

from netspec.spec.recipe import Clip, Optimizer, Recipe
from netspec.training.optimizers import CHUNK, Clipping, descent
from tests.training.sequence import CLIPS, KEPT, RECIPES, SIZE, STEPS, gradient, start

ROWS: Final[list[dict[str, Any]]] = json.loads(Path(__file__).with_name("torch_steps.json").read_text(encoding="utf-8"))
TOLERANCES: Final = {"float64": 1e-12, "float32": 1e-6}


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("name", RECIPES)
def test_a_hundred_steps_follow_pytorch(name: str, dtype: str) -> None:
    row = next(row for row in ROWS if row.get("optimizer") == name and row["dtype"] == dtype)
    recipe = RECIPES[name]
    p, g = start(SIZE).astype(dtype), np.empty(SIZE, dtype)
    walk = descent(recipe, p, g)
    compared = []
    for step in range(STEPS):
        g[...] = gradient(SIZE, step)
        walk.step(recipe.rate)
        if step + 1 in KEPT:
            expected = np.array(row["parameters"][str(step + 1)])
            np.testing.assert_allclose(p, expected, rtol=0, atol=TOLERANCES[dtype])
            compared.append(step + 1)
    assert tuple(compared) == KEPT
    assert walk.taken == STEPS


@pytest.mark.parametrize("name", RECIPES)
def test_chunks_of_a_long_array_are_its_parts(name: str) -> None:
    """Every element goes its own way: the long array is short ones side by side, bit for bit."""
    recipe, size = RECIPES[name], 2 * CHUNK + 17
    long, whole = start(size), np.empty(size)
    walk = descent(recipe, long, whole)
    pieces = [slice(0, 1000), slice(CHUNK - 500, CHUNK + 500), slice(size - 600, size)]
    shorts = [(long[piece].copy(), np.empty(piece.stop - piece.start)) for piece in pieces]
    walks = [descent(recipe, *short) for short in shorts]
    for step in range(3):
        whole[...] = gradient(size, step)
        for piece, (_, g), short_walk in zip(pieces, shorts, walks, strict=True):
            g[...] = whole[piece]
            short_walk.step(recipe.rate)
        walk.step(recipe.rate)
    for piece, (p, _) in zip(pieces, shorts, strict=True):
        np.testing.assert_array_equal(long[piece], p)


@pytest.mark.parametrize("name", CLIPS)
def test_gradients_are_clipped_as_by_pytorch(name: str) -> None:
    row = next(row for row in ROWS if row.get("clip") == name)
    g = np.empty(SIZE)
    clipping = Clipping(CLIPS[name], g)
    for step, expected in enumerate(row["gradients"]):
        g[...] = gradient(SIZE, step)
        norm = clipping.apply()
        assert norm == pytest.approx(np.linalg.norm(gradient(SIZE, step)), rel=1e-15)
        np.testing.assert_allclose(g, expected, rtol=1e-15, atol=0)


def test_the_norm_is_that_of_all_chunks() -> None:
    g = np.full(4 * CHUNK, 0.5, np.float32)
    assert Clipping(Clip("norm", 1.0), g).apply() == pytest.approx(0.5 * 2 * CHUNK**0.5, rel=1e-6)
    assert np.linalg.norm(g) == pytest.approx(1.0, rel=1e-5)


@pytest.mark.parametrize("kind", ["norm", "value"])
def test_a_gradient_that_is_no_number_is_not_clipped_to_one(kind: Any) -> None:
    g = np.array([1.0, np.nan, 3.0])
    assert np.isnan(Clipping(Clip(kind, 0.5), g).apply())
    assert np.isnan(g).tolist() == ([True] * 3 if kind == "norm" else [False, True, False])


def test_the_norm_of_a_gradient_whose_squares_overflow_is_finite() -> None:
    g = np.full(2 * CHUNK, 1e30, np.float32)
    with np.errstate(over="ignore"):  # as in the loop
        assert Clipping(Clip("norm", 1.0), g).apply() == pytest.approx(1e30 * (2 * CHUNK) ** 0.5, rel=1e-6)
    assert np.linalg.norm(g) == pytest.approx(1.0, rel=1e-5)


def test_moments_are_flat_and_named() -> None:
    def names(recipe: Recipe) -> list[str]:
        return list(descent(recipe, np.zeros(3), np.zeros(3)).moments)

    assert names(RECIPES["sgd"]) == []
    assert names(RECIPES["sgd, momentum"]) == ["momentum"]
    assert names(RECIPES["adamw"]) == ["first_moment", "second_moment"]
    assert names(RECIPES["rmsprop, centred, momentum"]) == ["second_moment", "mean", "momentum"]


def test_a_centred_variance_that_rounding_makes_negative_is_zero() -> None:
    """PyTorch gives NaN for it."""
    recipe = Recipe(optimizer=Optimizer("rmsprop", beta_2=0.1, centered=True))
    p, g = np.zeros(1000, np.float32), np.empty(1000, np.float32)
    walk = descent(recipe, p, g)
    for _ in range(60):
        g[...] = np.linspace(0.1, 1.0, 1000, dtype=np.float32)
        walk.step(1e-9)
    v, m = walk.moments["second_moment"], walk.moments["mean"]
    assert (v - m * m).min() < 0
    assert np.isfinite(p).all()

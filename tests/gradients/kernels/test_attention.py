"""Attention and rotations are their twins, and so are their gradients."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.gradients.kernels import attention
from netspec.gradients.kernels.rotation import turns
from tests.gradients.kernels.sequence_kernels import Array, assert_derivatives, backward, forward, gradients
from tests.twins import sequence as twins

FEW = settings(max_examples=25, deadline=None)


def _attended(
    seed: int, count: int, steps: int, keys: int, key_heads: int, group: int, d: int, e: int
) -> dict[str, Array]:
    random = np.random.default_rng(seed)
    return {
        "query": random.normal(0, 1, (count, steps, key_heads * group * d)),
        "key": random.normal(0, 1, (count, keys, key_heads * d)),
        "value": random.normal(0, 1, (count, keys, key_heads * e)),
    }


def _assert_attention(arrays: dict[str, Array], **options: Any) -> None:
    assert_derivatives("attend", arrays, _twin(arrays, **options), **options)


def _twin(arrays: dict[str, Array], **options: Any) -> Array:
    return twins.attend(arrays["query"], arrays["key"], arrays["value"], **options)


@pytest.mark.parametrize("kept", [0, 2**23])
@FEW
@given(
    st.integers(1, 2),
    st.integers(1, 5),
    st.integers(1, 5),
    st.integers(1, 2),
    st.integers(1, 2),
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from([1.0, 0.3, -2.0]),
)
def test_attention_is_its_twin_whether_weights_are_kept_or_made_again(
    kept: int, count: int, steps: int, keys: int, key_heads: int, group: int, d: int, e: int, causal: bool, scale: float
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(attention, "_KEPT_BYTES", kept)
        arrays = _attended(steps, count, steps, keys, key_heads, group, d, e)
        _assert_attention(arrays, heads=key_heads * group, key_heads=key_heads, causal=causal, scale=scale)


@pytest.mark.parametrize("kept", [0, 2**23])
@pytest.mark.parametrize(("steps", "keys"), [(11, 11), (11, 6), (6, 11)])
@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("at_a_time", [1, 400])
def test_a_sum_over_several_tiles_is_that_of_one(
    kept: int, steps: int, keys: int, causal: bool, at_a_time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tiles of four steps, of one head or of several, of which the last has fewer steps and meets all keys."""
    arrays = _attended(1, 2, steps, keys, 2, 2, 3, 2)
    options: dict[str, Any] = {"heads": 4, "key_heads": 2, "causal": causal, "scale": 0.5}
    dy = np.random.default_rng(2).normal(0, 1, (2, steps, 8))
    whole = gradients("attend", arrays, dy, **options)
    for name, value in (("_KEPT_BYTES", kept), ("_ATTEND_BYTES", at_a_time), ("_ATTEND_STEPS", 16)):
        monkeypatch.setattr(attention, name, value)
    monkeypatch.setattr(attention, "_CAUSAL_STEPS", 4)
    monkeypatch.setattr(attention, "_SHORT_TILE", 2)
    for name, gradient in gradients("attend", arrays, dy, **options).items():
        np.testing.assert_allclose(gradient, whole[name], rtol=1e-12, atol=1e-12, err_msg=name)
    y, _ = forward("attend", arrays, dy.shape, **options)
    np.testing.assert_allclose(y, _twin(arrays, **options), rtol=1e-12)


@pytest.mark.parametrize("kept", [0, 2**23])
def test_large_scores_do_not_overflow(kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "_KEPT_BYTES", kept)
    arrays = _attended(3, 1, 4, 4, 1, 2, 3, 2)
    arrays["query"] *= 4
    _assert_attention(arrays, heads=2, key_heads=1, causal=True, scale=30.0)
    arrays = {name: (50 * value).astype(np.float32) for name, value in arrays.items()}
    y, saved = forward("attend", arrays, (1, 4, 4), heads=2, key_heads=1, causal=True, scale=30.0)
    found = backward(
        "attend", arrays, y, y, saved, ("query", "key", "value"), heads=2, key_heads=1, causal=True, scale=30.0
    )
    assert all(np.isfinite(value).all() for value in (y, *found.values()))


def test_keys_that_nobody_may_read_have_no_gradient() -> None:
    arrays = _attended(4, 2, 3, 6, 1, 1, 2, 2)
    dy = np.ones((2, 3, 2))
    found = gradients("attend", arrays, dy, heads=1, key_heads=1, causal=True, scale=1.0)
    assert not found["key"][:, 3:].any()
    assert not found["value"][:, 3:].any()


def test_weights_are_kept_up_to_a_bound_of_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = _attended(5, 2, 3, 4, 1, 2, 2, 2)
    monkeypatch.setattr(attention, "_KEPT_BYTES", 2 * 2 * 3 * 4 * 8)
    options: dict[str, Any] = {"heads": 2, "key_heads": 1, "causal": False, "scale": 1.0}
    _, saved = forward("attend", arrays, (2, 3, 4), **options)
    assert [weights.shape for *_, weights in saved] == [(2, 1, 2, 3, 4)]
    monkeypatch.setattr(attention, "_KEPT_BYTES", 2 * 2 * 3 * 4 * 8 - 1)
    _, saved = forward("attend", arrays, (2, 3, 4), **options)
    assert [weights for *_, weights in saved] == [None]


@FEW
@given(st.integers(1, 3), st.integers(1, 5), st.integers(1, 3), st.integers(1, 3), st.sampled_from([10000.0, 7.5]))
def test_a_rotation_is_its_twin(count: int, steps: int, heads: int, half: int, base: float) -> None:
    x = np.random.default_rng(steps).normal(0, 1, (count, steps, heads * 2 * half))
    assert_derivatives("rotate", {"x": x}, twins.rotate(x, heads, base), heads=heads, base=base)


def test_the_gradient_of_a_rotation_turns_back_what_was_turned() -> None:
    x = np.random.default_rng(0).normal(0, 1, (2, 5, 12))
    y, saved = forward("rotate", {"x": x}, x.shape, heads=3, base=100.0)
    np.testing.assert_allclose(
        backward("rotate", {"x": x}, y, y, saved, ("x",), heads=3)["x"], x, rtol=1e-12, atol=1e-14
    )


def test_a_rotation_takes_tables_that_are_made_before() -> None:
    x = np.random.default_rng(0).normal(0, 1, (2, 5, 12))
    tables = turns(5, 3, 4, 100.0, "float64")
    y, saved = forward("rotate", {"x": x}, x.shape, heads=3, base=100.0, tables=tables)
    np.testing.assert_allclose(y, twins.rotate(x, 3, 100.0), rtol=1e-12)
    assert saved is tables

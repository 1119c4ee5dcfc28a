"""Attention and positions are their twins, for every number of heads and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import sequence
from netspec.compiler.kernels.sequence import attend, rotate, sinusoidal
from tests.compiler.kernels.laws import MANY, SEEDS, Array, assert_laws, assert_nan_reaches_what_reads_it, normal
from tests.compiler.programs import TOLERANCES, assert_close
from tests.twins import sequence as twins


def memory(seed: int, steps: int, keys: int, heads: int, key_heads: int, width: int = 3) -> tuple[Array, Array, Array]:
    """Return queries, keys and values of a batch of 2; a value is one wider than a key."""
    return (
        normal(seed, 2, steps, heads * width),
        normal(seed + 1, 2, keys, key_heads * width),
        normal(seed + 2, 2, keys, key_heads * (width + 1)),
    )


@MANY
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.booleans(), SEEDS)
def test_attention_is_its_twin(steps: int, keys: int, key_heads: int, group: int, causal: bool, seed: int) -> None:
    heads = key_heads * group
    options = (heads, key_heads, causal, 3**-0.5)
    assert_laws(attend, twins.attend, memory(seed, steps, keys, heads, key_heads), *options)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("steps", "keys"), [(64, 64), (65, 65), (130, 70), (70, 130), (3, 200), (200, 3)])
def test_attention_over_more_steps_than_a_block_is_its_twin(steps: int, keys: int, causal: bool) -> None:
    assert_laws(attend, twins.attend, memory(0, steps, keys, 4, 2), 4, 2, causal, 0.5)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("sizes", [{"_STEPS": 1}, {"_STEPS": 3}, {"_SCORE_BYTES": 1}, {"_SCORE_BYTES": 600}])
def test_parts_of_any_size_give_the_whole(causal: bool, sizes: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A step, some steps, a head or some heads at a time."""
    signals = memory(0, 7, 5, 6, 3)
    whole = attend(*signals, 6, 3, causal, 0.5)
    for name, size in sizes.items():
        monkeypatch.setattr(sequence, name, size)
    np.testing.assert_allclose(attend(*signals, 6, 3, causal, 0.5), whole, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("at_once", [1, 3_000])
def test_long_rows_of_weights_are_multiplied_in_any_tiles(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    signals = memory(0, 72, 70, 2, 2)
    whole = attend(*signals, 2, 2, True, 0.5)
    monkeypatch.setattr(sequence, "_UNPACKED", at_once)
    np.testing.assert_allclose(attend(*signals, 2, 2, True, 0.5), whole, rtol=1e-13, atol=1e-13)


@pytest.mark.parametrize("causal", [False, True])
def test_signals_may_be_columns_of_one_array_and_the_result_too(causal: bool) -> None:
    """As one product gives queries, keys and values, and with scratch that is kept."""
    one, wide, room = normal(0, 2, 70, 36), np.full((2, 70, 20), 7.0), dict[str, Array]()
    signals = one[..., :12], one[..., 12:24], one[..., 24:]
    query, key, value = (np.ascontiguousarray(signal) for signal in signals)
    expected = attend(query, key, value, 4, 4, causal, 1.0)
    for _ in range(2):
        assert np.shares_memory(attend(*signals, 4, 4, causal, 1.0, wide[..., 5:17], room), wide)
        assert np.array_equal(wide[..., 5:17], expected)
    assert (wide[..., [0, 4, 17, 19]] == 7).all()


def test_a_key_that_is_no_number_reaches_the_steps_that_read_it() -> None:
    query, key, value = memory(0, 130, 130, 2, 2)
    key[0, 70] = np.nan
    y = attend(query, key, value, 2, 2, True, 0.5)
    assert np.isnan(y[0, 70:]).all()
    assert np.isfinite(y[0, :70]).all()
    assert np.isfinite(y[1]).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize(("steps", "keys", "at"), [(5, 5, 2), (5, 5, 4), (130, 130, 70), (130, 70, 69), (70, 130, 66)])
@pytest.mark.parametrize("dtype", TOLERANCES)
def test_a_masked_key_or_value_has_no_effect_whatever_it_is(
    steps: int, keys: int, at: int, bad: float, dtype: str
) -> None:
    """Steps before it are what they are without it, and so is the other example; it comes to light from its own on."""
    query, key, value = (signal.astype(dtype) for signal in memory(0, steps, keys, 4, 2))
    before = attend(query, key, value, 4, 2, True, 0.5).astype("float64")
    for spoiled in (key, value):
        kept = spoiled[0, at].copy()
        spoiled[0, at, 1] = bad
        with np.errstate(invalid="ignore"):
            y = attend(query, key, value, 4, 2, True, 0.5)
        assert_close(y[0, :at], before[0, :at], TOLERANCES[dtype])
        assert_close(y[1], before[1], TOLERANCES[dtype])
        if spoiled is value:
            assert not np.isfinite(y[0, at:, [1, 5]]).any()
            untouched = [i for i in range(16) if i not in (1, 5)]
            assert_close(y[0][:, untouched], before[0][:, untouched], TOLERANCES[dtype])
        elif np.isnan(bad):
            assert np.isnan(y[0, at:, :8]).all()
            assert_close(y[0, :, 8:], before[0, :, 8:], TOLERANCES[dtype])
        spoiled[0, at] = kept


@pytest.mark.parametrize("causal", [False, True])
def test_no_steps_have_no_result(causal: bool) -> None:
    assert attend(np.zeros((2, 0, 6)), np.zeros((2, 3, 6)), np.zeros((2, 3, 8)), 2, 2, causal, 1.0).shape == (2, 0, 8)


def test_large_scores_do_not_overflow() -> None:
    query, key, value = (np.array(rows)[None] for rows in ([[1e10]], [[1e10], [-1e10]], [[1.0], [2.0]]))
    assert attend(query, key, value, 1, 1, False, 1.0).tolist() == [[[1.0]]]


def test_scores_of_any_size_give_the_shares_of_their_differences() -> None:
    """Small ones are not shifted before the exponential, large ones are."""
    query, key, value = memory(0, 9, 70, 2, 2)
    for size in (1e-3, 1.0, 4.0, 20.0, 300.0):
        assert_laws(attend, twins.attend, (query * size, key, value), 2, 2, False, 1.0)


def test_a_step_does_not_depend_on_later_ones() -> None:
    query, key, value = memory(0, 6, 6, 2, 2)
    before = attend(query, key, value, 2, 2, True, 0.5)
    for signal in (query, key, value):
        signal[:, 4:] += 10
    after = attend(query, key, value, 2, 2, True, 0.5)
    assert np.array_equal(before[:, :4], after[:, :4])
    assert not np.isclose(before[:, 4:], after[:, 4:]).any()


@MANY
@given(st.integers(1, 6), st.integers(1, 3), st.integers(1, 3), st.sampled_from([10_000.0, 500.0]), SEEDS)
def test_rotation_is_its_twin(steps: int, heads: int, half: int, base: float, seed: int) -> None:
    x = normal(seed, 2, steps, heads * 2 * half)
    assert_laws(rotate, twins.rotate, (x,), heads, base)
    assert_nan_reaches_what_reads_it(rotate, twins.rotate, x, heads, base)


def test_the_product_of_rotated_steps_depends_on_their_distance() -> None:
    """The law that rotary positions are made for (Su et al. 2021, equation 11)."""
    q, k = (rotate(np.tile(normal(seed, 1, 1, 8), (1, 9, 1)), 1, 10_000.0)[0] for seed in (0, 1))
    products = q @ k.T
    for distance in range(-8, 9):
        diagonal = np.diagonal(products, distance)
        np.testing.assert_allclose(diagonal, diagonal[0], rtol=1e-12)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize(("length", "width"), [(0, 4), (1, 1), (7, 6), (5, 3), (2000, 8)])
def test_sinusoidal_positions_are_their_twin(length: int, width: int, dtype: str) -> None:
    y = sinusoidal(length, width, dtype)
    assert y.dtype == dtype
    np.testing.assert_allclose(
        y, twins.sinusoidal(length, width), rtol=0, atol={"float32": 3e-8, "float64": 1e-12}[dtype]
    )

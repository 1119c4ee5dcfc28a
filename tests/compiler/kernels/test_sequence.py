"""Attention and positions are their twins, for every number of heads and steps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import sequence
from netspec.compiler.kernels.sequence import attend, rotate, sinusoidal
from tests.compiler.kernels.laws import MANY, SEEDS, Array, assert_laws, assert_nan_reaches_what_reads_it, normal
from tests.compiler.programs import TOLERANCES
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
@pytest.mark.parametrize("most", [1, 100, 300, 1_500, 3_000, 10_000])
def test_parts_of_any_size_give_the_whole(causal: bool, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of scores, some rows, a head, some heads, or some examples at a time."""
    signals = memory(0, 7, 5, 4, 2)
    whole = attend(*signals, 4, 2, causal, 0.5)
    monkeypatch.setattr(sequence, "_SCORE_BYTES", most)
    np.testing.assert_allclose(attend(*signals, 4, 2, causal, 0.5), whole, rtol=1e-13, atol=1e-13)


def test_large_scores_do_not_overflow() -> None:
    query, key, value = (np.array(rows)[None] for rows in ([[1e10]], [[1e10], [-1e10]], [[1.0], [2.0]]))
    assert attend(query, key, value, 1, 1, False, 1.0).tolist() == [[[1.0]]]


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

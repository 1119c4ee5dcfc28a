"""Signals that stand are the same signals, and what multiplies them is the product."""

import numpy as np
import pytest

from netspec.compiler.kernels import maps, upright
from netspec.compiler.kernels.upright import beside, lie, signals, stand, upright_calls


@pytest.mark.parametrize(
    ("rows", "most", "units", "expected"),
    [
        (63, 64, 300, (1, 63)),  # fewer than a group
        (64, 64, 300, (64, 64)),
        (64, 64, 32, (1, 64)),  # short signals
        (100, 64, 100, (1, 100)),  # 28 of 128 columns would be left
        (1000, 64, 100, (64, 1024)),
        (1024, 64, 784, (1, 1024)),  # long signals and many of them
        (256, 64, 784, (64, 256)),
        (1024, 1024, 10, (1024, 1024)),
        (1100, 1024, 10, (64, 1152)),
    ],
)
def test_rows_stand_where_registers_are_filled_by_them(
    rows: int, most: int, units: int, expected: tuple[int, int]
) -> None:
    assert beside(rows, most, units) == expected


@pytest.mark.parametrize("rows", [4, 7, 8, 10, 12])
def test_what_is_stood_up_lies_down_as_it_was(rows: int) -> None:
    x = np.arange(3.0 * rows).reshape(rows, 3)
    held = rows + -rows % 4
    h = signals(np.full(3 * held, np.nan), 3, 4, held)
    stand(x, h)
    np.testing.assert_array_equal(h[0, 1], x[:4, 1])
    np.testing.assert_array_equal(h.transpose(0, 2, 1).reshape(held, 3)[rows:], np.tile(x[-1], (held - rows, 1)))
    y = np.zeros_like(x)
    lie(h, y)
    np.testing.assert_array_equal(y, x)


@pytest.mark.parametrize("unpacked", [1, 40, 100, 10**6])
@pytest.mark.parametrize(("n", "k"), [(1, 1), (5, 7), (40, 3), (3, 40)])
@pytest.mark.parametrize("groups", [1, 3])
def test_calls_write_the_product_whatever_is_multiplied_at_once(
    unpacked: int, n: int, k: int, groups: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upright, "_UNPACKED_AT_ONCE", unpacked)
    draw = np.random.default_rng(n + k)
    Omega, h = draw.standard_normal((n, k)), draw.standard_normal((groups, k, 2))
    target = np.full((groups, n, 2), np.nan)
    for call, a, b, c in upright_calls(Omega, h, target):
        call(a, b, c)
    np.testing.assert_allclose(target, Omega @ h, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("rows", [64, 120, 128, 1000])
@pytest.mark.parametrize("outputs", [1, 3, 300])
def test_rows_that_are_given_and_asked_for_lie(rows: int, outputs: int) -> None:
    draw = np.random.default_rng(rows)
    first, last = draw.standard_normal((70, 5)), draw.standard_normal((outputs, 70))
    x, y = draw.standard_normal((rows, 5)), np.full((rows, outputs), np.nan)
    across, held = beside(rows, 64, 70)
    h = signals(np.empty(held * 70), 70, across, held)
    tensors: maps.Tensors = {}
    into, _, Omega, to = maps.bound_product(tensors, 0, first.T, None, h, rows)
    into(x, Omega, to)
    out_of, read, Omega, _ = maps.bound_product(tensors, 1, last.T, h, None, rows)
    out_of(read, Omega, y)
    np.testing.assert_allclose(y, x @ first.T @ last.T, rtol=1e-10, atol=1e-10)
    assert h.ndim == 3


def test_neither_side_stands_is_refused() -> None:
    with pytest.raises(ValueError, match="neither the signals"):
        upright.upright_product({}, 0, np.ones((2, 2)), None, None, 64)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_example_that_is_not_finite_leaves_its_neighbours_alone(bad: float) -> None:
    Omega = np.random.default_rng(0).standard_normal((4, 4))
    x = np.random.default_rng(1).standard_normal((64, 4))
    h, target = np.empty((1, 4, 64)), np.empty((1, 4, 64))
    stand(x, h)
    for call, a, b, c in upright_calls(Omega, h, target):
        call(a, b, c)
    expected = target.copy()
    x[7, 2] = bad
    stand(x, h)
    for call, a, b, c in upright_calls(Omega, h, target):
        call(a, b, c)
    np.testing.assert_array_equal(np.delete(target, 7, 2), np.delete(expected, 7, 2))
    assert not np.isfinite(target[0, :, 7]).all()

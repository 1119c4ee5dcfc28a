"""Products by blocks are products, for every number of rows and columns."""

from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netspec.compiler.kernels import products
from netspec.compiler.kernels.finishing import finish_relu
from netspec.compiler.kernels.products import affine, by_panels, in_panels, in_rows
from tests.compiler.kernels.laws import MANY, SEEDS, Array, assert_laws, assert_nan_reaches_what_reads_it, normal
from tests.compiler.programs import TOLERANCES, assert_close

EVERY_DTYPE = pytest.mark.parametrize("dtype", TOLERANCES)
# Rows that make one tile, full tiles, and full tiles with some left; columns that fill no panel, some, or leave some;
# inputs that make tiles of 64, 16, 8 and 4 rows, and weights in two parts
SHAPES: Final = [
    (rows, k, n)
    for rows in (1, 5, 64, 67, 197)
    for k in (1, 64, 300, 1500)
    for n in (1, 63, 64, 128, 200)
]  # fmt: skip
LARGE: Final = [(700, 64, 64), (300, 1024, 130), (37, 3900, 70), (16, 7700, 200), (2, 4096, 4096), (260, 16, 1500)]


def kernel(x: Array, Omega: Array, beta: Array | None) -> Array:
    return affine(x, in_panels(Omega), None if beta is None else in_rows(beta))


def twin(x: Array, Omega: Array, beta: Array | None) -> Array:
    y: Array = np.einsum("...k,kn->...n", x.astype(np.float64), Omega.astype(np.float64))
    return y if beta is None else y + beta


@MANY
@given(st.integers(1, 9), st.integers(1, 200), st.integers(1, 300), st.booleans(), SEEDS)
def test_an_affine_map_is_its_twin(steps: int, k: int, n: int, offset: bool, seed: int) -> None:
    x, Omega, beta = normal(seed, 2, steps, k), normal(seed + 1, k, n) / k, normal(seed + 2, n) if offset else None
    assert_laws(kernel, twin, (x,), Omega, beta)
    assert_nan_reaches_what_reads_it(kernel, twin, x, Omega, beta)


@EVERY_DTYPE
@pytest.mark.parametrize(("rows", "k", "n"), [*SHAPES, *LARGE])
def test_every_shape_is_right(rows: int, k: int, n: int, dtype: str) -> None:
    x, Omega, beta = (normal(i, *shape).astype(dtype) for i, shape in enumerate([(rows, k), (k, n), (n,)]))
    Omega /= np.array(k**0.5, dtype)
    y = kernel(x, Omega, beta)
    assert y.dtype == dtype
    assert_close(y, twin(x, Omega, beta), TOLERANCES[dtype])


@pytest.mark.parametrize(
    "sizes", [{"_TALL_BYTES": 1, "_FEWEST": 10}, {"_PANEL_BYTES": 1}, {"_DEEPEST": 7}, {"_CHUNK": 1}]
)
def test_no_limit_changes_the_result(sizes: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    x, Omega, beta = normal(0, 131, 20), normal(1, 20, 200), normal(2, 200)
    for name, size in sizes.items():
        monkeypatch.setattr(products, name, size)
    assert_close(kernel(x, Omega, beta), twin(x, Omega, beta), 1e-12)


def test_what_is_added_comes_before_the_activation() -> None:
    x, Omega, beta, more = normal(0, 3, 7, 5), normal(1, 5, 130), normal(2, 130), normal(3, 3, 7, 130)
    y = affine(x, in_panels(Omega), in_rows(beta), more, finish_relu)
    assert_close(y, np.maximum(twin(x, Omega, beta) + more, 0), 1e-12)


def test_a_finish_sees_every_number_once() -> None:
    def count(z: Array, room: dict[str, Array]) -> None:
        z += 1
        room["pieces"] = np.append(room.get("pieces", np.zeros(0)), z.size)

    room: dict[str, Array] = {}
    x, Omega = normal(0, 1000, 8), normal(1, 8, 100)
    assert_close(affine(x, in_panels(Omega), finish=count, room=room), twin(x, Omega, None) + 1, 1e-12)
    assert room["pieces"].sum() == 100_000
    assert len(room["pieces"]) > 1


@EVERY_DTYPE
def test_a_result_goes_where_it_is_told_and_scratch_is_kept(dtype: str) -> None:
    x, Omega = normal(0, 9, 8000).astype(dtype), normal(1, 8000, 70).astype(dtype)
    wide, room = np.full((9, 100), 7, dtype), dict[str, Any]()
    weights = in_panels(Omega)
    for _ in range(2):
        assert np.shares_memory(affine(x, weights, out=wide[:, 10:80], room=room), wide)
        (part,) = room.values()
    assert next(iter(room.values())) is part
    assert_close(wide[:, 10:80] / 100, twin(x, Omega, None) / 100, TOLERANCES[dtype])
    assert (wide[:, :10] == 7).all()
    assert (wide[:, 80:] == 7).all()


def test_columns_of_a_wider_array_are_as_good_as_an_array() -> None:
    x, Omega = normal(0, 70, 30), normal(1, 12, 128)
    assert np.array_equal(
        affine(x[:, 5:17], in_panels(Omega)), affine(np.ascontiguousarray(x[:, 5:17]), in_panels(Omega))
    )


def test_panels_begin_on_cache_lines_and_hold_every_weight() -> None:
    Omega = normal(0, 5, 200).astype(np.float32)
    ((panels, left),) = in_panels(Omega)
    assert panels.shape == (3, 5, 64)
    assert left.shape == (1, 5, 8)
    assert panels.__array_interface__["data"][0] % 64 == 0
    assert np.array_equal(np.concatenate([*panels, *left], 1), Omega)


def test_nothing_times_panels_is_nothing() -> None:
    by_panels(np.zeros((0, 3)), np.zeros((2, 3, 4)), np.zeros((0, 8)))
    assert affine(np.zeros((2, 0, 3)), in_panels(np.zeros((3, 4)))).shape == (2, 0, 4)

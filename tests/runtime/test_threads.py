"""A batch that is divided among threads is the batch."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netspec
from netspec.network import Network
from netspec.runtime import program as runtime_program
from netspec.runtime import threads
from netspec.runtime.program import Program
from netspec.runtime.threads import Threads, one_thread_of_blas, threads_of_blas

LENET = Path(__file__).parents[2] / "specs" / "vision" / "lenet_5.yaml"


@pytest.mark.parametrize("rows", [0, 1, 63, 64, 128, 129, 1000, 5000])
@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_fully_connected_batch_is_the_same_in_any_number_of_threads(
    rows: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_program, "LEAST_PRODUCTS", 1)  # so that so small a network is divided
    model = Network(input=20, K=2, widths=[30, 10], output=3).build(seed=1)
    x = np.random.default_rng(0).standard_normal((rows, 20), np.float32)
    expected = model(x)
    model.threads = count
    y = model(x)
    np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-5)
    out = np.empty_like(y)
    assert model(x, out=out) is out
    np.testing.assert_array_equal(out, y)
    model.threads = None
    np.testing.assert_array_equal(model(x), expected)


@pytest.mark.parametrize(
    ("width", "rows", "parts"),
    [
        (32, 65536, 1),  # 4 million multiply-adds a product: threads would take turns at the interpreter
        (100, 4096, 1),
        (128, 1024, 1),
        (128, 65536, 2),
        (512, 100, 1),  # 50 rows of each would be too few
        (512, 1024, 2),
        (784, 256, 2),
    ],
)
def test_a_batch_is_divided_where_a_product_is_worth_a_thread(
    width: int, rows: int, parts: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = Network(input=width, K=2, widths=width, output=width).build(seed=1).program
    assert isinstance(program, Program)
    assert program.parts(rows) == [slice(0, rows)]
    computed: list[int] = []
    monkeypatch.setattr(program, "_compute", lambda x, y, rows: computed.append(rows))
    program.threads = 2
    program(np.zeros((rows, width), np.float32), out=np.zeros((rows, width), np.float32))
    assert sorted(computed) == [rows // parts] * parts


@pytest.mark.parametrize("rows", [0, 1, 2, 5])
def test_examples_of_a_graph_are_divided_too(rows: int) -> None:
    model = netspec.load(LENET).build(seed=1)
    x = np.random.default_rng(0).standard_normal((rows, 1, 28, 28), np.float32)
    expected = model(x)
    model.threads = 2
    assert model.threads == 2
    np.testing.assert_allclose(model(x), expected, rtol=1e-5, atol=1e-5)


def test_many_threads_may_call_one_model_that_divides_its_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime_program, "LEAST_PRODUCTS", 1)
    model = Network(input=8, K=2, widths=16, output=3).build(seed=1)
    x = np.random.default_rng(0).standard_normal((1000, 8), np.float32)
    expected = model(x)
    model.threads = 2
    found: list[np.ndarray[Any, Any]] = []
    callers = [threading.Thread(target=lambda: found.extend(model(x) for _ in range(20))) for _ in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(found) == 120
    assert all(np.allclose(y, expected, rtol=1e-5, atol=1e-5) for y in found)


def test_parts_are_alike_and_large_enough() -> None:
    assert Threads(2).parts(100, 64) == [slice(0, 100)]
    assert Threads(2).parts(129, 64) == [slice(0, 64), slice(64, 129)]
    assert Threads(4).parts(3, 1) == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert Threads(3).parts(0, 1) == [slice(0, 0)]
    with pytest.raises(ValueError, match="threads is 0; expected 1 or more"):
        Threads(0)


def test_what_a_part_raises_is_raised() -> None:
    def work(part: slice) -> None:
        if part.start:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Threads(2).run(work, [slice(0, 1), slice(1, 2)])


def test_another_process_starts_threads_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    pool = Threads(2)
    first = pool._started()
    assert pool._started() is first
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert pool._started() is not first


def test_blas_has_one_thread_within_where_it_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    from threadpoolctl import threadpool_info

    def blas() -> list[int]:
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = blas()
    with one_thread_of_blas():
        assert set(blas()) <= {1}
    assert blas() == before
    monkeypatch.setattr(threads, "_controller", lambda: None)
    with one_thread_of_blas():
        assert blas() == before


def test_blas_has_its_threads_again_after_those_that_overlap() -> None:
    from threadpoolctl import threadpool_info

    def blas() -> list[int]:
        return [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]

    before = blas()
    first, second = one_thread_of_blas(), one_thread_of_blas()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert set(blas()) <= {1}
    second.__exit__(None, None, None)
    assert blas() == before


def test_blas_has_so_many_threads_while_it_is_asked_for() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")

    def counts() -> set[int]:
        return {each["num_threads"] for each in threadpoolctl.threadpool_info() if each["user_api"] == "blas"}

    before = counts()
    with threads_of_blas(1):
        assert counts() == {1}
    with threads_of_blas(None):
        assert counts() == before
    assert counts() == before
    with pytest.raises(ValueError, match="threads is 0; expected 1 or more"), threads_of_blas(0):
        pass

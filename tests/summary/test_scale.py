"""A million equal layers cost what ten cost: held with slack, since other work shares the machine."""

import time
import tracemalloc
from collections.abc import Callable

from netspec.summary.json_summary import render_json
from netspec.summary.text import render_text
from tests.summary.networks import MILLION, network

TEN = MILLION.replace("1000000", "10")


def show(spec: str) -> None:
    found = network(spec)
    render_text(*found)
    render_json(*found)


def fastest(work: Callable[[], None]) -> float:
    """Return the seconds of the fastest of five runs."""
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def peak(work: Callable[[], None]) -> int:
    """Return the bytes that the work takes at its peak."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_million_layers_are_checked_and_shown_as_fast_as_ten() -> None:
    show(TEN)  # what is loaded and built once is no part of it
    assert fastest(lambda: show(MILLION)) - fastest(lambda: show(TEN)) < 5 * 0.05


def test_a_million_layers_take_no_more_memory_than_ten() -> None:
    show(TEN)
    assert peak(lambda: show(MILLION)) - peak(lambda: show(TEN)) < 10 * 2**20


def test_a_million_layers_are_told_in_as_many_lines_as_ten() -> None:
    ten, million = (render_text(*network(spec), width=200).splitlines() for spec in (TEN, MILLION))
    assert len(ten) == len(million) == 23

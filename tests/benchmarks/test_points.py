"""The points that are measured are distinct, are those that the goals name, and goals are held as they are said."""

import pytest

from benchmarks import accuracy, compile_time, convolutions, grid, networks, threads, training
from benchmarks.bars import NETSPEC, Bar, goals
from benchmarks.grid import GRID, Point
from benchmarks.harness import Sample, Samples, Settings, Spread, geometric
from benchmarks.peers import Array, agree
from benchmarks.plot import Chart, Line, svg

ROOMS = {
    "grid": [point.title for point in GRID],
    "convolutions": [point.title for point in convolutions.POINTS],
    "networks": [point.title for point in networks.POINTS],
    "threads": [point.title for point in threads.POINTS],
    "accuracy": [point.title for point in accuracy.AFFINE],
    "compile_time": [point.title for point in compile_time.POINTS],
    "training": [point.title for point in training.POINTS],
}


def samples(**times: float) -> Samples:
    return {name.replace("_", " "): [Sample(seconds)] for name, seconds in times.items()}


@pytest.mark.parametrize("room", ROOMS)
def test_points_are_distinct(room: str) -> None:
    titles = ROOMS[room]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("room", [grid, convolutions, networks, training])
def test_every_goal_has_points(room: object) -> None:
    bars: tuple[Bar, ...] = room.BARS  # type: ignore[attr-defined]  # each of them has
    titles = {title for listed in ROOMS.values() for title in listed}
    for bar in bars:
        assert len(bar.points) >= 2
        assert titles.issuperset(bar.points)


def test_the_grid_reaches_from_small_to_large_and_off_the_powers_of_two() -> None:
    widths = {width for point in GRID for width in point.widths}
    assert widths.issuperset({3, 5, 10, 24, 50, 100, 200, 300, 784, 1000, 4096})
    assert {point.depth for point in GRID}.issuperset({1, 8, 128})
    assert {point.batch for point in GRID}.issuperset({1, 64, 1024, 65536})
    assert 80 <= len(GRID) <= 120


def test_a_point_is_called_by_its_form() -> None:
    assert Point((3, 3, 3), 1).title == "3 × 1, 1"
    assert Point((784, 512, 10), 1024).title == "784-512-10, 1,024"
    assert Point((3, 3), 1).title == "3-3, 1"


def test_a_geometric_mean_is_of_medians_and_of_quartiles() -> None:
    assert geometric([Spread(2, 1, 4), Spread(8, 4, 16)]) == pytest.approx((4, 2, 8))


def test_a_bar_is_held_by_the_mean_of_its_points_or_by_the_worst() -> None:
    measured = {
        "a": samples(netspec=1.0, torch=2.0),
        "b": samples(netspec=1.0, torch=8.0),
        "c": samples(netspec=1.0, torch=100.0),
        "d": samples(netspec=1.0, onnxruntime=1.0),
    }
    bars = (
        Bar("both", "torch", 3.5, ["a", "b"]),
        Bar("the worst", "torch", 3.5, ["a", "b", "d"], worst=True),
        Bar("nobody measured it", "torch", 1.0, ["d", "e"]),
    )
    mean, worst = goals(bars, measured)
    assert (mean.what, mean.found.median, mean.met) == (f"torch : {NETSPEC}, both (2 points)", 4.0, True)
    assert (worst.what, worst.found.median, worst.met) == (f"torch : {NETSPEC}, the worst (a)", 2.0, False)


def test_rounds_and_points_are_fewer_for_a_look_and_for_a_test(tmp_path: object) -> None:
    def chosen(extent: str) -> list[int]:
        return list(Settings(1, tmp_path, extent).choose(range(10), 4))  # type: ignore[arg-type]  # of three words

    assert chosen("whole") == list(range(10))
    assert chosen("quick") == [0, 4, 8]
    assert chosen("tiny") == [0]


def test_a_peer_that_computes_something_else_is_refused() -> None:
    import numpy as np

    y: Array = np.array([1.0, -2.0], np.float32)
    agree(y * np.float32(1 + 1e-6), y)
    for other in (y * np.float32(1.01), y[:1], y * np.float32("nan")):
        with pytest.raises(RuntimeError, match="the results of torch differ by"):
            agree(other, y, "torch")


def test_a_chart_is_the_same_text_each_time_and_marks_one() -> None:
    chart = Chart(
        "stem", "A <title>", "batch", "ratio", [Line("D = 3", [(1, 0.5), (1024, 4.0)]), Line("D", [(1, 0.6)])]
    )
    text = svg(chart)
    assert text == svg(chart)
    assert "A &lt;title&gt;" in text
    assert text.count("<polyline") == 2
    assert text.count("stroke-dasharray") == 1
    assert ">1,024</text>" in text


def test_the_grid_is_drawn_for_each_peer_a_line_for_each_width() -> None:
    measured = {point.title: samples(netspec=1.0, JAX=float(point.depth)) for point in GRID}
    chart = grid.chart("JAX", measured)
    assert chart is not None
    assert (chart.stem, [line.name for line in chart.lines][:2]) == ("grid_jax", ["D = 3", "D = 10"])
    assert all(ratio == 8.0 for line in chart.lines for _, ratio in line.points)
    assert all(
        [batch for batch, _ in line.points] == sorted({batch for batch, _ in line.points}) for line in chart.lines
    )
    assert grid.chart("torch", measured) is None

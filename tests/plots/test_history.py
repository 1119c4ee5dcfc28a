"""Facts over commits, drawn."""

from typing import Any

import pytest

from netspec.diagnostics import SystemFault
from netspec.plots.history import Point, history, short


def points(*columns: tuple[float | None, ...]) -> list[Point]:
    """Return a commit for each row of values."""
    return [Point(f"c{number}", f"2026-01-{number + 1:02}", row) for number, row in enumerate(columns)]


def xs(line: Any) -> list[float]:
    """Return the commits of a line, as numbers."""
    return [float(each) for each in line.get_xdata()]


def ys(line: Any) -> list[float]:
    """Return the values of a line."""
    return [float(each) for each in line.get_ydata()]


def test_a_panel_is_a_step_at_each_commit_and_a_mark_where_the_fact_changed() -> None:
    figure = history("net", ["parameters", "macs"], points((10, 1), (10, 2), (30, 2)))
    first, second = figure.axes
    line, marks = first.lines
    assert line.get_drawstyle() == "steps-post"
    assert xs(line)[:3] == [0, 1, 2]
    assert ys(line) == [10, 10, 30, 30]
    assert (xs(marks), ys(marks)) == ([2], [30])
    assert xs(second.lines[1]) == [1]
    assert [text.get_text() for text in first.texts] == ["c2"]
    assert (first.get_ylabel(), second.get_ylabel()) == ("parameters", "macs")
    assert first.get_title(loc="left") == "net"
    assert [label.get_text() for label in second.get_xticklabels()] == [
        f"c{number}\n2026-01-0{number + 1}" for number in range(3)
    ]


def test_where_there_is_no_network_is_grey_and_the_next_change_is_from_the_last_value() -> None:
    figure = history("net", ["parameters"], points((10,), (None,), (None,), (12,), (12,)))
    (axes,) = figure.axes
    assert [xs(line)[0] for line in axes.lines[:2]] == [0, 3]
    assert [patch.get_xy()[0] if hasattr(patch, "get_xy") else None for patch in axes.patches] == [1, 2]
    assert xs(axes.lines[2]) == [3]
    assert axes.get_xlabel() == (
        "commits, the oldest first; a mark where the fact changed; grey where there is no network"
    )


def test_values_that_are_far_apart_have_a_logarithmic_axis() -> None:
    near, far, zero = history("net", ["a", "b", "c"], points((10, 10, 0), (400, 600, 600))).axes
    assert (near.get_yscale(), far.get_yscale(), zero.get_yscale()) == ("linear", "log", "linear")
    assert near.get_ylim()[0] == zero.get_ylim()[0] == 0


def test_of_many_commits_the_largest_changes_are_marked() -> None:
    figure = history(
        "net", ["parameters"], points(*((float(number % 7 * (1 + number // 50)),) for number in range(200)))
    )
    (axes,) = figure.axes
    assert axes.lines[0].get_linewidth() < 1
    assert len(xs(axes.lines[1])) == len(axes.texts) == 6
    assert axes.get_xlabel() == "commits, the oldest first; the largest changes are marked"
    assert len(axes.get_xticks()) <= 9


def test_a_fact_that_is_never_a_number_leaves_its_panel_empty() -> None:
    _, empty = history("net", ["parameters", "capacity"], points((10, None), (12, None))).axes
    assert [line for line in empty.lines if len(xs(line))] == []


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_the_same_picture_has_the_same_bytes(form: str) -> None:
    drawn = [history("net", ["parameters"], points((10,), (12,), (8,))).data(form) for _ in range(2)]
    assert drawn[0] == drawn[1]


@pytest.mark.parametrize(
    ("facts", "count", "words"),
    [
        (0, 2, "0 facts are to be drawn; there are 1 to 6"),
        (7, 2, "7 facts are to be drawn; there are 1 to 6"),
        (1, 0, "0 commits are to be drawn; there are 1 to 5,000; `--max` or `--since` takes fewer"),
        (1, 5_001, "5,001 commits are to be drawn; there are 1 to 5,000; `--max` or `--since` takes fewer"),
    ],
)
def test_what_is_too_much_or_too_little_is_refused(facts: int, count: int, words: str) -> None:
    with pytest.raises(SystemFault) as refused:
        history("net", ["parameters"] * facts, points(*(((1.0,) * facts,) * count)))
    assert str(refused.value) == words


def test_what_is_no_number_at_all_is_refused() -> None:
    with pytest.raises(SystemFault) as refused:
        history("net", ["capacity"], points((None,), (None,)))
    assert str(refused.value) == "capacity: no commit has a number to be drawn; `--fact` names another fact"


def test_numbers_on_an_axis_are_short() -> None:
    assert [short(value) for value in (0, 250, 1_500, 76_134, -2e6, 3.25e9, 7e13)] == [
        "0", "250", "1.5 k", "76.13 k", "\N{MINUS SIGN}2 M", "3.25 G", "70 T",
    ]  # fmt: skip

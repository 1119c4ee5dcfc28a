"""Curves that are about no network: depth efficiency, and width against precision."""

import math
from typing import Any

import numpy as np
import pytest

from netspec.constructions import precision_curve, read_points
from netspec.diagnostics import SystemFault
from netspec.plots import Picture, depth, precision
from tests.docs.session import ROOT


def _panels(figure: Picture) -> list[Any]:
    """Return the axes, whose data matplotlib types too widely."""
    return list(figure.axes)


def test_figure_4_7_has_the_numbers_of_the_book() -> None:
    left, right = _panels(depth())
    ends = {}
    for axes in (left, right):
        curves = [each for each in axes.lines if each.get_marker() == "None"]
        assert len(curves) == 5
        x, y = curves[-1].get_data()
        ends[axes.get_title(loc="left")] = (list(x)[-1], list(y)[-1])
    one, ten = ends.values()
    assert one[0] == 471
    assert one[1] == pytest.approx(math.log10(161_051))
    assert ten[0] == 10_801
    assert ten[1] == pytest.approx(math.log10(1.7956e41), abs=1e-4)
    assert list(ends) == [r"$D_i = 1$, $D = 1, 2\ …\ 10$", r"$D_i = 10$, $D = 10, 20\ …\ 50$"]
    assert [text.get_text() for text in left.get_legend().get_texts()] == [f"$K = {k}$" for k in range(1, 6)]


def test_marks_are_filled_where_the_maximum_is_proven() -> None:
    """For one input it is from three units on, and always for one hidden layer."""
    left, right = _panels(depth())
    counts = []
    for axes in (left, right):
        marks = [each for each in axes.lines if each.get_linestyle() == "None"]
        hollow = sum(len(list(each.get_xdata())) for each in marks if each.get_markerfacecolor() == "white")
        counts.append((hollow, sum(len(list(each.get_xdata())) for each in marks)))
        assert len(axes.collections) == 4  # a band for K = 2 … 5
    assert counts == [(8, 50), (20, 25)]


def test_depths_of_other_inputs_have_a_panel_each() -> None:
    assert len(depth([2]).axes) == 1
    with pytest.raises(SystemFault, match="0 panels are asked for; there are 1 to 4"):
        depth([])
    with pytest.raises(SystemFault, match="inputs: expected 1 to"):
        depth([0])


def test_functions_come_closer_with_more_joints() -> None:
    points = read_points(str(ROOT / "examples" / "wave.csv"))
    *panels, below = _panels(precision(points))
    x, y = (np.array([float(each) for each in axis]) for axis in zip(*points, strict=True))
    widths = []
    for axes in panels:
        target, found, joints = axes.lines
        assert np.allclose(target.get_data(), (x, y))
        error = np.abs(np.interp(x, *found.get_data()) - y).max()
        epsilon, units = axes.get_title(loc="left").removeprefix(r"$\epsilon$ = ").split(": ")
        assert error <= float(epsilon) * 1.001
        widths.append(int(units.split()[0]))
        assert len(list(joints.get_xdata())) in (widths[-1] - 1, widths[-1])
    assert widths == sorted(set(widths))
    curve = precision_curve(points)
    within, units_below = below.lines[0].get_data()
    assert list(within) == [float(each.within) for each in curve]
    assert list(units_below) == [each.units for each in curve]
    assert units_below[0] == 0
    assert below.get_ylim()[0] < 0


def test_points_without_sense_are_refused() -> None:
    with pytest.raises(ValueError, match="the points lie on one level"):
        precision([(0, 1), (1, 1), (2, 1)])
    with pytest.raises(ValueError, match="the curve of 501 points takes minutes; up to 500 are drawn"):
        precision([(x, x % 2) for x in range(501)])
    with pytest.raises(ValueError, match="at least 2 points, got 1"):
        precision([(0, 1)])


def test_two_points_have_a_picture() -> None:
    assert len(precision([(0, 0), (1, 1)]).axes) >= 2

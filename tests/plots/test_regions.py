"""Regions of two inputs: their polygons, the bands on them, and the lines of every layer."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection
from numpy.typing import NDArray

from netspec import Model, Network, load
from netspec.diagnostics import SystemFault
from netspec.plots import Picture, regions
from netspec.plots.colouring import colours_of
from netspec.plots.cutting import above, between, crossing, heights
from netspec.plots.hidden import hidden_layers
from netspec.plots.surfaces import MOST_CELLS
from netspec.regions import count
from netspec.regions.areas import areas
from netspec.regions.domains import box
from tests.docs.session import ROOT
from tests.regions.chains import chain_of, he

UNIT = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])


def model(path: str) -> Model:
    return load(ROOT / "specs" / path).build(dtype="float64")


def area(corners: NDArray[np.float64]) -> float:
    x, y = corners.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)


def parts(axes: Axes) -> tuple[Any, Any, list[Any]]:
    """Return what is filled, the outlines, and the lines of each layer."""
    filled, outlines = (each for each in axes.collections if isinstance(each, PolyCollection))
    return filled, outlines, [each for each in axes.collections if isinstance(each, LineCollection)]


def polygons(drawn: Any) -> list[NDArray[np.float64]]:
    return [np.asarray(path.vertices[:-1], float) for path in drawn.get_paths()]


def first(figure: Picture) -> Axes:
    return figure.axes[0]


@pytest.fixture(scope="module")
def composed() -> Picture:
    return regions(model("figure_4_2/composed.yaml"))


def test_figure_4_2_has_thirteen_regions_that_fill_the_box(composed: Picture) -> None:
    filled, outlines, _ = parts(first(composed))
    assert len(polygons(outlines)) == 13
    assert sum(map(area, polygons(outlines))) == pytest.approx(4)
    assert sum(map(area, polygons(filled))) == pytest.approx(4)
    assert first(composed).get_title(loc="left") == "figure-4-2: 13 activation regions"
    assert (first(composed).get_xlabel(), first(composed).get_ylabel()) == ("input $x_1$", "input $x_2$")


def test_each_band_is_of_one_shade_and_y_lies_between_its_levels(composed: Picture) -> None:
    """A darker shade is a higher value: the bands are sorted by their shade, and y with them."""
    filled, _, _ = parts(first(composed))
    net = model("figure_4_2/composed.yaml")
    values = np.asarray(net(np.array([corners.mean(0) for corners in polygons(filled)])))[:, 0]
    shade = np.asarray(filled.get_facecolors())[:, :3].sum(1)
    bands = [values[np.isclose(shade, each)] for each in np.unique(np.round(shade, 9))[::-1]]
    assert len(bands) > 5
    assert all(low.max() <= high.min() + 1e-9 for low, high in pairwise(bands))


def test_lines_are_where_units_bend_each_layer_in_a_style_of_its_own(composed: Picture) -> None:
    *_, lines = parts(first(composed))
    fold = model("figure_4_2/fold.yaml")
    one, two = ([np.asarray(each) for each in drawn.get_segments()] for drawn in lines)
    theta = np.array([(0.2, 0.5, 0.5), (-0.3, -0.1, 0.9), (0.2, -0.7, 0.2)])
    assert len(one) == 3
    for (bias, *slopes), ends in zip(theta, one, strict=True):
        assert np.allclose(bias + ends @ slopes, 0)
        assert np.isclose(np.abs(ends), 1).any(1).all()  # straight across the box
    heights_there = np.asarray(fold(np.concatenate(two)))
    assert np.allclose(heights_there, 0.2)  # the second network bends at -2, which is not reached, and at 0.2
    assert len({tuple(drawn.get_linestyle()[0][1] or ()) for drawn in lines}) == 2
    legend = composed.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["hidden layer 1", "hidden layer 2"]


def test_regions_filled_by_units_differ_from_their_neighbours() -> None:
    figure = regions(model("figure_4_2/fold.yaml"), show="units")
    filled, _, _ = parts(first(figure))
    theta = np.array([(0.2, 0.5, 0.5), (-0.3, -0.1, 0.9), (0.2, -0.7, 0.2)])
    middles = np.array([corners.mean(0) for corners in polygons(filled)])
    on = (theta[:, :1].T + middles @ theta[:, 1:].T > 0).sum(1)
    shade = np.asarray(filled.get_facecolors())[:, :3].sum(1)
    assert len(on) == 7
    assert len(set(on.tolist())) == len(np.unique(np.round(shade, 9))) == 4
    assert (np.argsort(-shade, kind="stable") == np.argsort(on, kind="stable")).all()
    assert figure.axes[1].get_ylabel() == "hidden units that are on"


def test_each_output_has_a_panel() -> None:
    figure = regions(model("notebook_3_2.yaml"), [(0, 10)])
    assert [axes.get_ylabel() for axes in figure.axes if axes.get_label() == "<colorbar>"] == [
        "output $y_{1}$",
        "output $y_{2}$",
    ]
    assert len(polygons(parts(first(figure))[1])) == 7


def test_degenerate_networks_are_drawn() -> None:
    for parameters in (
        {"β_0": [0, 0, 0], "Ω_0": [[1, 0], [1, 0], [0, 0]], "β_1": [1], "Ω_1": [[0, 0, 0]]},  # a constant
        {"β_0": [1, -1, 0], "Ω_0": [[1, 0], [1, 0], [0, 1]], "β_1": [1], "Ω_1": [[1, 1, 1]]},  # a line on an edge
    ):
        net = Network(input=2, widths=[3], output=1, dtype="float64", parameters=parameters).build()
        _, outlines, _ = parts(first(regions(net)))
        assert sum(map(area, polygons(outlines))) == pytest.approx(4)
    affine = Network(input=2, K=0, widths=[], output=1).build()
    assert not regions(affine).legends


def test_leaky_and_hard_activations_have_lines_at_each_bend() -> None:
    net = Network(
        input=2,
        widths=[1],
        output=1,
        activation="relu6",
        dtype="float64",
        parameters={"β_0": [0], "Ω_0": [[6, 0]], "β_1": [0], "Ω_1": [[1]]},
    ).build()
    figure = regions(net, [(-2, 2)])
    (lines,) = parts(first(figure))[2]
    assert sorted(float(each[0][0]) for each in lines.get_segments()) == [0, 1]
    assert len(polygons(parts(first(figure))[1])) == 3


def test_what_cannot_be_drawn_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SystemFault, match="network has 3 inputs; regions are drawn of two"):
        regions(Network(input=3, widths=[3], output=1).build())
    with pytest.raises(SystemFault, match="network has 4 outputs; up to 3 are drawn"):
        regions(Network(input=2, widths=[3], output=4).build())
    wide = Network(input=2, widths=[12], output=1).build(seed=2)
    monkeypatch.setattr("netspec.plots.surfaces.MOST_CELLS", 4)
    with pytest.raises(SystemFault, match="more than 4 regions are too many to draw"):
        regions(wide)
    monkeypatch.setattr("netspec.plots.surfaces.MOST_CELLS", MOST_CELLS)
    monkeypatch.setattr("netspec.plots.surfaces.MOST_LINES", 4)
    with pytest.raises(SystemFault, match="more than 4 pieces of lines are too many to draw"):
        regions(wide)


number = st.floats(-2, 2, allow_subnormal=False).map(lambda value: round(value, 3))


@given(st.tuples(number, number, number), st.lists(st.integers(-20, 20), min_size=2, max_size=7, unique=True))
def test_bands_fill_a_polygon_once(form: Any, levels: list[int]) -> None:
    values = heights(UNIT, np.array(form))
    edges = [level / 4 for level in sorted(levels)]
    found = list(between(UNIT, values, edges))
    assert sum(area(part) for _, part in found) == pytest.approx(1)
    for band, part in found:
        there = heights(part, np.array(form))
        if area(part) > 1e-9:
            assert band == 0 or there.min() >= edges[band] - 1e-9
            assert band == len(edges) - 2 or there.max() <= edges[band + 1] + 1e-9


@given(st.tuples(number, number, number))
def test_a_line_cuts_a_polygon_in_two(form: Any) -> None:
    values = heights(UNIT, np.array(form))
    ends = crossing(UNIT, values)
    halves = [area(above(UNIT, sign * values)[0]) for sign in (1, -1) if len(above(UNIT, sign * values)[0]) > 2]
    if min(form, key=abs) != 0 or any(form):
        assert sum(halves) == pytest.approx(1, abs=1e-6)
    if ends is None:
        assert len(halves) < 2 or min(halves) < 1e-6 or not any(form)
    else:
        assert np.allclose(heights(ends, np.array(form)), 0, atol=1e-8)


def test_a_plane_through_three_inputs_is_drawn_in_its_coordinates() -> None:
    """As the network composed with the plane is on a square; and half a plane of two inputs is what they are there."""
    net = Network(input=5, widths=[6, 4], output=1, dtype="float64").build(seed=3)
    corners = ([0.0, 1, 0, 2, 0], [2.0, 0, 1, 0, 1], [0.0, 1, 3, -1, -1])
    figure = regions(net, plane=corners)
    axes = first(figure)
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$t_1$, from A to B", "$t_2$, from A to C")
    assert (axes.get_xlim(), axes.get_ylim()) == ((0, 1), (0, 1))
    filled, outlines, lines = parts(axes)
    assert sum(map(area, polygons(outlines))) == pytest.approx(1)
    assert len(polygons(outlines)) == count(net, plane=corners).cells > 5
    a, b, c = map(np.array, corners)
    Omega, beta = np.asarray(net.parameters["Omega_0"]), np.asarray(net.parameters["beta_0"])
    for ends in lines[0].get_segments():
        x = a + ends @ np.array([b - a, c - a])
        assert np.isclose(beta + x @ Omega.T, 0).all(0).any()  # on the hyperplane of one unit
    assert len(polygons(filled)) > len(polygons(outlines))


def test_units_are_counted_where_the_plane_is() -> None:
    net = Network(input=3, widths=[5], output=1, dtype="float64").build(seed=1)
    corners = ([0.0, 0, 1], [1.0, 0, 1], [0.0, 1, 1])
    filled, _, _ = parts(first(regions(net, plane=corners, show="units")))
    Omega = np.asarray(net.parameters["Omega_0"])
    middles = np.array([[*corner.mean(0), 1] for corner in polygons(filled)])
    on = (middles @ Omega.T > 0).sum(1)
    shade = np.asarray(filled.get_facecolors())[:, :3].sum(1)
    assert [len(set(shade[on == each].round(9).tolist())) for each in set(on.tolist())] == [1] * len(set(on.tolist()))


def test_pieces_have_one_colour_and_their_neighbours_others() -> None:
    net = model("figure_4_2/composed.yaml")
    figure = regions(net, [(-10, 10)], show="pieces")
    axes = first(figure)
    assert axes.get_title(loc="left") == "figure-4-2: 15 linear regions, of 17 activation regions"
    filled, outlines, _ = parts(axes)
    assert len(figure.axes) == 1  # no scale
    shades = [tuple(shade) for shade in np.asarray(filled.get_facecolors())]
    corners = [{tuple(corner) for corner in polygon.round(9)} for polygon in polygons(filled)]
    slopes = [slope_of(net, polygon.mean(0)) for polygon in polygons(filled)]
    borders = [
        (i, j) for i in range(len(corners)) for j in range(i) if len(corners[i] & corners[j]) == 2
    ]  # fmt: skip
    assert len(borders) > 17
    same = [shades[i] == shades[j] for i, j in borders]
    assert same == [bool(np.allclose(slopes[i], slopes[j])) for i, j in borders]
    assert sum(same) == 2
    assert len(polygons(outlines)) == 17


def slope_of(net: Model, x: NDArray[np.float64]) -> NDArray[np.float64]:
    steps = np.eye(2) * 1e-6
    at: NDArray[np.float64] = np.asarray(net(np.array([x, *(x + steps)])))[:, 0]
    slopes: NDArray[np.float64] = (at[1:] - at[0]) / 1e-6
    return slopes


@given(st.integers(0, 200), st.integers(3, 14))
def test_six_colours_do_for_any_map(seed: int, units: int) -> None:
    chain = chain_of(he([2, units, 4, 1], seed))
    found = areas(chain, box(chain, [(-1, 1)]))
    assert max(colours_of(found)) < 6


def test_both_bends_of_hard_shrink_are_lines_of_one_layer() -> None:
    layers = [{"dense": {"width": 2, "activation": "hard_shrink"}}, {"dense": {"width": 3, "activation": "relu"}}]
    net = Network(input=2, layers=[*layers, {"dense": 1}], output=1, dtype="float64").build(seed=3)
    figure = regions(net, [(-3, 3)])
    legend = figure.legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["hidden layer 1", "hidden layer 2"]
    segments = parts(first(figure))[2][0].get_segments()
    assert len(segments) == 4  # two bends of two units, straight and in one piece
    Omega, beta = np.asarray(net.parameters["dense.Omega"]), np.asarray(net.parameters["dense.beta"])
    for ends in segments:
        assert np.isclose(np.abs(ends @ Omega.T + beta), 0.5).all(0).any()


def test_layers_side_by_side_are_layers_of_their_own() -> None:
    """As those of a recurrent layer are, each of which reads the one before."""
    assert [layer.bends for layer in hidden_layers(chain_of(he([2, 3, 3, 1], 0)))] == [(1,), (3,)]

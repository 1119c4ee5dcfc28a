"""Curves: the lines, the joints, the tints, and every hidden unit."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from netspec import Model, Network, load
from netspec.diagnostics import SpecError, SystemFault
from netspec.plots import Picture, function
from netspec.plots.lines import MOST_COLOURED
from netspec.plots.sampling import MOST_CELLS, layers, line, window
from netspec.regions.domains import box
from netspec.regions.lowering import lower
from tests.docs.session import ROOT


def model(path: str) -> Model:
    return load(ROOT / "specs" / path).build(dtype="float64")


def panels(figure: Picture) -> list[Axes]:
    return list(figure.axes)


def heights(drawn: Line2D, x: object) -> NDArray[np.float64]:
    """Return y of a drawn line at some x."""
    knots, values = (np.asarray(data, float) for data in drawn.get_data())
    found: NDArray[np.float64] = np.interp(np.asarray(x, float), knots, values)
    return found


def test_the_curve_of_notebook_3_1_goes_through_its_joints() -> None:
    top = panels(function(model("notebook_3_1.yaml"), [(0, 1)]))[0]
    curve, joints = (each for each in top.lines if each.get_linestyle() in ("-", "None"))
    assert np.allclose(joints.get_xdata(), [0.3, 0.5, 10 / 13])
    assert np.allclose(joints.get_ydata(), [-0.3, -0.3, -0.3 - 7 / 13])
    assert np.allclose(heights(curve, [0, 0.15, 1]), [0.3, 0, -0.3 - 1 + 7 * 0.15])
    assert len(top.patches) == 4
    assert top.get_title(loc="left") == "notebook-3-1: 4 linear regions on [0, 1]"
    assert (top.get_xlabel(), top.get_ylabel()) == ("input $x$", "output $y$")


def test_below_are_pre_activations_activations_and_what_each_unit_adds() -> None:
    figure = function(model("notebook_3_1.yaml"), [(0, 1)])
    grid = np.array(panels(figure)[1:]).reshape(3, 3)
    assert [row[0].get_ylabel() for row in grid] == [
        "pre-activation\n$z_{1}$",
        "activation\n$h_{1}$",
        "weighted\n$\\Omega_{1}\\,h_{1}$",
    ]
    x = np.linspace(0, 1, 50)
    theta, phi = [(0.3, -1), (-1, 2), (-0.5, 0.65)], (2, -1, 7)
    for unit, ((bias, slope), weight) in enumerate(zip(theta, phi, strict=True)):
        z = bias + slope * x
        for axes, expected in zip(grid[:, unit], (z, np.maximum(z, 0), weight * np.maximum(z, 0)), strict=True):
            assert np.allclose(heights(axes.lines[-1], x), expected)
    assert grid[0][0].get_title(loc="left") == "hidden layer 1, 3 units"


def test_figure_4_1_has_nine_regions_and_both_layers_below() -> None:
    figure = function(model("figure_4_1/composed.yaml"), [(-1, 1)])
    assert len(panels(figure)[0].patches) == 9
    titles = [title for axes in panels(figure)[1:] if (title := axes.get_title(loc="left"))]
    assert titles == ["hidden layer 1 of fold, 3 units", "hidden layer 2 of bend, 3 units"]


def test_without_hidden_units_there_is_one_panel() -> None:
    assert len(panels(function(model("notebook_3_1.yaml"), [(0, 1)], hidden=False))) == 1


def test_a_box_that_is_not_given_holds_all_joints() -> None:
    for path in ("notebook_3_1.yaml", "notebook_4_1/n2.yaml"):
        chain = lower(model(path))
        low, high = window(chain, []).spans[0]
        joints = line(chain, window(chain, [])).joints
        wide = line(chain, box(chain, [(-1000, 1000)])).joints
        assert np.allclose(joints, wide)
        assert low < joints[0] < joints[-1] < high
    flat = lower(Network(input=1, K=0, widths=[], output=1).build())
    assert window(flat, []).spans[0] == (-1.5, 1.5)


def test_a_joint_that_the_output_does_not_have_is_none() -> None:
    """Units 1 and 2 of n1 bend at one place; a unit of weight zero bends the pattern, and not the curve."""
    n1 = Network(
        input=1,
        widths=[3],
        output=1,
        dtype="float64",
        parameters={"β_0": [0, 0.5, 1], "Ω_0": [[1], [1], [1]], "β_1": [0], "Ω_1": [[1, 0, 2]]},
    ).build()
    chain = lower(n1)
    drawn = line(chain, box(chain, [(-2, 2)]))
    assert len(drawn.knots) - 1 == 4
    assert drawn.joints.tolist() == [-1, 0]
    assert drawn.spans == [(-2, -1), (-1, 0), (0, 2)]


def test_what_jumps_has_both_values_at_the_jump() -> None:
    step = Network(
        input=1,
        widths=[1],
        output=1,
        activation="heaviside",
        dtype="float64",
        parameters={"β_0": [0], "Ω_0": [[1]], "β_1": [0], "Ω_1": [[3]]},
    ).build()
    chain = lower(step)
    drawn = line(chain, box(chain, [(-1, 1)]))
    assert drawn.y[:, :, 0].tolist() == [[0, 0], [3, 3]]
    (layer,) = layers(chain, box(chain, [(-1, 1)]), drawn.knots)
    assert layer.h[:, :, 0].tolist() == [[0, 0], [1, 1]]
    assert layer.weighted is not None
    assert layer.weighted[:, :, 0].tolist() == [[0, 0], [3, 3]]


def test_many_regions_are_a_density() -> None:
    five = model("problem_4_8/five_times.yaml")
    figure = function(five, [(0, 1)], hidden=False)
    curve, density = panels(figure)
    assert not curve.patches
    assert "1,024 linear regions" in curve.get_title(loc="left")
    (stairs,) = density.patches
    assert stairs.get_data().values.sum() == 1023 > MOST_COLOURED  # type: ignore[attr-defined]


def test_many_units_lie_over_one_another_in_one_panel() -> None:
    wide = Network(input=1, widths=[70, 7], output=1, dtype="float64").build(seed=1)
    _, z1, _, z2, _, weighted = panels(function(wide, [(-1, 1)]))
    assert z1.get_title(loc="left") == "hidden layer 1, 70 units\npre-activation $z_{1}$, 64 of 70"
    assert z2.get_title(loc="left") == "hidden layer 2, 7 units\npre-activation $z_{2}$"
    assert weighted.get_title(loc="left") == "weighted $\\Omega_{2}\\,h_{2}$"
    assert [len(axes.lines) for axes in (z1, z2)] == [64 + 2, 7 + 2]  # and the joint at 0, and the axis


def test_layers_beyond_the_eighth_are_told_of() -> None:
    deep = Network(input=1, K=11, widths=4, output=1).build()
    figure = function(deep)
    assert len(panels(figure)) == 1 + 2 * 8
    assert figure.get_supxlabel() == "3 more hidden layers are not drawn"


def test_layers_of_too_many_values_are_left_out_before_they_are_worked_out(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = lower(Network(input=1, widths=[3, 9], output=1, dtype="float64").build())
    where = box(chain, [(0, 1)])
    knots = line(chain, where).knots
    assert len(list(layers(chain, where, knots))) == 2
    monkeypatch.setattr("netspec.plots.sampling.MOST_VALUES", 2 * (len(knots) - 1) * 7)  # of three units: x, z_1, h_1
    assert len(list(layers(chain, where, knots))) == 1


def test_several_outputs_have_a_colour_each() -> None:
    axes = panels(function(Network(input=1, widths=[3], output=2).build(), hidden=False))[0]
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["$y_{1}$", "$y_{2}$"]


def test_what_is_no_curve_is_refused() -> None:
    with pytest.raises(SystemFault, match="network has 2 inputs; a curve is drawn of one"):
        function(Network(input=2, widths=[3], output=1).build())
    with pytest.raises(SystemFault, match="network has 7 outputs; up to 6 are drawn"):
        function(Network(input=1, widths=[3], output=7).build())
    with pytest.raises(SpecError, match="no-regions"):
        function(Network(input=1, widths=[3], output=1, activation="tanh").build())
    zigzag = {"input": 1, "K": 6, "widths": 10, "output": 1}
    many = Network(**zigzag, dtype="float64").build()
    chain = lower(many)
    with pytest.raises(SystemFault, match="more than 5 regions are too many to draw"):
        line(lower(model("problem_4_8/twice.yaml")), box(chain, [(0, 1)]), 5)
    assert MOST_CELLS >= 10_000


def test_a_layer_of_hard_shrink_is_one_though_it_has_two_bends() -> None:
    net = Network(
        input=1,
        layers=[{"dense": {"width": 2, "activation": "hard_shrink"}}, {"dense": 1}],
        output=1,
        dtype="float64",
    ).build(seed=3)
    chain = lower(net)
    domain = box(chain, [(-2, 2)])
    drawn = line(chain, domain)
    (layer,) = layers(chain, domain, drawn.knots)
    Omega, beta = np.asarray(net.parameters["dense.Omega"]), np.asarray(net.parameters["dense.beta"])
    inner = np.stack(
        [drawn.knots[:-1] * 0.9 + drawn.knots[1:] * 0.1, drawn.knots[:-1] * 0.1 + drawn.knots[1:] * 0.9], 1
    )
    z = beta + inner[..., None] * Omega[:, 0]
    h = np.where(np.abs(z) > 0.5, z, 0)
    for values, expected in ((layer.z, z), (layer.h, h)):
        low, high = values[:, 0], values[:, 1]
        assert np.allclose(low * 0.9 + high * 0.1, expected[:, 0])
        assert np.allclose(low * 0.1 + high * 0.9, expected[:, 1])
    assert layer.weighted is not None

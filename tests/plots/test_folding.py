"""Folds as pictures: six panels of a composition, two of a single network."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.lines import Line2D

from netspec import Model, Network, load, loads
from netspec.diagnostics import SystemFault
from netspec.plots import folding
from netspec.plots.canvas import COLOURS
from netspec.plots.folds import MOST_LAPS
from tests.docs.session import ROOT


def model(path: str) -> Model:
    return load(ROOT / "specs" / path).build(dtype="float64")


def dots(axes: Axes) -> Line2D:
    (found,) = [each for each in axes.lines if each.get_marker() == "o"]
    return found


def colours(axes: Axes) -> list[str]:
    """Return the colours of the thick lines, from left to right."""
    drawn = [each for each in axes.lines if to_hex(each.get_color()).upper() in COLOURS]
    return [to_hex(each.get_color()).upper() for each in drawn]


def test_figure_4_1_in_six_panels() -> None:
    a, b, c, d, e, f = folding(model("figure_4_1/composed.yaml"), [(-1, 1)]).axes
    assert [each.get_title(loc="left") for each in (a, b, c, d, e, f)] == [
        "a) the first network",
        "b) the second network",
        "c) figure-4-1: 9 linear regions",
        "d) the input, folded",
        "e) the second network on all folds",
        "f) unfolded",
    ]
    assert [len(each.patches) for each in (a, b)] == [3, 3]
    assert len(c.patches) == 9  # two neighbours of one region of the second network are tinted one by one
    assert [text.get_text() for text in b.texts] == ["1", "2", "3"]
    assert [text.get_text() for text in c.texts] == ["1", "2", "3", "3", "2", "1", "1", "2", "3"]


def test_one_level_is_followed_through_all_networks() -> None:
    net = model("figure_4_1/composed.yaml")
    a, b, c, *_ = folding(net, [(-1, 1)]).axes
    x = np.asarray(dots(a).get_xdata(), float)
    assert len(x) == 3
    assert np.allclose(dots(a).get_ydata(), dots(b).get_xdata())
    assert np.allclose(dots(c).get_xdata(), x)
    assert np.allclose(np.asarray(net(x[:, None]))[:, 0], np.asarray(dots(c).get_ydata(), float))
    assert np.allclose(dots(c).get_ydata(), dots(b).get_ydata())


def test_what_is_mapped_onto_one_another_has_one_colour() -> None:
    _, _, _, d, e, f = folding(model("figure_4_1/composed.yaml"), [(-1, 1)]).axes
    one, two, three = COLOURS[:3]
    assert colours(e) == [one, two, three]
    assert colours(d) == [one, two, three] * 3
    assert colours(f) == [one, two, three, three, two, one, one, two, three]
    assert [text.get_text() for text in d.texts] == ["−1", "0", "0", "0.6", "0.6", "1"]


def test_notebook_4_1_has_twelve_regions_of_which_a_flat_one_is_in_each_fold() -> None:
    _, b, c, _, e, f = folding(model("notebook_4_1/n2_after_n1.yaml"), [(-1, 1)]).axes
    assert c.get_title(loc="left") == "c) n2-after-n1: 12 linear regions"
    assert len(b.patches) == 4
    assert len(colours(e)) == 4
    assert len(colours(f)) == 12


def test_a_composition_of_several_is_taken_apart_where_asked() -> None:
    net = model("notebook_4_1/n2_after_three_n1.yaml")
    for after, regions in ((1, 3), (3, 27)):
        axes = folding(net, [(-1, 1)], after=after).axes[3]
        assert len([each for each in axes.lines if each.get_linewidth() == 1.2]) == regions - 1
    with pytest.raises(
        SystemFault, match="between the parts of the network pass 3 numbers; it cannot be taken apart be"
    ):
        folding(net, [(-1, 1)], after=4)


def test_a_single_network_has_its_curve_and_its_folds() -> None:
    left, right = folding(model("notebook_4_1/n1.yaml"), [(-1, 1)]).axes
    assert len(left.patches) == 3
    assert [text.get_text() for text in right.texts if text.get_text().startswith("×")] == ["× 3"]
    whole = folding(model("notebook_4_1/n2_after_n1.yaml"), [(-1, 1)], after=0)
    assert len(whole.axes) == 2


def test_a_first_network_with_a_flat_region_is_drawn() -> None:
    """n2 is level between -0.6 and -0.2: a lap without width on the folded interval."""
    flat = Network(
        input=1,
        layers=[
            {"dense": {"width": 2, "activation": "relu"}},
            {"dense": 1},
            {"dense": {"width": 2, "activation": "relu"}},
            {"dense": 1},
        ],
        output=1,
        dtype="float64",
    ).build(seed=5)
    assert len(folding(flat, [(-2, 2)]).axes) == 6


def test_a_flat_region_is_a_dot_with_one_label() -> None:
    _, right = folding(model("notebook_4_1/n2.yaml")).axes
    assert np.array_equal(dots(right).get_ydata(), [0.5])
    turns = [np.asarray(each.get_ydata()) for each in right.lines if each.get_linewidth() == 1.2]
    assert all(turn.max() > 0.5 for turn in turns[:2])  # the folds turn away from the values that they have
    assert [text.get_text() for text in right.texts if "…" in text.get_text()] == ["−0.6 … −0.2"]


def test_what_cannot_be_drawn_is_refused() -> None:
    with pytest.raises(SystemFault, match="network has 2 inputs and 1 outputs; folds are drawn of one and one"):
        folding(Network(input=2, widths=[3], output=1).build())
    zigzag = model("problem_4_8/five_times.yaml")
    with pytest.raises(SystemFault, match=f"it turns 255 times; up to {MOST_LAPS} folds are drawn"):
        folding(zigzag, [(0, 1)], after=4)
    with pytest.raises(SystemFault, match="more than 1,000 regions"):
        folding(zigzag, [(0, 1)])
    constant = loads(
        "netspec: 1\ninput: 1\noutput: 1\nnetworks:\n  a: {input: 1, widths: [1], output: 1}\n"
        "  b: {input: 1, widths: [1], output: 1, parameters: {β_0: [0], Ω_0: [[0]], β_1: [1], Ω_1: [[1]]}}\n"
        "compose: [b, a]\n"
    )
    with pytest.raises(SystemFault, match="the first network is constant there, and folds nothing"):
        folding(constant.build(), [(-1, 1)])

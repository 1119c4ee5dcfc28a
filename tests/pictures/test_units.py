"""The diagram of units: a circle for each unit, a line for each weight, and what is too large for it."""

import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from netspec.diagnostics import SystemFault
from netspec.graph import Facts
from netspec.operations import Graph
from netspec.pictures.units import COLUMNS, UNITS, draw_units
from tests.pictures.networks import MILLION, NESTED, TWO_LAYER, branched, checked

SVG = "{http://www.w3.org/2000/svg}"


def units(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(draw_units(*checked(text)))


def words(svg: ElementTree.Element) -> list[str]:
    return ["".join(element.itertext()) for element in svg.iter(f"{SVG}text")]


def lines(svg: ElementTree.Element) -> list[int]:
    """Return how many lines there are between each two columns."""
    return [
        len(re.findall("L", path.get("d", ""))) for path in svg.iter(f"{SVG}path") if "web" in path.get("class", "")
    ]


def test_there_is_a_circle_for_each_unit_and_a_line_for_each_weight() -> None:
    svg = units("netspec: 1\ninput: 4\nwidths: [5, 2, 4]\noutput: 1\n")
    assert len(svg.findall(f".//{SVG}circle")) == 4 + 5 + 2 + 4 + 1
    assert lines(svg) == [20, 10, 8, 4]


def test_columns_are_called_as_the_lecture_calls_them() -> None:
    found = words(units(TWO_LAYER))
    assert [word for word in found if word in ("x", "h1", "h2", "y")] == ["x", "h1", "h2", "y"]
    assert [word for word in found if word.startswith("β")] == ["β0, Ω0", "β1, Ω1", "β2, Ω2"]
    assert found.count("3 units") == 2
    assert found.count("relu") == 2


def test_of_many_units_the_rest_is_counted() -> None:
    svg = units("netspec: 1\ninput: 784\nwidths: [100]\noutput: 17\n")
    assert len(svg.findall(f".//{SVG}circle")) == 3 * UNITS
    assert {"… 768 more", "… 84 more", "… 1 more"} <= set(words(svg))


def test_circles_of_a_column_do_not_touch() -> None:
    svg = units("netspec: 1\ninput: 784\nwidths: [100]\noutput: 17\n")
    places = sorted(
        (float(circle.get("cx", "")), float(circle.get("cy", "")), float(circle.get("r", "")))
        for circle in svg.iter(f"{SVG}circle")
    )
    for (x, y, r), (z, w, s) in pairwise(places):
        assert x != z or w - y > r + s


def test_parts_have_their_names_over_their_columns() -> None:
    found = words(units("netspec: 1\nnetworks:\n  fold: {input: 1, widths: [3], output: 1}\ncompose: [fold, fold]\n"))
    assert [word for word in found if word.startswith("fold")] == ["fold", "fold_2"]


def test_a_part_deep_within_others_is_called_by_its_own_name() -> None:
    inner = [f"  part_{number}: {{compose: [part_{number - 1}]}}" for number in range(1, 9)]
    part = "  part_0: {input: 1, widths: [3], output: 1}"
    found = words(units("\n".join(["netspec: 1", "networks:", part, *inner, "compose: [part_8, part_1]\n"])))
    assert [word for word in found if "part" in word] == ["part_0", "part_1.part_0"]


def test_a_network_with_too_many_layers_is_refused_with_the_bound() -> None:
    most = f"netspec: 1\ninput: 1\nK: {COLUMNS - 2}\nwidths: 2\noutput: 1\n"
    assert len(lines(units(most))) == COLUMNS - 1
    words = r"has up to 15 layers, and this network 16; draw the graph, without `--units`$"
    with pytest.raises(SystemFault, match=words) as caught:
        units(most.replace(f"K: {COLUMNS - 2}", f"K: {COLUMNS - 1}"))
    assert caught.value.code == "usage"


@pytest.mark.parametrize("text", [MILLION, NESTED])
def test_equal_layers_count_each(text: str) -> None:
    with pytest.raises(SystemFault, match="a diagram of units has up to 15 layers"):
        units(text)


def test_what_is_no_chain_of_fully_connected_layers_is_refused() -> None:
    part, _, facts = checked(TWO_LAYER)
    graph = branched(2)
    with pytest.raises(SystemFault, match="is for fully connected layers, and `h_3` is none"):
        draw_units(part, graph, facts)
    images = Graph(((3, 8, 8),))
    images.outputs = (0,)
    with pytest.raises(SystemFault, match="and `in` is none"):
        draw_units(part, images, Facts(images, "float32"))

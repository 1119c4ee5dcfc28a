"""Numbers near the ends of float64 and beyond: refused, or written as the rationals that they are."""

import json
import re
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from netspec.diagnostics import SystemFault
from netspec.network import Network
from netspec.regions import cells, count, regions
from netspec.regions.written import exact, near, short
from tests.regions.networks import fully_connected

LARGE = 1e308
LINE = fully_connected([[[LARGE]], [[LARGE]]], [[0], [0]])
PLANE = fully_connected([[[LARGE, 1], [1, LARGE]], [[LARGE, -LARGE]]], [[0, 1], [0]])
SPACE = fully_connected(
    [[[LARGE, 1, 0], [1, LARGE, -LARGE]], [[LARGE, -LARGE], [LARGE, LARGE]], [[LARGE, -LARGE]]],
    [[0, 1], [0, LARGE], [0]],
)


@pytest.mark.parametrize("box", [None, [(-1, 1)]])
@pytest.mark.parametrize("network", [LINE, PLANE, SPACE], ids=["line", "plane", "space"])
def test_maps_beyond_float64_are_refused_and_rationals_count_them(network: Network, box: Any) -> None:
    with pytest.raises(SystemFault, match="larger than any number of float64"):
        count(network, box=box)
    with pytest.raises(SystemFault, match="larger than any number of float64"):
        [*regions(network, box=box)] if network is LINE else cells(network, box=box)
    assert count(network, box=box, rational=True).pieces >= 2


@pytest.mark.parametrize("scale", [1e-250, 1e-160, 1e160, 1e250])
def test_the_unit_of_y_does_not_matter(scale: float) -> None:
    """Where squares would leave float64."""
    weights: Sequence[Any] = [[[1, 2], [3, -1], [-1, 1]], [[1, -1, 2]]]
    found = []
    for unit in (1.0, scale):
        first = [[number * unit for number in row] for row in weights[0]]
        network = fully_connected([first, weights[1]], [[unit, 0, -unit], [0]])
        counted = count(network, box=[(-2, 3)])
        found.append((counted.cells, counted.pieces, counted.unsure))
    assert found[0] == found[1]


def test_rationals_that_no_float64_is_near_are_written(tmp_path: Path) -> None:
    path = str(tmp_path / "regions.json")
    assert regions(LINE, rational=True).save(path) == 2
    slope = json.loads(Path(path).read_text())["regions"][1]["Omega"][0]
    assert Fraction(slope) == 10**616
    with pytest.raises(SystemFault, match="larger than any number of float64") as refused:
        regions(LINE, rational=True).save(str(tmp_path / "regions.npz"))
    assert ".json" in refused.value.help
    assert not (tmp_path / "regions.npz").exists()
    plane = str(tmp_path / "plane.npz")
    with pytest.raises(SystemFault, match="larger than any number of float64"):
        cells(PLANE, rational=True).save(plane)


def test_rationals_of_many_digits_are_written_whole() -> None:
    number = Fraction(3**20_000, 2**20_000)
    numerator, _, denominator = exact(number).partition("/")
    assert len(numerator) == 9_543
    assert re.fullmatch("[0-9]+", denominator)
    assert int(numerator[-20:]) == 3**20_000 % 10**20
    assert short(number, 4) == "≈ 6.686e+3521"
    assert short(-1 / number, 4) == "≈ -1.496e-3522"
    assert short(Fraction(-1, 6), 4) == exact(Fraction(-1, 6)) == "-1/6"


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "0.25"), (Fraction(0), "0"), (10**400, "1e+400"), (5e-324, "5e-324")]
)
def test_near(value: Any, text: str) -> None:
    assert near(value, 1 if value == 5e-324 else 4) == text

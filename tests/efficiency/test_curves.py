"""The curves of figure 4.7, as data."""

from itertools import pairwise

import pytest

from netspec.efficiency import curves


def test_one_input_has_the_curves_of_figure_4_7a() -> None:
    found = curves(1)
    assert [curve.depth for curve in found] == [1, 2, 3, 4, 5]
    for curve in found:
        assert [point.width for point in curve.points] == list(range(1, 11))
        for point in curve.points:
            assert point.capacity == curve.depth * point.width
            width = point.width
            assert point.parameters == 3 * width + 1 + (curve.depth - 1) * width * (width + 1)
            if width >= 3:
                assert point.regions.maximum == (width + 1) ** curve.depth
    last = found[-1].points[-1]
    assert (last.parameters, last.regions.maximum) == (471, 161_051)


def test_ten_inputs_have_the_curves_of_figure_4_7b() -> None:
    found = curves(10)
    assert [point.width for point in found[0].points] == [10, 20, 30, 40, 50]
    last = found[-1].points[-1]
    assert last.parameters == 10_801
    assert last.regions.lower.value is not None
    assert f"{last.regions.lower.value:.4e}" == "1.7956e+41"
    assert last.regions.maximum is None
    assert all(point.regions.maximum is not None for point in found[0].points), "one hidden layer is exact"


def test_regions_grow_along_a_curve_and_with_depth() -> None:
    for inputs in (1, 2, 3):
        found = curves(inputs, depths=[1, 2, 3], widths=range(1, 9))
        for curve in found:
            uppers = [point.regions.upper.log10 for point in curve.points]
            lowers = [point.regions.lower.log10 for point in curve.points]
            assert uppers == sorted(uppers)
            assert lowers == sorted(lowers)
        for shallow, deep in pairwise(found):
            for one, other in zip(shallow.points, deep.points, strict=True):
                assert one.regions.lower.log10 <= other.regions.lower.log10


@pytest.mark.parametrize(
    ("inputs", "options", "words"),
    [
        (0, {}, "inputs"),
        (1, {"outputs": 0}, "outputs"),
        (1, {"depths": [0, 1]}, "depths"),
        (1, {"depths": []}, "depths"),
        (1, {"widths": [10**10]}, "widths"),
        (1, {"widths": range(1, 2000)}, "9,995 points"),
    ],
)
def test_what_makes_no_family_is_refused(inputs: int, options: dict[str, list[int]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        curves(inputs, **options)  # type: ignore[arg-type]

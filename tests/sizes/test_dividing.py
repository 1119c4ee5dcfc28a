"""Checks under which sizes are equal that division rounded apart."""

import pytest

from netspec.sizes import NOTHING_KNOWN, Known, equal, parse, parse_comparison, symbol
from netspec.sizes.dividing import dividing

NAMES = {name: symbol(name) for name in "HTW"}


def known(*checks: str) -> Known:
    """Return what checks say."""
    return Known.of([parse_comparison(check) for check in checks], NAMES)


@pytest.mark.parametrize(
    ("pairs", "checks", "expected"),
    [
        (["2*(H // 2) = H"], [], ["H % 2 == 0"]),
        (["2*(H // 8) = H // 4"], [], ["H % 8 == 0"]),
        (["2*(H // 8) = H // 4", "2*(W // 8) = W // 4"], [], ["H % 8 == 0", "W % 8 == 0"]),
        (["2*(H // 8) = H // 4", "2*(W // 8) = W // 4"], ["H % 8 == 0"], ["W % 8 == 0"]),
        (["2*(H // 8) = H // 4"], ["H % 4 == 0"], ["H % 8 == 0"]),
        (["2*((H + 3) // 4) = (H + 1) // 2"], [], ["H % 4 == 0"]),
        (["2*(H // 2) = H", "4*(H // 4) = H"], [], ["H % 4 == 0"]),
        (["4*(H // 4) = H", "2*(H // 2) = H"], [], ["H % 4 == 0"]),
        (["6*(H // 6) = 4*(H // 4)"], [], ["H % 12 == 0"]),
        (["2*((H + 1) // 2) = H + 1"], [], ["H % 2 == 1"]),
        (["3*((H + W) // 3) = H + W"], [], ["H % 3 == 0", "W % 3 == 0"]),
        (["H = H"], [], []),
        (["H = W"], [], []),
        (["H = 8"], [], []),
        (["(H + 1) // 2 = (H - 1) // 2"], [], []),
        (["2*(H // 2) = H"], ["H % 2 == 1"], []),
        (["2*(H // 2) = H", "W = T"], [], []),
        (["5000*(H // 5000) = H"], [], []),
    ],
)
def test_the_least_divisor_is_found_that_makes_sizes_equal(
    pairs: list[str], checks: list[str], expected: list[str]
) -> None:
    sizes = []
    for pair in pairs:
        one, other = (parse(text).evaluate(NAMES) for text in pair.split(" = "))
        sizes.append((one, other))
    found = dividing(sizes, known(*checks))
    assert list(found) == expected
    if found:
        assert all(equal(one, other, known(*checks, *found)) for one, other in sizes)


def test_what_becomes_too_large_is_left() -> None:
    size = 16 * (symbol("H") // 16)
    assert dividing([(size, symbol("H"))], Known({"H": symbol("H") * 3**125})) == ()
    assert dividing([], NOTHING_KNOWN) == ()

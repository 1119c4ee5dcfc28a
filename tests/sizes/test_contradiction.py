"""Comparisons that no choice of the symbols makes all hold."""

import pytest

from netspec.sizes import Polynomial, evaluate, parse_comparison, symbol
from netspec.sizes.contradiction import Compared, contradiction

NAMES = {name: symbol(name) for name in "HTW"}
BEYOND = symbol("T") * 10**59


def compared(check: str) -> Compared:
    """Return a check as the two sizes that it compares."""
    comparison = parse_comparison(check)
    _, left, right = comparison.evaluate(NAMES)
    return Compared(comparison.operator, left, right)


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        (["T >= 10", "T <= 5"], (0, 1)),
        (["T > 10", "T < 12", "T != 11"], (0, 1, 2)),
        (["T > 10", "T < 12"], ()),
        (["T > 10", "T < 11"], (0, 1)),
        (["T == 5", "T == 6"], (0, 1)),
        (["T == 5", "T < 6"], ()),
        (["3*T == 5", "T < 6"], (0, 1)),
        (["T % 2 == 0", "T % 2 == 1"], (0, 1)),
        (["T % 4 == 0", "T % 6 == 3"], (0, 1)),
        (["T % 4 == 1", "T % 6 == 3"], ()),
        (["(3*T + 1) % 4 == 0", "T % 4 == 1"], ()),
        (["(3*T + 1) % 4 == 0", "T % 4 == 2"], (0, 1)),
        (["T % 8 == 0", "T >= 9", "T <= 15"], (0, 1, 2)),
        (["T % 8 == 0", "T >= 9", "T <= 16"], ()),
        (["T % 8 == 0", "T > 0", "T < 8"], (0, 2)),
        (["T % 4 < 2", "T % 4 > 1"], (0, 1)),
        (["T % 4 <= 2", "T % 4 >= 2"], ()),
        (["T % 2 != 0", "T % 2 != 1"], (0, 1)),
        (["H < W", "W < H"], (0, 1)),
        (["H < W", "W <= H + 1"], ()),
        (["H < W", "T < 3", "W == H"], (0, 2)),
        (["H == 2*W", "H == W"], (0, 1)),
        (["2*T >= 20", "T <= 5"], (0, 1)),
        (["10 - T <= 0", "5 - T >= 0"], (0, 1)),
        (["10 - T < 0", "12 - T > 0"], ()),
        (["T**2 > 5", "T**2 < 3"], (0, 1)),
        (["T**2 == 5", "T % 2 == 0"], ()),
        (["T // 2 == 5", "T // 3 == 3"], ()),
        (["T // 2 + T // 3 == 5", "T % 7 == 1"], ()),
        (["(T // 2)**2 == 5", "T % 7 == 1"], ()),
        (["T*(T // 2) == 5", "T % 7 == 1"], ()),
        (["(T**2) % 4 == 2", "T % 7 == 1"], ()),
        (["T % 4001 == 5", "T % 4003 == 7"], ()),
        (["H < W"], ()),
        ([], ()),
    ],
)
def test_what_leaves_no_choice_is_found(checks: list[str], expected: tuple[int, ...]) -> None:
    found = [compared(check) for check in checks]
    assert contradiction(found) == expected
    if found and not expected:
        return
    for value in range(1, 60):  # and there is none
        sizes = {"H": value, "T": value, "W": value}
        assert not found or not all(_holds(each, sizes) for each in found)


def _holds(each: Compared, sizes: dict[str, int]) -> bool:
    left, right = evaluate(each.left, sizes), evaluate(each.right, sizes)
    return {"==": left == right, "!=": left != right, "<": left < right, "<=": left <= right, ">": left > right}.get(
        each.operator, left >= right
    )


def test_what_cannot_be_worked_with_is_no_contradiction() -> None:
    beyond = Compared("<", BEYOND, -9 * BEYOND)
    assert contradiction([beyond, beyond]) == ()
    same = Compared("!=", symbol("T"), symbol("T"))
    assert contradiction([same, same]) == ()
    assert isinstance(BEYOND, Polynomial)

"""What checks say of free sizes: held against trying every point that passes them."""

from functools import cache
from itertools import permutations, product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.sizes import NOTHING_KNOWN, Known, Size, equal, evaluate, parse_comparison, simplify, symbol
from tests.sizes.free import FREE, H, W, attempt, size, texts

VALUES: dict[str, Size] = {**FREE, "D": 8}


def known(*checks: str) -> Known:
    """Return what some checks say."""
    return Known.of(map(parse_comparison, checks), VALUES)


@pytest.mark.parametrize(
    ("checks", "left", "right"),
    [
        (["H % 16 == 0"], "(H // 16)*16", "H"),
        (["H % 16 == 0"], "(H // 2)*2", "H"),
        (["H % 16 == 0"], "(H + 1) // 2", "H // 2"),
        (["H % 2*D == 0", "H % (2*D) == 0"], "(H // 16)*16", "H"),
        (["0 == H % 16"], "H % 16", "0"),
        (["H // 16 * 16 == H"], "H % 16", "0"),
        (["(H + 3) % 16 == 0"], "H % 16", "13"),
        (["(3*H + 1) % 16 == 6"], "3*H % 16", "5"),
        (["H % 4 == 0", "H % 6 == 0"], "H % 12", "0"),
        (["H % 4 == 1", "H % 6 == 3"], "H % 12", "9"),
        (["H % 2 == 1", "(H // 2) % 3 == 1"], "H % 6", "3"),
        (["H == W"], "H*W", "W**2"),
        (["T == 4*H"], "T // 4", "H"),
        (["4*H == T"], "T // 4", "H"),
        (["T == 4*H", "H % 2 == 0"], "T % 8", "0"),
        (["H % 2 == 0", "T == 4*H"], "T % 8", "0"),
        (["H % 2 == 0", "H == W"], "W % 2", "0"),
        (["H % 16 == 0", "W % 16 == 0", "H == W"], "H // 16", "W // 16"),
        (["H + 1 == W + D"], "H - W", "7"),
        (["H == 5"], "H // 2", "2"),
        (["T == H // 2", "H % 4 == 0"], "2*(T // 2)", "T"),
    ],
)
def test_what_is_equal_under_checks(checks: list[str], left: str, right: str) -> None:
    assert equal(size(left), size(right), known(*checks))
    assert not equal(size(left), size(f"{right} + 1"), known(*checks))
    assert not equal(size(left), size(right), NOTHING_KNOWN)


@pytest.mark.parametrize(
    "check",
    [
        "H % 16 <= 0", "H % 16 != 0", "H % 16 == 16", "H % 16 == -1", "2*(H % 4) == 3", "3*H == 2*W", "H**2 == W**2",
        "(H*W) % 4 == 0", "(H**2) % 4 == 0", "H % 4 == H % 6", "H % 4 + H == 9", "H % 0 == 0",
        "H % unheard == 0", "H == H", "H == H + 1", "(H % 4)*H == 0", "5 == 5", "2*H + H % 4 == 0",
        "9*10**59*H*(H + W) == -9*10**59*H**2",
    ],
)  # fmt: skip
def test_what_does_not_say_what_one_symbol_is_leaves_nothing_known(check: str) -> None:
    assert known(check).values == {}


def test_only_so_many_checks_are_used() -> None:
    names = [f"s{n}" for n in range(100)]
    checks = [parse_comparison(f"{name} % 2 == 0") for name in names]
    assert len(Known.of(checks, {name: symbol(name) for name in names}).values) == 64


CHECKS = st.sampled_from([
    "H % 2 == 0", "H % 3 == 1", "H % 4 == 2", "(H + 1) % 6 == 0", "2*H % 6 == 4", "H == W", "W == 2*H", "W == H // 2",
    "W % 2 == 1", "W % 3 == 0", "H == W + 2", "H // 4 * 4 == H", "(5*W) % 6 == 1",
])  # fmt: skip
GRID = [{"H": height, "W": width} for height, width in product(range(1, 40), repeat=2)]


@cache
def passed(check: str) -> list[dict[str, int]]:
    """Return the points of the grid that pass a check."""
    comparison = parse_comparison(check)
    return [point for point in GRID if comparison.evaluate(point)[0]]


@given(CHECKS, CHECKS, texts("HW", most=4, leaves=5), texts("HW", most=4, leaves=5))
@settings(deadline=None)  # a grid of points for each example
def test_what_is_known_holds_at_every_point_that_passes(one: str, other: str, a: str, b: str) -> None:
    both = known(one, other)
    left, right = attempt(a), attempt(b)
    plain = simplify(left, both)
    same = equal(left, right, both)
    for point in passed(one):
        if point in passed(other):
            assert evaluate(plain, point) == evaluate(left, point)
            assert not same or evaluate(left, point) == evaluate(right, point)


@given(st.lists(CHECKS, max_size=4), st.randoms())
def test_the_order_of_checks_does_not_matter(checks: list[str], random: Random) -> None:
    others = random.sample(checks, len(checks))
    assert known(*checks).values == known(*others).values


@pytest.mark.parametrize(
    ("checks", "left", "right"),
    [
        (["H % 2 == W % 2", "W == 4*T"], "2*(H // 2)", "H"),
        (["H == W + T", "H % 2 == 0"], "2*((W + T) // 2)", "W + T"),
        (["T % 3 == 0", "H == W*T + T*T", "H % 2 == 0"], "2*(H // 2)", "H"),
    ],
)
def test_what_a_check_says_with_others_is_used_in_every_order(checks: list[str], left: str, right: str) -> None:
    for ordered in permutations(checks):
        assert equal(size(left), size(right), known(*ordered))


@given(CHECKS, texts("HW", most=4, leaves=4), st.integers(1, 4))
@settings(deadline=None)  # a grid of points for each example
def test_nothing_that_holds_at_every_point_is_missed(check: str, a: str, divisor: int) -> None:
    """Of a multiple after a division, the case that checks are written for."""
    left = attempt(a)
    right = divisor * (left // divisor)
    alike = all(evaluate(left, point) == evaluate(right, point) for point in passed(check))
    assert equal(left, right, known(check)) == alike


@pytest.mark.parametrize(
    ("text", "checks", "simpler"),
    [
        ("2*(H // 2)", ["H % 2 == 0"], "H"),
        ("2*(H // 2)", ["H % 16 == 0"], "H"),
        ("2*(H // 2)", ["W % 2 == 0"], "2*(H // 2)"),
        ("2*(H // 2)", [], "2*(H // 2)"),
        ("H // 16", ["H % 16 == 0"], "H // 16"),
        ("8*(H // 16)", ["H % 16 == 0"], "H // 2"),
        ("16*(H // 16) + T", ["H % 16 == 8"], "H + T - 8"),
        ("256*(H // 16)**2", ["H % 16 == 0"], "H**2"),
        ("64*(H // 4)*(W // 4)", ["H % 4 == 0", "W % 4 == 0"], "4*H*W"),
        ("64*(H // 4)*(W // 4)", ["H % 4 == 0"], "16*H*(W // 4)"),
        ("(2*(H // 2) + W) // 3", ["H % 2 == 0"], "(H + W) // 3"),
        ("H % 16", ["H % 16 == 3"], "3"),
        ("T // 4 * 4 + H", ["T == 4*W"], "H + T"),
        ("7", ["H % 2 == 0"], "7"),
    ],
)
def test_a_size_is_simplified(text: str, checks: list[str], simpler: str) -> None:
    found = size(text)
    assert str(simplify(found, known(*checks))) == simpler
    assert equal(found, simplify(found, known(*checks)), known(*checks))


def test_what_would_not_be_simpler_but_too_large_stays() -> None:
    names = [f"s{n}" for n in range(9)]
    found: Size = 2**9
    for name in names:
        found = found * (symbol(name) // 2)
    odd = Known.of([parse_comparison(f"{name} % 2 == 1") for name in names], {name: symbol(name) for name in names})
    assert simplify(found, odd) == found


def test_a_u_net_fits_together_where_its_sizes_are_multiples() -> None:
    """Four times pooled by 2 and scaled up again: each join of a skip is an equality, and so is the output."""
    assumed = known("H % 16 == 0", "W % 16 == 0")
    way: list[Size] = [H]
    for _ in range(4):
        way.append(way[-1] // 2)
    assert [str(height) for height in way] == ["H", "H // 2", "H // 4", "H // 8", "H // 16"]
    up = way.pop()
    while way:
        up, skipped = 2 * up, way.pop()
        assert not equal(up, skipped)
        assert equal(up, skipped, assumed)
        up = skipped
    macs = 9 * 64 * (2 * (H // 2)) * (2 * (W // 2)) + 9 * 256 * (H // 2) * (W // 2)
    assert str(simplify(macs, assumed)) == "1152*H*W"

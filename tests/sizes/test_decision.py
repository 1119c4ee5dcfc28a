"""What holds of free sizes whatever they are: held against trying."""

from itertools import product

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from netspec.sizes import ExpressionFault, Polynomial, Size, Work, equal, evaluate, parse_comparison, positive, symbol
from netspec.sizes.decision import compare, vanishes
from tests.sizes.free import FREE, POINTS, H, attempt, size, texts

# Zero everywhere, which the form does not show.
ZEROS = [
    "H // 2 + (H + 1) // 2 - H",
    "H // 3 + (H + 1) // 3 + (H + 2) // 3 - H",
    "(H % 2)*(H % 2 - 1)",
    "(H*(H + 1)) % 2",
    "(H % 4) // 2 - (H // 2) % 2",
    "(H % 3)*(H % 3 - 1)*(H % 3 - 2)",
    "(H*W) % 2 - (H % 2)*(W % 2)",
    "(H + W) // 2 + (H + W + 1) // 2 - H - W",
    "(3*H) // 2 - H - H // 2",
    "(H**2) % 4 - H % 2",
]
# Not zero, and zero at most points.
ALMOST = [
    "(H // 7) // 5 - H // 36",
    "(H % 3)*(H % 3 - 1)",
    "(H % 2)*(W % 3)*(W % 3 - 1)",
    "H // 6 - (H + 1) // 6",
    "2*(H // 3) // 5",
]


@pytest.mark.parametrize("text", ZEROS)
def test_what_is_zero_everywhere_is_found_out(text: str) -> None:
    assert equal(size(text), 0)
    assert equal(size(f"T*({text}) + 1"), 1)
    assert equal(size(f"({text})*W + H"), H)
    assert not equal(size(f"({text}) + T"), 0)
    assert not equal(size(f"T*({text}) + T"), 0)


@pytest.mark.parametrize("text", ALMOST)
def test_what_is_zero_almost_everywhere_is_not_zero(text: str) -> None:
    assert not equal(size(text), 0)


def alike(left: Size, right: Size, heights: int, widths: int) -> bool:
    """Return whether two sizes are equal at every point of a grid."""
    grid = product(range(1, heights), range(1, widths))
    return all(evaluate(left - right, {"H": h, "W": w, "T": 3}) == 0 for h, w in grid)


@given(texts("H", most=3, leaves=4), st.sampled_from(["0", *ZEROS, *ALMOST]), texts("H", most=3, leaves=3))
@settings(deadline=None)  # a grid of points for each example
def test_of_one_symbol_the_decision_is_that_of_trying(a: str, zero: str, factor: str) -> None:
    """The largest period here is 3**4 times 7 * 36, the highest degree 16: far more is tried than could be zero."""
    left = attempt(a)
    right = attempt(f"{a} + ({zero.replace('W', 'H')})*{factor}")
    assert equal(left, right) == alike(left, right, 1500, 2)


@given(texts("HW", most=2, leaves=4), st.sampled_from(["0", *ZEROS]), texts("HW", most=2, leaves=3))
@settings(deadline=None)  # a grid of points for each example
def test_of_two_symbols_the_decision_is_that_of_trying(a: str, zero: str, factor: str) -> None:
    left, right = attempt(a), attempt(f"{a} + ({zero})*{factor}")
    assert equal(left, right) == alike(left, right, 40, 40)


@given(texts("HW", leaves=5), texts("HW", leaves=5))
@settings(deadline=None)  # a grid of points for each example
def test_equal_sizes_are_equal_at_each_point(a: str, b: str) -> None:
    left, right = attempt(a), attempt(b)
    assert equal(left, right) <= alike(left, right, 20, 20)


def test_a_box_that_is_too_large_leaves_the_form_to_decide() -> None:
    x = H // 9973
    assert not equal(x // 2 + (x + 1) // 2, x)
    assert equal(x * 2 // 2, x)
    assert not equal(H // 10**40 // 2, H)
    assert not equal(H**16 * (10**59), -(H**16) * (10**59) * 9)
    assert equal(H // 100 // 2 + (H // 100 + 1) // 2, H // 100)


def test_a_difference_beyond_the_bounds_is_no_equality() -> None:
    largest = 10**60 - 1
    assert not equal(largest * H, -H)


POSITIVE = {
    "H": True, "H // 2": None, "(H + 1) // 2": True, "((H + 3) // 4)*((W + 3) // 4)": True, "H - 2": None,
    "(H // 2 + 1)*(W // 2 + 1)": True, "2*(H // 4) + 1": True, "-H": False, "1 - H": False, "2 - H": None,
    "16 - H % 16": True, "H % 16": None, "-(H % 16)": False, "H - 2*H": False, "H - H // 2": True,
    "H // 2 - H": False, "H**2 - H + 1": True, "(H - 1)*(W - 1)": None, "(H - 1)*(W - 1) + 1": True,
    "(H - 4) // 3 + 2": True, "((H - 4) // 3)*W": None, "(H - 4) // 2 * 2 + 5": True, "H*W - (H // 2)*(W // 2)": True,
    "1 - (H // 2)*(W // 3)": None, "-(H // 2)*(W // 3)": False, "((H + W // 2) // 3)*H + 1": True,
    "H // 2 - (H // 2)*(H // 3)": None, "H - ((H - 9*(W // 2)) // 2)**2": None, "H - (H - W*(H // 2 - 5)) // 2": None,
    "(H + H*((W - 9) // 2)**2) // 2": None, "H // 10**40 + W // (10**40 + 1)": None,
    "(H + 1)**8*(W + 1)**8": True, "9*10**59*(H // 7) - W // 9 + H": None,
    "(H // 9)**2 + H - 1": None, "H // 10**59 * (W // 10**59)": None,
}  # fmt: skip


@pytest.mark.parametrize("text", POSITIVE)
def test_a_size_is_known_to_be_positive_or_not(text: str) -> None:
    assert positive(size(text)) is POSITIVE[text]


def test_what_is_too_large_to_bound_is_not_certain() -> None:
    summed = sum((symbol(f"s{n}") for n in range(8)), start=H) // 3
    assert positive(summed) is True
    assert positive(summed**4) is None
    assert positive((summed**4 + H) // 2 + 1) is True
    assert positive(-((summed**4 + H) // 2)) is False
    assert positive(1 - (summed**4 + H) // 2) is None
    heavy = sum((symbol(f"s{n}") ** 2 for n in range(200)), start=H)
    assert positive(heavy) is None


def test_a_number_is_positive_or_not() -> None:
    assert positive(1) is True
    assert positive(0) is False


@given(texts(leaves=6), POINTS)
def test_what_is_positive_is_so_at_each_point(text: str, point: dict[str, int]) -> None:
    found = attempt(text)
    verdict = positive(found)
    assert verdict is None or verdict == (evaluate(found, point) >= 1)


COMPARED = {
    "T == T": True, "T == T + 1": False, "T == 2*T": False, "2*T == 2*H + 1": False, "T == H": None,
    "T % 2 == 3": False, "T % 2 == 1": None, "H // 2 + (H + 1) // 2 == H": True, "T != T": False, "T != H": None,
    "T != T + 1": True, "T >= 1": True, "T > 0": True, "T < 1": False, "T <= 0": False, "T <= 1024": None,
    "T % 16 < 16": True, "T % 16 <= 15": True, "T % 16 > 15": False, "H // 2 <= H": True, "H // 2 >= H": False,
    "T - T == 0": True, "T - T > 0": False,
}  # fmt: skip


@pytest.mark.parametrize("text", COMPARED)
def test_a_comparison_is_decided_where_it_can_be(text: str) -> None:
    holds, left, right = parse_comparison(text).evaluate(FREE)
    assert holds is COMPARED[text]
    comparison = parse_comparison(text)
    assert (left, right) == (comparison.left.evaluate(FREE), comparison.right.evaluate(FREE))


@given(texts(leaves=4), st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), texts(leaves=4), POINTS)
def test_a_verdict_is_that_of_each_point(a: str, operator: str, b: str, point: dict[str, int]) -> None:
    attempt(f"{a} - {b}")
    comparison = parse_comparison(f"{a} {operator} {b}")
    holds, _, _ = comparison.evaluate(FREE)
    try:
        there, _, _ = comparison.evaluate(point)
    except ExpressionFault:  # more digits than an expression may have
        reject()
    assert holds is None or there == holds


def test_what_cannot_be_subtracted_is_not_compared() -> None:
    largest = 10**60 - 1
    for operator in ("==", "<"):
        assert compare(operator, largest * H, -H) is None


def test_decisions_visit_no_more_together_than_is_left() -> None:
    """Each may be made alone; what comes after them is not looked into."""
    work = Work()
    zero = size("(H % 2)*(H % 2 - 1)*(H // 1500)")
    assert isinstance(zero, Polynomial)
    decided = [vanishes(zero, work) for _ in range(40)]
    assert decided == sorted(decided, reverse=True)
    assert decided[0]
    assert not decided[-1]
    assert vanishes(zero)

"""Directed rounding: a result is never on the wrong side, nor far off."""

import math
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from netspec.bounds.arrangements import cells, cells_at_least, cells_at_most
from netspec.bounds.magnitude import PRECISION, Rounded

positive = st.integers(1, 10**80)


def exact(number: Rounded) -> Fraction:
    """Return the number as a fraction."""
    return Fraction(number.mantissa) * Fraction(2) ** number.exponent


@given(positive, positive, st.integers(0, 60))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_results_lie_on_their_side_and_close(a: int, b: int, power: int) -> None:
    for up in (False, True):
        x, y = Rounded(a, up), Rounded(b, up)
        for found, true in [
            (x + y, Fraction(a + b)),
            (x * y, Fraction(a * b)),
            (x**power, Fraction(a**power)),
            (x.over(Rounded(b, not up)), Fraction(a, b)),
        ]:
            assert exact(found) >= true if up else exact(found) <= true
            assert abs(exact(found) / true - 1) < Fraction(1, 2**180)
            assert found.mantissa.bit_length() <= PRECISION + 1
        assert (x < y) == (exact(x) < exact(y))


def test_a_sum_keeps_its_side_where_one_is_far_below_the_other() -> None:
    large, small = 1 << 2000, 1
    assert exact(Rounded(large, up=True) + Rounded(small, up=True)) > large
    assert exact(Rounded(small, up=False) + Rounded(large, up=False)) == large
    assert exact(Rounded(large, up=True) + Rounded(0, up=True)) == large


@given(st.integers(1, 10**300))
@settings(max_examples=200, deadline=None, derandomize=True)
def test_a_logarithm_has_six_decimals_rounded_outward(number: int) -> None:
    true = math.log10(number)
    assert true - 1.01e-6 < Rounded(number, up=False).log10() <= true + 1e-12
    assert true - 1e-12 <= Rounded(number, up=True).log10() < true + 1.01e-6


def test_logarithms_of_round_numbers() -> None:
    assert Rounded(1, up=True).log10() == Rounded(1, up=False).log10() == 0.0
    assert Rounded(1000, up=False).log10() == 2.999999
    assert Rounded(1000, up=True).log10() == 3.000001
    assert (Rounded(10, up=True) ** 10**16).log10() == 1.00000000001e16
    assert (Rounded(10, up=False) ** 10**16).log10() == 9999999999990000.0
    assert Rounded(0, up=True).bits == 0


@given(st.integers(2, 400), st.integers(1, 400), st.integers(1, 3))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_cells_without_an_exact_sum_stay_on_their_side(units: int, dimension: int, breakpoints: int) -> None:
    """The bounds for sums that are too long, shown on sums that are not: a budget of no work hides the exact one."""
    true = sum(math.comb(units, j) * breakpoints**j for j in range(min(dimension, units) + 1))
    assert cells(units, dimension, breakpoints) == true
    low = cells_at_least(units, dimension, breakpoints, work=0)
    high = cells_at_most(units, dimension, breakpoints, work=0)
    assert exact(low) <= true <= exact(high)
    assert exact(high) < true * 2 * units**2
    assert exact(low) * 2 * units**2 > true

"""Numbers as a summary writes them."""

import pytest

from netspec.bounds.bounds import Bound
from netspec.summary.numbers import amount, bound, dimensions, number


@pytest.mark.parametrize(
    ("value", "short", "whole"),
    [
        (0, "0", "0"),
        (161_051, "161,051", "161,051"),
        (10**20 - 1, "99,999,999,999,999,999,999", "99,999,999,999,999,999,999"),
        (10**20, "≈ 1.0·10^20", "1" + "0" * 20),
        (18 * 10**40 + 7, "≈ 1.8·10^41", "18" + "0" * 39 + "7"),
    ],
)
def test_an_integer_is_whole_up_to_20_digits_or_on_request(value: int, short: str, whole: str) -> None:
    assert number(value) == short
    assert number(value, exact=True) == whole


def test_a_hundred_thousand_digits_are_whole_on_request() -> None:
    value = 10**100_000 - 3
    assert number(value, exact=True) == "9" * 99_999 + "7"


@pytest.mark.parametrize(
    ("log10", "text"),
    [
        (1041392.68516, "≈ 4.8·10^1041392"),
        (1041392.0, "≈ 1.0·10^1041392"),
        (1041392.99999, "≈ 1.0·10^1041393"),
        (3010299956640000.0, "≈ 10^3010299956640000"),
    ],
)
def test_a_bound_of_which_only_the_logarithm_is_known(log10: float, text: str) -> None:
    assert bound(Bound(None, log10, "")) == bound(Bound(None, log10, ""), exact=True) == text


def test_a_bound_that_is_known() -> None:
    assert bound(Bound(10**30, 30.0, "")) == "≈ 1.0·10^30"
    assert bound(Bound(10**30, 30.0, ""), exact=True) == "1" + "0" * 30


def test_a_shape_without_the_batch_axis() -> None:
    assert [dimensions((3,)), dimensions((3, 1))] == ["3", "3×1"]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, ""),
        (999, ""),
        (1000, "1.0 kB"),
        (1884, "1.9 kB"),
        (999_999, "1.0 MB"),
        (439_999_684, "440 MB"),
        (10**18, "1.0 EB"),
        (40_000_000_000_000_000_000_000_000, "40,000,000 EB"),
    ],
)
def test_bytes_are_told_in_the_largest_unit(size: int, text: str) -> None:
    assert amount(size) == text

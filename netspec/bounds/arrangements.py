"""How many cells the breakpoints of one layer cut space into.

n units with b breakpoints each are n families of b parallel hyperplanes. Taking a family away from an arrangement in d
dimensions loses at most b times the cells of the others' traces on a hyperplane, so Z(n, d) ≤ Z(n-1, d) + b Z(n-1,
d-1), hence

    Z(n, d, b) = Σ_{j ≤ d} C(n, j) b^j,

with equality in general position. For b = 1: Zaslavsky 1975 (Schläfli 1850 for general position).
"""

from typing import Final

from netspec.bounds.magnitude import Rounded
from netspec.limits import REGION_DIGITS

MOST_BITS: Final = REGION_DIGITS.value * 3_321_928_094_887_362 // 10**15 + 1
"""Binary digits of the first number with too many decimal ones; what has as many is compared with it at the end."""

MOST_WORK: Final = 40_000
"""Steps spent on one exact sum, a step being some 100 ns."""


def terms(units: int, dimension: int, breakpoints: int) -> list[int]:
    """Return C(n, j) b^j for j = 0 … d."""
    found = [1]
    for j in range(1, dimension + 1):
        found.append(found[-1] * (units - j + 1) * breakpoints // j)
    return found


def most_digits(units: int, dimension: int, breakpoints: int) -> int:
    """Return a bound on the binary digits of Z(n, d, b), which is at most (1 + b)^n and at most (n b + 1)^d."""
    return min(units * breakpoints.bit_length() + 1, dimension * (units * breakpoints + 1).bit_length())


def sum_work(units: int, dimension: int, breakpoints: int) -> int:
    """Return the steps that the terms of Z(n, d, b) take."""
    return dimension * (1 + most_digits(units, dimension, breakpoints) // 1000)


def cells(units: int, dimension: int, breakpoints: int, work: int = MOST_WORK) -> int | None:
    """Return Z(n, d, b), or None where it has too many digits or takes more than `work` steps."""
    if dimension == 1 or breakpoints == 0:
        return 1 + min(dimension, 1) * units * breakpoints
    if most_digits(units, dimension, breakpoints) > MOST_BITS:
        return None
    if dimension >= units:
        return int((1 + breakpoints) ** units)
    if sum_work(units, dimension, breakpoints) > work:
        return None
    total = term = 1
    for j in range(1, dimension + 1):
        term = term * (units - j + 1) * breakpoints // j
        total += term
    return total


def cells_at_most(units: int, dimension: int, breakpoints: int, work: int = MOST_WORK) -> Rounded:
    """Return Z(n, d, b) or a little more.

    Beyond exact sums: for every 0 < t ≤ 1, Σ_{j ≤ d} C(n, j) b^j ≤ t^-d Σ_j C(n, j) (t b)^j = t^-d (1 + t b)^n; with
    t = d / (b (n - d)) that is b^d n^n / (d^d (n - d)^(n - d)). Where this t is beyond 1, (1 + b)^n.
    """
    exact = cells(units, dimension, breakpoints, work)
    if exact is not None:
        return Rounded(exact, up=True)
    if dimension >= breakpoints * (units - dimension):
        return Rounded(1 + breakpoints, up=True) ** units
    return _entropy(units, dimension, breakpoints, up=True)


def cells_at_least(units: int, dimension: int, breakpoints: int, work: int = MOST_WORK) -> Rounded:
    """Return Z(n, d, b) or a little less.

    Beyond exact sums: the term j = d alone, or where they fall again before d the largest. C(n, j) is at least
    n^n / (j^j (n - j)^(n - j)) / (n + 1), since j is the mode of the binomial distribution with mean j, whose n + 1
    terms sum to 1.
    """
    exact = cells(units, dimension, breakpoints, work)
    if exact is not None:
        return Rounded(exact, up=False)
    if dimension >= units:
        return Rounded(1 + breakpoints, up=False) ** units
    j = min(dimension, units * breakpoints // (1 + breakpoints))
    return _entropy(units, j, breakpoints, up=False).over(Rounded(units + 1, up=True))


def _entropy(units: int, j: int, breakpoints: int, up: bool) -> Rounded:
    """Return b^j n^n / (j^j (n - j)^(n - j)), for 0 < j < n."""
    divisor = Rounded(j, not up) ** j * Rounded(units - j, not up) ** (units - j)
    return (Rounded(breakpoints, up) ** j * Rounded(units, up) ** units).over(divisor)

"""The networks that fit a budget of parameters, or of hidden units, and those of them with the most regions.

A network of K hidden layers of D units has (K - 1) D² + B D + D_o parameters, B = D_i + D_o + K, so the largest D for a
budget P is an integer square root: for K = 1 it is ⌊(P - D_o) / (D_i + D_o + 1)⌋, else

    D = ⌊(⌊√(B² + 4 (K - 1) (P - D_o))⌋ - B) / (2 (K - 1))⌋.
"""

from collections.abc import Iterator, Sequence
from math import isqrt
from typing import Final, Literal, NamedTuple

from netspec.bounds.arrangements import cells_at_most
from netspec.bounds.bounds import Bound
from netspec.efficiency.expressed import Expressed, expressed
from netspec.limits import HIDDEN_LAYERS, WIDTH

Unit = Literal["parameters", "capacity"]
Runs = tuple[tuple[int, int], ...]
"""Widths as runs of (how many layers, their width)."""

MOST_BUDGET: Final = 10**12
"""The largest budget for which depths and widths are searched."""

_MOST_EVALUATED: Final = 400
"""Networks whose bounds are worked out in one search; one takes up to some 50 ms."""

_MOST_TRIED: Final = 20_000
"""Depths, and widths, whose promise is looked at; one takes up to some 0.2 ms. A budget of parameters has fewer."""

_BELOW: Final = 64
"""How far below the widest D the inner layers are tried for an uneven last layer."""


_PROMISE_WORK: Final = 400  # steps spent on a promise
_LOG10_OF_2: Final = 0.30103
_SLACK: Final = 1e-5
"""Logarithms are rounded outward by less."""


class Budget(NamedTuple):
    """So many parameters, or hidden units (`capacity`), between D_i inputs and D_o outputs."""

    inputs: int
    outputs: int
    amount: int
    unit: Unit = "parameters"


class Fit(NamedTuple):
    """A fully connected ReLU network within a budget; `left` is what of the budget it does not use."""

    widths: Runs
    parameters: int
    capacity: int
    left: int
    regions: Expressed

    @property
    def depth(self) -> int:
        """The number of hidden layers, K."""
        return sum(count for count, _ in self.widths)


class Best(NamedTuple):
    """The fits with the most regions by lower and by upper bound, of all K and D with equal widths.

    by_maximum: of those whose exact maximum is known, for one input; None for more, or where there is none.
    complete: no other K and D has more; else only the most promising were looked at.
    """

    by_lower: Fit
    by_upper: Fit
    by_maximum: Fit | None
    complete: bool


def parameters_of(inputs: int, widths: Sequence[tuple[int, int]], outputs: int) -> int:
    """Return Σ D_{k+1} (D_k + 1) for runs of widths."""
    total, before = 0, inputs
    for count, width in widths:
        if count:
            total += width * (before + 1) + (count - 1) * width * (width + 1)
            before = width
    return total + outputs * (before + 1)


def check(budget: Budget, depth: int | None = None) -> None:
    """Raise ValueError where a budget makes no sense or is beyond what is searched."""
    for name, value, most in (
        ("inputs", budget.inputs, WIDTH.value),
        ("outputs", budget.outputs, WIDTH.value),
        (budget.unit, budget.amount, MOST_BUDGET),
        ("depth", 1 if depth is None else depth, HIDDEN_LAYERS.value),
    ):
        if not 1 <= value <= most:
            raise ValueError(f"{name} is {value}; expected 1 to {most:,}")


def widest(budget: Budget, depth: int) -> int:
    """Return the largest width D of which `depth` layers fit the budget; 0 where none does."""
    if budget.unit == "capacity":
        return min(budget.amount // depth, WIDTH.value)
    inputs, outputs, left = budget.inputs, budget.outputs, budget.amount - budget.outputs
    if left < 0:
        return 0
    if depth == 1:
        found = left // (inputs + outputs + 1)
    else:
        b = inputs + outputs + depth
        found = max(0, (isqrt(b * b + 4 * (depth - 1) * left) - b) // (2 * (depth - 1)))
    return min(found, WIDTH.value)


def deepest(budget: Budget, width: int) -> int:
    """Return the most layers of `width` units that fit the budget; 0 where not one does."""
    if budget.unit == "capacity":
        return min(budget.amount // width, HIDDEN_LAYERS.value)
    left = budget.amount - parameters_of(budget.inputs, [(1, width)], budget.outputs)
    return 0 if left < 0 else min(1 + left // (width * (width + 1)), HIDDEN_LAYERS.value)


def fit(budget: Budget, depth: int, *, exact: bool = False) -> Fit | None:
    """Return the network of `depth` equal layers that are as wide as the budget allows; None where none fits.

    Raises ValueError for a budget or a depth without sense.
    """
    check(budget, depth)
    width = widest(budget, depth)
    return _fit(budget, ((depth, width),), exact=exact) if width else None


def uneven_fit(budget: Budget, depth: int, *, exact: bool = False) -> Fit | None:
    """Return the network of unequal layers that has the most regions by the lower bound; None where none fits.

    For a budget of parameters: of all D, …, D, last with D at most 64 below the widest and the last layer, whose units
    cost least, as wide as fits. For one of hidden units they are dealt out evenly, the later layers one wider. Of equal
    bounds the one that leaves less.
    """
    check(budget, depth)
    most = widest(budget, depth)
    if not most:
        return None
    if budget.unit == "capacity":
        wider = budget.amount - depth * most if most < WIDTH.value else 0
        return _fit(budget, _runs((depth - wider, most), (wider, most + 1)), exact=exact)
    if depth == 1:
        return _fit(budget, ((1, most),), exact=exact)
    tried = []
    for width in range(max(1, most - _BELOW), most + 1):
        last = _last(budget, depth, width)
        tried.append(_fit(budget, _runs((depth - 1, width), (1, last))))
    best = max(tried, key=lambda found: (found.regions.lower.log10, -found.left))
    return _fit(budget, best.widths, exact=True) if exact else best


def _last(budget: Budget, depth: int, width: int) -> int:
    """Return how wide the last layer may be behind depth - 1 layers of `width`."""
    before = parameters_of(budget.inputs, [(depth - 1, width)], 0)
    return min((budget.amount - before - budget.outputs) // (width + 1 + budget.outputs), WIDTH.value)


def _runs(*given: tuple[int, int]) -> Runs:
    """Return the runs without empty ones, equal neighbours joined."""
    found: list[tuple[int, int]] = []
    for count, width in given:
        if count and found and found[-1][1] == width:
            found[-1] = (found[-1][0] + count, width)
        elif count:
            found.append((count, width))
    return tuple(found)


def _fit(budget: Budget, widths: Runs, *, exact: bool = False) -> Fit:
    parameters = parameters_of(budget.inputs, widths, budget.outputs)
    capacity = sum(count * width for count, width in widths)
    used = parameters if budget.unit == "parameters" else capacity
    regions = expressed(budget.inputs, widths, exact=exact)
    return Fit(widths, parameters, capacity, budget.amount - used, regions)


def best_fits(budget: Budget, *, exact: bool = False) -> Best | None:
    """Return the K and D, of all networks of equal widths within the budget, with the most regions; None if none fits.

    More layers of one width, and wider layers of one number, never lower a bound, so only networks that can grow in
    neither way are looked at, those first whose product of cells promises most: no bound is above it.
    """
    check(budget)
    promising = sorted(
        ((depth * _promise(budget.inputs, width), -depth, width) for depth, width in set(_maximal(budget))),
        reverse=True,
    )
    by_lower: Fit | None = None
    by_upper: Fit | None = None
    by_maximum: Fit | None = None
    complete = _all_tried(budget)
    for number, (promise, depth, width) in enumerate(promising):
        least = by_maximum if budget.inputs == 1 else by_lower
        if least is not None and promise < least.regions.lower.log10 - _SLACK:
            break
        if number == _MOST_EVALUATED:
            complete = False
            break
        found = _fit(budget, ((-depth, width),))
        if by_lower is None or _more(found.regions.lower, by_lower.regions.lower):
            by_lower = found
        if by_upper is None or _more(found.regions.upper, by_upper.regions.upper):
            by_upper = found
        known = budget.inputs == 1 and found.regions.exact
        if known and (by_maximum is None or _more(found.regions.lower, by_maximum.regions.lower)):
            by_maximum = found
    if by_lower is None or by_upper is None:
        return None
    best = Best(by_lower, by_upper, by_maximum, complete)
    if not exact:
        return best
    known_best = by_maximum and _fit(budget, by_maximum.widths, exact=True)
    return Best(
        _fit(budget, by_lower.widths, exact=True), _fit(budget, by_upper.widths, exact=True), known_best, complete
    )


def _more(one: Bound, other: Bound) -> bool:
    """Whether a bound is larger than another, by its integer where both have one."""
    if one.value is not None and other.value is not None:
        return one.value > other.value
    return one.log10 > other.log10


def _promise(inputs: int, width: int) -> float:
    """Return log10 of the cells of a layer, or a little more."""
    return cells_at_most(width, min(inputs, width), 1, work=_PROMISE_WORK).log10() if width > 1 else _LOG10_OF_2


def _maximal(budget: Budget) -> Iterator[tuple[int, int]]:
    """Yield (K, D) of every network that can grow neither in depth nor in width within the budget, and some others.

    Every one has few layers or narrow ones: below the root of so many units, and where layers grow with D², below the
    third root. Beyond `_MOST_TRIED` of each kind they are left out.
    """
    power = 2 if budget.unit == "capacity" else 3
    depth = 1
    while depth <= _MOST_TRIED and depth**power <= budget.amount and (width := widest(budget, depth)):
        yield deepest(budget, width), width
        depth += 1
    first = max(1, widest(budget, HIDDEN_LAYERS.value))  # narrower ones have no more layers
    for narrow in range(first, min(widest(budget, depth), first + _MOST_TRIED) + 1):
        yield deepest(budget, narrow), narrow


def _all_tried(budget: Budget) -> bool:
    """Return whether none of the networks that can grow in neither way is left out."""
    return budget.unit == "parameters" or isqrt(budget.amount) <= _MOST_TRIED
